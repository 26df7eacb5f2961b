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
    let (mut rest, mut units) = (part, 0);
    while let Err(error) = std::str::from_utf8(rest) {
        let (valid, invalid) = rest.split_at(error.valid_up_to());
        units += units_of(valid) + 1;
        let length = error.error_len().unwrap_or(invalid.len());
        rest = invalid.get(length..).unwrap_or(&[]);
    }
    u32::try_from(units + units_of(rest)).unwrap_or(u32::MAX)
}

/// A unit for each character of UTF-8, and a second for those of four bytes.
fn units_of(text: &[u8]) -> usize {
    let of = |byte: &u8| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0);
    text.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::{Cursor, utf16_units};

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
