//! Ar: a line of text before each member, in the forms of GNU and of BSD.

use std::io::{self, Read};

use super::{Budget, Trouble, Visit, fill, skip, stored_member};
use crate::model::ProblemKind;

/// The table of long names that is read, in bytes.
const MAX_NAMES: u64 = 1 << 20;
/// The longest name in front of a member's bytes.
const MAX_NAME: u64 = 4 << 10;

/// Walks the members.
pub(super) fn members(
    input: &mut dyn Read,
    budget: &Budget,
    visit: &mut dyn Visit,
) -> Result<(), Trouble> {
    let unreadable = |e: io::Error| Trouble::unreadable(&e);
    let cut_off = || Trouble::new(ProblemKind::Truncated, "is cut off");
    let mut head = [0; 60];
    if fill(input, head.get_mut(..8).unwrap_or_default()).map_err(unreadable)? != 8 {
        return Err(cut_off());
    }
    let mut names = Vec::new();
    loop {
        match fill(input, &mut head).map_err(unreadable)? {
            0 => return Ok(()),
            60 => {}
            _ => return Err(cut_off()),
        }
        let size = std::str::from_utf8(&head[48..58]);
        let size = size.ok().and_then(|text| text.trim().parse::<u64>().ok());
        let Some(size) = size.filter(|_| head.ends_with(b"`\n")) else {
            return Err(Trouble::damaged(
                "is damaged: no header where one must be; what follows was not searched",
            ));
        };
        let name = head[..16].trim_ascii_end();
        let mut left = size;
        let mut read = |input: &mut dyn Read, count: u64| -> Result<Vec<u8>, Trouble> {
            let mut bytes = vec![0; usize::try_from(count).unwrap_or(0)];
            if fill(input, &mut bytes).map_err(unreadable)? != bytes.len() {
                return Err(cut_off());
            }
            left -= count;
            Ok(bytes)
        };
        let name = match name {
            b"//" if size <= MAX_NAMES => {
                names = read(input, size)?;
                b"//".to_vec()
            }
            [b'#', b'1', b'/', digits @ ..] => match offset(digits) {
                Some(length) if (length as u64) <= size.min(MAX_NAME) => {
                    let mut name = read(input, length as u64)?;
                    name.retain(|b| *b != 0);
                    name
                }
                _ => {
                    return Err(Trouble::damaged(
                        "is damaged: a name longer than its member",
                    ));
                }
            },
            [b'/', digits @ ..] if !digits.is_empty() && digits != b"/" && digits != b"SYM64/" => {
                let from = offset(digits)
                    .and_then(|at| names.get(at..))
                    .unwrap_or_default();
                let end = memchr::memchr2(b'\n', b'/', from).unwrap_or(from.len());
                from.get(..end).unwrap_or_default().to_vec()
            }
            name => name
                .strip_suffix(b"/")
                .filter(|n| !n.is_empty())
                .unwrap_or(name)
                .to_vec(),
        };
        // Tables of symbols and names are the archive's own.
        if name.starts_with(b"/") || name.starts_with(b"__.SYMDEF") {
            skip(input, left).map_err(unreadable)?;
        } else {
            if !budget.take_member() {
                return Ok(());
            }
            stored_member(input, (&name, left), visit)?;
        }
        skip(input, size % 2).map_err(unreadable)?;
        if budget.is_over() {
            return Ok(());
        }
    }
}

fn offset(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}
