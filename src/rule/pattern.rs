//! A rule's expression: compiled at first use, with what the engine must know to run it only
//! near a keyword.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta::{Config, Regex};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

use super::prefix::{before_keyword, starts_with_keyword};
use super::program::{GaveUp, Program, Tails, known};

/// Bytes a compiled expression may take.
const SIZE_LIMIT: usize = 2 << 20;
/// Bytes an expression's lazily built automaton may take in each thread.
const CACHE_LIMIT: usize = 512 << 10;
/// Matches that may be longer than this are searched in a window of fixed size.
const MAX_BOUNDED: usize = 4096;
/// The window when the length of a match has no (useful) bound: bytes before a keyword, and after.
const OPEN_WINDOW: (usize, usize) = (300, 1000);

/// Why an expression is refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PatternError {
    /// It does not parse.
    #[error("the expression does not parse: {0}")]
    Syntax(String),
    /// It compiles to more than [`SIZE_LIMIT`] bytes.
    #[error("the expression is too large: it compiles to more than 2 MiB")]
    TooLarge,
    /// It can match nothing at all, so it would match everywhere.
    #[error("the expression matches the empty text")]
    Empty,
}

/// How far from a keyword an expression must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every match starts with a keyword; none is longer than this, if that is known.
    At(Option<usize>),
    /// A match starts at most `before` bytes before a keyword and ends at most `after` bytes after
    /// its start.
    Around {
        /// Bytes before the keyword.
        before: usize,
        /// Bytes from the start of the keyword on.
        after: usize,
        /// Whether matches are never longer than the window.
        bounded: bool,
    },
}

impl Reach {
    /// How far to look after the start of a keyword, and whether a token that crosses that line is
    /// to be followed to its end.
    #[must_use]
    pub const fn after(self) -> (usize, bool) {
        match self {
            Self::At(Some(longest)) => (longest, false),
            Self::At(None) => (OPEN_WINDOW.1, true),
            Self::Around { after, bounded, .. } => (after, !bounded),
        }
    }
}

/// What the engine must know of an expression before it searches.
#[derive(Debug)]
pub(super) struct Shape {
    /// What most searches need no more than, if the expression is plain enough.
    pub(super) program: Option<Program>,
    /// See [`Compiled::reach`].
    pub(super) reach: Reach,
    /// See [`Compiled::at_boundary`].
    pub(super) at_boundary: bool,
}

/// An expression that is ready to search.
#[derive(Debug)]
pub struct Compiled {
    program: Option<Program>,
    /// Steps in vain: see [`LOST`].
    lost: AtomicUsize,
    /// What the others need, made when the first does.
    automaton: OnceLock<Option<Regex>>,
    source: Box<str>,
    /// How far from a keyword it must look.
    pub reach: Reach,
    /// Whether a match can only start at a boundary of words (`\b`).
    pub at_boundary: bool,
}

/// So many steps may a search take that goes back to its choices, and as many again as there are
/// bytes to look at.
const STEPS: usize = 512;
/// So many steps may be lost in searches that took more: from then on the automaton is asked at once.
const LOST: usize = 64 << 10;

impl Compiled {
    /// Takes what is known of an expression from the table, or parses it.
    fn new(source: &str, keywords: &[Box<[u8]>]) -> Result<Self, PatternError> {
        let known = known(source, keywords).map(Ok);
        let shape = known.unwrap_or_else(|| Shape::parse(source, keywords))?;
        Ok(Self {
            program: shape.program,
            lost: AtomicUsize::new(0),
            automaton: OnceLock::new(),
            source: source.into(),
            reach: shape.reach,
            at_boundary: shape.at_boundary,
        })
    }

    /// The first match in a text; see [`Regex::search_slots`].
    pub fn search(&self, input: &Input<'_>, slots: &mut [Option<NonMaxUsize>]) -> Option<()> {
        self.search_from(input, &[input.get_range()], slots)
    }

    /// The first match that begins in one of some ranges, which are in order. Of an anchored search
    /// the input says where.
    pub fn search_from(
        &self,
        input: &Input<'_>,
        starts: &[Range<usize>],
        slots: &mut [Option<NonMaxUsize>],
    ) -> Option<()> {
        if let Some(program) = &self.program
            && self.lost.load(Ordering::Relaxed) < LOST
        {
            let given = match input.get_anchored() {
                // It ends by itself where the token does.
                Anchored::Yes => STEPS,
                _ => STEPS + input.get_span().len(),
            };
            match program.search(input, starts, slots, &mut { given }) {
                Ok(found) => return found.then_some(()),
                Err(GaveUp) => self.lost.fetch_add(given, Ordering::Relaxed),
            };
            slots.fill(None);
        }
        let automaton = self.automaton()?;
        let mut input = input.clone();
        loop {
            automaton.search_slots(&input, slots)?;
            let found = slots.first().copied().flatten().map(NonMaxUsize::get);
            let Some(start) = found.filter(|_| input.get_anchored() == Anchored::No) else {
                return Some(());
            };
            // It looks for a match from any byte on, and has to be told where else one may begin.
            let next = starts.iter().find(|range| start < range.end)?;
            if next.contains(&start) {
                return Some(());
            }
            input.set_start(next.start);
        }
    }

    /// Whether a match may begin at an offset: at most places none does, and a look at the bytes there
    /// tells so.
    #[inline]
    #[must_use]
    pub fn may_begin(&self, text: &[u8], at: usize) -> bool {
        let program = self.program.as_ref();
        program.is_none_or(|program| program.may_begin(text, at))
    }

    /// What can stand behind the word with which a match begins.
    #[must_use]
    pub fn tails(&self) -> Tails {
        let program = self.program.as_ref();
        program.map_or(Tails::ANY, |program| program.tails)
    }

    /// Whether there is a match in a text.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.search(&Input::new(text), &mut []).is_some()
    }

    /// The automaton: it can be asked everything, and takes long to make.
    ///
    /// # Errors
    /// When it becomes too large, as none does that was loaded.
    pub fn regex(&self) -> Result<&Regex, PatternError> {
        self.automaton().ok_or(PatternError::TooLarge)
    }

    fn automaton(&self) -> Option<&Regex> {
        let automaton = self
            .automaton
            .get_or_init(|| build(&parse(&self.source).ok()?));
        automaton.as_ref()
    }
}

/// An expression that is compiled at first use.
#[derive(Debug)]
pub struct Pattern {
    source: Box<str>,
    compiled: OnceLock<Result<Box<Compiled>, PatternError>>,
}

impl Pattern {
    /// Takes the text of an expression.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self {
            source: source.into(),
            compiled: OnceLock::new(),
        }
    }

    /// The expression as written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The automaton, for questions that only that answers. Loading a rule asks for it, so that a scan
    /// meets no expression that cannot be used; of built-in rules a test asks.
    ///
    /// # Errors
    /// When the expression does not compile.
    pub fn checked(&self, keywords: &[Box<[u8]>]) -> Result<&Regex, PatternError> {
        self.compiled(keywords).map_err(Clone::clone)?.regex()
    }

    /// The expression, ready to search. The first caller's keywords (lower case) decide the reach.
    ///
    /// # Errors
    /// When it does not parse, or matches the empty text.
    pub fn compiled(&self, keywords: &[Box<[u8]>]) -> Result<&Compiled, &PatternError> {
        self.compiled
            .get_or_init(|| Compiled::new(&self.source, keywords).map(Box::new))
            .as_ref()
            .map(Box::as_ref)
    }
}

/// Reads an expression as the engine does: bytes, and ASCII classes.
///
/// # Errors
/// When it does not parse.
pub(super) fn parse(source: &str) -> Result<Hir, PatternError> {
    ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .nest_limit(60)
        .build()
        .parse(source)
        .map_err(|e| PatternError::Syntax(last_line(&e.to_string())))
}

impl Shape {
    /// Parses an expression.
    ///
    /// # Errors
    /// When it does not parse, or matches the empty text.
    pub(super) fn parse(source: &str, keywords: &[Box<[u8]>]) -> Result<Self, PatternError> {
        let hir = parse(source)?;
        let properties = hir.properties();
        if properties.minimum_len() == Some(0) {
            return Err(PatternError::Empty);
        }
        let longest = properties.maximum_len().filter(|n| *n <= MAX_BOUNDED);
        let reach = if starts_with_keyword(&hir, keywords) {
            Reach::At(longest)
        } else {
            let (before, after) = longest.map_or(OPEN_WINDOW, |n| (n, n));
            let shown = before_keyword(&hir, keywords).unwrap_or(usize::MAX);
            Reach::Around {
                before: before.min(shown),
                after,
                bounded: longest.is_some(),
            }
        };
        Ok(Self {
            program: Program::of(&hir),
            reach,
            at_boundary: properties.look_set_prefix().contains(Look::WordAscii),
        })
    }
}

/// None if it becomes too large.
fn build(hir: &Hir) -> Option<Regex> {
    let config = Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(SIZE_LIMIT))
        .hybrid_cache_capacity(CACHE_LIMIT)
        .dfa(false);
    let built = Regex::builder().configure(config).build_from_hir(hir);
    built.ok()
}

/// The parser draws the expression over several lines; what is wrong stands in the last.
fn last_line(text: &str) -> String {
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    let line = line.unwrap_or(text).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::slice::from_ref;

    use regex_automata::Input;

    use super::{Pattern, PatternError, Reach};

    fn reach(source: &str, keyword: &str) -> Reach {
        Pattern::new(source)
            .compiled(&[keyword.as_bytes().into()])
            .unwrap()
            .reach
    }

    #[test]
    fn the_window_follows_from_the_expression() {
        assert_eq!(reach(r"\bghp_[a-z]{36}\b", "ghp_"), Reach::At(Some(40)));
        assert_eq!(reach(r"ghp_[a-z]+", "ghp_"), Reach::At(None));
        assert_eq!(
            reach(r"[a-z]{3}8Q~[a-z]{31,34}", "8q~"),
            Reach::Around {
                before: 3,
                after: 40,
                bounded: true
            }
        );
        assert_eq!(
            reach(r"[a-z]+8Q~", "8q~"),
            Reach::Around {
                before: 300,
                after: 1000,
                bounded: false
            }
        );
    }

    #[test]
    fn a_match_that_begins_elsewhere_is_passed_over() {
        // An automaton is asked about the second at once.
        for source in ["(?:ab?){1,3}c", "(?:a?b?){1,3}c"] {
            let pattern = Pattern::new(source);
            let compiled = pattern.compiled(&[]).unwrap();
            let find = |starts: &[Range<usize>]| {
                let mut slots = [None; 2];
                compiled.search_from(&Input::new("abc aac abac"), starts, &mut slots)?;
                Some(slots.map(|slot| slot.unwrap().get()))
            };
            assert_eq!(find(from_ref(&(0..12))), Some([0, 3]), "{source}");
            assert_eq!(find(&[1..1, 4..5]), Some([4, 7]), "{source}");
            assert_eq!(find(&[3..4, 5..9]), Some([5, 7]), "{source}");
            assert_eq!(find(&[3..4, 8..9]), Some([8, 12]), "{source}");
            assert_eq!(find(from_ref(&(3..4))), None, "{source}");
            assert_eq!(find(&[]), None, "{source}");
        }
    }

    #[test]
    fn an_expression_that_cannot_be_used_is_refused() {
        let error = |source: &str| Pattern::new(source).checked(&[]).unwrap_err();
        assert!(matches!(error("a("), PatternError::Syntax(_)));
        assert_eq!(
            error("a(").to_string(),
            "the expression does not parse: unclosed group"
        );
        assert!(matches!(error("a*"), PatternError::Empty));
        assert!(matches!(
            error("(?:[a-z]{1000}){1000}x"),
            PatternError::TooLarge
        ));
    }
}
