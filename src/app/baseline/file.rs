//! The baseline's file: JSON Lines, one accepted finding each, sorted, so that git merges it line
//! by line and two runs write the same bytes. Holds no secret, no line number and no time of
//! writing.

use std::borrow::Cow;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::model::{Diagnostic, Instant, RuleId, Span, When};
use crate::read::decode::Document;
use crate::report::json_lines;
use crate::triage::{Baseline, Entry};

/// Faults that are told at once.
const FAULTS: usize = 10;

/// One line. Unknown keys are errors: a misspelt `expires` must not live for ever.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    rule: Cow<'a, str>,
    fingerprint: String,
    path: Cow<'a, str>,
    reason: Cow<'a, str>,
    owner: Cow<'a, str>,
    expires: Cow<'a, str>,
}

/// What `expires` says when there is no end: a word, so that nobody ends up there by leaving a key
/// out.
const NEVER: &str = "never";

/// Reads a baseline.
///
/// # Errors
/// When the file cannot be read, and with every line (of the first few) that is wrong.
pub(in crate::app) fn read(path: &Path) -> Result<Baseline, AppError> {
    let bytes = fs::read(path).map_err(|e| AppError::read(path, e))?;
    let Ok(text) = String::from_utf8(bytes) else {
        let message = format!("{} is not UTF-8", path.display());
        return Err(AppError::usage(message));
    };
    parse(&path.to_string_lossy(), &text).map_err(AppError::Refused)
}

fn parse(file: &str, text: &str) -> Result<Baseline, Vec<Diagnostic>> {
    let document = Document::new(file, text);
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{FEFF}').trim();
        if !content.is_empty() {
            match entry(content) {
                Ok(entry) => entries.push(entry),
                Err(fault) => faults.push(located(&document, (start, line), &fault)),
            }
        }
        if faults.len() == FAULTS {
            break;
        }
        start += line.len();
    }
    if faults.is_empty() {
        Ok(Baseline::new(entries))
    } else {
        Err(faults)
    }
}

/// What is wrong with a line, and in which column (from 0) if that is known.
struct Fault {
    message: String,
    column: Option<usize>,
}

fn entry(text: &str) -> Result<Entry, Fault> {
    let wrong = |message: String| Fault {
        message,
        column: None,
    };
    // Serde would take an array of six texts for a line too.
    if !text.starts_with('{') {
        return Err(wrong("this is no JSON object".to_owned()));
    }
    let line: Line<'_> = serde_json::from_str(text).map_err(|e| {
        let message = e.to_string();
        // The line number of the parser is always 1 here.
        let end = message.rfind(" at line ").unwrap_or(message.len());
        Fault {
            message: message.get(..end).unwrap_or_default().to_owned(),
            column: e.column().checked_sub(1),
        }
    })?;
    for (key, value) in [
        ("rule", &line.rule),
        ("reason", &line.reason),
        ("owner", &line.owner),
    ] {
        if value.trim().is_empty() {
            return Err(wrong(format!("`{key}` must not be empty")));
        }
    }
    Ok(Entry {
        rule: RuleId::new(&line.rule),
        fingerprint: line.fingerprint.parse().map_err(wrong)?,
        path: line.path.into_owned(),
        reason: line.reason.into_owned(),
        owner: line.owner.into_owned(),
        expires: match &*line.expires {
            NEVER => When::Never,
            date => When::Known(date.parse::<Instant>().map_err(|_| {
                wrong(format!(
                    "`expires` is `{date}`, neither a date (2027-03-31) nor `never`"
                ))
            })?),
        },
    })
}

fn located(document: &Document, (start, line): (usize, &str), fault: &Fault) -> Diagnostic {
    let visible = line.trim_end().len();
    let lead = line.len() - line.trim_start_matches('\u{FEFF}').trim_start().len();
    let (from, to) = match fault.column {
        Some(column) => {
            let at = (lead + column).min(visible.saturating_sub(1));
            (at, at + 1)
        }
        None => (0, visible),
    };
    let offset = |at: usize| u32::try_from(start + at).unwrap_or(u32::MAX);
    let span = Span {
        start: offset(from),
        end: offset(to),
    };
    let conflict = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    let help = if conflict.iter().any(|mark| line.starts_with(mark)) {
        "this is left of a merge: keep the lines of both sides and take out the marks"
    } else {
        "each line is one finding, as `credlint baseline write` makes them"
    };
    document.error_with_help(span, fault.message.clone(), help)
}

/// The bytes of a baseline.
///
/// # Errors
/// Never in practice: memory does not fail as files do.
pub(super) fn bytes(baseline: &Baseline) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    let lines = baseline.entries().iter().map(|entry| Line {
        rule: entry.rule.as_str().into(),
        fingerprint: entry.fingerprint.to_string(),
        path: entry.path.as_str().into(),
        reason: entry.reason.as_str().into(),
        owner: entry.owner.as_str().into(),
        expires: match entry.expires {
            When::Never => NEVER.into(),
            When::Known(end) => date(end).into(),
        },
    });
    json_lines(lines, &mut bytes)?;
    Ok(bytes)
}

/// A day where it is one, a moment otherwise.
fn date(end: Instant) -> String {
    let date = end.date();
    if date.parse() == Ok(end) {
        date
    } else {
        end.to_string()
    }
}

/// Writes a file that is not there yet.
///
/// # Errors
/// When it is there, or cannot be made.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    let failed = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::AlreadyExists => already_there(path),
        _ => AppError::write(path, cause),
    };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)
}

/// The answer to a `write` that would overwrite.
pub(super) fn already_there(path: &Path) -> AppError {
    AppError::Usage {
        message: format!("{} is already there", path.display()),
        help: Some("`credlint baseline update` adds to it".to_owned()),
    }
}

/// Replaces a file in one step, so that no reader meets half of it and a full disk costs nothing.
///
/// # Errors
/// When it cannot be written.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    let failed = |e| AppError::write(path, e);
    // A link stays one.
    let path = &fs::canonicalize(path).map_err(failed)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{bytes, parse};
    use crate::model::{FingerprintBuilder, RuleId, When};
    use crate::triage::{Baseline, Entry};

    const GOOD: &str = r#"{"rule":"pw.never-expires","fingerprint":"943e6c221ff0e067afff86388fdafc85","path":"a.csv","reason":"r","owner":"o","expires":"2027-03-31"}"#;

    #[test]
    fn a_file_is_read_back_and_written_the_same() {
        let never = GOOD.replace("2027-03-31", "never").replace("pw.", "aa.");
        let moment = GOOD
            .replace("31\"}", "31T08:00:00Z\"}")
            .replace("pw.", "zz.");
        let sorted = format!("{never}\n{GOOD}\n{moment}\n");
        assert_eq!(
            bytes(&parse("b", &sorted).unwrap()).unwrap(),
            sorted.as_bytes()
        );
        // As editors, Windows and merges leave it.
        let rough = format!("\u{FEFF}{moment}\r\n\r\n  {never}\n{GOOD}\n\n{GOOD}");
        let read = parse("b", &rough).unwrap();
        assert_eq!(read.duplicates(), 1);
        assert_eq!(bytes(&read).unwrap(), sorted.as_bytes());
        assert_eq!(parse("b", "").unwrap(), Baseline::default());
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        for (line, said) in [
            ("{", "EOF"),
            ("[]", "no JSON object"),
            ("<<<<<<< HEAD", "no JSON object"),
            (&GOOD.replace("943e", "943g"), "is no fingerprint"),
            (&GOOD.replace("943e", "943E"), "is no fingerprint"),
            (&GOOD.replace("943e", ""), "is no fingerprint"),
            (&GOOD.replace("\"o\"", "\" \""), "`owner` must not be empty"),
            (&GOOD.replace("2027-03-31", "soon"), "neither a date"),
            (
                &GOOD.replace(",\"expires\":\"2027-03-31\"", ""),
                "missing field `expires`",
            ),
            (
                &GOOD.replace("expires", "expirse"),
                "unknown field `expirse`",
            ),
            (
                &GOOD.replace("\"path\"", "\"line\":3,\"path\""),
                "unknown field `line`",
            ),
            (&format!("{GOOD} {GOOD}"), "trailing characters"),
        ] {
            let text = format!("{GOOD}\n\n{line}\n{GOOD}\n");
            let faults = parse("b.jsonl", &text).unwrap_err();
            assert_eq!(faults.len(), 1, "{line}");
            assert_eq!(faults[0].line_column().0, 3, "{line}: {:?}", faults[0]);
            assert!(faults[0].message.contains(said), "{:?}", faults[0]);
            assert!(!faults[0].message.contains(" at line "), "{:?}", faults[0]);
        }
        let conflict = parse("b", "<<<<<<< HEAD\n").unwrap_err();
        assert!(conflict[0].help.as_ref().unwrap().contains("merge"));
        assert_eq!(parse("b", &"x\n".repeat(50)).unwrap_err().len(), 10);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(\\PC|[\\n\\r{}\":,\\u{FEFF}])*") {
            let _ = parse("b", &text);
        }

        #[test]
        fn any_words_come_back_and_none_of_them_moves_the_cursor(
            path in "\\p{Any}*", reason in "\\p{Any}+x",
        ) {
            let entry = Entry {
                rule: RuleId::new("r"),
                fingerprint: FingerprintBuilder::new("r").finish(),
                path,
                owner: reason.clone(),
                reason,
                expires: When::Never,
            };
            let baseline = Baseline::new(vec![entry]);
            let text = String::from_utf8(bytes(&baseline).unwrap()).unwrap();
            prop_assert_eq!(text.matches(char::is_control).count(), 1);
            prop_assert_eq!(parse("b", &text).unwrap(), baseline);
        }
    }
}
