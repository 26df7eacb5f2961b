//! Two results, finding by finding. What is gone is fixed only where the new result proves it: its
//! rule was evaluated in full, and every input was checked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::app::past::{Held, Pair, Proof, Stand};
use crate::model::Fingerprint;
use crate::report::{Change, Drift, DriftSide as Side, Report, What};
use crate::triage::{Acceptor, Judged, Verdict};

/// Compares two results, each with its name.
pub(super) fn compare(old: (&str, &Report), new: (&str, &Report)) -> Drift {
    let ((old_name, old), (new_name, new)) = (old, new);
    let before = by_fingerprint(old);
    let after = by_fingerprint(new);
    let mut changes: Vec<Change> = Vec::new();
    for (fingerprint, judged) in &after {
        let earlier = before.get(fingerprint);
        let Some(what) = Stand::of(judged).since(earlier.map(|earlier| Stand::of(earlier))) else {
            continue;
        };
        let message = &judged.finding.message;
        let message = match (what, earlier) {
            (What::Accepted, _) => accepted(judged),
            (What::MoreSevere, Some(earlier)) => {
                format!("{message} ({} before)", earlier.finding.severity)
            }
            _ => message.clone(),
        };
        changes.push(change(judged, (what, message)));
    }
    let both = after.keys().filter(|one| before.contains_key(one)).count();
    let (then, now) = (Proof::of(old), Proof::of(new));
    let pair = Pair::new(&then, &now, [before.len(), after.len(), both]);
    for (fingerprint, judged) in &before {
        if after.contains_key(fingerprint) {
            continue;
        }
        let finding = &judged.finding;
        let found = match pair.unproven(&Held::of(judged)) {
            None => (What::Fixed, finding.message.clone()),
            Some(why) => (
                What::NotCompared,
                format!("{}: no longer found, but {why}", finding.message),
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
