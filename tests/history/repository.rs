//! A repository of one test, and scans of it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use credlint::rule::template::expand;
use serde_json::Value;
use snapbox::cmd::cargo_bin;

/// When commits are made that say nothing else.
const WHEN: &str = "2026-01-02T03:04:05Z";

/// A made-up token that its own checksum proves.
pub(crate) fn secret(seed: &str) -> String {
    expand("ghp_{{base62:30}}{{checksum:github-crc32}}", seed).unwrap()
}

/// The commit that a finding names.
pub(crate) fn commit_of(finding: &Value) -> String {
    finding["commit"]["id"].as_str().unwrap().to_owned()
}

/// A repository in a folder of its own.
pub(crate) struct Repository {
    folder: PathBuf,
}

impl Repository {
    pub(crate) fn new(test: &str) -> Self {
        Self::with_format(test, "sha1")
    }

    pub(crate) fn with_format(test: &str, format: &str) -> Self {
        let top = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("history")
            .join(test);
        let _ = fs::remove_dir_all(&top);
        let folder = top.join("repository");
        fs::create_dir_all(&folder).unwrap();
        let repository = Self { folder };
        let format = format!("--object-format={format}");
        repository.git(&["init", "-q", "-b", "main", &format]);
        repository
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder that is in no repository.
    pub(crate) fn outside(&self) -> PathBuf {
        let path = std::env::temp_dir().join(format!("credlint-outside-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn command(&self, when: &str) -> Command {
        let mut command = Command::new("git");
        command
            .current_dir(&self.folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", when)
            .env("GIT_COMMITTER_DATE", when);
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Some One")
                .env(format!("GIT_{who}_EMAIL"), "some@example.com");
        }
        command
    }

    /// Runs git and gives the first line of what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(WHEN).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().next().unwrap_or_default().to_owned()
    }

    /// Writes files and commits everything; gives the commit's id.
    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> String {
        self.commit_at(files, WHEN)
    }

    pub(crate) fn commit_at(&self, files: &[(&str, &str)], when: &str) -> String {
        for (path, text) in files {
            let path = self.folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let names = files.iter().map(|(path, _)| path);
        self.git(
            &[
                &["add", "-A", "--"][..],
                &names.copied().collect::<Vec<_>>(),
            ]
            .concat(),
        );
        let mut command = self.command(when);
        command.args(["commit", "-q", "--allow-empty", "-m", "change"]);
        assert!(command.status().unwrap().success());
        self.git(&["rev-parse", "HEAD"])
    }

    /// Writes a blob.
    pub(crate) fn blob(&self, text: &str) -> String {
        let path = self.folder.join("../blob");
        fs::write(&path, text).unwrap();
        self.git(&["hash-object", "-w", "../blob"])
    }

    /// Commits blobs at paths that need not be text.
    pub(crate) fn import(&self, files: &[(&[u8], &str)]) {
        let mut stream = b"commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 0\n".to_vec();
        for (path, blob) in files {
            stream.extend(format!("M 100644 {blob} \"").bytes());
            for byte in *path {
                stream.extend(format!("\\{byte:03o}").bytes());
            }
            stream.extend(b"\"\n");
        }
        let mut child = self
            .command(WHEN)
            .args(["fast-import", "--quiet"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&stream).unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn credlint(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("credlint"));
        command
            .current_dir(directory)
            .env_remove("CREDLINT_CONFIG")
            .args(["scan", "--as-of", "2026-11-20", "--color", "never"])
            .args(arguments);
        command
    }

    /// Scans and reads the JSON report, which shows the secrets.
    pub(crate) fn scan(&self, arguments: &[&str], code: i32) -> Report {
        let more = ["--show-secrets", "--format", "json"];
        let arguments = [&more, arguments].concat();
        let output = self.credlint(&self.folder, &arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let shown = String::from_utf8_lossy(&output.stdout);
        let shown: String = shown.chars().take(2_000).collect();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {said}{shown}"
        );
        Report(serde_json::from_slice(&output.stdout).unwrap())
    }

    /// The report in bytes, with SARIF behind it.
    pub(crate) fn raw(&self, arguments: &[&str]) -> Vec<u8> {
        let more = ["--format", "json", "--report", "sarif=../out.sarif"];
        let arguments = [&more, arguments].concat();
        let mut bytes = self
            .credlint(&self.folder, &arguments)
            .output()
            .unwrap()
            .stdout;
        bytes.extend(fs::read(self.folder.join("../out.sarif")).unwrap());
        bytes
    }

    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = self.credlint(&self.folder, arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is said on standard error by a scan that could not run; `programs` replaces PATH.
    pub(crate) fn refused(
        &self,
        directory: &Path,
        arguments: &[&str],
        programs: Option<&str>,
    ) -> String {
        let mut command = self.credlint(directory, arguments);
        if let Some(programs) = programs {
            command.env("PATH", programs);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }
}

/// A JSON report.
pub(crate) struct Report(Value);

impl Report {
    pub(crate) fn findings(&self) -> &[Value] {
        self.0["findings"].as_array().unwrap()
    }

    /// The one finding of a secret.
    pub(crate) fn of(&self, secret: &str) -> &Value {
        let all: Vec<&Value> = self
            .findings()
            .iter()
            .filter(|f| f["secret"]["value"] == secret)
            .collect();
        assert_eq!(all.len(), 1, "{:#}", self.0["findings"]);
        all[0]
    }

    /// `COMMIT PATH:LINE IN_TIP` of the one finding of a secret.
    pub(crate) fn place(&self, secret: &str) -> String {
        let finding = self.of(secret);
        let (location, commit) = (&finding["location"], &finding["commit"]);
        format!(
            "{} {}:{} {}",
            commit_of(finding),
            location["path"].as_str().unwrap(),
            location["start_line"],
            commit["in_tip"].as_str().unwrap()
        )
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.0["problems"].as_array().unwrap();
        problems
            .iter()
            .map(|p| p["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// How many were left out for a reason.
    pub(crate) fn left_out(&self, reason: &str) -> u64 {
        let all = self.0["coverage"]["left_out"].as_array().unwrap();
        let found = all.iter().find(|entry| entry["reason"] == reason);
        found.map_or(0, |entry| entry["files"].as_u64().unwrap())
    }

    /// How many versions of files were searched.
    pub(crate) fn searched(&self) -> u64 {
        self.0["coverage"]["searched"].as_u64().unwrap()
    }
}
