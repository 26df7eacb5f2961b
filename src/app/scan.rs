//! One scan, stage by stage: content, files, exports, records, text, verdicts, reports.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::LazyLock;

use rayon::prelude::*;

use crate::check::secret::SecretScanner;
use crate::input::{self, Globs, IgnoreFiles, Listed, Listing, WalkOptions};
use crate::model::{Finding, Problem, ProblemKind};
use crate::report::{Coverage, Report};
use crate::rule::file::Depth;
use crate::rule::{Policy, Rule, RuleKind, SecretRule};
use crate::source::Sources;

use super::assemble::{Ground, Harvest, assemble};
use super::beginning::Beginnings;
use super::content::Content;
use super::deliver::{may_write, write_all, written};
use super::error::AppError;
use super::exit::Exit;
use super::exports::{
    self, Faults, export_inputs, recognise, sniff_all, wants_hashes, wants_inventory,
};
use super::history::{self, Chosen};
use super::known::Known;
use super::look::{Look, Sniff};
use super::options::{Archives, GitIgnore, ScanOptions};
use super::org::{Export, Keep, OrgRun};
use super::outcomes::{no_export, org_outcomes, secret_outcomes};
use super::progress::Progress;
use super::reasons::Reasons;
use super::secrets::{self, SecretOutcome};
use super::select::{select, split, unselected};
use super::spool::Spool;
use super::trend::Earlier;
use super::{Io, base, join, links, runbook};

/// Scans and writes the reports.
///
/// # Errors
/// When nothing can be said at all: wrong rules or policy, no rule left, a report that cannot be
/// written.
pub fn run(options: &ScanOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    may_write(options)?;
    let own: Vec<&Path> = written(&options.reports).collect();
    let earlier = Earlier::read(&options.earlier, &own)?;
    earlier.before(options.as_of)?;
    let mut report = report(options, io)?;
    earlier.tell(&mut report);
    write_all(&report, options, io)?;
    let exit = Exit::of_report(&report, options.fail_on, options.findings_exit);
    // The process ends here: giving back a million findings one by one would be lost time.
    std::mem::forget(report);
    Ok(exit)
}

/// Scans, and writes nothing.
///
/// # Errors
/// As [`run`].
pub(super) fn report(options: &ScanOptions, io: &mut Io<'_>) -> Result<Report, AppError> {
    let progress = io.progress;
    let report = threads(options)?.install(|| examine(options, progress))?;
    progress.clear();
    Ok(report)
}

/// The threads of a run.
pub(super) fn threads(options: &ScanOptions) -> Result<rayon::ThreadPool, AppError> {
    let builder = || {
        let count = options.threads.map_or(0, NonZeroUsize::get);
        rayon::ThreadPoolBuilder::new().num_threads(count)
    };
    // This thread would only wait for the others. It cannot be of two pools: a second scan in one
    // process starts threads of its own.
    let pool = builder().use_current_thread().build();
    pool.or_else(|_| builder().build())
        .map_err(|e| AppError::usage(format!("no threads could be started: {e}")))
}

/// Everything before the reports.
fn examine(options: &ScanOptions, progress: &dyn Progress) -> Result<Report, AppError> {
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, policy_text) = content.policy(&options.config)?;
    let mut selected = select(options, &content, &policy)?;
    let runbooks = runbook::named_in(&options.reports, &options.runbooks, Some(&content))?;
    let mut known = Known::load(options)?;
    let (secret_rules, org_rules) = split(&selected);
    let unselected = unselected(&content, &selected);
    let mut harvest = Harvest::new(options.secrets);
    if let Some(asked) = &options.history {
        let chosen = Chosen {
            include: globs(&policy.include)?,
            exclude: globs(&policy.exclude)?,
        };
        history::search(
            (options, asked),
            (&secret_rules, &unselected),
            &chosen,
            progress,
            &mut harvest,
        )?;
        // Exports are of their day: what one said in an old commit is no fact about now.
        let about_leaks = join::rules(&content, &org_rules);
        selected.retain(|rule| {
            let leak = about_leaks
                .iter()
                .any(|other| other.meta.id == rule.meta.id);
            rule.meta.kind == RuleKind::Secret || (leak && !asked.exports.is_empty())
        });
        if !asked.exports.is_empty() {
            let ground = (options, &content, &policy);
            join::history(ground, &asked.exports, &about_leaks, &mut harvest)?;
        }
    } else {
        let walk = walk_options(options, &policy)?;
        let listing = input::list(&options.directory, &options.paths, &walk);
        progress.total(listing.files.len() as u64);
        // Making the rules ready costs more than looking at no file.
        let (ready, quiet): (&[&SecretRule], &[&SecretRule]) = if listing.files.is_empty() {
            (&[], &[])
        } else {
            (&secret_rules, &unselected)
        };
        let scanner = SecretScanner::new(ready.iter().copied()).hiding(quiet.iter().copied());
        let look = Look {
            scanner: &scanner,
            archives: options.archives,
            sniff: Sniff::For(&content.sources),
        };
        let beginnings = texts(
            (&secret_rules, &content.sources),
            look,
            (options, &listing),
            progress,
            &mut harvest,
        );
        let exports = records(
            (options, &content, &policy),
            &org_rules,
            (&listing, beginnings),
            &mut harvest,
        )?;
        join::scan(options, &secret_rules, &exports, &mut harvest);
        let look = Look {
            sniff: Sniff::Unwanted,
            ..look
        };
        if let Some(name) = &options.new_only {
            let (files, findings) = (&listing.files, &harvest.findings);
            let mut base = base::compare(name, (options, &walk), look, files, findings)?;
            harvest.problems.append(&mut base.problems);
            known.base = Some(base);
        }
        cover(listing, &mut harvest);
    }
    let ground = Ground {
        foreign_allows: options.foreign_allows,
        content: &content,
        policy: &policy,
        policy_text: &policy_text,
        selected: &selected,
        as_of: options.as_of,
        min_confidence: options.min_confidence,
        fail_on: options.fail_on,
        known: &known,
        runbooks,
    };
    let report = assemble(&ground, harvest);
    // As for the report: the process ends soon, and rules are many small things.
    std::mem::forget(content);
    report
}

/// The org half: rules over the records of exports.
fn records(
    (options, content, policy): (&ScanOptions, &Content, &Policy),
    rules: &[&Rule],
    (listing, beginnings): (&Listing, Beginnings),
    harvest: &mut Harvest,
) -> Result<Vec<Export>, AppError> {
    let ground = exports::Ground {
        sources: &content.sources,
        archives: options.archives,
        files: &listing.files,
        targets: &options.paths,
        faults: match options.archives {
            Archives::Opened if !harvest.outcomes.is_empty() => Faults::ToldElsewhere,
            _ => Faults::Told,
        },
    };
    let exports = recognise(
        ground,
        beginnings,
        &mut harvest.problems,
        &mut harvest.notes,
    );
    if exports.is_empty() {
        let records = rules.iter().filter_map(|rule| match &rule.meta.kind {
            RuleKind::Record(_) => Some(no_export(&rule.meta.id)),
            RuleKind::Secret => None,
        });
        harvest.outcomes.extend(records);
        return Ok(exports);
    }
    let dates = (options.as_of, options.until);
    // Whose a secret is in source is asked of the same inventory.
    let leaked = harvest.findings.iter().any(|f| !f.identifiers.is_empty());
    let keep = match !exports.is_empty() && (leaked || wants_inventory(options)) {
        true => Keep::Inventory,
        false => Keep::Nothing,
    };
    let mut run =
        OrgRun::new(content, rules, policy, dates, wants_hashes(options))?.keeping(keep)?;
    let spool = std::mem::take(&mut harvest.spool);
    let mut org = run.run(&exports, policy, spool);
    harvest.inventory = org.inventory.take();
    harvest.problems.append(&mut org.problems);
    harvest.notes.append(&mut org.notes);
    harvest.coverage.records = org.records;
    let reasons = Reasons {
        exports: &exports,
        content,
        tables: &run.tables,
    };
    harvest
        .outcomes
        .extend(org_outcomes(&run, &org, &exports, &reasons));
    harvest.exports = export_inputs(content, &exports, &org);
    harvest.spool = org.spool;
    Ok(exports)
}

/// The source half: rules over text. Every file is read once, so its beginning is looked at on the
/// way: whether it is an export is what is given back.
fn texts(
    (rules, sources): (&[&SecretRule], &Sources),
    look: Look<'_>,
    (options, listing): (&ScanOptions, &Listing),
    progress: &dyn Progress,
    harvest: &mut Harvest,
) -> Beginnings {
    // Most searches find nothing, and never ask.
    let only_identify = LazyLock::new(|| join::only_identify(rules));
    // What names a credential may belong to one that an export knows; what a base commit has is
    // told by the secrets themselves.
    let waits = |finding: &Finding| {
        options.new_only.is_some()
            || !finding.identifiers.is_empty()
            || only_identify.contains(&finding.rule)
    };
    let (mut text, beginnings) = if rules.is_empty() {
        let outcome = SecretOutcome {
            bytes: listing.files.par_iter().map(Listed::size).sum(),
            ..SecretOutcome::default()
        };
        (outcome, sniff_all(sources, &listing.files))
    } else {
        let hand_on = |findings: &mut Vec<Finding>| hand_on(findings, &waits, &harvest.spool);
        let mut text = secrets::search(look, &listing.files, progress, &hand_on);
        let beginnings = std::mem::take(&mut text.beginnings);
        (text, beginnings)
    };
    harvest
        .outcomes
        .extend(secret_outcomes(rules, &text.hits, text.counts.searched));
    harvest.problems.append(&mut text.problems);
    harvest
        .findings
        .extend(text.findings.drain(..).map(Box::new));
    harvest.coverage.searched = text.counts.searched;
    harvest.coverage.bytes = text.bytes;
    harvest.left_out.extend(text.counts.left_out());
    beginnings
}

/// Hands on what was found in a file, but for what waits.
fn hand_on(findings: &mut Vec<Finding>, waits: &dyn Fn(&Finding) -> bool, spool: &Spool) {
    let mut turns = spool.turns();
    for finding in std::mem::take(findings) {
        if waits(&finding) {
            findings.push(finding);
        } else {
            turns.take(Box::new(finding));
        }
    }
}

/// What was looked at, and that it was something.
fn cover(listing: Listing, harvest: &mut Harvest) {
    let message = if !(listing.problems.is_empty() && harvest.problems.is_empty()) {
        None
    } else if listing.files.is_empty() {
        Some("there was no file to look at")
    } else if harvest.exports.is_empty() && harvest.coverage.searched == 0 {
        Some("no file could be checked: none is an export that is known, or text")
    } else {
        None
    };
    harvest.problems.extend(message.map(|message| Problem {
        path: None,
        line: None,
        kind: ProblemKind::NoInput,
        message: message.to_owned(),
    }));
    harvest.coverage = Coverage {
        targets: listing.targets,
        files: listing.files.len() as u64,
        ..std::mem::take(&mut harvest.coverage)
    };
    harvest.problems.extend(listing.problems);
    harvest.left_out.extend(listing.left_out);
    let (problems, notes) = links::told(&listing.elsewhere, &harvest.exports);
    harvest.problems.extend(problems);
    harvest.notes.extend(notes);
}

fn globs(patterns: &[String]) -> Result<Globs, AppError> {
    Globs::new(patterns.iter().map(String::as_str)).map_err(|e| AppError::usage(e.to_string()))
}

/// What a walk leaves out, by the command line and the policy.
pub(super) fn walk_options(
    options: &ScanOptions,
    policy: &Policy,
) -> Result<WalkOptions, AppError> {
    Ok(WalkOptions {
        ignore_files: match options.gitignore {
            GitIgnore::Disregarded => IgnoreFiles::Read,
            GitIgnore::Obeyed => IgnoreFiles::Honour,
        },
        include: globs(&policy.include)?,
        exclude: globs(&policy.exclude)?,
        threads: options.threads.map_or(0, NonZeroUsize::get),
    })
}
