//! Which of many words a text mentions, also where it writes them in another notation: one pass over
//! its bytes and one over what is decoded, however many words there are.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use encoding_rs::Decoder;

use super::secret::decode;
use super::secret::encoding::{self, Sniffed};

/// Bytes that are read at a time, so that memory does not follow the size of a text.
const BLOCK: usize = 1 << 20;

/// The longest word that is looked for, in bytes.
pub const LONGEST: usize = 512;

/// Bytes of one part of a text that the next one is searched with: the longest word as base64, and
/// what a notation needs to be known by.
const KEPT: usize = 2 * LONGEST;

/// Words, ready to be looked for in any number of texts.
#[derive(Debug)]
pub struct Words(AhoCorasick);

/// Where a text mentions a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// The number of the word, in the order in which they were given.
    pub word: usize,
    /// The line, counted from 1.
    pub line: u32,
}

impl Words {
    /// Makes words ready. Latin letters are found in both cases.
    ///
    /// # Errors
    /// When there are more of them than can be numbered.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, BuildError> {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // All of them are wanted, those within others too.
            .match_kind(MatchKind::Standard)
            .build(words)
            .map(Self)
    }

    /// Calls back for every place where a text mentions a word: UTF-8, UTF-16, or any bytes.
    ///
    /// # Errors
    /// When the text cannot be read.
    pub fn each(&self, input: &mut dyn Read, mut found: impl FnMut(Mention)) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut text = Text::default();
        let mut decoder: Option<Decoder> = None;
        let mut first = true;
        loop {
            bytes.clear();
            let read = (&mut *input).take(BLOCK as u64).read_to_end(&mut bytes)?;
            if std::mem::take(&mut first)
                && let Sniffed::Wide(encoding, _) = encoding::sniff(&bytes)
            {
                decoder = Some(encoding.new_decoder_with_bom_removal());
            }
            let last = read < BLOCK;
            match &mut decoder {
                None => text.bytes.extend_from_slice(&bytes),
                Some(decoder) => {
                    let mut decoded = String::new();
                    decoded.reserve(
                        decoder
                            .max_utf8_buffer_length(bytes.len())
                            .unwrap_or(4 * BLOCK),
                    );
                    let _ = decoder.decode_to_string(&bytes, &mut decoded, last);
                    text.bytes.extend_from_slice(decoded.as_bytes());
                }
            }
            text.search(&self.0, last, &mut found);
            if last {
                return Ok(());
            }
        }
    }
}

/// A part of a text, with what of the part before may belong to a word that goes on.
#[derive(Debug, Default)]
struct Text {
    bytes: Vec<u8>,
    /// Where in `bytes` words may end that have not been told of.
    told: usize,
    /// Lines that end before `bytes`.
    lines: usize,
}

impl Text {
    /// Tells of the words that end within the text, and keeps what the next part needs.
    fn search(&mut self, words: &AhoCorasick, last: bool, found: &mut impl FnMut(Mention)) {
        // Whether a word ends, and what a notation holds, is known when enough has followed.
        let end = if last {
            self.bytes.len()
        } else {
            self.bytes.len().saturating_sub(LONGEST)
        };
        let mut hits: BTreeSet<Hit> = BTreeSet::new();
        let mut take = |word: usize, place: &Range<usize>| {
            if self.told < place.end && place.end <= end {
                let (end, start) = (place.end, place.start);
                hits.insert(Hit { end, word, start });
            }
        };
        for hit in words.find_overlapping_iter(&self.bytes) {
            if stands_alone(&self.bytes, &hit.range()) {
                take(hit.pattern().as_usize(), &hit.range());
            }
        }
        decode::each(&self.bytes, &mut |text, origin| {
            for hit in words.find_overlapping_iter(text) {
                if stands_alone(text, &hit.range())
                    && let Some(place) = origin(&hit.range())
                {
                    take(hit.pattern().as_usize(), &place);
                }
            }
        });
        let (mut counted, mut lines) = (0, self.lines);
        // Several windows around escapes may have decoded the same word.
        let mut before: Option<(usize, usize)> = None;
        for Hit { end, word, start } in hits {
            if before.replace((end, word)) == Some((end, word)) {
                continue;
            }
            let at = start.max(counted);
            lines += count_lines(self.bytes.get(counted..at).unwrap_or(&[]));
            counted = at;
            found(Mention {
                word,
                line: u32::try_from(lines + 1).unwrap_or(u32::MAX),
            });
        }
        let keep = end.saturating_sub(KEPT);
        self.lines += count_lines(self.bytes.get(..keep).unwrap_or(&[]));
        self.bytes.drain(..keep);
        self.told = end - keep;
    }
}

/// Where a text mentions a word, in the order of the ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    end: usize,
    word: usize,
    start: usize,
}

/// Whether what was found is a word by itself, and no part of a longer one.
fn stands_alone(text: &[u8], range: &Range<usize>) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let before = range.start.checked_sub(1);
    let joins = |outer: Option<&u8>, inner: Option<&u8>| is_word(outer) && is_word(inner);
    let first = text.get(range.start);
    let last = range.end.checked_sub(1).and_then(|at| text.get(at));
    !joins(before.and_then(|at| text.get(at)), first) && !joins(text.get(range.end), last)
}

fn count_lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{BLOCK, Mention, Words};

    fn mentions(words: &[&str], text: &[u8]) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        let words = Words::new(words.iter().copied()).unwrap();
        let tell = |Mention { word, line }| found.push((word, line));
        words.each(&mut &*text, tell).unwrap();
        found
    }

    #[test]
    fn a_word_counts_where_it_stands_alone() {
        let words = ["ERP_Sync", "svc.erp@example.com", "ERP"];
        for (text, expected) in [
            ("callout:ERP_Sync/orders", vec![(0, 1)]),
            ("callout:erp_sync", vec![(0, 1)]),
            ("x\ny\nto=svc.erp@example.com.\n", vec![(2, 3), (1, 3)]),
            ("MyERP_Sync ERP_Sync2", vec![]),
            ("ERP", vec![(2, 1)]),
            ("", vec![]),
        ] {
            assert_eq!(mentions(&words, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn text_in_utf_16_is_read_too() {
        let text = "\u{feff}a line\nname: ERP_Sync\n";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(mentions(&["erp_sync"], &wide), [(0, 2)]);
    }

    #[test]
    fn a_word_in_another_notation_is_found_once_where_it_stands() {
        use crate::read::base64::encode;
        let words = ["svc.loader@example.com", "ERP_Sync"];
        let packed = encode(b"user=svc.loader@example.com\n");
        let twice = encode(packed.as_bytes());
        let escaped = "to: svc.loader%40example.com%2C ERP_Sync";
        for (text, expected) in [
            (format!("a: b\nkey: {packed}\n"), vec![(0, 2)]),
            (format!("a: b\n\nkey: {twice}\n"), vec![(0, 3)]),
            (format!("\n{escaped}\n"), vec![(0, 2), (1, 2)]),
            (
                "svc.loader@example.com%20ERP_Sync".to_owned(),
                vec![(0, 1), (1, 1)],
            ),
            // A longer word that is decoded is another word.
            (encode(b"xsvc.loader@example.com and so on"), vec![]),
        ] {
            assert_eq!(mentions(&words, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_packed_word_on_the_border_of_two_blocks_is_found_once() {
        let packed = crate::read::base64::encode(b"user=svc.loader@example.com");
        for before in (BLOCK - 60..BLOCK + 4).step_by(3) {
            let mut text = vec![b'\n'; before];
            text.extend_from_slice(packed.as_bytes());
            text.extend_from_slice(b"\nand so on\n");
            let line = u32::try_from(before + 1).unwrap();
            let found = mentions(&["svc.loader@example.com"], &text);
            assert_eq!(found, [(0, line)], "{before}");
        }
    }

    #[test]
    fn a_word_on_the_border_of_two_blocks_is_found_once() {
        for before in [
            BLOCK - 9,
            BLOCK - 8,
            BLOCK - 4,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            2 * BLOCK - 3,
        ] {
            let mut text = vec![b'\n'; before];
            text.extend_from_slice(b"ERP_Sync");
            let line = u32::try_from(before + 1).unwrap();
            assert_eq!(mentions(&["ERP_Sync"], &text), [(0, line)], "{before}");
            text.extend_from_slice(b" and so on");
            assert_eq!(mentions(&["ERP_Sync"], &text), [(0, line)], "{before}");
            text.truncate(before + 8);
            text.push(b'2');
            assert_eq!(mentions(&["ERP_Sync"], &text), [], "{before}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_text_without_mentions() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let words = Words::new(["x"]).unwrap();
        assert!(words.each(&mut Broken, |_| ()).is_err());
    }
}
