//! Bit masks that say where bytes stand in a chunk of 64.

/// Where three bytes stand in a chunk of up to 64; bit 0 is the first byte.
pub(super) struct Masks {
    pub(super) delimiter: u64,
    pub(super) newline: u64,
    pub(super) quote: u64,
    /// The bits that stand for bytes of the chunk.
    pub(super) valid: u64,
}

impl Masks {
    #[inline]
    pub(super) fn of(data: &[u8], delimiter: u8) -> Self {
        let mut padded = [0; 64];
        let (chunk, valid) = match data.first_chunk::<64>() {
            Some(chunk) => (chunk, u64::MAX),
            None => {
                for (to, from) in padded.iter_mut().zip(data) {
                    *to = *from;
                }
                (&padded, (1 << data.len()) - 1)
            }
        };
        Self {
            delimiter: equal(chunk, delimiter) & valid,
            newline: equal(chunk, b'\n'),
            quote: equal(chunk, b'"'),
            valid,
        }
    }
}

/// One bit for each byte that is the needle. Eight bytes at a time in a word: safe code has no
/// vector compare, and this costs about one instruction a byte.
#[inline]
fn equal(chunk: &[u8; 64], needle: u8) -> u64 {
    const LOW7: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from_le_bytes([needle; 8]);
    let mut mask = 0;
    let (words, _) = chunk.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let difference = u64::from_le_bytes(*word) ^ pattern;
        // The top bit of each byte that is zero, with no carry into a neighbour.
        let zero = !(((difference & LOW7) + LOW7) | difference | LOW7);
        let bits = (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (index * 8);
    }
    mask
}

/// Of the marked bytes, those that are carriage returns before a newline or at the end.
#[cold]
pub(super) fn carriage_returns(data: &[u8], marked: u64) -> u64 {
    let mut found = 0;
    let mut rest = marked;
    while rest != 0 {
        let at = rest.trailing_zeros() as usize;
        if data.get(at) == Some(&b'\r') && matches!(data.get(at + 1), Some(b'\n') | None) {
            found |= 1 << at;
        }
        rest &= rest - 1;
    }
    found
}

/// Each bit becomes the parity of itself and all bits below.
#[inline]
pub(super) const fn prefix_xor(mut bits: u64) -> u64 {
    let mut step = 1;
    while step < 64 {
        bits ^= bits << step;
        step *= 2;
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_has_a_bit_for_every_such_byte(
            data in prop::collection::vec(prop_oneof![Just(b','), Just(b'-'), any::<u8>()], 0..80),
        ) {
            let masks = Masks::of(&data, b',');
            for at in 0..64 {
                let here = data.get(at).copied();
                prop_assert_eq!(masks.delimiter >> at & 1 == 1, here == Some(b','));
                prop_assert_eq!(masks.newline >> at & 1 == 1, here == Some(b'\n'));
                prop_assert_eq!(masks.quote >> at & 1 == 1, here == Some(b'"'));
                prop_assert_eq!(masks.valid >> at & 1 == 1, here.is_some());
            }
        }
    }

    #[test]
    fn parity_counts_the_bits_below_and_the_bit_itself() {
        assert_eq!(prefix_xor(0), 0);
        assert_eq!(prefix_xor(1), u64::MAX);
        assert_eq!(prefix_xor(0b101), 0b011);
    }
}
