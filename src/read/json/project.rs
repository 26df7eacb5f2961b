//! Takes the wanted columns out of one JSON value and walks over all else.
//!
//! The wanted paths become a tree of names. Real exports write the same keys in the same order in
//! every record, so each node of the tree remembers that order and compares a key only with the one
//! it expects there.

use std::borrow::Cow;
use std::ops::Range;

use super::cursor::{Cursor, MAX_DEPTH, Stop};
use crate::read::row::{Cell, ColumnPath, Step};
use crate::read::tree;

/// What is said of a string with a wrong escape.
pub(super) const BAD_TEXT: &str = "a text is not well formed";

/// How many keys of an object a node remembers.
const MAX_LEARNED: usize = 512;

/// How many objects are remembered, those that nobody asked for included.
const MAX_NODES: usize = 128;

/// What to do with the value that a path leads to.
#[derive(Debug, Clone)]
enum End {
    /// It is the cell at this index.
    Cell(usize),
    /// The rest of the path needs the value as a tree.
    Rest(usize, Vec<Step>),
    /// It holds the list that is expanded.
    Each,
}

#[derive(Debug, Default)]
struct Node {
    children: Vec<(String, usize)>,
    ends: Vec<End>,
    /// The members in the order of the first object.
    learned: Vec<Learned>,
    /// Whether an object is walked over member by member though no path leads into it.
    open: bool,
    /// The object in which it was met last, by its number, and where its value stood.
    met: (u64, Range<usize>),
}

/// A member of an object as it stood in the first one.
#[derive(Debug)]
struct Learned {
    /// All bytes between the value before it and its own.
    lead: Box<[u8]>,
    /// Where in them its key stands, with its closing quote.
    key: Range<usize>,
    child: Option<usize>,
}

/// What stands next in an object.
enum Member {
    /// A member, and the child for it; the cursor is at its value.
    Key(Option<usize>),
    /// The closing bracket.
    End,
}

/// The wanted paths, ready to be applied to records.
#[derive(Debug)]
pub(super) struct Projector {
    nodes: Vec<Node>,
    /// Objects so far.
    objects: u64,
}

/// What a record gave.
pub(super) struct Found<'c, 'a> {
    /// The wanted columns.
    pub(super) cells: &'c mut [Cell<'a>],
    /// The value at the path of the list to expand, with its offset.
    pub(super) list: Option<(usize, &'a [u8])>,
    /// The cell of a name that stands twice in an object with different values, and the offset of the
    /// second.
    pub(super) twice: Option<(usize, usize)>,
}

impl<'c, 'a> Found<'c, 'a> {
    /// Nothing yet.
    pub(super) const fn new(cells: &'c mut [Cell<'a>]) -> Self {
        Self {
            cells,
            list: None,
            twice: None,
        }
    }
}

impl Projector {
    /// Prepares columns (index and path) and the list to expand.
    pub(super) fn new<'p>(
        columns: impl Iterator<Item = (usize, &'p ColumnPath)>,
        each: Option<&ColumnPath>,
    ) -> Self {
        let mut projector = Self {
            nodes: vec![Node::default()],
            objects: 0,
        };
        for (index, column) in columns {
            let names = column
                .steps
                .iter()
                .take_while(|s| matches!(s, Step::Name(n) if n != "$text"))
                .count();
            let (names, rest) = column.steps.split_at(names);
            let node = projector.node(names);
            if rest.is_empty() {
                projector.add(node, End::Cell(index));
                // ServiceNow writes `{"display_value": …, "value": …}` for what is one value.
                let value = projector.child(node, "value");
                projector.add(value, End::Cell(index));
            } else {
                projector.add(node, End::Rest(index, rest.to_vec()));
            }
        }
        if let Some(each) = each {
            let names = each
                .steps
                .iter()
                .take_while(|s| matches!(s, Step::Name(_)))
                .count();
            let node = projector.node(each.steps.get(..names).unwrap_or_default());
            projector.add(node, End::Each);
        }
        projector
    }

    fn add(&mut self, node: usize, end: End) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.ends.push(end);
        }
    }

    fn node(&mut self, names: &[Step]) -> usize {
        names.iter().fold(0, |node, step| match step {
            Step::Name(name) => self.child(node, name),
            _ => node,
        })
    }

    fn child(&mut self, node: usize, name: &str) -> usize {
        let fresh = self.nodes.len();
        let Some(parent) = self.nodes.get_mut(node) else {
            return node;
        };
        let known = parent
            .children
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, child)) = known {
            return *child;
        }
        parent.children.push((name.to_owned(), fresh));
        self.nodes.push(Node::default());
        fresh
    }

    /// Walks over the value at the cursor and fills the cells. The first of two equal keys counts, and
    /// that there is another is noted.
    pub(super) fn value<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        found: &mut Found<'_, 'a>,
    ) -> Result<(), Stop> {
        self.walk(0, cursor, 0, found)
    }

    fn walk<'a>(
        &mut self,
        node: usize,
        cursor: &mut Cursor<'a>,
        depth: u32,
        found: &mut Found<'_, 'a>,
    ) -> Result<(), Stop> {
        let first = cursor.peek()?;
        let start = cursor.at();
        let parent = self
            .nodes
            .get(node)
            .is_some_and(|n| n.open || !n.children.is_empty());
        // The inside of a string that has no escape.
        let mut inside = None;
        match first {
            b'{' if parent => self.object(node, cursor, depth, found)?,
            b'"' => {
                cursor.bump();
                let text = cursor.text()?;
                inside = text.plain.then_some(text.inner);
            }
            _ => cursor.skip(depth)?,
        }
        let raw = cursor.since(start);
        if parent && raw == b"null" {
            self.nothing(node, found);
        }
        let Some(node) = self.nodes.get(node) else {
            return Ok(());
        };
        for end in &node.ends {
            match end {
                End::Cell(index) => {
                    if let Some(cell @ Cell::Absent) = found.cells.get_mut(*index) {
                        match (inside, raw) {
                            // Built in its place: a copy would cost more than the cell.
                            (Some(inside), _) => *cell = Cell::Text(Cow::Borrowed(inside)),
                            (None, [b'[', ..]) => {
                                *cell = tree::select(&super::build::tree(raw, start)?, &[]);
                            }
                            _ => *cell = scalar(raw).ok_or(Stop::Bad(start, BAD_TEXT))?,
                        }
                    }
                }
                End::Rest(index, steps) => {
                    if let Some(cell @ Cell::Absent) = found.cells.get_mut(*index) {
                        *cell = tree::select(&super::build::tree(raw, start)?, steps);
                    }
                }
                End::Each => found.list = found.list.or(Some((start, raw))),
            }
        }
        Ok(())
    }

    /// What would stand in an object that is null is null too: the column is there and empty, as
    /// in the CSV form of the same export.
    fn nothing(&self, node: usize, found: &mut Found<'_, '_>) {
        let Some(node) = self.nodes.get(node) else {
            return;
        };
        for (_, child) in &node.children {
            let ends = self.nodes.get(*child).map_or(&[][..], |child| &child.ends);
            for end in ends {
                if let End::Cell(index) | End::Rest(index, _) = end
                    && let Some(cell @ Cell::Absent) = found.cells.get_mut(*index)
                {
                    *cell = Cell::Null;
                }
            }
            self.nothing(*child, found);
        }
    }

    fn object<'a>(
        &mut self,
        node: usize,
        cursor: &mut Cursor<'a>,
        depth: u32,
        found: &mut Found<'_, 'a>,
    ) -> Result<(), Stop> {
        if depth >= MAX_DEPTH {
            return Err(Stop::Deep(cursor.at()));
        }
        cursor.bump();
        self.objects += 1;
        let object = self.objects;
        let mut expected = 0;
        let mut first = true;
        loop {
            let child = match self.foreseen(node, cursor, &mut expected, first) {
                Some(child) => child,
                None => match self.member(node, cursor, &mut expected, first)? {
                    Member::Key(child) => child,
                    Member::End => return Ok(()),
                },
            };
            first = false;
            match child {
                Some(child) => {
                    let start = cursor.at();
                    self.walk(child, cursor, depth + 1, found)?;
                    self.meet(child, (object, start), cursor, found);
                }
                None => cursor.skip(depth + 1)?,
            }
        }
    }

    /// Notes a name of an object, whose value ends at the cursor. Under another spelling (`Id` and `id`)
    /// it is the same name.
    #[inline]
    fn meet(
        &mut self,
        node: usize,
        (object, start): (u64, usize),
        cursor: &Cursor<'_>,
        found: &mut Found<'_, '_>,
    ) {
        let Some(this) = self.nodes.get_mut(node) else {
            return;
        };
        let end = cursor.at();
        if this.met.0 != object {
            this.met = (object, start..end);
        } else if found.twice.is_none() {
            let before = cursor.between(&this.met.1);
            if before != cursor.since(start) {
                found.twice = self.any_cell(node).map(|cell| (cell, start));
            }
        }
    }

    /// A cell that a node, or one below it, fills.
    #[cold]
    fn any_cell(&self, node: usize) -> Option<usize> {
        let node = self.nodes.get(node)?;
        let own = node.ends.iter().find_map(|end| match end {
            End::Cell(index) | End::Rest(index, _) => Some(*index),
            End::Each => None,
        });
        let mut children = node.children.iter();
        own.or_else(|| children.find_map(|(_, child)| self.any_cell(*child)))
    }

    /// Moves to the next value if everything before it stands as it stood in the first object.
    #[inline]
    fn foreseen(
        &self,
        node: usize,
        cursor: &mut Cursor<'_>,
        expected: &mut usize,
        first: bool,
    ) -> Option<Option<usize>> {
        // Only the first member has no comma before it.
        if first != (*expected == 0) {
            return None;
        }
        let learned = self.nodes.get(node)?.learned.get(*expected)?;
        if !cursor.take(&learned.lead) {
            return None;
        }
        *expected += 1;
        Some(learned.child)
    }

    /// Moves over a comma, a key and a colon to the next value, or over the closing bracket.
    fn member(
        &mut self,
        node: usize,
        cursor: &mut Cursor<'_>,
        expected: &mut usize,
        first: bool,
    ) -> Result<Member, Stop> {
        let lead = cursor.at();
        match (cursor.peek()?, first) {
            (b'}', _) => {
                cursor.bump();
                return Ok(Member::End);
            }
            (b',', false) => {
                cursor.bump();
                cursor.peek()?;
            }
            (_, true) => {}
            (_, false) => return Err(Stop::Bad(cursor.at(), "`,` or `}` is missing")),
        }
        cursor.expect(b'"', "a key in double quotes is missing")?;
        if let Some(child) = self.ahead(node, cursor, expected) {
            cursor.expect(b':', "`:` is missing")?;
            cursor.peek()?;
            return Ok(Member::Key(child));
        }
        let start = cursor.at();
        let key = cursor.string()?;
        let quoted = start - lead..cursor.at() - lead;
        let mut child = self.find(node, &unescape(key).unwrap_or(Cow::Borrowed(key)));
        cursor.expect(b':', "`:` is missing")?;
        let value = cursor.peek()?;
        let known = self.nodes.len();
        if let Some(this) = self.nodes.get_mut(node)
            && *expected == this.learned.len()
            && this.learned.len() < MAX_LEARNED
        {
            // An object that nobody asked for is quicker to walk over when its keys are known.
            let unasked = child.is_none() && value == b'{' && known < MAX_NODES;
            if unasked {
                child = Some(known);
            }
            this.learned.push(Learned {
                lead: cursor.since(lead).into(),
                key: quoted,
                child,
            });
            *expected += 1;
            if unasked {
                self.nodes.push(Node {
                    open: true,
                    ..Node::default()
                });
            }
        }
        Ok(Member::Key(child))
    }

    /// The child that the key at hand names, if it is one of the next few: an optional key may be
    /// missing here. Moves over the key and its closing quote then.
    fn ahead(
        &self,
        node: usize,
        cursor: &mut Cursor<'_>,
        expected: &mut usize,
    ) -> Option<Option<usize>> {
        let ahead = self.nodes.get(node)?.learned.get(*expected..)?;
        for (skipped, learned) in ahead.iter().take(4).enumerate() {
            if cursor.take(learned.lead.get(learned.key.clone())?) {
                *expected += skipped + 1;
                return Some(learned.child);
            }
        }
        None
    }

    /// The child for a key; a key with dots can name a grandchild (`"Profile.Name"`).
    fn find(&self, node: usize, key: &[u8]) -> Option<usize> {
        let children = &self.nodes.get(node)?.children;
        let equal = |name: &str, key: &[u8]| name.as_bytes().eq_ignore_ascii_case(key);
        if let Some((_, child)) = children.iter().find(|(name, _)| equal(name, key)) {
            return Some(*child);
        }
        children.iter().find_map(|(name, child)| {
            let (head, rest) = key.split_at_checked(name.len())?;
            let rest = rest.strip_prefix(b".")?;
            equal(name, head).then(|| self.find(*child, rest))?
        })
    }
}

/// A JSON value as the text that a person would read. None if it is a string that is not well
/// formed.
pub(super) fn scalar(raw: &[u8]) -> Option<Cell<'_>> {
    match raw {
        b"null" => Some(Cell::Null),
        [b'"', inner @ .., b'"'] => unescape(inner).map(Cell::Text),
        _ => Some(Cell::Text(Cow::Borrowed(raw))),
    }
}

/// Whether the inside of a string has no escape.
#[inline]
fn plain(inner: &[u8]) -> bool {
    memchr::memchr(b'\\', inner).is_none()
}

/// The inside of a string without its escapes.
pub(super) fn unescape(inner: &[u8]) -> Option<Cow<'_, [u8]>> {
    if plain(inner) {
        return Some(Cow::Borrowed(inner));
    }
    let mut quoted = Vec::with_capacity(inner.len() + 2);
    quoted.push(b'"');
    // What serde_json refuses beyond bad escapes must not make a record unreadable.
    let valid = String::from_utf8_lossy(inner);
    for &byte in valid.as_bytes() {
        if byte < b' ' {
            quoted.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            quoted.push(byte);
        }
    }
    quoted.push(b'"');
    let text: Result<String, _> = serde_json::from_slice(&quoted);
    match text {
        Ok(text) => Some(Cow::Owned(text.into_bytes())),
        // A lone surrogate is legal JSON and no legal text: keep it as written.
        Err(_) if has_surrogate(inner) => Some(Cow::Borrowed(inner)),
        Err(_) => None,
    }
}

fn has_surrogate(inner: &[u8]) -> bool {
    inner.windows(4).any(|w| {
        matches!(
            w,
            [
                b'\\',
                b'u',
                b'd' | b'D',
                b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F',
            ]
        )
    })
}
