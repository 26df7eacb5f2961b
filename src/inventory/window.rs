//! Which stretch of time a log covers. A log too short never proves disuse.

use std::collections::BTreeSet;

use crate::model::{DAY, Instant, Period, RecordTypeId};

/// From when to when a log is known to hold everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub from: Instant,
    /// The last moment.
    pub to: Instant,
}

/// A window that the policy file declares, for logs whose rows alone cannot show it (a quiet
/// system writes no rows).
#[derive(Debug, Clone)]
pub struct DeclaredWindow {
    /// The type of record.
    pub record: RecordTypeId,
    /// The window.
    pub window: Window,
    /// Who says so.
    pub declared_by: String,
}

/// What the rows of a log show of the time that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// From its first row to its last.
    pub window: Window,
    /// The days that have a row, counted from 1970; none where nobody asks for silence in between.
    days: BTreeSet<i64>,
}

/// Days without a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The first of them.
    pub from: Instant,
    /// The last.
    pub to: Instant,
}

impl Log {
    /// A log of one row, of which days count or do not.
    #[must_use]
    pub fn new(at: Instant, days: bool) -> Self {
        Self {
            window: Window::with(None, at),
            days: days.then(|| day(at)).into_iter().collect(),
        }
    }

    /// Takes in another row.
    pub fn add(&mut self, at: Instant, days: bool) {
        self.window = Window::with(Some(self.window), at);
        // Rows of a day mostly follow each other.
        if days && self.days.last() != Some(&day(at)) {
            self.days.insert(day(at));
        }
    }

    /// Takes in the rows of another part.
    pub fn absorb(&mut self, other: Self) {
        self.window = self.window.union(other.window);
        self.days.extend(other.days);
    }

    /// The first silence of more than so many days between two moments. What the policy declares is
    /// not silent.
    #[must_use]
    pub fn silence(
        &self,
        within: Window,
        longest: Period,
        declared: Option<Window>,
    ) -> Option<Silence> {
        let (first, last) = (day(within.from), day(within.to));
        let longest = longest.seconds().div_euclid(DAY);
        let declared = declared.map(|window| (day(window.from), day(window.to)));
        let mut told: Vec<(i64, i64)> = self.days.range(first..=last).map(|d| (*d, *d)).collect();
        told.extend(declared.filter(|(from, to)| *from <= last && *to >= first));
        told.sort_unstable();
        // What ends at the last moment is for the log's end to say.
        let mut next = first;
        for (from, to) in told {
            if from - next > longest {
                let at = |day: i64| Instant::from_seconds(day.saturating_mul(DAY));
                return Some(Silence {
                    from: at(next),
                    to: at(from - 1),
                });
            }
            next = next.max(to + 1);
        }
        None
    }
}

fn day(at: Instant) -> i64 {
    at.seconds().div_euclid(DAY)
}

impl Window {
    /// The smallest window that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }

    /// The window with one more row in it.
    #[must_use]
    pub fn with(window: Option<Self>, at: Instant) -> Self {
        let row = Self { from: at, to: at };
        window.map_or(row, |w| w.union(row))
    }

    /// Whether it reaches back `spans` from the audit date and ends at most `until` before it.
    #[must_use]
    pub fn covers(self, as_of: Instant, spans: Period, until: Period) -> bool {
        self.from <= as_of - spans && self.to >= as_of - until
    }

    /// How many whole days before the audit date it begins, for telling how short a log is.
    #[must_use]
    pub fn days_back(self, as_of: Instant) -> i64 {
        as_of.days_since(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, Silence, Window};
    use crate::model::{Instant, Period};

    #[test]
    fn days_without_a_row_between_rows_are_silence_unless_they_are_declared() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let mut log = Log::new(at("2026-11-19"), true);
        for day in ["2026-11-01", "2026-11-09", "2026-11-12T23:00:00Z"] {
            log.add(at(day), true);
        }
        let window = |from, to| Window {
            from: at(from),
            to: at(to),
        };
        let month = window("2026-11-01", "2026-11-20");
        let days = Period::from_days;
        let silence = Silence {
            from: at("2026-11-02"),
            to: at("2026-11-08"),
        };
        assert_eq!(log.silence(month, days(7), None), None);
        assert_eq!(log.silence(month, days(6), None), Some(silence));
        for declared in [("2026-11-03", "2026-11-05"), ("2026-10-01", "2026-11-30")] {
            let declared = Some(window(declared.0, declared.1));
            assert_eq!(log.silence(month, days(6), declared), None);
        }
        // Only what lies within counts.
        let late = window("2026-11-05", "2026-11-20");
        assert_eq!(log.silence(late, days(6), None), None);
    }
}
