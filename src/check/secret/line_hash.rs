//! GitHub's `primaryLocationLineHash`: what code scanning follows an alert by when lines move.
//!
//! Of a line: the polynomial (base 37, modulo 2^64) of the 100 UTF-16 units from its start on that
//! are neither space nor tab, running over line ends; CR LF and CR count as LF; the end of the file
//! is one unit 0xFFFF, and after it come zeros. Written as hexadecimal, then `:` and the how-many-th
//! line of the file with that value it is. The upload action computes the same over the raw bytes
//! read as UTF-8, so this takes the file as it lies, whatever its encoding.

use std::collections::HashMap;

/// Units in a line's hash.
const WINDOW: usize = 100;
const BASE: u64 = 37;
const END_OF_FILE: u16 = 0xFFFF;
const CR: u16 = b'\r' as u16;
const LF: u16 = b'\n' as u16;

/// The hashes of some lines (numbered from 1, ascending). A line that the file does not have gets
/// None.
#[must_use]
pub fn line_hashes(bytes: &[u8], lines: &[u32]) -> Vec<Option<String>> {
    let mut roller = Roller::new(lines);
    for chunk in bytes.utf8_chunks() {
        for unit in chunk.valid().encode_utf16() {
            roller.take(unit);
            // Once a line is enough to ask: behind the last that is wanted may stand megabytes.
            if unit == LF && roller.done() {
                return roller.found;
            }
        }
        if !chunk.invalid().is_empty() {
            roller.take(0xFFFD);
        }
    }
    roller.take(END_OF_FILE);
    for _ in 0..WINDOW {
        roller.roll(0);
    }
    roller.found
}

struct Roller<'l> {
    wanted: &'l [u32],
    found: Vec<Option<String>>,
    /// The last 100 units and, for those that start a line, its number (else 0).
    window: [(u16, u32); WINDOW],
    at: usize,
    hash: u64,
    /// What a unit has grown to when it leaves the window.
    leaving: u64,
    line: u32,
    line_start: bool,
    after_cr: bool,
    counts: HashMap<u64, u32>,
}

impl<'l> Roller<'l> {
    fn new(wanted: &'l [u32]) -> Self {
        Self {
            wanted,
            found: vec![None; wanted.len()],
            window: [(0, 0); WINDOW],
            at: 0,
            hash: 0,
            leaving: (0..WINDOW).fold(1, |power: u64, _| power.wrapping_mul(BASE)),
            line: 0,
            line_start: true,
            after_cr: false,
            counts: HashMap::new(),
        }
    }

    fn done(&self) -> bool {
        self.found.last().is_none_or(Option::is_some)
    }

    fn take(&mut self, unit: u16) {
        let after_cr = std::mem::replace(&mut self.after_cr, unit == CR);
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || (after_cr && unit == LF) {
            return;
        }
        let unit = if unit == CR { LF } else { unit };
        if self.line_start {
            self.line = self.line.saturating_add(1);
        }
        let started = if self.line_start { self.line } else { 0 };
        self.line_start = unit == LF;
        self.roll(unit);
        let newest = (self.at + WINDOW - 1) % WINDOW;
        if let Some(slot) = self.window.get_mut(newest) {
            slot.1 = started;
        }
    }

    /// Moves the window on by one unit. The line whose start leaves it is complete.
    fn roll(&mut self, unit: u16) {
        let Some(slot) = self.window.get_mut(self.at) else {
            return;
        };
        let (oldest, line) = std::mem::replace(slot, (unit, 0));
        if line > 0 {
            self.complete(line);
        }
        self.hash = self
            .hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.leaving.wrapping_mul(u64::from(oldest)));
        self.at = (self.at + 1) % WINDOW;
    }

    fn complete(&mut self, line: u32) {
        let count = self.counts.entry(self.hash).or_insert(0);
        *count += 1;
        // Wanted lines may repeat: two secrets on one line.
        let first = self.wanted.partition_point(|wanted| *wanted < line);
        let same = self.wanted.iter().zip(&mut self.found).skip(first);
        for (_, found) in same.take_while(|(wanted, _)| **wanted == line) {
            *found = Some(format!("{:x}:{count}", self.hash));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line_hashes;

    /// All lines of a text, by the definition instead of by rolling.
    fn by_definition(text: &str) -> Vec<String> {
        let (mut units, mut starts) = (Vec::new(), vec![]);
        let mut start = true;
        let folded = text.replace("\r\n", "\n").replace('\r', "\n");
        for unit in folded.encode_utf16().chain([0xFFFF]) {
            if unit == 32 || unit == 9 {
                continue;
            }
            if start {
                starts.push(units.len());
            }
            start = unit == 10;
            units.push(u64::from(unit));
        }
        units.extend([0; 100]);
        let mut seen: Vec<u64> = Vec::new();
        let hash = |at: &usize| {
            let of_line = units[*at..at + 100].iter();
            of_line.fold(0_u64, |h, u| h.wrapping_mul(37).wrapping_add(*u))
        };
        starts
            .iter()
            .map(hash)
            .map(|h| {
                seen.push(h);
                format!("{h:x}:{}", seen.iter().filter(|s| **s == h).count())
            })
            .collect()
    }

    fn all(text: &str) -> Vec<String> {
        let lines: Vec<u32> = (1..=by_definition(text).len() as u32).collect();
        let found = line_hashes(text.as_bytes(), &lines);
        found.into_iter().map(Option::unwrap).collect()
    }

    #[test]
    fn the_empty_file_is_the_end_mark_times_37_to_the_99th() {
        assert_eq!(all(""), ["c129715d7a2bc9a3:1"]);
    }

    #[test]
    fn rolling_agrees_with_the_definition() {
        let long = "x".repeat(300) + "\n" + &"same line\n".repeat(40);
        for text in [
            "",
            "\n",
            "a",
            "a\n",
            "\na\nb\n",
            "\ra\rb\r",
            "\r\na\r\nb\r\n",
            "    hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            "x\r\r\ny\n\rz",
            "😀 é\nsecond",
            &long,
        ] {
            assert_eq!(all(text), by_definition(text), "{text:?}");
        }
    }

    #[test]
    fn line_ends_and_blanks_do_not_count() {
        let expected = all("let a = 1;\nlet b = 2;\n");
        assert_eq!(all("let a = 1;\r\nlet b = 2;\r\n"), expected);
        assert_eq!(all("let a = 1;\rlet b = 2;\r"), expected);
        assert_eq!(all("\tlet a=1;  \n\tlet b=2;\t\n"), expected);
        assert_ne!(all("let a = 1;\nlet b = 2;"), expected);
    }

    #[test]
    fn equal_lines_are_counted() {
        let hashes = all(&("same line of some length, repeated\n".repeat(9)));
        assert!(
            hashes[0].ends_with(":1") && hashes[1].ends_with(":2"),
            "{hashes:?}"
        );
        assert_eq!(hashes[0].split(':').next(), hashes[1].split(':').next());
    }

    #[test]
    fn a_line_that_is_not_there_has_no_hash_and_a_wanted_one_may_repeat() {
        let found = line_hashes(b"a\nb\n", &[2, 2, 9]);
        assert!(found[0].is_some() && found[0] == found[1] && found[2].is_none());
    }

    #[test]
    fn bytes_that_are_not_utf_8_count_as_one_replacement_each() {
        assert_eq!(
            line_hashes(b"a\xFFb", &[1])[0],
            Some(all("a\u{FFFD}b")[0].clone())
        );
    }
}
