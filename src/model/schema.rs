//! The shapes that records may have: which fields, of which type, and which may be empty.

use std::fmt;

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Number,
    /// Text.
    Text,
    /// A point in time, or never.
    Time,
    /// Several texts.
    List,
}

impl FieldType {
    /// Words in schema files, in the order of [`FieldType::ALL`].
    pub const WORDS: &'static [&'static str] = &["bool", "int", "number", "text", "time", "list"];
    /// Every type.
    pub const ALL: &'static [Self] = &[
        Self::Bool,
        Self::Int,
        Self::Number,
        Self::Text,
        Self::Time,
        Self::List,
    ];

    /// The word in schema files and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Number => "number",
            Self::Text => "text",
            Self::Time => "time",
            Self::List => "list",
        }
    }
}

/// A record type, as an index into [`Schema::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordTypeId(pub u16);

/// A field, as an index into [`RecordType::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// One field of a record type.
#[derive(Debug, Clone)]
pub struct FieldDecl {
    /// Our name for it, never the vendor's.
    pub name: String,
    /// Its type.
    pub ty: FieldType,
    /// Whether an export may leave it empty. Rules must then say what empty means.
    pub nullable: bool,
    /// What it means, with its unit.
    pub doc: String,
    /// Why it is empty, where that is better told than that it is.
    pub empty: Option<String>,
}

/// One record type: a kind of thing that exports tell about.
#[derive(Debug, Clone)]
pub struct RecordType {
    /// Its name in rules and sources.
    pub name: String,
    /// What one record stands for.
    pub doc: String,
    /// Its fields.
    pub fields: Vec<FieldDecl>,
    /// The time before which what it tells of was not there.
    pub begins: Option<FieldId>,
    /// A time that moves with daily life, so that the newest of an export tells how new that is.
    pub activity: Option<FieldId>,
    /// What tells one thing from another in every export of them. Empty for events, and for things
    /// of which exports cannot be told to be newer than others.
    pub key: Vec<FieldId>,
    /// Times that have passed whenever an export is made, so that it is as new as the newest of
    /// them at least.
    pub dates: Vec<FieldId>,
    /// How a thing is known again that another export calls by another name.
    pub twin: Option<Twin>,
}

/// How a record without a field is the same as one of another export that has it.
#[derive(Debug, Clone)]
pub struct Twin {
    /// The field that only the one has whose names count.
    pub has: FieldId,
    /// What both agree in. Where more than one of either does, they stay apart.
    pub by: Vec<FieldId>,
    /// The names that the other takes over.
    pub takes: Vec<FieldId>,
}

impl RecordType {
    /// Finds a field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(FieldId, &FieldDecl)> {
        let index = self.fields.iter().position(|f| f.name == name)?;
        Some((FieldId(u16::try_from(index).ok()?), &self.fields[index]))
    }

    /// The declaration of a field of this type.
    #[must_use]
    pub fn decl(&self, id: FieldId) -> &FieldDecl {
        &self.fields[usize::from(id.0)]
    }
}

/// All record types of a run.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// The types, in the order of declaration.
    pub types: Vec<RecordType>,
}

impl Schema {
    /// Finds a record type by name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(RecordTypeId, &RecordType)> {
        let index = self.types.iter().position(|t| t.name == name)?;
        Some((RecordTypeId(u16::try_from(index).ok()?), &self.types[index]))
    }

    /// The declaration of a record type of this schema.
    #[must_use]
    pub fn record(&self, id: RecordTypeId) -> &RecordType {
        &self.types[usize::from(id.0)]
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
