//! Regular expressions that are checked when they are loaded and compiled when they are first
//! used: most runs meet few of the sources.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

/// A regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 16 << 20;
/// What a pattern of this [`weight`] compiles to is within the limit, by far.
const SURELY_SMALL: u64 = 50_000;

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
        if weight(&parsed) > SURELY_SMALL {
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

/// How many bytes and ranges of characters a pattern has once its repetitions are written out.
fn weight(hir: &Hir) -> u64 {
    let sum = |parts: &[Hir]| parts.iter().map(weight).fold(1, u64::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        // A range may take several sequences of bytes.
        HirKind::Class(Class::Unicode(class)) => 8 + class.ranges().len() as u64,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() as u64,
        HirKind::Repetition(repeated) => {
            let times = repeated.max.unwrap_or(repeated.min).max(1);
            weight(&repeated.sub)
                .saturating_add(1)
                .saturating_mul(u64::from(times))
        }
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(1),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
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
        let heaviest = |part: &str| {
            let one = super::weight(&regex_syntax::parse(part).unwrap()) + 1;
            format!("(?:{part}){{{}}}", super::SURELY_SMALL / one)
        };
        for text in [
            heaviest(r"\w"),
            heaviest(r"\pL"),
            heaviest(r"[^a]"),
            heaviest("[a-z0-9]"),
            heaviest("é"),
            heaviest("(?:a|b|)"),
            heaviest("(?:a{2}b?){3,}"),
        ] {
            let pattern = Pattern::new(&text, 0).unwrap();
            assert!(pattern.compiled.get().is_none(), "{text} is compiled early");
            assert!(pattern.regex().is_some(), "{text}");
        }
    }
}
