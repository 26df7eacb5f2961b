//! More findings than memory should hold: sorted in pieces, which wait in a file without a name
//! until they are read back in order. Knows findings and the disk, and nothing of what they mean.
//!
//! No secret reaches the disk: of a finding's secret only its hint is written, and where the value
//! is still wanted it stays in memory.

mod codec;
mod finding;
mod runs;
mod sorter;

pub use codec::{Reader, Stored, Writer};
pub use finding::Found;
pub use sorter::{Sorted, SortedIter, Sorter};

/// How many bytes of findings, estimated, are held before they are put on the disk.
pub const HELD: usize = 8 << 20;
