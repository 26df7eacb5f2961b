//! Exports that went through other programs before they got here: written as YAML or as a table, in what
//! another tool answers, below lines of a log, under a name with a day behind it. Where such a file is what the
//! user names, a scan that read nothing of it is no all-clear.

use std::fs;

use crate::pack::{archive, gzip, zipped};
use crate::program::{Report, file, folder, scan};

const KEY: &str = r#"{"id":1,"key":"ssh-ed25519 AAAA","title":"ci","read_only":true,"created_at":"2020-01-01T00:00:00Z"}"#;
const TOKEN: &str = r#"{"id":4,"name":"ci","revoked":false,"created_at":"2020-01-01T00:00:00Z","scopes":["api"],"user_id":3,"active":true,"expires_at":null}"#;
const ROLES: &str = "rolname,rolsuper,rolcanlogin,rolvaliduntil\nada,t,t,\n";

fn of_text(test: &str, name: &str, text: &str) -> (i32, Report) {
    scan(&[&file(&folder(&format!("reshaped-{test}")), name, text)])
}

/// What is said of what could not be read.
fn messages(report: &Report) -> Vec<&str> {
    let problems = report.0["problems"].as_array().unwrap().iter();
    problems.map(|p| p["message"].as_str().unwrap()).collect()
}

/// That a scan of such a file alone says that it holds an export of which nothing was read.
fn told(test: &str, name: &str, text: &str, words: &str) {
    let (code, report) = of_text(test, name, text);
    let said = messages(&report);
    assert_eq!(code, 3, "{test}: {said:?}");
    assert!(said.iter().any(|m| m.contains(words)), "{test}: {said:?}");
}

#[test]
fn an_export_in_another_form_is_told() {
    for (test, name, text) in [
        (
            "yaml",
            "keys.yaml",
            "- id: 1\n  title: ci\n  read_only: true\n  created_at: 2020-01-01T00:00:00Z\n",
        ),
        (
            "csv",
            "keys.csv",
            "id,title,read_only,created_at\n1,ci,true,2020-01-01T00:00:00Z\n",
        ),
    ] {
        told(test, name, text, "GitHub deploy keys");
    }
    let lines = KEY.replace("\"read_only\"", "\"readOnly\"");
    told("respelt", "keys.jsonl", &lines, "GitHub deploy keys");
}

#[test]
fn an_export_in_an_answer_of_another_program_is_told() {
    let text = serde_json::Value::from(format!("[{TOKEN}]"));
    for (test, text) in [
        ("ansible", format!(r#"{{"rc": 0, "stdout": {text}}}"#)),
        ("flow", format!(r#"[{{"json": {TOKEN}}}]"#)),
        (
            "deep",
            format!(r#"{{"a":{{"b":{{"c":{{"d":[{TOKEN}]}}}}}}}}"#),
        ),
        ("in yaml", format!("[{TOKEN}]")),
    ] {
        let name = if test == "in yaml" {
            "t.yaml"
        } else {
            "t.json"
        };
        told(test, name, &text, "GitLab personal");
    }
}

#[test]
fn a_table_below_other_lines_is_told() {
    for (test, above) in [
        ("log", "WARNING: slow, 3 s\n"),
        ("title", "Roles, of 19 Nov\n"),
        ("letters", "A,B,C,D\n"),
        ("fence", "```csv, as exported\n"),
    ] {
        let text = format!("{above}{ROLES}");
        told(test, "roles.csv", &text, "PostgreSQL roles) from line 2 on");
    }
}

#[test]
fn an_export_under_a_name_of_no_kind_is_told_where_it_is_named() {
    let json = format!("[{TOKEN}]");
    told("day", "tokens.json.2026-11-01", &json, "GitLab personal");
    let page = format!("# Tokens\n\n```json\n{json}\n```\n");
    told("page", "tokens.md", &page, "from line 4 on");
    let yaml = "- UserName: svc\n  AccessKeyId: AKIA0000000000000001\n  Status: Active\n";
    told("yaml text", "keys.txt", yaml, "name it `.yaml`");
    let code = format!("KEYS = {json}\n");
    let (exit, report) = of_text("code", "keys.py", &code);
    assert_eq!((exit, messages(&report)), (0, Vec::new()));
}

#[test]
fn a_page_that_lies_beside_exports_is_none() {
    let here = folder("reshaped-beside");
    file(&here, "tokens.json", &format!("[{TOKEN}]"));
    file(&here, "README.md", &format!("```json\n{KEY}\n```\n"));
    let (_, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!(messages(&report), Vec::<&str>::new());
}

#[test]
fn what_is_packed_is_read_or_told_whatever_it_is_called() {
    let here = folder("reshaped-packed");
    let json = format!("[{TOKEN}]");
    let packed = here.join("tokens.bin");
    fs::write(&packed, gzip(json.as_bytes())).unwrap();
    let (code, report) = scan(&[packed.to_str().unwrap()]);
    assert_eq!(code, 1, "{:?}", messages(&report));
    report.finding("sec.api-key-max-age");
    let members = here.join("handover.zip");
    let both = [
        zipped("readme.txt", b"hello"),
        zipped("tokens.txt", json.as_bytes()),
    ];
    fs::write(&members, archive(&both)).unwrap();
    let (code, report) = scan(&[members.to_str().unwrap()]);
    assert_eq!(code, 3);
    let said = messages(&report);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("name it `.json`"), "{said:?}");
}

#[test]
fn records_within_something_of_which_a_part_is_known_are_told() {
    let apps = fs::read_to_string("fixtures/exports/azure/graph-applications.json").unwrap();
    let apps: serde_json::Value = serde_json::from_str(&apps).unwrap();
    let each = apps["value"].as_array().unwrap().iter();
    let each: Vec<_> = each.map(|app| serde_json::json!({ "json": app })).collect();
    let (_, report) = of_text("apps", "apps.json", &serde_json::to_string(&each).unwrap());
    let message = "has its records (Entra applications) in `json`";
    let said = messages(&report);
    assert!(said.iter().any(|m| m.contains(message)), "{said:?}");
}

#[test]
fn of_thousands_of_files_so_many_are_looked_through() {
    let folder = folder("reshaped-many");
    for number in 0..100 {
        let text = format!(r#"{{"rc": {number}, "a": {{"b": {{"c": {{"d": [{TOKEN}]}}}}}}}}"#);
        file(&folder, &format!("{number:03}.json"), &text);
    }
    let (code, report) = scan(&[folder.to_str().unwrap()]);
    let held = |m: &&&str| m.contains("holds an export");
    assert_eq!(
        (code, messages(&report).iter().filter(held).count()),
        (3, 64)
    );
}
