//! Where words begin that are followed by many token bytes: letters, digits, `_` and `-`.

/// So many token bytes must stand in a row.
pub(super) const RUN: usize = 16;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// For 64 bytes a bit each: whether it belongs to a word (letter, digit, `_`), and whether it is a
/// token byte (the same and `-`).
#[derive(Clone, Copy, Default)]
struct Masks {
    word: u64,
    token: u64,
}

/// Calls back with every offset at which a word begins and `RUN` token bytes or more follow.
pub(super) fn word_starts(text: &[u8], mut found: impl FnMut(usize)) {
    let mut blocks = text.chunks_exact(BLOCK);
    let mut next = blocks.next().map(masks);
    let rest = || {
        let mut padded = [0; BLOCK];
        let tail = text.chunks_exact(BLOCK).remainder();
        if let Some(front) = padded.get_mut(..tail.len()) {
            front.copy_from_slice(tail);
        }
        masks(&padded)
    };
    let mut last = false;
    let (mut base, mut before) = (0, 0);
    loop {
        let current = match next {
            Some(masks) => masks,
            None if !last => {
                last = true;
                rest()
            }
            None => return,
        };
        next = blocks.next().map(masks);
        let ahead = match next {
            Some(masks) => masks,
            None if !last => rest(),
            None => Masks::default(),
        };
        let token = u128::from(current.token) | u128::from(ahead.token) << BLOCK;
        let mut run = token;
        for shift in [1, 2, 4, 8] {
            run &= run >> shift;
        }
        let starts = current.word & !(current.word << 1 | before);
        // The low half: the high one is the next block's business.
        #[expect(clippy::cast_possible_truncation, reason = "the half that is wanted")]
        let mut hits = starts & run as u64;
        while hits != 0 {
            found(base + hits.trailing_zeros() as usize);
            hits &= hits - 1;
        }
        before = current.word >> (BLOCK - 1);
        base += BLOCK;
    }
}

/// Judges a block: a byte of zero or one for each byte first, in a loop that compilers turn into
/// vector instructions, then eight of those to eight bits by one multiplication.
fn masks(block: &[u8]) -> Masks {
    let (mut word, mut token) = ([0_u8; BLOCK], [0_u8; BLOCK]);
    for ((byte, word), token) in block.iter().zip(&mut word).zip(&mut token) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *word = u8::from(letter | digit | (*byte == b'_'));
        *token = *word | u8::from(*byte == b'-');
    }
    Masks {
        word: bits(&word),
        token: bits(&token),
    }
}

fn bits(flags: &[u8; BLOCK]) -> u64 {
    // The flag of byte n goes to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let eights = flags.chunks_exact(8).enumerate();
    eights.fold(0, |bits, (at, eight)| {
        let eight = eight.first_chunk().copied().unwrap_or_default();
        bits | (u64::from_le_bytes(eight).wrapping_mul(GATHER) >> 56) << (8 * at)
    })
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, RUN, masks, word_starts};

    #[test]
    fn every_byte_has_its_own_bit() {
        for start in (0..=255_u8).step_by(BLOCK) {
            let block: Vec<u8> = (0..BLOCK as u8).map(|at| start.wrapping_add(at)).collect();
            let masks = masks(&block);
            for (at, byte) in block.iter().enumerate() {
                let word = byte.is_ascii_alphanumeric() || *byte == b'_';
                assert_eq!(masks.word >> at & 1 == 1, word, "{byte}");
                assert_eq!(masks.token >> at & 1 == 1, word || *byte == b'-', "{byte}");
            }
        }
    }

    #[test]
    fn a_word_is_told_where_it_begins_and_only_if_enough_follows() {
        let mut seed = 7_u64;
        for length in (0..400).step_by(7) {
            // Mostly token bytes, so that runs of every length cross every border.
            let text: Vec<u8> = (0..length)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    b"abcXYZ019_abcXYZ019_-abcabcabcab- ."[(seed >> 33) as usize % 35]
                })
                .collect();
            let word = |at: usize| {
                text.get(at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            };
            let token = |at: usize| word(at) || text.get(at) == Some(&b'-');
            let expected: Vec<usize> = (0..length)
                .filter(|at| word(*at) && (*at == 0 || !word(at - 1)))
                .filter(|at| (*at..at + RUN).all(token))
                .collect();
            let mut seen = Vec::new();
            word_starts(&text, |at| seen.push(at));
            assert_eq!(seen, expected, "{}", String::from_utf8_lossy(&text));
        }
    }
}
