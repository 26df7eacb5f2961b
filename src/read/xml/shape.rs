//! What the beginning of an XML file looks like.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::element::{element, is_deleted, name_of};
use super::offset;
use crate::read::columns::{ColumnNames, DistinctNames};
use crate::read::row::{Format, Shape};
use crate::read::tree::Tree;

/// Roots whose children are rows: ServiceNow's two ways to write a table.
const TABLES: [&[u8]; 2] = [b"unload", b"xml"];
/// Roots of web pages and of drawings.
const NO_DATA: [&[u8]; 2] = [b"html", b"svg"];
/// Rows of the first kind that are looked at.
const SAMPLE: usize = 16;
/// Elements inside rows are listed this deep.
const MAX_LEVELS: usize = 4;

/// The shape of an XML file, from its beginning. None if that is no XML, a web page or a drawing.
pub(in crate::read) fn shape(head: &[u8]) -> Option<Shape> {
    let mut reader = Reader::from_reader(head);
    loop {
        let start = offset(reader.buffer_position());
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let empty = matches!(event, Event::Empty(_));
                return root(&mut reader, head, tag, start, empty);
            }
            Event::Text(text) if !text.trim_start_matches('\u{feff}').trim().is_empty() => {
                return None;
            }
            Event::Eof | Event::CData(_) | Event::End(_) => return None,
            _ => {}
        }
    }
}

fn root<'a>(
    reader: &mut Reader<&'a [u8]>,
    head: &'a [u8],
    tag: &BytesStart<'_>,
    start: usize,
    empty: bool,
) -> Option<Shape> {
    let name = name_of(tag);
    if NO_DATA.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        return None;
    }
    let namespace = namespace(tag);
    let name_text = String::from_utf8_lossy(&name).into_owned();
    if TABLES.contains(&&*name) && namespace.is_none() {
        let (kinds, columns) = if empty {
            (Vec::new(), ColumnNames::default())
        } else {
            rows(reader, head)
        };
        let row = Some(kinds.first().cloned().unwrap_or_else(|| "*".to_owned()));
        return Some(Shape {
            columns,
            kind: kinds.first().cloned(),
            kinds,
            namespace,
            ..Shape::of(Format::Xml { row })
        });
    }
    let mut columns = DistinctNames::default();
    let content = (!empty).then_some(reader);
    if let Ok(tree) = element(content, head, tag, start, 0) {
        names(&tree, &mut String::new(), 0, &mut columns);
    }
    Some(Shape {
        columns: columns.into_names(),
        kind: Some(name_text.clone()),
        kinds: vec![name_text],
        namespace,
        ..Shape::of(Format::Xml { row: None })
    })
}

fn namespace(tag: &BytesStart<'_>) -> Option<String> {
    let name = tag.name();
    let key = match name.prefix() {
        Some(prefix) => format!("xmlns:{}", prefix.into_inner()),
        None => "xmlns".to_owned(),
    };
    tag.attributes().flatten().find_map(|attribute| {
        let full: &str = attribute.key.as_ref();
        (full == key).then(|| attribute.value.into_owned())
    })
}

/// The kinds of rows in a table file, and the columns of the first kind.
fn rows<'a>(reader: &mut Reader<&'a [u8]>, head: &'a [u8]) -> (Vec<String>, ColumnNames) {
    let (mut kinds, mut columns): (Vec<String>, DistinctNames) = Default::default();
    let mut sampled = 0;
    loop {
        let start = offset(reader.buffer_position());
        let Ok(event) = reader.read_event() else {
            return (kinds, columns.into_names());
        };
        let (tag, content) = match &event {
            Event::Start(tag) => (tag, Some(&mut *reader)),
            Event::Empty(tag) => (tag, None),
            Event::End(_) | Event::Eof => return (kinds, columns.into_names()),
            _ => continue,
        };
        let kind = String::from_utf8_lossy(&name_of(tag)).into_owned();
        if !kinds.contains(&kind) {
            kinds.push(kind.clone());
        }
        let gone = is_deleted(tag);
        let Ok(tree) = element(content, head, tag, start, 0) else {
            return (kinds, columns.into_names());
        };
        if kinds.first() == Some(&kind) && sampled < SAMPLE {
            // What is deleted may have no more than its id.
            sampled += usize::from(!gone);
            names(&tree, &mut String::new(), 0, &mut columns);
        }
    }
}

/// Takes the names of children, those of grandchildren behind a dot.
fn names(tree: &Tree<'_>, path: &mut String, level: usize, columns: &mut DistinctNames) {
    let own = path.len();
    for (name, child) in tree.entries() {
        let name = String::from_utf8_lossy(name);
        if name == crate::read::tree::TEXT {
            continue;
        }
        path.truncate(own);
        path.push_str(&name);
        columns.take(path);
        if level < MAX_LEVELS && !columns.are_many() {
            path.push('.');
            names(child, path, level + 1, columns);
        }
    }
}
