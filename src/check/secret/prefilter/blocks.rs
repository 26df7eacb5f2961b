//! Text as a row of judged blocks, each with its neighbours.

use std::ops::Range;

use super::lanes::{BLOCK, CHUNK, Fingerprints, Judge, Row, Sheet, Stretch};
use super::places::Places;
use crate::rule::plain::RUN;
use crate::rule::run::{ALNUM, CHANGES, DENSE, MORE_CHANGES, VALUE, WORDS};

/// Blocks that were judged together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks<'s> {
    /// The offset of the first byte. That of a text's first blocks lies a block before its beginning,
    /// where there is nothing.
    base: usize,
    count: usize,
    sheet: &'s Sheet,
    starts: &'s Starts,
}

/// A block and its neighbours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'s> {
    /// The offset of its first byte.
    pub(super) base: usize,
    sheet: &'s Sheet,
    starts: &'s Starts,
    slot: usize,
    /// The slot behind the last that is known.
    known: usize,
}

/// Room for what is noted of blocks, used for text after text.
#[derive(Debug)]
pub(super) struct Room {
    sheet: Sheet,
    starts: Starts,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            sheet: Sheet::EMPTY,
            starts: Starts::NONE,
        }
    }
}

/// Where long rows of bytes begin in the blocks of a sheet.
#[derive(Debug)]
struct Starts {
    /// Words that go on as a token of 16 bytes, or densely for 20.
    words: Row,
    alnum: Row,
    wide: Row,
    dense: Row,
    /// The last three together.
    long: Row,
    /// The same of blocks where bytes may change often enough for a row that counts; of others none.
    busy: Row,
    /// Where a byte stands that is another kind of letter or digit than that before it.
    changes: Row,
}

/// Where long rows of bytes begin in a block. Nearly all text has few.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    /// 16 letters and digits.
    pub(super) alnum: u64,
    /// 20 bytes of base64.
    pub(super) wide: u64,
    /// 32 dense bytes.
    pub(super) dense: u64,
}

// The steps below are made for these lengths.
const _: () = assert!(RUN == 16 && ALNUM == 16 && WORDS == 20 && VALUE == 20 && DENSE == 32);

impl Starts {
    const NONE: Self = Self {
        words: [0; CHUNK + 2],
        alnum: [0; CHUNK + 2],
        wide: [0; CHUNK + 2],
        dense: [0; CHUNK + 2],
        long: [0; CHUNK + 2],
        busy: [0; CHUNK + 2],
        changes: [0; CHUNK + 2],
    };

    /// Looks through the blocks of a sheet of which both neighbours are known: so many, from the
    /// second on. Without a branch in it (or a range that has its end in it), it is compiled to
    /// instructions that look at several blocks.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    #[expect(
        clippy::indexing_slicing,
        reason = "the slots end before the rows do, which the compiler sees as well"
    )]
    fn find(&mut self, sheet: &Sheet, count: usize) {
        for before in 0..count.min(CHUNK) {
            let slot = before + 1;
            let long = |row: &Row| Long::of(row[slot], row[slot + 1]);
            let begin = |row: &Row| row[slot] & !(row[slot] << 1 | row[before] >> (BLOCK - 1));
            let (dense, wide) = (long(&sheet.dense), long(&sheet.wide));
            let (token, alnum) = (long(&sheet.token), long(&sheet.alnum));
            self.words[slot] = begin(&sheet.word) & (token.of16() | dense.of20());
            self.alnum[slot] = begin(&sheet.alnum) & alnum.of16();
            self.wide[slot] = begin(&sheet.wide) & wide.of20();
            self.dense[slot] = begin(&sheet.dense) & dense.of32();
            self.long[slot] = self.alnum[slot] | self.wide[slot] | self.dense[slot];
        }
        for before in 0..(count + 1).min(CHUNK + 1) {
            let slot = before + 1;
            let behind = |row: &Row| row[slot] << 1 | row[before] >> (BLOCK - 1);
            let other = |row: &Row| row[slot] ^ behind(row);
            self.changes[slot] = (other(&sheet.digit) | other(&sheet.capital))
                & sheet.alnum[slot]
                & behind(&sheet.alnum);
        }
        for before in 0..count.min(CHUNK) {
            let slot = before + 1;
            // All rows are dense: two changes in what is dense, or what goes on behind the next block.
            let here = self.changes[slot] & sheet.dense[slot];
            let next = self.changes[slot + 1] & sheet.dense[slot + 1];
            let twice = |bits: u64| bits & bits.wrapping_sub(1);
            let enough = twice(here)
                | twice(next)
                | (any(here) & any(next))
                | sheet.dense[slot + 1] >> (BLOCK - 1);
            self.busy[slot] = self.long[slot] & any(enough);
        }
    }
}

/// All ones if a bit is set.
#[inline]
const fn any(bits: u64) -> u64 {
    let sign = (bits | bits.wrapping_neg()) >> (BLOCK - 1);
    sign.wrapping_neg()
}

/// Where 16 bytes of a kind stand in a row: in a block, and in the next as far as it is known.
#[derive(Clone, Copy)]
struct Long {
    here: u64,
    next: u64,
}

impl Long {
    #[inline]
    const fn of(here: u64, next: u64) -> Self {
        Self { here, next }.and(1).and(2).and(4).and(8)
    }

    /// Where what stands here stands again so many bytes on.
    #[inline]
    const fn and(self, bytes: u32) -> Self {
        Self {
            here: self.here & (self.here >> bytes | self.next << (u64::BITS - bytes)),
            next: self.next & self.next >> bytes,
        }
    }

    #[inline]
    const fn of16(self) -> u64 {
        self.here
    }

    #[inline]
    const fn of20(self) -> u64 {
        self.and(4).here
    }

    #[inline]
    const fn of32(self) -> u64 {
        self.and(16).here
    }
}

/// The blocks of a row of which both neighbours are known.
const fn inner(row: &Row) -> &[u64; CHUNK] {
    let [_, inner @ .., _] = row;
    inner
}

impl<'s> Blocks<'s> {
    /// Finds the places where four bytes of a literal may stand.
    #[inline]
    pub(super) fn marks(&self, judge: impl Judge, places: &mut Places) {
        self.places(judge, &self.sheet.marks, places);
    }

    /// Finds the places where words begin that go on for long.
    #[inline]
    pub(super) fn words(&self, judge: impl Judge, places: &mut Places) {
        self.places(judge, &self.starts.words, places);
    }

    /// Finds the places of the signs with which characters begin that are written otherwise.
    #[inline]
    pub(super) fn signs(&self, judge: impl Judge, places: &mut Places) {
        self.places(judge, &self.sheet.sign, places);
    }

    #[inline]
    fn places(&self, judge: impl Judge, row: &Row, places: &mut Places) {
        places.find(judge, self.base, inner(row), self.count);
    }

    /// Finds the places where long rows of letters, digits and their like begin, in blocks where
    /// bytes may change often enough for one that counts. Most places are in others.
    #[inline]
    pub(super) fn rows(&self, judge: impl Judge, places: &mut Places) {
        self.places(judge, &self.starts.busy, places);
    }

    /// The block in which an offset lies.
    #[inline]
    pub(super) fn block(self, at: usize) -> Block<'s> {
        let offset = at.wrapping_sub(self.base);
        Block {
            base: at - offset % BLOCK,
            sheet: self.sheet,
            starts: self.starts,
            slot: offset / BLOCK + 1,
            known: self.count + 2,
        }
    }
}

impl Block<'_> {
    /// Where long rows begin, by their kinds.
    #[inline]
    pub(super) fn rows(&self) -> Rows {
        Rows {
            alnum: self.of(&self.starts.alnum),
            wide: self.of(&self.starts.wide),
            dense: self.of(&self.starts.dense),
        }
    }

    /// What the next bytes tell of a row of a kind that begins at an offset of this block.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn row(&self, at: usize, kind: impl Fn(&Sheet) -> &Row) -> Ahead {
        let rest = self.ahead(at, kind(self.sheet));
        let length = (!rest).trailing_zeros();
        let within = 1_u64.checked_shl(length).unwrap_or(0).wrapping_sub(1);
        let changes = self.ahead(at, &self.starts.changes) & !1 & within;
        Ahead {
            length: length as usize,
            changes: changes.count_ones() as usize,
        }
    }

    /// Where the row of a kind that goes on at an offset ends, if within the blocks that are known.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn end(&self, at: usize, kind: impl Fn(&Sheet) -> &Row) -> Option<usize> {
        let row = kind(self.sheet);
        let length = (!self.ahead(at, row)).trailing_zeros() as usize;
        if length < BLOCK {
            return Some(at + length);
        }
        let next = row.get(self.slot + 1..self.known).unwrap_or(&[]);
        let mut ends = next.iter().zip((self.base + BLOCK..).step_by(BLOCK));
        ends.find_map(|(bits, base)| {
            (*bits != u64::MAX).then(|| base + (!bits).trailing_zeros() as usize)
        })
    }

    /// How many bytes of a row that begins in this block, behind its first, are another kind of letter
    /// or digit than that before, if it ends within the blocks that are known.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn changes(&self, row: Range<usize>) -> Option<usize> {
        let (from, end) = (row.start + 1 - self.base, row.end - self.base);
        let blocks = self.starts.changes.get(self.slot..self.known)?;
        let whole = blocks.get(..end / BLOCK)?;
        let last = match end % BLOCK {
            0 => 0,
            within => blocks.get(end / BLOCK)? & ((1 << within) - 1),
        };
        let all = whole.iter().map(|bits| bits.count_ones()).sum::<u32>() + last.count_ones();
        let before = match whole.first() {
            Some(first) if from == BLOCK => *first,
            first => first.unwrap_or(&last) & ((1 << (from % BLOCK)) - 1),
        };
        Some((all - before.count_ones()) as usize)
    }

    /// The bits of the 64 bytes from an offset of this block on.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    fn ahead(&self, at: usize, row: &Row) -> u64 {
        let from = (at - self.base) % BLOCK;
        let next = row.get(self.slot + 1).copied().unwrap_or(0);
        self.of(row) >> from | next << 1 << (BLOCK - 1 - from)
    }

    #[inline]
    fn of(&self, row: &Row) -> u64 {
        row.get(self.slot).copied().unwrap_or(0)
    }
}

/// A row, as far as 64 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead {
    /// Its bytes.
    pub(super) length: usize,
    /// How many of them, behind the first, are another kind of letter or digit than that before.
    pub(super) changes: usize,
}

impl Ahead {
    /// Whether it may be longer.
    #[inline]
    pub(super) const fn goes_on(self) -> bool {
        self.length == BLOCK
    }
}

/// Calls back with all blocks of a text, in order.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each way of judging"
)]
pub(super) fn each(
    judge: impl Judge,
    text: &[u8],
    prints: &Fingerprints,
    Room { sheet, starts }: &mut Room,
    mut found: impl FnMut(Blocks<'_>),
) {
    let total = text.len().div_ceil(BLOCK);
    sheet.begin();
    let mut done = 0;
    // A block is told of when its neighbour is known: that of the last one is empty.
    while done <= total {
        let count = CHUNK.min(total + 1 - done);
        let from = done * BLOCK;
        judge.judge(Stretch { text, from, count }, prints, sheet);
        starts.find(sheet, count);
        found(Blocks {
            base: from.wrapping_sub(BLOCK),
            count,
            sheet,
            starts,
        });
        sheet.turn();
        done += count;
    }
}

const _: () = assert!(CHANGES == 2 && MORE_CHANGES >= CHANGES);

/// The offsets of the bits that are set.
#[inline]
pub(super) fn offsets(base: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (bits != 0).then(|| base + bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        at
    })
}
