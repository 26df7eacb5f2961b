//! For the tests of the readers: rows as owned text.

use std::fmt::Write as _;

use super::{Cell, ColumnPath, Format, ReadError, Row, RowSink, Summary, rows};
use crate::model::{ProblemKind, Region};

/// Everything that a reader gave.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Each row as `line:column cell|cell`; `∅` is absent, `null` null, lists are in brackets.
    pub(super) rows: Vec<String>,
    /// The raw bytes of each row.
    pub(super) raw: Vec<Vec<u8>>,
    /// The region of each row.
    pub(super) regions: Vec<Region>,
    /// Each problem as `line kind message`.
    pub(super) problems: Vec<String>,
}

impl RowSink for Seen {
    fn row(&mut self, row: &Row<'_>) {
        let cells: Vec<String> = row.cells.iter().map(show).collect();
        self.rows
            .push(format!("{}:{} {}", row.line, row.column, cells.join("|")));
        self.raw.push(row.raw.to_vec());
        self.regions.push(row.region());
    }

    fn problem(&mut self, line: u32, kind: ProblemKind, message: String) {
        let mut text = String::new();
        let _ = write!(text, "{line} {} {message}", kind.word());
        self.problems.push(text);
    }
}

fn show(cell: &Cell<'_>) -> String {
    let text = |t: &[u8]| String::from_utf8_lossy(t).into_owned();
    match cell {
        Cell::Absent => "∅".to_owned(),
        Cell::Null => "null".to_owned(),
        Cell::Text(t) => text(t),
        Cell::List(items) => {
            let items: Vec<String> = items.iter().map(|t| text(t)).collect();
            format!("[{}]", items.join(","))
        }
    }
}

/// Column paths from their texts.
pub(super) fn paths(columns: &[&str]) -> Vec<ColumnPath> {
    columns
        .iter()
        .map(|c| ColumnPath::parse(c).unwrap())
        .collect()
}

/// Reads a text that is there at once.
pub(super) fn read(
    text: &[u8],
    format: &Format,
    columns: &[&str],
    each: Option<&str>,
) -> (Seen, Result<Summary, ReadError>) {
    let mut seen = Seen::default();
    let mut input = text;
    let each = each.map(|e| ColumnPath::parse(e).unwrap());
    let result = rows(
        &mut input,
        format,
        &paths(columns),
        each.as_ref(),
        &mut seen,
    );
    (seen, result)
}
