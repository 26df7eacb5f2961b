//! Evidence packs: what is in one, that it is the same each time, and that a change of it is found.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use credlint::rule::template::expand;
use serde_json::Value;
use sha2::{Digest, Sha256};

const AS_OF: &str = "2026-11-20";

fn credlint(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_credlint"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CREDLINT_CONFIG")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// A place for packs, empty.
fn place(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("evidence")
        .join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

fn make(folder: &Path, inputs: &[&str], more: &[&str]) -> Output {
    let folder = folder.to_str().unwrap();
    let base = ["evidence", "--no-config", "--as-of", AS_OF, "--out", folder];
    credlint(&[&base, inputs, more].concat())
}

fn verify(folder: &Path) -> (Option<i32>, String) {
    let output = credlint(&["evidence", "verify", folder.to_str().unwrap()]);
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), said)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap();
    let mut all: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    all.sort();
    all
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_same_inputs_give_the_same_bytes_at_any_number_of_threads() {
    let place = place("same");
    for (name, threads) in [("one", "1"), ("two", "3")] {
        let output = make(
            &place.join(name),
            &["fixtures/demo"],
            &["--threads", threads],
        );
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let (one, two) = (files(&place.join("one")), files(&place.join("two")));
    let names: Vec<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        two.iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
    );
    for ((name, a), (_, b)) in one.iter().zip(&two) {
        assert!(a == b, "{name} differs");
    }
    for name in [
        "README.md",
        "SHA256SUMS",
        "calendar.csv",
        "controls.csv",
        "controls.json",
        "findings.csv",
        "inputs.json",
        "inventory.csv",
        "inventory.json",
        "manifest.json",
        "oscal-assessment-results.json",
        "report.json",
        "report.sarif",
        "report.txt",
        "requirements.json",
        "rules.json",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let guide = String::from_utf8(fs::read(place.join("one/README.md")).unwrap()).unwrap();
    for name in names.iter().filter(|name| **name != "README.md") {
        assert!(
            guide.contains(&format!("`{name}`")),
            "README.md does not tell of {name}"
        );
    }
}

#[test]
fn inputs_and_controls_tell_what_was_read_and_what_each_control_came_to() {
    let place = place("told");
    let pack = place.join("pack");
    assert_eq!(make(&pack, &["fixtures/demo"], &[]).status.code(), Some(0));
    let inputs = json(&pack.join("inputs.json"));
    let files = inputs["files"].as_array().unwrap();
    assert_eq!(inputs["coverage"]["files"], files.len());
    for file in files {
        let bytes = fs::read(file["path"].as_str().unwrap()).unwrap();
        assert_eq!(file["sha256"], sha256(&bytes), "{file}");
        assert_eq!(file["bytes"], bytes.len());
    }
    assert!(
        files
            .iter()
            .any(|f| f["sources"][0] == "salesforce.user" && f["rows"].as_u64() > Some(0))
    );
    assert!(files.iter().any(|f| f["newest"].is_string()));
    assert!(
        files
            .iter()
            .any(|f| f["sources"].as_array().unwrap().is_empty())
    );
    let controls = json(&pack.join("controls.json"));
    let controls = controls["controls"].as_array().unwrap();
    let report = json(&pack.join("report.json"));
    let open = |rule: &str| {
        let all = report["findings"].as_array().unwrap().iter();
        all.filter(|f| f["rule"] == rule && f["verdict"]["state"] == "open")
            .count()
    };
    let mut standings = std::collections::BTreeSet::new();
    for control in controls {
        let standing = control["standing"].as_str().unwrap();
        standings.insert(standing);
        let rules = control["rules"].as_array().unwrap();
        let count: usize = rules
            .iter()
            .map(|rule| open(rule["rule"].as_str().unwrap()))
            .sum();
        assert_eq!(control["open"], count, "{control}");
        assert_eq!(standing == "fail", count > 0, "{control}");
        let whole = rules
            .iter()
            .all(|r| r["not_evaluated"].as_array().unwrap().is_empty());
        assert!(
            standing != "pass" || (whole && !rules.is_empty()),
            "{control}"
        );
    }
    for standing in ["fail", "partly_evaluated", "no_rule"] {
        assert!(
            standings.contains(standing),
            "{standing} is not in {standings:?}"
        );
    }
    let rules = json(&pack.join("rules.json"));
    let rules = rules["rules"].as_array().unwrap();
    assert_eq!(rules.len(), report["rules"].as_array().unwrap().len());
    let age = rules
        .iter()
        .find(|r| r["rule"] == "sec.client-secret-max-age")
        .unwrap();
    assert_eq!(age["parameters"][0]["value"], "365d");
    assert_eq!(age["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_file_that_is_changed_missing_or_added_is_named() {
    let place = place("verify");
    let pack = place.join("pack");
    let output = make(&pack, &["fixtures/demo/exports"], &[]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let digest = sha256(&fs::read(pack.join("manifest.json")).unwrap());
    assert!(
        printed.ends_with(&format!("manifest.json is {digest}\n")),
        "{printed}"
    );
    let (code, text) = verify(&pack);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("files are as they were written"), "{text}");
    let folder = pack.to_str().unwrap();
    for (kept, code) in [(digest.to_uppercase(), 0), ("0".repeat(64), 1)] {
        let output = credlint(&["evidence", "verify", folder, "--manifest-sha256", &kept]);
        assert_eq!(output.status.code(), Some(code));
    }
    let file = pack.join("inventory.csv");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    fs::remove_file(pack.join("rules.json")).unwrap();
    fs::write(pack.join("note.txt"), "x").unwrap();
    fs::create_dir(pack.join("more")).unwrap();
    let (code, text) = verify(&pack);
    assert_eq!(code, Some(1));
    assert_eq!(
        text,
        "changed: inventory.csv\nadded: more\nadded: note.txt\nmissing: rules.json\n"
    );
}

#[test]
fn only_an_earlier_pack_is_replaced_and_nothing_else() {
    let place = place("replace");
    let pack = place.join("pack");
    let again = |more: &[&str]| make(&pack, &["fixtures/demo/exports"], more);
    assert_eq!(again(&[]).status.code(), Some(0));
    let output = again(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("--force"), "{}", said(&output));
    assert_eq!(again(&["--force"]).status.code(), Some(0));
    assert_eq!(verify(&pack).0, Some(0));
    fs::write(pack.join("mine.txt"), "mine").unwrap();
    let output = again(&["--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("`mine.txt`, which is not of its pack"),
        "{}",
        said(&output)
    );
    let other = place.join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("mine.txt"), "mine").unwrap();
    let output = make(&other, &["fixtures/demo/exports"], &["--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("holds no evidence pack"),
        "{}",
        said(&output)
    );
    assert_eq!(fs::read(other.join("mine.txt")).unwrap(), b"mine");
    fs::remove_file(pack.join("mine.txt")).unwrap();
    let output = make(&pack, &[place.to_str().unwrap()], &["--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("evidence for the new one"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_manifest_is_no_way_out_of_the_folder() {
    let place = place("escape");
    fs::write(place.join("precious.txt"), "x").unwrap();
    let pack = place.join("pack");
    assert_eq!(
        make(&pack, &["fixtures/demo/exports"], &[]).status.code(),
        Some(0)
    );
    let manifest = pack.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("\"rules.json\"", "\"../precious.txt\""),
    )
    .unwrap();
    assert_eq!(verify(&pack).0, Some(2));
    let output = make(&pack, &["fixtures/demo/exports"], &["--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(place.join("precious.txt").exists());
    for text in ["", "{}", "[", "{\"schema\": 1}"] {
        fs::write(&manifest, text).unwrap();
        assert_eq!(verify(&pack).0, Some(2), "{text}");
    }
}

#[test]
fn no_file_of_a_pack_holds_a_secret() {
    let place = place("secret");
    let secret = expand("ghp_{{base62:30}}{{checksum:github-crc32}}", "pack").unwrap();
    let source = place.join("src");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("app.py"), format!("TOKEN = \"{secret}\"\n")).unwrap();
    let pack = place.join("pack");
    let output = make(
        &pack,
        &[source.to_str().unwrap(), "fixtures/demo/exports"],
        &[],
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&pack.join("report.json"));
    let found = report["findings"].as_array().unwrap().iter();
    assert!(
        found
            .clone()
            .any(|f| f["rule"].as_str().unwrap().starts_with("secret.github"))
    );
    for (name, bytes) in files(&pack) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&secret), "{name} holds the secret");
        assert!(
            !text.contains(&secret[8..32]),
            "{name} holds most of the secret"
        );
    }
    let policy = place.join("policy.yaml");
    fs::write(&policy, format!("# token = \"{secret}\"\nversion: 1\n")).unwrap();
    let other = place.join("other");
    let output = credlint(&[
        "evidence",
        "--config",
        policy.to_str().unwrap(),
        "--out",
        other.to_str().unwrap(),
        "fixtures/demo/exports",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("holds a secret"),
        "{}",
        said(&output)
    );
    assert!(!said(&output).contains(&secret));
    assert!(!other.exists());
}

#[test]
fn what_could_not_be_checked_is_in_the_pack_and_in_the_exit_code() {
    let place = place("incomplete");
    let pack = place.join("pack");
    let output = make(&pack, &["fixtures/exports/salesforce"], &[]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert_eq!(json(&pack.join("manifest.json"))["complete"], false);
    let inputs = json(&pack.join("inputs.json"));
    let files = inputs["files"].as_array().unwrap();
    let cut = files.iter().find(|f| {
        f["path"]
            .as_str()
            .unwrap()
            .ends_with("users.rest-truncated.json")
    });
    assert!(
        cut.unwrap()["problems"][0]
            .as_str()
            .unwrap()
            .contains("more rows exist")
    );
    assert_eq!(verify(&pack).0, Some(0));
}
