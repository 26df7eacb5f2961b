//! Which stretch of time a log covers. A log too short never proves disuse.

use std::collections::BTreeMap;

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
    /// Where nobody asks for silence in between, nothing.
    days: Option<Days>,
}

/// The days that have a row, as stretches between which the log is silent for too long: a whole log
/// is one, so that a year of days is not gone through for each record that no row of it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Days {
    /// How many days without a row are still no silence.
    longest: i64,
    /// The first day of a stretch, counted from 1970, and its last.
    stretches: BTreeMap<i64, i64>,
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
    /// A log of one row, in which more than so long without one is silence, where that counts.
    #[must_use]
    pub fn new(at: Instant, longest: Option<Period>) -> Self {
        Self {
            window: Window::with(None, at),
            days: longest.map(|longest| Days {
                longest: longest.seconds().div_euclid(DAY),
                stretches: BTreeMap::from([(day(at), day(at))]),
            }),
        }
    }

    /// Takes in another row.
    pub fn add(&mut self, at: Instant) {
        self.window = Window::with(Some(self.window), at);
        if let Some(days) = &mut self.days {
            days.add(day(at), day(at));
        }
    }

    /// Takes in the rows of another part.
    pub fn absorb(&mut self, other: &Self) {
        self.window = self.window.union(other.window);
        if let (Some(mine), Some(theirs)) = (&mut self.days, &other.days) {
            for (from, to) in &theirs.stretches {
                mine.add(*from, *to);
            }
        }
    }

    /// The first silence between two moments. What the policy declares is not silent.
    #[must_use]
    pub fn silence(&self, within: Window, declared: Option<Window>) -> Option<Silence> {
        let days = self.days.as_ref()?;
        let (first, last) = (day(within.from), day(within.to));
        let declared = declared.map(|window| (day(window.from), day(window.to)));
        let mut told: Vec<(i64, i64)> = days.between(first, last).collect();
        if let Some(declared) = declared.filter(|(from, to)| *from <= last && *to >= first) {
            told.push(declared);
            told.sort_unstable();
        }
        // What ends at the last moment is for the log's end to say.
        let mut next = first;
        for (from, to) in told {
            if from - next > days.longest {
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

impl Days {
    /// Takes in a stretch, which joins those that it lies near enough to.
    fn add(&mut self, mut from: i64, mut to: i64) {
        let near = self.longest + 1;
        // From the last one that begins near enough, back to the first that ends so.
        while let Some((&start, &end)) = self.stretches.range(..=to + near).next_back() {
            if end + near < from {
                break;
            }
            // Rows mostly follow each other.
            if start <= from && to <= end {
                return;
            }
            self.stretches.remove(&start);
            (from, to) = (from.min(start), to.max(end));
        }
        self.stretches.insert(from, to);
    }

    /// The stretches that reach into the days from the first to the last.
    fn between(&self, first: i64, last: i64) -> impl Iterator<Item = (i64, i64)> {
        let before = self.stretches.range(..first).next_back();
        let whole = before.into_iter().chain(self.stretches.range(first..=last));
        whole
            .map(|(from, to)| (*from, *to))
            .filter(move |(_, to)| *to >= first)
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
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Log, Silence, Window};
    use crate::model::{DAY, Instant, Period};

    #[test]
    fn days_without_a_row_between_rows_are_silence_unless_they_are_declared() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let window = |from, to| Window {
            from: at(from),
            to: at(to),
        };
        let rows = [
            "2026-11-19",
            "2026-11-01",
            "2026-11-09",
            "2026-11-12T23:00:00Z",
        ];
        let log = |longest| {
            let mut log = Log::new(at(rows[0]), Some(Period::from_days(longest)));
            rows.iter().for_each(|row| log.add(at(row)));
            log
        };
        let month = window("2026-11-01", "2026-11-20");
        let silence = Silence {
            from: at("2026-11-02"),
            to: at("2026-11-08"),
        };
        assert_eq!(log(7).silence(month, None), None);
        assert_eq!(log(6).silence(month, None), Some(silence));
        for declared in [("2026-11-03", "2026-11-05"), ("2026-10-01", "2026-11-30")] {
            let declared = Some(window(declared.0, declared.1));
            assert_eq!(log(6).silence(month, declared), None);
        }
        // Only what lies within counts.
        let late = window("2026-11-05", "2026-11-20");
        assert_eq!(log(6).silence(late, None), None);
    }

    proptest! {
        #[test]
        fn silence_is_what_going_through_every_day_finds(
            parts in vec(vec(0_i64..120, 1..12), 1..4),
            longest in 0_i64..12,
            (from, spans) in (0_i64..120, 0_i64..120),
        ) {
            let at = |day: i64| Instant::from_seconds(day * DAY);
            let to = from + spans;
            let logs: Vec<Log> = parts
                .iter()
                .map(|days| {
                    let mut log = Log::new(at(days[0]), Some(Period::from_days(longest)));
                    days.iter().for_each(|day| log.add(at(*day)));
                    log
                })
                .collect();
            let mut whole = logs[0].clone();
            logs.iter().for_each(|part| whole.absorb(part));

            let days: BTreeSet<i64> = parts.into_iter().flatten().collect();
            let mut next = from;
            let mut expected = None;
            for day in days.into_iter().filter(|day| (from..=to).contains(day)) {
                if day - next > longest && expected.is_none() {
                    expected = Some(Silence { from: at(next), to: at(day - 1) });
                }
                next = day + 1;
            }
            let within = Window { from: at(from), to: at(to) };
            prop_assert_eq!(whole.silence(within, None), expected);
        }
    }
}
