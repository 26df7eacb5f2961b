//! What readers of the formats for other programs rely on.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::schema::faults;
use super::{plain, samples, written};
use crate::report::samples::{HOSTILE, empty, hostile, many, typical};
use crate::report::{Report, ShowSecrets, Style};

fn lines(format: &str, report: &Report) -> Vec<Value> {
    let text = written(format, report, &plain());
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn json_lines_keep_to_their_schema() {
    let schema: Value = serde_json::from_str(include_str!(
        "../../../schema/credlint-lines-v1.schema.json"
    ))
    .unwrap();
    let shown = Style {
        show_secrets: ShowSecrets::Show,
        ..plain()
    };
    for (name, report) in samples() {
        for style in [plain(), shown.clone()] {
            for line in written("jsonl", &report, &style).lines() {
                let line = serde_json::from_str(line).unwrap();
                let faults = faults(&schema, &schema, &line, "$");
                assert_eq!(faults, Vec::<String>::new(), "{name}");
            }
        }
    }
    for bad in [
        r#"{"type":"other"}"#,
        r#"{"type":"note"}"#,
        r#"{"type":"note","text":"x","more":1}"#,
        r#"{"text":"x"}"#,
    ] {
        let line = serde_json::from_str(bad).unwrap();
        assert!(!faults(&schema, &schema, &line, "$").is_empty(), "{bad}");
    }
}

#[test]
fn json_lines_say_what_json_says() {
    for (name, report) in samples() {
        let document = super::parsed("json", &report, &plain());
        let lines = lines("jsonl", &report);
        let of = |ty: &str| {
            let of = lines.iter().filter(|line| line["type"] == ty);
            of.map(|line| {
                let mut line = line.clone();
                line.as_object_mut().unwrap().remove("type");
                line
            })
            .collect::<Vec<_>>()
        };
        for (key, ty) in [
            ("findings", "finding"),
            ("problems", "problem"),
            ("inputs", "input"),
        ] {
            assert_eq!(document[key], Value::from(of(ty)), "{name} {key}");
        }
        let mut rules = of("rule");
        for rule in &mut rules {
            let reasons = of("not_evaluated").into_iter();
            let reasons = reasons
                .filter(|line| line["rule"] == rule["id"])
                .map(|mut line| {
                    line.as_object_mut().unwrap().remove("rule");
                    line
                });
            rule["outcome"]["not_evaluated"] = reasons.collect();
        }
        assert_eq!(document["rules"], Value::from(rules), "{name}");
        let (first, last) = (&lines[0], &lines[lines.len() - 1]);
        assert_eq!(first["type"], "header");
        for key in ["tool", "as_of", "policy"] {
            assert_eq!(document[key], first[key], "{name} {key}");
        }
        assert_eq!(last["type"], "summary");
        for key in ["complete", "conclusion", "coverage"] {
            assert_eq!(document[key], last[key], "{name} {key}");
        }
    }
}

/// The schema of lines repeats that of the report, since a file of schemas must stand alone.
#[test]
fn the_two_schemas_agree() {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let report = read(include_str!(
        "../../../schema/credlint-report-v1.schema.json"
    ));
    let lines = read(include_str!(
        "../../../schema/credlint-lines-v1.schema.json"
    ));
    for (name, definition) in lines["$defs"].as_object().unwrap() {
        assert_eq!(*definition, report["$defs"][name], "{name}");
    }
    let line = |ty: &str| {
        let mut all = lines["oneOf"].as_array().unwrap().iter();
        all.find(|line| line["properties"]["type"]["const"] == ty)
            .unwrap()
    };
    let of_report = &report["properties"];
    for (ty, whole) in [
        ("finding", &report["$defs"]["finding"]),
        ("problem", &report["$defs"]["problem"]),
        ("input", &of_report["inputs"]["items"]),
    ] {
        for (key, member) in whole["properties"].as_object().unwrap() {
            assert_eq!(line(ty)["properties"][key], *member, "{ty} {key}");
        }
    }
    let rule = report["$defs"]["rule"]["properties"].as_object().unwrap();
    for (key, member) in rule.iter().filter(|(key, _)| *key != "outcome") {
        assert_eq!(line("rule")["properties"][key], *member, "{key}");
    }
    for (ty, key) in [
        ("header", "policy"),
        ("summary", "coverage"),
        ("summary", "conclusion"),
    ] {
        assert_eq!(line(ty)["properties"][key], of_report[key], "{key}");
    }
}

/// The rows of a table, as RFC 4180 reads them.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted);
    rows
}

#[test]
fn every_row_of_csv_has_every_column_and_nothing_is_missing() {
    for (name, report) in samples() {
        let rows = rows(&written("csv", &report, &plain()));
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{name}");
        let of = |what: &str| rows.iter().filter(|row| row[0] == what).count();
        assert_eq!(of("finding"), report.findings.len(), "{name}");
        assert_eq!(of("could not be checked"), report.problems.len(), "{name}");
        let reasons = report.outcomes.iter().map(|o| o.reasons().count());
        assert_eq!(of("not evaluated"), reasons.sum::<usize>(), "{name}");
    }
}

#[test]
fn no_cell_of_csv_is_a_formula() {
    let mut report = typical();
    report.findings.edit(|findings| {
        for (judged, start) in findings.iter_mut().zip(["=", "+", "-", "@", "＝"]) {
            judged.finding.message = format!("{start}HYPERLINK(\"http://e.vil\")");
            judged.finding.subject.name = format!("{start}1");
        }
    });
    for row in rows(&written("csv", &report, &plain())) {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '＝']), "{cell}");
        }
    }
}

/// How often each element stands in a document, and what its head counts.
fn xml(text: &str) -> (Vec<String>, Vec<(String, String)>) {
    let mut reader = Reader::from_str(text);
    let (mut elements, mut head) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    let value = attribute.value.into_owned();
                    assert!(!value.contains('<'), "{value}");
                    if name == "testsuite" {
                        head.push((key, value));
                    }
                }
                elements.push(name);
            }
            Event::Eof => return (elements, head),
            _ => {}
        }
    }
}

#[test]
fn junit_is_well_formed_counts_right_and_is_as_red_as_the_exit_code() {
    for (name, report) in samples() {
        let (elements, head) = xml(&written("junit", &report, &plain()));
        let of = |what: &str| elements.iter().filter(|e| *e == what).count();
        for (key, element) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            let told = head.iter().find(|(k, _)| k == key).unwrap();
            assert_eq!(told.1, of(element).to_string(), "{name} {key}");
        }
        assert_eq!(of("failure"), report.failing().count(), "{name}");
        assert_eq!(of("error"), report.problems.len(), "{name}");
    }
}

#[test]
fn a_page_of_markdown_keeps_within_its_limit_and_says_what_it_leaves_out() {
    let page = written("markdown", &many(20_000), &plain());
    assert!(page.len() <= 1_000_000, "{}", page.len());
    assert!(page.len() > 990_000, "{}", page.len());
    let rows = page
        .lines()
        .filter(|l| l.contains("src/main.py:1") || l.contains("users.csv:"));
    let left_out = 20_000 - rows.count();
    let shown = crate::report::visible::Count(left_out as u64, "finding");
    assert!(page.contains(&format!("full: {shown} more")), "{left_out}");
    assert!(page.find("| critical | **").unwrap() < page.find("| medium | **").unwrap());
    let page = written("markdown", &typical(), &plain());
    assert!(!page.contains("full"));
    assert!(page.contains("## credlint: failed"));
    assert!(written("markdown", &empty(), &plain()).contains("## credlint: passed"));
}

#[test]
fn nothing_in_a_page_of_markdown_is_markup_of_an_input() {
    let page = written("markdown", &hostile(), &plain());
    assert!(HOSTILE.contains("<b>") && HOSTILE.contains("[x](http://"));
    for line in page.lines() {
        // In code nothing is markup.
        let text: String = line.split('`').step_by(2).collect();
        assert!(
            !text.contains("<b>") && !text.contains("[x](http://"),
            "{line}"
        );
    }
}

#[test]
fn ocsf_has_what_its_classes_demand() {
    for (name, report) in samples() {
        let events = lines("ocsf", &report);
        assert_eq!(events.len(), report.findings.len() + 1, "{name}");
        for event in &events {
            let class = event["class_uid"].as_u64().unwrap();
            let activity = event["activity_id"].as_u64().unwrap();
            assert_eq!(event["type_uid"], class * 100 + activity);
            assert!(event["time"].is_i64() && event["severity_id"].is_u64());
            assert_eq!(event["metadata"]["version"], "1.8.0");
            match class {
                6007 => assert!(event["scan"]["type_id"].is_u64()),
                2003 => assert!(event["compliance"]["requirements"].is_array()),
                2004 => assert!(event["evidences"][0]["file"]["name"].is_string()),
                other => panic!("{other}"),
            }
            if class != 6007 {
                assert!(event["finding_info"]["uid"].is_string());
            }
        }
        let (id, status) = if report.complete() { (2, 1) } else { (6, 2) };
        assert_eq!(events[0]["activity_id"], id, "{name}");
        assert_eq!(events[0]["status_id"], status, "{name}");
        let alerts = events.iter().filter(|event| event["is_alert"] == true);
        let failing = report.failing().filter(|j| j.finding.secret.is_some());
        assert_eq!(alerts.count(), failing.count(), "{name}");
    }
}
