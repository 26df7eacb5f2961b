//! How the tests of one condition stand, over the bits of a sieve. Records of which they stand alike are
//! judged alike, and for the same reasons.

use crate::model::{FieldId, Missing, Value};
use crate::rule::FieldRef;
use crate::rule::compile::Predicate;
use crate::source::Record;

use super::{Place, Sieve};

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
        let (mut stands, mut known) = (Self::default(), true);
        whole.tests(&mut |_, check| {
            check.fields(&mut |field| match field {
                _ if field == check.field => {}
                FieldRef::Own(field) if stands.beside.contains(&field) => {}
                FieldRef::Own(field) => stands.beside.push(field),
                // What others have to be compared with may differ from record to record.
                _ => known = false,
            });
        });
        fitted.tests(&mut |number, _| {
            let place = number.and_then(|number| sieve.places.get(&number));
            let Some(Place { word, shift }) = place else {
                known = false;
                return;
            };
            match stands.lower.iter_mut().find(|(at, _)| at == word) {
                Some((_, bits)) => *bits |= 1 << shift,
                None => stands.lower.push((*word, 1 << shift)),
            }
        });
        known.then_some(stands)
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
