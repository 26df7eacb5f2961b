//! Writes a commented policy file for a user to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::error::AppError;

/// The file that `init` writes: a policy that changes nothing, with every setting explained.
pub const TEMPLATE: &str = include_str!("policy-template.yaml");

/// Writes a text to a file that is not there yet.
///
/// # Errors
/// When the file exists, which is left as it is, or cannot be made.
pub fn write(path: &Path, text: &str) -> Result<(), AppError> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => AppError::Usage {
            message: format!("{} is already there", path.display()),
            help: Some("give another name, or move it away first".to_owned()),
        },
        _ => AppError::write(path, cause),
    })?;
    file.write_all(text.as_bytes())
        .map_err(|cause| AppError::write(path, cause))
}

#[cfg(test)]
mod tests {
    use super::TEMPLATE;
    use crate::read::decode::Document;
    use crate::read::node::Kind;

    /// The template with its examples made real: a `#` without a blank behind it, or with the
    /// indentation of an example, is taken away.
    fn uncommented() -> String {
        TEMPLATE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(example) if !example.starts_with(' ') || example.starts_with("  ") => example,
                _ => line,
            })
            .flat_map(|line| [line, "\n"])
            .collect()
    }

    fn keys(text: &str) -> Vec<String> {
        let document = Document::new("credlint.yaml", text);
        let root = document.parse().unwrap();
        let entries = document.mapping(&root, "the policy").unwrap();
        entries.iter().map(|entry| entry.key.to_string()).collect()
    }

    #[test]
    fn the_template_changes_nothing_until_something_is_uncommented() {
        assert_eq!(keys(TEMPLATE), ["version", "fail_on", "limits"]);
    }

    #[test]
    fn the_examples_of_the_template_are_yaml_and_name_real_rules() {
        let text = uncommented();
        let expected = [
            "version", "fail_on", "limits", "paths", "rules", "waivers", "coverage",
        ];
        assert_eq!(keys(&text), expected);
        let document = Document::new("credlint.yaml", &text);
        let root = document.parse().unwrap();
        let policy = document.fields(&root, "the policy", &expected).unwrap();
        let rules = document
            .mapping(policy.get("rules").unwrap(), "rules")
            .unwrap();
        let mut named: Vec<&str> = rules.iter().map(|entry| &*entry.key).collect();
        let waivers = policy.get("waivers").unwrap();
        for waiver in document.sequence(waivers, "waivers").unwrap() {
            let Kind::Mapping(entries) = &waiver.kind else {
                panic!("{waiver:?}");
            };
            let rule = entries.iter().find(|entry| &*entry.key == "rule").unwrap();
            named.push(document.text(&rule.value, "rule").unwrap());
        }
        assert_eq!(
            named,
            [
                "sec.client-secret-max-age",
                "cert.expiring",
                "nc.unused",
                "pw.never-expires"
            ]
        );
    }
}
