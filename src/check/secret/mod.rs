//! Searching text for secrets: a literal prefilter over everything, expressions only near what it
//! found, then checks. Pure: bytes in, findings out; knows no file system, waivers or output.

mod allow;
mod bigrams;
mod blocks;
mod candidate;
mod certainty;
pub(super) mod decode;
pub(super) mod encoding;
pub mod entropy;
mod facts;
mod frame;
mod gate;
mod kept_quiet;
pub mod line_hash;
mod pem;
mod place;
mod prefilter;
mod redact;
mod search;
mod self_test;
mod structure;
mod table;
mod trace;
pub mod value;

use std::sync::OnceLock;

use crate::model::{Confidence, Finding, ScanPath};
use crate::rule::SecretRule;
use candidate::Rank;
use encoding::Sniffed;
use gate::Gate;
use place::Cursor;
use prefilter::Prefilter;
use search::Piece;

pub use blocks::{Stretch, Stretched};
pub use certainty::surest;
pub use prefilter::{GROUPS, Words};
pub use search::Scratch;
pub use self_test::run_test;
pub use trace::{Dropped, Found, Trace};

/// What became of a file.
#[derive(Debug)]
pub enum Scanned {
    /// Its text was searched.
    Searched(Vec<Finding>),
    /// It is not text and was left out.
    Binary,
}

/// Rules made ready for searching.
#[derive(Debug)]
pub struct SecretScanner<'r> {
    rules: Vec<&'r SecretRule>,
    prefilter: Prefilter,
    /// Of each rule what is asked at its keywords, once one of them was found; None where it has no
    /// expression that can be used.
    gates: Box<[OnceLock<Option<Gate>>]>,
    ranks: Vec<Rank>,
    /// Above every rule that knows no format for certain and below every other.
    excused: Rank,
    /// Rules that do not run, but hide what they would find.
    quiet: Option<Box<Self>>,
}

impl<'r> SecretScanner<'r> {
    /// Makes the rules ready. Compiles no expression.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = &'r SecretRule>) -> Self {
        Self::with(|rules| Prefilter::new(rules.map(SecretRule::start)), rules)
    }

    /// The same, looking everywhere for every keyword.
    #[cfg(test)]
    fn everywhere(rules: impl IntoIterator<Item = &'r SecretRule>) -> Self {
        Self::with(
            |rules| Prefilter::everywhere(rules.map(SecretRule::detect)),
            rules,
        )
    }

    fn with(
        prefilter: impl FnOnce(&mut dyn Iterator<Item = &'r SecretRule>) -> Prefilter,
        rules: impl IntoIterator<Item = &'r SecretRule>,
    ) -> Self {
        let rules: Vec<&SecretRule> = rules.into_iter().collect();
        let known = |rule: &&&SecretRule| standing(rule) == Standing::Known;
        let others = rules.len() - rules.iter().filter(known).count();
        Self {
            prefilter: prefilter(&mut rules.iter().copied()),
            gates: rules.iter().map(|_| OnceLock::new()).collect(),
            ranks: ranks(&rules),
            rules,
            excused: Rank(2 * others),
            quiet: None,
        }
    }

    /// Whether a file that begins with these bytes, 8 KiB of them at least, is no text.
    #[must_use]
    pub fn is_binary(beginning: &[u8]) -> bool {
        encoding::sniff(beginning) == Sniffed::Binary
    }

    /// Searches a whole file.
    #[must_use]
    pub fn scan(&self, path: &ScanPath, bytes: &[u8], scratch: &mut Scratch) -> Scanned {
        let mut wide = std::mem::take(&mut scratch.text);
        let Some(text) = encoding::text(bytes, &mut wide) else {
            scratch.text = wide;
            return Scanned::Binary;
        };
        let piece = Piece {
            path,
            text,
            part: 0..usize::MAX,
        };
        let (mut cursor, mut findings) = (Cursor::START, Vec::new());
        self.search(&piece, &mut cursor, scratch, &mut findings);
        scratch.text = wide;
        if !findings.is_empty() {
            let lines: Vec<u32> = findings
                .iter()
                .map(|f| f.location.region.start_line)
                .collect();
            let hashes = line_hash::line_hashes(bytes, &lines);
            for (finding, hash) in findings.iter_mut().zip(hashes) {
                finding.line_hash = hash;
            }
        }
        Scanned::Searched(findings)
    }
}

/// The words by which some rules are looked for, everywhere and near rows of bytes of a token: what is
/// put into groups in a table that lies in the program.
#[must_use]
pub fn words<'r>(rules: impl IntoIterator<Item = &'r SecretRule>) -> [Words; 2] {
    Prefilter::words(rules.into_iter().map(SecretRule::start))
}

/// Generic rules know a name and a value, and yield to every rule that knows a format.
fn is_generic(rule: &SecretRule) -> bool {
    rule.meta.id.as_str().starts_with("secret.generic-")
}

/// What a rule's word counts against another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It knows a format that says little, and is shown to those who ask only: what a generic rule
    /// finds there, too, is that rule's.
    Guess,
    /// It knows a name and a value.
    Generic,
    /// It knows a format, if only that of an identifier, which is no secret.
    Known,
}

fn standing(rule: &SecretRule) -> Standing {
    if is_generic(rule) {
        Standing::Generic
    } else if rule.meta.confidence == Confidence::Low && !rule.start().identifies {
        Standing::Guess
    } else {
        Standing::Known
    }
}

/// Standing first, then confidence, then the longest keyword, then the id.
fn ranks(rules: &[&SecretRule]) -> Vec<Rank> {
    let key = |at: &usize| {
        rules.get(*at).map(|rule| {
            (
                standing(rule),
                rule.meta.confidence,
                rule.start().longest,
                std::cmp::Reverse(rule.meta.id.as_str()),
            )
        })
    };
    let mut order: Vec<usize> = (0..rules.len()).collect();
    order.sort_by_cached_key(key);
    let mut ranks = vec![Rank(0); rules.len()];
    for (rank, at) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(at) {
            // Odd, so that there is room between two.
            *slot = Rank(2 * rank + 1);
        }
    }
    ranks
}

/// Whether a text ends in a word, in any case.
#[inline]
fn ends_with(text: &[u8], word: &[u8]) -> bool {
    let end = text.len().checked_sub(word.len());
    end.and_then(|at| text.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
