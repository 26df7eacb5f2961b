//! The search: words, the bytes by which each is known, and the groups of those.

use std::collections::{BTreeMap, HashMap};

use credlint::check::secret;
use fastrand::Rng;

/// So often something else is tried.
const TRIES: u32 = 4_000_000;
/// To look up the words of four bytes that stand there takes as long as so many marks by chance, and to
/// compare each of these words as long as so many.
const LOOKED_UP: f64 = 3.0;
const COMPARED: f64 = 1.0;
/// How many marks more in a million are taken at the beginning, and at the end.
const WARM: f64 = 200.0;
const COLD: f64 = 0.01;

const GROUPS: usize = secret::GROUPS as usize;
pub(crate) const PRINT: usize = 4;
/// What makes a capital letter a small one.
pub(crate) const CASE: u8 = 0x20;

/// Four bytes, folded; of a word of three bytes, which any may follow, three.
pub(crate) type Set = Vec<u8>;

/// By what of a byte its groups are looked up.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// Its lower six bits.
    Six,
    /// Its halves, folded.
    Halves,
}

/// Look-ups of a byte.
const LOOKS: usize = 2;

impl Way {
    /// What each look-up sees of a byte: by six bits there is one.
    fn looks(self, byte: u8) -> [u8; LOOKS] {
        match self {
            Self::Six => [byte % 64, 0],
            Self::Halves => [(byte | CASE) & 15, (byte | CASE) >> 4],
        }
    }
}

/// What a group lets through: for each place and look-up a bit for each of what it may see.
type Group = [[u64; LOOKS]; PRINT];

fn with(mut group: Group, set: &[u8], way: Way) -> Group {
    for (at, looks) in group.iter_mut().enumerate() {
        let Some(byte) = set.get(at) else {
            *looks = [u64::MAX; LOOKS];
            continue;
        };
        for byte in [*byte | CASE, *byte & !CASE]
            .into_iter()
            .filter(u8::is_ascii)
        {
            for (look, seen) in looks.iter_mut().zip(way.looks(byte)) {
                *look |= 1 << seen;
            }
        }
    }
    group
}

/// Places, a bit each, by what is seen there.
struct Sample {
    seen: Vec<[[Vec<u64>; 64]; LOOKS]>,
    count: usize,
    known: HashMap<Group, f64>,
}

impl Sample {
    fn of(places: &[[u8; PRINT]], way: Way) -> Self {
        let none = || std::array::from_fn(|_| vec![0; places.len().div_ceil(64)]);
        let mut seen: Vec<[[Vec<u64>; 64]; LOOKS]> = (0..PRINT).map(|_| [none(), none()]).collect();
        for (number, place) in places.iter().enumerate() {
            for (looks, byte) in seen.iter_mut().zip(place) {
                for (look, value) in looks.iter_mut().zip(way.looks(*byte)) {
                    look[usize::from(value)][number / 64] |= 1 << (number % 64);
                }
            }
        }
        Self {
            seen,
            count: places.len(),
            known: HashMap::new(),
        }
    }

    /// How many of a million places a group lets through.
    fn cost(&mut self, group: &Group) -> f64 {
        if let Some(known) = self.known.get(group) {
            return *known;
        }
        let length = self.count.div_ceil(64);
        let (mut all, mut some) = (vec![u64::MAX; length], vec![0; length]);
        for (looks, values) in self.seen.iter().zip(group) {
            for (look, mask) in looks.iter().zip(values) {
                some.fill(0);
                let admitted = look.iter().enumerate();
                for (_, bits) in admitted.filter(|(value, _)| mask >> value & 1 == 1) {
                    some.iter_mut().zip(bits).for_each(|(to, from)| *to |= from);
                }
                all.iter_mut().zip(&some).for_each(|(to, from)| *to &= from);
            }
        }
        // What stands behind the last place is seen nowhere.
        let let_through: u32 = all.iter().map(|bits| bits.count_ones()).sum();
        let cost = f64::from(let_through) * 1e6 / self.count.max(1) as f64;
        self.known.insert(*group, cost);
        cost
    }
}

/// Words, each with the bytes by which it is known, and the groups of those.
pub(crate) struct Search {
    way: Way,
    sample: Sample,
    /// By which bytes each word is known.
    pub(crate) own: Vec<Set>,
    /// The group of each set that a word is known by.
    pub(crate) groups: BTreeMap<Set, usize>,
    /// How many words are known by it.
    words: HashMap<Set, usize>,
    /// How many of a million places each set stands at.
    stands: HashMap<Set, f64>,
    shapes: Vec<(Group, f64)>,
}

impl Search {
    pub(crate) fn run(choices: &[Vec<Set>], way: Way, places: &[[u8; PRINT]]) -> Self {
        let mut random = Rng::with_seed(1);
        let mut this = Self::new(choices, way, places);
        for done in 0..TRIES {
            let left = 1.0 - f64::from(done) / f64::from(TRIES);
            let number = random.usize(..choices.len());
            let Some(set) = choices.get(number).and_then(|sets| random.choice(sets)) else {
                continue;
            };
            let group = random.usize(..GROUPS);
            let taken = -(WARM * left * left).max(COLD) * random.f64().max(f64::MIN_POSITIVE).ln();
            this.attempt(number, set, group, taken);
        }
        this
    }

    fn new(choices: &[Vec<Set>], way: Way, places: &[[u8; PRINT]]) -> Self {
        let own: Vec<Set> = choices
            .iter()
            .filter_map(|sets| sets.first().cloned())
            .collect();
        let sets = choices.iter().flatten().cloned();
        let mut stands: HashMap<Set, f64> = sets.map(|set| (set, 0.0)).collect();
        for place in places {
            let folded = place.map(|byte| byte | CASE);
            for length in [PRINT, PRINT - 1] {
                if let Some(count) = folded.get(..length).and_then(|set| stands.get_mut(set)) {
                    *count += 1e6 / places.len() as f64;
                }
            }
        }
        let mut words = HashMap::new();
        own.iter()
            .for_each(|set| *words.entry(set.clone()).or_default() += 1);
        let groups: BTreeMap<Set, usize> = own.iter().cloned().zip((0..GROUPS).cycle()).collect();
        let mut this = Self {
            way,
            sample: Sample::of(places, way),
            own,
            groups,
            words,
            stands,
            shapes: Vec::new(),
        };
        for group in 0..GROUPS {
            let shape = this.shape(group, None);
            let cost = this.sample.cost(&shape);
            this.shapes.push((shape, cost));
        }
        this
    }

    /// A group, without a set if one is given.
    fn shape(&self, group: usize, without: Option<&Set>) -> Group {
        let sets = self.groups.iter();
        let sets = sets.filter(|(set, its)| **its == group && Some(*set) != without);
        sets.fold(Group::default(), |shape, (set, _)| {
            with(shape, set, self.way)
        })
    }

    /// Lets a word be known by a set: by another than before, which is in its group or comes into the
    /// given one; or by its own, which moves there. Unless more than `taken` is let through more.
    fn attempt(&mut self, number: usize, set: &Set, group: usize, taken: f64) {
        let old = self.own[number].clone();
        let from = self.groups[&old];
        let moves = *set == old;
        let known = self.groups.get(set).copied().filter(|_| !moves);
        let to = known.unwrap_or(group);
        if moves && to == from {
            return;
        }
        let leaves = moves || self.words[&old] == 1;
        let rest = match leaves {
            true => self.shape(from, Some(&old)),
            false => self.shapes[from].0,
        };
        let mut more = COMPARED * (self.stands[set] - self.stands[&old]);
        if !moves {
            let comes = if known.is_none() {
                self.stands[set]
            } else {
                0.0
            };
            let goes = if leaves { self.stands[&old] } else { 0.0 };
            more += LOOKED_UP * (comes - goes);
        }
        let base = if to == from { rest } else { self.shapes[to].0 };
        let joined = with(base, set, self.way);
        let joined = (joined, self.sample.cost(&joined));
        more += joined.1 - self.shapes[to].1;
        let rest = (to != from).then(|| (rest, self.sample.cost(&rest)));
        if let Some((_, cost)) = rest {
            more += cost - self.shapes[from].1;
        }
        if more > taken {
            return;
        }
        if leaves {
            self.groups.remove(&old);
        }
        self.groups.insert(set.clone(), to);
        if let Some(words) = self.words.get_mut(&old) {
            *words -= 1;
        }
        *self.words.entry(set.clone()).or_default() += 1;
        self.own[number] = set.clone();
        if let Some(rest) = rest {
            self.shapes[from] = rest;
        }
        self.shapes[to] = joined;
    }

    pub(crate) fn marked(&self) -> f64 {
        self.shapes.iter().map(|(_, cost)| cost).sum()
    }

    pub(crate) fn looked_up(&self) -> f64 {
        self.groups.keys().map(|set| self.stands[set]).sum()
    }

    pub(crate) fn compared(&self) -> f64 {
        self.own.iter().map(|set| self.stands[set]).sum()
    }
}
