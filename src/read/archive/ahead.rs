//! A buffered input of which the next bytes can be looked at before they are taken.

use std::io::{self, BufRead, Read};

const SIZE: usize = 64 << 10;

/// The input.
pub(super) struct Ahead<'i> {
    inner: &'i mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<'i> Ahead<'i> {
    pub(super) fn new(inner: &'i mut dyn Read) -> Self {
        Self {
            inner,
            buffer: vec![0; SIZE],
            start: 0,
            end: 0,
        }
    }

    /// The next bytes; fewer only at the end of the input.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let rest = self.buffer.get_mut(self.end..).unwrap_or_default();
            self.end += super::fill(self.inner, rest)?;
        }
        let end = self.end.min(self.start + count);
        Ok(self.buffer.get(self.start..end).unwrap_or_default())
    }
}

impl Read for Ahead<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Ahead<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, self.inner.read(&mut self.buffer)?);
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }
}
