//! Whether a rule is tried where a keyword of it was found. Most keywords stand in prose and among names
//! (`the token is`, `read(token)`), and many rules share one: a look around it turns nearly all of them
//! away, each in a few steps.

use crate::rule::detect::Detect;
use crate::rule::program::{Tail, Tails};
use crate::rule::{Compiled, Reach};

use super::structure::is_secrets_name;

/// What is asked for a rule at its keywords.
#[derive(Debug)]
pub(super) struct Gate {
    /// What can stand behind the word with which a match begins.
    tails: Tails,
    /// How it is searched.
    pub(super) way: Way,
    /// Whether a keyword counts only where a word begins.
    begins_words: bool,
    /// Whether a match begins at a boundary of words.
    at_boundary: bool,
    /// Whether a match comes to nothing where the name that it begins in is no secret's.
    needs_a_secrets_name: bool,
}

/// How a rule is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Right at the keyword, where each match begins.
    Here,
    /// Around it, later.
    Around,
}

impl Gate {
    pub(super) fn of(detect: &Detect, compiled: &Compiled) -> Self {
        let here = matches!(compiled.reach, Reach::At(_)) && !detect.keywords_are_near;
        let tails = compiled.tails();
        Self {
            tails,
            way: if here { Way::Here } else { Way::Around },
            begins_words: detect.keywords_begin_words,
            at_boundary: compiled.at_boundary,
            needs_a_secrets_name: here && detect.needs_a_secrets_name() && tails.leave_word(),
        }
    }

    /// Whether a rule may have a match at a keyword.
    #[inline]
    pub(super) fn lets_through(&self, text: &[u8], here: &mut Here) -> bool {
        if self.begins_words && !here.begins_word {
            return false;
        }
        match self.way {
            Way::Around => true,
            // Within a long run of one letter every byte may be a keyword's first.
            Way::Here => {
                !(self.at_boundary && here.is_within_word)
                    && here.tail(text).is_none_or(|tail| self.tails.have(tail))
            }
        }
    }

    /// Whether a match may come to something at a keyword, as far as the name tells that it is a part of.
    /// Of most names that have a word for secrets in them (`passwordField`, `tokenType`) some rules take
    /// nothing that they are given, whatever that is.
    #[inline]
    pub(super) fn takes_name(&self, text: &[u8], here: &mut Here) -> bool {
        !self.needs_a_secrets_name || here.tail(text).is_none() || here.names_a_secret(text)
    }
}

/// What stands at a keyword, for all rules that have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here {
    pub(super) at: usize,
    begins_word: bool,
    is_within_word: bool,
    /// What stands behind the word, once that was asked.
    tail: Option<Option<Tail>>,
    /// Whether the name that it is a part of is that of a secret, once that was asked.
    names_a_secret: Option<bool>,
}

impl Here {
    pub(super) fn of(text: &[u8], at: usize) -> Self {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let first = text.get(at).copied().unwrap_or_default();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        // After anything but a letter or digit, or with a hump (`myBox`).
        let hump = |before: u8| first.is_ascii_uppercase() && before.is_ascii_lowercase();
        Self {
            at,
            begins_word: before
                .is_none_or(|before| !before.is_ascii_alphanumeric() || hump(before)),
            // As `\b` sees it.
            is_within_word: before.is_some_and(is_word) && is_word(first),
            tail: None,
            names_a_secret: None,
        }
    }

    #[inline]
    fn tail(&mut self, text: &[u8]) -> Option<Tail> {
        *self.tail.get_or_insert_with(|| Tail::of(text, self.at))
    }

    #[inline]
    fn names_a_secret(&mut self, text: &[u8]) -> bool {
        let asked = || is_secrets_name(text, self.at);
        *self.names_a_secret.get_or_insert_with(asked)
    }
}
