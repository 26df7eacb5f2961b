//! What holds for every format.

use std::fs;

use crate::program::{AS_OF, credlint, folder};

const FORMATS: [&str; 11] = [
    "text", "json", "sarif", "html", "github", "gitlab", "jsonl", "csv", "junit", "markdown",
    "ocsf",
];

/// The secrets that stand in the demo's files.
const SECRETS: [&str; 6] = [
    "Kq7#vTz2!mLw9x",
    "hT4wZq8NsE2c",
    "Vx3mR7tQw9Zb",
    "n8Ld$2pWyXq5",
    "rB6yNc3KvJ8d",
    "8F3A61C0D47B92E5A1B6C47D08E93F5271D4A8B06C3E9F15D27A84B3C6E05F19",
];

fn report(format: &str, more: &[&str]) -> Vec<u8> {
    let base = [
        "scan",
        "fixtures/demo",
        "--as-of",
        AS_OF,
        "--no-config",
        "--format",
        format,
    ];
    let output = credlint(&[&base, more].concat());
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.stdout.is_empty());
    output.stdout
}

/// The report in every format, of one scan.
fn reports(test: &str, more: &[&str]) -> Vec<(&'static str, Vec<u8>)> {
    let here = folder(test);
    let path = |format: &str| here.join(format);
    let targets = FORMATS.map(|format| format!("--report={format}={}", path(format).display()));
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    report("text", &[&targets, more].concat());
    FORMATS
        .map(|format| (format, fs::read(path(format)).unwrap()))
        .to_vec()
}

#[test]
fn the_same_scan_gives_the_same_bytes_at_any_number_of_threads() {
    let one = reports("threads", &["--threads", "1"]);
    for threads in ["2", "2", "7"] {
        let again = reports("threads", &["--threads", threads]);
        for ((format, one), (_, again)) in one.iter().zip(&again) {
            assert!(one == again, "{format} at {threads} threads");
        }
    }
}

#[test]
fn no_report_holds_a_secret_unless_it_was_asked_for() {
    let mut in_source = String::new();
    for file in [
        "deploy/values.yaml",
        "force-app/main/default/connectedApps/Order_Hub.connectedApp-meta.xml",
        "scripts/nightly_export.py",
        "src/main/java/com/acme/orders/FreightClient.java",
        "src/main/resources/application.properties",
    ] {
        in_source += &fs::read_to_string(format!("fixtures/demo/repo/{file}")).unwrap();
    }
    for secret in SECRETS {
        assert!(
            in_source.contains(secret),
            "{secret} is in no file, so the test shows nothing"
        );
    }
    let mut texts = reports("secrets", &[]);
    for more in [["-v"].as_slice(), &["--color", "always"]] {
        texts.push(("text", report("text", more)));
    }
    for (format, text) in texts {
        let text = String::from_utf8(text).unwrap();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{format}");
            // Not half of one either, in whatever way it is cut.
            assert!(!text.contains(&secret[secret.len() / 2..]), "{format}");
        }
    }
    let shown = String::from_utf8(report("json", &["--show-secrets"])).unwrap();
    assert!(SECRETS.iter().all(|secret| shown.contains(secret)));
}

#[test]
fn one_scan_writes_several_reports_and_each_is_the_one_that_it_would_write_alone() {
    let here = folder("several");
    let path = |format: &str| here.join(format).to_str().unwrap().to_owned();
    let output = credlint(&[
        "scan",
        "fixtures/demo",
        "--as-of",
        AS_OF,
        "--no-config",
        "--report",
        &format!("sarif={}", path("sarif")),
        "--report",
        &format!("json={}", path("json")),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout == report("text", &[]));
    for format in ["sarif", "json"] {
        assert!(
            fs::read(path(format)).unwrap() == report(format, &[]),
            "{format}"
        );
    }
}
