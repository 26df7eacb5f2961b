//! Delimited text, streamed: the fast half of the export readers.
//!
//! A block is looked at 64 bytes at a time. Three bit masks say where the delimiter, the newline
//! and the quote stand; the running parity of the quotes tells which of them are inside a quoted
//! field. That holds for well-formed text only, so the same masks watch for a quote that neither
//! opens nor closes a field in the proper place; the record with such a quote, and only that one,
//! is read again by `careful`, byte by byte. A chunk without a quote, outside quotes, needs only its
//! breaks.
//!
//! The dialect: a field is quoted if its first byte is a quote, and then a doubled quote stands for
//! one; quotes elsewhere are text. A record ends with LF or CRLF. A blank line is no record, and
//! neither is the line `sep=;` by which Excel names the delimiter, nor the header where it stands again
//! because files were joined, nor the sum and the small print below a report.

mod dialect;
mod footer;
mod heading;
mod masks;

use super::ahead::{Ahead, Patience, Reached};
use super::buffer::{Buffer, Fill, Source};
use super::place::Place;
use super::row::{Cell, ColumnPath, ReadError, Row, RowSink, Summary};
use crate::model::ProblemKind;
pub(super) use dialect::{Header, header, sniff_behind_titles, sniff_delimiter};
use dialect::{careful, field};
use heading::{Again, Heading};
use masks::{Masks, carriage_returns, plain_breaks, prefix_xor};

/// Reads every record and gives the wanted columns.
pub(super) fn rows(
    source: Source<'_>,
    delimiter: u8,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let mut buffer = Buffer::new(source);
    let Some((header, line, returns)) = read_header(&mut buffer, delimiter)? else {
        return Ok(Summary::default());
    };
    if returns {
        return Err(ReadError::Malformed {
            line: 1,
            message: "its lines end with a carriage return alone; save it with line feeds"
                .to_owned(),
        });
    }
    let heading = Heading::new(&header, delimiter);
    let mut scan = Scan {
        delimiter,
        heading: &heading,
        starts: vec![0; header.len() + 1],
        wanted: columns.iter().map(|c| position(&header, c)).collect(),
        line,
        summary: Summary::default(),
    };
    let mut patience = Patience::default();
    loop {
        let last = buffer.ended();
        let taken = scan.block(buffer.unread(), last, sink);
        if last {
            return Ok(scan.summary);
        }
        buffer.consume(taken);
        if patience.is_due() {
            scan.look_ahead(&mut buffer, &mut patience, sink);
        }
        if buffer.fill()? == Fill::Full {
            return Err(ReadError::TooLarge {
                line: scan.line,
                message: "a row is longer than 16 MiB".to_owned(),
            });
        }
    }
}

/// Behind the last newline outside quotes of bytes that begin with a record, if every quote among
/// them stands where it should.
fn last_record_end(data: &[u8]) -> Option<usize> {
    let mut inside = memchr::memchr_iter(b'"', data).count() % 2 == 1;
    let mut end = data.len();
    loop {
        let before = data.get(..end).unwrap_or_default();
        let at = memchr::memrchr2(b'"', b'\n', before)?;
        if before.get(at) == Some(&b'"') {
            inside = !inside;
        } else if !inside {
            return Some(at + 1);
        }
        end = at;
    }
}

/// Where a wanted column stands in the header. Names compare without case (Data Loader can write
/// capitals) and without the space around them.
fn position(header: &[String], column: &ColumnPath) -> Option<usize> {
    let wanted = column.header();
    header
        .iter()
        .position(|name| name.eq_ignore_ascii_case(wanted))
}

/// The names in the first line that is not blank, the line number behind it, and whether a carriage
/// return stands in it.
fn read_header(
    buffer: &mut Buffer<'_>,
    delimiter: u8,
) -> Result<Option<(Vec<String>, u32, bool)>, ReadError> {
    loop {
        match header(buffer.unread(), delimiter, buffer.ended()) {
            Header::Found {
                names,
                length,
                line,
            } => {
                let taken = buffer.unread().get(..length).unwrap_or_default();
                let mut pairs = taken.trim_ascii().windows(2);
                let returns =
                    pairs.any(|two| matches!(two, [b'\r', next] if !next.is_ascii_whitespace()));
                buffer.consume(length);
                return Ok(Some((names, line, returns)));
            }
            Header::None => return Ok(None),
            Header::Incomplete => {
                if buffer.fill()? == Fill::Full {
                    return Err(ReadError::TooLarge {
                        line: 1,
                        message: "the header is longer than 16 MiB".to_owned(),
                    });
                }
            }
        }
    }
}

/// The state that goes from block to block.
struct Scan<'h> {
    delimiter: u8,
    heading: &'h Heading<'h>,
    /// Where the fields of the record at hand begin, and the one behind the last would: one more
    /// than the header has. Each ends one byte before the next begins.
    starts: Vec<usize>,
    /// For each wanted column its place in the header.
    wanted: Vec<Option<usize>>,
    /// The line of the record at hand.
    line: u32,
    summary: Summary,
}

/// The record under way inside a block.
#[derive(Clone, Copy)]
struct Open {
    /// Where it begins.
    start: usize,
    /// Delimiters seen in it.
    fields: usize,
    /// Newlines inside its quotes.
    lines: u32,
}

impl Open {
    const fn at(start: usize) -> Self {
        Self {
            start,
            fields: 0,
            lines: 0,
        }
    }
}

/// What one 64-byte chunk hands to the next.
#[derive(Clone, Copy)]
struct Carry {
    /// All ones inside quotes.
    inside: u64,
    /// 1 if the byte before ended a field.
    field_start: u64,
    /// 1 if the byte before was a closing quote.
    closed: u64,
}

impl Carry {
    const RECORD_START: Self = Self {
        inside: 0,
        field_start: 1,
        closed: 0,
    };

    /// Whether a chunk without a quote is all text and breaks.
    const fn is_plain(self) -> bool {
        self.inside == 0 && self.closed == 0
    }
}

impl Scan<'_> {
    /// Lets others read what comes, if the sink knows of some.
    fn look_ahead(
        &mut self,
        buffer: &mut Buffer<'_>,
        patience: &mut Patience,
        sink: &mut dyn RowSink,
    ) {
        let place = Place {
            line: self.line,
            ..Place::START
        };
        let passed = Ahead::offer(
            buffer,
            place,
            &mut last_record_end,
            &|stretch, sink| {
                let mut scan = Self {
                    delimiter: self.delimiter,
                    heading: self.heading,
                    starts: vec![0; self.starts.len()],
                    wanted: self.wanted.clone(),
                    line: stretch.place().line,
                    summary: Summary::default(),
                };
                Reached {
                    taken: scan.block(stretch.bytes(), false, sink),
                    rows: scan.summary.rows,
                }
            },
            sink,
        );
        if let Some(passed) = passed {
            self.line = passed.place.line;
            self.summary.rows += passed.rows;
            patience.learn(passed);
        }
    }

    /// Gives every record that ends inside a block; says how many bytes they were.
    fn block(&mut self, data: &[u8], last: bool, sink: &mut dyn RowSink) -> usize {
        let mut cells = vec![Cell::Absent; self.wanted.len()];
        let mut open = Open::at(0);
        let mut carry = Carry::RECORD_START;
        let mut base = 0;
        while let Some(rest @ [_, ..]) = data.get(base..) {
            if carry.is_plain()
                && let Some(breaks) = plain_breaks(rest, self.delimiter)
            {
                let mut events = breaks;
                while events != 0 {
                    let at = base + events.trailing_zeros() as usize;
                    events &= events - 1;
                    if data.get(at) == Some(&b'\n') {
                        self.record(data, open, at, &mut cells, sink);
                        self.line = self.line.saturating_add(open.lines).saturating_add(1);
                        open = Open::at(at + 1);
                    } else {
                        open.fields += 1;
                        if let Some(start) = self.starts.get_mut(open.fields) {
                            *start = at + 1;
                        }
                    }
                }
                carry.field_start = breaks >> 63;
                base += 64;
                continue;
            }
            let masks = Masks::of(rest, self.delimiter);
            let mut inside = carry.inside;
            if masks.quote != 0 {
                inside ^= prefix_xor(masks.quote);
            }
            let breaks = (masks.delimiter | masks.newline) & !inside;
            let (opening, closing) = (masks.quote & inside, masks.quote & !inside);
            let behind_close = (closing << 1) | carry.closed;
            let may_open = (breaks << 1) | carry.field_start | behind_close;
            let mut odd = (opening & !may_open)
                | (behind_close & !(masks.delimiter | masks.newline | masks.quote));
            if odd != 0 {
                odd &= masks.valid & !carriage_returns(rest, odd);
            }
            let before = if odd == 0 {
                u64::MAX
            } else {
                (odd & odd.wrapping_neg()) - 1
            };

            let mut events = (breaks | masks.newline) & before;
            while events != 0 {
                let bit = events & events.wrapping_neg();
                let at = base + events.trailing_zeros() as usize;
                events ^= bit;
                if masks.newline & bit == 0 {
                    open.fields += 1;
                    if let Some(start) = self.starts.get_mut(open.fields) {
                        *start = at + 1;
                    }
                } else if inside & bit != 0 {
                    open.lines += 1;
                } else {
                    self.record(data, open, at, &mut cells, sink);
                    self.line = self.line.saturating_add(open.lines).saturating_add(1);
                    open = Open::at(at + 1);
                }
            }

            if odd != 0 {
                let Some(next) = self.odd_record(data, open.start, last, &mut cells, sink) else {
                    return open.start;
                };
                base = next;
                open = Open::at(next);
                carry = Carry::RECORD_START;
                continue;
            }
            carry = Carry {
                // The sign bit spread over the word: the parity at the end of the chunk.
                inside: 0u64.wrapping_sub(inside >> 63),
                field_start: breaks >> 63,
                closed: closing >> 63,
            };
            base += 64;
        }
        if last && open.start < data.len() {
            if carry.inside == 0 {
                self.last_record(data, open, &mut cells, sink);
            } else {
                self.unterminated();
            }
        }
        open.start
    }

    /// Gives the record that the masks could not follow; says where the next begins.
    fn odd_record<'a>(
        &mut self,
        data: &'a [u8],
        start: usize,
        last: bool,
        cells: &mut [Cell<'a>],
        sink: &mut dyn RowSink,
    ) -> Option<usize> {
        let mut ends = Vec::new();
        let rest = data.get(start..).unwrap_or_default();
        let record = careful(rest, self.delimiter, last, &mut ends)?;
        if record.unterminated {
            self.unterminated();
            return Some(data.len());
        }
        if record.text_behind_quote {
            let message = "text follows the closing quote of a field".to_owned();
            sink.problem(self.line, ProblemKind::BadRow, message);
        } else {
            for (slot, end) in self.starts.iter_mut().skip(1).zip(&ends) {
                *slot = start + end + 1;
            }
            let open = Open {
                start,
                fields: ends.len() - 1,
                lines: 0,
            };
            self.record(data, open, start + record.end, cells, sink);
        }
        self.line = self.line.saturating_add(record.lines);
        Some(start + record.next)
    }

    /// The record that the end of the file ends. Too few fields in it mean a file cut short.
    fn last_record<'a>(
        &mut self,
        data: &'a [u8],
        open: Open,
        cells: &mut [Cell<'a>],
        sink: &mut dyn RowSink,
    ) {
        let raw = data.get(open.start..).unwrap_or_default();
        let blank = raw == b"\r";
        if open.fields + 1 < self.width() && !blank && !self.is_footer(raw) {
            self.summary.truncated = Some(format!("the last line ({}) is cut off", self.line));
        } else {
            self.record(data, open, data.len(), cells, sink);
        }
    }

    /// Fields of the header.
    const fn width(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether a record stands below the table and is none of its rows.
    #[cold]
    fn is_footer(&self, raw: &[u8]) -> bool {
        self.width() > 1 && footer::is_footer(raw, self.delimiter)
    }

    fn unterminated(&mut self) {
        self.summary.truncated = Some(format!(
            "a quoted field of the row that begins on line {} never ends",
            self.line
        ));
    }

    /// Gives one record whose last byte is before `end`.
    fn record<'a>(
        &mut self,
        data: &'a [u8],
        open: Open,
        end: usize,
        cells: &mut [Cell<'a>],
        sink: &mut dyn RowSink,
    ) {
        let raw = data.get(open.start..end).unwrap_or_default();
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if raw.is_empty() {
            return;
        }
        if self.heading.may_be(raw) {
            match self.heading.again(raw) {
                Again::Not => {}
                Again::Same => return,
                Again::Other => {
                    let message = "is another header, as where files were joined; what stands below it \
                         may be read wrongly: keep each export in a file of its own";
                    sink.problem(self.line, ProblemKind::Malformed, message.to_owned());
                    return;
                }
            }
        }
        if footer::may_be(raw) && self.is_footer(raw) {
            return;
        }
        let width = self.width();
        if open.fields + 1 != width {
            let message = format!("has {} fields, the header has {width}", open.fields + 1);
            sink.problem(self.line, ProblemKind::BadRow, message);
            return;
        }
        if let [first, .., last] = self.starts.as_mut_slice() {
            (*first, *last) = (open.start, open.start + raw.len() + 1);
        }
        for (cell, wanted) in cells.iter_mut().zip(&self.wanted) {
            // The cell of a column that is not there is absent from the first record on.
            if let Some(at) = *wanted
                && let Some([start, next]) = self.starts.get(at..).and_then(<[_]>::first_chunk)
            {
                *cell = field(data.get(*start..next - 1).unwrap_or_default());
            }
        }
        self.summary.rows += 1;
        sink.row(&Row {
            cells,
            raw,
            line: self.line,
            column: 1,
        });
    }
}

#[cfg(test)]
mod tests;
