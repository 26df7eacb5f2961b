//! How sure a finding is depends on where it stands; what is less sure than asked for is counted.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::cmd::{Command, cargo_bin};

/// A fresh folder of one test, with files in it.
fn folder(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("confidence")
        .join(test);
    let _ = fs::remove_dir_all(&root);
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// A password that a person might choose, in pieces here.
fn chosen() -> String {
    format!("password = \"{}\"\n", ["hV9", "xT2q", "Lm7"].concat())
}

/// A secret that a machine made.
fn made() -> String {
    let value = ["m9X1UaVJ3d1X", "n9j5E3bDy0K1", "2EVWxJZw"].concat();
    format!("client_secret = \"{value}\"\n")
}

fn run(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(cargo_bin!("credlint"))
        .current_dir(folder)
        .env_remove("CREDLINT_CONFIG")
        .args(args)
        .assert()
        .get_output()
        .clone();
    String::from_utf8(output.stdout).unwrap()
}

/// Path and confidence of each finding, how many fails the rules count, and the notes.
fn scan(folder: &Path, level: &str) -> (Vec<String>, u64, String) {
    let fixed = ["scan", ".", "--as-of", "2026-11-20", "--no-config"];
    let rest = ["--min-confidence", level, "--format", "json"];
    let report: Value = serde_json::from_str(&run(folder, &[&fixed[..], &rest].concat())).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.map(|f| {
        let path = f["location"]["path"].as_str().unwrap();
        format!("{path} {}", f["confidence"].as_str().unwrap())
    });
    let rules = report["rules"].as_array().unwrap().iter();
    let fails = rules.map(|r| r["outcome"]["fails"].as_u64().unwrap()).sum();
    (told.collect(), fails, report["notes"].to_string())
}

#[test]
fn a_password_in_a_sample_of_a_test_is_counted_and_shown_on_request() {
    let here = folder(
        "test",
        &[
            ("tests/login.py", &chosen()),
            ("tests/docs/login.py", &chosen().replace("hV", "hW")),
            ("tests/docs/a.py", &made()),
        ],
    );
    let (told, fails, notes) = scan(&here, "medium");
    assert_eq!(told, ["tests/login.py medium", "tests/docs/a.py medium"]);
    assert_eq!(fails, 3, "a doubtful finding is no pass");
    assert!(notes.contains("1 finding in source of less than medium confidence"));
    let (told, fails, notes) = scan(&here, "low");
    assert_eq!(told.len(), 3);
    assert!(
        told.contains(&"tests/docs/login.py low".to_owned()),
        "{told:?}"
    );
    assert_eq!((fails, notes.as_str()), (3, "[]"));
}

#[test]
fn a_secret_is_as_sure_as_in_its_surest_place_and_keeps_all_of_them() {
    let both = [("src/a.py", &*chosen()), ("tests/a.py", &chosen())];
    let here = folder("both", &both);
    let (told, fails, notes) = scan(&here, "medium");
    assert_eq!(told, ["src/a.py medium"]);
    assert_eq!((fails, notes.as_str()), (2, "[]"));
}

#[test]
fn what_a_machine_made_is_sure_where_nothing_speaks_against_its_place() {
    let files = [
        ("a.py", &*made()),
        ("b.py", &chosen()),
        ("tests/c.py", &made().replace("m9", "m8")),
    ];
    let here = folder("made", &files);
    let (mut told, ..) = scan(&here, "medium");
    told.sort();
    assert_eq!(told, ["a.py high", "b.py medium", "tests/c.py medium"]);
    let (told, fails, notes) = scan(&here, "high");
    assert_eq!(told, ["a.py high"]);
    assert_eq!(fails, 3, "what is less sure is counted");
    assert!(notes.contains("2 findings in source of less than high confidence"));
    let why = run(&here, &["explain", "--at", "a.py:1"]);
    assert!(
        why.contains("surer than its rule, because a machine made the value"),
        "{why}"
    );
}

#[test]
fn explain_says_what_makes_a_finding_less_sure() {
    let here = folder("explain", &[("docs/tests/a.md", &chosen())]);
    let told = run(&here, &["explain", "--at", "docs/tests/a.md:1"]);
    for part in [
        "low confidence; a scan shows it with `--min-confidence low` only",
        "less sure, because it stands in a test",
        "less sure, because it stands in documentation or a sample",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_comment_that_documents_lowers_what_somebody_chose_and_not_what_a_prefix_proves() {
    let chosen = chosen();
    let token = ["glrt-", "m9X1UaVJ3d1Xn9j5E3bD"].concat();
    let plugin = format!(
        "EXAMPLES = '''\n- login:\n    {}'''\n{}",
        chosen,
        chosen.replace("hV", "hW")
    );
    let files: &[(&str, &str)] = &[
        ("a.rs", &format!("/// {chosen}")),
        ("b.rs", &format!("// {}", chosen.replace("hV", "hX"))),
        ("c.rs", &format!("/// let token = \"{token}\";\n")),
        ("plugin.py", &plugin.replace("hV", "hY")),
    ];
    let here = folder("comments", files);
    let (mut told, ..) = scan(&here, "low");
    let expected = [
        "a.rs low",
        "b.rs medium",
        "c.rs high",
        "plugin.py low",
        "plugin.py medium",
    ];
    told.sort();
    assert_eq!(told, expected);
    let why = run(&here, &["explain", "--at", "plugin.py:3"]);
    assert!(
        why.contains("less sure, because it stands in a comment that documents code"),
        "{why}"
    );
}

#[test]
fn reports_for_people_tell_how_sure_a_finding_is() {
    let here = folder("told", &[("a.py", &chosen())]);
    let fixed = [
        "scan",
        ".",
        "--as-of",
        "2026-11-20",
        "--no-config",
        "--format",
    ];
    for format in ["text", "junit", "markdown"] {
        let told = run(&here, &[&fixed[..], &[format]].concat());
        assert!(told.contains("medium confidence"), "{format}: {told}");
    }
}
