//! With which two bytes a part of an expression can begin. A part is tried at many places, and at
//! nearly all of them a look at these two says that it does not stand there.

use std::ops::Range;

use super::follow::{At, Follow, NOWHERE};
use super::{Node, Set};

/// With what a part can begin, and what can stand behind that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begin {
    first: Set,
    /// All bytes if it may be of one byte alone.
    second: Set,
}

impl Begin {
    /// Of parts, one behind the other. None if they may be empty, so that they can begin with what
    /// follows.
    pub(super) fn of<'n>(parts: impl IntoIterator<Item = &'n Node>) -> Option<Self> {
        let mut met = Self {
            first: Set::NONE,
            second: Set::NONE,
        };
        let mut at = [true, false];
        for part in parts {
            if at == NOWHERE {
                break;
            }
            at = met.follow(part, at);
        }
        let [empty, short] = at;
        if short {
            met.second = Set::ALL;
        }
        (!empty).then_some(met)
    }

    /// Whether a byte of a set can be its first.
    pub(super) fn begins_in(&self, set: Set) -> bool {
        self.first.meets(set)
    }

    /// Whether it may stand at an offset.
    #[inline]
    pub(super) fn may_stand(&self, text: &[u8], at: usize) -> bool {
        match text.get(at..) {
            Some([first, second, ..]) => self.first.has(*first) & self.second.has(*second),
            Some([last]) => self.first.has(*last) && self.second == Set::ALL,
            _ => false,
        }
    }
}

/// The places are before the first byte and before the second.
impl Follow for Begin {
    fn step(&mut self, set: Set, [first, second]: At) -> At {
        if first {
            self.first.join(set);
        }
        if second {
            self.second.join(set);
        }
        [false, first]
    }
}

/// The beginning of an expression, for searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Starts {
    begin: Begin,
    /// The first bytes, if they are so few that they are found many bytes at a time.
    few: Option<[u8; 3]>,
}

impl Starts {
    /// None for what may be empty.
    pub(super) fn of(root: &Node) -> Option<Self> {
        let begin = Begin::of([root])?;
        let bytes: Vec<u8> = (0..=u8::MAX).filter(|b| begin.first.has(*b)).collect();
        let few = match *bytes {
            [a] => Some([a, a, a]),
            [a, b] => Some([a, b, b]),
            [a, b, c] => Some([a, b, c]),
            _ => None,
        };
        Some(Self { begin, few })
    }

    /// As [`Begin::may_stand`].
    #[inline]
    pub(super) fn may_stand(&self, text: &[u8], at: usize) -> bool {
        self.begin.may_stand(text, at)
    }

    /// Where a match may begin first within a range.
    pub(super) fn find(&self, text: &[u8], within: Range<usize>) -> Option<usize> {
        let may_stand = |at: &usize| self.begin.may_stand(text, *at);
        match self.few {
            Some([a, b, c]) => {
                let part = text.get(within.clone())?;
                let places = memchr::memchr3_iter(a, b, c, part);
                places.map(|at| within.start + at).find(may_stand)
            }
            None => within.into_iter().find(may_stand),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Node, Set};
    use super::{Begin, Starts};
    use crate::rule::pattern::parse;

    fn begin(source: &str) -> Option<Begin> {
        Begin::of([&Node::of(&parse(source).unwrap()).unwrap()])
    }

    fn bytes(set: &Set) -> String {
        let bytes = (0..=u8::MAX).filter(|byte| set.has(*byte));
        bytes.map(char::from).collect()
    }

    #[test]
    fn the_two_bytes_are_those_that_matches_begin_with() {
        for (source, first, second) in [
            ("abc", "a", "b"),
            (r"\bab|cd", "ac", "bd"),
            ("a?bc", "ab", "bc"),
            ("a{0,3}b[xy]", "ab", "abxy"),
            ("(?:ab){2}", "a", "b"),
            ("(?:a|bc)d", "ab", "cd"),
            ("(?i:ab)", "Aa", "Bb"),
            ("[ab]{2,}c", "ab", "ab"),
            ("[ab]c", "ab", "c"),
        ] {
            let begin = begin(source).unwrap();
            let found = (bytes(&begin.first), bytes(&begin.second));
            assert_eq!(found, (first.to_owned(), second.to_owned()), "{source}");
        }
        for short in ["a", "ab?", "[ab]+", "ab|c"] {
            assert_eq!(begin(short).unwrap().second, Set::ALL, "{short}");
        }
        for empty in ["a*", "(?:ab)?", r"\b"] {
            assert_eq!(begin(empty), None, "{empty}");
        }
    }

    #[test]
    fn few_first_bytes_are_found_as_many_are() {
        let text = b"xxabxacxbxa";
        for (source, expected) in [
            ("ab", Some(2)),
            ("ac", Some(5)),
            ("[abc]x", Some(3)),
            ("[a-e]x", Some(3)),
            ("a", Some(2)),
            ("xa$", Some(1)),
            ("ad", None),
            ("[a-e]z", None),
        ] {
            let starts = Starts::of(&Node::of(&parse(source).unwrap()).unwrap()).unwrap();
            assert_eq!(starts.find(text, 0..text.len()), expected, "{source}");
        }
    }
}
