//! Literals of any case, and the rules that have them.

use super::Hit;
use super::lanes::{PRINT, look};
use crate::check::secret::bigrams;

/// Four bytes, as a number with the first in the lowest byte, are folded by setting these bits.
pub(super) const CASE: u32 = 0x2020_2020;
/// What remains where the last of four bytes may be any.
pub(super) const ANY_LAST: u32 = 0x00FF_FFFF;

/// A literal, lower case, and the rules that have it.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) bytes: Box<[u8]>,
    pub(super) head: Head,
    rules: Vec<usize>,
}

/// The first bytes of a literal, as a number: they are compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head {
    /// Folded; what it has fewer of is zero.
    bytes: u64,
    /// All ones for as many as there are.
    mask: u64,
}

/// As many bytes as can be compared at once.
const HEAD: usize = 8;

/// The bits that fold them.
pub(super) const CASES: u64 = (CASE as u64) << 32 | CASE as u64;

/// Every four bytes of a word, in order.
pub(super) fn fours(word: &[u8]) -> impl Iterator<Item = &[u8; PRINT]> {
    word.windows(PRINT).filter_map(<[u8]>::first_chunk)
}

impl Head {
    fn of(bytes: &[u8]) -> Self {
        let mask = match bytes.len() {
            length @ 0..HEAD => (1 << (8 * length)) - 1,
            _ => u64::MAX,
        };
        let folded = u64::from_le_bytes(look::<HEAD>(bytes, 0)) | CASES;
        Self {
            bytes: folded & mask,
            mask,
        }
    }

    /// Whether it may stand at an offset: of many literals that begin alike, few.
    #[inline]
    pub(super) fn may_stand(self, text: &[u8], start: usize) -> bool {
        let here = text.get(start..).and_then(<[u8]>::first_chunk);
        here.is_none_or(|here| {
            let other = (u64::from_le_bytes(*here) | CASES) ^ self.bytes;
            other & self.mask == 0
        })
    }
}

impl Literal {
    fn new(bytes: Vec<u8>, rule: usize) -> Self {
        Self {
            head: Head::of(&bytes),
            bytes: bytes.into(),
            rules: vec![rule],
        }
    }

    /// Calls back for every rule of the literal, if it stands at an offset.
    #[inline]
    pub(super) fn tell(&self, text: &[u8], start: usize, found: &mut impl FnMut(usize, Hit)) {
        if !self.head.may_stand(text, start) {
            return;
        }
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
            _ => literals.push(Literal::new(literal, rule)),
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
