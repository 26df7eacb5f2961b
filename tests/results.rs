//! What is done with the results of earlier runs.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const AS_OF: &str = "2026-11-20";

/// A folder of one test, for its results.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("results")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn credlint(line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_credlint"))
        .args(line.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CREDLINT_CONFIG")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// Scans into a file and gives the exit code.
fn scan(target: &str, file: &Path) -> Option<i32> {
    let format = file.extension().unwrap().to_str().unwrap();
    let file = file.display();
    let line = format!(
        "scan {target} --as-of {AS_OF} --no-config --quiet --format {format} --output {file}"
    );
    credlint(&line).status.code()
}

/// Merges results; the exit code and the merged result.
fn merge(files: &[&Path], more: &str) -> (Option<i32>, Value) {
    let files: Vec<_> = files.iter().map(|f| f.display().to_string()).collect();
    let output = credlint(&format!("merge {} --format json {more}", files.join(" ")));
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (output.status.code(), report)
}

fn fingerprints(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|f| f["fingerprint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn shards_come_to_what_one_scan_of_everything_comes_to() {
    let here = folder("shards");
    let shards = ["java", "resources", "scripts"].map(|name| here.join(format!("{name}.json")));
    let parts = ["src/main/java", "src/main/resources", "scripts"];
    for (part, file) in parts.iter().zip(&shards) {
        scan(&format!("fixtures/demo/repo/{part}"), file);
    }
    let whole = here.join("whole.jsonl");
    let all = parts.map(|part| format!("fixtures/demo/repo/{part}"));
    scan(&all.join(" "), &whole);
    let [one, two, three] = &shards;
    let (code, merged) = merge(&[one, two, three], "");
    let (_, whole) = merge(&[&whole], "");
    assert_eq!(code, Some(1));
    assert!(fingerprints(&merged).len() > 2);
    for key in [
        "findings",
        "coverage",
        "rules",
        "conclusion",
        "policy",
        "problems",
    ] {
        assert_eq!(merged[key], whole[key], "{key}");
    }
    assert_eq!(merged["parts"].as_array().unwrap().len(), 3);
}

#[test]
fn a_result_counts_once_whatever_its_form_and_company() {
    let here = folder("once");
    let (json, lines, clean) = (
        here.join("demo.json"),
        here.join("demo.jsonl"),
        here.join("clean.json"),
    );
    scan("fixtures/demo", &json);
    scan("fixtures/demo", &lines);
    assert_eq!(scan("fixtures/clean", &clean), Some(0));
    let both = here.join("both.json");
    let out = format!("--output {}", both.display());
    let files = format!("{} {}", json.display(), clean.display());
    assert_eq!(
        credlint(&format!("merge {files} --format json {out}"))
            .status
            .code(),
        Some(1)
    );
    let (_, once) = merge(&[&json, &clean], "");
    for files in [
        vec![&*clean, &*lines],
        vec![&*both, &*lines, &*json],
        vec![&*both],
        vec![&*both, &*both],
    ] {
        assert_eq!(merge(&files, "").1, once);
    }
}

#[test]
fn the_exit_code_is_that_of_a_scan() {
    let here = folder("exit");
    let [demo, clean, gone] =
        ["demo", "clean", "gone"].map(|name| here.join(format!("{name}.json")));
    scan("fixtures/demo", &demo);
    scan("fixtures/clean", &clean);
    assert_eq!(scan("no-such-folder", &gone), Some(3));
    for (files, more, code) in [
        ([&clean, &clean], "", 0),
        ([&clean, &gone], "", 3),
        ([&demo, &gone], "", 1),
        ([&demo, &clean], "--exit-zero", 0),
        ([&demo, &gone], "--exit-zero", 3),
        ([&demo, &clean], "--fail-on never", 0),
        ([&clean, &clean], "--fail-on info", 0),
    ] {
        let (told, report) = merge(&[files[0], files[1]], more);
        assert_eq!(told, Some(code), "{files:?} {more}");
        assert_eq!(report["complete"], !files.contains(&&gone));
    }
}

#[test]
fn what_is_no_whole_result_is_refused() {
    let here = folder("refused");
    let (json, cut, sarif) = (
        here.join("a.json"),
        here.join("cut.json"),
        here.join("a.sarif"),
    );
    scan("fixtures/clean", &json);
    scan("fixtures/clean", &sarif);
    let bytes = fs::read(&json).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 9]).unwrap();
    for (file, said) in [
        (&cut, "cut off"),
        (&sarif, "SARIF"),
        (&here.join("none"), "cannot read"),
    ] {
        let output = credlint(&format!("merge {} {}", json.display(), file.display()));
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(told.contains(said), "{told}");
        assert!(output.stdout.is_empty());
    }
    let output = credlint(&format!("merge {} --show-secrets", json.display()));
    assert_eq!(output.status.code(), Some(2));
}
