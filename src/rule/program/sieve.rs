//! An expression without its counts and its assertions, as an automaton that is made as far as texts
//! ask for it. Nearly all tries of an expression fail, and to find out takes a tree a hundred steps
//! from choice to choice; here it takes one for each byte up to the one that fits nowhere. What passes
//! is tried.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Node, Set, Times};

/// So many bytes are looked at: what fits so far is tried.
const LOOKED: usize = 64;
/// Places of bytes in an expression: one with more has no sieve.
const MOST_PLACES: usize = 512;
/// States that are made: what leads to more is tried.
const MOST_STATES: usize = 192;
/// How often a byte that must stand many times is known to.
const COUNTED: usize = 8;

/// A state is the number of its first cell in the table; these are none.
const DEAD: u16 = u16::MAX - 2;
const PASSED: u16 = u16::MAX - 1;
const UNKNOWN: u16 = u16::MAX;

/// Tells of most places of a text that no match begins there.
#[derive(Debug)]
pub(super) struct Sieve {
    /// Bytes that every place takes alike are one class.
    classes: [u8; 256],
    /// For each state where each class leads.
    table: Box<[AtomicU16]>,
    /// Many threads search with one expression. What one of them asks for first all have: a cell holds
    /// all there is to know, so that reading it needs no lock.
    maker: Mutex<Maker>,
}

/// Bits of places.
type Places = Box<[u64]>;

/// What states are made of.
#[derive(Debug)]
struct Maker {
    /// For each class the places that take it.
    takes: Vec<Places>,
    /// For each place those that may come next.
    follow: Vec<Places>,
    /// Behind these a match may end.
    last: Places,
    /// For each state what may come next.
    states: Vec<Places>,
    numbers: HashMap<Places, u16>,
}

impl Sieve {
    /// None for an expression with too many places.
    pub(super) fn of(root: &Node) -> Option<Self> {
        if places(root) > MOST_PLACES {
            return None;
        }
        let mut draft = Draft::default();
        let start = draft.place(Set::NONE, &[]);
        let last = draft.follow(root, &start);
        let (classes, examples) = draft.classes();
        let size = draft.sets.len();
        let takes = examples.iter().map(|byte| {
            let takes = draft.sets.iter().enumerate();
            bits(
                size,
                takes.filter(|(_, set)| set.has(*byte)).map(|(at, _)| at),
            )
        });
        let mut maker = Maker {
            takes: takes.collect(),
            follow: draft
                .next
                .iter()
                .map(|next| bits(size, next.iter().copied()))
                .collect(),
            last: bits(size, last),
            states: Vec::new(),
            numbers: HashMap::new(),
        };
        let first = maker.follow.first()?.clone();
        maker.state(first);
        let cells = MOST_STATES * examples.len();
        Some(Self {
            classes,
            table: (0..cells).map(|_| AtomicU16::new(UNKNOWN)).collect(),
            maker: Mutex::new(maker),
        })
    }

    /// Whether a match may begin at an offset.
    #[inline]
    pub(super) fn lets_through(&self, text: &[u8], at: usize) -> bool {
        let rest = text.get(at..).unwrap_or(&[]);
        let mut state = 0;
        for byte in rest.iter().take(LOOKED) {
            let class = self.classes[usize::from(*byte)];
            let cell = usize::from(state) + usize::from(class);
            state = match self.table.get(cell) {
                Some(cell) => cell.load(Ordering::Relaxed),
                None => return true,
            };
            if state >= DEAD {
                if state == UNKNOWN {
                    state = self.make(cell, class);
                }
                if state >= DEAD {
                    return state == PASSED;
                }
            }
        }
        rest.len() >= LOOKED
    }

    #[cold]
    #[inline(never)]
    fn make(&self, cell: usize, class: u8) -> u16 {
        // A thread that failed left nothing half done that matters: a state is added before it is told.
        let mut maker = self.maker.lock().unwrap_or_else(PoisonError::into_inner);
        let next = maker.next(cell, class);
        if let Some(cell) = self.table.get(cell) {
            cell.store(next, Ordering::Relaxed);
        }
        next
    }
}

impl Maker {
    /// Where a class leads from the state that has a cell.
    fn next(&mut self, cell: usize, class: u8) -> u16 {
        let from = self.states.get(cell / self.takes.len());
        let (Some(from), Some(takes)) = (from, self.takes.get(usize::from(class))) else {
            return PASSED;
        };
        let here: Places = from
            .iter()
            .zip(takes)
            .map(|(from, takes)| from & takes)
            .collect();
        if here
            .iter()
            .zip(&self.last)
            .any(|(here, last)| here & last != 0)
        {
            return PASSED;
        }
        if here.iter().all(|here| *here == 0) {
            return DEAD;
        }
        let mut next = vec![0; here.len()].into_boxed_slice();
        for (at, follow) in self.follow.iter().enumerate() {
            if here
                .get(at / 64)
                .is_some_and(|bits| bits >> (at % 64) & 1 == 1)
            {
                next.iter_mut()
                    .zip(follow)
                    .for_each(|(next, more)| *next |= more);
            }
        }
        self.state(next)
    }

    /// The state in which some places may come next.
    fn state(&mut self, next: Places) -> u16 {
        if let Some(number) = self.numbers.get(&next) {
            return *number;
        }
        if self.states.len() == MOST_STATES {
            return PASSED;
        }
        let number = u16::try_from(self.states.len() * self.takes.len());
        let number = number
            .ok()
            .filter(|number| *number < DEAD)
            .unwrap_or(PASSED);
        if number != PASSED {
            self.states.push(next.clone());
            self.numbers.insert(next, number);
        }
        number
    }
}

fn bits(size: usize, places: impl IntoIterator<Item = usize>) -> Places {
    let mut bits = vec![0; size.div_ceil(64)].into_boxed_slice();
    for at in places {
        if let Some(bits) = bits.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
    }
    bits
}

/// How many places an expression has, about.
fn places(node: &Node) -> usize {
    match node {
        Node::Empty | Node::Look(_) => 0,
        Node::Bytes(bytes) | Node::Folded(bytes) => bytes.len(),
        Node::One(_) => 1,
        Node::Run(_, times) => times.least.clamp(1, COUNTED),
        Node::Group(_, node) => places(node),
        Node::All(parts) | Node::Any(parts) => parts.iter().map(|(_, part)| places(part)).sum(),
        Node::Again(node, _) => 1 + places(node),
    }
}

/// The places of an expression, and which may follow which.
#[derive(Debug, Default)]
struct Draft {
    /// What each takes: one byte.
    sets: Vec<Set>,
    next: Vec<Vec<usize>>,
}

impl Draft {
    /// A new place behind others.
    fn place(&mut self, set: Set, before: &[usize]) -> Vec<usize> {
        let place = self.sets.len();
        self.sets.push(set);
        self.next.push(Vec::new());
        self.join(before, &[place]);
        vec![place]
    }

    fn join(&mut self, before: &[usize], next: &[usize]) {
        for at in before {
            if let Some(known) = self.next.get_mut(*at) {
                known.extend(next);
            }
        }
    }

    /// The places behind which a match may be behind a part.
    fn follow(&mut self, node: &Node, before: &[usize]) -> Vec<usize> {
        match node {
            Node::Empty | Node::Look(_) => before.to_vec(),
            Node::Bytes(bytes) => bytes.iter().fold(before.to_vec(), |before, byte| {
                self.place(Set::of_byte(*byte), &before)
            }),
            Node::Folded(bytes) => bytes.iter().fold(before.to_vec(), |before, byte| {
                self.place(Set::of_folded(*byte), &before)
            }),
            Node::One(set) => self.place(*set, before),
            Node::Run(set, times) => self.run(*set, *times, before),
            Node::Group(_, node) => self.follow(node, before),
            Node::All(parts) => parts.iter().fold(before.to_vec(), |before, (_, part)| {
                self.follow(part, &before)
            }),
            Node::Any(choices) => choices
                .iter()
                .flat_map(|(_, choice)| self.follow(choice, before))
                .collect(),
            Node::Again(node, times) => self.again(node, *times, before),
        }
    }

    fn run(&mut self, set: Set, times: Times, before: &[usize]) -> Vec<usize> {
        let least = times.least.clamp(1, COUNTED);
        let mut behind = (0..least).fold(before.to_vec(), |before, _| self.place(set, &before));
        if times.most > least {
            self.join(&behind.clone(), &behind);
        }
        if times.least == 0 {
            behind.extend(before);
        }
        behind
    }

    fn again(&mut self, node: &Node, times: Times, before: &[usize]) -> Vec<usize> {
        // A place that nothing leads to has behind it those that the part can begin with.
        let mark = self.place(Set::NONE, &[]);
        let mut behind = self.follow(node, &[before, &mark].concat());
        if times.most > 1 {
            let first = mark.first().and_then(|mark| self.next.get(*mark));
            let first = first.cloned().unwrap_or_default();
            self.join(&behind.clone(), &first);
        }
        if times.least == 0 {
            behind.extend(before);
        }
        behind
    }

    /// The class of each byte, and of each class a byte.
    fn classes(&self) -> ([u8; 256], Vec<u8>) {
        let mut sets: Vec<Set> = Vec::new();
        for set in &self.sets {
            if !sets.contains(set) {
                sets.push(*set);
            }
        }
        let (mut classes, mut examples) = ([0; 256], Vec::new());
        let mut known: HashMap<Vec<bool>, u8> = HashMap::new();
        for (byte, class) in (0..=u8::MAX).zip(&mut classes) {
            let taken = sets.iter().map(|set| set.has(byte)).collect();
            *class = *known.entry(taken).or_insert_with(|| {
                examples.push(byte);
                // There are no more classes than bytes.
                u8::try_from(examples.len() - 1).unwrap_or(u8::MAX)
            });
        }
        (classes, examples)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::super::Program;
    use super::super::tests::expressions;
    use super::{MOST_PLACES, Sieve};
    use crate::rule::pattern::parse;

    fn sieve(source: &str) -> Option<Sieve> {
        // What may match nothing has no program.
        Sieve::of(&Program::of(&parse(source).unwrap())?.root)
    }

    #[test]
    fn what_fits_nowhere_does_not_pass() {
        let source = r#"(?i:token|api_?key)[\w.]{0,20}(?:\s?[:=]\s?)(?:["']([\w-]{8,40})["']|\()"#;
        let sieve = sieve(source).unwrap();
        for (text, expected) in [
            ("token = 'abcdefgh'", true),
            ("TOKEN_x:\"abcdefghi\"", true),
            ("apikey=(", true),
            ("api_key=(", true),
            ("token = 'abcdefg'", false),
            ("token = abc", false),
            ("token 'abcdefgh'", false),
            ("token = 'abcdefgh", false),
            ("api__key=(", false),
            ("tok", false),
            ("", false),
        ] {
            assert_eq!(sieve.lets_through(text.as_bytes(), 0), expected, "{text}");
        }
        // Of a long value the end is not waited for.
        let long = format!("token='{}", "a".repeat(64));
        assert!(sieve.lets_through(long.as_bytes(), 0));
    }

    #[test]
    fn what_is_too_long_to_be_known_is_tried() {
        let (long, longer) = ("a".repeat(MOST_PLACES - 1), "a".repeat(MOST_PLACES + 1));
        assert!(sieve(&long).is_some());
        assert!(sieve(&longer).is_none());
    }

    #[test]
    fn with_more_states_than_are_made_everything_passes_that_leads_to_them() {
        // Which of the last bytes were an `a` is 2^20 states.
        let sieve = sieve("(?:[ab]){1,40}(?:a[ab]{8}[ab]{8}[ab]{4}c)").unwrap();
        let text = |number: u32| {
            let bits = (0..28).map(|bit| if number >> bit & 1 == 1 { 'a' } else { 'b' });
            bits.chain(['x']).collect::<String>()
        };
        let passed = (0..4096_u32)
            .map(|number| text(number.wrapping_mul(0x9E37_79B1)))
            .filter(|text| sieve.lets_through(text.as_bytes(), 0));
        assert!(passed.count() > 4000);
    }

    proptest! {
        #[test]
        fn what_matches_passes(source in expressions(), text in "[abAB_,|-]{0,12}") {
            let (Some(sieve), Ok(regex)) = (sieve(&source), regex::bytes::Regex::new(&source)) else {
                return Ok(());
            };
            if let Some(found) = regex.find(text.as_bytes()) {
                prop_assert!(sieve.lets_through(text.as_bytes(), found.start()), "{} in {:?}", source, text);
            }
        }
    }
}
