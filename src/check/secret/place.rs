//! From byte offsets to lines and columns, in one pass over ascending offsets.

use crate::model::Region;

/// A place in a text that only moves forward. Lines end in LF, CR LF or CR, as the line hash
/// counts them; columns are UTF-16 units from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    offset: usize,
    line: u32,
    column: u32,
    after_cr: bool,
}

impl Cursor {
    /// The first byte of a text.
    pub(super) const START: Self = Self {
        offset: 0,
        line: 1,
        column: 1,
        after_cr: false,
    };

    /// A place within a text, as if lines were counted from there.
    pub(super) fn within(text: &[u8], offset: usize) -> Self {
        let before = offset.checked_sub(1).and_then(|at| text.get(at));
        Self {
            offset,
            after_cr: before == Some(&b'\r'),
            ..Self::START
        }
    }

    /// The byte of the text.
    pub(super) const fn offset(&self) -> usize {
        self.offset
    }

    /// The line and column.
    pub(super) const fn mark(&self) -> Mark {
        Mark {
            line: self.line,
            column: self.column,
        }
    }

    /// Moves on to an offset of the text. Going back is not possible and does nothing.
    pub(super) fn advance(&mut self, text: &[u8], to: usize) {
        let Some(mut part) = text.get(self.offset..to) else {
            return;
        };
        self.offset = to;
        if self.after_cr && part.first() == Some(&b'\n') {
            part = &part[1..];
            self.after_cr = false;
        }
        if let Some(last) = part.last() {
            self.after_cr = *last == b'\r';
        }
        if let Some(last) = memchr::memrchr2(b'\n', b'\r', part) {
            self.line = self.line.saturating_add(line_ends(part));
            self.column = 1;
            part = &part[last + 1..];
        }
        let units = utf16_units(part);
        self.column = self.column.saturating_add(units);
    }

    /// The same place after `dropped` bytes were taken from the front of the text.
    pub(super) const fn drop_front(&mut self, dropped: usize) {
        self.offset = self.offset.saturating_sub(dropped);
    }

    /// The region from an offset, to which the cursor moves, to another.
    pub(super) fn region(&mut self, text: &[u8], start: usize, end: usize) -> Region {
        self.advance(text, start);
        let mut stop = *self;
        stop.advance(text, end);
        Region {
            start_line: self.line,
            start_column: self.column,
            end_line: stop.line,
            end_column: stop.column,
        }
    }
}

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    line: u32,
    column: u32,
}

impl Mark {
    /// Where a text begins.
    pub(super) const FIRST: Self = Self { line: 1, column: 1 };

    /// Where another comes to lie if it was counted from here.
    pub(super) const fn then(self, other: Self) -> Self {
        Self {
            line: self.line.saturating_add(other.line - 1),
            column: match other.line {
                1 => self.column.saturating_add(other.column - 1),
                _ => other.column,
            },
        }
    }

    /// Moves a region that was counted from here to where it lies.
    pub(super) const fn shift(self, region: &mut Region) {
        let start = self.then(Self {
            line: region.start_line,
            column: region.start_column,
        });
        let end = self.then(Self {
            line: region.end_line,
            column: region.end_column,
        });
        *region = Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        };
    }
}

/// How many lines end in a stretch.
fn line_ends(part: &[u8]) -> u32 {
    let count = |byte| memchr::memchr_iter(byte, part).count();
    let mut ends = count(b'\n');
    let returns = count(b'\r');
    if returns > 0 {
        ends += returns - memchr::memmem::find_iter(part, b"\r\n").count();
    }
    u32::try_from(ends).unwrap_or(u32::MAX)
}

/// UTF-16 units of a stretch; what is no UTF-8 counts as one replacement character.
fn utf16_units(part: &[u8]) -> u32 {
    /// So many are added up in a byte, many at a time.
    const MANY: usize = 255;
    let begin = match part {
        [] => 0,
        [first] => unit(0, 0, *first),
        [first, second, ..] => unit(0, 0, *first) + unit(0, *first, *second),
    };
    let from = |at| part.get(at..).unwrap_or(&[]).chunks(MANY);
    let rest = from(0).zip(from(1)).zip(from(2)).map(|((a, b), c)| {
        // Such a byte counts one, whatever stands before it.
        if c.is_ascii() {
            return c.len();
        }
        let threes = a.iter().zip(b).zip(c);
        let units = threes.map(|((a, b), c)| unit(*a, *b, *c));
        usize::from(units.sum::<u8>())
    });
    let units = usize::from(begin) + rest.sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The UTF-16 units that the last of three bytes counts for: one, unless it is the second or the third
/// of a character. The fourth counts for the second unit that such a character takes; what is left of
/// a character that breaks off counts as one.
#[inline]
fn unit(before: u8, last: u8, byte: u8) -> u8 {
    let third = goes_on(before, last) & (before >= 0xE0) & is_later(byte);
    u8::from(!(goes_on(last, byte) | third))
}

/// Whether a byte can stand second in a character that begins with the one before it (The Unicode
/// Standard, table 3-7). Nothing here branches, so that many are asked at once.
#[inline]
const fn goes_on(first: u8, second: u8) -> bool {
    let begins = (first >= 0xC2) & (first <= 0xF4);
    let outside = ((first == 0xE0) & (second < 0xA0))
        | ((first == 0xED) & (second >= 0xA0))
        | ((first == 0xF0) & (second < 0x90))
        | ((first == 0xF4) & (second >= 0x90));
    begins & is_later(second) & !outside
}

/// Whether a byte stands in a character, but not first.
#[inline]
pub(super) const fn is_later(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::{Cursor, utf16_units};

    proptest! {
        #[test]
        fn any_bytes_count_as_what_is_shown_of_them(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    &b"\xF0"[..], b"\xF4", b"\xE0", b"\xED", b"\xC3", b"\xC1", b"\x80", b"\x90", b"\xA0",
                    b"\xBF", b"a", "\u{10ffff}".as_bytes(), "\u{fffd}".as_bytes(), b"\xFF",
                ]),
                0..400,
            ),
            more in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let bytes = [parts.concat(), more].concat();
            let expected = String::from_utf8_lossy(&bytes).encode_utf16().count();
            prop_assert_eq!(utf16_units(&bytes) as usize, expected);
        }
    }

    fn place(text: &str, needle: &str) -> (u32, u32, u32, u32) {
        let start = text.find(needle).unwrap();
        let mut cursor = Cursor::START;
        let region = cursor.region(text.as_bytes(), start, start + needle.len());
        (
            region.start_line,
            region.start_column,
            region.end_line,
            region.end_column,
        )
    }

    #[test]
    fn lines_and_columns_count_as_editors_and_sarif_do() {
        assert_eq!(place("KEY", "KEY"), (1, 1, 1, 4));
        assert_eq!(place("a\nb KEY", "KEY"), (2, 3, 2, 6));
        assert_eq!(place("a\r\nb\rKEY", "KEY"), (3, 1, 3, 4));
        assert_eq!(place("\r\n\r\nKEY", "KEY"), (3, 1, 3, 4));
        assert_eq!(place("é😀KEY", "KEY"), (1, 4, 1, 7));
        assert_eq!(place("aé中😀\u{10ffff}KEY", "KEY"), (1, 8, 1, 11));
        assert_eq!(place("x\nKEY\r\nEND y", "KEY\r\nEND"), (2, 1, 3, 4));
    }

    #[test]
    fn what_is_no_text_counts_as_characters_that_stand_for_it() {
        for bytes in [
            &b"ab\xffc"[..],
            b"\xc3",
            b"a\xe4\xb8b\xf0\x9f\x98",
            "\u{10ffff}é".as_bytes(),
            b"\xff\xfe",
        ] {
            let shown = String::from_utf8_lossy(bytes);
            let expected = shown.encode_utf16().count();
            assert_eq!(utf16_units(bytes) as usize, expected, "{shown}");
        }
    }

    #[test]
    fn going_on_in_steps_is_the_same_as_in_one() {
        let text = "ab\r\ncd\rée\n\n\r\nz😀 end".as_bytes();
        for step in 1..text.len() {
            let mut cursor = Cursor::START;
            for at in (0..text.len() - 3)
                .step_by(step)
                .filter(|at| text[*at] < 0x80)
            {
                cursor.advance(text, at);
            }
            let stepped = cursor.region(text, text.len() - 3, text.len());
            let mut from_start = Cursor::START;
            let whole = from_start.region(text, text.len() - 3, text.len());
            assert_eq!(stepped, whole, "{step}");
        }
    }
}
