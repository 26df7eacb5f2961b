//! One scan, stage by stage: content, files, exports, records, text, verdicts, reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::check::secret::SecretScanner;
use crate::input::{self, Globs, IgnoreFiles, InputFile, WalkOptions};
use crate::model::{Finding, Problem, ProblemKind, RuleId};
use crate::read::{self, Format as Container, ReadError};
use crate::report::{
    Color, Coverage, ExportInput, Format, NotEvaluated, PolicyInfo, Report, RuleOutcome,
    SarifWaived, ShowSecrets, Style, sarif,
};
use crate::rule::file::Depth;
use crate::rule::{Body, Policy, Rule, RuleKind, RuleMeta, SecretRule};
use crate::triage::Waivers;

use super::Io;
use super::content::Content;
use super::error::AppError;
use super::exit::{Completeness, Exit};
use super::options::{
    FailOn, GitIgnore, Paint, ReportTarget, ScanOptions, Secrets, Verbosity, WaivedInSarif,
};
use super::org::{Export, OrgOutcome, OrgRun};
use super::reasons::Reasons;
use super::secrets::{self, SecretOutcome};

/// Scans and writes the reports.
///
/// # Errors
/// When nothing can be said at all: wrong rules or policy, no rule left, a report that cannot be
/// written.
pub fn run(options: &ScanOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let threads = options.threads.map_or(0, std::num::NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| AppError::usage(format!("no threads could be started: {e}")))?;
    let progress = io.progress;
    let report = pool.install(|| examine(options, progress))?;
    progress.clear();
    write_all(&report, options, io)?;
    let failing = match options.fail_on {
        Some(FailOn::Never) => 0,
        _ => report.failing().count(),
    };
    let completeness = if report.complete() {
        Completeness::Complete
    } else {
        Completeness::Incomplete
    };
    Ok(Exit::of_scan(failing, completeness, options.findings_exit))
}

/// Everything before the reports.
fn examine(
    options: &ScanOptions,
    progress: &dyn super::progress::Progress,
) -> Result<Report, AppError> {
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, policy_text) = content.policy(&options.config)?;
    let selected = select(options, &content, &policy)?;
    let listing = input::list(
        &options.directory,
        &options.paths,
        &walk_options(options, &policy)?,
    );
    progress.total(listing.files.len() as u64);
    let mut problems = listing.problems;
    if listing.files.is_empty() {
        problems.push(Problem {
            path: None,
            line: None,
            kind: ProblemKind::NoInput,
            message: "there was no file to look at".to_owned(),
        });
    }
    let mut coverage = Coverage {
        files: listing.files.len() as u64,
        bytes: listing.files.iter().map(|f| f.size).sum(),
        ..Coverage::default()
    };
    let mut left_out: BTreeMap<String, u64> = listing.left_out;

    let (secret_rules, org_rules) = split(&selected);
    let exports = recognise(&content, &listing.files, &mut problems, &mut left_out);
    let mut run = OrgRun::new(&content, &org_rules, &policy, options.as_of);
    let org = run.run(&exports, &policy);
    problems.extend(org.problems.iter().cloned());
    coverage.records = org.records;

    let scanner = SecretScanner::new(secret_rules.iter().copied())
        .map_err(|e| AppError::usage(e.to_string()))?;
    let text = if secret_rules.is_empty() {
        SecretOutcome::default()
    } else {
        secrets::search(&scanner, &listing.files, progress)
    };
    coverage.searched = text.searched;
    if text.binary > 0 {
        left_out.insert("not text".to_owned(), text.binary);
    }
    problems.extend(text.problems.iter().cloned());

    let reasons = Reasons {
        content: &content,
        tables: &run.tables,
    };
    let mut outcomes = org_outcomes(&run, &org, &exports, &reasons);
    outcomes.extend(secret_outcomes(&secret_rules, &text));
    outcomes.sort_by(|a, b| a.rule.cmp(&b.rule));

    let inputs = export_inputs(&content, &exports, &org, wants_hashes(options));
    let org_findings = org
        .tallies
        .into_iter()
        .flatten()
        .flat_map(|(_, tally)| tally.findings);
    let text_findings = text.findings.into_iter().map(Box::new);
    let findings = merge(org_findings.chain(text_findings).collect());
    let triage = Waivers::new(&policy, options.as_of).apply(findings.into_iter());
    let mut judged = triage.judged;
    judged.sort_by(|a, b| {
        let (a, b) = (&a.finding, &b.finding);
        let key = (&a.rule, &a.location, a.fingerprint);
        let severity = b.severity.cmp(&a.severity);
        severity.then_with(|| key.cmp(&(&b.rule, &b.location, b.fingerprint)))
    });
    problems.sort();
    problems.dedup();
    coverage.left_out = left_out.into_iter().collect();
    let fail_on = match options.fail_on {
        Some(FailOn::Severity(severity)) => severity,
        _ => policy.fail_on,
    };
    Ok(Report {
        as_of: options.as_of,
        findings: judged,
        problems,
        rules: selected.iter().map(|r| Arc::clone(&r.meta)).collect(),
        outcomes,
        exports: inputs,
        coverage,
        policy: policy_info(&policy, &policy_text, &content, &selected),
        notes: triage.notes,
        fail_on,
    })
}

/// The rules of this run, sorted by id.
fn select<'c>(
    options: &ScanOptions,
    content: &'c Content,
    policy: &Policy,
) -> Result<Vec<&'c Rule>, AppError> {
    for id in options.only.iter().chain(&options.skip) {
        if !content.rules.iter().any(|r| r.meta.id == *id) {
            return Err(AppError::unknown_rule(
                id.as_str(),
                content.rules.iter().map(|r| r.meta.id.as_str()),
            ));
        }
    }
    let selected: Vec<&Rule> = content
        .rules
        .iter()
        .filter(|rule| {
            let id = &rule.meta.id;
            (options.only.is_empty() || options.only.contains(id))
                && !options.skip.contains(id)
                && policy.disabled(id).is_none()
                && (rule.meta.kind != RuleKind::Secret
                    || rule.meta.confidence >= options.min_confidence)
        })
        .collect();
    if selected.is_empty() {
        return Err(AppError::usage(
            "no rule is left to run: a scan without rules would prove nothing",
        ));
    }
    Ok(selected)
}

fn split<'c>(selected: &[&'c Rule]) -> (Vec<&'c SecretRule>, Vec<&'c Rule>) {
    let mut secret = Vec::new();
    let mut org = Vec::new();
    for rule in selected {
        match &rule.body {
            Body::Secret(body) => secret.push(&**body),
            Body::Record(_) => org.push(*rule),
        }
    }
    (secret, org)
}

fn walk_options(options: &ScanOptions, policy: &Policy) -> Result<WalkOptions, AppError> {
    let globs = |patterns: &[String]| {
        Globs::new(patterns.iter().map(String::as_str)).map_err(|e| AppError::usage(e.to_string()))
    };
    Ok(WalkOptions {
        ignore_files: match options.gitignore {
            GitIgnore::Disregarded => IgnoreFiles::Read,
            GitIgnore::Obeyed => IgnoreFiles::Honour,
        },
        include: globs(&policy.include)?,
        exclude: globs(&policy.exclude)?,
        max_size: None,
        threads: options.threads.map_or(0, std::num::NonZeroUsize::get),
    })
}

/// Finds the exports among the files.
fn recognise(
    content: &Content,
    files: &[InputFile],
    problems: &mut Vec<Problem>,
    left_out: &mut BTreeMap<String, u64>,
) -> Vec<Export> {
    let shapes: Vec<_> = files
        .par_iter()
        .map(|file| read::sniff(&file.path))
        .collect();
    let mut exports = Vec::new();
    for (file, shape) in files.iter().zip(shapes) {
        match shape {
            Ok(Some(shape)) => {
                let found = content.sources.recognise(&file.shown, &shape);
                if found.is_empty() && matches!(shape.format, Container::Csv { .. }) {
                    let what = if shape.columns.is_empty() {
                        "empty table"
                    } else {
                        "table that no source recognises"
                    };
                    *left_out.entry(what.to_owned()).or_default() += 1;
                }
                exports.extend(found.into_iter().map(|found| Export {
                    file: file.clone(),
                    found,
                }));
            }
            Ok(None) => {}
            Err(error) => {
                let (line, kind) = match &error {
                    ReadError::Io(_) => (None, ProblemKind::Unreadable),
                    ReadError::Malformed { line, .. } => (Some(*line), ProblemKind::Malformed),
                    ReadError::TooLarge { line, .. } => (Some(*line), ProblemKind::TooLarge),
                };
                problems.push(Problem {
                    path: Some(file.shown.clone()),
                    line,
                    kind,
                    message: error.to_string(),
                });
            }
        }
    }
    exports
}

fn org_outcomes(
    run: &OrgRun<'_>,
    org: &OrgOutcome,
    exports: &[Export],
    reasons: &Reasons<'_>,
) -> Vec<RuleOutcome> {
    let outcome = |(index, judge): (usize, &crate::check::org::Judge<'_>)| {
        let (mut fails, mut passes, mut judged) = (0, 0, false);
        let mut told: BTreeMap<String, u64> = BTreeMap::new();
        for (export, tallies) in exports.iter().zip(&org.tallies) {
            let Some(tally) = tallies.get(&index) else {
                continue;
            };
            judged = true;
            fails += tally.findings.len() as u64;
            passes += tally.passes;
            reasons.of_tally(judge, export, tally, &mut told);
        }
        let mut not_evaluated: Vec<NotEvaluated> = told
            .into_iter()
            .map(|(reason, subjects)| NotEvaluated { reason, subjects })
            .collect();
        if !judged {
            not_evaluated.push(reasons.no_export(judge.plan.rule.record));
        }
        RuleOutcome {
            rule: judge.meta.id.clone(),
            fails,
            passes,
            not_evaluated,
        }
    };
    run.judges.iter().enumerate().map(outcome).collect()
}

fn secret_outcomes(rules: &[&SecretRule], text: &SecretOutcome) -> Vec<RuleOutcome> {
    let mut fails: BTreeMap<&RuleId, u64> = BTreeMap::new();
    let mut files: BTreeMap<&RuleId, BTreeSet<&str>> = BTreeMap::new();
    for finding in &text.findings {
        *fails.entry(&finding.rule).or_default() += 1 + finding.places.len() as u64;
        files
            .entry(&finding.rule)
            .or_default()
            .insert(finding.location.path.as_str());
    }
    let outcome = |rule: &&SecretRule| {
        let id = &rule.meta.id;
        let hit = files.get(id).map_or(0, BTreeSet::len) as u64;
        let not_evaluated = if text.searched == 0 {
            vec![NotEvaluated {
                reason: "no text file was given".to_owned(),
                subjects: 0,
            }]
        } else {
            Vec::new()
        };
        RuleOutcome {
            rule: id.clone(),
            fails: fails.get(id).copied().unwrap_or(0),
            passes: text.searched.saturating_sub(hit),
            not_evaluated,
        }
    };
    rules.iter().map(outcome).collect()
}

/// One finding for each fingerprint, with all its places.
#[expect(clippy::vec_box, reason = "findings are large and are sorted here")]
fn merge(mut findings: Vec<Box<Finding>>) -> Vec<Box<Finding>> {
    findings.sort_by(|a, b| (a.fingerprint, &a.location).cmp(&(b.fingerprint, &b.location)));
    let mut whole: Vec<Box<Finding>> = Vec::with_capacity(findings.len());
    for finding in findings {
        match whole.pop() {
            Some(first) if first.fingerprint == finding.fingerprint => {
                whole.push(Box::new(first.merge(*finding)));
            }
            before => {
                whole.extend(before);
                whole.push(finding);
            }
        }
    }
    whole
}

fn wants_hashes(options: &ScanOptions) -> Hashes {
    if options.reports.iter().any(|r| r.format == "json") {
        Hashes::Made
    } else {
        Hashes::None
    }
}

/// Whether the inputs are hashed: only reports that show it pay for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hashes {
    Made,
    None,
}

fn export_inputs(
    content: &Content,
    exports: &[Export],
    org: &OrgOutcome,
    hashes: Hashes,
) -> Vec<ExportInput> {
    let mut inputs: Vec<ExportInput> = exports
        .par_iter()
        .zip(&org.rows)
        .map(|(export, rows)| ExportInput {
            path: export.file.shown.to_string(),
            sources: vec![content.sources.get(export.found.source).id().to_owned()],
            bytes: export.file.size,
            rows: *rows,
            sha256: (hashes == Hashes::Made)
                .then(|| hash_file(&export.file))
                .flatten(),
        })
        .collect();
    inputs.sort();
    // A file that mixes tables stands here once, with all its sources.
    inputs.dedup_by(|later, earlier| {
        let same = later.path == earlier.path;
        if same {
            earlier.sources.append(&mut later.sources);
            earlier.rows += later.rows;
        }
        same
    });
    inputs
}

fn hash_file(file: &InputFile) -> Option<String> {
    let mut input = fs::File::open(&file.path).ok()?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut input, &mut block) {
            Ok(0) => return Some(hex(&hasher.finalize())),
            Ok(count) => hasher.update(block.get(..count)?),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Two runs with the same hash asked the same questions.
fn policy_info(policy: &Policy, text: &str, content: &Content, selected: &[&Rule]) -> PolicyInfo {
    let mut hasher = Sha256::new();
    for part in std::iter::once(text).chain(selected.iter().map(|r| r.yaml())) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let disabled = content.rules.iter().filter_map(|rule| {
        let meta: &RuleMeta = &rule.meta;
        Some((meta.id.clone(), policy.disabled(&meta.id)?.to_owned()))
    });
    PolicyInfo {
        file: policy.file.clone(),
        sha256: hex(&hasher.finalize()),
        disabled: disabled.collect(),
    }
}

fn style(options: &ScanOptions, paint: Paint) -> Style {
    Style {
        color: match paint {
            Paint::Plain => Color::Never,
            Paint::Color => Color::Always,
        },
        show_secrets: match options.secrets {
            Secrets::Redacted => ShowSecrets::Hide,
            Secrets::Shown => ShowSecrets::Show,
        },
        sarif_waived: match options.sarif.waived {
            WaivedInSarif::Omitted => SarifWaived::Omit,
            WaivedInSarif::Included => SarifWaived::Include,
        },
        sarif_category: options.sarif.category.clone(),
    }
}

fn write_all(report: &Report, options: &ScanOptions, io: &mut Io<'_>) -> Result<(), AppError> {
    for ReportTarget { format, path } in &options.reports {
        let Some(format) = Format::named(format) else {
            return Err(AppError::usage(format!("unknown format `{format}`")));
        };
        match path {
            None => {
                let mut out = BufWriter::new(&mut *io.out);
                (format.write)(report, &style(options, io.out_paint), &mut out)?;
                out.flush()?;
            }
            Some(path) => {
                let failed = |e| AppError::write(path, e);
                let mut out = BufWriter::new(fs::File::create(path).map_err(failed)?);
                (format.write)(report, &style(options, Paint::Plain), &mut out).map_err(failed)?;
                out.flush().map_err(failed)?;
            }
        }
        if format.name == "sarif" && io.verbosity > Verbosity::Quiet {
            let dropped = sarif::dropped(report, style(options, Paint::Plain).sarif_waived);
            if dropped > 0 {
                writeln!(
                    io.err,
                    "warning: SARIF holds the most severe findings only; {dropped} were left out of it"
                )?;
            }
        }
    }
    Ok(())
}
