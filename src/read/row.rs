//! What every export reader gives: rows of the wanted columns, one at a time.

use std::borrow::Cow;

use super::ahead::Ahead;
use super::columns::ColumnNames;
use crate::model::{ProblemKind, Region};

/// Where a value stands in a row, in the words of the export: `Profile.Name`,
/// `oauthConfig.scopes[*]`, `userPermissions[name=PasswordNeverExpires].enabled`.
///
/// Names compare without regard to ASCII case. `[*]` takes every element of a list, `[a=b]` the
/// first element whose `a` is `b`, in any case, `[.*]` the value of every member of a map, whose names are data
/// (a list among those values is one text, with `,` between). In a CSV file the whole text is one header name. An XML element
/// that stands once counts as a list of one; an attribute is `@name`. `$text` is the element's own
/// text. A path that begins with `^.` starts at the row that holds an expanded list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnPath {
    /// The path as written in the source file.
    pub text: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Whether it starts at the row around an expanded list.
    pub outer: bool,
}

/// One step of a [`ColumnPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A named member.
    Name(String),
    /// Every element of a list.
    Every,
    /// The value of every member of a map.
    Members,
    /// The first element whose member has this text.
    Where(String, String),
}

/// One wanted column of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// The row has no such column.
    Absent,
    /// The format's own null: JSON `null`, `xsi:nil="true"`.
    Null,
    /// The text as a person would read it: unquoted, unescaped. Numbers and booleans of JSON are
    /// given as written.
    Text(Cow<'a, [u8]>),
    /// Several texts, for paths with `[*]`.
    List(Vec<Cow<'a, [u8]>>),
}

/// One row of an export.
#[derive(Debug)]
pub struct Row<'a> {
    /// The wanted columns, in the order they were asked for.
    pub cells: &'a [Cell<'a>],
    /// The row's bytes in the (decoded) file.
    pub raw: &'a [u8],
    /// 1-based line where it starts.
    pub line: u32,
    /// 1-based UTF-16 column where it starts.
    pub column: u32,
}

impl Row<'_> {
    /// The stretch of the file that the row covers. Not free: asked for hits only.
    #[must_use]
    pub fn region(&self) -> Region {
        let raw = self.raw.trim_ascii_end();
        let newlines = u32::try_from(memchr::memchr_iter(b'\n', raw).count()).unwrap_or(u32::MAX);
        let last = memchr::memrchr(b'\n', raw).map_or(raw, |at| &raw[at + 1..]);
        let width = match last.is_ascii() {
            true => last.len(),
            false => String::from_utf8_lossy(last).encode_utf16().count(),
        };
        let width = u32::try_from(width).unwrap_or(u32::MAX);
        let from = if newlines == 0 { self.column } else { 1 };
        Region {
            start_line: self.line,
            start_column: self.column,
            end_line: self.line.saturating_add(newlines),
            end_column: from.saturating_add(width.max(1)),
        }
    }
}

/// Takes rows and row-level trouble as they are read.
pub trait RowSink {
    /// One row.
    fn row(&mut self, row: &Row<'_>);
    /// A row that could not be read; reading goes on behind it.
    fn problem(&mut self, line: u32, kind: ProblemKind, message: String);
    /// Takes what lies ahead in a long file off the reader's hands: rows, by stretches. False if it
    /// is for the reader; it asks again later.
    fn ahead(&mut self, _ahead: &Ahead<'_>) -> bool {
        false
    }
}

/// How a file is to be read, as found by [`super::sniff`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a header line.
    Csv {
        /// The byte between fields.
        delimiter: u8,
    },
    /// JSON: an array, an object that holds an array, one object, or one document after another.
    Json {
        /// The path of keys from the top to the array of rows; empty for a bare array, a bare
        /// object or a stream of documents.
        envelope: Vec<String>,
    },
    /// A JSON object one member of which is a whole CSV file in base64 (the AWS credential
    /// report). Rows stand on the line of that member.
    CsvInJson {
        /// The member's name.
        content: String,
        /// The byte between fields.
        delimiter: u8,
    },
    /// XML.
    Xml {
        /// The name of the child elements of the root that are rows; none when the whole document
        /// is one row.
        row: Option<String>,
    },
    /// One or more PEM certificates. Each certificate is a row.
    Pem,
    /// One DER certificate.
    Der,
    /// A Java key store: each certificate is a row.
    Jks,
    /// A PKCS#12 store, of which nothing can be read without its password: one row that says so.
    Pkcs12,
    /// YAML: each document is a row.
    Yaml,
}

/// What a file looks like, for recognising which vendor wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How to read it.
    pub format: Format,
    /// Column names: the CSV header, or the keys of the first JSON row (nested ones dotted), or
    /// the child elements of the first XML row.
    pub columns: ColumnNames,
    /// Each row's own word for its type: `attributes.type` of Salesforce JSON, `kind` of
    /// Kubernetes, the XML root or row element.
    pub kind: Option<String>,
    /// All such words that the beginning of the file holds, each once, in the order of the file;
    /// an unload file can mix tables. [`Format::Xml`] selects one of them.
    pub kinds: Vec<String>,
    /// The namespace of the XML root.
    pub namespace: Option<String>,
    /// Whether rows of JSON stand in a list or one behind another, and are not one object alone.
    pub many: bool,
    /// Whether an object in JSON has a list of values for each column, and so no record by itself.
    pub by_columns: bool,
    /// Whether it is lists of values, one for each record, and its columns are what a list of their names
    /// says: no record can be made of that.
    pub by_rows: bool,
    /// Other lists of records that JSON holds around or beside these rows, in the order of the file.
    pub lists: Lists,
}

/// Lists of records of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// Each with the way to it.
    pub shapes: Vec<Shape>,
    /// Whether there are more.
    pub more: bool,
}

impl Shape {
    /// The shape of a file of which nothing else is known.
    #[must_use]
    pub fn of(format: Format) -> Self {
        Self {
            format,
            columns: ColumnNames::default(),
            kind: None,
            kinds: Vec::new(),
            namespace: None,
            many: false,
            by_columns: false,
            by_rows: false,
            lists: Lists::default(),
        }
    }
}

/// What was learned from reading a whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows given.
    pub rows: u64,
    /// Why the file itself says that it does not hold everything (`done: false`, a next-page
    /// link, `totalSize` above the rows, a file that ends too early).
    pub truncated: Option<String>,
    /// Rows that were not given, because the file says of them that they are deleted.
    pub deleted: u64,
}

/// Why a file could not be read to its end as what it is. Rows given before stay given.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system said no.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The text is not of its format.
    #[error("{message} (line {line})")]
    Malformed {
        /// 1-based line.
        line: u32,
        /// What is wrong.
        message: String,
    },
    /// A record, a line or the nesting is beyond a limit.
    #[error("{message} (line {line})")]
    TooLarge {
        /// 1-based line.
        line: u32,
        /// Which limit.
        message: String,
    },
}
