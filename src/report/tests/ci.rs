//! What GitHub's runner and GitLab demand of their formats.

use serde_json::Value;

use super::{parsed, plain, samples, written};
use crate::model::{FingerprintBuilder, Severity};
use crate::report::samples::{empty, first, many, open, org_finding, source_finding, typical};

/// A command: level, properties, message.
type Read = (String, Vec<(String, String)>, String);

/// The commands of a text, as GitHub's runner reads them.
fn commands(text: &str) -> Vec<Read> {
    let decoded = |text: &str, property: bool| {
        let mut text = text.replace("%0D", "\r").replace("%0A", "\n");
        if property {
            text = text.replace("%3A", ":").replace("%2C", ",");
        }
        text.replace("%25", "%")
    };
    let commands = text.lines().filter_map(|line| line.strip_prefix("::"));
    commands
        .map(|line| {
            let (head, message) = line.split_once("::").unwrap();
            let (level, properties) = head.split_once(' ').unwrap();
            let properties = properties.split(',').map(|pair| {
                let (key, value) = pair.split_once('=').unwrap();
                (key.to_owned(), decoded(value, true))
            });
            let message = decoded(message, false);
            (level.to_owned(), properties.collect(), message)
        })
        .collect()
}

#[test]
fn every_line_of_github_is_a_command_but_the_last_which_holds_no_input() {
    for (name, report) in samples() {
        let text = written("github", &report, &plain());
        let lines: Vec<&str> = text.lines().collect();
        let (last, before) = lines.split_last().unwrap();
        assert!(last.starts_with("credlint: "), "{name}");
        for line in before {
            let level = ["::error ", "::warning ", "::notice "];
            assert!(level.iter().any(|l| line.starts_with(l)), "{name}: {line}");
        }
        let findings = report.findings.iter().filter(|j| j.counts()).count();
        let all = findings + report.problems.len();
        let read = commands(&text);
        let more = read
            .iter()
            .filter(|(_, p, _)| p.len() == 1 && p[0].1.starts_with("and "));
        assert_eq!(read.len() - more.count(), all, "{name}");
        for (_, properties, message) in read {
            assert!(!message.is_empty());
            for (key, value) in properties {
                let known = ["file", "line", "endLine", "col", "endColumn", "title"];
                assert!(known.contains(&&*key), "{name}: {key}");
                let number = !["file", "title"].contains(&&*key);
                assert!(
                    !number || value.parse::<u32>().is_ok_and(|n| n > 0),
                    "{name}: {key}"
                );
            }
        }
    }
}

#[test]
fn github_shows_the_most_severe_and_says_how_many_more_there_are() {
    let text = written("github", &many(30), &plain());
    let read = commands(&text);
    let levels: Vec<&str> = read.iter().map(|(level, ..)| level.as_str()).collect();
    // One critical; two inputs that could not be checked, and 29 of medium severity.
    assert_eq!(levels.iter().filter(|l| **l == "error").count(), 1);
    assert_eq!(levels[0], "error");
    let warnings: Vec<_> = read.iter().filter(|(l, ..)| l == "warning").collect();
    assert_eq!(warnings.len(), 2 + 29 + 1);
    assert_eq!(warnings[0].1.last().unwrap().1, "could not be checked");
    assert_eq!(
        warnings[9].1,
        [("title".to_owned(), "and 22 warnings more".to_owned())]
    );

    let mut report = empty();
    report.findings = (0..10)
        .map(|n| open(org_finding("app.x", Severity::High, "u", n)))
        .collect();
    let text = written("github", &report, &plain());
    assert_eq!(commands(&text).len(), 10, "ten are all shown");
}

#[test]
fn github_columns_stand_only_within_one_line() {
    let mut report = empty();
    let mut finding = source_finding("a.pem", 3);
    finding.location.region.end_line = 9;
    report.findings = [open(finding)].into_iter().collect();
    let read = commands(&written("github", &report, &plain()));
    let keys: Vec<&str> = read[0].1.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["file", "line", "endLine", "title"]);
}

#[test]
fn gitlab_has_what_its_reference_demands() {
    for (name, report) in samples() {
        let document = parsed("gitlab", &report, &plain());
        let issues = document.as_array().unwrap();
        let findings = report.findings.iter().filter(|j| j.counts()).count();
        assert_eq!(issues.len(), findings + report.problems.len(), "{name}");
        for issue in issues {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            assert!(!text(&issue["description"]).is_empty());
            assert!(!text(&issue["check_name"]).is_empty());
            assert_eq!(text(&issue["fingerprint"]).len(), 32);
            let severity = text(&issue["severity"]);
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&&*severity));
            let path = text(&issue["location"]["path"]);
            assert!(!path.is_empty() && !path.starts_with(['/']) && !path.starts_with("./"));
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        }
    }
    assert_eq!(written("gitlab", &empty(), &plain()), "[]\n");
}

#[test]
fn gitlab_knows_its_issues_again_and_never_calls_an_incomplete_scan_empty() {
    let mut report = empty();
    report.problems = typical().problems;
    let document = parsed("gitlab", &report, &plain());
    assert_eq!(document.as_array().unwrap().len(), 2);
    assert_ne!(document[0]["fingerprint"], document[1]["fingerprint"]);
    report.findings = [open(source_finding("a.py", 3))].into_iter().collect();
    let document = parsed("gitlab", &report, &plain());
    let mut moved = source_finding("b.py", 33);
    let same = FingerprintBuilder::new("r").finish();
    assert_ne!(moved.fingerprint, same);
    moved.fingerprint = first(&report).finding.fingerprint;
    report.findings = [open(moved)].into_iter().collect();
    let again = parsed("gitlab", &report, &plain());
    assert_eq!(document[0]["fingerprint"], again[0]["fingerprint"]);
    assert_ne!(document[0]["location"], again[0]["location"]);
}
