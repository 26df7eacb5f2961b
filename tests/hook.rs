//! `credlint hook` in real repositories: what is committed is what is searched, nothing that a
//! repository names is run, and nothing passes unseen.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A token that no two numbers share, put together here so that no scanner takes this file for a
/// leak.
fn token(number: usize) -> String {
    format!("glpat-{}{number:06}", "aB3xK9mQ2wE7rT")
}

fn leak(number: usize) -> String {
    format!("token = \"{}\"\n", token(number))
}

/// A repository of one test, or a folder beside one.
struct Repo {
    path: PathBuf,
}

/// What a run said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    fn is(self, code: i32, what: &str) -> Self {
        let Self { out, err, .. } = &self;
        assert_eq!(self.code, Some(code), "{what}\n{out}\n{err}");
        self
    }

    #[track_caller]
    fn names(self, words: &[&str]) -> Self {
        let Self { out, err, .. } = &self;
        for word in words {
            let said = out.contains(word) || err.contains(word);
            assert!(said, "{word:?} is not in\n{out}\n{err}");
        }
        self
    }
}

fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("hook")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn command(program: &str, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.as_bytes().starts_with(b"GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "A")
        .env("GIT_AUTHOR_EMAIL", "a@example.com")
        .env("GIT_COMMITTER_NAME", "A")
        .env("GIT_COMMITTER_EMAIL", "a@example.com")
        .env("HOME", directory)
        .env_remove("CREDLINT_CONFIG");
    command
}

impl Repo {
    fn new(test: &str) -> Self {
        Self::with(test, &["-b", "main"])
    }

    fn with(test: &str, options: &[&str]) -> Self {
        let repo = Self { path: folder(test) };
        repo.git(&[&["init", "-q"], options].concat());
        repo
    }

    fn try_git(&self, arguments: &[&str]) -> Said {
        let output = command("git", &self.path).args(arguments).output();
        Said::of(&output.unwrap())
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let said = self.try_git(arguments).is(0, &format!("git {arguments:?}"));
        said.out.trim_end().to_owned()
    }

    fn write(&self, name: impl AsRef<Path>, text: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn stage(&self, name: impl AsRef<Path>, text: &str) {
        self.write(&name, text);
        let mut add = command("git", &self.path);
        add.args(["add", "--"]).arg(name.as_ref());
        assert!(add.status().unwrap().success());
    }

    fn commit(&self, name: &str, text: &str) -> String {
        self.stage(name, text);
        self.git(&["commit", "-q", "--no-verify", "-m", name]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn hook<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Said {
        self.told(arguments, "")
    }

    /// A hook that hears something on its standard input.
    fn told<A: AsRef<OsStr>>(&self, arguments: &[A], input: &str) -> Said {
        let mut hook = command(env!("CARGO_BIN_EXE_credlint"), &self.path);
        hook.arg("hook").args(arguments).stdin(Stdio::piped());
        hook.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = hook.spawn().unwrap();
        // A hook that hears nothing may have ended.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Said::of(&child.wait_with_output().unwrap())
    }

    fn staged(&self) -> Said {
        self.hook::<&str>(&[])
    }
}

#[test]
fn what_is_staged_is_searched_and_not_what_lies_beside_it() {
    let repo = Repo::new("staged");
    repo.commit("a.txt", "nothing\n");
    repo.stage("a.txt", &leak(1));
    repo.write("a.txt", "nothing\n");
    let said = repo.staged().is(1, "in the index, gone in the work tree");
    let said = said.names(&["a.txt:1:10: critical secret.gitlab-pat", "Three ways out"]);
    assert!(!said.out.contains(&token(1)) && !said.err.contains(&token(1)));

    repo.stage("a.txt", "nothing more\n");
    repo.write("a.txt", &leak(1));
    repo.staged().is(0, "in the work tree, not in the index");
    repo.hook(&["a.txt"])
        .is(1, "named, so the work tree counts");

    // Of two changes only one is staged.
    repo.write("a.txt", &format!("one\n{}two\n{}", leak(1), leak(2)));
    let id = repo.git(&["hash-object", "-w", "--", "a.txt"]);
    repo.write("half.txt", &format!("one\n{}two\n", leak(1)));
    let half = repo.git(&["hash-object", "-w", "--", "half.txt"]);
    assert_ne!(id, half);
    repo.git(&[
        "update-index",
        "--cacheinfo",
        &format!("100644,{half},a.txt"),
    ]);
    repo.staged()
        .is(1, "in part")
        .names(&["1 secret found, 1 file searched", "a.txt:2:10"]);
}

#[test]
fn the_whole_index_is_searched_from_any_folder() {
    let repo = Repo::new("below");
    repo.commit("a.txt", "clean\n");
    repo.stage("a.txt", &leak(1));
    repo.write("deep/er/b.txt", "clean\n");
    repo.git(&["config", "diff.relative", "true"]);
    let below = Repo {
        path: repo.path.join("deep/er"),
    };
    below.staged().is(1, "from below").names(&["a.txt:1:10"]);
}

#[test]
fn the_first_commit_is_searched_whole_in_either_hash() {
    for (test, format) in [("first", "sha1"), ("first-sha256", "sha256")] {
        let repo = Repo::with(test, &["--object-format", format]);
        let said = repo.staged().is(0, "nothing staged");
        assert_eq!(
            (said.out.as_str(), said.err.as_str()),
            ("", "credlint: nothing staged\n")
        );
        repo.stage("b.txt", &leak(1));
        repo.stage("c.txt", "clean\n");
        repo.staged()
            .is(1, format)
            .names(&["1 secret found, 2 files searched"]);
        repo.commit("b.txt", "clean\n");
        repo.staged()
            .is(0, "all is committed")
            .names(&["nothing staged"]);
        repo.stage("d.txt", &leak(2));
        repo.staged()
            .is(1, format)
            .names(&["1 secret found, 1 file searched"]);
    }
}

#[test]
fn a_renamed_file_is_searched_and_a_deleted_one_is_not() {
    let repo = Repo::new("renamed");
    repo.commit("old.txt", &leak(1));
    repo.git(&["mv", "old.txt", "new.txt"]);
    repo.staged().is(1, "renamed").names(&["new.txt:1:10"]);
    repo.git(&["commit", "-qm", "x"]);
    repo.git(&["rm", "-q", "new.txt"]);
    repo.staged().is(0, "deleted").names(&["nothing staged"]);
}

#[test]
fn links_and_submodules_are_left_out_and_counted() {
    let repo = Repo::new("links");
    repo.commit("a.txt", "clean\n");
    let inner = Repo::new("links/inner");
    inner.commit("secret.txt", &leak(1));
    symlink(inner.path.join("secret.txt"), repo.path.join("link")).unwrap();
    symlink("/nowhere", repo.path.join("broken")).unwrap();
    repo.git(&[
        "-c",
        "advice.addEmbeddedRepo=false",
        "add",
        "link",
        "broken",
        "inner",
    ]);
    repo.staged()
        .is(0, "nothing but links")
        .names(&["submodule 1", "symbolic link 2"]);
    repo.hook(&["link", "broken", "inner"])
        .is(0, "named")
        .names(&["submodule 1", "symbolic link 2"]);
    // The content of what Git LFS keeps is not in git.
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 9\n",
        "0123456789abcdef".repeat(4)
    );
    repo.stage("large.bin", &pointer);
    repo.staged()
        .is(0, "a pointer")
        .names(&["Git LFS pointer 1"]);
    repo.stage("b.txt", &leak(2));
    repo.staged()
        .is(1, "beside them")
        .names(&["Git LFS pointer 1", "submodule 1"]);
    repo.git(&["commit", "-qm", "x"]);
    // A file that becomes a link, and a link that becomes a file.
    fs::remove_file(repo.path.join("b.txt")).unwrap();
    symlink("a.txt", repo.path.join("b.txt")).unwrap();
    fs::remove_file(repo.path.join("link")).unwrap();
    repo.git(&["add", "b.txt"]);
    repo.stage("link", &leak(3));
    repo.staged()
        .is(1, "changed type")
        .names(&["link:1:10", "1 secret found, 1 file searched"]);
}

/// Names that have broken hooks.
fn odd_names() -> Vec<OsString> {
    let mut names: Vec<OsString> = [
        "two words.txt",
        "-dash",
        "--help",
        "--",
        "-q",
        "new\nline",
        "tab\there",
        "\"quoted\"",
        "*",
        "install",
        "é",
        "a\\b",
        "$(touch marker)",
        ":(top)x",
        "\u{1b}[31mred",
    ]
    .map(OsString::from)
    .to_vec();
    names.push(OsStr::from_bytes(b"not \xff text \xc3").to_owned());
    names
}

#[test]
fn names_may_be_anything() {
    let repo = Repo::new("names");
    let names = odd_names();
    for (number, name) in names.iter().enumerate() {
        repo.write(name, &leak(number));
    }
    repo.git(&["add", "-A"]);
    let all = format!("{0} secrets found, {0} files searched", names.len());
    repo.staged()
        .is(1, "staged")
        .names(&[&all, "not \\xFF text \\xC3:1:10"]);
    let mut arguments = vec![OsString::from("--")];
    arguments.extend(names);
    let said = repo.hook(&arguments).is(1, "named").names(&[&all]);
    assert!(!said.out.contains('\u{1b}'));
    assert!(!repo.path.join("marker").exists());

    repo.hook(&["-dash", "--format", "json"])
        .is(1, "what follows a name is one");
    let said = repo.hook(&["install"]).is(2, "a file or the word?");
    said.names(&["credlint hook -- install"]);
    assert!(!repo.path.join(".git/hooks/pre-commit").exists());
}

#[test]
fn a_name_that_is_not_there_is_never_clean() {
    let repo = Repo::new("missing");
    repo.write("a.txt", "clean\n");
    repo.hook(&["a.txt", "nope"])
        .is(3, "missing")
        .names(&["nope: does not exist"]);
    repo.hook(&["--fromat"])
        .is(3, "an option that is none")
        .names(&["options stand before names"]);
}

#[test]
fn what_cannot_be_read_is_never_clean() {
    let repo = Repo::new("unreadable");
    let id = "1234567890123456789012345678901234567890";
    let entry = format!("100644,{id},gone.txt");
    repo.git(&[
        "update-index",
        "--add",
        "--info-only",
        "--cacheinfo",
        &entry,
    ]);
    repo.staged()
        .is(3, "no such blob")
        .names(&["gone.txt", "not in this repository"]);

    let repo = Repo::new("unmerged");
    repo.commit("a.txt", "one\n");
    repo.git(&["checkout", "-qb", "side"]);
    repo.commit("a.txt", "two\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("a.txt", "three\n");
    let _ = repo.try_git(&["merge", "side"]);
    repo.staged()
        .is(3, "unmerged")
        .names(&["a.txt: is not merged yet"]);

    let outside = folder("no-repository");
    let mut hook = command(env!("CARGO_BIN_EXE_credlint"), &outside);
    hook.arg("hook")
        .env("GIT_CEILING_DIRECTORIES", outside.parent().unwrap());
    let said = Said::of(&hook.output().unwrap()).is(2, "no repository");
    assert!(said.names(&["is not in a git repository"]).out.is_empty());

    let mut hook = command(env!("CARGO_BIN_EXE_credlint"), &repo.path);
    hook.arg("hook").env("PATH", "/nowhere");
    let said = Said::of(&hook.output().unwrap()).is(2, "no git");
    said.names(&["git could not be started"]);

    repo.write(".git/config", "[core\n");
    let said = repo.staged().is(2, "a broken configuration");
    assert!(
        !said.err.contains("is not in a git repository"),
        "{}",
        said.err
    );
}

#[test]
fn twelve_hundred_files_are_all_searched() {
    let repo = Repo::new("many");
    let names: Vec<String> = (0..1200)
        .map(|n| format!("src/module {}/f{n}.txt", n % 40))
        .collect();
    for (number, name) in names.iter().enumerate() {
        let text = if number % 100 == 7 {
            leak(number)
        } else {
            format!("clean {number}\n")
        };
        repo.write(name, &text);
    }
    repo.git(&["add", "."]);
    repo.staged()
        .is(1, "staged")
        .names(&["12 secrets found, 1,200 files searched"]);
    repo.hook(&names)
        .is(1, "named")
        .names(&["12 secrets found, 1,200 files searched"]);
}

#[test]
fn large_files_and_files_that_are_no_text_are_told_apart() {
    let repo = Repo::new("large");
    let filler = "nothing to see here, move along please\n".repeat(250_000);
    repo.stage("big.txt", &format!("{filler}{}", leak(1)));
    repo.stage("bin", "\0\0\0\0");
    repo.staged()
        .is(1, "large")
        .names(&["big.txt:250001:10", "not text 1"]);
}

#[test]
fn a_policy_waives_and_leaves_out_and_nothing_else_lets_a_secret_pass() {
    let repo = Repo::new("policy");
    repo.stage("a.txt", &leak(1));
    repo.stage("data/b.txt", &leak(2));
    let said = repo.staged().is(1, "no policy");
    let snippet = said.out.get(said.out.find("waivers:").unwrap()..).unwrap();
    let excluded = "version: 1\nfail_on: critical\npaths: {exclude: [data/b.txt]}\n";
    repo.write("credlint.yaml", excluded);
    repo.staged()
        .is(1, "one left")
        .names(&["1 secret found, 1 file searched", "excluded 1"]);
    // What is offered is pasted as it is.
    repo.write("credlint.yaml", &format!("{excluded}{snippet}"));
    repo.staged()
        .is(0, "waived")
        .names(&["no secret in 1 file", "1 waived"]);
    repo.hook(&["--as-of", "2099-01-01"])
        .is(1, "the waiver ended")
        .names(&["WAIVER ENDED"]);
    repo.hook(&["--no-config"])
        .is(1, "no policy")
        .names(&["2 secrets"]);
    repo.write("credlint.yaml", "version: 1\nfail_on: never\n");
    repo.staged().is(2, "a wrong policy");
}

#[test]
fn every_format_says_the_same() {
    let repo = Repo::new("formats");
    repo.stage("a.txt", &leak(1));
    let rule = "secret.gitlab-pat";
    for format in ["text", "json", "sarif"] {
        let said = repo
            .hook(&["--format", format])
            .is(1, format)
            .names(&[rule]);
        assert!(!said.out.contains(&token(1)), "{format}");
    }
    repo.hook(&["--report", "json=out.json"])
        .is(1, "both")
        .names(&["Three ways out"]);
    assert!(
        fs::read_to_string(repo.path.join("out.json"))
            .unwrap()
            .contains(rule)
    );
    repo.hook(&["--output", "out.txt"])
        .is(1, "in a file")
        .names(&["stopped"]);
}

/// A repository whose own configuration would leave a marker by every way that is known.
fn hostile(test: &str) -> (Repo, PathBuf) {
    let repo = Repo::new(test);
    let marker = repo.path.parent().unwrap().join(format!("{test}-marker"));
    let _ = fs::remove_file(&marker);
    let evil = repo.path.join("evil.sh");
    let script = format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", marker.display());
    fs::write(&evil, script).unwrap();
    fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).unwrap();
    repo.commit("a.txt", "clean\n");
    repo.stage("a.txt", &leak(1));
    let entry = "100644,1234567890123456789012345678901234567890,lazy.txt";
    repo.git(&["update-index", "--add", "--info-only", "--cacheinfo", entry]);
    repo.write(
        ".gitattributes",
        "* filter=evil diff=evil merge=evil text\n",
    );
    let evil = evil.display();
    let mut config = fs::read_to_string(repo.path.join(".git/config")).unwrap();
    config.push_str(&format!(
        "[include]\n path = extra\n[core]\n fsmonitor = {evil}\n hooksPath = hooks\n pager = {evil}\n \
         editor = {evil}\n sshCommand = {evil}\n askPass = {evil}\n gitProxy = {evil}\n \
         alternateRefsCommand = {evil}\n attributesFile = .gitattributes\n\
         [diff]\n external = {evil}\n[diff \"evil\"]\n textconv = {evil}\n command = {evil}\n\
         [filter \"evil\"]\n clean = {evil}\n smudge = {evil}\n process = {evil}\n required = true\n\
         [merge \"evil\"]\n driver = {evil}\n[alias]\n diff-index = !{evil}\n cat-file = !{evil}\n \
         rev-parse = !{evil}\n[gpg]\n program = {evil}\n[log]\n showSignature = true\n\
         [pager]\n diff-index = {evil}\n config = {evil}\n rev-list = {evil}\n\
         [credential]\n helper = !{evil}\n[interactive]\n diffFilter = {evil}\n\
         [remote \"origin\"]\n url = ext::{evil}\n promisor = true\n partialclonefilter = blob:none\n \
         uploadpack = {evil}\n[extensions]\n partialClone = origin\n[uploadpack]\n \
         packObjectsHook = {evil}\n[protocol \"ext\"]\n allow = always\n[trace2]\n normalTarget = {}\n",
        marker.display()
    ));
    repo.write(".git/extra", &format!("[core]\n fsmonitor = {evil}\n"));
    for hook in [
        "post-index-change",
        "pre-commit",
        "reference-transaction",
        "fsmonitor-watchman",
    ] {
        let path = repo.path.join("hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(repo.path.join("evil.sh"), path).unwrap();
    }
    fs::write(repo.path.join(".git/config"), config).unwrap();
    (repo, marker)
}

#[test]
fn nothing_that_a_repository_names_is_run() {
    let (repo, marker) = hostile("hostile");
    repo.staged()
        .is(1, "staged, and a blob that a remote would have")
        .names(&[
            "a.txt:1:10",
            "lazy.txt: its content is not in this repository",
        ]);
    repo.hook(&["a.txt"]).is(1, "named");
    let head = repo.path.join(".git/refs/heads/main");
    let head = fs::read_to_string(head).unwrap();
    let (head, zero) = (head.trim(), "0".repeat(40));
    let line = format!("refs/heads/main {head} refs/heads/main {zero}\n");
    repo.told(&["--pre-push=origin"], &line).is(0, "pushed");
    let line = format!("{zero} {head} refs/heads/new\n");
    repo.told(&["--pre-receive"], &line).is(0, "received");
    let line = format!("{zero} {} refs/heads/new\n", "1".repeat(40));
    repo.told(&["--pre-receive"], &line)
        .is(3, "received and missing");
    repo.hook(&["install"])
        .is(2, "a foreign hook where core.hooksPath says");
    assert!(!marker.exists(), "{}", fs::read_to_string(&marker).unwrap());
    // The trap would close if git were asked without care.
    let _ = repo.try_git(&["status"]);
    assert!(marker.exists());
}

#[test]
fn an_installed_hook_stops_a_commit_and_lets_a_clean_one_through() {
    let repo = Repo::new("install");
    let hook = repo.path.join(".git/hooks/pre-commit");
    repo.hook(&["install"])
        .is(0, "install")
        .names(&["is installed"]);
    let script = fs::read(&hook).unwrap();
    assert_eq!(
        fs::metadata(&hook).unwrap().permissions().mode() & 0o111,
        0o111
    );
    repo.hook(&["install"])
        .is(0, "again")
        .names(&["is already there"]);
    assert_eq!(fs::read(&hook).unwrap(), script);

    repo.stage("a.txt", &leak(1));
    let said = repo.try_git(&["commit", "-qm", "x"]).is(1, "a secret");
    said.names(&["a.txt:1:10", "secret.gitlab-pat"]);
    // What is not staged yet but named with the commit is in an index of its own.
    repo.stage("a.txt", "clean\n");
    repo.git(&["commit", "-qm", "clean"]);
    repo.write("a.txt", &leak(1));
    repo.try_git(&["commit", "-qam", "x"]).is(1, "commit -a");
    repo.try_git(&["commit", "-qm", "x", "a.txt"])
        .is(1, "commit of a path");
    let tree = repo.path.join("tree");
    repo.git(&["worktree", "add", "-q", "tree"]);
    let linked = Repo { path: tree };
    linked.stage("sub/b.txt", &leak(2));
    linked
        .try_git(&["commit", "-qm", "x"])
        .is(1, "a linked work tree")
        .names(&["sub/b.txt:1:10"]);

    repo.hook(&["uninstall"])
        .is(0, "uninstall")
        .names(&["is taken out"]);
    assert!(!hook.exists());
    repo.hook(&["uninstall"])
        .is(0, "again")
        .names(&["is not there"]);
}

#[test]
fn what_somebody_else_wrote_stays() {
    let repo = Repo::new("foreign");
    let hook = repo.path.join(".git/hooks/pre-commit");
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let said = repo.hook(&["install"]).is(2, "foreign");
    said.names(&["it stays as it is", "credlint hook || exit 1"]);
    repo.hook(&["uninstall"]).is(2, "foreign");
    assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\nexit 0\n");
    fs::remove_file(&hook).unwrap();
    symlink("/nowhere", &hook).unwrap();
    repo.hook(&["install"]).is(2, "a link");
    fs::remove_file(&hook).unwrap();

    repo.hook(&["install"]).is(0, "install");
    let changed = fs::read_to_string(&hook).unwrap() + "make check\n";
    fs::write(&hook, &changed).unwrap();
    repo.hook(&["install"]).is(2, "changed by hand");
    repo.hook(&["uninstall"]).is(2, "changed by hand");
    assert_eq!(fs::read_to_string(&hook).unwrap(), changed);

    // Where git looks is where it goes.
    repo.git(&["config", "core.hooksPath", ".husky"]);
    repo.write("deep/er/x", "");
    let below = Repo {
        path: repo.path.join("deep/er"),
    };
    below
        .hook(&["install", "--kind", "pre-push"])
        .is(0, "core.hooksPath");
    assert!(repo.path.join(".husky/pre-push").exists());
    repo.git(&["config", "--unset", "core.hooksPath"]);
    repo.write(".gitconfig", "[core]\n hooksPath = ~/shared\n");
    let mut hook = command(env!("CARGO_BIN_EXE_credlint"), &repo.path);
    hook.args(["hook", "install"])
        .env_remove("GIT_CONFIG_GLOBAL");
    let said = Said::of(&hook.output().unwrap()).is(2, "shared by all repositories");
    said.names(&["core.hooksPath", "by hand"]);
    assert!(!repo.path.join("shared").exists());
}

#[test]
fn a_push_is_searched_for_what_the_remote_does_not_have() {
    let remote = Repo::with("push-remote", &["--bare", "-b", "main"]);
    let repo = Repo::new("push");
    repo.git(&["remote", "add", "origin", remote.path.to_str().unwrap()]);
    repo.commit("old.txt", &leak(1));
    repo.git(&["push", "-q", "origin", "main"]);
    repo.hook(&["install", "--kind", "pre-push"])
        .is(0, "install");
    repo.commit("b.txt", "clean\n");
    repo.git(&["push", "-q", "origin", "main"]);
    // In the middle of what is pushed, and gone at its end.
    let bad = repo.commit("c.txt", &leak(2));
    repo.commit("c.txt", "clean\n");
    let said = repo
        .try_git(&["push", "-q", "origin", "main"])
        .is(1, "a secret between");
    said.names(&["c.txt:1:10", &bad, "1 secret found, 2 files searched"]);
    repo.git(&["checkout", "-qb", "topic", "HEAD~2"]);
    repo.commit("d.txt", "clean\n");
    repo.git(&["push", "-q", "origin", "topic"]);
    // Merging what is public already brings nothing, but what the merge itself adds.
    repo.git(&["checkout", "-qb", "other", "HEAD~2"]);
    repo.commit("e.txt", "clean\n");
    repo.git(&["merge", "-q", "--no-ff", "-m", "m", "topic"]);
    repo.git(&["push", "-q", "origin", "other"]);
    repo.commit("f.txt", "clean\n");
    repo.git(&["checkout", "-q", "topic"]);
    repo.commit("g.txt", "clean\n");
    repo.git(&["merge", "-q", "--no-commit", "other"]);
    repo.stage("f.txt", &leak(3));
    repo.git(&["commit", "-qm", "evil merge"]);
    let said = repo
        .try_git(&["push", "-q", "origin", "topic"])
        .is(1, "in a merge");
    said.names(&["f.txt:1:10"]);
    repo.git(&["push", "-q", "origin", ":other"]);
    // Another remote has nothing of it.
    let fork = Repo::with("push-fork", &["--bare", "-b", "main"]);
    repo.git(&["checkout", "-qf", "main"]);
    let said = repo.try_git(&[
        "push",
        "-q",
        fork.path.to_str().unwrap(),
        "origin/main:refs/heads/main",
    ]);
    said.is(1, "a secret that only the first remote has")
        .names(&["old.txt:1:10"]);
}

#[test]
fn a_server_takes_no_push_with_a_secret() {
    let server = Repo::with("server", &["--bare", "-b", "main"]);
    let repo = Repo::new("client");
    let url = server.path.to_str().unwrap().to_owned();
    repo.commit("old.txt", &leak(1));
    repo.git(&["push", "-q", &url, "main"]);
    server
        .hook(&["install", "--kind", "pre-receive"])
        .is(0, "install");
    let bad = repo.commit("b.txt", &leak(2));
    let said = repo
        .try_git(&["push", "-q", &url, "main"])
        .is(1, "a secret");
    said.names(&["b.txt:1:10", &bad]);
    assert!(
        !server
            .try_git(&["cat-file", "-e", &bad])
            .out
            .contains("blob")
    );
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.commit("c.txt", "clean\n");
    // A new branch brings only its own commits; the old secret is not among them.
    repo.git(&["push", "-q", &url, "main", "main:topic"]);
    repo.git(&["push", "-q", &url, ":topic"]);
    // A tag that points to no commit.
    repo.write("d.txt", &leak(3));
    let blob = repo.git(&["hash-object", "-w", "d.txt"]);
    repo.git(&["tag", "-a", "-m", "t", "blob", &blob]);
    let said = repo
        .try_git(&["push", "-q", &url, "blob"])
        .is(1, "a tagged blob");
    said.names(&["refs/tags/blob:1:10"]);
    repo.stage("e/f.txt", &leak(4));
    let tree = repo.git(&["write-tree"]);
    repo.git(&["tag", "tree", &tree]);
    let said = repo
        .try_git(&["push", "-q", &url, "tree"])
        .is(1, "a tagged tree");
    said.names(&["e/f.txt:1:10"]);
}

#[test]
fn a_range_that_does_not_resolve_is_never_clean() {
    let repo = Repo::new("range");
    let head = repo.commit("a.txt", "clean\n");
    let (zero, gone) = ("0".repeat(40), "1".repeat(40));
    for (option, line, code) in [
        ("--pre-receive", format!("{zero} {gone} refs/heads/x\n"), 3),
        (
            "--pre-push",
            format!("refs/heads/x {gone} refs/heads/x {zero}\n"),
            3,
        ),
        ("--pre-receive", format!("{head} {zero} refs/heads/x\n"), 0),
        (
            "--pre-push=origin",
            format!("refs/heads/x {head} refs/heads/x {gone}\n"),
            0,
        ),
        ("--pre-push=origin", String::new(), 0),
        ("--pre-receive", "HEAD main\n".to_owned(), 2),
        (
            "--pre-push",
            format!("refs/heads/x {head} refs/heads/x --all\n"),
            2,
        ),
    ] {
        repo.told(&[option], &line).is(code, &line);
    }
    // A commit whose tree is gone.
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let (folder, file) = tree.split_at(2);
    fs::remove_file(repo.path.join(".git/objects").join(folder).join(file)).unwrap();
    let line = format!("refs/heads/x {head} refs/heads/x {zero}\n");
    repo.told(&["--pre-push"], &line)
        .is(3, "a damaged repository");
}
