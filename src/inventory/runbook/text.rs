//! Text with places, and commands with places. A brace that no small letter follows is a brace, so
//! that commands may hold JSON.

use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

use super::decode::unknown;
use super::place::{Place, Shape};

/// Text, in pieces. The words are the author's, in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// What an item says.
    Place(Place),
}

/// Something that is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What reads it, and so how values are quoted.
    pub language: Language,
    /// What to type.
    pub text: Text,
}

/// What reads a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// A POSIX shell: values are words.
    Shell,
    /// SQL: values are identifiers.
    Sql,
    /// A request line and a body: values are parts of a path.
    Http,
}

impl Language {
    /// The keys of a step that hold a command.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("shell", Self::Shell),
        ("sql", Self::Sql),
        ("http", Self::Http),
    ];

    /// The word for it on a fence of Markdown.
    #[must_use]
    pub const fn fence(self) -> &'static str {
        match self {
            Self::Shell => "sh",
            Self::Sql => "sql",
            Self::Http => "http",
        }
    }
}

impl Text {
    /// Its places, in order.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Place(place) => Some(*place),
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    /// On an empty text and on a place that is none.
    pub(super) fn decode(doc: &Document, node: &Node, what: &str) -> Decoded<Self> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = doc.filled(node, what)?.trim();
        while let Some(at) = rest.find('{') {
            let (head, tail) = rest.split_at(at);
            words.push_str(head);
            match place_word(tail) {
                Some(word) => {
                    let Some(place) = Place::of(word) else {
                        return Err(unknown(doc, node.span, word));
                    };
                    if !words.is_empty() {
                        pieces.push(Piece::Words(std::mem::take(&mut words)));
                    }
                    pieces.push(Piece::Place(place));
                    rest = tail.get(word.len() + 2..).unwrap_or_default();
                }
                None => {
                    words.push('{');
                    rest = tail.get(1..).unwrap_or_default();
                }
            }
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Self { pieces })
    }
}

/// The word between braces, if it is written as a place is.
fn place_word(tail: &str) -> Option<&str> {
    let (word, _) = tail.strip_prefix('{')?.split_once('}')?;
    let letters = |b: u8| b.is_ascii_lowercase() || matches!(b, b'_' | b'.');
    (word.starts_with(|c: char| c.is_ascii_lowercase()) && word.bytes().all(letters))
        .then_some(word)
}

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// As [`Text::decode`]; and on a place that stands in quotes or touches other words, which
    /// would break its own quotes, and on one whose values are a list.
    pub(super) fn decode(doc: &Document, node: &Node, language: Language) -> Decoded<Self> {
        let text = Text::decode(doc, node, "a command")?;
        let mut before = "";
        for (index, piece) in text.pieces.iter().enumerate() {
            let place = match piece {
                Piece::Words(words) => {
                    before = words;
                    continue;
                }
                Piece::Place(place) => *place,
            };
            if place.shape() == Shape::Texts {
                return Err(doc.error(node.span, "a list does not fit into a command"));
            }
            let after = match text.pieces.get(index + 1) {
                Some(Piece::Words(words)) => words.as_str(),
                _ => "",
            };
            let quote = |c: char| matches!(c, '"' | '\'' | '`');
            if before.ends_with(quote) || after.starts_with(quote) {
                return Err(doc.error_with_help(
                    node.span,
                    "a place of a command stands in quotes",
                    "leave the quotes out: a value brings its own",
                ));
            }
            let joined = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if language == Language::Sql && (before.ends_with(joined) || after.starts_with(joined))
            {
                return Err(doc.error(node.span, "a place of SQL is a whole identifier"));
            }
            before = "";
        }
        Ok(Self { language, text })
    }
}
