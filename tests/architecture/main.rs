//! The walls of the house: what may import what, and what only some parts may touch. Held by
//! reading the source, so that a wall cannot fall unseen.
//!
//! Test code may do as it likes. Macros that hide a path are not seen through.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod lexer;
mod paths;

use std::path::{Path, PathBuf};

use paths::{Named, paths};

/// Every part of the house with its floor. A part may import those on lower floors, nothing else:
/// neighbours on one floor do not know each other.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("input", 1),
    ("store", 1),
    ("read", 2),
    ("rule", 3),
    ("source", 3),
    ("inventory", 4),
    ("check", 5),
    ("triage", 6),
    ("report", 7),
    ("app", 8),
    ("cli", 9),
];

/// Things that only some parts may touch: the beginnings of paths, who may, and why.
const KEPT: &[(&[&str], &[&str], &str)] = &[
    (&["std::env"], &["cli"], "the environment is read in cli"),
    (
        &[
            "std::time::SystemTime::now",
            "std::time::Instant::now",
            "chrono::Utc",
            "chrono::Local",
        ],
        &["cli"],
        "the clock is read once, in cli; everything else takes the audit date",
    ),
    (
        &["std::thread", "rayon", "crossbeam", "tokio"],
        &["app", "input"],
        "threads are started in app, or by the walk of input",
    ),
    (
        &["std::fs", "std::os", "ignore"],
        &["cli", "app", "input", "read", "store"],
        "files are opened in app, input and read, and one without a name in store; the rest works \
         on what it is given",
    ),
    (
        &["std::process::Command"],
        &["input"],
        "only input calls another program: git",
    ),
    (&["std::net"], &[], "credlint opens no network connection"),
    (
        &["std::process::exit", "std::process::abort"],
        &[],
        "only main ends the process",
    ),
];

/// A place where a wall is broken.
#[derive(Debug, PartialEq)]
struct Breach {
    line: usize,
    message: String,
}

fn floor(part: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == part)
        .map(|(_, floor)| *floor)
}

/// Where a source file breaks a wall. `file` is its path below `src`.
fn breaches(file: &str, source: &str) -> Vec<Breach> {
    let module = module_of(file);
    let Some(part) = module.first() else {
        // lib.rs and main.rs: they only name the parts.
        return Vec::new();
    };
    // A folder or file of this name is declared under `#[cfg(test)]`.
    if module.iter().any(|name| name == "tests") {
        return Vec::new();
    }
    let Some(own) = floor(part) else {
        let message = format!("`{part}` is not part of the house; see FLOORS");
        return vec![Breach { line: 1, message }];
    };
    let mut found: Vec<Breach> = paths(source, &module)
        .iter()
        .filter_map(|named| {
            let message = import(part, own, named).or_else(|| touch(part, named))?;
            Some(Breach {
                line: named.line,
                message,
            })
        })
        .collect();
    found.dedup();
    found
}

/// `read/node.rs` is the module `read::node`, `read/mod.rs` is `read`, `lib.rs` the crate.
fn module_of(file: &str) -> Vec<String> {
    file.trim_end_matches(".rs")
        .split('/')
        .filter(|name| !matches!(*name, "mod" | "lib" | "main"))
        .map(str::to_owned)
        .collect()
}

fn import(part: &str, own: u8, named: &Named) -> Option<String> {
    let [root, target, ..] = named.path.as_slice() else {
        return None;
    };
    if root == "credlint" {
        return Some("a part of the library names the library from outside".to_owned());
    }
    if root != "crate" || target == part {
        return None;
    }
    match floor(target) {
        Some(below) if below < own => None,
        Some(_) => Some(format!("`{part}` must not import `{target}`")),
        None => Some(format!("`crate::{target}` is no part of the house")),
    }
}

fn touch(part: &str, named: &Named) -> Option<String> {
    let path = named.path.join("::");
    let (_, _, why) = KEPT.iter().find(|(what, who, _)| {
        !who.contains(&part)
            && what.iter().any(|what| {
                path.strip_prefix(what)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            })
    })?;
    Some(format!("`{path}` in `{part}`: {why}"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_walls_stand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    assert!(files.len() > 20, "the source is not where it was");
    let mut all = String::new();
    for file in files {
        let name = file
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        let source = std::fs::read_to_string(&file).unwrap();
        for breach in breaches(&name, &source) {
            all += &format!("src/{name}:{}: {}\n", breach.line, breach.message);
        }
    }
    assert!(all.is_empty(), "\n{all}");
}

/// The messages for one file, with their lines.
fn found(file: &str, source: &str) -> Vec<(usize, String)> {
    let breaches = breaches(file, source);
    breaches.into_iter().map(|b| (b.line, b.message)).collect()
}

#[test]
fn an_upward_or_sideways_import_is_found_however_it_is_written() {
    for (file, source, target) in [
        ("rule/x.rs", "use crate::check::Outcome;", "check"),
        ("rule/x.rs", "use crate::source;", "source"),
        (
            "source/mod.rs",
            "use crate::{model::Span, rule::{RuleMeta, Status}};",
            "rule",
        ),
        ("read/csv/mod.rs", "use super::super::app::Exit;", "app"),
        ("read/csv.rs", "use super::super::app::Exit;", "app"),
        ("read/csv.rs", "use super::{super::app::Exit, Row};", "app"),
        ("read/mod.rs", "use super::cli;", "cli"),
        (
            "read/a.rs",
            "mod b { mod c { use super::super::super::super::cli::run; } }",
            "cli",
        ),
        (
            "triage/mod.rs",
            "fn f(r: &crate::report::Report) {}",
            "report",
        ),
        ("model/mod.rs", "pub use crate::read::Row as R;", "read"),
        (
            "model/mod.rs",
            "impl From<crate::rule::RuleMeta> for X {}",
            "rule",
        ),
        (
            "app/mod.rs",
            "let x = ['a', '\"', '\\'']; crate::cli::run();",
            "cli",
        ),
        (
            "check/x.rs",
            "fn f<'a>(x: &'a str) -> crate::app::Exit {}",
            "app",
        ),
        (
            "check/x.rs",
            "/* /* */ */ use crate::app::*; // crate::cli",
            "app",
        ),
    ] {
        let part = file.split('/').next().unwrap();
        let message = format!("`{part}` must not import `{target}`");
        assert_eq!(found(file, source), [(1, message)], "{file}: {source}");
    }
    assert_eq!(
        found("read/a.rs", "use crate::util::X;").first().unwrap().1,
        "`crate::util` is no part of the house"
    );
    assert_eq!(
        found("util/a.rs", "").first().unwrap().1,
        "`util` is not part of the house; see FLOORS"
    );
    assert_eq!(found("app/a.rs", "use credlint::cli;").len(), 1);
}

#[test]
fn what_is_kept_for_some_parts_is_found_in_others() {
    for (file, source, what) in [
        (
            "app/a.rs",
            "\n\nlet x = std::env::var_os(\"A\");",
            "std::env::var_os",
        ),
        ("app/a.rs", "\nuse std::{\nenv, fs};", "std::env"),
        (
            "app/a.rs",
            "use std::time::SystemTime;\n\nSystemTime::now();",
            "std::time::SystemTime::now",
        ),
        (
            "app/a.rs",
            "use std::time as t;\n\nt::Instant::now();",
            "std::time::Instant::now",
        ),
        ("read/a.rs", "\n\nrayon::join(a, b);", "rayon::join"),
        (
            "check/a.rs",
            "\n\nuse rayon::prelude::*;",
            "rayon::prelude::*",
        ),
        (
            "read/a.rs",
            "\n\nstd::thread::spawn(f);",
            "std::thread::spawn",
        ),
        ("rule/a.rs", "\n\nuse std::fs::File;", "std::fs::File"),
        ("check/a.rs", "use std::fs as disk;", "std::fs"),
        (
            "app/a.rs",
            "use std::process;\n\nprocess::Command::new(a);",
            "std::process::Command::new",
        ),
        (
            "input/a.rs",
            "\n\nstd::net::TcpStream::connect(a);",
            "std::net::TcpStream::connect",
        ),
        (
            "cli/a.rs",
            "\n\nuse std::process::exit;",
            "std::process::exit",
        ),
    ] {
        let part = file.split('/').next().unwrap();
        let got = found(file, source);
        let (_, message) = got.first().unwrap_or_else(|| panic!("{source}"));
        assert!(
            message.starts_with(&format!("`{what}` in `{part}`: ")),
            "{message}"
        );
    }
    assert_eq!(
        found("app/a.rs", "\n\nstd::env::args();")
            .first()
            .unwrap()
            .0,
        3
    );
}

#[test]
fn what_is_allowed_is_left_alone() {
    for (file, source) in [
        (
            "report/sarif.rs",
            "use super::Report; use crate::triage::Judged; use crate::rule::X;",
        ),
        (
            "app/mod.rs",
            "use std::{fs, thread}; use crate::report::Report; rayon::join(a, b);",
        ),
        (
            "cli/mod.rs",
            "std::env::args_os(); std::time::SystemTime::now(); use crate::app;",
        ),
        (
            "input/git.rs",
            "std::process::Command::new(\"git\"); crate::model::ScanPath::new(p);",
        ),
        ("cli/mod.rs", "use std::process::ExitCode;"),
        (
            "rule/a/b.rs",
            "use super::super::controls::X; use self::c::D; use super::e;",
        ),
        (
            "rule/a.rs",
            "mod b { use super::super::controls::X; fn f() { super::g(); } } use super::h;",
        ),
        (
            "rule/a.rs",
            "// use crate::app;\n/// [`crate::cli`]\n/* std::fs */ fn f() {}",
        ),
        (
            "rule/a.rs",
            "let s = \"crate::app \\\" std::fs\"; let r = r#\"crate::\"cli\"#; b\"std::env::x\";",
        ),
        (
            "rule/a.rs",
            "env!(\"X\"); self.fs::<u8>(); x.env(); std::io::stdout(); model::Instant::now();",
        ),
        (
            "rule/a.rs",
            "#[cfg(test)]\nmod tests { use crate::app::X; fn f() { std::fs::read(a); } }",
        ),
        (
            "rule/a.rs",
            "#[cfg(test)] use std::{fs, env}; #[cfg(test)] #[must_use] fn f() { std::env::x() }",
        ),
        ("rule/a/tests.rs", "use crate::app::X; std::fs::read(p);"),
        ("rule/a/tests/b.rs", "use crate::app::X; std::fs::read(p);"),
        ("lib.rs", "pub mod cli; pub use crate::cli::run;"),
        (
            "main.rs",
            "fn main() { credlint::cli::run(std::env::args_os()) }",
        ),
    ] {
        assert_eq!(found(file, source), [], "{file}: {source}");
    }
}

#[test]
fn test_code_is_left_out_and_what_follows_is_not() {
    let source = "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::app::X;";
    assert_eq!(found("rule/a.rs", source).len(), 1);
    let source = "#[cfg(not(test))]\nmod real { use crate::app::X; }";
    assert_eq!(found("rule/a.rs", source).len(), 1);
}
