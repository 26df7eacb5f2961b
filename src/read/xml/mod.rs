//! XML: one row element after another, or the whole document as one row.
//!
//! A record is parsed straight from the block at hand, and again with more bytes if the block ends
//! inside it. Prefixes of names are dropped. A document type is skipped, so its entities are never
//! expanded; a document that refers to one is malformed.

mod element;
mod shape;

use std::io::Read;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::Event;

use super::buffer::{Buffer, Fill, Source};
use super::emit::Emit;
use super::row::{ColumnPath, ReadError, RowSink, Summary};
use element::{element, is_deleted, name_of};
pub(super) use shape::shape;

/// Elements nested deeper than this are refused.
const MAX_DEPTH: u32 = 128;

/// Why reading stopped.
#[derive(Debug)]
enum Stop {
    /// The text ends inside markup or an element.
    More,
    /// Not well formed at this offset.
    Bad(usize, String),
    /// Nested beyond the limit at this offset.
    Deep(usize),
}

impl Stop {
    fn of(error: &Error, at: u64) -> Self {
        match error {
            // These are what a text that is cut anywhere looks like.
            Error::Syntax(_)
            | Error::Encoding(_)
            | Error::IllFormed(IllFormedError::UnclosedReference) => Self::More,
            other => Self::Bad(offset(at), other.to_string()),
        }
    }
}

fn offset(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// What has been read of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Before,
    Inside,
    After,
}

/// Reads every row and gives the wanted columns.
pub(super) fn rows(
    input: &mut dyn Read,
    row: Option<&str>,
    columns: &[ColumnPath],
    each: Option<&ColumnPath>,
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let mut buffer = Buffer::new(Source::Here(input));
    let mut scan = Scan {
        row,
        level: Level::Before,
        deleted: 0,
        emit: Emit::new(columns, each, sink),
    };
    loop {
        let last = buffer.ended();
        let taken = scan.block(buffer.unread(), last)?;
        buffer.consume(taken);
        match buffer.fill()? {
            Fill::More => {}
            Fill::End if !last => {}
            Fill::End => return Ok(scan.summary()),
            Fill::Full => {
                return Err(ReadError::TooLarge {
                    line: scan.emit.place.line,
                    message: "an element is longer than 16 MiB, or never ends".to_owned(),
                });
            }
        }
    }
}

struct Scan<'c> {
    row: Option<&'c str>,
    level: Level,
    /// Rows that say that they are deleted.
    deleted: u64,
    emit: Emit<'c>,
}

impl Scan<'_> {
    /// Gives the rows that end inside a block; says how many bytes are done with.
    fn block(&mut self, data: &[u8], last: bool) -> Result<usize, ReadError> {
        let mut reader = Reader::from_reader(data);
        // The end of the root stands in another block than its start.
        reader.config_mut().allow_unmatched_ends = true;
        let mut taken = 0;
        loop {
            match self.step(&mut reader, data) {
                Ok(true) => taken = offset(reader.buffer_position()),
                Ok(false) | Err(Stop::More) => break,
                Err(Stop::Bad(at, message)) => {
                    return Err(ReadError::Malformed {
                        line: self.emit.line(data, at),
                        message: format!("is not well-formed XML: {message}"),
                    });
                }
                Err(Stop::Deep(at)) => {
                    return Err(ReadError::TooLarge {
                        line: self.emit.line(data, at),
                        message: format!("nested more than {MAX_DEPTH} deep"),
                    });
                }
            }
        }
        if last {
            self.emit.advance(data, data.len());
        } else {
            self.emit.consumed(data, taken);
        }
        Ok(taken)
    }

    /// Takes one piece of what is around the rows, or a row. False at the end of the text.
    fn step<'a>(&mut self, reader: &mut Reader<&'a [u8]>, data: &'a [u8]) -> Result<bool, Stop> {
        let start = offset(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|e| Stop::of(&e, reader.error_position()))?;
        match event {
            Event::Start(_) | Event::Empty(_) if self.level == Level::After => {
                return Err(Stop::Bad(start, "a second root element".to_owned()));
            }
            Event::Start(_) if self.level == Level::Before && self.row.is_some() => {
                self.level = Level::Inside;
            }
            Event::Empty(_) if self.level == Level::Before && self.row.is_some() => {
                self.level = Level::After;
            }
            Event::Start(_) | Event::Empty(_) => {
                let (tag, content) = match &event {
                    Event::Start(tag) => (tag, Some(&mut *reader)),
                    Event::Empty(tag) => (tag, None),
                    _ => return Ok(true),
                };
                let wanted = self
                    .row
                    .is_none_or(|row| name_of(tag).eq_ignore_ascii_case(row.as_bytes()));
                let gone = self.row.is_some() && is_deleted(tag);
                let record = element(content, data, tag, start, 0)?;
                if wanted && gone {
                    self.deleted += 1;
                } else if wanted {
                    self.emit.record(data, &record);
                }
                if self.row.is_none() {
                    self.level = Level::After;
                }
            }
            Event::End(_) if self.level == Level::Inside => self.level = Level::After,
            Event::End(_) => return Err(Stop::Bad(start, "an end without a start".to_owned())),
            Event::Text(text) if self.level != Level::Inside && !text.trim().is_empty() => {
                return Err(Stop::Bad(start, "text outside the root element".to_owned()));
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    fn summary(&self) -> Summary {
        Summary {
            rows: self.emit.rows,
            truncated: (self.level != Level::After).then(|| {
                let line = self.emit.place.line;
                format!("the file ends too early, on line {line}")
            }),
            deleted: self.deleted,
        }
    }
}

#[cfg(test)]
mod tests;
