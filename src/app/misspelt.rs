//! Keys of the team's register that no source reads: what a misspelt one says would be lost without a
//! word.

use std::io::Read;

use crate::input::InputFile;
use crate::model::{Diagnostic, Problem, ProblemKind, suggest};
use crate::read::decode::Document;
use crate::read::node::{Entry, Kind, Node};
use crate::read::{self, Input};
use crate::source::{Found, Source, Sources};

/// The source of the register.
const REGISTER: &str = "register";
/// So much of a register is read, in bytes.
const MOST: u64 = 16 << 20;

/// What is wrong with the keys of a file, if it is a register: a list that is none of the register's, and
/// a key that is like one of the register's. Teams may keep more in it.
pub(super) fn keys(sources: &Sources, file: &InputFile, found: &[Found]) -> Vec<Problem> {
    let sources: Vec<&Source> = found.iter().map(|f| &**sources.get(f.source)).collect();
    if sources.first().is_none_or(|source| source.id() != REGISTER) {
        return Vec::new();
    }
    let mut text = String::new();
    let opened = read::file(&file.path).and_then(Input::new);
    let read = opened.and_then(|input| input.take(MOST).read_to_string(&mut text));
    let doc = Document::new(file.shown.as_str(), &text);
    // What cannot be read is told by whoever reads its rows.
    let (Ok(_), Ok(root)) = (read, doc.parse()) else {
        return Vec::new();
    };
    let mut wrong = Vec::new();
    let lists = || sources.iter().filter_map(|source| list(source));
    let others = sources.iter().filter(|source| source.each().is_none());
    let known: Vec<&str> = lists()
        .chain(others.flat_map(|source| source.keys()))
        .collect();
    for Entry { key, span, value } in mapping(&root) {
        let is_known = known.contains(&&**key) || &**key == "version";
        let is_list = matches!(value.kind, Kind::Sequence(_));
        if !is_known && (is_list || suggest(key, known.iter().copied()).is_some()) {
            wrong.push(doc.unknown(*span, "list of the register", key, known.iter().copied()));
        }
        let Some(source) = sources.iter().find(|source| list(source) == Some(&**key)) else {
            continue;
        };
        let own: Vec<&str> = source.keys().collect();
        let own = || own.iter().copied();
        for Entry { key, span, .. } in items(value).iter().flat_map(mapping) {
            let is_own = own().any(|own| own.eq_ignore_ascii_case(key));
            if !is_own && suggest(key, own()).is_some() {
                wrong.push(doc.unknown(*span, "key of the register", key, own()));
            }
        }
    }
    wrong
        .into_iter()
        .map(|wrong| problem(file, &wrong))
        .collect()
}

/// The list of the register that a source reads.
fn list(source: &Source) -> Option<&str> {
    source.each()?.text.strip_suffix("[*]")
}

fn mapping(node: &Node) -> &[Entry] {
    match &node.kind {
        Kind::Mapping(entries) => entries,
        _ => &[],
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::Sequence(items) => items,
        _ => &[],
    }
}

fn problem(file: &InputFile, wrong: &Diagnostic) -> Problem {
    let (line, _) = wrong.line_column();
    let help = wrong.help.as_deref().map(|help| format!("; {help}"));
    Problem {
        path: Some(file.shown.clone()),
        line: u32::try_from(line).ok(),
        kind: ProblemKind::Malformed,
        message: format!("{}{}", wrong.message, help.unwrap_or_default()),
    }
}
