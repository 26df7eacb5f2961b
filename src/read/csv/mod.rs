//! Delimited text, streamed: the fast half of the export readers.
//!
//! A block is looked at 64 bytes at a time. Three bit masks say where the delimiter, the newline
//! and the quote stand; the running parity of the quotes tells which of them are inside a quoted
//! field. That holds for well-formed text only, so the same masks watch for a quote that neither
//! opens nor closes a field in the proper place; the record with such a quote, and only that one,
//! is read again by [`careful`], byte by byte.
//!
//! The dialect: a field is quoted if its first byte is a quote, and then a doubled quote stands for
//! one; quotes elsewhere are text. A record ends with LF or CRLF. A blank line is no record.

use std::borrow::Cow;
use std::io::Read;

use super::buffer::{Buffer, Fill};
use super::row::{Cell, ColumnPath, ReadError, Row, RowSink, Summary};
use crate::model::ProblemKind;

/// Reads every record and gives the wanted columns.
pub(super) fn rows(
    input: &mut dyn Read,
    delimiter: u8,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let mut buffer = Buffer::new(input);
    let Some((header, line)) = read_header(&mut buffer, delimiter)? else {
        return Ok(Summary::default());
    };
    let mut scan = Scan {
        delimiter,
        ends: vec![0; header.len()],
        wanted: columns.iter().map(|c| position(&header, c)).collect(),
        line,
        summary: Summary::default(),
    };
    loop {
        let last = buffer.ended();
        let taken = scan.block(buffer.unread(), last, sink);
        if last {
            return Ok(scan.summary);
        }
        buffer.consume(taken);
        if buffer.fill()? == Fill::Full {
            return Err(ReadError::TooLarge {
                line: scan.line,
                message: "a row is longer than 16 MiB".to_owned(),
            });
        }
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

/// The names in the first line that is not blank, and the line number behind it.
fn read_header(
    buffer: &mut Buffer<'_>,
    delimiter: u8,
) -> Result<Option<(Vec<String>, u32)>, ReadError> {
    loop {
        match header(buffer.unread(), delimiter, buffer.ended()) {
            Header::Found {
                names,
                length,
                line,
            } => {
                buffer.consume(length);
                return Ok(Some((names, line)));
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

/// What the front of a file says about its header.
pub(super) enum Header {
    /// Its names, its length in bytes with blank lines before it, and the line number behind it.
    Found {
        names: Vec<String>,
        length: usize,
        line: u32,
    },
    /// The file is blank.
    None,
    /// More bytes are needed.
    Incomplete,
}

/// Reads the header from the front of a file.
pub(super) fn header(data: &[u8], delimiter: u8, last: bool) -> Header {
    let data_without_bom = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let blank = data_without_bom
        .iter()
        .take_while(|b| matches!(b, b'\n' | b'\r'))
        .count();
    let start = data.len() - data_without_bom.len() + blank;
    let lines_before = newlines(data.get(..start).unwrap_or_default());
    let rest = data.get(start..).unwrap_or_default();
    if rest.is_empty() {
        return if last {
            Header::None
        } else {
            Header::Incomplete
        };
    }
    let mut ends = Vec::new();
    let Some(record) = careful(rest, delimiter, last, &mut ends) else {
        return Header::Incomplete;
    };
    let mut from = 0;
    let names = ends
        .iter()
        .map(|&end| {
            let name = field(rest.get(from..end).unwrap_or_default());
            from = end + 1;
            match name {
                Cell::Text(text) => String::from_utf8_lossy(&text).trim().to_owned(),
                _ => String::new(),
            }
        })
        .collect();
    Header::Found {
        names,
        length: start + record.next,
        line: 1u32
            .saturating_add(lines_before)
            .saturating_add(record.lines),
    }
}

/// The bytes that stand between fields in one export or another, the likeliest first.
const DELIMITERS: [u8; 6] = *b",;\t|^`";

/// The delimiter that a header line seems to use: what follows its first field if that is quoted,
/// else the most frequent candidate. None if there is none, so that the line is no header.
pub(super) fn sniff_delimiter(data: &[u8]) -> Option<u8> {
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let data = data.trim_ascii_start();
    if let [b'"', rest @ ..] = data {
        let close = memchr::memchr(b'"', rest)?;
        let next = *rest.get(close + 1)?;
        return DELIMITERS.contains(&next).then_some(next);
    }
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    let line = data.get(..end).unwrap_or_default();
    let count = |wanted: u8| {
        let mut inside = false;
        let outside = line.iter().filter(|&&b| {
            inside ^= b == b'"';
            !inside && b == wanted
        });
        outside.count()
    };
    let (delimiter, count) = DELIMITERS
        .iter()
        .rev()
        .map(|&d| (d, count(d)))
        .max_by_key(|(_, count)| *count)?;
    (count > 0).then_some(delimiter)
}

/// The state that goes from block to block.
struct Scan {
    delimiter: u8,
    /// Where the fields of the record at hand end; as long as the header.
    ends: Vec<usize>,
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
}

impl Scan {
    /// Gives every record that ends inside a block; says how many bytes they were.
    fn block(&mut self, data: &[u8], last: bool, sink: &mut dyn RowSink) -> usize {
        let mut cells = Vec::with_capacity(self.wanted.len());
        let mut open = Open::at(0);
        let mut carry = Carry::RECORD_START;
        let mut base = 0;
        while let Some(rest @ [_, ..]) = data.get(base..) {
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
                    if let Some(end) = self.ends.get_mut(open.fields) {
                        *end = at;
                    }
                    open.fields += 1;
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
        cells: &mut Vec<Cell<'a>>,
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
            for (slot, end) in self.ends.iter_mut().zip(&ends) {
                *slot = start + end;
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
        cells: &mut Vec<Cell<'a>>,
        sink: &mut dyn RowSink,
    ) {
        let blank = data.get(open.start..) == Some(b"\r");
        if open.fields + 1 < self.ends.len() && !blank {
            self.summary.truncated = Some(format!("the last line ({}) is cut off", self.line));
        } else {
            self.record(data, open, data.len(), cells, sink);
        }
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
        cells: &mut Vec<Cell<'a>>,
        sink: &mut dyn RowSink,
    ) {
        let raw = data.get(open.start..end).unwrap_or_default();
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if raw.is_empty() {
            return;
        }
        let width = self.ends.len();
        if open.fields + 1 != width {
            let message = format!("has {} fields, the header has {width}", open.fields + 1);
            sink.problem(self.line, ProblemKind::BadRow, message);
            return;
        }
        if let Some(slot) = self.ends.last_mut() {
            *slot = open.start + raw.len();
        }
        cells.clear();
        for wanted in &self.wanted {
            let cell = wanted.and_then(|at| {
                let start = match at.checked_sub(1) {
                    Some(before) => self.ends.get(before)? + 1,
                    None => open.start,
                };
                Some(field(data.get(start..*self.ends.get(at)?)?))
            });
            cells.push(cell.unwrap_or(Cell::Absent));
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

/// A field's text: without its quotes, doubled quotes made single.
fn field(raw: &[u8]) -> Cell<'_> {
    let [b'"', inner @ .., b'"'] = raw else {
        return Cell::Text(Cow::Borrowed(raw));
    };
    if memchr::memchr(b'"', inner).is_none() {
        return Cell::Text(Cow::Borrowed(inner));
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'"', rest) {
        text.extend_from_slice(rest.get(..=at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    Cell::Text(Cow::Owned(text))
}

/// A record as [`careful`] read it; offsets count from its start.
struct Careful {
    /// Behind its last byte, a carriage return included.
    end: usize,
    /// Where the next record begins.
    next: usize,
    /// Physical lines that it takes.
    lines: u32,
    unterminated: bool,
    text_behind_quote: bool,
}

/// Reads one record byte by byte and notes where its fields end. None if it does not end in the
/// bytes at hand and they are not the last.
fn careful(data: &[u8], delimiter: u8, last: bool, ends: &mut Vec<usize>) -> Option<Careful> {
    let mut at = 0;
    let mut text_behind_quote = false;
    let finish = |ends: &mut Vec<usize>, end: usize, next: usize, bad: bool, open: bool| {
        let raw = data.get(..end).unwrap_or_default();
        ends.push(end - usize::from(raw.last() == Some(&b'\r')));
        Careful {
            end,
            next,
            lines: newlines(data.get(..next).unwrap_or_default()),
            unterminated: open,
            text_behind_quote: bad,
        }
    };
    loop {
        let quoted = data.get(at) == Some(&b'"');
        if quoted {
            at += 1;
            loop {
                let Some(close) = memchr::memchr(b'"', data.get(at..).unwrap_or_default()) else {
                    return last.then(|| finish(ends, data.len(), data.len(), false, true));
                };
                at += close + 1;
                match data.get(at) {
                    Some(b'"') => at += 1,
                    None if !last => return None,
                    _ => break,
                }
            }
        }
        let tail = data.get(at..).unwrap_or_default();
        let Some(length) = memchr::memchr2(delimiter, b'\n', tail) else {
            let bad = text_behind_quote || (quoted && !matches!(tail, b"" | b"\r"));
            return last.then(|| finish(ends, data.len(), data.len(), bad, false));
        };
        let newline = tail.get(length) == Some(&b'\n');
        let between = tail.get(..length).unwrap_or_default();
        text_behind_quote |= quoted && !(between.is_empty() || (newline && between == b"\r"));
        at += length;
        if newline {
            return Some(finish(ends, at, at + 1, text_behind_quote, false));
        }
        ends.push(at);
        at += 1;
    }
}

fn newlines(data: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', data).count()).unwrap_or(u32::MAX)
}

/// Where three bytes stand in a chunk of up to 64; bit 0 is the first byte.
struct Masks {
    delimiter: u64,
    newline: u64,
    quote: u64,
    /// The bits that stand for bytes of the chunk.
    valid: u64,
}

impl Masks {
    #[inline]
    fn of(data: &[u8], delimiter: u8) -> Self {
        let mut padded = [0; 64];
        let (chunk, valid) = match data.first_chunk::<64>() {
            Some(chunk) => (chunk, u64::MAX),
            None => {
                for (to, from) in padded.iter_mut().zip(data) {
                    *to = *from;
                }
                (&padded, (1 << data.len()) - 1)
            }
        };
        Self {
            delimiter: equal(chunk, delimiter) & valid,
            newline: equal(chunk, b'\n'),
            quote: equal(chunk, b'"'),
            valid,
        }
    }
}

/// One bit for each byte that is the needle. Eight bytes at a time in a word: safe code has no
/// vector compare, and this costs about one instruction a byte.
#[inline]
fn equal(chunk: &[u8; 64], needle: u8) -> u64 {
    const LOW7: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from_le_bytes([needle; 8]);
    let mut mask = 0;
    let (words, _) = chunk.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let difference = u64::from_le_bytes(*word) ^ pattern;
        // The top bit of each byte that is zero, with no carry into a neighbour.
        let zero = !(((difference & LOW7) + LOW7) | difference | LOW7);
        let bits = (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (index * 8);
    }
    mask
}

/// Of the marked bytes, those that are carriage returns before a newline or at the end.
#[cold]
fn carriage_returns(data: &[u8], marked: u64) -> u64 {
    let mut found = 0;
    let mut rest = marked;
    while rest != 0 {
        let at = rest.trailing_zeros() as usize;
        if data.get(at) == Some(&b'\r') && matches!(data.get(at + 1), Some(b'\n') | None) {
            found |= 1 << at;
        }
        rest &= rest - 1;
    }
    found
}

/// Each bit becomes the parity of itself and all bits below.
#[inline]
const fn prefix_xor(mut bits: u64) -> u64 {
    let mut step = 1;
    while step < 64 {
        bits ^= bits << step;
        step *= 2;
    }
    bits
}

#[cfg(test)]
mod tests;
