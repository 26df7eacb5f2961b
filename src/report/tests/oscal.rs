//! OSCAL assessment results: the whole of a small report, and what holds for every one.

use std::collections::BTreeSet;

use serde_json::Value;
use snapbox::{assert_data_eq, file};

use super::{parsed, plain, written};
use crate::read::decode::Document;
use crate::report::samples::{empty, hostile, typical};
use crate::report::{Report, VERSION};
use crate::rule::{Controls, Frameworks};

fn with_frameworks(mut report: Report) -> Report {
    let text = include_str!("../../../rules/controls.yaml");
    let controls = Controls::decode(&Document::new("controls.yaml", text)).unwrap();
    report.frameworks = Frameworks::Given(controls.frameworks().to_vec());
    report
}

fn walk<'v>(value: &'v Value, see: &mut dyn FnMut(&'v str, &'v Value)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| walk(value, see)),
        _ => {}
    }
}

#[test]
fn a_small_report_reads_like_this() {
    let text = written("oscal", &with_frameworks(typical()), &plain());
    let text = text.replace(&format!("\"{VERSION}\""), "\"VERSION\"");
    let text = text.replace(&format!("credlint {VERSION}"), "credlint VERSION");
    assert_data_eq!(text, file!["../snapshots/typical.oscal.json"].raw());
}

/// The standard has no empty lists and texts, and what refers to something finds it.
#[test]
fn nothing_is_empty_there_twice_or_refers_to_nothing() {
    for report in [typical(), hostile(), empty()].map(with_frameworks) {
        let document = parsed("oscal", &report, &plain());
        let (mut ids, mut referred) = (Vec::new(), Vec::new());
        walk(&document, &mut |key, value| {
            match value {
                Value::Array(list) => assert!(!list.is_empty(), "{key}"),
                Value::String(text) => assert_eq!(text.trim(), text, "{key}"),
                _ => {}
            }
            assert_ne!(value, "", "{key}");
            match (key, value.as_str()) {
                ("uuid", Some(id)) => ids.push(id),
                ("observation-uuid" | "actor-uuid", Some(id)) => referred.push(id),
                _ => {}
            }
        });
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "a UUID is there twice");
        assert!(referred.iter().all(|id| known.contains(id)));
    }
}

#[test]
fn a_control_is_satisfied_only_if_every_rule_was_evaluated_in_full_and_found_nothing() {
    let report = with_frameworks(typical());
    let document = parsed("oscal", &report, &plain());
    let result = &document["assessment-results"]["results"][0];
    let findings = result["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        let standing = &finding["props"][2]["value"];
        let state = &finding["target"]["status"]["state"];
        assert_eq!(state == "satisfied", standing == "pass", "{finding}");
    }
    assert!(!written("oscal", &report, &plain()).contains("\"cwe\""));
}
