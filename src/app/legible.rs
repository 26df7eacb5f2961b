//! Whether the cells that rules judge by can be read: a date in words, or a yes in a language that
//! nobody knows, leaves a rule without an answer. In a row or two that is a slip, which a record about
//! the export tells; in most of a column the export cannot be judged, and the scan is incomplete.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FieldId, FieldType, Missing, Schema, Value, When};
use crate::source::Record;

/// So many records are looked at.
const SAMPLED: u32 = 1_000;

/// How the cells of an export's first records read.
#[derive(Debug, Default)]
pub(super) struct Legible {
    sampled: u32,
    /// By column with a date, a number, a yes or a no.
    columns: BTreeMap<String, Readings>,
}

/// Columns that cannot be read.
pub(super) type Lost = BTreeSet<String>;

/// How the cells of a column read.
#[derive(Debug, Clone, Copy, Default)]
struct Readings {
    filled: u32,
    unread: u32,
}

impl Readings {
    /// Whether that is how the column is written, and not a slip in a row or two.
    const fn are_lost(self) -> bool {
        self.unread > self.filled / 2
    }
}

impl Legible {
    /// Of records that stand behind as many as are looked at.
    pub(super) fn full() -> Self {
        Self {
            sampled: SAMPLED,
            ..Self::default()
        }
    }

    /// Whether no more records are looked at.
    pub(super) const fn is_full(&self) -> bool {
        self.sampled >= SAMPLED
    }

    /// Takes a record into account, if it is one of the first. What no rule asks for is not there.
    pub(super) fn see(&mut self, schema: &Schema, record: &Record<'_>) {
        if self.is_full() {
            return;
        }
        self.sampled += 1;
        for (index, field) in (0_u16..).zip(&schema.record(record.ty()).fields) {
            if !matches!(field.ty, FieldType::Text | FieldType::List) {
                self.read(record, FieldId(index));
            }
        }
    }

    fn read(&mut self, record: &Record<'_>, field: FieldId) {
        let unread = match record.get(field) {
            Value::Missing(Missing::Unparsed) => 1,
            // That something never ends is told by a word, which tells nothing of how dates are written.
            Value::Missing(_) | Value::Time(When::Never) => return,
            _ => 0,
        };
        let Some(column) = record.column_name(field).filter(|name| !name.is_empty()) else {
            return;
        };
        if !self.columns.contains_key(column) {
            self.columns.insert(column.to_owned(), Readings::default());
        }
        if let Some(readings) = self.columns.get_mut(column) {
            readings.filled += 1;
            readings.unread += unread;
        }
    }

    /// The columns of which most cells that hold something cannot be read.
    pub(super) fn lost(&self) -> Lost {
        let lost = self.columns.iter().filter(|(_, r)| r.are_lost());
        lost.map(|(column, _)| column.clone()).collect()
    }
}

/// What is said of columns that cannot be read, if there are any.
pub(super) fn told(lost: &Lost) -> Option<String> {
    let columns: Vec<&str> = lost.iter().map(String::as_str).collect();
    let columns = Some(columns.join(", ")).filter(|columns| !columns.is_empty())?;
    Some(format!(
        "most values in {columns} are of no form that can be read, and rules that need them could not \
         judge: export stored values, not values for display, and scan the file as the platform wrote it"
    ))
}
