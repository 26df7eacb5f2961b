//! Remembers what tests of a cell came to, by its bytes: a small table in which a newer cell takes the
//! place of an older one.

use crate::model::Missing;

/// So many cells are remembered, and so many bytes of each at the most.
const CELLS: usize = 64;
const BYTES: usize = 47;

/// After so many cells that were not known, no more are looked up unless there was one that was known
/// for every [`WORTH`] of them.
const TRIAL: u32 = 1024;
const WORTH: u32 = 4;

/// A remembered cell. None has [`FREE`] bytes.
#[derive(Debug, Clone, Copy)]
struct Entry {
    bits: u64,
    length: u8,
    bytes: [u8; BYTES],
}

const FREE: u8 = u8::MAX;

/// The table.
#[derive(Debug, Clone)]
pub(super) struct Memo {
    entries: Vec<Entry>,
    /// Of cells that hold nothing.
    missing: [Option<u64>; 3],
    unknown: u32,
    known: u32,
}

impl Default for Memo {
    fn default() -> Self {
        let free = Entry {
            bits: 0,
            length: FREE,
            bytes: [0; BYTES],
        };
        Self {
            entries: vec![free; CELLS],
            missing: [None; 3],
            unknown: 0,
            known: 0,
        }
    }
}

impl Memo {
    /// What the tests of a cell came to, if that is remembered.
    #[inline]
    pub(super) fn find(&mut self, cell: Result<&[u8], Missing>) -> Option<u64> {
        let bytes = match cell {
            Ok(bytes) => bytes,
            Err(why) => return *self.missing.get(why as usize)?,
        };
        if self.unknown == TRIAL {
            return None;
        }
        let entry = self.entries.get(slot(bytes))?;
        let known = usize::from(entry.length) == bytes.len()
            && entry
                .bytes
                .get(..bytes.len())
                .is_some_and(|known| same(known, bytes));
        if known {
            self.known = self.known.saturating_add(1);
            return Some(entry.bits);
        }
        self.unknown += 1;
        if self.unknown == TRIAL && self.known >= TRIAL / WORTH {
            (self.unknown, self.known) = (0, 0);
        }
        None
    }

    /// Remembers what the tests of a cell came to.
    pub(super) fn note(&mut self, cell: Result<&[u8], Missing>, bits: u64) {
        match cell {
            Err(why) => {
                if let Some(kept) = self.missing.get_mut(why as usize) {
                    *kept = Some(bits);
                }
            }
            Ok(bytes) => {
                if self.unknown < TRIAL
                    && let Some(entry) = self.entries.get_mut(slot(bytes))
                    && let Some(place) = entry.bytes.get_mut(..bytes.len())
                    && let Ok(length) = u8::try_from(bytes.len())
                {
                    place.copy_from_slice(bytes);
                    entry.length = length;
                    entry.bits = bits;
                }
            }
        }
    }
}

/// Whether two texts of one length are the same. Words of a column are short, and a call into a
/// comparison of any length costs more than two looks at eight bytes.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    let eight = |text: &[u8]| Some((*text.first_chunk::<8>()?, *text.last_chunk::<8>()?));
    let four = |text: &[u8]| Some((*text.first_chunk::<4>()?, *text.last_chunk::<4>()?));
    match one.len() {
        4..8 => four(one) == four(other),
        8..=16 => eight(one) == eight(other),
        _ => one == other,
    }
}

/// Where a cell is remembered. Its length and three bytes tell the few words of a column apart.
#[inline]
fn slot(bytes: &[u8]) -> usize {
    let at = |place: usize| bytes.get(place).copied().map_or(0, usize::from);
    let half = bytes.len() / 2;
    let mixed = bytes.len() + at(0) * 5 + at(half) * 17 + at(bytes.len().wrapping_sub(1)) * 3;
    mixed % CELLS
}
