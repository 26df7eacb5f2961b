//! Yes-or-no questions about the cells of a row: which rows are kept, which case applies.
//!
//! Three-valued: a question about a cell that is missing has no answer, unless the question is
//! whether it is there.

use super::cells::{Cells, ColumnIx, Origin};
use super::pattern::Pattern;
use super::text::text_of;
use super::words::{Words, is_nothing};
use crate::model::Missing;

/// A question about a row.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// About one cell.
    Cell(Origin, Op),
    /// Whether any of several holds.
    Any(Vec<Test>),
    /// Whether all of several hold.
    All(Vec<Test>),
}

/// A question about a cell. Of a list cell it asks each element.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// Some text in it is one of the words, without regard to ASCII case.
    Equals(Words),
    /// No text in it is one of the words.
    NotEquals(Words),
    /// Every text in it is one of the words.
    Only(Words),
    /// It is filled, or it is not.
    Present(bool),
    /// Some text in it matches.
    Matches(Pattern),
    /// No text in it matches.
    NotMatches(Pattern),
}

impl Test {
    /// The answer, or why there is none.
    pub(super) fn ask(&self, cells: &Cells<'_>) -> Result<bool, Missing> {
        match self {
            Self::Cell(from, op) => op.ask(cells, from),
            Self::Any(tests) => settle(tests, cells, true),
            Self::All(tests) => settle(tests, cells, false),
        }
    }

    /// The answer for choosing rows and cases: a missing cell is none of the texts one might
    /// ask for.
    pub(super) fn holds(&self, cells: &Cells<'_>) -> bool {
        match self {
            Self::Cell(_, op) => self.ask(cells).unwrap_or(matches!(
                op,
                Op::NotEquals(_) | Op::NotMatches(_) | Op::Present(false)
            )),
            Self::Any(tests) => tests.iter().any(|test| test.holds(cells)),
            Self::All(tests) => tests.iter().all(|test| test.holds(cells)),
        }
    }

    pub(super) fn visit(&self, see: &mut dyn FnMut(ColumnIx)) {
        match self {
            Self::Cell(from, _) => from.columns().iter().copied().for_each(see),
            Self::Any(tests) | Self::All(tests) => {
                for test in tests {
                    test.visit(see);
                }
            }
        }
    }
}

/// Kleene's "or" (`deciding` true) and "and" (`deciding` false).
fn settle(tests: &[Test], cells: &Cells<'_>, deciding: bool) -> Result<bool, Missing> {
    let mut open = None;
    for test in tests {
        match test.ask(cells) {
            Ok(answer) if answer == deciding => return Ok(deciding),
            Ok(_) => {}
            Err(why) => open = open.or(Some(why)),
        }
    }
    open.map_or(Ok(!deciding), Err)
}

impl Op {
    fn ask(&self, cells: &Cells<'_>, from: &Origin) -> Result<bool, Missing> {
        let raw = cells.raw(from);
        if let Self::Present(wanted) = self {
            return match raw.bytes() {
                Err(Missing::Absent) => Err(Missing::Absent),
                Err(Missing::Empty) => Ok(!wanted),
                Ok(bytes) if is_nothing(bytes) => Ok(!wanted),
                // Several values are there, too.
                Ok(_) | Err(Missing::Unparsed) => Ok(*wanted),
            };
        }
        let mut texts = raw.each()?;
        Ok(match self {
            Self::Equals(words) => texts.any(|text| words.contains(text)),
            Self::NotEquals(words) => !texts.any(|text| words.contains(text)),
            Self::Only(words) => texts.all(|text| words.contains(text)),
            Self::Matches(pattern) => texts.any(|text| pattern.is_match(&text_of(text))),
            Self::NotMatches(pattern) => !texts.any(|text| pattern.is_match(&text_of(text))),
            Self::Present(_) => true,
        })
    }
}
