//! All tests of one field. Of a time they depend on no more than the stretch between two limits in
//! which it lies; of other cells what they came to is remembered, because most columns say the same
//! few things again and again.

use crate::inventory::Bound;
use crate::model::{FieldId, Fields, Instant, Missing, OwnedRecord, Value, When};
use crate::rule::Tri;
use crate::rule::compile::{Check, Probe};
use crate::source::Record;

use super::super::evaluate::all;
use super::super::facts::Facts;
use super::PAIR;
use super::memo::Memo;

/// The tests of one field.
#[derive(Debug, Clone)]
pub(super) struct Column {
    field: FieldId,
    tests: Tests,
    /// The word of their bits.
    pub(super) word: usize,
    steps: Option<Steps>,
    memo: Memo,
}

impl Column {
    /// Tests of a field whose bits stand in a word, from a place in it.
    pub(super) fn new(field: FieldId, checks: Vec<Check>, (word, shift): (usize, u32)) -> Self {
        let tests = Tests { checks, shift };
        Self {
            field,
            steps: Steps::of(&tests),
            tests,
            word,
            memo: Memo::default(),
        }
    }

    /// What the tests come to. No bit is set where it takes more than one cell to tell.
    #[inline]
    pub(super) fn read(&mut self, record: &Record<'_>) -> u64 {
        if let Some(steps) = &self.steps
            && let Some(time) = record.time(self.field)
        {
            return steps.at(time);
        }
        let Some(cell) = record.sole(self.field) else {
            return 0;
        };
        if let Some(bits) = self.memo.find(cell) {
            return bits;
        }
        let bits = self.tests.of(&record.get(self.field), record);
        self.memo.note(cell, bits);
        bits
    }
}

#[derive(Debug, Clone)]
struct Tests {
    checks: Vec<Check>,
    /// Where the bits of the first stand.
    shift: u32,
}

impl Tests {
    /// The bits for a value.
    fn of(&self, value: &Value<'_>, record: &dyn Fields) -> u64 {
        let facts = Facts::alone(record);
        let shifts = (self.shift..).step_by(PAIR as usize);
        let pairs = self.checks.iter().zip(shifts).map(|(check, shift)| {
            let pair = match all(check, value, Bound::Exact, &facts) {
                Tri::True => 1,
                Tri::False => 2,
                Tri::Unknown => 0_u64,
            };
            pair << shift
        });
        pairs.fold(0, |bits, pair| bits | pair)
    }
}

/// What tests of a time come to.
#[derive(Debug, Clone)]
struct Steps {
    empty: u64,
    absent: u64,
    unparsed: u64,
    never: u64,
    /// Of times before the first limit.
    before: u64,
    /// Limits in order, in seconds, and the bits from each on.
    from: Vec<(i64, u64)>,
}

impl Steps {
    /// None if a test asks for more than when something was.
    fn of(tests: &Tests) -> Option<Self> {
        let mut limits = Vec::new();
        for probe in tests.checks.iter().flat_map(|check| &check.probes) {
            match probe {
                Probe::Earlier(limit) | Probe::NotBefore(limit) => limits.push(limit.seconds()),
                Probe::NotAfter(limit) | Probe::Later(limit) => {
                    limits.push(limit.seconds().saturating_add(1));
                }
                Probe::Is(_) => {}
                _ => return None,
            }
        }
        limits.sort_unstable();
        limits.dedup();
        let bits = |value: Value<'_>| tests.of(&value, &OwnedRecord(Vec::new()));
        let known = |seconds| bits(Value::Time(When::Known(Instant::from_seconds(seconds))));
        let from = limits.into_iter().map(|limit| (limit, known(limit)));
        Some(Self {
            empty: bits(Value::Missing(Missing::Empty)),
            absent: bits(Value::Missing(Missing::Absent)),
            unparsed: bits(Value::Missing(Missing::Unparsed)),
            never: bits(Value::Time(When::Never)),
            before: known(i64::MIN),
            from: from.collect(),
        })
    }

    #[inline]
    fn at(&self, time: Result<When, Missing>) -> u64 {
        match time {
            Ok(When::Known(at)) => {
                let passed = self.from.iter().rfind(|(from, _)| *from <= at.seconds());
                passed.map_or(self.before, |(_, bits)| *bits)
            }
            Ok(When::Never) => self.never,
            Err(Missing::Empty) => self.empty,
            Err(Missing::Absent) => self.absent,
            Err(Missing::Unparsed) => self.unparsed,
        }
    }
}
