//! One run of a hook: what comes in, past the secret rules, and whether it may.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check::secret::SecretScanner;
use crate::input::git::{self, Entry, EntryKind, Git, GitError, Introduced, Known, Tip, Update};
use crate::input::{self, WalkOptions};
use crate::model::{Problem, ProblemKind, ScanPath, Severity};
use crate::report::Report;
use crate::rule::file::Depth;
use crate::rule::{Policy, RuleKind, SecretRule};

use super::git_failed;
use crate::app::Io;
use crate::app::assemble::{Ground, Harvest, assemble};
use crate::app::content::Content;
use crate::app::deliver::write_all;
use crate::app::error::AppError;
use crate::app::exit::{Completeness, Exit};
use crate::app::known;
use crate::app::look::{Look, Sniff};
use crate::app::options::{Archives, FailOn, HookInput, ScanOptions, Verbosity};
use crate::app::outcomes::{Hits, secret_outcomes};
use crate::app::progress::Progress;
use crate::app::runbook;
use crate::app::scan::{threads, walk_options};
use crate::app::secrets::{self, Blob, SecretOutcome};
use crate::app::select::{select, split, unselected};

/// Searches, reports, and stops what holds a secret, whatever its severity.
pub(super) fn run(
    options: &ScanOptions,
    input: &HookInput,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let mut told = Vec::new();
    if matches!(input, HookInput::Push(_) | HookInput::Receive) {
        io.input
            .read_to_end(&mut told)
            .map_err(|e| AppError::usage(format!("standard input cannot be read: {e}")))?;
    }
    let progress = io.progress;
    let report = threads(options)?.install(|| examine(options, (input, &told), progress))?;
    progress.clear();
    if io.verbosity > Verbosity::Quiet && report.coverage.files == 0 && report.complete() {
        writeln!(io.err, "credlint: {}", nothing(input, &report))?;
    }
    let printed = options.reports.iter().any(|r| r.path.is_none());
    write_all(&report, options, io)?;
    // A report in a file alone would leave whoever was stopped without a word.
    let failing = report.failing_count();
    if failing > 0 && !printed && io.verbosity > Verbosity::Quiet {
        writeln!(
            io.err,
            "credlint: stopped; the report names {failing} secrets"
        )?;
    }
    let completeness = Completeness::of(report.complete());
    Ok(Exit::of_scan(failing, completeness, options.findings_exit))
}

/// Why there was nothing to search.
fn nothing(input: &HookInput, report: &Report) -> String {
    let left_out: Vec<String> = report
        .coverage
        .left_out
        .iter()
        .map(|(why, count)| format!("{why} {count}"))
        .collect();
    let what = match input {
        HookInput::Names => "nothing to search",
        HookInput::Index => "nothing staged",
        HookInput::Push(_) | HookInput::Receive => "nothing new to search",
    };
    if left_out.is_empty() {
        return what.to_owned();
    }
    format!("nothing to search; left out: {}", left_out.join(", "))
}

/// Everything before the reports.
fn examine(
    options: &ScanOptions,
    (input, told): (&HookInput, &[u8]),
    progress: &dyn Progress,
) -> Result<Report, AppError> {
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, policy_text) = content.policy(&options.config)?;
    let mut selected = select(options, &content, &policy)?;
    selected.retain(|rule| rule.meta.kind == RuleKind::Secret);
    let (rules, _) = split(&selected);
    if rules.is_empty() {
        return Err(AppError::usage(
            "no rule over text is left to run: a hook without rules would let everything through",
        ));
    }
    let known = known::Known::load(options)?;
    let unselected = unselected(&content, &selected);
    let harvest =
        Search::new(options, &policy, (&rules, &unselected))?.harvest(input, told, progress)?;
    let ground = Ground {
        foreign_allows: options.foreign_allows,
        content: &content,
        policy: &policy,
        policy_text: &policy_text,
        selected: &selected,
        as_of: options.as_of,
        min_confidence: options.min_confidence,
        fail_on: Some(FailOn::Severity(Severity::Info)),
        known: &known,
        runbooks: runbook::named_in(&options.reports, &options.runbooks, Some(&content))?,
    };
    let mut report = assemble(&ground, harvest)?;
    // A few files cannot tell whether a waiver or a line of the baseline is still needed.
    report.notes.clear();
    Ok(report)
}

/// What a search needs.
struct Search<'r> {
    directory: &'r Path,
    names: &'r [PathBuf],
    rules: &'r [&'r SecretRule],
    scanner: SecretScanner<'r>,
    archives: Archives,
    walk: WalkOptions,
    harvest: Harvest,
}

impl<'r> Search<'r> {
    fn new(
        options: &'r ScanOptions,
        policy: &Policy,
        (rules, unselected): (&'r [&'r SecretRule], &[&'r SecretRule]),
    ) -> Result<Self, AppError> {
        Ok(Self {
            directory: &options.directory,
            names: &options.paths,
            rules,
            scanner: SecretScanner::new(rules.iter().copied()).hiding(unselected.iter().copied()),
            archives: options.archives,
            walk: walk_options(options, policy)?,
            harvest: Harvest::new(options.secrets),
        })
    }

    fn look(&self) -> Look<'_> {
        Look {
            scanner: &self.scanner,
            archives: self.archives,
            sniff: Sniff::Unwanted,
        }
    }

    fn harvest(
        mut self,
        input: &HookInput,
        told: &[u8],
        progress: &dyn Progress,
    ) -> Result<Harvest, AppError> {
        let failed = |e: GitError| git_failed(&e);
        match input {
            HookInput::Names => self.named(progress),
            HookInput::Index => self.staged().map_err(failed)?,
            HookInput::Push(remote) => {
                let updates = git::pushed(told).map_err(|e| AppError::usage(e.to_string()))?;
                let old: Vec<String> = updates.iter().filter_map(|u| u.old.clone()).collect();
                self.updates(&updates, Known::Remote(remote.as_deref(), &old))
                    .map_err(failed)?;
            }
            HookInput::Receive => {
                let updates = git::received(told).map_err(|e| AppError::usage(e.to_string()))?;
                self.updates(&updates, Known::References).map_err(failed)?;
            }
        }
        Ok(self.harvest)
    }

    /// Files of the work tree. A name that is no file is told as such: of a link, git has only where
    /// it points, and of a submodule a number.
    fn named(&mut self, progress: &dyn Progress) {
        let mut targets = Vec::new();
        for name in self.names {
            let path = self.directory.join(name);
            match std::fs::symlink_metadata(&path) {
                Ok(data) if data.is_symlink() => self.leave_out(LINK),
                Ok(data) if data.is_dir() && path.join(".git").exists() => {
                    self.leave_out(SUBMODULE);
                }
                _ => targets.push(name.clone()),
            }
        }
        let listing = input::list(self.directory, &targets, &self.walk);
        let outcome = secrets::search(self.look(), &listing.files, progress, &|_| {});
        let problems = listing.problems.into_iter().map(|mut problem| {
            let option = |path: &ScanPath| path.as_str().starts_with('-');
            if problem.path.as_ref().is_some_and(option) {
                problem.message.push_str("; options stand before names");
            }
            problem
        });
        self.harvest.problems.extend(problems);
        for (why, count) in listing.left_out {
            *self.harvest.left_out.entry(why).or_default() += count;
        }
        self.take(listing.files.len(), outcome);
    }

    /// What the next commit will bring.
    fn staged(&mut self) -> Result<(), GitError> {
        let git = Git::unopened(self.directory);
        let entries = git.staged()?.into_iter();
        let wanted: Vec<Introduced> = entries
            .filter(|entry| self.wants(&entry.path, entry.kind))
            .map(|entry| Introduced {
                commit: None,
                entry,
            })
            .collect();
        self.blobs(&git, wanted)
    }

    /// What a push brings.
    fn updates(&mut self, updates: &[Update], known: Known<'_>) -> Result<(), GitError> {
        let git = Git::open(self.directory)?;
        let new: Vec<(&Update, String)> = updates
            .iter()
            .filter_map(|update| Some((update, update.new.clone()?)))
            .collect();
        let ids: Vec<String> = new.iter().map(|(_, id)| id.clone()).collect();
        let (mut commits, mut found) = (Vec::new(), Vec::new());
        for ((update, id), tip) in new.into_iter().zip(git.tips(&ids)?) {
            match tip {
                Tip::Commit => commits.push(id),
                Tip::Tree => found.extend(git.tree(&id)?),
                Tip::Blob => found.push(Introduced {
                    commit: None,
                    entry: Entry {
                        path: PathBuf::from(&update.reference),
                        id: format!("{id}^{{blob}}"),
                        kind: EntryKind::File,
                    },
                }),
                Tip::Missing => {
                    let message = format!(
                        "{} should point to {id}, which is not in this repository",
                        update.reference
                    );
                    self.unresolved(message);
                }
            }
        }
        found.retain(|one| self.wants(&one.entry.path, one.entry.kind));
        if !commits.is_empty() {
            let wants = |path: &Path, kind| self.wants(path, kind);
            match git.introduced(&commits, known, wants) {
                Ok(introduced) => found.extend(introduced),
                Err(GitError::Failed { message, .. }) => {
                    self.unresolved(format!("the new commits cannot be read: {message}"));
                }
                Err(error) => return Err(error),
            }
        }
        self.blobs(&git, found)
    }

    /// Whether an entry is to be searched. What is not is counted or told.
    fn wants(&mut self, path: &Path, kind: EntryKind) -> bool {
        match kind {
            EntryKind::File => {}
            EntryKind::Link => {
                self.leave_out(LINK);
                return false;
            }
            EntryKind::Submodule => {
                self.leave_out(SUBMODULE);
                return false;
            }
            EntryKind::Unmerged => {
                self.harvest.problems.push(Problem {
                    path: Some(ScanPath::new(path)),
                    line: None,
                    kind: ProblemKind::Unreadable,
                    message: "is not merged yet".to_owned(),
                });
                return false;
            }
        }
        if self.walk.exclude.matches(path) {
            self.leave_out("excluded");
            return false;
        }
        if !self.walk.include.is_empty() && !self.walk.include.matches(path) {
            self.leave_out("not included");
            return false;
        }
        true
    }

    fn blobs(&mut self, git: &Git, found: Vec<Introduced>) -> Result<(), GitError> {
        if found.is_empty() {
            return Ok(());
        }
        let blobs: Vec<Blob> = found
            .into_iter()
            .map(|Introduced { commit, entry }| Blob {
                shown: ScanPath::new(&entry.path),
                id: entry.id,
                commit,
            })
            .collect();
        let outcome = secrets::search_blobs(self.look(), &mut git.batch()?, &blobs)?;
        self.take(blobs.len(), outcome);
        Ok(())
    }

    fn take(&mut self, files: usize, mut outcome: SecretOutcome) {
        let harvest = &mut self.harvest;
        let hits = Hits::of(&outcome.findings);
        harvest
            .outcomes
            .extend(secret_outcomes(self.rules, &hits, outcome.counts.searched));
        harvest.problems.append(&mut outcome.problems);
        harvest
            .findings
            .extend(outcome.findings.drain(..).map(Box::new));
        harvest.coverage.files = files as u64;
        harvest.coverage.bytes = outcome.bytes;
        harvest.coverage.searched = outcome.counts.searched;
        let left_out: &mut BTreeMap<String, u64> = &mut harvest.left_out;
        for (why, count) in outcome.counts.left_out() {
            *left_out.entry(why).or_default() += count;
        }
    }

    fn leave_out(&mut self, why: &str) {
        *self.harvest.left_out.entry(why.to_owned()).or_default() += 1;
    }

    fn unresolved(&mut self, message: String) {
        self.harvest.problems.push(Problem {
            path: None,
            line: None,
            kind: ProblemKind::MissingTarget,
            message,
        });
    }
}

const LINK: &str = "symbolic link";
const SUBMODULE: &str = "submodule";
