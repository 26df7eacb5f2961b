//! What can stand behind the word at which a match begins. Most keywords stand in prose and among
//! names (`the token is`, `read(token)`): one look behind such a word tells of every expression that
//! would have to be tried there whether it can match at all.

use super::follow::{At, Follow};
use super::{Node, Set};

/// What stands behind the word at an offset of a text: the first byte that is no part of a word, or
/// the first behind the blanks there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Whether blanks stand between.
    blanks: bool,
    byte: u8,
}

/// Longer words and longer blanks are not looked at: expressions are tried there.
const LONGEST: usize = 64;

/// Parts of words, with what joins names (`my.secret-token`).
const WORD: Set = {
    let mut set = Set::NONE;
    set.add_range(b'a', b'z');
    set.add_range(b'A', b'Z');
    set.add_range(b'0', b'9');
    set.add(b'_');
    set.add(b'.');
    set.add(b'-');
    set.add(b'$');
    set
};

/// Whether a byte is part of a word, as [`Tail`] takes words.
#[inline]
#[must_use]
pub fn is_in_word(byte: u8) -> bool {
    WORD.has(byte)
}

/// As `\s` in an expression over bytes.
const BLANK: Set = {
    let mut set = Set::NONE;
    set.add_range(b'\t', b'\r');
    set.add(b' ');
    set
};

impl Tail {
    /// None where the word or the blanks go on for long, or the text ends.
    #[must_use]
    pub fn of(text: &[u8], at: usize) -> Option<Self> {
        let rest = text.get(at..)?.iter().take(LONGEST);
        let (word, byte) = rest.enumerate().find(|(_, byte)| !WORD.has(**byte))?;
        if !BLANK.has(*byte) {
            let (blanks, byte) = (false, *byte);
            return Some(Self { blanks, byte });
        }
        let mut rest = text.get(at + word..)?.iter().take(LONGEST);
        let byte = *rest.find(|byte| !BLANK.has(**byte))?;
        let blanks = true;
        Some(Self { blanks, byte })
    }
}

/// Which tails a match can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tails {
    /// The bytes right behind the word.
    word: Set,
    /// The bytes behind blanks.
    blanks: Set,
    /// Whether every match goes on behind the word it begins with.
    leaves_word: bool,
}

impl Tails {
    /// Those of an expression of which nothing is known.
    pub(in crate::rule) const ANY: Self = Self {
        word: Set::ALL,
        blanks: Set::ALL,
        leaves_word: false,
    };

    pub(super) fn of(root: &Node) -> Self {
        let mut told = Told {
            word: Set::NONE,
            blanks: Set::NONE,
        };
        let [in_word, in_blanks] = told.follow(root, [true, false]);
        // What ends before its tail leaves open what that is.
        let or_all = |open: bool, set| if open { Set::ALL } else { set };
        Self {
            word: or_all(in_word, told.word),
            blanks: or_all(in_word || in_blanks, told.blanks),
            leaves_word: !in_word,
        }
    }

    /// Whether a match may begin with a word that has such a tail.
    #[inline]
    #[must_use]
    pub fn have(&self, tail: Tail) -> bool {
        let set = if tail.blanks {
            &self.blanks
        } else {
            &self.word
        };
        set.has(tail.byte)
    }

    /// Whether every match is known to go on behind the word it begins with, as [`Tail`] takes words.
    #[must_use]
    pub const fn leave_word(&self) -> bool {
        self.leaves_word
    }
}

/// The bytes that were met outside.
struct Told {
    word: Set,
    blanks: Set,
}

/// The places are within the word that a match begins with, and within the blanks behind that.
impl Follow for Told {
    fn step(&mut self, set: Set, [word, blanks]: At) -> At {
        if word {
            self.word.join(set.without(WORD).without(BLANK));
        }
        if blanks {
            self.blanks.join(set.without(BLANK));
        }
        let in_word = word && set.meets(WORD);
        let in_blanks = (word || blanks) && set.meets(BLANK);
        [in_word, in_blanks]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assume, proptest};
    use regex_automata::{Anchored, Input};

    use super::super::Program;
    use super::super::tests::expressions;
    use super::Tail;
    use crate::rule::pattern::parse;

    fn program(source: &str) -> Program {
        Program::of(&parse(source).unwrap()).unwrap()
    }

    #[test]
    fn a_tail_stands_behind_the_word() {
        let tail = |blanks, byte| Some(Tail { blanks, byte });
        for (text, expected) in [
            ("token=1", tail(false, b'=')),
            ("token.name-of_x$1 : 1", tail(true, b':')),
            ("token is", tail(true, b'i')),
            ("token\n\t)", tail(true, b')')),
            ("\u{e9}", tail(false, 0xC3)),
            ("token", None),
            ("token  ", None),
            ("", None),
        ] {
            assert_eq!(Tail::of(text.as_bytes(), 0), expected, "{text}");
        }
        let long = "a".repeat(64) + "=";
        assert_eq!(Tail::of(long.as_bytes(), 0), None);
        assert_eq!(Tail::of(long.as_bytes(), 1), tail(false, b'='));
        let wide = format!("a{}=", " ".repeat(64));
        assert_eq!(Tail::of(wide.as_bytes(), 0), None);
    }

    #[test]
    fn an_expression_says_which_tails_it_can_have() {
        let source = r#"(?i:token)[\w.-]{0,30}(?:\s{0,3}[:=]\s{0,3}|\s)["'](\w+)"#;
        let program = program(source);
        for (text, expected) in [
            ("token=", true),
            ("Token_name = ", true),
            ("token 'a'", true),
            ("token'", false),
            ("token is", false),
            ("token)", false),
            ("token, ", false),
            ("token ,", false),
        ] {
            let tail = Tail::of(text.as_bytes(), 0).unwrap();
            assert_eq!(program.tails.have(tail), expected, "{text}");
        }
    }

    #[test]
    fn what_ends_in_a_word_can_have_any() {
        for (source, text, expected) in [
            ("ab[a-z]+", "abc)", true),
            ("ab[a-z]+", "abc )", true),
            (r"ab\s", "ab )", true),
            (r"ab\s", "ab)", false),
            (r"ab(?:\s+=)?", "ab)", true),
            (r"ab(?:\s\w|\s=)+x", "ab =x", true),
            (r"ab(?:\s\w|\s=)+x", "ab )x", false),
        ] {
            let tail = Tail::of(text.as_bytes(), 0).unwrap();
            assert_eq!(
                program(source).tails.have(tail),
                expected,
                "{source} {text}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_matches_has_a_tail_that_may_be(
            source in expressions(),
            text in "[abAB_, =-]{0,12}",
        ) {
            let program = Program::of(&parse(&source).unwrap());
            prop_assume!(program.is_some());
            let (Some(program), Some(tail)) = (program, Tail::of(text.as_bytes(), 0)) else {
                return Ok(());
            };
            let input = Input::new(&text).anchored(Anchored::Yes);
            if program.search(&input, &[], &mut [], &mut 100_000) == Ok(true) {
                prop_assert!(program.tails.have(tail), "{} in {:?}", source, text);
            }
        }
    }
}
