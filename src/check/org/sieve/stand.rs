//! How the tests of one condition stand, over the bits of a sieve. Records of which they stand alike are
//! judged alike, and for the same reasons.

use crate::model::{FieldId, Missing, Value};
use crate::rule::FieldRef;
use crate::rule::compile::Predicate;
use crate::source::Record;

use super::Sieve;

/// Where the tests of a condition are in the words of a sieve, all of them.
#[derive(Debug, Clone, Default)]
pub(in crate::check::org) struct Stands {
    /// By word: the lower bits of the pairs.
    lower: Vec<(usize, u64)>,
    /// Fields of the record with which something is compared that no record has: why it is not known
    /// speaks of them, too.
    beside: Vec<FieldId>,
}

/// How the tests of one record stand: all of them are decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check::org) struct Stand {
    words: Box<[u64]>,
    missing: Box<[Option<Missing>]>,
}

impl Stands {
    /// None if the sieve does not make every test of the condition that an export left of a whole one.
    pub(in crate::check::org) fn of(
        fitted: &Predicate,
        whole: &Predicate,
        sieve: &Sieve,
    ) -> Option<Self> {
        let mut stands = Self::default();
        (stands.compared(whole) && stands.add(fitted, sieve)).then_some(stands)
    }

    fn add(&mut self, condition: &Predicate, sieve: &Sieve) -> bool {
        match condition {
            Predicate::Fixed(_) => true,
            Predicate::Leaf(_) => false,
            Predicate::Not(inner) => self.add(inner, sieve),
            Predicate::All(parts) => parts.iter().all(|part| self.add(part, sieve)),
            Predicate::Any(parts) => parts.iter().all(|(_, part)| self.add(part, sieve)),
            Predicate::Shared(number, _) => match sieve.places.get(number) {
                Some(place) => {
                    let bit = 1 << place.shift;
                    match self.lower.iter_mut().find(|(word, _)| *word == place.word) {
                        Some((_, bits)) => *bits |= bit,
                        None => self.lower.push((place.word, bit)),
                    }
                    true
                }
                None => false,
            },
        }
    }

    /// Notes with what fields of the record something is compared. False if with fields of others.
    fn compared(&mut self, condition: &Predicate) -> bool {
        match condition {
            Predicate::Fixed(_) => true,
            Predicate::Not(inner) => self.compared(inner),
            Predicate::All(parts) => parts.iter().all(|part| self.compared(part)),
            Predicate::Any(parts) => parts.iter().all(|(_, part)| self.compared(part)),
            Predicate::Leaf(check) | Predicate::Shared(_, check) => {
                let mut own = true;
                check.fields(&mut |field| match field {
                    _ if field == check.field => {}
                    FieldRef::Own(field) if self.beside.contains(&field) => {}
                    FieldRef::Own(field) => self.beside.push(field),
                    _ => own = false,
                });
                own
            }
        }
    }

    /// How the tests stand; None if one of them is neither true nor false.
    pub(in crate::check::org) fn read(&self, record: &Record<'_>, bits: &[u64]) -> Option<Stand> {
        let mut words = self.words(bits);
        let decided = words.all(|(word, lower)| (word | word >> 1) & lower == lower);
        decided.then(|| Stand {
            words: self
                .words(bits)
                .map(|(word, lower)| word & pairs(lower))
                .collect(),
            missing: self.missing(record).collect(),
        })
    }

    /// Whether they stand as they did.
    #[inline]
    pub(in crate::check::org) fn are(
        &self,
        before: &Stand,
        record: &Record<'_>,
        bits: &[u64],
    ) -> bool {
        let mut words = self.words(bits).zip(&before.words);
        words.all(|((word, lower), before)| word & pairs(lower) == *before)
            && self.missing(record).eq(before.missing.iter().copied())
    }

    fn words(&self, bits: &[u64]) -> impl Iterator<Item = (u64, u64)> {
        let word = |at: usize| bits.get(at).copied().unwrap_or(0);
        self.lower
            .iter()
            .map(move |(at, lower)| (word(*at), *lower))
    }

    fn missing(&self, record: &Record<'_>) -> impl Iterator<Item = Option<Missing>> {
        self.beside.iter().map(|field| match record.get(*field) {
            Value::Missing(missing) => Some(missing),
            _ => None,
        })
    }
}

/// Both bits of every pair.
const fn pairs(lower: u64) -> u64 {
    lower | lower << 1
}
