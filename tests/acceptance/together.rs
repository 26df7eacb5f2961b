//! Everything together: each thing that the made-up exports of all platforms must tell, and what must
//! not be told of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use crate::program::{Report, file, folder, scan};

/// Every folder of exports, with the team's own register beside them.
const FOLDERS: [&str; 16] = [
    "aws",
    "azure",
    "doppler",
    "gcp",
    "github",
    "gitlab",
    "jwks",
    "kubernetes",
    "okta",
    "onepassword",
    "postgres",
    "register",
    "salesforce",
    "servicenow",
    "vault",
    "x509",
];

static ALL: LazyLock<Report> = LazyLock::new(|| {
    let folders = FOLDERS.map(|name| format!("fixtures/exports/{name}"));
    scan(&folders.each_ref().map(String::as_str)).1
});

/// The subjects of a rule's findings.
fn subjects<'r>(report: &'r Report, rule: &str) -> BTreeSet<&'r str> {
    let all = report.pairs();
    let of_rule = all.iter().filter(|(id, _)| *id == rule);
    of_rule.map(|(_, name)| *name).collect()
}

/// Holds that each rule tells of these subjects, and of no others.
fn tells(report: &Report, expected: &[(&str, &[&str])]) {
    for (rule, names) in expected {
        let names: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(subjects(report, rule), names, "{rule}");
    }
}

#[test]
fn every_export_twice_tells_nothing_more_of_any_credential() {
    let copy = folder("twice");
    let names = FOLDERS.map(|name| format!("fixtures/exports/{name}"));
    let twice: Vec<String> = names
        .iter()
        .map(|name| copied(Path::new(name), &copy.join(name)))
        .chain(names.clone())
        .collect();
    let twice = scan(&twice.iter().map(String::as_str).collect::<Vec<_>>()).1;
    let told = |report: &Report| -> BTreeSet<String> {
        let all = report.0["findings"].as_array().unwrap().iter();
        // What is about the files themselves is about each of them.
        let of_credentials = all.filter(|f| !f["rule"].as_str().unwrap().starts_with("data."));
        of_credentials
            .map(|f| {
                let causes = f["causes"].as_array().into_iter().flatten();
                let causes: Vec<&Value> = causes.map(|cause| &cause["text"]).collect();
                format!(
                    "{} {} {} {causes:?}",
                    f["rule"], f["message"], f["evidence"]
                )
            })
            .collect()
    };
    assert_eq!(told(&twice), told(&ALL));
    assert!(told(&ALL).len() > 100);
}

/// Copies a folder; the copy's path.
fn copied(from: &Path, to: &Path) -> String {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
    to.to_str().unwrap().to_owned()
}

#[test]
fn an_integration_account_with_everything_wrong_is_told_by_each_rule_once() {
    tells(
        &ALL,
        &[
            ("sess.ui-session", &["svc.erp@acme.example"]),
            ("sess.ui-login", &["svc.erp@acme.example"]),
            ("sess.exception-undocumented", &["svc.erp@acme.example"]),
            ("sess.shared-credential", &["svc.erp@acme.example"]),
            ("hyg.legacy-password-auth", &["svc.erp@acme.example"]),
            ("hyg.elevated-review-overdue", &["svc.erp@acme.example"]),
            ("rot.service-account-age", &["svc.erp@acme.example"]),
        ],
    );
    let grade = |rule: &str| ALL.finding(rule)["severity"].clone();
    assert_eq!(grade("sess.ui-session"), "high");
    assert_eq!(grade("hyg.elevated-review-overdue"), "high");
}

#[test]
fn broad_permissions_are_told_and_an_elevation_with_an_end_is_no_permanent_one() {
    tells(
        &ALL,
        &[
            (
                "perm.broad",
                &["svc.etl@acme.example", "svc.portal@acme.example", "svc.erp"],
            ),
            ("perm.broad-app", &["ERP Sync"]),
            ("perm.full-license", &["svc.etl@acme.example"]),
            ("perm.elevation-no-expiry", &[]),
            ("perm.not-api-only", &["svc.etl@acme.example", "svc.mid"]),
            (
                "hyg.unused-account",
                &["svc.etl@acme.example", "svc.erp", "svc.never"],
            ),
        ],
    );
}

#[test]
fn tokens_and_applications_are_joined_by_id_where_their_names_differ() {
    tells(
        &ALL,
        &[
            (
                "tok.orphan-app",
                &["Retired Marketing Connector for svc.etl@acme.example"],
            ),
            ("tok.refresh-expiring", &["Partner X"]),
            ("tok.refresh-expired", &[]),
            ("tok.refresh-infinite", &["ERP_Sync"]),
            ("tok.refresh-too-long", &["Order_Hub"]),
            ("tok.access-too-long", &[]),
            ("sec.auth-provider-sends-secret", &["Partner_OIDC"]),
            ("nc.plain-remote-site", &["Tax"]),
        ],
    );
    // The access token, which ended this morning, is nobody's matter.
    let expiring = ALL.finding("tok.refresh-expiring");
    assert!(expiring["message"].as_str().unwrap().contains("in 5 days"));
}

#[test]
fn certificates_are_told_by_what_they_are_for() {
    let told = subjects(&ALL, "cert.expiring");
    assert!(told.contains("Partner mTLS client") && told.contains("JWT_Signing"));
    tells(
        &ALL,
        &[
            ("cert.expired", &["Old_IdP"]),
            ("cert.expired-trust-anchor", &["Old trust root"]),
        ],
    );
    let anchor = ALL.finding("cert.expired-trust-anchor");
    assert_eq!(anchor["severity"], "medium");
    assert!(!ALL.0["findings"].to_string().contains("Pending_CSR"));
    let alone = subjects(&ALL, "cert.no-successor");
    assert!(alone.contains("JWT_Signing"), "{alone:?}");
}

#[test]
fn tenant_secrets_are_told_by_age_by_statistics_and_by_what_was_destroyed() {
    tells(
        &ALL,
        &[
            ("shield.rotation-overdue", &["Data version 3"]),
            ("shield.destroyed-too-early", &["Contact"]),
            ("shield.reencryption-incomplete", &["Contact"]),
            ("shield.destroy-unverified", &["Data version 1"]),
            ("shield.cadence-gap", &["Data version 2"]),
            ("shield.active-count", &[]),
            ("shield.ready-to-destroy", &[]),
            ("shield.byok-unrecorded", &[]),
            ("shield.unexpected-active", &[]),
        ],
    );
    let early = ALL.finding("shield.destroyed-too-early");
    assert_eq!(early["severity"], "critical");
    let overdue = ALL.finding("shield.rotation-overdue");
    assert!(overdue["message"].as_str().unwrap().contains("476 days"));
}

#[test]
fn without_the_statistics_nothing_is_concluded_of_the_data() {
    let (_, report) = scan(&["fixtures/exports/salesforce/tenant_secrets.sf-query.json"]);
    assert!(report.findings("shield.ready-to-destroy").is_empty());
    let reasons = report.not_evaluated("shield.ready-to-destroy");
    assert!(reasons.contains("encryption statistic"), "{reasons}");
    let reasons = report.not_evaluated("shield.destroy-unverified");
    assert!(reasons.contains("register"), "{reasons}");
}

#[test]
fn the_steps_of_rotations_are_judged_by_evidence_and_by_name() {
    tells(
        &ALL,
        &[
            ("aud.decommission-no-evidence", &["partner-a"]),
            ("aud.actor-missing", &["partner-b rolled_forward"]),
            (
                "aud.no-events",
                &["partner-c", "partner-d", "partner-e", "partner-f"],
            ),
            ("aud.time-missing", &[]),
            ("aud.invalid-type", &[]),
            ("aud.evidence-missing", &[]),
            ("hyg.endpoint-missing", &["partner-f"]),
            ("hyg.owner-missing", &["partner-b"]),
            ("dual.window-too-short", &[]),
        ],
    );
    assert_eq!(
        ALL.finding("aud.decommission-no-evidence")["severity"],
        "high"
    );
    let of_a = ALL.pairs();
    let of_a: Vec<&str> = of_a
        .iter()
        // Its rotation is clean.
        .filter(|(rule, name)| *name == "partner-a" && !rule.starts_with("aud."))
        .map(|(rule, _)| *rule)
        .collect();
    assert!(of_a.is_empty(), "{of_a:?}");
}

#[test]
fn the_register_is_asked_for_what_no_vendor_exports() {
    tells(
        &ALL,
        &[
            ("hyg.partner-runbook-missing", &["Partner B"]),
            ("hyg.purpose-missing", &["partner-b"]),
            ("hyg.cadence-missing", &[]),
            ("hyg.storage-not-vault", &[]),
            ("rot.overdue", &[]),
            ("rot.week-bunching", &[]),
            // Nothing says that `lee` of GitHub is `lee.left@acme.example`, who left.
            ("rot.leaver-not-rotated", &[]),
            ("rot.compromised-not-rotated", &[]),
        ],
    );
}

#[test]
fn a_register_that_does_not_claim_to_be_whole_misses_nothing() {
    tells(&ALL, &[("inv.unregistered", &[])]);
    let reasons = ALL.not_evaluated("inv.unregistered");
    assert!(reasons.contains("`complete: [PLATFORM]`"), "{reasons}");
}

/// The folders of exports, and the team's register with a word of what it is whole for.
fn claiming(platforms: &str) -> Report {
    let here = folder(&format!("claim-{}", platforms.len()));
    let register = "fixtures/exports/register/credential-register.yaml";
    let register = fs::read_to_string(register).unwrap();
    let text = register.replacen(
        "version: 1\n",
        &format!("version: 1\ncomplete: {platforms}\n"),
        1,
    );
    let register = file(&here, "register.yaml", &text);
    let mut all: Vec<String> = FOLDERS
        .iter()
        .filter(|name| **name != "register")
        .map(|name| format!("fixtures/exports/{name}"))
        .collect();
    all.push(register);
    scan(&all.iter().map(String::as_str).collect::<Vec<_>>()).1
}

#[test]
fn a_register_is_asked_only_for_the_platforms_that_it_claims() {
    let report = claiming("[PostgreSQL]");
    tells(&report, &[("inv.unregistered", &["api_app", "svc_legacy"])]);
    let reasons = report.not_evaluated("inv.unregistered");
    assert!(reasons.contains("`complete: [PLATFORM]`"), "{reasons}");
}

#[test]
fn what_exports_know_and_the_register_does_not_is_told_once() {
    let report = claiming("[all]");
    let told = subjects(&report, "inv.unregistered");
    for name in [
        "svc.etl@acme.example",
        "Order_Hub",
        "ERP_API",
        "JWT_Signing",
        "svc-deploy",
        "app envelope key",
        "partner-a",
        "api_app",
        "SF_CONSUMER_SECRET",
    ] {
        assert!(told.contains(name), "{name}: {told:?}");
    }
    for name in [
        // In the register.
        "svc.erp@acme.example",
        "ERP Sync",
        "partner-b",
        // People, what is over or not yet there, what is only trusted, and keys of accounts.
        "dana@acme.example",
        "lee.left@acme.example",
        "Old_IdP",
        "Pending_CSR",
        "Old trust root",
        "nologin_grp",
        "arn:aws:iam::123456789012:user/svc-etl key 1",
    ] {
        assert!(!told.contains(name), "{name}");
    }
    assert_eq!(report.findings("inv.unregistered")[0]["severity"], "high");
    tells(&ALL, &[("inv.orphan-entry", &[])]);
    let signs = subjects(&ALL, "inv.integration-user-unclassified");
    assert!(signs.contains("svc.etl@acme.example") && !signs.contains("svc.erp@acme.example"));
}

#[test]
fn an_entry_that_no_export_knows_is_told_where_one_would_know_it() {
    let here = folder("orphans");
    let register = file(
        &here,
        "register.yaml",
        "version: 1\ncredentials:\n- {id: 'salesforce:user:svc.gone@acme.example', kind: \
         service_account}\n- {id: 'aws:access_key:old', kind: api_key}\n- {id: \
         'salesforce:user:svc.erp@acme.example', kind: service_account}\n",
    );
    let users = "fixtures/exports/salesforce/users.sf-query.csv";
    let (_, report) = scan(&[users, &register]);
    tells(&report, &[("inv.orphan-entry", &["svc.gone@acme.example"])]);
    let finding = report.finding("inv.orphan-entry");
    let path = finding["location"]["path"].as_str().unwrap();
    assert!(path.ends_with("register.yaml"), "{path}");
    assert_eq!(finding["location"]["start_line"], 3);
    let reasons = report.not_evaluated("inv.orphan-entry");
    assert!(reasons.contains("no whole export"), "{reasons}");
    // Of a list that is cut off nothing is missing.
    let cut = "fixtures/exports/salesforce/users.rest-truncated.json";
    let (_, report) = scan(&[cut, &register]);
    tells(&report, &[("inv.orphan-entry", &[])]);
    // Without a register nobody can miss an entry.
    let (_, alone) = scan(&[users]);
    tells(&alone, &[("inv.unregistered", &[])]);
    let reasons = alone.not_evaluated("inv.unregistered");
    assert!(reasons.contains("register"), "{reasons}");
}

#[test]
fn a_leaver_is_told_once_the_register_names_the_person_as_the_platform_does() {
    let here = folder("leaver");
    let register = |user: &str| {
        let text = format!(
            "version: 1\ncredentials: []\nknown_leavers:\n- {{user: {user}, left_on: 2025-12-31}}\n"
        );
        file(&here, &format!("{user}.yaml"), &text)
    };
    let (_, unlinked) = scan(&[
        "fixtures/exports/github",
        &register("lee.left@acme.example"),
    ]);
    tells(&unlinked, &[("rot.leaver-not-rotated", &[])]);
    let (_, linked) = scan(&["fixtures/exports/github", &register("lee")]);
    let told = subjects(&linked, "rot.leaver-not-rotated");
    assert!(
        told.contains("lee/laptop") && told.contains("ci"),
        "{told:?}"
    );
}

#[test]
fn a_whole_register_tells_what_is_late_kept_badly_or_compromised() {
    let (_, report) = scan(&["fixtures/exports/register-full"]);
    tells(
        &report,
        &[
            ("rot.overdue", &["freight-partner"]),
            ("rot.compromised-not-rotated", &["freight-partner"]),
            ("hyg.storage-not-vault", &["freight-partner"]),
            ("dual.single-slot-procedure", &[]),
            ("rot.no-overlap-no-window", &[]),
            ("aud.process-missing", &[]),
            ("aud.verification-missing", &[]),
            ("aud.notification-missing", &[]),
            ("aud.log-colocated", &[]),
            ("hyg.owner-missing", &["salesforce:tenant_secret:Data"]),
            ("hyg.partner-runbook-missing", &[]),
        ],
    );
    assert_eq!(
        report.finding("rot.compromised-not-rotated")["severity"],
        "critical"
    );
}

#[test]
fn a_register_in_a_table_is_read_like_one_in_yaml() {
    let (_, report) = scan(&["fixtures/exports/register-table"]);
    tells(
        &report,
        &[
            ("hyg.owner-missing", &["partner-b"]),
            ("hyg.consumers-missing", &["partner-b"]),
            ("hyg.storage-unknown", &["partner-b"]),
            ("rot.overdue", &[]),
        ],
    );
}

#[test]
fn the_same_service_now_users_in_every_shape_give_the_same_findings() {
    let [first, others @ ..] = [
        "sys_user.raw.csv",
        "sys_user.table-api-all.json",
        "sys_user.unload.xml",
    ]
    .map(|shape| {
        (
            shape,
            scan(&[&format!("fixtures/exports/servicenow/{shape}")]).1,
        )
    });
    for rule in ["hyg.unused-account", "perm.not-api-only"] {
        assert!(!subjects(&first.1, rule).is_empty(), "{rule}");
        for (shape, report) in &others {
            assert_eq!(
                subjects(report, rule),
                subjects(&first.1, rule),
                "{shape} {rule}"
            );
        }
    }
    // The default shape leaves the date of creation out: of an account that never signed in nothing
    // can be said, and the report says so.
    let (_, less) = scan(&["fixtures/exports/servicenow/sys_user.table-api-default.json"]);
    tells(&less, &[("hyg.unused-account", &["svc.erp"])]);
    assert!(less.not_evaluated("hyg.unused-account").contains("created"));
}

#[test]
fn exports_that_hold_secrets_are_told_and_no_secret_is_shown() {
    let here = folder("live-secrets");
    let secret = ["kR7", "vQ2", "mZ9", "tB4"].concat().repeat(3);
    let staged = format!(
        "{{\"id\": \"s1\", \"createdDate\": \"2026-11-01T00:00:00Z\", \"expirationDate\": \
         \"2026-12-01T00:00:00Z\", \"state\": \"Active\", \"stagedCredentialsUrl\": \"/x\", \
         \"key\": \"k\", \"secret\": \"{secret}\"}}"
    );
    let tokens = format!(
        "AppName,UserId,LastUsedDate,CreatedDate,AccessToken\nERP,u,2026-11-01T00:00:00Z,\
         2026-11-01T00:00:00Z,{secret}\n"
    );
    let update_set = format!(
        "<?xml version=\"1.0\"?><unload unload_date=\"2026-11-20 08:00:00\"><sys_update_xml \
         action=\"INSERT_OR_UPDATE\"><name>n</name><payload>&lt;record_update&gt;&lt;client_secret&gt;\
         {secret}&lt;/client_secret&gt;&lt;/record_update&gt;</payload></sys_update_xml></unload>"
    );
    for (name, text) in [
        ("staged.json", &staged),
        ("tokens.csv", &tokens),
        ("update.xml", &update_set),
    ] {
        let path = file(&here, name, text);
        let (_, report) = scan(&[&path]);
        let told = report.findings("data.export-has-secrets");
        assert_eq!(told.len(), 1, "{name}");
        assert!(!report.0.to_string().contains(&secret), "{name}");
    }
}

#[test]
fn an_export_of_another_platform_proves_nothing_of_this_one() {
    let users = "fixtures/exports/servicenow/sys_user.raw.csv";
    let grants = "fixtures/exports/salesforce/permission_set_assignments.sf-query.json";
    let (_, report) = scan(&[users, grants]);
    tells(&report, &[("perm.broad", &[])]);
    let reasons = report.not_evaluated("perm.broad");
    assert!(
        reasons.contains("no export of permission grant"),
        "{reasons}"
    );
    let roles = "fixtures/exports/servicenow/sys_user_has_role.table-api.json";
    let (_, report) = scan(&[users, grants, roles]);
    tells(&report, &[("perm.broad", &["svc.erp"])]);
}

#[test]
fn the_same_rows_in_two_files_count_once() {
    let here = folder("twice-of-one");
    let secrets = "fixtures/exports/salesforce/tenant_secrets.sf-query.json";
    let partners = "fixtures/exports/servicenow/u_integration_credential.raw.csv";
    let counter = "u_credential,u_day,u_primary_calls,u_fallback_calls\n\
                   partner-b,2026-11-02,9000,100\npartner-b,2026-11-03,9000,90\n";
    for name in ["january", "february"] {
        for export in [secrets, partners] {
            let (_, file_name) = export.rsplit_once('/').unwrap();
            let text = fs::read_to_string(export).unwrap();
            file(&here, &format!("{name}/{file_name}"), &text);
        }
        file(&here, &format!("{name}/counter.csv"), counter);
    }
    let (_, report) = scan(&["--as-of", "2026-11-05", here.to_str().unwrap()]);
    // One of the type is active, and two days are no trend.
    tells(
        &report,
        &[
            ("shield.active-count", &[]),
            ("dual.fallback-not-tapering", &[]),
        ],
    );
    assert_eq!(subjects(&report, "shield.rotation-overdue").len(), 1);
    let third = format!("{counter}partner-b,2026-11-04,9000,95\n");
    file(&here, "march/counter.csv", &third);
    let (_, report) = scan(&["--as-of", "2026-11-05", here.to_str().unwrap()]);
    tells(&report, &[("dual.fallback-not-tapering", &["partner-b"])]);
}
