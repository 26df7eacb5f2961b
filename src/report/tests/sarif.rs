//! What GitHub and the standard demand of a SARIF file, and what credlint promises beside.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use super::{parsed, plain, samples, with_waived};
use crate::model::{Cause, Severity};
use crate::report::samples::{at, empty, many, open, org_finding, source_finding, typical, waived};
use crate::report::{Report, SarifWaived, Style, sarif};
use crate::rule::{RuleMeta, Told};

/// What GitHub demands of every file; over any of it the whole upload is refused.
#[test]
fn holds_what_github_demands() {
    let relative = Regex::new("^[A-Za-z0-9._~%-][A-Za-z0-9._~%/-]*$").unwrap();
    let line_hash = Regex::new("^[0-9a-f]+:[0-9]+$").unwrap();
    for (name, report) in samples() {
        let log = parsed("sarif", &report, &with_waived());
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            for key in [
                "/shortDescription/text",
                "/fullDescription/text",
                "/help/text",
            ] {
                assert!(
                    !rule.pointer(key).unwrap().as_str().unwrap().is_empty(),
                    "{name} {key}"
                );
            }
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
        }
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), report.findings.len(), "{name}");
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert_eq!(
                rules[index]["defaultConfiguration"]["level"],
                result["level"]
            );
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(relative.is_match(uri), "{uri}");
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(place["region"][key].as_u64().unwrap() >= 1, "{name} {key}");
            }
            let hash = result["partialFingerprints"]["primaryLocationLineHash"]
                .as_str()
                .unwrap();
            assert!(line_hash.is_match(hash), "{hash}");
            assert!(result.get("rank").is_none());
            assert!(place["region"].get("snippet").is_none());
        }
    }
}

#[test]
fn severities_are_well_inside_githubs_ranges() {
    for (severity, number, level) in [
        (Severity::Critical, Some("9.5"), "error"),
        (Severity::High, Some("8.0"), "error"),
        (Severity::Medium, Some("5.5"), "warning"),
        (Severity::Low, Some("2.0"), "note"),
        (Severity::Info, None, "note"),
    ] {
        let mut report = empty();
        Arc::get_mut(&mut report.rules[0]).unwrap().severity = severity;
        let log = parsed("sarif", &report, &plain());
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!(
            rule["properties"]
                .get("security-severity")
                .and_then(Value::as_str),
            number
        );
        assert_eq!(rule["defaultConfiguration"]["level"], level);
    }
}

#[test]
fn rule_texts_are_filled_and_within_limits() {
    let mut report = empty();
    let meta: &mut RuleMeta = Arc::get_mut(&mut report.rules[0]).unwrap();
    let told = Told {
        title: "日".repeat(2_000).into(),
        description: "é".repeat(2_000).into(),
        tags: (0..30).map(|n| format!("tag{n}").into()).collect(),
        ..Told::clone(meta)
    };
    meta.told = told.into();
    let log = parsed("sarif", &report, &plain());
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    let length = |pointer: &str| {
        rule.pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap()
            .chars()
            .count()
    };
    assert_eq!(length("/name"), 255);
    assert_eq!(length("/shortDescription/text"), 1_024);
    assert_eq!(length("/fullDescription/text"), 1_024);
    assert_eq!(rule["properties"]["tags"].as_array().unwrap().len(), 10);
    assert_eq!(rule["properties"]["tags"][0], "security");
    assert_eq!(rule["properties"]["tags"][1], "external/cwe/cwe-079");

    let meta: &mut RuleMeta = Arc::get_mut(&mut report.rules[0]).unwrap();
    let told = Told {
        title: "".into(),
        description: " ".into(),
        remediation: "".into(),
        ..Told::clone(meta)
    };
    meta.told = told.into();
    let log = parsed("sarif", &report, &plain());
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["fullDescription"]["text"], "secret.github-token");
    assert!(rule.get("name").is_none(), "a name may not equal the id");
}

#[test]
fn leaves_waived_findings_out_unless_asked() {
    let report = typical();
    let results = |style: &Style| parsed("sarif", &report, style)["runs"][0]["results"].clone();
    let omitted = results(&plain());
    assert_eq!(omitted.as_array().unwrap().len(), 4);
    assert!(omitted[0].get("suppressions").is_none());
    assert!(omitted[0].get("baselineState").is_none());
    let included = results(&with_waived());
    let suppressed: Vec<usize> = included
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["suppressions"].as_array().unwrap().len())
        .collect();
    assert_eq!(suppressed, [0, 0, 0, 0, 1, 1, 1, 1]);
    let states: Vec<&str> = included
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["baselineState"].as_str().unwrap())
        .collect();
    // Open, open, ended waiver, ended line; then waived, and three that are known.
    let (new, old) = ("new", "unchanged");
    assert_eq!(states, [new, new, new, old, new, old, old, old]);
}

#[test]
fn keeps_the_most_severe_25_000_and_says_so() {
    let report = many(25_001);
    let log = parsed("sarif", &report, &plain());
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "error");
    assert_eq!(sarif::dropped(&report, SarifWaived::Omit), 1);
    let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("1 result left out"), "{told}");
    assert_eq!(sarif::dropped(&many(25_000), SarifWaived::Omit), 0);
    assert_eq!(
        parsed("json", &report, &plain())["findings"]
            .as_array()
            .unwrap()
            .len(),
        25_001
    );
}

#[test]
fn never_drops_an_open_finding_for_a_waived_one() {
    let mut report = many(25_000);
    let last = org_finding("app.secret-age", Severity::Medium, "last", 1);
    report.findings.edit(|findings| {
        findings[0] = waived(source_finding("src/main.py", 1));
        findings.push(open(last));
    });
    let log = parsed("sarif", &report, &with_waived());
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert!(
        results
            .iter()
            .all(|result| result["suppressions"].as_array().unwrap().is_empty())
    );
}

#[test]
fn cuts_the_places_of_one_result_and_says_so() {
    let mut report = empty();
    let mut finding = source_finding("src/main.py", 1);
    finding.places = (2..2_000).map(|line| at("src/main.py", line)).collect();
    finding.causes = vec![Cause {
        text: "it".to_owned(),
        location: Some(at("src/x.py", 1)),
    }];
    report.findings = [open(finding)].into_iter().collect();
    let log = parsed("sarif", &report, &plain());
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 999);
    assert_eq!(result["properties"]["placesLeftOut"], 1_000);
    assert!(
        result["message"]["text"]
            .as_str()
            .unwrap()
            .ends_with("Because: it ([where](1)).")
    );
    let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("places-left-out"), "{told}");
}

#[test]
fn says_whether_the_scan_was_complete_and_nothing_of_when_it_ran() {
    let invocation =
        |report: &Report| parsed("sarif", report, &plain())["runs"][0]["invocations"][0].clone();
    let whole = invocation(&empty());
    assert_eq!(whole["executionSuccessful"], true);
    assert_eq!(whole.as_object().unwrap().len(), 2);
    let partial = invocation(&typical());
    assert_eq!(partial["executionSuccessful"], false);
    let levels: Vec<_> = partial["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["error", "error", "note", "note", "note"]);
}

#[test]
fn has_a_category_only_when_asked() {
    let log = parsed("sarif", &empty(), &plain());
    assert!(log["runs"][0].get("automationDetails").is_none());
    for category in ["credlint/org", "credlint/org/"] {
        let style = Style {
            sarif_category: Some(category.to_owned()),
            ..plain()
        };
        let log = parsed("sarif", &empty(), &style);
        assert_eq!(log["runs"][0]["automationDetails"]["id"], "credlint/org/");
    }
}
