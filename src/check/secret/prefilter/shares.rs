//! Which sets of four bytes share a group of the [`Fingerprints`]: those that have much in common, so
//! that little else is marked. For the words of the built-in rules that is found out beforehand, in a
//! table that the tests make and hold to what is said here; it takes as long as the rest of a start.

use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::lanes::{Fingerprints, GROUPS, PRINT};
use super::literals::CASE;
use crate::model::{hex, unhex};

/// Four bytes; None stands for any.
pub(super) type Set = [Option<u8>; PRINT];

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Near rows of token bytes.
    Near,
    /// Everywhere.
    Everywhere,
}

impl Kind {
    const WORDS: [(&'static str, Self); 2] =
        [("near", Self::Near), ("everywhere", Self::Everywhere)];

    fn word(self) -> &'static str {
        let known = Self::WORDS.iter().find(|(_, kind)| *kind == self);
        known.map_or("", |(word, _)| word)
    }
}

/// A line for each set: the kind, its bytes, its group.
static TABLE: &str = include_str!("shares.txt");

/// The groups that the table has for sets. Nearly all of them are asked for, so it is read as a whole.
fn known(kind: Kind) -> HashMap<Set, usize, FixedState> {
    let lines = TABLE.lines();
    let lines = lines.filter_map(|line| line.strip_prefix(kind.word())?.strip_prefix(' '));
    let sets = lines.filter_map(|line| {
        let (bytes, number) = line.split_once(' ')?;
        let bytes = unhex(bytes)?;
        Some((
            [0, 1, 2, 3].map(|at| bytes.get(at).copied()),
            group(number)?,
        ))
    });
    sets.collect()
}

/// With what the line of a set begins.
fn word(kind: Kind, set: Set) -> String {
    let bytes: Vec<u8> = set.into_iter().flatten().collect();
    format!("{} {}", kind.word(), hex(&bytes))
}

fn group(number: &str) -> Option<usize> {
    let number = number.parse().ok();
    number.filter(|group| *group < usize::from(GROUPS))
}

/// Sets, and the group of each.
pub(super) struct Shares {
    sets: Vec<Set>,
    share: Vec<usize>,
    /// The groups, and the cost of each.
    groups: [(Group, f64); GROUPS as usize],
}

/// The group of a set that is in none yet.
const NOWHERE: usize = usize::MAX;

/// So often is a better group looked for at the most, for every set. Halves the places that are marked.
const ROUNDS: usize = 40;

impl Shares {
    /// Puts sets where the table has them. Others go where they do the least harm.
    pub(super) fn new(sets: Vec<Set>, kind: Kind) -> Self {
        let mut this = Self::of(sets);
        let known = known(kind);
        for (set, share) in this.sets.iter().zip(&mut this.share) {
            if let Some(known) = known.get(set)
                && let Some((group, _)) = this.groups.get_mut(*known)
            {
                *group = group.with(*set);
                *share = *known;
            }
        }
        for (group, cost) in &mut this.groups {
            *cost = group.cost();
        }
        for number in 0..this.sets.len() {
            if this.share.get(number) == Some(&NOWHERE) {
                this.move_on(number);
            }
        }
        this
    }

    /// The table for some sets.
    pub(super) fn lines(sets: Vec<Set>, kind: Kind) -> String {
        let mut this = Self::of(sets);
        for number in 0..this.sets.len() {
            this.move_on(number);
        }
        for _ in 0..ROUNDS {
            let moved = (0..this.sets.len()).filter(|number| this.move_on(*number));
            if moved.count() == 0 {
                break;
            }
        }
        let mut lines: Vec<String> = Vec::new();
        for (set, share) in this.sets.iter().zip(&this.share) {
            lines.push(format!("{} {share}\n", word(kind, *set)));
        }
        lines.sort();
        lines.concat()
    }

    fn of(mut sets: Vec<Set>) -> Self {
        // Those that let most through choose first; of equals, always the same. A number that is not
        // negative is as large as its bits.
        let alone = |set: &Set| Group::default().with(*set).cost();
        sets.sort_by_cached_key(|set| (Reverse(alone(set).to_bits()), *set));
        Self {
            share: vec![NOWHERE; sets.len()],
            sets,
            groups: <[(Group, f64); GROUPS as usize]>::default(),
        }
    }

    /// How many of a million places in text are marked, about.
    pub(super) fn marked(&self) -> f64 {
        self.groups.iter().map(|(_, cost)| cost).sum()
    }

    pub(super) fn prints(&self) -> Fingerprints {
        let mut prints = Fingerprints::default();
        for (set, share) in self.sets.iter().zip(&self.share) {
            prints.add(u8::try_from(*share).unwrap_or(u8::MAX), *set);
        }
        prints
    }

    /// Puts a set where it lets the least more through. Whether that is less than where it was.
    fn move_on(&mut self, number: usize) -> bool {
        let (Some(set), Some(own)) = (
            self.sets.get(number).copied(),
            self.share.get(number).copied(),
        ) else {
            return false;
        };
        let without = self.without(number, own);
        let mut gain = 0.0;
        if let Some(group) = self.groups.get_mut(own) {
            gain = group.1 - without.cost();
            *group = (without, without.cost());
        }
        let dearer = self.groups.iter().map(|(group, cost)| {
            let with = group.with(set);
            (with, with.cost(), with.cost() - cost)
        });
        let best = dearer
            .enumerate()
            .min_by(|(_, a), (_, b)| a.2.total_cmp(&b.2));
        let Some((to, (group, cost, more))) = best else {
            return false;
        };
        if let (Some(place), Some(share)) = (self.groups.get_mut(to), self.share.get_mut(number)) {
            *place = (group, cost);
            *share = to;
        }
        gain - more > f64::EPSILON
    }

    /// A group without one of its sets.
    fn without(&self, number: usize, share: usize) -> Group {
        let sets = self.sets.iter().zip(&self.share).enumerate();
        let others =
            sets.filter(|(at, (_, its))| **its == share && *at != number && share != NOWHERE);
        others.fold(Group::default(), |group, (_, (set, _))| group.with(*set))
    }
}

/// The halves of bytes that a group has, a bit each.
#[derive(Debug, Default, Clone, Copy)]
struct Group {
    low: [u16; PRINT],
    high: [u16; PRINT],
}

impl Group {
    fn with(mut self, set: Set) -> Self {
        for ((low, high), byte) in self.low.iter_mut().zip(&mut self.high).zip(set) {
            match byte {
                Some(byte) => {
                    *low |= 1 << (byte & 15);
                    *high |= 1 << (byte >> 4);
                }
                None => (*low, *high) = (u16::MAX, u16::MAX),
            }
        }
        self
    }

    /// How many of a million places in text it lets through, about.
    fn cost(&self) -> f64 {
        let halves = self.low.iter().zip(&self.high);
        // A little for all that is not in the list of common bytes.
        let each = halves.map(|(low, high)| common(*low, *high) + 0.002);
        each.product::<f64>() * 1e6
    }
}

/// The share of the common bytes in text that have one of some lower halves and one of some upper.
#[inline]
fn common(low: u16, high: u16) -> f64 {
    let [first, second] = low.to_le_bytes().map(usize::from);
    let has = |half: u8| if high >> half & 1 == 1 { 1.0 } else { 0.0 };
    let of = |[firsts, seconds]: &Shared| firsts[first] + seconds[second];
    let [two, three, six, seven] = &COMMON_OF;
    has(2) * of(two) + has(3) * of(three) + has(6) * of(six) + has(7) * of(seven)
}

/// The bytes of source code, the most common first; letters in one case.
const COMMON: &[u8] = b" etaorinslcdpumfg_0.,()bhy-x;v1w=*>k/\"2:3'4qz8j56{}7#&|!+<[]%\\@?~$^`";

/// For each eight of the lower halves of bytes: what share of text they are together, whichever of
/// the eight there are.
type Shared = [[f64; 1 << 8]; 2];

/// For each upper half of a folded byte of ASCII, of which there are four.
static COMMON_OF: [Shared; 4] = {
    let mut shares = [[[0.0; 1 << 8]; 2]; 4];
    let mut rank = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while rank < COMMON.len() {
        let folded = COMMON[rank] as usize | CASE as usize & 0xFF;
        let (low, high) = (folded & 15, folded >> 4);
        // Of 2, 3, 6 and 7.
        let row = high / 4 * 2 + high % 2;
        // By Zipf's law.
        let share = 0.25 / (rank + 2) as f64;
        let mut some = 0;
        while some < 1 << 8 {
            if some >> (low % 8) & 1 == 1 {
                shares[row][low / 8][some] += share;
            }
            some += 1;
        }
        rank += 1;
    }
    shares
};

#[cfg(test)]
mod tests {
    use super::{GROUPS, Kind, NOWHERE, Set, Shares, TABLE, group, known, word};

    /// The sets of the table.
    fn sets(kind: Kind) -> Vec<Set> {
        let mut sets: Vec<Set> = known(kind).into_keys().collect();
        sets.sort();
        sets
    }

    #[test]
    fn a_line_is_a_set_and_its_group() {
        let three = [Some(b'p'), Some(b'w'), Some(b'd'), None];
        assert_eq!(word(Kind::Near, three), "near 707764");
        let four = b"pwd=".map(Some);
        assert_eq!(word(Kind::Everywhere, four), "everywhere 7077643d");
        assert_eq!(group("7"), Some(7));
        for wrong in ["", "x", "24"] {
            assert_eq!(group(wrong), None, "{wrong}");
        }
        let found = [Kind::Near, Kind::Everywhere].map(|kind| known(kind).len());
        assert_eq!(found.iter().sum::<usize>(), TABLE.lines().count());
        for line in TABLE.lines() {
            let of = |kind: Kind| {
                known(kind)
                    .into_iter()
                    .map(move |(set, own)| (kind, set, own))
            };
            let mut all = of(Kind::Near).chain(of(Kind::Everywhere));
            assert!(all.any(|(kind, set, own)| format!("{} {own}", word(kind, set)) == line));
        }
        assert_eq!(known(Kind::Near).get(&b"q9zx".map(Some)), None);
    }

    /// What is in no group would be looked for nowhere.
    #[test]
    fn every_set_gets_a_group_whether_the_table_has_it_or_not() {
        for kind in [Kind::Near, Kind::Everywhere] {
            let mut sets = sets(kind);
            sets.extend([b"q9zx", b"jj,q"].map(|four| four.map(Some)));
            let shares = Shares::new(sets, kind);
            assert!(
                shares
                    .share
                    .iter()
                    .all(|share| *share < usize::from(GROUPS))
            );
            assert!(!shares.share.contains(&NOWHERE));
            let of = |share: usize| {
                let sets = shares.sets.iter().zip(&shares.share);
                let its = sets.filter(|(_, own)| **own == share);
                its.fold(super::Group::default(), |group, (set, _)| group.with(*set))
            };
            for (number, (group, cost)) in shares.groups.iter().enumerate() {
                assert_eq!(group.low, of(number).low);
                assert_eq!(group.high, of(number).high);
                assert_eq!(group.cost().to_bits(), cost.to_bits());
            }
        }
    }

    #[test]
    fn the_table_marks_fewer_places_than_sharing_as_they_come() {
        for kind in [Kind::Near, Kind::Everywhere] {
            let mut coming = Shares::of(sets(kind));
            for number in 0..coming.sets.len() {
                coming.move_on(number);
            }
            let (table, coming) = (Shares::new(sets(kind), kind).marked(), coming.marked());
            assert!(table < coming, "{kind:?} {table} {coming}");
        }
    }
}
