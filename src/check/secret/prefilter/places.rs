//! Places of a text that a bit is set for, as a list. What is asked of each is asked of one after
//! another without a branch, so that few of them passing costs no wrong guess of the processor.

use super::lanes::{BLOCK, CHUNK};

/// Every byte of the blocks that are judged together, and as many as one step may write beyond.
const ROOM: usize = (CHUNK + 1) * BLOCK;

/// So many places are written at once, whether there are as many or not.
const STEP: usize = 4;

/// A list that is used again and again.
#[derive(Debug)]
pub(super) struct Places {
    /// Offsets from the base.
    offsets: Box<[u16; ROOM]>,
    length: usize,
    base: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            offsets: Box::new([0; ROOM]),
            length: 0,
            base: 0,
        }
    }
}

impl Places {
    /// Makes it the places of the bits of blocks, of which the first begins at `base`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn find(&mut self, base: usize, blocks: &[u64]) {
        self.base = base;
        self.length = 0;
        for (first, bits) in (0_u16..).step_by(BLOCK).zip(blocks) {
            let room = self.offsets.get_mut(self.length..).unwrap_or_default();
            let Some(room) = room.first_chunk_mut::<BLOCK>() else {
                return;
            };
            let mut rest = *bits;
            let (steps, _) = room.as_chunks_mut::<STEP>();
            for step in steps {
                for place in step {
                    #[expect(clippy::cast_possible_truncation, reason = "64 at the most")]
                    let offset = first + rest.trailing_zeros() as u16;
                    *place = offset;
                    rest &= rest.wrapping_sub(1);
                }
                if rest == 0 {
                    break;
                }
            }
            self.length += bits.count_ones() as usize;
        }
    }

    /// Makes it the places where so many blocks begin, the first at `base`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn blocks(&mut self, base: usize, count: usize) {
        self.base = base;
        self.length = count.min(CHUNK);
        for (place, first) in self
            .offsets
            .iter_mut()
            .zip((0..).step_by(BLOCK))
            .take(CHUNK)
        {
            *place = first;
        }
    }

    /// Leaves those of which something is true.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn keep(&mut self, is: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for number in 0..self.length.min(ROOM) {
            let offset = self.offsets.get(number).copied().unwrap_or(0);
            if let Some(place) = self.offsets.get_mut(kept) {
                *place = offset;
            }
            kept += usize::from(is(self.base.wrapping_add(offset.into())));
        }
        self.length = kept;
    }

    /// They, in order.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let offsets = self.offsets.iter().take(self.length);
        offsets.map(|offset| self.base.wrapping_add((*offset).into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::super::lanes::{BLOCK, CHUNK};
    use super::Places;

    proptest! {
        #[test]
        fn every_bit_has_its_place(blocks in prop::collection::vec(any::<u64>(), 0..=CHUNK), base in 0..1000_usize) {
            let bits = (0..blocks.len() * BLOCK).filter(|at| blocks[at / BLOCK] >> (at % BLOCK) & 1 == 1);
            let all: Vec<usize> = bits.map(|at| base + at).collect();
            let mut places = Places::default();
            places.find(base, &blocks);
            prop_assert_eq!(places.iter().collect::<Vec<_>>(), &all[..]);
            places.keep(|at| at % 3 == 1);
            let some = all.into_iter().filter(|at| at % 3 == 1);
            prop_assert_eq!(places.iter().collect::<Vec<_>>(), some.collect::<Vec<_>>());
        }
    }

    #[test]
    fn full_blocks_fit() {
        let mut places = Places::default();
        places.find(0, &[u64::MAX; CHUNK]);
        assert!(places.iter().eq(0..CHUNK * BLOCK));
    }
}
