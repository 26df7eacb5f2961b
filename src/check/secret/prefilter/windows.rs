//! Literals of any case anywhere, found by hashed windows of four bytes at every second offset.
//!
//! Of every literal two neighbouring windows are known, so that one of them lies at an even offset.
//! A bit map of their hashes, which stays in the nearest cache, passes few offsets; those are
//! compared exactly. The time hardly depends on the number of literals.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::Hit;
use super::literals::{ANY_LAST, CASE, CASES, Front, Literal, rarity};

/// 2^18 bits are 32 KiB.
const BITS: u32 = 18;
const WORDS: usize = 1 << (BITS - 6);
/// Offsets of sixteen bytes are judged together; their last window reaches four bytes further.
const STEP: usize = 16;
const LOOK: usize = STEP + 4;

/// Which literals have a window, and where in them it stands (-1: one byte before).
type Places = HashMap<u32, Vec<(u32, i8)>, FixedState>;

/// The literals and their windows.
#[derive(Debug)]
pub(super) struct Windows {
    literals: Vec<Literal>,
    bits: Box<[u64]>,
    second: Box<[u64]>,
    /// Windows known whole.
    whole: Places,
    /// Windows of which the last byte may be any, with that byte zero.
    heads: Places,
    /// Windows of which the first byte may be any, with that byte zero.
    tails: Places,
}

const ANY_FIRST: u32 = 0xFFFF_FF00;

const fn slot(window: u32) -> u32 {
    window.wrapping_mul(0x9E37_79B1) >> (32 - BITS)
}

/// A second opinion, for the few offsets that the first lets through.
const fn second_slot(window: u32) -> u32 {
    window.wrapping_mul(0x85EB_CA6B) >> (32 - BITS)
}

impl Windows {
    /// Takes literals of three bytes or more.
    pub(super) fn new(literals: Vec<Literal>) -> Self {
        let mut this = Self {
            literals,
            bits: vec![0; WORDS].into(),
            second: vec![0; WORDS].into(),
            whole: Places::default(),
            heads: Places::default(),
            tails: Places::default(),
        };
        for at in 0..this.literals.len() {
            this.register(at);
        }
        this
    }

    fn register(&mut self, at: usize) {
        let Some(literal) = self.literals.get(at) else {
            return;
        };
        let bytes = literal.bytes.clone();
        let number = u32::try_from(at).unwrap_or(u32::MAX);
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let window = |at: usize| {
            u32::from_le_bytes([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)]) | CASE
        };
        match bytes.len() {
            0..=2 => {}
            3 => {
                let three = window(0);
                self.add_head(three, (number, 0));
                self.add_tail(three << 8, (number, -1));
            }
            4 => {
                self.add_whole(window(0), (number, 0));
                // At an odd offset three of the four bytes lie in a window: the rarer three.
                let (first, last) = (bytes.get(..3), bytes.get(1..));
                if first.map_or(0, rarity) > last.map_or(0, rarity) {
                    self.add_tail(window(0) << 8, (number, -1));
                } else {
                    self.add_head(window(1), (number, 1));
                }
            }
            length => {
                let four = |at: usize| bytes.get(at..at + 4).map_or(0, rarity);
                let rare = |at: &usize| four(*at).min(four(at + 1));
                let best = (0..=length - 5).max_by_key(rare).unwrap_or(0);
                let place = |at: usize| i8::try_from(at).unwrap_or(i8::MAX);
                self.add_whole(window(best), (number, place(best)));
                self.add_whole(window(best + 1), (number, place(best + 1)));
            }
        }
    }

    fn set(&mut self, window: u32) {
        for (bits, slot) in [
            (&mut self.bits, slot(window)),
            (&mut self.second, second_slot(window)),
        ] {
            if let Some(word) = bits.get_mut(slot as usize >> 6) {
                *word |= 1 << (slot & 63);
            }
        }
    }

    fn add_whole(&mut self, window: u32, place: (u32, i8)) {
        self.set(window);
        self.whole.entry(window).or_default().push(place);
    }

    fn add_head(&mut self, window: u32, place: (u32, i8)) {
        for last in 0..=255_u32 {
            self.set((window & ANY_LAST) | last << 24 | CASE);
        }
        self.heads.entry(window & ANY_LAST).or_default().push(place);
    }

    fn add_tail(&mut self, window: u32, place: (u32, i8)) {
        for first in 0..=255_u32 {
            self.set((window & ANY_FIRST) | first | CASE);
        }
        self.tails
            .entry(window & ANY_FIRST)
            .or_default()
            .push(place);
    }

    /// Calls back for every rule of every literal that lies in a range of the text, and perhaps
    /// for some that end a few bytes behind it.
    pub(super) fn each(
        &self,
        text: &[u8],
        range: Range<usize>,
        found: &mut impl FnMut(&[usize], Hit),
    ) {
        let Some(bits) = self.bits.first_chunk::<WORDS>() else {
            return;
        };
        let mut base = range.start & !1;
        while base < range.end {
            let rest = text.get(base..).unwrap_or(&[]);
            if let Some(bytes) = rest.first_chunk() {
                self.step(bits, bytes, (text, base), found);
            } else {
                // The last bytes, and zeros behind them.
                let mut bytes = [0; LOOK];
                if let Some(front) = bytes.get_mut(..rest.len()) {
                    front.copy_from_slice(rest);
                }
                self.step(bits, &bytes, (text, base), found);
            }
            base += STEP;
        }
    }

    /// Judges the eight even offsets of sixteen bytes.
    #[inline]
    fn step(
        &self,
        bits: &[u64; WORDS],
        bytes: &[u8; LOOK],
        (text, base): (&[u8], usize),
        found: &mut impl FnMut(&[usize], Hit),
    ) {
        let [
            a0,
            a1,
            a2,
            a3,
            a4,
            a5,
            a6,
            a7,
            b0,
            b1,
            b2,
            b3,
            b4,
            b5,
            b6,
            b7,
            c0,
            c1,
            c2,
            c3,
        ] = *bytes;
        let a = u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]) | CASES;
        let b = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]) | CASES;
        let c = u64::from(u32::from_le_bytes([c0, c1, c2, c3]) | CASE);
        #[expect(clippy::cast_possible_truncation, reason = "a window is the low half")]
        let windows = [
            a as u32,
            (a >> 16) as u32,
            (a >> 32) as u32,
            (a >> 48 | b << 16) as u32,
            b as u32,
            (b >> 16) as u32,
            (b >> 32) as u32,
            (b >> 48 | c << 16) as u32,
        ];
        let mut passed = 0_u64;
        for (at, window) in windows.iter().enumerate() {
            let slot = slot(*window);
            let word = bits[slot as usize >> 6 & (WORDS - 1)];
            passed |= (word >> (slot & 63) & 1) << at;
        }
        while passed != 0 {
            let at = passed.trailing_zeros() as usize;
            passed &= passed - 1;
            let Some(window) = windows.get(at) else {
                return;
            };
            let slot = second_slot(*window);
            let word = self.second.get(slot as usize >> 6).copied().unwrap_or(0);
            if word >> (slot & 63) & 1 == 1 {
                self.compare(*window, text, base + 2 * at, found);
            }
        }
    }

    /// Compares the literals that have this window with the text around it.
    #[cold]
    #[inline(never)]
    fn compare(&self, window: u32, text: &[u8], at: usize, found: &mut impl FnMut(&[usize], Hit)) {
        let places = [
            self.whole.get(&window),
            self.heads.get(&(window & ANY_LAST)),
            self.tails.get(&(window & ANY_FIRST)),
        ];
        for (number, place) in places.into_iter().flatten().flatten() {
            let Some(literal) = self.literals.get(*number as usize) else {
                continue;
            };
            let Some(start) = at.checked_add_signed(-isize::from(*place)) else {
                continue;
            };
            if literal.head.is(Front::of(text, start)) {
                literal.tell(text, start, found);
            }
        }
    }
}
