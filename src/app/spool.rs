//! Findings on their way from many threads into one order.

use std::cmp::Ordering;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::model::Finding;
use crate::store::{Found, HELD, Sorted, Sorter};

/// Takes findings of many threads; those of one fingerprint come out side by side.
#[derive(Debug)]
pub(super) struct Spool(Mutex<Result<Sorter<Found>, io::Error>>);

impl Default for Spool {
    fn default() -> Self {
        Self(Mutex::new(Ok(Sorter::new(order, HELD))))
    }
}

/// By fingerprint, then as they are to be merged.
fn order(a: &Found, b: &Found) -> Ordering {
    let key = |found: &Found| (found.finding.fingerprint, found.turn);
    let place = || a.finding.location.cmp(&b.finding.location);
    let (one, other) = (key(a), key(b));
    one.0
        .cmp(&other.0)
        .then_with(place)
        .then(one.1.cmp(&other.1))
}

/// Numbers the findings of one file, so that their order does not depend on that of the threads.
pub(super) struct Turns<'s> {
    spool: &'s Spool,
    next: u64,
}

impl Turns<'_> {
    /// Takes a finding.
    pub(super) fn take(&mut self, finding: Box<Finding>) {
        let turn = self.next;
        self.next += 1;
        let mut sorter = self.spool.0.lock().unwrap_or_else(PoisonError::into_inner);
        // After a fault nothing can come of it any more; `finish` tells.
        if let Ok(open) = &mut *sorter
            && let Err(fault) = open.push(Found { finding, turn })
        {
            *sorter = Err(fault);
        }
    }
}

impl Spool {
    /// Takes the findings of a file, or of a stage that looks at none.
    pub(super) const fn turns(&self) -> Turns<'_> {
        Turns {
            spool: self,
            next: 0,
        }
    }

    /// Everything, in order.
    ///
    /// # Errors
    /// When something had no room in memory and could not be put on the disk: it is lost.
    pub(super) fn finish(self) -> io::Result<Sorted<Found>> {
        let sorter = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        sorter?.finish()
    }
}
