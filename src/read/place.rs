//! Keeps count of lines and columns while a reader moves forward.

/// A place in a text: where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// 1-based line.
    pub(super) line: u32,
    /// 1-based column in UTF-16 code units.
    pub(super) column: u32,
}

impl Place {
    /// The first character.
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// Moves over some text. The columns of a line are counted once, also when a million records
    /// stand on one line.
    pub(super) fn advance(&mut self, text: &[u8]) {
        let newlines = memchr::memchr_iter(b'\n', text).count();
        let tail = match memchr::memrchr(b'\n', text) {
            Some(at) => {
                self.column = 1;
                text.get(at + 1..).unwrap_or_default()
            }
            None => text,
        };
        self.line = self
            .line
            .saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        let units = if tail.is_ascii() {
            tail.len()
        } else {
            // One for each character, two if its first byte says that it is four bytes long. Small
            // sums of small numbers, so that many bytes are looked at in one step.
            let units = |b: &u8| u8::from(*b & 0xC0 != 0x80) + u8::from(*b >= 0xF0);
            let sums = tail.chunks(120).map(|c| c.iter().map(units).sum::<u8>());
            sums.map(usize::from).sum()
        };
        self.column = self
            .column
            .saturating_add(u32::try_from(units).unwrap_or(u32::MAX));
    }

    /// The place behind some text.
    pub(super) fn after(mut self, text: &[u8]) -> Self {
        self.advance(text);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_utf16_units_and_lines_are_newlines() {
        for (text, line, column) in [
            ("", 1, 1),
            ("ab", 1, 3),
            ("é😀", 1, 4),
            ("x\r\ny", 2, 2),
            ("\n\n", 3, 1),
        ] {
            assert_eq!(
                Place::START.after(text.as_bytes()),
                Place { line, column },
                "{text:?}"
            );
        }
        let mut steps = Place::START;
        steps.advance(b"a\nbc");
        steps.advance(b"d");
        assert_eq!(steps, Place { line: 2, column: 4 });
    }
}
