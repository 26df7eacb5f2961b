//! What holds for every format, and the whole of each on a typical report.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;
use snapbox::{assert_data_eq, file};

use super::samples::{
    at, empty, hostile, many, open, org_finding, secret_value, source_finding, typical, waived,
};
use super::{Color, FORMATS, Format, Report, SarifWaived, ShowSecrets, Style, sarif};
use crate::model::{Cause, Severity};
use crate::rule::RuleMeta;

fn written(format: &str, report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    (Format::named(format).unwrap().write)(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn parsed(format: &str, report: &Report, style: &Style) -> Value {
    serde_json::from_str(&written(format, report, style)).unwrap()
}

fn plain() -> Style {
    Style::default()
}

fn colored() -> Style {
    Style {
        color: Color::Always,
        ..plain()
    }
}

fn with_waived() -> Style {
    Style {
        sarif_waived: SarifWaived::Include,
        ..plain()
    }
}

/// Everything that the samples can be, by name.
fn samples() -> Vec<(&'static str, Report)> {
    vec![
        ("empty", empty()),
        ("typical", typical()),
        ("hostile", hostile()),
        ("many", many(50)),
    ]
}

#[test]
fn a_typical_report_reads_like_this() {
    let report = typical();
    assert_data_eq!(
        written("text", &report, &plain()),
        file!["snapshots/typical.txt"].raw()
    );
    assert_data_eq!(
        written("json", &report, &plain()),
        file!["snapshots/typical.json"].raw()
    );
    assert_data_eq!(
        written("sarif", &report, &with_waived()),
        file!["snapshots/typical.sarif"].raw()
    );
    assert_data_eq!(
        written("text", &empty(), &plain()),
        file!["snapshots/empty.txt"].raw()
    );
    assert_data_eq!(
        written("text", &hostile(), &plain()),
        file!["snapshots/hostile.txt"].raw()
    );
}

#[test]
fn no_format_holds_a_secret_unless_asked() {
    let (report, secret) = (typical(), secret_value());
    let shown = Style {
        show_secrets: ShowSecrets::Show,
        ..with_waived()
    };
    for format in FORMATS {
        for style in [plain(), colored(), with_waived()] {
            assert!(
                !written(format.name, &report, &style).contains(&secret),
                "{}",
                format.name
            );
        }
        let told = written(format.name, &report, &shown).contains(&secret);
        assert_eq!(told, format.name != "sarif", "{}", format.name);
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for format in FORMATS {
        for (name, report) in samples() {
            let (one, two) = (
                written(format.name, &report, &plain()),
                written(format.name, &report, &plain()),
            );
            assert_eq!(one, two, "{} {name}", format.name);
        }
    }
}

#[test]
fn no_report_holds_a_byte_that_a_terminal_obeys() {
    for format in FORMATS {
        let text = written(format.name, &hostile(), &plain());
        let bad = text
            .chars()
            .find(|c| *c != '\n' && super::visible::hazardous(*c));
        assert_eq!(bad, None, "{}", format.name);
    }
    let colors = Regex::new("\u{1b}\\[[0-9;]+m").unwrap();
    let text = written("text", &hostile(), &colored());
    let rest = colors.replace_all(&text, "");
    assert!(!rest.contains('\u{1b}'));
    assert_eq!(
        rest,
        written("text", &hostile(), &plain()),
        "colour changes no text"
    );
}

#[test]
fn hostile_text_comes_back_from_json_unchanged() {
    let report = hostile();
    let document = parsed("json", &report, &plain());
    let finding = &document["findings"][0];
    assert_eq!(finding["message"], super::samples::HOSTILE);
    assert_eq!(
        finding["location"]["path"],
        report.findings[0].finding.location.path.as_str()
    );
}

#[test]
fn the_verdict_never_says_more_than_was_checked() {
    let last = |report: &Report| {
        written("text", report, &plain())
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned()
    };
    let mut report = empty();
    assert_eq!(
        last(&report),
        "CLEAN: every rule was evaluated, no findings"
    );

    report.problems = typical().problems;
    assert_eq!(last(&report), "INCOMPLETE: 2 inputs could not be checked");
    assert!(
        !written("text", &report, &plain())
            .to_lowercase()
            .contains("clean")
    );
    report.problems.clear();

    report.outcomes[0].passes = 0;
    assert_eq!(
        last(&report),
        "PASSED: no finding of severity high or above; 1 rule could not be evaluated, wholly or \
         in part"
    );

    report.rules.clear();
    report.outcomes.clear();
    assert_eq!(last(&report), "NOTHING CHECKED: no rule ran");

    let text = written("text", &typical(), &plain());
    assert!(text.ends_with(
        "WAIVERS ENDED: w-3 (ask Bob Jones)\nFAILED: 2 findings of severity high or above\n\
         INCOMPLETE: 2 inputs could not be checked\n"
    ));
}

#[test]
fn json_holds_one_finding_per_line() {
    let text = written("json", &many(50), &plain());
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("{\"rule\":"))
            .count(),
        50
    );
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("{\"ruleId\":"))
            .count(),
        0
    );
    let text = written("sarif", &many(50), &plain());
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("{\"ruleId\":"))
            .count(),
        50
    );
}

#[test]
fn json_keeps_to_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../schema/credlint-report-v1.schema.json")).unwrap();
    let shown = Style {
        show_secrets: ShowSecrets::Show,
        ..plain()
    };
    for style in [plain(), shown] {
        for (name, report) in samples() {
            let faults = faults(&schema, &schema, &parsed("json", &report, &style), "$");
            assert_eq!(faults, Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn the_schema_check_finds_faults() {
    let schema: Value =
        serde_json::from_str(include_str!("../../schema/credlint-report-v1.schema.json")).unwrap();
    let good = parsed("json", &typical(), &plain());
    for (pointer, value) in [
        ("/schema", Value::from("credlint-report/2")),
        ("/as_of", Value::from("yesterday")),
        ("/conclusion/exit_code", Value::from(2)),
        ("/findings/0/severity", Value::from("severe")),
        ("/findings/0/location/start_line", Value::from("one")),
        (
            "/findings/0/verdict",
            serde_json::json!({"state": "waived"}),
        ),
        ("/rules/0", serde_json::json!({})),
        ("/notes", serde_json::json!([1])),
        (
            "/tool",
            serde_json::json!({"name": "credlint", "version": "1", "extra": 1}),
        ),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!faults(&schema, &schema, &bad, "$").is_empty(), "{pointer}");
    }
}

/// Checks the part of JSON Schema that the report's schema uses; any other keyword is a fault.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let fine = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "examples" | "format" => true,
            "$ref" => {
                let target = root.pointer(&rule.as_str().unwrap()[1..]).unwrap();
                all.extend(faults(root, target, value, at));
                true
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|ty| is_of_type(value, ty)),
                ty => is_of_type(value, ty),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_u64().is_none_or(|n| n >= rule.as_u64().unwrap()),
            "pattern" => value
                .as_str()
                .is_none_or(|s| Regex::new(rule.as_str().unwrap()).unwrap().is_match(s)),
            "required" => value.as_object().is_none_or(|members| {
                rule.as_array()
                    .unwrap()
                    .iter()
                    .all(|key| members.contains_key(key.as_str().unwrap()))
            }),
            "properties" => {
                for (key, schema) in rule.as_object().unwrap() {
                    if let Some(member) = value.get(key) {
                        all.extend(faults(root, schema, member, &format!("{at}.{key}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(rule, &Value::Bool(false));
                let known = schema["properties"].as_object().unwrap();
                value
                    .as_object()
                    .is_none_or(|members| members.keys().all(|k| known.contains_key(k)))
            }
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    all.extend(faults(root, rule, item, &format!("{at}[{n}]")));
                }
                true
            }
            "oneOf" => {
                let fitting = rule.as_array().unwrap().iter();
                fitting
                    .filter(|schema| faults(root, schema, value, at).is_empty())
                    .count()
                    == 1
            }
            other => panic!("the check does not know the keyword {other}"),
        };
        if !fine {
            all.push(format!("{at}: {keyword}: {value}"));
        }
    }
    all
}

fn is_of_type(value: &Value, ty: &Value) -> bool {
    match ty.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    }
}

/// What GitHub demands of every file; over any of it the whole upload is refused.
#[test]
fn sarif_holds_what_github_demands() {
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
fn sarif_severities_are_well_inside_githubs_ranges() {
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
fn sarif_rule_texts_are_filled_and_within_limits() {
    let mut report = empty();
    let meta: &mut RuleMeta = Arc::get_mut(&mut report.rules[0]).unwrap();
    meta.title = "日".repeat(2_000);
    meta.description = "é".repeat(2_000);
    meta.tags = (0..30).map(|n| format!("tag{n}")).collect();
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
    (meta.title, meta.description) = (String::new(), " ".to_owned());
    meta.remediation.clear();
    let log = parsed("sarif", &report, &plain());
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["fullDescription"]["text"], "secret.github-token");
    assert!(rule.get("name").is_none(), "a name may not equal the id");
}

#[test]
fn sarif_leaves_waived_findings_out_unless_asked() {
    let report = typical();
    let results = |style: &Style| parsed("sarif", &report, style)["runs"][0]["results"].clone();
    let omitted = results(&plain());
    assert_eq!(omitted.as_array().unwrap().len(), 3);
    assert!(omitted[0].get("suppressions").is_none());
    let included = results(&with_waived());
    let suppressed: Vec<usize> = included
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["suppressions"].as_array().unwrap().len())
        .collect();
    assert_eq!(suppressed, [0, 0, 0, 1]);
}

#[test]
fn sarif_keeps_the_most_severe_25_000_and_says_so() {
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
fn sarif_never_drops_an_open_finding_for_a_waived_one() {
    let mut report = many(25_000);
    report.findings[0] = waived(source_finding("src/main.py", 1));
    report.findings.push(open(org_finding(
        "app.secret-age",
        Severity::Medium,
        "last",
        1,
    )));
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
fn sarif_cuts_the_places_of_one_result_and_says_so() {
    let mut report = empty();
    let mut finding = source_finding("src/main.py", 1);
    finding.places = (2..2_000).map(|line| at("src/main.py", line)).collect();
    finding.causes = vec![Cause {
        text: "it".to_owned(),
        location: Some(at("src/x.py", 1)),
    }];
    report.findings = vec![open(finding)];
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
fn sarif_says_whether_the_scan_was_complete_and_nothing_of_when_it_ran() {
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
fn sarif_has_a_category_only_when_asked() {
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

#[test]
fn a_broken_pipe_is_told_as_one() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in FORMATS {
        for report in [empty(), many(2_000)] {
            let error = (format.write)(&report, &plain(), &mut Closed).unwrap_err();
            assert_eq!(
                error.kind(),
                std::io::ErrorKind::BrokenPipe,
                "{}",
                format.name
            );
        }
    }
}
