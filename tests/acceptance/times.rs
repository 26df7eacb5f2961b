//! What cannot be read of times and columns, and exports that disagree: each is told, and nothing is made up.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{AS_OF, credlint, file, folder, scan};

fn items(paths: &[&str]) -> Vec<Value> {
    let arguments = [&["inventory", "--format", "json", "--as-of", AS_OF], paths].concat();
    let output = credlint(&arguments);
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    inventory["items"].as_array().unwrap().clone()
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

#[test]
fn a_column_that_no_form_reads_leaves_the_scan_incomplete_and_a_slip_in_a_row_does_not() {
    let here = folder("unread-columns");
    let row = |at: usize, login: &str, active: &str| {
        format!("{at},svc.{at}@acme.example,{active},Standard,{login},2020-10-30T08:00:00.000Z\n")
    };
    let users = |name: &str, cells: &[(&str, &str)]| {
        let rows = cells.iter().enumerate();
        let rows: String = rows.map(|(at, cells)| row(at, cells.0, cells.1)).collect();
        let head = "Id,Username,IsActive,UserType,LastLoginDate,CreatedDate\n";
        scan(&[&file(&here, name, &format!("{head}{rows}"))])
    };
    let good = "2026-11-19T08:00:00.000Z";
    let told = [
        (
            "words.csv",
            ["31. Okt. 2026", "1. Nov. 2026", ""].map(|login| (login, "true")),
            "LastLoginDate",
        ),
        (
            "most.csv",
            [good, "31. Okt. 2026", "31.10.2026 08:00:00"].map(|login| (login, "true")),
            "LastLoginDate",
        ),
        (
            "answers.csv",
            ["Kyllä on", "Ei ole", "Ei ole"].map(|active| (good, active)),
            "IsActive",
        ),
    ];
    for (name, cells, column) in told {
        let (code, report) = users(name, &cells);
        let [(kind, path)] = report.problems()[..] else {
            panic!("{name}: {:?}", report.problems());
        };
        assert_eq!((code, kind), (3, "malformed"), "{name}");
        let message = report.0["problems"][0]["message"].as_str().unwrap();
        assert!(
            path.ends_with(name) && message.contains(column),
            "{message}"
        );
        assert!(
            !message.contains("Okt") && !message.contains("ole"),
            "{message}"
        );
    }
    let (code, report) = users(
        "slip.csv",
        &[(good, "true"), ("31. Okt. 2026", "true"), (good, "true")],
    );
    assert_eq!((code, report.problems().len()), (0, 0));
    report.finding("data.date-unreadable");
}

#[test]
fn a_column_that_only_relations_ask_for_is_told_as_well_when_no_form_reads_it() {
    let here = folder("unread-relations");
    let users = file(
        &here,
        "users.csv",
        "Id,Username,IsActive,UserType,LastLoginDate,CreatedDate\n1,svc@acme.example,true,Standard,2026-11-19T08:00:00.000Z,2020-10-30T08:00:00.000Z\n",
    );
    let grants = file(
        &here,
        "grants.csv",
        "Id,AssigneeId,IsActive,PermissionSet.Name,PermissionSet.PermissionsPasswordNeverExpires\n9,1,true,P,Jawohl\n",
    );
    let (code, report) = scan(&[&users, &grants]);
    let [("malformed", path)] = report.problems()[..] else {
        panic!("{:?}", report.problems());
    };
    assert!(path.ends_with("grants.csv"), "{path}");
    let message = report.0["problems"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("PermissionsPasswordNeverExpires"),
        "{message}"
    );
    // What the user's password does, the policy still tells.
    assert_eq!(code, 3);
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
