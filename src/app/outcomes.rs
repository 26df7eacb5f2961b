//! What each rule came to: fails, passes, and why it could not be judged.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::check::org::{Judge, SubjectKey};
use crate::model::RuleId;
use crate::report::{NotEvaluated, RuleOutcome};
use crate::rule::SecretRule;

use super::org::{Export, OrgOutcome, OrgRun};
use super::reasons::Reasons;
use super::secrets::SecretOutcome;

/// Of rules over records.
pub(super) fn org_outcomes(
    run: &OrgRun<'_>,
    org: &OrgOutcome,
    exports: &[Export],
    reasons: &Reasons<'_>,
) -> Vec<RuleOutcome> {
    let outcome = |(index, judge): (usize, &Judge<'_>)| {
        let (mut fails, mut passes, mut judged) = (0, 0, false);
        let mut told: BTreeMap<String, u64> = BTreeMap::new();
        let tallies = || org.tallies.iter().filter_map(|t| t.get(&index));
        let settled: HashSet<SubjectKey> =
            tallies().flat_map(|t| t.decided.iter().copied()).collect();
        for (export, tallies) in exports.iter().zip(&org.tallies) {
            let Some(tally) = tallies.get(&index) else {
                continue;
            };
            judged = true;
            fails += tally.fails;
            passes += tally.passes;
            reasons.of_tally(judge, export, (tally, &settled), &mut told);
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

/// Of rules over text.
pub(super) fn secret_outcomes(rules: &[&SecretRule], text: &SecretOutcome) -> Vec<RuleOutcome> {
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
