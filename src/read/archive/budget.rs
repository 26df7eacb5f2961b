//! How much of one file may be unpacked, all its layers together. Counted in bytes, never in time,
//! so that the same file gives the same report everywhere.

use std::cell::Cell;
use std::io::{self, Read};

use super::Trouble;
use crate::model::ProblemKind;

/// So much may be unpacked from any file, however small.
const ALWAYS: u64 = 64 << 20;
/// Beyond that, so many bytes for each byte of the file: more than any text packs to.
const RATIO: u64 = 100;
/// And no more than this.
const MOST: u64 = 4 << 30;
/// Members of all layers.
const MEMBERS: u64 = 500_000;
/// Bytes of archives that must be held, because they cannot be read from front to back.
const HELD: u64 = 48 << 20;
/// Archives within archives.
const DEPTH: u32 = 8;

/// What is left of it. One for each file; its layers share it.
#[derive(Debug)]
pub struct Budget {
    total: u64,
    bytes: Cell<u64>,
    members: Cell<u64>,
    held: Cell<u64>,
    over: Cell<Option<Over>>,
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Bytes,
    Members,
}

impl Budget {
    /// For a file of this many bytes.
    #[must_use]
    pub fn new(size: u64) -> Self {
        let total = size.saturating_mul(RATIO).clamp(ALWAYS, MOST);
        Self {
            total,
            bytes: Cell::new(total),
            members: Cell::new(MEMBERS),
            held: Cell::new(HELD),
            over: Cell::new(None),
        }
    }

    /// How many layers deep archives are opened.
    #[must_use]
    pub const fn depth() -> u32 {
        DEPTH
    }

    /// Why nothing more is unpacked; to be told once.
    #[must_use]
    pub fn over(&self) -> Option<Trouble> {
        let message = match self.over.get()? {
            Over::Bytes => format!(
                "unpacks to more than {} MiB; the rest was not searched",
                self.total >> 20
            ),
            Over::Members => format!("has more than {MEMBERS} members; the rest was not searched"),
        };
        Some(Trouble::new(ProblemKind::TooLarge, message))
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get().is_some()
    }

    /// Takes one member from what is left. False: there is none left.
    pub(super) fn take_member(&self) -> bool {
        match self.members.get().checked_sub(1) {
            Some(left) => self.members.set(left),
            None => self.over.set(Some(Over::Members)),
        }
        !self.is_over()
    }

    /// How many bytes may still be held.
    #[must_use]
    pub fn holdable(&self) -> u64 {
        self.held.get()
    }

    /// Notes that bytes are held until they are given back.
    pub fn hold(&self, bytes: u64) {
        self.held.set(self.held.get().saturating_sub(bytes));
    }

    /// Notes that bytes are not held any more.
    pub fn release(&self, bytes: u64) {
        self.held.set(self.held.get().saturating_add(bytes));
    }
}

/// Reads unpacked bytes as far as the budget goes. What fails ends the bytes and is kept, so that
/// what came before is searched all the same.
pub(super) struct Metered<'b, R> {
    inner: R,
    budget: &'b Budget,
    pub(super) failed: Option<io::Error>,
    /// Whether all bytes were read. Whoever sees that they are no text reads no further.
    pub(super) ended: bool,
}

impl<'b, R: Read> Metered<'b, R> {
    pub(super) const fn new(inner: R, budget: &'b Budget) -> Self {
        Self {
            inner,
            budget,
            failed: None,
            ended: false,
        }
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() || self.budget.is_over() {
            return Ok(0);
        }
        match self.inner.read(out) {
            Ok(count) => {
                self.ended |= count == 0 && !out.is_empty();
                let count = count as u64;
                match self.budget.bytes.get().checked_sub(count) {
                    Some(left) => self.budget.bytes.set(left),
                    None => self.budget.over.set(Some(Over::Bytes)),
                }
                Ok(usize::try_from(count).unwrap_or(0))
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = Some(error);
                Ok(0)
            }
        }
    }
}
