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
use credlint::rule::late::ready;
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
            assert!(before.is_some(), "{name}: no place is marked");
            let before = before.unwrap();
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
    decode(&right).unwrap();
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
    let schema = ready(content.0.clone());
    let mut known = Vec::new();
    for kind in ["record", "secret"] {
        let doc = Document::new(kind, &read(&format!("{kind}.yaml")));
        known.extend(rules(&doc, &content).unwrap());
    }
    judge_all("policy", |doc| {
        let node = doc.parse()?;
        Policy::empty()
            .decode((doc, &node), &known, &schema)
            .map(drop)
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

// Whole files and folders that are wrong, through the program.

/// A fresh folder of one test.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("refusals")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Checks rules in `rules` below `folder`: what is said, and that it ends soon, with this code.
fn checked(folder: &Path, option: &str, code: i32) -> String {
    let output = Command::new(cargo_bin!("credlint"))
        .current_dir(folder)
        .env_remove("CREDLINT_CONFIG")
        .args(["rules", "check", option, "given"])
        .timeout(std::time::Duration::from_secs(60))
        .assert()
        .code(code)
        .get_output()
        .clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.len() < 10_000, "{} bytes are said", said.len());
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// What `rules` says of a file with this text.
fn said_of(test: &str, text: &[u8]) -> String {
    let folder = folder(test);
    fs::create_dir(folder.join("given")).unwrap();
    fs::write(folder.join("given/a.yaml"), text).unwrap();
    let said = checked(&folder, "--rules", 2);
    assert!(said.contains("a.yaml"), "{said}");
    said
}

#[test]
fn a_folder_that_is_not_there_or_holds_no_rules_is_refused() {
    let here = folder("no-folder");
    assert!(checked(&here, "--rules", 2).contains("cannot read given"));
    fs::create_dir(here.join("given")).unwrap();
    fs::write(here.join("given/rules.txt"), "version: 1").unwrap();
    assert!(checked(&here, "--rules", 2).contains("no YAML file in given"));
    assert!(checked(&here, "--sources", 2).contains("no YAML file in given"));
    fs::write(here.join("given/rules.yaml"), "").unwrap();
    assert!(checked(&here, "--rules", 2).contains("a rule file must be a mapping"));
    fs::write(here.join("given/rules.yaml"), "version: 1\nrules: []\n").unwrap();
    assert!(checked(&here, "--rules", 2).contains("a rule file without a rule does nothing"));
}

#[test]
fn a_rule_that_exists_already_is_refused() {
    let here = folder("twice");
    let mine = read("record.yaml");
    fs::create_dir(here.join("given")).unwrap();
    fs::write(here.join("given/a.yaml"), &mine).unwrap();
    checked(&here, "--rules", 0);
    fs::write(here.join("given/b.yaml"), &mine).unwrap();
    let said = checked(&here, "--rules", 2);
    assert!(
        said.contains("a rule `t.token` exists already, in given/a.yaml"),
        "{said}"
    );
    assert!(said.contains("given/b.yaml:3:"), "{said}");
    fs::write(
        here.join("given/b.yaml"),
        mine.replace("t.token", "tok.unused"),
    )
    .unwrap();
    let said = checked(&here, "--rules", 2);
    assert!(
        said.contains("a rule `tok.unused` exists already, in rules/org/token.yaml"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_no_text_is_refused_where_it_ceases_to_be() {
    let said = said_of("latin", b"version: 1\nrules:\n- id: t.\xe9t\xe9\n");
    assert!(said.contains("not UTF-8"), "{said}");
    assert!(said.contains("a.yaml:3:9"), "{said}");
}

#[test]
fn files_made_to_hurt_are_refused_soon() {
    let brackets = "[".repeat(100_000);
    let said = said_of("brackets", brackets.as_bytes());
    assert!(said.contains("nested"), "{said}");
    let said = said_of("blocks", "- ".repeat(100_000).as_bytes());
    assert!(said.contains("nested"), "{said}");
    let bomb: String = (1..20)
        .map(|n| {
            format!(
                "a{n}: &a{n} [{}]\n",
                vec![format!("*a{}", n - 1); 9].join(",")
            )
        })
        .collect();
    let said = said_of("aliases", format!("a0: &a0 x\n{bomb}").as_bytes());
    assert!(said.contains("anchors and aliases"), "{said}");
    let keys: String = (0..190_000).map(|n| format!("k{n}:\n")).collect();
    let said = said_of("keys", keys.as_bytes());
    assert!(
        said.contains("unknown key") || said.contains("too large"),
        "{said}"
    );
    let said = said_of("large", "version: 1\n".repeat(1_000_000).as_bytes());
    assert!(said.contains("larger than"), "{said}");
    let long = format!("version: 1\nrules:\n- record: {}\n", "k".repeat(3_000_000));
    let said = said_of("long", long.as_bytes());
    assert!(said.contains("unknown record type `kkk"), "{said}");
    let long = format!("version: 1\nrules:\n- {{\"{}\": 1}}\n", "k".repeat(900));
    let said = said_of("key", long.as_bytes());
    assert!(said.contains("unknown key in a rule"), "{said}");
    let long = format!(
        "version: 1\nrules: [{{id: t.a, {}}}]\n",
        "severty: high, ".repeat(50_000)
    );
    said_of("line", long.as_bytes());
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_pipes_are_no_trap() {
    use std::os::unix::fs::symlink;
    let here = folder("links");
    fs::create_dir_all(here.join("given/deep")).unwrap();
    fs::write(here.join("real.yaml"), read("record.yaml")).unwrap();
    symlink("../given", here.join("given/circle")).unwrap();
    symlink(".", here.join("given/deep/self")).unwrap();
    symlink("../real.yaml", here.join("given/a.yaml")).unwrap();
    // The same file by two names is there once.
    symlink("a.yaml", here.join("given/b.yaml")).unwrap();
    checked(&here, "--rules", 0);
    symlink("/dev/zero", here.join("given/zero.yaml")).unwrap();
    let said = checked(&here, "--rules", 2);
    assert!(said.contains("zero.yaml"), "{said}");
    assert!(said.contains("not a regular file"), "{said}");
    fs::remove_file(here.join("given/zero.yaml")).unwrap();
    symlink("nowhere", here.join("given/gone.yaml")).unwrap();
    assert!(checked(&here, "--rules", 2).contains("gone.yaml"));
}
