//! A refillable window on an input: the part that is not read yet, in one piece.
//!
//! Knows nothing of formats. Readers look at [`Buffer::unread`], take whole records off its front
//! and ask for more when a record does not end inside it.

use std::io::{self, ErrorKind, Read};

/// How much is asked of the input at a time, in bytes. Small enough that what the kernel copies is
/// still in the processor's second-level cache when it is read.
const BLOCK: usize = 256 << 10;

/// A record longer than this, in bytes, is refused.
pub(super) const MAX_RECORD: usize = 16 << 20;

/// What a request for more bytes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// There are more bytes than before.
    More,
    /// The input has ended.
    End,
    /// What is unread is already as long as a record may be.
    Full,
}

/// The window.
pub(super) struct Buffer<'r> {
    input: &'r mut dyn Read,
    data: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

impl<'r> Buffer<'r> {
    /// A window on an input; nothing is read yet.
    pub(super) fn new(input: &'r mut dyn Read) -> Self {
        Self {
            input,
            data: Vec::new(),
            start: 0,
            end: 0,
            ended: false,
        }
    }

    /// The bytes that were read from the input and not taken yet.
    pub(super) fn unread(&self) -> &[u8] {
        self.data.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the input has no byte beyond the unread ones.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// Takes bytes off the front.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Reads until the window is full or the input ends. Doubles the window when the unread bytes
    /// fill more than half of it, so that scanning a long record again costs no more than twice
    /// its length.
    pub(super) fn fill(&mut self) -> io::Result<Fill> {
        if self.ended {
            return Ok(Fill::End);
        }
        let kept = self.end - self.start;
        if kept > MAX_RECORD {
            return Ok(Fill::Full);
        }
        if self.start > 0 {
            self.data.copy_within(self.start..self.end, 0);
            self.start = 0;
            self.end = kept;
        }
        if kept * 2 >= self.data.len() {
            let size = (self.data.len() * 2).clamp(BLOCK, MAX_RECORD + BLOCK);
            self.data.resize(size, 0);
        }
        while let Some(space @ [_, ..]) = self.data.get_mut(self.end..) {
            match self.input.read(space) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(if self.end > kept {
            Fill::More
        } else {
            Fill::End
        })
    }
}
