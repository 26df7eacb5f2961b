//! One pass over the raw bytes for every literal of every rule. Most files end here.
//!
//! Two searches share the work. A rule for a token of a known beginning and length can only match
//! where so many token bytes stand in a row, which is rare in text: [`runs`] finds those places
//! first, and the beginnings are looked up there alone. What remains (words, signs, literals in the
//! middle of a match) is found by [`windows`] of four bytes.

mod prefix;
mod runs;
mod windows;

use crate::rule::detect::Detect;
use prefix::Prefixes;
use windows::Windows;

/// A literal that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// First byte of the literal.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

/// The literals of all rules.
#[derive(Debug)]
pub(super) struct Prefilter {
    prefixes: Prefixes,
    windows: Windows,
}

impl Prefilter {
    /// Takes what the rules detect; a rule's number is its place.
    pub(super) fn new<'d>(rules: impl IntoIterator<Item = &'d Detect>) -> Self {
        let (mut prefixes, mut others) = (Prefixes::default(), Vec::new());
        for (rule, detect) in rules.into_iter().enumerate() {
            match prefix::of(detect) {
                Some(literal) => prefixes.add(literal, rule),
                None => others.extend(detect.keywords.iter().map(|k| (rule, &**k))),
            }
        }
        Self {
            prefixes,
            windows: Windows::new(others),
        }
    }

    /// Calls back for every rule of every literal in the text. Allocates nothing.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, Hit)) {
        if !self.prefixes.is_empty() {
            runs::word_starts(text, |at| self.prefixes.at(text, at, &mut found));
        }
        self.windows.each(text, &mut found);
    }
}

#[cfg(test)]
mod tests;
