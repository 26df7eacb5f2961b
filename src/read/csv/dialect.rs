//! What a field, a record and a header are, read plainly.

use std::borrow::Cow;

use crate::read::row::Cell;

/// What the front of a file says about its header.
pub(in crate::read) enum Header {
    /// Its names, its length in bytes with blank lines before it, and the line number behind it.
    Found {
        names: Vec<String>,
        length: usize,
        line: u32,
    },
    /// The file is blank.
    None,
    /// More bytes are needed.
    Incomplete,
}

/// So many lines may stand before the header and hold one text alone: a title, a date.
const TITLES: usize = 4;

/// Reads the header from the front of a file: its first line that is not blank, or, where that holds
/// one text alone in a table of several columns, the line behind the title.
pub(in crate::read) fn header(data: &[u8], delimiter: u8, last: bool) -> Header {
    let mut behind = 0;
    for _ in 0..=TITLES {
        let rest = data.get(behind..).unwrap_or_default();
        match first_line(rest, delimiter, last) {
            Header::Found {
                names,
                length,
                line,
            } => {
                let next = data.get(behind + length..).unwrap_or_default();
                let is_title = names.iter().filter(|name| !name.is_empty()).count() == 1
                    || stands_apart(&names, next, delimiter, last);
                if !is_title {
                    return Header::Found {
                        names,
                        length: behind + length,
                        line: line.saturating_add(newlines(data.get(..behind).unwrap_or_default())),
                    };
                }
                behind += length;
            }
            Header::Incomplete => return Header::Incomplete,
            Header::None => break,
        }
    }
    first_line(data, delimiter, last)
}

/// Whether a line is of several words, and a blank line and a wider one follow: a title may have a
/// delimiter in it.
fn stands_apart(names: &[String], next: &[u8], delimiter: u8, last: bool) -> bool {
    let wider = |next| match first_line(next, delimiter, last) {
        Header::Found { names: more, .. } => more.len() > names.len(),
        _ => false,
    };
    let blank = next.starts_with(b"\n") || next.starts_with(b"\r\n");
    blank && names.iter().any(|name| name.contains(' ')) && wider(next)
}

/// Reads the first line that is not blank.
fn first_line(data: &[u8], delimiter: u8, last: bool) -> Header {
    let data_without_bom = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let blank = data_without_bom
        .iter()
        .take_while(|b| matches!(b, b'\n' | b'\r'))
        .count();
    let start = data.len() - data_without_bom.len() + blank;
    let named = delimiter_line(data.get(start..).unwrap_or_default());
    let start = start + named.map_or(0, |(_, length)| length);
    let lines_before = newlines(data.get(..start).unwrap_or_default());
    let rest = data.get(start..).unwrap_or_default();
    if rest.is_empty() {
        return if last {
            Header::None
        } else {
            Header::Incomplete
        };
    }
    let mut ends = Vec::new();
    let Some(record) = careful(rest, delimiter, last, &mut ends) else {
        return Header::Incomplete;
    };
    Header::Found {
        names: names(rest, &ends),
        length: start + record.next,
        line: 1u32
            .saturating_add(lines_before)
            .saturating_add(record.lines),
    }
}

/// The texts of a record whose fields end there, without the space around them.
fn names(record: &[u8], ends: &[usize]) -> Vec<String> {
    let mut from = 0;
    let each = ends.iter().map(|&end| {
        let name = field(record.get(from..end).unwrap_or_default());
        from = end + 1;
        match name {
            Cell::Text(text) => String::from_utf8_lossy(&text).trim().to_owned(),
            _ => String::new(),
        }
    });
    each.collect()
}

/// The texts of a whole record, without the space around them.
pub(super) fn texts(record: &[u8], delimiter: u8) -> Vec<String> {
    let mut ends = Vec::new();
    match careful(record, delimiter, true, &mut ends) {
        Some(_) => names(record, &ends),
        None => Vec::new(),
    }
}

/// The bytes that stand between fields in one export or another, the likeliest first.
const DELIMITERS: [u8; 6] = *b",;\t|^`";

/// The line `sep=;` before the header, by which Excel tells itself the delimiter: that, and how long
/// the line is.
fn delimiter_line(data: &[u8]) -> Option<(u8, usize)> {
    let length = memchr::memchr(b'\n', data)? + 1;
    let line = data.get(..length)?;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = match line {
        [b'"', inner @ .., b'"'] => inner,
        _ => line,
    };
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            Some((*delimiter, length))
        }
        _ => None,
    }
}

/// The delimiter that a header line seems to use: what a line before it names, what follows its first field if that is quoted,
/// else the most frequent candidate. None if there is none, so that the line is no header.
pub(in crate::read) fn sniff_delimiter(data: &[u8]) -> Option<u8> {
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let data = data.trim_ascii_start();
    if let Some((delimiter, _)) = delimiter_line(data) {
        return DELIMITERS.contains(&delimiter).then_some(delimiter);
    }
    if let [b'"', rest @ ..] = data {
        let close = memchr::memchr(b'"', rest)?;
        let next = *rest.get(close + 1)?;
        return DELIMITERS.contains(&next).then_some(next);
    }
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    let line = data.get(..end).unwrap_or_default();
    let count = |wanted: u8| {
        let mut inside = false;
        let outside = line.iter().filter(|&&b| {
            inside ^= b == b'"';
            !inside && b == wanted
        });
        outside.count()
    };
    let (delimiter, count) = DELIMITERS
        .iter()
        .rev()
        .map(|&d| (d, count(d)))
        .max_by_key(|(_, count)| *count)?;
    (count > 0).then_some(delimiter)
}

/// [`sniff_delimiter`] of the first line that uses one, where a title may stand before it.
pub(in crate::read) fn sniff_behind_titles(data: &[u8]) -> Option<u8> {
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let lines = data.split_inclusive(|b| *b == b'\n');
    let filled = lines.filter(|line| !line.trim_ascii().is_empty());
    filled
        .take(TITLES + 1)
        // Markup and JSON have no titles.
        .take_while(|line| !matches!(line.trim_ascii_start(), [b'<' | b'{' | b'[', ..]))
        .find_map(sniff_delimiter)
}

/// A field's text: without its quotes, doubled quotes made single.
#[inline]
pub(super) fn field(raw: &[u8]) -> Cell<'_> {
    match raw {
        [b'"', inner @ .., b'"'] => quoted(inner),
        _ => Cell::Text(Cow::Borrowed(raw)),
    }
}

/// What stands between the quotes of a field.
fn quoted(inner: &[u8]) -> Cell<'_> {
    if memchr::memchr(b'"', inner).is_none() {
        return Cell::Text(Cow::Borrowed(inner));
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'"', rest) {
        text.extend_from_slice(rest.get(..=at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    Cell::Text(Cow::Owned(text))
}

/// A record as [`careful`] read it; offsets count from its start.
pub(super) struct Careful {
    /// Behind its last byte, a carriage return included.
    pub(super) end: usize,
    /// Where the next record begins.
    pub(super) next: usize,
    /// Physical lines that it takes.
    pub(super) lines: u32,
    /// Whether a quote in it never closes.
    pub(super) unterminated: bool,
    /// Whether something else than a delimiter follows a closing quote.
    pub(super) text_behind_quote: bool,
}

/// Reads one record byte by byte and notes where its fields end. None if it does not end in the
/// bytes at hand and they are not the last.
pub(super) fn careful(
    data: &[u8],
    delimiter: u8,
    last: bool,
    ends: &mut Vec<usize>,
) -> Option<Careful> {
    let mut at = 0;
    let mut text_behind_quote = false;
    let finish = |ends: &mut Vec<usize>, end: usize, next: usize, bad: bool, open: bool| {
        let raw = data.get(..end).unwrap_or_default();
        ends.push(end - usize::from(raw.last() == Some(&b'\r')));
        Careful {
            end,
            next,
            lines: newlines(data.get(..next).unwrap_or_default()),
            unterminated: open,
            text_behind_quote: bad,
        }
    };
    loop {
        let quoted = data.get(at) == Some(&b'"');
        if quoted {
            at += 1;
            loop {
                let Some(close) = memchr::memchr(b'"', data.get(at..).unwrap_or_default()) else {
                    return last.then(|| finish(ends, data.len(), data.len(), false, true));
                };
                at += close + 1;
                match data.get(at) {
                    Some(b'"') => at += 1,
                    None if !last => return None,
                    _ => break,
                }
            }
        }
        let tail = data.get(at..).unwrap_or_default();
        let Some(length) = memchr::memchr2(delimiter, b'\n', tail) else {
            let bad = text_behind_quote || (quoted && !matches!(tail, b"" | b"\r"));
            return last.then(|| finish(ends, data.len(), data.len(), bad, false));
        };
        let newline = tail.get(length) == Some(&b'\n');
        let between = tail.get(..length).unwrap_or_default();
        text_behind_quote |= quoted && !(between.is_empty() || (newline && between == b"\r"));
        at += length;
        if newline {
            return Some(finish(ends, at, at + 1, text_behind_quote, false));
        }
        ends.push(at);
        at += 1;
    }
}

fn newlines(data: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', data).count()).unwrap_or(u32::MAX)
}
