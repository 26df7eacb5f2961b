//! Turns the built-in rules, sources and runbooks into what needs no YAML parser at start-up, and
//! embeds them. A file that is no YAML stops the build; what it means is checked by the tests, by
//! the code that checks the user's own files.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use node::{Kind, Node};

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the program uses more of it than the build script"
)]
#[path = "src/read/node.rs"]
mod node;
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the program uses more of it than the build script"
)]
#[path = "src/model/span.rs"]
mod span;

mod model {
    pub(crate) use crate::span::Span;
}

/// The folders of rules.
const RULES: [&str; 2] = ["rules/org/", "rules/secrets/"];

/// What [`head`] tells of a rule, or what is not needed once the tests were run.
const TOLD: &[&str] = &[
    "id",
    "title",
    "severity",
    "confidence",
    "status",
    "description",
    "controls",
    "tags",
    "family",
    "remediation",
    "references",
    "tests",
];

fn main() -> Result<(), Box<dyn Error>> {
    // Asked when the script runs, not when it is compiled: the two may be in different places.
    let root = env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?;
    let root = PathBuf::from(root);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let mut files = Vec::new();
    for folder in ["rules", "sources"] {
        println!("cargo::rerun-if-changed={folder}");
        yaml_files(&root.join(folder), &mut files)?;
    }
    files.sort();
    let controls = parse(&fs::read_to_string(root.join("rules/controls.yaml"))?)?;
    let starts = "src/rule/starts.txt";
    println!("cargo::rerun-if-changed={starts}");
    let starts = fs::read_to_string(root.join(starts))?;
    let starts = starts.lines().filter_map(|line| line.split_once(' '));
    let starts: BTreeMap<&str, &str> = starts.collect();
    let mut others = String::new();
    let mut rules = String::new();
    let mut texts = Texts::default();
    let mut ids = Vec::new();
    let mut of_rules = 0;
    for (index, file) in files.iter().enumerate() {
        let name = file
            .strip_prefix(&root)?
            .to_string_lossy()
            .replace('\\', "/");
        let text = fs::read_to_string(file)?;
        let mut tree = parse(&text).map_err(|e| format!("{name}{e}"))?;
        let front = format!("name: {name:?}, text: include_str!({file:?})");
        if RULES.iter().any(|folder| name.starts_with(folder)) {
            writeln!(rules, "RuleFile {{ {front}, rules: &[")?;
            for (number, rule) in items(get(&tree, "rules")).enumerate() {
                let body = out.join(format!("rule-{index}-{number}.tree"));
                let known = (&controls, &starts);
                head((&mut rules, &mut texts), (rule, &text), known, &body)?;
                let id = scalar(get(rule, "id")).unwrap_or_default().trim();
                ids.push((id.to_owned(), of_rules, number));
            }
            of_rules += 1;
            rules.push_str("] },\n");
        } else {
            leave_out_tests(&mut tree);
            let target = out.join(format!("file-{index}.tree"));
            fs::write(&target, packed(&tree))?;
            writeln!(
                others,
                "Builtin {{ {front}, tree: include_bytes!({target:?}) }},"
            )?;
        }
    }
    ids.sort();
    let by_id: Vec<(usize, usize)> = ids.iter().map(|(_, file, rule)| (*file, *rule)).collect();
    let all = out.join("rules.txt");
    fs::write(&all, &texts.all)?;
    let made = format!(
        "/// Every file of rules, sorted by path.\npub static RULES: &[RuleFile] = &[\n{rules}];\n\
         /// Every rule, sorted by id: which file, and which of its rules.\n\
         pub static BY_ID: &[(u16, u16)] = &{by_id:?};\n\
         static TEXTS: Texts = Texts {{ all: include_str!({all:?}), numbers: &{:?} }};\n\
         /// Every other file, sorted by path.\npub static BUILTIN: &[Builtin] = &[\n{others}];\n",
        texts.numbers
    );
    fs::write(out.join("builtin.rs"), made)?;
    Ok(())
}

/// The texts that are told of rules, as the program's own `rule::Texts` has them.
#[derive(Default)]
struct Texts {
    all: String,
    /// Where a text stands that is there already.
    known: BTreeMap<String, usize>,
    numbers: Vec<usize>,
}

impl Texts {
    fn add(&mut self, text: &str) {
        let next = self.all.len();
        let start = *self.known.entry(text.to_owned()).or_insert(next);
        if start == next {
            self.all.push_str(text);
        }
        self.numbers.extend([start, start + text.len()]);
    }
}

/// Writes what every report says of a rule, and packs the rest.
fn head(
    (out, texts): (&mut String, &mut Texts),
    (rule, text): (&Node, &str),
    (controls, starts): (&Node, &BTreeMap<&str, &str>),
    body: &Path,
) -> Result<(), Box<dyn Error>> {
    let one = |key: &str| scalar(get(rule, key)).map(str::trim);
    let must = |key: &str| one(key).ok_or_else(|| format!("a rule without {key}"));
    let listed = |key: &str| items(get(rule, key)).filter_map(|item| scalar(Some(item)));
    let (id, confidence) = (must("id")?, one("confidence").unwrap_or("high"));
    let tags: Vec<&str> = one("family").into_iter().chain(listed("tags")).collect();
    let references: Vec<&str> = listed("references").collect();
    let mut claimed = Vec::new();
    for (framework, list) in entries(get(rule, "controls")) {
        for control in items(Some(list)).filter_map(|item| scalar(Some(item))) {
            claimed.push((place(controls, framework, control), (framework, control)));
        }
    }
    claimed.sort();
    let claimed: Vec<(&str, &str)> = claimed.into_iter().map(|(_, claim)| claim).collect();
    let mut rest = rule.clone();
    if let Kind::Mapping(parts) = &mut rest.kind {
        let secret = parts.iter().any(|part| &*part.key == "detect");
        let told = |key: &str| TOLD.contains(&key) || (secret && key == "identity");
        parts.retain(|part| !told(&part.key));
    }
    fs::write(body, packed(&rest))?;
    let range = rule.span.start as usize..rule.span.end as usize;
    let sha256: [u8; 32] = Sha256::digest(text.get(range).unwrap_or_default()).into();
    let from = texts.numbers.len();
    for key in ["title", "description", "remediation"] {
        texts.add(must(key)?);
    }
    texts.numbers.push(claimed.len());
    claimed.iter().for_each(|(framework, control)| {
        texts.add(framework);
        texts.add(control);
    });
    for list in [&tags, &references] {
        texts.numbers.push(list.len());
        list.iter().for_each(|text| texts.add(text));
    }
    writeln!(
        out,
        "Head {{ id: {id:?}, severity: Severity::{}, confidence: Confidence::{}, \
         status: Status::{}, record: {:?}, told: &TEXTS, from: {from}, \
         span: Span {{ start: {}, end: {} }}, start: {:?}, sha256: {sha256:?}, \
         body: include_bytes!({body:?}) }},",
        capital(must("severity")?),
        capital(confidence),
        capital(one("status").unwrap_or("stable")),
        one("record"),
        rule.span.start,
        rule.span.end,
        starts.get(id).unwrap_or(&""),
    )?;
    Ok(())
}

/// Where a control stands in the catalogue: reports list them in its order.
fn place(controls: &Node, framework: &str, control: &str) -> Option<(usize, usize)> {
    let named = |node: &Node, id: &str| scalar(get(node, "id")) == Some(id);
    let mut frameworks = items(get(controls, "frameworks")).enumerate();
    let (first, of) = frameworks.find(|(_, node)| named(node, framework))?;
    let second = items(get(of, "controls")).position(|node| named(node, control))?;
    Some((first, second))
}

/// A word as the name of a variant.
fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1.min(word.len()));
    first.to_uppercase() + rest
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match node.map(|node| &node.kind) {
        Some(Kind::Mapping(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().map(|entry| (&*entry.key, &entry.value))
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    entries(Some(node)).find_map(|(name, value)| (name == key).then_some(value))
}

fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    let items = match node.map(|node| &node.kind) {
        Some(Kind::Sequence(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter()
}

fn scalar(node: Option<&Node>) -> Option<&str> {
    match &node?.kind {
        Kind::Scalar(text, _) => Some(text),
        _ => None,
    }
}

fn packed(tree: &Node) -> Vec<u8> {
    let mut packed = Vec::new();
    node::pack(tree, &mut packed);
    packed
}

/// The tree of a text, or where it is wrong.
fn parse(text: &str) -> Result<Node, String> {
    node::parse(text).map_err(|e| {
        let head = text.get(..e.span.start as usize).unwrap_or("");
        format!(":{}: {}", head.matches('\n').count() + 1, e.message)
    })
}

/// A scan does not run the tests of runbooks, and they are half of their trees.
fn leave_out_tests(tree: &mut Node) {
    let Kind::Mapping(entries) = &mut tree.kind else {
        return;
    };
    for entry in entries.iter_mut().filter(|e| &*e.key == "runbooks") {
        if let Kind::Sequence(runbooks) = &mut entry.value.kind {
            for runbook in runbooks {
                if let Kind::Mapping(parts) = &mut runbook.kind {
                    parts.retain(|part| &*part.key != "tests");
                }
            }
        }
    }
}

fn yaml_files(folder: &Path, out: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            yaml_files(&path, out)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            out.push(path);
        }
    }
    Ok(())
}
