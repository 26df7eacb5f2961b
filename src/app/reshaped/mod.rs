//! Exports that somebody put into a form that no reader takes: written as YAML or as a table where the
//! platform writes JSON, within objects or a text of other programs, behind lines of a log. They are not
//! read, and must not pass for files that are no exports.

use std::borrow::Cow;

use crate::model::ScanPath;
use crate::read::{self, Shape};
use crate::source::{Source, Sources};

/// In so many places of a file an export is looked for.
const PLACES: usize = 24;

/// So much of what begins at such a place is looked at, in bytes.
const LOOK: usize = 32 << 10;

/// So many bytes at the beginning of a line are asked whether an item of a list in YAML begins there.
const DEEPEST: usize = 64;

/// What is said of a file that holds an export in a form that no reader takes; none if it holds none. It
/// is given the beginning of its text.
pub(super) fn reshaped(sources: &Sources, shown: &ScanPath, text: &[u8]) -> Option<String> {
    let looks = Looks { sources, shown };
    let front = text.get(..LOOK).unwrap_or(text);
    if let Some(source) = looks.otherwise(front) {
        return Some(format!(
            "has the names of an export ({}) in a form in which that is not read; write it with `{}`",
            source.title(),
            source.export().trim()
        ));
    }
    let plain = std::iter::once(Cow::Borrowed(text)).chain(unpacked(text).map(Cow::Owned));
    plain.into_iter().find_map(|text| {
        let (source, line) = looks.within(&text)?;
        let place = match line {
            1 => "within something else".to_owned(),
            line => format!("from line {line} on"),
        };
        Some(format!(
            "holds an export ({}) {place}, where it is not read; write it alone into a file",
            source.title()
        ))
    })
}

/// What an export looks like in its sources' eyes.
#[derive(Clone, Copy)]
struct Looks<'s> {
    sources: &'s Sources,
    shown: &'s ScanPath,
}

impl<'s> Looks<'s> {
    /// The source of a text that has all names of an export, whatever form it is in.
    fn otherwise(self, text: &[u8]) -> Option<&'s Source> {
        let forms = ["csv", "yaml", "json"].iter();
        let mut shapes = forms.filter_map(|form| shape(form, text));
        shapes.find_map(|shape| {
            let names = shape.columns.iter();
            self.sources.by_names(shape.kind.as_deref(), names)
        })
    }

    /// The source of an export that begins somewhere in a text, and the line.
    fn within(self, text: &[u8]) -> Option<(&'s Source, usize)> {
        places(text).find_map(|at| {
            let rest = text.get(at..)?;
            let rest = rest.get(..LOOK).unwrap_or(rest);
            let form = match rest.trim_ascii_start().first()? {
                b'{' | b'[' => "json",
                b'<' => "xml",
                b'-' => "yaml",
                _ => "csv",
            };
            let shape = shape(form, rest)?;
            let source = match self.sources.recognise(self.shown, &shape).first() {
                Some(found) => self.sources.get(found.source),
                // Few sources are read as YAML; an answer in it has the same names.
                None if form == "yaml" => self.sources.by_names(None, shape.columns.iter())?,
                None => return None,
            };
            let line = 1 + memchr::memchr_iter(b'\n', text.get(..at)?).count();
            Some((source, line))
        })
    }
}

/// The shape of a text in a form.
fn shape(form: &str, text: &[u8]) -> Option<Shape> {
    let name = format!("export.{form}");
    read::sniff_bytes(name.as_ref(), text).ok()?
}

/// Where an export may begin: with a line, or with an object or a list within what stands around it.
fn places(text: &[u8]) -> impl Iterator<Item = usize> {
    let begins = |at: usize| {
        let rest = text
            .get(at..text.len().min(at + DEEPEST))
            .unwrap_or_default();
        let line = at == 0 || text.get(at - 1) == Some(&b'\n');
        match rest.first() {
            Some(b'{' | b'[') => true,
            // Items of a list in YAML stand further in.
            Some(b' ') => line && rest.trim_ascii_start().starts_with(b"- "),
            Some(first) => line && !first.is_ascii_whitespace(),
            None => false,
        }
    };
    let front = 0..text.len().min(LOOK);
    front.filter(move |at| begins(*at)).take(PLACES)
}

/// A text without the marks by which it stands in a text of JSON, or in a page; none if it has none.
fn unpacked(text: &[u8]) -> Option<Vec<u8>> {
    const MARKS: [(&str, &str); 4] = [
        ("\\\"", "\""),
        ("\\n", "\n"),
        ("\\t", "\t"),
        ("&quot;", "\""),
    ];
    let text = text.get(..LOOK).unwrap_or(text);
    let has = |(mark, _): &(&str, &str)| memchr::memmem::find(text, mark.as_bytes()).is_some();
    MARKS.iter().any(has).then(|| {
        let text = String::from_utf8_lossy(text).into_owned();
        let plain = |text: String, (mark, meant): &(&str, &str)| text.replace(mark, meant);
        MARKS.iter().fold(text, plain).into_bytes()
    })
}

#[cfg(test)]
mod tests;
