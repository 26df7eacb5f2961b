//! The built-in rules: each loads, and each passes the tests that stand beside it.

use std::fs;
use std::path::Path;

use credlint::check::org::run_test;
use credlint::read::decode::Document;
use credlint::rule::file::Depth;
use credlint::rule::{Body, Controls, Rule};

#[expect(clippy::unwrap_used, reason = "a test helper")]
fn document(path: &Path) -> Document {
    Document::new(&path.to_string_lossy(), &fs::read_to_string(path).unwrap())
}

#[test]
fn every_rule_over_records_loads_and_passes_its_own_tests() {
    let records = document(Path::new("sources/records.yaml"));
    let (schema, _) = credlint::source::Sources::decode(&[records]).unwrap();
    let controls = Controls::decode(&document(Path::new("rules/controls.yaml"))).unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir("rules/org").unwrap() {
        let doc = document(&entry.unwrap().path());
        let rules = doc
            .parse()
            .and_then(|node| Rule::decode_file(&doc, &node, (&schema, &controls), Depth::Full));
        let rules = match rules {
            Ok(rules) => rules,
            Err(error) => {
                failures.push(format!("{error:?}"));
                continue;
            }
        };
        for rule in &rules {
            let Body::Record(body) = &rule.body else {
                continue;
            };
            for test in &body.tests {
                count += 1;
                if let Err(failure) = run_test((&rule.meta, body), &schema, &test.case, test.expect)
                {
                    failures.push(format!("{}: {}: {failure}", rule.meta.id, test.name));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 0);
}
