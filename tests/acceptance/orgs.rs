//! Exports of several orgs of one platform in one scan: what one of them has clears nothing of another,
//! and what cannot be told apart is told.

use std::path::Path;

use crate::program::{Report, credlint, file, folder, scan};

const AWS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
    access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,\
    access_key_2_last_rotated,access_key_2_last_used_date\n";

/// A credential report of one user of an account, whose key was last used on a day.
fn account(number: &str, used: &str) -> String {
    format!(
        "deploy,arn:aws:iam::{number}:user/deploy,2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,\
         true,2026-09-01T00:00:00+00:00,{used}T00:00:00+00:00,false,N/A,N/A\n"
    )
}

fn pairs<'r>(report: &'r Report, rule: &str) -> Vec<&'r str> {
    let all = report.pairs().into_iter();
    all.filter(|(of, _)| *of == rule)
        .map(|(_, name)| name)
        .collect()
}

fn below(folder: &Path, name: &str) -> std::path::PathBuf {
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn users_of_one_name_in_two_accounts_are_two_users() {
    let here = folder("orgs-aws");
    let idle = format!("{AWS}{}", account("111111111111", "2026-01-10"));
    let busy = format!("{AWS}{}", account("222222222222", "2026-11-19"));
    let idle = file(&here, "one.csv", &idle);
    let busy = file(&here, "two.csv", &busy);
    let rows = [
        account("111111111111", "2026-01-10"),
        account("222222222222", "2026-11-19"),
    ];
    let both = file(&here, "both.csv", &format!("{AWS}{}", rows.concat()));
    for targets in [&[&idle, &busy][..], &[&busy, &idle], &[&both]] {
        let targets: Vec<&str> = targets.iter().map(|file| file.as_str()).collect();
        let (_, report) = scan(&targets);
        assert_eq!(pairs(&report, "hyg.unused-cloud-account"), ["deploy"]);
        // One key of each is no pair of keys.
        assert!(report.findings("dual.old-key-not-removed").is_empty());
        assert!(report.findings("data.mixed-orgs").is_empty());
        assert!(report.findings("data.org-unknown").is_empty());
    }
}

#[test]
fn an_export_of_nobody_knows_which_account_clears_nothing() {
    let here = folder("orgs-open");
    let idle = format!("{AWS}{}", account("111111111111", "2026-01-10"));
    let busy = format!("{AWS}{}", account("222222222222", "2026-11-19"));
    file(&below(&here, "a"), "report.csv", &idle);
    file(&below(&here, "b"), "report.csv", &busy);
    let used = r#"{"UserName": "deploy", "AccessKeyLastUsed": {"LastUsedDate": "2026-11-18T00:00:00+00:00", "ServiceName": "s3", "Region": "us-east-1"}}"#;
    let all = here.display().to_string();
    // Beside the report of an account it is of that account.
    let inside = file(&below(&here, "a"), "used.json", used);
    let (_, report) = scan(&[&all]);
    assert!(report.findings("hyg.unused-cloud-account").is_empty());
    assert!(report.not_evaluated("hyg.unused-cloud-account").is_empty());
    assert!(report.findings("data.org-unknown").is_empty());
    std::fs::remove_file(inside).unwrap();
    file(&below(&here, "b"), "used.json", used);
    assert_eq!(
        pairs(&scan(&[&all]).1, "hyg.unused-cloud-account"),
        ["deploy"]
    );
    std::fs::remove_file(here.join("b/used.json")).unwrap();
    // Beside neither it may be of either.
    file(&here, "used.json", used);
    let (_, report) = scan(&[&all]);
    assert_eq!(pairs(&report, "hyg.unused-cloud-account"), ["deploy"]);
    let told = report.finding("data.org-unknown");
    assert_eq!(told["severity"], "medium");
    let message = told["message"].as_str().unwrap();
    for word in ["used.json", "111111111111", "222222222222"] {
        assert!(message.contains(word), "{message}");
    }
}

const USERS: &str = "Id,Username,IsActive,CreatedDate,LastLoginDate,LastPasswordChangeDate\n\
    005xx000001AAAAAA1,svc.etl@acme.example,true,2024-01-01T00:00:00Z,2026-03-01T00:00:00Z,2026-10-01T00:00:00Z\n";
const LOGINS: &str = "Id,UserId,LoginTime,LoginType,Status\n\
    0Yaxx,005xx000001AAAAAA1,2026-03-01T00:00:00Z,Remote Access 2.0,Success\n";
const ORG: &str =
    r#"[{"Id": "00Dxx0000000001AAA", "Name": "Acme", "IsSandbox": false, "InstanceName": "EU1"}]"#;

/// The exports of an org and of its copy, in which the account is used.
fn copied(name: &str, with_org: bool) -> String {
    let here = folder(name);
    let (prod, copy) = (below(&here, "prod"), below(&here, "copy"));
    file(&prod, "users.csv", USERS);
    file(&prod, "logins.csv", LOGINS);
    let used = |text: &str| text.replace("2026-03-01", "2026-11-18");
    file(
        &copy,
        "users.csv",
        &used(USERS).replace("acme.example", "acme.example.dev"),
    );
    file(&copy, "logins.csv", &used(LOGINS));
    if with_org {
        file(&prod, "org.json", ORG);
        file(&copy, "org.json", &ORG.replace("0000000001", "0000000009"));
    }
    here.display().to_string()
}

/// Scans an org and its copy: the account is unused in the org, whatever the copy says.
fn told_of_the_org_alone(all: &str) -> Report {
    let (_, report) = scan(&[all]);
    assert_eq!(
        pairs(&report, "hyg.unused-account"),
        ["svc.etl@acme.example"]
    );
    report
}

#[test]
fn an_org_and_its_copy_with_the_same_ids_are_kept_apart() {
    let all = copied("orgs-copy", true);
    let report = told_of_the_org_alone(&all);
    assert_eq!(report.findings("data.mixed-orgs").len(), 1);
    let listed = credlint(&[
        "inventory",
        &all,
        "--format",
        "csv",
        "--as-of",
        "2026-11-20",
    ]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let of = |org: &str, used: &str| {
        let id = format!("salesforce:user:005xx000001AAAAAA1@{org}");
        let row = listed.lines().find(|line| line.contains(&id));
        assert!(row.is_some_and(|row| row.contains(used)), "{org}: {listed}");
    };
    of("00Dxx0000000001", "2026-03-01");
    of("00Dxx0000000009", "2026-11-18");
}

#[test]
fn one_id_in_two_orgs_is_two_findings() {
    let all = copied("orgs-twice", true);
    let idle = Path::new(&all).join("copy");
    file(&idle, "users.csv", USERS);
    file(&idle, "logins.csv", LOGINS);
    let prints = |targets: &[&str]| {
        let (_, report) = scan(targets);
        let found = report.findings("hyg.unused-account").into_iter();
        let prints = found.map(|f| {
            assert!(f["places"].as_array().unwrap().is_empty(), "{f:#}");
            f["fingerprint"].as_str().unwrap().to_owned()
        });
        prints.collect::<Vec<_>>()
    };
    let both = prints(&[&all]);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    // Alone, an org has the fingerprints that it would have without a name.
    let alone = prints(&[&format!("{all}/prod")]);
    std::fs::remove_file(format!("{all}/prod/org.json")).unwrap();
    assert_eq!(alone, prints(&[&format!("{all}/prod")]));
}

#[test]
fn a_copy_that_names_no_org_is_known_by_the_names_of_its_users() {
    let all = copied("orgs-unnamed", false);
    let report = told_of_the_org_alone(&all);
    let notes = report.0["notes"].to_string();
    assert!(
        notes.contains("copy/users.csv has users of") && notes.contains("end in .dev"),
        "{notes}"
    );
    // Logins that lie beside neither may be of either.
    std::fs::rename(
        format!("{all}/copy/logins.csv"),
        format!("{all}/logins.csv"),
    )
    .unwrap();
    let told = scan(&[&all]).1;
    let message = told.finding("data.org-unknown")["message"].to_string();
    assert!(message.contains("copy.dev") && message.contains("original"));
}

#[test]
fn users_of_one_id_in_two_okta_tenants_are_two_users() {
    let here = folder("orgs-okta");
    let users = |host: &str, last: &str| {
        format!(
            r#"[{{"id":"00u1","status":"ACTIVE","created":"2020-01-01T00:00:00.000Z","lastLogin":"{last}",
               "passwordChanged":"2026-11-01T00:00:00.000Z","profile":{{"login":"svc@acme.example"}},
               "_links":{{"self":{{"href":"https://{host}/api/v1/users/00u1"}}}}}}]"#
        )
    };
    let idle = users("acme.okta.example", "2026-01-01T00:00:00.000Z");
    let busy = users("acme-test.okta.example", "2026-11-19T00:00:00.000Z");
    file(&below(&here, "a"), "users.json", &idle);
    file(&below(&here, "b"), "users.json", &busy);
    let (_, report) = scan(&[here.to_str().unwrap()]);
    let told = pairs(&report, "hyg.unused-cloud-account");
    assert_eq!(told, ["svc@acme.example"]);
    assert_eq!(report.findings("data.mixed-orgs").len(), 1);
}

#[test]
fn an_instance_of_githubs_server_is_kept_apart_from_github_com() {
    let here = folder("orgs-github");
    let key = |host: &str| {
        format!(
            r#"[{{"id": 1, "title": "deploy", "read_only": true, "created_at": "2026-10-01T00:00:00Z", "last_used": "2026-11-18T00:00:00Z", "url": "https://{host}/repos/acme/web/keys/1"}}]"#
        )
    };
    file(&below(&here, "a"), "keys.json", &key("api.github.com"));
    file(
        &below(&here, "b"),
        "keys.json",
        &key("git.acme.example/api/v3"),
    );
    let authorized = r#"[{"login": "dana", "credential_id": 7, "credential_type": "personal access token", "credential_authorized_at": "2026-10-01T00:00:00Z", "credential_accessed_at": "2026-11-18T00:00:00Z"}]"#;
    let inside = file(&below(&here, "a"), "authorized.json", authorized);
    let all = here.display().to_string();
    let (_, report) = scan(&[&all]);
    assert!(report.findings("data.org-unknown").is_empty());
    assert_eq!(report.findings("data.mixed-orgs").len(), 1);
    std::fs::remove_file(inside).unwrap();
    file(&here, "authorized.json", authorized);
    let (_, report) = scan(&[&all]);
    let message = report.finding("data.org-unknown")["message"].to_string();
    for word in ["authorized.json", "api.github.com", "git.acme.example"] {
        assert!(message.contains(word), "{message}");
    }
}
