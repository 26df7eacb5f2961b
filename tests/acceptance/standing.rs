//! Exports of the same things that were made at different times: the one nearest to the audit date
//! decides, and what only another knows still counts.

use std::path::Path;

use crate::program::{Report, credlint, file, folder, scan};

const HEAD: &str = "Id,Username,IsActive,CreatedDate,LastLoginDate,LastPasswordChangeDate\n";
const AUGUST: &str = "\
    1,svc.a@acme.example,true,2024-01-01T00:00:00Z,2026-08-30T08:00:00Z,2023-01-01T00:00:00Z\n\
    2,svc.b@acme.example,true,2024-01-01T00:00:00Z,2026-08-30T08:00:00Z,2023-01-01T00:00:00Z\n";
const NOVEMBER: &str = "\
    1,svc.a@acme.example,true,2024-01-01T00:00:00Z,2026-11-19T08:00:00Z,2026-11-01T00:00:00Z\n\
    2,svc.b@acme.example,false,2024-01-01T00:00:00Z,2026-11-18T08:00:00Z,2023-01-01T00:00:00Z\n";

fn users(folder: &Path, name: &str, rows: &str) -> String {
    file(folder, name, &format!("{HEAD}{rows}"))
}

fn old_passwords(report: &Report) -> Vec<&str> {
    let all = report.pairs().into_iter();
    let ages = all.filter(|(rule, _)| *rule == "pw.age");
    ages.map(|(_, name)| name).collect()
}

#[test]
fn an_old_export_beside_a_new_one_brings_nothing_back_that_is_mended() {
    let here = folder("standing");
    // The older one's name stands first, so that no order of names helps.
    let old = users(&here, "a.csv", AUGUST);
    let new = users(&here, "b.csv", NOVEMBER);
    assert_eq!(old_passwords(&scan(&[&old]).1).len(), 2);
    for order in [[&old, &new], [&new, &old]] {
        let (_, report) = scan(&order.map(String::as_str));
        assert!(old_passwords(&report).is_empty(), "{:?}", report.pairs());
        let notes = report.0["notes"].to_string();
        assert!(
            notes.contains("a.csv gives way to") && notes.contains("2 records that both have"),
            "{notes}"
        );
    }
    let listed = credlint(&["inventory", &old, &new, "--as-of", "2026-11-20"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let row = |name| listed.lines().find(|line| line.contains(name)).unwrap();
    assert!(row("svc.b@").contains("inactive"), "{listed}");
    // The older one stays as evidence, and that they differ is told.
    let conflict = row("! state");
    let (first, second) = (conflict.find("b.csv"), conflict.find("a.csv"));
    assert!(first.unwrap() < second.unwrap(), "{conflict}");
}

#[test]
fn an_audit_date_in_the_past_is_answered_by_the_export_of_then() {
    let here = folder("standing-past");
    let old = users(&here, "a.csv", AUGUST);
    let new = users(&here, "b.csv", NOVEMBER);
    let both = |as_of| scan(&[&old, &new, "--as-of", as_of]).1;
    let then = both("2026-08-31");
    assert_eq!(old_passwords(&then).len(), 2);
    assert!(then.0["notes"].to_string().contains("b.csv gives way to"));
    // An export of the audit day itself is not of after it.
    assert!(old_passwords(&both("2026-11-19")).is_empty());
}

#[test]
fn what_only_the_older_export_knows_still_counts_and_is_told() {
    let here = folder("standing-alone");
    let gone = "3,svc.c@acme.example,true,2024-01-01T00:00:00Z,2026-08-30T08:00:00Z,2023-01-01T00:00:00Z\n";
    let old = users(&here, "a.csv", &format!("{AUGUST}{gone}"));
    let new = users(&here, "b.csv", NOVEMBER);
    let (_, report) = scan(&[&old, &new]);
    assert_eq!(old_passwords(&report), ["svc.c@acme.example"]);
    let notes = report.0["notes"].to_string();
    assert!(
        notes.contains("1 more stands in no such export, and counts"),
        "{notes}"
    );
}

#[test]
fn a_newer_export_without_the_column_decides_nothing() {
    let here = folder("standing-columns");
    let old = users(&here, "a.csv", AUGUST);
    let narrow = "Id,Username,IsActive,LastLoginDate\n\
        1,svc.a@acme.example,true,2026-11-19T08:00:00Z\n\
        2,svc.b@acme.example,true,2026-11-19T08:00:00Z\n";
    let new = file(&here, "b.csv", narrow);
    assert_eq!(old_passwords(&scan(&[&old, &new]).1).len(), 2);
}

#[test]
fn a_permission_that_was_taken_back_counts_no_more() {
    let here = folder("standing-grants");
    let grants = |name, given, made| {
        let rows = format!(
            "AssigneeId,Assignee.Username,PermissionSet.Name,PermissionSet.PermissionsPasswordNeverExpires,SystemModstamp\n\
             1,svc.a@acme.example,Legacy,{given},{made}\n\
             2,svc.b@acme.example,Api,false,{made}\n"
        );
        file(&here, name, &rows)
    };
    let people = users(&here, "users.csv", NOVEMBER);
    let old = grants("a.csv", true, "2026-08-01T00:00:00Z");
    let new = grants("b.csv", false, "2026-11-01T00:00:00Z");
    let endless = |paths: &[&str]| scan(paths).1.findings("pw.never-expires").len();
    assert_eq!(endless(&[&people, &old]), 1);
    assert_eq!(endless(&[&people, &new]), 0);
    assert_eq!(endless(&[&people, &old, &new]), 0);
}

#[test]
fn an_export_with_fewer_dates_is_not_taken_for_an_older_one() {
    let here = folder("standing-dates");
    // Made in November: nobody changed a password since, and it has no other date.
    let narrow = "Id,Username,IsActive,LastPasswordChangeDate\n\
        1,svc.a@acme.example,true,2023-01-01T00:00:00Z\n";
    let narrow = file(&here, "a.csv", narrow);
    let inactive = AUGUST.replace("true", "false");
    let august = users(&here, "b.csv", &inactive);
    assert_eq!(old_passwords(&scan(&[&narrow, &august]).1).len(), 1);
}

#[test]
fn secrets_of_two_stores_that_share_a_name_are_two() {
    let here = folder("standing-stores");
    let secret = |name, made: &str, changed: &str| {
        let text = format!(
            r#"[{{"name":"projects/1/secrets/db","createTime":"{made}","replication":{{"automatic":{{}}}},"etag":"{changed}"}}]"#
        );
        file(&here, name, &text)
    };
    let old = secret("a.json", "2021-01-01T00:00:00Z", "x");
    let new = secret("b.json", "2026-11-01T00:00:00Z", "y");
    let alone = scan(&[&old]).1;
    let both = scan(&[&old, &new]).1;
    assert!(!alone.pairs().is_empty());
    for pair in alone.pairs() {
        assert!(both.pairs().contains(&pair), "{pair:?}");
    }
    assert!(!both.0["notes"].to_string().contains("gives way"));
}
