//! An expression as a tree that is tried at a place of a text, and goes back to its last choice where
//! one fails. To make it costs a small part of what an automaton costs, it needs no memory while it
//! searches, and a try behind a keyword, of which nearly all fail, ends after a few steps. In some
//! texts going back would take forever: steps are counted, and an automaton is asked instead.

mod begin;
mod follow;
mod known;
mod row;
mod sieve;
mod tail;

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::util::look::{Look, LookMatcher};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{self, Class, Hir, HirKind};

use begin::{Begin, Starts};
pub(super) use known::known;
pub use known::table;
use row::Row;
use sieve::Sieve;
pub use tail::{Tail, Tails, is_in_word};

/// Where groups begin and end: two for each, the whole match first.
pub(super) type Slots = [Option<NonMaxUsize>];

/// Steps into one another, at the most.
const DEEPEST: usize = 400;
/// Signs that stand in little text, the rarest first.
const SIGNS: &[u8] = b"|@~^`$\\%#?!+{}[]&<>*";
/// What is longer is not looked through for a sign before it is searched.
const LOOKED: usize = 1024;
/// An expression that is tried more often has a sieve: to make one takes as long as some tries.
const OFTEN: usize = 64;
/// So many bytes of a run are passed in the time of a step.
const STRIDE: usize = 8;

/// A search that takes too long. What the slots hold is of no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GaveUp;

/// An expression.
#[derive(Debug)]
pub(super) struct Program {
    root: Node,
    /// With what a match can begin.
    starts: Starts,
    /// What can stand behind the word it begins with.
    pub(super) tails: Tails,
    /// A sign that stands in every match and in little text.
    sign: Option<u8>,
    /// A row of bytes that stands in every match.
    row: Option<Row>,
    look: LookMatcher,
    /// Made when it is worth it: see [`OFTEN`].
    sieve: OnceLock<Option<Sieve>>,
    tried: AtomicUsize,
}

/// Bytes, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Set([u64; 4]);

/// A part of an expression.
#[derive(Debug)]
enum Node {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Box<[u8]>),
    /// These bytes, where small letters stand for capitals as well.
    Folded(Box<[u8]>),
    /// One byte of a set.
    One(Set),
    /// So many bytes of a set.
    Run(Set, Times),
    /// A place.
    Look(Look),
    /// A group that is told of.
    Group(usize, Box<Node>),
    /// One after the other, each with what it and those behind it can begin with.
    All(Box<[Part]>),
    /// The first that leads to a match, each with what it can begin with.
    Any(Box<[Part]>),
    /// A part that takes at least a byte, so many times.
    Again(Box<Node>, Times),
}

/// A part and with what it can begin. None if it may be empty, so that it can begin with what
/// follows.
type Part = (Option<Begin>, Node);

/// How often.
#[derive(Debug, Clone, Copy)]
struct Times {
    least: usize,
    most: usize,
    /// Whether more is tried before less.
    greedy: bool,
    /// Whether no byte of the part can begin what follows, so that it matches as often as it can or
    /// not at all.
    whole: bool,
}

/// What has to match behind a part.
enum Next<'n> {
    /// Nothing: this is a match.
    Done,
    /// These, and what is behind them.
    Parts(&'n [Part], &'n Next<'n>),
    /// The part once more, or what is behind it.
    Again {
        node: &'n Node,
        times: Times,
        done: usize,
        next: &'n Next<'n>,
    },
    /// The end of a group.
    Close(usize, &'n Next<'n>),
}

impl Program {
    /// None for what only an automaton is made for: parts that may be empty and stand many times, and
    /// classes of characters that are no bytes.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        Self::new(Node::of(hir)?)
    }

    /// None for what may match nothing.
    fn new(root: Node) -> Option<Self> {
        Some(Self {
            starts: Starts::of(&root)?,
            tails: Tails::of(&root),
            row: Row::of(&root),
            sign: SIGNS.iter().copied().find(|sign| root.needs(*sign)),
            root,
            look: LookMatcher::new(),
            sieve: OnceLock::new(),
            tried: AtomicUsize::new(0),
        })
    }

    /// Whether a match may begin at an offset. Whatever was asked of it before, what it turns away is
    /// no match.
    #[inline]
    pub(super) fn may_begin(&self, text: &[u8], at: usize) -> bool {
        self.starts.may_stand(text, at) && self.passes_sieve(text, at)
    }

    /// The same where its first bytes may stand.
    #[inline]
    fn passes_sieve(&self, text: &[u8], at: usize) -> bool {
        match self.sieve.get() {
            Some(sieve) => sieve
                .as_ref()
                .is_none_or(|sieve| sieve.lets_through(text, at)),
            None => {
                if self.tried.fetch_add(1, Ordering::Relaxed) >= OFTEN {
                    self.sieve.get_or_init(|| Sieve::of(&self.root));
                }
                true
            }
        }
    }

    /// The first match in a part of a text that begins in one of some ranges, as an automaton would
    /// find it: whether there is one. So many steps may it take; those that were taken are subtracted.
    ///
    /// # Errors
    /// When that is not enough.
    pub(super) fn search(
        &self,
        input: &Input<'_>,
        starts: &[Range<usize>],
        slots: &mut Slots,
        steps: &mut usize,
    ) -> Result<bool, GaveUp> {
        let text = input.haystack().get(..input.end()).unwrap_or(&[]);
        let anchored = input.get_anchored() != Anchored::No;
        if let (Some(sign), Some(part)) = (self.sign, text.get(input.start()..))
            && part.len() <= LOOKED
            && memchr::memchr(sign, part).is_none()
        {
            return Ok(false);
        }
        if let Some(row) = &self.row
            && !match anchored {
                false => row.stands_in(text.get(input.start()..).unwrap_or(&[])),
                true => row.may_follow(text, input.start()),
            }
        {
            return Ok(false);
        }
        let mut walk = Walk {
            all: input.haystack(),
            text,
            look: &self.look,
            slots,
            steps,
            depth: 0,
        };
        if anchored {
            return walk.starts(self, input.start());
        }
        for range in starts {
            let mut at = range.start.max(input.start());
            let end = range.end.min(text.len());
            while let Some(next) = self.starts.find(text, at..end) {
                walk.spend(1 + (next - at) / STRIDE)?;
                if self.passes_sieve(text, next) && walk.starts(self, next)? {
                    return Ok(true);
                }
                at = next + 1;
            }
        }
        Ok(false)
    }
}

impl Set {
    const NONE: Self = Self([0; 4]);
    const ALL: Self = Self([u64::MAX; 4]);

    const fn add(&mut self, byte: u8) {
        self.add_range(byte, byte);
    }

    const fn add_range(&mut self, first: u8, last: u8) {
        let (first, last) = (first as usize, last as usize);
        let mut word = first / 64;
        while word <= last / 64 {
            let from = if word == first / 64 { first % 64 } else { 0 };
            let to = if word == last / 64 { last % 64 } else { 63 };
            if from <= to {
                self.0[word] |= u64::MAX >> (63 - (to - from)) << from;
            }
            word += 1;
        }
    }

    fn join(&mut self, other: Self) {
        for (bits, more) in self.0.iter_mut().zip(other.0) {
            *bits |= more;
        }
    }

    fn without(mut self, other: Self) -> Self {
        for (bits, less) in self.0.iter_mut().zip(other.0) {
            *bits &= !less;
        }
        self
    }

    /// One byte.
    const fn of_byte(byte: u8) -> Self {
        let mut set = Self::NONE;
        set.add(byte);
        set
    }

    /// One byte, and if that is a small letter the capital as well.
    const fn of_folded(byte: u8) -> Self {
        let mut set = Self::of_byte(byte);
        set.add(byte.to_ascii_uppercase());
        set
    }

    fn is_only(&self, byte: u8) -> bool {
        *self == Self::of_byte(byte)
    }

    fn meets(&self, other: Self) -> bool {
        self.0
            .iter()
            .zip(other.0)
            .any(|(bits, more)| bits & more != 0)
    }

    #[inline]
    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// The small letter, if the set is a letter in both cases.
    fn letter(&self) -> Option<u8> {
        (b'a'..=b'z').find(|small| Self::of_folded(*small) == *self)
    }

    fn of(class: &Class) -> Option<Self> {
        let mut set = Self::NONE;
        match class {
            Class::Bytes(class) => {
                let ranges = class.iter();
                ranges.for_each(|range| set.add_range(range.start(), range.end()));
            }
            Class::Unicode(class) => {
                let byte = |one: char| u8::try_from(one).ok().filter(u8::is_ascii);
                for range in class.iter() {
                    set.add_range(byte(range.start())?, byte(range.end())?);
                }
            }
        }
        Some(set)
    }
}

impl Node {
    fn of(hir: &Hir) -> Option<Self> {
        Some(match hir.kind() {
            HirKind::Empty => Self::Empty,
            HirKind::Literal(literal) => Self::Bytes(literal.0.clone()),
            HirKind::Class(class) => Self::One(Set::of(class)?),
            HirKind::Look(look) => Self::Look(ours(*look)?),
            HirKind::Capture(group) => {
                Self::Group(group.index as usize, Box::new(Self::of(&group.sub)?))
            }
            HirKind::Repetition(again) => Self::again(again)?,
            HirKind::Concat(parts) => {
                let parts = parts.iter().map(Self::of).collect::<Option<Vec<_>>>()?;
                Self::all(join_letters(parts))
            }
            HirKind::Alternation(choices) => {
                Self::any(choices.iter().map(Self::of).collect::<Option<_>>()?)
            }
        })
    }

    fn all(mut parts: Vec<Self>) -> Self {
        let begins = (0..parts.len()).map(|at| Begin::of(parts.iter().skip(at)));
        let begins: Vec<_> = begins.collect();
        for (part, behind) in parts.iter_mut().zip(begins.iter().skip(1).flatten()) {
            part.goes_before(behind);
        }
        Self::All(begins.into_iter().zip(parts).collect())
    }

    /// Notes with what begins that stands behind it.
    fn goes_before(&mut self, behind: &Begin) {
        match self {
            Self::Run(set, times) => times.whole = !behind.begins_in(*set),
            Self::Group(_, node) => node.goes_before(behind),
            _ => {}
        }
    }

    fn any(choices: Vec<Self>) -> Self {
        let choices = choices.into_iter();
        Self::Any(
            choices
                .map(|choice| (Begin::of([&choice]), choice))
                .collect(),
        )
    }

    fn again(again: &hir::Repetition) -> Option<Self> {
        let times = Times {
            least: again.min as usize,
            most: again.max.map_or(usize::MAX, |most| most as usize),
            greedy: again.greedy,
            whole: false,
        };
        match Self::of(&again.sub)? {
            Self::One(set) => Some(Self::Run(set, times)),
            Self::Bytes(bytes) if bytes.len() == 1 => {
                let mut set = Set::NONE;
                bytes.iter().for_each(|byte| set.add(*byte));
                Some(Self::Run(set, times))
            }
            _ if again.sub.properties().minimum_len() == Some(0) => None,
            node => Some(Self::Again(Box::new(node), times)),
        }
    }

    /// Whether every match has this byte, which is no letter.
    fn needs(&self, byte: u8) -> bool {
        match self {
            Self::Empty | Self::Look(_) => false,
            Self::Bytes(bytes) | Self::Folded(bytes) => bytes.contains(&byte),
            Self::One(set) => set.is_only(byte),
            Self::Run(set, times) => times.least > 0 && set.is_only(byte),
            Self::Group(_, node) => node.needs(byte),
            Self::All(parts) => parts.iter().any(|(_, part)| part.needs(byte)),
            Self::Any(choices) => choices.iter().all(|(_, choice)| choice.needs(byte)),
            Self::Again(node, times) => times.least > 0 && node.needs(byte),
        }
    }
}

/// Puts neighbouring letters of any case together, with the other bytes among them.
fn join_letters(parts: Vec<Node>) -> Vec<Node> {
    let mut joined: Vec<Node> = Vec::with_capacity(parts.len());
    for part in parts {
        let folded: Box<[u8]> = match &part {
            Node::One(set) => match set.letter() {
                Some(letter) => [letter].into(),
                None => [].into(),
            },
            // Capitals among them would stand for themselves alone.
            Node::Bytes(bytes) if !bytes.iter().any(u8::is_ascii_alphabetic) => bytes.clone(),
            _ => [].into(),
        };
        match joined.last_mut() {
            Some(Node::Folded(before)) if !folded.is_empty() => {
                *before = [&**before, &*folded].concat().into();
            }
            _ if !folded.is_empty() && matches!(part, Node::One(_)) => {
                joined.push(Node::Folded(folded));
            }
            _ => joined.push(part),
        }
    }
    joined
}

/// An assertion that asks for bytes alone.
fn ours(look: hir::Look) -> Option<Look> {
    Some(match look {
        hir::Look::Start => Look::Start,
        hir::Look::End => Look::End,
        hir::Look::StartLF => Look::StartLF,
        hir::Look::EndLF => Look::EndLF,
        hir::Look::StartCRLF => Look::StartCRLF,
        hir::Look::EndCRLF => Look::EndCRLF,
        hir::Look::WordAscii => Look::WordAscii,
        hir::Look::WordAsciiNegate => Look::WordAsciiNegate,
        _ => return None,
    })
}

/// A search that is under way.
struct Walk<'t> {
    /// The text with what stands around the part that is searched, which assertions see.
    all: &'t [u8],
    /// The text up to the end of the part.
    text: &'t [u8],
    look: &'t LookMatcher,
    slots: &'t mut Slots,
    steps: &'t mut usize,
    depth: usize,
}

impl Walk<'_> {
    fn spend(&mut self, steps: usize) -> Result<(), GaveUp> {
        *self.steps = self.steps.checked_sub(steps).ok_or(GaveUp)?;
        Ok(())
    }

    /// Whether a match begins at an offset; notes where it and its groups stand.
    fn starts(&mut self, program: &Program, at: usize) -> Result<bool, GaveUp> {
        let Some(end) = self.part(&program.root, at, &Next::Done)? else {
            return Ok(false);
        };
        self.note(0, Some(at));
        self.note(1, Some(end));
        Ok(true)
    }

    /// Notes a place. The place that was noted before.
    fn note(&mut self, slot: usize, at: Option<usize>) -> Option<usize> {
        let slot = self.slots.get_mut(slot)?;
        let before = slot.map(NonMaxUsize::get);
        *slot = at.and_then(NonMaxUsize::new);
        before
    }

    /// Where a match ends of a part and what has to follow, if it begins at an offset.
    fn part(&mut self, node: &Node, at: usize, next: &Next<'_>) -> Result<Option<usize>, GaveUp> {
        self.spend(1)?;
        match node {
            Node::Empty => self.then(at, next),
            Node::Bytes(bytes) => {
                let end = at + bytes.len();
                match self.text.get(at..end) {
                    Some(here) if *here == **bytes => self.then(end, next),
                    _ => Ok(None),
                }
            }
            Node::Folded(bytes) => {
                let end = at + bytes.len();
                match self.text.get(at..end) {
                    Some(here) if here.eq_ignore_ascii_case(bytes) => self.then(end, next),
                    _ => Ok(None),
                }
            }
            Node::One(set) => match self.text.get(at) {
                Some(byte) if set.has(*byte) => self.then(at + 1, next),
                _ => Ok(None),
            },
            Node::Run(set, times) => self.run((set, *times), at, next),
            Node::Look(look) => match self.look.matches(*look, self.all, at) {
                true => self.then(at, next),
                false => Ok(None),
            },
            Node::Group(group, node) => {
                let slot = 2 * group;
                let before = self.note(slot, Some(at));
                let end = self.part(node, at, &Next::Close(slot + 1, next))?;
                if end.is_none() {
                    self.note(slot, before);
                }
                Ok(end)
            }
            Node::All(parts) => self.parts(parts, at, next),
            Node::Any(choices) => {
                for (begin, choice) in choices {
                    if !self.may_begin(begin, at) {
                        continue;
                    }
                    if let Some(end) = self.part(choice, at, next)? {
                        return Ok(Some(end));
                    }
                }
                Ok(None)
            }
            Node::Again(node, times) => {
                let next = &Next::Again {
                    node,
                    times: *times,
                    done: 0,
                    next,
                };
                self.then(at, next)
            }
        }
    }

    fn parts(
        &mut self,
        parts: &[Part],
        at: usize,
        next: &Next<'_>,
    ) -> Result<Option<usize>, GaveUp> {
        match parts {
            [] => self.then(at, next),
            [(_, last)] => self.part(last, at, next),
            [(_, first), rest @ ..] => self.part(first, at, &Next::Parts(rest, next)),
        }
    }

    /// Whether something that begins so may stand at an offset.
    #[inline]
    fn may_begin(&self, begin: &Option<Begin>, at: usize) -> bool {
        let begin = begin.as_ref();
        begin.is_none_or(|begin| begin.may_stand(self.text, at))
    }

    /// Goes on behind a part, if what follows may stand there.
    #[inline]
    fn then(&mut self, at: usize, next: &Next<'_>) -> Result<Option<usize>, GaveUp> {
        match next {
            Next::Parts([(begin, _), ..], _) if !self.may_begin(begin, at) => Ok(None),
            _ => self.follow(at, next),
        }
    }

    fn follow(&mut self, at: usize, next: &Next<'_>) -> Result<Option<usize>, GaveUp> {
        if self.depth == DEEPEST {
            return Err(GaveUp);
        }
        self.depth += 1;
        let end = match next {
            Next::Done => Ok(Some(at)),
            Next::Parts(parts, next) => self.parts(parts, at, next),
            Next::Close(slot, next) => self.close(*slot, at, next),
            Next::Again {
                node,
                times,
                done,
                next,
            } => self.again((node, *times), *done, at, next),
        };
        self.depth -= 1;
        end
    }

    fn close(&mut self, slot: usize, at: usize, next: &Next<'_>) -> Result<Option<usize>, GaveUp> {
        let before = self.note(slot, Some(at));
        let end = self.then(at, next)?;
        if end.is_none() {
            self.note(slot, before);
        }
        Ok(end)
    }

    fn run(
        &mut self,
        (set, times): (&Set, Times),
        at: usize,
        next: &Next<'_>,
    ) -> Result<Option<usize>, GaveUp> {
        let rest = self.text.get(at..).unwrap_or(&[]).iter().take(times.most);
        let most = rest.take_while(|byte| set.has(**byte)).count();
        self.spend(most / STRIDE)?;
        if most < times.least {
            return Ok(None);
        }
        let least = if times.whole { most } else { times.least };
        for number in least..=most {
            let length = match times.greedy {
                true => most - (number - least),
                false => number,
            };
            if let Some(end) = self.then(at + length, next)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    fn again(
        &mut self,
        (node, times): (&Node, Times),
        done: usize,
        at: usize,
        next: &Next<'_>,
    ) -> Result<Option<usize>, GaveUp> {
        if done >= times.most {
            return self.then(at, next);
        }
        let more = Next::Again {
            node,
            times,
            done: done + 1,
            next,
        };
        if done < times.least {
            return self.part(node, at, &more);
        }
        if times.greedy {
            match self.part(node, at, &more)? {
                Some(end) => Ok(Some(end)),
                None => self.then(at, next),
            }
        } else {
            match self.then(at, next)? {
                Some(end) => Ok(Some(end)),
                None => self.part(node, at, &more),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
    use regex_automata::meta::Regex;
    use regex_automata::util::primitives::NonMaxUsize;
    use regex_automata::{Anchored, Input};
    use regex_syntax::hir::Hir;

    use super::{GaveUp, Program};
    use crate::rule::pattern::parse;

    const GROUPS: usize = 6;

    fn automaton(hir: &Hir) -> Regex {
        let config = Regex::config().utf8_empty(false);
        let mut builder = Regex::builder();
        builder.configure(config).build_from_hir(hir).unwrap()
    }

    type Found = Option<[Option<NonMaxUsize>; 2 * GROUPS]>;

    fn both(
        source: &str,
        text: &str,
        (from, to): (usize, usize),
        anchored: bool,
    ) -> (Found, Found) {
        let hir = parse(source).unwrap();
        let anchored = if anchored {
            Anchored::Yes
        } else {
            Anchored::No
        };
        let input = Input::new(text).range(from..to).anchored(anchored);
        let mut slots = [None; 2 * GROUPS];
        let found = automaton(&hir).search_slots(&input, &mut slots);
        let expected = found.map(|_| slots);
        let Some(program) = Program::of(&hir) else {
            return (expected, expected);
        };
        let mut slots = [None; 2 * GROUPS];
        match program.search(&input, from_ref(&(from..to)), &mut slots, &mut 100_000) {
            Ok(found) => (expected, found.then_some(slots)),
            Err(GaveUp) => (expected, expected),
        }
    }

    /// Expressions of all that rules are made of.
    pub(super) fn expressions() -> impl Strategy<Value = String> {
        let one = prop_oneof![
            Just("a"),
            Just("ab"),
            Just("B"),
            Just("(?i:ab-)"),
            Just("[ab]"),
            Just("[^a]"),
            Just("[a-c_]"),
            Just(r"\b"),
            Just(r"\B"),
            Just("^"),
            Just("(?:[-,]|$)"),
            Just("(?m:$)"),
            Just("\\|"),
        ];
        let times = prop_oneof![
            Just("?"),
            Just("*"),
            Just("+"),
            Just("{2}"),
            Just("{1,3}"),
            Just("{0,2}?"),
            Just("+?"),
            Just("??"),
        ];
        one.prop_map(str::to_owned)
            .prop_recursive(4, 24, 4, move |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                    prop::collection::vec(inner.clone(), 2..4)
                        .prop_map(|choices| format!("(?:{})", choices.join("|"))),
                    inner.clone().prop_map(|part| format!("({part})")),
                    (inner, times.clone()).prop_map(|(part, times)| format!("(?:{part}){times}")),
                ]
            })
    }

    proptest! {
        #[test]
        fn what_it_finds_is_what_an_automaton_finds(
            source in expressions(),
            text in "[abAB_,|-]{0,12}",
            range in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            anchored in any::<bool>(),
        ) {
            proptest::prop_assume!(source.matches('(').count() - source.matches("(?").count() < GROUPS);
            let one = range.0.index(text.len() + 1);
            let other = range.1.index(text.len() + 1);
            let (expected, found) = both(&source, &text, (one.min(other), one.max(other)), anchored);
            prop_assert_eq!(expected, found, "{} in {:?}", source, text);
        }
    }

    proptest! {
        #[test]
        fn what_begins_elsewhere_is_not_found(
            source in expressions(),
            text in "[abAB_,|-]{0,12}",
            ranges in prop::collection::vec((0..14_usize, 0..14_usize), 0..3),
        ) {
            let Some(program) = Program::of(&parse(&source).unwrap()) else {
                return Ok(());
            };
            let find = |input: &Input<'_>, starts: &[std::ops::Range<usize>]| {
                let mut slots = [None; 2];
                let found = program.search(input, starts, &mut slots, &mut 100_000);
                found.map(|found| found.then_some(slots))
            };
            let starts: Vec<_> = ranges.into_iter().map(|(from, to)| from..to).collect();
            let all = starts.iter().flat_map(Clone::clone).filter(|at| *at <= text.len());
            let one = |at| find(&Input::new(&text).range(at..).anchored(Anchored::Yes), &[]);
            let all = all.map(one).find(|found| *found != Ok(None));
            prop_assert_eq!(find(&Input::new(&text), &starts), all.unwrap_or(Ok(None)));
        }
    }

    #[test]
    fn a_search_that_would_take_forever_is_given_up() {
        let hir = parse("(?:(?:a|ab){1,9}){1,9}x").unwrap();
        let program = Program::of(&hir).unwrap();
        let text = "ab".repeat(40);
        let search = program.search(&Input::new(&text), from_ref(&(0..80)), &mut [], &mut 10_000);
        assert_eq!(search, Err(GaveUp));
    }

    #[test]
    fn deep_texts_are_given_up_and_end_no_thread() {
        let program = Program::of(&parse("(?:ab|c)+x").unwrap()).unwrap();
        let search = |count| {
            let text = "ab".repeat(count) + "x";
            program.search(
                &Input::new(&text),
                from_ref(&(0..1)),
                &mut [],
                &mut 1_000_000,
            )
        };
        assert_eq!(search(50), Ok(true));
        assert_eq!(search(5000), Err(GaveUp));
    }

    #[test]
    fn only_what_may_be_empty_many_times_needs_an_automaton() {
        for (source, expected) in [
            (
                r"\b(?i:pass(?:word|wd)?)[\w.-]{0,30}\s*=\s*([^\s]{6,100})(?:\s|$)",
                true,
            ),
            ("(?:a?b?)*c", false),
            ("(?:a?){2}c", false),
            ("a?", false),
            ("(?u:é)a", true),
            (r"(?u:\pL)a", false),
        ] {
            let hir = parse(source).unwrap();
            assert_eq!(Program::of(&hir).is_some(), expected, "{source}");
        }
    }
}
