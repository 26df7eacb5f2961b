//! What is around the records: documents, the object that holds the array, and what that object
//! says about rows that are not in this file.

use std::str;

use super::cursor::{Cursor, Stop};
use super::records::{Mode, PAGED, Pause, Records};
use super::stretch;
use crate::model::ProblemKind;
use crate::read::ahead::Patience;
use crate::read::buffer::{Buffer, Fill};
use crate::read::row::{ReadError, Summary};

/// Objects nested this deep around the records are walked piece by piece; below, a value must fit
/// the record limit.
const STREAMED_LEVELS: u32 = 4;

/// Why reading a document stopped early.
enum Fault {
    Read(ReadError),
    /// The file ended inside it.
    Ended,
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error.into())
    }
}

/// Reads documents.
pub(super) struct Reader<'r, 's> {
    buffer: Buffer<'r>,
    records: Records<'s>,
    /// Why the last document says that more rows exist.
    more: Option<String>,
    /// The highest count that a document names, and the key that names it.
    total: Option<(u64, String)>,
    patience: Patience,
}

impl<'r, 's> Reader<'r, 's> {
    pub(super) fn new(buffer: Buffer<'r>, records: Records<'s>) -> Self {
        Self {
            buffer,
            records,
            more: None,
            total: None,
            patience: Patience::default(),
        }
    }

    /// Reads the whole file.
    pub(super) fn read(mut self, path: &[String]) -> Result<Summary, ReadError> {
        let result = if path.is_empty() {
            self.stream()
        } else {
            self.documents(path)
        };
        let truncated = match result {
            Err(Fault::Read(error)) => return Err(error),
            Err(Fault::Ended) => Some(format!(
                "the file ends too early, on line {}",
                self.records.place.after(self.buffer.unread()).line
            )),
            Ok(()) => self.more.or_else(|| {
                let (total, key) = self.total?;
                let rows = self.records.rows;
                (total > rows).then(|| format!("`{key}` is {total}, but only {rows} rows are here"))
            }),
        };
        Ok(Summary {
            rows: self.records.rows,
            truncated,
            deleted: 0,
        })
    }

    /// Records, or arrays of records, one after another.
    fn stream(&mut self) -> Result<(), Fault> {
        loop {
            let mut mode = Mode::Stream;
            match self.run(&mut mode)? {
                Pause::Opened => {
                    mode = Mode::First;
                    let rows = self.records.rows;
                    let end = self.run(&mut mode)?;
                    if end == Pause::Block && (mode != Mode::First || rows > 0 || !self.at_end()) {
                        // A bulk export without rows is a lone `[`.
                        return Err(Fault::Ended);
                    }
                }
                Pause::Block if self.at_end() => return Ok(()),
                _ => return Err(Fault::Ended),
            }
        }
    }

    /// Feeds blocks to the records until they pause, or with [`Pause::Block`] the file ends.
    fn run(&mut self, mode: &mut Mode) -> Result<Pause, Fault> {
        loop {
            let (taken, pause) = self.records.block(self.buffer.unread(), mode)?;
            self.buffer.consume(taken);
            // What others left may be whole records.
            if pause == Pause::Block
                && self.patience.is_due()
                && let Some(passed) = stretch::look_ahead(&mut self.buffer, &mut self.records, mode)
            {
                self.patience.learn(passed);
                continue;
            }
            if pause != Pause::Block || !self.fill()? {
                return Ok(pause);
            }
        }
    }

    /// Whether nothing but white space is left.
    fn at_end(&self) -> bool {
        self.buffer.ended() && self.buffer.unread().trim_ascii().is_empty()
    }

    /// Asks for more bytes; false at the end of the file.
    fn fill(&mut self) -> Result<bool, ReadError> {
        match self.buffer.fill()? {
            Fill::More => Ok(true),
            Fill::End => Ok(false),
            Fill::Full => Err(ReadError::TooLarge {
                line: self.records.place.line,
                message: "a record is longer than 16 MiB".to_owned(),
            }),
        }
    }

    /// Objects that hold the array at the end of a path, one after another or in lists.
    fn documents(&mut self, path: &[String]) -> Result<(), Fault> {
        while let Some(first) = self.next_byte()? {
            self.document(first, path, 0)?;
        }
        Ok(())
    }

    /// One such object, or a list of them.
    fn document(&mut self, first: u8, path: &[String], depth: u32) -> Result<(), Fault> {
        let line = self.records.place.line;
        if first == b'[' && depth < PAGED {
            self.token(|c| c.expect(b'[', ""))?;
            if self.byte()? == b']' {
                return self.token(|c| c.expect(b']', ""));
            }
            loop {
                let first = self.byte()?;
                self.document(first, path, depth + 1)?;
                if self.comma_or(b']')? {
                    return Ok(());
                }
            }
        }
        self.more = None;
        if !self.object(path, 0)? {
            let message = format!("has no list `{}`", path.join("."));
            let sink = &mut self.records.sink;
            sink.problem(line, ProblemKind::Malformed, message);
        }
        Ok(())
    }

    /// Walks over the members of an object; says whether the end of the path was there.
    fn object(&mut self, path: &[String], depth: u32) -> Result<bool, Fault> {
        self.token(|c| c.expect(b'{', "an object is missing"))?;
        if self.byte()? == b'}' {
            self.token(|c| c.expect(b'}', ""))?;
            return Ok(false);
        }
        let mut found = false;
        loop {
            let key = self.token(|c| {
                let key = String::from_utf8_lossy(c.key()?).into_owned();
                c.expect(b':', "`:` is missing")?;
                Ok(key)
            })?;
            let first = self.byte()?;
            match path.split_first() {
                Some((name, [])) if *name == key => found |= self.list(first)?,
                Some((name, rest)) if *name == key && first == b'{' => {
                    found |= self.object(rest, depth + 1)?;
                }
                // Kubernetes says here that a list goes on.
                _ if key == "metadata" && first == b'{' && depth == 0 => {
                    self.object(&[], depth + 1)?;
                }
                _ if matches!(first, b'{' | b'[') => self.skip(first, depth + 1)?,
                _ => {
                    let value = self.token(|c| {
                        let start = c.at();
                        c.skip(0)?;
                        Ok(String::from_utf8_lossy(c.since(start)).into_owned())
                    })?;
                    self.note(&key, value.trim());
                }
            }
            if self.comma_or(b'}')? {
                return Ok(found);
            }
        }
    }

    /// Reads the rows at the end of the path. An object there is the only row, null is none.
    fn list(&mut self, first: u8) -> Result<bool, Fault> {
        let mut mode = match first {
            b'[' => Mode::First,
            b'{' => Mode::One,
            b'n' => {
                self.token(|c| c.skip(0))?;
                return Ok(true);
            }
            _ => {
                self.token(|c| c.skip(0))?;
                return Ok(false);
            }
        };
        if mode == Mode::First {
            self.token(|c| c.expect(b'[', ""))?;
        }
        match self.run(&mut mode)? {
            Pause::Block => Err(Fault::Ended),
            _ => Ok(true),
        }
    }

    /// Walks over a value that may be longer than a record may be.
    fn skip(&mut self, first: u8, depth: u32) -> Result<(), Fault> {
        let close = match first {
            b'{' if depth < STREAMED_LEVELS => b'}',
            b'[' if depth < STREAMED_LEVELS => b']',
            _ => return self.token(|c| c.skip(depth)),
        };
        self.token(|c| c.expect(first, ""))?;
        if self.byte()? == close {
            return self.token(|c| c.expect(close, ""));
        }
        loop {
            if close == b'}' {
                self.token(|c| {
                    c.key()?;
                    c.expect(b':', "`:` is missing")
                })?;
            }
            let first = self.byte()?;
            self.skip(first, depth + 1)?;
            if self.comma_or(close)? {
                return Ok(());
            }
        }
    }

    /// Takes a comma (false) or a closing bracket (true).
    fn comma_or(&mut self, close: u8) -> Result<bool, Fault> {
        self.token(|c| {
            let byte = c.peek()?;
            if byte != b',' && byte != close {
                return Err(Stop::Bad(c.at(), "`,` or a closing bracket is missing"));
            }
            c.bump();
            Ok(byte == close)
        })
    }

    /// The next byte that is no white space.
    fn byte(&mut self) -> Result<u8, Fault> {
        self.next_byte()?.ok_or(Fault::Ended)
    }

    fn next_byte(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let data = self.buffer.unread();
            let mut cursor = Cursor::new(data, 0);
            let next = cursor.peek().ok();
            let white = cursor.at();
            self.records.place.advance(cursor.since(0));
            self.buffer.consume(white);
            if next.is_some() || !self.fill()? {
                return Ok(next);
            }
        }
    }

    /// Takes something small, with more bytes where it needs them.
    fn token<T>(&mut self, take: impl Fn(&mut Cursor<'_>) -> Result<T, Stop>) -> Result<T, Fault> {
        loop {
            let data = self.buffer.unread();
            let mut cursor = Cursor::new(data, 0);
            match take(&mut cursor) {
                Ok(value) => {
                    let taken = cursor.at();
                    self.records.place.advance(cursor.since(0));
                    self.buffer.consume(taken);
                    return Ok(value);
                }
                Err(Stop::More) => {
                    if !self.fill()? {
                        return Err(Fault::Ended);
                    }
                }
                Err(stop) => return Err(self.records.error(data, 0, &stop).into()),
            }
        }
    }

    /// Notes what a member of the envelope says about rows that are elsewhere.
    fn note(&mut self, key: &str, value: &str) {
        let says_more = match key {
            "done" => value == "false",
            "IsTruncated" => value == "true",
            "nextRecordsUrl" | "@odata.nextLink" | "NextToken" | "nextToken" | "nextPageToken"
            | "nextPageUrl" | "NextMarker" | "continue" => !matches!(value, "null" | "\"\""),
            _ => false,
        };
        if says_more && self.more.is_none() {
            self.more = Some(match key {
                "done" | "IsTruncated" => format!("`{key}` is {value}: more rows exist"),
                _ => format!("`{key}` names a further page"),
            });
        }
        if matches!(key, "totalSize" | "total_count")
            && let Ok(total) = value.parse()
            && self.total.as_ref().is_none_or(|(old, _)| *old < total)
        {
            self.total = Some((total, key.to_owned()));
        }
    }
}
