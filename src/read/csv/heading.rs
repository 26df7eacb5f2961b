//! The header where it stands again: files that were joined have one for each.

use super::dialect::texts;

/// What a record is that could be a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It is none.
    Not,
    /// The file's own.
    Same,
    /// One with other columns, or in another order.
    Other,
}

/// The header of a file.
pub(super) struct Heading<'h> {
    names: &'h [String],
    delimiter: u8,
    /// How long it is at least.
    length: usize,
}

impl<'h> Heading<'h> {
    pub(super) fn new(names: &'h [String], delimiter: u8) -> Self {
        let between = names.len().saturating_sub(1);
        Self {
            names,
            delimiter,
            length: names.iter().map(String::len).sum::<usize>() + between,
        }
    }

    /// Whether a record is worth a closer look. It is asked of every one.
    #[inline]
    pub(super) fn may_be(&self, raw: &[u8]) -> bool {
        let text = raw.strip_prefix(MARK).unwrap_or(raw);
        let text = text.strip_prefix(b"\"").unwrap_or(text);
        let first = self.names.first().map_or(&b""[..], |name| name.as_bytes());
        (text.starts_with(first) && !first.is_empty()) || text.len() == self.length
    }

    /// What a record is.
    pub(super) fn again(&self, raw: &[u8]) -> Again {
        let raw = raw.strip_prefix(MARK).unwrap_or(raw);
        let fields = texts(raw, self.delimiter);
        if fields == self.names {
            return Again::Same;
        }
        // A value may well be the name of a column; most of a row are not.
        let known = |field: &&String| !field.is_empty() && self.names.contains(field);
        let names = fields.iter().filter(known).count();
        match names > 1 && 2 * names > fields.len() {
            true => Again::Other,
            false => Again::Not,
        }
    }
}

/// By what a file in UTF-8 may begin.
const MARK: &[u8] = b"\xEF\xBB\xBF";
