//! Rules whose every match is a word's beginning that is known to the letter, with more token bytes
//! behind it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::Hit;
use crate::rule::detect::Detect;

/// So many token bytes (letters, digits, `_` and `-`) must stand in a row.
pub(super) const RUN: usize = 16;

/// The shortest beginning that is looked up.
const SHORTEST: usize = 3;

/// A beginning, and the number of the rule that has it.
type Prefix = (Box<[u8]>, usize);

/// Bits of the map of heads.
const HEADS: usize = 1 << 14;

/// The known beginnings, by their first bytes.
#[derive(Debug)]
pub(super) struct Prefixes {
    by_head: HashMap<[u8; SHORTEST], Vec<Prefix>, FixedState>,
    /// A bit for each hash of a head: most words go no further.
    heads: Box<[u64; HEADS / 64]>,
}

impl Default for Prefixes {
    fn default() -> Self {
        Self {
            by_head: HashMap::default(),
            heads: Box::new([0; HEADS / 64]),
        }
    }
}

impl Prefixes {
    pub(super) fn add(&mut self, literal: Vec<u8>, rule: usize) {
        if let Some(head) = literal.first_chunk::<SHORTEST>() {
            let slot = slot(head);
            self.heads[slot / 64] |= 1 << (slot % 64);
            let here = self.by_head.entry(*head).or_default();
            here.push((literal.into(), rule));
        }
    }

    /// Whether a beginning may stand at an offset. No branch depends on it.
    #[inline]
    pub(super) fn may_stand(&self, text: &[u8], at: usize) -> bool {
        let head = text.get(at..).and_then(<[u8]>::first_chunk);
        let slot = slot(head.unwrap_or(&[0; SHORTEST]));
        self.heads[slot / 64] >> (slot % 64) & 1 == 1
    }

    /// Calls back for every rule whose beginning stands at an offset.
    #[inline(never)]
    pub(super) fn at(&self, text: &[u8], at: usize, found: &mut impl FnMut(usize, Hit)) {
        let rest = text.get(at..).unwrap_or(&[]);
        let Some(head) = rest.first_chunk::<SHORTEST>() else {
            return;
        };
        for (literal, rule) in self.by_head.get(head).into_iter().flatten() {
            if rest.starts_with(literal) {
                let hit = Hit {
                    start: at,
                    end: at + literal.len(),
                };
                found(*rule, hit);
            }
        }
    }
}

const fn slot(head: &[u8; SHORTEST]) -> usize {
    let number = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    (number.wrapping_mul(0x9E37_79B1) >> (32 - HEADS.ilog2())) as usize
}

/// The beginning of every match, if the expression is plain enough to see it without parsing:
/// `\b(`, a literal, and one class of token bytes so many times that a match is never shorter than
/// [`RUN`] (or any class, if the literal is that long). Anything else is left to the search for literals.
pub(super) fn of(detect: &Detect) -> Option<Vec<u8>> {
    if detect.keywords_are_near {
        return None;
    }
    let rest = detect.pattern.source().strip_prefix(r"\b(")?;
    let (literal, rest) = literal(rest)?;
    let (class, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let (count, tail) = rest.strip_prefix('{')?.split_once('}')?;
    let least: usize = count.split(',').next()?.parse().ok()?;
    // The only choice may be between the end of the text and a byte that ends the token.
    let choices = tail.matches('|').count();
    let plain = choices == tail.matches("]|$)").count() && !tail.contains("(?i");
    // A literal that is a run by itself needs no token bytes behind it.
    let long = literal.len() >= RUN
        || (literal.len() >= SHORTEST && literal.len() + least >= RUN && is_of_tokens(class));
    let named = detect
        .keywords
        .iter()
        .all(|k| literal.len() >= k.len() && literal[..k.len()].eq_ignore_ascii_case(k));
    (plain && long && named && literal.iter().all(is_token)).then_some(literal)
}

/// The literal that an expression begins with, and what follows it.
fn literal(source: &str) -> Option<(Vec<u8>, &str)> {
    let mut literal = Vec::new();
    let mut rest = source;
    loop {
        let mut chars = rest.chars();
        match chars.next()? {
            '[' => return Some((literal, rest)),
            '\\' => {
                let escaped = chars.next().filter(char::is_ascii_punctuation)?;
                literal.push(u8::try_from(escaped).ok()?);
            }
            plain if plain.is_ascii_alphanumeric() || "_-".contains(plain) => {
                literal.push(u8::try_from(plain).ok()?);
            }
            _ => return None,
        }
        rest = chars.as_str();
    }
}

/// Whether a class holds token bytes alone.
fn is_of_tokens(class: &str) -> bool {
    let ranges = ["A-Z", "a-z", "0-9", "A-F", "a-f", "2-7"];
    let mut rest = class;
    while !rest.is_empty() {
        rest = match ranges.iter().find_map(|range| rest.strip_prefix(range)) {
            Some(after) => after,
            None => match rest.split_at_checked(1) {
                Some(("_" | "-", after)) => after,
                _ => return false,
            },
        };
    }
    true
}

/// As [`super::lanes`] sees it.
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(byte)
}
