//! How a report stands to results of before: what each of them had, and since when each finding is
//! known. Made once by `app`; what is told of it here is only in words.

use std::collections::HashMap;

use super::visible::{Count, number};
use crate::model::{Fingerprint, Instant, Severity};

/// The results of before and the report itself.
#[derive(Debug, Default)]
pub struct Trend {
    /// Oldest first; the last is the report.
    pub points: Vec<Point>,
    /// In which result each finding of the report was seen first.
    pub first: HashMap<Fingerprint, First>,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The audit date.
    pub as_of: Instant,
    /// Findings that count, by severity from the lowest.
    pub open: [u64; Severity::ALL.len()],
    /// Findings that do not count.
    pub accepted: u64,
    /// What changed since the result before; none for the oldest.
    pub since: Option<Since>,
    /// Files offered to the scan.
    pub files: u64,
    /// Records judged.
    pub records: u64,
    /// Inputs that could not be checked.
    pub problems: u64,
    /// Why fewer findings need be no progress: what it could not see, or asked otherwise than the
    /// result before.
    pub doubts: Vec<String>,
}

/// What changed from one result to the next, in findings that count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Since {
    /// Not there before, or accepted before.
    pub new: u64,
    /// Gone, and proven.
    pub fixed: u64,
    /// Gone, and not proven.
    pub unproven: u64,
    /// There before.
    pub still: u64,
    /// Counted before, accepted now.
    pub accepted: u64,
}

/// When a finding was seen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// The place of the result in [`Trend::points`].
    pub point: usize,
    /// Whether it was fixed at some time before that.
    pub again: bool,
}

impl Point {
    /// How many findings count.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.open
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

impl Trend {
    /// Where in [`Trend::points`] the report stands.
    #[must_use]
    pub const fn last(&self) -> usize {
        self.points.len().saturating_sub(1)
    }

    /// How a result is called: by its day, or by its time where another is of the same day.
    #[must_use]
    pub fn called(&self, index: usize) -> String {
        let Some(point) = self.points.get(index) else {
            return String::new();
        };
        let day = point.as_of.date();
        let alone = |(other, point): (usize, &Point)| other == index || point.as_of.date() != day;
        let name = if self.points.iter().enumerate().all(alone) {
            day
        } else {
            point.as_of.text()
        };
        // The report may be as of the very time of a result that was named as earlier.
        let before = self.points.get(index.wrapping_sub(1));
        if before.is_some_and(|before| before.as_of == point.as_of) {
            format!("{name} (this report)")
        } else {
            name
        }
    }

    /// What changed since the result before, in one line.
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        let last = self.last();
        let since = self.points.get(last)?.since?;
        let mut text = format!(
            "since {}: {} new, {} fixed, {} still open",
            self.called(last.checked_sub(1)?),
            since.new,
            since.fixed,
            since.still
        );
        for (count, what) in [
            (since.accepted, "accepted now"),
            (since.unproven, "gone without proof"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        Some(text)
    }

    /// Of the report, why fewer findings need be no progress, in one line.
    #[must_use]
    pub fn doubted(&self) -> Option<String> {
        let doubts = &self.points.get(self.last())?.doubts;
        (!doubts.is_empty()).then(|| doubts.join("; "))
    }

    /// Since when a finding of the report is known, in words.
    #[must_use]
    pub fn known_since(&self, fingerprint: Fingerprint) -> Option<String> {
        let first = self.first.get(&fingerprint)?;
        let called = self.called(first.point);
        let again = if first.again {
            ", after it had been fixed"
        } else {
            ""
        };
        Some(match first.point {
            0 => format!("{called} or before"),
            point if point == self.last() => {
                let before = self.called(point.saturating_sub(1));
                format!("{called}: new since {before}{again}")
            }
            point => {
                let results = number(self.points.len().saturating_sub(point));
                format!("{called}{again}, {} ago", Count(results - 1, "result"))
            }
        })
    }
}
