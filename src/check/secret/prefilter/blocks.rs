//! Text as a row of judged blocks, each with its neighbours.

use std::ops::Range;

use super::lanes::{BLOCK, CHUNK, Fingerprints, Masks};
use super::prefix::RUN;
use crate::rule::run::{ALNUM, DENSE, VALUE, WORDS};

/// A block and its neighbours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Block {
    /// The offset of its first byte.
    pub(super) base: usize,
    before: Masks,
    pub(super) here: Masks,
    after: Masks,
}

/// Where long rows of bytes begin in a block. Nearly all text has few: what holds every other row is
/// asked for first, and the rest only where there is one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rows {
    /// Words that go on as a token of 16 bytes, or densely for 20.
    pub(super) words: u64,
    /// 16 letters and digits.
    pub(super) alnum: u64,
    /// 20 bytes of base64.
    pub(super) wide: u64,
    /// 32 dense bytes.
    pub(super) dense: u64,
}

// The shifts below are made for these lengths.
const _: () = assert!(RUN == 16 && ALNUM == 16 && WORDS == 20 && VALUE == 20 && DENSE == 32);

impl Block {
    #[inline]
    pub(super) fn rows(&self) -> Rows {
        let dense = self.pair(|m| m.dense);
        let dense16 = row16(dense);
        if low(dense16) == 0 {
            return Rows::default();
        }
        let dense20 = dense16 & dense16 >> 4;
        let token16 = row16(self.pair(|m| m.token));
        let words = self.starts(|m| m.word) & low(token16 | dense20);
        let alnum = match low(token16) {
            0 => 0,
            _ => self.starts(|m| m.alnum) & low(row16(self.pair(|m| m.alnum))),
        };
        let (wide, dense) = match low(dense20) {
            0 => (0, 0),
            _ => {
                let wide16 = row16(self.pair(|m| m.wide));
                let wide = self.starts(|m| m.wide) & low(wide16 & wide16 >> 4);
                let dense = self.starts(|m| m.dense) & low(dense16 & dense16 >> 16);
                (wide, dense)
            }
        };
        Rows {
            words,
            alnum,
            wide,
            dense,
        }
    }

    /// Where the row of a kind that goes on at an offset ends, if within this block or the next.
    #[inline]
    pub(super) fn end(&self, at: usize, kind: impl Fn(&Masks) -> u64) -> Option<usize> {
        let from = at - self.base;
        let rest = self.pair(kind) >> from;
        let length = (!rest).trailing_zeros() as usize;
        (from + length < 2 * BLOCK).then_some(at + length)
    }

    /// Where a byte stands that is another kind of letter or digit than that before it. Those of the
    /// first byte of all are not known.
    #[inline]
    pub(super) fn changes(&self) -> u128 {
        let (alnum, digit) = (self.pair(|m| m.alnum), self.pair(|m| m.digit));
        let capital = self.pair(|m| m.capital);
        let other = |kind: u128| kind ^ kind << 1;
        (other(digit) | other(capital)) & alnum & alnum << 1
    }

    /// Where a row of bytes of a kind begins.
    #[inline]
    fn starts(&self, kind: impl Fn(&Masks) -> u64) -> u64 {
        let here = kind(&self.here);
        here & !(here << 1 | kind(&self.before) >> (BLOCK - 1))
    }

    #[inline]
    fn pair(&self, kind: impl Fn(&Masks) -> u64) -> u128 {
        u128::from(kind(&self.here)) | u128::from(kind(&self.after)) << BLOCK
    }
}

/// Where 16 bytes stand in a row.
#[inline]
const fn row16(mut row: u128) -> u128 {
    row &= row >> 1;
    row &= row >> 2;
    row &= row >> 4;
    row & row >> 8
}

/// The half of the block itself; the other is the next block's business.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the half that is wanted")]
const fn low(row: u128) -> u64 {
    row as u64
}

/// Calls back with every block of a text.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each way of judging"
)]
pub(super) fn each(
    judge: impl Fn(&[u8], usize, &Fingerprints, &mut [Masks]),
    text: &[u8],
    prints: &Fingerprints,
    mut found: impl FnMut(&Block),
) {
    let total = text.len().div_ceil(BLOCK);
    let mut chunk = [Masks::default(); CHUNK];
    let mut block = Block::default();
    let mut done = 0;
    // A block is told of when its neighbour is known: that of the last one is empty.
    while done <= total {
        let count = CHUNK.min(total + 1 - done);
        let Some(blocks) = chunk.get_mut(..count) else {
            return;
        };
        judge(text, done * BLOCK, prints, blocks);
        for (number, &here) in (done..).zip(blocks.iter()) {
            block.after = here;
            if number > 0 {
                found(&block);
            }
            block = Block {
                base: number * BLOCK,
                before: block.here,
                here,
                after: Masks::default(),
            };
        }
        done += count;
    }
}

/// How many bits of a pair of blocks stand within a row that begins in the first, behind its first
/// byte.
#[inline]
pub(super) fn within(bits: u128, base: usize, row: &Range<usize>) -> usize {
    let from = row.start + 1 - base;
    let length = row.end.saturating_sub(row.start + 1).min(2 * BLOCK - from);
    // A row that begins and is long has a length other than zero.
    let rest = bits >> from;
    (rest << (2 * BLOCK - length.max(1))).count_ones() as usize
}

/// The offsets of the bits that are set.
#[inline]
pub(super) fn offsets(base: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (bits != 0).then(|| base + bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        at
    })
}
