//! The README tells the truth: every ```console block of it is run, in order, in a folder that
//! holds the fixtures and the files that the README shows.
//!
//! In a block, a line `$ credlint …` (or `$ cargo run --release -- …`) is run and what follows is
//! what it must print, standard output first. A line `…` stands for any number of lines, `[..]` for
//! any text in a line. `$ echo $?` gives the exit code, which otherwise must be 0. A block after
//! `<!-- file: NAME -->` is a file for later commands; the one after `<!-- hook -->` is the commit
//! hook.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod blocks;
mod pattern;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use blocks::{Block, Step};

const PROGRAM: &str = env!("CARGO_BIN_EXE_credlint");

fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("readme")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn run(command: &str, directory: &Path) -> Output {
    let arguments = command
        .strip_prefix("credlint ")
        .or_else(|| command.strip_prefix("cargo run --release -- "))
        .unwrap_or_else(|| panic!("the README runs `{command}`, which is not credlint"));
    assert!(
        !arguments.contains(['"', '\'', '|', '>', '<', ';', '&', '*']),
        "`{command}` needs a shell; this test has none"
    );
    Command::new(PROGRAM)
        .args(arguments.split_whitespace())
        .current_dir(directory)
        .env_remove("CREDLINT_CONFIG")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn readme() -> Vec<Block> {
    blocks::read(&fs::read_to_string("README.md").unwrap())
}

#[test]
fn every_command_of_the_readme_does_what_the_readme_shows() {
    let here = folder("console");
    for fixtures in ["demo", "clean", "import"] {
        let part = Path::new("fixtures").join(fixtures);
        copy(&part, &here.join(&part));
    }
    let mut commands = 0;
    for block in readme() {
        match block {
            Block::File { name, text } => {
                let path = here.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Block::Console(steps) => {
                for step in steps {
                    commands += 1;
                    check(&step, &here);
                }
            }
            Block::Hook(_) => {}
        }
    }
    assert!(commands >= 8, "only {commands} commands");
}

fn check(step: &Step, here: &Path) {
    let output = run(&step.command, here);
    let mut printed = String::from_utf8(output.stdout).unwrap();
    printed.push_str(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(
        output.status.code(),
        Some(step.code),
        "{}\n{printed}",
        step.command
    );
    if let Err(line) = pattern::matches(&step.expected, &printed) {
        panic!(
            "`{}` does not print\n    {line}\nbut\n{printed}",
            step.command
        );
    }
}

/// Runs the hook that the README shows, in a repository of its own.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "the hook looks for git and credlint"
)]
#[test]
fn the_hook_of_the_readme_stops_a_password_and_lets_the_rest_pass() {
    use std::os::unix::fs::PermissionsExt;
    let here = folder("hook");
    let git = |arguments: &[&str]| {
        let path = format!(
            "{}:{}",
            Path::new(PROGRAM).parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        Command::new("git")
            .args(["-c", "user.name=kim", "-c", "user.email=kim@acme.example"])
            .args(arguments)
            .current_dir(&here)
            .env("PATH", path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
    };
    if git(&["init", "-q"]).is_err() {
        return; // no git here
    }
    let hooks: Vec<String> = readme()
        .into_iter()
        .filter_map(|block| match block {
            Block::Hook(text) => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(hooks.len(), 1);
    let hook = here.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, &hooks[0]).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();

    let commit = |name: &str, text: &str| {
        fs::write(here.join(name), text).unwrap();
        assert!(git(&["add", "-A"]).unwrap().status.success());
        let output = git(&["commit", "-q", "-m", "x"]).unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (passed, said) = commit(
        "a file.py",
        "import os\nPASSWORD = os.environ[\"PASSWORD\"]\n",
    );
    assert!(passed, "{said}");
    let secret = ["xK7", "#qT2", "!vLw9"].concat();
    let (passed, said) = commit("b.py", &format!("db_password = \"{secret}\"\n"));
    assert!(!passed && said.contains("b.py:1:16"), "{said}");
    // Without the password, and with a file that is only taken away, there is nothing to stop.
    fs::remove_file(here.join("a file.py")).unwrap();
    let (passed, said) = commit("b.py", "db_password = read()\n");
    assert!(passed, "{said}");
}

#[test]
fn the_readme_names_the_two_commands_near_its_top() {
    let text = fs::read_to_string("README.md").unwrap();
    let top: Vec<&str> = text.lines().take(70).collect();
    for command in [
        "cargo run --release -- scan fixtures/demo --as-of 2026-11-20",
        "cargo test",
    ] {
        assert!(
            top.iter().any(|line| line.starts_with(command)),
            "{command}"
        );
    }
}
