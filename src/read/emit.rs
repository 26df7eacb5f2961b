//! From record trees to rows: for the formats that are read as trees.

use super::place::Place;
use super::row::{Cell, ColumnPath, Row, RowSink};
use super::tree::{self, Tree};

/// Gives rows and counts lines.
pub(super) struct Emit<'s> {
    columns: &'s [ColumnPath],
    each: Option<&'s ColumnPath>,
    /// Who gets the rows.
    pub(super) sink: &'s mut dyn RowSink,
    /// Rows given.
    pub(super) rows: u64,
    /// Where the byte at the mark stands.
    pub(super) place: Place,
    mark: usize,
}

impl<'s> Emit<'s> {
    pub(super) fn new(
        columns: &'s [ColumnPath],
        each: Option<&'s ColumnPath>,
        sink: &'s mut dyn RowSink,
    ) -> Self {
        Self {
            columns,
            each,
            sink,
            rows: 0,
            place: Place::START,
            mark: 0,
        }
    }

    /// Counts on to an offset of the text at hand.
    pub(super) fn advance(&mut self, data: &[u8], to: usize) {
        self.place
            .advance(data.get(self.mark..to).unwrap_or_default());
        self.mark = self.mark.max(to);
    }

    /// The text begins anew behind these bytes.
    pub(super) fn consumed(&mut self, data: &[u8], count: usize) {
        self.advance(data, count);
        self.mark = 0;
    }

    /// The line of an offset of the text at hand.
    pub(super) fn line(&self, data: &[u8], at: usize) -> u32 {
        let between = data.get(self.mark..at).unwrap_or_default();
        self.place.after(between).line
    }

    /// Gives the row of a record, or those of its list.
    pub(super) fn record(&mut self, data: &[u8], record: &Tree<'_>) {
        let Some(each) = self.each else {
            let cells = self.cells(record, record);
            self.row(data, record, &cells);
            return;
        };
        for element in tree::elements(record, &each.steps) {
            let cells = self.cells(record, element);
            self.row(data, element, &cells);
        }
    }

    fn cells<'a>(&self, record: &Tree<'a>, element: &Tree<'a>) -> Vec<Cell<'a>> {
        let cell = |column: &ColumnPath| {
            let from = if column.outer { record } else { element };
            tree::select(from, &column.steps)
        };
        self.columns.iter().map(cell).collect()
    }

    fn row(&mut self, data: &[u8], tree: &Tree<'_>, cells: &[Cell<'_>]) {
        self.advance(data, tree.span.start);
        self.rows += 1;
        self.sink.row(&Row {
            cells,
            raw: data.get(tree.span.clone()).unwrap_or_default(),
            line: self.place.line,
            column: self.place.column,
        });
    }
}
