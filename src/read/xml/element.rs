//! One XML element as a tree.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{MAX_DEPTH, Stop, offset};
use crate::read::tree::{Kind, TEXT, Tree};

/// The element whose text is a document of its own, in ServiceNow update sets.
const PAYLOAD: &[u8] = b"payload";

/// The name without its prefix.
pub(super) fn name_of(tag: &BytesStart<'_>) -> Vec<u8> {
    tag.local_name().as_ref().as_bytes().to_vec()
}

/// Whether a row of an unload says that whoever loads it shall delete the record: ServiceNow writes
/// `action="DELETE"` on it, and `INSERT_OR_UPDATE` on what lives.
pub(super) fn is_deleted(tag: &BytesStart<'_>) -> bool {
    tag.attributes().flatten().any(|attribute| {
        let name: &str = attribute.key.as_ref();
        name == "action" && attribute.value.trim().eq_ignore_ascii_case("delete")
    })
}

/// Builds the tree of an element whose start tag has been read. Without a reader the tag was an
/// empty one.
pub(super) fn element<'a>(
    content: Option<&mut Reader<&'a [u8]>>,
    data: &'a [u8],
    tag: &BytesStart<'_>,
    start: usize,
    depth: u32,
) -> Result<Tree<'a>, Stop> {
    if depth >= MAX_DEPTH {
        return Err(Stop::Deep(start));
    }
    let mut entries: Vec<(Cow<'a, [u8]>, Tree<'a>)> = Vec::new();
    let mut nil = false;
    attributes(tag, start, &mut entries, &mut nil)?;
    let attributes = entries.len();
    let mut text = String::new();
    let mut end = data.len();
    match content {
        Some(reader) => {
            children(reader, data, depth, &mut entries, &mut text)?;
            end = offset(reader.buffer_position());
        }
        None => {
            // The tag is `<` + its content + `/>`.
            end = end.min(start + tag.len() + 3);
        }
    }
    let span = start..end;
    let plain = |text: String| Tree {
        span: span.clone(),
        kind: Kind::Text(Cow::Owned(text.into_bytes())),
    };
    let parent = entries.len() > attributes;
    let kind = if nil {
        Kind::Null
    } else if entries.is_empty() && name_of(tag) == PAYLOAD && text.trim_start().starts_with('<') {
        payload(text, &span)
    } else if entries.is_empty() {
        Kind::Text(Cow::Owned(text.into_bytes()))
    } else {
        if !parent || !text.trim().is_empty() {
            entries.push((Cow::Borrowed(TEXT.as_bytes()), plain(text)));
        }
        Kind::Map {
            entries,
            raw: Cow::Borrowed(data.get(span.clone()).unwrap_or_default()),
        }
    };
    Ok(Tree { span, kind })
}

fn attributes<'a>(
    tag: &BytesStart<'_>,
    start: usize,
    entries: &mut Vec<(Cow<'a, [u8]>, Tree<'a>)>,
    nil: &mut bool,
) -> Result<(), Stop> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| Stop::Bad(start, e.to_string()))?;
        let full: &str = attribute.key.as_ref();
        if full == "xmlns" || full.starts_with("xmlns:") {
            continue;
        }
        let local = attribute.key.local_name();
        let local: &str = local.as_ref();
        let value = unescape(&attribute.value)
            .unwrap_or(Cow::Borrowed(&attribute.value))
            .into_owned();
        if local == "nil" && matches!(value.trim(), "true" | "1") {
            *nil = true;
        }
        let value = Tree {
            span: start..start,
            kind: Kind::Text(Cow::Owned(value.into_bytes())),
        };
        entries.push((Cow::Owned(format!("@{local}").into_bytes()), value));
    }
    Ok(())
}

fn children<'a>(
    reader: &mut Reader<&'a [u8]>,
    data: &'a [u8],
    depth: u32,
    entries: &mut Vec<(Cow<'a, [u8]>, Tree<'a>)>,
    text: &mut String,
) -> Result<(), Stop> {
    loop {
        let start = offset(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|e| Stop::of(&e, reader.error_position()))?;
        match event {
            Event::Start(tag) => {
                let child = element(Some(&mut *reader), data, &tag, start, depth + 1)?;
                entries.push((Cow::Owned(name_of(&tag)), child));
            }
            Event::Empty(tag) => {
                let child = element(None, data, &tag, start, depth + 1)?;
                entries.push((Cow::Owned(name_of(&tag)), child));
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => push_reference(&reference, start, text)?,
            Event::End(_) => return Ok(()),
            Event::Eof => return Err(Stop::More),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
        }
    }
}

/// A character, or one of the five entities of XML itself. Others are not followed, and a value
/// that holds one is not known: taken as written, it could pass for an innocent word.
fn push_reference(reference: &BytesRef<'_>, start: usize, text: &mut String) -> Result<(), Stop> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        text.push(character);
    } else if let Some(known) = resolve_predefined_entity(reference) {
        text.push_str(known);
    } else {
        return Err(Stop::Bad(
            start,
            "an entity of the document's own, which is not followed".to_owned(),
        ));
    }
    Ok(())
}

/// The document inside a payload, beside its text. What cannot be parsed stays text.
fn payload<'a>(text: String, span: &std::ops::Range<usize>) -> Kind<'a> {
    let inner = root(text.as_bytes()).map(|(name, mut tree)| {
        tree.place_at(span);
        (name, tree.into_owned())
    });
    match inner {
        Some((name, tree)) => Kind::Map {
            raw: Cow::Owned(text.clone().into_bytes()),
            entries: vec![
                (
                    Cow::Borrowed(TEXT.as_bytes()),
                    Tree {
                        span: span.clone(),
                        kind: Kind::Text(Cow::Owned(text.into_bytes())),
                    },
                ),
                (Cow::Owned(name), tree),
            ],
        },
        None => Kind::Text(Cow::Owned(text.into_bytes())),
    }
}

fn root(data: &[u8]) -> Option<(Vec<u8>, Tree<'_>)> {
    let mut reader = Reader::from_reader(data);
    loop {
        let start = offset(reader.buffer_position());
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                let tree = element(Some(&mut reader), data, &tag, start, 1).ok()?;
                return Some((name_of(&tag), tree));
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}
