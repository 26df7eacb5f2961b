//! YAML documents as rows. A list gives a row for each of its items, be it a Kubernetes `List`, a bare
//! one or the one list of an answer.
//!
//! Aliases are refused, so nothing can be multiplied; nesting and length are bounded.

use std::borrow::Cow;
use std::io::Read;

use granit_parser::{Event, Parser, ScalarStyle};

use super::buffer::MAX_RECORD;
use super::columns::DistinctNames;
use super::emit::Emit;
use super::row::{ColumnPath, Format, ReadError, RowSink, Shape, Step, Summary};
use super::sniff::Extent;
use super::tree::{self, Kind, Tree};
use crate::model::ProblemKind;

/// Collections nested deeper than this are refused.
const MAX_DEPTH: usize = 64;
/// Maps inside records are listed this deep.
const MAX_LEVELS: usize = 3;

/// Reads every document and gives the wanted columns.
pub(super) fn rows(
    input: &mut dyn Read,
    columns: &[ColumnPath],
    each: Option<&ColumnPath>,
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let mut data = Vec::new();
    let limit = u64::try_from(MAX_RECORD).unwrap_or(u64::MAX);
    input.take(limit + 1).read_to_end(&mut data)?;
    if data.len() > MAX_RECORD {
        return Err(ReadError::TooLarge {
            line: 1,
            message: "is longer than 16 MiB".to_owned(),
        });
    }
    let mut emit = Emit::new(columns, each, sink);
    let text = std::str::from_utf8(&data).map_err(|error| ReadError::Malformed {
        line: emit.line(&data, error.valid_up_to()),
        message: "is not UTF-8".to_owned(),
    })?;
    let mut documents = Documents::new(text);
    let mut truncated = None;
    while let Some(document) = documents.next()? {
        if let Some(at) = document.alias {
            emit.advance(&data, at);
            let message = "uses anchors and aliases, which are not followed".to_owned();
            emit.sink
                .problem(emit.place.line, ProblemKind::Malformed, message);
            continue;
        }
        match &document.tree {
            None => {}
            Some(tree) => match items(tree, Extent::Whole) {
                Some(items) => {
                    truncated = truncated.or_else(|| more(tree));
                    items.iter().for_each(|item| emit.record(&data, item));
                }
                None => emit.record(&data, tree),
            },
        }
    }
    Ok(Summary {
        rows: emit.rows,
        truncated,
        deleted: 0,
    })
}

/// The items of a list.
fn items<'t, 'a>(tree: &'t Tree<'a>, extent: Extent) -> Option<&'t [Tree<'a>]> {
    match &tree.kind {
        Kind::List(items) => records(items),
        _ => listed(tree, extent).or_else(|| answered(tree)),
    }
}

/// Items, if they are records.
fn records<'t, 'a>(items: &'t [Tree<'a>]) -> Option<&'t [Tree<'a>]> {
    let first = items.first()?;
    matches!(first.kind, Kind::Map { .. }).then_some(items)
}

/// The items of the one list that the command line of AWS answers, beside what says that there are more.
fn answered<'t, 'a>(tree: &'t Tree<'a>) -> Option<&'t [Tree<'a>]> {
    let mut lists = tree.entries().iter().filter(|(key, _)| !is_page(key));
    let (Some((key, value)), None) = (lists.next(), lists.next()) else {
        return None;
    };
    let named = [&b"List"[..], b"Metadata"];
    match &value.kind {
        Kind::List(items) if named.iter().any(|end| key.ends_with(end)) => records(items),
        _ => None,
    }
}

/// Whether a member of an answer says whether that was all.
fn is_page(key: &[u8]) -> bool {
    [&b"NextToken"[..], b"Marker", b"IsTruncated"].contains(&key)
}

/// What says that an answer is not all.
fn more(tree: &Tree<'_>) -> Option<String> {
    let mut pages = tree.entries().iter().filter(|(key, _)| is_page(key));
    let (key, _) = pages.find(|(_, value)| match &value.kind {
        Kind::Text(text) => !matches!(&**text, b"" | b"false"),
        _ => false,
    })?;
    let key = String::from_utf8_lossy(key);
    Some(format!("`{key}` names a further page"))
}

/// The items of a Kubernetes list. Its kind most often stands behind them, and is not asked for where
/// the text ends before.
fn listed<'t, 'a>(tree: &'t Tree<'a>, extent: Extent) -> Option<&'t [Tree<'a>]> {
    let member = |name: &[u8]| {
        let (_, value) = tree.entries().iter().find(|(key, _)| **key == *name)?;
        Some(&value.kind)
    };
    let list = match member(b"kind") {
        Some(Kind::Text(kind)) => kind.ends_with(b"List"),
        Some(_) => false,
        None => extent == Extent::Beginning && member(b"apiVersion").is_some(),
    };
    match member(b"items")? {
        Kind::List(items) if list => Some(items),
        _ => None,
    }
}

/// Whether a text ends within the first record of a list, so that its keys are not all seen.
pub(super) fn ends_in_first_record(head: &[u8]) -> bool {
    let Some(text) = head.utf8_chunks().next() else {
        return false;
    };
    // A text that is cut within a word may be well-formed all the same.
    let mut documents = Documents::new(text.valid());
    let tree = match documents.next() {
        Ok(first) => first.and_then(|document| document.tree),
        Err(_) => documents.unfinished(),
    };
    let items = tree
        .as_ref()
        .and_then(|tree| items(tree, Extent::Beginning));
    items.is_some_and(|items| items.len() < 2)
}

/// The shape of a YAML file, from its beginning. None if no document of it is a mapping.
pub(super) fn shape(head: &[u8], extent: Extent) -> Option<Shape> {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?,
    };
    let (mut columns, mut kinds) = (DistinctNames::default(), Vec::new());
    let mut documents = Documents::new(valid);
    loop {
        // The beginning of a long file ends inside a document: what was seen counts.
        let (tree, more) = match documents.next() {
            Ok(Some(document)) => (document.tree, true),
            Ok(None) => break,
            Err(_) => (documents.unfinished(), false),
        };
        if let Some(tree) = &tree {
            let items = items(tree, extent);
            for record in items.unwrap_or(std::slice::from_ref(tree)) {
                note(record, &mut columns, &mut kinds);
            }
        }
        if !more {
            break;
        }
    }
    (!columns.is_empty()).then(|| Shape {
        columns: columns.into_names(),
        kind: kinds.first().cloned(),
        kinds,
        ..Shape::of(Format::Yaml)
    })
}

/// Takes the names of the members of a map, those of maps in it behind a path of their own.
fn names(tree: &Tree<'_>, path: &mut String, level: usize, columns: &mut DistinctNames) {
    let own = path.len();
    for (key, value) in tree.entries() {
        if columns.are_many() {
            return;
        }
        path.truncate(own);
        path.push_str(&String::from_utf8_lossy(key));
        columns.take(path);
        if level < MAX_LEVELS {
            path.push('.');
            names(value, path, level + 1, columns);
        }
    }
}

/// Notes the names of a record's members and its kind.
fn note(record: &Tree<'_>, columns: &mut DistinctNames, kinds: &mut Vec<String>) {
    names(record, &mut String::new(), 0, columns);
    let kind = tree::select(record, &[Step::Name("kind".to_owned())]);
    if let super::Cell::Text(kind) = kind {
        let kind = String::from_utf8_lossy(&kind).into_owned();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
}

/// One document.
struct Document {
    /// None when it is empty.
    tree: Option<Tree<'static>>,
    /// Where it uses an alias, if it does.
    alias: Option<usize>,
}

/// A collection under construction.
struct Open {
    start: usize,
    key: Option<Cow<'static, [u8]>>,
    kind: Kind<'static>,
}

/// Turns events into documents.
struct Documents<'t> {
    text: &'t str,
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    stack: Vec<Open>,
    done: Option<Tree<'static>>,
    alias: Option<usize>,
}

impl<'t> Documents<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            parser: Parser::new_from_str(text),
            stack: Vec::new(),
            done: None,
            alias: None,
        }
    }

    fn error(&self, at: usize, message: impl Into<String>) -> ReadError {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        ReadError::Malformed {
            line: super::place::Place::START.after(before).line,
            message: message.into(),
        }
    }

    /// The next document.
    fn next(&mut self) -> Result<Option<Document>, ReadError> {
        while let Some(next) = self.parser.next_event() {
            let (event, span) = next.map_err(|error| {
                let at = error.marker().byte_offset().unwrap_or(self.text.len());
                self.error(at, format!("is not well-formed YAML: {}", error.info()))
            })?;
            let range = span.byte_range().unwrap_or_default();
            match event {
                Event::DocumentEnd => {
                    return Ok(Some(Document {
                        tree: self.done.take(),
                        alias: self.alias.take(),
                    }));
                }
                Event::SequenceStart(..) => self.open(Kind::List(Vec::new()), range.start)?,
                Event::MappingStart(..) => {
                    let kind = Kind::Map {
                        entries: Vec::new(),
                        raw: Cow::Borrowed(b""),
                    };
                    self.open(kind, range.start)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(range.end)?,
                Event::Scalar(..) => {
                    if let Some((value, style)) = event.scalar() {
                        self.scalar(value, style, range)?;
                    }
                }
                _ if event.is_alias() => {
                    self.alias = self.alias.or(Some(range.start));
                    self.scalar("*", ScalarStyle::Plain, range)?;
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// What there is of a document that the text does not finish.
    fn unfinished(&mut self) -> Option<Tree<'static>> {
        let end = self.text.len();
        while let Some(open) = self.stack.last_mut() {
            open.key.get_or_insert(Cow::Borrowed(b""));
            self.close(end).ok()?;
        }
        self.done.take()
    }

    fn open(&mut self, kind: Kind<'static>, start: usize) -> Result<(), ReadError> {
        if self.stack.len() >= MAX_DEPTH {
            let ReadError::Malformed { line, .. } = self.error(start, "") else {
                return Ok(());
            };
            return Err(ReadError::TooLarge {
                line,
                message: format!("nested more than {MAX_DEPTH} deep"),
            });
        }
        if let Some(Open {
            kind: Kind::Map { .. },
            key: None,
            ..
        }) = self.stack.last()
        {
            return Err(self.error(start, "a key is not a plain word"));
        }
        self.stack.push(Open {
            start,
            key: None,
            kind,
        });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), ReadError> {
        let Some(mut open) = self.stack.pop() else {
            return Ok(());
        };
        // A block collection is closed where the next token stands, far behind its text.
        let flow = matches!(self.text.as_bytes().get(open.start), Some(b'[' | b'{'));
        let end = match &open.kind {
            _ if flow => end,
            Kind::List(items) => items.last().map_or(open.start, |item| item.span.end),
            Kind::Map { entries, .. } => entries.last().map_or(open.start, |(_, v)| v.span.end),
            _ => end,
        };
        if let Kind::Map { raw, .. } = &mut open.kind {
            let text = self
                .text
                .as_bytes()
                .get(open.start..end)
                .unwrap_or_default();
            // Only small ones are ever asked for as text.
            *raw = Cow::Owned(text.get(..text.len().min(256)).unwrap_or_default().to_vec());
        }
        self.place(Tree {
            span: open.start..end.max(open.start),
            kind: open.kind,
        })
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        span: std::ops::Range<usize>,
    ) -> Result<(), ReadError> {
        let text: Cow<'static, [u8]> = Cow::Owned(value.as_bytes().to_vec());
        if let Some(Open {
            kind: Kind::Map { .. },
            key: key @ None,
            ..
        }) = self.stack.last_mut()
        {
            *key = Some(text);
            return Ok(());
        }
        let kind = match (value, style) {
            ("" | "~" | "null" | "Null" | "NULL", ScalarStyle::Plain) => Kind::Null,
            _ => Kind::Text(text),
        };
        self.place(Tree { span, kind })
    }

    fn place(&mut self, tree: Tree<'static>) -> Result<(), ReadError> {
        let start = tree.span.start;
        match self.stack.last_mut() {
            None => self.done = Some(tree),
            Some(open) => match (&mut open.kind, open.key.take()) {
                (Kind::List(items), _) => items.push(tree),
                (Kind::Map { entries, .. }, Some(key)) => entries.push((key, tree)),
                _ => return Err(self.error(start, "a key is not a plain word")),
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
