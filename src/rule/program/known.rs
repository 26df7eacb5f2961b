//! Expressions of built-in rules as the engine needs them, written down. Those whose keywords are
//! looked for anywhere (`password`, `token`) are asked for in any five source files, and to parse
//! them would be a quarter of such a scan. The tests make the table, and hold it to what is said here.
//!
//! A line has the key of an expression, how far it reaches, and the tree: each part as a letter with
//! what it needs, and behind it the parts that it is made of.

use std::fmt::Write as _;
use std::str::SplitAsciiWhitespace;

use regex_automata::util::look::Look;

use super::{Node, Program, Set, Times};
use crate::model::{hex, unhex};
use crate::rule::detect::Detect;
use crate::rule::pattern::{Reach, Shape};
use crate::rule::run::Place;
use crate::rule::secret_rule::SecretRule;
use crate::rule::sorted;

static TABLE: &str = include_str!("known.txt");

/// What is known of an expression with a rule's keywords.
pub(in crate::rule) fn known(source: &str, keywords: &[Box<[u8]>]) -> Option<Shape> {
    read(sorted::find(TABLE, &key(source, keywords))?)
}

/// The table for some rules.
#[must_use]
pub fn table<'r>(rules: impl IntoIterator<Item = &'r SecretRule>) -> String {
    let asked = rules
        .into_iter()
        .filter(|rule| rule.start().place == Place::Anywhere);
    let lines = asked.filter_map(|rule| line(rule.detect()));
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

fn line(detect: &Detect) -> Option<String> {
    let source = detect.pattern.source();
    let shape = Shape::parse(source, &detect.keywords).ok()?;
    let mut line = key(source, &detect.keywords);
    // Writing to a string does not fail.
    let _ = match shape.reach {
        Reach::At(longest) => write!(line, " at,{}", number(longest)),
        Reach::Around {
            before,
            after,
            bounded,
        } => write!(line, " around,{before},{after},{}", flag(bounded)),
    };
    let _ = write!(line, " {}", flag(shape.at_boundary));
    shape.program?.root.write(&mut line);
    line.push('\n');
    Some(line)
}

fn read(line: &str) -> Option<Shape> {
    let mut words = line.split_ascii_whitespace();
    let mut parts = words.next()?.split(',');
    let reach = match parts.next()? {
        "at" => Reach::At(read_number(parts.next()?)?),
        "around" => Reach::Around {
            before: parts.next()?.parse().ok()?,
            after: parts.next()?.parse().ok()?,
            bounded: read_flag(parts.next()?)?,
        },
        _ => return None,
    };
    let at_boundary = read_flag(words.next()?)?;
    let program = Program::new(Node::read(&mut words)?)?;
    words.next().is_none().then_some(Shape {
        program: Some(program),
        reach,
        at_boundary,
    })
}

/// What an expression is known by: a number made of it and the keywords, and its length.
fn key(source: &str, keywords: &[Box<[u8]>]) -> String {
    let keywords = keywords.iter().flat_map(|word| [&[0], &**word].concat());
    // The hash of Fowler, Noll and Vo.
    let hash = source.bytes().chain(keywords);
    let hash = hash.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}{:04x}", source.len())
}

fn number(number: Option<usize>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

fn read_number(word: &str) -> Option<Option<usize>> {
    match word {
        "-" => Some(None),
        _ => word.parse().ok().map(Some),
    }
}

const fn flag(is: bool) -> char {
    if is { 'y' } else { 'n' }
}

fn read_flag(word: &str) -> Option<bool> {
    match word {
        "y" => Some(true),
        "n" => Some(false),
        _ => None,
    }
}

impl Set {
    /// The first and the last byte of each of its ranges.
    fn ranges(&self) -> Vec<u8> {
        let mut ranges: Vec<u8> = Vec::new();
        for byte in (0..=u8::MAX).filter(|byte| self.has(*byte)) {
            match ranges.last_mut() {
                Some(last) if u16::from(*last) + 1 == u16::from(byte) => *last = byte,
                _ => ranges.extend([byte, byte]),
            }
        }
        ranges
    }

    fn read(word: &str) -> Option<Self> {
        let mut set = Self::NONE;
        for range in unhex(word)?.chunks(2) {
            let [first, last] = *range else {
                return None;
            };
            set.add_range(first, last);
        }
        Some(set)
    }
}

impl Times {
    fn write(self) -> String {
        let most = (self.most != usize::MAX).then_some(self.most);
        format!("{},{},{}", self.least, number(most), flag(self.greedy))
    }

    fn read<'t>(mut parts: impl Iterator<Item = &'t str>) -> Option<Self> {
        Some(Self {
            least: parts.next()?.parse().ok()?,
            most: read_number(parts.next()?)?.unwrap_or(usize::MAX),
            greedy: read_flag(parts.next()?)?,
            whole: false,
        })
    }
}

/// A word for each assertion.
const LOOKS: [(&str, Look); 8] = [
    ("start", Look::Start),
    ("end", Look::End),
    ("line", Look::StartLF),
    ("eol", Look::EndLF),
    ("crlf", Look::StartCRLF),
    ("eolcr", Look::EndCRLF),
    ("word", Look::WordAscii),
    ("within", Look::WordAsciiNegate),
];

impl Node {
    fn write(&self, line: &mut String) {
        let _ = match self {
            Self::Empty => write!(line, " e"),
            Self::Bytes(bytes) => write!(line, " b{}", hex(bytes)),
            Self::Folded(bytes) => write!(line, " f{}", hex(bytes)),
            Self::One(set) => write!(line, " s{}", hex(&set.ranges())),
            Self::Run(set, times) => {
                write!(line, " r{},{}", hex(&set.ranges()), times.write())
            }
            Self::Look(look) => {
                let known = LOOKS.iter().find(|(_, known)| known == look);
                write!(line, " l{}", known.map_or("", |(word, _)| *word))
            }
            Self::Group(number, _) => write!(line, " g{number}"),
            Self::All(parts) => write!(line, " a{}", parts.len()),
            Self::Any(choices) => write!(line, " o{}", choices.len()),
            Self::Again(_, times) => write!(line, " t{}", times.write()),
        };
        match self {
            Self::Group(_, node) | Self::Again(node, _) => node.write(line),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|(_, part)| part.write(line));
            }
            _ => {}
        }
    }

    fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Self> {
        let (letter, rest) = words.next()?.split_at_checked(1)?;
        let mut parts = rest.split(',');
        Some(match letter {
            "e" => Self::Empty,
            "b" => Self::Bytes(unhex(rest)?.into()),
            "f" => Self::Folded(unhex(rest)?.into()),
            "s" => Self::One(Set::read(rest)?),
            "r" => Self::Run(Set::read(parts.next()?)?, Times::read(parts)?),
            "l" => {
                let (_, look) = LOOKS.iter().find(|(word, _)| *word == rest)?;
                Self::Look(*look)
            }
            "g" => Self::Group(rest.parse().ok()?, Box::new(Self::read(words)?)),
            "t" => Self::Again(Box::new(Self::read(words)?), Times::read(parts)?),
            "a" => Self::all(Self::read_some(rest, words)?),
            "o" => Self::any(Self::read_some(rest, words)?),
            _ => return None,
        })
    }

    fn read_some(count: &str, words: &mut SplitAsciiWhitespace<'_>) -> Option<Vec<Self>> {
        let count: usize = count.parse().ok()?;
        (0..count).map(|_| Self::read(words)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{TABLE, key, known, read};
    use crate::rule::pattern::Shape;
    use crate::rule::program::Program;

    fn parsed(source: &str) -> Program {
        Shape::parse(source, &[]).unwrap().program.unwrap()
    }

    /// A tree as a line has it.
    fn written(program: &Program) -> String {
        let mut line = String::new();
        program.root.write(&mut line);
        line
    }

    fn program(line: &str) -> Program {
        read(line).unwrap().program.unwrap()
    }

    #[test]
    fn a_line_says_what_was_written() {
        for source in [
            r"\b(?i:pass(?:word|wd)?)[\w.-]{0,30}\s*=\s*?([^\s]{6,100})(?:\s|$)",
            r"^(?m:^a$)|(?:(a)|b){2,}?c|\Bab",
            r"[\x00-\xff]x+",
        ] {
            let expected = parsed(source);
            let line = written(&expected);
            let known = program(&format!("at,- n{line}"));
            assert_eq!(line, written(&known));
            assert_eq!(known.starts, expected.starts);
        }
        let wrong = [
            "",
            "at,40",
            "at,40 n",
            "at,x n b61",
            "in n b61",
            "at,- n b6",
            "at,- n b61 b61",
        ];
        for wrong in wrong
            .into_iter()
            .chain(["at,- n a2 b61", "at,- n lhere", "at,- n r6161,1"])
        {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn every_line_of_the_table_can_be_read() {
        assert!(TABLE.lines().count() > 50);
        for line in TABLE.lines() {
            let (_, rest) = line.split_once(' ').unwrap();
            assert!(line.ends_with(&written(&program(rest))));
        }
    }

    #[test]
    fn an_expression_is_known_by_its_keywords_as_well() {
        let keys = [
            key("a", &[]),
            key("b", &[]),
            key("a", &[b"a"[..].into()]),
            key("a", &[b"a"[..].into(), b"b"[..].into()]),
            key("a", &[b"ab"[..].into()]),
        ];
        let apart: std::collections::BTreeSet<&String> = keys.iter().collect();
        assert_eq!(apart.len(), keys.len());
        assert!(known("no rule has this", &[]).is_none());
    }
}
