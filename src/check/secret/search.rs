//! From keywords to judged candidates: expressions run where a keyword was found, and nowhere else.

use std::ops::Range;
use std::slice::from_ref;

use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};

use super::candidate::{self, Candidate, Rank};
use super::certainty::Docstrings;
use super::decode::{self, View};
use super::gate::{Gate, Here, Way};
use super::place::Cursor;
use super::prefilter::{Hit, Noted};
use super::{SecretScanner, redact};
use crate::model::{Finding, ScanPath};
use crate::rule::detect::Detect;
use crate::rule::{Compiled, Reach};

/// Token bytes beyond an open window that are followed to the token's end.
const MAX_TOKEN_TAIL: usize = 16 << 10;

/// Buffers that one thread uses for file after file.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What each rule has to do with the file; empty until the first keyword of any file.
    rules: Vec<InFile>,
    /// The rules of which a keyword was found, in that order.
    touched: Vec<usize>,
    candidates: Vec<Candidate>,
    slots: Vec<Option<NonMaxUsize>>,
    /// What stands where the last keyword began.
    here: Option<Here>,
    /// Text of the file, where it had to be transcoded.
    pub(super) text: String,
    /// Decoded texts that are not in use.
    pub(super) views: Vec<View>,
    /// Notes that are not in use.
    pub(super) noted: Vec<Noted>,
}

/// What a rule has to do with the file at hand.
#[derive(Debug, Default)]
struct InFile {
    /// Whether it looks at the file; None until its first keyword.
    wanted: Option<bool>,
    /// Where its matches may start before a keyword: what to search, merged.
    windows: Vec<Range<usize>>,
    /// Where in these they may start, merged.
    starts: Vec<Range<usize>>,
}

/// A text, and the part of it in which secrets are to be reported.
pub(super) struct Piece<'t> {
    pub(super) path: &'t ScanPath,
    pub(super) text: &'t [u8],
    pub(super) part: Range<usize>,
}

impl SecretScanner<'_> {
    /// Searches a text and reports the secrets that start in `part` of it, in order.
    pub(super) fn search(
        &self,
        piece: &Piece<'_>,
        cursor: &mut Cursor,
        scratch: &mut Scratch,
        findings: &mut Vec<Finding>,
    ) {
        let Piece { path, text, .. } = *piece;
        let mut noted = scratch.noted.pop().unwrap_or_default();
        let (mut kept, mut lost) = self.candidates((path, text), &mut noted, scratch);
        let uncovered = self.uncover((path, text), &noted, decode::DEPTH, scratch);
        scratch.noted.push(noted);
        if !uncovered.found.is_empty() {
            kept.extend(uncovered.found);
            (kept, lost) = self.resolve(kept, lost);
        }
        kept.retain(|c| c.excused.is_none());
        self.absorb(&mut kept);
        if kept.is_empty() {
            return;
        }
        let mut covered = uncovered.covered;
        covered.extend(self.quiet(piece, scratch));
        let redactions = redact::redactions(text, &kept, &lost, &covered);
        for candidate in &mut kept {
            candidate.drop_secret_names(|at| redact::is_hidden(&redactions, at));
        }
        let mut strings = Docstrings::new(path);
        for candidate in kept.iter().filter(|c| piece.part.contains(&c.secret.start)) {
            let cursors = (&mut *cursor, &mut strings);
            findings.extend(self.finding(piece, candidate, &redactions, cursors));
        }
    }

    /// Leaves out identifiers that stand beside a secret: its finding tells of them.
    pub(super) fn absorb(&self, kept: &mut Vec<Candidate>) {
        let is_one = |c: &Candidate| {
            let rule = self.rules.get(c.rule);
            rule.is_some_and(|rule| rule.start().identifies)
        };
        if !kept.iter().any(is_one) {
            return;
        }
        let places = kept.iter().flat_map(|c| &c.named);
        let mut places: Vec<(usize, usize)> = places
            .filter_map(|named| named.at.as_ref().map(|at| (at.start, at.end)))
            .collect();
        places.sort_unstable();
        let told = |c: &Candidate| {
            let place = (c.secret.start, c.secret.end);
            is_one(c) && places.binary_search(&place).is_ok()
        };
        kept.retain(|c| !told(c));
    }

    /// The secrets that a text may hold, and what lost to them. Notes what may be another
    /// notation.
    pub(super) fn candidates(
        &self,
        (path, text): (&ScanPath, &[u8]),
        noted: &mut Noted,
        scratch: &mut Scratch,
    ) -> (Vec<Candidate>, Vec<Candidate>) {
        for rule in scratch.touched.drain(..) {
            if let Some(state) = scratch.rules.get_mut(rule) {
                state.wanted = None;
                state.windows.clear();
                state.starts.clear();
            }
        }
        scratch.here = None;
        self.prefilter.each(text, noted, |rules, hit| {
            self.on_hit(rules, hit, (path, text), scratch);
        });
        self.search_windows(text, scratch);
        if scratch.candidates.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let all = std::mem::take(&mut scratch.candidates);
        self.resolve(all, Vec::new())
    }

    /// Leaves the most specific of candidates that overlap; adds the others to those that lost.
    pub(super) fn resolve(
        &self,
        all: Vec<Candidate>,
        mut lost: Vec<Candidate>,
    ) -> (Vec<Candidate>, Vec<Candidate>) {
        let rank = |c: &Candidate| {
            let own = self.ranks.get(c.rule).copied().unwrap_or(Rank(0));
            // What is excused silences the generic rules and no other; what was decoded yields to
            // everything that stands there in clear, but for the generic rules.
            if c.excused.is_some() || c.decoded.is_some() {
                own.min(self.excused)
            } else {
                own
            }
        };
        let (kept, more) = candidate::resolve(all, rank);
        lost.extend(more);
        (kept, lost)
    }

    /// A keyword of some rules was found: tries their expressions right there, or notes where to search
    /// later.
    fn on_hit(
        &self,
        rules: &[usize],
        hit: Hit,
        (path, text): (&ScanPath, &[u8]),
        scratch: &mut Scratch,
    ) {
        if scratch.rules.len() < self.rules.len() {
            scratch.rules.resize_with(self.rules.len(), InFile::default);
        }
        let mut here = match scratch.here {
            Some(here) if here.at == hit.start => here,
            _ => Here::of(text, hit.start),
        };
        for rule in rules.iter().copied() {
            let Some(held) = self.gates.get(rule) else {
                continue;
            };
            // Of a rule that looks at none of few files no expression is made ready.
            if held.get().is_none() && !self.looks_at(path, rule, scratch) {
                continue;
            }
            let Some(gate) = held.get_or_init(|| self.new_gate(rule)) else {
                continue;
            };
            if !gate.lets_through(text, &mut here)
                || !self.looks_at(path, rule, scratch)
                || !gate.takes_name(text, &mut here)
            {
                continue;
            }
            let Some((detect, compiled)) = self.compiled(rule) else {
                continue;
            };
            match gate.way {
                Way::Here if compiled.may_begin(text, hit.start) => {
                    self.try_here((rule, compiled), text, hit, scratch);
                }
                Way::Here => {}
                Way::Around => {
                    if let Some(state) = scratch.rules.get_mut(rule) {
                        note_window(state, detect, compiled, text, hit);
                    }
                }
            }
        }
        scratch.here = Some(here);
    }

    fn new_gate(&self, rule: usize) -> Option<Gate> {
        let (detect, compiled) = self.compiled(rule)?;
        Some(Gate::of(detect, compiled))
    }

    fn compiled(&self, rule: usize) -> Option<(&Detect, &Compiled)> {
        let detect = self.rules.get(rule)?.detect();
        Some((detect, detect.pattern.compiled(&detect.keywords).ok()?))
    }

    /// Whether a rule looks at a file, which it is asked at its first keyword.
    fn looks_at(&self, path: &ScanPath, rule: usize, scratch: &mut Scratch) -> bool {
        let (Some(this), Some(state)) = (self.rules.get(rule), scratch.rules.get_mut(rule)) else {
            return false;
        };
        *state.wanted.get_or_insert_with(|| {
            scratch.touched.push(rule);
            let detect = this.detect();
            detect.files.accept(path) && !detect.allow.paths.matches(path, false)
        })
    }

    /// Tries the expression of a rule whose matches begin with the keyword.
    fn try_here(
        &self,
        (rule, compiled): (usize, &Compiled),
        text: &[u8],
        hit: Hit,
        scratch: &mut Scratch,
    ) {
        // An anchored search ends by itself where the token does.
        let furthest = match compiled.reach {
            Reach::At(Some(longest)) => longest,
            reach => reach.after().0 + MAX_TOKEN_TAIL,
        };
        let end = hit.start.saturating_add(furthest).min(text.len());
        let input = Input::new(text)
            .range(hit.start..end)
            .anchored(Anchored::Yes);
        let start = hit.start..hit.end;
        self.try_match(rule, compiled, (&input, from_ref(&start)), scratch);
    }

    /// Runs the expressions that may match before their keyword.
    fn search_windows(&self, text: &[u8], scratch: &mut Scratch) {
        for at in 0..scratch.touched.len() {
            let Some(rule) = scratch.touched.get(at).copied() else {
                return;
            };
            let (Some(this), Some(state)) = (self.rules.get(rule), scratch.rules.get_mut(rule))
            else {
                continue;
            };
            if state.windows.is_empty() {
                continue;
            }
            let windows = std::mem::take(&mut state.windows);
            let starts = std::mem::take(&mut state.starts);
            let mut rest = &starts[..];
            let Ok(compiled) = this.detect().pattern.compiled(&this.detect().keywords) else {
                continue;
            };
            for window in &windows {
                let here = rest.partition_point(|start| start.start < window.end);
                let (here, behind) = rest.split_at(here);
                rest = behind;
                let mut at = window.start;
                while at < window.end {
                    let input = Input::new(text).range(at..window.end);
                    match self.try_match(rule, compiled, (&input, here), scratch) {
                        Some(end) => at = end.max(at + 1),
                        None => break,
                    }
                }
            }
            if let Some(state) = scratch.rules.get_mut(rule) {
                (state.windows, state.starts) = (windows, starts);
            }
        }
    }

    /// Runs an expression once and judges its match. Where to go on, if there is one: behind its
    /// secret.
    fn try_match(
        &self,
        rule: usize,
        compiled: &Compiled,
        (input, starts): (&Input<'_>, &[Range<usize>]),
        scratch: &mut Scratch,
    ) -> Option<usize> {
        let this = self.rules.get(rule)?;
        let group = this.detect().group;
        let (span, secret) = run_once(compiled, group, (input, starts), &mut scratch.slots)?;
        // A group that took no part in the match leaves nothing to report.
        let Some(secret) = secret else {
            return Some(span.end);
        };
        // What ends one match may begin the next: of two lines, the line end between them.
        let end = secret.end;
        let judged = candidate::judge((rule, this), input.haystack(), &span, secret);
        scratch.candidates.extend(judged);
        Some(end)
    }
}

/// Runs an expression once: its match that begins in one of some ranges, and the group of the secret
/// if that took part.
pub(super) fn run_once(
    compiled: &Compiled,
    group: usize,
    (input, starts): (&Input<'_>, &[Range<usize>]),
    slots: &mut Vec<Option<NonMaxUsize>>,
) -> Option<(Range<usize>, Option<Range<usize>>)> {
    slots.clear();
    slots.resize(2 * (group + 1), None);
    compiled.search_from(input, starts, slots)?;
    let range = |group: usize| -> Option<Range<usize>> {
        let slot = |at: usize| slots.get(at).copied().flatten().map(NonMaxUsize::get);
        Some(slot(2 * group)?..slot(2 * group + 1)?)
    };
    Some((range(0)?, range(group)))
}

/// Notes where to search because of a keyword. Windows that touch become one, so that however many
/// keywords stand in a text, no byte is searched twice.
fn note_window(
    InFile {
        windows, starts, ..
    }: &mut InFile,
    detect: &Detect,
    compiled: &Compiled,
    text: &[u8],
    hit: Hit,
) {
    let (length, open) = compiled.reach.after();
    let near = detect.near.as_ref().filter(|_| detect.keywords_are_near);
    let (start, from) = match (near, compiled.reach) {
        (Some(near), _) => {
            let before = near.after.saturating_add(length);
            (
                hit.start.saturating_sub(before),
                hit.end.saturating_add(near.before),
            )
        }
        (None, Reach::Around { before, .. }) => (hit.start.saturating_sub(before), hit.start),
        (None, Reach::At(_)) => (hit.start, hit.start),
    };
    add(starts, start..from.saturating_add(1));
    let mut end = from.saturating_add(length).min(text.len());
    let touched = windows.last().filter(|last| start <= last.end);
    if open && touched.is_none_or(|last| end > last.end) {
        end += token_tail(text, end);
    }
    add(windows, start..end);
}

/// Adds a range to others, which are in order and touch nowhere. A keyword within another may be told of
/// before it, so it may begin before the last of them.
fn add(ranges: &mut Vec<Range<usize>>, mut next: Range<usize>) {
    while let Some(last) = ranges.pop_if(|last| next.start <= last.end) {
        next = last.start.min(next.start)..last.end.max(next.end);
    }
    ranges.push(next);
}

/// How many bytes of the token that crosses an offset lie behind it.
fn token_tail(text: &[u8], at: usize) -> usize {
    let tail = text.get(at..).unwrap_or(&[]).iter().take(MAX_TOKEN_TAIL);
    let token = |b: &&u8| b.is_ascii_alphanumeric() || b"+/=_.~-%".contains(b);
    tail.take_while(token).count()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::LazyLock;

    use proptest::prelude::{prop, prop_assert, proptest};
    use proptest::sample;

    use super::super::tests::load;
    use super::{
        Anchored, Gate, Here, Hit, InFile, Input, Range, Reach, Way, add, candidate, from_ref,
        note_window, run_once,
    };
    use crate::rule::SecretRule;

    #[test]
    fn the_order_in_which_keywords_are_told_of_changes_no_window() {
        let rules = generic();
        let text = [
            b" ".repeat(9_000),
            b"refresh-token: q8Zr2LmX0vTn5W".to_vec(),
        ]
        .concat();
        let hits = [(9_000, 9_014), (9_008, 9_014)].map(|(start, end)| Hit { start, end });
        let around = rules.iter().find(|rule| {
            let compiled = rule.detect().pattern.compiled(&rule.detect().keywords);
            matches!(compiled.unwrap().reach, Reach::Around { .. })
        });
        let detect = around.unwrap().detect();
        let compiled = detect.pattern.compiled(&detect.keywords).unwrap();
        let noted = |hits: [Hit; 2]| {
            let mut state = InFile::default();
            hits.iter()
                .for_each(|hit| note_window(&mut state, detect, compiled, &text, *hit));
            assert!(state.windows[0].start > 0);
            (state.windows, state.starts)
        };
        let [first, second] = hits;
        assert_eq!(noted([second, first]), noted([first, second]));
    }

    /// What the rules that judge by a name say where a keyword of theirs stands: whether they are
    /// wanted, whether they match, and whether that is a candidate.
    fn said(rules: &[SecretRule], text: &[u8]) -> Vec<(bool, bool, bool)> {
        let folded = text.to_ascii_lowercase();
        let mut all = Vec::new();
        for rule in rules {
            let detect = rule.detect();
            let compiled = detect.pattern.compiled(&detect.keywords).unwrap();
            let gate = Gate::of(detect, compiled);
            if gate.way == Way::Around {
                continue;
            }
            for at in detect
                .keywords
                .iter()
                .flat_map(|k| memchr::memmem::find_iter(&folded, k))
            {
                let here = &mut Here::of(text, at);
                let wanted = gate.lets_through(text, here) && gate.takes_name(text, here);
                let input = Input::new(text)
                    .range(at..text.len())
                    .anchored(Anchored::Yes);
                let starts = at..at + 1;
                let found = run_once(
                    compiled,
                    detect.group,
                    (&input, from_ref(&starts)),
                    &mut Vec::new(),
                );
                let judged = found.as_ref().map(|(span, secret)| {
                    let secret = secret.clone()?;
                    candidate::judge((0, rule), text, span, secret).ok()
                });
                all.push((wanted, judged.is_some(), judged.flatten().is_some()));
            }
        }
        all
    }

    static GENERIC: LazyLock<Vec<SecretRule>> = LazyLock::new(generic);

    fn generic() -> Vec<SecretRule> {
        let folder = format!("{}/rules/secrets", env!("CARGO_MANIFEST_DIR"));
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let generic = files.filter(|file| {
            file.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("generic")
        });
        let rules = generic.flat_map(|file| load("generic", &fs::read_to_string(file).unwrap()));
        rules
            .filter(|rule| rule.detect().needs_a_secrets_name())
            .collect()
    }

    #[test]
    fn what_a_name_of_something_else_is_given_is_matched_and_not_wanted() {
        let text = br#""LastPasswordChangeDate":"2026-10-04T12:19:14Z","#;
        assert!(said(&GENERIC, text).contains(&(false, true, false)));
        let text = br#""LastPassword":"q8Zr2LmX0vTn5W","#;
        assert!(said(&GENERIC, text).contains(&(true, true, true)));
    }

    proptest! {
        #[test]
        fn ranges_stay_in_order_and_apart_and_hold_all_that_was_added(
            added in prop::collection::vec((0..60_usize, 0..9_usize), 1..12),
        ) {
            let added: Vec<_> = added.iter().map(|(start, length)| *start..start + length).collect();
            let mut ranges = Vec::new();
            added.iter().for_each(|next| add(&mut ranges, next.clone()));
            prop_assert!(ranges.is_sorted_by(|one, next| one.end < next.start), "{:?}", ranges);
            let holds = |next: &Range<usize>| {
                ranges.iter().any(|range| range.start <= next.start && next.end <= range.end)
            };
            prop_assert!(added.iter().all(holds), "{:?}", ranges);
        }

        #[test]
        fn what_is_not_wanted_is_no_candidate(
            parts in prop::collection::vec(sample::select(vec![
                "password", "Passwd", "TOKEN", "secret", "api_key", "Key", "Field", "_name", "Hash", "public",
                "Date", ".", "$", "-", "_", " ", "=", ": ", "\"", "'", "<", ">", "</", "=>", ", ", "(", ")", "\n",
                "q8Zr2LmX0vTn5W", "Tr0ub4dor&3", "5f4dcc3b5aa765d61d8327deb882cf99", "\u{e9}", "--", "export ",
            ]), 1..14),
        ) {
            let text = parts.concat();
            for (wanted, _, candidate) in said(&GENERIC, text.as_bytes()) {
                prop_assert!(wanted || !candidate, "{}", text);
            }
        }
    }
}
