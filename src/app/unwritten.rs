//! Files that say themselves that an export was not written, or not in a form that can be read: a page
//! without a record that counts some, and a table as a screen shows it.

use std::io::{self, Read};

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind};
use crate::read::{self, Format, Input, Row, RowSink, Shape, printed};
use crate::source::Sources;

use super::beginning::speaks_of_credentials;
use super::packed;

/// So much of a file is looked at, in bytes.
const BEGINNING: u64 = 256 << 10;

/// So much of a text is looked at for a table, in bytes.
const FRONT: u64 = 8 << 10;

/// The rest that a page without a record says there is.
pub(super) fn rest_of(file: &InputFile) -> Option<Problem> {
    let mut bytes = Vec::new();
    let opened =
        read::file(&file.path).and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes));
    opened.ok()?;
    counted(file, &bytes)
}

/// [`rest_of`] of a member of an archive.
pub(super) fn rest_of_member(file: &InputFile) -> Option<Problem> {
    let mut bytes = Vec::new();
    let read = packed::read_member(file, &mut |content| {
        content.take(BEGINNING).read_to_end(&mut bytes)?;
        Ok(read::Summary::default())
    });
    read.ok()?;
    counted(file, &bytes)
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

/// A table as a screen shows it, and what is said of it.
#[derive(Debug)]
pub(super) enum Drawn {
    /// Its header is that of an export.
    Known(String),
    /// Its header speaks of credentials.
    Credentials(String),
}

/// The table with which a text begins, if it is one that was meant as an export.
pub(super) fn drawn(sources: &Sources, file: &InputFile) -> Option<Drawn> {
    let text = front(file).ok()?;
    let columns = printed::header(&text)?;
    let speaks = columns.iter().any(|column| speaks_of_credentials(column));
    let shape = Shape {
        format: Format::Csv { delimiter: b',' },
        columns,
        kind: None,
        kinds: Vec::new(),
        namespace: None,
    };
    if let Some(found) = sources.recognise(&file.shown, &shape).first() {
        let source = sources.get(found.source);
        return Some(Drawn::Known(format!(
            "is a table as a screen shows it, which may be cut ({}, by its header); export it with `{}`",
            source.title(),
            source.export().trim()
        )));
    }
    let other = "is a table as a screen shows it, which may be cut; export it as CSV or JSON";
    speaks.then(|| Drawn::Credentials(other.to_owned()))
}

fn front(file: &InputFile) -> io::Result<String> {
    let mut bytes = Vec::new();
    let opened = read::file(&file.path)?;
    Input::new(opened)?.take(FRONT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
