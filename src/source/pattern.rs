//! Regular expressions that are checked when they are loaded and compiled when they are first
//! used: most runs meet few of the sources.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// A regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 16 << 20;
/// Patterns up to this length, and without counted repetition, compile within the limit.
const SURELY_SMALL: usize = 200;

impl Pattern {
    /// Checks a pattern that has so many groups.
    pub(super) fn new(text: &str, groups: usize) -> Result<Self, String> {
        let parsed = regex_syntax::parse(text).map_err(|why| reason(&why))?;
        let found = parsed.properties().explicit_captures_len();
        if groups == 1 && found != 1 {
            return Err("it needs exactly one group `(…)`: what it takes".to_owned());
        }
        let pattern = Self {
            text: text.into(),
            compiled: OnceLock::new(),
        };
        if text.len() > SURELY_SMALL || text.contains('{') {
            let compiled = build(text).map_err(|why| reason(&why))?;
            let _ = pattern.compiled.set(Some(compiled));
        }
        Ok(pattern)
    }

    /// Whether it matches anywhere in a text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The text of its only group, without blanks around it; none if that is empty.
    pub(super) fn captured<'t>(&self, text: &'t str) -> Option<&'t str> {
        let group = self.regex()?.captures(text)?.get(1)?.as_str().trim();
        (!group.is_empty()).then_some(group)
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || build(&self.text).ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

fn build(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(SIZE_LIMIT).build()
}

/// The part of a pattern error that says what is wrong; the rest draws the pattern again.
fn reason(why: &dyn std::error::Error) -> String {
    let text = why.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_that_would_be_too_large_is_refused_when_it_is_loaded() {
        let why = Pattern::new(r"((?:\w{100}){1000})", 1).unwrap_err();
        assert!(why.contains("size limit"), "{why}");
    }

    #[test]
    fn every_pattern_that_is_compiled_late_does_compile() {
        for text in [r"[\w\s]+", &r"\w".repeat(super::SURELY_SMALL / 2)] {
            assert!(Pattern::new(text, 0).unwrap().regex().is_some(), "{text}");
        }
    }
}
