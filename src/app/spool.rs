//! Findings on their way from many threads into one order.

use std::cmp::Ordering;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::model::Finding;
use crate::store::{Found, HELD, Sorted, Sorter};

use super::options::Secrets;

/// Takes findings of many threads; those of one fingerprint come out side by side.
#[derive(Debug)]
pub(super) struct Spool {
    /// Whether a report is to show secrets.
    secrets: Secrets,
    sorter: Mutex<Result<Sorter<Found>, io::Error>>,
}

impl Default for Spool {
    fn default() -> Self {
        Self::new(Secrets::Redacted)
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
    /// Takes a finding. Unless a report is to show it, the value of its secret is not held any
    /// longer.
    pub(super) fn take(&mut self, mut finding: Box<Finding>) {
        if self.spool.secrets == Secrets::Redacted {
            finding.secret = finding.secret.map(|secret| secret.as_hint());
        }
        let turn = self.next;
        self.next += 1;
        let mut sorter = self
            .spool
            .sorter
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // After a fault nothing can come of it any more; `finish` tells.
        if let Ok(open) = &mut *sorter
            && let Err(fault) = open.push(Found { finding, turn })
        {
            *sorter = Err(fault);
        }
    }
}

impl Spool {
    /// Nothing yet.
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            sorter: Mutex::new(Ok(Sorter::new(order, HELD))),
        }
    }

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
        let sorter = self
            .sorter
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        sorter?.finish()
    }
}
