//! What the beginning of a JSON file looks like: where its records are and which keys they have.

use std::borrow::Cow;

use super::cursor::{Cursor, Stop};
use super::embedded;
use super::project::unescape;
use crate::read::columns::DistinctNames;
use crate::read::csv;
use crate::read::row::{Format, Shape};

/// Records looked at: exports leave out keys that have no value.
const SAMPLE: usize = 16;
/// Objects inside records are listed this deep.
const MAX_LEVELS: usize = 6;

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
            let mut keys = Keys::default();
            match keys.records(&mut cursor, 0) {
                // A section of a file of settings: `[run]`.
                Err(Stop::Bad(..)) if keys.columns.is_empty() => None,
                _ => Some(keys.shape(Vec::new())),
            }
        }
        b'{' => {
            // Most of these files are one record. Its keys and its members are seen in one walk.
            let mut keys = Keys::default();
            let mut members = Vec::new();
            let walked = keys.object(&mut cursor, (&mut String::new(), 0), Some(&mut members));
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
                Some((path, at)) => Some(sampled(head, at, path)),
                None => {
                    if several {
                        let _ = keys.records(&mut cursor, 1);
                    }
                    Some(keys.shape(Vec::new()))
                }
            }
        }
        _ => None,
    }
}

/// Whether a text ends within the first record of a list, so that its keys are not all seen.
pub(in crate::read) fn ends_in_first_record(head: &[u8]) -> bool {
    let mut cursor = Cursor::new(head, 0);
    let first = cursor.peek();
    let start = cursor.at();
    let list = match first {
        Ok(b'[') => Some(start),
        Ok(b'{') => members(head, start)
            .and_then(|(members, _)| envelope(head, &members, false))
            .map(|(_, at)| at),
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
    Some(Shape {
        format: Format::CsvInJson {
            content: "Content".to_owned(),
            delimiter,
        },
        columns: names.into_iter().collect(),
        kind: None,
        kinds: Vec::new(),
        namespace: None,
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

/// Looks at the first records of an array or of a stream of objects.
fn sampled(head: &[u8], at: usize, envelope: Vec<String>) -> Shape {
    let mut keys = Keys::default();
    let mut cursor = Cursor::new(head, at);
    // Where the file is cut, what was seen counts.
    let _ = keys.records(&mut cursor, 0);
    keys.shape(envelope)
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

#[derive(Default)]
struct Keys {
    columns: DistinctNames,
    kinds: Vec<String>,
}

impl Keys {
    fn shape(self, envelope: Vec<String>) -> Shape {
        Shape {
            format: Format::Json { envelope },
            columns: self.columns.into_names(),
            kind: self.kinds.first().cloned(),
            kinds: self.kinds,
            namespace: None,
        }
    }

    /// Looks at records from here on, of which so many were seen.
    fn records(&mut self, cursor: &mut Cursor<'_>, seen: usize) -> Result<(), Stop> {
        let array = seen == 0 && cursor.peek()? == b'[';
        if array {
            cursor.bump();
        }
        for _ in seen..SAMPLE {
            match cursor.peek()? {
                b'{' => self.object(cursor, (&mut String::new(), 0), None)?,
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
    fn object<'h>(
        &mut self,
        cursor: &mut Cursor<'h>,
        (path, level): (&mut String, usize),
        mut members: Option<&mut Vec<Member<'h>>>,
    ) -> Result<(), Stop> {
        cursor.expect(b'{', "")?;
        if cursor.peek()? == b'}' {
            cursor.bump();
            return Ok(());
        }
        let own = path.len();
        loop {
            let key = text(cursor.key()?);
            path.truncate(own);
            path.push_str(&key);
            let more = !self.columns.are_many();
            if more {
                self.columns.take(path);
            }
            cursor.expect(b':', "")?;
            let next = cursor.peek()?;
            if let Some(members) = &mut members {
                let at = cursor.at();
                members.push(Member { key, at });
            }
            if next == b'{' && level < MAX_LEVELS && more {
                path.push('.');
                self.object(cursor, (path, level + 1), None)?;
            } else {
                let start = cursor.at();
                cursor.skip(1)?;
                self.kind(path, cursor.since(start));
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
