//! Literals of any case, and the rules that have them.

use super::Hit;
use super::lanes::{self, PRINT, look};
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
    /// Capital letters; what it has fewer of is zero.
    bytes: u64,
    /// The bits that count: of a letter all but that of its case.
    mask: u64,
}

/// As many bytes as can be compared at once.
const HEAD: usize = 8;

/// The bits that fold as many bytes.
pub(super) const CASES: u64 = (CASE as u64) << 32 | CASE as u64;

/// Every four bytes of a word, in order.
pub(super) fn fours(word: &[u8]) -> impl Iterator<Item = &[u8; PRINT]> {
    word.windows(PRINT).filter_map(<[u8]>::first_chunk)
}

/// The first bytes at a place of a text. Behind its end stand zeros.
#[derive(Debug, Clone, Copy)]
pub(super) struct Front(u64);

impl Front {
    #[inline]
    pub(super) fn of(text: &[u8], start: usize) -> Self {
        Self(u64::from_le_bytes(look::<HEAD>(text, start)))
    }
}

impl Head {
    fn of(bytes: &[u8]) -> Self {
        let counts = |byte: u8| match byte {
            0 => 0,
            _ if byte.is_ascii_alphabetic() => !lanes::CASE,
            _ => u8::MAX,
        };
        let bytes: [u8; HEAD] = look(bytes, 0);
        let mask = u64::from_le_bytes(bytes.map(counts));
        Self {
            bytes: u64::from_le_bytes(bytes) & mask,
            mask,
        }
    }

    /// Whether it stands there: of many literals that begin alike, few do.
    #[inline]
    pub(super) const fn is(self, Front(here): Front) -> bool {
        (here ^ self.bytes) & self.mask == 0
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

    /// Calls back with the rules of the literal, if it stands at an offset, where its first bytes do.
    #[inline]
    pub(super) fn tell(&self, text: &[u8], start: usize, found: &mut impl FnMut(&[usize], Hit)) {
        let end = start + self.bytes.len();
        let rest = self.bytes.get(HEAD..).unwrap_or(&[]);
        let stands = rest.is_empty()
            || text
                .get(start + HEAD..end)
                .is_some_and(|here| here.eq_ignore_ascii_case(rest));
        if stands {
            found(&self.rules, Hit { start, end });
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
