//! Bytes to rows, text or trees. Knows formats, never vendors.

mod ahead;
pub mod archive;
pub mod base64;
mod buffer;
mod columns;
mod csv;
pub mod decode;
mod emit;
pub mod flags;
mod json;
pub mod node;
mod open;
mod path;
mod place;
pub mod printed;
mod row;
mod sniff;
#[cfg(test)]
mod testing;
mod toml;
mod tree;
mod x509;
mod xml;
mod yaml;

use std::io::Read;

pub use ahead::{Ahead, Reached, Stretch};
pub use columns::ColumnNames;
pub use open::{Input, file, open};
pub use row::{Cell, ColumnPath, Format, Lists, ReadError, Row, RowSink, Shape, Step, Summary};
pub use sniff::{BEGINNING, Extent, beginning, sniff, sniff_bytes, sniff_head};
pub use x509::embedded as embedded_certificate;

use buffer::{BLOCK, Source};

/// Reads an export and gives its rows, one at a time, in the order of the file.
///
/// `each` names a list inside a record: then every element of it is a row, and columns that begin
/// with `^.` are looked up in the record around it. A CSV file has no lists, and a certificate neither, so it is
/// ignored there.
///
/// # Errors
/// When the input cannot be read, is not of its format, or is beyond a limit. The rows before the
/// fault have been given by then.
pub fn rows(
    input: &mut dyn Read,
    format: &Format,
    columns: &[ColumnPath],
    each: Option<&ColumnPath>,
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    from(Source::Here(input), format, (columns, each), sink)
}

/// [`rows`] of an input that any thread may read: what a sink then has to say of what lies
/// [ahead](RowSink::ahead) is asked.
///
/// # Errors
/// As [`rows`].
pub fn rows_side_by_side(
    input: &mut (dyn Read + Send),
    format: &Format,
    columns: &[ColumnPath],
    each: Option<&ColumnPath>,
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    from(
        Source::Anywhere(input, BLOCK),
        format,
        (columns, each),
        sink,
    )
}

fn from(
    source: Source<'_>,
    format: &Format,
    (columns, each): (&[ColumnPath], Option<&ColumnPath>),
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    match format {
        Format::Csv { delimiter } => csv::rows(source, *delimiter, columns, sink),
        Format::CsvInJson { content, delimiter } => {
            json::embedded_rows(source.input(), content, *delimiter, columns, sink)
        }
        Format::Json { envelope } => json::rows(source, envelope, columns, each, sink),
        Format::Xml { row } => xml::rows(source.input(), row.as_deref(), columns, each, sink),
        Format::Pem => x509::pem(source.input(), columns, sink),
        Format::Der => x509::der(source.input(), columns, sink),
        Format::Jks => x509::jks(source.input(), columns, sink),
        Format::Pkcs12 => x509::pkcs12(source.input(), columns, sink),
        Format::Yaml => yaml::rows(source.input(), columns, each, sink),
    }
}
