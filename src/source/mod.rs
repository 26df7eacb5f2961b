//! Recognises an export and maps the vendor's columns to typed records.
//!
//! What vendors write is told by YAML in `sources/`; this module knows the language of those
//! files, never a vendor. A [`Sources`] finds which source a file's shape belongs to; a [`Plan`]
//! says which columns to ask the reader for; each row then gives [`Record`]s, whose fields are
//! typed when they are asked for.

mod address;
mod cells;
mod dates;
mod decode;
mod decode_field;
mod decode_test;
mod durations;
mod mapping;
mod pattern;
mod percents;
mod plan;
mod recognise;
mod salesforce_id;
mod schema;
mod test;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, OnceLock};

use aho_corasick::AhoCorasick;

pub use dates::{DateForm, is_far};
pub use plan::{Names, OrgColumn, Plan, Record, Whose};
pub use recognise::Found;

use crate::model::{RecordTypeId, Schema};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;
use crate::read::{ColumnNames, ColumnPath};
use mapping::Mapping;
use recognise::Entry;
use test::Test;

/// A source, as a number within its [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);

/// One kind of export: how it is recognised and what its columns mean.
#[derive(Debug)]
pub struct Source {
    id: Box<str>,
    title: Box<str>,
    platform: Box<str>,
    export: Box<str>,
    each: Option<ColumnPath>,
    /// Sources that read the same file too.
    also: Vec<Box<str>>,
    row_limits: Vec<u64>,
    entries: Vec<Entry>,
    columns: Vec<ColumnPath>,
    records: Vec<RecordMap>,
}

/// What one row gives for one record type.
#[derive(Debug)]
struct RecordMap {
    ty: RecordTypeId,
    keep: Vec<Test>,
    /// By [`crate::model::FieldId`]; none where the export does not know.
    fields: Vec<Option<Mapping>>,
}

impl Source {
    /// Its id, such as `salesforce.user`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The platform that it exports; empty for the team's own files.
    #[must_use]
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// The command or menu path that makes such an export.
    #[must_use]
    pub fn export(&self) -> &str {
        &self.export
    }

    /// The list within each row whose elements are the rows that count.
    #[must_use]
    pub const fn each(&self) -> Option<&ColumnPath> {
        self.each.as_ref()
    }

    /// Whether some field comes from the column of a table with this name.
    #[must_use]
    pub fn reads(&self, column: &str) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|own| own.text.eq_ignore_ascii_case(column))
    }

    /// Columns of a file under a name that differs from the platform's in marks and blanks only, where no
    /// column that says the same is there: the platform's name, and the file's.
    #[must_use]
    pub fn respelt<'s>(&'s self, columns: &'s ColumnNames) -> Vec<(&'s str, &'s str)> {
        // Where a name stands is no matter of spelling.
        let plain = |name: &str| bare(name, &['.']);
        let theirs: BTreeMap<String, &str> =
            columns.iter().map(|name| (plain(name), name)).collect();
        let there: BTreeSet<String> = columns.iter().map(str::to_ascii_lowercase).collect();
        // What stands in lists, in attributes and in what is around a row is not among the names.
        let unseen = |own: &&str| {
            own.contains(['[', '^', '$', '@']) || there.contains(&own.to_ascii_lowercase())
        };
        let mut respelt = BTreeSet::new();
        for mapping in self
            .records
            .iter()
            .flat_map(|map| map.fields.iter().flatten())
        {
            let mut own: Vec<&str> = Vec::new();
            mapping.visit(&mut |column| {
                let column = self.columns.get(usize::from(column.0));
                own.extend(column.map(|column| column.text.as_str()));
            });
            if own.iter().any(unseen) {
                continue;
            }
            let other = |own: &&'s str| Some((*own, *theirs.get(&plain(own))?));
            respelt.extend(own.iter().find_map(other));
        }
        respelt
            .into_iter()
            .filter(|(_, theirs)| !self.reads(theirs))
            .collect()
    }

    /// The outermost keys of its rows that it reads, some more than once.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let first = |column: &'_ ColumnPath| column.text.find(['.', '[']);
        self.columns.iter().map(move |column| {
            let end = first(column).unwrap_or(column.text.len());
            column.text.get(..end).unwrap_or_default()
        })
    }

    /// Whether an export of exactly so many rows must be taken for cut off.
    #[must_use]
    pub fn hits_limit(&self, rows: u64) -> bool {
        self.row_limits.contains(&rows)
    }

    /// The types of the records it can give, without repetition.
    #[must_use]
    pub fn record_types(&self) -> Vec<RecordTypeId> {
        let mut types: Vec<_> = self.records.iter().map(|record| record.ty).collect();
        types.sort_unstable();
        types.dedup();
        types
    }
}

/// So many names stand in rows of many kinds.
const FEW: usize = 3;

/// A name without what people change in it: the case of its letters, and what stands between its words but
/// for some signs.
fn bare(name: &str, but: &[char]) -> String {
    let kept = name
        .chars()
        .filter(|c| c.is_alphanumeric() || but.contains(c));
    kept.flat_map(char::to_lowercase).collect()
}

/// Sources that are read when one is first asked for.
type List = LazyLock<Vec<Arc<Source>>, Box<dyn FnOnce() -> Vec<Arc<Source>> + Send + Sync>>;

/// Every source of a run.
#[derive(Debug)]
pub struct Sources {
    list: List,
    /// See [`Sources::may_know_yaml`]. None if the words are too many to be looked for.
    yaml_words: OnceLock<Option<AhoCorasick>>,
}

impl Sources {
    /// Reads files of record types (`records`) and of sources (`sources`), in any order.
    ///
    /// # Errors
    /// At the first fault: unknown keys, types, fields and transforms that do not fit, a field
    /// that every record must have and that is not mapped, an id that is there twice.
    pub fn decode(documents: &[Document]) -> Decoded<(Schema, Self)> {
        let trees = documents
            .iter()
            .map(|document| Ok((document, document.parse()?)))
            .collect::<Decoded<Vec<_>>>()?;
        Self::decode_trees(trees.iter().map(|(document, tree)| (*document, tree)))
    }

    /// Does the same with trees that are parsed already.
    ///
    /// # Errors
    /// As [`Sources::decode`].
    pub fn decode_trees<'a>(
        trees: impl IntoIterator<Item = (&'a Document, &'a Node)>,
    ) -> Decoded<(Schema, Self)> {
        let trees: Vec<_> = trees.into_iter().collect();
        let schema = decode::schema(&trees)?;
        let list = decode::sources(&schema, &trees)?;
        Ok((schema, Self::of(Box::new(|| list))))
    }

    /// Reads the record types of some files.
    ///
    /// # Errors
    /// As [`Sources::decode`].
    pub fn decode_schema<'a>(
        trees: impl IntoIterator<Item = (&'a Document, &'a Node)>,
    ) -> Decoded<Schema> {
        decode::schema(&trees.into_iter().collect::<Vec<_>>())
    }

    /// Reads the sources of some files.
    ///
    /// # Errors
    /// As [`Sources::decode`].
    pub fn decode_sources<'a>(
        schema: &Schema,
        trees: impl IntoIterator<Item = (&'a Document, &'a Node)>,
    ) -> Decoded<Vec<Arc<Source>>> {
        decode::sources(schema, &trees.into_iter().collect::<Vec<_>>())
    }

    /// Sources that lie in the program, and are read when one is first asked for.
    ///
    /// # Panics
    /// Then, if they are wrong. The tests read them all.
    #[must_use]
    pub fn later(read: impl FnOnce() -> Decoded<Vec<Arc<Source>>> + Send + Sync + 'static) -> Self {
        Self::of(Box::new(|| match read() {
            Ok(sources) => sources,
            Err(fault) => unreachable!("{}: {}", fault.file, fault.message),
        }))
    }

    fn of(list: Box<dyn FnOnce() -> Vec<Arc<Source>> + Send + Sync>) -> Self {
        Self {
            list: LazyLock::new(list),
            yaml_words: OnceLock::new(),
        }
    }

    /// One source.
    ///
    /// # Panics
    /// If the id is of other sources.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Arc<Source> {
        &self.list[usize::from(id.0)]
    }

    /// Finds a source by its id's text.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<SourceId> {
        self.iter()
            .find_map(|(number, source)| (source.id() == id).then_some(number))
    }

    /// The source whose rows have all of these names, and perhaps more, whatever form they are in: of
    /// the names no more than letters and digits count. One that knows its rows by a single name, by where
    /// they stand beside few names, or by a word for their type that is another than this does not count.
    pub fn by_names<'n>(
        &self,
        kind: Option<&str>,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<&Source> {
        let there: BTreeSet<String> = names.map(|name| bare(name, &[])).collect();
        let holds = |entry: &&Entry| {
            entry.columns.len() > 1
                && (entry.kind.is_none() || entry.kind.as_deref() == kind)
                && entry.namespace.is_none()
                && (entry.envelope.is_none() || entry.columns.len() > FEW)
                && entry.path.is_none()
                && entry
                    .columns
                    .iter()
                    .all(|name| there.contains(&bare(name, &[])))
        };
        let marks = |source: &Source| {
            let known = source.entries.iter().filter(holds);
            known.map(|entry| entry.columns.len()).max()
        };
        let found = self
            .iter()
            .filter_map(|(id, source)| Some((marks(source)?, id)));
        found.max().map(|(_, id)| &**self.get(id))
    }

    /// All sources, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Arc<Source>)> {
        (0..).map(SourceId).zip(&*self.list)
    }
}
