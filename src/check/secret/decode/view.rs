//! A decoded text that knows, for each of its bytes, which bytes of the text around it it came from.

use std::ops::Range;

/// A stretch of a view. It goes on to the next stretch.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Where it begins in the view.
    inner: usize,
    /// Where it begins in the outer text.
    outer: usize,
    /// How many bytes of the view stand for how many of the outer text: (1, 1) as they are, (3, 4)
    /// for base64.
    ratio: (usize, usize),
}

/// What of a text a notation changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Reach {
    /// Single characters; the others stand as they are.
    #[default]
    Characters,
    /// Every byte: nothing can be read before it is decoded.
    Packed,
}

/// A decoded text. Buffers are used again and again.
#[derive(Debug, Default)]
pub(in crate::check::secret) struct View {
    pub(super) text: Vec<u8>,
    stretches: Vec<Stretch>,
    /// The bytes of the view that were written otherwise in the outer text, at the widest.
    decoded: Range<usize>,
    /// The bytes of the outer text that were decoded, at the widest.
    encoded: Range<usize>,
    /// What the bytes were written in.
    pub(super) notation: &'static str,
    pub(super) reach: Reach,
    /// Which of its ends were cut within a line.
    pub(super) cut: Cut,
}

/// Which ends of a view were cut within a line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cut {
    pub(super) front: bool,
    pub(super) back: bool,
}

/// So many bytes of memory a view keeps between two texts, at the most.
const KEPT: usize = 1 << 20;

impl View {
    /// Empties it for another text.
    pub(super) fn reset(&mut self, notation: &'static str, reach: Reach) {
        self.text.clear();
        self.stretches.clear();
        self.decoded = 0..0;
        self.encoded = 0..0;
        self.notation = notation;
        self.reach = reach;
        self.cut = Cut::default();
    }

    /// Gives back the memory that only a long text needed.
    pub(super) fn trim(&mut self) {
        if self.text.capacity() > KEPT {
            self.text = Vec::new();
            self.stretches = Vec::new();
        }
    }

    /// Adds bytes of the outer text as they are.
    pub(super) fn copy(&mut self, outer: &[u8], range: Range<usize>) {
        let Some(bytes) = outer.get(range.clone()).filter(|b| !b.is_empty()) else {
            return;
        };
        self.stretch(range.start, (1, 1));
        self.text.extend_from_slice(bytes);
    }

    /// Adds decoded bytes that stand in the outer text at `outer`, `ratio.0` of them for each
    /// `ratio.1` there.
    pub(super) fn decoded(&mut self, bytes: &[u8], outer: Range<usize>, ratio: (usize, usize)) {
        let start = self.text.len();
        self.stretch(outer.start, ratio);
        self.text.extend_from_slice(bytes);
        self.widen(start..self.text.len(), outer);
    }

    fn widen(&mut self, inner: Range<usize>, outer: Range<usize>) {
        if self.decoded.is_empty() {
            (self.decoded, self.encoded) = (inner, outer);
        } else {
            self.decoded.end = inner.end;
            self.encoded.end = outer.end;
        }
    }

    fn stretch(&mut self, outer: usize, ratio: (usize, usize)) {
        self.stretches.push(Stretch {
            inner: self.text.len(),
            outer,
            ratio,
        });
    }

    /// Whether a match counts: decoding can have had a part in it, and it is not what a cut left
    /// of something else. Around single characters decoding always can: an escape in front of a
    /// token hides where the token begins.
    pub(super) fn counts(&self, span: &Range<usize>) -> bool {
        let front = self.cut.front && span.start == 0;
        let back = self.cut.back && span.end == self.text.len();
        !front && !back && (self.reach == Reach::Characters || self.touches(span))
    }

    fn touches(&self, span: &Range<usize>) -> bool {
        span.start < self.decoded.end && self.decoded.start < span.end
    }

    /// The bytes of the outer text that were decoded, at the widest.
    pub(super) fn encoded(&self) -> Range<usize> {
        self.encoded.clone()
    }

    /// The bytes of the outer text that bytes of the view came from. A group of which a part is
    /// meant is taken whole.
    pub(super) fn outer(&self, span: &Range<usize>) -> Range<usize> {
        let start = self
            .at(span.start)
            .map_or(0, |(s, groups)| s.outer + groups / s.ratio.0 * s.ratio.1);
        let last = span.end.max(span.start + 1) - 1;
        let end = self.at(last).map_or(start, |(s, groups)| {
            s.outer + (groups / s.ratio.0 + 1) * s.ratio.1
        });
        start..end.max(start)
    }

    /// The stretch of a byte, and how far in it the byte is.
    fn at(&self, inner: usize) -> Option<(&Stretch, usize)> {
        let after = self.stretches.partition_point(|s| s.inner <= inner);
        let stretch = self.stretches.get(after.checked_sub(1)?)?;
        Some((stretch, inner - stretch.inner))
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, View};

    #[test]
    fn every_byte_leads_back_to_where_it_came_from() {
        let outer = b"k: aGVsbG8= \\u0041z";
        let mut view = View::default();
        view.reset("base64", Reach::Packed);
        view.copy(outer, 0..3);
        view.decoded(b"hello", 3..11, (3, 4));
        view.copy(outer, 11..12);
        view.decoded(b"A", 12..18, (1, 6));
        view.copy(outer, 18..19);
        assert_eq!(view.text, b"k: hello Az");
        for (inner, expected) in [
            (0..1, 0..1),
            (3..8, 3..11),
            (4..5, 3..7),
            (6..8, 7..11),
            (9..10, 12..18),
            (10..11, 18..19),
            (2..10, 2..18),
        ] {
            assert_eq!(view.outer(&inner), expected, "{inner:?}");
        }
        assert!(view.touches(&(2..4)) && view.touches(&(9..10)) && !view.touches(&(0..3)));
        assert_eq!(view.encoded(), 3..18);
    }
}
