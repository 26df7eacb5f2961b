//! Items that source speaks of, and those that nothing speaks of.

use std::io::Write;
use std::process::Output;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use credlint::rule::template::expand;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::program::{AS_OF, credlint, file, folder};

/// The id of a user's key.
fn key(user: &str) -> String {
    expand("AKIA{{base32-upper:16}}", user).unwrap()
}

/// The inventory as JSON.
fn inventory(more: &[&str]) -> Output {
    let command = [
        "inventory",
        "--no-config",
        "--as-of",
        AS_OF,
        "--format",
        "json",
    ];
    credlint(&[&command, more].concat())
}

/// The mentions of the keys of four users, with the text of a source tree.
fn mentions(test: &str, source: &[(&str, &[u8])]) -> (i32, Vec<(String, Value)>, String) {
    let folder = folder(test);
    let entry = |user: &str| {
        format!(
            r#"{{"UserName": "{user}", "AccessKeyId": "{}", "Status": "Active",
               "CreateDate": "2024-10-01T10:00:00+00:00"}}"#,
            key(user)
        )
    };
    let users = ["svc-deploy", "svc-encoded", "svc-old", "svc-packed"];
    let keys = users.map(entry).join(",");
    let export = format!(r#"{{"AccessKeyMetadata": [{keys}]}}"#);
    file(&folder, "all/keys.json", &export);
    for (name, bytes) in source {
        let path = folder.join("all").join(name);
        match std::str::from_utf8(bytes) {
            Ok(text) => std::fs::write(path, text.replace("KEY", &key("svc-deploy"))).unwrap(),
            Err(_) => std::fs::write(path, bytes).unwrap(),
        }
    }
    let all = folder.join("all");
    let all = all.to_str().unwrap();
    let output = inventory(&[&format!("{all}/keys.json"), "--mentions", all]);
    let said = String::from_utf8(output.stderr).unwrap();
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
    let items = report["items"].as_array().unwrap();
    let keys = items.iter().filter(|item| item["kind"] == "access_key");
    let of = |item: &Value| {
        let owner = item["name"].as_str().unwrap().to_owned();
        (owner, item["mentions"].clone())
    };
    (output.status.code().unwrap(), keys.map(of).collect(), said)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn an_item_has_its_places_in_source_or_none() {
    let packed = gzip(&format!("nothing\nkey = {}\n", key("svc-packed")));
    let encoded = BASE64_STANDARD.encode(format!("{}\n", key("svc-encoded")));
    let encoded = format!("kind: Secret\ndata:\n  key_id: {encoded}\n  user: none\n");
    let (code, found, said) = mentions(
        "mentions",
        &[
            (
                "deploy.sh",
                b"#!/bin/sh\nexport KEY_ID=KEY\naws s3 ls # KEY\n",
            ),
            ("later.txt", b"KEY"),
            ("secret.yaml", encoded.as_bytes()),
            ("notes.txt.gz", &packed),
        ],
    );
    assert_eq!(code, 0, "{said}");
    let of = |user: &str| {
        let found = found.iter().find(|(name, _)| **name == key(user));
        found
            .unwrap_or_else(|| panic!("{user} in {found:?}"))
            .1
            .clone()
    };
    let deploy = of("svc-deploy");
    assert_eq!(
        (&deploy["state"], &deploy["count"]),
        (&"found".into(), &3.into())
    );
    assert!(
        deploy["first"]["path"]
            .as_str()
            .unwrap()
            .ends_with("all/deploy.sh")
    );
    assert_eq!(deploy["first"]["line"], 2);
    let packed = of("svc-packed");
    assert_eq!(packed["state"], "found");
    assert!(
        packed["first"]["path"]
            .as_str()
            .unwrap()
            .ends_with("notes.txt.gz!notes.txt")
    );
    let encoded = of("svc-encoded");
    assert_eq!(
        (&encoded["count"], &encoded["first"]["line"]),
        (&1.into(), &3.into())
    );
    assert_eq!(of("svc-old")["state"], "nowhere");
    assert!(
        said.contains("1 of 4 credentials are mentioned nowhere (files searched: 4)"),
        "{said}"
    );
}

#[test]
fn what_could_not_be_searched_is_no_all_clear() {
    let mut cut = gzip(&"a line that goes on and on\n".repeat(4000));
    cut.truncate(cut.len() / 2);
    let (code, _, said) = mentions("mentions-cut", &[("notes.gz", &cut)]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("notes.gz"), "{said}");
}

#[test]
fn without_a_tree_nothing_is_said_of_mentions() {
    let output = inventory(&["fixtures/demo/exports"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for item in report["items"].as_array().unwrap() {
        assert_eq!(item["mentions"], Value::Null);
    }
}
