//! Texts on their way from a cell to a record: names for names, patterns, choices.

use std::borrow::Cow;

use super::address::without_secrets;
use super::cells::{Cells, Raw};
use super::pattern::Pattern;
use super::salesforce_id;
use super::test::Test;
use super::words::{Words, is_nothing};
use crate::model::{Missing, Value};

/// A text, possibly shaped.
#[derive(Debug, Clone)]
pub(super) enum Text {
    /// As it stands.
    Plain,
    /// Changed on its way.
    Shaped(Box<Shaping>),
}

/// What happens to a text on its way, in the order of the members.
#[derive(Debug, Clone, Default)]
pub(super) struct Shaping {
    /// Endings cut from the file's name, which stands in where the columns and the patterns give
    /// nothing.
    pub(super) file_stem: Option<Vec<String>>,
    /// Whether the name of the file's folder stands before that name.
    pub(super) folder: bool,
    /// Texts that say that the vendor does not know.
    pub(super) unknown: Words,
    /// Whether the patterns are for the file's name, since there are no columns.
    pub(super) of_stem: bool,
    /// Patterns; the first that matches gives its group.
    pub(super) patterns: Vec<Pattern>,
    /// Our words for the vendor's.
    pub(super) map: Vec<(Box<str>, Box<str>)>,
    /// What happens to texts that are not in `map`.
    pub(super) other: Other,
    /// Whether to write it in lower case.
    pub(super) lower: bool,
    /// Whether it is an id that Salesforce writes in two lengths.
    pub(super) salesforce_id: bool,
    /// What is put behind it.
    pub(super) suffix: Box<str>,
}

/// What happens to a text that no line of a map or case covers.
#[derive(Debug, Clone, Default)]
pub(super) enum Other {
    /// It stays.
    #[default]
    Keep,
    /// It counts as empty.
    Empty,
    /// It becomes this.
    Text(Box<str>),
}

/// A choice between texts.
#[derive(Debug, Clone)]
pub(super) struct Cases {
    pub(super) cases: Vec<(Vec<Test>, Box<str>)>,
    pub(super) other: Other,
}

impl Text {
    pub(super) fn read<'r>(
        &'r self,
        raw: Raw<'r>,
        cells: &Cells<'r>,
    ) -> Result<Value<'r>, Missing> {
        match self {
            Self::Plain => match raw.bytes()? {
                bytes if is_nothing(bytes) => Err(Missing::Empty),
                bytes => Ok(Value::Text(text_of(bytes))),
            },
            Self::Shaped(shaping) => shaping.read(raw, cells).map(Value::Text),
        }
    }
}

impl Shaping {
    pub(super) fn read<'r>(
        &'r self,
        raw: Raw<'r>,
        cells: &Cells<'r>,
    ) -> Result<Cow<'r, str>, Missing> {
        let found = raw.bytes().and_then(|bytes| self.taken(bytes));
        let mut text = match (found, &self.file_stem) {
            (Err(_), Some(endings)) => {
                let name = if self.folder {
                    path_end(cells.path.as_str())
                } else {
                    cells.path.file_name()
                };
                let stem = file_stem(name, endings);
                let taken = |pattern| captured(pattern, &stem).map(Cow::into_owned);
                let patterns: &[Pattern] = if self.of_stem { &self.patterns } else { &[] };
                let taken = patterns.iter().find_map(taken);
                taken.map_or(stem, Cow::Owned)
            }
            (found, _) => found?,
        };
        if let Some((_, ours)) = self
            .map
            .iter()
            .find(|(theirs, _)| theirs.eq_ignore_ascii_case(&text))
        {
            text = Cow::Borrowed(ours);
        } else if !matches!(self.other, Other::Keep) {
            text = self.other.text().ok_or(Missing::Empty)?;
        }
        if self.lower && text.bytes().any(|b| b.is_ascii_uppercase()) {
            text = Cow::Owned(text.to_ascii_lowercase());
        }
        if self.salesforce_id {
            if salesforce_id::is_rounded(&text) {
                return Err(Missing::Unparsed);
            }
            if let Some(long) = salesforce_id::lengthened(&text) {
                text = Cow::Owned(long);
            }
        }
        if !self.suffix.is_empty() {
            text.to_mut().push_str(&self.suffix);
        }
        Ok(text)
    }

    /// What the patterns take of a cell.
    fn taken<'r>(&self, bytes: &'r [u8]) -> Result<Cow<'r, str>, Missing> {
        if self.unknown.contains(bytes) || is_nothing(bytes) {
            return Err(Missing::Empty);
        }
        let text = text_of(bytes);
        if self.patterns.is_empty() {
            return Ok(text);
        }
        let taken = |pattern| captured(pattern, &text);
        self.patterns.iter().find_map(taken).ok_or(Missing::Empty)
    }
}

impl Other {
    fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Keep | Self::Empty => None,
        }
    }
}

impl Cases {
    pub(super) fn read<'r>(&'r self, cells: &Cells<'r>) -> Result<Value<'r>, Missing> {
        self.cases
            .iter()
            .find(|(tests, _)| tests.iter().all(|test| test.holds(cells)))
            .map(|(_, text)| Cow::Borrowed(&**text))
            .or_else(|| self.other.text())
            .map(Value::Text)
            .ok_or(Missing::Empty)
    }
}

/// The text of a cell, with no secret in its addresses.
#[inline]
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    // Far faster than the lossy reading when there is nothing to lose.
    let text =
        std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    without_secrets(text)
}

/// What a pattern takes of a text.
fn captured<'r>(pattern: &Pattern, text: &Cow<'r, str>) -> Option<Cow<'r, str>> {
    match text {
        Cow::Borrowed(text) => pattern.captured(text).map(Cow::Borrowed),
        Cow::Owned(text) => pattern.captured(text).map(|t| Cow::Owned(t.to_owned())),
    }
}

/// The file's name and its folder's: what stays the same where exports of every month lie in a folder
/// of their own.
pub(super) fn path_end(path: &str) -> &str {
    let second = memchr::memrchr_iter(b'/', path.as_bytes()).nth(1);
    let start = second.map_or(0, |at| at + 1);
    path.get(start..).unwrap_or(path)
}

/// A file's name without its ending, and with `%20` and its like undone, as Salesforce writes
/// names of profiles.
fn file_stem<'r>(name: &'r str, endings: &[String]) -> Cow<'r, str> {
    let stem = endings
        .iter()
        .filter(|ending| {
            name.get(name.len().wrapping_sub(ending.len())..)
                .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
        })
        .map(String::len)
        .max()
        .map_or_else(
            || name.rsplit_once('.').map_or(name, |(stem, _)| stem),
            |length| &name[..name.len() - length],
        );
    if !stem.contains('%') {
        return Cow::Borrowed(stem);
    }
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}
