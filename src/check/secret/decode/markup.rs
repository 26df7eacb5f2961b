//! Text of office documents: words that an editor has cut into runs, each in elements of its own.
//! Taken out of the markup, a token that was cut in the middle is one again.

use super::view::{Reach, View};

/// How the XML of such a document begins, after a mark and blanks. Not all writers declare it.
const BEGINNINGS: [&[u8]; 2] = [b"<?xml", b"<w:"];

/// How elements of each kind of document begin, one of which stands in its first part. The first text
/// may stand far behind it, as behind the settings of a cover.
const KINDS: [&[u8]; 8] = [
    b"<w:", b"<a:t", b"<si>", b"<si ", b"<is>", b"<r><t", b"<r><rPr", b"<text:p",
];

/// Bytes in which it must stand.
const FIRST_PART: usize = 64 << 10;

/// What ends a line or a cell: the names of tags, as they are written.
const BREAKS: [&[u8]; 13] = [
    b"/w:p",
    b"w:br",
    b"w:tab",
    b"/w:tc",
    b"/a:p",
    b"a:br",
    b"/si",
    b"/is",
    b"/text",
    b"/text:p",
    b"/text:h",
    b"text:tab",
    b"text:line-break",
];

/// Makes the view of a document's text. False if it is none.
pub(super) fn view(text: &[u8], view: &mut View) -> bool {
    let head = text.get(..FIRST_PART).unwrap_or(text);
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let start = start.trim_ascii_start();
    if !BEGINNINGS.iter().any(|begin| start.starts_with(begin))
        || !KINDS
            .iter()
            .any(|kind| memchr::memmem::find(head, kind).is_some())
    {
        return false;
    }
    view.reset("text runs", Reach::Characters);
    let mut at = 0;
    while let Some(length) = text.get(at..).and_then(|rest| memchr::memchr(b'<', rest)) {
        let open = at + length;
        view.copy(text, at..open);
        let tag = text.get(open + 1..).unwrap_or_default();
        let end = memchr::memchr(b'>', tag).map_or(text.len(), |length| open + length + 2);
        let name = tag.iter().take(24);
        let length = name
            .take_while(|b| !matches!(b, b' ' | b'>' | b'\n'))
            .count();
        let name = tag.get(..length).unwrap_or_default();
        let name = name.strip_suffix(b"/").unwrap_or(name);
        if BREAKS.contains(&name) {
            view.decoded(b"\n", open..end, (1, end - open));
        }
        at = end;
    }
    view.copy(text, at..text.len());
    true
}
