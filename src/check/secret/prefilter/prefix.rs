//! Rules whose every match is a word's beginning that is known to the letter, with more token bytes
//! behind it.

use std::collections::HashMap;
use std::slice::from_ref;

use foldhash::fast::FixedState;

use super::Hit;
use crate::rule::plain::SHORTEST;

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
    pub(super) fn add(&mut self, literal: &[u8], rule: usize) {
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
    pub(super) fn at(&self, text: &[u8], at: usize, found: &mut impl FnMut(&[usize], Hit)) {
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
                found(from_ref(rule), hit);
            }
        }
    }
}

const fn slot(head: &[u8; SHORTEST]) -> usize {
    let number = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    (number.wrapping_mul(0x9E37_79B1) >> (32 - HEADS.ilog2())) as usize
}
