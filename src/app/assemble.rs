//! Findings and outcomes to a report: merged, judged by the policy, sorted.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::inventory::{Inventory, Runbooks};
use crate::model::{Finding, Instant, Problem};
use crate::report::{Coverage, ExportInput, PolicyInfo, Report, RuleOutcome};
use crate::rule::{Policy, Rule, RuleMeta};
use crate::triage::{ForeignAllows, Waivers};

use super::content::Content;
use super::known::Known;
use super::options::FailOn;

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
    pub(super) foreign_allows: ForeignAllows,
    pub(super) known: &'c Known,
    pub(super) runbooks: Runbooks,
}

/// What the stages of a run gave.
#[derive(Default)]
pub(super) struct Harvest {
    #[expect(
        clippy::vec_box,
        reason = "findings are large, and are sorted, merged and judged"
    )]
    pub(super) findings: Vec<Box<Finding>>,
    pub(super) problems: Vec<Problem>,
    pub(super) outcomes: Vec<RuleOutcome>,
    pub(super) exports: Vec<ExportInput>,
    pub(super) coverage: Coverage,
    pub(super) left_out: BTreeMap<String, u64>,
    pub(super) notes: Vec<String>,
    pub(super) inventory: Option<Inventory>,
}

/// Makes the report.
pub(super) fn assemble(ground: &Ground<'_>, harvest: Harvest) -> Report {
    let Harvest {
        findings,
        mut problems,
        mut outcomes,
        exports,
        mut coverage,
        left_out,
        mut notes,
        inventory,
    } = harvest;
    let triage = Waivers::new(ground.policy, ground.as_of)
        .with_foreign(ground.foreign_allows)
        .apply(merge(findings).into_iter());
    let mut judged = triage.judged;
    notes.extend(triage.notes);
    let usage = ground.known.apply(&mut judged, ground.as_of);
    problems.sort();
    problems.dedup();
    outcomes.sort_by(|a, b| a.rule.cmp(&b.rule));
    coverage.left_out = left_out.into_iter().collect();
    let mut report = Report {
        as_of: ground.as_of,
        findings: judged.into_iter().collect(),
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
        frameworks: ground.content.controls.frameworks().to_vec(),
        runbooks: ground.runbooks.clone(),
        inventory,
    };
    let told = ground.known.notes(&usage, &report);
    report.notes.extend(told);
    report
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

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
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
    let mut hasher = Sha256::new();
    for part in std::iter::once(*policy_text).chain(selected.iter().map(|r| r.yaml())) {
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
