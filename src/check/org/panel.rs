//! Every rule over the records of one export. Nearly all rules begin by asking whether the account
//! is active: a yes-or-no test that several rules share is made once for each record.

use crate::inventory::Table;
use crate::model::{Fields, Location, RecordTypeId};
use crate::rule::compile::{Check, Predicate, Probe};
use crate::rule::{FieldRef, Tri};

use super::evaluate::truth;
use super::facts::Facts;
use super::fit::{Common, fit};
use super::judge::{Judge, Outcome, Tally};

/// The judges of one export.
pub struct Panel<'p, 'r> {
    tables: &'p [Table],
    gates: Vec<Gate>,
    seats: Vec<Seat<'p, 'r>>,
}

/// A test that some rules of one record type must pass before anything else of them counts.
struct Gate {
    ty: RecordTypeId,
    test: Predicate,
    /// Of the record at hand.
    truth: Tri,
}

struct Seat<'p, 'r> {
    /// The rule's number in the run.
    index: usize,
    judge: &'p Judge<'r>,
    /// The condition, cut to the export.
    whole: Predicate,
    /// Its gate, and what is left of the condition behind it.
    gated: Option<(usize, Predicate)>,
    subjects: Subjects,
    tally: Tally,
}

/// Whether a tally notes which subjects it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subjects {
    /// Another export may tell of the same ones.
    Noted,
    /// Each stands in one export only.
    Passed,
}

impl<'p, 'r> Panel<'p, 'r> {
    /// A panel without judges.
    #[must_use]
    pub const fn new(tables: &'p [Table]) -> Self {
        Self {
            tables,
            gates: Vec::new(),
            seats: Vec::new(),
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
        let gated = self.gate(judge.plan.rule.record, &whole);
        self.seats.push(Seat {
            index,
            judge,
            whole,
            gated,
            subjects,
            tally: Tally::default(),
        });
    }

    /// Takes the first plain yes-or-no test out of a conjunction.
    fn gate(&mut self, ty: RecordTypeId, whole: &Predicate) -> Option<(usize, Predicate)> {
        let parts = match whole {
            Predicate::All(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let at = parts.iter().position(|part| plain(part).is_some())?;
        let leaf = parts.get(at)?;
        let test = plain(leaf)?;
        let known = self
            .gates
            .iter()
            .position(|gate| gate.ty == ty && plain(&gate.test) == Some(test));
        let gate = known.unwrap_or_else(|| {
            self.gates.push(Gate {
                ty,
                test: leaf.clone(),
                truth: Tri::Unknown,
            });
            self.gates.len() - 1
        });
        let mut rest = parts.to_vec();
        rest.remove(at);
        Some((gate, Predicate::All(rest)))
    }

    /// Judges one record under every rule of its type; false if there is none.
    pub fn judge(
        &mut self,
        ty: RecordTypeId,
        record: &dyn Fields,
        place: &dyn Fn() -> Location,
    ) -> bool {
        for gate in self.gates.iter_mut().filter(|gate| gate.ty == ty) {
            gate.truth = truth(&gate.test, &Facts::alone(record));
        }
        let mut judged = false;
        for seat in &mut self.seats {
            if seat.judge.plan.rule.record != ty {
                continue;
            }
            judged = true;
            let subject = (seat.subjects == Subjects::Noted).then(|| seat.judge.subject(record));
            let passed = seat
                .gated
                .as_ref()
                .map(|(gate, rest)| (self.gates.get(*gate).map(|g| g.truth), rest));
            let predicate = match passed {
                Some((Some(Tri::False), _)) => {
                    seat.tally.add(Outcome::Pass, subject);
                    continue;
                }
                Some((Some(Tri::True), rest)) => rest,
                _ => &seat.whole,
            };
            let outcome = seat
                .judge
                .judge_fitted(predicate, record, self.tables, place);
            seat.tally.add(outcome, subject);
        }
        judged
    }

    /// What came out, by the numbers of the rules.
    pub fn tallies(self) -> impl Iterator<Item = (usize, Tally)> {
        self.seats.into_iter().map(|seat| (seat.index, seat.tally))
    }
}

/// What makes two yes-or-no tests of the record itself the same.
fn plain(predicate: &Predicate) -> Option<(FieldRef, bool, Tri, Tri)> {
    match predicate {
        Predicate::Leaf(Check {
            field: field @ FieldRef::Own(_),
            probes,
            if_missing,
            if_absent,
        }) => match probes.as_slice() {
            [Probe::Bool(wanted)] => Some((*field, *wanted, *if_missing, *if_absent)),
            _ => None,
        },
        _ => None,
    }
}
