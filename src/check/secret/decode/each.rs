//! Decoded texts for whoever looks for something else in them than secrets.

use std::ops::Range;

use super::runs::{self, LEAST};
use super::view::View;
use super::{DEPTH, escapes, markup, packed};
use crate::rule::run::is_wide;

/// Says where a stretch of a decoded text stands in the text that was given; nothing where decoding
/// can have had no part in it.
type Origin<'o> = &'o dyn Fn(&Range<usize>) -> Option<Range<usize>>;

/// Calls back for every text that stands in a text in another notation, one within another up to a
/// limit.
pub(in crate::check) fn each(text: &[u8], found: &mut dyn FnMut(&[u8], Origin<'_>)) {
    within(text, DEPTH, found);
}

fn within(text: &[u8], depth: usize, found: &mut dyn FnMut(&[u8], Origin<'_>)) {
    let mut tell = |view: &View| {
        let origin = |span: &Range<usize>| view.counts(span).then(|| view.outer(span));
        found(&view.text, &origin);
        if depth > 1 {
            within(&view.text, depth - 1, &mut |inner, place| {
                found(inner, &|span| origin(&place(span)?));
            });
        }
    };
    let mut view = View::default();
    let mut at = 0;
    while let Some(skipped) = text
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| is_wide(*b)))
    {
        let start = at + skipped;
        let end = runs::run_end(text, start);
        at = end;
        if end - start >= LEAST
            && let Some(done) = packed::view(text, &(start..end), &mut view)
        {
            tell(&view);
            at = done;
        }
    }
    if markup::view(text, &mut view) {
        tell(&view);
    }
    let signs = memchr::memchr3_iter(b'\\', b'%', b'&', text);
    escapes::each((text, signs), &mut view, tell);
}
