//! 64 bytes compared in plain code, which compilers turn into vector instructions in part.

/// A chunk to compare.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes<'c>(&'c [u8; 64]);

impl<'c> Lanes<'c> {
    #[inline]
    pub(super) const fn of(chunk: &'c [u8; 64]) -> Self {
        Self(chunk)
    }

    /// A bit for each byte that is the needle.
    #[inline]
    pub(super) fn equal(self, needle: u8) -> u64 {
        self.either(needle, needle)
    }

    /// A bit for each byte that is one of the needles.
    #[inline]
    pub(super) fn either(self, one: u8, other: u8) -> u64 {
        let mut flags = [0; 64];
        for (flag, byte) in flags.iter_mut().zip(self.0) {
            *flag = u8::from(*byte == one) | u8::from(*byte == other);
        }
        bits(&flags)
    }

    /// Whether the needle is among the bytes.
    #[inline]
    pub(super) fn any(self, needle: u8) -> bool {
        let found = |any, byte: &u8| any | u8::from(*byte == needle);
        self.0.iter().fold(0, found) != 0
    }
}

/// A bit for each flag of zero or one: eight flags at a time by one multiplication.
#[inline]
fn bits(flags: &[u8; 64]) -> u64 {
    // The flag of byte n goes to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |bits, (at, eight)| {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56;
        bits | gathered << (8 * at)
    })
}
