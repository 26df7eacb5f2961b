//! Files too large to hold: searched in blocks that overlap, with the findings of a whole-file
//! search. Memory stays at a block whatever the file or its lines; time is linear.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder};

use super::encoding::{self, Order, SNIFF, Sniffed};
use super::place::{Cursor, Mark, is_later};
use super::search::Piece;
use super::{Scanned, Scratch, SecretScanner};
use crate::model::{Finding, ScanPath};

/// How a file is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Bytes in which secrets are reported, in each block.
    pub(super) body: usize,
    /// Bytes that are kept before the body, and looked ahead after it: more than any match, any
    /// context and any secret needs.
    pub(super) margin: usize,
}

const SIZES: Sizes = Sizes {
    body: 4 << 20,
    margin: 64 << 10,
};

/// So many bytes of a long file are searched by one thread, and the next by another.
const STRETCH: u64 = 16 << 20;

/// A stretch of a file, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where the text of the file begins.
    text: u64,
    from: u64,
    to: u64,
}

/// What was found in a stretch, as if lines were counted from where it begins.
#[derive(Debug)]
pub struct Stretched {
    findings: Vec<Finding>,
    end: Mark,
}

impl Stretch {
    /// Cuts a file of which the beginning and the size in bytes are known, so that many threads can
    /// search it; nothing if it is too short for that, or must be read from its beginning on: because
    /// it is transcoded, or is no text.
    #[must_use]
    pub fn cut(beginning: &[u8], size: u64) -> Vec<Self> {
        match encoding::sniff(beginning) {
            Sniffed::Bytes(mark) if size > STRETCH => Self::each(mark as u64, size, STRETCH),
            _ => Vec::new(),
        }
    }

    pub(super) fn each(text: u64, size: u64, length: u64) -> Vec<Self> {
        let mut from = text;
        let stretches = std::iter::from_fn(|| {
            let to = from.saturating_add(length).min(size);
            let stretch = Self { text, from, to };
            from = to;
            (stretch.from < stretch.to).then_some(stretch)
        });
        stretches.collect()
    }

    /// The byte of the file that it ends before.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.to
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.to - self.from
    }
}

impl Stretched {
    /// Puts together what was found in the stretches of a file, in their order.
    #[must_use]
    pub fn join(parts: impl IntoIterator<Item = Self>) -> Vec<Finding> {
        let (mut all, mut start) = (Vec::new(), Mark::FIRST);
        for Self { mut findings, end } in parts {
            for finding in &mut findings {
                start.shift(&mut finding.location.region);
            }
            all.append(&mut findings);
            start = start.then(end);
        }
        all
    }
}

impl SecretScanner<'_> {
    /// Searches what is held of a file's beginning and what a reader gives behind it, block by
    /// block, in the memory that holds the beginning. Findings are those of [`Self::scan`], except
    /// that they carry no line hash: it would need a count of every line of the file.
    ///
    /// # Errors
    /// When the reader fails; what was found before is lost, because a file read in part must not
    /// look searched.
    pub fn scan_blocks(
        &self,
        path: &ScanPath,
        held: &mut Vec<u8>,
        reader: impl Read,
        scratch: &mut Scratch,
    ) -> io::Result<Scanned> {
        self.scan_sized(path, (held, reader), scratch, SIZES)
    }

    /// Searches a stretch of a file, block by block, in the memory of a buffer. Nothing of the findings
    /// tells that others search the rest.
    ///
    /// # Errors
    /// When the file cannot be read there.
    pub fn scan_stretch(
        &self,
        path: &ScanPath,
        stretch: Stretch,
        (buffer, file): (&mut Vec<u8>, impl Read + Seek),
        scratch: &mut Scratch,
    ) -> io::Result<Stretched> {
        self.scan_part(path, stretch, (buffer, file), scratch, SIZES)
    }

    pub(super) fn scan_sized(
        &self,
        path: &ScanPath,
        (text, reader): (&mut Vec<u8>, impl Read),
        scratch: &mut Scratch,
        sizes: Sizes,
    ) -> io::Result<Scanned> {
        let Some(mut source) = Source::open(text, reader)? else {
            return Ok(Scanned::Binary);
        };
        let part = (Cursor::START, usize::MAX);
        let (findings, _) = self.blocks(path, (text, &mut source), part, scratch, sizes)?;
        Ok(Scanned::Searched(findings))
    }

    pub(super) fn scan_part(
        &self,
        path: &ScanPath,
        stretch: Stretch,
        (text, mut file): (&mut Vec<u8>, impl Read + Seek),
        scratch: &mut Scratch,
        sizes: Sizes,
    ) -> io::Result<Stretched> {
        let before = (stretch.from - stretch.text).min(sizes.margin as u64);
        file.seek(SeekFrom::Start(stretch.from - before))?;
        text.clear();
        let mut source = Source {
            reader: file,
            decoder: None,
            raw: Vec::new(),
        };
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        source.fill(text, before.saturating_add(sizes.margin))?;
        // Both sides of a cut look for it in the same bytes.
        let from = if before > 0 { whole(text, before) } else { 0 };
        let length = usize::try_from(stretch.bytes()).unwrap_or(usize::MAX);
        let length = length.saturating_sub(from - before);
        let part = (Cursor::within(text, from), length);
        let (findings, end) = self.blocks(path, (text, &mut source), part, scratch, sizes)?;
        Ok(Stretched {
            findings,
            end: end.mark(),
        })
    }

    /// Searches so many bytes from a place on, of which what stands before it is held. Where that ends
    /// is the second half of what comes back.
    fn blocks<R: Read>(
        &self,
        path: &ScanPath,
        (text, source): (&mut Vec<u8>, &mut Source<R>),
        (mut cursor, mut left): (Cursor, usize),
        scratch: &mut Scratch,
        sizes: Sizes,
    ) -> io::Result<(Vec<Finding>, Cursor)> {
        let mut findings = Vec::new();
        loop {
            let decided = cursor.offset();
            let ahead = sizes.body.min(left).saturating_add(sizes.margin);
            let end = source.fill(text, decided.saturating_add(ahead))?;
            let known = if end {
                text.len()
            } else {
                text.len() - sizes.margin
            };
            let limit = whole(text, known.min(decided.saturating_add(left)));
            let piece = Piece {
                path,
                text,
                part: decided..limit,
            };
            self.search(&piece, &mut cursor, scratch, &mut findings);
            cursor.advance(text, limit);
            left = left.saturating_sub(limit - decided);
            if left == 0 || (end && limit == text.len()) {
                return Ok((findings, cursor));
            }
            let dropped = limit.saturating_sub(sizes.margin);
            text.drain(..dropped);
            cursor.drop_front(dropped);
        }
    }
}

/// The first place from one on that no character of UTF-8 goes over, if there is one as near as
/// characters are long.
fn whole(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or(&[]).iter().take(3);
    at + rest.take_while(|byte| is_later(**byte)).count()
}

/// How a file is transcoded.
enum Units {
    Two(Box<Decoder>),
    Four(Order),
}

/// The bytes of a file as UTF-8, whatever its encoding.
struct Source<R> {
    reader: R,
    decoder: Option<Units>,
    /// Bytes to be decoded.
    raw: Vec<u8>,
}

impl<R: Read> Source<R> {
    /// Looks at the first bytes, of which some may be held; None for a binary file. What is held then
    /// is text.
    fn open(held: &mut Vec<u8>, mut reader: R) -> io::Result<Option<Self>> {
        let missing = SNIFF.saturating_sub(held.len());
        reader.by_ref().take(missing as u64).read_to_end(held)?;
        let (mark, decoder) = match encoding::sniff(held) {
            Sniffed::Binary => return Ok(None),
            Sniffed::Bytes(mark) => (mark, None),
            Sniffed::Wide(wide, mark) => {
                let decoder = Box::new(wide.new_decoder_without_bom_handling());
                (mark, Some(Units::Two(decoder)))
            }
            Sniffed::Quad(order, mark) => (mark, Some(Units::Four(order))),
        };
        held.drain(..mark);
        let raw = if decoder.is_some() {
            std::mem::take(held)
        } else {
            Vec::new()
        };
        Ok(Some(Self {
            reader,
            decoder,
            raw,
        }))
    }

    /// Fills up to `length` bytes. True at the end of the file.
    fn fill(&mut self, text: &mut Vec<u8>, length: usize) -> io::Result<bool> {
        while text.len() < length {
            let end = if self.decoder.is_some() {
                self.fill_decoded(text)?
            } else {
                self.fill_raw(text, length)?
            };
            if end {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fill_raw(&mut self, text: &mut Vec<u8>, length: usize) -> io::Result<bool> {
        let wanted = length.saturating_sub(text.len());
        text.reserve_exact(wanted);
        let read = self.reader.by_ref().take(wanted as u64).read_to_end(text)?;
        Ok(wanted > 0 && read == 0)
    }

    fn fill_decoded(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        let read = self
            .reader
            .by_ref()
            .take(SNIFF as u64)
            .read_to_end(&mut self.raw)?;
        let end = read == 0;
        let decoder = match &mut self.decoder {
            Some(Units::Two(decoder)) => decoder,
            Some(Units::Four(order)) => {
                let put = |c: char| text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                let used = order.transcode(&self.raw, put);
                self.raw.drain(..used);
                return Ok(end);
            }
            None => return Ok(end),
        };
        let mut from = 0;
        let mut out = [0; 4096];
        loop {
            let rest = self.raw.get(from..).unwrap_or(&[]);
            let (result, used, written, _) = decoder.decode_to_utf8(rest, &mut out, end);
            text.extend_from_slice(out.get(..written).unwrap_or(&[]));
            from += used;
            if result == CoderResult::InputEmpty {
                self.raw.clear();
                return Ok(end);
            }
        }
    }
}
