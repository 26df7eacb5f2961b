//! A secret in source meets the credential that it opens.

use std::path::Path;
use std::process::Command;

use credlint::rule::template::expand;
use serde_json::Value;

use crate::program::{AS_OF, Report, file, folder, scan};

const SECRET: &str = "secret.aws-secret-access-key";

/// A key pair in source, and what `aws iam list-access-keys` says of the key.
fn pair(test: &str, status: &str, same: bool) -> Report {
    let folder = folder(test);
    let key = |seed: &str| expand("AKIA{{base32-upper:16}}", seed).unwrap();
    let secret = expand("{{base64:40}}", "secret").unwrap();
    file(
        &folder,
        "source/settings.ini",
        &format!(
            "aws_access_key_id = {}\naws_secret_access_key = {secret}\n",
            key("a")
        ),
    );
    let known = key(if same { "a" } else { "b" });
    file(
        &folder,
        "exports/keys.json",
        &format!(
            r#"{{"AccessKeyMetadata": [{{"UserName": "svc-deploy", "AccessKeyId": "{known}",
               "Status": "{status}", "CreateDate": "2024-10-01T10:00:00+00:00"}}]}}"#
        ),
    );
    scan(&[folder.to_str().unwrap()]).1
}

fn evidence<'v>(finding: &'v Value, field: &str) -> Option<&'v str> {
    let all = finding["evidence"].as_array().unwrap();
    let fact = all.iter().find(|fact| fact["field"] == field)?;
    fact["value"].as_str()
}

fn cause(finding: &Value) -> &str {
    finding["causes"][0]["text"].as_str().unwrap_or_default()
}

#[test]
fn the_demo_has_two_leaked_secrets_whose_owners_are_known() {
    let (_, report) = scan(&["fixtures/demo"]);
    let aws = report.finding(SECRET);
    assert_eq!(evidence(aws, "owner"), Some("platform-team"));
    assert_eq!(evidence(aws, "state"), Some("active"));
    // The list of keys knows its id, and the credential report when it was used.
    let known = cause(aws);
    assert!(known.contains(" key 1 of svc-deploy on aws, by the key id AKIA"));
    assert!(known.contains("last used 2026-11-19"), "{known}");
    let place = &aws["causes"][0]["location"]["path"];
    assert_eq!(place, "fixtures/demo/exports/aws/credential-report.csv");
    let app = report.finding("secret.generic-config-secret");
    assert_eq!(
        evidence(app, "credential"),
        Some("salesforce:client_secret:ERP Sync")
    );
    assert_eq!(evidence(app, "owner"), Some("integrations-team"));
    // Beside its secret the id is no finding of its own, and in the list of keys neither.
    assert!(report.findings("secret.aws-access-key-id").is_empty());
}

#[test]
fn a_key_that_works_is_critical_and_one_that_is_gone_is_low() {
    let live = pair("leak-live", "Active", true);
    assert_eq!(live.finding(SECRET)["severity"], "critical");
    let gone = pair("leak-gone", "Inactive", true);
    assert_eq!(gone.finding(SECRET)["severity"], "low");
    assert!(cause(gone.finding(SECRET)).contains("inactive"));
    let same = |report: &Report| report.finding(SECRET)["fingerprint"].clone();
    assert_eq!(same(&live), same(&gone));
}

/// No export of Salesforce says whether a consumer secret still works: the register's log can.
#[test]
fn a_consumer_secret_that_the_register_says_is_gone_is_low() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let register = std::fs::read_to_string(demo.join("exports/register.yaml")).unwrap();
    let exports = demo.join("exports/salesforce");
    let found = |test: &str, steps: &[&str], as_of: &str| {
        let folder = folder(test);
        let steps: Vec<String> = steps
            .iter()
            .map(|step| {
                format!(
                    "- {{credential: 'salesforce:connected_app:ERP Sync', type: {step}, by: kim}}"
                )
            })
            .collect();
        file(
            &folder,
            "register.yaml",
            &format!("{register}log:\n{}\n", steps.join("\n")),
        );
        let paths = [
            folder.to_str().unwrap(),
            exports.to_str().unwrap(),
            "fixtures/demo/repo/src",
            "--as-of",
            as_of,
        ];
        let (_, report) = scan(&paths);
        let finding = report.finding("secret.generic-config-secret");
        assert_eq!(evidence(finding, "owner"), Some("integrations-team"));
        (
            finding["severity"].as_str().unwrap().to_owned(),
            evidence(finding, "state").unwrap().to_owned(),
        )
    };
    let is = |severity: &str, state: &str| (severity.to_owned(), state.to_owned());
    let retired = ["retired, at: 2026-11-10"];
    assert_eq!(found("leak-retired", &retired, AS_OF), is("low", "revoked"));
    // On that day it was not yet.
    let before = found("leak-before", &retired, "2026-11-09");
    assert_eq!(before, is("critical", "unknown"));
    // The end of the value of before is not the end of the credential.
    let rotated = [
        "rotated, at: 2026-11-09",
        "revoked, at: 2026-11-10",
        "destroyed, at: 2026-11-11",
    ];
    assert_eq!(
        found("leak-rotated", &rotated, AS_OF),
        is("critical", "unknown")
    );
}

#[test]
fn a_key_that_no_export_knows_is_told_as_such() {
    let report = pair("leak-orphan", "Active", false);
    let finding = report.finding(SECRET);
    assert_eq!(finding["severity"], "critical");
    assert!(
        cause(finding).starts_with("No export of aws knows AKIA"),
        "{}",
        cause(finding)
    );
    assert_eq!(evidence(finding, "owner"), None);
}

#[test]
fn a_token_for_a_name_never_leaves_in_clear() {
    let folder = folder("leak-name");
    let token = expand("ghp_{{base62:30}}{{crc32}}", "t").unwrap();
    let text = format!(
        "user: {token}\npassword: \"tR7!{}\"\n",
        expand("{{base62:10}}", "p").unwrap()
    );
    file(&folder, "settings.yaml", &text);
    let (_, report) = scan(&[folder.to_str().unwrap()]);
    assert!(
        !report
            .findings("secret.generic-password-assignment")
            .is_empty()
    );
    assert!(!report.0.to_string().contains(&token));
}

/// Runs git in a folder, at a time.
fn git(folder: &Path, date: &str, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@acme.example"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
}

#[test]
fn a_secret_of_the_history_is_live_unless_it_was_rotated_since() {
    for (committed, fails, passes) in [
        ("2026-03-01T00:00:00Z", 1, 0),
        ("2024-03-01T00:00:00Z", 0, 1),
    ] {
        let test = format!("leak-history-{fails}");
        pair(&test, "Active", true);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("acceptance")
            .join(test);
        let source = folder.join("source");
        git(&source, committed, &["init", "-q", "-b", "main"]);
        git(&source, committed, &["add", "."]);
        git(&source, committed, &["commit", "-q", "-m", "settings"]);
        git(&source, committed, &["rm", "-q", "settings.ini"]);
        git(&source, committed, &["commit", "-q", "-m", "take them out"]);
        let exports = folder.join("exports");
        let (_, report) = scan(&[
            source.to_str().unwrap(),
            "--history",
            "--exports",
            exports.to_str().unwrap(),
        ]);
        assert_eq!(evidence(report.finding(SECRET), "owner"), None);
        assert_eq!(evidence(report.finding(SECRET), "state"), Some("active"));
        let live = report.findings("src.history-secret-live");
        assert_eq!(live.len(), fails, "{committed}");
        let rules = report.0["rules"].as_array().unwrap();
        let rule = rules
            .iter()
            .find(|r| r["id"] == "src.history-secret-live")
            .unwrap();
        assert_eq!(rule["outcome"]["passes"], passes, "{committed}");
    }
}
