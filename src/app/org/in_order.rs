//! Puts parts that several threads make into one order.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What takes the parts.
type Take<'t, P> = Box<dyn FnMut(P) + Send + 't>;

/// Takes parts in the order in which they come, and gives them on in that of their numbers.
pub(super) struct InOrder<'t, P> {
    /// So many parts wait for one that comes before them; whoever brings one more waits itself.
    room: u64,
    waiting: Mutex<Waiting<'t, P>>,
    moved: Condvar,
}

struct Waiting<'t, P> {
    next: u64,
    parts: BTreeMap<u64, P>,
    take: Take<'t, P>,
    fault: Option<Box<dyn Any + Send>>,
}

impl<'t, P> InOrder<'t, P> {
    /// Nothing yet; `take` gets the parts.
    pub(super) fn new(room: u64, take: impl FnMut(P) + Send + 't) -> Self {
        Self {
            room,
            waiting: Mutex::new(Waiting {
                next: 0,
                parts: BTreeMap::new(),
                take: Box::new(take),
                fault: None,
            }),
            moved: Condvar::new(),
        }
    }

    /// Takes a part. Whoever makes the one that all others wait for must not wait for anything.
    pub(super) fn put(&self, number: u64, part: P) {
        let mut guard = self.locked();
        while number > guard.next.saturating_add(self.room) && guard.fault.is_none() {
            let woken = self.moved.wait(guard);
            guard = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let waiting = &mut *guard;
        waiting.parts.insert(number, part);
        while let Some(part) = waiting.parts.remove(&waiting.next) {
            waiting.next += 1;
            (waiting.take)(part);
        }
        drop(guard);
        self.moved.notify_all();
    }

    /// Says that a part will never come, for this reason: nobody waits for it any longer.
    pub(super) fn fail(&self, fault: Box<dyn Any + Send>) {
        self.locked().fault.get_or_insert(fault);
        self.moved.notify_all();
    }

    /// Why a part did not come, if one did not.
    pub(super) fn fault(self) -> Option<Box<dyn Any + Send>> {
        let waiting = self.waiting.into_inner();
        waiting.unwrap_or_else(PoisonError::into_inner).fault
    }

    /// Whether parts are still of use.
    pub(super) fn goes_on(&self) -> bool {
        self.locked().fault.is_none()
    }

    fn locked(&self) -> MutexGuard<'_, Waiting<'t, P>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::InOrder;

    #[test]
    fn parts_come_out_in_their_order_however_many_threads_make_them() {
        for (threads, room) in [(1, 0), (2, 0), (4, 1), (8, 8)] {
            let mut taken = Vec::new();
            let next = AtomicU64::new(0);
            let order = InOrder::new(room, |part| taken.push(part));
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        loop {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            if number >= 500 {
                                return;
                            }
                            if number.is_multiple_of(7) {
                                thread::yield_now();
                            }
                            order.put(number, number);
                        }
                    });
                }
            });
            assert!(order.fault().is_none());
            assert!(taken.iter().copied().eq(0..500));
        }
    }

    #[test]
    fn nobody_waits_for_a_part_that_never_comes() {
        let mut taken = Vec::new();
        let order = InOrder::new(0, |part| taken.push(part));
        thread::scope(|scope| {
            for number in 1..4 {
                let order = &order;
                scope.spawn(move || order.put(number, number));
            }
            assert!(order.goes_on());
            order.fail(Box::new("a fault"));
        });
        assert!(!order.goes_on());
        assert_eq!(order.fault().unwrap().downcast_ref(), Some(&"a fault"));
        assert!(taken.is_empty());
    }
}
