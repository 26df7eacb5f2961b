//! Base64 and hexadecimal: from a run of their alphabet to text, or to nothing.

use std::ops::Range;

use super::runs;
use super::view::{Reach, View};
use crate::read::base64;

/// Bytes of the line on either side of a run that the view begins and ends with, because a name
/// before a value often decides what the value is.
const BEFORE: usize = 80;
const AFTER: usize = 8;

/// Characters of a run that must be text already, before the rest is decoded.
const PROBE: usize = 24;

/// Blanks at the beginning of a further line of wrapped base64.
const MAX_INDENT: usize = 64;

/// How the bytes of a run are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Narrow,
    /// UTF-16, little end first, as shells of Windows take their commands.
    Wide,
}

/// Makes the view of a run. None if it is not encoded text. Also says where the run ends, with
/// its further lines.
pub(super) fn view(text: &[u8], run: &Range<usize>, view: &mut View) -> Option<usize> {
    let bytes = text.get(run.clone())?;
    if hex_view(text, run, bytes, view) {
        return Some(run.end);
    }
    // Where a text was cut into blocks, a run may begin in the middle of a group.
    let shifts = if run.start == 0 { 0..4 } else { 0..1 };
    let (shift, kind) = shifts
        .filter_map(|shift| Some((shift, probe(bytes.get(shift..)?)?)))
        .next()?;
    let run = &(run.start + shift..run.end);
    let mut lines = lines(text, run);
    let unpacked = loop {
        if let Some(unpacked) = Unpacked::new(text, &lines, kind) {
            break unpacked;
        }
        // What goes on where a line of base64 ends may be the next word of the text.
        match lines.last() {
            Some(last) if lines.len() > 1 && last.len() < run.len() => {
                lines.truncate(lines.len() - 1);
            }
            Some(_) if lines.len() > 1 => lines.truncate(1),
            _ => return None,
        }
    };
    let end = lines.last().map_or(run.end, |line| line.end);
    let (notation, ratio) = match kind {
        Text::Narrow => ("base64", (3, 4)),
        Text::Wide => ("base64, then UTF-16", (3, 8)),
    };
    let Unpacked { whole, starts } = unpacked;
    view.reset(notation, Reach::Packed);
    view.copy(text, line_before(text, run.start));
    for (number, (line, start)) in lines.iter().zip(&starts).enumerate() {
        let stop = starts.get(number + 1).copied().unwrap_or(whole.len());
        view.decoded(whole.get(*start..stop)?, line.clone(), ratio);
    }
    view.copy(text, line_after(text, end));
    Some(end)
}

/// The text that lines of base64 hold.
struct Unpacked {
    whole: Vec<u8>,
    /// Where in it each line begins.
    starts: Vec<usize>,
}

impl Unpacked {
    fn new(text: &[u8], lines: &[Range<usize>], kind: Text) -> Option<Self> {
        let mut whole = Vec::with_capacity(lines.iter().map(|l| l.len() / 4 * 3 + 3).sum());
        let mut starts = Vec::with_capacity(lines.len());
        for line in lines {
            starts.push(whole.len());
            whole.extend(decode(text.get(line.clone())?)?);
        }
        if kind == Text::Wide {
            narrow(&mut whole)?;
            for start in &mut starts {
                *start /= 2;
            }
        }
        is_text(&whole).then_some(Self { whole, starts })
    }
}

fn hex_view(text: &[u8], run: &Range<usize>, bytes: &[u8], view: &mut View) -> bool {
    let mark = usize::from(bytes.starts_with(b"0x")) * 2;
    let Some((digits, [])) = bytes.get(mark..).map(|b| b.as_chunks::<2>()) else {
        return false;
    };
    let value = |pair: &[u8; 2]| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?);
    // A digest has a byte that is no text within a few; its rest need not be looked at.
    let printable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    let mut whole = Vec::new();
    for pair in digits {
        match value(pair) {
            Some(byte) if printable(byte) => whole.push(byte),
            _ => return false,
        }
    }
    view.reset("hexadecimal", Reach::Packed);
    view.copy(text, line_before(text, run.start));
    view.decoded(&whole, run.start + mark..run.end, (1, 2));
    view.copy(text, line_after(text, run.end));
    true
}

/// The value of a hexadecimal digit.
pub(super) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Decodes base64 of either form, without padding.
fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    // One character beyond whole groups of four holds no byte.
    let whole = bytes.len() - usize::from(bytes.len() % 4 == 1);
    base64::decode(bytes.get(..whole)?)
}

/// Decodes the beginning of a run and says what text it is. Most runs are names and paths, and end
/// here.
fn probe(bytes: &[u8]) -> Option<Text> {
    let mut head = [0; PROBE / 4 * 3];
    let (groups, _) = bytes.get(..PROBE.min(bytes.len()))?.as_chunks::<4>();
    let length = groups.len() * 3;
    let (places, _) = head.as_chunks_mut::<3>();
    for (place, group) in places.iter_mut().zip(groups) {
        *place = three(group);
    }
    kind_of(head.get(..length)?)
}

/// The bytes that four characters of the alphabet stand for.
fn three(group: &[u8; 4]) -> [u8; 3] {
    let bits = group
        .iter()
        .fold(0u32, |bits, c| bits << 6 | u32::from(sextet(*c)));
    let [_, a, b, c] = bits.to_be_bytes();
    [a, b, c]
}

/// Whether a run that begins at an offset may be encoded text, by its first characters: of names and
/// paths six in seven are not. Which, no processor can guess, so no branch depends on it. A run that
/// begins a text may be the rest of another, and always may.
#[inline]
pub(in crate::check::secret) fn may_be_packed(text: &[u8], at: usize) -> bool {
    const BEGINS: [bool; 256] = {
        let mut begins = [false; 256];
        let mut at = 0;
        while at < 256 {
            let byte = at as u8;
            begins[at] = !is_control(byte) && !matches!(byte, 0x80..=0xC1 | 0xF5..);
            at += 1;
        }
        begins
    };
    let Some(group) = text.get(at..).and_then(<[u8]>::first_chunk) else {
        return false;
    };
    let [a, b, c] = three(group);
    let [one, two, last] = [a, b, c].map(|byte| BEGINS[usize::from(byte)]);
    let base64 = one & (!a.is_ascii() | (b == 0) | (two & (!b.is_ascii() | last)));
    // The upper half of what is printable, or the mark of a number.
    let hex = matches!(group[0], b'0' | b'2'..=b'7');
    base64 | hex | (at == 0)
}

/// The six bits that a character of the alphabet stands for.
const fn sextet(byte: u8) -> u8 {
    const TABLE: [u8; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 26 {
            table[b'A' as usize + at] = at as u8;
            table[b'a' as usize + at] = at as u8 + 26;
            at += 1;
        }
        at = 0;
        while at < 10 {
            table[b'0' as usize + at] = at as u8 + 52;
            at += 1;
        }
        table[b'+' as usize] = 62;
        table[b'-' as usize] = 62;
        table[b'/' as usize] = 63;
        table[b'_' as usize] = 63;
        table
    };
    TABLE[byte as usize]
}

/// Whether the first bytes are text.
fn kind_of(head: &[u8]) -> Option<Text> {
    let (pairs, _) = head.as_chunks::<2>();
    if pairs
        .iter()
        .all(|[low, high]| *high == 0 && is_text(&[*low]))
    {
        return Some(Text::Wide);
    }
    let whole = match std::str::from_utf8(head) {
        Ok(_) => head,
        // A character that the probe cut through.
        Err(error) if error.error_len().is_none() => head.get(..error.valid_up_to())?,
        Err(_) => return None,
    };
    is_text(whole).then_some(Text::Narrow)
}

/// Text has no control characters but those of layout and of colours.
fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && !bytes.iter().any(|byte| is_control(*byte))
        && std::str::from_utf8(bytes).is_ok()
}

const fn is_control(byte: u8) -> bool {
    byte == 0x7F || (byte < b' ' && !matches!(byte, b'\t'..=b'\r' | 0x1B))
}

/// Takes the high bytes out of UTF-16. What is not ASCII becomes a question mark, so that each
/// unit stays one byte.
fn narrow(bytes: &mut Vec<u8>) -> Option<()> {
    let (units, _) = bytes.as_chunks::<2>();
    let units: Vec<u8> = units
        .iter()
        .map(|unit| u8::try_from(u16::from_le_bytes(*unit)).unwrap_or(b'?'))
        .map(|byte| if byte.is_ascii() { byte } else { b'?' })
        .collect();
    *bytes = units;
    (!bytes.is_empty()).then_some(())
}

/// The run and the further lines of base64 that was wrapped: each as long as the first, the last
/// perhaps shorter.
fn lines(text: &[u8], run: &Range<usize>) -> Vec<Range<usize>> {
    let mut all = vec![run.clone()];
    let width = run.len();
    if !width.is_multiple_of(4) {
        return all;
    }
    let mut end = run.end;
    while let Some(start) = next_line(text, end) {
        let line = start..runs::run_end(text, start);
        if line.is_empty() || line.len() > width || !ends(text, line.end) {
            break;
        }
        end = line.end;
        let last = line.len() < width;
        all.push(line);
        if last {
            break;
        }
    }
    all
}

/// Whether base64 may end a line here: nothing follows but padding and what closes a text. A line
/// that goes on is another one: the next key of a file, or prose.
fn ends(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or(&[]);
    let padding = rest.iter().take(2).take_while(|b| **b == b'=').count();
    matches!(
        rest.get(padding),
        None | Some(
            b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b'\\' | b',' | b';' | b')' | b']' | b'}'
        )
    )
}

/// Where the text of the next line begins, if this one ends here.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\n")?;
    let indent = rest
        .iter()
        .take(MAX_INDENT)
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    Some(text.len() - rest.len() + indent)
}

fn line_before(text: &[u8], at: usize) -> Range<usize> {
    let low = at.saturating_sub(BEFORE);
    let before = text.get(low..at).unwrap_or(&[]);
    memchr::memrchr2(b'\n', b'\r', before).map_or(low, |p| low + p + 1)..at
}

/// What stands after a run, its padding left out.
fn line_after(text: &[u8], at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or(&[]);
    let padding = rest.iter().take(2).take_while(|b| **b == b'=').count();
    let after = rest.get(padding..).unwrap_or(&[]);
    let line = after.iter().take(AFTER);
    let length = line.take_while(|b| !matches!(b, b'\n' | b'\r')).count();
    at + padding..at + padding + length
}
