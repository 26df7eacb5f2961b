//! Files that are one packed stream: gzip, zstd, bzip2, xz and LZMA, also several behind one another.

use std::io::{self, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::ahead::Ahead;
use super::budget::Metered;
use super::{Budget, Packing, Trouble};

/// Memory that one stream may ask for, in bytes: what `xz -9` needs.
const WINDOW: u64 = 72 << 20;

/// Gives the unpacked bytes to `read`. Also says what was wrong with the packed ones.
pub fn unpack<T>(
    packing: Packing,
    input: &mut dyn Read,
    budget: &Budget,
    read: impl FnOnce(&mut dyn Read) -> T,
) -> (T, Option<Trouble>) {
    let mut metered = Metered::new(Streams::new(packing, input), budget);
    let answer = read(&mut metered);
    (answer, metered.failed.as_ref().map(Trouble::unreadable))
}

/// Streams that stand one behind another.
pub(super) struct Streams<'i> {
    packing: Packing,
    stream: Stream<'i>,
    first: bool,
}

enum Stream<'i> {
    /// Before a stream, or at the end.
    Between(Ahead<'i>),
    Gzip(Box<GzDecoder<Ahead<'i>>>),
    Zstd(Box<StreamingDecoder<Ahead<'i>, FrameDecoder>>),
    Bzip2(BzDecoder<Ahead<'i>>),
    Xz(Box<XzReader<Ahead<'i>>>),
    Lzma(Box<LzmaReader<Ahead<'i>>>),
    Done,
}

impl<'i> Streams<'i> {
    pub(super) fn new(packing: Packing, input: &'i mut dyn Read) -> Self {
        Self {
            packing,
            stream: Stream::Between(Ahead::new(input)),
            first: true,
        }
    }

    /// Begins the next stream, if there is one.
    fn open(&mut self, mut input: Ahead<'i>) -> io::Result<Stream<'i>> {
        let first = std::mem::replace(&mut self.first, false);
        if self.packing == Packing::Zstd {
            pass_skippable(&mut input)?;
        }
        if !first && !self.continues(&mut input)? {
            return Ok(Stream::Done);
        }
        Ok(match self.packing {
            Packing::Gzip => Stream::Gzip(Box::new(GzDecoder::new(input))),
            Packing::Bzip2 => Stream::Bzip2(BzDecoder::new(input)),
            Packing::Xz => {
                let limit = u32::try_from(WINDOW >> 10).unwrap_or(u32::MAX);
                Stream::Xz(Box::new(XzReader::new_mem_limit(input, true, limit)))
            }
            Packing::Lzma => {
                let limit = u32::try_from(WINDOW >> 10).unwrap_or(u32::MAX);
                Stream::Lzma(Box::new(LzmaReader::new_mem_limit(input, limit, None)?))
            }
            Packing::Zstd => Stream::Zstd(Box::new(
                StreamingDecoder::new_with_max_window_size(input, WINDOW)
                    .map_err(io::Error::other)?,
            )),
        })
    }

    /// Whether another stream follows. Zeros may follow, as tapes and disks leave them; other bytes
    /// are something that nobody looked at.
    fn continues(&self, input: &mut Ahead<'_>) -> io::Result<bool> {
        let mark: &[u8] = match self.packing {
            Packing::Gzip => b"\x1F\x8B",
            Packing::Zstd => b"\x28\xB5\x2F\xFD",
            Packing::Bzip2 => b"BZh",
            // Its reader has read them all.
            Packing::Xz => return Ok(false),
            // One stands alone; what follows it is looked at as below.
            Packing::Lzma => b"\0no mark",
        };
        if input.peek(mark.len())? == mark {
            return Ok(true);
        }
        let mut rest = [0; 4096];
        loop {
            let count = input.read(&mut rest)?;
            if rest.iter().take(count).any(|b| *b != 0) {
                return Err(io::Error::other("other bytes follow the packed ones"));
            }
            if count == 0 {
                return Ok(false);
            }
        }
    }
}

impl Read for Streams<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let count = match &mut self.stream {
                Stream::Between(_) => 0,
                Stream::Gzip(stream) => stream.read(out)?,
                Stream::Zstd(stream) => stream.read(out)?,
                Stream::Bzip2(stream) => stream.read(out)?,
                Stream::Xz(stream) => stream.read(out)?,
                Stream::Lzma(stream) => stream.read(out)?,
                Stream::Done => return Ok(0),
            };
            if count > 0 {
                return Ok(count);
            }
            self.stream = match std::mem::replace(&mut self.stream, Stream::Done) {
                Stream::Between(input) => self.open(input)?,
                Stream::Gzip(stream) => Stream::Between(stream.into_inner()),
                Stream::Zstd(stream) => Stream::Between(stream.into_inner()),
                Stream::Bzip2(stream) => Stream::Between(stream.into_inner()),
                Stream::Lzma(stream) => Stream::Between(stream.into_inner()),
                Stream::Xz(_) | Stream::Done => Stream::Done,
            };
        }
    }
}

/// Reads over frames that hold nothing, of which any number may stand before one that does.
fn pass_skippable(input: &mut Ahead<'_>) -> io::Result<()> {
    while let [0x50..=0x5F, 0x2A, 0x4D, 0x18, length @ ..] = input.peek(8)? {
        let length = length.try_into().map_or(0, u32::from_le_bytes);
        super::skip(input, 8 + u64::from(length))?;
    }
    Ok(())
}
