//! Tar: ustar, with the long names of pax and GNU, and what was before. Our own reader, because
//! names and sizes of a hostile one must cost nothing before they are believed.

use std::io::{self, Read};

use super::{Budget, Trouble, Visit, fill, skip, stored_member};
use crate::model::ProblemKind;

const BLOCK: usize = 512;

/// Long names and attributes of one member that are read, in bytes.
const MAX_EXTENSION: u64 = 64 << 10;

type Block = [u8; BLOCK];

/// Whether a file that begins with these bytes is tar: its first block carries its own sum.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else {
        return false;
    };
    block.first() != Some(&0) && sum_holds(block)
}

/// Walks the members.
pub(super) fn members(
    input: &mut dyn Read,
    budget: &Budget,
    visit: &mut dyn Visit,
) -> Result<(), Trouble> {
    let unreadable = |e: io::Error| Trouble::unreadable(&e);
    let cut_off = || Trouble::new(ProblemKind::Truncated, "is cut off");
    let mut block = [0; BLOCK];
    let mut next = Next::default();
    loop {
        match fill(input, &mut block).map_err(unreadable)? {
            0 => return Ok(()),
            BLOCK => {}
            _ => return Err(cut_off()),
        }
        // Two blocks of zeros end an archive; another may follow.
        if block.iter().all(|b| *b == 0) {
            continue;
        }
        if !sum_holds(&block) {
            return Err(Trouble::damaged(
                "is damaged: a header does not match its sum; what follows was not searched",
            ));
        }
        let size = number(&block[124..136]).ok_or_else(|| Trouble::damaged("has a wrong size"))?;
        match block[156] {
            b'x' | b'L' if size <= MAX_EXTENSION => {
                let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
                if fill(input, &mut bytes).map_err(unreadable)? != bytes.len() {
                    return Err(cut_off());
                }
                next.learn(block[156], &bytes);
                pad(input, size)?;
                continue;
            }
            b'x' | b'L' => {
                let message =
                    "has a name or attributes longer than is believed; they were not read";
                visit.trouble(None, Trouble::new(ProblemKind::TooLarge, message));
                pass(input, size)?;
                continue;
            }
            b'g' | b'K' => {
                pass(input, size)?;
                continue;
            }
            b'S' => sparse_map(input, &block)?,
            _ => {}
        }
        let Next {
            name,
            sparse_name,
            size: stated,
            holes,
        } = std::mem::take(&mut next);
        let name = sparse_name.or(name);
        let size = stated.unwrap_or(size);
        let name = name.unwrap_or_else(|| short_name(&block));
        // Links, folders and devices hold nothing.
        if matches!(block[156], b'1'..=b'6') || name.ends_with(b"/") {
            if block[156] == b'0' || block[156] == 0 {
                pass(input, size)?;
            }
            continue;
        }
        if !budget.take_member() {
            return Ok(());
        }
        let map = if holes { stored_map(input, size)? } else { 0 };
        stored_member(input, (&name, size - map), visit)?;
        pad(input, size)?;
        if budget.is_over() {
            return Ok(());
        }
    }
}

/// What extensions say of the member that follows them.
#[derive(Default)]
struct Next {
    name: Option<Vec<u8>>,
    /// The name that a file with holes has on disk.
    sparse_name: Option<Vec<u8>>,
    size: Option<u64>,
    /// What is stored begins with a map of the holes that the file has.
    holes: bool,
}

impl Next {
    fn learn(&mut self, kind: u8, bytes: &[u8]) {
        if kind == b'L' {
            let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
            self.name = bytes.get(..end).map(<[u8]>::to_vec);
            return;
        }
        // Records of pax: `length key=value\n`.
        let mut rest = bytes;
        while let Some(space) = memchr::memchr(b' ', rest) {
            let length = rest.get(..space).and_then(decimal);
            let Some(length) = length.and_then(|n| usize::try_from(n).ok()) else {
                return;
            };
            let Some(record) = rest.get(space + 1..length.saturating_sub(1)) else {
                return;
            };
            if let Some(name) = record.strip_prefix(b"path=") {
                self.name = Some(name.to_vec());
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = decimal(size);
            } else if let Some(name) = record.strip_prefix(b"GNU.sparse.name=") {
                self.sparse_name = Some(name.to_vec());
            } else if let Some(major) = record.strip_prefix(b"GNU.sparse.major=") {
                self.holes = major != b"0";
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

/// Reads over the continuation of GNU's map of a file with holes.
fn sparse_map(input: &mut dyn Read, header: &Block) -> Result<(), Trouble> {
    let mut more = header[482] != 0;
    while more {
        more = map_block(input)?[504] != 0;
    }
    Ok(())
}

/// The next block of a map.
fn map_block(input: &mut dyn Read) -> Result<Block, Trouble> {
    let mut block = [0; BLOCK];
    match fill(input, &mut block) {
        Ok(BLOCK) => Ok(block),
        Ok(_) => Err(Trouble::new(ProblemKind::Truncated, "is cut off")),
        Err(error) => Err(Trouble::unreadable(&error)),
    }
}

/// Reads over the map that stands before a file with holes in pax: how many stretches it has, then two
/// numbers for each, in decimal, a line for each number. How many bytes that was.
fn stored_map(input: &mut dyn Read, size: u64) -> Result<u64, Trouble> {
    let wrong = || Trouble::damaged("has a wrong map of the holes of a file");
    let (mut taken, mut wanted, mut seen) = (0, 1, 0);
    let mut digits = Vec::new();
    while seen < wanted {
        taken += BLOCK as u64;
        if taken > size {
            return Err(wrong());
        }
        for b in map_block(input)? {
            match b {
                b'0'..=b'9' if digits.len() < 20 => digits.push(b),
                b'\n' => {
                    let number = decimal(&digits).ok_or_else(wrong)?;
                    digits.clear();
                    if seen == 0 {
                        wanted = number.saturating_mul(2).saturating_add(1);
                    }
                    seen += 1;
                    if seen == wanted {
                        break;
                    }
                }
                _ => return Err(wrong()),
            }
        }
    }
    Ok(taken)
}

/// Reads over a member.
fn pass(input: &mut dyn Read, size: u64) -> Result<(), Trouble> {
    stored_member(input, (b"", size), &mut Nobody)?;
    pad(input, size)
}

/// Reads over what fills a member's last block. It may be missing at the very end.
fn pad(input: &mut dyn Read, size: u64) -> Result<(), Trouble> {
    let rest = size.next_multiple_of(BLOCK as u64) - size;
    skip(input, rest).map_err(|e| Trouble::unreadable(&e))?;
    Ok(())
}

/// Wants nothing.
struct Nobody;

impl Visit for Nobody {
    fn member(&mut self, _: &[u8], _: &mut dyn Read) {}
    fn trouble(&mut self, _: Option<&[u8]>, _: Trouble) {}
}

/// The name in a header, with the prefix of ustar.
fn short_name(block: &Block) -> Vec<u8> {
    let until_nul = |field: &[u8]| -> Vec<u8> {
        let end = memchr::memchr(0, field).unwrap_or(field.len());
        field.get(..end).unwrap_or_default().to_vec()
    };
    let name = until_nul(&block[..100]);
    // GNU's own form has other things there.
    if &block[257..263] == b"ustar\0" && block[345] != 0 {
        return [&until_nul(&block[345..500])[..], b"/", &name].concat();
    }
    name
}

/// Whether the sum in a header is that of its bytes, its own field counted as blanks.
fn sum_holds(block: &Block) -> bool {
    let Some(stated) = number(&block[148..156]) else {
        return false;
    };
    let others = block[..148].iter().chain(&block[156..]);
    let unsigned: u64 = others.clone().map(|b| u64::from(*b)).sum::<u64>() + 8 * 32;
    let signed: i64 = others.map(|b| i64::from(b.cast_signed())).sum::<i64>() + 8 * 32;
    stated == unsigned || i64::try_from(stated) == Ok(signed)
}

/// A number in octal, or in binary where the first bit says so.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, bytes @ ..] = field {
        return bytes.iter().try_fold(0u64, |value, byte| {
            Some(value.checked_mul(256)? | u64::from(*byte))
        });
    }
    let field = field.trim_ascii_start();
    let end = field.iter().position(|b| matches!(b, 0 | b' '));
    let digits = field.get(..end.unwrap_or(field.len()))?;
    digits.iter().try_fold(0u64, |value, digit| match digit {
        b'0'..=b'7' => Some(value.checked_mul(8)? + u64::from(digit - b'0')),
        _ => None,
    })
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
