//! The program as a user meets it: exit codes, which stream says what, and nothing half done.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, OutputAssert, cargo_bin};

fn credlint(arguments: &[&str], directory: &Path) -> OutputAssert {
    Command::new(cargo_bin!("credlint"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("CREDLINT_CONFIG")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("NO_COLOR")
        .assert()
}

/// An empty folder of one test.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cli")
        .join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_and_version_are_answers_and_go_to_standard_output() {
    let here = &folder("help");
    for arguments in [
        ["--version"].as_slice(),
        &["--help"],
        &["scan", "-h"],
        &["rules", "--help"],
    ] {
        let output = credlint(arguments, here).code(0);
        let output = output.get_output();
        assert!(!output.stdout.is_empty(), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
        assert!(!text(&output.stdout).contains('\x1b'), "{arguments:?}");
    }
    let version = credlint(&["--version"], here);
    assert_eq!(
        text(&version.get_output().stdout),
        concat!("credlint ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_wrong_command_line_is_2_and_says_what_was_meant_on_standard_error() {
    let here = &folder("usage");
    for (arguments, said) in [
        (["scn"].as_slice(), "'scan'"),
        (&["scan", "--fail-on", "hgih"], "'high'"),
        (&["scan", "--as-off", "2026-01-01"], "'--as-of'"),
        (&["scan", "--report", "sraif=x"], "did you mean `sarif`?"),
        (&["rules", "lst"], "'list'"),
        (&["scan", "--threads", "20000"], "from 1 to 1024"),
        (&["scan", "--threads", "0"], "from 1 to 1024"),
        (&[], "Usage: credlint"),
    ] {
        let output = credlint(arguments, here).code(2);
        let output = output.get_output();
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{arguments:?}");
    }
}

#[test]
fn init_writes_a_policy_once_and_never_over_another() {
    let here = &folder("init");
    let output = credlint(&["init"], here).code(0);
    assert_eq!(text(&output.get_output().stderr), "wrote credlint.yaml\n");
    assert!(output.get_output().stdout.is_empty());
    let file = here.join("credlint.yaml");
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        credlint::app::init::TEMPLATE
    );

    std::fs::write(&file, "mine").unwrap();
    let output = credlint(&["init"], here).code(2);
    assert!(text(&output.get_output().stderr).contains("credlint.yaml is already there"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");

    let output = credlint(&["init", "no/such/folder.yaml"], here).code(2);
    assert!(text(&output.get_output().stderr).contains("cannot write no/such/folder.yaml"));
    credlint(&["-q", "init", "quiet.yaml"], here)
        .code(0)
        .stderr_eq("");
}

#[test]
fn scripts_for_every_shell_and_the_manual_are_printed() {
    let here = &folder("scripts");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = credlint(&["completions", shell], here).code(0);
        assert!(
            text(&output.get_output().stdout).contains("min-confidence"),
            "{shell}"
        );
    }
    let manual = credlint(&["man"], here).code(0);
    let manual = text(&manual.get_output().stdout);
    assert!(manual.contains(".TH credlint 1"));
    assert!(manual.contains("credlint explain pw.never"));
}

/// The pipe's buffer is larger than the page on some systems, so this shows only that a closed
/// reader is never an error; that later writes are taken too is shown beside the code.
#[cfg(unix)]
#[test]
fn a_reader_that_leaves_changes_nothing() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(cargo_bin!("credlint"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn explain_says_what_rules_make_of_a_line() {
    let run = |spot: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_credlint"))
            .args(["explain", "--at", spot])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("CREDLINT_CONFIG")
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), out)
    };
    let (code, out) = run("fixtures/demo/repo/deploy/values.yaml:8");
    assert_eq!(code, Some(0));
    assert!(
        out.contains("found    secret.generic-password-assignment"),
        "{out}"
    );
    assert!(!out.contains("n8Ld"), "{out}");
    let (_, out) = run("fixtures/demo/repo/src/main/resources/application.properties:2");
    assert!(
        out.contains("dropped  secret.generic-config-password"),
        "{out}"
    );
    assert!(
        out.contains("it names the place where the secret is"),
        "{out}"
    );
    assert_eq!(run("fixtures/demo/repo/deploy/values.yaml:800").0, Some(2));
    assert_eq!(run("no/such/file:1").0, Some(2));
}

#[test]
fn a_report_is_not_written_over_what_is_scanned() {
    let here = &folder("over");
    let run = |output: &str, code: i32| {
        let arguments = [
            "scan",
            "src",
            "--no-config",
            "--as-of",
            "2026-11-20",
            "--format",
            "json",
            "--output",
            output,
        ];
        credlint(&arguments, here).code(code).get_output().clone()
    };
    std::fs::create_dir(here.join("src")).unwrap();
    std::fs::write(here.join("src/a.py"), "a = 1\n").unwrap();
    std::fs::write(here.join("kept.json"), "{}\n").unwrap();
    let refused = run("src/a.py", 2);
    assert!(text(&refused.stderr).contains("no report of this program"));
    assert_eq!(std::fs::read(here.join("src/a.py")).unwrap(), b"a = 1\n");
    // An earlier report, an empty file and what is not scanned may be written to.
    std::fs::write(here.join("src/empty.txt"), "").unwrap();
    for output in ["src/new.json", "src/new.json", "kept.json", "src/empty.txt"] {
        run(output, 0);
    }
}
