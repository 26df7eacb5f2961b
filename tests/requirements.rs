//! Every requirement has rules that exist, or a reason why none can; and the commands that make the
//! exports write nothing.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::collections::BTreeSet;

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::app::{doctor, guide};
use credlint::rule::CheckedBy;
use credlint::rule::file::Depth;

fn content() -> Content {
    Content::load(&ContentOptions::default(), Depth::Trusted).unwrap()
}

#[test]
fn there_are_133_requirements_and_each_names_rules_that_exist_or_a_reason() {
    let content = content();
    let requirements = doctor::requirements().unwrap();
    assert_eq!(requirements.list.len(), 133);
    let known: BTreeSet<&str> = content.rules.iter().map(|r| r.meta.id.as_str()).collect();
    let mut missing = BTreeSet::new();
    for row in &requirements.list {
        match &row.by {
            CheckedBy::Rules(ids) => {
                missing.extend(
                    ids.iter()
                        .map(credlint::model::RuleId::as_str)
                        .filter(|id| !known.contains(id)),
                );
            }
            CheckedBy::Families(_) => {
                assert!(
                    !doctor::rules_of(&content, row).is_empty(),
                    "{}",
                    row.number
                );
            }
            CheckedBy::Nothing(reason) => assert!(reason.len() > 20, "{}", row.number),
        }
        for id in &row.needs {
            assert!(
                content.sources.find(id).is_some(),
                "{}: no source {id}",
                row.number
            );
        }
    }
    assert!(missing.is_empty(), "no such rules: {missing:?}");
}

#[test]
fn every_rule_over_records_serves_a_requirement() {
    let content = content();
    let requirements = doctor::requirements().unwrap();
    let named: BTreeSet<&str> = requirements
        .list
        .iter()
        .flat_map(|row| doctor::rules_of(&content, row))
        .map(|rule| rule.meta.id.as_str())
        .collect();
    let org = content
        .rules
        .iter()
        .filter(|r| matches!(r.body, credlint::rule::Body::Record(_)));
    let idle: Vec<&str> = org
        .map(|r| r.meta.id.as_str())
        .filter(|id| !named.contains(id))
        .collect();
    assert_eq!(
        idle,
        Vec::<&str>::new(),
        "add them to rules/requirements.yaml"
    );
}

/// Words by which a command would change something.
const WRITING: &[&str] = &[
    "create",
    "delete",
    "update",
    "put",
    "set",
    "post",
    "patch",
    "rotate",
    "deploy",
    "upsert",
    "insert",
    "remove",
    "add",
    "write",
    "revoke",
    "disable",
    "enable",
    "destroy",
    "apply",
    "edit",
    "import",
    "run",
    "rm",
    "mv",
    "push",
    "drop",
    "alter",
    "grant",
    "truncate",
    "--data",
    "-d",
    "-X",
    "--request",
    "--method",
    "-f",
    "-F",
];

#[test]
fn the_commands_of_every_platform_only_read() {
    let content = content();
    let platforms = guide::platforms(&content);
    assert!(platforms.len() > 10, "{platforms:?}");
    for platform in platforms {
        let script = guide::script(&content, platform);
        let (_, commands) = script.split_once(guide::COMMANDS).unwrap();
        let commands = commands
            .lines()
            .filter(|line| !line.starts_with("# By hand:"))
            .map(|line| line.split(" || ").next().unwrap())
            // What the command is about to write anew.
            .map(|line| match line.strip_prefix("rm -f ") {
                Some(line) => line.split_once("; ").unwrap().1,
                None => line,
            });
        for line in commands {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
            // The first word of a compound verb says what it does: `delete-key`, `put-item`.
            let verbs = words.flat_map(|w| [w, w.split('-').find(|p| !p.is_empty()).unwrap_or(w)]);
            // Of what is commented out, only commands count: those that leave something open.
            let is_comment = line.starts_with('#') && !line.contains("> ");
            let writing: Vec<&str> = verbs.filter(|verb| WRITING.contains(verb)).collect();
            assert!(
                is_comment || writing.is_empty(),
                "{platform}: {writing:?} in {line}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn every_script_is_one_that_a_shell_reads() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let content = content();
    let reads = |script: &str| {
        let mut shell = Command::new("sh")
            .arg("-n")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = shell.stdin.take().unwrap();
        input.write_all(script.as_bytes()).unwrap();
        drop(input);
        shell.wait().unwrap().success()
    };
    for platform in guide::platforms(&content) {
        let script = guide::script(&content, platform);
        assert!(reads(&script), "{platform}: {script}");
        // So are the commands that ask for something, when it is given.
        for command in script.lines().filter_map(|line| line.strip_prefix("# ")) {
            if command.contains(" > ") && command.contains(" || failed ") {
                let mut given = String::new();
                for part in command.split_inclusive('>') {
                    match part.split_once('<') {
                        Some((before, _)) => given.extend([before, "given"]),
                        None => given.push_str(part),
                    }
                }
                assert!(reads(&given), "{platform}: {given}");
            }
        }
    }
}

/// Runs the script of a platform where a program is one that a test gave.
#[cfg(unix)]
fn ran(platform: &str, name: &str, program: &str) -> (std::path::PathBuf, std::process::Output) {
    use std::os::unix::fs::PermissionsExt as _;
    use std::{fs, path::Path, process::Command};
    let here = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("guide")
        .join(platform);
    let _ = fs::remove_dir_all(&here);
    let bin = here.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let stub = bin.join(name);
    fs::write(&stub, format!("#!/bin/sh\n{program}")).unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    let script = here.join("script.sh");
    fs::write(&script, guide::script(&content(), platform)).unwrap();
    let output = Command::new("sh")
        .args(["-c", "PATH=\"$PWD/bin:$PATH\" exec sh script.sh"])
        .current_dir(&here)
        .env("BASE_URL", "https://acme.example")
        .env("AUTHORIZATION", "SSWS none")
        .output()
        .unwrap();
    (here, output)
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_keeps_no_other_from_being_tried_and_leaves_no_file() {
    let stub = "case \"$*\" in *'FROM OauthToken'* | hardis:*) echo half; exit 1 ;; *) echo '{}' ;; esac\n";
    let (here, output) = ran("salesforce", "sf", stub);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "salesforce.oauth_token was not exported",
            "salesforce.hardis_oauth_tokens was not exported",
            "Exports that failed: 2"
        ]
    );
    let size = |name: &str| here.join(name).metadata().map(|file| file.len()).ok();
    assert_eq!(size("salesforce.oauth_token.json"), None);
    assert_eq!(size("salesforce.hardis_oauth_tokens.csv"), None);
    // The last of them comes behind both.
    assert_eq!(size("salesforce.user.json"), Some(3));

    let (_, output) = ran("salesforce", "sf", "echo '{}'\n");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_list_is_fetched_to_its_last_page() {
    let stub = r#"
for last; do :; done
case $last in *after=2*) link='' ;; *) link="Link: <$last&after=2>; rel=\"next\"" ;; esac
printf 'HTTP/2 200\r\nlink: <%s>; rel="self"\r\n%s\r\n\r\n' "$last" "$link" > "$3"
echo "[\"$last\"]"
"#;
    let (here, output) = ran("okta", "curl", stub);
    assert!(output.status.success(), "{output:?}");
    let users = std::fs::read_to_string(here.join("okta.users.json")).unwrap();
    let first = "https://acme.example/api/v1/users?limit=200";
    assert_eq!(users, format!("[\"{first}\"]\n[\"{first}&after=2\"]\n"));
    assert!(!here.join("okta.users.json.headers").exists());

    let stub = "printf 'link: <https://other.example/next>; rel=\"next\"\n' > \"$3\"; echo '[]'\n";
    let (here, output) = ran("okta", "curl", stub);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!here.join("okta.users.json").exists());
}
