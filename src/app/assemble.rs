//! Findings and outcomes to a report: merged, judged by the policy, sorted.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::inventory::{Inventory, Runbooks};
use crate::model::{Confidence, Finding, Instant, Problem, hex};
use crate::report::{Coverage, ExportInput, PolicyInfo, Report, RuleOutcome, VERSION};
use crate::rule::{Frameworks, Policy, Rule, RuleMeta};
use crate::store::HELD;
use crate::triage::{Findings, ForeignAllows, Usage, Waivers};

use super::content::{Content, controls};
use super::error::AppError;
use super::known::Known;
use super::options::{FailOn, Secrets};
use super::same::Same;
use super::spool::Spool;

/// The policy side of a run.
pub(super) struct Ground<'c> {
    pub(super) content: &'c Content,
    pub(super) policy: &'c Policy,
    /// The text of the policy file, for its hash.
    pub(super) policy_text: &'c str,
    /// The rules that ran, sorted by id.
    pub(super) selected: &'c [&'c Rule],
    pub(super) as_of: Instant,
    pub(super) fail_on: Option<FailOn>,
    /// The lowest confidence of a source finding that is reported.
    pub(super) min_confidence: Confidence,
    pub(super) foreign_allows: ForeignAllows,
    pub(super) known: &'c Known,
    pub(super) runbooks: Runbooks,
}

/// What the stages of a run gave.
#[derive(Default)]
pub(super) struct Harvest {
    /// What was found in source and is yet to meet something else: what exports know, or what a
    /// base commit has.
    #[expect(
        clippy::vec_box,
        reason = "findings are large, and are joined and handed on"
    )]
    pub(super) findings: Vec<Box<Finding>>,
    /// Everything else that was found.
    pub(super) spool: Spool,
    pub(super) problems: Vec<Problem>,
    pub(super) outcomes: Vec<RuleOutcome>,
    pub(super) exports: Vec<ExportInput>,
    pub(super) coverage: Coverage,
    pub(super) left_out: BTreeMap<String, u64>,
    pub(super) notes: Vec<String>,
    pub(super) inventory: Option<Inventory>,
}

impl Harvest {
    /// Nothing yet.
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            spool: Spool::new(secrets),
            ..Self::default()
        }
    }
}

/// Makes the report.
///
/// # Errors
/// When there are more findings than memory has room for, and the disk takes no more either.
pub(super) fn assemble(ground: &Ground<'_>, harvest: Harvest) -> Result<Report, AppError> {
    let Harvest {
        findings,
        spool,
        mut problems,
        mut outcomes,
        exports,
        mut coverage,
        left_out,
        mut notes,
        inventory,
    } = harvest;
    let mut turns = spool.turns();
    findings.into_iter().for_each(|finding| turns.take(finding));
    let (findings, usage) = judge(ground, spool, &mut notes).map_err(AppError::Store)?;
    problems.sort();
    problems.dedup();
    outcomes.sort_by(|a, b| a.rule.cmp(&b.rule));
    coverage.left_out = left_out.into_iter().collect();
    let mut report = Report {
        as_of: ground.as_of,
        findings,
        problems,
        rules: ground
            .selected
            .iter()
            .map(|r| Arc::clone(&r.meta))
            .collect(),
        outcomes,
        exports,
        coverage,
        policy: policy_info(ground),
        notes,
        fail_on: match ground.fail_on {
            Some(FailOn::Severity(severity)) => severity,
            _ => ground.policy.fail_on,
        },
        parts: Vec::new(),
        frameworks: Frameworks::Catalogue(|| controls().frameworks()),
        runbooks: ground.runbooks.clone(),
        inventory,
        version: VERSION.to_owned(),
        trend: None,
    };
    let told = ground.known.notes(&usage, &report);
    report.notes.extend(told);
    Ok(report)
}

/// Merges findings of one fingerprint, gives each its verdict, and brings them into the order of
/// the report.
fn judge(
    ground: &Ground<'_>,
    spool: Spool,
    notes: &mut Vec<String>,
) -> io::Result<(Findings, Usage)> {
    let waivers = Waivers::new(ground.policy, ground.as_of).with_foreign(ground.foreign_allows);
    let mut triage = waivers.triage();
    let mut usage = Usage::default();
    let mut gathered = Findings::gather(HELD);
    let mut unsure: u64 = 0;
    let mut judge = |same: &mut Same| {
        let Some(finding) = same.take() else {
            return Ok(());
        };
        // Only now: in one of its places it may be surer than in another.
        if finding.grade.is_none() && finding.confidence < ground.min_confidence {
            unsure += 1;
            return Ok(());
        }
        let mut judged = triage.judge(Box::new(finding));
        ground.known.judge(&mut judged, ground.as_of, &mut usage);
        gathered.push(judged)
    };
    let mut same = Same::default();
    spool.finish()?.hand_on(|found| {
        let finding = *found.finding;
        if same.fingerprint() != Some(finding.fingerprint) {
            judge(&mut same)?;
        }
        same.add(finding);
        io::Result::Ok(())
    })?;
    judge(&mut same)?;
    if unsure > 0 {
        notes.push(unsure_note(unsure, ground.min_confidence));
    }
    notes.extend(triage.notes());
    usage.moved.sort();
    Ok((gathered.finish()?, usage))
}

fn unsure_note(count: u64, least: Confidence) -> String {
    let findings = match count {
        1 => "1 finding".to_owned(),
        _ => format!("{count} findings"),
    };
    format!(
        "{findings} in source of less than {least} confidence left out; `--min-confidence low` \
         shows all that rules find"
    )
}

/// Two runs with the same hash asked the same questions.
fn policy_info(ground: &Ground<'_>) -> PolicyInfo {
    let Ground {
        content,
        policy,
        policy_text,
        selected,
        ..
    } = ground;
    let mut hasher = Sha256::new_with_prefix(Sha256::digest(policy_text));
    for rule in *selected {
        match rule.sha256 {
            Some(known) => hasher.update(known),
            None => hasher.update(Sha256::digest(rule.yaml())),
        }
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
