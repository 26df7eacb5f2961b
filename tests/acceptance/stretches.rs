//! Exports so long that several threads read one: what comes out is what one thread makes of it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use crate::program::AS_OF;

const ROWS: usize = 3_000;

/// What nobody reads and makes an export long.
const LONG: usize = 700;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// One user in so many ways that every part of an answer has something to hold.
fn user(row: usize) -> [String; 7] {
    let user = row * 7919 % (ROWS - ROWS / 10);
    let login = match row % 11 {
        0 => String::new(),
        1 => "yesterday".to_owned(),
        _ => format!(
            "2026-{:02}-{:02}T00:00:00.000+0000",
            row % 12 + 1,
            row % 28 + 1
        ),
    };
    [
        format!("005{user:012}AAA"),
        format!("svc.{user:05}@acme.example"),
        if row.is_multiple_of(13) {
            String::new()
        } else {
            (!row.is_multiple_of(3)).to_string()
        },
        "Standard".to_owned(),
        row.is_multiple_of(5).to_string(),
        login,
        "2020-01-01T00:00:00.000+0000".to_owned(),
    ]
}

const NAMES: [&str; 7] = [
    "Id",
    "Username",
    "IsActive",
    "UserType",
    "PasswordNeverExpires",
    "LastLoginDate",
    "CreatedDate",
];

/// `odd` makes a row other than it should be.
fn csv(odd: impl Fn(usize) -> Option<&'static str>) -> String {
    let mut text = NAMES.join(",") + ",Name,Note\n";
    for row in 0..ROWS {
        let name = odd(row).unwrap_or("\"Bot, the \"\"third\"\"\nof\nall\"");
        let note = "n".repeat(LONG);
        writeln!(text, "{},{name},{note}", user(row).join(",")).unwrap();
    }
    text
}

fn records() -> impl Iterator<Item = serde_json::Value> {
    (0..ROWS).map(|row| {
        let cells = NAMES
            .iter()
            .zip(user(row))
            .map(|(name, cell)| match cell.as_str() {
                "" => ((*name).to_owned(), json!(null)),
                "true" | "false" => ((*name).to_owned(), json!(cell == "true")),
                _ => ((*name).to_owned(), json!(cell)),
            });
        let mut record: serde_json::Map<_, _> = cells.collect();
        record.insert("Note".to_owned(), json!("n".repeat(LONG)));
        record.into()
    })
}

fn scan(path: &Path, format: &str, threads: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_credlint"))
        .args(["scan", "--no-config", "--as-of", AS_OF, "--format", format])
        .args(["--threads", threads])
        .arg(path)
        .output()
        .unwrap()
}

/// The reports of one thread are those of any other number.
fn agree(folder: &Path) {
    let one = scan(folder, "json", "1");
    let told = String::from_utf8_lossy(&one.stderr);
    assert!(one.stdout.len() > 100_000, "{told}");
    for threads in ["2", "8"] {
        let many = scan(folder, "json", threads);
        assert_eq!(one.status.code(), many.status.code());
        let same = one.stdout == many.stdout;
        assert!(same, "{} by {threads} threads", folder.display());
        assert_eq!(one.stderr, many.stderr);
    }
}

#[test]
fn a_long_csv_export_is_judged_alike_at_any_number_of_threads() {
    let here = folder("long-csv");
    std::fs::write(here.join("User.csv"), csv(|_| None)).unwrap();
    agree(&here);
    // Rows that hide where others end, rows that are none, and more of them than are told.
    let odd = |row| match row {
        1_501 => Some("5\" disk"),
        2_000..2_040 => Some("x,y"),
        2_500 => Some("\"a\"b"),
        2_700 => Some("5\" disk\" and \"more"),
        _ => None,
    };
    let text = csv(odd);
    std::fs::write(here.join("User.csv"), &text).unwrap();
    agree(&here);
    // One that is cut off within a quoted field.
    std::fs::write(here.join("User.csv"), &text[..text.len() - 712]).unwrap();
    agree(&here);
}

#[test]
fn a_long_json_export_is_judged_alike_at_any_number_of_threads() {
    let here = folder("long-json");
    let all: Vec<_> = records().collect();
    let lines: String = all.iter().map(|record| format!("{record}\n")).collect();
    for (name, text) in [
        ("User.jsonl", lines.as_str()),
        ("User.json", &serde_json::to_string(&all).unwrap()),
        ("User.json", &serde_json::to_string_pretty(&all).unwrap()),
        (
            "User.json",
            &json!({"status": 0, "result": {"records": all, "totalSize": ROWS + 1, "done": true}})
                .to_string(),
        ),
        (
            "User.jsonl",
            &lines.replacen("\"svc.01500", "\"svc.\\q1500", 1),
        ),
    ] {
        std::fs::write(here.join(name), text).unwrap();
        agree(&here);
        std::fs::remove_file(here.join(name)).unwrap();
    }
}

#[test]
fn two_long_exports_of_the_same_users_are_judged_alike_at_any_number_of_threads() {
    let here = folder("long-two");
    let old = csv(|_| None).replace("T00:00:00.000+0000,2020", "T00:00:00.000+0000,2019");
    std::fs::write(here.join("old.csv"), old.replace("2026-1", "2025-1")).unwrap();
    let lines: String = records()
        .skip(ROWS / 2)
        .map(|record| format!("{record}\n"))
        .collect();
    std::fs::write(here.join("new.jsonl"), lines).unwrap();
    agree(&here);
}

#[test]
fn a_long_file_has_its_secrets_where_they_stand_at_any_number_of_threads() {
    let here = folder("long-text");
    let secret = |n: usize| {
        format!(
            "password = \"{}{n:04}\"\n",
            ["hV9", "xT2q", "Lm7Zr"].concat()
        )
    };
    // A line of another length, so that lines lie across every sixteenth mebibyte.
    let filler = "nothing stands in this line of a log \u{20ac}\r\n";
    let (mut text, mut lines) = (String::new(), Vec::new());
    for line in 1.. {
        // Thick around these places, and one in a while elsewhere.
        let near = (text.len() + 4096) % (16 << 20) < 8192 && text.len() > 4096;
        if near || line % 50_000 == 0 {
            text += &secret(lines.len());
            lines.push(line);
        } else if text.len() > 36 << 20 {
            break;
        } else {
            text += filler;
        }
    }
    assert!(lines.len() > 400, "{}", lines.len());
    std::fs::write(here.join("app.log"), text).unwrap();
    agree(&here);
    let report: serde_json::Value =
        serde_json::from_slice(&scan(&here, "json", "2").stdout).unwrap();
    let found = report["findings"].as_array().unwrap().iter();
    let mut found: Vec<u64> = found
        .map(|finding| finding["location"]["start_line"].as_u64().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(found, lines);
    assert_eq!(report["coverage"]["searched"], 1);
}
