//! Archives and packed files: their members as streams of bytes, one after another, nothing ever
//! written to disk. Memory does not follow the size of a member, time is bounded by a [`Budget`],
//! and what cannot be read is told, never skipped. Knows nothing of what the members are for.

mod ahead;
mod ar;
mod budget;
mod kind;
mod packed;
mod tar;
mod zip;

use std::io::{self, Read};

use crate::model::ProblemKind;

pub use budget::Budget;
pub use kind::{HEAD, Kind, Packing, kind};
pub use packed::unpack;
pub use zip::{END as ZIP_END, before_zip, ends_as_zip, members as zip_members};

/// Something in an archive that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What sort.
    pub kind: ProblemKind,
    /// One sentence, without the name.
    pub message: String,
}

impl Trouble {
    pub(crate) fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    fn damaged(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Malformed, message)
    }

    /// That bytes cannot be had.
    pub(crate) fn unreadable(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::new(ProblemKind::Truncated, "is cut off"),
            io::ErrorKind::OutOfMemory => Self::new(
                ProblemKind::TooLarge,
                "needs more memory to unpack than is allowed",
            ),
            _ => Self::damaged(format!("cannot be unpacked: {error}")),
        }
    }
}

/// Takes what is in an archive.
pub trait Visit {
    /// A file, in the order of the archive. Bytes that are not read are skipped.
    fn member(&mut self, name: &[u8], content: &mut dyn Read);

    /// Something that could not be read; without a name, the archive itself.
    fn trouble(&mut self, name: Option<&[u8]>, trouble: Trouble);
}

/// Walks an archive that can be read from front to back.
pub fn stream_members(
    kind: StreamKind,
    input: &mut dyn Read,
    budget: &Budget,
    visit: &mut dyn Visit,
) {
    let walked = match kind {
        StreamKind::Tar => tar::members(input, budget, visit),
        StreamKind::Ar => ar::members(input, budget, visit),
    };
    if let Err(trouble) = walked
        && !budget.is_over()
    {
        visit.trouble(None, trouble);
    }
}

/// An archive that can be read from front to back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// See [`Kind::Tar`].
    Tar,
    /// See [`Kind::Ar`].
    Ar,
}

/// Fills a block, or as much of it as is there. How much that was.
fn fill(input: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest @ [_, ..]) = block.get_mut(filled..) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads over bytes that nobody wants. False if the input ends before.
fn skip(input: &mut dyn Read, count: u64) -> io::Result<bool> {
    Ok(io::copy(&mut input.take(count), &mut io::sink())? == count)
}

/// Gives the content of a member that is as long as its header says, then goes to its end.
fn stored_member(
    input: &mut dyn Read,
    (name, size): (&[u8], u64),
    visit: &mut dyn Visit,
) -> Result<(), Trouble> {
    let mut content = Counted {
        inner: &mut *input,
        left: size,
        failed: None,
    };
    visit.member(name, &mut content);
    let Counted { left, failed, .. } = content;
    if let Some(error) = failed {
        return Err(Trouble::unreadable(&error));
    }
    match skip(input, left) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Trouble::new(ProblemKind::Truncated, "is cut off")),
        Err(error) => Err(Trouble::unreadable(&error)),
    }
}

/// So many bytes of an input. What fails ends them and is kept.
struct Counted<'i> {
    inner: &'i mut dyn Read,
    left: u64,
    failed: Option<io::Error>,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        let room = room.min(out.len());
        let Some(out) = out.get_mut(..room).filter(|_| self.failed.is_none()) else {
            return Ok(0);
        };
        match self.inner.read(out) {
            Ok(count) => {
                self.left -= count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = Some(error);
                Ok(0)
            }
        }
    }
}

#[cfg(test)]
mod tests;
