//! What each rule came to: fails, passes, and why it could not be judged.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::check::org::{Judge, SubjectKey};
use crate::model::{Finding, RuleId};
use crate::report::{NotEvaluated, RuleOutcome};
use crate::rule::SecretRule;

use super::org::{Export, OrgOutcome, OrgRun};
use super::reasons::{NO_EXPORT, Reasons};

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

/// Of a rule over records where there is no export at all.
pub(super) fn no_export(rule: &RuleId) -> RuleOutcome {
    RuleOutcome {
        rule: rule.clone(),
        fails: 0,
        passes: 0,
        not_evaluated: vec![NotEvaluated {
            reason: NO_EXPORT.to_owned(),
            subjects: 0,
        }],
    }
}

/// How often rules over text were broken.
#[derive(Debug, Default)]
pub(super) struct Hits(BTreeMap<RuleId, Hit>);

#[derive(Debug, Default, Clone, Copy)]
struct Hit {
    places: u64,
    files: u64,
}

impl Hits {
    /// Those of all that was found in some files.
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut files: BTreeSet<(&RuleId, &str)> = BTreeSet::new();
        let mut hits = Self::default();
        for finding in findings {
            let hit = hits.0.entry(finding.rule.clone()).or_default();
            hit.places += 1 + finding.places.len() as u64;
            if files.insert((&finding.rule, finding.location.path.as_str())) {
                hit.files += 1;
            }
        }
        hits
    }

    /// Takes in those of other files.
    pub(super) fn add(&mut self, other: Self) {
        for (rule, more) in other.0 {
            let hit = self.0.entry(rule).or_default();
            hit.places += more.places;
            hit.files += more.files;
        }
    }
}

/// Of rules over text, of which so many files were searched.
pub(super) fn secret_outcomes(
    rules: &[&SecretRule],
    hits: &Hits,
    searched: u64,
) -> Vec<RuleOutcome> {
    let outcome = |rule: &&SecretRule| {
        let id = &rule.meta.id;
        let hit = hits.0.get(id).copied().unwrap_or_default();
        let not_evaluated = if searched == 0 {
            vec![NotEvaluated {
                reason: "no text file was given".to_owned(),
                subjects: 0,
            }]
        } else {
            Vec::new()
        };
        RuleOutcome {
            rule: id.clone(),
            fails: hit.places,
            passes: searched.saturating_sub(hit.files),
            not_evaluated,
        }
    };
    rules.iter().map(outcome).collect()
}
