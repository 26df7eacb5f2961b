//! Searching text for secrets: a literal prefilter over everything, expressions only near what it
//! found, then checks. Pure: bytes in, findings out; knows no file system, waivers or output.

mod blocks;
mod candidate;
mod encoding;
pub mod entropy;
mod frame;
pub mod line_hash;
mod pem;
mod place;
mod prefilter;
mod self_test;
mod structure;
pub mod value;

use std::ops::Range;

use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};

use crate::model::{
    Confidence, Finding, Fingerprint, FingerprintBuilder, Location, ScanPath, Secret, Subject,
};
use crate::rule::{Compiled, Reach, SecretRule};
use candidate::{Candidate, Rank};
use encoding::Sniffed;
use frame::Redaction;
use place::Cursor;
use prefilter::{Hit, Prefilter};

pub use self_test::run_test;

/// Token bytes beyond an open window that are followed to the token's end.
const MAX_TOKEN_TAIL: usize = 16 << 10;

/// What became of a file.
#[derive(Debug)]
pub enum Scanned {
    /// Its text was searched.
    Searched(Vec<Finding>),
    /// It is not text and was left out.
    Binary,
}

/// Rules made ready for searching.
#[derive(Debug)]
pub struct SecretScanner<'r> {
    rules: Vec<&'r SecretRule>,
    prefilter: Prefilter,
    ranks: Vec<Rank>,
    /// Above every generic rule and below every other.
    excused: Rank,
}

/// Buffers that one thread uses for file after file.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Whether each rule looks at the file; empty until its first keyword.
    wanted: Vec<Option<bool>>,
    /// For each rule whose matches may start before the keyword: what to search, merged.
    windows: Vec<Vec<Range<usize>>>,
    candidates: Vec<Candidate>,
    slots: Vec<Option<NonMaxUsize>>,
    text: String,
}

/// More keywords than an automaton can hold.
#[derive(Debug, thiserror::Error)]
#[error("the rules have too many keywords: {0}")]
pub struct TooManyKeywords(#[from] aho_corasick::BuildError);

impl<'r> SecretScanner<'r> {
    /// Makes the rules ready. Compiles no expression.
    ///
    /// # Errors
    /// When the keywords are too many for one automaton.
    pub fn new(rules: impl IntoIterator<Item = &'r SecretRule>) -> Result<Self, TooManyKeywords> {
        let rules: Vec<&SecretRule> = rules.into_iter().collect();
        let keywords = rules
            .iter()
            .enumerate()
            .flat_map(|(at, rule)| rule.detect.keywords.iter().map(move |k| (at, &**k)));
        let generic = rules.iter().copied().filter(|r| is_generic(r)).count();
        let prefilter = Prefilter::new(keywords)?;
        Ok(Self {
            prefilter,
            ranks: ranks(&rules),
            rules,
            excused: Rank(2 * generic),
        })
    }

    /// Searches a whole file.
    #[must_use]
    pub fn scan(&self, path: &ScanPath, bytes: &[u8], scratch: &mut Scratch) -> Scanned {
        let mut wide = std::mem::take(&mut scratch.text);
        let text = match encoding::sniff(bytes) {
            Sniffed::Binary => {
                scratch.text = wide;
                return Scanned::Binary;
            }
            Sniffed::Bytes(mark) => bytes.get(mark..).unwrap_or(&[]),
            Sniffed::Wide(encoding, mark) => {
                encoding::transcode(encoding, bytes.get(mark..).unwrap_or(&[]), &mut wide);
                wide.as_bytes()
            }
        };
        let mut findings = Vec::new();
        self.search(
            path,
            text,
            0..usize::MAX,
            &mut Cursor::START.clone(),
            scratch,
            &mut findings,
        );
        scratch.text = wide;
        if !findings.is_empty() {
            let lines: Vec<u32> = findings
                .iter()
                .map(|f| f.location.region.start_line)
                .collect();
            let hashes = line_hash::line_hashes(bytes, &lines);
            for (finding, hash) in findings.iter_mut().zip(hashes) {
                finding.line_hash = hash;
            }
        }
        Scanned::Searched(findings)
    }

    /// Searches a text and reports the secrets that start in `part` of it, in order.
    fn search(
        &self,
        path: &ScanPath,
        text: &[u8],
        part: Range<usize>,
        cursor: &mut Cursor,
        scratch: &mut Scratch,
        findings: &mut Vec<Finding>,
    ) {
        scratch.wanted.clear();
        self.prefilter.each(text, |rule, hit| {
            self.on_hit(rule, hit, path, text, scratch);
        });
        self.search_windows(text, scratch);
        if scratch.candidates.is_empty() {
            return;
        }
        let all = std::mem::take(&mut scratch.candidates);
        let rank = |c: &Candidate| {
            let own = self.ranks.get(c.rule).copied().unwrap_or(Rank(0));
            // What is excused silences the generic rules and no other.
            if c.excused {
                own.min(self.excused)
            } else {
                own
            }
        };
        let (mut kept, lost) = candidate::resolve(all, rank);
        kept.retain(|c| !c.excused);
        let redactions = redactions(text, &kept, &lost);
        for candidate in kept.iter().filter(|c| part.contains(&c.secret.start)) {
            findings.extend(self.finding(path, text, candidate, &redactions, cursor));
        }
    }

    /// A keyword was found: tries the expression right there, or notes where to search later.
    fn on_hit(&self, rule: usize, hit: Hit, path: &ScanPath, text: &[u8], scratch: &mut Scratch) {
        if scratch.wanted.is_empty() {
            scratch.wanted.resize(self.rules.len(), None);
            scratch.windows.resize_with(self.rules.len(), Vec::new);
        }
        let (Some(this), Some(wanted)) = (self.rules.get(rule), scratch.wanted.get_mut(rule))
        else {
            return;
        };
        let detect = &this.detect;
        let looks = || detect.files.accept(path) && !detect.allow.paths.matches(path, false);
        if !*wanted.get_or_insert_with(looks) {
            return;
        }
        let Ok(compiled) = detect.pattern.compiled(&detect.keywords) else {
            return;
        };
        let (mut start, mut end) = (hit.start, window_end(compiled, text, hit.start));
        if let Some(near) = detect.near.as_ref().filter(|_| detect.keywords_are_near) {
            let (length, _) = compiled.reach.after();
            start = hit.start.saturating_sub(near.after.saturating_add(length));
            end = window_end(compiled, text, hit.end.saturating_add(near.before));
        } else if let Reach::Around { before, .. } = compiled.reach {
            start = hit.start.saturating_sub(before);
        } else {
            let input = Input::new(text).range(start..end).anchored(Anchored::Yes);
            self.try_match(rule, compiled, &input, scratch);
            return;
        }
        let Some(windows) = scratch.windows.get_mut(rule) else {
            return;
        };
        match windows.last_mut() {
            Some(last) if start <= last.end => {
                last.start = last.start.min(start);
                last.end = last.end.max(end);
            }
            _ => windows.push(start..end),
        }
    }

    /// Runs the expressions that may match before their keyword.
    fn search_windows(&self, text: &[u8], scratch: &mut Scratch) {
        if scratch.wanted.is_empty() {
            return;
        }
        for (rule, this) in self.rules.iter().enumerate() {
            let Some(windows) = scratch.windows.get_mut(rule).filter(|w| !w.is_empty()) else {
                continue;
            };
            let mut windows = std::mem::take(windows);
            let Ok(compiled) = this.detect.pattern.compiled(&this.detect.keywords) else {
                continue;
            };
            for window in &windows {
                let mut at = window.start;
                while at < window.end {
                    let input = Input::new(text).range(at..window.end);
                    match self.try_match(rule, compiled, &input, scratch) {
                        Some(end) => at = end.max(at + 1),
                        None => break,
                    }
                }
            }
            windows.clear();
            if let Some(slot) = scratch.windows.get_mut(rule) {
                *slot = windows;
            }
        }
    }

    /// Runs an expression once and judges its match. The end of the match, if there is one.
    fn try_match(
        &self,
        rule: usize,
        compiled: &Compiled,
        input: &Input<'_>,
        scratch: &mut Scratch,
    ) -> Option<usize> {
        let detect = &self.rules.get(rule)?.detect;
        scratch.slots.clear();
        scratch.slots.resize(2 * (detect.group + 1), None);
        compiled.regex.search_slots(input, &mut scratch.slots)?;
        let range = |group: usize| -> Option<Range<usize>> {
            let slot = |at: usize| {
                scratch
                    .slots
                    .get(at)
                    .copied()
                    .flatten()
                    .map(NonMaxUsize::get)
            };
            Some(slot(2 * group)?..slot(2 * group + 1)?)
        };
        let span = range(0)?;
        // A group that took no part in the match leaves nothing to report.
        let secret = range(detect.group)?;
        let judged = candidate::judge(rule, detect, input.haystack(), &span, secret);
        scratch.candidates.extend(judged);
        Some(span.end)
    }

    fn finding(
        &self,
        path: &ScanPath,
        text: &[u8],
        candidate: &Candidate,
        redactions: &[Redaction],
        cursor: &mut Cursor,
    ) -> Option<Finding> {
        let rule = self.rules.get(candidate.rule)?;
        let meta = &rule.meta;
        let secret = Secret::new(text.get(candidate.secret.clone())?);
        let identity = candidate.identity.as_deref().unwrap_or(secret.expose());
        let at = redactions.partition_point(|r| r.span.end <= candidate.secret.start);
        Some(Finding {
            rule: meta.id.clone(),
            severity: meta.severity,
            confidence: meta.confidence,
            grade: None,
            message: rule.message.fill(&secret.hint(), path),
            subject: Subject {
                platform: "source".to_owned(),
                kind: "secret".to_owned(),
                id: hash("secret", identity)
                    .to_string()
                    .chars()
                    .take(16)
                    .collect(),
                name: meta.title.clone(),
            },
            location: Location {
                path: path.clone(),
                region: cursor.region(text, candidate.secret.start, candidate.secret.end),
            },
            places: Vec::new(),
            causes: Vec::new(),
            evidence: Vec::new(),
            fingerprint: hash(meta.id.as_str(), identity),
            line_hash: None,
            secret: Some(secret),
            frame: frame::draw(text, redactions, at),
            waivers: Vec::new(),
        })
    }
}

fn hash(first: &str, identity: &[u8]) -> Fingerprint {
    let mut builder = FingerprintBuilder::new(first);
    builder.part(identity);
    builder.finish()
}

/// How far an expression looks that starts at `from`: as long as its longest match, or an open
/// window and on to the end of the token that crosses its edge.
fn window_end(compiled: &Compiled, text: &[u8], from: usize) -> usize {
    let (length, open) = compiled.reach.after();
    let end = from.saturating_add(length).min(text.len());
    if !open {
        return end;
    }
    let tail = text.get(end..).unwrap_or(&[]).iter().take(MAX_TOKEN_TAIL);
    let token = |b: &&u8| b.is_ascii_alphanumeric() || b"+/=_.~-%".contains(b);
    end + tail.take_while(token).count()
}

/// The bytes that no report shows: what is reported, widened by every candidate that overlaps it,
/// and what else looked like a secret.
fn redactions(text: &[u8], kept: &[Candidate], lost: &[Candidate]) -> Vec<Redaction> {
    let mut spans: Vec<(Range<usize>, bool)> =
        kept.iter().map(|c| (c.secret.clone(), true)).collect();
    spans.extend(lost.iter().map(|c| (c.secret.clone(), false)));
    spans.sort_by_key(|(span, reported)| (span.start, !reported));
    let mut all: Vec<Redaction> = Vec::new();
    // The bytes of the first reported secret in a stretch make its hint.
    let mut named = false;
    for (span, reported) in spans {
        let hint = || Secret::new(text.get(span.clone()).unwrap_or(&[])).hint();
        match all.last_mut() {
            Some(last) if span.start < last.span.end => {
                if reported && !named {
                    last.hint = hint();
                    named = true;
                }
                last.span.end = last.span.end.max(span.end);
            }
            _ => {
                named = reported;
                all.push(Redaction { hint: hint(), span });
            }
        }
    }
    all
}

/// Generic rules know a name and a value, and yield to every rule that knows a format.
fn is_generic(rule: &SecretRule) -> bool {
    rule.meta.id.as_str().starts_with("secret.generic-")
}

/// Confidence first, then the longest keyword, then the id; generic rules yield to all others.
fn ranks(rules: &[&SecretRule]) -> Vec<Rank> {
    let key = |rule: &SecretRule| -> (bool, Confidence, usize, std::cmp::Reverse<String>) {
        let id = rule.meta.id.as_str();
        let longest = rule.detect.keywords.iter().map(|k| k.len()).max();
        (
            !is_generic(rule),
            rule.meta.confidence,
            longest.unwrap_or(0),
            std::cmp::Reverse(id.to_owned()),
        )
    };
    let mut order: Vec<usize> = (0..rules.len()).collect();
    order.sort_by_key(|at| rules.get(*at).map(|rule| key(rule)));
    let mut ranks = vec![Rank(0); rules.len()];
    for (rank, at) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(at) {
            // Odd, so that there is room between two.
            *slot = Rank(2 * rank + 1);
        }
    }
    ranks
}

#[cfg(test)]
mod tests;
