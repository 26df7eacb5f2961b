//! Judging as any machine can.

use super::{CASE, Fingerprints, HALF, Judge, Masks, Sheet, Stretch, by_halves, look};
use crate::read::flags::gathered;

/// This way. Marks are none.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Judge for Plain {
    #[inline]
    fn judge(self, blocks: Stretch<'_>, _: &Fingerprints, sheet: &mut Sheet) {
        by_halves(blocks, sheet, |text, at| half(&look(text, at)));
    }
}

/// A byte of zero or one for each byte first, in a loop that compilers turn into vector
/// instructions, then eight of those to eight bits by one multiplication.
fn half(bytes: &[u8; HALF]) -> Masks<u32> {
    let mut flags = [[0_u8; HALF]; 8];
    let [
        alnums,
        digits,
        capitals,
        words,
        tokens,
        wides,
        denses,
        signs,
    ] = &mut flags;
    let places = alnums
        .iter_mut()
        .zip(digits)
        .zip(capitals)
        .zip(words)
        .zip(tokens)
        .zip(wides)
        .zip(denses)
        .zip(signs);
    for (byte, (((((((alnum, digit), capital), word), token), wide), dense), sign)) in
        bytes.iter().zip(places)
    {
        let letter = (byte | CASE).wrapping_sub(b'a') < 26;
        *digit = u8::from(byte.wrapping_sub(b'0') < 10);
        *capital = u8::from(byte.wrapping_sub(b'A') < 26);
        *alnum = u8::from(letter) | *digit;
        *word = *alnum | u8::from(*byte == b'_');
        *token = *word | u8::from(*byte == b'-');
        *wide = *token | u8::from((*byte == b'+') | (*byte == b'/'));
        let joint = (*byte == b'.')
            | (*byte == b'=')
            | (*byte == b'~')
            | (*byte == b'%')
            | (*byte == b':')
            | (*byte == b'|')
            | (*byte == b'!');
        *dense = *wide | u8::from(joint);
        *sign = u8::from((*byte == b'\\') | (*byte == b'%') | (*byte == b'&'));
    }
    let [alnum, digit, capital, word, token, wide, dense, sign] = flags.map(|flags| bits(&flags));
    Masks {
        alnum,
        digit,
        capital,
        word,
        token,
        wide,
        dense,
        sign,
        marks: 0,
    }
}

fn bits(flags: &[u8; HALF]) -> u32 {
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |bits, (at, eight)| {
        bits | u32::from(gathered(*eight)) << (8 * at)
    })
}
