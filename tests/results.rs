//! What is done with the results of earlier runs.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const AS_OF: &str = "2026-11-20";

/// A folder of one test, for its results.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("results")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn credlint(line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_credlint"))
        .args(line.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CREDLINT_CONFIG")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// Scans into a file and gives the exit code.
fn scan(target: &str, file: &Path) -> Option<i32> {
    let format = file.extension().unwrap().to_str().unwrap();
    let file = file.display();
    let line = format!(
        "scan {target} --as-of {AS_OF} --no-config --quiet --format {format} --output {file}"
    );
    credlint(&line).status.code()
}

/// Merges results; the exit code and the merged result.
fn merge(files: &[&Path], more: &str) -> (Option<i32>, Value) {
    let files: Vec<_> = files.iter().map(|f| f.display().to_string()).collect();
    let output = credlint(&format!("merge {} --format json {more}", files.join(" ")));
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (output.status.code(), report)
}

fn fingerprints(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|f| f["fingerprint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn shards_come_to_what_one_scan_of_everything_comes_to() {
    let here = folder("shards");
    let shards = ["java", "resources", "scripts"].map(|name| here.join(format!("{name}.json")));
    let parts = ["src/main/java", "src/main/resources", "scripts"];
    for (part, file) in parts.iter().zip(&shards) {
        scan(&format!("fixtures/demo/repo/{part}"), file);
    }
    let whole = here.join("whole.jsonl");
    let all = parts.map(|part| format!("fixtures/demo/repo/{part}"));
    scan(&all.join(" "), &whole);
    let [one, two, three] = &shards;
    let (code, merged) = merge(&[one, two, three], "");
    let (_, whole) = merge(&[&whole], "");
    assert_eq!(code, Some(1));
    assert!(fingerprints(&merged).len() > 2);
    for key in [
        "findings",
        "coverage",
        "rules",
        "conclusion",
        "policy",
        "problems",
    ] {
        assert_eq!(merged[key], whole[key], "{key}");
    }
    assert_eq!(merged["parts"].as_array().unwrap().len(), 3);
}

#[test]
fn a_result_counts_once_whatever_its_form_and_company() {
    let here = folder("once");
    let (json, lines, clean) = (
        here.join("demo.json"),
        here.join("demo.jsonl"),
        here.join("clean.json"),
    );
    scan("fixtures/demo", &json);
    scan("fixtures/demo", &lines);
    assert_eq!(scan("fixtures/clean", &clean), Some(0));
    let both = here.join("both.json");
    let out = format!("--output {}", both.display());
    let files = format!("{} {}", json.display(), clean.display());
    assert_eq!(
        credlint(&format!("merge {files} --format json {out}"))
            .status
            .code(),
        Some(1)
    );
    let (_, once) = merge(&[&json, &clean], "");
    for files in [
        vec![&*clean, &*lines],
        vec![&*both, &*lines, &*json],
        vec![&*both],
        vec![&*both, &*both],
    ] {
        assert_eq!(merge(&files, "").1, once);
    }
}

#[test]
fn a_name_tells_the_paths_of_two_repositories_apart() {
    let here = folder("names");
    let file = here.join("a.json");
    scan("fixtures/demo/repo", &file);
    let file = file.display();
    let merged = |line: &str| -> Value {
        let output = credlint(&format!("merge {line} --format json"));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let plain = merged(&format!("{file}"));
    let named = merged(&format!("api={file}"));
    let both = merged(&format!("web={file} api={file}"));
    assert_eq!(fingerprints(&plain), fingerprints(&both));
    let targets = |report: &Value| report["coverage"]["targets"].clone();
    let below = |name: &str| Value::from(format!("{name}/fixtures/demo/repo"));
    assert_eq!(targets(&named), Value::from(vec![below("api")]));
    assert_eq!(
        targets(&both),
        Value::from(vec![below("api"), below("web")])
    );
    let [plain, named, both] = [plain, named, both].map(|mut report| {
        report["coverage"]
            .as_object_mut()
            .unwrap()
            .remove("targets");
        report
    });
    for key in ["parts", "coverage", "conclusion", "rules"] {
        assert_eq!(plain[key], named[key], "{key}");
        assert_eq!(plain[key], both[key], "{key}");
    }
    let path = |report: &Value, at: &str| report.pointer(at).unwrap().as_str().unwrap().to_owned();
    let first = path(&plain, "/findings/0/location/path");
    assert_eq!(
        path(&named, "/findings/0/location/path"),
        format!("api/{first}")
    );
    assert_eq!(
        path(&both, "/findings/0/location/path"),
        format!("api/{first}")
    );
    assert_eq!(
        path(&both, "/findings/0/places/0/path"),
        format!("web/{first}")
    );
    for wrong in ["=a.json", "a="] {
        assert_eq!(credlint(&format!("merge {wrong}")).status.code(), Some(2));
    }
}

#[test]
fn the_exit_code_is_that_of_a_scan() {
    let here = folder("exit");
    let [demo, clean, gone] =
        ["demo", "clean", "gone"].map(|name| here.join(format!("{name}.json")));
    scan("fixtures/demo", &demo);
    scan("fixtures/clean", &clean);
    assert_eq!(scan("no-such-folder", &gone), Some(3));
    for (files, more, code) in [
        ([&clean, &clean], "", 0),
        ([&clean, &gone], "", 3),
        ([&demo, &gone], "", 1),
        ([&demo, &clean], "--exit-zero", 0),
        ([&demo, &gone], "--exit-zero", 3),
        ([&demo, &clean], "--fail-on never", 0),
        ([&clean, &clean], "--fail-on info", 0),
    ] {
        let (told, report) = merge(&[files[0], files[1]], more);
        assert_eq!(told, Some(code), "{files:?} {more}");
        assert_eq!(report["complete"], !files.contains(&&gone));
    }
}

/// Compares two sides; the exit code and the comparison.
fn diff(old: &Path, new: &Path, more: &str) -> (Option<i32>, Value) {
    let (old, new) = (old.display(), new.display());
    let output = credlint(&format!(
        "diff {old} {new} --no-config --format json {more}"
    ));
    let said = String::from_utf8_lossy(&output.stderr);
    let drift = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (output.status.code(), drift)
}

/// What happened to whom, without what is the same on both sides.
fn changes(drift: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = drift["changes"].as_array().unwrap().iter();
    let changes = changes.filter(|change| change["what"] != "still_open");
    changes
        .map(|change| (text(&change["what"]), text(&change["subject"])))
        .collect()
}

#[test]
fn a_finding_is_new_still_open_or_fixed_and_gone_is_fixed_only_when_it_is_proven() {
    let here = folder("findings");
    let file = |name: &str| here.join(name);
    let (all, again, java) = (file("all.json"), file("again.jsonl"), file("java.json"));
    let (one, gone) = (file("one.json"), file("gone.json"));
    let repo = "fixtures/demo/repo/src/main";
    scan(repo, &all);
    scan(repo, &again);
    scan(&format!("{repo}/java"), &java);
    scan(
        &format!("{repo} --only secret.github-personal-access-token"),
        &one,
    );
    scan(&format!("{repo}/java no-such-folder"), &gone);

    let (code, drift) = diff(&all, &again, "");
    assert_eq!((code, changes(&drift).len()), (Some(0), 0));
    assert!(drift["counts"][0]["what"] == "still_open");

    let of = |drift: &Value, what: &str| {
        let changes = changes(drift).into_iter();
        changes.filter(|(word, _)| word == what).count()
    };
    let (code, drift) = diff(&java, &all, "");
    assert!(code == Some(1) && of(&drift, "new") > 0);
    let appeared = of(&drift, "new");
    assert_eq!(diff(&java, &all, "--exit-zero").0, Some(0));
    let (less, cleaned) = (file("less"), file("less.json"));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(repo), &less);
    scan(&less.display().to_string(), &cleaned);
    let before = file("before.json");
    fs::rename(&cleaned, &before).unwrap();
    fs::remove_dir_all(less.join("resources")).unwrap();
    scan(&less.display().to_string(), &cleaned);
    let (code, drift) = diff(&before, &cleaned, "");
    assert_eq!((code, of(&drift, "fixed")), (Some(0), appeared));

    // What is not looked at any more is not fixed.
    for unproven in [&one, &gone, &java] {
        let (code, drift) = diff(&all, unproven, "");
        assert_eq!(of(&drift, "fixed"), 0);
        assert!(of(&drift, "not_compared") > 0);
        assert_eq!((code, &drift["complete"]), (Some(3), &Value::from(false)));
    }
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

/// Changes the records of an export of Salesforce.
fn edit(path: &Path, change: &dyn Fn(&mut Vec<Value>)) {
    let mut document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(document["result"]["records"].as_array_mut().unwrap());
    fs::write(path, document.to_string()).unwrap();
}

#[test]
fn exports_of_two_days_tell_what_was_rotated_used_gained_and_lost() {
    let here = folder("exports");
    let (old, new) = (here.join("old"), here.join("new"));
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/exports");
    copy(&demo, &old);
    copy(&demo, &new);
    let day = format!("--as-of {AS_OF}");
    let (code, drift) = diff(&old, &new, &day);
    assert_eq!((code, changes(&drift)), (Some(0), Vec::new()));

    let report = new.join("aws/credential-report.csv");
    let text = fs::read_to_string(&report).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("svc-backup"));
    let lines: Vec<_> = lines
        .map(|line| line.replace("2024-10-01T10:00:00", "2026-11-01T10:00:00"))
        .collect();
    fs::write(&report, lines.join("\n") + "\n").unwrap();
    edit(&new.join("salesforce/users.json"), &|records| {
        for record in records {
            match record["Username"].as_str().unwrap() {
                "svc.loader@acme.example" => record["IsActive"] = false.into(),
                "sam.left@acme.example" => {
                    record["LastLoginDate"] = "2026-11-18T10:00:00.000+0000".into();
                }
                "svc.web@acme.example" => {
                    record["LastPasswordChangeDate"] = "2025-01-01T00:00:00.000+0000".into();
                }
                _ => {}
            }
        }
    });
    edit(
        &new.join("salesforce/permission_set_assignments.json"),
        &|records| {
            let mut more = records[0].clone();
            more["Id"] = "0Paxx0000000009AAA".into();
            more["PermissionSet"]["Name"] = "Everything".into();
            more["PermissionSet"]["PermissionsModifyAllData"] = true.into();
            records.push(more);
        },
    );
    fs::remove_dir_all(new.join("servicenow")).unwrap();
    let (code, drift) = diff(&old, &new, &day);
    assert_eq!(code, Some(1));
    assert_eq!(drift["complete"], false);
    let key = |user: &str| format!("aws arn:aws:iam::111122223333:user/{user} key 1");
    let (backup, deploy) = (key("svc-backup"), key("ci/svc-deploy"));
    let expected = [
        ("used_after_end", "salesforce sam.left@acme.example"),
        ("vanished", &backup),
        ("vanished", "aws svc-backup"),
        ("set_back", "salesforce svc.web@acme.example"),
        ("permission_gained", "salesforce svc.erp@acme.example"),
        (
            "not_compared",
            "ServiceNow partner credentials with two slots",
        ),
        ("rotated", &deploy),
        ("retired", "salesforce svc.loader@acme.example"),
    ];
    let expected = expected.map(|(what, whom)| (what.to_owned(), whom.to_owned()));
    assert_eq!(changes(&drift), expected);

    // A line in the register's log tells of the end.
    let register = new.join("register.yaml");
    let text = fs::read_to_string(&register).unwrap();
    let log = "- {credential: svc-backup, type: decommissioned, at: 2026-11-10, actor: kim}\n";
    assert!(!text.contains("\nlog:"));
    fs::write(&register, format!("{text}log:\n{log}")).unwrap();
    let (_, drift) = diff(&old, &new, &day);
    let changes = changes(&drift);
    let is = |what: &str| changes.contains(&(what.to_owned(), "aws svc-backup".to_owned()));
    assert!(is("decommissioned") && !is("vanished"), "{changes:?}");

    // The other way round: what is new on the one side is gone on the other.
    let (_, drift) = diff(&new, &old, &day);
    assert!(self::changes(&drift).contains(&("appeared".to_owned(), backup)));
}

#[test]
fn sides_that_do_not_belong_together_are_refused() {
    let here = folder("sides");
    let file = here.join("a.json");
    scan("fixtures/clean", &file);
    let (file, folder) = (file.display(), here.display());
    for line in [
        format!("diff {file} {folder}"),
        format!("diff {file} {folder}/none.json"),
        format!("diff {file} {file} --as-of {AS_OF}"),
    ] {
        let output = credlint(&line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(output.stdout.is_empty());
    }
    // A folder without exports proves nothing.
    let empty = here.join("empty");
    fs::create_dir_all(&empty).unwrap();
    let empty = empty.display();
    let output = credlint(&format!("diff {empty} {empty} --as-of {AS_OF} --no-config"));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn what_is_no_whole_result_is_refused() {
    let here = folder("refused");
    let (json, cut, sarif) = (
        here.join("a.json"),
        here.join("cut.json"),
        here.join("a.sarif"),
    );
    scan("fixtures/clean", &json);
    scan("fixtures/clean", &sarif);
    let bytes = fs::read(&json).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 9]).unwrap();
    for (file, said) in [
        (&cut, "cut off"),
        (&sarif, "SARIF"),
        (&here.join("none"), "cannot read"),
    ] {
        let output = credlint(&format!("merge {} {}", json.display(), file.display()));
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(told.contains(said), "{told}");
        assert!(output.stdout.is_empty());
    }
    let output = credlint(&format!("merge {} --show-secrets", json.display()));
    assert_eq!(output.status.code(), Some(2));
}

/// Scans as of a day, with results of before, and gives the exit code, the page, what Markdown and
/// text say, and what went to standard error.
fn with_earlier(here: &Path, line: &str) -> (Option<i32>, [String; 4]) {
    let (html, markdown) = (here.join("page.html"), here.join("page.md"));
    let _ = (fs::remove_file(&html), fs::remove_file(&markdown));
    let reports = format!(
        "--report html={} --report markdown={}",
        html.display(),
        markdown.display()
    );
    let output = credlint(&format!("{line} {reports}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let told = [
        read(&html),
        read(&markdown),
        text(output.stdout),
        text(output.stderr),
    ];
    (output.status.code(), told)
}

fn scan_as_of(target: &str, day: &str, file: &Path) {
    let format = file.extension().unwrap().to_str().unwrap();
    let file = file.display();
    credlint(&format!(
        "scan {target} --as-of {day} --no-config --quiet --format {format} --output {file}"
    ));
}

#[test]
fn a_report_tells_how_it_stands_to_results_of_before() {
    let here = folder("trend");
    let results = here.join("results");
    fs::create_dir(&results).unwrap();
    let (tree, repo) = (here.join("tree"), "fixtures/demo/repo/src/main");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(repo), &tree);
    let tree = tree.display().to_string();
    let earlier = format!("--earlier {}", results.display());
    let now = format!("scan {tree} --as-of {AS_OF} --no-config");

    let (code, [page, _, text, _]) = with_earlier(&here, &format!("{now} {earlier}"));
    assert_eq!(code, Some(1));
    assert!(text.contains("there is no earlier result yet"));
    assert!(!page.contains("id=\"trend\""));

    scan_as_of(&tree, "2026-09-20", &results.join("a.json"));
    // The same again, in another form and under another name.
    scan_as_of(&tree, "2026-09-20", &results.join("b.jsonl"));
    fs::write(results.join("notes.txt"), "not a result").unwrap();
    fs::remove_dir_all(here.join("tree/java")).unwrap();
    scan_as_of(&tree, "2026-10-20", &results.join("c.json"));
    fs::write(
        here.join("tree/new.py"),
        format!("password = \"{}\"\n", ["kR7", "vQ2", "xW9", "tL4"].concat()),
    )
    .unwrap();
    // What this run writes anew is no result of before.
    let own = results.join("own.json");
    scan_as_of(&tree, "2026-10-21", &own);
    let line = format!("{now} {earlier} --report json={}", own.display());
    let (code, [page, markdown, text, _]) = with_earlier(&here, &line);
    assert_eq!(code, Some(1));
    let trend = "since 2026-10-20: 1 new, 0 fixed,";
    assert!(text.contains(&format!("Trend     {trend}")), "{text}");
    assert!(markdown.contains("Trend: since 2026-10-20\\: 1 new, 0 fixed,"));
    assert!(page.contains("<h2 id=\"h-trend\">Trend <span class=\"n\">3 results</span></h2>"));
    assert!(page.contains("<a href=\"#findings\" data-n=\"1\">1</a>"));
    let seen = |text: &str| {
        page.matches(&format!("<dt>First seen</dt><dd>{text}</dd>"))
            .count()
    };
    assert_eq!(seen("2026-11-20: new since 2026-10-20"), 1);
    assert!(seen("2026-09-20 or before") > 0);

    // Merged results can be told the same.
    let line = format!("merge {} {earlier}", own.display());
    let (code, [merged, ..]) = with_earlier(&here, &line);
    assert_eq!(code, Some(1));
    let (_, trend) = merged.split_once("<section id=\"trend\"").unwrap();
    assert_eq!(trend.matches("<tr data-n=").count(), 3);
    assert!(trend.contains("<a href=\"#findings\" data-n=\"1\">1</a>"));
}

#[test]
fn results_that_cannot_be_of_before_are_refused_before_anything_is_written() {
    let here = folder("not-before");
    let file = |name: &str| here.join(name);
    let target = "fixtures/demo/repo/scripts";
    scan_as_of(target, "2026-10-20", &file("one.json"));
    scan_as_of("fixtures/clean", "2026-10-20", &file("other.json"));
    scan_as_of(target, "2026-12-01", &file("later.json"));
    fs::write(file("wrong.json"), "{}").unwrap();
    let named = |names: &[&str]| -> String {
        let names = names
            .iter()
            .map(|name| format!(" --earlier {}", file(name).display()));
        names.collect()
    };
    let now = format!("scan {target} --as-of {AS_OF} --no-config");
    for (names, said) in [
        (
            &["one.json", "other.json"][..],
            "are both as of 2026-10-20T00:00:00Z",
        ),
        (
            &["later.json"],
            "is as of 2026-12-01T00:00:00Z, which is not before 2026-11-20",
        ),
        (&["wrong.json"], "no result of credlint"),
        (&["none.json"], "cannot read"),
    ] {
        let (code, [page, _, text, told]) = with_earlier(&here, &(now.clone() + &named(names)));
        assert_eq!((code, page.as_str(), text.as_str()), (Some(2), "", ""));
        assert!(told.contains(said), "{told}");
    }
    // As of the very time of the report it is still of before: the user says so.
    scan_as_of(target, AS_OF, &file("today.json"));
    let (code, [page, ..]) = with_earlier(&here, &(now + &named(&["today.json"])));
    assert_eq!(code, Some(1));
    assert!(page.contains("2026-11-20T00:00:00Z (this report)"));
}
