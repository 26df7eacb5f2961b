//! 64 bytes compared in plain code, which compilers turn into vector instructions in part.

use crate::read::flags::gathered;

/// A bit for each byte that is the needle.
#[inline]
pub(super) fn equal(chunk: &[u8; 64], needle: u8) -> u64 {
    either(chunk, needle, needle)
}

/// A bit for each byte that is one of the needles.
#[inline]
pub(super) fn either(chunk: &[u8; 64], one: u8, other: u8) -> u64 {
    let mut flags = [0; 64];
    for (flag, byte) in flags.iter_mut().zip(chunk) {
        *flag = u8::from(*byte == one) | u8::from(*byte == other);
    }
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |bits, (at, eight)| {
        bits | u64::from(gathered(*eight)) << (8 * at)
    })
}

/// Whether the needle is among the bytes.
#[inline]
pub(super) fn any(chunk: &[u8; 64], needle: u8) -> bool {
    let found = |any, byte: &u8| any | u8::from(*byte == needle);
    chunk.iter().fold(0, found) != 0
}
