//! Items from the demo's exports.

use std::fs;

use serde_json::Value;

use crate::program::{AS_OF, credlint, file, folder};

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
    assert_eq!(
        certificate["consumers"],
        serde_json::json!(["ERP Sync", "erp-middleware"])
    );
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
fn what_a_credential_opens_and_when_an_application_was_used_come_from_other_exports() {
    let all = inventory(&[
        "fixtures/exports/servicenow/discovery_credentials.unload.xml",
        "fixtures/exports/servicenow/http_connection.table-api.json",
        "fixtures/exports/salesforce/connected_applications.sf-query.csv",
        "fixtures/exports/salesforce/eventlog.ApiTotalUsage.csv",
    ]);
    let items = all["items"].as_array().unwrap();
    let named = |kind: &str, name: &str| {
        let same = |i: &&Value| i["kind"] == kind && i["name"] == name;
        items.iter().find(same).unwrap()
    };
    let basic = named("managed_secret", "Partner X basic");
    assert_eq!(
        basic["endpoint"]["value"],
        "https://orders.partner-x.example"
    );
    assert_eq!(basic["consumers"], serde_json::json!(["Partner X orders"]));
    let app = named("oauth_app", "ERP Sync");
    assert_eq!(app["last_used"]["value"], "2026-11-19T22:01:12Z");
    assert_eq!(app["last_used"]["grade"], "direct");
}

#[test]
fn the_log_of_the_register_and_its_kinds_speak_of_what_is_registered() {
    let register = file(
        &folder("register-log"),
        "register.yaml",
        "version: 1\nkinds:\n- {kind: api_key, cadence_days: 30}\ncredentials:\n\
         - {id: parcel-key, kind: api_key, last_rotated: 2026-01-10}\n\
         - {id: pallet-key, kind: api_key, last_rotated: 2026-02-10, cadence_days: 90}\n\
         log:\n\
         - {credential: parcel-key, type: rotated, at: 2026-10-01}\n\
         - {credential: parcel-key, type: rotated, at: 2026-11-01}\n\
         - {credential: parcel-key, type: rotated, at: 2027-01-01}\n\
         - {credential: pallet-key, type: reviewed, at: 2026-11-02}\n\
         - {credential: nobody-knows, type: rotated, at: 2026-11-03}\n",
    );
    let all = inventory(&[&register]);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let (parcel, pallet) = (item(&all, "parcel-key"), item(&all, "pallet-key"));
    assert_eq!(
        parcel["rotated"],
        serde_json::json!({"value": "2026-11-01T00:00:00Z", "grade": "declared"})
    );
    assert_eq!(parcel["next_rotation"]["value"], "2026-12-01T00:00:00Z");
    // What its own entry says comes before what is said of its kind.
    assert_eq!(pallet["next_rotation"]["value"], "2026-05-11T00:00:00Z");
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

fn doctor(path: &str) -> Vec<Value> {
    let base = [
        "doctor",
        path,
        "--no-config",
        "--format",
        "json",
        "--as-of",
        AS_OF,
    ];
    let output = credlint(&base);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["requirements"].as_array().unwrap().clone()
}

#[test]
fn the_doctor_tells_what_is_proven_what_fails_and_what_would_settle_the_rest() {
    let rows = doctor("fixtures/demo/exports/salesforce");
    assert_eq!(rows.len(), 133);
    let row = |number: usize| &rows[number - 1];
    assert_eq!(row(14)["verdict"], "failing");
    assert_eq!(row(45)["verdict"], "proven");
    assert_eq!(row(51)["verdict"], "not checkable");
    let settled_by = |number: usize, source: &str| {
        let row = row(number);
        assert_ne!(row["verdict"], "proven", "{row:#}");
        let settle = row["settle"].as_array().unwrap();
        assert!(
            settle.iter().any(|s| s["source"] == source),
            "{number} {source}: {row:#}"
        );
    };
    for number in [2, 3, 5, 7, 8, 11, 12, 17, 84, 127] {
        settled_by(number, "register");
    }
    for number in [99, 100, 102] {
        settled_by(number, "salesforce.encryption_statistics");
    }
    settled_by(53, "servicenow.u_integration_credential");
    // With a log of one day, nothing is known about ninety.
    let short = doctor("fixtures/exports/salesforce");
    let named = &short[39 - 1];
    assert_ne!(named["verdict"], "proven", "{named:#}");
}

#[test]
fn the_guide_names_platforms_and_refuses_others() {
    let output = credlint(&["export-guide"]);
    let names = String::from_utf8(output.stdout).unwrap();
    assert!(names.lines().any(|line| line == "salesforce"), "{names}");
    let script = String::from_utf8(credlint(&["export-guide", "salesforce"]).stdout).unwrap();
    assert!(
        script.starts_with("#!/bin/sh\n")
            && script.contains("FROM OauthToken\" > salesforce.oauth_token.json"),
        "{script}"
    );
    let wrong = credlint(&["export-guide", "salesforc"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `salesforce`?"));
}

#[test]
fn a_register_made_from_exports_is_read_back_and_never_overwrites() {
    let here = folder("register");
    let file = here.join("register.yaml");
    let path = file.to_str().unwrap();
    let exports = "fixtures/demo/exports";
    let salesforce = format!("{exports}/salesforce");
    let made = credlint(&[
        "init",
        path,
        "--no-config",
        "--as-of",
        AS_OF,
        "--register",
        &salesforce,
    ]);
    assert_eq!(
        made.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("- id: \"salesforce:client_secret:ERP Sync\"\n  kind: \"client_secret\""),
        "{text}"
    );
    // Who left, and people, are in no register of credentials.
    assert!(
        text.contains(":user:svc.erp@acme.example") && !text.contains("sam.left"),
        "{text}"
    );
    let before = inventory(&[&salesforce]);
    let after = inventory(&[&salesforce, path]);
    let ids = |all: &Value| -> Vec<String> {
        let items = all["items"].as_array().unwrap().iter();
        let mut ids: Vec<String> = items
            .map(|i| i["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    // Every line of it finds the item that it was made from.
    assert_eq!(ids(&before), ids(&after));
    let again = credlint(&["init", path, "--no-config", "--register", &salesforce]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    // With the register at hand, only what it does not name is left to write.
    let rest = here.join("rest.yaml");
    let rest = rest.to_str().unwrap();
    let _ = credlint(&[
        "init",
        rest,
        "--no-config",
        "--as-of",
        AS_OF,
        "--register",
        exports,
        path,
    ]);
    assert!(!fs::read_to_string(rest).unwrap().contains("\"salesforce:"));
}

fn calendar(format: &str, paths: &[&str]) -> String {
    let base = [
        "calendar",
        "--no-config",
        "--as-of",
        AS_OF,
        "--format",
        format,
    ];
    let output = credlint(&[&base, paths].concat());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_week_with_ten_rotations_is_flagged_and_spread() {
    let mut register = "version: 1\ncredentials:\n".to_owned();
    for n in 0..10 {
        register += &format!(
            "- {{id: partner-{n}, kind: api_key, owner: team, next_rotation: 2027-01-13}}\n"
        );
    }
    let here = folder("bunched");
    let path = file(&here, "register.yaml", &register);
    let table = calendar("table", &[&path]);
    assert!(
        table.contains("! 2027-W02: 10 rotations in one week; 5 are too many"),
        "{table}"
    );
    let csv = calendar("csv", &[&path]);
    let proposed = |day: &str| csv.matches(&format!(",{day},declared")).count();
    assert_eq!(
        (
            proposed("2027-01-13"),
            proposed("2027-01-06"),
            proposed("2026-12-30")
        ),
        (4, 4, 2)
    );
}

#[test]
fn the_calendar_is_one_that_others_read() {
    let ics = calendar("ics", &["fixtures/demo/exports"]);
    let lines: Vec<&str> = ics.split("\r\n").collect();
    assert_eq!(lines.first(), Some(&"BEGIN:VCALENDAR"));
    assert!(ics.ends_with("END:VCALENDAR\r\n") && !ics.replace("\r\n", "").contains('\n'));
    assert!(lines.iter().all(|line| line.len() <= 75), "{ics}");
    let count = |what: &str| lines.iter().filter(|line| **line == what).count();
    assert!(count("BEGIN:VEVENT") > 10);
    assert_eq!(count("BEGIN:VEVENT"), count("END:VEVENT"));
    let uids: std::collections::BTreeSet<&&str> = lines
        .iter()
        .filter(|line| line.starts_with("UID:"))
        .collect();
    assert_eq!(uids.len(), count("BEGIN:VEVENT"));
}

#[test]
fn a_manager_by_id_and_by_name_is_no_conflict() {
    let here = folder("managers");
    let user = |manager: &str| {
        format!(
            "sys_id,user_name,active,sys_created_on,last_login_time,manager\n\
             13985114ef6cf84491320d9436a549cb,svc.mid,true,2024-01-01 00:00:00,\
             2026-11-19 22:15:03,{manager}\n"
        )
    };
    let id = "71ef3d7176a9c114cbbb2ed23f46b650";
    let by_id = file(&here, "id.csv", &user(id));
    let by_name = file(&here, "name.csv", &user("Kim Okafor"));
    let owner = |paths: &[&str]| {
        let all = inventory(paths);
        let user = item(&all, "servicenow:user:13985114ef6cf84491320d9436a549cb");
        assert_eq!(user["conflicts"], serde_json::json!([]));
        (
            user["owner"]["value"].clone(),
            user["owner"]["grade"].clone(),
        )
    };
    let named = ("Kim Okafor".into(), "direct".into());
    assert_eq!(owner(&[&by_id, &by_name]), named);
    assert_eq!(owner(&[&by_id]), (id.into(), "inferred".into()));
}

#[test]
fn tokens_of_two_servers_with_one_number_are_two_items() {
    let here = folder("inventory-servers");
    let token = |name: &str, made: &str| {
        let text = format!(
            r#"[{{"id":4,"name":"{name}","revoked":false,"created_at":"{made}T00:00:00.780Z","scopes":["api"],"user_id":3,"active":true,"expires_at":null}}]"#
        );
        file(&here, &format!("{name}.json"), &text)
    };
    let (old, new) = (token("old", "2020-07-22"), token("new", "2026-10-22"));
    let both = inventory(&[&old, &new]);
    let age = |made: &str| {
        let id = format!("gitlab:access_key:4 of {made}T00:00:00Z");
        item(&both, &id)["age_days"].as_i64().unwrap()
    };
    assert_eq!((age("2020-07-22"), age("2026-10-22")), (2312, 29));
    assert_eq!(
        item(&inventory(&[&old]), "gitlab:access_key:4")["age_days"],
        2312
    );
}
