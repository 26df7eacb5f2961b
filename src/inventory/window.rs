//! Which stretch of time a log covers. A log too short never proves disuse.

use crate::model::{Instant, Period, RecordTypeId};

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
