//! Reads an export: its rows become records, and what cannot be used is told.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::app::content::Content;
use crate::app::hashing::{Hashes, Hashing};
use crate::app::packed;
use crate::model::{FieldId, Location, Problem, ProblemKind, RecordTypeId, Region};
use crate::read::{self, Ahead, Format, Input, ReadError, Row, RowSink, Summary};
use crate::source::{Plan, Record};

use super::Export;

/// Rows that could not be used are told one by one up to this many of a file; the rest is counted.
const TOLD: usize = 20;

/// Takes records as they are read.
pub(super) trait Taker {
    /// Takes a record, and a way to ask for its place.
    fn record(&mut self, record: &Record<'_>, place: &dyn Fn() -> Location);
    /// Takes what lies ahead off the reader's hands; see [`RowSink::ahead`].
    fn ahead(&mut self, _ahead: &Ahead<'_>, _told: &mut Told) -> bool {
        false
    }
}

/// Takes a record and a way to ask for its place.
pub(in crate::app) type Take<'a> = dyn FnMut(&Record<'_>, &dyn Fn() -> Location) + 'a;

impl Taker for &mut Take<'_> {
    fn record(&mut self, record: &Record<'_>, place: &dyn Fn() -> Location) {
        self(record, place);
    }
}

pub(in crate::app) struct ReadOutcome {
    pub(in crate::app) summary: Summary,
    pub(in crate::app) problems: Vec<Problem>,
    pub(in crate::app) sha256: Option<String>,
}

/// Rows of a file that could not be used.
#[derive(Default)]
pub(super) struct Told {
    problems: Vec<Problem>,
    /// Problems beyond [`TOLD`].
    untold: u64,
}

impl Told {
    fn tell(&mut self, problem: Problem) {
        if self.problems.len() < TOLD {
            self.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }

    /// Adds those of the rows behind.
    pub(super) fn absorb(&mut self, behind: Self) {
        behind
            .problems
            .into_iter()
            .for_each(|problem| self.tell(problem));
        self.untold += behind.untold;
    }
}

/// Reads the records of an export.
pub(in crate::app) fn read_export(
    (export, plan): (&Export, &Plan),
    hashes: Hashes,
    mut take: &mut Take<'_>,
) -> ReadOutcome {
    read_records((export, plan), hashes, &mut take)
}

/// Gives the records of one type in an export, with some of their fields, before the export is judged:
/// what cannot be read is told then.
pub(in crate::app) fn peek(
    content: &Content,
    export: &Export,
    (ty, fields): (RecordTypeId, &[FieldId]),
    take: &mut dyn FnMut(&Record<'_>),
) {
    let source = content.sources.get(export.found.source);
    let plan = Plan::new(source, &content.schema, &export.file.shown, &|of, field| {
        of == ty && fields.contains(&field)
    });
    read_export((export, &plan), Hashes::None, &mut |record, _| {
        if record.ty() == ty {
            take(record);
        }
    });
}

/// Reads the records of an export, by several threads where the taker has use for them.
pub(super) fn read_records(
    (export, plan): (&Export, &Plan),
    hashes: Hashes,
    take: &mut dyn Taker,
) -> ReadOutcome {
    let mut sink = Sink {
        export,
        plan,
        take,
        told: Told::default(),
    };
    let mut sha256 = None;
    // A fault of a reader costs one file, not the scan.
    let result = catch_unwind(AssertUnwindSafe(|| {
        let (format, columns, each) = (&export.found.format, plan.columns(), plan.each());
        if export.file.shown.is_member() {
            return packed::read_member(&export.file, &mut |input: &mut dyn Read| {
                hashed(input, hashes, &mut sha256, |mut input| {
                    read::rows(&mut input, format, columns, each, &mut sink)
                })
            });
        }
        let file = read::file(&export.file.path)?;
        hashed(file, hashes, &mut sha256, |mut input| {
            read::rows_side_by_side(&mut input, format, columns, each, &mut sink)
        })
    }));
    let untold = sink.told.untold;
    let mut problems = sink.told.problems;
    if untold > 0 {
        let message = format!("has {untold} more rows that could not be used");
        problems.push(problem(export, None, ProblemKind::BadRow, message));
    }
    let Ok(result) = result else {
        let message = "reading it failed inside this program; please report it".to_owned();
        problems.push(problem(export, None, ProblemKind::Internal, message));
        return ReadOutcome {
            summary: Summary::default(),
            problems,
            sha256,
        };
    };
    let summary = result.unwrap_or_else(|error| {
        let (line, kind) = match &error {
            ReadError::Io(_) => (None, ProblemKind::Unreadable),
            ReadError::Malformed { line, .. } => (Some(*line), ProblemKind::Malformed),
            ReadError::TooLarge { line, .. } => (Some(*line), ProblemKind::TooLarge),
        };
        problems.push(problem(export, line, kind, error.to_string()));
        Summary::default()
    });
    ReadOutcome {
        summary,
        problems,
        sha256,
    }
}

/// Reads a text and hashes its file.
fn hashed<R: Read>(
    input: R,
    hashes: Hashes,
    sha256: &mut Option<String>,
    read: impl FnOnce(Input<&mut Hashing<R>>) -> Result<Summary, ReadError>,
) -> Result<Summary, ReadError> {
    let mut file = Hashing::new(input, hashes);
    let result = read(Input::new(&mut file)?);
    *sha256 = file.finish();
    result
}

/// Turns rows into records and hands them on.
pub(super) struct Sink<'s> {
    pub(super) export: &'s Export,
    pub(super) plan: &'s Plan,
    pub(super) take: &'s mut dyn Taker,
    pub(super) told: Told,
}

impl RowSink for Sink<'_> {
    fn row(&mut self, row: &Row<'_>) {
        // Spreadsheets leave rows of delimiters behind. They are nobody, and would pass every rule.
        if let Format::Csv { delimiter } = self.export.found.format {
            let blank = |b: &u8| *b == delimiter || *b == b'"' || b.is_ascii_whitespace();
            if row.raw.iter().all(blank) {
                return;
            }
        }
        let place = || Location {
            path: self.export.file.shown.clone(),
            region: region(self.export, row),
        };
        let take = &mut *self.take;
        self.plan
            .records(row, &mut |record| take.record(record, &place));
    }

    fn problem(&mut self, line: u32, kind: ProblemKind, message: String) {
        self.told
            .tell(problem(self.export, Some(line), kind, message));
    }

    fn ahead(&mut self, ahead: &Ahead<'_>) -> bool {
        self.take.ahead(ahead, &mut self.told)
    }
}

/// A binary file has no lines to point at.
fn region(export: &Export, row: &Row<'_>) -> Region {
    match export.found.format {
        Format::Der | Format::Jks | Format::Pkcs12 => Region::WHOLE_FILE,
        _ => row.region(),
    }
}

pub(super) fn problem(
    export: &Export,
    line: Option<u32>,
    kind: ProblemKind,
    message: String,
) -> Problem {
    Problem {
        path: Some(export.file.shown.clone()),
        line,
        kind,
        message,
    }
}
