//! Files that say themselves that an export was not written, or not in a form that can be read: a page
//! without a record that counts some, a table as a screen shows it, an export under another name, in
//! base64 or in another form, a register that is no YAML.

use std::cell::Cell;
use std::io::{self, Read};

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind, ScanPath};
use crate::read::{self, Format, Input, ReadError, Row, RowSink, Shape, base64, printed};
use crate::source::Sources;

use super::beginning::speaks_of_credentials;
use super::exports::has_ending;
use super::packed;
use super::reshaped::reshaped;

/// So much of a file is looked at, in bytes.
const BEGINNING: u64 = 256 << 10;

/// So much of a text is looked at for a table, in bytes.
const FRONT: u64 = 8 << 10;

/// The rest that a page without a record says there is.
pub(super) fn rest_of(file: &InputFile) -> Option<Problem> {
    counted(file, &first(file, BEGINNING).ok()?)
}

/// So much of a file that is cut off is looked at, in bytes.
const WHOLE: u64 = 8 << 20;

/// That a file in JSON ends too early, so that nothing in it could be known.
pub(super) fn cut_json(file: &InputFile) -> Option<Problem> {
    let bytes = first(file, WHOLE).ok()?;
    let whole = u64::try_from(bytes.len()).is_ok_and(|length| length < WHOLE);
    counted(file, &bytes).filter(|_| whole)
}

fn counted(file: &InputFile, bytes: &[u8]) -> Option<Problem> {
    let shape = read::sniff_bytes(file.shown.as_str().as_ref(), bytes).ok()??;
    if !matches!(shape.format, Format::Json { .. }) {
        return None;
    }
    let mut input = Input::new(bytes).ok()?;
    let summary = read::rows(&mut input, &shape.format, &[], None, &mut Nobody).ok()?;
    let message = summary.truncated?;
    Some(Problem {
        path: Some(file.shown.clone()),
        line: None,
        kind: ProblemKind::Truncated,
        message: format!("{message}; no rule over records could look at any"),
    })
}

/// Wants no row.
struct Nobody;

impl RowSink for Nobody {
    fn row(&mut self, _: &Row<'_>) {}
    fn problem(&mut self, _: u32, _: ProblemKind, _: String) {}
}

/// A file that could have been an export, and what is said of it.
#[derive(Debug)]
pub(super) enum Unread {
    /// A source would know it.
    Known(String),
    /// It speaks of credentials.
    Credentials(String),
}

/// What a file is that nothing reads as it is, if it was meant as an export.
///
/// Other forms are looked for in what was meant as an export by more than its name.
pub(super) fn unread(
    sources: &Sources,
    file: &InputFile,
    forms: Option<&OtherForms<'_>>,
) -> Option<Unread> {
    if has_ending(file.path.as_os_str(), &["csv", "tsv"]) && is_one_line(file) {
        let what = "has a first line of more than 256 KiB, too long for a header";
        return Some(Unread::Known(what.to_owned()));
    }
    let text = front(file).ok()?;
    drawn(sources, file, &text)
        .or_else(|| misnamed(sources, file, &text))
        .or_else(|| encoded(sources, file, &text))
        .or_else(|| forms?.of(file).map(Unread::Known))
}

/// Exports in another form than is read, which files are looked through for in many places: so many files
/// and no more, since a folder that was handed over may hold thousands of settings.
#[derive(Debug)]
pub(super) struct OtherForms<'s> {
    sources: &'s Sources,
    left: Cell<usize>,
}

impl<'s> OtherForms<'s> {
    /// Looks through so many files.
    pub(super) const fn in_so_many(sources: &'s Sources, files: usize) -> Self {
        let left = Cell::new(files);
        Self { sources, left }
    }

    /// What an export in another form is said to be; none if a file holds none, or is one too many.
    pub(super) fn of(&self, file: &InputFile) -> Option<String> {
        self.left.set(self.left.get().checked_sub(1)?);
        reshaped(self.sources, &file.shown, &first(file, BEGINNING).ok()?)
    }
}

/// A table as a screen shows it.
fn drawn(sources: &Sources, file: &InputFile, text: &str) -> Option<Unread> {
    let columns = printed::header(text)?;
    let speaks = columns.iter().any(|column| speaks_of_credentials(column));
    let shape = Shape {
        columns: columns.into_iter().collect(),
        ..Shape::of(Format::Csv { delimiter: b',' })
    };
    if let Some(found) = sources.recognise(&file.shown, &shape).first() {
        let source = sources.get(found.source);
        return Some(Unread::Known(format!(
            "is a table as a screen shows it, which may be cut ({}, by its header); export it with `{}`",
            source.title(),
            source.export().trim()
        )));
    }
    let other = "is a table as a screen shows it, which may be cut; export it as CSV or JSON";
    speaks.then(|| Unread::Credentials(other.to_owned()))
}

/// An export whose name says something else.
fn misnamed(sources: &Sources, file: &InputFile, text: &str) -> Option<Unread> {
    other_name(sources, &file.shown, text.as_bytes()).map(Unread::Known)
}

/// What is said of a text that is an export under another name than it has.
pub(super) fn other_name(sources: &Sources, shown: &ScanPath, text: &[u8]) -> Option<String> {
    let (title, ending) = by_content(sources, shown, text)?;
    Some(format!(
        "is an export by its content ({title}), and is not read under this name; name it `.{ending}`"
    ))
}

/// An export in base64, as the command line of AWS gives it.
fn encoded(sources: &Sources, file: &InputFile, text: &str) -> Option<Unread> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let whole = digits.len() - digits.len() % 4;
    let decoded = base64::decode(digits.get(..whole)?)?;
    let (title, _) = by_content(sources, &file.shown, &decoded)?;
    Some(Unread::Known(format!(
        "is an export in base64 ({title}); decode it first, such as with `base64 -d`"
    )))
}

/// What a text is under the ending that it should have, and that ending.
fn by_content<'s>(
    sources: &'s Sources,
    shown: &ScanPath,
    text: &[u8],
) -> Option<(&'s str, &'static str)> {
    let endings: &[&'static str] = match text.trim_ascii_start().first()? {
        b'{' | b'[' => &["json"],
        b'<' => &["xml"],
        _ => &["csv", "yaml"],
    };
    endings.iter().find_map(|ending| {
        let name = format!("export.{ending}");
        let shape = read::sniff_bytes(name.as_ref(), text).ok()??;
        let found = sources.recognise(shown, &shape);
        let source = sources.get(found.first()?.source);
        Some((source.title(), *ending))
    })
}

/// Whether the first line of a text is longer than what is looked at.
fn is_one_line(file: &InputFile) -> bool {
    let is_line = |text: Vec<u8>| text.len() as u64 == BEGINNING && !text.contains(&b'\n');
    first(file, BEGINNING).is_ok_and(is_line)
}

/// What is wrong with a register that is no YAML, so that nothing knows it.
pub(super) fn broken_register(file: &InputFile) -> Option<Problem> {
    let text = String::from_utf8(first(file, BEGINNING).ok()?).ok()?;
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    if !REGISTER.iter().all(|key| has(key)) {
        return None;
    }
    let mut input = Input::new(text.as_bytes()).ok()?;
    let error = read::rows(&mut input, &Format::Yaml, &[], None, &mut Nobody).err()?;
    let line = match &error {
        ReadError::Malformed { line, .. } | ReadError::TooLarge { line, .. } => Some(*line),
        ReadError::Io(_) => None,
    };
    Some(Problem {
        path: Some(file.shown.clone()),
        line,
        kind: ProblemKind::Malformed,
        message: format!("is a register that cannot be read: {error}"),
    })
}

/// What a register of credentials has at the beginning of lines.
const REGISTER: [&str; 2] = ["version:", "credentials:"];

fn front(file: &InputFile) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&first(file, FRONT)?).into_owned())
}

/// The first bytes of a file's text, so many at the most.
fn first(file: &InputFile, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file.shown.is_member() {
        let read = packed::read_member(file, &mut |content| {
            Input::new(content)?.take(most).read_to_end(&mut bytes)?;
            Ok(read::Summary::default())
        });
        return read.map(|_| bytes).map_err(io::Error::other);
    }
    let opened = read::file(&file.path)?;
    Input::new(opened)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
