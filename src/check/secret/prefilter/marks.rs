//! Few literals that must be looked for everywhere: of each the four rarest bytes are marked by
//! [`super::lanes`], and compared here.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::Hit;
use super::common::Common;
use super::lanes::{Fingerprints, PRINT, Way};
use super::literals::{ANY_LAST, CASE, Literal, fours, rarity};
use super::pairs::Pairs;
use super::shares::{self, Kind, Set, Table};

/// With more sets of four bytes than this, sharing them out takes longer than it can save.
const MOST: usize = 512;
/// Where more of a million places than this would be marked, about, windows are cheaper. The built-in
/// rules mark a sixth of it, and near rows half.
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
    pub(super) fn new(literals: Vec<Literal>, kind: Kind, way: Way) -> Result<Self, Vec<Literal>> {
        let table = Table::of(kind, way);
        let wanted = |four| table.has(four);
        let Some(mut this) = Self::unmarked(&literals, wanted) else {
            return Err(literals);
        };
        for known in this.whole.keys().chain(this.heads.keys()) {
            let slot = slot(*known);
            this.known[slot / 64] |= 1 << (slot % 64);
        }
        let shares = shares::share(this.sets(), &table);
        if shares.marked() > MOST_MARKED {
            return Err(literals);
        }
        this.prints = shares.prints();
        this.literals = literals;
        Ok(this)
    }

    /// The lines of the table for some literals: see [`shares::lines`].
    pub(super) fn lines(
        literals: &[Literal],
        kind: Kind,
        (common, pairs): (&Common, &Pairs),
    ) -> String {
        let chosen = common.choose(literals.iter().map(|literal| &*literal.bytes));
        let marks = Self::unmarked(literals, |four| chosen.contains(&four));
        marks.map_or_else(String::new, |marks| {
            shares::lines(&marks.sets(), kind, pairs)
        })
    }

    /// The places of literals, without what is made of them. Takes which windows are looked for
    /// rather than others.
    fn unmarked(literals: &[Literal], wanted: impl Fn(u32) -> bool) -> Option<Self> {
        let mut this = Self {
            literals: Vec::new(),
            prints: Fingerprints::default(),
            whole: Places::default(),
            heads: Places::default(),
            known: Box::new([0; KNOWN / 64]),
        };
        for (number, literal) in literals.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            match *literal.bytes {
                [] | [_] | [_, _] => return None,
                [a, b, c] => {
                    let places = this.heads.entry(window([a, b, c, 0]) & ANY_LAST);
                    places.or_default().push((number, 0));
                }
                ref bytes => {
                    let at = rarest(bytes, &wanted);
                    let four = bytes.get(at..).and_then(<[u8]>::first_chunk);
                    let places = this.whole.entry(window(four.copied().unwrap_or_default()));
                    let place = u32::try_from(at).unwrap_or(u32::MAX);
                    places.or_default().push((number, place));
                }
            }
        }
        (this.whole.len() + this.heads.len() <= MOST).then_some(this)
    }

    /// What is looked for.
    fn sets(&self) -> Vec<Set> {
        let whole = self.whole.keys().map(|four| four.to_le_bytes().map(Some));
        let heads = self.heads.keys().map(|three| {
            let [a, b, c, _] = three.to_le_bytes();
            [Some(a), Some(b), Some(c), None]
        });
        whole.chain(heads).collect()
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

/// Where in a literal the four bytes stand by which to know it: the rarest of those that are wanted,
/// or of all.
fn rarest(bytes: &[u8], wanted: impl Fn(u32) -> bool) -> usize {
    let fours = || fours(bytes).enumerate();
    let rare = |(_, four): &(usize, &[u8; PRINT])| rarity(*four);
    let some = fours().filter(|(_, four)| wanted(window(**four)));
    let best = some.max_by_key(rare).or_else(|| fours().max_by_key(rare));
    best.map_or(0, |(at, _)| at)
}

/// Bits of the map of what is known.
const KNOWN: usize = 1 << 16;

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
pub(super) fn window(bytes: [u8; PRINT]) -> u32 {
    u32::from_le_bytes(bytes) | CASE
}
