//! Secrets that stand in a text in another notation: base64, hexadecimal, escapes, percent-encoding,
//! character entities, quoted-printable and the runs of office documents, one within another up to
//! a limit.
//!
//! A pure stage after the search of the text itself. It finds what can be decoded at the cost of a
//! look, decodes only what becomes text, and searches that as any text. No notation makes a text
//! longer, so that depth times the text's length is the most that is ever searched.

mod each;
mod escapes;
mod markup;
mod packed;
mod quoted;
mod runs;
mod view;

use std::ops::Range;

use super::candidate::Candidate;
use super::prefilter::Noted;
use super::search::Scratch;
use super::{SecretScanner, redact};
use crate::model::ScanPath;
use view::Reach;

pub(in crate::check) use each::each;
pub(super) use escapes::may_matter;
pub(super) use packed::may_be_packed;
pub(super) use runs::LEAST;
pub(super) use view::View;

/// How many notations may stand one within another.
pub(super) const DEPTH: usize = 3;

/// What a candidate was before it was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The secret's own bytes.
    pub(super) secret: Vec<u8>,
    /// What it was written in, the outermost first.
    pub(super) notation: String,
}

/// Candidates of decoded text, at their places in the text that was given.
#[derive(Debug, Default)]
pub(super) struct Uncovered {
    pub(super) found: Vec<Candidate>,
    /// Stretches of the text of which nothing may be shown.
    pub(super) covered: Vec<Range<usize>>,
}

impl SecretScanner<'_> {
    /// Decodes what can be decoded in a text, of which the first pass has noted what that may be, and
    /// searches it.
    pub(super) fn uncover(
        &self,
        (path, text): (&ScanPath, &[u8]),
        noted: &Noted,
        depth: usize,
        scratch: &mut Scratch,
    ) -> Uncovered {
        let mut uncovered = Uncovered::default();
        if depth == 0 {
            return uncovered;
        }
        let mut view = scratch.views.pop().unwrap_or_default();
        let mut done = 0;
        for row in &noted.rows {
            // An earlier one may have gone on with it.
            let run = row.start.max(done)..row.end;
            if run.len() < LEAST {
                continue;
            }
            done = match packed::view(text, &run, &mut view) {
                Some(end) => {
                    self.search_view(path, &view, depth, scratch, &mut uncovered);
                    end
                }
                None => run.end,
            };
        }
        if markup::view(text, &mut view) {
            self.search_view(path, &view, depth, scratch, &mut uncovered);
        }
        if quoted::view(path, text, &mut view) {
            self.search_view(path, &view, depth, scratch, &mut uncovered);
        }
        escapes::each((text, noted.signs()), &mut view, |view| {
            self.search_view(path, view, depth, scratch, &mut uncovered);
        });
        view.trim();
        scratch.views.push(view);
        uncovered
    }

    fn search_view(
        &self,
        path: &ScanPath,
        view: &View,
        depth: usize,
        scratch: &mut Scratch,
        uncovered: &mut Uncovered,
    ) {
        let mut noted = scratch.noted.pop().unwrap_or_default();
        let (mut kept, lost) = self.candidates((path, &view.text), &mut noted, scratch);
        self.absorb(&mut kept);
        if kept.iter().any(|candidate| !candidate.named.is_empty()) {
            let redactions = redact::redactions(&view.text, &kept, &lost, &[]);
            for candidate in &mut kept {
                candidate.drop_secret_names(|at| redact::is_hidden(&redactions, at));
                // Places in the view mean nothing outside of it.
                candidate.named.iter_mut().for_each(|named| named.at = None);
            }
        }
        let inner = self.uncover((path, &view.text), &noted, depth - 1, scratch);
        scratch.noted.push(noted);
        let before = uncovered.covered.len();
        for candidate in kept.into_iter().chain(inner.found) {
            if !view.counts(&candidate.secret) {
                continue;
            }
            let Some(decoded) = decoded(&candidate, view) else {
                continue;
            };
            let secret = view.outer(&candidate.secret);
            uncovered.covered.push(secret.clone());
            uncovered.found.push(Candidate {
                secret,
                decoded: Some(Box::new(decoded)),
                ..candidate
            });
        }
        let hidden = lost.into_iter().map(|c| c.secret).chain(inner.covered);
        let hidden = hidden
            .filter(|span| view.counts(span))
            .map(|span| view.outer(&span));
        uncovered.covered.extend(hidden);
        // Of what is packed, any part gives away its neighbours.
        if view.reach == Reach::Packed && uncovered.covered.len() > before {
            uncovered.covered.truncate(before);
            uncovered.covered.push(view.encoded());
        }
    }
}

/// The secret as it was in the view, and through how many notations it was read.
fn decoded(candidate: &Candidate, view: &View) -> Option<Decoded> {
    Some(match &candidate.decoded {
        Some(inner) => Decoded {
            secret: inner.secret.clone(),
            notation: format!("{}, then {}", view.notation, inner.notation),
        },
        None => Decoded {
            secret: view.text.get(candidate.secret.clone())?.to_vec(),
            notation: view.notation.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests;
