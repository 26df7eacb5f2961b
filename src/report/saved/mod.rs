//! Reads what an earlier run wrote, as JSON or JSON Lines, into the [`Report`] that it was. The
//! other way of `json` and `jsonl`: what those write, written again, is the same to the byte.
//! Members that it does not know are passed over, since a later minor version may add some.

mod entry;
mod whole;
mod words;

use serde::Deserialize;

use self::entry::Names;
use self::whole::{Document, Line};
use super::{Report, json, jsonl};

/// Why a file is no result that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong, in one lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

const HELP: &str = "results are what `credlint scan --format json` or `--format jsonl` writes";

impl Unreadable {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: HELP,
        }
    }

    fn cut_off() -> Self {
        Self {
            message: "the result is cut off".to_owned(),
            help: "let the scan that writes it end, then read it",
        }
    }
}

/// What every form of a result says about itself, if it is one.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
    #[serde(default)]
    runs: Option<serde::de::IgnoredAny>,
}

/// Reads a result.
///
/// # Errors
/// When the bytes are no result, one of a version that this program does not know, or cut off.
pub fn read(bytes: &[u8]) -> Result<Report, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(Unreadable::new("the file is empty"));
    }
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    // The first line of JSON Lines is whole; that of a document is not, or it is all of it.
    if let Ok(head) = serde_json::from_slice::<Head>(first)
        && head
            .schema
            .as_deref()
            .is_some_and(|schema| stem(schema) == stem(jsonl::SCHEMA))
    {
        known(&head, jsonl::SCHEMA)?;
        return lines(bytes);
    }
    let head = serde_json::from_slice::<Head>(bytes).map_err(|error| fault(&error, 0))?;
    known(&head, json::SCHEMA)?;
    let document: Document = serde_json::from_slice(bytes).map_err(|error| fault(&error, 0))?;
    document
        .report(&mut Names::default())
        .map_err(Unreadable::new)
}

fn stem(schema: &str) -> &str {
    schema.split_once('/').map_or(schema, |(stem, _)| stem)
}

/// Whether a result is of a version that this program knows.
fn known(head: &Head, schema: &str) -> Result<(), Unreadable> {
    match head.schema.as_deref() {
        Some(own) if own == schema => Ok(()),
        Some(other) if stem(other) == stem(schema) => Err(Unreadable {
            message: format!("the result is of the version {}", shown(other)),
            help: "a newer credlint has written it; this one reads version 1",
        }),
        Some(other) => Err(Unreadable::new(format!(
            "this is {}, not a result",
            shown(other)
        ))),
        None if head.runs.is_some() => Err(Unreadable::new(
            "this is SARIF, which does not hold all that a result holds",
        )),
        None => Err(Unreadable::new("this is JSON, but no result of credlint")),
    }
}

/// A text of the file, cut short and harmless.
fn shown(text: &str) -> String {
    let text = text.chars().filter(|c| !c.is_control()).take(40);
    format!("`{}`", text.collect::<String>())
}

/// What serde says, without the input that it may quote.
fn fault(error: &serde_json::Error, lines_before: usize) -> Unreadable {
    if error.is_eof() {
        return Unreadable::cut_off();
    }
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    let words = message.get(..end).unwrap_or_default();
    let (line, column) = (error.line() + lines_before, error.column());
    Unreadable::new(format!("line {line}, column {column}: {words}"))
}

fn lines(bytes: &[u8]) -> Result<Report, Unreadable> {
    let mut names = Names::default();
    let mut document = Document::default();
    let mut findings = Vec::new();
    let mut ended = false;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if ended {
            return Err(Unreadable {
                message: format!("line {}: the result has ended before", number + 1),
                help: "give every result its own file",
            });
        }
        let line: Line = serde_json::from_slice(line).map_err(|error| fault(&error, number))?;
        let located = |message| Unreadable::new(format!("line {}: {message}", number + 1));
        match line {
            Line::Finding(entry) => {
                findings.push(entry.judged(&mut names).map_err(located)?);
            }
            Line::Summary(summary) => {
                if summary.findings != findings.len() {
                    return Err(located("the summary counts other findings".to_owned()));
                }
                document.end(*summary);
                ended = true;
            }
            other => document.take(other).map_err(located)?,
        }
    }
    if !ended {
        return Err(Unreadable::cut_off());
    }
    let mut report = document.report(&mut names).map_err(Unreadable::new)?;
    report.findings = findings.into_iter().collect();
    Ok(report)
}

#[cfg(test)]
mod tests;
