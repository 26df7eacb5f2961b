//! Rules of other tools become rules that load, pass their tests and find what they found before.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, OutputAssert, cargo_bin};

fn credlint(arguments: &[&str], directory: &Path) -> OutputAssert {
    Command::new(cargo_bin!("credlint"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("CREDLINT_CONFIG")
        .assert()
}

/// A folder of one test with the rules of other tools in it.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("import")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join("theirs")).unwrap();
    for name in ["gitleaks.toml", "kingfisher.yml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/import")
            .join(name);
        // No token stands in the repository, not even of an invented company.
        let text = fs::read_to_string(from)
            .unwrap()
            .replace("@TOKEN@", &format!("7aQ2{}", "xLw9RtYb4KdVz".repeat(2)));
        fs::write(path.join("theirs").join(name), text).unwrap();
    }
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_is_imported_loads_and_passes_its_tests_and_the_rest_is_told() {
    let here = &folder("whole");
    let output = credlint(&["rules", "import", "theirs", "--out", "ours.yaml"], here).code(3);
    let output = output.get_output();
    assert!(output.stdout.is_empty());
    let told = text(&output.stderr);
    for line in [
        "theirs/gitleaks.toml: not carried over: `extend`: the rules of the tool itself, which are another file\n",
        "imported.acme-token: not carried over: the path expression `fixtures`\n",
        "imported.acme-terraform: not carried over: live validation; the filter `tokenRatio(…)`\n",
        "acme-ahead: left out: the expression does not parse: look-around",
        "acme-keystore: left out: it looks at names of files only\n",
        "imported.kingfisher.acme.1: not carried over: live validation (Http)\n",
        "kingfisher.acme.2: left out: it finds a part of a credential that is no secret by itself\n",
        "3 rules written, 3 left out\n",
    ] {
        assert!(told.replace('\\', "/").contains(line), "{line}\n{told}");
    }
    credlint(&["rules", "check", "ours.yaml"], here).code(0);
    let tests = credlint(&["rules", "test", "ours.yaml"], here).code(0);
    let tests = text(&tests.get_output().stdout);
    assert!(tests.contains(" passed, 0 failed"), "{tests}");
    // The secret of the example is not in the file, in no form that a scanner matches.
    let ours = fs::read_to_string(here.join("ours.yaml")).unwrap();
    assert!(ours.contains("acmy_{{base58:30}}"), "{ours}");
    credlint(
        &[
            "scan",
            "ours.yaml",
            "--rules",
            "ours.yaml",
            "--min-confidence",
            "low",
        ],
        here,
    )
    .code(0);
}

#[test]
fn an_imported_rule_finds_what_it_found_before() {
    let here = &folder("finds");
    credlint(&["rules", "import", "theirs", "--out", "ours.yaml"], here).code(3);
    fs::create_dir(here.join("code")).unwrap();
    let key = "q7w8e9r1t2y3u4i5o6p7a8s9d1f2g3h4j5k6l7z8";
    let token: String = key.chars().take(32).collect();
    fs::write(here.join("code/main.tf"), format!("acme_key = \"{key}\"\n")).unwrap();
    fs::write(
        here.join("code/main.txt"),
        format!("acme_key = \"{key}\"\n"),
    )
    .unwrap();
    let allowed = format!("a = 'acmx_{token}'\nb = 'acmx_00000000{}'\n", &token[8..]);
    fs::write(here.join("code/x.py"), &allowed).unwrap();
    fs::write(here.join("code/go.sum"), &allowed).unwrap();
    let only = ["imported.acme-token", "imported.acme-terraform"];
    let arguments = [
        "scan",
        "code",
        "--rules",
        "ours.yaml",
        "--only",
        only[0],
        "--only",
        only[1],
        "--format",
        "json",
    ];
    let output = credlint(&arguments, here).code(1);
    let report: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let mut found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            format!(
                "{} {}",
                f["rule"].as_str().unwrap(),
                f["location"]["path"].as_str().unwrap()
            )
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "imported.acme-terraform code/main.tf",
            "imported.acme-token code/x.py"
        ]
    );
}

#[test]
fn standard_output_takes_the_rules_and_a_file_that_is_there_is_kept() {
    let here = &folder("streams");
    let output = credlint(
        &["rules", "import", "theirs/kingfisher.yml", "--quiet"],
        here,
    )
    .code(3);
    let output = output.get_output();
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("- id: imported.kingfisher.acme.1\n"));
    fs::write(here.join("mine.yaml"), "mine").unwrap();
    credlint(&["rules", "import", "theirs", "--out", "mine.yaml"], here).code(2);
    assert_eq!(fs::read_to_string(here.join("mine.yaml")).unwrap(), "mine");
}

#[test]
fn a_broken_file_shows_where_it_is_broken() {
    let here = &folder("broken");
    fs::write(here.join("a.toml"), "[[rules]]\nid = \"a\"\nregex = '''x\n").unwrap();
    fs::write(here.join("b.yml"), "rules:\n- id: b\n  pattern: [x]\n").unwrap();
    let output = credlint(&["rules", "import", "a.toml", "b.yml"], here).code(2);
    let told = text(&output.get_output().stderr);
    for part in ["a.toml:4:1", "b.yml:3:12", "^"] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(output.get_output().stdout.is_empty());
    credlint(&["rules", "import", "missing.toml"], here).code(2);
    fs::write(here.join("none.toml"), "[[rules]]\nid = 'a'\npath = 'x'\n").unwrap();
    credlint(&["rules", "import", "none.toml"], here).code(2);
}
