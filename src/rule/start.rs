//! What the search for keywords must know of a rule before it looks at a text, and where that
//! follows from.
//!
//! Of the built-in rules it lies in a table, which the tests make and hold to what [`super::run`]
//! says: reading all rules and looking into their expressions would be most of a small scan.

use std::fmt::Write as _;

use super::detect::Detect;
use super::plain;
use super::run::{self, Place};
use super::secret_rule::SecretRule;
use crate::model::{hex, unhex};

const IDENTIFIES: &str = "identifies";
const BEGIN: &str = "begin";

/// What the search for keywords must know of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Where its keywords count.
    pub(crate) place: Place,
    /// What to look for.
    pub(crate) words: Words,
    /// The length of its longest keyword, in bytes.
    pub(crate) longest: usize,
    /// Whether it finds an identifier and no secret.
    pub(crate) identifies: bool,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Words {
    /// With what every match begins, to the letter, and a word does.
    Beginnings(Vec<Box<[u8]>>),
    /// Keywords, lower case, that stand in any case.
    Keywords(Vec<Box<[u8]>>),
}

impl Start {
    /// Looks into a rule.
    #[must_use]
    pub fn of(detect: &Detect) -> Self {
        let (place, words) = run::place(detect);
        let words = match plain::beginning(detect) {
            Some(one) => Words::Beginnings(vec![one]),
            None if place == Place::Words => Words::Beginnings(words),
            None => Words::Keywords(detect.keywords.clone()),
        };
        let lengths = detect.keywords.iter().map(|word| word.len());
        Self {
            place,
            words,
            longest: lengths.max().unwrap_or(0),
            identifies: detect.identifies.is_some(),
        }
    }
}

/// The table for some rules, which are sorted by id: a line for each, with the id, where its keywords
/// count, the length of the longest keyword, [`IDENTIFIES`] and [`BEGIN`] if they hold, and the words
/// behind a bar. The build script gives each rule its line.
#[must_use]
pub fn table<'r>(rules: impl IntoIterator<Item = &'r SecretRule>) -> String {
    let mut table = String::new();
    for rule in rules {
        write(&mut table, rule.meta.id.as_str(), &Start::of(rule.detect()));
    }
    table
}

fn write(table: &mut String, id: &str, start: &Start) {
    let (words, begin) = match &start.words {
        Words::Beginnings(words) => (words, true),
        Words::Keywords(words) => (words, false),
    };
    let place = match start.place {
        Place::Words => "words",
        Place::Near => "near",
        Place::Anywhere => "anywhere",
    };
    // Writing to a string does not fail.
    let _ = write!(table, "{id} {place} {}", start.longest);
    for (mark, holds) in [(IDENTIFIES, start.identifies), (BEGIN, begin)] {
        if holds {
            let _ = write!(table, " {mark}");
        }
    }
    table.push_str(" |");
    for word in words {
        let _ = match std::str::from_utf8(word) {
            Ok(plain) if is_plain(word) => write!(table, " {plain}"),
            _ => write!(table, " \\{}", hex(word)),
        };
    }
    table.push('\n');
}

/// Whether a word is written as it is: without blanks, and without the sign before hexadecimal.
fn is_plain(word: &[u8]) -> bool {
    word.iter().all(|b| b.is_ascii_graphic() && *b != b'\\')
}

/// What a line of the table says behind the id. None if that is nothing.
pub(super) fn read(line: &str) -> Option<Start> {
    let (front, words) = line.split_once('|')?;
    let mut front = front.split_ascii_whitespace();
    let place = match front.next()? {
        "words" => Place::Words,
        "near" => Place::Near,
        "anywhere" => Place::Anywhere,
        _ => return None,
    };
    let longest = front.next()?.parse().ok()?;
    let (mut identifies, mut begin) = (false, false);
    for mark in front {
        match mark {
            IDENTIFIES => identifies = true,
            BEGIN => begin = true,
            _ => return None,
        }
    }
    let words = words
        .split_ascii_whitespace()
        .map(|word| match word.strip_prefix('\\') {
            Some(hex) => unhex(hex).map(Into::into),
            None => Some(word.as_bytes().into()),
        });
    let words = words.collect::<Option<_>>()?;
    Some(Start {
        place,
        words: match begin {
            true => Words::Beginnings(words),
            false => Words::Keywords(words),
        },
        longest,
        identifies,
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, Start, Words, read, write};
    use crate::read::decode::Document;
    use crate::rule::detect::Detect;

    fn start(yaml: &str) -> Start {
        let doc = Document::new("rule.yaml", yaml);
        Start::of(&Detect::decode(&doc, &doc.parse().unwrap(), None).unwrap())
    }

    #[test]
    fn a_line_says_what_was_written() {
        let all = [
            r"{regex: '\bab_[a-zA-Z0-9]{36}\b', keywords: [ab_]}",
            r"{regex: 'a [a-zA-Z0-9]{36}\b', keywords: ['a b', 'c\d', 'äö']}",
            "{regex: 'ab[a-z0-9]{20}', near: {words: [abc]}}",
            "{regex: 'abc[0-9]{20}', keywords: [abc], identifies: aws-key-id}",
        ];
        for yaml in all {
            let (one, mut line) = (start(yaml), String::new());
            write(&mut line, "secret.a", &one);
            let rest = line.strip_prefix("secret.a ").unwrap().trim_end();
            assert_eq!(read(rest), Some(one), "{line}");
        }
        for wrong in [
            "",
            "near",
            "near 3",
            "near x |",
            "far 3 | a",
            "near 3 new | a",
            r"near 3 | \6g",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn words_are_beginnings_where_every_match_begins_with_them() {
        let rule = start(r"{regex: '\bab_[a-zA-Z0-9]{36}\b', keywords: [ab_]}");
        assert_eq!(rule.words, Words::Beginnings(vec![b"ab_"[..].into()]));
        assert_eq!((rule.place, rule.longest), (Place::Words, 3));
    }
}
