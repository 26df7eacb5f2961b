//! Files too large to hold: searched in blocks that overlap, with the findings of a whole-file
//! search. Memory stays at a block whatever the file or its lines; time is linear.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder};

use super::encoding::{self, SNIFF, Sniffed};
use super::place::Cursor;
use super::search::Piece;
use super::{Scanned, Scratch, SecretScanner};
use crate::model::ScanPath;

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
        let (mut findings, mut cursor, mut decided) = (Vec::new(), Cursor::START, 0);
        loop {
            let end = source.fill(text, decided + sizes.body + sizes.margin)?;
            let limit = if end {
                text.len()
            } else {
                text.len() - sizes.margin
            };
            let piece = Piece {
                path,
                text,
                part: decided..limit,
            };
            self.search(&piece, &mut cursor, scratch, &mut findings);
            if end {
                return Ok(Scanned::Searched(findings));
            }
            cursor.advance(text, limit);
            let dropped = limit.saturating_sub(sizes.margin);
            text.drain(..dropped);
            cursor.drop_front(dropped);
            decided = limit - dropped;
        }
    }
}

/// The bytes of a file as UTF-8, whatever its encoding.
struct Source<R> {
    reader: R,
    decoder: Option<Decoder>,
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
            Sniffed::Wide(wide, mark) => (mark, Some(wide.new_decoder_without_bom_handling())),
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
        let Some(decoder) = &mut self.decoder else {
            return Ok(end);
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
