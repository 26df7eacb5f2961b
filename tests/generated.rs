//! Files that are made from the code and kept beside it: each is what the code makes today.
//! `UPDATE=1 cargo test --test generated` writes them anew.

use std::fs;

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::app::{docs, doctor, rules, runbook};
use credlint::rule::file::Depth;
use credlint::rule::{Body, program, start};

#[expect(clippy::expect_used, reason = "a test helper")]
fn check(path: &str, made: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person asks for the files to be rewritten"
    )]
    if std::env::var("UPDATE").is_ok_and(|v| v == "1") {
        fs::write(path, made).expect("the folder is part of the project");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "{path} is not what the code makes; run UPDATE=1 cargo test --test generated"
    );
}

#[test]
fn reference_pages_and_the_schema_of_rules_are_what_the_code_makes() {
    let content =
        Content::load(&ContentOptions::default(), Depth::Full).expect("built-in content loads");
    check("docs/rules.md", &docs::rules(&content));
    let requirements = doctor::requirements().expect("the requirements load");
    check(
        "docs/requirements.md",
        &docs::requirements(&content, &requirements),
    );
    let runbooks = runbook::built_in();
    check("docs/runbooks.md", &docs::runbooks(&runbooks));
    check("docs/exports.md", &docs::sources(&content));
    let secrets = content.rules.iter().filter_map(|rule| match &rule.body {
        Body::Secret(rule) => Some(&**rule),
        Body::Record(_) => None,
    });
    check("src/rule/starts.txt", &start::table(secrets.clone()));
    check("src/rule/program/known.txt", &program::table(secrets));
    check(
        "schema/credlint-rules-v1.schema.json",
        &format!("{}\n", rules::rules_schema(&content)),
    );
}
