use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// A folder of its own for one test, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "credlint-walk-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let root = std::env::temp_dir().join(name);
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(root)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(listing: &Listing) -> Vec<String> {
    let shown = listing.files.iter().map(Listed::shown);
    shown.map(|path| path.to_string()).collect()
}

fn listed(folder: &Folder, targets: &[&str], options: &WalkOptions) -> Listing {
    let targets: Vec<PathBuf> = targets.iter().map(PathBuf::from).collect();
    list(&folder.0, &targets, options)
}

#[test]
fn every_regular_file_is_listed_once_and_sorted() {
    let folder = Folder::new(&[
        ("b.txt", "12345"),
        ("a/z.txt", ""),
        ("a/.env", "x"),
        ("a/.git/config", "x"),
        (".gitignore", "b.txt"),
    ]);
    let options = WalkOptions::default();
    let all = listed(&folder, &[".", "./a", "b.txt", "a/../b.txt"], &options);
    assert_eq!(names(&all), [".gitignore", "a/.env", "a/z.txt", "b.txt"]);
    assert_eq!(all.files[3].size(), 5);
    assert!(all.files[3].path().is_absolute());
    assert_eq!(all.problems, []);
    assert_eq!(all.left_out.get("git database"), Some(&1));
}

#[test]
fn ignore_files_count_only_when_asked_for() {
    let folder = Folder::new(&[(".gitignore", "b.txt\n"), ("b.txt", ""), ("c.txt", "")]);
    let options = WalkOptions {
        ignore_files: IgnoreFiles::Honour,
        ..WalkOptions::default()
    };
    assert_eq!(
        names(&listed(&folder, &["."], &options)),
        [".gitignore", "c.txt"]
    );
}

#[test]
fn globs_leave_files_out_and_say_so() {
    let folder = Folder::new(&[
        ("a.csv", ""),
        ("b.csv", ""),
        ("node_modules/x/c.csv", ""),
        ("src/gen/d.csv", ""),
        ("src/e.txt", ""),
    ]);
    let options = WalkOptions {
        include: Globs::new(["*.csv"]).unwrap(),
        exclude: Globs::new(["node_modules/", "src/gen/**"]).unwrap(),
        ..WalkOptions::default()
    };
    let listing = listed(&folder, &["."], &options);
    assert_eq!(names(&listing), ["a.csv", "b.csv"]);
    let left_out: Vec<(&str, u64)> = listing.left_out.iter().map(|(r, n)| (&**r, *n)).collect();
    assert_eq!(left_out, [("excluded", 2), ("not included", 1)]);
    assert!(Globs::new(["a["]).is_err());
}

#[test]
fn what_is_not_there_is_a_problem() {
    let folder = Folder::new(&[("a.csv", "")]);
    let listing = listed(
        &folder,
        &["a.csv", "missing", "../missing"],
        &WalkOptions::default(),
    );
    assert_eq!(names(&listing), ["a.csv"]);
    let problems: Vec<(&str, ProblemKind)> = listing
        .problems
        .iter()
        .map(|p| (p.path.as_ref().unwrap().as_str(), p.kind))
        .collect();
    assert_eq!(problems.len(), 2);
    assert!(
        problems.iter().all(|(path, kind)| {
            path.ends_with("missing") && *kind == ProblemKind::MissingTarget
        })
    );
}

#[test]
fn equal_names_outside_the_current_folder_get_their_parents() {
    let folder = Folder::new(&[("x/e/a.csv", ""), ("y/e/a.csv", ""), ("here/b", "")]);
    let here = folder.0.join("here");
    let targets = [
        folder.0.join("x/e"),
        folder.0.join("y/e/a.csv"),
        folder.0.join("y/e"),
    ];
    let listing = list(&here, &targets, &WalkOptions::default());
    assert_eq!(names(&listing), ["x/e/a.csv", "y/e/a.csv"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_what_is_listed_are_named() {
    let folder = Folder::new(&[("a/b.txt", ""), ("a/c/d.txt", ""), ("x/y.csv", "")]);
    for (to, link) in [
        ("b.txt", "a/inside"),
        ("../../x/y.csv", "a/c/out.csv"),
        ("../x", "a/all"),
        ("nothing", "a/nowhere"),
    ] {
        std::os::unix::fs::symlink(to, folder.0.join(link)).unwrap();
    }
    let named = |targets: &[&str]| {
        let listing = listed(&folder, targets, &WalkOptions::default());
        let links = listing
            .elsewhere
            .iter()
            .map(|link| link.as_str().to_owned());
        links.collect::<Vec<_>>()
    };
    assert_eq!(named(&["a"]), ["a/all", "a/c/out.csv"]);
    assert!(named(&["a", "x"]).is_empty());
}

#[cfg(unix)]
#[test]
fn links_and_sockets_are_counted_and_not_opened() {
    let folder = Folder::new(&[("a/b.txt", "")]);
    std::os::unix::fs::symlink("b.txt", folder.0.join("a/link")).unwrap();
    std::os::unix::fs::symlink(".", folder.0.join("a/loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("a/socket")).unwrap();
    let listing = listed(&folder, &["a"], &WalkOptions::default());
    assert_eq!(names(&listing), ["a/b.txt"]);
    assert_eq!(listing.left_out.get("symbolic link"), Some(&2));
    assert_eq!(listing.left_out.get("not a regular file"), Some(&1));
    // A target that is itself one is what the user asked for.
    let asked = listed(&folder, &["a/b.txt", "a/socket"], &WalkOptions::default());
    assert_eq!(names(&asked), ["a/b.txt"]);
    let told: Vec<_> = asked
        .problems
        .iter()
        .map(|p| format!("{} {}", p.path.as_ref().unwrap(), p.message))
        .collect();
    assert_eq!(told, ["a/socket is no regular file, and was not read"]);
    assert!(asked.left_out.is_empty());
    assert_eq!(
        names(&listed(&folder, &["a/link"], &WalkOptions::default())),
        ["a/link"]
    );
    let linked = folder.0.join("linked");
    std::os::unix::fs::symlink("a", &linked).unwrap();
    assert_eq!(
        names(&listed(&folder, &["linked"], &WalkOptions::default())),
        ["linked/b.txt"]
    );
}

#[test]
fn many_files_are_all_listed_by_any_number_of_threads() {
    let paths: Vec<String> = (0..300).map(|n| format!("d{}/f{n:03}", n % 7)).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|p| (p.as_str(), "x")).collect();
    let folder = Folder::new(&files);
    let listing = |threads| {
        let options = WalkOptions {
            threads,
            ..WalkOptions::default()
        };
        listed(&folder, &[".", "d3"], &options)
    };
    assert_eq!(listing(1).files.len(), 300);
    assert_eq!(listing(1), listing(8));
}
