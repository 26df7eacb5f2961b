//! Few literals that must be looked for everywhere: of each the four rarest bytes are marked by
//! [`super::lanes`], and compared here.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::lanes::{Fingerprints, GROUPS, PRINT};
use super::literals::{ANY_LAST, CASE, Literal, rarity};
use super::{Effort, Hit};

/// With more sets of four bytes than this, sharing them out takes longer than it can save.
const MOST: usize = 512;
/// Where more of a million places than this would be marked, about, windows are cheaper. The built-in
/// rules mark a tenth of it.
const MOST_MARKED: f64 = 50_000.0;

/// Which literals have four bytes, and where in them those stand.
type Places = HashMap<u32, Vec<(u32, u32)>, FixedState>;

/// Literals and their marks.
#[derive(Debug)]
pub(super) struct Marks {
    literals: Vec<Literal>,
    prints: Fingerprints,
    /// Four bytes.
    whole: Places,
    /// Three bytes, and any fourth, which is zero here.
    heads: Places,
    /// A bit for each hash of what is known: most of what is marked by chance goes no further.
    known: Box<[u64; KNOWN / 64]>,
}

impl Marks {
    /// None if there are too many literals, too common ones, or one that is too short. Gives them
    /// back then.
    pub(super) fn new(literals: Vec<Literal>, effort: Effort) -> Result<Self, Vec<Literal>> {
        let mut this = Self {
            literals,
            prints: Fingerprints::default(),
            whole: Places::default(),
            heads: Places::default(),
            known: Box::new([0; KNOWN / 64]),
        };
        let literals = std::mem::take(&mut this.literals);
        for (number, literal) in literals.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            match *literal.bytes {
                [] | [_] | [_, _] => return Err(literals),
                [a, b, c] => {
                    let places = this.heads.entry(window([a, b, c, 0]) & ANY_LAST);
                    places.or_default().push((number, 0));
                }
                ref bytes => {
                    let at = this.rarest(bytes);
                    let four = bytes.get(at..).and_then(<[u8]>::first_chunk);
                    let places = this.whole.entry(window(four.copied().unwrap_or_default()));
                    let place = u32::try_from(at).unwrap_or(u32::MAX);
                    places.or_default().push((number, place));
                }
            }
        }
        if this.whole.len() + this.heads.len() > MOST {
            return Err(literals);
        }
        for known in this.whole.keys().chain(this.heads.keys()) {
            let slot = slot(*known);
            this.known[slot / 64] |= 1 << (slot % 64);
        }
        let shares = share_out(&this.whole, &this.heads, effort);
        if shares.marked() > MOST_MARKED {
            return Err(literals);
        }
        this.prints = shares.prints();
        this.literals = literals;
        Ok(this)
    }

    /// Where in a literal the four bytes stand by which to know it: the rarest, or others that are
    /// nearly as rare and are looked for anyway.
    fn rarest(&self, bytes: &[u8]) -> usize {
        let here = |at: usize| bytes.get(at..).and_then(<[u8]>::first_chunk);
        let rare = |at: usize| here(at).map_or(0, |four| rarity(four));
        let places = || 0..=bytes.len() - PRINT;
        let best = places().max_by_key(|at| rare(*at)).unwrap_or(0);
        let known =
            |at: &usize| here(*at).is_some_and(|four| self.whole.contains_key(&window(*four)));
        let known = places().filter(known).max_by_key(|at| rare(*at));
        known
            .filter(|at| rare(*at) * 4 >= rare(best) * 3)
            .unwrap_or(best)
    }

    pub(super) const fn prints(&self) -> &Fingerprints {
        &self.prints
    }

    /// Whether what stands at an offset that is marked may be known. No branch depends on it.
    #[inline]
    pub(super) fn may_stand(&self, text: &[u8], at: usize) -> bool {
        let window = here(text, at);
        self.is_known(window) | self.is_known(window & ANY_LAST)
    }

    #[inline]
    fn is_known(&self, window: u32) -> bool {
        let slot = slot(window);
        self.known[slot / 64] >> (slot % 64) & 1 == 1
    }

    /// Compares the literals of which four bytes may stand at an offset.
    #[inline(never)]
    pub(super) fn at(&self, text: &[u8], at: usize, found: &mut impl FnMut(usize, Hit)) {
        let window = here(text, at);
        let places = [
            self.whole.get(&window),
            self.heads.get(&(window & ANY_LAST)),
        ];
        for (number, place) in places.into_iter().flatten().flatten() {
            let literal = self.literals.get(*number as usize);
            let start = at.checked_sub(*place as usize);
            if let (Some(literal), Some(start)) = (literal, start) {
                literal.tell(text, start, found);
            }
        }
    }
}

/// Bits of the map of what is known.
const KNOWN: usize = 1 << 13;

const fn slot(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> (32 - KNOWN.ilog2())) as usize
}

/// The window at an offset. Behind the text's end stand zeros.
#[inline]
fn here(text: &[u8], at: usize) -> u32 {
    let rest = text.get(at..).unwrap_or(&[]);
    window(match rest.first_chunk() {
        Some(four) => *four,
        None => match *rest {
            [a, b, c] => [a, b, c, 0],
            _ => [0; PRINT],
        },
    })
}

#[inline]
fn window(bytes: [u8; PRINT]) -> u32 {
    u32::from_le_bytes(bytes) | CASE
}

/// Four bytes; None stands for any.
type Set = [Option<u8>; PRINT];

/// Shares the sets out among the groups, so that those in a group have much in common.
fn share_out(whole: &Places, heads: &Places, effort: Effort) -> Shares {
    let whole = whole.keys().map(|four| four.to_le_bytes().map(Some));
    let heads = heads.keys().map(|three| {
        let [a, b, c, _] = three.to_le_bytes();
        [Some(a), Some(b), Some(c), None]
    });
    let mut sets: Vec<Set> = whole.chain(heads).collect();
    // Those that let most through choose first; of equals, always the same.
    let alone = |set: &Set| Group::default().with(*set).cost();
    sets.sort_by(|a, b| alone(b).total_cmp(&alone(a)).then(a.cmp(b)));
    let mut shares = Shares::default();
    for set in &sets {
        shares.add(*set);
    }
    let rounds = match effort {
        Effort::Little => 0,
        Effort::Much => ROUNDS,
    };
    for _ in 0..rounds {
        if sets.iter().filter(|set| shares.move_on(**set)).count() == 0 {
            break;
        }
    }
    shares
}

/// So often is a better group looked for, for every set. Halves the places that are marked.
const ROUNDS: usize = 4;

/// The sets of each group.
struct Shares([Share; GROUPS as usize]);

#[derive(Default)]
struct Share {
    sets: Vec<Set>,
    group: Group,
    cost: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Share::default()))
    }
}

impl Shares {
    /// How many of a million places in text are marked, about.
    fn marked(&self) -> f64 {
        self.0.iter().map(|share| share.cost).sum()
    }

    fn prints(&self) -> Fingerprints {
        let mut prints = Fingerprints::default();
        for (number, share) in (0..).zip(&self.0) {
            share.sets.iter().for_each(|set| prints.add(number, *set));
        }
        prints
    }

    /// Adds a set where that lets the least more through. How much more.
    fn add(&mut self, set: Set) -> f64 {
        let dearer = |share: &Share| share.group.with(set).cost() - share.cost;
        let each = self.0.iter_mut().map(|share| (dearer(share), share));
        let Some((more, share)) = each.min_by(|(a, _), (b, _)| a.total_cmp(b)) else {
            return 0.0;
        };
        share.put(set);
        more
    }

    /// Moves a set where it lets the least through. Whether that is less than where it was.
    fn move_on(&mut self, set: Set) -> bool {
        let Some(share) = self.0.iter_mut().find(|share| share.sets.contains(&set)) else {
            return false;
        };
        let before = share.cost;
        let rest = std::mem::take(share);
        let rest = rest.sets.into_iter().filter(|other| *other != set);
        rest.for_each(|other| share.put(other));
        let gain = before - share.cost;
        gain - self.add(set) > f64::EPSILON
    }
}

impl Share {
    fn put(&mut self, set: Set) {
        self.sets.push(set);
        self.group = self.group.with(set);
        self.cost = self.group.cost();
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
fn common(low: u16, high: u16) -> f64 {
    let [first, second] = low.to_le_bytes().map(usize::from);
    let rows = COMMON_OF
        .iter()
        .zip((0..).map(|half| high >> half & 1 == 1));
    rows.filter(|(_, has)| *has)
        .map(|([firsts, seconds], _)| firsts[first] + seconds[second])
        .sum()
}

/// The bytes of source code, the most common first; letters in one case.
const COMMON: &[u8] = b" etaorinslcdpumfg_0.,()bhy-x;v1w=*>k/\"2:3'4qz8j56{}7#&|!+<[]%\\@?~$^`";

/// For each upper half of a folded byte of ASCII, and for each eight of its lower halves: what share
/// of text they are together, whichever of the eight there are.
static COMMON_OF: [[[f64; 1 << 8]; 2]; 8] = {
    let mut shares = [[[0.0; 1 << 8]; 2]; 8];
    let mut rank = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    while rank < COMMON.len() {
        let folded = COMMON[rank] as usize | CASE as usize & 0xFF;
        let (low, high) = (folded & 15, folded >> 4);
        // By Zipf's law.
        let share = 0.25 / (rank + 2) as f64;
        let mut some = 0;
        while some < 1 << 8 {
            if some >> (low % 8) & 1 == 1 {
                shares[high][low / 8][some] += share;
            }
            some += 1;
        }
        rank += 1;
    }
    shares
};
