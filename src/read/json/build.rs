//! A JSON value that is already known to be well formed, as a tree.

use std::borrow::Cow;

use super::cursor::{Cursor, MAX_DEPTH, Stop};
use super::project::{BAD_TEXT, scalar, unescape};
use crate::read::row::Cell;
use crate::read::tree::{Kind, Tree};

/// Builds the tree of one value; `base` is the value's offset, for spans and errors.
pub(super) fn tree(raw: &[u8], base: usize) -> Result<Tree<'_>, Stop> {
    value(&mut Cursor::new(raw, 0), raw, base, 0)
}

fn value<'a>(
    cursor: &mut Cursor<'a>,
    raw: &'a [u8],
    base: usize,
    depth: u32,
) -> Result<Tree<'a>, Stop> {
    let first = cursor.peek()?;
    let start = cursor.at();
    let bad = |message| Stop::Bad(base + start, message);
    if depth >= MAX_DEPTH {
        return Err(Stop::Deep(base + start));
    }
    let kind = match first {
        b'[' => {
            cursor.bump();
            let mut items = Vec::new();
            while cursor.peek()? != b']' {
                items.push(value(cursor, raw, base, depth + 1)?);
                if cursor.peek()? == b',' {
                    cursor.bump();
                }
            }
            cursor.bump();
            Kind::List(items)
        }
        b'{' => {
            cursor.bump();
            let mut entries = Vec::new();
            while cursor.peek()? != b'}' {
                let key = unescape(cursor.key()?).ok_or_else(|| bad(BAD_TEXT))?;
                cursor.expect(b':', "`:` is missing")?;
                entries.push((key, value(cursor, raw, base, depth + 1)?));
                if cursor.peek()? == b',' {
                    cursor.bump();
                }
            }
            cursor.bump();
            Kind::Map {
                entries,
                raw: Cow::Borrowed(cursor.since(start)),
            }
        }
        _ => {
            // A number at the very end of the text needs no byte behind it.
            if cursor.skip(depth) == Err(Stop::More) {
                *cursor = Cursor::new(raw, raw.len());
            }
            match scalar(cursor.since(start)).ok_or_else(|| bad(BAD_TEXT))? {
                Cell::Text(text) => Kind::Text(text),
                _ => Kind::Null,
            }
        }
    };
    Ok(Tree {
        span: base + start..base + cursor.at(),
        kind,
    })
}
