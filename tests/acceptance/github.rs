//! Secrets that GitHub keeps for its jobs: whose they are, and what its audit log says of them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{AS_OF, credlint, file, folder, scan};

const OLD: &str = r#"{"name":"NPM_TOKEN","created_at":"2023-01-01T00:00:00Z","updated_at":"2023-01-01T00:00:00Z"}"#;

fn items(paths: &[&str]) -> Vec<Value> {
    let arguments = [
        &[
            "inventory",
            "--no-config",
            "--format",
            "json",
            "--as-of",
            AS_OF,
        ],
        paths,
    ];
    let output = credlint(&arguments.concat());
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    inventory["items"].as_array().unwrap().clone()
}

#[test]
fn secrets_of_one_name_in_two_repositories_are_two() {
    let here = folder("github-places");
    let list = format!(r#"{{"total_count":1,"secrets":[{OLD}]}}"#);
    let told = |place: &str| {
        OLD.replace(
            "{\"name\"",
            &format!("{{\"secret_of\":\"{place}\",\"name\""),
        )
    };
    let of_org = OLD.replace(
        '}',
        r#","visibility":"selected","selected_repositories_url":"https://api.github.com/orgs/acme/actions/secrets/NPM_TOKEN/repositories"}"#,
    );
    let paths = [
        file(&here, "app/secrets.json", &list),
        file(&here, "web/secrets.json", &list),
        // The command that the guide prints adds the repository; pages come one behind another.
        file(
            &here,
            "told.json",
            &format!("{}\n{}\n", told("acme/api"), told("acme/cli")),
        ),
        file(
            &here,
            "org.json",
            &format!(r#"{{"total_count":1,"secrets":[{of_org}]}}"#),
        ),
    ];
    let paths = paths.each_ref().map(String::as_str);
    let (_, report) = scan(&paths);
    let found = report.findings("sec.api-key-max-age");
    let prints: BTreeSet<String> = found.iter().map(|f| f["fingerprint"].to_string()).collect();
    assert_eq!((found.len(), prints.len()), (5, 5), "{found:#?}");
    let ids: BTreeSet<String> = items(&paths)
        .iter()
        .map(|item| item["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 5, "{ids:?}");
    for told in [
        "acme/api/NPM_TOKEN",
        "acme/cli/NPM_TOKEN",
        "acme/actions/secrets/NPM_TOKEN",
    ] {
        assert!(
            ids.contains(&format!("\"github:access_key:{told}\"")),
            "{ids:?}"
        );
    }
}

#[test]
fn the_audit_log_shows_when_a_secret_was_changed() {
    let secrets = "fixtures/exports/github/repo-actions-secrets.told.json";
    let log = "fixtures/exports/github/org-audit-log.json";
    let rotated = |paths: &[&str]| {
        let items = items(paths);
        let item = items
            .iter()
            .find(|item| item["id"] == "github:access_key:acme/app/SF_CONSUMER_SECRET");
        item.unwrap()["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["fact"] == "rotated")
            .map(|e| e["value"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(rotated(&[secrets]).len(), 1);
    let both = rotated(&[secrets, log]);
    assert!(both.contains("2023-08-10T14:59:22Z"), "{both:?}");
    let (_, report) = scan(&[log]);
    let input = &report.0["inputs"][0];
    assert_eq!(
        (&input["sources"][0], &input["rows"]),
        (&"github.audit_log".into(), &4.into())
    );
    // A log of one platform proves nothing of another.
    assert!(!report.not_evaluated("sess.login-as").is_empty());
}
