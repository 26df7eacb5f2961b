//! One pass over the raw bytes for every literal of every rule. Most files end here.
//!
//! What a rule can only match near a long row of token bytes is looked up there alone, since such
//! rows are rare in text: the beginning of a token where a word begins that goes on so long
//! ([`prefix`]), the name of a value in its neighbourhood ([`near`]). The few words and signs that
//! remain are looked for everywhere. Both kinds of words are marked by vector instructions
//! ([`lanes`], [`marks`]), or found by [`windows`] where a machine has none.

mod blocks;
mod lanes;
mod literals;
mod long;
mod marks;
mod near;
mod places;
mod prefix;
mod shares;
mod windows;

use std::ops::Range;

use super::decode::{may_be_packed, may_matter};
use crate::rule::Start;
use crate::rule::run::Place;
use crate::rule::start;
use blocks::{Room, offsets};
use lanes::{BLOCK, CHUNK, Fingerprints, Judge, Lanes, Sheet, Stretch, Work};
use long::Long;
use marks::Marks;
use near::Near;
use places::Places;
use prefix::Prefixes;
use shares::Kind;
use windows::Windows;

pub use lanes::GROUPS;

/// A literal that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// First byte of the literal.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

/// What the pass notes of a text for those who decode what stands in it in another notation.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// Rows of [`LEAST`] bytes or more that may be base64.
    pub(super) rows: Vec<Range<usize>>,
    /// Signs that may begin a character in another notation.
    signs: Signs,
    /// Places that are not in use.
    places: Places,
    /// Judged blocks that are not in use.
    blocks: Box<Room>,
    /// The same near a row.
    near: Box<Beside>,
}

/// Room for the search near a row, used for row after row.
#[derive(Debug)]
struct Beside {
    sheet: Sheet,
    places: Places,
}

impl Default for Beside {
    fn default() -> Self {
        Self {
            sheet: Sheet::EMPTY,
            places: Places::default(),
        }
    }
}

impl Noted {
    /// Where signs stand that may begin a character in another notation, in order.
    pub(super) fn signs(&self) -> impl Iterator<Item = usize> {
        let blocks = self.signs.0.iter();
        blocks.flat_map(|(base, signs)| offsets(*base, *signs))
    }
}

/// Places of signs: where 64 bytes begin in which there are any, and a bit for each.
#[derive(Debug, Default)]
struct Signs(Vec<(usize, u64)>);

impl Signs {
    /// Adds places behind those that are there.
    fn add(&mut self, places: &Places) {
        for at in places.iter() {
            let (base, bit) = (at - at % BLOCK, 1 << (at % BLOCK));
            match self.0.last_mut() {
                Some((last, signs)) if *last == base => *signs |= bit,
                _ => self.0.push((base, bit)),
            }
        }
    }
}

/// The literals of all rules.
#[derive(Debug)]
pub(super) struct Prefilter {
    lanes: Lanes,
    prefixes: Prefixes,
    near: Finder,
    everywhere: Finder,
}

/// What the table of `shares.txt` is made for.
#[derive(Debug)]
pub struct Words {
    /// The word of the table for where they are looked for.
    pub kind: &'static str,
    /// They, in small letters.
    pub words: Vec<Box<[u8]>>,
}

/// Literals, and how they are looked for.
#[derive(Debug)]
enum Finder {
    Marks(Box<Marks>),
    Windows(Windows),
}

impl Prefilter {
    /// Takes where the search for rules starts; a rule's number is its place.
    pub(super) fn new<'s>(rules: impl IntoIterator<Item = &'s Start>) -> Self {
        Self::with(Lanes::best(), Sorted::new(rules))
    }

    fn with(lanes: Lanes, sorted: Sorted) -> Self {
        let Sorted {
            prefixes,
            near,
            everywhere,
        } = sorted;
        Self {
            lanes,
            prefixes,
            near: Finder::new(lanes, Kind::Near, near),
            everywhere: Finder::new(lanes, Kind::Everywhere, everywhere),
        }
    }

    /// The words of some rules that are marked, by where they are looked for.
    pub(super) fn words<'s>(rules: impl IntoIterator<Item = &'s Start>) -> [Words; 2] {
        Sorted::new(rules).kinds().map(|(kind, literals)| Words {
            kind: kind.word(),
            words: literals.into_iter().map(|literal| literal.bytes).collect(),
        })
    }

    /// Calls back for every rule of every literal in the text that can count, and notes what may be
    /// another notation.
    pub(super) fn each(&self, text: &[u8], noted: &mut Noted, found: impl FnMut(&[usize], Hit)) {
        self.lanes.run(Pass {
            prefilter: self,
            text,
            noted,
            found,
        });
    }
}

/// Literals by how they are looked for.
struct Sorted {
    prefixes: Prefixes,
    near: Vec<literals::Literal>,
    everywhere: Vec<literals::Literal>,
}

impl Sorted {
    fn new<'s>(rules: impl IntoIterator<Item = &'s Start>) -> Self {
        let mut prefixes = Prefixes::default();
        let (mut near, mut others) = (Vec::new(), Vec::new());
        for (rule, start) in rules.into_iter().enumerate() {
            match &start.words {
                start::Words::Beginnings(words) => {
                    words.iter().for_each(|word| prefixes.add(word, rule));
                }
                start::Words::Keywords(words) => {
                    let words = words.iter().map(|word| (rule, &**word));
                    match start.place {
                        Place::Near => near.extend(words),
                        Place::Words | Place::Anywhere => others.extend(words),
                    }
                }
            }
        }
        Self {
            prefixes,
            near: literals::group(near),
            everywhere: literals::group(others),
        }
    }

    /// What is marked, by where it is looked for.
    fn kinds(self) -> [(Kind, Vec<literals::Literal>); 2] {
        [(Kind::Everywhere, self.everywhere), (Kind::Near, self.near)]
    }
}

/// The pass over one text.
struct Pass<'p, F> {
    prefilter: &'p Prefilter,
    text: &'p [u8],
    noted: &'p mut Noted,
    found: F,
}

impl<F: FnMut(&[usize], Hit)> Work for Pass<'_, F> {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    fn run(self, judge: impl Judge) {
        let Self {
            prefilter,
            text,
            noted,
            mut found,
        } = self;
        let Noted {
            rows,
            signs,
            places,
            blocks,
            near: beside,
        } = noted;
        rows.clear();
        signs.0.clear();
        let none = Fingerprints::default();
        let marks = match &prefilter.everywhere {
            Finder::Marks(marks) => Some(marks),
            Finder::Windows(windows) => {
                windows.each(text, 0..text.len(), &mut found);
                None
            }
        };
        let prints = marks.map_or(&none, |marks| marks.prints());
        let mut near = Near::default();
        let mut long = Long::new(text);
        blocks::each(judge, text, prints, blocks, |blocks| {
            if let Some(marks) = marks {
                blocks.marks(judge, places);
                places.keep(|at| marks.may_stand(text, at));
                for at in places.iter() {
                    marks.at(text, at, &mut found);
                }
            }
            blocks.words(judge, places);
            places.keep(|at| prefilter.prefixes.may_stand(text, at));
            for at in places.iter() {
                prefilter.prefixes.at(text, at, &mut found);
            }
            blocks.signs(judge, places);
            places.keep(|at| may_matter(text, at));
            signs.add(places);
            blocks.rows(judge, places);
            places.keep(|at| long::may_change(blocks.block(at), at));
            places.ask(|at| long::told(blocks.block(at), at, near::may_be_value(text, at)));
            for (at, told) in places.answers() {
                let block = blocks.block(at);
                let begun = long.begun(block, at, told);
                let mut stretch = None;
                if begun.value && near::is_value(text, at) {
                    stretch = near.value(at);
                }
                if begun.packed && may_be_packed(text, at) {
                    rows.push(at..long.wide.end(text, at, block));
                }
                if begun.token {
                    let row = at..long.dense.end(text, at, block);
                    stretch = stretch.or(near.add(&row));
                }
                if let Some(stretch) = stretch {
                    prefilter
                        .near
                        .each(judge, (text, stretch), beside, &mut found);
                }
            }
        });
        if let Some(stretch) = near.finish() {
            prefilter
                .near
                .each(judge, (text, stretch), beside, &mut found);
        }
    }
}

impl Finder {
    fn new(lanes: Lanes, kind: Kind, literals: Vec<literals::Literal>) -> Self {
        let marks = match lanes.marks() {
            Some(way) => Marks::new(literals, kind, way),
            None => Err(literals),
        };
        match marks {
            Ok(marks) => Self::Marks(Box::new(marks)),
            Err(literals) => Self::Windows(Windows::new(literals)),
        }
    }

    /// Calls back for every rule of every literal that lies in a stretch of the text, and perhaps
    /// for some that end a few bytes behind it.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    fn each(
        &self,
        judge: impl Judge,
        (text, stretch): (&[u8], Range<usize>),
        Beside { sheet, places }: &mut Beside,
        found: &mut impl FnMut(&[usize], Hit),
    ) {
        let marks = match self {
            Self::Marks(marks) => marks,
            Self::Windows(windows) => return windows.each(text, stretch, found),
        };
        let end = stretch.end.min(text.len());
        for from in (stretch.start..end).step_by(CHUNK * BLOCK) {
            let count = (end - from).div_ceil(BLOCK).min(CHUNK);
            judge.judge(Stretch { text, from, count }, marks.prints(), sheet);
            places.find(judge, from, sheet.marked(), count);
            places.keep(|at| (at < end) & marks.may_stand(text, at));
            for at in places.iter() {
                marks.at(text, at, found);
            }
        }
    }
}

#[cfg(test)]
use crate::rule::detect::Detect;
#[cfg(test)]
use shares::Set;

#[cfg(test)]
impl Prefilter {
    /// Looks everywhere for every keyword.
    pub(super) fn everywhere<'d>(rules: impl IntoIterator<Item = &'d Detect>) -> Self {
        let rules = rules.into_iter().enumerate();
        let words =
            rules.flat_map(|(rule, detect)| detect.keywords.iter().map(move |k| (rule, &**k)));
        let sorted = Sorted {
            prefixes: Prefixes::default(),
            near: Vec::new(),
            everywhere: literals::group(words),
        };
        Self::with(Lanes::best(), sorted)
    }

    /// By how many sets of bytes words are known, and those that the table does not have.
    pub(super) fn strange<'s>(rules: impl IntoIterator<Item = &'s Start>) -> (usize, Vec<Set>) {
        let kinds = Sorted::new(rules).kinds();
        let known = kinds.map(|(kind, literals)| Marks::strange(&literals, kind));
        let all = known.iter().map(|(all, _)| all).sum();
        (all, known.into_iter().flat_map(|(_, sets)| sets).collect())
    }

    /// Whether words are marked, or the machine cannot.
    pub(super) fn is_fast(&self) -> bool {
        let marked = |words: &Finder| matches!(words, Finder::Marks(_));
        self.lanes.marks().is_none() || (marked(&self.everywhere) && marked(&self.near))
    }
}

#[cfg(test)]
mod tests;
