//! What the beginning of a JSON file looks like: where its records are and which keys they have.

use std::borrow::Cow;

use super::cursor::{Cursor, Stop};
use super::embedded;
use super::project::unescape;
use crate::read::columns::DistinctNames;
use crate::read::csv;
use crate::read::row::{Format, Lists, Shape};

/// Records looked at: exports leave out keys that have no value.
const SAMPLE: usize = 16;
/// Objects inside records are listed this deep.
const MAX_LEVELS: usize = 6;
/// Lists of records are looked for in so many objects, one within another.
const LIST_LEVELS: usize = 3;
/// More lists of records than this are not told apart.
const MAX_LISTS: usize = 16;

/// Names of the array in the envelopes of known interfaces.
const LISTS: [&str; 8] = [
    "records", "result", "value", "items", "keys", "secrets", "tokens", "data",
];

/// What a report of this program came to: one object, beside lists that may be long.
const CONCLUSION: &str = "conclusion";

/// A member of the outermost object.
struct Member<'h> {
    key: Cow<'h, str>,
    /// Where its value begins.
    at: usize,
}

/// The shape of a JSON file, from its beginning. None if that is no JSON.
pub(in crate::read) fn shape(head: &[u8]) -> Option<Shape> {
    let mut cursor = Cursor::new(head, 0);
    let first = cursor.peek().ok()?;
    let start = cursor.at();
    match first {
        b'[' => {
            let mut keys = Keys::new(head);
            match keys.records(&mut cursor, 0) {
                // A section of a file of settings: `[run]`.
                _ if keys.columns.is_empty() && opens(head, start, b"[[\"") => {
                    let mut inner = Cursor::new(head, start + 1);
                    let at = inner.peek().map(|_| inner.at());
                    Some(by_rows(&headings(head, at.unwrap_or(start))))
                }
                Err(Stop::Bad(..)) if keys.columns.is_empty() => None,
                _ => Some(keys.shape(Vec::new(), true)),
            }
        }
        b'{' => {
            // Most of these files are one record. Its keys and its members are seen in one walk.
            let mut keys = Keys::new(head);
            let mut members = Vec::new();
            let walked = keys.object(&mut cursor, (&mut Way::default(), 0), Some(&mut members));
            let (members, end) = match walked {
                Ok(()) => (members, Some(cursor.at())),
                Err(Stop::More) => (members, None),
                Err(_) => self::members(head, start)?,
            };
            if let Some(shape) = embedded_csv(head, start, &members) {
                return Some(shape);
            }
            let several = end.is_some_and(|end| Cursor::new(head, end).peek().is_ok());
            match envelope(head, &members, several) {
                Some((path, at)) => {
                    let lists = keys.lists(&path);
                    Some(Shape {
                        lists,
                        ..sampled(head, at, path)
                    })
                }
                None => {
                    if let Some(columns) = headed(head, &members).filter(|_| !several) {
                        return Some(by_rows(&columns));
                    }
                    if several {
                        let _ = keys.records(&mut cursor, 1);
                    }
                    Some(Shape {
                        by_columns: !several && are_columns(head, &members),
                        ..keys.shape(Vec::new(), several)
                    })
                }
            }
        }
        _ => None,
    }
}

/// Whether a text ends within the first record, of a list or alone, so that its keys are not all seen.
pub(in crate::read) fn ends_in_first_record(head: &[u8]) -> bool {
    let mut cursor = Cursor::new(head, 0);
    let first = cursor.peek();
    let start = cursor.at();
    let list = match first {
        Ok(b'[') => Some(start),
        Ok(b'{') => match members(head, start) {
            Some((members, end)) => match envelope(head, &members, false) {
                Some((_, at)) => Some(at),
                None => return end.is_none(),
            },
            None => None,
        },
        _ => None,
    };
    list.is_some_and(|at| {
        let mut cursor = Cursor::new(head, at);
        cursor.expect(b'[', "").is_ok() && cursor.skip(1) == Err(Stop::More)
    })
}

/// The members of the object at an offset, as far as they can be seen, and where it ends. None if
/// it is no object.
fn members(head: &[u8], at: usize) -> Option<(Vec<Member<'_>>, Option<usize>)> {
    let mut cursor = Cursor::new(head, at);
    let mut members = Vec::new();
    let mut walk = || -> Result<usize, Stop> {
        cursor.expect(b'{', "")?;
        if cursor.peek()? == b'}' {
            return Ok(cursor.at() + 1);
        }
        loop {
            let key = cursor.key()?;
            cursor.expect(b':', "")?;
            cursor.peek()?;
            members.push(Member {
                key: text(key),
                at: cursor.at(),
            });
            cursor.skip(1)?;
            if cursor.peek()? == b'}' {
                return Ok(cursor.at() + 1);
            }
            cursor.expect(b',', "")?;
        }
    };
    match walk() {
        Ok(end) => Some((members, Some(end))),
        Err(Stop::Bad(..)) if members.is_empty() => None,
        Err(_) => Some((members, None)),
    }
}

fn embedded_csv(head: &[u8], start: usize, members: &[Member<'_>]) -> Option<Shape> {
    let content = members.iter().position(|m| m.key == "Content")?;
    let named = |m: &Member<'_>| {
        let text = head.get(m.at..).unwrap_or_default();
        m.key == "ReportFormat" && text.starts_with(b"\"text/csv\"")
    };
    // A long report hides what stands behind it.
    if !members.iter().any(named) && content + 1 != members.len() {
        return None;
    }
    let text = embedded::header(head.get(start..)?, "Content")?;
    let delimiter = csv::sniff_delimiter(&text)?;
    let csv::Header::Found { names, .. } = csv::header(&text, delimiter, true) else {
        return None;
    };
    let content = "Content".to_owned();
    Some(Shape {
        columns: names.into_iter().collect(),
        ..Shape::of(Format::CsvInJson { content, delimiter })
    })
}

/// The path to the array of records and where that array begins. None if the object itself is the
/// record.
fn envelope(head: &[u8], members: &[Member<'_>], several: bool) -> Option<(Vec<String>, usize)> {
    if !several
        && let Some(member) = members.iter().find(|m| m.key == CONCLUSION)
        && opens(head, member.at, b"{")
    {
        return Some((vec![member.key.to_string()], member.at));
    }
    let known = |m: &&Member<'_>| LISTS.contains(&&*m.key);
    let full = |m: &&Member<'_>| opens(head, m.at, b"[{");
    let found = |m: &Member<'_>| (vec![m.key.to_string()], m.at);
    if let Some(member) = members.iter().filter(known).find(full) {
        return Some(found(member));
    }
    let nested = members
        .iter()
        .filter(|m| matches!(&*m.key, "result" | "data"));
    for outer in nested.filter(|m| opens(head, m.at, b"{")) {
        let (inner, _) = self::members(head, outer.at)?;
        let list = inner.iter().find(full).or_else(|| {
            let empty = |m: &&Member<'_>| known(m) && opens(head, m.at, b"[]");
            inner.iter().find(empty)
        });
        // A record of its own inside `data` may well hold lists.
        if let Some(list) = list.filter(|m| outer.key == "result" || known(m)) {
            return Some((vec![outer.key.to_string(), list.key.to_string()], list.at));
        }
    }
    // An object with an identity is a record, whatever lists it holds.
    let identity = |m: &Member<'_>| {
        ["id", "name", "kind", "appId", "@odata.id"]
            .iter()
            .any(|name| m.key.eq_ignore_ascii_case(name))
    };
    if !several
        && !members.iter().any(identity)
        && let Some(member) = members.iter().find(full)
    {
        return Some(found(member));
    }
    let list = |m: &&Member<'_>| m.key.ends_with("List") || m.key.ends_with("Metadata");
    // Pages one behind another: only a name that says so is a list in each of them.
    if several && let Some(member) = members.iter().filter(list).find(full) {
        return Some(found(member));
    }
    let empty = |m: &&Member<'_>| (known(m) || list(m)) && opens(head, m.at, b"[]");
    let single = |m: &&Member<'_>| m.key == "result" && opens(head, m.at, b"{");
    members
        .iter()
        .find(empty)
        .or_else(|| members.iter().find(single).filter(|_| members.len() == 1))
        .map(found)
}

/// Whether these bytes stand at an offset, white space between them aside.
fn opens(head: &[u8], at: usize, wanted: &[u8]) -> bool {
    let mut cursor = Cursor::new(head, at);
    wanted.iter().all(|byte| {
        let here = cursor.peek() == Ok(*byte);
        cursor.bump();
        here
    })
}

/// Whether most members of an object are columns: lists of values, or objects that number them.
fn are_columns(head: &[u8], members: &[Member<'_>]) -> bool {
    let values = |m: &Member<'_>| {
        let list = opens(head, m.at, b"[")
            && !["[{", "[[", "[]"]
                .iter()
                .any(|of| opens(head, m.at, of.as_bytes()));
        (list && is_several(head, m.at)) || opens(head, m.at, b"{\"0\":")
    };
    let columns = members.iter().filter(|m| values(m)).count();
    columns > 1 && 2 * columns > members.len()
}

/// The names of an object's columns, where one member lists them and another lists lists of values.
fn headed(head: &[u8], members: &[Member<'_>]) -> Option<Vec<String>> {
    members.iter().find(|m| opens(head, m.at, b"[["))?;
    let lists = members.iter().filter(|m| opens(head, m.at, b"[\""));
    let names = lists.map(|m| headings(head, m.at));
    names.max_by_key(Vec::len).filter(|names| names.len() > 1)
}

/// The texts at the front of a list.
fn headings(head: &[u8], at: usize) -> Vec<String> {
    let mut cursor = Cursor::new(head, at);
    let mut names = Vec::new();
    if cursor.expect(b'[', "").is_err() {
        return names;
    }
    while cursor.expect(b'"', "").is_ok()
        && let Ok(name) = cursor.string()
    {
        names.push(text(name).into_owned());
        if cursor.expect(b',', "").is_err() {
            break;
        }
    }
    names
}

/// Lists of values with names for them.
fn by_rows(names: &[String]) -> Shape {
    Shape {
        columns: names.iter().cloned().collect(),
        by_rows: true,
        ..Shape::of(Format::Json {
            envelope: Vec::new(),
        })
    }
}

/// Whether a list has a second value.
fn is_several(head: &[u8], at: usize) -> bool {
    let mut cursor = Cursor::new(head, at);
    cursor.expect(b'[', "").is_ok() && cursor.skip(1).is_ok() && cursor.peek() == Ok(b',')
}

/// Looks at the first records of an array or of a stream of objects.
fn sampled(head: &[u8], at: usize, envelope: Vec<String>) -> Shape {
    let mut keys = Keys::new(head);
    keys.seeks = false;
    let mut cursor = Cursor::new(head, at);
    // Where the file is cut, what was seen counts.
    let _ = keys.records(&mut cursor, 0);
    let many = opens(head, at, b"[");
    keys.shape(envelope, many)
}

/// What a key means.
fn text(key: &[u8]) -> Cow<'_, str> {
    match unescape(key).unwrap_or_default() {
        Cow::Borrowed(plain) => match std::str::from_utf8(plain) {
            Ok(plain) => plain.into(),
            Err(_) => String::from_utf8_lossy(plain),
        },
        Cow::Owned(other) => String::from_utf8_lossy(&other).into_owned().into(),
    }
}

/// The way to an object: the names of its members up to here, with dots between them.
#[derive(Default)]
struct Way {
    text: String,
    /// Where the names begin, one for each level.
    starts: [usize; MAX_LEVELS + 1],
}

impl Way {
    /// The names down to a level.
    fn names(&self, level: usize) -> Vec<String> {
        let starts = self.starts.get(..=level).unwrap_or_default();
        let behind = starts.iter().skip(1).map(|next| next - 1);
        let ends = behind.chain([self.text.len()]);
        let names = starts.iter().zip(ends);
        names
            .map(|(start, end)| self.text.get(*start..end).unwrap_or_default().to_owned())
            .collect()
    }
}

/// A list of records within objects.
struct List {
    path: Vec<String>,
    /// Where it begins.
    at: usize,
}

struct Keys<'h> {
    head: &'h [u8],
    columns: DistinctNames,
    kinds: Vec<String>,
    /// Whether lists are looked for.
    seeks: bool,
    lists: Vec<List>,
}

impl<'h> Keys<'h> {
    fn new(head: &'h [u8]) -> Self {
        Self {
            head,
            columns: DistinctNames::default(),
            kinds: Vec::new(),
            seeks: true,
            lists: Vec::new(),
        }
    }

    fn shape(self, envelope: Vec<String>, many: bool) -> Shape {
        Shape {
            lists: self.lists(&envelope),
            columns: self.columns.into_names(),
            kind: self.kinds.first().cloned(),
            kinds: self.kinds,
            many,
            ..Shape::of(Format::Json { envelope })
        }
    }

    /// The lists that were met, but for that at the end of a path.
    fn lists(&self, but: &[String]) -> Lists {
        let others = self.lists.iter().filter(|list| list.path != but);
        let shapes = others.take(MAX_LISTS);
        Lists {
            shapes: shapes
                .map(|list| sampled(self.head, list.at, list.path.clone()))
                .collect(),
            more: self.lists.len() > MAX_LISTS,
        }
    }

    /// Notes a list, if it is one of records.
    fn list(&mut self, way: &Way, level: usize, at: usize) {
        if self.lists.len() > MAX_LISTS || !opens(self.head, at, b"[{") {
            return;
        }
        let path = way.names(level);
        if self.lists.iter().all(|list| list.path != path) {
            self.lists.push(List { path, at });
        }
    }

    /// Looks at records from here on, of which so many were seen.
    fn records(&mut self, cursor: &mut Cursor<'h>, seen: usize) -> Result<(), Stop> {
        let array = seen == 0 && cursor.peek()? == b'[';
        if array {
            cursor.bump();
        }
        for _ in seen..SAMPLE {
            match cursor.peek()? {
                b'{' => self.object(cursor, (&mut Way::default(), 0), None)?,
                b']' => return Ok(()),
                // Pages that were put together as they came.
                b'[' if array => {
                    cursor.bump();
                    continue;
                }
                _ => cursor.skip(1)?,
            }
            if array {
                cursor.expect(b',', "")?;
            }
        }
        Ok(())
    }

    /// The keys of an object whose own path, and a dot if there is one, is given; and its members, if
    /// they are asked for.
    fn object(
        &mut self,
        cursor: &mut Cursor<'h>,
        (way, level): (&mut Way, usize),
        mut members: Option<&mut Vec<Member<'h>>>,
    ) -> Result<(), Stop> {
        cursor.expect(b'{', "")?;
        if cursor.peek()? == b'}' {
            cursor.bump();
            return Ok(());
        }
        let own = way.text.len();
        if let Some(start) = way.starts.get_mut(level) {
            *start = own;
        }
        loop {
            let key = text(cursor.key()?);
            way.text.truncate(own);
            way.text.push_str(&key);
            let more = !self.columns.are_many();
            if more {
                self.columns.take(&way.text);
            }
            cursor.expect(b':', "")?;
            let next = cursor.peek()?;
            if let Some(members) = &mut members {
                let at = cursor.at();
                members.push(Member { key, at });
            }
            if next == b'{' && level < MAX_LEVELS && more {
                way.text.push('.');
                self.object(cursor, (way, level + 1), None)?;
            } else {
                let start = cursor.at();
                if next == b'[' && level < LIST_LEVELS && self.seeks {
                    self.list(way, level, start);
                }
                cursor.skip(1)?;
                self.kind(&way.text, cursor.since(start));
            }
            if cursor.peek()? == b'}' {
                cursor.bump();
                return Ok(());
            }
            cursor.expect(b',', "")?;
        }
    }

    /// Notes the record's own word for its type.
    fn kind(&mut self, path: &str, raw: &[u8]) {
        if let ("attributes.type" | "kind", [b'"', inner @ .., b'"']) = (path, raw) {
            let kind = String::from_utf8_lossy(&unescape(inner).unwrap_or_default()).into_owned();
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
    }
}
