//! A file that goes on for long, read by several at once: stretches of whole rows are cut off its
//! front one after another, and each is read by itself.
//!
//! Where a stretch ends is told from outside, without reading its rows, and may be wrong: a quote in
//! the middle of a field, a list of records within a record. But a stretch whose rows end where it
//! ends was cut rightly, and so the one behind it begins rightly. Behind the first that was not, the
//! reader goes on by itself, and nothing that was read of later stretches counts.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::buffer::{Buffer, Window};
use super::place::Place;
use super::row::RowSink;

/// So often a reader fills its window before it looks for others: what is shorter is read before
/// they have begun.
const SHORT: u32 = 4;

/// Rows that stand together, whole as far as can be told from outside.
#[derive(Debug)]
pub struct Stretch {
    number: u64,
    bytes: Vec<u8>,
    length: usize,
    place: Place,
}

impl Stretch {
    /// Which of the stretches it is, from 0 without a gap.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Where it begins.
    pub(super) const fn place(&self) -> Place {
        self.place
    }
}

/// How far the rows of a stretch reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Rows given.
    pub(super) rows: u64,
    /// Bytes up to the end of the last row that was read.
    pub(super) taken: usize,
}

/// Finds the end of the last whole row in bytes that begin with a row.
pub(super) type Cut<'c> = dyn FnMut(&[u8]) -> Option<usize> + Send + 'c;

/// Reads the rows of a stretch.
pub(super) type Read<'c> = dyn Fn(&Stretch, &mut dyn RowSink) -> Reached + Sync + 'c;

/// What lies ahead of a reader that stands between two rows.
pub struct Ahead<'a> {
    front: Mutex<Front<'a>>,
    behind: Mutex<Behind>,
    read: &'a Read<'a>,
}

/// Where stretches are cut off.
struct Front<'a> {
    input: &'a mut (dyn io::Read + Send),
    window: &'a mut Window,
    cut: &'a mut Cut<'a>,
    place: Place,
    next: u64,
    ended: bool,
    /// Whether no end of a row was found.
    uncut: bool,
}

/// What became of stretches.
#[derive(Debug, Default)]
struct Behind {
    rows: u64,
    moved: bool,
    /// Where the first byte stands that is to be read again, if a stretch was cut wrongly.
    broken: Option<Place>,
    rest: Vec<u8>,
    /// Bytes that may be written over.
    spare: Vec<Vec<u8>>,
}

/// What others did for a reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    /// Rows that they gave.
    pub(super) rows: u64,
    /// Where the reader goes on.
    pub(super) place: Place,
    /// Whether that is another place than before.
    pub(super) moved: bool,
    /// Whether they gave up because a stretch could not be cut, or was cut wrongly.
    pub(super) gave_up: bool,
}

impl<'a> Ahead<'a> {
    /// What a sink makes of what lies ahead of a reader, which stands at this place. None if it, or
    /// the input, is not for that.
    pub(super) fn offer(
        buffer: &'a mut Buffer<'_>,
        place: Place,
        cut: &'a mut Cut<'a>,
        read: &'a Read<'a>,
        sink: &mut dyn RowSink,
    ) -> Option<Passed> {
        let (input, window) = buffer.parts()?;
        let ahead = Self {
            front: Mutex::new(Front {
                input,
                window,
                cut,
                place,
                next: 0,
                ended: false,
                uncut: false,
            }),
            behind: Mutex::default(),
            read,
        };
        if !sink.ahead(&ahead) {
            return None;
        }
        let front = ahead.front.into_inner();
        let front = front.unwrap_or_else(PoisonError::into_inner);
        let behind = ahead.behind.into_inner();
        let behind = behind.unwrap_or_else(PoisonError::into_inner);
        front.window.put_back(&behind.rest);
        Some(Passed {
            rows: behind.rows,
            place: behind.broken.unwrap_or(front.place),
            moved: behind.moved,
            gave_up: front.uncut || behind.broken.is_some(),
        })
    }

    /// The next stretch; none where the reader has to go on by itself. Each must be handed to
    /// [`Ahead::pass`].
    pub fn take(&self) -> Option<Stretch> {
        let mut front = locked(&self.front);
        let mut bytes = {
            let mut behind = locked(&self.behind);
            front.ended |= behind.broken.is_some();
            behind.spare.pop().unwrap_or_default()
        };
        if front.ended {
            return None;
        }
        let front = &mut *front;
        bytes.resize(front.window.block(), 0);
        let filled = front.window.take_all(front.input, &mut bytes);
        // What the input ends with is for the reader, who knows what that means.
        let cut = (filled == bytes.len()).then(|| (front.cut)(&bytes));
        let length = cut.flatten().unwrap_or(0);
        let filled = bytes.get(..filled).unwrap_or_default();
        front
            .window
            .put_back(filled.get(length..).unwrap_or_default());
        if length == 0 {
            front.ended = true;
            front.uncut = filled.len() == bytes.len();
            return None;
        }
        let (place, number) = (front.place, front.next);
        front.next += 1;
        front
            .place
            .advance(filled.get(..length).unwrap_or_default());
        Some(Stretch {
            number,
            bytes,
            length,
            place,
        })
    }

    /// Gives the rows of a stretch to a sink.
    pub fn read(&self, stretch: &Stretch, sink: &mut dyn RowSink) -> Reached {
        (self.read)(stretch, sink)
    }

    /// Says how far the rows of a stretch reached. Asked of one stretch after another, in their order;
    /// false if what was read of it does not count.
    pub fn pass(&self, stretch: Stretch, reached: Reached) -> bool {
        let mut behind = locked(&self.behind);
        if behind.broken.is_some() {
            behind.rest.extend_from_slice(stretch.bytes());
            return false;
        }
        behind.rows += reached.rows;
        behind.moved |= reached.taken > 0;
        match stretch.bytes().split_at_checked(reached.taken) {
            Some((_, [])) | None => behind.spare.push(stretch.bytes),
            Some((read, rest)) => {
                behind.broken = Some(stretch.place.after(read));
                behind.rest.extend_from_slice(rest);
            }
        }
        true
    }
}

/// When a reader looks for others.
#[derive(Debug)]
pub(super) struct Patience {
    filled: u32,
    due: u32,
    wait: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            filled: 0,
            due: SHORT,
            wait: SHORT,
        }
    }
}

impl Patience {
    /// Counts a fill of the window; says whether to look for others now.
    pub(super) fn is_due(&mut self) -> bool {
        self.filled = self.filled.saturating_add(1);
        self.filled > self.due
    }

    /// Takes in what others did. Where they gave up, they may be of use again, but not soon; where
    /// they ended, it is near the end of the file.
    pub(super) fn learn(&mut self, passed: Passed) {
        self.wait = match passed.gave_up {
            true => self.wait.saturating_mul(2),
            false => u32::MAX,
        };
        self.due = self.filled.saturating_add(self.wait);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Ahead, Stretch};
    use crate::model::ProblemKind;
    use crate::read::buffer::Source;
    use crate::read::testing::{Seen, paths, read};
    use crate::read::{ColumnPath, Format, ReadError, Row, RowSink, Summary, csv, json};

    /// Reads as many stretches at once as are in flight, and then hears which of them count.
    struct Several {
        seen: Seen,
        flight: usize,
        stretches: u64,
    }

    impl RowSink for Several {
        fn row(&mut self, row: &Row<'_>) {
            self.seen.row(row);
        }
        fn problem(&mut self, line: u32, kind: ProblemKind, message: String) {
            self.seen.problem(line, kind, message);
        }
        fn ahead(&mut self, ahead: &Ahead<'_>) -> bool {
            loop {
                let taken = (0..self.flight).map_while(|_| ahead.take());
                let taken: Vec<Stretch> = taken.collect();
                if taken.is_empty() {
                    return true;
                }
                for stretch in taken {
                    let mut seen = Seen::default();
                    let reached = ahead.read(&stretch, &mut seen);
                    if ahead.pass(stretch, reached) {
                        self.stretches += 1;
                        self.seen.rows.append(&mut seen.rows);
                        self.seen.raw.append(&mut seen.raw);
                        self.seen.regions.append(&mut seen.regions);
                        self.seen.problems.append(&mut seen.problems);
                    }
                }
            }
        }
    }

    fn side_by_side(
        mut text: &[u8],
        (format, columns): (&Format, &[ColumnPath]),
        each: Option<&ColumnPath>,
        (block, flight): (usize, usize),
    ) -> (Several, Result<Summary, ReadError>) {
        let mut several = Several {
            seen: Seen::default(),
            flight,
            stretches: 0,
        };
        let source = Source::Anywhere(&mut text, block);
        let result = match format {
            Format::Csv { delimiter } => csv::rows(source, *delimiter, columns, &mut several),
            Format::Json { envelope } => json::rows(source, envelope, columns, each, &mut several),
            _ => unreachable!(),
        };
        (several, result)
    }

    /// Whether several give what one gives; and how many stretches they read.
    fn agree(
        text: &[u8],
        format: &Format,
        (columns, each): (&[&str], Option<&str>),
        (block, flight): (usize, usize),
    ) -> Result<u64, TestCaseError> {
        let (one, expected) = read(text, format, columns, each);
        let list = each.map(|each| ColumnPath::parse(each).unwrap());
        let columns = paths(columns);
        let (several, result) =
            side_by_side(text, (format, &columns), list.as_ref(), (block, flight));
        prop_assert_eq!(&several.seen.rows, &one.rows);
        prop_assert_eq!(&several.seen.raw, &one.raw);
        prop_assert_eq!(&several.seen.regions, &one.regions);
        prop_assert_eq!(&several.seen.problems, &one.problems);
        prop_assert_eq!(format!("{result:?}"), format!("{expected:?}"));
        Ok(several.stretches)
    }

    const CSV: Format = Format::Csv { delimiter: b',' };

    fn field() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "[a-zé ]{0,9}",
            4 => "\"([a-z,\n]|\"\"){0,9}\"",
            1 => "[a-z\",\r\n]{0,4}",
        ]
    }

    fn json_format(envelope: &[&str]) -> Format {
        Format::Json {
            envelope: envelope.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    proptest! {
        #[test]
        fn several_read_a_csv_file_as_one_does(
            rows in prop::collection::vec(prop::collection::vec(field(), 3), 0..60),
            crlf: bool,
            cut in 0_usize..20,
            block in 8_usize..200,
            flight in 1_usize..5,
        ) {
            let end = if crlf { "\r\n" } else { "\n" };
            let mut text = format!("a,b,c{end}");
            for row in rows {
                text.push_str(&row.join(","));
                text.push_str(end);
            }
            let bytes = &text.as_bytes()[..text.len().saturating_sub(cut)];
            agree(bytes, &CSV, (&["c", "a"], None), (block, flight))?;
        }

        #[test]
        fn several_read_any_bytes_as_one_does(
            bytes in prop::collection::vec(prop_oneof![
                Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b'x'), any::<u8>()
            ], 0..600),
            block in 8_usize..60,
            flight in 1_usize..5,
        ) {
            let text = [b"a,b\n".as_slice(), &bytes].concat();
            agree(&text, &CSV, (&["b"], None), (block, flight))?;
        }

        #[test]
        fn several_read_json_as_one_does(
            rows in prop::collection::vec(("[a-z\\\\\"{}\n,é]{0,12}", any::<bool>(), 0_u8..3), 0..40),
            shape in 0_u8..6,
            cut in 0_usize..20,
            whole: bool,
            block in 16_usize..300,
            flight in 1_usize..5,
        ) {
            let values: Vec<serde_json::Value> = rows.iter().map(|(text, odd, inner)| {
                let list: Vec<_> = (0..*inner).map(|n| serde_json::json!({"Id": n, "s": text})).collect();
                match odd {
                    true => serde_json::json!({"s": text, "Id": 7, "l": list}),
                    false => serde_json::json!({"Id": text, "l": list}),
                }
            }).collect();
            let lines = || values.iter().map(|value| format!("{value}\n"));
            let text = match shape {
                0 => serde_json::to_string(&values).unwrap(),
                1 => serde_json::to_string_pretty(&values).unwrap(),
                2 => lines().collect(),
                3 => values.iter().map(|v| serde_json::to_string_pretty(v).unwrap() + "\n").collect(),
                4 => serde_json::json!({"o": [[], {}], "records": values, "done": true}).to_string(),
                _ => format!("[{}]\n[[{}]]\n", lines().collect::<Vec<_>>().join(","), lines().collect::<Vec<_>>().join(",")),
            };
            let envelope: &[&str] = if shape == 4 { &["records"] } else { &[] };
            let cut = if whole { 0 } else { cut };
            let bytes = &text.as_bytes()[..text.len().saturating_sub(cut)];
            let format = json_format(envelope);
            agree(bytes, &format, (&["Id", "s", "l[*].Id"], None), (block, flight))?;
            agree(bytes, &format, (&["Id", "^.s"], Some("l[*]")), (block, flight))?;
        }
    }

    #[test]
    fn most_of_a_long_file_is_read_by_others() {
        let row = |n: usize| format!("{n},\"a, {n}\",x\n");
        let csv: String = "a,b,c\n".to_owned() + &(0..500).map(row).collect::<String>();
        let many = agree(csv.as_bytes(), &CSV, (&["b"], None), (100, 3)).unwrap();
        assert!(many > 60, "{many}");
        // One row of which nobody can tell where it ends: others go on behind it.
        let odd = csv.replace("200,\"a", "200 \",\"a");
        let many = agree(odd.as_bytes(), &CSV, (&["b"], None), (100, 3)).unwrap();
        assert!(many > 40, "{many}");
        let record = |n: usize| serde_json::json!({"Id": n, "l": [{"k": 1}, {"k": 2}]});
        let records: Vec<_> = (0..200).map(record).collect();
        let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
        for text in [
            lines,
            serde_json::to_string(&records).unwrap(),
            serde_json::to_string_pretty(&records).unwrap(),
        ] {
            let asked = (&["Id", "l[*].k"][..], None);
            let many = agree(text.as_bytes(), &json_format(&[]), asked, (200, 3)).unwrap();
            assert!(many > 20, "{many} {text:.40}");
        }
    }
}
