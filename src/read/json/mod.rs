//! JSON, streamed: an array of records, an object around such an array, one object, or documents
//! one after another (JSON Lines too). Never a whole file in memory.
//!
//! The walk is optimistic: it reads records straight from the block at hand, and when the block
//! ends inside one, that record is read again from its start once more bytes are there.

mod build;
mod cursor;
mod embedded;
mod envelope;
mod project;
mod records;
mod shape;
mod stretch;
#[cfg(test)]
mod tests;

pub(super) use embedded::rows as embedded_rows;
pub(super) use shape::{ends_in_first_record, shape};

use super::buffer::{Buffer, Source};
use super::row::{ColumnPath, ReadError, RowSink, Summary};
use envelope::Reader;
use records::{Asked, Records};

/// Reads every record of a JSON file and gives the wanted columns.
pub(super) fn rows(
    source: Source<'_>,
    envelope: &[String],
    columns: &[ColumnPath],
    each: Option<&ColumnPath>,
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let records = Records::new(Asked { columns, each }, sink);
    Reader::new(Buffer::new(source), records).read(envelope)
}
