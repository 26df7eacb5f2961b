//! The related rows of one key in the order of time, to find the one before or after a moment.

use crate::model::{Instant, OwnedValue};
use crate::rule::relation::Side;

/// One row.
#[derive(Debug, Clone)]
pub struct Dated {
    /// Its time.
    pub at: Instant,
    /// Whom it is about: a hash of the fields that name it.
    pub subject: u64,
    /// The fields that the rule reads, in the rule's order.
    pub values: Vec<OwnedValue>,
}

/// Rows in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Timeline(Vec<Dated>);

impl Timeline {
    pub(super) fn push(&mut self, row: Dated) {
        self.0.push(row);
    }

    /// Brings the rows into order once all are there. A row that is there twice stays once.
    pub(super) fn settle(&mut self) {
        self.0.sort_by_key(|row| (row.at, row.subject));
        self.0.dedup_by_key(|row| (row.at, row.subject));
    }

    pub(super) fn absorb(&mut self, other: Self) {
        if !other.0.is_empty() {
            self.0.extend(other.0);
            self.settle();
        }
    }

    /// The row nearest to a moment on one side of it. One of that very moment is on either side;
    /// the subject's own row is on neither.
    #[must_use]
    pub fn nearest(&self, side: Side, moment: Instant, own: Option<u64>) -> Option<&Dated> {
        let other = |row: &&Dated| own != Some(row.subject);
        match side {
            Side::Previous => {
                let end = self.0.partition_point(|row| row.at <= moment);
                self.0.get(..end)?.iter().rev().find(other)
            }
            Side::Next => {
                let start = self.0.partition_point(|row| row.at < moment);
                self.0.get(start..)?.iter().find(other)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(seconds)
    }

    fn timeline(rows: &[(i64, u64)]) -> Timeline {
        let mut timeline = Timeline::default();
        for (seconds, subject) in rows {
            timeline.push(Dated {
                at: at(*seconds),
                subject: *subject,
                values: Vec::new(),
            });
        }
        timeline.settle();
        timeline
    }

    fn subject(row: Option<&Dated>) -> Option<u64> {
        row.map(|row| row.subject)
    }

    #[test]
    fn the_nearest_row_lies_before_or_after_and_one_of_the_moment_on_either_side() {
        let rows = timeline(&[(30, 3), (10, 1), (20, 2)]);
        let found = |side, moment| subject(rows.nearest(side, at(moment), None));
        assert_eq!(found(Side::Previous, 25), Some(2));
        assert_eq!(found(Side::Next, 25), Some(3));
        assert_eq!(found(Side::Previous, 20), Some(2));
        assert_eq!(found(Side::Next, 20), Some(2));
        assert_eq!(found(Side::Previous, 9), None);
        assert_eq!(found(Side::Next, 31), None);
    }

    #[test]
    fn no_row_is_nearest_to_itself() {
        let rows = timeline(&[(10, 1), (10, 2), (20, 3)]);
        assert_eq!(subject(rows.nearest(Side::Next, at(10), Some(1))), Some(2));
        assert_eq!(
            subject(rows.nearest(Side::Previous, at(20), Some(3))),
            Some(2)
        );
        assert_eq!(subject(rows.nearest(Side::Next, at(20), Some(3))), None);
    }

    #[test]
    fn parts_of_the_input_come_together_in_the_order_of_time() {
        let mut rows = timeline(&[(10, 1), (30, 3)]);
        rows.absorb(timeline(&[(20, 2)]));
        assert_eq!(subject(rows.nearest(Side::Next, at(11), None)), Some(2));
        assert_eq!(subject(rows.nearest(Side::Previous, at(29), None)), Some(2));
    }
}
