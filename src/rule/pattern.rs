//! A rule's expression: compiled at first use, with what the engine must know to run it only
//! near a keyword.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta::{Config, Regex};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

use super::prefix::starts_with_keyword;

/// Bytes a compiled expression may take.
const SIZE_LIMIT: usize = 2 << 20;
/// Bytes an expression's lazily built automaton may take in each thread.
const CACHE_LIMIT: usize = 1 << 20;
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

/// A compiled expression.
#[derive(Debug)]
pub struct Compiled {
    /// Quickly made, and slow.
    slow: Regex,
    /// Made when the slow one has worked as long as it takes to make this.
    fast: OnceLock<Option<Regex>>,
    /// How much the slow one has worked.
    work: AtomicUsize,
    /// The expression.
    hir: Hir,
    /// How far from a keyword it must look.
    pub reach: Reach,
    /// Whether a match can only start at a boundary of words (`\b`).
    pub at_boundary: bool,
}

/// So many bytes are looked at by the slow automaton before the fast one is made. Most expressions
/// that are asked for at all are asked for a few times: in five files, say, twenty of them.
const WORTH: usize = 16 << 10;
/// A search costs as much as looking at so many bytes, however few there are.
const SEARCH: usize = 256;

impl Compiled {
    /// The automaton, for a search through so many bytes. All find the same.
    pub fn regex(&self, bytes: usize) -> &Regex {
        let before = self.work.fetch_add(SEARCH + bytes, Ordering::Relaxed);
        if before + bytes < WORTH {
            return &self.slow;
        }
        let fast = self.fast.get_or_init(|| build(&self.hir, Engines::All));
        fast.as_ref().unwrap_or(&self.slow)
    }

    /// The automaton, for questions about the expression and for texts of tests.
    pub const fn some_regex(&self) -> &Regex {
        &self.slow
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

    /// The compiled expression. The first caller's keywords (lower case) decide the reach.
    ///
    /// # Errors
    /// When it does not compile. Built-in rules are compiled by a test, a user's when loaded, so a
    /// scan never meets this.
    pub fn compiled(&self, keywords: &[Box<[u8]>]) -> Result<&Compiled, &PatternError> {
        self.compiled
            .get_or_init(|| compile(&self.source, keywords).map(Box::new))
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

fn compile(source: &str, keywords: &[Box<[u8]>]) -> Result<Compiled, PatternError> {
    let hir = parse(source)?;
    let properties = hir.properties();
    if properties.minimum_len() == Some(0) {
        return Err(PatternError::Empty);
    }
    let at_boundary = properties.look_set_prefix().contains(Look::WordAscii);
    let longest = properties.maximum_len().filter(|n| *n <= MAX_BOUNDED);
    let reach = if starts_with_keyword(&hir, keywords) {
        Reach::At(longest)
    } else {
        let (before, after) = longest.map_or(OPEN_WINDOW, |n| (n, n));
        Reach::Around {
            before,
            after,
            bounded: longest.is_some(),
        }
    };
    let slow = build(&hir, Engines::WithoutTables).ok_or(PatternError::TooLarge)?;
    Ok(Compiled {
        slow,
        fast: OnceLock::new(),
        work: AtomicUsize::new(0),
        hir,
        reach,
        at_boundary,
    })
}

/// What an automaton is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engines {
    /// What takes the least time to make.
    WithoutTables,
    /// What takes the least time to run.
    All,
}

/// None if it becomes too large.
fn build(hir: &Hir, engines: Engines) -> Option<Regex> {
    let tables = engines == Engines::All;
    let config = Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(SIZE_LIMIT))
        .hybrid_cache_capacity(CACHE_LIMIT)
        .hybrid(tables)
        .auto_prefilter(tables)
        .onepass(tables)
        .backtrack(tables)
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
                before: 40,
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
    fn an_expression_that_cannot_be_used_is_refused() {
        let error = |source: &str| Pattern::new(source).compiled(&[]).unwrap_err().clone();
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
