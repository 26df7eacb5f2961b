//! From candidates to findings that hold no secret outside their `Secret`.

use std::ops::Range;

use super::SecretScanner;
use super::allow;
use super::candidate::{Candidate, Named};
use super::certainty::{self, Docstrings, Place};
use super::facts::facts;
use super::frame::{self, Redaction};
use super::place::Cursor;
use super::search::Piece;
use crate::model::{Evidence, Finding, Fingerprint, FingerprintBuilder, Location, Secret, Subject};
use crate::rule::detect::Detect;

impl SecretScanner<'_> {
    /// Tells of a candidate. The cursors move to its place.
    pub(super) fn finding(
        &self,
        piece: &Piece<'_>,
        candidate: &Candidate,
        redactions: &[Redaction],
        (cursor, strings): (&mut Cursor, &mut Docstrings),
    ) -> Option<Finding> {
        let Piece { path, text, .. } = *piece;
        let rule = self.rules.get(candidate.rule)?;
        let meta = &rule.meta;
        let secret = secret(text, candidate)?;
        let identity = candidate.identity.as_deref().unwrap_or(secret.expose());
        let start = candidate.secret.start;
        let at = redactions.partition_point(|r| r.span.end <= start);
        let place = Place {
            path,
            text,
            at: start,
            documents: strings.reach(text, start),
        };
        Some(Finding {
            rule: meta.id.clone(),
            severity: meta.severity,
            confidence: certainty::confidence(rule, secret.expose(), place),
            grade: None,
            message: rule.message().fill(&secret.hint(), path),
            subject: Subject {
                platform: "source".into(),
                kind: "secret".into(),
                id: hash("secret", identity)
                    .to_string()
                    .chars()
                    .take(16)
                    .collect(),
                name: meta.title.to_string(),
            },
            location: Location {
                path: path.clone(),
                region: cursor.region(text, candidate.secret.start, candidate.secret.end),
            },
            places: Vec::new(),
            causes: Vec::new(),
            evidence: evidence(rule.detect(), text, candidate),
            identifiers: candidate
                .named
                .iter()
                .map(|n| n.identifier.clone())
                .collect(),
            fingerprint: hash(meta.id.as_str(), identity),
            line_hash: None,
            secret: Some(secret),
            frame: frame::draw(text, redactions, at).map(Box::new),
            commit: None,
            allow: allow::beside(text, &candidate.secret).map(Box::new),
            waivers: Vec::new(),
        })
    }
}

fn hash(first: &str, identity: &[u8]) -> Fingerprint {
    let mut builder = FingerprintBuilder::new(first);
    builder.part(identity);
    builder.finish()
}

/// The secret in clear.
fn secret(text: &[u8], candidate: &Candidate) -> Option<Secret> {
    Some(Secret::new(match &candidate.decoded {
        Some(decoded) => &decoded.secret,
        None => text.get(candidate.secret.clone())?,
    }))
}

/// What a reader needs to know who looks at the line and sees no secret there; what says whose it
/// is; and what the secret says of itself. A rule that finds an identifier shows only a hint of it,
/// as of a secret.
fn evidence(detect: &Detect, text: &[u8], candidate: &Candidate) -> Vec<Evidence> {
    let decoded = candidate.decoded.as_deref();
    let notation = decoded.map(|decoded| Evidence {
        field: "decoded".into(),
        value: decoded.notation.as_str().into(),
    });
    let mut all: Vec<Evidence> = notation.into_iter().collect();
    let own = |named: &&Named| detect.identifies.is_none() || named.at.is_some();
    let named = candidate.named.iter().filter(own);
    let named = named.map(|Named { identifier, .. }| Evidence {
        field: identifier.kind.word().into(),
        value: identifier.value.as_str().into(),
    });
    let clear = decoded.map(|decoded| decoded.secret.as_slice());
    for fact in named.chain(facts(detect.structure, text, &candidate.secret, clear)) {
        // A token's issuer may be an application: one value of two kinds.
        if !all.iter().any(|e| e.value == fact.value) {
            all.push(fact);
        }
    }
    all
}

/// The bytes that no report shows: what is reported, widened by every candidate that overlaps it,
/// what else looked like a secret, and what was decoded to one. Kept ones are sorted by place.
pub(super) fn redactions(
    text: &[u8],
    kept: &[Candidate],
    lost: &[Candidate],
    covered: &[Range<usize>],
) -> Vec<Redaction> {
    let mut spans: Vec<(Range<usize>, Option<&Candidate>)> = kept
        .iter()
        .map(|c| (c.secret.clone(), Some(c)))
        .chain(lost.iter().map(|c| (c.secret.clone(), None)))
        .chain(covered.iter().map(|span| (span.clone(), None)))
        .collect();
    spans.sort_by_key(|(span, reported)| (span.start, reported.is_none()));
    let mut all: Vec<Redaction> = Vec::new();
    // The bytes of the first reported secret in a stretch make its hint.
    let mut named = false;
    for (span, reported) in spans {
        let hint = || {
            let clear = reported.and_then(|candidate| secret(text, candidate));
            clear
                .unwrap_or_else(|| Secret::new(text.get(span.clone()).unwrap_or(&[])))
                .hint()
        };
        match all.last_mut() {
            Some(last) if span.start < last.span.end => {
                if reported.is_some() && !named {
                    last.hint = hint();
                    named = true;
                }
                last.span.end = last.span.end.max(span.end);
            }
            _ => {
                named = reported.is_some();
                all.push(Redaction { hint: hint(), span });
            }
        }
    }
    all
}

/// Whether a place lies in what is not shown.
pub(super) fn is_hidden(redactions: &[Redaction], place: &Range<usize>) -> bool {
    let next = redactions.partition_point(|r| r.span.end <= place.start);
    redactions
        .get(next)
        .is_some_and(|r| r.span.start < place.end)
}
