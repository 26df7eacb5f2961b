//! Escapes in strings, percent-encoding and character entities: text in which single characters
//! are written otherwise. Where one stands that could hide a secret or its borders, the text around
//! it is decoded.

use std::ops::Range;

use super::packed::hex_digit;
use super::view::{Cut, Reach, View};

/// Bytes on either side of an escape that are decoded with it, within its line.
const AROUND: usize = 256;

/// A window longer than this is cut, and the next begins [`AROUND`] bytes before its end.
const LONGEST: usize = 64 << 10;

/// A way of writing single characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Backslash,
    Percent,
    Entity,
}

impl Notation {
    const ALL: [Self; 3] = [Self::Backslash, Self::Percent, Self::Entity];

    const fn name(self) -> &'static str {
        match self {
            Self::Backslash => "escapes",
            Self::Percent => "percent-encoding",
            Self::Entity => "character entities",
        }
    }

    /// The notation of a sign, if what stands behind it can belong to it: most do not.
    const fn of(sign: u8, next: u8) -> Option<Self> {
        match (sign, next) {
            (b'\\', b'n' | b'r' | b't' | b'x' | b'u' | b'"' | b'/' | b':' | b'=' | b'\\') => {
                Some(Self::Backslash)
            }
            (b'%', b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => Some(Self::Percent),
            (b'&', b'#' | b'q' | b'a' | b'l' | b'g' | b'e' | b'c' | b's') => Some(Self::Entity),
            _ => None,
        }
    }

    const fn first(self) -> u8 {
        match self {
            Self::Backslash => b'\\',
            Self::Percent => b'%',
            Self::Entity => b'&',
        }
    }

    /// What stands at the front of some bytes: its length there, and the character.
    fn read(self, bytes: &[u8]) -> Option<(usize, Meant)> {
        match self {
            Self::Backslash => backslash(bytes),
            Self::Percent => percent(bytes),
            Self::Entity => entity(bytes),
        }
    }
}

/// What an escape means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    Char(char),
    /// One byte of a character, perhaps.
    Byte(u8),
}

/// Two bytes that may stand behind a sign where an escape [`matters`]; an empty set is any.
type Way = (u8, &'static [u8], &'static [u8]);

const HEX: &[u8] = b"0123456789abcdefABCDEF";
const ALNUM: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const WAYS: [Way; 12] = [
    (b'\\', b"nrt", ALNUM),
    (b'\\', b"\"/:=", b""),
    (b'\\', b"x", b"01234567"),
    (b'\\', b"u", b"0{"),
    (b'%', b"234567", HEX),
    (b'%', b"0", b"aA"),
    (b'&', b"#", b"0123456789xX"),
    (b'&', b"q", b"u"),
    (b'&', b"a", b"mp"),
    (b'&', b"lg", b"t"),
    (b'&', b"e", b"q"),
    (b'&', b"cs", b"o"),
];

/// For each of three bytes, a bit for each of the [`WAYS`] that has it.
static BITS: [[u16; 256]; 3] = {
    let mut bits = [[0; 256]; 3];
    let mut way = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while way < WAYS.len() {
        let (sign, first, second) = WAYS[way];
        bits[0][sign as usize] |= 1 << way;
        let sets = [first, second];
        let mut set = 0;
        while set < sets.len() {
            let mut byte = 0;
            while byte < 256 {
                let mut at = 0;
                while at < sets[set].len() && sets[set][at] as usize != byte {
                    at += 1;
                }
                if sets[set].is_empty() || at < sets[set].len() {
                    bits[1 + set][byte] |= 1 << way;
                }
                byte += 1;
            }
            set += 1;
        }
        way += 1;
    }
    bits
};

/// Whether an escape that [`matters`] may stand where a sign does, by the two bytes behind it. Most
/// signs are others: this is asked of all of them, and no branch depends on what is there.
#[inline]
pub(in crate::check::secret) fn may_matter(text: &[u8], at: usize) -> bool {
    match text.get(at..).and_then(<[u8]>::first_chunk::<3>) {
        Some([sign, first, second]) => {
            let [signs, firsts, seconds] = &BITS;
            signs[*sign as usize] & firsts[*first as usize] & seconds[*second as usize] != 0
        }
        None => true,
    }
}

/// Calls back with a view of every window, in no order. Where signs stand in the text is known.
pub(super) fn each(
    (text, signs): (&[u8], impl Iterator<Item = usize>),
    view: &mut View,
    mut found: impl FnMut(&View),
) {
    let mut open: [Option<Range<usize>>; 3] = [None, None, None];
    for at in signs {
        let here = text.get(at..).unwrap_or(&[]);
        let [sign, next, ..] = *here else {
            continue;
        };
        let Some(notation) = Notation::of(sign, next) else {
            continue;
        };
        let slot = &mut open[notation as usize];
        let inside = slot.as_ref().is_some_and(|window| at < window.end);
        if inside && slot.as_ref().is_some_and(|w| at + AROUND / 2 < w.end) {
            continue;
        }
        let Some((length, meant)) = notation.read(here) else {
            continue;
        };
        if !matters(notation, here.get(..length), here.get(length..), meant) {
            continue;
        }
        let window = window(text, at, length);
        match slot {
            Some(before) if window.start <= before.end && window.end - before.start < LONGEST => {
                before.end = window.end.max(before.end);
            }
            _ => {
                if let Some(done) = slot.replace(window) {
                    decode(text, done, notation, view, &mut found);
                }
            }
        }
    }
    for (slot, notation) in open.into_iter().zip(Notation::ALL) {
        if let Some(done) = slot {
            decode(text, done, notation, view, &mut found);
        }
    }
}

/// The part of the line around an escape.
fn window(text: &[u8], at: usize, length: usize) -> Range<usize> {
    let low = at.saturating_sub(AROUND);
    let high = (at + length + AROUND).min(text.len());
    let before = text.get(low..at).unwrap_or(&[]);
    let after = text.get(at + length..high).unwrap_or(&[]);
    let start = memchr::memrchr2(b'\n', b'\r', before).map_or(low, |p| low + p + 1);
    let end = memchr::memchr2(b'\n', b'\r', after).map_or(high, |p| at + length + p);
    start..end
}

/// Whether an escape is one that can keep a rule from seeing a secret. A line break in front of
/// nothing, a format's `%d` or a quoted quote at the end of a text is none.
fn matters(notation: Notation, own: Option<&[u8]>, rest: Option<&[u8]>, meant: Meant) -> bool {
    let next = rest.and_then(<[u8]>::first).copied().unwrap_or(b' ');
    match (notation, own) {
        // Its letter would be taken for the first of the word behind it.
        (Notation::Backslash, Some([_, b'n' | b'r' | b't'])) => next.is_ascii_alphanumeric(),
        (Notation::Backslash, Some([_, b'\\'])) => false,
        (Notation::Percent, _) => matches!(meant, Meant::Byte(b' '..=b'~' | b'\n')),
        _ => matches!(meant, Meant::Char('\0'..='\u{7f}') | Meant::Byte(0..=0x7f)),
    }
}

fn decode(
    text: &[u8],
    window: Range<usize>,
    notation: Notation,
    view: &mut View,
    found: &mut impl FnMut(&View),
) {
    let bytes = text.get(window.clone()).unwrap_or(&[]);
    view.reset(notation.name(), Reach::Characters);
    let (mut copied, mut at) = (0, 0);
    while let Some(step) = bytes
        .get(at..)
        .and_then(|rest| memchr::memchr(notation.first(), rest))
    {
        at += step;
        let Some((length, meant)) = bytes.get(at..).and_then(|here| notation.read(here)) else {
            at += 1;
            continue;
        };
        view.copy(text, window.start + copied..window.start + at);
        let outer = window.start + at..window.start + at + length;
        let mut buffer = [0; 4];
        let decoded: &[u8] = match meant {
            Meant::Char(c) => c.encode_utf8(&mut buffer).as_bytes(),
            Meant::Byte(byte) => {
                buffer[0] = byte;
                &buffer[..1]
            }
        };
        view.decoded(decoded, outer, (decoded.len(), length));
        at += length;
        copied = at;
    }
    view.copy(text, window.start + copied..window.end);
    let line_end = |byte: Option<&u8>| byte.is_none_or(|b| matches!(b, b'\n' | b'\r'));
    let before = window.start.checked_sub(1).and_then(|p| text.get(p));
    view.cut = Cut {
        front: !line_end(before),
        back: !line_end(text.get(window.end)),
    };
    found(view);
}

/// Escapes of JSON, JavaScript, Java, C, Python and of property files.
fn backslash(bytes: &[u8]) -> Option<(usize, Meant)> {
    let simple = |c| Some((2, Meant::Char(c)));
    match bytes.get(1)? {
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        letter @ (b'"' | b'/' | b':' | b'=' | b'\\') => simple(char::from(*letter)),
        b'x' => Some((4, Meant::Byte(u8::try_from(hex(bytes.get(2..4)?)?).ok()?))),
        b'u' => unicode(bytes),
        _ => None,
    }
}

fn unicode(bytes: &[u8]) -> Option<(usize, Meant)> {
    if bytes.get(2) == Some(&b'{') {
        let digits = bytes.get(3..)?.iter().take(7);
        let length = digits.take_while(|b| **b != b'}').count();
        let c = char::from_u32(hex(bytes.get(3..3 + length)?)?)?;
        return (bytes.get(3 + length) == Some(&b'}')).then_some((length + 4, Meant::Char(c)));
    }
    let first = hex(bytes.get(2..6)?)?;
    if let Some(c) = char::from_u32(first) {
        return Some((6, Meant::Char(c)));
    }
    // The two halves of a character beyond the first plane.
    let second = bytes.get(6..8).filter(|mark| *mark == b"\\u");
    let second = second.and_then(|_| hex(bytes.get(8..12)?))?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((12, Meant::Char(c)))
}

fn percent(bytes: &[u8]) -> Option<(usize, Meant)> {
    let value = hex(bytes.get(1..3)?)?;
    Some((3, Meant::Byte(u8::try_from(value).ok()?)))
}

/// The longest entity that is read, with its semicolon.
const LONGEST_ENTITY: usize = 10;

fn entity(bytes: &[u8]) -> Option<(usize, Meant)> {
    let head = bytes.get(..LONGEST_ENTITY.min(bytes.len()))?;
    let end = memchr::memchr(b';', head)?;
    let name = bytes.get(1..end)?;
    let c = match name {
        b"quot" => '"',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"apos" => '\'',
        b"equals" => '=',
        b"colon" => ':',
        b"sol" => '/',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        // A number of Rust's may have a sign, which makes it no entity.
        [b'#', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            let text = std::str::from_utf8(digits).ok()?;
            char::from_u32(text.parse().ok()?)?
        }
        _ => return None,
    };
    Some((end + 1, Meant::Char(c)))
}

/// A hexadecimal number of at most eight digits.
fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |value: u32, digit| {
        Some(value << 4 | u32::from(hex_digit(*digit)?))
    })
}

#[cfg(test)]
mod tests {
    use super::{Notation, matters, may_matter};

    /// What stands behind a sign and two more bytes.
    const RESTS: [&str; 16] = [
        "", "1", "41x", "041", "0041", "041}x", "41}", "ot;", "p;", "os;", ";", "uals;", "lon;",
        "l;", "2;x", "22;x",
    ];

    #[test]
    fn every_escape_that_matters_passes_the_look_at_three_bytes() {
        let bytes = || (b' '..=b'~').chain([b'\n', 0xC3]);
        let mut matter = 0;
        for sign in [b'\\', b'%', b'&'] {
            for (first, second) in bytes().flat_map(|a| bytes().map(move |b| (a, b))) {
                let notation = Notation::of(sign, first);
                for rest in RESTS {
                    let text = [&[sign, first, second], rest.as_bytes()].concat();
                    let read = notation.and_then(|notation| {
                        let (length, meant) = notation.read(&text)?;
                        Some(matters(
                            notation,
                            text.get(..length),
                            text.get(length..),
                            meant,
                        ))
                    });
                    if read == Some(true) {
                        matter += 1;
                        assert!(may_matter(&text, 0), "{}", text.escape_ascii());
                    }
                }
            }
        }
        assert!(matter > 1000);
    }

    #[test]
    fn most_signs_of_source_code_do_not_pass() {
        for text in [
            "\\n\"x", "%d x", "%s\n", "&card", "&entry", "& x", "&&x", "\\\\x", "\\0x",
        ] {
            assert!(!may_matter(text.as_bytes(), 0), "{text}");
        }
    }
}
