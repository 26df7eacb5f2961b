//! The history of real repositories, made by git when the test runs: every secret that a commit
//! brought in is found once with that commit, and what could not be looked at is never "clean".
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod repository;

use std::fs;

use repository::{Repository, secret};

#[test]
fn a_secret_that_was_removed_is_found_with_its_commit_and_one_that_stays_is_told_so() {
    let repo = Repository::new("removed");
    let (gone, stays) = (secret("gone"), secret("stays"));
    let first = repo.commit(&[("src/a.py", &format!("k = '{gone}'\n"))]);
    let second = repo.commit(&[
        ("src/b.py", &format!("\nk = '{stays}'\n")),
        ("src/a.py", ""),
    ]);
    // Further versions of the file and lines above do not make further findings.
    for n in 0..3 {
        repo.commit(&[(
            "src/b.py",
            &format!("{}k = '{stays}'\n", "\n".repeat(n + 3)),
        )]);
    }
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&gone), format!("{first} src/a.py:1 no"));
    assert_eq!(report.place(&stays), format!("{second} src/b.py:2 yes"));
    assert_eq!(report.findings().len(), 2);
    assert_eq!(report.of(&stays)["places"].as_array().unwrap().len(), 0);
    assert_eq!(
        report.of(&gone)["commit"]["authored"],
        "2026-01-02T03:04:05Z"
    );
    assert!(report.problems().is_empty());
    let text = repo.text(&["--history"]);
    assert!(text.contains(&format!(
        "brought in by {} on 2026-01-02, removed since, but still in the history",
        &first[..10]
    )));
    assert!(text.contains("still in the tip"));
    assert!(!text.contains(&gone) && !text.contains(&stays));
}

#[test]
fn what_a_commit_says_is_searched_too() {
    let repo = Repository::new("message");
    let pasted = secret("pasted");
    repo.commit(&[("a.txt", "a")]);
    let message = format!("Rotate the key\n\nk = '{pasted}'\n");
    repo.git(&["commit", "-q", "--allow-empty", "-m", &message]);
    let id = repo.git(&["rev-parse", "HEAD"]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(
        report.place(&pasted),
        format!("{id} commit-message/{id}:3 no")
    );
    assert_eq!(report.findings().len(), 1);
    assert!(report.problems().is_empty());
}

#[test]
fn a_merge_answers_for_its_own_resolution_and_for_nothing_else() {
    let repo = Repository::new("merge");
    let (side, own) = (secret("side"), secret("own"));
    repo.commit(&[("a", "base\n")]);
    repo.git(&["checkout", "-qb", "side"]);
    let brought = repo.commit(&[("b", &format!("k = '{side}'\n"))]);
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(&[("c", "main\n")]);
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    let merge = repo.commit(&[("a", &format!("k = '{own}'\n"))]);
    repo.commit(&[("a", "clean again\n")]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&side), format!("{brought} b:1 yes"));
    assert_eq!(report.place(&own), format!("{merge} a:1 no"));
}

#[test]
fn an_octopus_is_searched_like_every_commit() {
    let repo = Repository::new("octopus");
    let (own, third) = (secret("own"), secret("third"));
    repo.commit(&[("a", "base\n")]);
    let mut brought = String::new();
    for name in ["one", "two", "three"] {
        repo.git(&["checkout", "-qb", name, "main"]);
        let text = if name == "three" {
            format!("k = '{third}'\n")
        } else {
            name.to_owned()
        };
        brought = repo.commit(&[(name, &text)]);
    }
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(&[("d", "main\n")]);
    repo.git(&["merge", "-q", "--no-commit", "one", "two", "three"]);
    let merge = repo.commit(&[("a", &format!("k = '{own}'\n"))]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&third), format!("{brought} three:1 yes"));
    assert_eq!(report.place(&own), format!("{merge} a:1 yes"));
}

#[test]
fn a_moved_or_copied_file_is_one_finding_with_every_path() {
    let repo = Repository::new("renamed");
    let value = secret("moved");
    let first = repo.commit(&[("old/a.py", &format!("k = '{value}'\n"))]);
    repo.git(&["mv", "old", "new"]);
    repo.commit(&[("copy.py", &format!("k = '{value}'\n"))]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&value), format!("{first} old/a.py:1 yes"));
    let places = report.of(&value)["places"].as_array().unwrap();
    let paths: Vec<&str> = places.iter().map(|p| p["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["copy.py", "new/a.py"]);
}

#[test]
fn a_blob_is_judged_by_every_path_that_it_had() {
    let repo = Repository::new("paths");
    let value = secret("excluded");
    fs::write(
        repo.folder().join("policy.yaml"),
        "version: 1\npaths: {exclude: [vendor/]}\n",
    )
    .unwrap();
    repo.commit(&[("vendor/a.py", &format!("k = '{value}'\n"))]);
    let nothing = repo.scan(&["--history", "--config", "policy.yaml"], 3);
    assert_eq!(nothing.left_out("excluded"), 1);
    assert!(nothing.problems()[0].contains("leaves out every file"));
    repo.commit(&[("b", "nothing\n")]);
    let clean = repo.scan(&["--history", "--config", "policy.yaml"], 0);
    assert_eq!(clean.left_out("excluded"), 1);
    repo.git(&["mv", "vendor", "src"]);
    let second = repo.commit(&[]);
    let report = repo.scan(&["--history", "--config", "policy.yaml"], 1);
    assert_eq!(report.place(&value), format!("{second} src/a.py:1 yes"));
}

#[test]
fn the_earlier_of_two_branches_is_named_whatever_the_branches_are_called() {
    let mut reports = Vec::new();
    for names in [["aa", "zz"], ["zz", "aa"]] {
        let repo = Repository::new(&format!("branches-{}", names[0]));
        let value = secret("both");
        repo.commit(&[("a", "base\n")]);
        let mut ids = Vec::new();
        for (name, when) in names
            .iter()
            .zip(["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"])
        {
            repo.git(&["checkout", "-qb", name, "main"]);
            ids.push(repo.commit_at(&[("k.py", &format!("k = '{value}'\n"))], when));
        }
        repo.git(&["checkout", "-q", "main"]);
        let report = repo.scan(&["--history"], 1);
        assert_eq!(
            report.place(&value),
            format!("{} k.py:1 other-branch", ids[0])
        );
        // Of another branch alone, the other commit.
        let report = repo.scan(&["--history", "--branch", names[1]], 1);
        assert_eq!(report.place(&value), format!("{} k.py:1 yes", ids[1]));
        reports.push(ids);
    }
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn a_range_a_branch_and_a_date_choose_commits() {
    let repo = Repository::new("range");
    let (old, new) = (secret("old"), secret("new"));
    let first = repo.commit_at(&[("a", &format!("k = '{old}'\n"))], "2025-01-01T00:00:00Z");
    repo.git(&["tag", "v1"]);
    let second = repo.commit_at(&[("b", &format!("k = '{new}'\n"))], "2026-03-01T00:00:00Z");
    for (arguments, found) in [
        (vec!["--history"], vec![&first, &second]),
        (vec!["--history", "v1..main"], vec![&second]),
        (vec!["--history", "main ^v1"], vec![&second]),
        (vec!["--history", "v1"], vec![&first]),
        (vec!["--history", "--branch", "main"], vec![&first, &second]),
        (vec!["--history", "--since", "2026-03-01"], vec![&second]),
        (
            vec!["--history", "--since", "2025-01-01"],
            vec![&first, &second],
        ),
    ] {
        let report = repo.scan(&arguments, 1);
        let mut ids: Vec<String> = report
            .findings()
            .iter()
            .map(repository::commit_of)
            .collect();
        ids.sort();
        let mut found: Vec<String> = found.into_iter().cloned().collect();
        found.sort();
        assert_eq!(ids, found, "{arguments:?}");
    }
}

#[test]
fn a_history_that_is_not_there_is_incomplete_and_never_clean() {
    let repo = Repository::new("absent");
    let empty = repo.scan(&["--history"], 3);
    assert!(empty.problems()[0].contains("no commit is in the part"));
    repo.commit(&[("a", "nothing\n")]);
    repo.scan(&["--history"], 0);
    for (arguments, said) in [
        (vec!["--history", "nope..main"], "bad revision"),
        (vec!["--history", "main..main"], "no commit"),
        (vec!["--history", "main:a"], "no commit"),
        (vec!["--history", " "], "names no commit"),
        (
            vec!["--history", "main --output=x"],
            "`--output=x` is no revision",
        ),
        (
            vec!["--history", "--branch", "nope"],
            "there is no branch `nope`",
        ),
        (
            vec!["--history", "--branch", "main~0"],
            "there is no branch",
        ),
        (vec!["--history", "--since", "2030-01-01"], "no commit"),
        (vec!["--history", "--", "no/such/folder"], "does not exist"),
    ] {
        let report = repo.scan(&arguments, 3);
        assert!(
            report.problems()[0].contains(said),
            "{arguments:?}: {:?}",
            report.problems()
        );
    }
    assert!(!repo.folder().join("x").exists());
}

#[test]
fn what_cannot_be_a_history_at_all_could_not_run() {
    let repo = Repository::new("unable");
    repo.commit(&[("a", "nothing\n")]);
    let outside = repo.outside();
    let said = |arguments: &[&str], path: Option<&str>| repo.refused(&outside, arguments, path);
    assert!(said(&["--history"], None).contains("is not in a git repository"));
    assert!(said(&["--history"], Some("")).contains("git could not be started"));
    for (arguments, words) in [
        (&["--since", "2026-01-01"][..], "--history"),
        (&["--branch", "main"], "--history"),
        (&["--history", "a", "--branch", "b"], "cannot both"),
        (&["--history=v1", "a", "b"], "one repository"),
        (
            &["--history", "--only", "pw.never-expires"],
            "no rule about secrets",
        ),
    ] {
        let all = repo.refused(repo.folder(), arguments, None);
        assert!(all.contains(words), "{arguments:?}: {all}");
    }
}

#[test]
fn bare_and_linked_and_packed_and_sha256_repositories_are_read_alike() {
    let value = secret("kinds");
    for format in ["sha1", "sha256"] {
        let repo = Repository::with_format(&format!("kinds-{format}"), format);
        let first = repo.commit(&[("a", &format!("k = '{value}'\n"))]);
        repo.commit(&[("a", "gone\n")]);
        repo.git(&["branch", "other"]);
        repo.git(&["worktree", "add", "-q", "../linked", "other"]);
        repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
        repo.git(&["gc", "-q"]);
        assert!(repo.folder().join(".git/packed-refs").exists());
        for path in [".", "../linked", "../bare.git"] {
            let report = repo.scan(&["--history", "--", path], 1);
            assert_eq!(
                report.place(&value),
                format!("{first} a:1 no"),
                "{format} {path}"
            );
            assert!(report.problems().is_empty());
        }
    }
}

#[test]
fn a_shallow_clone_is_told_as_incomplete_where_it_ends() {
    let repo = Repository::new("shallow");
    let (old, new) = (secret("old"), secret("new"));
    repo.commit(&[("a", &format!("k = '{old}'\n"))]);
    repo.commit(&[("a", "gone\n")]);
    repo.commit(&[("b", "third\n")]);
    let last = repo.commit(&[("c", &format!("k = '{new}'\n"))]);
    let url = format!("file://{}", repo.folder().display());
    repo.git(&[
        "-c",
        "protocol.file.allow=always",
        "clone",
        "-q",
        "--depth=2",
        &url,
        "../shallow",
    ]);
    let report = repo.scan(&["--history", "--", "../shallow"], 1);
    assert_eq!(report.place(&new), format!("{last} c:1 yes"));
    assert!(
        report.problems()[0].contains("shallow"),
        "{:?}",
        report.problems()
    );
    assert_eq!(report.findings().len(), 1);
    // A range that does not reach the end is whole.
    let report = repo.scan(&["--history", "HEAD~1..HEAD", "../shallow"], 1);
    assert!(report.problems().is_empty(), "{:?}", report.problems());
}

#[test]
fn what_a_partial_clone_or_a_damaged_one_lacks_is_told() {
    let repo = Repository::new("partial");
    let value = secret("here");
    repo.commit(&[("a", "one\n")]);
    repo.commit(&[("a", "two\n")]);
    let last = repo.commit(&[("b", &format!("k = '{value}'\n"))]);
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.folder().display());
    let allow = "protocol.file.allow=always";
    repo.git(&[
        "-c",
        allow,
        "clone",
        "-q",
        "--filter=blob:none",
        &url,
        "../partial",
    ]);
    let report = repo.scan(&["--history", "--", "../partial"], 1);
    assert_eq!(report.place(&value), format!("{last} b:1 yes"));
    assert!(
        report.problems()[0].contains("not in this clone"),
        "{:?}",
        report.problems()
    );
    let damaged = repo.git(&["rev-parse", "HEAD~1:a"]);
    let object = repo
        .folder()
        .join(".git/objects")
        .join(&damaged[..2])
        .join(&damaged[2..]);
    fs::remove_file(&object).unwrap();
    fs::write(&object, "no object").unwrap();
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&value), format!("{last} b:1 yes"));
    assert!(!report.problems().is_empty());
}

#[test]
fn submodules_are_counted_and_links_are_read() {
    let repo = Repository::new("submodule");
    let id = repo.commit(&[("a", "nothing\n")]);
    let entry = format!("160000,{id},lib/module");
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    repo.git(&["commit", "-qm", "module"]);
    let value = secret("link");
    repo.commit(&[("target", &value)]);
    let blob = repo.git(&["rev-parse", "HEAD:target"]);
    repo.git(&["rm", "-q", "target"]);
    let entry = format!("120000,{blob},link");
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    repo.git(&["commit", "-qm", "link"]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.left_out("submodule"), 1);
    assert_eq!(report.of(&value)["location"]["path"], "target");
    assert_eq!(report.of(&value)["places"][0]["path"], "link");
}

#[test]
fn stashes_notes_and_replaced_commits_hide_nothing() {
    let repo = Repository::new("hidden");
    let (stashed, replaced) = (secret("stashed"), secret("replaced"));
    repo.commit(&[("a", "base\n")]);
    let bad = repo.commit(&[("a", &format!("k = '{replaced}'\n"))]);
    repo.commit(&[("a", "clean\n")]);
    let good = repo.git(&["commit-tree", "-m", "good", "HEAD^{tree}", "-p", "HEAD~2"]);
    repo.git(&["replace", &bad, &good]);
    let grafts = repo.folder().join(".git/info/grafts");
    let (tip, root) = (
        repo.git(&["rev-parse", "HEAD"]),
        repo.git(&["rev-parse", "HEAD~2"]),
    );
    fs::write(grafts, format!("{tip} {root}\n")).unwrap();
    fs::write(repo.folder().join("a"), format!("k = '{stashed}'\n")).unwrap();
    repo.git(&["stash", "-q"]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&replaced), format!("{bad} a:1 no"));
    assert_eq!(report.of(&stashed)["commit"]["in_tip"], "no");
}

/// A repository's own configuration names programs and settings that would hide changes.
#[test]
fn a_hostile_configuration_runs_nothing_and_hides_nothing() {
    let repo = Repository::new("hostile");
    let value = secret("hostile");
    repo.commit(&[("sub/a", &format!("k = '{value}'\n"))]);
    repo.commit(&[
        ("sub/a", "gone\n"),
        (".gitattributes", "* diff=evil filter=evil\n"),
    ]);
    let mark = repo.folder().join("executed");
    let evil = format!("touch {}", mark.display());
    fs::write(repo.folder().join("order"), "nothing\n").unwrap();
    for (key, setting) in [
        ("core.fsmonitor", evil.as_str()),
        ("core.pager", &evil),
        ("core.sshCommand", &evil),
        ("core.alternateRefsCommand", &evil),
        ("diff.external", &evil),
        ("diff.evil.textconv", &evil),
        ("diff.evil.command", &evil),
        ("filter.evil.smudge", &evil),
        ("filter.evil.process", &evil),
        ("gpg.program", &evil),
        ("pager.rev-list", &evil),
        ("pager.diff-tree", &evil),
        ("alias.rev-list", &format!("!{evil}")),
        ("alias.cat-file", &format!("!{evil}")),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &format!("ext::sh -c {evil}")),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("log.showSignature", "true"),
        ("diff.relative", "true"),
        ("diff.orderFile", "order"),
        ("diff.renames", "copies"),
        ("diff.noPrefix", "true"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("color.ui", "always"),
        ("log.excludeDecoration", "*"),
        ("diff.ignoreSubmodules", "all"),
    ] {
        repo.git(&["config", key, setting]);
    }
    // A blob that is not there, so that a lazy fetch would be tried.
    let blob = repo.git(&["rev-parse", "HEAD:sub/a"]);
    fs::remove_file(
        repo.folder()
            .join(".git/objects")
            .join(&blob[..2])
            .join(&blob[2..]),
    )
    .unwrap();
    let report = repo.scan(&["--history", "--", "sub"], 1);
    assert!(report.place(&value).ends_with("sub/a:1 no"));
    assert!(
        report.problems()[0].contains("not in this clone"),
        "{:?}",
        report.problems()
    );
    assert!(!mark.exists());
}

#[cfg(unix)]
#[test]
fn names_that_are_not_text_are_shown_and_kept_apart() {
    let repo = Repository::new("names");
    let value = secret("name");
    let blob = repo.blob(&format!("k = '{value}'\n"));
    repo.import(&[(&b"caf\xE9.py"[..], &blob), (b"a\tb c.py", &blob)]);
    let report = repo.scan(&["--history"], 1);
    let found = report.of(&value);
    assert_eq!(found["location"]["path"], "a\tb c.py");
    assert_eq!(found["places"][0]["path"], "caf\\xE9.py");
}

#[test]
fn a_large_file_is_searched_and_binary_ones_are_counted() {
    let repo = Repository::new("large");
    let value = secret("large");
    let filler = "nothing to see in this line\n".repeat(400_000);
    let text = format!("{filler}k = '{value}'\n");
    let first = repo.commit(&[("big.txt", &text), ("bin", "\0\0\0\0\0\0")]);
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.place(&value), format!("{first} big.txt:400001 yes"));
    assert_eq!(report.left_out("not text"), 1);
}

#[test]
fn a_report_has_the_same_bytes_at_any_number_of_threads() {
    let repo = Repository::new("threads");
    for n in 0..60 {
        let (a, b) = (
            secret(&format!("a{}", n % 7)),
            secret(&format!("b{}", n % 5)),
        );
        let path = format!("dir{}/f{}.py", n % 3, n % 11);
        repo.commit(&[(&path, &format!("# {n}\nk = '{a}'\nl = '{b}'\n"))]);
    }
    // So many that they are read in the order of the pack's deltas.
    let files: Vec<(String, String)> = (0..400)
        .map(|n| (format!("many/{n}"), format!("{}{n}\n", "line\n".repeat(40))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
    repo.commit(&files);
    repo.git(&["gc", "-q"]);
    let one = repo.raw(&["--history", "--threads", "1"]);
    for threads in ["2", "5"] {
        assert!(
            repo.raw(&["--history", "--threads", threads]) == one,
            "{threads}"
        );
    }
    let report = repo.scan(&["--history"], 1);
    assert_eq!(report.findings().len(), 12);
    assert_eq!(report.searched(), 460);
}
