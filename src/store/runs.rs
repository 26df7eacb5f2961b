//! Runs on the disk: each a row of things, sorted, one behind the other in one file that has no
//! name, so that nobody else can open it and nothing is left behind, however the process ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::codec::{Memory, Reader, Stored, Writer};

/// Bytes that all readers of a pass hold together, and the least and most that one of them does.
const BUFFERS: usize = 4 << 20;
const LEAST: usize = 4 << 10;
const MOST: usize = 256 << 10;

/// Bytes that are written at once.
const WRITTEN: usize = 256 << 10;

/// Runs, and what their bytes refer to.
#[derive(Debug)]
pub(super) struct Runs {
    file: Mutex<File>,
    ends: Vec<Range<u64>>,
    memory: Memory,
}

impl Runs {
    /// No run yet.
    ///
    /// # Errors
    /// When there is no folder for temporary files, or none can be made there.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            file: Mutex::new(tempfile::tempfile()?),
            ends: Vec::new(),
            memory: Memory::default(),
        })
    }

    /// Adds a run of things that are sorted.
    ///
    /// # Errors
    /// When the disk is full, or fails.
    pub(super) fn add<T: Stored>(&mut self, sorted: &[T]) -> io::Result<()> {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        let start = file.seek(SeekFrom::End(0))?;
        let mut bytes = Vec::with_capacity(WRITTEN + LEAST);
        let mut one = Vec::new();
        for item in sorted {
            one.clear();
            item.store(&mut Writer {
                bytes: &mut one,
                memory: &mut self.memory,
            });
            bytes.extend_from_slice(&(one.len() as u64).to_le_bytes());
            bytes.extend_from_slice(&one);
            if bytes.len() >= WRITTEN {
                file.write_all(&bytes)?;
                bytes.clear();
            }
        }
        file.write_all(&bytes)?;
        self.ends.push(start..file.stream_position()?);
        Ok(())
    }

    /// Loses the last bytes of the file.
    #[cfg(test)]
    pub(super) fn lose(&mut self, bytes: u64) {
        let file = self.file.get_mut().unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - bytes).unwrap();
    }

    /// Every run from its beginning.
    pub(super) fn open<T: Stored>(&self) -> impl Iterator<Item = Run<T>> {
        let share = (BUFFERS / self.ends.len().max(1)).clamp(LEAST, MOST);
        self.ends.iter().map(move |range| Run {
            left: range.clone(),
            share,
            bytes: Vec::new(),
            at: 0,
            of: PhantomData,
        })
    }
}

/// A run that is being read.
#[derive(Debug)]
pub(super) struct Run<T> {
    /// What has not been read of the file.
    left: Range<u64>,
    /// Bytes to read at once.
    share: usize,
    /// What has been read and not been used, from `at` on.
    bytes: Vec<u8>,
    at: usize,
    of: PhantomData<T>,
}

impl<T: Stored> Run<T> {
    /// The next thing of the run, if there is one.
    ///
    /// # Errors
    /// When the disk fails, or gives other bytes than it was given.
    pub(super) fn next(&mut self, runs: &Runs) -> io::Result<Option<T>> {
        if self.bytes.len() == self.at && self.left.is_empty() {
            return Ok(None);
        }
        let length = self.take(8, runs)?;
        let length = length.try_into().map(u64::from_le_bytes).ok();
        let length = length.and_then(|length| usize::try_from(length).ok());
        let bytes = self.take(length.ok_or_else(broken)?, runs)?;
        let memory = &runs.memory;
        let mut from = Reader { bytes, memory };
        let item = T::load(&mut from).filter(|_| from.bytes.is_empty());
        item.map(Some).ok_or_else(broken)
    }

    fn take(&mut self, length: usize, runs: &Runs) -> io::Result<&[u8]> {
        if self.bytes.len() - self.at < length {
            self.fill(length, runs)?;
        }
        let end = self.at.saturating_add(length);
        let taken = self.bytes.get(self.at..end).ok_or_else(broken)?;
        self.at = end;
        Ok(taken)
    }

    /// Reads on, at least until so many bytes are there, if the run has them.
    fn fill(&mut self, length: usize, runs: &Runs) -> io::Result<()> {
        self.bytes.drain(..self.at);
        self.at = 0;
        let room = self.left.end - self.left.start;
        let wanted = length.saturating_sub(self.bytes.len()).max(self.share);
        let wanted = room.min(wanted as u64);
        let mut file = runs.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.left.start))?;
        let read = (&mut *file).take(wanted).read_to_end(&mut self.bytes)?;
        if read as u64 != wanted {
            return Err(broken());
        }
        self.left.start += wanted;
        Ok(())
    }
}

/// What a disk must not do.
fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the disk gives back other bytes than it was given",
    )
}
