//! Zip: the directory at its end, then each member where the directory says. Our own reader,
//! because what a directory claims must cost nothing before it is believed, and because what it
//! leaves out must be told.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use bzip2::bufread::BzDecoder;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::budget::Metered;
use super::packed::Streams;
use super::{Budget, Packing, Trouble, Visit, fill};
use crate::model::ProblemKind;

/// A directory larger than this, in bytes, is not read.
const MAX_DIRECTORY: u64 = 16 << 20;

/// What the record at the end begins with.
const END_MARK: &[u8] = b"PK\x05\x06";

/// The bytes of that record, without a comment.
pub const END: usize = 22;

/// The end record, the longest comment behind it, and what zip64 puts in front of it.
const TAIL: u64 = END as u64 + 65_535 + 20;

/// Whether a file ends as a zip does, whatever it begins as: scripts and programs carry their files so,
/// and packages of browsers have a head of their own. One that has a comment is not seen.
#[must_use]
pub fn ends_as_zip(bytes: &[u8]) -> bool {
    let end = bytes.len().checked_sub(END);
    let record = end.and_then(|at| bytes.get(at..)).unwrap_or(&[]);
    record.starts_with(END_MARK) && record.ends_with(b"\0\0")
}

/// What stands before the members of a zip.
#[must_use]
pub fn before_zip(bytes: &[u8]) -> &[u8] {
    let members = memchr::memmem::find(bytes, b"PK\x03\x04");
    members.and_then(|at| bytes.get(..at)).unwrap_or(bytes)
}

/// Walks the members in the order of the directory.
pub fn members<R: Read + Seek>(input: &mut R, budget: &Budget, visit: &mut dyn Visit) {
    if let Err(trouble) = walk(input, budget, visit)
        && !budget.is_over()
    {
        visit.trouble(None, trouble);
    }
}

fn walk<R: Read + Seek>(
    input: &mut R,
    budget: &Budget,
    visit: &mut dyn Visit,
) -> Result<(), Trouble> {
    let directory = directory(input)?;
    let mut spans: Vec<Range<u64>> = Vec::new();
    let mut rest = directory.bytes.as_slice();
    let mut count = 0;
    while let Some((entry, after)) = Entry::read(rest) {
        rest = after;
        count += 1;
        if !budget.take_member() {
            return Ok(());
        }
        let read = locate(input, &entry, directory.shift).and_then(|(span, data)| {
            spans.push(span);
            if entry.name.ends_with(b"/") && entry.size == 0 {
                return Ok(());
            }
            member(input, &entry, data, budget, visit)
        });
        if let Err(trouble) = read {
            visit.trouble(Some(entry.name), trouble);
        }
        if budget.is_over() {
            return Ok(());
        }
    }
    if count != directory.count || !rest.is_empty() {
        return Err(Trouble::damaged(format!(
            "has a damaged directory: it names {count} of {} members",
            directory.count
        )));
    }
    hidden(input, spans, &directory)
}

/// Where a member is in the archive, and where in it its packed bytes begin.
fn locate<R: Read + Seek>(
    input: &mut R,
    entry: &Entry<'_>,
    shift: u64,
) -> Result<(Range<u64>, u64), Trouble> {
    let unreadable = |e: io::Error| Trouble::unreadable(&e);
    let start = entry.offset.saturating_add(shift);
    let mut head = [0; 30];
    input.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    if fill(input, &mut head).map_err(unreadable)? != 30 || !head.starts_with(b"PK\x03\x04") {
        return Err(Trouble::damaged("is not where the directory says"));
    }
    let names = u64::from(u16_at(&head, 26)) + u64::from(u16_at(&head, 28));
    let data = start.saturating_add(30 + names);
    Ok((start..data.saturating_add(entry.packed), data))
}

/// Gives the content of one member.
fn member<R: Read + Seek>(
    input: &mut R,
    entry: &Entry<'_>,
    data: u64,
    budget: &Budget,
    visit: &mut dyn Visit,
) -> Result<(), Trouble> {
    let refused = |message: String| Err(Trouble::new(ProblemKind::Unreadable, message));
    if entry.flags & 1 != 0 {
        return refused("is encrypted".to_owned());
    }
    let seek = input.seek(SeekFrom::Start(data));
    seek.map_err(|e| Trouble::unreadable(&e))?;
    let mut packed = BufReader::new(input.by_ref().take(entry.packed));
    let Some(reader) = unpacked(entry.method, &mut packed) else {
        return refused(format!(
            "is packed with method {}, which is not read",
            entry.method
        ));
    };
    let mut content = Metered::new(Summed::new(reader), budget);
    visit.member(entry.name, &mut content);
    if budget.is_over() {
        return Ok(());
    }
    if let Some(error) = &content.failed {
        return Err(Trouble::unreadable(error));
    }
    if !content.ended {
        return Ok(());
    }
    let Summed { crc, length, .. } = content.into_inner();
    if crc.sum() != entry.crc || length != entry.size {
        return Err(Trouble::damaged(
            "is damaged: its length or checksum is not that of the directory",
        ));
    }
    Ok(())
}

/// A reader of a member's own bytes. None: its method is not known.
fn unpacked<'r>(method: u16, packed: &'r mut impl BufRead) -> Option<Box<dyn Read + 'r>> {
    Some(match method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        12 => Box::new(BzDecoder::new(packed)),
        93 => Box::new(Streams::new(Packing::Zstd, packed)),
        95 => Box::new(Streams::new(Packing::Xz, packed)),
        _ => return None,
    })
}

/// Counts and sums what is read.
struct Summed<R> {
    inner: R,
    crc: Crc,
    length: u64,
}

impl<R: Read> Summed<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            crc: Crc::new(),
            length: 0,
        }
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.crc.update(out.get(..count).unwrap_or_default());
        self.length += count as u64;
        Ok(count)
    }
}

/// Tells of members that overlap, and of such as stand between the others without a word in the
/// directory.
fn hidden<R: Read + Seek>(
    input: &mut R,
    mut spans: Vec<Range<u64>>,
    directory: &Directory,
) -> Result<(), Trouble> {
    spans.sort_by_key(|span| (span.start, span.end));
    spans.push(directory.start..directory.start);
    let mut end = directory.shift;
    for span in spans {
        if span.start < end {
            return Err(Trouble::damaged("has members that overlap"));
        }
        // A descriptor of up to 24 bytes may follow a member.
        let mut gap = [0; 28];
        let length = usize::try_from(span.start - end).unwrap_or(usize::MAX);
        if length >= 30 {
            let seek = input.seek(SeekFrom::Start(end));
            let read = seek.and_then(|_| fill(input, &mut gap));
            let read = read.map_err(|e| Trouble::unreadable(&e))?;
            let gap = gap.get(..read).unwrap_or_default();
            if memchr::memmem::find(gap, b"PK\x03\x04").is_some() {
                return Err(Trouble::damaged(
                    "holds a member that its directory does not name; it was not searched",
                ));
            }
        }
        end = span.end;
    }
    Ok(())
}

/// The directory, as it lies in the archive.
struct Directory {
    bytes: Vec<u8>,
    /// Where it begins.
    start: u64,
    /// How many members it says there are.
    count: u64,
    /// What stands in front of the archive; its offsets do not count it.
    shift: u64,
}

fn directory<R: Read + Seek>(input: &mut R) -> Result<Directory, Trouble> {
    let unreadable = |e: io::Error| Trouble::unreadable(&e);
    let missing = || {
        Trouble::new(
            ProblemKind::Truncated,
            "is cut off: its directory is missing",
        )
    };
    let length = input.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let from = length.saturating_sub(TAIL);
    input.seek(SeekFrom::Start(from)).map_err(unreadable)?;
    let mut tail = Vec::new();
    input
        .by_ref()
        .take(TAIL)
        .read_to_end(&mut tail)
        .map_err(unreadable)?;
    let at = memchr::memmem::rfind_iter(&tail, END_MARK)
        .find(|at| {
            let record = tail.get(*at..).unwrap_or_default();
            record.len() >= END && record.len() >= END + usize::from(u16_at(record, 20))
        })
        .ok_or_else(missing)?;
    let record = tail.get(at..).unwrap_or_default();
    let mut end = from + at as u64;
    let mut count = u64::from(u16_at(record, 10));
    let mut size = u64::from(u32_at(record, 12));
    let mut offset = u64::from(u32_at(record, 16));
    if u16_at(record, 4) != 0 && u16_at(record, 4) != 0xFFFF {
        let message = "is one part of several; it was not searched";
        return Err(Trouble::new(ProblemKind::Unreadable, message));
    }
    let locator = at.checked_sub(20).and_then(|at| tail.get(at..));
    if let Some(locator) = locator.filter(|l| l.starts_with(b"PK\x06\x07")) {
        end = u64_at(locator, 8);
        let mut record = [0; 56];
        input.seek(SeekFrom::Start(end)).map_err(unreadable)?;
        let read = fill(input, &mut record).map_err(unreadable)?;
        if read != 56 || !record.starts_with(b"PK\x06\x06") {
            return Err(missing());
        }
        count = u64_at(&record, 32);
        size = u64_at(&record, 40);
        offset = u64_at(&record, 48);
    }
    if size > MAX_DIRECTORY {
        let message = "has a directory larger than is believed; it was not searched";
        return Err(Trouble::new(ProblemKind::TooLarge, message));
    }
    let start = end.checked_sub(size).ok_or_else(missing)?;
    let shift = start.checked_sub(offset).ok_or_else(missing)?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    input.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    if fill(input, &mut bytes).map_err(unreadable)? != bytes.len() {
        return Err(missing());
    }
    Ok(Directory {
        bytes,
        start,
        count,
        shift,
    })
}

/// What the directory says of a member.
struct Entry<'d> {
    name: &'d [u8],
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    offset: u64,
}

impl<'d> Entry<'d> {
    /// Reads the first entry, and gives what follows it.
    fn read(bytes: &'d [u8]) -> Option<(Self, &'d [u8])> {
        let head = bytes.first_chunk::<46>()?;
        if !head.starts_with(b"PK\x01\x02") {
            return None;
        }
        let name_end = 46 + usize::from(u16_at(head, 28));
        let extra_end = name_end + usize::from(u16_at(head, 30));
        let end = extra_end + usize::from(u16_at(head, 32));
        let mut entry = Self {
            name: bytes.get(46..name_end)?,
            flags: u16_at(head, 8),
            method: u16_at(head, 10),
            crc: u32_at(head, 16),
            packed: u64::from(u32_at(head, 20)),
            size: u64::from(u32_at(head, 24)),
            offset: u64::from(u32_at(head, 42)),
        };
        entry.widen(bytes.get(name_end..extra_end)?);
        Some((entry, bytes.get(end..)?))
    }

    /// Takes the sizes that do not fit into 32 bits from the extra field of zip64.
    fn widen(&mut self, mut extra: &[u8]) {
        while let Some(head) = extra.first_chunk::<4>() {
            let end = 4 + usize::from(u16_at(head, 2));
            let Some(mut field) = extra.get(4..end) else {
                return;
            };
            if u16_at(head, 0) == 1 {
                for value in [&mut self.size, &mut self.packed, &mut self.offset] {
                    if *value == u64::from(u32::MAX)
                        && let Some((wide, rest)) = field.split_first_chunk::<8>()
                    {
                        *value = u64::from_le_bytes(*wide);
                        field = rest;
                    }
                }
            }
            extra = extra.get(end..).unwrap_or_default();
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk);
    field.map_or(0, |field| u16::from_le_bytes(*field))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk);
    field.map_or(0, |field| u32::from_le_bytes(*field))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk);
    field.map_or(0, |field| u64::from_le_bytes(*field))
}
