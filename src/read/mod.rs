//! Bytes to rows, text or trees. Knows formats, never vendors.

pub mod base64;
pub mod decode;
pub mod node;
mod row;

pub use row::{Cell, ColumnPath, Format, ReadError, Row, RowSink, Shape, Step, Summary};
