//! What tests of a record's own cells come to, as bits: true, false, or neither where the record
//! does not say. Most records keep most rules, and that is nearly always to be seen from one false
//! test. A [`Denial`] looks at the bits alone; what it cannot tell is judged in the full way.

mod column;
mod denial;
mod memo;
mod stand;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::model::FieldId;
use crate::rule::FieldRef;
use crate::rule::compile::{Check, Predicate, Probe};
use crate::source::Record;

use column::Column;
pub(in crate::check::org) use denial::Denial;
pub(in crate::check::org) use stand::{Stand, Stands};

/// The tests of one type of record, and what they came to of the record at hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Sieve {
    columns: Vec<Column>,
    /// Those that take long, and that few records need.
    slow: Vec<Column>,
    bits: Vec<u64>,
    /// By the number of a test: its bits.
    places: BTreeMap<u16, Place>,
}

/// Two bits for one test: the lower says that it is true, the higher that it is false.
#[derive(Debug, Clone, Copy)]
struct Place {
    word: usize,
    shift: u32,
}

/// So many bits have room in a word.
const WORD: u32 = u64::BITS;
/// So many a test takes.
const PAIR: u32 = 2;

impl Sieve {
    /// A sieve of the numbered tests in some conditions.
    pub(super) fn new<'p>(conditions: impl Iterator<Item = &'p Predicate>) -> Self {
        let mut tests: BTreeMap<u16, &Check> = BTreeMap::new();
        for condition in conditions {
            condition.tests(&mut |number, check| {
                let one = check.probes.iter().all(is_of_one_cell);
                tests.extend(number.filter(|_| one).map(|number| (number, check)));
            });
        }
        let mut fields: BTreeMap<(bool, FieldId), Vec<(u16, &Check)>> = BTreeMap::new();
        for (number, check) in tests {
            if let FieldRef::Own(field) = check.field {
                let column = (check.probes.iter().any(is_slow), field);
                fields.entry(column).or_default().push((number, check));
            }
        }
        let mut sieve = Self::default();
        let mut used = WORD;
        for ((slow, field), tests) in &fields {
            for tests in tests.chunks((WORD / PAIR) as usize) {
                let width = PAIR * tests.len() as u32;
                if used + width > WORD {
                    sieve.bits.push(0);
                    used = 0;
                }
                let word = sieve.bits.len() - 1;
                let places = (used..).step_by(PAIR as usize);
                let places = places.map(|shift| Place { word, shift });
                let places = tests.iter().map(|(number, _)| *number).zip(places);
                sieve.places.extend(places);
                let checks = tests.iter().map(|(_, check)| (*check).clone()).collect();
                let columns = if *slow {
                    &mut sieve.slow
                } else {
                    &mut sieve.columns
                };
                columns.push(Column::new(*field, checks, (word, used)));
                used += width;
            }
        }
        sieve
    }

    /// Looks at a record, but makes no test that takes long. All records that are given must be of one
    /// export, and of one mapping.
    #[inline]
    pub(super) fn read(&mut self, record: &Record<'_>) {
        self.bits.fill(0);
        read(&mut self.columns, record, &mut self.bits);
    }

    /// Makes the other tests as well.
    pub(super) fn read_on(&mut self, record: &Record<'_>) {
        read(&mut self.slow, record, &mut self.bits);
    }

    /// What the tests came to.
    pub(super) fn bits(&self) -> &[u64] {
        &self.bits
    }
}

#[inline]
fn read(columns: &mut [Column], record: &Record<'_>, bits: &mut [u64]) {
    for column in columns {
        if let Some(word) = bits.get_mut(column.word) {
            *word |= column.read(record);
        }
    }
}

/// Whether a test looks at one cell.
const fn is_of_one_cell(probe: &Probe) -> bool {
    !matches!(
        probe,
        Probe::EarlierThan(..) | Probe::LaterThan(..) | Probe::Same(..) | Probe::NumberField(..)
    )
}

/// Whether a test looks at its cell for long.
const fn is_slow(probe: &Probe) -> bool {
    matches!(probe, Probe::Matches(_))
}
