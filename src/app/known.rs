//! What a scan is told to take for known: the lines of a baseline, and what a base commit has.

use crate::model::Instant;
use crate::report::Report;
use crate::triage::{Baseline, Judged, Usage, accept_known};

use super::base::Base;
use super::baseline::{file, unmatched};
use super::error::AppError;
use super::options::ScanOptions;

/// Notes of one sort that are told one by one.
const TOLD: usize = 10;

/// What is known from before.
#[derive(Debug, Default)]
pub(super) struct Known {
    baseline: Option<Baseline>,
    /// What the base commit has; filled in once it is known what to look for.
    pub(super) base: Option<Base>,
}

impl Known {
    /// Reads the baseline, if one is named.
    ///
    /// # Errors
    /// When it cannot be read or is wrong.
    pub(super) fn load(options: &ScanOptions) -> Result<Self, AppError> {
        let path = options.baseline.as_deref();
        Ok(Self {
            baseline: path.map(file::read).transpose()?,
            base: None,
        })
    }

    /// Gives a finding its verdict, if it is known.
    pub(super) fn judge(&self, judged: &mut Judged, as_of: Instant, usage: &mut Usage) {
        if let Some(baseline) = &self.baseline {
            baseline.judge(judged, as_of, usage);
        }
        if let Some(base) = &self.base {
            accept_known(judged, &base.fingerprints, &base.verdict);
        }
    }

    /// What people should know of the baseline.
    pub(super) fn notes(&self, usage: &Usage, report: &Report) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(base) = &self.base {
            notes.push(base.note.clone());
        }
        let Some(baseline) = &self.baseline else {
            return notes;
        };
        if baseline.duplicates() > 0 {
            notes.push(format!(
                "the baseline has {} more than once, as merges leave them; \
                 `credlint baseline prune` or `update` folds them",
                lines(baseline.duplicates())
            ));
        }
        let entry = |index: usize| baseline.entries().get(index);
        let moved = usage.moved.iter().filter_map(|(index, now)| {
            let entry = entry(*index)?;
            Some(format!(
                "{} {} moved from {} to {now}",
                entry.rule,
                short(&entry.fingerprint.to_string()),
                entry.path
            ))
        });
        told(moved.collect(), "more accepted findings moved", &mut notes);
        let stale = unmatched(baseline, report);
        let gone = stale.iter().filter_map(|index| {
            let entry = entry(*index)?;
            Some(format!(
                "{} {} of the baseline ({}, {}) matches nothing; `credlint baseline prune` takes it out",
                entry.rule,
                short(&entry.fingerprint.to_string()),
                entry.path,
                entry.owner
            ))
        });
        told(
            gone.collect(),
            "more lines of the baseline match nothing",
            &mut notes,
        );
        notes
    }
}

/// Tells the first few one by one and the rest by number.
fn told(mut all: Vec<String>, rest: &str, notes: &mut Vec<String>) {
    let more = all.len().saturating_sub(TOLD);
    all.truncate(TOLD);
    notes.append(&mut all);
    if more > 0 {
        notes.push(format!("{more} {rest}"));
    }
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..12).unwrap_or(fingerprint)
}

fn lines(count: usize) -> String {
    match count {
        1 => "1 line".to_owned(),
        n => format!("{n} lines"),
    }
}
