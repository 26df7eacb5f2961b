//! Turns the built-in rules and sources into bytes that need no YAML parser at start-up, and embeds
//! them. A file that is no YAML stops the build; what it means is checked by the tests, and again
//! at each start, by the code that checks the user's own files.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

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

fn main() -> Result<(), Box<dyn Error>> {
    // Asked when the script runs, not when it is compiled: the two may be in different places.
    let root = env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?;
    let root = PathBuf::from(root);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let mut table = String::from("&[\n");
    for folder in ["rules", "sources"] {
        println!("cargo::rerun-if-changed={folder}");
        let mut files = Vec::new();
        yaml_files(&root.join(folder), &mut files)?;
        files.sort();
        for (index, file) in files.iter().enumerate() {
            let name = file
                .strip_prefix(&root)?
                .to_string_lossy()
                .replace('\\', "/");
            let text = fs::read_to_string(file)?;
            let mut tree = node::parse(&text).map_err(|e| {
                let head = text.get(..e.span.start as usize).unwrap_or("");
                format!("{name}:{}: {}", head.matches('\n').count() + 1, e.message)
            })?;
            leave_out_tests(&mut tree);
            let mut packed = Vec::new();
            node::pack(&tree, &mut packed);
            let target = out.join(format!("{folder}-{index}.tree"));
            fs::write(&target, packed)?;
            writeln!(
                table,
                "    Builtin {{ name: {name:?}, text: include_str!({file:?}), tree: include_bytes!({target:?}) }},"
            )?;
        }
    }
    table.push(']');
    fs::write(out.join("builtin.rs"), table)?;
    Ok(())
}

/// A scan does not run the tests of rules and runbooks, and they are half of the trees.
fn leave_out_tests(tree: &mut node::Node) {
    let node::Kind::Mapping(entries) = &mut tree.kind else {
        return;
    };
    for entry in entries
        .iter_mut()
        .filter(|e| matches!(&*e.key, "rules" | "runbooks"))
    {
        if let node::Kind::Sequence(rules) = &mut entry.value.kind {
            for rule in rules {
                if let node::Kind::Mapping(parts) = &mut rule.kind {
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
