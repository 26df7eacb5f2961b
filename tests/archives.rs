//! Secrets in archives: found wherever they are packed, shown with the way to them, in every way
//! that a scan can meet a file. The archives are made when the test runs.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod pack;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

use pack::{archive, gzip, tar_entry, zipped};
use serde_json::Value;
use snapbox::cmd::{Command, cargo_bin};

/// A fresh folder of one test.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("archives")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A line with a password, in pieces here.
fn secret() -> String {
    format!("password = \"{}\"\n", ["hV9", "xT2q", "Lm7Zr4"].concat())
}

/// Runs the program in a folder and returns what it printed.
fn run(folder: &Path, args: &[&str], code: i32) -> String {
    let output = Command::new(cargo_bin!("credlint"))
        .current_dir(folder)
        .env_remove("CREDLINT_CONFIG")
        .args(args)
        .assert()
        .code(code)
        .get_output()
        .clone();
    String::from_utf8(output.stdout).unwrap()
}

fn report(folder: &Path, args: &[&str], code: i32) -> Value {
    let fixed = ["--as-of", "2026-11-20", "--no-config", "--format", "json"];
    serde_json::from_str(&run(folder, &[args, &fixed].concat(), code)).unwrap()
}

/// Path and line of every place, sorted.
fn places(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let mut all: Vec<String> = findings
        .flat_map(|f| {
            f["places"]
                .as_array()
                .unwrap()
                .iter()
                .chain([&f["location"]])
        })
        .map(|p| format!("{}:{}", p["path"].as_str().unwrap(), p["start_line"]))
        .collect();
    all.sort();
    all
}

fn deep() -> Vec<u8> {
    let text = format!("first line\n{}", secret());
    let jar = archive(&[
        zipped("META-INF/x", b"x"),
        zipped("app/config.properties", text.as_bytes()),
    ]);
    let tar = tar_entry("dist/lib.jar", b'0', &jar);
    archive(&[zipped("backup.tar.gz", &gzip(&tar))])
}

#[test]
fn a_secret_is_found_in_every_layer_and_shown_with_the_way_to_it() {
    let folder = folder("layers");
    fs::write(folder.join("deep.zip"), deep()).unwrap();
    fs::write(folder.join("notes.txt.gz"), gzip(secret().as_bytes())).unwrap();
    fs::write(
        folder.join("old.tar"),
        tar_entry("./a b.txt", b'0', secret().as_bytes()),
    )
    .unwrap();
    let report = report(&folder, &["scan", ".", "--report", "sarif=out.sarif"], 1);
    assert_eq!(
        places(&report),
        [
            "deep.zip!backup.tar.gz!dist/lib.jar!app/config.properties:2",
            "notes.txt.gz!notes.txt:1",
            "old.tar!a b.txt:1",
        ]
    );
    assert_eq!(report["problems"].as_array().unwrap().len(), 0);
    let sarif = fs::read(folder.join("out.sarif")).unwrap();
    let sarif: Value = serde_json::from_slice(&sarif).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "deep.zip");
    assert_eq!(place["region"]["startLine"], 1);
    let github = run(
        &folder,
        &["scan", ".", "--no-config", "--format", "github"],
        1,
    );
    assert!(github.contains("file=deep.zip,line=1,"), "{github}");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = folder("threads");
    for n in 0..20 {
        let many: Vec<String> = (0..n * 5).map(|m| format!("d{m}/a.txt")).collect();
        let text = secret();
        let members: Vec<_> = many
            .iter()
            .map(|name| zipped(name, text.as_bytes()))
            .collect();
        fs::write(folder.join(format!("{n}.zip")), archive(&members)).unwrap();
    }
    let scan = |threads| {
        let args = [
            "scan",
            ".",
            "--as-of",
            "2026-11-20",
            "--no-config",
            "--format",
            "json",
        ];
        run(&folder, &[&args[..], &["--threads", threads]].concat(), 1)
    };
    assert_eq!(scan("1"), scan("4"));
}

#[test]
fn closed_archives_are_counted() {
    let folder = folder("shut");
    fs::write(folder.join("deep.zip"), deep()).unwrap();
    fs::write(folder.join("a.txt"), "nothing").unwrap();
    let report = report(&folder, &["scan", ".", "--no-archives"], 0);
    let left_out = report["coverage"]["left_out"].to_string();
    assert!(left_out.contains("archive"), "{left_out}");
}

#[test]
fn what_cannot_be_opened_is_told() {
    let folder = folder("told");
    fs::write(folder.join("a.7z"), b"7z\xBC\xAF\x27\x1C and more").unwrap();
    let locked = pack::Zipped {
        flags: 1,
        ..zipped("a.txt", b"x")
    };
    fs::write(folder.join("b.zip"), archive(&[locked])).unwrap();
    let report = report(&folder, &["scan", "."], 3);
    let problems = report["problems"].as_array().unwrap().iter();
    let told: Vec<String> = problems
        .map(|p| {
            format!(
                "{} {}",
                p["path"].as_str().unwrap(),
                p["message"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "a.7z is an archive of a kind that is not opened: 7z",
            "b.zip!a.txt is encrypted",
        ]
    );
}

fn git(folder: &Path, args: &[&str]) {
    let status = Program::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@b.example"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn the_hook_and_the_history_open_archives_too() {
    let folder = folder("git");
    git(&folder, &["init", "-q"]);
    fs::write(folder.join("deep.zip"), deep()).unwrap();
    git(&folder, &["add", "."]);
    let way = "deep.zip!backup.tar.gz!dist/lib.jar!app/config.properties:2";
    let staged: Value = serde_json::from_str(&run(
        &folder,
        &["hook", "--no-config", "--format", "json"],
        1,
    ))
    .unwrap();
    assert_eq!(places(&staged), [way]);
    git(&folder, &["commit", "-q", "-m", "x"]);
    fs::remove_file(folder.join("deep.zip")).unwrap();
    let history = report(&folder, &["scan", "--history"], 1);
    assert_eq!(places(&history), [way]);
}

#[test]
fn what_a_script_or_a_program_carries_behind_it_is_opened_too() {
    let folder = folder("carried");
    let zip = archive(&[zipped("app/a.properties", secret().as_bytes())]);
    let long = [b"MZ\0\0".to_vec(), vec![0xAB; 9 << 20], zip.clone()].concat();
    let launcher = format!("#!/bin/sh\n{}", "# launches\n".repeat(1000));
    fs::write(folder.join("a.pyz"), [b"#!/bin/sh\n", &zip[..]].concat()).unwrap();
    fs::write(folder.join("b.exe"), &long).unwrap();
    fs::write(folder.join("c.jar"), [launcher.as_bytes(), &zip].concat()).unwrap();
    let large = vec![b'x'; 9 << 20];
    let many = archive(&[
        pack::Zipped {
            method: 0,
            ..zipped("a.txt", &large)
        },
        zipped("app/a.properties", secret().as_bytes()),
    ]);
    fs::write(folder.join("d.jar"), [launcher.as_bytes(), &many].concat()).unwrap();
    let found = report(&folder, &["scan", "."], 1);
    assert_eq!(
        places(&found),
        [
            "a.pyz!app/a.properties:1",
            "b.exe!app/a.properties:1",
            "c.jar!app/a.properties:1",
            "d.jar!app/a.properties:1",
        ]
    );
    let shut = report(&folder, &["scan", ".", "--no-archives"], 0);
    let left_out = shut["coverage"]["left_out"].to_string();
    assert!(left_out.contains(r#""archive""#), "{left_out}");
}
