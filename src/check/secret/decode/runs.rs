//! Stretches that may be base64 or hexadecimal: many bytes of their alphabets in a row. Nearly all
//! text has none, so what counts is how fast that is seen: 64 bytes at a time, in a loop that the
//! compiler turns into vector instructions.

use std::ops::Range;

/// Shorter runs are not looked at: what they can hold is no token.
pub(super) const LEAST: usize = 24;

/// Two neighbouring blocks of this many bytes lie wholly in every run of [`LEAST`].
const BLOCK: usize = 8;
const CHUNK: usize = 8 * BLOCK;

/// Whether a byte belongs to base64, in its standard or its URL-safe form, without padding.
pub(super) const fn in_alphabet(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 26
        || byte.wrapping_sub(b'/') < 11
        || byte == b'+'
        || byte == b'-'
        || byte == b'_'
}

/// Calls back for every run of [`LEAST`] bytes or more, in order. The callback says how far the
/// text is dealt with.
pub(super) fn each(text: &[u8], mut found: impl FnMut(Range<usize>) -> usize) {
    let mut done = 0;
    let mut last_good = false;
    let (chunks, rest) = text.as_chunks::<CHUNK>();
    for (number, chunk) in chunks.iter().enumerate() {
        // Nearly always nothing: the question is asked without a branch on any single byte.
        let good = good_blocks(chunk);
        if good == 0 {
            last_good = false;
            continue;
        }
        let pairs = good & ((good << 1) | u8::from(last_good));
        last_good = good & 0x80 != 0;
        if pairs == 0 {
            continue;
        }
        for block in (0..8).filter(|block| pairs & (1 << block) != 0) {
            let at = number * CHUNK + block * BLOCK;
            if at >= done {
                done = around(text, at, done, &mut found);
            }
        }
    }
    let tail = text.len() - rest.len();
    for at in (tail..text.len()).step_by(BLOCK) {
        if at >= done && in_alphabet_all(text.get(at.saturating_sub(BLOCK)..at)) {
            done = around(text, at, done, &mut found);
        }
    }
}

fn in_alphabet_all(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| bytes.len() == BLOCK && bytes.iter().all(|b| in_alphabet(*b)))
}

/// One bit for each block that lies wholly in the alphabet, the first in the lowest.
fn good_blocks(chunk: &[u8; CHUNK]) -> u8 {
    let mut bad = [0u8; CHUNK];
    for (bad, byte) in bad.iter_mut().zip(chunk) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'/') < 11;
        let other = (*byte == b'+') | (*byte == b'-') | (*byte == b'_');
        *bad = u8::from(!(letter | digit | other));
    }
    let (blocks, _) = bad.as_chunks::<BLOCK>();
    let mut good = 0;
    for (at, block) in blocks.iter().enumerate() {
        good |= u8::from(u64::from_ne_bytes(*block) == 0) << at;
    }
    good
}

/// Tells of the run that a place lies in, if it is long enough. How far the text is dealt with.
fn around(
    text: &[u8],
    at: usize,
    done: usize,
    found: &mut impl FnMut(Range<usize>) -> usize,
) -> usize {
    let before = text.get(done..at).unwrap_or(&[]);
    let start = before
        .iter()
        .rposition(|b| !in_alphabet(*b))
        .map_or(done, |p| done + p + 1);
    let end = run_end(text, at);
    if end - start < LEAST {
        return end;
    }
    found(start..end).max(end)
}

/// Where the run that goes on at a place ends.
pub(super) fn run_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or(&[]);
    let length = rest.iter().position(|b| !in_alphabet(*b));
    at + length.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::{LEAST, each, in_alphabet};

    fn naive(text: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for at in 0..=text.len() {
            if text.get(at).is_none_or(|b| !in_alphabet(*b)) {
                if at - start >= LEAST {
                    runs.push(start..at);
                }
                start = at + 1;
            }
        }
        runs
    }

    fn found(text: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        each(text, |run| {
            let end = run.end;
            runs.push(run);
            end
        });
        runs
    }

    #[test]
    fn the_alphabet_is_that_of_base64_in_both_its_forms() {
        let all: Vec<u8> = (0..=u8::MAX).filter(|b| in_alphabet(*b)).collect();
        assert_eq!(
            String::from_utf8(all).unwrap(),
            "+-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
        );
    }

    proptest! {
        #[test]
        fn every_run_is_found_wherever_it_stands(
            parts in prop::collection::vec((0usize..200, 1usize..4), 0..12),
        ) {
            let mut text = Vec::new();
            for (run, gap) in parts {
                text.extend(std::iter::repeat_n(b'a', run));
                text.extend(std::iter::repeat_n(b' ', gap));
            }
            prop_assert_eq!(found(&text), naive(&text));
            let cut = text.len().saturating_sub(1);
            prop_assert_eq!(found(&text[..cut]), naive(&text[..cut]));
        }
    }
}
