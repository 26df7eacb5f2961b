//! One pass over the raw bytes for every keyword of every rule. Most files end here.
//!
//! Knows no rule, only literals and the numbers of the rules that asked for them, so that another
//! search (a table of hashed windows, say) can take its place.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

/// A literal that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// First byte of the literal.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

/// The literals of all rules.
#[derive(Debug)]
pub(super) struct Prefilter {
    automaton: AhoCorasick,
    /// For each literal the rules that have it.
    rules: Vec<Vec<usize>>,
}

impl Prefilter {
    /// Takes (rule number, literal) pairs. Literals match in any ASCII case.
    ///
    /// # Errors
    /// When there are more literals than an automaton can hold.
    pub(super) fn new<'k>(
        keywords: impl IntoIterator<Item = (usize, &'k [u8])>,
    ) -> Result<Self, BuildError> {
        let mut all: Vec<(Vec<u8>, usize)> = keywords
            .into_iter()
            .map(|(rule, literal)| (literal.to_ascii_lowercase(), rule))
            .collect();
        all.sort();
        all.dedup();
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut rules: Vec<Vec<usize>> = Vec::new();
        for (literal, rule) in all {
            if let (Some(last), Some(of_last)) = (literals.last(), rules.last_mut())
                && *last == literal
            {
                of_last.push(rule);
                continue;
            }
            literals.push(literal);
            rules.push(vec![rule]);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&literals)?;
        Ok(Self { automaton, rules })
    }

    /// Calls back for every rule of every literal in the text, overlapping ones too, in the order
    /// in which the literals end. Allocates nothing.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, Hit)) {
        for hit in self.automaton.find_overlapping_iter(text) {
            let place = Hit {
                start: hit.start(),
                end: hit.end(),
            };
            let rules = self.rules.get(hit.pattern().as_usize());
            for rule in rules.into_iter().flatten() {
                found(*rule, place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Prefilter;

    #[test]
    fn every_rule_of_every_literal_is_told_in_any_case() {
        let prefilter = Prefilter::new([
            (0, &b"pass"[..]),
            (1, b"password"),
            (2, b"pass"),
            (2, b"PASS"),
        ])
        .unwrap();
        let mut seen = Vec::new();
        prefilter.each(b"a PassWord b", |rule, hit| {
            seen.push((rule, hit.start, hit.end));
        });
        seen.sort_unstable();
        assert_eq!(seen, [(0, 2, 6), (1, 2, 10), (2, 2, 6)]);
    }
}
