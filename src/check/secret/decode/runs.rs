//! Stretches that may be base64 or hexadecimal: many bytes of their alphabets in a row. The first
//! pass over a text finds them.

use crate::rule::run::{VALUE, is_wide, row};

/// Shorter runs are not looked at: what they can hold is no token.
pub(in crate::check::secret) const LEAST: usize = 24;

// The first pass finds rows of so many bytes, and of those the long ones are runs.
const _: () = assert!(VALUE as usize <= LEAST);

/// Where the run that goes on at a place ends.
pub(super) fn run_end(text: &[u8], at: usize) -> usize {
    at + row(text.get(at..).unwrap_or(&[]), is_wide)
}
