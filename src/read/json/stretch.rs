//! Records that stand side by side, read by several at once.

use super::cursor::{Cursor, Stop};
use super::records::{Mode, Pause, Records};
use crate::read::ahead::{Ahead, Passed, Reached};
use crate::read::buffer::Buffer;
use crate::read::row::RowSink;

/// What stands between two records is no longer than this, in bytes, with the key behind it.
const BETWEEN: usize = 1 << 10;

/// Lets others read the records that come, if the sink knows of some. The mode becomes that of what
/// they left. None if nobody did.
pub(super) fn look_ahead(
    buffer: &mut Buffer<'_>,
    records: &mut Records<'_>,
    mode: &mut Mode,
) -> Option<Passed> {
    let first = *mode;
    // Behind the first stretch; each ends behind a record.
    let then = match first {
        Mode::Stream => Mode::Stream,
        Mode::Next | Mode::Behind => Mode::Behind,
        Mode::First | Mode::One => return None,
    };
    if !records.is_outside_pages() {
        return None;
    }
    let asked = records.asked;
    let mut between = None;
    let passed = Ahead::offer(
        buffer,
        records.place,
        &mut |data| {
            if between.is_none() {
                between = separator(data, first).ok();
            }
            let at = memchr::memmem::rfind(data, between.as_ref()?)?;
            Some(at + 1)
        },
        &|stretch, sink: &mut dyn RowSink| {
            let mut mode = if stretch.number() == 0 { first } else { then };
            let mut records = Records::new(asked, sink);
            records.place = stretch.place();
            let data = stretch.bytes();
            let end = records.block(data, &mut mode);
            let whole = matches!(end, Ok((at, Pause::Block)) if at == data.len())
                && mode == then
                && records.is_outside_pages();
            Reached {
                rows: records.rows,
                taken: if whole { data.len() } else { records.behind },
            }
        },
        records.sink,
    );
    let passed = passed?;
    records.place = passed.place;
    records.rows += passed.rows;
    if passed.moved {
        *mode = then;
    }
    Some(passed)
}

/// What stands between the first two records: the bracket that ends one, up to the first key of
/// the other. Within records it is seldom found.
fn separator(data: &[u8], mode: Mode) -> Result<Vec<u8>, Stop> {
    let mut cursor = Cursor::new(data, 0);
    if mode == Mode::Behind {
        cursor.expect(b',', "")?;
    }
    cursor.skip(0)?;
    let end = cursor.at();
    if mode != Mode::Stream {
        cursor.expect(b',', "")?;
    }
    cursor.expect(b'{', "")?;
    cursor.key()?;
    let between = cursor.since(end.saturating_sub(1));
    let usual = between.first() == Some(&b'}') && between.len() <= BETWEEN;
    match usual {
        true => Ok(between.to_vec()),
        false => Err(Stop::Bad(end, "")),
    }
}
