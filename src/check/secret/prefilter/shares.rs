//! Which sets of four bytes share a group of the [`Fingerprints`]: those that have much in common, so
//! that little else is marked. For the words of the built-in rules that is found out beforehand, in a
//! table that the tests make and hold to what is said here; it takes as long as the rest of a start.

use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::lanes::{CASE, Fingerprints, GROUPS, PRINT, SIX, Way, cases};
use super::pairs::Pairs;
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

/// A line for each set: the kind, its bytes, its group in each way.
static TABLE: &str = include_str!("shares.txt");

/// The sets that the table has, and their groups. Nearly all of them are asked for, so it is read as
/// a whole.
pub(super) struct Table {
    way: Way,
    groups: HashMap<Set, usize, FixedState>,
}

impl Table {
    pub(super) fn of(kind: Kind, way: Way) -> Self {
        let lines = TABLE.lines();
        let lines = lines.filter_map(|line| line.strip_prefix(kind.word())?.strip_prefix(' '));
        let sets = lines.filter_map(|line| {
            let mut parts = line.split(' ');
            let bytes = unhex(parts.next()?)?;
            Some((
                [0, 1, 2, 3].map(|at| bytes.get(at).copied()),
                group(parts.nth(way as usize)?)?,
            ))
        });
        Self {
            way,
            groups: sets.collect(),
        }
    }

    /// Whether it has four bytes, folded, the first in the lowest.
    pub(super) fn has(&self, four: u32) -> bool {
        self.groups.contains_key(&four.to_le_bytes().map(Some))
    }
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
pub(super) struct Shares<C> {
    sets: Vec<Set>,
    share: Vec<usize>,
    /// The groups, and the cost of each.
    groups: [(Group, f64); GROUPS as usize],
    /// What a group costs: how many of a million places in text it lets through.
    cost: C,
}

/// The group of a set that is in none yet.
const NOWHERE: usize = usize::MAX;

/// So often is a better group looked for at the most, for every set. Halves the places that are marked.
const ROUNDS: usize = 40;

/// Puts sets where the table has them. Others go where they do the least harm.
pub(super) fn share(sets: Vec<Set>, table: &Table) -> Shares<impl Fn(&Group) -> f64> {
    let mut this = Shares::of(sets, |group: &Group| group.cost(table.way));
    for (set, share) in this.sets.iter().zip(&mut this.share) {
        if let Some(known) = table.groups.get(set)
            && let Some((group, _)) = this.groups.get_mut(*known)
        {
            *group = group.with(*set);
            *share = *known;
        }
    }
    for (group, cost) in &mut this.groups {
        *cost = (this.cost)(group);
    }
    for number in 0..this.sets.len() {
        if this.share.get(number) == Some(&NOWHERE) {
            this.move_on(number);
        }
    }
    this
}

/// The lines of the table for some sets.
pub(super) fn lines(sets: &[Set], kind: Kind, pairs: &Pairs) -> String {
    let [six, halves] = Way::ALL.map(|way| {
        let mut shares = Shares::of(sets.to_vec(), |group: &Group| pairs.cost(group, way));
        shares.settle();
        let each = shares.sets.into_iter().zip(shares.share);
        each.collect::<HashMap<Set, usize>>()
    });
    let group = |way: &HashMap<Set, usize>, set| way.get(set).copied().unwrap_or(NOWHERE);
    let mut lines: Vec<String> = sets
        .iter()
        .map(|set| {
            let word = word(kind, *set);
            format!("{word} {} {}\n", group(&six, set), group(&halves, set))
        })
        .collect();
    lines.sort();
    lines.concat()
}

impl<C: Fn(&Group) -> f64> Shares<C> {
    fn of(mut sets: Vec<Set>, cost: C) -> Self {
        // Those that let most through choose first; of equals, always the same. A number that is not
        // negative is as large as its bits.
        let alone = |set: &Set| cost(&Group::default().with(*set));
        sets.sort_by_cached_key(|set| (Reverse(alone(set).to_bits()), *set));
        Self {
            share: vec![NOWHERE; sets.len()],
            sets,
            groups: <[(Group, f64); GROUPS as usize]>::default(),
            cost,
        }
    }

    /// Looks for a better group for every set until there is none.
    fn settle(&mut self) {
        for number in 0..self.sets.len() {
            self.move_on(number);
        }
        for _ in 0..ROUNDS {
            let moved = (0..self.sets.len()).filter(|number| self.move_on(*number));
            if moved.count() == 0 {
                break;
            }
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
            let cost = (self.cost)(&without);
            gain = group.1 - cost;
            *group = (without, cost);
        }
        let dearer = self.groups.iter().map(|(group, cost)| {
            let with = group.with(set);
            let dearer = (self.cost)(&with);
            (with, dearer, dearer - cost)
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

/// What a group has of bytes at each place, a bit each: their halves, and their lower six bits.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    low: [u16; PRINT],
    high: [u16; PRINT],
    six: [u64; PRINT],
}

impl Group {
    pub(super) fn with(mut self, set: Set) -> Self {
        let places = self.low.iter_mut().zip(&mut self.high).zip(&mut self.six);
        for (((low, high), six), byte) in places.zip(set) {
            match byte {
                Some(byte) => {
                    let folded = byte | CASE;
                    *low |= 1 << (folded & 15);
                    *high |= 1 << (folded >> 4);
                    cases(byte).for_each(|byte| *six |= 1 << (byte % SIX as u8));
                }
                None => (*low, *high, *six) = (u16::MAX, u16::MAX, u64::MAX),
            }
        }
        self
    }

    /// Whether it lets a byte of ASCII through at a place.
    pub(super) fn admits(&self, way: Way, at: usize, byte: u8) -> bool {
        let folded = byte | CASE;
        let has = |row: &[u16; PRINT], bit: u8| row.get(at).is_some_and(|row| row >> bit & 1 == 1);
        match way {
            Way::Six => self
                .six
                .get(at)
                .is_some_and(|six| six >> (byte % SIX as u8) & 1 == 1),
            Way::Halves => has(&self.low, folded & 15) && has(&self.high, folded >> 4),
        }
    }

    /// How many of a million places in text it lets through, about, by how common bytes are.
    fn cost(&self, way: Way) -> f64 {
        let shares = (0..PRINT).map(|at| {
            let ranks = COMMON.iter().zip(2_u32..);
            let let_through = ranks.filter(|(byte, _)| self.admits(way, at, **byte));
            // By Zipf's law, and a little for all that is not in the list.
            let_through
                .map(|(_, rank)| 0.25 / f64::from(rank))
                .sum::<f64>()
                + 0.002
        });
        shares.product::<f64>() * 1e6
    }
}

/// The bytes of source code, the most common first; letters in one case.
const COMMON: &[u8] = b" etaorinslcdpumfg_0.,()bhy-x;v1w=*>k/\"2:3'4qz8j56{}7#&|!+<[]%\\@?~$^`";

#[cfg(test)]
mod tests {
    use super::{
        GROUPS, Group, Kind, NOWHERE, Pairs, Set, Shares, TABLE, Table, Way, group, share, word,
    };

    const KINDS: [Kind; 2] = [Kind::Near, Kind::Everywhere];

    /// Every kind in every way.
    fn tables() -> impl Iterator<Item = (Kind, Way)> {
        let ways = |kind| Way::ALL.map(|way| (kind, way));
        KINDS.into_iter().flat_map(ways)
    }

    /// The sets of the table.
    fn sets(kind: Kind) -> Vec<Set> {
        let table = Table::of(kind, Way::Six);
        let mut sets: Vec<Set> = table.groups.into_keys().collect();
        sets.sort();
        sets
    }

    #[test]
    fn a_line_is_a_set_and_its_groups() {
        let three = [Some(b'p'), Some(b'w'), Some(b'd'), None];
        assert_eq!(word(Kind::Near, three), "near 707764");
        let four = b"pwd=".map(Some);
        assert_eq!(word(Kind::Everywhere, four), "everywhere 7077643d");
        assert_eq!(group("7"), Some(7));
        for wrong in ["", "x", "24"] {
            assert_eq!(group(wrong), None, "{wrong}");
        }
        let mut lines = Vec::new();
        for kind in KINDS {
            let [six, halves] = Way::ALL.map(|way| Table::of(kind, way).groups);
            assert_eq!(six.len(), halves.len());
            for set in sets(kind) {
                lines.push(format!(
                    "{} {} {}",
                    word(kind, set),
                    six[&set],
                    halves[&set]
                ));
            }
        }
        lines.sort();
        let mut all: Vec<&str> = TABLE.lines().collect();
        all.sort_unstable();
        assert_eq!(lines, all);
        let table = Table::of(Kind::Everywhere, Way::Six);
        let [some, none] = [b"pass", b"q9zx"].map(|four| table.has(u32::from_le_bytes(*four)));
        assert!(some && !none);
    }

    /// What is in no group would be looked for nowhere.
    #[test]
    fn every_set_gets_a_group_whether_the_table_has_it_or_not() {
        for (kind, way) in tables() {
            let mut sets = sets(kind);
            sets.extend([b"q9zx", b"jj,q"].map(|four| four.map(Some)));
            let table = Table::of(kind, way);
            let shares = share(sets, &table);
            let known = |share: &usize| *share < usize::from(GROUPS);
            assert!(shares.share.iter().all(known));
            for (set, share) in shares.sets.iter().zip(&shares.share) {
                let (group, _) = shares.groups[*share];
                for (at, byte) in set.iter().enumerate() {
                    let bytes = byte.map_or(b"aZ7".to_vec(), |byte| {
                        vec![byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]
                    });
                    assert!(
                        bytes.iter().all(|byte| group.admits(way, at, *byte)),
                        "{set:?}"
                    );
                }
            }
            for (number, (group, cost)) in shares.groups.iter().enumerate() {
                let sets = shares.sets.iter().zip(&shares.share);
                let its = sets.filter(|(_, own)| **own == number);
                let of = its.fold(Group::default(), |group, (set, _)| group.with(*set));
                assert_eq!(*group, of);
                assert_eq!(group.cost(way).to_bits(), cost.to_bits());
            }
            assert!(!shares.share.contains(&NOWHERE));
        }
    }

    #[test]
    fn the_table_marks_fewer_places_than_sharing_as_they_come() {
        let pairs = Pairs::parse(include_str!("pairs.txt"));
        for (kind, way) in tables() {
            let cost = |group: &Group| pairs.cost(group, way);
            let mut coming = Shares::of(sets(kind), cost);
            for number in 0..coming.sets.len() {
                coming.move_on(number);
            }
            let table = Table::of(kind, way);
            let table = share(sets(kind), &table);
            let table: f64 = table.groups.iter().map(|(group, _)| cost(group)).sum();
            assert!(table < coming.marked(), "{kind:?} {table}");
        }
    }
}
