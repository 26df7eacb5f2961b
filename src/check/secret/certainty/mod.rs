//! How sure a finding is: as sure as its rule, less a step for everything about its place that makes
//! it likelier that somebody made the value up. What a checksum proves, no place puts in doubt; and
//! what a machine made, in a place that nothing speaks against, is surer than its rule.

mod docstring;
mod folders;
mod line;

use crate::model::{Confidence, ScanPath};
use crate::rule::SecretRule;

use super::value;

pub(super) use docstring::Docstrings;

/// Something about a place that makes what is found there less sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt {
    /// What is said of a finding there.
    pub(super) why: &'static str,
    /// How many steps it takes from a finding.
    steps: usize,
}

/// A program wrote the text, which a path may say as well as the length of a line.
const MADE: Doubt = Doubt {
    why: "it stands in a bundle that a program made",
    steps: 2,
};

/// What makes a finding surer than its rule.
pub(super) const BACKING: &str = "a machine made the value, and nothing speaks against its place";

/// Where a secret stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'t> {
    pub(super) path: &'t ScanPath,
    pub(super) text: &'t [u8],
    /// Where in the text it begins.
    pub(super) at: usize,
    /// Whether that is within a docstring.
    pub(super) documents: bool,
}

/// Where a finding starts, in steps: one of medium confidence bears one of the places where people
/// put what they use as well as what they made up (a test, a manual), and two if the value itself
/// tells. A recorded answer and a bundle are full of values that only look like secrets.
const HIGH: usize = 5;
const STURDY: usize = 4;
const MEDIUM: usize = 3;
const LOW: usize = 1;
/// With fewer steps left, confidence is low.
const LEAST_MEDIUM: usize = 2;

/// Random characters that nobody types to fill a field.
const RANDOM: usize = 20;

/// How sure a finding of a rule can be at most, in the place that speaks for it the most: what is
/// asked of a rule before it is left out of a scan.
#[must_use]
pub const fn surest(declared: Confidence) -> Confidence {
    match declared {
        Confidence::High | Confidence::Medium => Confidence::High,
        Confidence::Low => Confidence::Low,
    }
}

/// How sure a finding of a rule is, at a place.
pub(super) fn confidence(rule: &SecretRule, secret: &[u8], place: Place<'_>) -> Confidence {
    let doubts = doubts(rule, secret, place);
    let start = match rule.meta.confidence {
        Confidence::High => HIGH,
        Confidence::Medium if is_sturdy(secret) && doubts.is_empty() => HIGH,
        Confidence::Medium if is_sturdy(secret) => STURDY,
        Confidence::Medium => MEDIUM,
        Confidence::Low => LOW,
    };
    let steps: usize = doubts.iter().map(|doubt| doubt.steps).sum();
    match start.saturating_sub(steps) {
        HIGH.. => Confidence::High,
        LEAST_MEDIUM..HIGH => Confidence::Medium,
        ..LEAST_MEDIUM => Confidence::Low,
    }
}

/// What about a place makes a finding of a rule less sure; nothing, where a checksum proves it. What
/// a vendor's prefix begins is as good in a comment as in a line that runs.
pub(super) fn doubts(rule: &SecretRule, secret: &[u8], place: Place<'_>) -> Vec<Doubt> {
    if rule.detect().checksum.is_some() {
        return Vec::new();
    }
    let mut all: Vec<Doubt> = folders::doubts(place.path).collect();
    if !is_prefixed(rule, secret) {
        // Each counts once, however it shows.
        let more = line::doubts(place).filter(|doubt| *doubt != MADE || !all.contains(doubt));
        let more: Vec<Doubt> = more.collect();
        all.extend(more);
    }
    all
}

/// Whether a secret begins with what its rule looks for.
fn is_prefixed(rule: &SecretRule, secret: &[u8]) -> bool {
    let begins = |word: &[u8]| {
        let head = secret.get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    rule.detect().keywords.iter().any(|word| begins(word))
}

/// Whether a value by itself shows that a machine made it.
fn is_sturdy(secret: &[u8]) -> bool {
    let digits = secret.iter().filter(|b| b.is_ascii_digit()).count();
    let text = std::str::from_utf8(secret);
    secret.len() >= RANDOM && digits >= 2 && text.is_ok_and(value::is_random)
}

#[cfg(test)]
mod tests {
    use super::is_sturdy;

    #[test]
    fn only_long_random_values_tell_by_themselves() {
        assert!(is_sturdy(b"m9X1UaVJ3d1Xn9j5E3bDy0K1"));
        assert!(!is_sturdy(b"m9X1UaVJ3d1"));
        assert!(!is_sturdy(b"correct-horse-battery-staple-1"));
        assert!(!is_sturdy(b"m9X1UaVJ3d1Xn9j5E3bDy0K\xff"));
    }
}
