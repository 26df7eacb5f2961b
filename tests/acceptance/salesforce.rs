//! A folder of Salesforce exports: who must be told, and who must not.

use serde_json::Value;

use crate::program::{Report, credlint, file, folder, scan};

const EXPORTS: &str = "fixtures/exports/salesforce";

fn names(report: &Report, rule: &str) -> Vec<String> {
    let named = |f: &&Value| f["subject"]["name"].as_str().unwrap().to_owned();
    report.findings(rule).iter().map(named).collect()
}

#[test]
fn one_account_has_a_password_that_never_expires_with_all_its_causes_in_one_finding() {
    let (code, report) = scan(&[EXPORTS]);
    assert_eq!(code, 1);
    let finding = report.finding("pw.never-expires");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["subject"]["name"], "svc.erp@acme.example");
    let causes = finding["causes"].as_array().unwrap();
    assert!(causes.len() >= 3, "{causes:#?}");
    for source in [
        "Legacy_Integration_Overrides",
        "profile Integration API Only",
        "org's",
    ] {
        let said = |c: &&Value| c["text"].as_str().unwrap().contains(source);
        assert_eq!(
            causes.iter().filter(said).count(),
            1,
            "{source}: {causes:#?}"
        );
    }
    // The same account stands in eight exports of the folder: each is told as a place of it.
    assert!(finding["places"].as_array().unwrap().len() >= 5);
}

#[test]
fn certificates_are_told_by_their_days_and_one_that_waits_for_its_chain_is_not() {
    let (_, report) = scan(&[EXPORTS]);
    let expiring = report.finding("cert.expiring");
    assert_eq!(expiring["subject"]["name"], "JWT_Signing");
    assert_eq!(expiring["severity"], "high");
    assert!(
        expiring["message"].as_str().unwrap().contains("in 56 days"),
        "{expiring}"
    );
    assert_eq!(names(&report, "cert.expired"), ["Old_IdP"]);
    assert!(!report.0["findings"].to_string().contains("Pending_CSR"));
}

#[test]
fn nothing_is_concluded_of_disuse_from_a_log_that_is_too_short() {
    let (_, report) = scan(&[EXPORTS]);
    assert!(report.findings("nc.unused").is_empty());
    let reasons = report.not_evaluated("nc.unused");
    assert!(
        reasons.contains("the log of callout covers 2026-11-19 to 2026-11-19"),
        "{reasons}"
    );
}

#[test]
fn a_declared_window_of_the_log_proves_disuse_and_a_shorter_one_does_not() {
    let here = folder("coverage");
    let policy = |from: &str| {
        let text = format!(
            "version: 1\ncoverage:\n- record: callout\n  from: {from}\n  to: 2026-11-20\n  \
             declared_by: kim@acme.example\n"
        );
        file(&here, &format!("{from}.yaml"), &text)
    };
    let (_, report) = scan(&[EXPORTS, "--config", &policy("2026-08-01")]);
    assert_eq!(names(&report, "nc.unused"), ["Legacy_Tax"]);
    assert_eq!(report.finding("nc.unused")["severity"], "medium");

    let (_, report) = scan(&[EXPORTS, "--config", &policy("2026-09-01")]);
    assert!(report.findings("nc.unused").is_empty());
    assert!(
        report
            .not_evaluated("nc.unused")
            .contains("the rule needs the last 90d")
    );
}

#[test]
fn the_age_of_a_client_secret_comes_with_the_grade_of_its_evidence() {
    let (_, without) = scan(&[EXPORTS]);
    assert!(without.findings("sec.client-secret-max-age").is_empty());
    assert!(names(&without, "sec.age-unprovable").contains(&"ERP Sync".to_owned()));

    let (_, with) = scan(&[EXPORTS, "fixtures/exports/register"]);
    let finding = with.finding("sec.client-secret-max-age");
    assert_eq!(finding["subject"]["name"], "ERP Sync");
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["grade"], "declared");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("2025-06-01"), "{message}");
}

#[test]
fn the_other_rules_tell_what_the_exports_hold_and_no_more() {
    let (_, report) = scan(&[EXPORTS]);
    for (rule, subjects) in [
        (
            "pw.age",
            ["svc.erp@acme.example", "svc.etl@acme.example"].as_slice(),
        ),
        (
            "tok.orphan-app",
            &["Retired Marketing Connector for svc.etl@acme.example"],
        ),
        ("tok.refresh-infinite", &["ERP_Sync"]),
        ("nc.legacy-static", &["Legacy_Tax"]),
        ("dual.old-not-removed", &["0xSxx0000000001AAA"]),
    ] {
        assert_eq!(names(&report, rule), subjects, "{rule}");
    }
    let unused = names(&report, "tok.unused");
    for app in [
        "Retired Marketing Connector",
        "Data Mart Loader",
        "Order_Hub",
    ] {
        assert!(
            unused.iter().any(|name| name.starts_with(app)),
            "{app}: {unused:?}"
        );
    }
    // Somebody who left, and is switched off, has no live password and no finding.
    assert!(!report.0["findings"].to_string().contains("lee.left"));
}

#[test]
fn an_export_that_says_that_it_is_not_whole_makes_the_scan_incomplete() {
    let (_, report) = scan(&[EXPORTS]);
    assert_eq!(
        report.problems(),
        [(
            "truncated",
            "fixtures/exports/salesforce/users.rest-truncated.json"
        )]
    );
    assert_eq!(report.0["complete"], false);
}

/// The findings without the places, which name the files.
fn without_places(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| key != "location" && key != "places");
            map.values_mut().for_each(without_places);
        }
        Value::Array(list) => list.iter_mut().for_each(without_places),
        _ => {}
    }
}

#[test]
fn the_same_users_in_three_shapes_give_the_same_findings_field_by_field() {
    let scanned = [
        "users.sf-query-json-flag.json",
        "users.sf-query.csv",
        "users.dataloader.csv",
    ]
    .map(|users| {
        let (code, report) = scan(&[
            &format!("{EXPORTS}/{users}"),
            &format!("{EXPORTS}/permission_set_assignments.sf-query.json"),
            &format!("{EXPORTS}/metadata"),
            &format!("{EXPORTS}/oauth_tokens.sf-query.json"),
        ]);
        assert_eq!(code, 1, "{users}");
        let (mut findings, mut rules) = (report.0["findings"].clone(), report.0["rules"].clone());
        assert!(findings.as_array().unwrap().len() >= 5, "{users}");
        without_places(&mut findings);
        without_places(&mut rules);
        (users, findings, rules)
    });
    let [(_, findings, rules), others @ ..] = &scanned;
    for (users, other_findings, other_rules) in others {
        assert_eq!(other_findings, findings, "{users}");
        assert_eq!(other_rules, rules, "{users}");
    }
}

#[test]
fn secrets_in_metadata_are_found_where_a_person_put_them() {
    let here = folder("metadata");
    let secret: String = ["9A3B", "66C1", "D07E", "52F8"].concat().repeat(4);
    file(
        &here,
        "connectedApps/Hub.connectedApp-meta.xml",
        &format!(
            "<?xml version=\"1.0\"?>\n<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
             <label>Hub</label><oauthConfig><consumerSecret>{secret}</consumerSecret></oauthConfig>\n\
             </ConnectedApp>\n"
        ),
    );
    let (code, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!(code, 1);
    let finding = report.finding("secret.salesforce-metadata-consumer-secret");
    assert_eq!(finding["severity"], "critical");
    assert!(!report.0.to_string().contains(&secret));
}

#[test]
fn the_certificate_of_an_identity_provider_stands_in_the_sign_on_setting() {
    let here = folder("sign-on");
    let pem = std::fs::read_to_string("fixtures/exports/x509/expiring.pem").unwrap();
    let body = pem.lines().filter(|line| !line.starts_with("-----"));
    let body = body.collect::<Vec<_>>().join("\n");
    let setting = file(
        &here,
        "samlssoconfigs/Okta.samlssoconfig-meta.xml",
        &format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <SamlSsoConfig xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
             <decryptionCertificate>JWT_Signing</decryptionCertificate>\n\
             <issuer>https://idp.acme.example</issuer>\n<name>Okta staff</name>\n\
             <samlEntityId>https://acme.my.example</samlEntityId>\n\
             <validationCert>{body}</validationCert>\n</SamlSsoConfig>\n"
        ),
    );
    let (_, report) = scan(&[&setting]);
    let finding = report.finding("cert.expiring");
    assert_eq!(finding["subject"]["name"], "Okta");
    // Who breaks when that certificate changes.
    let certificates = "fixtures/exports/salesforce/certificates.tooling-query.json";
    let output = credlint(&[
        "inventory",
        &setting,
        certificates,
        "--format",
        "json",
        "--as-of",
        "2026-11-20",
    ]);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let items = all["items"].as_array().unwrap();
    let signing = items.iter().find(|item| item["name"] == "JWT_Signing");
    assert_eq!(
        signing.unwrap()["consumers"],
        serde_json::json!(["Okta staff"])
    );
}

#[test]
fn an_account_is_the_same_by_its_id_of_fifteen_characters_and_of_eighteen() {
    let here = folder("short-ids");
    let users = "Id,Username,IsActive\n001A0000006Vm9rIAC,svc.a@acme.example,true\n";
    let users = file(&here, "users.csv", users);
    let grants = |id: &str| {
        let rows = format!(
            "AssigneeId,PermissionSet.Name,PermissionSet.PermissionsPasswordNeverExpires\n{id},Legacy,true\n"
        );
        let grants = file(&here, &format!("{id}.csv"), &rows);
        scan(&[&users, &grants])
            .1
            .findings("pw.never-expires")
            .len()
    };
    assert_eq!(grants("001A0000006Vm9rIAC"), 1);
    // As reports and raw event logs write it.
    assert_eq!(grants("001A0000006Vm9r"), 1);
    assert_eq!(grants("001A0000006Vm9R"), 0);
}

/// Statistics as people copy them, and what is then known of the second column.
const STATISTICS: &[(&str, Option<&str>)] = &[
    (
        "gathered_at,object,data_encrypted_percent,uses_active_key_percent\n2026-11-18,Contact,100 %,62 %\n",
        Some("62"),
    ),
    (
        "gathered_at,object,data_encrypted_percent,uses_active_key_percent\n2026-11-18,Contact,100%,62.5%\n",
        Some("62.5"),
    ),
    (
        "gathered_at;object;data_encrypted_percent;uses_active_key_percent\r\n2026-11-18;Contact;100;98,5\r\n",
        Some("98.5"),
    ),
    (
        "Object\tData Encrypted\tUses Active Key\nContact\t100%\t62%\n",
        Some("62"),
    ),
    (
        "gathered_at,object,data_encrypted_percent,uses_active_key_percent\n2026-11-18,Contact,100,most\n",
        None,
    ),
    (
        "gathered_at,object,data_encrypted_percent,uses_active_key_percent\n2026-11-18,Contact,100,620\n",
        None,
    ),
];

#[test]
fn percentages_read_as_people_write_them_and_what_is_none_is_told() {
    let here = folder("statistics");
    let secrets = "fixtures/exports/salesforce/tenant_secrets.sf-query.json";
    for (number, (text, known)) in (0..).zip(STATISTICS) {
        let path = file(&here, &format!("{number}.csv"), text);
        let (_, report) = scan(&[&path, secrets]);
        for rule in [
            "shield.destroyed-too-early",
            "shield.reencryption-incomplete",
        ] {
            if let Some(known) = known {
                let message = report.finding(rule)["message"].to_string();
                assert!(
                    message.contains(&format!("{known} percent")),
                    "{text}: {message}"
                );
                continue;
            }
            assert!(report.findings(rule).is_empty(), "{text}");
            let why = report.not_evaluated(rule);
            assert!(
                why.contains("active_key_percent cannot be read"),
                "{text}: {why}"
            );
        }
        assert!(
            report.findings("shield.ready-to-destroy").is_empty(),
            "{text}"
        );
    }
}

/// A user's columns and cells in an export of tokens, and what the findings call it.
const HOLDERS: &[(&str, &str, &str)] = &[
    (
        ",UserId,User.Username",
        ",005000000000001AAA,svc.etl@acme.example",
        "for svc.etl@acme.example",
    ),
    (",UserId", ",005000000000001AAA", "for 005000000000001AAA"),
    (",UserId", ",", "for no user"),
];

#[test]
fn a_token_is_told_with_what_is_known_of_its_user() {
    let here = folder("holders");
    let apps = file(
        &here,
        "apps.csv",
        "Id,Name,CreatedDate,OptionsAllowAdminApprovedUsersOnly\n1,Hub,2020-01-01T00:00:00.000+0000,true\n",
    );
    for (number, (columns, cells, expected)) in (0..).zip(HOLDERS) {
        let text = format!(
            "AppName{columns},CreatedDate,LastUsedDate,UseCount\n\
             Retired{cells},2020-01-01T00:00:00.000+0000,2021-01-01T00:00:00.000+0000,3\n"
        );
        let tokens = file(&here, &format!("{number}.csv"), &text);
        let (_, report) = scan(&[&tokens, &apps]);
        for rule in ["tok.unused", "tok.orphan-app"] {
            let message = report.finding(rule)["message"].to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
