//! What a comparison needs of a result: which findings stand in it, and what it proves by not having
//! one. Small, so that many results can be held at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{RuleId, ScanPath, Severity};
use crate::report::{ExportInput, Reach, Report, What};
use crate::triage::Judged;

/// From so many findings on it is strange that not one of them is left while others are there.
const MANY: usize = 10;

/// How a finding stands in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    pub(super) severity: Severity,
    /// Whether it counts: nothing accepts it.
    pub(super) counts: bool,
}

impl Stand {
    pub(super) fn of(judged: &Judged) -> Self {
        Self {
            severity: judged.finding.severity,
            counts: judged.counts(),
        }
    }

    /// What has become of a finding that stands like this and stood like that before; none if there
    /// is nothing to tell.
    pub(super) fn since(self, before: Option<Self>) -> Option<What> {
        match (before.map(|before| before.counts), self.counts) {
            (None, true) => Some(What::New),
            (Some(true), true) if before.is_some_and(|b| self.severity > b.severity) => {
                Some(What::MoreSevere)
            }
            (Some(true), true) => Some(What::StillOpen),
            (Some(false), true) => Some(What::CountsAgain),
            (None | Some(true), false) => Some(What::Accepted),
            (Some(false), false) => None,
        }
    }
}

/// What the absence of a finding proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    /// Every rule that ran, and why it was not evaluated in full, if it was not.
    rules: BTreeMap<RuleId, Option<String>>,
    /// Whether every input was checked.
    complete: bool,
    /// The exports that were read, or were to be read.
    exports: Exports,
    /// What it was told to look at; empty if that is not known.
    targets: BTreeSet<String>,
}

/// Exports by path, each with what recognised it.
pub(super) type Exports = BTreeMap<Arc<str>, Vec<String>>;

impl Proof {
    pub(super) fn of(report: &Report) -> Self {
        let rules = report.outcomes.iter().map(|outcome| {
            let why = (outcome.reach() != Reach::Full).then(|| {
                let reasons: Vec<&str> = outcome.reasons().map(|(reason, _)| reason).collect();
                format!("its rule was not evaluated in full: {}", reasons.join("; "))
            });
            (outcome.rule.clone(), why)
        });
        let exports = report.exports.iter();
        let named = |export: &ExportInput| (export.path.as_str().into(), export.sources.clone());
        Self {
            rules: rules.collect(),
            complete: report.complete(),
            exports: exports.map(named).collect(),
            targets: report.coverage.targets.clone(),
        }
    }

    /// The rules that were evaluated in full before and are not now.
    pub(super) fn rules_lost<'p>(&self, before: &'p Self) -> Vec<&'p str> {
        let full = before.rules.iter().filter(|(_, why)| why.is_none());
        full.filter(|(rule, _)| !matches!(self.rules.get(*rule), Some(None)))
            .map(|(rule, _)| rule.as_str())
            .collect()
    }

    /// Exports of before that are not there now, where nothing of their kind took their place: the
    /// name of an export changes from day to day, so they are counted.
    fn exports_lost(&self, before: &Self) -> Exports {
        let (then, now) = (by_source(&before.exports), by_source(&self.exports));
        let fewer: BTreeSet<&str> = then
            .into_iter()
            .filter(|(source, count)| now.get(source).copied().unwrap_or(0) < *count)
            .map(|(source, _)| source)
            .collect();
        let gone = before.exports.iter().filter(|(path, sources)| {
            !self.exports.contains_key(*path)
                && sources.iter().any(|source| fewer.contains(source.as_str()))
        });
        gone.map(|(path, sources)| (Arc::clone(path), sources.clone()))
            .collect()
    }

    /// Goes on asking for exports that are missing.
    pub(super) fn awaits(&mut self, exports: Exports) {
        self.exports.extend(exports);
    }

    /// Whether a file was looked at, if it is there.
    fn looks_at(&self, file: &ScanPath) -> bool {
        let file = file.archive().unwrap_or(file.as_str());
        let has = |path: &str| self.targets.contains(path);
        let ends = file.match_indices('/').map(|(end, _)| end);
        self.targets.is_empty()
            || has(".")
            || has(file)
            || ends.filter_map(|end| file.get(..end)).any(has)
    }
}

fn by_source(exports: &Exports) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for source in exports.values().flatten() {
        *counts.entry(source.as_str()).or_default() += 1;
    }
    counts
}

/// A result and the one before it.
pub(super) struct Pair<'p> {
    new: &'p Proof,
    /// Exports that are missing.
    pub(super) lost: Exports,
    /// Whether the two have nothing in common, though both have findings.
    pub(super) strangers: bool,
}

impl<'p> Pair<'p> {
    /// Pairs two results, of which one has so many findings, the other so many, and both so many.
    pub(super) fn new(before: &Proof, new: &'p Proof, [then, now, both]: [usize; 3]) -> Self {
        Self {
            new,
            lost: new.exports_lost(before),
            strangers: then >= MANY && now > 0 && both == 0,
        }
    }

    /// Why it proves nothing that the new result lacks a finding.
    pub(super) fn unproven(&self, gone: &Held) -> Option<&str> {
        if self.strangers {
            return Some("not one finding of before is left: the two may be of different targets");
        }
        match self.new.rules.get(&gone.rule) {
            None => return Some("its rule did not run"),
            Some(Some(why)) => return Some(why),
            Some(None) => {}
        }
        if self.lost.contains_key(gone.file.as_str()) {
            return Some("the export that it was found in is missing");
        }
        if gone.kind == Kind::Source && !self.new.looks_at(&gone.file) {
            return Some("its file is not among what was looked at");
        }
        (!self.new.complete).then_some("not every input could be checked")
    }
}

/// A finding of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) stand: Stand,
    rule: RuleId,
    kind: Kind,
    file: ScanPath,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Records. The files that hold them are called otherwise from day to day.
    Records,
    /// A place in source.
    Source,
}

impl Held {
    pub(super) fn of(judged: &Judged) -> Self {
        let finding = &judged.finding;
        Self {
            stand: Stand::of(judged),
            rule: finding.rule.clone(),
            kind: match finding.grade {
                Some(_) => Kind::Records,
                None => Kind::Source,
            },
            file: finding.location.path.clone(),
        }
    }
}
