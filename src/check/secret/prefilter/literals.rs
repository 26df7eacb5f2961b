//! Literals of any case, and the rules that have them.

use super::Hit;
use crate::check::secret::bigrams;

/// Four bytes, as a number with the first in the lowest byte, are folded by setting these bits.
pub(super) const CASE: u32 = 0x2020_2020;
/// What remains where the last of four bytes may be any.
pub(super) const ANY_LAST: u32 = 0x00FF_FFFF;

/// A literal, lower case, and the rules that have it.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) bytes: Box<[u8]>,
    rules: Vec<usize>,
}

impl Literal {
    /// Calls back for every rule of the literal, if it stands at an offset.
    pub(super) fn tell(&self, text: &[u8], start: usize, found: &mut impl FnMut(usize, Hit)) {
        let end = start + self.bytes.len();
        let here = text.get(start..end);
        if here.is_some_and(|here| here.eq_ignore_ascii_case(&self.bytes)) {
            for rule in &self.rules {
                found(*rule, Hit { start, end });
            }
        }
    }
}

/// Of (rule number, literal) pairs: every literal once, in order.
pub(super) fn group<'k>(keywords: impl IntoIterator<Item = (usize, &'k [u8])>) -> Vec<Literal> {
    let mut all: Vec<(Vec<u8>, usize)> = keywords
        .into_iter()
        .map(|(rule, literal)| (literal.to_ascii_lowercase(), rule))
        .collect();
    all.sort();
    all.dedup();
    let mut literals: Vec<Literal> = Vec::new();
    for (literal, rule) in all {
        match literals.last_mut() {
            Some(last) if *last.bytes == *literal => last.rules.push(rule),
            _ => literals.push(Literal {
                bytes: literal.into(),
                rules: vec![rule],
            }),
        }
    }
    literals
}

/// How rare some bytes are in text: what it costs to say them. Rulers (`----`) are as common as
/// words.
pub(super) fn rarity(bytes: &[u8]) -> u32 {
    let ruler = bytes.windows(2).all(|pair| pair.first() == pair.last());
    if ruler { 0 } else { bigrams::cost(bytes) }
}
