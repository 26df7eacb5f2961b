//! One record as a tree, and looking up a path in it. For the paths and formats that cannot be
//! read straight from the bytes: `[*]`, `[a=b]`, XML and YAML.

use std::borrow::Cow;
use std::ops::Range;

use super::row::{Cell, Step};

/// The name under which an XML element's own text stands.
pub(super) const TEXT: &str = "$text";

/// A value and the bytes that it covers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree<'a> {
    /// Its bytes in the text that the record was read from.
    pub(super) span: Range<usize>,
    /// What it is.
    pub(super) kind: Kind<'a>,
}

/// What a tree is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    /// The format's null.
    Null,
    /// A scalar.
    Text(Cow<'a, [u8]>),
    /// A list.
    List(Vec<Tree<'a>>),
    /// Names and values in the order of the file. A repeated XML element is a repeated name.
    Map {
        /// The members.
        entries: Vec<(Cow<'a, [u8]>, Tree<'a>)>,
        /// The text of the whole as written.
        raw: Cow<'a, [u8]>,
    },
}

/// The cell that a path leads to.
pub(super) fn select<'a>(tree: &Tree<'a>, steps: &[Step]) -> Cell<'a> {
    if steps.iter().any(is_many) {
        let mut found = Vec::new();
        let joined = steps.contains(&Step::Members);
        collect(tree, steps, &mut |leaf| match cell(leaf) {
            Cell::Text(text) => found.push(text),
            Cell::List(items) if joined => found.push(Cow::Owned(items.join(&b','))),
            _ => {}
        });
        return match first(tree, before_every(steps)).map(|list| &list.kind) {
            _ if !found.is_empty() => Cell::List(found),
            None => Cell::Absent,
            Some(Kind::Null) => Cell::Null,
            Some(_) => Cell::List(found),
        };
    }
    first(tree, steps).map_or(Cell::Absent, cell)
}

fn is_many(step: &Step) -> bool {
    matches!(step, Step::Every | Step::Members)
}

fn before_every(steps: &[Step]) -> &[Step] {
    let end = steps.iter().position(is_many);
    steps.get(..end.unwrap_or(steps.len())).unwrap_or_default()
}

/// The elements of the list that a path leads to: what `each` expands. A value that is no list is
/// a list of one, null is none.
pub(super) fn elements<'t, 'a>(tree: &'t Tree<'a>, steps: &[Step]) -> Vec<&'t Tree<'a>> {
    let mut found = Vec::new();
    let mut every = steps.to_vec();
    if every.last() != Some(&Step::Every) {
        every.push(Step::Every);
    }
    collect(tree, &every, &mut |leaf| {
        if leaf.kind != Kind::Null {
            found.push(leaf);
        }
    });
    found
}

fn first<'t, 'a>(tree: &'t Tree<'a>, steps: &[Step]) -> Option<&'t Tree<'a>> {
    let mut found = None;
    collect(tree, steps, &mut |leaf| found = found.or(Some(leaf)));
    found
}

/// Calls back with everything that a path leads to. A name takes the first member of that name,
/// or all of them where `[*]` or `[a=b]` follows.
fn collect<'t, 'a>(tree: &'t Tree<'a>, steps: &[Step], each: &mut dyn FnMut(&'t Tree<'a>)) {
    match steps {
        [] => each(tree),
        [Step::Name(name), rest @ ..] => named(tree, name, rest, each),
        [Step::Every, rest @ ..] => items(tree, &mut |item| collect(item, rest, each)),
        [Step::Members, rest @ ..] => {
            for (_, value) in tree.entries() {
                collect(value, rest, each);
            }
        }
        [Step::Where(name, value), rest @ ..] => {
            let mut done = false;
            items(tree, &mut |item| {
                if !done && has(item, name, value) {
                    done = true;
                    collect(item, rest, each);
                }
            });
        }
    }
}

fn items<'t, 'a>(tree: &'t Tree<'a>, each: &mut dyn FnMut(&'t Tree<'a>)) {
    match &tree.kind {
        Kind::List(items) => items.iter().for_each(each),
        _ => each(tree),
    }
}

fn has(tree: &Tree<'_>, name: &str, value: &str) -> bool {
    let step = [Step::Name(name.to_owned())];
    matches!(first(tree, &step).map(cell), Some(Cell::Text(text)) if text.eq_ignore_ascii_case(value.as_bytes()))
}

fn named<'t, 'a>(
    tree: &'t Tree<'a>,
    name: &str,
    rest: &[Step],
    each: &mut dyn FnMut(&'t Tree<'a>),
) {
    let Kind::Map { entries, .. } = &tree.kind else {
        if name == TEXT && rest.is_empty() {
            each(tree);
        }
        return;
    };
    let mut same = entries
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value)
        .peekable();
    match (same.peek().is_some(), rest) {
        (true, [Step::Every, rest @ ..]) => {
            same.for_each(|value| items(value, &mut |item| collect(item, rest, each)));
        }
        (true, [Step::Where(key, text), rest @ ..]) => {
            let mut done = false;
            same.for_each(|value| {
                items(value, &mut |item| {
                    if !done && has(item, key, text) {
                        done = true;
                        collect(item, rest, each);
                    }
                });
            });
        }
        (true, _) => {
            if let Some(value) = same.next() {
                collect(value, rest, each);
            }
        }
        // A key that holds dots itself can stand for several steps.
        (false, [Step::Name(next), after @ ..]) => {
            if entries.iter().any(|(key, _)| key.contains(&b'.')) {
                named(tree, &format!("{name}.{next}"), after, each);
            }
        }
        (false, _) => {}
    }
}

/// The text of a value. A member `value` (ServiceNow) or an element's own text stands for the
/// whole; other collections are given as written.
fn cell<'a>(tree: &Tree<'a>) -> Cell<'a> {
    match &tree.kind {
        Kind::Null => Cell::Null,
        Kind::Text(text) => Cell::Text(text.clone()),
        Kind::Map { entries, raw } => {
            let own = entries
                .iter()
                .find(|(key, _)| **key == *TEXT.as_bytes() || key.eq_ignore_ascii_case(b"value"));
            match own.map(|(_, value)| &value.kind) {
                Some(Kind::Null) => Cell::Null,
                Some(Kind::Text(text)) => Cell::Text(text.clone()),
                _ => Cell::Text(raw.clone()),
            }
        }
        Kind::List(items) => {
            let texts = items.iter().filter_map(|item| match cell(item) {
                Cell::Text(text) => Some(text),
                _ => None,
            });
            Cell::List(texts.collect())
        }
    }
}

impl<'a> Tree<'a> {
    /// The members of a map; nothing for all else.
    pub(super) fn entries(&self) -> &[(Cow<'a, [u8]>, Tree<'a>)] {
        match &self.kind {
            Kind::Map { entries, .. } => entries,
            _ => &[],
        }
    }

    /// Says of the tree and all in it that it covers these bytes: for a text inside a text.
    pub(super) fn place_at(&mut self, span: &Range<usize>) {
        self.span = span.clone();
        match &mut self.kind {
            Kind::Null | Kind::Text(_) => {}
            Kind::List(items) => items.iter_mut().for_each(|item| item.place_at(span)),
            Kind::Map { entries, .. } => {
                entries
                    .iter_mut()
                    .for_each(|(_, child)| child.place_at(span));
            }
        }
    }

    /// The same tree without borrowed text.
    pub(super) fn into_owned(self) -> Tree<'static> {
        let own = |text: Cow<'a, [u8]>| Cow::Owned(text.into_owned());
        let kind = match self.kind {
            Kind::Null => Kind::Null,
            Kind::Text(text) => Kind::Text(own(text)),
            Kind::List(items) => Kind::List(items.into_iter().map(Tree::into_owned).collect()),
            Kind::Map { entries, raw } => Kind::Map {
                entries: entries
                    .into_iter()
                    .map(|(key, child)| (own(key), child.into_owned()))
                    .collect(),
                raw: own(raw),
            },
        };
        Tree {
            span: self.span,
            kind,
        }
    }
}
