//! YAML that the user or this project wrote, as a tree that knows where each part stands.
//!
//! Only what rules need: no anchors, no aliases, no tags, one document, bounded nesting. So the
//! well-known YAML bombs have nothing to explode. The build script uses this file too, to turn the
//! built-in rules into bytes that need no YAML parser at start-up.

use std::borrow::Cow;
use std::collections::HashSet;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::model::Span;

/// Nesting deeper than this is refused.
const MAX_DEPTH: usize = 48;
/// Files with more nodes than this are refused.
const MAX_NODES: usize = 200_000;

/// Mappings with fewer entries than this find a key by looking at each.
const FEW: usize = 32;

/// The text of a key or a value. That of the built-in files lies in the program and is not copied.
pub type Text = Cow<'static, str>;

/// One value of a YAML file.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar as written, and whether it was quoted (or a block text).
    Scalar(Text, bool),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key's text.
    pub key: Text,
    /// Where the key stands.
    pub span: Span,
    /// The value.
    pub value: Node,
}

/// Why a text is not acceptable YAML.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeError {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// Parses the only document of a YAML text. An empty text is [`Kind::Null`].
///
/// # Errors
/// On a syntax error, a duplicate key, a key that is not a scalar, an anchor, alias or tag, a
/// second document, and on nesting or size beyond the limits.
pub fn parse(text: &str) -> Result<Node, NodeError> {
    let mut tree = Tree {
        stack: Vec::new(),
        root: None,
        nodes: 0,
        length: text.len(),
    };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let at = u32_of(error.marker().byte_offset().unwrap_or(text.len()));
            NodeError {
                span: Span {
                    start: at,
                    end: at + 1,
                },
                // The parser looks ahead, so its own limit may speak first.
                message: match error.info().as_str() {
                    "recursion limit exceeded" => too_deep(),
                    other => other.to_owned(),
                },
            }
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        tree.event(
            &event,
            Span {
                start: u32_of(range.start),
                end: u32_of(range.end),
            },
        )?;
    }
    Ok(tree.root.unwrap_or(Node {
        span: Span::default(),
        kind: Kind::Null,
    }))
}

fn too_deep() -> String {
    format!("nested more than {MAX_DEPTH} deep")
}

fn u32_of(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A collection under construction.
struct Open {
    start: Span,
    kind: Kind,
    key: Option<(Text, Span)>,
    /// The keys of a mapping of many entries. A few are compared one by one.
    keys: HashSet<Text>,
}

impl Open {
    /// Whether a mapping has a key already.
    fn knows(&mut self, key: &str) -> bool {
        let Kind::Mapping(entries) = &self.kind else {
            return false;
        };
        if entries.len() < FEW {
            return entries.iter().any(|entry| &*entry.key == key);
        }
        if self.keys.is_empty() {
            self.keys = entries.iter().map(|entry| entry.key.clone()).collect();
        }
        !self.keys.insert(Cow::Owned(key.to_owned()))
    }
}

struct Tree {
    stack: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    length: usize,
}

impl Tree {
    fn event(&mut self, event: &Event<'_>, span: Span) -> Result<(), NodeError> {
        let fail = |message: &str| {
            Err(NodeError {
                span,
                message: message.to_owned(),
            })
        };
        if event.is_node() {
            self.nodes += 1;
            if self.nodes > MAX_NODES {
                return fail("the file is too large: more than 200,000 values");
            }
            if event.tag().is_some() {
                return fail("YAML tags are not used here");
            }
            if event.anchor_id().is_some() || event.is_alias() {
                return fail("YAML anchors and aliases are not used here");
            }
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                fail("only one YAML document per file")
            }
            Event::Scalar(..) => {
                let Some((value, style)) = event.scalar() else {
                    return Ok(());
                };
                let quoted = !matches!(style, ScalarStyle::Plain);
                self.scalar(value, quoted, span)
            }
            Event::SequenceStart(..) => self.open(Kind::Sequence(Vec::new()), span),
            Event::MappingStart(..) => self.open(Kind::Mapping(Vec::new()), span),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn open(&mut self, kind: Kind, span: Span) -> Result<(), NodeError> {
        if self.stack.len() >= MAX_DEPTH {
            let message = too_deep();
            return Err(NodeError { span, message });
        }
        self.expect_value(span)?;
        self.stack.push(Open {
            start: span,
            kind,
            key: None,
            keys: HashSet::new(),
        });
        Ok(())
    }

    /// A collection cannot be a key.
    fn expect_value(&self, span: Span) -> Result<(), NodeError> {
        match self.stack.last() {
            Some(Open {
                kind: Kind::Mapping(_),
                key: None,
                ..
            }) => Err(NodeError {
                span,
                message: "a key must be a plain word".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn close(&mut self, span: Span) -> Result<(), NodeError> {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let end = span.end.max(open.start.end).min(u32_of(self.length));
        self.place(Node {
            span: Span {
                start: open.start.start,
                end,
            },
            kind: open.kind,
        })
    }

    fn scalar(&mut self, value: &str, quoted: bool, span: Span) -> Result<(), NodeError> {
        if let Some(
            open @ Open {
                kind: Kind::Mapping(_),
                key: None,
                ..
            },
        ) = self.stack.last_mut()
        {
            if open.knows(value) {
                return Err(NodeError {
                    span,
                    message: format!("the key `{value}` is here twice"),
                });
            }
            open.key = Some((Cow::Owned(value.to_owned()), span));
            return Ok(());
        }
        let kind = match value {
            "" | "~" | "null" if !quoted => Kind::Null,
            _ => Kind::Scalar(Cow::Owned(value.to_owned()), quoted),
        };
        self.place(Node { span, kind })
    }

    fn place(&mut self, node: Node) -> Result<(), NodeError> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open {
                kind: Kind::Sequence(items),
                ..
            }) => items.push(node),
            Some(Open {
                kind: Kind::Mapping(entries),
                key,
                ..
            }) => {
                let Some((key, span)) = key.take() else {
                    let message = "a key must be a plain word".to_owned();
                    return Err(NodeError {
                        span: node.span,
                        message,
                    });
                };
                entries.push(Entry {
                    key,
                    span,
                    value: node,
                });
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// Writes a tree as bytes for [`unpack`]: a tag byte, the span, then the content, with lengths as
/// four little-endian bytes.
pub fn pack(node: &Node, out: &mut Vec<u8>) {
    fn number(out: &mut Vec<u8>, n: usize) {
        out.extend_from_slice(&u32_of(n).to_le_bytes());
    }
    fn text(out: &mut Vec<u8>, text: &str) {
        number(out, text.len());
        out.extend_from_slice(text.as_bytes());
    }
    let tag = match &node.kind {
        Kind::Null => 0,
        Kind::Scalar(_, false) => 1,
        Kind::Scalar(_, true) => 2,
        Kind::Sequence(_) => 3,
        Kind::Mapping(_) => 4,
    };
    out.push(tag);
    number(out, node.span.start as usize);
    number(out, node.span.end as usize);
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar(value, _) => text(out, value),
        Kind::Sequence(items) => {
            number(out, items.len());
            items.iter().for_each(|item| pack(item, out));
        }
        Kind::Mapping(entries) => {
            number(out, entries.len());
            for entry in entries {
                text(out, &entry.key);
                number(out, entry.span.start as usize);
                number(out, entry.span.end as usize);
                pack(&entry.value, out);
            }
        }
    }
}

/// Reads what [`pack`] wrote. None if the bytes are not from it.
#[must_use]
pub fn unpack(bytes: &mut &'static [u8]) -> Option<Node> {
    fn number(bytes: &mut &'static [u8]) -> Option<u32> {
        let (head, rest) = bytes.split_first_chunk::<4>()?;
        *bytes = rest;
        Some(u32::from_le_bytes(*head))
    }
    fn text(bytes: &mut &'static [u8]) -> Option<Text> {
        let length = number(bytes)? as usize;
        let (head, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(Cow::Borrowed(std::str::from_utf8(head).ok()?))
    }
    let (&tag, rest) = bytes.split_first()?;
    *bytes = rest;
    let span = Span {
        start: number(bytes)?,
        end: number(bytes)?,
    };
    let kind = match tag {
        0 => Kind::Null,
        1 | 2 => Kind::Scalar(text(bytes)?, tag == 2),
        3 => {
            let count = number(bytes)? as usize;
            let mut items = Vec::with_capacity(count.min(bytes.len()));
            for _ in 0..count {
                items.push(unpack(bytes)?);
            }
            Kind::Sequence(items)
        }
        4 => {
            let count = number(bytes)? as usize;
            let mut entries = Vec::with_capacity(count.min(bytes.len()));
            for _ in 0..count {
                let key = text(bytes)?;
                let span = Span {
                    start: number(bytes)?,
                    end: number(bytes)?,
                };
                entries.push(Entry {
                    key,
                    span,
                    value: unpack(bytes)?,
                });
            }
            Kind::Mapping(entries)
        }
        _ => return None,
    };
    Some(Node { span, kind })
}
