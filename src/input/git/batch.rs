//! One long-lived `git cat-file --batch`, which gives any number of objects without a process each.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{Git, GitError};

/// A running `git cat-file --batch`.
#[derive(Debug)]
pub struct Batch {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What the repository has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A blob, whose bytes are in the buffer.
    Blob,
    /// Another type of object: `tree`, `commit` or `tag`, whose bytes are in the buffer.
    Other(String),
    /// A blob beyond the limit, of this many bytes; its content was passed over.
    TooLarge(u64),
    /// Nothing: a wrong name, or an object that a shallow or partial clone does not have.
    Missing,
}

impl Batch {
    /// `settings` are words of git's own that stand before the subcommand.
    pub(super) fn start(git: &Git, settings: &[&str]) -> Result<Self, GitError> {
        let words = settings.iter().chain(&["cat-file", "--batch"]);
        let mut child = git.spawn_mute(words, Stdio::piped())?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::Answer("cat-file has no pipes".to_owned()));
        };
        Ok(Self {
            child,
            input: Some(input),
            output: BufReader::with_capacity(1 << 16, output),
        })
    }

    /// Asks for objects without waiting for the answers, which [`Batch::next`] then gives in the
    /// same order. Keep what is asked ahead small (a few hundred names), or both sides block.
    ///
    /// # Errors
    /// When git has ended.
    pub fn ask<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> Result<(), GitError> {
        let Some(input) = &mut self.input else {
            return Ok(());
        };
        let mut lines = String::new();
        for name in names {
            lines.push_str(name);
            lines.push('\n');
        }
        input.write_all(lines.as_bytes())?;
        input.flush()?;
        Ok(())
    }

    /// Says that nothing more will be asked, so that git flushes what it holds.
    pub fn finish(&mut self) {
        self.input = None;
    }

    /// The next object that was asked for. Blobs above `limit` bytes are passed over.
    ///
    /// # Errors
    /// When git has ended or its answer cannot be read.
    pub fn next(&mut self, buffer: &mut Vec<u8>, limit: u64) -> Result<Object, GitError> {
        let (object, ()) = self.next_with(buffer, limit, |_, _| ())?;
        Ok(object)
    }

    /// As [`Batch::next`], but an object above `limit` bytes is handed to `large`, with its size, as it comes. What
    /// that leaves unread is passed over.
    ///
    /// # Errors
    /// When git has ended or its answer cannot be read.
    pub fn next_with<T: Default>(
        &mut self,
        buffer: &mut Vec<u8>,
        limit: u64,
        large: impl FnOnce(u64, &mut dyn Read) -> T,
    ) -> Result<(Object, T), GitError> {
        buffer.clear();
        let mut given = T::default();
        let mut line = Vec::new();
        if self.output.read_until(b'\n', &mut line)? == 0 {
            return Err(GitError::Answer("cat-file ended early".to_owned()));
        }
        let header = String::from_utf8_lossy(&line);
        let words: Vec<&str> = header.trim_end().rsplitn(3, ' ').collect();
        let (size, kind) = match words.as_slice() {
            ["missing" | "ambiguous", ..] => return Ok((Object::Missing, given)),
            [size, kind, _] => match size.parse::<u64>() {
                Ok(size) => (size, (*kind).to_owned()),
                Err(_) => return Err(GitError::Answer(header.trim_end().to_owned())),
            },
            _ => return Err(GitError::Answer(header.trim_end().to_owned())),
        };
        let mut content = (&mut self.output).take(size);
        if size > limit {
            given = large(size, &mut content);
            std::io::copy(&mut content, &mut std::io::sink())?;
        } else {
            content.read_to_end(buffer)?;
        }
        let mut end = [0];
        self.output.read_exact(&mut end)?;
        let object = match kind.as_str() {
            _ if size > limit => Object::TooLarge(size),
            "blob" => Object::Blob,
            _ => Object::Other(kind),
        };
        Ok((object, given))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
