//! The value of one field of one record.

use std::borrow::Cow;

use super::org::Org;
use super::schema::FieldId;
use super::time::{Instant, When};

/// Why a field holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The export has the column and the cell is empty or says "unknown".
    Empty,
    /// The export has no such column, or the related export is not there at all.
    Absent,
    /// The cell holds something that is not of the field's type.
    Unparsed,
}

/// A field's value, borrowed from the export where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing, and why.
    Missing(Missing),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// A point in time, or the vendor's word for "never".
    Time(When),
    /// Several texts.
    List(Vec<Cow<'a, str>>),
}

/// A value that owns its text: related rows, evidence, inline tests.
pub type OwnedValue = Value<'static>;

impl Value<'_> {
    /// A copy that owns its text.
    #[must_use]
    pub fn to_static(&self) -> OwnedValue {
        match self {
            Self::Missing(why) => Value::Missing(*why),
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(n) => Value::Int(*n),
            Self::Number(n) => Value::Number(*n),
            Self::Text(text) => Value::Text(Cow::Owned(text.clone().into_owned())),
            Self::Time(when) => Value::Time(*when),
            Self::List(items) => Value::List(
                items
                    .iter()
                    .map(|i| Cow::Owned(i.clone().into_owned()))
                    .collect(),
            ),
        }
    }

    /// The instant, when the value is a known time.
    #[must_use]
    pub const fn instant(&self) -> Option<Instant> {
        match self {
            Self::Time(When::Known(at)) => Some(*at),
            _ => None,
        }
    }

    /// How messages and evidence show it; empty when nothing is there.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Self::Missing(_) => String::new(),
            Self::Bool(b) => b.to_string(),
            Self::Int(n) => n.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Text(text) => text.as_ref().to_owned(),
            Self::Time(When::Never) => "never".to_owned(),
            Self::Time(When::Known(at)) => at.text(),
            Self::List(items) => items.join(", "),
        }
    }

    /// The same, without a copy where the value is a text.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.show()),
        }
    }
}

/// Something whose fields can be read: a row of an export, or a record kept in memory.
pub trait Fields {
    /// The value of a field. A field that the record cannot have is [`Missing::Absent`].
    fn get(&self, field: FieldId) -> Value<'_>;

    /// Of which org of its platform it is.
    fn org(&self) -> Org {
        Org::Sole
    }
}

/// A record that owns its values, by field.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedRecord(pub Vec<OwnedValue>);

impl Fields for OwnedRecord {
    fn get(&self, field: FieldId) -> Value<'_> {
        self.0
            .get(usize::from(field.0))
            .map_or(Value::Missing(Missing::Absent), Value::borrow)
    }
}

impl Value<'_> {
    /// The same value, borrowing its text.
    #[must_use]
    pub fn borrow(&self) -> Value<'_> {
        match self {
            Self::Missing(why) => Value::Missing(*why),
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(n) => Value::Int(*n),
            Self::Number(n) => Value::Number(*n),
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Time(when) => Value::Time(*when),
            Self::List(items) => Value::List(items.iter().map(|i| Cow::Borrowed(&**i)).collect()),
        }
    }
}
