//! What is known from before does not count, whatever is moved around it, and what is new does.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

use snapbox::cmd::{Command, OutputAssert, cargo_bin};

const AS_OF: &str = "2026-11-20";

/// A secret that no scanner may meet in this file: put together here, different for each seed.
fn secret(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut letters = String::new();
    while letters.len() < 24 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let at = usize::try_from(state >> 59).unwrap();
        letters.push(char::from(b"ABCDEfghijklmnopqrsTUVWXYZ234567"[at]));
    }
    format!("{}{letters}", ["sk_", "live_"].concat())
}

/// A folder of one test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("baseline")
            .join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    fn rename(&self, from: &str, to: &str) {
        let to = self.0.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.0.join(from), to).unwrap();
    }

    fn run(&self, line: &str) -> OutputAssert {
        Command::new(cargo_bin!("credlint"))
            .args(line.split_whitespace())
            .args(["--as-of", AS_OF, "--no-config"])
            .current_dir(&self.0)
            .env_remove("CREDLINT_CONFIG")
            // The repository of the project itself is none of the test's.
            .env("GIT_CEILING_DIRECTORIES", self.0.parent().unwrap())
            .assert()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Program::new("git")
            .args(["-c", "user.name=T", "-c", "user.email=t@example.com"])
            .args([
                "-c",
                "init.defaultBranch=main",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .current_dir(&self.0)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout).trim().to_owned()
    }

    /// Everything committed.
    fn commit(&self) {
        if !self.0.join(".git").exists() {
            self.git(&["init", "-q"]);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "all"]);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn out(assert: &OutputAssert) -> String {
    text(&assert.get_output().stdout)
}

fn err(assert: &OutputAssert) -> String {
    text(&assert.get_output().stderr)
}

/// The rule and state of every finding of a JSON report.
fn states(assert: &OutputAssert) -> Vec<(String, String)> {
    let report: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|f| (text(&f["rule"]), text(&f["verdict"]["state"])))
        .collect()
}

fn count(states: &[(String, String)], state: &str) -> usize {
    states.iter().filter(|(_, s)| s == state).count()
}

const ANSWER: &str = "--owner ann@example.com --reason before --expires 2027-03-31";
const SCAN: &str = "scan --baseline credlint-baseline.jsonl";

/// Two exports and three files, with findings in all of them.
fn planted(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("src/app.py", &format!("import os\nkey = '{}'\n", secret(1)));
    folder.write(
        "src/two.py",
        &format!("a = '{}'\nb = '{}'\n", secret(2), secret(3)),
    );
    folder.write("src/copy.py", &format!("# same\na = '{}'\n", secret(2)));
    folder.write("users.csv", &users(&["svc.one", "svc.two"]));
    folder
}

/// A Salesforce export of users whose passwords are old, in this order.
fn users(names: &[&str]) -> String {
    let mut text =
        "Id,Username,IsActive,LastPasswordChangeDate,CreatedDate,LastLoginDate\n".to_owned();
    for name in names {
        let id = name.bytes().map(u32::from).sum::<u32>();
        text.push_str(&format!(
            "005000000000{id:06},{name}@example.com,true,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,2026-11-01T00:00:00Z\n"
        ));
    }
    text
}

#[test]
fn what_is_moved_about_stays_known_and_one_secret_more_is_one_finding_more() {
    let folder = planted("moved");
    let before = states(&folder.run("scan -f json").code(1));
    let kinds: std::collections::BTreeSet<&str> = before
        .iter()
        .map(|(rule, _)| rule.split('.').next().unwrap())
        .collect();
    assert!(kinds.len() >= 2 && before.len() >= 5, "{before:?}");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    let file = folder.read("credlint-baseline.jsonl");
    assert_eq!(file.lines().count(), before.len());
    for seed in 1..=3 {
        assert!(!file.contains(&secret(seed)) && !file.contains("\"line"));
    }
    let known = states(&folder.run(&format!("{SCAN} -f json")).code(0));
    assert_eq!(count(&known, "known"), before.len(), "{known:?}");

    // Lines above every finding, renamed files, and exports made again in another order.
    for path in ["src/app.py", "src/two.py", "src/copy.py"] {
        let text = folder.read(path).replace('\n', "\n\n# more\n");
        folder.write(path, &format!("# one\n# two\n\n{text}"));
    }
    folder.rename("src/app.py", "lib/deep/renamed.py");
    fs::remove_file(folder.0.join("users.csv")).unwrap();
    folder.write("exports/users-again.csv", &users(&["svc.two", "svc.one"]));
    let scan = folder.run(&format!("{SCAN} -f json")).code(0);
    let again = states(&scan);
    assert_eq!(count(&again, "known"), before.len(), "{again:?}");
    assert!(out(&scan).contains("moved from src/app.py to lib/deep/renamed.py"));
    assert!(!out(&scan).contains("users-again.csv\"]"), "{}", out(&scan));

    // A different secret in the same place.
    let text = folder
        .read("lib/deep/renamed.py")
        .replace(&secret(1), &secret(4));
    folder.write("lib/deep/renamed.py", &text);
    let scan = folder.run(&format!("{SCAN} -f json")).code(1);
    assert_eq!(count(&states(&scan), "open"), 1);
    assert!(out(&scan).contains("matches nothing"));
}

#[test]
fn one_secret_more_is_exactly_one_new_finding() {
    let folder = planted("one_more");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    let text = folder.read("src/app.py");
    folder.write("src/app.py", &format!("new = '{}'\n{text}", secret(9)));
    let now = states(&folder.run(&format!("{SCAN} -f json")).code(1));
    assert_eq!(count(&now, "open"), 1, "{now:?}");
    assert_eq!(count(&now, "known"), now.len() - 1);
}

#[test]
fn the_same_findings_make_the_same_bytes_and_git_merges_them() {
    let folder = planted("merge");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    let first = folder.read("credlint-baseline.jsonl");
    folder.run("baseline write --baseline two.jsonl --owner ann@example.com --reason before --expires 2027-03-31 --threads 1").code(0);
    assert_eq!(first, folder.read("two.jsonl"));
    fs::remove_file(folder.0.join("two.jsonl")).unwrap();
    folder.run(&format!("baseline update {ANSWER}")).code(0);
    assert_eq!(first, folder.read("credlint-baseline.jsonl"));

    // Two branches each accept a finding of their own, and one that both have.
    folder.write(".gitattributes", "credlint-baseline.jsonl merge=union\n");
    folder.commit();
    for (branch, own) in [("left", 5), ("right", 6)] {
        folder.git(&["checkout", "-qb", branch, "main"]);
        folder.write(&format!("{branch}.py"), &format!("x = '{}'\n", secret(own)));
        folder.write("both.py", &format!("x = '{}'\n", secret(7)));
        let line = format!("baseline update --owner {branch} --reason r --no-expiry");
        let said = err(&folder.run(&line).code(0));
        assert!(said.contains("2 added"), "{said}");
        folder.commit();
    }
    folder.git(&["merge", "-q", "left"]);
    let merged = folder.read("credlint-baseline.jsonl");
    assert!(!merged.contains("<<<"), "{merged}");
    let scan = folder.run(&format!("{SCAN} -f json")).code(0);
    assert_eq!(count(&states(&scan), "open"), 0);
    assert!(
        out(&scan).contains("1 line more than once"),
        "{merged}{}",
        out(&scan)
    );
    folder.run("baseline prune").code(0);
    let pruned = folder.read("credlint-baseline.jsonl");
    assert_eq!(pruned.lines().count(), merged.lines().count() - 1);
}

#[test]
fn update_keeps_what_is_there_and_prune_takes_out_what_is_gone() {
    let folder = planted("update");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    let first = folder.read("credlint-baseline.jsonl");
    folder.write("src/three.py", &format!("x = '{}'\n", secret(8)));
    folder
        .run("baseline update --owner bob --reason later --no-expiry")
        .code(0);
    let second = folder.read("credlint-baseline.jsonl");
    let added: Vec<&str> = second
        .lines()
        .filter(|line| !first.contains(line))
        .collect();
    assert_eq!(added.len(), 1);
    assert!(added[0].contains("\"owner\":\"bob\"") && added[0].contains("\"expires\":\"never\""));
    assert!(first.lines().all(|line| second.contains(line)));

    fs::remove_file(folder.0.join("src/three.py")).unwrap();
    // Without the export nobody knows of its users: their lines stay.
    fs::remove_file(folder.0.join("users.csv")).unwrap();
    let said = err(&folder.run("baseline prune").code(0));
    assert!(said.contains("1 taken out"), "{said}");
    assert_eq!(folder.read("credlint-baseline.jsonl"), first);
}

#[test]
fn an_ended_line_counts_again_and_names_its_owner() {
    let folder = planted("ended");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    let file = folder.read("credlint-baseline.jsonl");
    let ended = file.replacen("2027-03-31", "2026-11-01", 1);
    folder.write("credlint-baseline.jsonl", &ended);
    let scan = folder.run(&format!("{SCAN} --fail-on info")).code(1);
    let page = out(&scan);
    assert!(
        page.contains("BASELINE ENDED: the line of ann@example.com ended on 2026-11-01"),
        "{page}"
    );
    assert!(
        page.contains("BASELINE ENDED: 1 finding (ask ann@example.com)"),
        "{page}"
    );
    let states = states(
        &folder
            .run(&format!("{SCAN} -f json --fail-on info"))
            .code(1),
    );
    assert_eq!(count(&states, "baseline_expired"), 1);
}

#[test]
fn known_findings_are_counted_in_text_and_listed_when_asked() {
    let folder = planted("text");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    let short = out(&folder.run(SCAN).code(0));
    assert!(short.contains("Known from before: "), "{short}");
    assert!(!short.contains("ann@example.com"), "{short}");
    let long = out(&folder.run(&format!("{SCAN} -v")).code(0));
    assert!(
        long.contains("baseline of ann@example.com, until 2027-03-31"),
        "{long}"
    );
    assert!(!out(&folder.run(&format!("{SCAN} -f sarif")).code(0)).contains("\"results\":[\n{"));
    let sarif = out(&folder
        .run(&format!("{SCAN} -f sarif --sarif-include-waived"))
        .code(0));
    assert!(sarif.contains("\"baselineState\":\"unchanged\""), "{sarif}");
}

#[test]
fn a_baseline_that_is_wrong_or_lacks_an_answer_is_2() {
    let folder = planted("wrong");
    folder.write("bad.jsonl", "\n{\"rule\":\"x\"}\n");
    let said = err(&folder.run("scan --baseline bad.jsonl").code(2));
    assert!(said.contains("bad.jsonl:2"), "{said}");
    let said = err(&folder.run("baseline prune --baseline bad.jsonl").code(2));
    assert!(said.contains("bad.jsonl:2"), "{said}");
    folder.run("scan --baseline none.jsonl").code(2);
    for (line, said) in [
        ("baseline write --owner a --reason r", "--expires"),
        ("baseline write --owner a --expires 2027-01-01", "--reason"),
        ("baseline write --reason a --expires 2027-01-01", "--owner"),
        (
            "baseline write --owner a --reason r --expires 2026-01-01",
            "has passed",
        ),
        (
            "baseline write --owner a --reason r --expires 2029-01-01",
            "too far",
        ),
        (
            "baseline write --owner a --reason r --expires 2027-01-01 --no-expiry",
            "cannot be used",
        ),
        (
            "baseline update --owner a --reason r --no-expiry",
            "cannot read",
        ),
        (
            "baseline write --owner a --reason r --no-expiry --baseline bad.jsonl",
            "already there",
        ),
    ] {
        let told = err(&folder.run(line).code(2));
        assert!(told.contains(said), "{line}: {told}");
    }
    assert!(!folder.0.join("credlint-baseline.jsonl").exists());
}

#[test]
fn a_scan_of_a_part_is_told_and_prunes_nothing() {
    let folder = planted("part");
    let line = format!("baseline write . nowhere {ANSWER}");
    assert!(err(&folder.run(&line).code(3)).contains("incomplete: nowhere"));
    let before = folder.read("credlint-baseline.jsonl");
    fs::remove_file(folder.0.join("src/app.py")).unwrap();
    let said = err(&folder.run("baseline prune . nowhere").code(3));
    assert!(said.contains("stays as it is"), "{said}");
    assert_eq!(folder.read("credlint-baseline.jsonl"), before);
}

#[test]
fn only_secrets_that_the_base_commit_lacks_are_new() {
    let folder = planted("new_only");
    folder.write("gone.py", &format!("x = '{}'\n", secret(5)));
    folder.commit();
    let scan = |line: &str| folder.run(&format!("scan -f json {line}"));
    let secrets = |assert: &OutputAssert| -> Vec<String> {
        let states = states(assert);
        let of_source = states
            .iter()
            .filter(|(rule, _)| rule.starts_with("secret."));
        of_source.map(|(_, state)| state.clone()).collect()
    };
    let old = secrets(&scan("--new-only main"));
    assert!(
        old.len() >= 4 && old.iter().all(|s| s == "known"),
        "{old:?}"
    );

    // Lines above, a file that moved, a file that is new with an old secret, and nothing committed.
    folder.write(
        "src/two.py",
        &format!("# above\n{}", folder.read("src/two.py")),
    );
    folder.rename("src/app.py", "moved/app.py");
    folder.rename("gone.py", "src/other.py");
    let moved = secrets(&scan("--new-only main"));
    assert!(moved.iter().all(|s| s == "known"), "{moved:?}");

    folder.write(
        "src/two.py",
        &format!("{}n = '{}'\n", folder.read("src/two.py"), secret(6)),
    );
    let more = scan("--new-only main").code(1);
    assert_eq!(secrets(&more).iter().filter(|s| *s == "open").count(), 1);
    assert!(out(&more).contains("rules over records are not compared"));
    folder.commit();
    let more = secrets(&scan("--new-only HEAD~1"));
    assert_eq!(more.iter().filter(|s| *s == "open").count(), 1, "{more:?}");
    let none = secrets(&scan("--new-only HEAD"));
    assert!(none.iter().all(|s| s == "known"), "{none:?}");
    // What the base had outside of the scanned paths was not found there.
    let part = secrets(&scan("src/other.py --new-only HEAD~1"));
    assert_eq!(part, ["open"]);
    // Records are not compared: both users still count.
    let users = scan("users.csv --new-only HEAD").code(1);
    assert!(count(&states(&users), "open") >= 2);
}

#[test]
fn a_base_commit_that_is_none_is_3_and_never_clean() {
    let folder = Folder::new("bad_base");
    folder.write("a.py", "x = 1\n");
    for base in ["main", "HEAD"] {
        let said = err(&folder.run(&format!("scan a.py --new-only {base}")).code(3));
        assert!(said.contains("cannot compare"), "{said}");
    }
    folder.commit();
    for base in [
        "nowhere",
        "main..HEAD",
        "--new-only=-q",
        "HEAD~7",
        "HEAD:a.py",
    ] {
        let line = match base {
            "--new-only=-q" => "scan --new-only=-q".to_owned(),
            base => format!("scan --new-only {base}"),
        };
        let output = folder.run(&line).code(3);
        assert!(
            err(&output).contains("no such commit"),
            "{base}: {}",
            err(&output)
        );
        assert!(out(&output).is_empty());
    }
    folder.run("scan --new-only main").code(0);
}

#[test]
fn comparing_runs_nothing_that_the_repository_names() {
    let folder = planted("hostile");
    folder.write(".gitattributes", "* filter=evil diff=evil\n");
    // A file without a finding is hashed, which is where a filter could run.
    folder.write("src/plain.py", "x = 1\n");
    folder.commit();
    let mark = folder.0.join("ran");
    let evil = format!("touch '{}'; cat", mark.display());
    for key in [
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.external",
        "core.fsmonitor",
    ] {
        folder.git(&["config", key, &evil]);
    }
    folder.write(
        "src/two.py",
        &format!("# touched\n{}", folder.read("src/two.py")),
    );
    folder.write("src/new.py", &format!("x = '{}'\n", secret(11)));
    let scan = folder.run("scan src -f json --new-only main").code(1);
    assert_eq!(count(&states(&scan), "open"), 1);
    assert!(
        !mark.exists(),
        "a program of the repository's configuration ran"
    );
}

#[test]
fn a_file_that_the_clone_lacks_is_a_problem_when_a_secret_may_be_in_it() {
    let folder = planted("partial");
    folder.commit();
    // As a partial clone is: the commit and its trees are there, a file's content is not.
    let id = folder.git(&["rev-parse", "HEAD:src/two.py"]);
    fs::remove_file(folder.0.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let scan = folder.run("scan src -f json --new-only main").code(1);
    assert!(out(&scan).contains("not in this clone"), "{}", out(&scan));
    // What can be answered without the file is answered.
    folder.run("scan src/app.py --new-only main").code(0);
}

#[test]
fn a_hook_lets_pass_what_the_baseline_accepts() {
    let folder = planted("hook");
    folder.run(&format!("baseline write {ANSWER}")).code(0);
    folder.git(&["init", "-q"]);
    folder.git(&["add", "src/app.py"]);
    folder.run("hook").code(1);
    let line = "hook --baseline credlint-baseline.jsonl";
    folder.run(line).code(0);
    folder.write("src/app.py", &format!("x = '{}'\n", secret(12)));
    folder.git(&["add", "src/app.py"]);
    folder.run(line).code(1);
}
