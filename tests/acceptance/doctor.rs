//! What `doctor` offers: only what helps.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::rule::file::Depth;
use serde_json::Value;

use crate::program::{AS_OF, credlint, scan};

/// What a row says that is about nothing at hand.
const ELSEWHERE: &str = "no export at hand tells of it";

fn doctor(paths: &[&str]) -> Vec<Value> {
    let base = [
        "doctor",
        "--no-config",
        "--format",
        "json",
        "--as-of",
        AS_OF,
    ];
    let output = credlint(&[&base, paths].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["requirements"].as_array().unwrap().clone()
}

/// The platform of every source; that of the team's own files is empty.
fn platforms() -> BTreeMap<String, String> {
    let content = Content::load(&ContentOptions::default(), Depth::Trusted).unwrap();
    let all = content.sources.iter();
    all.map(|(_, source)| (source.id().to_owned(), source.platform().to_owned()))
        .collect()
}

#[test]
fn every_command_is_of_a_platform_that_the_row_is_about() {
    let platform_of = platforms();
    let each = fs::read_dir("fixtures/exports").unwrap();
    let mut folders: Vec<Vec<String>> = each
        .map(|entry| vec![entry.unwrap().path().to_str().unwrap().to_owned()])
        .collect();
    assert!(folders.len() > 12);
    // Two platforms, of which one has what the other lacks.
    folders.push(
        ["servicenow", "okta"]
            .map(|p| format!("fixtures/exports/{p}"))
            .into(),
    );
    let mut offered = 0;
    for paths in folders {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (_, report) = scan(&paths);
        let inputs = report.0["inputs"].as_array().unwrap();
        let here: BTreeSet<&str> = inputs
            .iter()
            .flat_map(|input| input["sources"].as_array().unwrap())
            .map(|id| platform_of[id.as_str().unwrap()].as_str())
            .chain([""])
            .collect();
        for row in doctor(&paths) {
            let settle = row["settle"].as_array().unwrap();
            let of: BTreeSet<&str> = settle
                .iter()
                .map(|command| platform_of[command["source"].as_str().unwrap()].as_str())
                .collect();
            offered += of.len();
            let elsewhere = row["reasons"].to_string().contains(ELSEWHERE);
            // The log of a register alone is about any platform.
            let register_alone = here.len() == 1;
            assert!(
                elsewhere || register_alone || of.is_subset(&here),
                "{paths:?}: {row:#}"
            );
        }
    }
    assert!(offered > 500, "{offered}");
}

#[test]
fn a_gap_of_servicenow_names_no_command_of_salesforce() {
    let rows = doctor(&["fixtures/exports/servicenow"]);
    let row = &rows[24 - 1];
    assert_eq!(row["verdict"], "partly proven");
    let text = row.to_string();
    assert!(text.contains("no export of audit event"), "{text}");
    assert!(
        !text.contains("Salesforce") && !text.contains("sf data"),
        "{text}"
    );
}
