//! Bit masks that say where bytes stand in a chunk of 64.

#[cfg_attr(target_arch = "x86_64", path = "sse2.rs")]
#[cfg_attr(not(target_arch = "x86_64"), path = "plain.rs")]
mod lanes;
#[cfg(all(test, target_arch = "x86_64"))]
#[path = "plain.rs"]
mod plain;

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
        let (chunk, valid) = chunk(data, &mut padded);
        Self {
            delimiter: lanes::equal(chunk, delimiter) & valid,
            newline: lanes::equal(chunk, b'\n'),
            quote: lanes::equal(chunk, b'"'),
            valid,
        }
    }
}

/// Where fields end in a chunk of up to 64 bytes outside quotes; none if a quote is among them.
///
/// Few chunks of most exports have a quote, and this is less than what [`Masks`] take.
#[inline]
pub(super) fn plain_breaks(data: &[u8], delimiter: u8) -> Option<u64> {
    let mut padded = [0; 64];
    let (chunk, valid) = chunk(data, &mut padded);
    (!lanes::any(chunk, b'"')).then(|| lanes::either(chunk, delimiter, b'\n') & valid)
}

/// The first 64 bytes, with zeros behind them if there are fewer, and the bits that stand for them.
#[inline]
fn chunk<'d>(data: &'d [u8], padded: &'d mut [u8; 64]) -> (&'d [u8; 64], u64) {
    match data.first_chunk::<64>() {
        Some(chunk) => (chunk, u64::MAX),
        None => {
            for (to, from) in padded.iter_mut().zip(data) {
                *to = *from;
            }
            (padded, (1 << data.len()) - 1)
        }
    }
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
            data in prop::collection::vec(prop_oneof![Just(b','), Just(b'-'), b'a'..=b'z', any::<u8>()], 0..80),
        ) {
            let masks = Masks::of(&data, b',');
            for at in 0..64 {
                let here = data.get(at).copied();
                prop_assert_eq!(masks.delimiter >> at & 1 == 1, here == Some(b','));
                prop_assert_eq!(masks.newline >> at & 1 == 1, here == Some(b'\n'));
                prop_assert_eq!(masks.quote >> at & 1 == 1, here == Some(b'"'));
                prop_assert_eq!(masks.valid >> at & 1 == 1, here.is_some());
            }
            let chunk: [u8; 64] = std::array::from_fn(|at| data.get(at).copied().unwrap_or(0));
            for needle in [b',', b'\n', b'"', 0, 0xFF] {
                let equal = lanes::equal(&chunk, needle);
                prop_assert_eq!(lanes::any(&chunk, needle), equal != 0);
                let either = lanes::either(&chunk, needle, b'-');
                prop_assert_eq!(either, equal | lanes::equal(&chunk, b'-'));
                #[cfg(target_arch = "x86_64")]
                {
                    prop_assert_eq!(equal, plain::equal(&chunk, needle));
                    prop_assert_eq!(equal != 0, plain::any(&chunk, needle));
                }
            }
            let breaks = masks.delimiter | masks.newline;
            prop_assert_eq!(plain_breaks(&data, b','), (masks.quote == 0).then_some(breaks));
        }
    }

    #[test]
    fn parity_counts_the_bits_below_and_the_bit_itself() {
        assert_eq!(prefix_xor(0), 0);
        assert_eq!(prefix_xor(1), u64::MAX);
        assert_eq!(prefix_xor(0b101), 0b011);
    }
}
