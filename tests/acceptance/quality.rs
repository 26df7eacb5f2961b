//! What a scan tells about the exports themselves, and what an audit date in the past leaves out.

use serde_json::Value;

use crate::program::{Report, credlint, file, folder, scan};

const EXPORTS: &str = "fixtures/exports";

fn names(report: &Report, rule: &str) -> Vec<String> {
    let named = |f: &&Value| f["subject"]["name"].as_str().unwrap().to_owned();
    report.findings(rule).iter().map(named).collect()
}

#[test]
fn an_export_that_is_cut_off_is_a_finding_and_leaves_the_scan_incomplete() {
    let users = format!("{EXPORTS}/salesforce/users.rest-truncated.json");
    let (code, report) = scan(&[&users]);
    assert_eq!(code, 1);
    assert_eq!(report.0["complete"], false);
    let finding = report.finding("data.export-truncated");
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["subject"]["name"], "Salesforce users");
    assert_eq!(finding["location"]["path"], users.as_str());
    let (_, whole) = scan(&[&format!("{EXPORTS}/salesforce/users.sf-query.csv")]);
    assert!(whole.findings("data.export-truncated").is_empty());
}

#[test]
fn a_cut_file_that_several_sources_read_is_told_once() {
    let (_, report) = scan(&["fixtures/containers/graph-first-page.json"]);
    assert_eq!(
        report.0["inputs"][0]["sources"].as_array().unwrap().len(),
        3
    );
    report.finding("data.export-truncated");
}

#[test]
fn a_table_with_headers_in_another_language_leaves_the_scan_incomplete() {
    let here = folder("headers");
    let german = "Kennung,Benutzername,Aktiv\n1,svc.a@acme.example,true\n";
    let (code, report) = scan(&[&file(&here, "german.csv", german)]);
    assert_eq!(code, 3);
    assert_eq!(report.problems()[0].0, "malformed");
    // A table of something else is only noted.
    let (code, report) = scan(&[&file(&here, "prices.csv", "Artikel,Preis\nBolt,3\n")]);
    assert_eq!(code, 0);
    assert!(
        report.0["notes"]
            .to_string()
            .contains("no source recognises")
    );
}

#[test]
fn an_export_whose_newest_sign_in_is_days_old_is_stale_and_certificates_never_are() {
    let users = format!("{EXPORTS}/salesforce/users.sf-query.csv");
    let certificates = format!("{EXPORTS}/salesforce/certificates.tooling-query.json");
    let stale = |as_of| {
        let (_, report) = scan(&[&users, &certificates, "--as-of", as_of]);
        names(&report, "data.export-stale")
    };
    assert!(stale("2026-11-20").is_empty());
    assert_eq!(stale("2026-12-20"), ["Salesforce users"]);
}

#[test]
fn dates_for_a_persons_eye_are_told_with_their_columns() {
    let table = |shape: &str| format!("{EXPORTS}/servicenow/u_integration_credential.{shape}");
    let (_, report) = scan(&[&table("table-api-display.json"), &table("raw.csv")]);
    let finding = report.finding("data.zone-unknown");
    assert_eq!(finding["location"]["path"], table("table-api-display.json"));
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("u_rollover_expires"), "{message}");
}

#[test]
fn a_log_that_is_too_short_is_a_gap_of_the_export_that_needs_it() {
    let (_, report) = scan(&[
        &format!("{EXPORTS}/salesforce/named_credentials.sf-query.csv"),
        &format!("{EXPORTS}/salesforce/eventlog.NamedCredential.csv"),
    ]);
    let finding = report.finding("data.coverage-gap");
    assert_eq!(finding["severity"], "info");
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.contains("named_credentials") && message.contains("nc.unused"),
        "{message}"
    );
}

const USERS: &str = "Id,Username,IsActive,CreatedDate,LastLoginDate,PasswordNeverExpires\n\
    1,old@acme.example,true,2024-01-01T00:00:00.000Z,2026-08-30T08:00:00.000Z,true\n\
    2,new@acme.example,true,2026-10-15T00:00:00.000Z,2026-11-18T08:00:00.000Z,true\n";

#[test]
fn an_audit_date_in_the_past_leaves_out_what_came_later_and_says_so() {
    let here = folder("past");
    let users = file(&here, "users.csv", USERS);
    let now = scan(&[&users]).1;
    assert_eq!(now.findings("pw.never-expires").len(), 2);
    assert_eq!(now.0["notes"].as_array().unwrap().len(), 0);
    let then = scan(&[&users, "--as-of", "2026-09-30"]).1;
    assert_eq!(names(&then, "pw.never-expires"), ["old@acme.example"]);
    let notes = then.0["notes"].to_string();
    assert!(
        notes.contains("1 record of after the audit date"),
        "{notes}"
    );
}

#[test]
fn a_later_event_is_no_use_on_the_audit_date_but_shows_that_the_log_went_on() {
    let here = folder("later-events");
    let credentials = file(
        &here,
        "named_credentials.csv",
        "DeveloperName,MasterLabel,Endpoint,PrincipalType,CreatedDate\n\
         Tax,Tax,https://tax.example,NamedUser,2024-01-01T00:00:00.000Z\n",
    );
    let row = |name: &str, at: &str| {
        format!("\"NamedCredential\",\"20260101000000.000\",\"{name}\",\"005\",\"{at}\"\n")
    };
    let head = "\"EVENT_TYPE\",\"TIMESTAMP\",\"NAMED_CREDENTIAL_NAME\",\"USER_ID_DERIVED\",\"TIMESTAMP_DERIVED\"\n";
    // Another one is used each week, so that nothing of the log is missing.
    let weekly = |month: u32| {
        [1, 8, 15, 22, 29].map(|day| format!("2026-{month:02}-{day:02}T00:00:00.000Z"))
    };
    let weeks = (5..=10).flat_map(weekly).map(|at| row("Erp", &at));
    let mut log: Vec<String> = [head.to_owned()].into_iter().chain(weeks).collect();
    log.push(row("Tax", "2026-11-01T00:00:00.000Z"));
    let log = file(&here, "NamedCredential.csv", &log.concat());
    // Used on the first of November: in use now, and unused at the end of September.
    let used = scan(&[&credentials, &log, "--as-of", "2026-11-07"]).1;
    assert!(used.findings("nc.unused").is_empty());
    let before = scan(&[&credentials, &log, "--as-of", "2026-09-30"]).1;
    assert_eq!(names(&before, "nc.unused"), ["Tax"]);
    // Without August, in which it may have been used, nothing is proven.
    let text = std::fs::read_to_string(&log).unwrap();
    let rows = text.lines().filter(|row| !row.contains("\"2026-08"));
    let gap: String = rows.map(|row| format!("{row}\n")).collect();
    let gap = file(&here, "NamedCredential.csv", &gap);
    let open = scan(&[&credentials, &gap, "--as-of", "2026-09-30"]).1;
    assert!(open.findings("nc.unused").is_empty());
    let why = open.not_evaluated("nc.unused");
    let why = format!("{why:?}");
    assert!(
        why.contains("nothing from 2026-07-30 to 2026-08-31"),
        "{why}"
    );
}

#[test]
fn the_same_folder_gives_the_same_answer_for_the_same_audit_date() {
    let past = |threads| scan(&[EXPORTS, "--as-of", "2026-09-30", "--threads", threads]).1;
    assert_eq!(past("1"), past("2"));
}

#[test]
fn an_audit_date_in_the_future_shows_what_will_fail_by_then() {
    let certificates = format!("{EXPORTS}/salesforce/certificates.tooling-query.json");
    let expired = |as_of| names(&scan(&[&certificates, "--as-of", as_of]).1, "cert.expired");
    assert_eq!(expired("2026-11-20"), ["Old_IdP"]);
    assert_eq!(expired("2027-03-31"), ["JWT_Signing", "Old_IdP"]);
}

#[test]
fn weeks_without_a_run_are_told_from_the_reports_that_were_kept() {
    let kept = folder("runs");
    let run = |as_of: &str| {
        let report = format!("json={}/{as_of}.json", kept.display());
        let output = credlint(&[
            "scan",
            "fixtures/demo/exports",
            "--no-config",
            "--as-of",
            as_of,
            "--report",
            &report,
        ]);
        assert_eq!(output.status.code(), Some(1));
    };
    for as_of in ["2026-10-01", "2026-10-08", "2026-10-30", "2026-11-06"] {
        run(as_of);
    }
    let runs = kept.display().to_string();
    let (_, report) = scan(&[&runs]);
    assert_eq!(
        names(&report, "ops.scan-stale"),
        ["run of 2026-10-08", "run of 2026-11-06"]
    );
    assert_eq!(report.findings("ops.scan-stale")[0]["severity"], "low");
    // The last one is kept as JSON Lines.
    let last = format!("jsonl={}/last.jsonl", kept.display());
    let base = ["scan", "fixtures/demo/exports", "--no-config", "--report"];
    credlint(&[&base[..], &[&last, "--as-of", "2026-11-13"]].concat());
    let (_, report) = scan(&[&runs]);
    assert_eq!(names(&report, "ops.scan-stale"), ["run of 2026-10-08"]);
}

#[test]
fn exports_of_two_orgs_in_one_scan_are_told_and_those_of_one_are_not() {
    let log = format!("{EXPORTS}/salesforce/eventlog.NamedCredential.csv");
    let usage = format!("{EXPORTS}/salesforce/eventlog.ApiTotalUsage.csv");
    let (_, one) = scan(&[&log, &usage]);
    assert!(one.findings("data.mixed-orgs").is_empty());
    let text = std::fs::read_to_string(&usage).unwrap();
    let other = file(
        &folder("mixed"),
        "other.csv",
        &text.replace("00Dxx0000000001", "00Dxx0000000009"),
    );
    let (_, two) = scan(&[&log, &usage, &other]);
    let finding = two.finding("data.mixed-orgs");
    assert_eq!(finding["severity"], "medium");
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.contains("00Dxx0000000001") && message.contains("00Dxx0000000009"),
        "{message}"
    );
    // Without a log no export of the platform says whose it is.
    let (_, silent) = scan(&[&format!("{EXPORTS}/salesforce/users.sf-query.csv")]);
    assert!(!silent.not_evaluated("data.mixed-orgs").is_empty());
}

#[test]
fn clones_of_an_instance_that_share_ids_are_told_from_each_other() {
    let here = folder("clones");
    for table in [
        "oauth_credential",
        "oauth_entity_profile",
        "sys_user_has_role",
    ] {
        let dev = format!("{EXPORTS}/servicenow/{table}.table-api.json");
        let text = std::fs::read_to_string(&dev).unwrap();
        let prod = text.replace("acme.service-now.example", "acmeprod.service-now.example");
        assert_ne!(text, prod, "{table}");
        let prod = file(&here, &format!("{table}.prod.json"), &prod);
        let (_, one) = scan(&[&dev]);
        assert!(one.findings("data.mixed-orgs").is_empty(), "{table}");
        let (_, two) = scan(&[&dev, &prod]);
        let message = two.finding("data.mixed-orgs")["message"].to_string();
        assert!(
            message.contains("acmeprod.service-now.example"),
            "{table}: {message}"
        );
    }
}

#[test]
fn two_exports_without_a_date_are_told_not_to_be_in_any_order() {
    let here = folder("undated");
    let users = |name: &str, never: &str| {
        let text =
            format!("Id,Username,IsActive,PasswordNeverExpires\n1,svc@acme.example,true,{never}\n");
        file(&here, name, &text)
    };
    let (old, new) = (users("old.csv", "true"), users("new.csv", "false"));
    let (_, report) = scan(&[&old, &new]);
    // Which is newer is not known, so neither is left out.
    assert_eq!(names(&report, "pw.never-expires"), ["svc@acme.example"]);
    let notes = report.0["notes"].to_string();
    assert!(
        notes.contains("1 thing that both have, and nothing in them says which is newer"),
        "{notes}"
    );
    let (_, alone) = scan(&[&old]);
    assert_eq!(alone.0["notes"].as_array().unwrap().len(), 0);
}
