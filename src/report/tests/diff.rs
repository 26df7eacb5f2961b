//! What a comparison looks like.

use std::path::Path;

use serde_json::Value;
use snapbox::{assert_data_eq, file};

use super::schema::faults;
use crate::model::{Grade, RuleId, ScanPath, Severity};
use crate::report::samples::{HOSTILE, day, org_finding, typical};
use crate::report::visible::hazardous;
use crate::report::{Change, DIFF_FORMATS, Drift, DriftSide, VERSION, What};

/// Everything that can happen, once, with this text wherever an input decides it.
fn sample(text: &str) -> Drift {
    let changes = What::ALL.iter().zip(1..).map(|(what, line)| {
        let of_finding = matches!(
            what,
            What::New
                | What::CountsAgain
                | What::MoreSevere
                | What::StillOpen
                | What::Accepted
                | What::Fixed
        );
        let finding = org_finding("pw.never-expires", Severity::Critical, "svc", line);
        Change {
            what: *what,
            severity: if line % 2 == 0 {
                Severity::Medium
            } else {
                Severity::High
            },
            rule: of_finding.then(|| RuleId::new("pw.never-expires")),
            fingerprint: of_finding.then_some(finding.fingerprint),
            item: (!of_finding).then(|| format!("aws:access_key:{text}")),
            subject: format!("aws {text}"),
            message: format!("{text} happened"),
            before: (line % 3 == 0).then(|| text.to_owned()),
            after: (line % 3 == 0).then(|| text.to_owned()),
            grade: (line % 3 == 0).then_some(Grade::Direct),
            place: (line % 5 != 0).then(|| (ScanPath::new(Path::new(text)), line)),
        }
    });
    let side = |name: &str, date: &str| DriftSide {
        name: format!("{name}{text}"),
        as_of: day(date),
    };
    Drift {
        old: side("old/", "2026-08-20"),
        new: side("new/", "2026-11-20"),
        changes: changes.collect(),
        problems: typical().problems,
        notes: vec![format!("a note on {text}")],
        fail_on: Severity::High,
    }
}

fn written(format: &str, drift: &Drift) -> String {
    let mut formats = DIFF_FORMATS.iter();
    let format = formats.find(|known| known.name == format).unwrap();
    let mut out = Vec::new();
    (format.write)(drift, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn comparisons_read_like_this() {
    let drift = sample("svc.erp");
    assert_data_eq!(
        written("text", &drift),
        file!["../snapshots/diff.txt"].raw()
    );
    let json = written("json", &drift).replace(&format!("\"{VERSION}\""), "\"VERSION\"");
    assert_data_eq!(json, file!["../snapshots/diff.json"].raw());
}

#[test]
fn comparisons_keep_to_their_schema_and_hold_nothing_that_a_terminal_obeys() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../schema/credlint-diff-v1.schema.json")).unwrap();
    for text in ["svc.erp", HOSTILE] {
        let drift = sample(text);
        let json = written("json", &drift);
        let document: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            faults(&schema, &schema, &document, "$"),
            Vec::<String>::new()
        );
        for text in [json, written("text", &drift)] {
            assert!(!text.chars().any(|c| c != '\n' && hazardous(c)));
        }
        let mut bad = document;
        bad["changes"][0]["what"] = "other".into();
        assert!(!faults(&schema, &schema, &bad, "$").is_empty());
    }
}

#[test]
fn only_what_got_worse_fails_and_a_gap_is_never_complete() {
    let mut drift = sample("x");
    assert!(drift.failing().all(|change| change.what.worsens()));
    assert_eq!(drift.failing().count(), 4);
    drift.problems.clear();
    assert!(!drift.complete());
    drift
        .changes
        .retain(|change| change.what != What::NotCompared);
    assert!(drift.complete());
    drift.changes.retain(|change| !change.what.worsens());
    assert!(
        written("text", &drift)
            .ends_with("PASSED: no change for the worse of severity high or above\n")
    );
}
