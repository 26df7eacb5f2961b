//! Which rotations come when, and how to spread those that would fall into one week. Plain
//! arithmetic over items: no input, no output.

use std::collections::BTreeMap;

use crate::model::{DAY, Grade, Instant, When};

use super::fact::Fact;
use super::item::{Inventory, Item, Known};

/// A rotation that is due.
#[derive(Debug, Clone, Copy)]
pub struct Due<'i> {
    /// What is to be rotated.
    pub item: Item<'i>,
    /// The last moment for it.
    pub by: Instant,
    /// How well that is proven.
    pub grade: Grade,
    /// Why then.
    pub why: Why,
    /// A day on or before `by` on which it falls into a week with room; `by` itself where its week
    /// has room. What is overdue is proposed for the audit date.
    pub proposed: Instant,
}

/// Why a rotation is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is planned, or follows from the cadence.
    Planned,
    /// It stops working then.
    Ends,
}

/// Every rotation that is due, the first one first.
#[derive(Debug)]
pub struct Calendar<'i> {
    /// The rotations, by when they are due and then by id.
    pub due: Vec<Due<'i>>,
    /// From how many rotations on a week is too full.
    pub limit: usize,
}

impl<'i> Calendar<'i> {
    /// The rotations of an inventory as of a day. Items that no longer work need none.
    #[must_use]
    pub fn new(inventory: &'i Inventory, as_of: Instant, limit: usize) -> Self {
        let items = inventory
            .items()
            .filter(|item| item.rotates() && item.state(as_of).is_live() && !item.is_later(as_of));
        let mut due: Vec<Due<'i>> = items.filter_map(due).collect();
        due.sort_by_cached_key(|due| (due.by, due.item.id()));
        spread(&mut due, as_of, limit);
        Self { due, limit }
    }

    /// The weeks that are too full, by their Mondays, with how many rotations each has.
    #[must_use]
    pub fn full_weeks(&self) -> Vec<(Instant, usize)> {
        let mut weeks: BTreeMap<Instant, usize> = BTreeMap::new();
        for due in &self.due {
            *weeks.entry(monday(due.by)).or_default() += 1;
        }
        weeks
            .into_iter()
            .filter(|(_, count)| *count >= self.limit)
            .collect()
    }
}

/// When an item is to be rotated: as planned, and before it ends. Nothing is proposed yet.
#[must_use]
pub fn due(item: Item<'_>) -> Option<Due<'_>> {
    let known = |known: Option<Known<When>>| match known? {
        Known {
            value: When::Known(by),
            grade,
        } => Some((by, grade)),
        Known {
            value: When::Never, ..
        } => None,
    };
    let planned = known(item.next_rotation()).map(|(by, grade)| (by, grade, Why::Planned));
    let ends = known(item.deadline(Fact::Expires)).map(|(by, grade)| (by, grade, Why::Ends));
    let (by, grade, why) = match (planned, ends) {
        (Some(planned), Some(ends)) if ends.0 < planned.0 => ends,
        (planned, ends) => planned.or(ends)?,
    };
    Some(Due {
        item,
        by,
        grade,
        why,
        proposed: by,
    })
}

/// Moves what is too much for a week into the nearest earlier weeks with room, so that every
/// deadline holds; those that are due last move last. Where no week since the audit date has room,
/// a rotation stays.
fn spread(all: &mut [Due<'_>], as_of: Instant, limit: usize) {
    let room = limit.saturating_sub(1).max(1);
    let mut weeks: BTreeMap<Instant, usize> = BTreeMap::new();
    // From the last to the first: an earlier deadline has fewer weeks to choose from, and finds
    // those filled only as far as the later ones could not avoid it.
    for due in all.iter_mut().rev() {
        if due.by < as_of {
            due.proposed = as_of;
            continue;
        }
        let own = monday(due.by);
        let first = monday(as_of);
        let mut week = own;
        while weeks.get(&week).copied().unwrap_or(0) >= room && week > first {
            week = Instant::from_seconds(week.seconds().saturating_sub(7 * DAY));
        }
        if weeks.get(&week).copied().unwrap_or(0) >= room {
            week = own;
        }
        *weeks.entry(week).or_default() += 1;
        if week < own {
            let back = own.seconds().saturating_sub(week.seconds());
            let moved = Instant::from_seconds(due.by.seconds().saturating_sub(back));
            due.proposed = moved.max(as_of);
        }
    }
}

/// The start of the Monday of an instant's week, in UTC. 1970-01-01 was a Thursday.
#[must_use]
pub fn monday(at: Instant) -> Instant {
    let day = at.seconds().div_euclid(DAY);
    let monday = day - (day + 3).rem_euclid(7);
    Instant::from_seconds(monday.saturating_mul(DAY))
}
