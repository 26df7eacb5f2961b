//! Every shape in which a tool writes an export, once: `fixtures/containers` holds one small file of
//! each, and each is read for what it is, row by row, and told where it is only a part.

use std::collections::BTreeSet;
use std::fs;

use crate::program::{credlint, file, folder, scan};

/// A file, the source that knows it, its rows, and the problem that it is.
type Container = (&'static str, &'static str, u64, Option<&'static str>);

const CONTAINERS: [Container; 35] = [
    (
        "Bare.connectedApp",
        "salesforce.connected_app_metadata",
        1,
        None,
    ),
    (
        "Nil.connectedApp-meta.xml",
        "salesforce.connected_app_metadata",
        1,
        None,
    ),
    ("access-keys.json", "aws.access_keys", 1, None),
    ("acm-describe.json", "aws.acm_certificate", 1, None),
    ("acm-list.json", "aws.acm_certificates", 1, None),
    (
        "actions-secrets-first-page.json",
        "github.actions_secrets",
        1,
        Some("truncated"),
    ),
    ("actions-secrets.json", "github.actions_secrets", 1, None),
    ("az.json", "entra.applications", 2, None),
    ("bulk-all-strings.json", "salesforce.user", 1, None),
    ("bulk-caret-crlf.csv", "salesforce.user", 1, None),
    (
        "credential-report-in-json.json",
        "aws.credential_report",
        1,
        None,
    ),
    ("data-loader.csv", "salesforce.user", 1, None),
    ("documents.yaml", "kubernetes.secrets", 2, None),
    (
        "event-log-three-quotes.csv",
        "salesforce.event_log.api_total_usage",
        1,
        None,
    ),
    ("gcloud.json", "google.service_account_keys", 1, None),
    ("google-rest.json", "google.service_account_keys", 1, None),
    (
        "graph-first-page.json",
        "entra.applications",
        2,
        Some("truncated"),
    ),
    ("graph.json", "entra.applications", 2, None),
    ("jwks.json", "jwt.key_set", 1, None),
    ("kms.json", "aws.kms_key", 1, None),
    ("kubectl-list.json", "kubernetes.secrets", 1, None),
    ("kubectl-one.json", "kubernetes.secrets", 1, None),
    (
        "kubernetes-first-page.json",
        "kubernetes.secrets",
        1,
        Some("truncated"),
    ),
    ("rest-page.json", "salesforce.user", 1, Some("truncated")),
    ("secrets-epoch.json", "aws.secrets", 1, None),
    (
        "server-certificates.json",
        "aws.server_certificates",
        1,
        None,
    ),
    (
        "setup-page.csv",
        "salesforce.setup_audit_trail_page",
        1,
        None,
    ),
    ("sf-json-flag.json", "salesforce.user", 1, None),
    ("sf-output-file.json", "salesforce.user", 1, None),
    ("sf-sub-query.csv", "salesforce.user", 1, None),
    ("sf.csv", "salesforce.user", 1, None),
    ("table-api-all.json", "servicenow.sys_user", 1, None),
    ("table-api-one.json", "servicenow.sys_user", 1, None),
    ("table-api.json", "servicenow.sys_user", 1, None),
    ("unload.xml", "servicenow.sys_user", 1, None),
];

#[test]
fn every_container_is_read_for_what_it_is() {
    let folder = fs::read_dir("fixtures/containers").unwrap();
    let there: BTreeSet<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed = CONTAINERS.iter().map(|(name, ..)| (*name).to_owned());
    assert_eq!(there, listed.collect());

    for (name, source, rows, problem) in CONTAINERS {
        let path = format!("fixtures/containers/{name}");
        let (_, report) = scan(&[&path]);
        let input = &report.0["inputs"][0];
        let sources = input["sources"].as_array().unwrap();
        assert!(sources.contains(&source.into()), "{name}: {sources:?}");
        assert_eq!(input["rows"], rows, "{name}");
        let kinds: Vec<&str> = report.problems().iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, Vec::from_iter(problem), "{name}");
    }
}

#[test]
fn the_same_account_in_every_container_of_a_platform_is_judged_the_same() {
    for source in ["salesforce.user", "servicenow.sys_user"] {
        let judged: BTreeSet<String> = CONTAINERS
            .iter()
            .filter(|(name, of, ..)| *of == source && *name != "unload.xml")
            .map(|(name, ..)| {
                let (_, report) = scan(&[&format!("fixtures/containers/{name}")]);
                let of_account = report.pairs().into_iter().filter(|(rule, _)| {
                    // That a page is only a part is about the page.
                    !rule.starts_with("data.")
                });
                format!("{:?}", of_account.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(judged.len(), 1, "{source}: {judged:#?}");
        assert!(judged.iter().all(|pairs| pairs.len() > 2), "{source}");
    }
}

#[test]
fn a_name_in_three_quotes_is_the_name() {
    let here = folder("three-quotes");
    let apps = "Id,Name,CreatedDate,OptionsAllowAdminApprovedUsersOnly\n\
                0H4xx0000000009AAA,\"ERP, Sync\",2022-01-01T00:00:00.000+0000,true\n";
    let apps = file(&here, "apps.csv", apps);
    let log = "fixtures/containers/event-log-three-quotes.csv";
    let arguments = ["--format", "csv", "--as-of", "2026-11-20"];
    let output = credlint(&[&["inventory", &apps, log][..], &arguments].concat());
    let list = String::from_utf8(output.stdout).unwrap();
    let mut lines = list.lines();
    let app = lines.find(|line| line.starts_with("salesforce:oauth_app:"));
    assert!(app.unwrap().contains(",2026-11-19T22:01:12Z,"), "{list}");
}
