//! What is written for people must be true: files that documents name exist.

use std::path::Path;

/// Words between backticks that look like a path of this repository: they hold a `/` or end like
/// a file, and have no blank and no placeholder.
fn named_paths(document: &str) -> Vec<&str> {
    let ends = [".rs", ".md", ".toml", ".yaml", ".yml", ".json"];
    document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| !word.contains([' ', '\n', '<', '*', '(', '→']))
        .filter(|word| {
            word.contains('/')
                || word.starts_with("LICENSE")
                || ends.iter().any(|e| word.ends_with(e))
        })
        .collect()
}

#[test]
fn every_file_that_contributing_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let paths = named_paths(&document);
    assert!(paths.len() >= 8, "{paths:?}");
    for path in paths {
        assert!(
            root.join(path).exists(),
            "CONTRIBUTING.md names {path}, which is not there"
        );
    }
}

#[test]
fn a_path_is_told_from_other_words() {
    assert_eq!(
        named_paths(
            "`src/a.rs` and `rules/`, `deny.toml`, `LICENSE-MIT`; `pw.age`, `--format`, `a b/c`, `x/<y>`"
        ),
        ["src/a.rs", "rules/", "deny.toml", "LICENSE-MIT"]
    );
}
