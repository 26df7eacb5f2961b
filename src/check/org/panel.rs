//! Every rule over the records of one export. Rules ask much the same of a record: whether the account
//! is active, whether its name is that of a machine. Each test of the record itself is made once,
//! whatever the number of rules that ask for it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::inventory::Table;
use crate::model::{Fields, Location, RecordTypeId};
use crate::rule::compile::{Check, Predicate};
use crate::rule::{FieldRef, Tri};
use crate::source::Record;

use super::facts::Doubt;
use super::fit::{Common, fit};
use super::judge::{Judge, Outcome, Take, Tally};
use super::sieve::{Denial, Sieve, Stand, Stands};

/// The judges of one export.
pub struct Panel<'p, 'r> {
    tables: &'p [Table],
    /// The number of each test of a record type, by how it is written.
    tests: HashMap<(RecordTypeId, String), u16>,
    /// By the numbers of the tests: their truth of the record at hand, once one was asked for it.
    kept: Vec<Cell<Option<Tri>>>,
    seats: Vec<Seat<'p, 'r>>,
    /// By type of record: the tests of its seats.
    sieves: BTreeMap<RecordTypeId, Sieve>,
    /// By the mapping that records come from: a sieve that has seen others of them.
    used: Vec<(u16, Sieve)>,
}

struct Seat<'p, 'r> {
    /// The rule's number in the run.
    index: usize,
    judge: &'p Judge<'r>,
    /// The type of its records.
    ty: RecordTypeId,
    /// The condition, cut to the export.
    fitted: Predicate,
    /// When that is surely false.
    denial: Denial,
    /// How its tests stand, if all of them are of the record alone.
    stands: Option<Stands>,
    /// What it said last of a record of which every test is decided, and the whole is not: what other
    /// exports would have to tell is missing of all records alike.
    open: Option<Open>,
    subjects: Subjects,
    tally: Tally,
}

/// Records that are not judged, and of which all tests stand alike.
#[derive(Debug)]
struct Open {
    stand: Stand,
    doubts: Vec<Doubt>,
    /// How many there were since the first.
    more: u64,
}

/// Whether a tally notes which subjects it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subjects {
    /// Another export may tell of the same ones. Exports of these ranks are newer, and tell of a
    /// record whatever the rule asks for: one that they know as well is theirs to be judged by.
    Noted(BTreeSet<u32>),
    /// Each stands in one export only.
    Passed,
}

impl<'p, 'r> Panel<'p, 'r> {
    /// A panel without judges.
    #[must_use]
    pub fn new(tables: &'p [Table]) -> Self {
        Self {
            tables,
            tests: HashMap::new(),
            kept: Vec::new(),
            seats: Vec::new(),
            sieves: BTreeMap::new(),
            used: Vec::new(),
        }
    }

    /// Adds a judge under its number; `common` tells what the export's records share.
    pub fn seat<'f>(
        &mut self,
        index: usize,
        judge: &'p Judge<'r>,
        common: Common<'f, 'f>,
        subjects: Subjects,
    ) where
        'p: 'f,
    {
        let whole = fit(&judge.plan, self.tables, common);
        let fitted = self.share(judge.plan.rule.record, whole);
        self.seats.push(Seat {
            index,
            judge,
            ty: judge.plan.rule.record,
            fitted,
            denial: Denial::NEVER,
            stands: None,
            open: None,
            subjects,
            tally: Tally::default(),
        });
    }

    /// Gives each test of the record itself the number under which its truth is kept.
    fn share(&mut self, ty: RecordTypeId, predicate: Predicate) -> Predicate {
        match predicate {
            Predicate::All(parts) => {
                let parts = parts.into_iter().map(|part| self.share(ty, part));
                Predicate::All(parts.collect())
            }
            Predicate::Any(parts) => {
                let parts = parts.into_iter();
                let parts = parts.map(|(because, part)| (because, self.share(ty, part)));
                Predicate::Any(parts.collect())
            }
            Predicate::Not(inner) => Predicate::Not(Box::new(self.share(ty, *inner))),
            Predicate::Leaf(check) => match self.number(ty, &check) {
                Some(number) => Predicate::Shared(number, check),
                None => Predicate::Leaf(check),
            },
            decided @ (Predicate::Shared(..) | Predicate::Fixed(_)) => decided,
        }
    }

    /// The number of a test, if it is one of the record itself.
    fn number(&mut self, ty: RecordTypeId, check: &Check) -> Option<u16> {
        let mut own = true;
        check.fields(&mut |field| own &= matches!(field, FieldRef::Own(_)));
        if !own {
            return None;
        }
        let next = u16::try_from(self.kept.len()).ok()?;
        let number = *self.tests.entry((ty, format!("{check:?}"))).or_insert(next);
        if number == next {
            self.kept.push(Cell::new(None));
        }
        Some(number)
    }

    /// The panel, complete: what its judges ask of a record's own cells is looked at in one go.
    #[must_use]
    pub fn ready(mut self) -> Self {
        for seat in &self.seats {
            let ty = seat.judge.plan.rule.record;
            let peers = || {
                let all = self.seats.iter();
                all.filter(move |seat| seat.judge.plan.rule.record == ty)
            };
            let sieve = || Sieve::new(peers().map(|seat| &seat.fitted));
            self.sieves.entry(ty).or_insert_with(sieve);
        }
        for seat in &mut self.seats {
            if let Some(sieve) = self.sieves.get(&seat.judge.plan.rule.record) {
                seat.denial = Denial::of(&seat.fitted, sieve);
                seat.stands = Stands::of(&seat.fitted, &seat.judge.plan.predicate, sieve);
            }
        }
        self
    }

    /// Judges one record under every rule of its type; false if there is none. Of a record that a
    /// newer export knows too comes the rank of the newest.
    pub fn judge(
        &mut self,
        (record, newer): (&Record<'_>, Option<u32>),
        place: &dyn Fn() -> Location,
        take: &mut Take<'_>,
    ) -> bool {
        let Some(sieve) = sieve_of(&mut self.used, &self.sieves, record) else {
            return false;
        };
        sieve.read(record);
        let mut read_on = false;
        let mut clear = false;
        let mut judged = false;
        for seat in &mut self.seats {
            if seat.ty != record.ty() || seat.leaves(newer) {
                continue;
            }
            judged = true;
            let mut denied = seat.denial.holds(sieve.bits());
            if !denied && !read_on {
                sieve.read_on(record);
                read_on = true;
                denied = seat.denial.holds(sieve.bits());
            }
            if denied && !seat.notes() {
                // Nearly every record under nearly every rule.
                seat.tally.passes += 1;
                continue;
            }
            if !denied && seat.is_as_before(record, sieve.bits()) {
                continue;
            }
            let subject = seat.notes().then(|| seat.judge.subject(record));
            let outcome = if denied {
                Outcome::Pass
            } else {
                if !clear {
                    self.kept.iter().for_each(|truth| truth.set(None));
                    clear = true;
                }
                let kept = (record as &dyn Fields, self.kept.as_slice());
                seat.judge
                    .judge_fitted(&seat.fitted, kept, self.tables, place)
            };
            seat.note(&outcome, record, sieve.bits());
            seat.tally.add(outcome, subject, take);
        }
        judged
    }

    /// What came out since this was asked last, by seat.
    pub fn take_tallies(&mut self) -> Vec<Tally> {
        self.seats.iter_mut().map(Seat::take_tally).collect()
    }

    /// Adds what came out of other records of the export, by the seats of a panel like this.
    pub fn absorb(&mut self, tallies: Vec<Tally>) {
        for (seat, tally) in self.seats.iter_mut().zip(tallies) {
            seat.tally.absorb(tally);
        }
    }

    /// What came out, by the numbers of the rules.
    pub fn tallies(self) -> impl Iterator<Item = (usize, Tally)> {
        let seats = self.seats.into_iter();
        seats.map(|mut seat| (seat.index, seat.take_tally()))
    }
}

impl Seat<'_, '_> {
    /// Counts a record that is left open for the reasons that the last such one was. Nothing else is
    /// to be known of it.
    #[inline]
    fn is_as_before(&mut self, record: &Record<'_>, bits: &[u64]) -> bool {
        let (Some(stands), Some(open)) = (&self.stands, &mut self.open) else {
            return false;
        };
        let same = stands.are(&open.stand, record, bits);
        open.more += u64::from(same);
        same
    }

    /// Remembers an outcome of which the tests leave no doubt.
    fn note(&mut self, outcome: &Outcome, record: &Record<'_>, bits: &[u64]) {
        if let (Outcome::NotEvaluated(doubts), Some(stands), Subjects::Passed) =
            (outcome, &self.stands, &self.subjects)
            && let Some(stand) = stands.read(record, bits)
        {
            let doubts = doubts.clone();
            self.settle();
            self.open = Some(Open {
                stand,
                doubts,
                more: 0,
            });
        }
    }

    /// Gives the tally what was counted beside it.
    fn settle(&mut self) {
        if let Some(open) = self.open.take().filter(|open| open.more > 0) {
            self.tally.doubtful.entry(open.doubts).or_default().records += open.more;
        }
    }

    fn take_tally(&mut self) -> Tally {
        self.settle();
        std::mem::take(&mut self.tally)
    }

    /// Whether a record is left to the newest export that knows it.
    fn leaves(&self, newer: Option<u32>) -> bool {
        match (&self.subjects, newer) {
            (Subjects::Noted(ranks), Some(newer)) => ranks.contains(&newer),
            _ => false,
        }
    }

    const fn notes(&self) -> bool {
        matches!(self.subjects, Subjects::Noted(_))
    }
}

/// The sieve for a record. None if no seat is for its type.
fn sieve_of<'s>(
    used: &'s mut Vec<(u16, Sieve)>,
    fresh: &BTreeMap<RecordTypeId, Sieve>,
    record: &Record<'_>,
) -> Option<&'s mut Sieve> {
    let mapping = record.mapping_number();
    let at = match used.iter().position(|(of, _)| *of == mapping) {
        Some(at) => at,
        None => {
            used.push((mapping, fresh.get(&record.ty())?.clone()));
            used.len() - 1
        }
    };
    used.get_mut(at).map(|(_, sieve)| sieve)
}
