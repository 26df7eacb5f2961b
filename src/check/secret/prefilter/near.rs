//! Stretches of text in which a word counts because a value may stand behind it: the
//! neighbourhoods of long rows of token bytes.

use std::ops::Range;

use crate::check::secret::ends_with;
use crate::rule::run::{AFTER, BEFORE, NAMED};

/// What may stand between a sign and a value: blanks.
const BLANKS: usize = 8;

/// The words of a header's scheme, which may stand between a sign and a value.
const SCHEMES: [&[u8]; 4] = [b"bearer", b"token", b"basic", b"apikey"];

/// Neighbourhoods, merged as they come.
#[derive(Debug, Default)]
pub(super) struct Near {
    open: Range<usize>,
}

impl Near {
    /// Adds a row that counts wherever it stands. Rows come in the order of their beginnings. Gives
    /// back a stretch that is complete.
    #[inline]
    pub(super) fn add(&mut self, row: &Range<usize>) -> Option<Range<usize>> {
        let end = row.end.saturating_add(AFTER);
        self.open(row.start.saturating_sub(BEFORE)..end)
    }

    /// Adds a row that counts as a value, whose name stands before it.
    #[inline]
    pub(super) fn value(&mut self, start: usize) -> Option<Range<usize>> {
        self.open(start.saturating_sub(NAMED)..start)
    }

    fn open(&mut self, next: Range<usize>) -> Option<Range<usize>> {
        // A little apart, they are searched as one: no literal is told of twice.
        if next.start <= self.open.end + BLANKS * 4 {
            self.open = self.open.start.min(next.start)..self.open.end.max(next.end);
            return None;
        }
        let done = std::mem::replace(&mut self.open, next);
        (!done.is_empty()).then_some(done)
    }

    /// The last stretch.
    pub(super) fn finish(self) -> Option<Range<usize>> {
        (!self.open.is_empty()).then_some(self.open)
    }
}

/// The signs behind which a value stands.
const SIGNS: &[u8] = b"=:,(>\"'`\\";

/// What may stand last before a value, and last but one, a bit for each.
static LAST: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while at < SIGNS.len() {
        table[SIGNS[at] as usize] = SIGN;
        at += 1;
    }
    let mut at = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while at < SCHEMES.len() {
        let last = SCHEMES[at][SCHEMES[at].len() - 1];
        table[last as usize] = SCHEME;
        table[last.to_ascii_uppercase() as usize] = SCHEME;
        at += 1;
    }
    let mut byte = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while byte < 128 {
        if is_space(byte) {
            table[byte as usize] = BLANK;
        }
        byte += 1;
    }
    table
};
const SIGN: u8 = 1;
const BLANK: u8 = 1 << 1;
const SCHEME: u8 = 1 << 2;

/// Whether a value may begin at an offset, by the two bytes before it. Most do not: this is asked of
/// every long row, and no branch depends on what is there.
#[inline]
pub(super) fn may_be_value(text: &[u8], at: usize) -> bool {
    match text.get(..at).and_then(<[u8]>::last_chunk) {
        Some([first, last]) => {
            let [first, last] = [first, last].map(|byte| LAST[usize::from(*byte)]);
            (last & SIGN != 0) | ((last & BLANK != 0) & (first != 0))
        }
        None => true,
    }
}

/// Whether a value that is given to a name could begin at an offset.
pub(super) fn is_value(text: &[u8], at: usize) -> bool {
    let sign = |byte: u8| SIGNS.contains(&byte);
    let before = text.get(..at).unwrap_or(text);
    let blanks = before.iter().rev().take(BLANKS);
    let blanks = blanks.take_while(|b| is_space(**b)).count();
    let before = before.get(..before.len() - blanks).unwrap_or(before);
    let Some(last) = before.last() else {
        return false;
    };
    sign(*last) || (blanks > 0 && SCHEMES.iter().any(|scheme| ends_with(before, scheme)))
}

/// As `\s` in an expression over bytes.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::{Near, is_value, may_be_value};
    use crate::rule::run::{AFTER, BEFORE};

    #[test]
    fn a_value_begins_behind_a_sign() {
        for (before, expected) in [
            ("key=", true),
            ("key = ", true),
            ("key: \"", true),
            ("key => '", true),
            ("\"key\":\n    ", true),
            ("Authorization: Bearer ", true),
            ("f(", true),
            ("?key=", true),
            ("key = \\\"", true),
            ("return ", false),
            ("#define ", false),
            ("key", false),
            ("", false),
            ("key =         ", false),
        ] {
            assert_eq!(
                is_value(before.as_bytes(), before.len()),
                expected,
                "{before}"
            );
        }
    }

    #[test]
    fn two_bytes_tell_of_most_words_that_no_value_begins_behind_them() {
        for (before, expected) in [
            ("#define ", false),
            ("define\t", false),
            ("x", false),
            ("xy", false),
            ("a_", false),
            (": ", true),
            ("Token ", true),
            ("the BASIC ", true),
            ("f(", true),
            ("", true),
        ] {
            assert_eq!(
                may_be_value(before.as_bytes(), before.len()),
                expected || before.len() < 2,
                "{before}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_value_passes_the_look_at_two_bytes(
            before in r#"[a-zA-Z ]{0,3}(?i:bearer|token|basic|apikey)?[=:,(>"'`\\ \t\r\n\x0b]{0,10}"#,
        ) {
            let before = before.as_bytes();
            prop_assert!(!is_value(before, before.len()) || may_be_value(before, before.len()));
        }
    }

    #[test]
    fn neighbourhoods_that_touch_are_one() {
        let mut near = Near::default();
        assert_eq!(near.add(&(1000..1040)), None);
        assert_eq!(near.add(&(1100..1140)), None);
        let first = 1000 - BEFORE..1140 + AFTER;
        assert_eq!(near.add(&(9000..9040)), Some(first));
        assert_eq!(near.finish(), Some(9000 - BEFORE..9040 + AFTER));
        assert_eq!(Near::default().finish(), None);
    }
}
