//! Results of before, and how a report stands to them. What is gone counts as fixed only where it is
//! proven, so that a result that saw less does not look like progress; a finding that such a result
//! lacks goes on being known.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Fingerprint, Instant, Severity};
use crate::report::{Coverage, First, Point, Report, Since, Trend, What};

use super::error::AppError;
use super::merge;
use super::past::{Held, Pair, Proof};

/// Names of what is missing that are told.
const NAMED: usize = 3;

/// What a folder of results holds is known by these.
const RESULTS: &[&str] = &["json", "jsonl"];

/// The results of before, in the order of their dates.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// Whether any was asked for.
    asked: bool,
    results: Vec<(PathBuf, Past)>,
}

/// All that is kept of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Past {
    as_of: Instant,
    policy: String,
    version: String,
    coverage: Coverage,
    problems: u64,
    proof: Proof,
    findings: BTreeMap<Fingerprint, Held>,
}

impl Past {
    fn of(report: &Report) -> Self {
        let findings = report.findings.iter();
        let findings = findings.map(|judged| (judged.finding.fingerprint, Held::of(&judged)));
        Self {
            as_of: report.as_of,
            policy: report.policy.sha256.clone(),
            version: report.version.clone(),
            coverage: report.coverage.clone(),
            problems: report.problems.len() as u64,
            findings: findings.collect(),
            proof: Proof::of(report),
        }
    }
}

impl Earlier {
    /// Reads results: files, and all that lie in folders. One that comes twice counts once, and those
    /// that this run works on do not count.
    ///
    /// # Errors
    /// When one is none, or two are of one time, so that nobody can say which was first.
    pub(super) fn read(named: &[PathBuf], but: &[&Path]) -> Result<Self, AppError> {
        let mut results: Vec<(PathBuf, Past)> = Vec::new();
        for path in files(named, but)? {
            let past = Past::of(&merge::read(&path)?);
            let alike = results.iter().find(|(_, other)| other.as_of == past.as_of);
            match alike {
                Some((_, other)) if *other == past => {}
                Some((other, _)) => {
                    return Err(AppError::Usage {
                        message: format!(
                            "{} and {} are both as of {}",
                            other.display(),
                            path.display(),
                            past.as_of
                        ),
                        help: Some(
                            "which came first cannot be told: leave one out, or merge them if each \
                             is of a part"
                                .to_owned(),
                        ),
                    });
                }
                None => results.push((path, past)),
            }
        }
        results.sort_by_key(|(_, past)| past.as_of);
        Ok(Self {
            asked: !named.is_empty(),
            results,
        })
    }

    /// That all are of before.
    ///
    /// # Errors
    /// When one is as of a later time than the report.
    pub(super) fn before(&self, as_of: Instant) -> Result<(), AppError> {
        match self.results.last() {
            Some((path, past)) if past.as_of > as_of => Err(AppError::Usage {
                message: format!(
                    "{} is as of {}, which is not before {as_of}",
                    path.display(),
                    past.as_of
                ),
                help: Some(
                    "name results of before, or give the audit date with --as-of".to_owned(),
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Tells a report how it stands to them.
    pub(super) fn tell(self, report: &mut Report) {
        if self.results.is_empty() {
            if self.asked {
                let note = "there is no earlier result yet, so there is no trend";
                report.notes.push(note.to_owned());
            }
            return;
        }
        let mut run = Run::default();
        for (_, past) in self.results {
            run.step(past);
        }
        run.step(Past::of(report));
        report.trend = Some(run.finish());
    }
}

/// The files that are named and those in folders that are, but for what is no result of before.
fn files(named: &[PathBuf], but: &[&Path]) -> Result<Vec<PathBuf>, AppError> {
    let whole = |path: &Path| fs::canonicalize(path).ok();
    let but: BTreeSet<PathBuf> = but.iter().filter_map(|path| whole(path)).collect();
    let mut all = Vec::new();
    for path in named {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let failed = |e| AppError::read(path, e);
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let end = path.extension().and_then(|end| end.to_str());
            if end.is_some_and(|end| RESULTS.contains(&end)) && path.is_file() {
                inside.push(path);
            }
        }
        inside.sort();
        all.append(&mut inside);
    }
    all.retain(|path| whole(path).is_none_or(|path| !but.contains(&path)));
    Ok(all)
}

/// A finding that stands, as far as anybody knows.
struct Active {
    held: Held,
    first: First,
}

/// Results one after another.
#[derive(Default)]
struct Run {
    points: Vec<Point>,
    active: BTreeMap<Fingerprint, Active>,
    fixed: BTreeSet<Fingerprint>,
    last: Option<Past>,
}

impl Run {
    fn step(&mut self, mut past: Past) {
        let index = self.points.len();
        let mut since = Since::default();
        let mut doubts = Vec::new();
        if let Some(before) = self.last.take() {
            let both = past.findings.keys();
            let both = both.filter(|one| self.active.contains_key(one)).count();
            let counts = [self.active.len(), past.findings.len(), both];
            let pair = Pair::new(&before.proof, &past.proof, counts);
            self.gone(&past, &pair, &mut since);
            doubts = self::doubts(&before, &past, &pair);
            doubts.splice(0..0, unproven(since.unproven));
            let lost = pair.lost;
            past.proof.awaits(lost);
        } else if past.problems > 0 {
            doubts.push(unchecked(past.problems));
        }
        let (mut open, mut accepted) = ([0; Severity::ALL.len()], 0);
        for (fingerprint, held) in std::mem::take(&mut past.findings) {
            match open.get_mut(held.stand.severity as usize) {
                Some(count) if held.stand.counts => *count += 1,
                _ => accepted += 1,
            }
            self.stands((fingerprint, held), index, &mut since);
        }
        self.points.push(Point {
            as_of: past.as_of,
            open,
            accepted,
            since: (index > 0).then_some(since),
            files: past.coverage.files,
            records: past.coverage.records,
            problems: past.problems,
            doubts,
        });
        self.last = Some(past);
    }

    /// Takes leave of what a result lacks, where that is proven.
    fn gone(&mut self, past: &Past, pair: &Pair<'_>, since: &mut Since) {
        let fixed = &mut self.fixed;
        self.active.retain(|fingerprint, Active { held, .. }| {
            if past.findings.contains_key(fingerprint) {
                return true;
            }
            let counted = u64::from(held.stand.counts);
            let proven = pair.unproven(held).is_none();
            if proven {
                since.fixed += counted;
                fixed.insert(*fingerprint);
            } else {
                since.unproven += counted;
            }
            !proven
        });
    }

    /// Takes note of what a result has.
    fn stands(
        &mut self,
        (fingerprint, held): (Fingerprint, Held),
        point: usize,
        since: &mut Since,
    ) {
        let known = self.active.get_mut(&fingerprint);
        let before = known.as_ref().map(|known| known.held.stand);
        match held.stand.since(before) {
            Some(What::New | What::CountsAgain) => since.new += 1,
            Some(What::StillOpen | What::MoreSevere) => since.still += 1,
            Some(What::Accepted) if before.is_some() => since.accepted += 1,
            _ => {}
        }
        if let Some(known) = known {
            known.held = held;
            return;
        }
        let again = self.fixed.contains(&fingerprint);
        let first = First { point, again };
        self.active.insert(fingerprint, Active { held, first });
    }

    fn finish(self) -> Trend {
        let first = self.active.into_iter();
        Trend {
            points: self.points,
            first: first.map(|(one, active)| (one, active.first)).collect(),
        }
    }
}

fn unchecked(problems: u64) -> String {
    match problems {
        1 => "1 input could not be checked".to_owned(),
        n => format!("{n} inputs could not be checked"),
    }
}

/// The first few names, and how many more there are.
fn named(names: &[&str]) -> String {
    let told = names.iter().take(NAMED).copied();
    let told = told.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

fn unproven(gone: u64) -> Option<String> {
    match gone {
        0 => None,
        1 => Some("1 finding is gone without proof that it is fixed".to_owned()),
        n => Some(format!(
            "{n} findings are gone without proof that they are fixed"
        )),
    }
}

/// What a result saw less of, or asked otherwise, than the one before.
fn doubts(before: &Past, past: &Past, pair: &Pair<'_>) -> Vec<String> {
    let mut doubts = Vec::new();
    if past.problems > 0 {
        doubts.push(unchecked(past.problems));
    }
    if pair.strangers {
        doubts.push(
            "not one finding of before is left: perhaps it is of another organisation, or of other \
             targets"
                .to_owned(),
        );
    }
    let rules = past.proof.rules_lost(&before.proof);
    let exports: Vec<&str> = pair.lost.keys().map(|path| &**path).collect();
    for (what, names) in [
        ("no longer evaluated in full", rules),
        ("without the export", exports),
    ] {
        if !names.is_empty() {
            doubts.push(format!("{what}: {}", named(&names)));
        }
    }
    let (then, now) = (&before.coverage, &past.coverage);
    for (then, now, what) in [
        (then.searched, now.searched, "files searched for secrets"),
        (then.records, now.records, "records read"),
    ] {
        if now < then / 2 {
            doubts.push(format!("{now} {what}, {then} before"));
        }
    }
    if before.policy != past.policy {
        doubts.push("other rules, or another policy, than before".to_owned());
    }
    if before.version != past.version {
        let (then, now) = (&before.version, &past.version);
        doubts.push(format!("made by version {now}, before by {then}"));
    }
    doubts
}

#[cfg(test)]
mod tests;
