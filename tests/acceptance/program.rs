//! Runs the program and reads its JSON report.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The audit date of all fixtures.
pub(crate) const AS_OF: &str = "2026-11-20";

/// One run of the program, in the root of the repository, without settings of the environment.
pub(crate) fn credlint(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_credlint"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CREDLINT_CONFIG")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// A scan as of the fixtures' audit date, unless another is given: its exit code and its JSON report.
pub(crate) fn scan(arguments: &[&str]) -> (i32, Report) {
    let mut all = vec!["scan", "--no-config", "--format", "json"];
    if !arguments.contains(&"--as-of") {
        all.extend(["--as-of", AS_OF]);
    }
    if arguments.contains(&"--config") {
        all.retain(|a| *a != "--no-config");
    }
    all.extend(arguments);
    let output = credlint(&all);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{arguments:?}: {e}: {said}"));
    (output.status.code().unwrap(), Report(report))
}

/// A JSON report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report(pub Value);

impl Report {
    /// The findings of a rule.
    pub(crate) fn findings(&self, rule: &str) -> Vec<&Value> {
        let all = self.0["findings"].as_array().unwrap();
        all.iter().filter(|f| f["rule"] == rule).collect()
    }

    /// The only finding of a rule.
    pub(crate) fn finding(&self, rule: &str) -> &Value {
        let found = self.findings(rule);
        assert_eq!(found.len(), 1, "{rule}: {found:#?}");
        found[0]
    }

    /// Rule and subject of every finding, in the order of the report.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        let all = self.0["findings"].as_array().unwrap();
        all.iter()
            .map(|f| {
                let name = f["subject"]["name"].as_str().unwrap_or_default();
                (f["rule"].as_str().unwrap(), name)
            })
            .collect()
    }

    /// What a rule says of subjects that it could not judge, in one text.
    pub(crate) fn not_evaluated(&self, rule: &str) -> String {
        let rules = self.0["rules"].as_array().unwrap();
        let rule = rules.iter().find(|r| r["id"] == rule).unwrap();
        let reasons = rule["outcome"]["not_evaluated"].as_array().unwrap();
        let reasons: Vec<&str> = reasons
            .iter()
            .map(|r| r["reason"].as_str().unwrap())
            .collect();
        reasons.join("\n")
    }

    /// Kind and path of every problem.
    pub(crate) fn problems(&self) -> Vec<(&str, &str)> {
        let all = self.0["problems"].as_array().unwrap();
        all.iter()
            .map(|p| {
                let path = p["path"].as_str().unwrap_or_default();
                (p["kind"].as_str().unwrap(), path)
            })
            .collect()
    }
}

/// An empty folder of one test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("acceptance")
        .join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A file in a folder, written; its path.
pub(crate) fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
