//! The matrix of controls: what the rules that speak to a control of a framework came to. A control
//! passes only if every rule that speaks to it was evaluated in full.

use std::collections::HashMap;

use crate::rule::{Control, Framework, RuleMeta};

use super::{Reach, Report, RuleOutcome};

/// What a control comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A rule that speaks to it has a finding that counts.
    Fail,
    /// Nothing fails, and some rules could not be evaluated, or not in full.
    Partly,
    /// No rule could be evaluated.
    NotEvaluated,
    /// Everything was evaluated, and all findings are accepted.
    Accepted,
    /// Everything was evaluated, and nothing was found.
    Pass,
    /// No rule of this run speaks to it.
    NoRule,
}

/// What a rule came to, as evidence for a control.
pub(super) struct Spoken<'r> {
    pub(super) meta: &'r RuleMeta,
    /// Findings that count.
    pub(super) open: u64,
    /// Findings that somebody accepted.
    pub(super) accepted: u64,
    pub(super) outcome: Option<&'r RuleOutcome>,
}

/// A control and its evidence.
pub(super) struct Line<'r> {
    pub(super) control: &'r Control,
    pub(super) standing: Standing,
    pub(super) rules: Vec<Spoken<'r>>,
}

/// The controls of a framework, in its order.
pub(super) struct Chapter<'r> {
    pub(super) framework: &'r Framework,
    pub(super) lines: Vec<Line<'r>>,
}

impl Standing {
    /// The word in machine-readable files.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Partly => "partly_evaluated",
            Self::NotEvaluated => "not_evaluated",
            Self::Accepted => "accepted",
            Self::Pass => "pass",
            Self::NoRule => "no_rule",
        }
    }

    fn of(rules: &[Spoken<'_>]) -> Self {
        if rules.is_empty() {
            Self::NoRule
        } else if rules.iter().any(|rule| rule.open > 0) {
            Self::Fail
        } else if rules.iter().all(|rule| rule.reach() == Reach::None) {
            Self::NotEvaluated
        } else if rules.iter().any(|rule| rule.reach() != Reach::Full) {
            Self::Partly
        } else if rules.iter().any(|rule| rule.accepted > 0) {
            Self::Accepted
        } else {
            Self::Pass
        }
    }
}

impl Spoken<'_> {
    pub(super) fn reach(&self) -> Reach {
        self.outcome.map_or(Reach::None, RuleOutcome::reach)
    }

    pub(super) fn passes(&self) -> u64 {
        self.outcome.map_or(0, |outcome| outcome.passes)
    }

    /// Subjects that could not be judged.
    pub(super) fn unjudged(&self) -> u64 {
        let reasons = self.outcome.into_iter().flat_map(|o| &o.not_evaluated);
        reasons.map(|reason| reason.subjects).sum()
    }
}

/// The controls of every framework of a report.
pub(super) fn matrix<'r>(report: &'r Report) -> Vec<Chapter<'r>> {
    let mut counts: HashMap<&str, (u64, u64)> = HashMap::new();
    for (kind, sum) in report.findings.sums() {
        let (open, accepted) = counts.entry(kind.rule.as_str()).or_default();
        *open += sum.open;
        *accepted += sum.accepted();
    }
    let mut speaking: HashMap<(&str, &str), Vec<&RuleMeta>> = HashMap::new();
    for meta in &report.rules {
        for control in &meta.controls {
            let key = (&*control.framework, &*control.control);
            speaking.entry(key).or_default().push(meta);
        }
    }
    let chapter = |framework: &'r Framework| {
        let (id, controls) = (&framework.id, &framework.controls);
        let line = |control: &'r Control| {
            let metas = speaking.get(&(id.as_str(), control.id.as_str()));
            let rules: Vec<Spoken<'_>> = metas
                .into_iter()
                .flatten()
                .map(|meta| spoken(report, meta, &counts))
                .collect();
            Line {
                control,
                standing: Standing::of(&rules),
                rules,
            }
        };
        Chapter {
            framework,
            lines: controls.iter().map(line).collect(),
        }
    };
    report.frameworks.iter().map(chapter).collect()
}

fn spoken<'r>(
    report: &'r Report,
    meta: &'r RuleMeta,
    counts: &HashMap<&str, (u64, u64)>,
) -> Spoken<'r> {
    let (open, accepted) = counts.get(meta.id.as_str()).copied().unwrap_or_default();
    Spoken {
        meta,
        open,
        accepted,
        outcome: report.outcome(&meta.id),
    }
}
