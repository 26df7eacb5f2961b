//! The built-in rules: each loads with everything checked, and passes the tests beside it.

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::check::{org, secret};
use credlint::rule::file::Depth;
use credlint::rule::test::Expect;
use credlint::rule::{Body, RuleKind};

#[expect(clippy::expect_used, reason = "a test helper")]
fn content() -> Content {
    Content::load(&ContentOptions::default(), Depth::Full).expect("the built-in rules load")
}

#[test]
fn every_rule_passes_its_own_tests() {
    let content = content();
    let mut failures = Vec::new();
    for rule in &content.rules {
        match &rule.body {
            Body::Record(body) => {
                for test in &body.tests {
                    let parts = (&*rule.meta, &***body);
                    let result = org::run_test(parts, &content.schema, &test.case, test.expect);
                    failures.extend(
                        result
                            .err()
                            .map(|why| format!("{}: {}: {why}", rule.meta.id, test.name)),
                    );
                }
            }
            Body::Secret(body) => {
                for test in &body.tests {
                    let result = secret::run_test(body, test);
                    failures.extend(result.err().map(|why| format!("{}: {why}", rule.meta.id)));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A rule that reads a field which may not be exported says what happens then.
#[test]
fn every_rule_over_records_that_may_lack_a_field_shows_what_it_does_without() {
    let content = content();
    let mut silent = Vec::new();
    for rule in &content.rules {
        let Body::Record(body) = &rule.body else {
            continue;
        };
        let record = content.schema.record(body.record);
        let mut nullable = !body.relations.is_empty();
        body.when.fields(&mut |field| {
            if let credlint::rule::FieldRef::Own(id) = field {
                nullable |= record.decl(id).nullable;
            }
        });
        if nullable && !body.tests.iter().any(|t| t.expect == Expect::Unknown) {
            silent.push(rule.meta.id.as_str());
        }
    }
    assert_eq!(
        silent,
        [] as [&str; 0],
        "rules without a test for what they do not know"
    );
}

#[test]
fn every_finding_about_a_secret_in_source_is_critical_unless_its_rule_says_why_not() {
    for rule in &content().rules {
        if rule.meta.kind == RuleKind::Secret {
            let words = rule.meta.description.split_whitespace().count();
            let critical = rule.meta.severity == credlint::model::Severity::Critical;
            assert!(
                critical || words >= 8,
                "{} is {} and does not say why",
                rule.meta.id,
                rule.meta.severity
            );
        }
    }
}

/// A record type that nobody thought of would be missing in the inventory without a word.
#[test]
fn every_record_type_makes_an_item_or_tells_why_not() {
    let content =
        Content::load(&ContentOptions::default(), Depth::Trusted).expect("built-in content loads");
    let recipes = content.recipes().expect("built-in items load");
    assert_eq!(recipes.forgotten(&content.schema), Vec::<&str>::new());
}
