//! The line of a finding as reports may show it: every secret on it is replaced by its hint before
//! anything else is done with it.

use std::ops::Range;

use crate::model::Frame;

/// Bytes of the line that are looked at on either side of the secret.
const REACH: usize = 400;
/// Characters that are kept before the hint, and in all.
const BEFORE: usize = 60;
const TOTAL: usize = 160;

/// A stretch that must not be shown, and what is shown instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Redaction {
    /// The bytes.
    pub(super) span: Range<usize>,
    /// The hint.
    pub(super) hint: String,
}

/// Draws the line on which `redactions[index]` begins. Redactions are sorted and disjoint.
pub(super) fn draw(text: &[u8], redactions: &[Redaction], index: usize) -> Option<Frame> {
    let own = redactions.get(index)?;
    let line = line_around(text, own);
    let first = redactions.partition_point(|r| r.span.end <= line.start);
    let mut shown: Vec<char> = Vec::new();
    let (mut at, mut start, mut length) = (line.start, 0, 0);
    for redaction in redactions.get(first..)? {
        if redaction.span.start >= line.end {
            break;
        }
        push(
            &mut shown,
            text.get(at..redaction.span.start).unwrap_or(&[]),
        );
        if redaction.span == own.span {
            start = shown.len();
            length = own.hint.chars().count();
        }
        shown.extend(redaction.hint.chars());
        at = redaction.span.end;
    }
    push(&mut shown, text.get(at..line.end).unwrap_or(&[]));
    Some(cut(&shown, start, length))
}

/// The line, or as much of it as lies near the secret.
fn line_around(text: &[u8], own: &Redaction) -> Range<usize> {
    let low = own.span.start.saturating_sub(REACH);
    let high = own.span.end.saturating_add(REACH).min(text.len());
    let before = text.get(low..own.span.start).unwrap_or(&[]);
    let start = memchr::memrchr2(b'\n', b'\r', before).map_or(low, |at| low + at + 1);
    // A secret that goes on over several lines is one hint on its first.
    let after = text.get(own.span.end..high).unwrap_or(&[]);
    let end = memchr::memchr2(b'\n', b'\r', after).map_or(high, |at| own.span.end + at);
    start..end
}

/// Control characters become blanks, so that no terminal and no table is moved by them.
fn push(shown: &mut Vec<char>, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    shown.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
}

fn cut(shown: &[char], start: usize, length: usize) -> Frame {
    let from = start.saturating_sub(BEFORE);
    let to = (from + TOTAL).max(start + length).min(shown.len());
    let kept = shown.get(from..to).unwrap_or(shown);
    let mut text = String::new();
    if from > 0 {
        text.push('…');
    }
    text.extend(kept);
    if to < shown.len() {
        text.push('…');
    }
    Frame {
        text,
        start: start - from + usize::from(from > 0),
        length,
    }
}

#[cfg(test)]
mod tests {
    use super::{Redaction, draw};

    fn redactions(text: &str, secrets: &[&str]) -> Vec<Redaction> {
        secrets
            .iter()
            .map(|s| {
                let at = text.find(s).unwrap();
                Redaction {
                    span: at..at + s.len(),
                    hint: format!("[{}]", s.len()),
                }
            })
            .collect()
    }

    fn frame(text: &str, secrets: &[&str], index: usize) -> (String, String) {
        let frame = draw(text.as_bytes(), &redactions(text, secrets), index).unwrap();
        let hint = frame
            .text
            .chars()
            .skip(frame.start)
            .take(frame.length)
            .collect();
        (frame.text, hint)
    }

    #[test]
    fn no_secret_of_the_line_is_shown() {
        let text = "x\nuser=AAAA\tpass=BBBBBB # é\ny";
        let line = "user=[4] pass=[6] # é".to_owned();
        assert_eq!(
            frame(text, &["AAAA", "BBBBBB"], 0),
            (line.clone(), "[4]".into())
        );
        assert_eq!(frame(text, &["AAAA", "BBBBBB"], 1), (line, "[6]".into()));
    }

    #[test]
    fn a_secret_of_several_lines_is_one_hint() {
        let text = "k = BEGIN\nbody\nEND;\nnext";
        assert_eq!(
            frame(text, &["BEGIN\nbody\nEND"], 0),
            ("k = [14];".into(), "[14]".into())
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_secret_and_never_through_another() {
        let text = "a".repeat(390) + "OTHEROTHER" + &"b".repeat(390) + "MINE" + &"c".repeat(900);
        let (line, hint) = frame(&text, &["OTHEROTHER", "MINE"], 1);
        assert_eq!(hint, "[4]");
        assert!(
            line.starts_with('…') && line.ends_with('…') && !line.contains("OTHER"),
            "{line}"
        );
        assert!(line.chars().count() <= 162);
        let edge = "OTHEROTHER".to_owned() + &"b".repeat(395) + "MINE";
        assert!(!frame(&edge, &["OTHEROTHER", "MINE"], 1).0.contains("OTHER"));
    }

    #[test]
    fn control_characters_do_not_pass() {
        assert_eq!(frame("a\x1b[31m KEY", &["KEY"], 0).0, "a [31m [3]");
    }
}
