//! The inventory in each format.

use serde_json::Value;

use super::schema::faults;
use crate::inventory::testing::inventory;
use crate::report::{INVENTORY_FORMATS, Items};

/// Hostile names, a conflict, an item without an age, one that only the register knows.
const FILES: &[(&str, &str)] = &[
    (
        "a.csv",
        "account: platform=p, id=1, login=Zoë\u{1b}[2J, made=2024-01-01, ends=2027-01-01, on=true, boss=nobody\n\
         account: platform=p, id=2, login==cmd, label=<b>, ends=never\n\
         account: platform=p, id=3, login=old, changed=2020-02-02, boss==cmd",
    ),
    ("b.csv", "account: platform=p, id=1, ends=2028-01-01"),
    (
        "r.yaml",
        "word: id=ghost, name=ghost, kind=robot, owner=team, rotated=2026-01-01, days=30",
    ),
];

fn written(name: &str) -> String {
    let inventory = inventory(FILES);
    let items = Items {
        mentions: None,
        inventory: &inventory,
        as_of: "2026-11-20".parse().unwrap(),
        problems: &[],
        width: 100,
    };
    let format = INVENTORY_FORMATS.iter().find(|f| f.name == name).unwrap();
    let mut out = Vec::new();
    (format.write)(&items, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(include_str!(
        "../../../schema/credlint-inventory-v1.schema.json"
    ))
    .unwrap();
    let mut document: Value = serde_json::from_str(&written("json")).unwrap();
    assert_eq!(
        faults(&schema, &schema, &document, "$"),
        Vec::<String>::new()
    );
    document["items"][0]["expires"] = Value::from("soon");
    assert_ne!(
        faults(&schema, &schema, &document, "$"),
        Vec::<String>::new()
    );
}

#[test]
fn the_oldest_value_stands_first_and_what_has_no_age_last() {
    let document: Value = serde_json::from_str(&written("json")).unwrap();
    let items = document["items"].as_array().unwrap();
    let order: Vec<(&str, Option<i64>, &str)> = items
        .iter()
        .map(|i| {
            (
                i["id"].as_str().unwrap(),
                i["age_days"].as_i64(),
                i["grade"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        order,
        [
            ("p:account:3", Some(2483), "direct"),
            ("p:account:1", Some(1054), "inferred"),
            ("ghost", Some(323), "declared"),
            ("p:account:2", None, "absent"),
        ]
    );
}

#[test]
fn the_table_tells_conflicts_and_obeys_no_name() {
    let table = written("table");
    assert!(table.contains("! expires: a.csv:1 says 2027-01-01T00:00:00Z (direct); b.csv:1 says 2028-01-01T00:00:00Z (direct)"), "{table}");
    assert!(table.contains("Zoë\\u{1b}[2J") && !table.contains('\u{1b}'));
    assert!(
        table.contains("4 credentials, 4 of them live; of 1 nothing says how old the value is")
    );
}

#[test]
fn csv_has_one_row_an_item_and_no_formula() {
    let csv = written("csv");
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 5);
    assert!(csv.contains("\"'=cmd\""), "{csv}");
    assert!(rows.iter().all(|row| row.split(',').count() == 21), "{csv}");
}
