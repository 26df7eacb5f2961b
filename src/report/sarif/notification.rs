//! What the run has to say about itself: inputs that could not be checked, rules that could not
//! be judged, results that did not fit.

use serde::Serialize;

use super::limits::NOTIFICATIONS;
use super::place::Place;
use super::{Text, dropped, limits, result, written};
use crate::model::{Problem, Region, RuleId};
use crate::report::visible::{Count, Visible, number};
use crate::report::{Report, SarifWaived};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notification<'a> {
    descriptor: Reference<'static>,
    level: &'static str,
    message: Text<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_rule: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<[Place<'a>; 1]>,
}

#[derive(Serialize)]
struct Reference<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

/// Every notification of a run, errors first.
pub(super) fn all(report: &Report, waived: SarifWaived) -> Vec<Notification<'_>> {
    let mut all: Vec<_> = report
        .problems
        .iter()
        .take(NOTIFICATIONS)
        .map(|problem| of_problem(problem))
        .collect();
    let rest = report.problems.len().saturating_sub(NOTIFICATIONS);
    if rest > 0 {
        let text = format!(
            "{} could not be checked.",
            Count(number(rest), "more input")
        );
        all.push(plain("more-problems", "error", text));
    }
    let dropped = dropped(report, waived);
    if dropped > 0 {
        let text = format!(
            "{} left out, the least severe: GitHub takes {} at most.",
            Count(dropped, "result"),
            limits::RESULTS
        );
        all.push(plain("results-left-out", "warning", text));
    }
    let cut = written(report, waived)
        .take(limits::RESULTS)
        .filter(|judged| result::left_out(&judged.finding) > 0)
        .count();
    if cut > 0 {
        let text = format!(
            "{} with more than {} further places; the rest of the places is left out.",
            Count(number(cut), "result"),
            limits::RELATED
        );
        all.push(plain("places-left-out", "note", text));
    }
    let reasons = || {
        report
            .outcomes
            .iter()
            .flat_map(|o| o.reasons().map(move |why| (&o.rule, why)))
    };
    all.extend(
        reasons()
            .take(NOTIFICATIONS)
            .map(|(rule, (reason, subjects))| not_evaluated(report, rule, reason, subjects)),
    );
    let rest = reasons().count().saturating_sub(NOTIFICATIONS);
    if rest > 0 {
        let text = format!(
            "{} why rules were not evaluated.",
            Count(number(rest), "more reason")
        );
        all.push(plain("more-not-evaluated", "note", text));
    }
    all
}

fn plain(id: &'static str, level: &'static str, text: String) -> Notification<'static> {
    Notification {
        descriptor: Reference { id, index: None },
        level,
        message: Text { text },
        associated_rule: None,
        locations: None,
    }
}

fn of_problem(problem: &Problem) -> Notification<'_> {
    let kind = problem.kind.word();
    // The standard wants a text that is not empty.
    let text = match problem.message.as_str() {
        "" => format!("An input could not be checked: {kind}."),
        message => Visible(message).to_string(),
    };
    let member = problem.path.as_ref().filter(|path| path.is_member());
    let text = member.map_or(text.clone(), |path| {
        format!("{}: {text}", Visible(path.as_str()))
    });
    let mut notification = plain(kind, "error", text);
    let region = Region::line(problem.line.unwrap_or(1));
    notification.locations = problem.path.as_ref().map(|path| [Place::at(path, region)]);
    notification
}

fn not_evaluated<'a>(
    report: &'a Report,
    rule: &'a RuleId,
    reason: &str,
    subjects: u64,
) -> Notification<'a> {
    let mut text = format!("{rule} was not evaluated");
    if subjects > 0 {
        text.push_str(&format!(" for {}", Count(subjects, "subject")));
    }
    text.push_str(&format!(": {}", Visible(reason)));
    Notification {
        associated_rule: Some(Reference {
            id: rule.as_str(),
            index: report.rule_index(rule),
        }),
        ..plain("not-evaluated", "note", text)
    }
}
