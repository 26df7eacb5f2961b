//! `credlint baseline`: writes, extends and clears the file of findings that are accepted from
//! before, by what a scan finds now.

pub(super) mod file;

use std::borrow::Cow;
use std::path::Path;

use crate::model::When;
use crate::report::{Reach, Report};
use crate::rule::file::Depth;
use crate::triage::{Baseline, Entry, Judged, Verdict};

use super::content::Content;
use super::deliver::whole;
use super::error::AppError;
use super::exit::Exit;
use super::options::{Answer, BaselineAction, BaselineOptions, ScanOptions, Verbosity};
use super::{Io, scan};

/// Does what was asked for.
///
/// # Errors
/// When the answer breaks the policy, the file is wrong or cannot be written, or nothing can be
/// scanned.
pub fn run(options: &BaselineOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let BaselineOptions { action, file, scan } = options;
    match action {
        BaselineAction::Write(answer) => write(answer, file, scan, io),
        BaselineAction::Update(answer) => update(answer, file, scan, io),
        BaselineAction::Prune => prune(file, scan, io),
    }
}

fn write(
    answer: &Answer,
    path: &Path,
    options: &ScanOptions,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    if path.symlink_metadata().is_ok() {
        return Err(file::already_there(path));
    }
    check(answer, options)?;
    let report = scan::report(options, io)?;
    let (open, waived) = split(&report);
    let entries = open.iter().map(|judged| entry(judged, answer));
    let baseline = Baseline::new(entries.collect());
    whole(&report)?;
    file::create(path, &file::bytes(&baseline)?)?;
    let mut words = format!(
        "wrote {}: {}",
        path.display(),
        lines(baseline.entries().len())
    );
    if waived > 0 {
        words.push_str(&format!("; {waived} with a waiver left to the policy"));
    }
    finish(&words, &report, io)
}

fn update(
    answer: &Answer,
    path: &Path,
    options: &ScanOptions,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let before = file::read(path)?;
    check(answer, options)?;
    let report = scan::report(options, io)?;
    let mut entries = before.entries().to_vec();
    let (mut added, mut ended) = (0, 0);
    for judged in split(&report).0 {
        let Some(slot) = before
            .find(&judged.finding)
            .and_then(|i| entries.get_mut(i))
        else {
            entries.push(entry(&judged, answer));
            added += 1;
            continue;
        };
        *slot = slot.refreshed(&judged.finding);
        if matches!(slot.expires, When::Known(end) if end <= options.as_of) {
            ended += 1;
        }
    }
    whole(&report)?;
    replace(path, &Baseline::new(entries))?;
    let mut words = format!(
        "{}: {added} added, {} kept",
        path.display(),
        before.entries().len()
    );
    if ended > 0 {
        words.push_str(&format!(
            "; {} ended and still counts: deal with it, or give it another end in the file",
            lines(ended)
        ));
    }
    finish(&words, &report, io)
}

fn prune(path: &Path, options: &ScanOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let before = file::read(path)?;
    let report = scan::report(options, io)?;
    if !report.complete() {
        let words = format!("{} stays as it is", path.display());
        return finish(&words, &report, io);
    }
    let stale = unmatched(&before, &report);
    whole(&report)?;
    let kept = before.entries().iter().enumerate();
    let kept = kept.filter(|(index, _)| !stale.contains(index));
    let kept = Baseline::new(kept.map(|(_, entry)| entry.clone()).collect());
    replace(path, &kept)?;
    let words = format!(
        "{}: {} taken out, {} kept",
        path.display(),
        stale.len(),
        kept.entries().len()
    );
    finish(&words, &report, io)
}

/// The entries that no finding has, although their rule was evaluated in full: of a rule that was
/// not, nobody knows.
pub(super) fn unmatched(baseline: &Baseline, report: &Report) -> Vec<usize> {
    let mut found = vec![false; baseline.entries().len()];
    for judged in &report.findings {
        if let Some(slot) = baseline
            .find(&judged.finding)
            .and_then(|i| found.get_mut(i))
        {
            *slot = true;
        }
    }
    let evaluated = |entry: &Entry| {
        let outcome = report.outcome(&entry.rule);
        outcome.is_some_and(|outcome| outcome.reach() == Reach::Full)
    };
    let entries = baseline.entries().iter().zip(found).enumerate();
    entries
        .filter(|(_, (entry, found))| !found && evaluated(entry))
        .map(|(index, _)| index)
        .collect()
}

/// The findings that a baseline may accept, and how many are left to waivers: a waiver's word is
/// final, and a line beside it would hide its end.
fn split(report: &Report) -> (Vec<Cow<'_, Judged>>, usize) {
    let open = |judged: &Cow<'_, Judged>| *judged.verdict == Verdict::Open;
    let open: Vec<Cow<'_, Judged>> = report.findings.iter().filter(open).collect();
    let waived = report.findings.len() - open.len();
    (open, waived)
}

fn entry(judged: &Judged, answer: &Answer) -> Entry {
    let finding = &judged.finding;
    Entry {
        rule: finding.rule.clone(),
        fingerprint: finding.fingerprint,
        path: finding.location.path.as_str().to_owned(),
        reason: answer.reason.trim().to_owned(),
        owner: answer.owner.trim().to_owned(),
        expires: answer.expires,
    }
}

/// An acceptance needs somebody, a reason, and an end that the policy allows.
fn check(answer: &Answer, options: &ScanOptions) -> Result<(), AppError> {
    for (name, text) in [("--owner", &answer.owner), ("--reason", &answer.reason)] {
        if text.trim().is_empty() {
            return Err(AppError::usage(format!("{name} must not be empty")));
        }
    }
    let When::Known(end) = answer.expires else {
        return Ok(());
    };
    if end <= options.as_of {
        let message = format!("--expires {} has passed already", end.date());
        return Err(AppError::usage(message));
    }
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, _) = content.policy(&options.config)?;
    let last = options.as_of + policy.waiver_max;
    if end > last {
        return Err(AppError::Usage {
            message: format!(
                "--expires {} is too far: the policy allows {}, until {}",
                end.date(),
                policy.waiver_max,
                last.date()
            ),
            help: Some("take an earlier day, or raise `limits: {waiver_max: …}`".to_owned()),
        });
    }
    Ok(())
}

fn replace(path: &Path, baseline: &Baseline) -> Result<(), AppError> {
    let bytes = file::bytes(baseline)?;
    let now = std::fs::read(path).map_err(|e| AppError::read(path, e))?;
    if now == bytes {
        return Ok(());
    }
    file::replace(path, &bytes)
}

fn lines(count: usize) -> String {
    match count {
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    }
}

/// Says what was done and what could not be checked. A baseline of half a tree is no lie, since
/// what it misses counts as new; but nobody should take it for the whole.
fn finish(words: &str, report: &Report, io: &mut Io<'_>) -> Result<Exit, AppError> {
    if io.verbosity > Verbosity::Quiet {
        writeln!(io.err, "{words}")?;
    }
    for problem in &report.problems {
        let path = problem.path.as_ref().map(|path| format!("{path}: "));
        let path = path.unwrap_or_default();
        let line = format!("incomplete: {path}{}", problem.message);
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        writeln!(io.err, "{line}")?;
    }
    Ok(if report.complete() {
        Exit::Clean
    } else {
        Exit::Incomplete
    })
}
