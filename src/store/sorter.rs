//! Sorts any number of things in little memory, and gives them back in order, as often as wanted.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;
use std::slice;
use std::sync::OnceLock;

use super::codec::Stored;
use super::runs::{Run, Runs};

/// How two things follow each other. Things that are equal keep the order in which they came.
type Order<T> = fn(&T, &T) -> Ordering;

/// Things on their way into order.
#[derive(Debug)]
pub struct Sorter<T> {
    order: Order<T>,
    limit: usize,
    held: Vec<T>,
    /// About how many bytes `held` takes.
    weight: usize,
    length: usize,
    runs: Option<Runs>,
}

impl<T: Stored> Sorter<T> {
    /// A sorter that holds about so many bytes, and puts what is more on the disk.
    #[must_use]
    pub const fn new(order: Order<T>, limit: usize) -> Self {
        Self {
            order,
            limit,
            held: Vec::new(),
            weight: 0,
            length: 0,
            runs: None,
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// When it has no room in memory, and the disk takes no more either. It is lost, and nothing
    /// that comes of the others is whole.
    pub fn push(&mut self, item: T) -> io::Result<()> {
        self.weight = self.weight.saturating_add(item.weight());
        self.held.push(item);
        self.length += 1;
        if self.weight > self.limit {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_by(self.order);
        let runs = match &mut self.runs {
            Some(runs) => runs,
            none => none.insert(Runs::new()?),
        };
        runs.add(&self.held)?;
        self.held.clear();
        self.weight = 0;
        Ok(())
    }

    /// Everything in order.
    ///
    /// # Errors
    /// When the disk takes no more.
    pub fn finish(mut self) -> io::Result<Sorted<T>> {
        if self.runs.is_some() && !self.held.is_empty() {
            self.spill()?;
        }
        self.held.sort_by(self.order);
        Ok(Sorted {
            order: self.order,
            length: self.length,
            kept: match self.runs {
                Some(runs) => Kept::Disk(runs),
                None => Kept::Memory(self.held),
            },
            fault: OnceLock::new(),
        })
    }
}

/// Things in order.
#[derive(Debug)]
pub struct Sorted<T> {
    order: Order<T>,
    length: usize,
    kept: Kept<T>,
    fault: OnceLock<io::Error>,
}

#[derive(Debug)]
enum Kept<T> {
    Memory(Vec<T>),
    Disk(Runs),
}

impl<T: Stored> Sorted<T> {
    /// Things that memory has room for.
    #[must_use]
    pub fn held(mut all: Vec<T>, order: Order<T>) -> Self {
        all.sort_by(order);
        Self {
            order,
            length: all.len(),
            kept: Kept::Memory(all),
            fault: OnceLock::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether they wait on the disk.
    #[must_use]
    pub const fn is_on_disk(&self) -> bool {
        matches!(self.kept, Kept::Disk(_))
    }

    /// Why some of them could not be read back. Whoever reads them asks for this afterwards: where
    /// there is a fault, the iterator has ended before its end.
    #[must_use]
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.get()
    }

    /// One after another.
    #[must_use]
    pub fn iter(&self) -> SortedIter<'_, T> {
        SortedIter(match &self.kept {
            Kept::Memory(all) => Source::Memory(all.iter()),
            Kept::Disk(runs) => match Merge::new(runs, self.order) {
                Ok(merge) => Source::Disk(merge, &self.fault),
                Err(fault) => {
                    // The first fault is as good as any.
                    let _ = self.fault.set(fault);
                    Source::Memory([].iter())
                }
            },
        })
    }

    /// Hands one after another on, and keeps none.
    ///
    /// # Errors
    /// When the disk fails, or what takes them does.
    pub fn hand_on<E: From<io::Error>>(
        self,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.kept {
            Kept::Memory(all) => all.into_iter().try_for_each(take),
            Kept::Disk(runs) => {
                let mut merge = Merge::new(&runs, self.order)?;
                while let Some(item) = merge.next()? {
                    take(item)?;
                }
                Ok(())
            }
        }
    }

    /// All of them, in memory.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn into_vec(self) -> io::Result<Vec<T>> {
        let mut all = Vec::new();
        if let Kept::Memory(held) = self.kept {
            return Ok(held);
        }
        self.hand_on(|item| {
            all.push(item);
            io::Result::Ok(())
        })?;
        Ok(all)
    }
}

/// Things in order, one after another.
#[derive(Debug)]
pub struct SortedIter<'s, T>(Source<'s, T>);

#[derive(Debug)]
enum Source<'s, T> {
    Memory(slice::Iter<'s, T>),
    Disk(Merge<'s, T>, &'s OnceLock<io::Error>),
}

impl<'s, T: Stored> Iterator for SortedIter<'s, T> {
    type Item = Cow<'s, T>;
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Source::Memory(held) => held.next().map(Cow::Borrowed),
            Source::Disk(merge, fault) => match merge.next() {
                Ok(next) => next.map(Cow::Owned),
                Err(error) => {
                    merge.heads.clear();
                    let _ = fault.set(error);
                    None
                }
            },
        }
    }
}

/// Several runs as one.
#[derive(Debug)]
struct Merge<'r, T> {
    runs: &'r Runs,
    heads: BinaryHeap<Head<T>>,
}

/// What a run gives next.
#[derive(Debug)]
struct Head<T> {
    item: T,
    run: Run<T>,
    /// Which of the runs it is: an earlier one holds what came earlier.
    number: usize,
    order: Order<T>,
}

impl<'r, T: Stored> Merge<'r, T> {
    fn new(runs: &'r Runs, order: Order<T>) -> io::Result<Self> {
        let mut heads = BinaryHeap::new();
        for (number, mut run) in runs.open().enumerate() {
            if let Some(item) = run.next(runs)? {
                heads.push(Head {
                    item,
                    run,
                    number,
                    order,
                });
            }
        }
        Ok(Self { runs, heads })
    }

    fn next(&mut self) -> io::Result<Option<T>> {
        let Some(mut head) = self.heads.peek_mut() else {
            return Ok(None);
        };
        Ok(Some(match head.run.next(self.runs)? {
            Some(next) => std::mem::replace(&mut head.item, next),
            None => PeekMut::pop(head).item,
        }))
    }
}

impl<T> Ord for Head<T> {
    /// The greatest stands first in a heap, and the least of the things is wanted.
    fn cmp(&self, other: &Self) -> Ordering {
        let order = (self.order)(&self.item, &other.item);
        order.then(self.number.cmp(&other.number)).reverse()
    }
}

impl<T> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Head<T> {}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::{Kept, Sorter};
    use crate::store::{Reader, Stored, Writer};

    /// A number to sort by and one to tell equals apart.
    type Pair = (u64, u64);

    impl Stored for Pair {
        fn weight(&self) -> usize {
            16
        }
        fn store(&self, to: &mut Writer<'_>) {
            to.number(self.0);
            to.number(self.1);
        }
        fn load(from: &mut Reader<'_>) -> Option<Self> {
            Some((from.number()?, from.number()?))
        }
    }

    proptest! {
        #[test]
        fn whatever_the_room_the_order_is_that_of_a_stable_sort(
            numbers in proptest::collection::vec(0u64..20, 0..300), room in 0usize..2_000,
        ) {
            let mut sorter = Sorter::new(|a: &Pair, b: &Pair| a.0.cmp(&b.0), room);
            let mut expected: Vec<Pair> = numbers.into_iter().zip(0..).collect();
            for pair in &expected {
                sorter.push(*pair).unwrap();
            }
            expected.sort_by_key(|pair| pair.0);
            let sorted = sorter.finish().unwrap();
            prop_assert_eq!(sorted.len(), expected.len());
            prop_assert_eq!(sorted.is_on_disk(), expected.len() * 16 > room);
            for _ in 0..2 {
                let read: Vec<Pair> = sorted.iter().map(|pair| *pair).collect();
                prop_assert_eq!(&read, &expected);
            }
            prop_assert!(sorted.fault().is_none());
            prop_assert_eq!(sorted.into_vec().unwrap(), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_back_is_a_fault_and_no_end() {
        let mut sorter = Sorter::new(Pair::cmp, 0);
        for pair in [(1, 1), (2, 2), (3, 3)] {
            sorter.push(pair).unwrap();
        }
        let mut sorted = sorter.finish().unwrap();
        if let Kept::Disk(runs) = &mut sorted.kept {
            runs.lose(1);
        }
        assert!(sorted.iter().count() < sorted.len());
        assert!(sorted.fault().is_some());
        assert!(sorted.into_vec().is_err());
    }
}
