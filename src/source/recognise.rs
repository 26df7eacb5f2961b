//! Which source a file's shape belongs to.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use globset::{Glob, GlobMatcher};

use super::{SourceId, Sources};
use crate::model::ScanPath;
use crate::read::{ColumnNames, Format, Shape};

/// The word for a container format in source files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormatWord {
    Csv,
    Json,
    Xml,
    Pem,
    Der,
    Yaml,
    Jks,
    Pkcs12,
}

impl FormatWord {
    pub(super) const ALL: [(&'static str, Self); 8] = [
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("xml", Self::Xml),
        ("pem", Self::Pem),
        ("der", Self::Der),
        ("yaml", Self::Yaml),
        ("jks", Self::Jks),
        ("pkcs12", Self::Pkcs12),
    ];

    fn is(self, format: &Format) -> bool {
        self == match format {
            Format::Csv { .. } | Format::CsvInJson { .. } => Self::Csv,
            Format::Json { .. } => Self::Json,
            Format::Xml { .. } => Self::Xml,
            Format::Pem => Self::Pem,
            Format::Der => Self::Der,
            Format::Yaml => Self::Yaml,
            Format::Jks => Self::Jks,
            Format::Pkcs12 => Self::Pkcs12,
        }
    }
}

/// A pattern for paths. Compiled when a file first asks for it: a start would pay for all of them.
#[derive(Debug)]
pub(super) struct PathPattern {
    glob: Glob,
    matcher: OnceLock<GlobMatcher>,
}

impl PathPattern {
    pub(super) const fn new(glob: Glob) -> Self {
        Self {
            glob,
            matcher: OnceLock::new(),
        }
    }

    fn matches(&self, path: &str) -> bool {
        self.matcher
            .get_or_init(|| self.glob.compile_matcher())
            .is_match(path)
    }
}

/// One set of marks by which a source is recognised. All must hold.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) format: FormatWord,
    pub(super) columns: Vec<String>,
    pub(super) kind: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) envelope: Option<String>,
    pub(super) path: Option<PathPattern>,
}

impl Entry {
    /// The longest word that stands in every file with these marks. Empty if they ask for none.
    fn word(&self) -> &str {
        let columns = self.columns.iter().flat_map(|column| column.split('.'));
        let words = columns.chain(self.kind.as_deref());
        words.max_by_key(|word| word.len()).unwrap_or_default()
    }

    /// How many marks were asked for and found; none if one is not there.
    fn weight(
        &self,
        path: &ScanPath,
        shape: &Shape,
        kind: Option<&str>,
        columns: &ByLength<'_>,
    ) -> Option<usize> {
        let same = |wanted: Option<&str>, found: Option<&str>| wanted.is_none() || wanted == found;
        let envelope = |wanted: &str| match &shape.format {
            // Somebody may have put the answer into another object.
            Format::Json { envelope } => {
                let mut keys = envelope.iter().rev();
                let mut wanted = wanted.rsplit('.');
                wanted.all(|key| keys.next().is_some_and(|own| own == key))
            }
            _ => false,
        };
        let holds = self.format.is(&shape.format)
            && same(self.kind.as_deref(), kind)
            && same(self.namespace.as_deref(), shape.namespace.as_deref())
            && self.envelope.as_deref().is_none_or(envelope)
            && self.columns.iter().all(|wanted| columns.have(wanted))
            && self
                .path
                .as_ref()
                .is_none_or(|pattern| pattern.matches(path.as_str()));
        holds.then(|| {
            self.columns.len()
                + usize::from(self.kind.is_some())
                + usize::from(self.namespace.is_some())
                + usize::from(self.envelope.is_some())
                + usize::from(self.path.is_some())
        })
    }
}

/// The columns of a file by their length: a configuration in JSON may have thousands, and every source
/// asks for some.
#[derive(Default)]
struct ByLength<'s> {
    columns: Vec<&'s str>,
    /// A bit for each length that one of them has; the last is for all that are longer.
    lengths: u64,
}

impl<'s> ByLength<'s> {
    fn of(columns: &'s ColumnNames) -> Self {
        let mut columns: Vec<&str> = columns.iter().collect();
        columns.sort_unstable_by_key(|column| column.len());
        let lengths = columns.iter().fold(0, |bits, name| bits | length_bit(name));
        Self { columns, lengths }
    }

    /// Whether there is one of this name, in any case.
    fn have(&self, wanted: &str) -> bool {
        if self.lengths & length_bit(wanted) == 0 {
            return false;
        }
        let first = self
            .columns
            .partition_point(|column| column.len() < wanted.len());
        let rest = self.columns.get(first..).unwrap_or(&[]).iter();
        let mut alike = rest.take_while(|column| column.len() == wanted.len());
        alike.any(|column| column.eq_ignore_ascii_case(wanted))
    }
}

fn length_bit(name: &str) -> u64 {
    1 << name.len().min(63)
}

/// A source that claims a file, and how the file is to be read for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The source.
    pub source: SourceId,
    /// The format.
    pub format: Format,
}

impl Sources {
    /// The sources of a file of this shape: those of its rows, and those of the other lists in it
    /// unless these are within rows that are known.
    #[must_use]
    pub fn recognise(&self, path: &ScanPath, shape: &Shape) -> Vec<Found> {
        let mut found = self.claims(path, shape);
        let enveloped = matches!(&shape.format, Format::Json { envelope } if !envelope.is_empty());
        if found.is_empty() || enveloped {
            let others = shape.lists.shapes.iter();
            for claim in others.flat_map(|list| self.claims(path, list)) {
                if !found.contains(&claim) {
                    found.push(claim);
                }
            }
        }
        found
    }

    /// The sources of the rows of a shape: one for each word by which they name their type,
    /// since an unload file can mix tables, and those that one asks to be read as well.
    ///
    /// Where several claim the same rows, the one whose marks are most specific wins: the one that
    /// asked for the most of them (each column, and the kind, the namespace, the envelope and the
    /// path count one each). Where they are equal, the one declared last wins, so that a user's
    /// file can take the place of a built-in source.
    fn claims(&self, path: &ScanPath, shape: &Shape) -> Vec<Found> {
        let mut kinds: Vec<Option<&str>> = shape.kinds.iter().map(|k| Some(k.as_str())).collect();
        if kinds.is_empty() {
            kinds.push(shape.kind.as_deref());
        }
        let columns = ByLength::of(&shape.columns);
        let mut found: Vec<Found> = Vec::new();
        for kind in kinds {
            let Some(source) = self.best(path, (shape, &columns), kind) else {
                continue;
            };
            let also = self.get(source).also.iter();
            let also = also.filter_map(|id| self.find(id));
            let mut format = shape.format.clone();
            if let (Format::Xml { row: Some(row) }, Some(kind)) = (&mut format, kind) {
                kind.clone_into(row);
            }
            for source in std::iter::once(source).chain(also) {
                let format = format.clone();
                let claim = Found { source, format };
                if !found.contains(&claim) {
                    found.push(claim);
                }
            }
        }
        found
    }

    /// Whether a YAML file could belong to a source: false when of each the words are missing by
    /// which it would be known. A look at a text costs a thousandth of parsing it. (A word that is
    /// written with escapes is missed, and one in another case than its own or all small; no program
    /// that exports writes so.)
    #[must_use]
    pub fn may_know_yaml(&self, text: &[u8]) -> bool {
        let words = self.yaml_words.get_or_init(|| {
            let entries = self.iter().flat_map(|(_, source)| &source.entries);
            let yaml = entries.filter(|entry| entry.format == FormatWord::Yaml);
            let both = |word: &str| [word.to_owned(), word.to_ascii_lowercase()];
            let words: BTreeSet<String> = yaml.map(Entry::word).flat_map(both).collect();
            // Few words in a case that is known are looked for many bytes at a time.
            let kind = MatchKind::LeftmostFirst;
            AhoCorasick::builder().match_kind(kind).build(words).ok()
        });
        words.as_ref().is_none_or(|words| words.is_match(text))
    }

    fn best(
        &self,
        path: &ScanPath,
        (shape, columns): (&Shape, &ByLength<'_>),
        kind: Option<&str>,
    ) -> Option<SourceId> {
        // In XML, columns are those of the first row, which says nothing about rows of another kind.
        let first = !matches!(shape.format, Format::Xml { .. })
            || kind.is_none()
            || kind == shape.kind.as_deref();
        let columns = if first { columns } else { &ByLength::default() };
        self.iter()
            .filter_map(|(id, source)| {
                let weights = source.entries.iter();
                let best = weights
                    .filter_map(|e| e.weight(path, shape, kind, columns))
                    .max()?;
                Some((best, id))
            })
            .max()
            .map(|(_, id)| id)
    }
}
