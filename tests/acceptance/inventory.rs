//! Items from the demo's exports.

use serde_json::Value;

use crate::program::{AS_OF, credlint};

fn inventory(arguments: &[&str]) -> Value {
    let base = [
        "inventory",
        "--no-config",
        "--format",
        "json",
        "--as-of",
        AS_OF,
    ];
    let output = credlint(&[&base, arguments].concat());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn item<'v>(inventory: &'v Value, id: &str) -> &'v Value {
    let items = inventory["items"].as_array().unwrap();
    items
        .iter()
        .find(|item| item["id"] == id)
        .unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn the_records_of_several_exports_are_one_item() {
    let all = inventory(&["fixtures/demo/exports"]);
    let secret = item(&all, "salesforce:client_secret:ERP Sync");
    assert_eq!(secret["age_days"], 537);
    assert_eq!(secret["grade"], "declared");
    assert_eq!(secret["owner"]["value"], "integrations-team");
    let app = &secret["links"][0];
    assert_eq!(
        (&app["relation"], &app["kind"]),
        (&Value::from("app"), &Value::from("oauth_app"))
    );
    assert!(
        app["id"]
            .as_str()
            .unwrap()
            .starts_with("salesforce:oauth_app:")
    );
    let certificate = item(&all, "salesforce:certificate:JWT_Signing");
    assert_eq!(certificate["consumers"], serde_json::json!(["ERP Sync"]));
    let callouts = item(&all, "salesforce:named_credential:ERP_API");
    assert_eq!(callouts["last_used"]["grade"], "direct");
    let erp = all["items"].as_array().unwrap().iter();
    let erp: Vec<&Value> = erp
        .filter(|i| i["name"] == "svc.erp@acme.example")
        .collect();
    let [erp] = erp.as_slice() else {
        panic!("{erp:#?}")
    };
    // By a grant and by the profile's policy.
    assert_eq!(
        erp["expires"],
        serde_json::json!({"value": "never", "grade": "inferred"})
    );
    assert!(
        erp["privileges"]
            .as_array()
            .unwrap()
            .contains(&Value::from("Password Never Expires"))
    );
}

#[test]
fn the_inventory_is_the_same_at_any_number_of_threads() {
    for format in ["table", "csv", "json"] {
        let run = |threads: &str| {
            let base = [
                "inventory",
                "fixtures/demo",
                "--no-config",
                "--as-of",
                AS_OF,
            ];
            credlint(&[&base[..], &["--format", format, "--threads", threads]].concat()).stdout
        };
        let one = run("1");
        assert!(!one.is_empty());
        assert!(one == run("2") && one == run("7"), "{format}");
    }
}

#[test]
fn what_could_not_be_read_makes_the_inventory_incomplete() {
    for path in [
        "fixtures/broken/cut",
        "no-such-folder",
        "fixtures/demo/repo/scripts",
    ] {
        let output = credlint(&["inventory", path, "--no-config", "--format", "json"]);
        assert_eq!(output.status.code(), Some(3), "{path}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["complete"], false, "{path}");
    }
}
