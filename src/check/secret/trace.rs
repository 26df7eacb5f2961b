//! Why a line is a finding, or none: which rules looked at it, what each made of it. Slow and
//! thorough, for one line of one file; [`super::search`] decides.

use std::ops::Range;

use regex_automata::Input;

use super::candidate::{self, Candidate, Reason};
use super::certainty::{self, Docstrings, Place};
use super::encoding;
use super::search::run_once;
use super::value::Doubt;
use super::{Scanned, Scratch, SecretScanner};
use crate::model::{Finding, Location, Region, RuleId, ScanPath, Secret};

/// Bytes on either side of a line in which a match may begin and end.
const AROUND: usize = 4 << 10;

/// What rules made of a line.
#[derive(Debug, Default)]
pub struct Trace {
    /// What is found there, decoded text included.
    pub findings: Vec<Found>,
    /// Matches that are no finding, in the order of the line.
    pub dropped: Vec<Dropped>,
    /// Rules of which a keyword stands near, but whose expression matches nothing on the line.
    pub silent: Vec<RuleId>,
    /// Rules that do not look at a file of this name, though a keyword stands near.
    pub elsewhere: Vec<RuleId>,
}

/// A finding, and what makes it more or less sure than its rule.
#[derive(Debug)]
pub struct Found {
    /// The finding.
    pub finding: Finding,
    /// What about its place lowers its confidence, in words.
    pub doubts: Vec<&'static str>,
    /// What raises it, in words.
    pub backing: Option<&'static str>,
}

/// A match that is no finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The rule.
    pub rule: RuleId,
    /// A hint of what it matched.
    pub hint: String,
    /// Why it is none, in words.
    pub why: String,
}

impl SecretScanner<'_> {
    /// Looks at a line, counted from 1, of a file. None if the file is no text or has no such line.
    #[must_use]
    pub fn trace(&self, path: &ScanPath, bytes: &[u8], line: u32) -> Option<Trace> {
        let mut scratch = Scratch::default();
        let Scanned::Searched(mut findings) = self.scan(path, bytes, &mut scratch) else {
            return None;
        };
        findings.retain(|finding| {
            let region = finding.location.region;
            (region.start_line..=region.end_line).contains(&line)
        });
        let mut wide = String::new();
        let text = encoding::text(bytes, &mut wide)?;
        let place = line_at(text, line)?;
        let mut trace = Trace {
            findings: findings
                .into_iter()
                .map(|f| self.doubted(f, text))
                .collect(),
            ..Trace::default()
        };
        let mut matched: Vec<Candidate> = Vec::new();
        let mut told: Vec<(usize, Dropped)> = Vec::new();
        for rule in 0..self.rules.len() {
            self.ask(
                rule,
                path,
                (text, &place),
                &mut trace,
                (&mut matched, &mut told),
            );
        }
        let (kept, lost) = self.resolve(matched, Vec::new());
        for candidate in kept.iter().filter_map(|c| Some((c, c.excused?))) {
            let (candidate, reason) = candidate;
            told.extend(self.drop(candidate.rule, text, &candidate.secret, words(reason)));
        }
        for candidate in &lost {
            let overlaps = |other: &&Candidate| {
                other.secret.start < candidate.secret.end
                    && candidate.secret.start < other.secret.end
            };
            let winner = kept.iter().find(overlaps);
            let why = match winner.and_then(|winner| self.rules.get(winner.rule)) {
                Some(winner) => format!("it yields to {}, which is more specific", winner.meta.id),
                None => "it yields to a rule that is more specific".to_owned(),
            };
            told.extend(self.drop(candidate.rule, text, &candidate.secret, why));
        }
        told.sort_by(|a, b| (a.0, &a.1.rule).cmp(&(b.0, &b.1.rule)));
        trace.dropped = told.into_iter().map(|(_, dropped)| dropped).collect();
        Some(trace)
    }

    fn doubted(&self, finding: Finding, text: &[u8]) -> Found {
        let Location { path, region } = &finding.location;
        let rule = self.rules.iter().find(|rule| rule.meta.id == finding.rule);
        let at = line_at(text, region.start_line)
            .map(|line| line.start + bytes_before(text.get(line).unwrap_or(&[]), region));
        let doubts = rule.zip(at).map(|(rule, at)| {
            let place = Place {
                path,
                text,
                at,
                documents: Docstrings::new(path).reach(text, at),
            };
            let secret = finding.secret.as_ref().map_or(&b""[..], Secret::expose);
            let doubts = certainty::doubts(rule, secret, place).into_iter();
            doubts.map(|doubt| doubt.why).collect()
        });
        let surer = rule.is_some_and(|rule| finding.confidence > rule.meta.confidence);
        Found {
            doubts: doubts.unwrap_or_default(),
            backing: surer.then_some(certainty::BACKING),
            finding,
        }
    }

    /// Asks one rule about a line.
    fn ask(
        &self,
        number: usize,
        path: &ScanPath,
        (text, line): (&[u8], &Range<usize>),
        trace: &mut Trace,
        (matched, told): (&mut Vec<Candidate>, &mut Vec<(usize, Dropped)>),
    ) {
        let Some(rule) = self.rules.get(number) else {
            return;
        };
        let detect = rule.detect();
        let window =
            line.start.saturating_sub(AROUND)..line.end.saturating_add(AROUND).min(text.len());
        let near = if detect.keywords_are_near {
            window.clone()
        } else {
            line.clone()
        };
        let folded = text.get(near).unwrap_or(&[]).to_ascii_lowercase();
        let has = |word: &[u8]| memchr::memmem::find(&folded, word).is_some();
        if !detect.keywords.iter().any(|word| has(word)) {
            return;
        }
        let id = &rule.meta.id;
        if !detect.files.accept(path) || detect.allow.paths.matches(path, false) {
            trace.elsewhere.push(id.clone());
            return;
        }
        let Ok(compiled) = detect.pattern.compiled(&detect.keywords) else {
            return;
        };
        let (mut at, mut any) = (window.start, false);
        let mut slots = Vec::new();
        while at < window.end {
            let input = Input::new(text).range(at..window.end);
            let Some((span, secret)) = run_once(
                compiled,
                detect.group,
                (&input, &[input.get_range()]),
                &mut slots,
            ) else {
                break;
            };
            at = span.end.max(at + 1);
            let Some(secret) = secret.filter(|s| s.start < line.end && line.start < s.end) else {
                continue;
            };
            any = true;
            match candidate::judge((number, rule), text, &span, secret.clone()) {
                Ok(candidate) => matched.push(candidate),
                Err(reason) => told.extend(self.drop(number, text, &secret, words(reason))),
            }
        }
        if !any {
            trace.silent.push(id.clone());
        }
    }

    fn drop(
        &self,
        rule: usize,
        text: &[u8],
        secret: &Range<usize>,
        why: String,
    ) -> Option<(usize, Dropped)> {
        let dropped = Dropped {
            rule: self.rules.get(rule)?.meta.id.clone(),
            hint: Secret::new(text.get(secret.clone())?).hint(),
            why,
        };
        Some((secret.start, dropped))
    }
}

/// How many bytes of a line stand before the column at which a region begins.
fn bytes_before(line: &[u8], region: &Region) -> usize {
    let text = String::from_utf8_lossy(line);
    let mut units = region.start_column.saturating_sub(1) as usize;
    let within = text.chars().take_while(|c| {
        let left = units > 0;
        units = units.saturating_sub(c.len_utf16());
        left
    });
    within.map(char::len_utf8).sum()
}

/// The bytes of a line, without its end.
fn line_at(text: &[u8], line: u32) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 1..line {
        start += memchr::memchr(b'\n', text.get(start..)?)? + 1;
    }
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    Some(start..start + length)
}

fn words(reason: Reason) -> String {
    match reason {
        Reason::Length => "it is empty, or longer than any secret",
        Reason::Near => "none of the words that the rule wants stands near",
        Reason::Part => "it is a part of something longer that is written in base64",
        Reason::Plain => "it hardly changes between digits, small letters and capitals",
        Reason::Allowed => "the rule itself excepts it: a sample, or a word of its list",
        Reason::Checksum => "its checksum is wrong, so it was never issued",
        Reason::Entropy => "it has too few different characters to be random",
        Reason::Structure => "it does not parse as what it should be, or is a sample",
        Reason::Value(doubt) => match doubt {
            Doubt::Name => "the name is about something else: a label, a path, a public value",
            Doubt::Length => "it is too short or too long",
            Doubt::Placeholder => "it stands for a secret to be filled in, or is the name itself",
            Doubt::Printed => "it is a sample that a standard or a manual prints",
            Doubt::Reference => "it names the place where the secret is",
            Doubt::Code => "it is code: a call, an index, an expression",
            Doubt::Words => "it is a name in code, or words",
            Doubt::Protected => "it is encrypted, hashed or masked already",
            Doubt::Path => "it is a path, an address or a file's name",
            Doubt::Digest => "it is a UUID, a digest or a date",
            Doubt::Regular => "it is not random enough",
        },
    }
    .to_owned()
}
