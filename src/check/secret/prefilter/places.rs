//! Places of a text that a bit is set for, as a list. What is asked of each is asked of one after
//! another without a branch, so that few of them passing costs no wrong guess of the processor.
//! What was answered may be kept with a place, in the bits that no offset within a chunk needs.

use super::lanes::{BLOCK, CHUNK, Judge, Offsets};

/// The first of the bits in which an answer is kept.
const ANSWER: u32 = (BLOCK * CHUNK).ilog2();
/// Answers are less than this.
pub(super) const ANSWERS: u16 = 1 << (u16::BITS - ANSWER);

/// A list that is used again and again.
#[derive(Debug)]
pub(super) struct Places {
    /// Offsets from the base.
    offsets: Box<Offsets>,
    length: usize,
    base: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            offsets: Box::new([0; (CHUNK + 1) * BLOCK]),
            length: 0,
            base: 0,
        }
    }
}

impl Places {
    /// Makes it the places of the bits of so many blocks, of which the first begins at `base`. Few
    /// blocks have any.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn find(
        &mut self,
        judge: impl Judge,
        base: usize,
        blocks: &[u64; CHUNK],
        count: usize,
    ) {
        let mut filled = judge.filled(blocks) & first(count);
        let mut length = 0;
        while filled != 0 {
            let number = filled.trailing_zeros() as usize % CHUNK;
            filled &= filled - 1;
            let bits = blocks[number];
            let room = self.offsets.get_mut(length..).unwrap_or_default();
            if let Some(room) = room.first_chunk_mut() {
                judge.list(bits, (number * BLOCK) as u16, room);
            }
            length += bits.count_ones() as usize;
        }
        self.base = base;
        self.length = length;
    }

    /// Leaves those of which something is true.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn keep(&mut self, is: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for number in 0..self.length.min(self.offsets.len()) {
            let offset = self.offsets.get(number).copied().unwrap_or(0);
            if let Some(place) = self.offsets.get_mut(kept) {
                *place = offset;
            }
            kept += usize::from(is(self.base.wrapping_add(offset.into())));
        }
        self.length = kept;
    }

    /// Leaves those of which anything but 0 is answered, with the answer.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn ask(&mut self, answer: impl Fn(usize) -> u16) {
        let mut kept = 0;
        for number in 0..self.length.min(self.offsets.len()) {
            let offset = self.offsets.get(number).copied().unwrap_or(0);
            let answer = answer(self.base.wrapping_add(offset.into()));
            if let Some(place) = self.offsets.get_mut(kept) {
                *place = offset | answer << ANSWER;
            }
            kept += usize::from(answer != 0);
        }
        self.length = kept;
    }

    /// They, in order, with what was answered.
    #[inline]
    pub(super) fn answers(&self) -> impl Iterator<Item = (usize, u16)> {
        let offsets = self.offsets.iter().take(self.length);
        offsets.map(|place| {
            let offset = place & ((1 << ANSWER) - 1);
            (self.base.wrapping_add(offset.into()), place >> ANSWER)
        })
    }

    /// They, in order.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let offsets = self.offsets.iter().take(self.length);
        offsets.map(|offset| self.base.wrapping_add((*offset).into()))
    }
}

/// The bits of the first so many blocks of a chunk.
#[inline]
const fn first(count: usize) -> u64 {
    match count {
        0..CHUNK => (1 << count) - 1,
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::super::lanes::{BLOCK, CHUNK, Judge, Lanes, Work};
    use super::{ANSWERS, Places};

    /// The places of bits, as every machine finds them.
    fn found(lanes: Lanes, base: usize, (blocks, count): (&[u64; CHUNK], usize)) -> Places {
        struct Find<'f>(usize, (&'f [u64; CHUNK], usize), &'f mut Places);
        impl Work for Find<'_> {
            fn run(self, judge: impl Judge) {
                let Self(base, (blocks, count), places) = self;
                places.find(judge, base, blocks, count);
            }
        }
        let mut places = Places::default();
        lanes.run(Find(base, (blocks, count), &mut places));
        places
    }

    proptest! {
        #[test]
        fn every_bit_has_its_place(
            some in prop::collection::vec((any::<u64>(), any::<u64>(), 0..4_usize), 0..=CHUNK),
            (base, count) in (0..1000_usize, 0..=CHUNK),
        ) {
            let mut blocks = [0; CHUNK];
            let kinds = |(a, b, kind): (u64, u64, usize)| [0, a & b, a, a | b][kind];
            blocks.iter_mut().zip(some).for_each(|(to, from)| *to = kinds(from));
            let bits = (0..count * BLOCK).filter(|at| blocks[at / BLOCK] >> (at % BLOCK) & 1 == 1);
            let all: Vec<usize> = bits.map(|at| base + at).collect();
            for lanes in Lanes::all() {
                let mut places = found(lanes, base, (&blocks, count));
                prop_assert_eq!(places.iter().collect::<Vec<_>>(), &all[..], "{:?}", lanes);
                places.keep(|at| at % 3 == 1);
                let some: Vec<usize> = all.iter().copied().filter(|at| at % 3 == 1).collect();
                prop_assert_eq!(places.iter().collect::<Vec<_>>(), &some[..]);
                let answer = |at: usize| at as u16 % ANSWERS;
                places.ask(answer);
                let some = some.into_iter().map(|at| (at, answer(at)));
                let some: Vec<_> = some.filter(|(_, answer)| *answer != 0).collect();
                prop_assert_eq!(places.answers().collect::<Vec<_>>(), some);
            }
        }
    }

    #[test]
    fn full_blocks_fit() {
        for lanes in Lanes::all() {
            let places = found(lanes, 0, (&[u64::MAX; CHUNK], CHUNK));
            assert!(places.iter().eq(0..CHUNK * BLOCK), "{lanes:?}");
        }
    }
}
