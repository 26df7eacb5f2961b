//! Rules over several records: groups of them, and steps in the order of time.

use serde_json::Value;

use crate::program::{Report, file, folder, scan};

const EXPORTS: &str = "fixtures/exports";

fn names(report: &Report, rule: &str) -> Vec<String> {
    let named = |f: &&Value| f["subject"]["name"].as_str().unwrap().to_owned();
    report.findings(rule).iter().map(named).collect()
}

#[test]
fn an_account_that_signs_in_from_three_countries_shares_its_credential() {
    let (_, report) = scan(&[
        &format!("{EXPORTS}/salesforce/users.sf-query.csv"),
        &format!("{EXPORTS}/salesforce/login_history.sf-query.csv"),
    ]);
    let finding = report.finding("sess.shared-credential");
    assert_eq!(finding["subject"]["name"], "svc.erp@acme.example");
    assert_eq!(finding["severity"], "high");
    let shown = finding["evidence"].to_string();
    assert!(shown.contains("BR, DE, US"), "{shown}");
    // Two days of history say nothing about the others.
    let reasons = report.not_evaluated("sess.shared-credential");
    assert!(reasons.contains("the log of login covers"), "{reasons}");
}

/// The table of partner credentials, its events and its counter, each in one shape.
fn rotation() -> Report {
    let files = [
        "u_integration_credential.table-api-all.json",
        "u_credential_audit_event.raw.csv",
        "fallback_counter.csv",
    ]
    .map(|name| format!("{EXPORTS}/servicenow/{name}"));
    scan(&files.each_ref().map(String::as_str)).1
}

#[test]
fn the_fallback_of_a_partner_that_does_not_fade_is_told_by_its_last_day_and_after_it() {
    let report = rotation();
    let fading = report.finding("dual.fallback-not-tapering");
    assert_eq!(fading["subject"]["name"], "partner-b");
    let cause = fading["causes"][0]["text"].as_str().unwrap();
    assert!(cause.contains("240 calls on 2026-11-07"), "{cause}");
    let after = report.finding("dual.fallback-after-window");
    assert_eq!(after["subject"]["name"], "partner-b");
    assert_eq!(after["severity"], "high");
    let message = after["message"].as_str().unwrap();
    assert!(message.contains("2026-11-19 (241 calls)"), "{message}");
}

#[test]
fn the_steps_of_a_rotation_are_judged_in_their_order() {
    let report = rotation();
    assert_eq!(names(&report, "aud.decommission-missing"), ["partner-b"]);
    assert_eq!(names(&report, "aud.sequence"), ["partner-b"]);
    assert!(report.findings("dual.state-event-mismatch").is_empty());
}

#[test]
fn five_rotations_in_one_week_are_one_finding_with_the_places_of_several() {
    let here = folder("week");
    let register = |count: u32| {
        let entry = |n| format!("- {{id: \"x:key:{n}\", owner: a, next_rotation: 2026-11-2{n}}}\n");
        let entries: String = (3..3 + count).map(entry).collect();
        let text = format!("version: 1\ncredentials:\n{entries}- {{id: \"x:key:z\", owner: a}}\n");
        file(&here, &format!("register-{count}.yaml"), &text)
    };
    let (_, four) = scan(&[&register(4)]);
    assert!(four.findings("rot.week-bunching").is_empty());
    let (_, five) = scan(&[&register(5)]);
    let finding = five.finding("rot.week-bunching");
    assert_eq!(finding["subject"]["name"], "week 2026-W48");
    assert_eq!(finding["places"].as_array().unwrap().len(), 2);
    // The same week in two registers is still one week, and the same credentials are no more.
    let (_, both) = scan(&[&register(4), &register(5)]);
    let finding = both.finding("rot.week-bunching");
    assert!(
        finding["message"]
            .as_str()
            .unwrap()
            .starts_with("5 rotations")
    );
}

#[test]
fn two_rotations_in_one_week_are_not_told() {
    let (_, report) = scan(&[&format!("{EXPORTS}/register")]);
    assert!(report.findings("rot.week-bunching").is_empty());
    assert_eq!(report.not_evaluated("rot.week-bunching"), "");
}
