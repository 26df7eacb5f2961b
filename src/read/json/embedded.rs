//! A CSV file in base64 inside a JSON object, as AWS gives the credential report.

use std::io::Read;

use super::cursor::{Cursor, MAX_DEPTH, Stop};
use crate::model::ProblemKind;
use crate::read::buffer::{MAX_RECORD, Source};
use crate::read::place::Place;
use crate::read::row::{ColumnPath, ReadError, Row, RowSink, Summary};
use crate::read::{base64, csv};

/// Reads the rows of the embedded file. All of them stand where the member's value stands.
pub(in crate::read) fn rows(
    input: &mut dyn Read,
    content: &str,
    delimiter: u8,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let mut data = Vec::new();
    let limit = u64::try_from(MAX_RECORD).unwrap_or(u64::MAX);
    input.take(limit + 1).read_to_end(&mut data)?;
    if data.len() > MAX_RECORD {
        return Err(ReadError::TooLarge {
            line: 1,
            message: "is longer than 16 MiB".to_owned(),
        });
    }
    let malformed = |place: Place, message: &str| ReadError::Malformed {
        line: place.line,
        message: message.to_owned(),
    };
    let (at, value) = match member(&data, content) {
        Ok(Some(found)) => found,
        Ok(None) => return Err(malformed(Place::START, "has no embedded CSV")),
        Err(Stop::More) => {
            return Ok(Summary {
                truncated: Some("the file ends too early".to_owned()),
                ..Summary::default()
            });
        }
        Err(Stop::Bad(at, message)) => {
            let place = Place::START.after(data.get(..at).unwrap_or_default());
            return Err(malformed(place, message));
        }
        Err(Stop::Deep(_)) => return Err(malformed(Place::START, "nested more than 128 deep")),
    };
    let place = Place::START.after(data.get(..at).unwrap_or_default());
    let Some(text) = decode(value) else {
        return Err(malformed(place, "the embedded CSV is not valid base64"));
    };
    csv::rows(
        Source::Here(&mut text.as_slice()),
        delimiter,
        columns,
        &mut Moved { place, sink },
    )
}

/// The beginning of the embedded file, from a file whose beginning is at hand; for recognising it.
pub(in crate::read) fn header(head: &[u8], content: &str) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(head, 0);
    let value = match find(&mut cursor, content) {
        Ok(found) => found?.1,
        // The value itself may reach beyond what is at hand.
        Err(Stop::More) => head.get(cursor.at()..)?,
        Err(_) => return None,
    };
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let whole = value.len().min(64 << 10) / 4 * 4;
    decode(value.get(..whole)?).or_else(|| decode(value))
}

/// A string's bytes from base64. AWS escapes nothing, other writers may escape `/`.
fn decode(value: &[u8]) -> Option<Vec<u8>> {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let value = value.strip_suffix(b"\"").unwrap_or(value);
    let plain: Vec<u8> = value.iter().copied().filter(|b| *b != b'\\').collect();
    base64::decode(&plain)
}

fn member<'a>(data: &'a [u8], name: &str) -> Result<Option<(usize, &'a [u8])>, Stop> {
    let mut whole = Cursor::new(data, 0);
    whole.skip(0)?;
    find(&mut Cursor::new(data, 0), name)
}

/// The value of a member of the object at the cursor, with its offset. Leaves the cursor at the
/// value if that reaches beyond the data.
fn find<'a>(cursor: &mut Cursor<'a>, name: &str) -> Result<Option<(usize, &'a [u8])>, Stop> {
    cursor.expect(b'{', "an object is missing")?;
    if cursor.peek()? == b'}' {
        return Ok(None);
    }
    loop {
        let wanted = cursor.key()? == name.as_bytes();
        cursor.expect(b':', "`:` is missing")?;
        cursor.peek()?;
        let start = cursor.at();
        let mut value = *cursor;
        value.skip(MAX_DEPTH - 1)?;
        *cursor = value;
        if wanted {
            return Ok(Some((start, cursor.since(start))));
        }
        if cursor.peek()? == b'}' {
            return Ok(None);
        }
        cursor.expect(b',', "`,` is missing")?;
    }
}

/// Puts rows and problems where the member's value stands.
struct Moved<'s> {
    place: Place,
    sink: &'s mut dyn RowSink,
}

impl RowSink for Moved<'_> {
    fn row(&mut self, row: &Row<'_>) {
        self.sink.row(&Row {
            cells: row.cells,
            raw: &[],
            line: self.place.line,
            column: self.place.column,
        });
    }

    fn problem(&mut self, line: u32, kind: ProblemKind, message: String) {
        let message = format!("line {line} of the embedded CSV {message}");
        self.sink.problem(self.place.line, kind, message);
    }
}
