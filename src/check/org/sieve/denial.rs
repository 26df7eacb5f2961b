//! When a condition is surely false, over the bits of a sieve.

use crate::rule::Tri;
use crate::rule::compile::Predicate;

use super::Sieve;

/// Says of a record whether it surely does not meet a condition. One that may or may not is not denied.
#[derive(Debug, Clone)]
pub(in crate::check::org) enum Denial {
    /// Any of these bits, or of these parts, is enough.
    Any(Parts),
    /// It takes all of them.
    Every(Parts),
}

#[derive(Debug, Clone, Default)]
pub(in crate::check::org) struct Parts {
    /// Bits by the word that they stand in.
    bits: Vec<(usize, u64)>,
    more: Vec<Denial>,
}

impl Denial {
    /// Nothing is denied.
    pub(in crate::check::org) const NEVER: Self = Self::Any(Parts {
        bits: Vec::new(),
        more: Vec::new(),
    });

    /// When a condition is false.
    pub(in crate::check::org) fn of(condition: &Predicate, sieve: &Sieve) -> Self {
        Self::when(condition, Tri::False, sieve)
    }

    /// When a condition surely comes to this.
    fn when(condition: &Predicate, truth: Tri, sieve: &Sieve) -> Self {
        match condition {
            Predicate::Fixed(fixed) if *fixed == truth => Self::Every(Parts::default()),
            Predicate::Fixed(_) | Predicate::Leaf(_) => Self::NEVER,
            Predicate::Shared(number, _) => match sieve.places.get(number) {
                Some(place) => {
                    let bit = if truth == Tri::True { 1 } else { 2 } << place.shift;
                    Self::Every(Parts {
                        bits: vec![(place.word, bit)],
                        more: Vec::new(),
                    })
                }
                None => Self::NEVER,
            },
            Predicate::Not(inner) => Self::when(inner, !truth, sieve),
            Predicate::All(parts) => {
                let parts = parts.iter().map(|part| Self::when(part, truth, sieve));
                Self::together(parts, truth == Tri::False)
            }
            Predicate::Any(parts) => {
                let parts = parts.iter().map(|(_, part)| Self::when(part, truth, sieve));
                Self::together(parts, truth == Tri::True)
            }
        }
    }

    /// Several as one: any of them is enough, or it takes all.
    fn together(all: impl Iterator<Item = Self>, any: bool) -> Self {
        let mut parts = Parts::default();
        for part in all {
            match part {
                Self::Any(inner) if any => parts.absorb(inner),
                Self::Every(inner) if !any || inner.is_one_bit() => parts.absorb(inner),
                part => parts.more.push(part),
            }
        }
        if any {
            Self::Any(parts)
        } else {
            Self::Every(parts)
        }
    }

    /// Whether the record whose bits these are is denied.
    #[inline]
    pub(in crate::check::org) fn holds(&self, bits: &[u64]) -> bool {
        let word = |at: usize| bits.get(at).copied().unwrap_or(0);
        match self {
            Self::Any(parts) => {
                parts.bits.iter().any(|(at, mask)| word(*at) & mask != 0)
                    || parts.more.iter().any(|part| part.holds(bits))
            }
            Self::Every(parts) => {
                parts
                    .bits
                    .iter()
                    .all(|(at, mask)| word(*at) & mask == *mask)
                    && parts.more.iter().all(|part| part.holds(bits))
            }
        }
    }
}

impl Parts {
    fn is_one_bit(&self) -> bool {
        let ones = self.bits.iter().map(|(_, mask)| mask.count_ones());
        self.more.is_empty() && ones.sum::<u32>() == 1
    }

    fn absorb(&mut self, other: Self) {
        for (word, mask) in other.bits {
            match self.bits.iter_mut().find(|(at, _)| *at == word) {
                Some((_, bits)) => *bits |= mask,
                None => self.bits.push((word, mask)),
            }
        }
        self.more.extend(other.more);
    }
}
