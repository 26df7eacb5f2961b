//! Is it text, and in which encoding? UTF-8 (and everything that keeps ASCII in place) is searched
//! as it lies; UTF-16 and UTF-32 are transcoded first; the rest is binary, but for containers that keep
//! text as it is among other bytes.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// How many bytes are looked at.
pub(super) const SNIFF: usize = 8 << 10;

/// What a file's first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Sniffed {
    /// Searched as it lies, after this many bytes of byte order mark.
    Bytes(usize),
    /// Transcoded, after this many bytes of byte order mark.
    Wide(&'static Encoding, usize),
    /// UTF-32, transcoded: in which order its bytes are, and after how many of byte order mark.
    Quad(Order, usize),
    /// Not text.
    Binary,
}

/// Judges by the byte order mark, then by where NUL bytes stand in the first 8 KiB: text in a
/// Western script as UTF-16 has one in nearly every second place and none in the others. Text that
/// lost or won a few is text yet.
pub(in crate::check) fn sniff(bytes: &[u8]) -> Sniffed {
    let head = bytes.get(..SNIFF).unwrap_or(bytes);
    match head {
        [0xFF, 0xFE, 0, 0, rest @ ..] => {
            return Order::Little.sniff(rest, 4).unwrap_or(Sniffed::Binary);
        }
        [0, 0, 0xFE, 0xFF, rest @ ..] => {
            return Order::Big.sniff(rest, 4).unwrap_or(Sniffed::Binary);
        }
        [0xFF, 0xFE, ..] => return Sniffed::Wide(UTF_16LE, 2),
        [0xFE, 0xFF, ..] => return Sniffed::Wide(UTF_16BE, 2),
        _ => {}
    }
    if memchr::memchr(0, head).is_none() {
        let mark = head.starts_with(&[0xEF, 0xBB, 0xBF]);
        return Sniffed::Bytes(if mark { 3 } else { 0 });
    }
    let nul_at = |odd: usize| {
        let places = head.iter().skip(odd).step_by(2);
        places.filter(|b| **b == 0).count()
    };
    let (even, odd, pairs) = (nul_at(0), nul_at(1), head.len() / 2);
    // A third of the characters may be of another script; a wide NUL itself is no text.
    if pairs >= 4 && odd * 3 >= pairs * 2 && even * 50 <= pairs {
        Sniffed::Wide(UTF_16LE, 0)
    } else if pairs >= 4 && even * 3 >= pairs * 2 && odd * 50 <= pairs {
        Sniffed::Wide(UTF_16BE, 0)
    } else if is_text_with_nul(head) || keeps_text(head) {
        Sniffed::Bytes(0)
    } else {
        let orders = [Order::Little, Order::Big];
        let quad = orders.into_iter().find_map(|order| order.sniff(head, 0));
        quad.unwrap_or(Sniffed::Binary)
    }
}

/// Whether a file is a container that keeps texts as they are, unpacked: a database of SQLite, the
/// archive of an application of Electron. What was written into it stands in it as in a text.
fn keeps_text(head: &[u8]) -> bool {
    let asar = |head: &[u8]| {
        head.starts_with(&[4, 0, 0, 0])
            && head
                .get(16..)
                .is_some_and(|list| list.starts_with(b"{\"files\":"))
    };
    head.starts_with(b"SQLite format 3\0") || asar(head)
}

/// In which order the four bytes of a character of UTF-32 are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Order {
    Little,
    Big,
}

impl Order {
    /// Whether the bytes behind a mark are text: characters, and so many of them of the first plane
    /// without a control character among them that this is no chance.
    fn sniff(self, head: &[u8], mark: usize) -> Option<Sniffed> {
        let control =
            |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{c}' | '\u{1b}');
        let mut quads = head.as_chunks::<4>().0.iter();
        let text = quads.all(|quad| self.char(*quad).is_some_and(|c| !control(c)));
        (text && (mark > 0 || head.len() >= 16)).then_some(Sniffed::Quad(self, mark))
    }

    fn char(self, quad: [u8; 4]) -> Option<char> {
        char::from_u32(match self {
            Self::Little => u32::from_le_bytes(quad),
            Self::Big => u32::from_be_bytes(quad),
        })
    }

    /// Transcodes what is whole of some bytes, and says how many those were. What is no character is
    /// replaced by one that stands for it.
    pub(super) fn transcode(self, bytes: &[u8], mut put: impl FnMut(char)) -> usize {
        let (quads, rest) = bytes.as_chunks::<4>();
        for quad in quads {
            put(self.char(*quad).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        bytes.len() - rest.len()
    }
}

/// Whether a head with NUL bytes is text all the same, as a file that a crash filled up and a list that
/// they part are: they are few, or at its end, it is UTF-8, and no other byte is one that no text has.
fn is_text_with_nul(head: &[u8]) -> bool {
    let end = head
        .iter()
        .rposition(|b| *b != 0)
        .map_or(0, |last| last + 1);
    let text = head.get(..end).unwrap_or(head);
    let mut nul = 0;
    for byte in text {
        match byte {
            0 => nul += 1,
            0x01..=0x08 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F => return false,
            _ => {}
        }
    }
    // Its last character may be cut off.
    let known = std::str::from_utf8(text).map_or_else(|e| e.error_len().is_none(), |_| true);
    !text.is_empty() && nul * 8 <= text.len() && known
}

/// The text of a whole file, without its mark: as it lies, or transcoded into a buffer. None for a
/// binary file.
pub(super) fn text<'t>(bytes: &'t [u8], wide: &'t mut String) -> Option<&'t [u8]> {
    match sniff(bytes) {
        Sniffed::Binary => None,
        Sniffed::Bytes(mark) => bytes.get(mark..),
        Sniffed::Wide(encoding, mark) => {
            transcode(encoding, bytes.get(mark..)?, wide);
            Some(wide.as_bytes())
        }
        Sniffed::Quad(order, mark) => {
            wide.clear();
            order.transcode(bytes.get(mark..)?, |c| wide.push(c));
            Some(wide.as_bytes())
        }
    }
}

/// Transcodes a whole text into a buffer that is used again and again.
pub(super) fn transcode(encoding: &'static Encoding, bytes: &[u8], out: &mut String) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    out.clear();
    let needed = decoder.max_utf8_buffer_length(bytes.len());
    out.reserve(needed.unwrap_or(bytes.len() * 2));
    let _ = decoder.decode_to_string(bytes, out, true);
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16BE, UTF_16LE};

    use super::{Order, Sniffed, sniff, transcode};

    fn wide(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    fn quad(text: &str) -> Vec<u8> {
        text.chars()
            .flat_map(|c| u32::from(c).to_be_bytes())
            .collect()
    }

    #[test]
    fn text_is_told_from_binary_by_its_first_bytes() {
        for (bytes, expected) in [
            (b"plain".to_vec(), Sniffed::Bytes(0)),
            (Vec::new(), Sniffed::Bytes(0)),
            (b"\xEF\xBB\xBFmark".to_vec(), Sniffed::Bytes(3)),
            (b"caf\xE9 latin".to_vec(), Sniffed::Bytes(0)),
            (wide("a line é of text", false), Sniffed::Wide(UTF_16LE, 0)),
            (wide("a line é of text", true), Sniffed::Wide(UTF_16BE, 0)),
            (
                [&[0xFF, 0xFE][..], &wide("x", false)].concat(),
                Sniffed::Wide(UTF_16LE, 2),
            ),
            (
                b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
                Sniffed::Binary,
            ),
            (vec![0; 64], Sniffed::Binary),
            (b"a = 1\n\0\nb = 2\n".to_vec(), Sniffed::Bytes(0)),
            ([b"a = 1\n", &[0; 512][..]].concat(), Sniffed::Bytes(0)),
            (b"ab\0cd\0ef\0gh\0".to_vec(), Sniffed::Binary),
            (b"a line\0with \x02 in it".to_vec(), Sniffed::Binary),
            (b"a line\0with \xE9 in it".to_vec(), Sniffed::Binary),
            (
                b"\xFF\xFE\0\0x\0\0\0".to_vec(),
                Sniffed::Quad(Order::Little, 4),
            ),
            (b"\xFF\xFE\0\0x\0\0\xE0".to_vec(), Sniffed::Binary),
            (quad("key = é"), Sniffed::Quad(Order::Big, 0)),
            (
                [b"\0\0\xFE\xFF", &quad("k")[..]].concat(),
                Sniffed::Quad(Order::Big, 4),
            ),
            (
                [7_u32, 1, 2, 3, 9].map(u32::to_le_bytes).concat(),
                Sniffed::Binary,
            ),
            (
                [b"SQLite format 3\0", &[1; 84][..]].concat(),
                Sniffed::Bytes(0),
            ),
            (
                b"\x04\0\0\0\x20\0\0\0\x1C\0\0\0\x18\0\0\0{\"files\":{}}\x01".to_vec(),
                Sniffed::Bytes(0),
            ),
        ] {
            assert_eq!(sniff(&bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn transcoding_keeps_every_character() {
        let (text, mut out) = ("key = 😀 é\r\n", String::from("old"));
        transcode(UTF_16BE, &wide(text, true), &mut out);
        assert_eq!(out, text);
    }
}
