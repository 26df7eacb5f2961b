//! Few literals that must be looked for everywhere: of each the four rarest bytes are marked by
//! [`super::lanes`], and compared here.

use super::Hit;
use super::lanes::{Fingerprints, PRINT, Way};
use super::literals::{ANY_LAST, CASE, Front, Head, Literal, fours, rarity};
use super::shares::{self, Kind, Set, Table};

/// With more sets of four bytes than this, sharing them out takes longer than it can save.
const MOST: usize = 512;
/// Where more of a million places than this would be marked, about, windows are cheaper. The built-in
/// rules mark a quarter of it, by this measure.
const MOST_MARKED: f64 = 50_000.0;

/// Bytes of a literal that are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    /// Four bytes; or three, and zero for any fourth.
    window: u32,
    /// Where in the literal they stand: those that begin at one place are compared one after another.
    place: u32,
    /// The literal's number.
    literal: u32,
    /// With what it begins.
    head: Head,
}

/// Literals and their marks.
#[derive(Debug)]
pub(super) struct Marks {
    literals: Vec<Literal>,
    prints: Fingerprints,
    /// By the slots of their windows.
    marks: Box<[Mark]>,
    /// Where those of each slot begin, and behind the last the end.
    starts: Box<[u16]>,
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
        for mark in &this.marks {
            for window in windows(mark.window) {
                let bit = slot::<KNOWN>(window);
                this.known[bit / 64] |= 1 << (bit % 64);
            }
        }
        let shares = shares::share(this.sets(), &table);
        if shares.marked() > MOST_MARKED {
            return Err(literals);
        }
        this.prints = shares.prints();
        this.literals = literals;
        Ok(this)
    }

    /// The places of literals, without what is made of them. Takes which windows are looked for
    /// rather than others.
    fn unmarked(literals: &[Literal], wanted: impl Fn(u32) -> bool) -> Option<Self> {
        let mut marks = Vec::with_capacity(literals.len());
        for (number, literal) in literals.iter().enumerate() {
            let (window, place) = match *literal.bytes {
                [] | [_] | [_, _] => return None,
                [a, b, c] => (window([a, b, c, 0]) & ANY_LAST, 0),
                ref bytes => {
                    let at = rarest(bytes, &wanted);
                    let four = bytes.get(at..).and_then(<[u8]>::first_chunk);
                    (window(four.copied().unwrap_or_default()), at)
                }
            };
            marks.push(Mark {
                window,
                literal: u32::try_from(number).unwrap_or(u32::MAX),
                place: u32::try_from(place).unwrap_or(u32::MAX),
                head: literal.head,
            });
        }
        let slot = |mark: &Mark| slot::<SLOTS>(mark.window);
        marks.sort_unstable_by_key(|mark| (slot(mark), *mark));
        let starts = (0..=SLOTS).map(|number| marks.partition_point(|mark| slot(mark) < number));
        let starts: Option<_> = starts.map(|start| u16::try_from(start).ok()).collect();
        let this = Self {
            literals: Vec::new(),
            prints: Fingerprints::default(),
            starts: starts?,
            marks: marks.into(),
            known: Box::new([0; KNOWN / 64]),
        };
        (this.sets().len() <= MOST).then_some(this)
    }

    /// What is looked for.
    fn sets(&self) -> Vec<Set> {
        let mut windows: Vec<u32> = self.marks.iter().map(|mark| mark.window).collect();
        windows.sort_unstable();
        windows.dedup();
        // Of four bytes none is zero: all have the bit that folds letters.
        let byte = |byte: u8| (byte != 0).then_some(byte);
        let sets = windows.iter().map(|window| window.to_le_bytes().map(byte));
        sets.collect()
    }

    /// By how many sets of bytes literals are known, and those sets that the table does not have.
    #[cfg(test)]
    pub(super) fn strange(literals: &[Literal], kind: Kind) -> (usize, Vec<Set>) {
        let table = Table::of(kind, Way::Six);
        let marks = Self::unmarked(literals, |four| table.has(four));
        let mut sets = marks.map_or_else(Vec::new, |marks| marks.sets());
        let all = sets.len();
        sets.retain(|set| !table.has_set(set));
        (all, sets)
    }

    pub(super) const fn prints(&self) -> &Fingerprints {
        &self.prints
    }

    /// Whether what stands at an offset that is marked may be known. No branch depends on it.
    #[inline]
    pub(super) fn may_stand(&self, text: &[u8], at: usize) -> bool {
        let bit = slot::<KNOWN>(here(text, at));
        self.known[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Compares the literals of which four bytes may stand at an offset.
    #[inline(never)]
    pub(super) fn at(&self, text: &[u8], at: usize, found: &mut impl FnMut(&[usize], Hit)) {
        let window = here(text, at);
        for window in [window, window & ANY_LAST] {
            let mut last = None;
            for mark in self.of(window) {
                let (start, front) = match last {
                    Some((place, start, front)) if place == mark.place => (start, front),
                    _ => {
                        let Some(start) = at.checked_sub(mark.place as usize) else {
                            continue;
                        };
                        let front = Front::of(text, start);
                        last = Some((mark.place, start, front));
                        (start, front)
                    }
                };
                if !mark.head.is(front) {
                    continue;
                }
                if let Some(literal) = self.literals.get(mark.literal as usize) {
                    literal.tell(text, start, found);
                }
            }
        }
    }

    /// The marks of a window.
    #[inline]
    fn of(&self, window: u32) -> impl Iterator<Item = &Mark> {
        let slot = slot::<SLOTS>(window);
        let start = |slot: usize| self.starts.get(slot).map_or(0, |start| usize::from(*start));
        let here = self.marks.get(start(slot)..start(slot + 1)).unwrap_or(&[]);
        here.iter().filter(move |mark| mark.window == window)
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

/// Every four bytes, folded, for which a window is looked up.
fn windows(window: u32) -> impl Iterator<Item = u32> {
    let any = window & !ANY_LAST == 0;
    let last = (0..=u8::MAX).filter(move |last| any && u32::from(*last) & CASE != 0);
    let with = last.map(move |last| window | u32::from(last) << 24);
    with.chain((!any).then_some(window))
}

/// Bits of the map of what is known.
const KNOWN: usize = 1 << 16;
/// Slots of what is known.
const SLOTS: usize = 1 << 11;

/// One of so many slots.
const fn slot<const COUNT: usize>(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> (32 - COUNT.ilog2())) as usize
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
