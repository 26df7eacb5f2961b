//! The inner loop: one record after another out of a block.

use crate::model::ProblemKind;
use crate::read::place::Place;
use crate::read::row::{Cell, ColumnPath, ReadError, Row, RowSink, Step};
use crate::read::tree;

use super::build;
use super::cursor::{Cursor, Stop};
use super::project::{Found, Projector};

/// So deep lists of records may stand in the list: pages, and pages of pages.
pub(super) const PAGED: u32 = 2;

/// What surrounds the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Documents, one after another.
    Stream,
    /// An array, nothing of it read.
    First,
    /// An array, behind a comma.
    Next,
    /// An array, behind a record.
    Behind,
    /// One value only.
    One,
}

/// Why the loop stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// The block is used up.
    Block,
    /// A document is an array: its bracket has been taken.
    Opened,
    /// The array, or the one value, has ended.
    Closed,
}

/// The list to expand and the columns of its elements.
struct Each {
    inner: Projector,
    /// Which cells belong to the elements.
    columns: Vec<usize>,
    /// The part of the path that starts at the first bracket.
    rest: Vec<Step>,
}

/// What is asked of the records of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'c> {
    pub(super) columns: &'c [ColumnPath],
    pub(super) each: Option<&'c ColumnPath>,
}

/// Takes records out of blocks and gives them to the sink.
pub(super) struct Records<'s> {
    pub(super) asked: Asked<'s>,
    outer: Projector,
    each: Option<Each>,
    width: usize,
    /// Who gets the rows.
    pub(super) sink: &'s mut dyn RowSink,
    /// Rows given.
    pub(super) rows: u64,
    /// Where the first byte that is not taken stands.
    pub(super) place: Place,
    /// Lists within the list that are open: pages that were put together as they came.
    inner: u32,
    /// Behind the last record of the block at hand that stands in the list itself, in bytes.
    pub(super) behind: usize,
}

impl<'s> Records<'s> {
    pub(super) fn new(asked: Asked<'s>, sink: &'s mut dyn RowSink) -> Self {
        let Asked { columns, each } = asked;
        let of_element = |column: &ColumnPath| each.is_some() && !column.outer;
        let outer = columns.iter().enumerate().filter(|(_, c)| !of_element(c));
        let inner = columns.iter().enumerate().filter(|(_, c)| of_element(c));
        Self {
            asked,
            outer: Projector::new(outer, each),
            each: each.map(|each| Each {
                inner: Projector::new(inner.clone(), None),
                columns: inner.map(|(index, _)| index).collect(),
                rest: each
                    .steps
                    .iter()
                    .skip_while(|s| matches!(s, Step::Name(_)))
                    .cloned()
                    .collect(),
            }),
            width: columns.len(),
            sink,
            rows: 0,
            place: Place::START,
            inner: 0,
            behind: 0,
        }
    }

    /// Whether what comes next stands in the list itself.
    pub(super) const fn is_outside_pages(&self) -> bool {
        self.inner == 0
    }

    /// Gives the records of a block; says how many bytes are done with.
    pub(super) fn block(
        &mut self,
        data: &[u8],
        mode: &mut Mode,
    ) -> Result<(usize, Pause), ReadError> {
        let mut cells = vec![Cell::Absent; self.width];
        let mut cursor = Cursor::new(data, 0);
        self.behind = 0;
        // What stands before it is counted in `self.place`.
        let mut mark = 0;
        loop {
            let next = cursor.peek();
            let at = cursor.at();
            let pause = match (&mode, next) {
                (_, Err(_)) => Some(Pause::Block),
                (Mode::First | Mode::Next, Ok(b'[')) if self.inner < PAGED => {
                    cursor.bump();
                    self.inner += 1;
                    *mode = Mode::First;
                    continue;
                }
                (Mode::First | Mode::Behind, Ok(b']')) if self.inner > 0 => {
                    cursor.bump();
                    self.inner -= 1;
                    *mode = Mode::Behind;
                    continue;
                }
                (Mode::First | Mode::Behind, Ok(b']')) => {
                    cursor.bump();
                    Some(Pause::Closed)
                }
                (Mode::Stream, Ok(b'[')) => {
                    cursor.bump();
                    Some(Pause::Opened)
                }
                (Mode::Behind, Ok(b',')) => {
                    cursor.bump();
                    *mode = Mode::Next;
                    continue;
                }
                (Mode::Behind, Ok(_)) => {
                    let stop = Stop::Bad(at, "`,` or `]` is missing");
                    return Err(self.error(data, mark, &stop));
                }
                (Mode::Stream, Ok(byte)) if byte != b'{' => {
                    let stop = Stop::Bad(at, "neither an object nor a list stands here");
                    return Err(self.error(data, mark, &stop));
                }
                _ => None,
            };
            if let Some(pause) = pause {
                self.advance(data, &mut mark, cursor.at());
                return Ok((cursor.at(), pause));
            }
            match self.record(data, &mut cursor, &mut mark, &mut cells) {
                Ok(()) if self.inner == 0 => self.behind = cursor.at(),
                Ok(()) => {}
                Err(Stop::More) => {
                    self.advance(data, &mut mark, at);
                    return Ok((at, Pause::Block));
                }
                Err(stop) => return Err(self.error(data, mark, &stop)),
            }
            match mode {
                Mode::Stream => {}
                Mode::One => {
                    self.advance(data, &mut mark, cursor.at());
                    return Ok((cursor.at(), Pause::Closed));
                }
                _ => *mode = Mode::Behind,
            }
        }
    }

    /// Reads one record and gives its row, or the rows of its list.
    fn record<'a>(
        &mut self,
        data: &'a [u8],
        cursor: &mut Cursor<'a>,
        mark: &mut usize,
        cells: &mut [Cell<'a>],
    ) -> Result<(), Stop> {
        let start = cursor.at();
        cells.fill(Cell::Absent);
        let mut found = Found::new(cells);
        self.outer.value(cursor, &mut found)?;
        let Found {
            cells,
            list,
            mut twice,
        } = found;
        if self.each.is_none() {
            self.twice(data, *mark, twice);
        }
        let Some(each) = &mut self.each else {
            self.row(data, mark, start..cursor.at(), cells);
            return Ok(());
        };
        let Some((offset, list)) = list else {
            return Ok(());
        };
        if matches!(list, [b'"', inner, ..] if *inner != b'"') {
            self.flattened(data, *mark, start);
            return Ok(());
        }
        // All elements are read before the first is given, so that a record that turns out to be
        // broken gives none.
        let tree = build::tree(list, offset)?;
        let elements = tree::elements(&tree, &each.rest);
        let mut ready = Vec::with_capacity(elements.len());
        for element in elements {
            for &index in &each.columns {
                if let Some(cell) = cells.get_mut(index) {
                    *cell = Cell::Absent;
                }
            }
            let mut at = Cursor::new(data, element.span.start);
            let mut found = Found::new(cells);
            each.inner.value(&mut at, &mut found)?;
            twice = twice.or(found.twice);
            ready.push((element.span.clone(), found.cells.to_vec()));
        }
        self.twice(data, *mark, twice);
        for (span, cells) in ready {
            self.row(data, mark, span, &cells);
        }
        Ok(())
    }

    /// Tells of a name that stands twice in an object of a record: readers do not agree about which
    /// counts, so neither value is sure.
    fn twice(&mut self, data: &[u8], mark: usize, twice: Option<(usize, usize)>) {
        let Some((cell, at)) = twice else {
            return;
        };
        let name = self.asked.columns.get(cell);
        let name = name.map_or("", |column| column.text.as_str());
        let between = data.get(mark..at).unwrap_or_default();
        let line = self.place.after(between).line;
        let message = format!(
            "has a second value for `{name}`, under the same name or one that differs in case only; the \
             first is judged"
        );
        self.sink.problem(line, ProblemKind::Malformed, message);
    }

    /// Tells of a record with a text in place of its list: programs write one so that do not go so deep.
    #[cold]
    fn flattened(&mut self, data: &[u8], mark: usize, at: usize) {
        let name = self.asked.each.map_or("", |each| each.text.as_str());
        let between = data.get(mark..at).unwrap_or_default();
        let line = self.place.after(between).line;
        let name = name.strip_suffix("[*]").unwrap_or(name);
        let message = format!(
            "has a text in place of the list `{name}`, of which nothing is read (was the depth of the output \
             limited?)"
        );
        self.sink.problem(line, ProblemKind::BadRow, message);
    }

    fn row(
        &mut self,
        data: &[u8],
        mark: &mut usize,
        span: std::ops::Range<usize>,
        cells: &[Cell<'_>],
    ) {
        self.advance(data, mark, span.start);
        self.rows += 1;
        self.sink.row(&Row {
            cells,
            raw: data.get(span).unwrap_or_default(),
            line: self.place.line,
            column: self.place.column,
        });
    }

    fn advance(&mut self, data: &[u8], mark: &mut usize, to: usize) {
        self.place.advance(data.get(*mark..to).unwrap_or_default());
        *mark = to.max(*mark);
    }

    /// A fault in a block whose byte at `mark` stands at the current place.
    pub(super) fn error(&self, data: &[u8], mark: usize, stop: &Stop) -> ReadError {
        let at = match stop {
            Stop::More => data.len(),
            Stop::Bad(at, _) | Stop::Deep(at) => *at,
        };
        let line = self
            .place
            .after(data.get(mark..at).unwrap_or_default())
            .line;
        match stop {
            Stop::Deep(_) => ReadError::TooLarge {
                line,
                message: "nested more than 128 deep".to_owned(),
            },
            Stop::Bad(_, message) => ReadError::Malformed {
                line,
                message: format!("is not well-formed JSON: {message}"),
            },
            Stop::More => ReadError::Malformed {
                line,
                message: "is not well-formed JSON: it ends too early".to_owned(),
            },
        }
    }
}
