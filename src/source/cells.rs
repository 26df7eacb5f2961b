//! How a mapping reaches the cells of a row: which columns, in which order, and what counts as
//! filled. Knows no types.

use std::borrow::Cow;

use crate::model::{Missing, ScanPath};
use crate::read::{Cell, Row};

/// A column of a source, as an index into its list of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColumnIx(pub(super) u16);

/// Which of several columns counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Pick {
    /// The first that is there and not empty.
    #[default]
    Filled,
    /// The first that is there, empty or not.
    There,
    /// For times: the latest of all.
    Latest,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// No column.
    Nothing,
    /// One column: the common case.
    One(ColumnIx),
    /// The first of several.
    Several(Box<[ColumnIx]>, Pick),
}

/// What a cell gives: bytes without the blanks around them, or why there are none.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'r> {
    Missing(Missing),
    Bytes(&'r [u8]),
    List(&'r [Cow<'r, [u8]>]),
}

/// The cells of one row, under the numbers of the source's columns.
#[derive(Clone, Copy)]
pub(super) struct Cells<'r> {
    pub(super) row: &'r Row<'r>,
    /// For each column of the source its place in the row; [`NOT_WANTED`] if it was not asked for.
    pub(super) slots: &'r [u16],
    pub(super) path: &'r ScanPath,
}

/// The slot of a column that nobody reads.
pub(super) const NOT_WANTED: u16 = u16::MAX;

impl Origin {
    pub(super) fn columns(&self) -> &[ColumnIx] {
        match self {
            Self::Nothing => &[],
            Self::One(column) => std::slice::from_ref(column),
            Self::Several(columns, _) => columns,
        }
    }
}

impl<'r> Cells<'r> {
    #[inline]
    pub(super) fn raw(&self, from: &Origin) -> Raw<'r> {
        match from {
            Origin::Nothing => Raw::Missing(Missing::Absent),
            Origin::One(column) => self.cell(*column),
            Origin::Several(columns, pick) => self.several(columns, *pick),
        }
    }

    fn several(&self, columns: &[ColumnIx], pick: Pick) -> Raw<'r> {
        let mut why = Missing::Absent;
        for column in columns {
            match (self.cell(*column), pick) {
                (Raw::Missing(Missing::Absent), _) => {}
                (Raw::Missing(other), Pick::Filled | Pick::Latest) => why = other,
                (found, _) => return found,
            }
        }
        Raw::Missing(why)
    }

    #[inline]
    pub(super) fn cell(&self, column: ColumnIx) -> Raw<'r> {
        let slot = self.slots.get(usize::from(column.0));
        match slot.and_then(|slot| self.row.cells.get(usize::from(*slot))) {
            None | Some(Cell::Absent) => Raw::Missing(Missing::Absent),
            Some(Cell::Null) => Raw::Missing(Missing::Empty),
            Some(Cell::Text(text)) => match trimmed(text) {
                [] => Raw::Missing(Missing::Empty),
                bytes => Raw::Bytes(bytes),
            },
            Some(Cell::List(items)) => match items.as_slice() {
                [] => Raw::Missing(Missing::Empty),
                items => Raw::List(items),
            },
        }
    }
}

/// The text without the blanks around it, of which there are seldom any.
#[inline]
fn trimmed(text: &[u8]) -> &[u8] {
    match text {
        [first, .., last] if *first > b' ' && *last > b' ' => text,
        _ => text.trim_ascii(),
    }
}

/// What all elements of a list are.
#[cold]
fn only<'r>(items: &'r [Cow<'r, [u8]>]) -> Result<&'r [u8], Missing> {
    let mut texts = items.iter().map(|item| item.trim_ascii());
    match texts.next() {
        None => Err(Missing::Empty),
        Some(first) if !texts.all(|other| other == first) => Err(Missing::Unparsed),
        Some([]) => Err(Missing::Empty),
        Some(first) => Ok(first),
    }
}

impl<'r> Raw<'r> {
    /// The bytes; of a list those of its elements, if they are all the same. Where one value is asked for
    /// and there are several, none of them is it.
    #[inline]
    pub(super) fn bytes(self) -> Result<&'r [u8], Missing> {
        match self {
            Raw::Missing(why) => Err(why),
            Raw::Bytes(bytes) => Ok(bytes),
            Raw::List(items) => only(items),
        }
    }

    /// Every text in it.
    pub(super) fn each(self) -> Result<impl Iterator<Item = &'r [u8]>, Missing> {
        let (one, many): (Option<&[u8]>, &[Cow<'_, [u8]>]) = match self {
            Raw::Missing(why) => return Err(why),
            Raw::Bytes(bytes) => (Some(bytes), &[]),
            Raw::List(items) => (None, items),
        };
        let many = many.iter().map(|item| item.trim_ascii());
        Ok(one.into_iter().chain(many))
    }
}
