//! More findings than memory is meant to hold.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::AS_OF;

/// Enough that the findings wait on the disk.
const ROWS: usize = 30_000;

/// An export of which every row breaks a rule; some stand in it twice.
fn export(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let mut rows =
        "Id,Username,IsActive,UserType,PasswordNeverExpires,LastLoginDate,CreatedDate\n".to_owned();
    for row in 0..ROWS {
        let user = row * 7919 % (ROWS - ROWS / 10);
        writeln!(
            rows,
            "005{user:012}AAA,svc.{user:05}@acme.example,true,Standard,true,\
             2026-11-19T00:00:00.000+0000,2020-01-01T00:00:00.000+0000"
        )
        .unwrap();
    }
    let path = folder.join("User.csv");
    std::fs::write(&path, rows).unwrap();
    path
}

fn scan(path: &PathBuf, format: &str, environment: &[(&str, &str)], threads: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_credlint"))
        .args(["scan", "--no-config", "--as-of", AS_OF, "--format", format])
        .args(["--threads", threads, "--only", "pw.never-expires"])
        .arg(path)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn many_findings_come_in_order_and_none_is_lost_or_told_twice() {
    let path = export("many");
    let output = scan(&path, "jsonl", &[], "1");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let findings: Vec<Value> = lines
        .filter(|line: &Value| line["type"] == "finding")
        .collect();
    assert_eq!(findings.len(), ROWS - ROWS / 10);
    let places = |finding: &Value| finding["places"].as_array().unwrap().len() + 1;
    assert_eq!(findings.iter().map(places).sum::<usize>(), ROWS);
    let line = |finding: &Value| finding["location"]["start_line"].as_u64().unwrap();
    assert!(findings.is_sorted_by_key(line));
    let again = scan(&path, "jsonl", &[], "4");
    assert!(text.as_bytes() == again.stdout);
}

/// What would be lost is told, and no report pretends to be whole.
#[cfg(target_os = "linux")]
#[test]
fn without_a_folder_for_temporary_files_the_scan_says_so() {
    let path = export("homeless");
    let output = scan(&path, "jsonl", &[("TMPDIR", "/no/such/folder")], "2");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("cannot keep findings in the folder for temporary files"),
        "{told}"
    );
    assert!(told.contains("TMPDIR"), "{told}");
}
