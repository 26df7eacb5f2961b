//! Which container a file is: by its name and its first bytes, never by its vendor.

use std::io::{self, Read};
use std::path::Path;

use super::open::{Input, is_plain, open};
use super::row::{Format, ReadError, Shape};
use super::{csv, json, x509, xml, yaml};

/// At most so much of a file is looked at, in bytes.
pub const BEGINNING: usize = 256 << 10;
/// The same where the first record of a list is longer: a release of Helm, kept as a secret, or an
/// image in a directory.
const LONG_RECORD: usize = 8 << 20;
/// So much decides whether the rest is worth looking at.
const FIRST: usize = 4 << 10;

/// A file that holds a NUL in the first line, as far as this many bytes, is binary.
const TEXT_START: usize = 512;

/// Looks at the beginning of a file. None when it is no export container: a binary, source code,
/// prose.
///
/// # Errors
/// When it cannot be opened or read.
pub fn sniff(path: &Path) -> Result<Option<Shape>, ReadError> {
    sniff_input(path, open(path)?)
}

/// [`sniff`] for a file whose bytes, or the first of them (256 KiB at least), are in memory.
///
/// # Errors
/// As [`sniff`].
pub fn sniff_bytes(path: &Path, bytes: &[u8]) -> Result<Option<Shape>, ReadError> {
    if !is_plain(bytes) {
        return sniff_input(path, Input::new(bytes)?);
    }
    Ok(sniff_text(path, bytes))
}

fn sniff_text(path: &Path, text: &[u8]) -> Option<Shape> {
    let name = Name::of(path);
    let container = container(&name, text.get(..FIRST).unwrap_or(text))?;
    let mut head = text.get(..BEGINNING);
    if head.is_some_and(|head| is_cut_short(container, head)) {
        head = text.get(..LONG_RECORD);
    }
    let extent = match head {
        Some(_) => Extent::Beginning,
        None => Extent::Whole,
    };
    shape(container, &name, head.unwrap_or(text), extent)
}

/// Whether a beginning ends within the first record of a list.
fn is_cut_short(container: Container, head: &[u8]) -> bool {
    match container {
        Container::Json => json::ends_in_first_record(head),
        Container::Yaml => yaml::ends_in_first_record(head),
        _ => false,
    }
}

/// So much of a file as [`sniff_bytes`] asks for.
///
/// # Errors
/// When it cannot be read.
pub fn beginning(path: &Path, input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(FIRST + 1);
    let mut read_to = |head: &mut Vec<u8>, length: usize| {
        let rest = length.saturating_sub(head.len()) as u64;
        input.take(rest).read_to_end(head)
    };
    read_to(&mut head, FIRST)?;
    let container = container(&Name::of(path), &head);
    if head.len() == FIRST && !is_plain(&head) {
        // Text in another encoding, of which nothing is known yet.
        read_to(&mut head, LONG_RECORD)?;
    } else if head.len() == FIRST && container.is_some() {
        read_to(&mut head, BEGINNING)?;
    }
    let is_short = |head: &[u8]| container.is_some_and(|container| is_cut_short(container, head));
    if head.len() == BEGINNING && is_short(&head) {
        read_to(&mut head, LONG_RECORD)?;
    }
    Ok(head)
}

fn sniff_input(path: &Path, mut input: Input<impl Read>) -> Result<Option<Shape>, ReadError> {
    let text = beginning(path, &mut input)?;
    Ok(sniff_text(path, &text))
}

/// How much of a file is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Its first bytes.
    Beginning,
}

/// [`sniff`] for a file whose first bytes, as text, are already in memory.
#[must_use]
pub fn sniff_head(path: &Path, head: &[u8], extent: Extent) -> Option<Shape> {
    let name = Name::of(path);
    shape(container(&name, head)?, &name, head, extent)
}

/// What the name of a file says.
struct Name<'p> {
    extension: &'p [u8],
}

impl<'p> Name<'p> {
    fn of(path: &'p Path) -> Self {
        let extension = path.extension().unwrap_or_default();
        Self {
            extension: extension.as_encoded_bytes(),
        }
    }

    fn is(&self, extensions: &[&str]) -> bool {
        let own = |extension: &&str| self.extension.eq_ignore_ascii_case(extension.as_bytes());
        extensions.iter().any(own)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Csv,
    Json,
    Xml,
    Yaml,
    Pem,
    Der,
    Jks,
    Pkcs12,
}

/// The container that the first bytes and the name allow.
fn container(name: &Name<'_>, head: &[u8]) -> Option<Container> {
    let text = head.trim_ascii_start();
    let certificate = name.is(&["pem", "crt", "cer", "cert", "der", "txt", ""]);
    if head.first() == Some(&0x30) && name.is(&["der", "cer", "crt", "p7b", "p7c", "spc"]) {
        return Some(Container::Der);
    }
    if head.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return Some(Container::Jks);
    }
    // Java writes PKCS#12 under its own endings too.
    let store = name.is(&["p12", "pfx", "jks", "keystore", "truststore", "ks", "ts"]);
    if store && head.first() == Some(&0x30) {
        return Some(Container::Pkcs12);
    }
    if text.starts_with(b"-----BEGIN ")
        || (certificate && memchr::memmem::find(head, b"-----BEGIN ").is_some())
    {
        return Some(Container::Pem);
    }
    // A NUL further down is a fault in an export, for its reader to meet: it must not make the
    // whole of it disappear.
    let start = head.get(..TEXT_START).unwrap_or(head);
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let binary = memchr::memchr(0, line).is_some();
    if binary {
        return None;
    }
    if name.is(&["json", "jsonl", "ndjson", ""]) && matches!(text.first(), Some(b'{' | b'[')) {
        return Some(Container::Json);
    }
    if name.is(&["yaml", "yml"]) {
        return Some(Container::Yaml);
    }
    let markup = text.first() == Some(&b'<');
    if markup && (name.is(&["xml"]) || text.starts_with(b"<?xml") || text.starts_with(b"<unload")) {
        return Some(Container::Xml);
    }
    // JSON in a text has commas as well.
    let table = !matches!(text.first(), Some(b'{' | b'[' | b'<'));
    let csv = name.is(&["csv", "tsv"]) || (name.is(&["txt"]) && table) || fully_quoted(text);
    csv.then_some(Container::Csv)
}

fn shape(container: Container, name: &Name<'_>, head: &[u8], extent: Extent) -> Option<Shape> {
    match container {
        Container::Csv => csv_shape(name, head, extent == Extent::Whole),
        Container::Json => json::shape(head),
        Container::Xml => xml::shape(head),
        Container::Yaml => yaml::shape(head, extent),
        Container::Pem => x509::pem_shape(head),
        Container::Der => x509::der_shape(head),
        Container::Jks => Some(x509::jks_shape()),
        Container::Pkcs12 => x509::pkcs12_shape(head),
    }
}

/// Whether the first line is nothing but quoted fields, at least two.
fn fully_quoted(text: &[u8]) -> bool {
    if !text.starts_with(b"\"") {
        return false;
    }
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or_default().trim_ascii_end();
    let Some(delimiter) = csv::sniff_delimiter(line) else {
        return false;
    };
    let quoted = |field: &[u8]| matches!(field, [b'"', inner @ .., b'"'] if !inner.is_empty());
    line.split(|b| *b == delimiter).all(quoted)
}

fn csv_shape(name: &Name<'_>, head: &[u8], whole: bool) -> Option<Shape> {
    let empty = Shape::of(Format::Csv { delimiter: b',' });
    if head.trim_ascii().is_empty() {
        // The Salesforce tool writes one empty line for a query without rows.
        return (whole && name.is(&["csv", "tsv"])).then_some(empty);
    }
    let header_end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    let tabs = memchr::memchr(b'\t', head.get(..header_end)?).is_some();
    let delimiter = if tabs && name.is(&["tsv"]) {
        b'\t'
    } else if name.is(&["csv", "tsv"]) {
        csv::sniff_delimiter(head).or_else(|| csv::sniff_behind_titles(head))?
    } else {
        csv::sniff_delimiter(head)?
    };
    let csv::Header::Found { names, length, .. } = csv::header(head, delimiter, whole) else {
        return None;
    };
    let prose = |n: &String| n.is_empty() || n.len() > 64 || n.ends_with(['.', ':', '!', '?']);
    if names.len() < 2 || (name.is(&["txt"]) && names.iter().any(prose)) {
        return None;
    }
    if name.is(&["txt"])
        && let rest = head.get(length..).unwrap_or_default()
        && let csv::Header::Found { names: first, .. } = csv::header(rest, delimiter, whole)
        && first.len() != names.len()
    {
        return None;
    }
    Some(Shape {
        columns: names.into_iter().collect(),
        ..Shape::of(Format::Csv { delimiter })
    })
}

#[cfg(test)]
mod tests;
