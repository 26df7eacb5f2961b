//! One key that two exports of AWS tell of: the credential report by the slot of its user, the list of
//! keys by its id. Whatever of the two is there, a key is one credential and one subject of findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::program::{AS_OF, Report, credlint, file, folder, scan};

const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
    access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
    access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service\n";

/// One user of a report: name, account and both keys, each as `active,made,used`.
fn row(user: &str, account: &str, keys: [&str; 2]) -> String {
    let [one, two] = keys.map(|key| format!("{key},us-east-1,s3"));
    format!(
        "{user},arn:aws:iam::{account}:user/{user},2020-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,{one},{two}\n"
    )
}

fn report(here: &Path, name: &str, rows: &[String]) -> String {
    file(here, name, &format!("{HEAD}{}", rows.concat()))
}

/// A list of keys: user, id, status and when it was made.
fn list(here: &Path, name: &str, keys: &[(&str, &str, &str, &str)]) -> String {
    let keys = keys.iter().map(|(user, id, status, made)| {
        format!(
            r#"{{"UserName":"{user}","AccessKeyId":"{id}","Status":"{status}","CreateDate":{made}}}"#
        )
    });
    let keys = keys.collect::<Vec<_>>().join(",");
    file(here, name, &format!(r#"{{"AccessKeyMetadata":[{keys}]}}"#))
}

const OLD: &str = "true,2023-01-01T10:00:00+00:00,2026-11-19T00:00:00+00:00";
const NEW: &str = "true,2026-02-01T10:00:00+00:00,2026-11-19T00:00:00+00:00";
const NONE: &str = "false,N/A,N/A";

fn keys(paths: &[&str]) -> Vec<Value> {
    let arguments = [&["inventory", "--format", "json", "--as-of", AS_OF], paths].concat();
    let inventory: Value = serde_json::from_slice(&credlint(&arguments).stdout).unwrap();
    let items = inventory["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["kind"] == "access_key")
        .cloned()
        .collect()
}

fn ids(paths: &[&str]) -> BTreeSet<String> {
    let all = keys(paths).into_iter();
    all.map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// How often each rule tells of a key.
fn counts(report: &Report) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for finding in report.0["findings"].as_array().unwrap() {
        if finding["subject"]["kind"] == "access_key" {
            *counts.entry(finding["rule"].as_str().unwrap()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn a_key_in_a_report_and_in_a_list_is_one_and_told_once() {
    let here = folder("keys");
    let users = [row("svc", "123456789012", [OLD, NEW])];
    let report = report(&here, "report.csv", &users);
    // In the forms of the newer and of the older command line: seconds, and with a fraction.
    let made = [r#""2023-01-01T10:00:00+00:00""#, "1769940000.25"];
    let list = list(
        &here,
        "list.json",
        &[
            ("svc", "AKIAXXXXFAKE1", "Active", made[0]),
            ("svc", "AKIAXXXXFAKE2", "Active", made[1]),
        ],
    );
    let slots = ids(&[&report]);
    assert_eq!(slots.len(), 2);
    assert_eq!(ids(&[&list]).len(), 2);
    let (alone, listed) = (scan(&[&report]).1, scan(&[&list]).1);
    for order in [[&report, &list], [&list, &report]] {
        let both = order.map(String::as_str);
        assert_eq!(ids(&both), slots);
        let both = scan(&both).1;
        assert_eq!(counts(&both), counts(&alone));
        let prints = |report: &Report| -> BTreeSet<String> {
            let all = report.0["findings"].as_array().unwrap().iter();
            all.map(|f| format!("{} {} {}", f["rule"], f["subject"], f["fingerprint"]))
                .collect()
        };
        assert_eq!(prints(&both), prints(&alone));
    }
    for (rule, count) in counts(&listed) {
        assert_eq!(counts(&alone)[rule], count, "{rule}");
    }
    assert_eq!(counts(&listed)["sec.api-key-max-age"], 1);
}

#[test]
fn a_key_in_a_slot_is_known_by_its_id_too_and_by_what_both_exports_say() {
    let here = folder("keys-known");
    let users = [row("svc", "123456789012", [OLD, NONE])];
    let report = report(&here, "report.csv", &users);
    let made = r#""2023-01-01T10:00:00+00:00""#;
    let list = list(
        &here,
        "list.json",
        &[("svc", "AKIAXXXXFAKE1", "Inactive", made)],
    );
    let keys = keys(&[&list, &report]);
    let [key] = &keys[..] else {
        panic!("{keys:?}");
    };
    assert!(key["identifiers"].to_string().contains("AKIAXXXXFAKE1"));
    // The report is hours old; that somebody has switched the key off since is told, not settled.
    assert_eq!(key["conflicts"].to_string(), r#"["state"]"#);
    let (_, scanned) = scan(&[&list, &report]);
    assert_eq!(scanned.findings("sec.api-key-max-age").len(), 1);
}

#[test]
fn keys_that_cannot_be_told_apart_by_the_second_stay_apart() {
    let here = folder("keys-same-second");
    let made = r#""2023-01-01T10:00:00+00:00""#;
    // Two of one user at once, the same user in two accounts, and more keys than the slots hold.
    let cases = [
        (
            vec![row("svc", "123456789012", [OLD, OLD])],
            vec!["A", "B"],
            4,
        ),
        (
            vec![
                row("svc", "123456789012", [OLD, NONE]),
                row("svc", "210987654321", [OLD, NONE]),
            ],
            vec!["A"],
            3,
        ),
        (
            vec![row("svc", "123456789012", [OLD, NONE])],
            vec!["A", "B"],
            3,
        ),
    ];
    for (number, (rows, listed, count)) in (0..).zip(cases) {
        let report = report(&here, &format!("{number}.csv"), &rows);
        let listed: Vec<_> = listed
            .iter()
            .map(|id| ("svc", *id, "Active", made))
            .collect();
        let list = list(&here, &format!("{number}.json"), &listed);
        assert_eq!(ids(&[&report, &list]).len(), count, "{number}");
        let told = |paths: &[&str]| scan(paths).1.findings("sec.api-key-max-age").len();
        assert_eq!(told(&[&report, &list]), count, "{number}");
    }
}

#[test]
fn a_slot_that_has_another_key_by_now_is_not_taken_for_the_key_of_before() {
    let here = folder("keys-replaced");
    let other = row("etl", "123456789012", [OLD, NONE]);
    let older = other.replace("2026-11-19", "2026-08-01");
    let before = report(
        &here,
        "a.csv",
        &[
            row("svc", "123456789012", [OLD, NONE]).replace("2026-11-19", "2026-08-01"),
            older,
        ],
    );
    let after = report(
        &here,
        "b.csv",
        &[row("svc", "123456789012", [NEW, NONE]), other],
    );
    let made = r#""2023-01-01T10:00:00+00:00""#;
    let list = list(
        &here,
        "list.json",
        &[("svc", "AKIAXXXXFAKE1", "Active", made)],
    );
    let found = ids(&[&before, &after, &list]);
    assert!(found.contains("aws:access_key:AKIAXXXXFAKE1"), "{found:?}");
    assert_eq!(found.len(), 3);
}

#[test]
fn a_list_that_joins_a_report_between_two_days_is_no_change_of_any_key() {
    let here = folder("keys-diff");
    let users = [row("svc", "123456789012", [OLD, NEW])];
    let made = [
        r#""2023-01-01T10:00:00+00:00""#,
        r#""2026-02-01T10:00:00+00:00""#,
    ];
    let keys = [
        ("svc", "A", "Active", made[0]),
        ("svc", "B", "Active", made[1]),
    ];
    report(&here, "both/report.csv", &users);
    report(&here, "report/report.csv", &users);
    list(&here, "both/list.json", &keys);
    list(&here, "list/list.json", &keys);
    let path = |name: &str| here.join(name).to_str().unwrap().to_owned();
    for (old, new) in [
        ("report", "both"),
        ("list", "both"),
        ("both", "list"),
        ("both", "report"),
    ] {
        let diff = ["diff", "--no-config", "--format", "json", "--as-of", AS_OF];
        let paths = [path(old), path(new)];
        let paths = paths.each_ref().map(String::as_str);
        let output = credlint(&[&diff[..], &paths].concat());
        let drift: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
        let changes = drift["changes"].as_array().unwrap().iter();
        let of_keys: Vec<&Value> = changes
            .filter(|change| change["what"] == "appeared" || change["what"] == "vanished")
            .collect();
        assert!(of_keys.is_empty(), "{old} {new}: {of_keys:#?}");
    }
}
