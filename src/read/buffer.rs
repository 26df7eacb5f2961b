//! A refillable window on an input: the part that is not read yet, in one piece.
//!
//! Knows nothing of formats. Readers look at [`Buffer::unread`], take whole records off its front
//! and ask for more when a record does not end inside it.

use std::io::{self, ErrorKind, Read};

/// How much is asked of the input at a time, in bytes. Small enough that what the kernel copies is
/// still in the processor's second-level cache when it is read.
pub(super) const BLOCK: usize = 256 << 10;

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

/// Where bytes come from.
pub(super) enum Source<'r> {
    /// One thread reads it.
    Here(&'r mut dyn Read),
    /// Any thread may. So many bytes are asked of it at a time.
    Anywhere(&'r mut (dyn Read + Send), usize),
}

impl<'r> Source<'r> {
    /// For those who read it alone.
    pub(super) fn input(self) -> &'r mut dyn Read {
        match self {
            Self::Here(input) => input,
            Self::Anywhere(input, _) => input,
        }
    }
}

/// An input, and the window on it.
pub(super) struct Buffer<'r> {
    source: Source<'r>,
    window: Window,
}

/// The window.
#[derive(Debug)]
pub(super) struct Window {
    block: usize,
    data: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// Why the input gives no more; told when what came before is read.
    fault: Option<io::Error>,
}

impl<'r> Buffer<'r> {
    /// A window on an input; nothing is read yet.
    pub(super) fn new(source: Source<'r>) -> Self {
        let block = match source {
            Source::Here(_) => BLOCK,
            Source::Anywhere(_, block) => block,
        };
        Self {
            source,
            window: Window {
                block,
                data: Vec::new(),
                start: 0,
                end: 0,
                ended: false,
                fault: None,
            },
        }
    }

    /// The input and the window, if any thread may read on.
    pub(super) fn parts(&mut self) -> Option<(&mut (dyn Read + Send), &mut Window)> {
        match &mut self.source {
            Source::Here(_) => None,
            Source::Anywhere(input, _) => Some((*input, &mut self.window)),
        }
    }

    /// See [`Window::unread`].
    pub(super) fn unread(&self) -> &[u8] {
        self.window.unread()
    }

    /// See [`Window::ended`].
    pub(super) const fn ended(&self) -> bool {
        self.window.ended()
    }

    /// See [`Window::consume`].
    pub(super) fn consume(&mut self, count: usize) {
        self.window.consume(count);
    }

    /// See [`Window::fill`].
    pub(super) fn fill(&mut self) -> io::Result<Fill> {
        match &mut self.source {
            Source::Here(input) => self.window.fill(*input),
            Source::Anywhere(input, _) => self.window.fill(*input),
        }
    }
}

impl Window {
    /// The bytes that were read from the input and not taken yet.
    pub(super) fn unread(&self) -> &[u8] {
        self.data.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the input has no byte beyond the unread ones.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// How many bytes are asked for at a time.
    pub(super) const fn block(&self) -> usize {
        self.block
    }

    /// Takes bytes off the front.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Reads until the window is full or the input ends. Doubles the window when the unread bytes
    /// fill more than half of it, so that scanning a long record again costs no more than twice
    /// its length.
    pub(super) fn fill(&mut self, input: &mut dyn Read) -> io::Result<Fill> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
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
            let size = (self.data.len() * 2).clamp(self.block, MAX_RECORD + self.block);
            self.data.resize(size, 0);
        }
        (self.end, self.ended) = match read(input, &mut self.data, self.end) {
            Ok(read) => read,
            Err((end, fault)) if end > kept => {
                self.fault = Some(fault);
                (end, false)
            }
            Err((_, fault)) => return Err(fault),
        };
        Ok(if self.end > kept {
            Fill::More
        } else {
            Fill::End
        })
    }

    /// Takes everything unread into other bytes, and reads on until they are full; says how many of
    /// them are filled.
    pub(super) fn take_all(&mut self, input: &mut dyn Read, into: &mut [u8]) -> usize {
        let unread = self.unread();
        let count = unread.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), unread.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        if self.ended || self.fault.is_some() {
            return count;
        }
        match read(input, into, count) {
            Ok((end, ended)) => {
                self.ended = ended;
                end
            }
            Err((end, fault)) => {
                self.fault = Some(fault);
                end
            }
        }
    }

    /// Puts bytes back before the unread ones.
    pub(super) fn put_back(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.start == self.end
            && let Some(room) = self.data.get_mut(..bytes.len())
        {
            room.copy_from_slice(bytes);
            (self.start, self.end) = (0, bytes.len());
            return;
        }
        let unread = self.unread();
        let mut data = Vec::with_capacity((bytes.len() + unread.len()).max(self.block));
        data.extend_from_slice(bytes);
        data.extend_from_slice(unread);
        (self.start, self.end) = (0, data.len());
        data.resize(data.len().max(self.block), 0);
        self.data = data;
    }
}

/// Fills bytes from an offset on; says how far they are filled, and whether the input has ended, or
/// why it gives no more.
fn read(
    input: &mut dyn Read,
    data: &mut [u8],
    mut end: usize,
) -> Result<(usize, bool), (usize, io::Error)> {
    while let Some(space @ [_, ..]) = data.get_mut(end..) {
        match input.read(space) {
            Ok(0) => return Ok((end, true)),
            Ok(count) => end += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err((end, error)),
        }
    }
    Ok((end, false))
}
