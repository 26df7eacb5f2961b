//! Every form in which vendors write points in time, "never" and "not known": `fixtures/times` holds a
//! small file of each, and of each what it means is held here.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::program::{AS_OF, credlint, file, folder, scan};

/// A file, the key of an item in it, and what the inventory knows of that item.
type Told = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const TOLD: &[Told] = &[
    ("Idp.crt-meta.xml", "Idp", "expires=2026-11-20T23:59:59Z"),
    ("Never.profilePasswordPolicy-meta.xml", "integration", "expires=never"),
    ("aws-epoch.json", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "rotated=2023-01-11T22:56:21Z last_used=2025-11-19T00:00:00Z"),
    ("aws-iso-fraction.json", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "rotated=2023-01-11T22:56:21Z"),
    ("aws-keys-z.json", "AKIAXXXXFAKE", "rotated=2023-01-11T22:56:21Z"),
    ("aws-report-offset.csv", "arn:aws:iam::123456789012:user/dana key 2", "rotated=2020-01-01T00:00:00Z last_used=never"),
    ("aws-report-offset.csv", "arn:aws:iam::123456789012:user/dana", "rotated=2024-02-01T00:00:00Z last_used=2026-10-11T15:27:35Z expires=2026-12-01T00:00:00Z"),
    ("aws-report-offset.csv", "arn:aws:iam::123456789012:user/dana key 1", "rotated=2024-10-01T10:00:00Z last_used=2026-11-19T21:00:00Z"),
    ("aws-report-root.csv", "arn:aws:iam::123456789012:root key 1", "rotated=2019-02-01T00:00:00Z last_used=2026-11-01T00:00:00Z"),
    ("aws-report-z.csv", "arn:aws:iam::123456789012:user/dana", "rotated=2024-02-01T00:00:00Z last_used=never expires=never"),
    ("aws-report-z.csv", "arn:aws:iam::123456789012:user/dana key 1", "rotated=2024-10-01T10:00:00Z last_used=never"),
    ("doppler.json", "s1", "rotated=2024-01-01T00:00:00Z expires=never"),
    ("entra-app.json", "ERP / 00000000-0000-0000-0000-0000000000s1", "rotated=2021-03-05T17:05:55Z expires=never"),
    ("entra-user.json", "00000000-0000-0000-0000-0000000000e1", "rotated=2020-01-01T00:00:00Z expires=never"),
    ("gcp-keys.json", "projects/acme/serviceAccounts/etl@acme.iam.gserviceaccount.com/keys/fake1", "rotated=2022-05-26T17:35:07Z expires=never"),
    ("github-deploy-key.json", "https://api.github.com/repos/acme/app/keys/1", "rotated=2021-12-10T15:53:42Z last_used=never"),
    ("github-grant.json", "9", "rotated=2023-05-16T15:47:09Z last_used=2026-01-03T04:47:09Z expires=never"),
    ("gitlab-deploy-token.json", "gitlab+deploy-token-1", "expires=2026-12-01T08:30:00Z"),
    ("gitlab-token.json", "4", "rotated=2024-07-22T14:56:11Z last_used=never expires=2026-12-01T00:00:00Z"),
    ("gitlab-token.json", "5", "rotated=2024-07-22T14:56:11Z last_used=2026-03-15T11:05:42Z expires=never"),
    ("oauth-tokens.json", "A:005000000000001AAA:2024-01-12T10:02:00Z", "rotated=2024-01-12T10:02:00Z last_used=never"),
    ("oauth-tokens.json", "B:005000000000001AAA:2024-01-12T10:02:00Z", "rotated=2024-01-12T10:02:00Z last_used=2026-11-01T00:00:00Z"),
    ("okta-token.json", "00T1", "rotated=2023-01-01T00:00:00Z last_used=2026-11-15T00:00:00Z"),
    ("postgres.csv", "a_day", "expires=2026-12-31T00:00:00Z"),
    ("postgres.csv", "b_zone", "expires=2026-12-30T18:30:00Z"),
    ("postgres.csv", "c_ever", "expires=never"),
    ("postgres.csv", "d_null", "expires=never"),
    ("postgres.json", "a_day", "expires=2026-12-31T00:00:00Z"),
    ("postgres.json", "c_ever", "expires=never"),
    ("postgres.json", "d_null", "expires=never"),
    ("salesforce-certificate-day.json", "Idp", "expires=2026-11-20T23:59:59Z"),
    ("salesforce-data-loader.csv", "005000000000001AAA", "rotated=2026-08-16T09:26:38Z last_used=never"),
    ("salesforce-rest.json", "005000000000001AAA", "rotated=2026-08-16T09:26:38Z last_used=2026-11-19T07:59:59Z"),
    ("servicenow-stored.csv", "13985114ef6cf84491320d9436a549cb", "last_used=2026-11-19T22:15:03Z"),
    ("vault-kv.json", "vault-kv", "rotated=2025-01-15T03:10:26Z"),
    ("vault-lease.json", "FAKE2", "rotated=2024-01-01T00:00:00Z expires=2026-12-01T00:00:00Z"),
    ("vault-token.json", "FAKE", "rotated=2024-01-01T00:00:00Z expires=never"),
];

/// Logs tell of what another export lists: the file, and what the inventory then knows.
const LOGGED: &[(&str, &str)] = &[
    ("event-log.csv", "last_used=2026-11-19T23:10:04Z"),
    // The derived time is empty, and the raw one has no marks.
    ("event-log-raw-time.csv", "last_used=2026-11-19T23:10:04Z"),
];

/// What makes no credential, and the rule that tells of it.
const RULED: &[(&str, &str)] = &[
    ("Eca.ecaOauthPlcy-meta.xml", "tok.refresh-infinite"),
    ("Endless.connectedApp-meta.xml", "tok.refresh-infinite"),
    ("aws-report-no-password.csv", "sec.long-lived-key"),
    ("servicenow-display.csv", "data.zone-unknown"),
    ("setup-page-day-first.csv", "data.date-unreadable"),
];

const LISTED: &str = "fixtures/times/named-credentials.csv";

fn items(paths: &[&str]) -> Vec<Value> {
    let arguments = [&["inventory", "--format", "json", "--as-of", AS_OF], paths].concat();
    let output = credlint(&arguments);
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    inventory["items"].as_array().unwrap().clone()
}

fn known(item: &Value) -> String {
    let facts = ["rotated", "last_used", "expires"].into_iter();
    let filled = facts.filter_map(|fact| Some((fact, item[fact]["value"].as_str()?)));
    let each = filled.map(|(fact, value)| format!("{fact}={value}"));
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_form_of_a_time_means_what_its_vendor_means() {
    let files: BTreeSet<&str> = TOLD.iter().map(|(file, ..)| *file).collect();
    for file in files {
        let told: BTreeSet<(String, String)> = items(&[&format!("fixtures/times/{file}")])
            .iter()
            .map(|item| {
                let id = item["id"].as_str().unwrap().splitn(3, ':');
                (id.last().unwrap().to_owned(), known(item))
            })
            .filter(|(_, known)| !known.is_empty())
            .collect();
        let meant = TOLD.iter().filter(|(of, ..)| *of == file);
        let meant = meant.map(|(_, key, known)| ((*key).to_owned(), (*known).to_owned()));
        assert_eq!(told, meant.collect(), "{file}");
    }
}

#[test]
fn times_of_logs_are_those_of_what_they_tell_of() {
    assert_eq!(known(&items(&[LISTED])[0]), "");
    for (file, meant) in LOGGED {
        let items = items(&[LISTED, &format!("fixtures/times/{file}")]);
        assert_eq!(known(&items[0]), *meant, "{file}");
    }
}

#[test]
fn forms_that_make_no_credential_are_told_by_rules() {
    for (file, rule) in RULED {
        let (_, report) = scan(&[&format!("fixtures/times/{file}")]);
        assert_eq!(
            report.findings(rule).len(),
            1,
            "{file}: {:?}",
            report.pairs()
        );
    }
}

#[test]
fn the_setup_page_in_the_zone_and_the_order_of_another_country_is_not_guessed_at() {
    let unread = |file: &str| {
        let (_, report) = scan(&[&format!("fixtures/times/{file}")]);
        report.findings("data.date-unreadable").len()
    };
    assert_eq!(unread("setup-page.csv"), 0);
    assert_eq!(unread("setup-page-day-first.csv"), 1);
}

#[test]
fn every_file_of_the_folder_is_held_to_something() {
    let folder = fs::read_dir("fixtures/times").unwrap();
    let there: BTreeSet<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let held = TOLD.iter().map(|(file, ..)| *file);
    let held = held.chain(LOGGED.iter().chain(RULED).map(|(file, _)| *file));
    let others = [
        "Security.settings-meta.xml",
        "named-credentials.csv",
        "setup-page.csv",
    ];
    let held: BTreeSet<String> = held.chain(others).map(str::to_owned).collect();
    assert_eq!(there, held);
}

/// A date that cannot be read: the file, the rule that then has no answer, and the column.
const UNREAD: &[(&str, &str, &str)] = &[
    ("sf.csv", "pw.age", "LastPasswordChangeDate (1)"),
    ("sn.csv", "hyg.unused-account", "last_login_time"),
    (
        "aws.csv",
        "sec.api-key-max-age",
        "access_key_1_last_rotated (1)",
    ),
    ("gitlab.json", "sec.api-key-max-age", "created_at (1)"),
];

#[test]
fn a_date_that_cannot_be_read_is_not_known_counted_and_told() {
    for (file, rule, column) in UNREAD {
        let (_, report) = scan(&[&format!("fixtures/unread/{file}")]);
        assert!(report.findings(rule).is_empty(), "{file}");
        let why = report.not_evaluated(rule);
        assert!(why.contains("cannot be read"), "{file}: {why}");
        let told = ["data.date-unreadable", "data.zone-unknown"].map(|rule| report.findings(rule));
        let [finding] = told.concat()[..] else {
            panic!("{file}: {:?}", report.pairs());
        };
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(column), "{file}: {message}");
    }
}

/// A column that is absent: the file, and by rule the column and how many records wait for it.
const COLUMNS: &[(&str, &str, &str, u64)] = &[
    ("sf.csv", "pw.age", "LastPasswordChangeDate", 2),
    ("sf.csv", "hyg.unused-account", "LastLoginDate", 2),
    ("sn.csv", "hyg.unused-account", "last_login_time", 1),
    (
        "aws.csv",
        "tok.unused-key",
        "access_key_1_last_used_date",
        1,
    ),
    ("gitlab.json", "tok.unused-key", "last_used_at", 1),
    ("pg.csv", "pg.no-valid-until", "rolvaliduntil", 2),
];

#[test]
fn a_column_that_is_absent_leaves_its_rules_without_an_answer_once_with_its_name() {
    for (file, rule, column, subjects) in COLUMNS {
        let path = format!("fixtures/columns/{file}");
        let (_, report) = scan(&[&path]);
        assert!(report.findings(rule).is_empty(), "{file}");
        let rules = report.0["rules"].as_array().unwrap();
        let of_rule = rules.iter().find(|r| r["id"] == *rule).unwrap();
        let reasons = of_rule["outcome"]["not_evaluated"].as_array().unwrap();
        assert_eq!(reasons.len(), 1, "{file} {rule}: {reasons:?}");
        assert_eq!(
            reasons[0]["reason"],
            format!("{file} has no column {column}")
        );
        assert_eq!(reasons[0]["subjects"], *subjects);
    }
}

#[test]
fn an_account_whose_keys_do_not_tell_their_use_is_not_called_unused() {
    let (_, report) = scan(&["fixtures/columns/aws.csv"]);
    assert!(report.findings("hyg.unused-cloud-account").is_empty());
    assert!(!report.not_evaluated("hyg.unused-cloud-account").is_empty());
}

/// Two exports that disagree: rows that differ in one cell, and the fact that is then in conflict.
const DISAGREE: &[(&str, &str, &str, &str, &str)] = &[
    (
        "csv",
        "Id,Username,IsActive,CreatedDate\n1,svc.a,@,2024-01-01T00:00:00Z\n",
        "true",
        "false",
        "state",
    ),
    (
        "csv",
        "\"sys_id\",\"user_name\",\"name\",\"active\",\"web_service_access_only\",\"manager\"\n\"13985114ef6cf84491320d9436a549cb\",\"svc.mid\",\"MID\",\"true\",\"true\",\"@\"\n",
        "Dana",
        "Lee",
        "owner",
    ),
    (
        "json",
        r#"[{"id":4,"name":"ci","revoked":false,"created_at":"2024-07-22T14:56:11Z","scopes":["api"],"user_id":3,"last_used_at":null,"active":true,"expires_at":"@"}]"#,
        "2026-12-01",
        "2027-12-01",
        "expires",
    ),
    (
        "csv",
        "rolname,rolcanlogin,rolvaliduntil\na,t,@\n",
        "2026-12-31 00:00:00+00",
        "infinity",
        "expires",
    ),
];

#[test]
fn of_two_exports_that_disagree_both_are_kept_and_the_conflict_is_told() {
    let here = folder("disagree");
    for (number, (ending, text, one, other, fact)) in (0..).zip(DISAGREE) {
        let paths = [("a", one), ("b", other)].map(|(name, cell)| {
            let name = format!("{number}-{name}.{ending}");
            file(&here, &name, &text.replace('@', cell))
        });
        let items = items(&paths.each_ref().map(String::as_str));
        let [item] = &items[..] else {
            panic!("{fact}: {items:?}");
        };
        assert_eq!(item["conflicts"].to_string(), format!("[{fact:?}]"));
        let evidence = item["evidence"].as_array().unwrap().iter();
        let said: BTreeSet<&str> = evidence
            .filter(|e| e["fact"] == *fact)
            .map(|e| e["path"].as_str().unwrap().rsplit('/').next().unwrap())
            .collect();
        let both = paths.iter().map(|path| path.rsplit('/').next().unwrap());
        assert_eq!(said, both.collect());
    }
}
