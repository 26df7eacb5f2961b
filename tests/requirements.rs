//! Every requirement has rules that exist, or a reason why none can; and the commands that make the
//! exports write nothing.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::collections::BTreeSet;

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::app::{doctor, guide};
use credlint::rule::CheckedBy;
use credlint::rule::file::Depth;

fn content() -> Content {
    Content::load(&ContentOptions::default(), Depth::Trusted).unwrap()
}

#[test]
fn there_are_133_requirements_and_each_names_rules_that_exist_or_a_reason() {
    let content = content();
    let requirements = doctor::requirements().unwrap();
    assert_eq!(requirements.list.len(), 133);
    let known: BTreeSet<&str> = content.rules.iter().map(|r| r.meta.id.as_str()).collect();
    let mut missing = BTreeSet::new();
    for row in &requirements.list {
        match &row.by {
            CheckedBy::Rules(ids) => {
                missing.extend(
                    ids.iter()
                        .map(credlint::model::RuleId::as_str)
                        .filter(|id| !known.contains(id)),
                );
            }
            CheckedBy::Families(_) => {
                assert!(
                    !doctor::rules_of(&content, row).is_empty(),
                    "{}",
                    row.number
                );
            }
            CheckedBy::Nothing(reason) => assert!(reason.len() > 20, "{}", row.number),
        }
        for id in &row.needs {
            assert!(
                content.sources.find(id).is_some(),
                "{}: no source {id}",
                row.number
            );
        }
    }
    assert!(missing.is_empty(), "no such rules: {missing:?}");
}

#[test]
fn every_rule_over_records_serves_a_requirement() {
    let content = content();
    let requirements = doctor::requirements().unwrap();
    let named: BTreeSet<&str> = requirements
        .list
        .iter()
        .flat_map(|row| doctor::rules_of(&content, row))
        .map(|rule| rule.meta.id.as_str())
        .collect();
    let org = content
        .rules
        .iter()
        .filter(|r| matches!(r.body, credlint::rule::Body::Record(_)));
    let idle: Vec<&str> = org
        .map(|r| r.meta.id.as_str())
        .filter(|id| !named.contains(id))
        .collect();
    assert_eq!(
        idle,
        Vec::<&str>::new(),
        "add them to rules/requirements.yaml"
    );
}

/// Words by which a command would change something.
const WRITING: &[&str] = &[
    "create",
    "delete",
    "update",
    "put",
    "set",
    "post",
    "patch",
    "rotate",
    "deploy",
    "upsert",
    "insert",
    "remove",
    "add",
    "write",
    "revoke",
    "disable",
    "enable",
    "destroy",
    "apply",
    "edit",
    "import",
    "run",
    "rm",
    "mv",
    "push",
    "drop",
    "alter",
    "grant",
    "truncate",
    "--data",
    "-d",
    "-X",
    "--request",
    "--method",
    "-f",
    "-F",
];

#[test]
fn the_commands_of_every_platform_only_read() {
    let content = content();
    let platforms = guide::platforms(&content);
    assert!(platforms.len() > 10, "{platforms:?}");
    for platform in platforms {
        let script = guide::script(&content, platform);
        let commands = script
            .lines()
            .filter(|line| !line.starts_with("# By hand:"));
        for line in commands.skip_while(|line| *line != "set -eu").skip(1) {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
            // The first word of a compound verb says what it does: `delete-key`, `put-item`.
            let verbs = words.flat_map(|w| [w, w.split('-').find(|p| !p.is_empty()).unwrap_or(w)]);
            // Of what is commented out, only commands count: those that leave something open.
            let is_comment = line.starts_with('#') && !line.contains("> ");
            let writing: Vec<&str> = verbs.filter(|verb| WRITING.contains(verb)).collect();
            assert!(
                is_comment || writing.is_empty(),
                "{platform}: {writing:?} in {line}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn every_script_is_one_that_a_shell_reads() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let content = content();
    for platform in guide::platforms(&content) {
        let mut shell = Command::new("sh")
            .arg("-n")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let script = guide::script(&content, platform);
        shell
            .stdin
            .take()
            .unwrap()
            .write_all(script.as_bytes())
            .unwrap();
        assert!(shell.wait().unwrap().success(), "{platform}: {script}");
    }
}
