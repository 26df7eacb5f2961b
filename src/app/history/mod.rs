//! The history of a repository past the secret rules: every version of every file that the
//! commits of a range brought in, each read once, and what the commits say. Rules over records do not
//! run here.

mod attribute;
mod messages;
mod search;

use std::path::PathBuf;

use crate::check::secret::SecretScanner;
use crate::input::Globs;
use crate::input::git::history::{self, Introduced};
use crate::input::git::revisions::Asked;
use crate::input::git::{Git, GitError};
use crate::model::{Problem, ProblemKind};
use crate::rule::SecretRule;

use super::assemble::Harvest;
use super::error::AppError;
use super::look::{Look, Sniff};
use super::options::{HistoryOptions, HistoryRange, ScanOptions};
use super::outcomes::{Hits, secret_outcomes};
use super::progress::Progress;
use super::secrets::SecretOutcome;

/// Which paths the policy lets be scanned.
pub(super) struct Chosen {
    /// If not empty, only these.
    pub(super) include: Globs,
    /// Never these.
    pub(super) exclude: Globs,
}

/// Searches the history and adds what it came to.
///
/// # Errors
/// When nothing can be said: no git, no repository, no secret rule, or a wrong command line.
pub(super) fn search(
    (options, asked): (&ScanOptions, &HistoryOptions),
    (rules, unselected): (&[&SecretRule], &[&SecretRule]),
    chosen: &Chosen,
    progress: &dyn Progress,
    harvest: &mut Harvest,
) -> Result<(), AppError> {
    if rules.is_empty() {
        return Err(AppError::usage(
            "no rule about secrets is left to run, and no other runs on history",
        ));
    }
    let scanner = SecretScanner::new(rules.iter().copied());
    let scanner = scanner.hiding(unselected.iter().copied());
    let look = Look {
        scanner: &scanner,
        archives: options.archives,
        sniff: Sniff::Unwanted,
    };
    let mut outcome = SecretOutcome::default();
    if let Some(git) = repository(options, harvest)?
        && let Err(error) = through(
            &git,
            asked,
            (look, chosen),
            progress,
            (&mut outcome, harvest),
        )
    {
        harvest.problems.push(told(asked, options, &error)?);
    }
    let hits = Hits::of(&outcome.findings);
    harvest
        .outcomes
        .extend(secret_outcomes(rules, &hits, outcome.counts.searched));
    let findings = std::mem::take(&mut outcome.findings);
    harvest.findings.extend(findings.into_iter().map(Box::new));
    harvest.coverage.searched = outcome.counts.searched;
    Ok(())
}

/// The one repository that the paths name.
fn repository(options: &ScanOptions, harvest: &mut Harvest) -> Result<Option<Git>, AppError> {
    let [path] = options.paths.as_slice() else {
        return Err(AppError::usage(
            "--history looks at one repository; name one path",
        ));
    };
    let directory: PathBuf = options.directory.join(path);
    if !directory.exists() {
        harvest.problems.push(problem(
            ProblemKind::MissingTarget,
            format!("{} does not exist", path.display()),
        ));
        return Ok(None);
    }
    let git = Git::open(&directory).map_err(|error| AppError::usage(error.to_string()))?;
    Ok(Some(git))
}

/// The stages: range, commits, blobs, search, attribution.
fn through(
    git: &Git,
    asked: &HistoryOptions,
    (look, chosen): (Look<'_>, &Chosen),
    progress: &dyn Progress,
    (outcome, harvest): (&mut SecretOutcome, &mut Harvest),
) -> Result<(), GitError> {
    let range = git.resolve(match &asked.range {
        HistoryRange::AllRefs => Asked::AllRefs,
        HistoryRange::Branch(name) => Asked::Branch(name),
        HistoryRange::Revisions(text) => Asked::Revisions(text),
    })?;
    let revs: Vec<&str> = range.revs.iter().map(String::as_str).collect();
    let commits = history::commits(git, &revs, asked.since)?;
    if commits.is_empty() {
        let message = "no commit is in the part of the history that was asked for";
        harvest
            .problems
            .push(problem(ProblemKind::NoInput, message.to_owned()));
        return Ok(());
    }
    let boundary = history::shallow(git)?;
    if commits.iter().any(|commit| boundary.contains(&commit.id)) {
        harvest.problems.push(problem(
            ProblemKind::Truncated,
            "the clone is shallow: older commits are not here (fetch them with `git fetch --unshallow`)"
                .to_owned(),
        ));
    }
    let mut introduced = history::blobs(git, commits)?;
    if let Some(failure) = introduced.failure.take() {
        let message = format!("the history could be listed in part only: {failure}");
        harvest
            .problems
            .push(problem(ProblemKind::Unreadable, message));
    }
    cover(&introduced, harvest);
    let mut hits = search::search(
        (git, look, chosen),
        &introduced,
        progress,
        (outcome, harvest),
    )?;
    hits.extend(messages::search(git, (look, chosen), &introduced, harvest));
    outcome.findings = attribute::findings(git, &range, &introduced, hits)?;
    Ok(())
}

/// What there was to look at.
fn cover(introduced: &Introduced, harvest: &mut Harvest) {
    let (commits, blobs) = (introduced.commits.len(), introduced.blobs.len());
    harvest.coverage.files = blobs as u64;
    harvest.notes.push(format!(
        "history: commits {commits}, versions of files that they brought in {blobs}"
    ));
    if introduced.submodules > 0 {
        harvest
            .left_out
            .insert("submodule".to_owned(), introduced.submodules);
    }
}

fn problem(kind: ProblemKind, message: String) -> Problem {
    Problem {
        path: None,
        line: None,
        kind,
        message,
    }
}

/// What git could not do makes the scan incomplete; that it cannot be started ends it.
fn told(
    asked: &HistoryOptions,
    options: &ScanOptions,
    error: &GitError,
) -> Result<Problem, AppError> {
    let GitError::Failed { command, message } = error else {
        return match error {
            GitError::NotStarted(_) | GitError::NoRepository(_) => {
                Err(AppError::usage(error.to_string()))
            }
            _ => Ok(problem(ProblemKind::Unreadable, error.to_string())),
        };
    };
    if command != "rev-parse" {
        return Ok(problem(ProblemKind::Unreadable, error.to_string()));
    }
    let advice = match &asked.range {
        HistoryRange::Revisions(text) if options.directory.join(text).exists() => {
            format!("; to look at the repository in `{text}`, name it before `--history`")
        }
        _ => String::new(),
    };
    Ok(problem(
        ProblemKind::MissingTarget,
        format!("the history that was asked for is not there: {message}{advice}"),
    ))
}
