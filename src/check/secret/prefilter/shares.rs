//! Which sets of four bytes share a group of the [`Fingerprints`]: those that have much in common, so
//! that little else is marked. For the words of the built-in rules that was found out beforehand, in a
//! table that `benches/words` makes from trees of text; it takes minutes. Words that came since go
//! where they do the least harm.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::lanes::{CASE, Fingerprints, GROUPS, PRINT, SIX, Way, cases};
use crate::model::unhex;

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

    pub(super) fn word(self) -> &'static str {
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
        self.has_set(&four.to_le_bytes().map(Some))
    }

    pub(super) fn has_set(&self, set: &Set) -> bool {
        self.groups.contains_key(set)
    }
}

fn group(number: &str) -> Option<usize> {
    let number = number.parse().ok();
    number.filter(|group| *group < usize::from(GROUPS))
}

/// Sets, and the group of each.
pub(super) struct Shares {
    way: Way,
    sets: Vec<(Set, usize)>,
    groups: [Group; GROUPS as usize],
    /// How many of a million places in text each group lets through, about.
    costs: [f64; GROUPS as usize],
}

/// Puts sets where the table has them. Others go where they do the least harm.
pub(super) fn share(sets: Vec<Set>, table: &Table) -> Shares {
    let known = |set: &Set| table.groups.get(set).copied();
    let (old, new): (Vec<Set>, Vec<Set>) = sets.into_iter().partition(|set| known(set).is_some());
    let mut this = Shares {
        way: table.way,
        sets: Vec::with_capacity(old.len() + new.len()),
        groups: <_>::default(),
        costs: <_>::default(),
    };
    for set in old {
        this.put(set, known(&set).unwrap_or(0));
    }
    this.costs = this.groups.map(|group| group.cost(this.way));
    for set in new {
        let (best, cost) = this.best(set);
        this.put(set, best);
        if let Some(place) = this.costs.get_mut(best) {
            *place = cost;
        }
    }
    this
}

impl Shares {
    /// How many of a million places in text are marked, about.
    pub(super) fn marked(&self) -> f64 {
        self.costs.iter().sum()
    }

    pub(super) fn prints(&self) -> Fingerprints {
        let mut prints = Fingerprints::default();
        for (set, share) in &self.sets {
            prints.add(u8::try_from(*share).unwrap_or(u8::MAX), *set);
        }
        prints
    }

    fn put(&mut self, set: Set, share: usize) {
        if let Some(group) = self.groups.get_mut(share) {
            *group = group.with(set);
        }
        self.sets.push((set, share));
    }

    /// The group in which a set lets the least more through, and what the group costs with it.
    fn best(&self, set: Set) -> (usize, f64) {
        let with = self
            .groups
            .iter()
            .map(|group| group.with(set).cost(self.way));
        let with = with.zip(&self.costs).enumerate();
        with.min_by(|(_, (a, before)), (_, (b, other))| (a - *before).total_cmp(&(b - *other)))
            .map_or((0, 0.0), |(number, (cost, _))| (number, cost))
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
    use super::{Group, Kind, Set, TABLE, Table, Way, group, share};

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
        assert_eq!(group("7"), Some(7));
        for wrong in ["", "x", "24"] {
            assert_eq!(group(wrong), None, "{wrong}");
        }
        let read: usize = KINDS.iter().map(|kind| sets(*kind).len()).sum();
        assert_eq!(read, TABLE.lines().count());
        for (kind, way) in tables() {
            assert_eq!(Table::of(kind, way).groups.len(), sets(kind).len());
        }
        let table = Table::of(Kind::Everywhere, Way::Six);
        assert!(sets(Kind::Everywhere).iter().all(|set| table.has_set(set)));
        let four = sets(Kind::Everywhere).iter().find_map(|set| {
            let [Some(a), Some(b), Some(c), Some(d)] = *set else {
                return None;
            };
            Some(u32::from_le_bytes([a, b, c, d]))
        });
        assert!(four.is_some_and(|four| table.has(four)));
        assert!(!table.has(u32::from_le_bytes(*b"q9zx")));
    }

    /// What is in no group would be looked for nowhere.
    #[test]
    fn every_set_gets_a_group_whether_the_table_has_it_or_not() {
        for (kind, way) in tables() {
            let mut sets = sets(kind);
            sets.extend([b"q9zx", b"jj,q"].map(|four| four.map(Some)));
            let shares = share(sets.clone(), &Table::of(kind, way));
            let mut shared: Vec<Set> = shares.sets.iter().map(|(set, _)| *set).collect();
            shared.sort();
            sets.sort();
            assert_eq!(shared, sets);
            for (set, share) in &shares.sets {
                let group = shares.groups[*share];
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
            for (number, (group, cost)) in shares.groups.iter().zip(shares.costs).enumerate() {
                let its = shares.sets.iter().filter(|(_, own)| *own == number);
                let of = its.fold(Group::default(), |group, (set, _)| group.with(*set));
                assert_eq!(*group, of);
                assert_eq!(group.cost(way).to_bits(), cost.to_bits());
            }
        }
    }

    #[test]
    fn the_table_marks_fewer_places_than_sharing_as_they_come() {
        for (kind, way) in tables() {
            let [table, coming] = [Table::of(kind, way), Table::none(way)];
            let [table, coming] = [table, coming].map(|table| share(sets(kind), &table).marked());
            assert!(table < coming, "{kind:?} {way:?} {table} {coming}");
        }
    }

    impl Table {
        fn none(way: Way) -> Self {
            Self {
                way,
                groups: <_>::default(),
            }
        }
    }
}
