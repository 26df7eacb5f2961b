//! Two results, finding by finding. What is gone is fixed only where the new result proves it: its
//! rule was evaluated in full, and every input was checked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{Fingerprint, RuleId};
use crate::report::{Change, Drift, DriftSide as Side, Reach, Report, What};
use crate::triage::{Acceptor, Judged, Verdict};

/// Compares two results, each with its name.
pub(super) fn compare(old: (&str, &Report), new: (&str, &Report)) -> Drift {
    let ((old_name, old), (new_name, new)) = (old, new);
    let before = by_fingerprint(old);
    let after = by_fingerprint(new);
    let mut changes: Vec<Change> = Vec::new();
    for (fingerprint, judged) in &after {
        let found = match before.get(fingerprint) {
            None if judged.counts() => (What::New, judged.finding.message.clone()),
            None => (What::Accepted, accepted(judged)),
            Some(earlier) => match (earlier.counts(), judged.counts()) {
                (true, true) if judged.finding.severity > earlier.finding.severity => {
                    let was = earlier.finding.severity;
                    let message = &judged.finding.message;
                    (What::MoreSevere, format!("{message} ({was} before)"))
                }
                (true, true) => (What::StillOpen, judged.finding.message.clone()),
                (true, false) => (What::Accepted, accepted(judged)),
                (false, true) => (What::CountsAgain, judged.finding.message.clone()),
                (false, false) => continue,
            },
        };
        changes.push(change(judged, found));
    }
    for (fingerprint, judged) in &before {
        if after.contains_key(fingerprint) {
            continue;
        }
        let found = match unproven(&judged.finding.rule, new) {
            None => (What::Fixed, judged.finding.message.clone()),
            Some(why) => (
                What::NotCompared,
                format!("{}: no longer found, but {why}", judged.finding.message),
            ),
        };
        changes.push(change(judged, found));
    }
    Drift::sort(&mut changes);
    let mut notes = Vec::new();
    if !old.complete() {
        notes.push(
            "the old result was incomplete: what is new may have been there before".to_owned(),
        );
    }
    if old.policy.sha256 != new.policy.sha256 {
        notes.push(
            "the results were made under different rules or policies: a change may come of that"
                .to_owned(),
        );
    }
    if new.as_of < old.as_of {
        notes.push("the new result is as of an earlier time than the old one".to_owned());
    }
    let side = |name: &str, report: &Report| Side {
        name: name.to_owned(),
        as_of: report.as_of,
    };
    Drift {
        old: side(old_name, old),
        new: side(new_name, new),
        changes,
        problems: new.problems.clone(),
        notes,
        fail_on: new.fail_on,
    }
}

fn by_fingerprint(report: &Report) -> BTreeMap<Fingerprint, Cow<'_, Judged>> {
    let findings = report.findings.iter();
    findings
        .map(|judged| (judged.finding.fingerprint, judged))
        .collect()
}

/// Why the absence of findings of a rule proves nothing.
fn unproven(rule: &RuleId, new: &Report) -> Option<String> {
    let Some(outcome) = new.outcome(rule) else {
        return Some("its rule did not run".to_owned());
    };
    if outcome.reach() != Reach::Full {
        let reasons: Vec<&str> = outcome.reasons().map(|(reason, _)| reason).collect();
        return Some(format!(
            "its rule was not evaluated in full: {}",
            reasons.join("; ")
        ));
    }
    (!new.complete()).then(|| "not every input could be checked".to_owned())
}

fn accepted(judged: &Judged) -> String {
    let message = &judged.finding.message;
    let Verdict::Accepted(by) = &*judged.verdict else {
        return message.clone();
    };
    let what = match &by.by {
        Acceptor::Waiver(id) => format!("waiver {id}"),
        Acceptor::Baseline => "the baseline".to_owned(),
        Acceptor::Commit(id) => format!("commit {}", id.get(..12).unwrap_or(id)),
    };
    format!("{message} (by {what}: {})", by.reason)
}

fn change(judged: &Judged, (what, message): (What, String)) -> Change {
    let finding = &*judged.finding;
    let place = &finding.location;
    Change {
        what,
        severity: finding.severity,
        rule: Some(finding.rule.clone()),
        fingerprint: Some(finding.fingerprint),
        item: None,
        subject: finding.subject.name.clone(),
        message,
        before: None,
        after: None,
        grade: finding.grade,
        place: Some((place.path.clone(), place.region.start_line)),
    }
}
