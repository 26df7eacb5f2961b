//! Rules that do not run, because the command line or the policy leaves them out. What they would find
//! is told by no finding, and shown on the line of no other.

use std::ops::Range;

use super::candidate::Candidate;
use super::search::Piece;
use super::{Scratch, SecretScanner, decode};
use crate::rule::SecretRule;

impl<'r> SecretScanner<'r> {
    /// Lets no report show what these rules would find, which do not run. A rule that finds names,
    /// and no secret, hides nothing.
    #[must_use]
    pub fn hiding(mut self, rules: impl IntoIterator<Item = &'r SecretRule>) -> Self {
        let secrets = |rule: &&SecretRule| !rule.start().identifies;
        let rules: Vec<&SecretRule> = rules.into_iter().filter(secrets).collect();
        if !rules.is_empty() {
            self.quiet = Some(Box::new(Self::new(rules)));
        }
        self
    }

    /// Where a text holds secrets of rules that do not run.
    pub(super) fn quiet(&self, piece: &Piece<'_>, scratch: &mut Scratch) -> Vec<Range<usize>> {
        let Some(scanner) = &self.quiet else {
            return Vec::new();
        };
        let Piece { path, text, .. } = *piece;
        let mut noted = scratch.noted.pop().unwrap_or_default();
        let (kept, _) = scanner.candidates((path, text), &mut noted, scratch);
        let uncovered = scanner.uncover((path, text), &noted, decode::DEPTH, scratch);
        scratch.noted.push(noted);
        let place = |candidate: Candidate| candidate.secret;
        let found = kept.into_iter().chain(uncovered.found);
        let counted = found.filter(|candidate| candidate.excused.is_none());
        counted.map(place).chain(uncovered.covered).collect()
    }
}
