//! What is wrong in a rule, policy or source file is refused at its place, with what was meant.
//!
//! Beside this file are one right file of each kind and, in `*.cases`, faults to put into it:
//!
//! ```text
//! = what the case is about
//! - lines of the right file, whose first occurrence is replaced
//! + by these, where `»` marks the place that must be pointed at
//! ! what the message must contain
//! ? what the help must contain
//! @ line:column, when the place is not in the new lines; `any` where YAML's parser decides
//! ```
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use credlint::model::{Diagnostic, Schema};
use credlint::read::decode::{Decoded, Document};
use credlint::rule::file::Depth;
use credlint::rule::{Controls, Policy, Rule};
use credlint::source::Sources;
use snapbox::cmd::{Command, cargo_bin};

/// One fault: the whole file with it, and what must be said.
struct Case {
    name: String,
    text: String,
    /// None where the parser of YAML decides on the place.
    place: Option<(usize, usize)>,
    message: Vec<String>,
    help: Vec<String>,
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new("tests/refusals").join(name)).unwrap()
}

fn cases(kind: &str) -> Vec<Case> {
    let (right, cases) = (
        read(&format!("{kind}.yaml")),
        read(&format!("{kind}.cases")),
    );
    let all: Vec<Case> = cases
        .split("\n= ")
        .skip(1)
        .map(|case| parse(case, &right))
        .collect();
    assert!(!all.is_empty(), "{kind}");
    all
}

fn parse(case: &str, right: &str) -> Case {
    let (name, rest) = case.split_once('\n').unwrap();
    let lines = |mark: &str| -> Vec<String> {
        rest.lines()
            .filter_map(|l| l.strip_prefix(mark))
            .map(|l| l.strip_prefix(' ').unwrap_or(l).to_owned())
            .collect()
    };
    let old = lines("-").join("\n");
    let marked = right.replacen(&old, &lines("+").join("\n"), 1);
    assert_ne!(marked, right, "{name}: not in the right file: {old}");
    let before = marked.split_once('»').map(|(before, _)| before);
    let place = match (lines("@").first().map(String::as_str), before) {
        (Some("any"), _) => None,
        (Some(at), _) => {
            let (line, column) = at.split_once(':').unwrap();
            Some((line.parse().unwrap(), column.parse().unwrap()))
        }
        (None, before) => {
            let before = before.unwrap_or_else(|| panic!("{name}: no place is marked"));
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            Some((before.matches('\n').count() + 1, column))
        }
    };
    let (message, help) = (lines("!"), lines("?"));
    assert!(!message.is_empty(), "{name}: no message");
    Case {
        name: name.to_owned(),
        text: marked.replacen('»', "", 1),
        place,
        message,
        help,
    }
}

/// What is wrong with how a case was refused.
fn judge(case: &Case, refusal: Result<(), Diagnostic>) -> Option<String> {
    let Err(fault) = refusal else {
        return Some(format!("{}: let through", case.name));
    };
    let help = fault.help.as_deref().unwrap_or("");
    let said = case.message.iter().all(|m| fault.message.contains(m))
        && case.help.iter().all(|h| help.contains(h));
    let placed = case.place.is_none_or(|place| place == fault.line_column());
    (!said || !placed).then(|| format!("{}: {:?} for {:?}", case.name, fault, case.place))
}

fn judge_all(kind: &str, decode: impl Fn(&Document) -> Decoded<()>) {
    let right = Document::new("right.yaml", &read(&format!("{kind}.yaml")));
    decode(&right).unwrap_or_else(|fault| panic!("the right file: {fault:?}"));
    let failures: Vec<String> = cases(kind)
        .iter()
        .filter_map(|case| judge(case, decode(&Document::new("case.yaml", &case.text))))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every built-in source file.
fn sources() -> Vec<Document> {
    let mut files: Vec<PathBuf> = fs::read_dir("sources")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| Document::new(&path.to_string_lossy(), &fs::read_to_string(path).unwrap()))
        .collect()
}

fn content() -> (Schema, Controls) {
    let (schema, _) = Sources::decode(&sources()).unwrap();
    let catalogue = fs::read_to_string("rules/controls.yaml").unwrap();
    let controls = Controls::decode(&Document::new("controls.yaml", &catalogue)).unwrap();
    (schema, controls)
}

fn rules(doc: &Document, (schema, controls): &(Schema, Controls)) -> Decoded<Vec<Rule>> {
    Rule::decode_file(doc, &doc.parse()?, (schema, controls), Depth::Full)
}

#[test]
fn faults_in_rules_over_records_are_refused() {
    let content = content();
    judge_all("record", |doc| rules(doc, &content).map(drop));
}

#[test]
fn faults_in_rules_over_text_are_refused() {
    let content = content();
    judge_all("secret", |doc| rules(doc, &content).map(drop));
}

#[test]
fn faults_in_policies_are_refused() {
    let content = content();
    let mut known = Vec::new();
    for kind in ["record", "secret"] {
        let doc = Document::new(kind, &read(&format!("{kind}.yaml")));
        known.extend(rules(&doc, &content).unwrap());
    }
    judge_all("policy", |doc| {
        Policy::decode(doc, &known, &content.0).map(drop)
    });
}

#[test]
fn faults_in_sources_are_refused() {
    let builtin = sources();
    judge_all("source", |doc| {
        let mut documents = builtin.clone();
        documents.push(doc.clone());
        Sources::decode(&documents).map(drop)
    });
}

/// The program draws every fault: exit 2, nothing on standard output, file, line and column, the
/// line itself with a caret, and the help.
#[test]
fn the_program_draws_faults_with_place_caret_and_help() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refusals");
    fs::create_dir_all(&folder).unwrap();
    let given = |file: &str| format!("{}/tests/refusals/{file}", env!("CARGO_MANIFEST_DIR"));
    for (kind, option) in [
        ("record", "--rules"),
        ("secret", "--rules"),
        ("policy", "--config"),
        ("source", "--sources"),
    ] {
        for case in cases(kind).iter().filter(|c| c.place.is_some()).step_by(12) {
            let file = format!("{kind}.yaml");
            fs::write(folder.join(&file), &case.text).unwrap();
            let mut command = Command::new(cargo_bin!("credlint"))
                .current_dir(&folder)
                .env_remove("CREDLINT_CONFIG")
                .args(["rules", "check", option, &file]);
            if kind == "policy" {
                let rules = [given("record.yaml"), given("secret.yaml")];
                command = command.args(rules.iter().flat_map(|r| ["--rules", r]));
            }
            let output = command.assert().code(2).get_output().clone();
            assert!(output.stdout.is_empty(), "{}", case.name);
            let said = String::from_utf8(output.stderr).unwrap();
            let (line, column) = case.place.unwrap();
            // The frame breaks long lines of message and help.
            let flat: String = said.replace(['|', '\n'], " ");
            let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
            let held = |want: &String| {
                let want = want.replace('|', " ");
                flat.contains(&want.split_whitespace().collect::<Vec<_>>().join(" "))
            };
            assert!(
                said.contains(&format!("{file}:{line}:{column}")),
                "{}: {said}",
                case.name
            );
            assert!(
                case.message.iter().chain(&case.help).all(held),
                "{}: {said}",
                case.name
            );
            let shown = case.text.lines().nth(line - 1).unwrap();
            assert!(said.contains(shown), "{}: {said}", case.name);
            assert!(
                said.lines()
                    .any(|l| l.trim_start_matches(' ').contains('^')),
                "{}: {said}",
                case.name
            );
        }
    }
}
