//! Several results as one. Which are merged first, in which order, and how often one of them comes,
//! makes no difference to a single byte: everything is a set that is united, a greatest or a least
//! value, or a sum over parts that are told apart by what they say.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::inventory::Runbooks;
use crate::model::{Finding, Instant, RuleId, When, hex};
use crate::report::{
    Coverage, NotEvaluated, Part, PartOutcome, PolicyInfo, Report, RuleOutcome, Style, VERSION,
    json,
};
use crate::rule::{Frameworks, RuleMeta};
use crate::triage::{Acceptance, Acceptor, Judged, Verdict};

/// Told once, however many results differ: a number would depend on the order of merging.
const RULES_DIFFER: &str = "a rule is not the same in every merged result: they come of different versions of the rules, or \
     of different policies";
const RULES_MISSING: &str = "not every merged result ran every rule";
const POLICIES_DIFFER: &str = "the merged results were made under different policies";
const DATES_DIFFER: &str =
    "the merged results are as of different days; what is told is as of the last of them";

/// Merges results; none where there are none.
///
/// # Errors
/// When findings of one cannot be read back from the disk.
pub(super) fn join(results: Vec<Report>) -> io::Result<Option<Report>> {
    let (Some(as_of), Some(fail_on)) = (
        results.iter().map(|report| report.as_of).max(),
        results.iter().map(|report| report.fail_on).min(),
    ) else {
        return Ok(None);
    };
    let mut notes = differences(&results);
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    let mut rules: BTreeMap<RuleId, Arc<RuleMeta>> = BTreeMap::new();
    let mut reasons: BTreeMap<RuleId, BTreeMap<String, u64>> = BTreeMap::new();
    let (mut problems, mut exports) = (BTreeSet::new(), BTreeSet::new());
    let mut disabled = BTreeSet::new();
    let mut findings = Vec::new();
    let targets = targets(&results);
    for mut report in results {
        for part in take_parts(&mut report) {
            parts.insert(part.id.clone(), part);
        }
        for meta in report.rules {
            rules
                .entry(meta.id.clone())
                .and_modify(|known| {
                    if text(known) < text(&meta) {
                        *known = Arc::clone(&meta);
                    }
                })
                .or_insert(meta);
        }
        for outcome in report.outcomes {
            let known = reasons.entry(outcome.rule).or_default();
            for why in outcome.not_evaluated {
                let subjects = known.entry(why.reason).or_default();
                *subjects = why.subjects.max(*subjects);
            }
        }
        problems.extend(report.problems);
        exports.extend(report.exports);
        disabled.extend(report.policy.disabled);
        notes.extend(report.notes);
        findings.extend(report.findings.into_vec()?);
    }
    let parts: Vec<Part> = parts.into_values().collect();
    Ok(Some(Report {
        as_of,
        findings: united(findings, as_of).into_iter().collect(),
        problems: problems.into_iter().collect(),
        outcomes: outcomes(&rules, reasons, &parts),
        rules: rules.into_values().collect(),
        exports: exports.into_iter().collect(),
        coverage: Coverage {
            targets,
            ..covered(&parts)
        },
        policy: policy(&parts, disabled),
        notes: notes.into_iter().collect(),
        fail_on,
        parts,
        frameworks: Frameworks::default(),
        runbooks: Runbooks::default(),
        inventory: None,
        version: VERSION.to_owned(),
        trend: None,
    }))
}

/// What all of them were told to look at; nothing where one of them does not say.
fn targets(results: &[Report]) -> BTreeSet<String> {
    let all = results.iter().map(|report| &report.coverage.targets);
    if all.clone().any(BTreeSet::is_empty) {
        return BTreeSet::new();
    }
    all.flatten().cloned().collect()
}

/// The parts of a result, of which a scan's is the only one.
pub(super) fn take_parts(report: &mut Report) -> Vec<Part> {
    if !report.parts.is_empty() {
        return std::mem::take(&mut report.parts);
    }
    let outcomes = report.outcomes.iter();
    let met = outcomes.filter(|outcome| outcome.fails + outcome.passes > 0);
    vec![Part {
        id: identity(report),
        policy_file: report.policy.file.clone(),
        policy_sha256: report.policy.sha256.clone(),
        coverage: report.coverage.clone(),
        outcomes: met
            .map(|outcome| PartOutcome {
                rule: outcome.rule.clone(),
                fails: outcome.fails,
                passes: outcome.passes,
            })
            .collect(),
    }]
}

/// What a result says, as one number: two results with the same one are the same.
fn identity(report: &Report) -> String {
    struct Into<'a>(&'a mut Sha256);
    impl Write for Into<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hasher = Sha256::new();
    // A hash takes whatever is written.
    let _ = json::write(report, &Style::default(), &mut Into(&mut hasher));
    hex(&hasher.finalize())
}

/// In what results differ that should agree.
fn differences(results: &[Report]) -> BTreeSet<String> {
    let mut notes = BTreeSet::new();
    let mut note = |differs: bool, text: &str| {
        if differs {
            notes.insert(text.to_owned());
        }
    };
    let mut rules: BTreeMap<&RuleId, String> = BTreeMap::new();
    for pair in results.windows(2) {
        let [one, other] = pair else { continue };
        note(one.as_of.date() != other.as_of.date(), DATES_DIFFER);
        let policies = one.policy.sha256 != other.policy.sha256;
        note(policies, POLICIES_DIFFER);
        let ids = |report: &Report| {
            report
                .rules
                .iter()
                .map(|r| r.id.clone())
                .collect::<Vec<_>>()
        };
        note(ids(one) != ids(other), RULES_MISSING);
    }
    for meta in results.iter().flat_map(|report| &report.rules) {
        let text = text(meta);
        let known = rules.entry(&meta.id).or_insert_with(|| text.clone());
        note(*known != text, RULES_DIFFER);
    }
    notes
}

/// Everything about a rule, so that two that differ have an order.
fn text(meta: &RuleMeta) -> String {
    format!("{meta:?}")
}

/// What every rule came to. A result in which a rule met nothing, judged or not, has no say where
/// another has: a shard without the export that a rule looks at leaves nothing open.
fn outcomes(
    rules: &BTreeMap<RuleId, Arc<RuleMeta>>,
    mut reasons: BTreeMap<RuleId, BTreeMap<String, u64>>,
    parts: &[Part],
) -> Vec<RuleOutcome> {
    let mut counts: BTreeMap<&RuleId, (u64, u64)> = BTreeMap::new();
    for of in parts.iter().flat_map(|part| &part.outcomes) {
        let (fails, passes) = counts.entry(&of.rule).or_default();
        *fails = fails.saturating_add(of.fails);
        *passes = passes.saturating_add(of.passes);
    }
    let outcome = |rule: &RuleId| {
        let (fails, passes) = counts.get(rule).copied().unwrap_or_default();
        let mut open = reasons.remove(rule).unwrap_or_default();
        if fails.saturating_add(passes) > 0 || open.values().any(|subjects| *subjects > 0) {
            open.retain(|_, subjects| *subjects > 0);
        }
        let open = open.into_iter();
        RuleOutcome {
            rule: rule.clone(),
            fails,
            passes,
            not_evaluated: open
                .map(|(reason, subjects)| NotEvaluated { reason, subjects })
                .collect(),
        }
    };
    rules.keys().map(outcome).collect()
}

fn covered(parts: &[Part]) -> Coverage {
    let mut whole = Coverage::default();
    let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
    for part in parts.iter().map(|part| &part.coverage) {
        for (sum, more) in [
            (&mut whole.files, part.files),
            (&mut whole.bytes, part.bytes),
            (&mut whole.searched, part.searched),
            (&mut whole.records, part.records),
        ] {
            *sum = sum.saturating_add(more);
        }
        for (reason, files) in &part.left_out {
            let sum = left_out.entry(reason).or_default();
            *sum = sum.saturating_add(*files);
        }
    }
    let left_out = left_out.into_iter();
    whole.left_out = left_out
        .map(|(reason, files)| (reason.to_owned(), files))
        .collect();
    whole
}

/// The policy that all parts share, or one hash over all of theirs.
fn policy(parts: &[Part], disabled: BTreeSet<(RuleId, String)>) -> PolicyInfo {
    let hashes: BTreeSet<&str> = parts.iter().map(|p| p.policy_sha256.as_str()).collect();
    let files: BTreeSet<_> = parts.iter().map(|part| &part.policy_file).collect();
    let (mut hashes, mut files) = (hashes.into_iter(), files.into_iter());
    let sha256 = match (hashes.next(), hashes.next()) {
        (Some(only), None) => only.to_owned(),
        (first, second) => {
            let mut hasher = Sha256::new();
            for hash in first.into_iter().chain(second).chain(hashes) {
                hasher.update(hash.as_bytes());
                hasher.update(b"\n");
            }
            hex(&hasher.finalize())
        }
    };
    PolicyInfo {
        file: match (files.next(), files.next()) {
            (Some(only), None) => only.clone(),
            _ => None,
        },
        sha256,
        disabled: disabled.into_iter().collect(),
    }
}

/// One finding for each fingerprint, with all its places and the verdict that accepts least.
fn united(mut findings: Vec<Judged>, as_of: Instant) -> Vec<Judged> {
    findings.sort_by(|a, b| {
        let (one, other) = (&a.finding, &b.finding);
        one.fingerprint
            .cmp(&other.fingerprint)
            .then_with(|| told(one, other))
    });
    let mut whole: Vec<Judged> = Vec::with_capacity(findings.len());
    for next in findings {
        match whole.last_mut() {
            Some(first) if first.finding.fingerprint == next.finding.fingerprint => {
                if holds(&next.verdict) < holds(&first.verdict) {
                    first.verdict = next.verdict;
                }
                unite(&mut first.finding, *next.finding);
            }
            _ => whole.push(next),
        }
    }
    for judged in &mut whole {
        if let Some(by) = judged.verdict.accepted()
            && matches!(by.expires, When::Known(end) if end <= as_of)
        {
            judged.verdict = Arc::new(Verdict::Lapsed(by.clone()));
        }
    }
    whole
}

/// The order of what two results tell of one finding, without what is united. The first stands.
fn told(a: &Finding, b: &Finding) -> Ordering {
    let commit = |finding: &Finding| {
        let commit = finding.commit.as_ref();
        commit.map(|commit| (commit.authored, commit.id, commit.in_tip))
    };
    let hint = |finding: &Finding| finding.secret.as_ref().map(crate::model::Secret::hint);
    commit(a)
        .cmp(&commit(b))
        .then_with(|| (&a.rule, &a.location, &a.subject).cmp(&(&b.rule, &b.location, &b.subject)))
        .then_with(|| (&a.message, &a.evidence).cmp(&(&b.message, &b.evidence)))
        .then_with(|| (&a.line_hash, &a.frame).cmp(&(&b.line_hash, &b.frame)))
        .then_with(|| hint(a).cmp(&hint(b)))
}

fn unite(first: &mut Finding, other: Finding) {
    first.severity = first.severity.max(other.severity);
    first.unite(other);
}

/// The order of verdicts: what accepts nothing first, then what ends first. Whether it has ended by
/// now is no part of it, since that is decided as of the last of the results.
fn holds(verdict: &Verdict) -> Option<(i64, u8, &str, Option<&str>, &str)> {
    let (Verdict::Accepted(by) | Verdict::Lapsed(by)) = verdict else {
        return None;
    };
    let Acceptance {
        by,
        owner,
        reason,
        expires,
    } = by;
    let end = match expires {
        When::Known(end) => end.seconds(),
        When::Never => i64::MAX,
    };
    let (rank, name) = match by {
        Acceptor::Waiver(id) => (0, id.as_str()),
        Acceptor::Baseline => (1, ""),
        Acceptor::Commit(id) => (2, id.as_str()),
    };
    Some((end, rank, name, owner.as_deref(), reason))
}

#[cfg(test)]
mod tests;
