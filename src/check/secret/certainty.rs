//! How sure a finding is: as sure as its rule, less a step for everything about its place that makes
//! it likelier that somebody made the value up. What a checksum proves, no place puts in doubt.

use crate::model::{Confidence, ScanPath};
use crate::rule::SecretRule;

use super::value;

/// A kind of place where values are seldom in force.
#[derive(Debug)]
struct Kind {
    /// What is said of a finding there.
    why: &'static str,
    /// How many steps it takes from a finding.
    steps: usize,
    /// Words of folders' names.
    folders: &'static [&'static str],
    /// Words of files' names, the ending among them.
    files: &'static [&'static str],
    /// What files' names end with.
    endings: &'static [&'static str],
}

/// Each kind takes its steps once, however often a path shows it. Neither `fixtures` nor `demo` of itself:
/// frameworks fill databases in use from folders of the one name, and the other names a running server.
const KINDS: &[Kind] = &[
    Kind {
        why: "it stands in a test",
        steps: 1,
        folders: &[
            "test",
            "tests",
            "testing",
            "testdata",
            "testsuite",
            "testcases",
            "spec",
            "specs",
            "e2e",
            "mock",
            "mocks",
            "fuzz",
        ],
        files: &["test", "tests", "e2e", "mock", "mocks"],
        endings: &["_spec.rb", ".spec.js", ".spec.ts", ".spec.jsx", ".spec.tsx"],
    },
    Kind {
        why: "it stands in documentation or a sample",
        steps: 1,
        folders: &[
            "doc",
            "docs",
            "documentation",
            "example",
            "examples",
            "sample",
            "samples",
            "tutorial",
            "tutorials",
        ],
        files: &[
            "readme",
            "changelog",
            "example",
            "sample",
            "md",
            "mdx",
            "markdown",
            "rst",
            "adoc",
            "asciidoc",
            "rdoc",
            "textile",
        ],
        endings: &[],
    },
    Kind {
        why: "it stands in a copy of somebody else's code",
        steps: 1,
        folders: &[
            "node_modules",
            "vendor",
            "vendors",
            "third_party",
            "thirdparty",
            "3rdparty",
            "site-packages",
            "dist-packages",
            "bower_components",
        ],
        files: &[],
        endings: &[],
    },
    Kind {
        why: "it stands in a recorded answer of a service",
        steps: 2,
        folders: &["cassette", "cassettes", "vcr", "recordings", "responses"],
        files: &["cassette", "cassettes", "har"],
        endings: &[],
    },
    Kind {
        why: "it stands in a bundle that a program made",
        steps: 2,
        folders: &[],
        files: &[],
        endings: &[
            ".min.js",
            ".min.mjs",
            ".min.css",
            "-min.js",
            ".bundle.js",
            ".js.map",
            ".css.map",
        ],
    },
];

/// Where a finding starts, in steps: one of medium confidence bears one of the places where people
/// put what they use as well as what they made up (a test, a manual), and two if the value itself
/// tells. A recorded answer and a bundle are full of values that only look like secrets.
const HIGH: usize = 5;
const STURDY: usize = 4;
const MEDIUM: usize = 3;
const LOW: usize = 1;
/// With fewer steps left, confidence is low.
const LEAST_MEDIUM: usize = 2;

/// Random characters that nobody types to fill a field.
const RANDOM: usize = 20;

/// How sure a finding of a rule is, at a place.
pub(super) fn confidence(rule: &SecretRule, path: &ScanPath, secret: &[u8]) -> Confidence {
    let start = match rule.meta.confidence {
        Confidence::High => HIGH,
        Confidence::Medium if is_sturdy(secret) => STURDY,
        Confidence::Medium => MEDIUM,
        Confidence::Low => LOW,
    };
    let steps: usize = doubtful(rule, path).map(|kind| kind.steps).sum();
    match start.saturating_sub(steps) {
        HIGH.. => Confidence::High,
        LEAST_MEDIUM..HIGH => Confidence::Medium,
        ..LEAST_MEDIUM => Confidence::Low,
    }
}

/// What about a place makes findings of a rule less sure; nothing, where a checksum proves them.
pub(super) fn doubts(
    rule: &SecretRule,
    path: &ScanPath,
) -> impl Iterator<Item = &'static str> + use<> {
    doubtful(rule, path).map(|kind| kind.why)
}

fn doubtful(rule: &SecretRule, path: &ScanPath) -> impl Iterator<Item = &'static Kind> + use<> {
    let proven = rule.detect.checksum.is_some();
    let path = path.as_folders().to_ascii_lowercase();
    KINDS.iter().filter(move |kind| !proven && kind.has(&path))
}

impl Kind {
    /// Whether a path, in lower case, leads to such a place.
    fn has(&self, path: &str) -> bool {
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
        let in_folder = folders
            .split('/')
            .any(|folder| self.folders.contains(&folder) || has_word(self.folders, folder));
        in_folder
            || has_word(self.files, file)
            || self.endings.iter().any(|end| file.ends_with(end))
    }
}

fn has_word(list: &[&str], name: &str) -> bool {
    name.split(['-', '_', '.', ' '])
        .any(|word| list.contains(&word))
}

/// Whether a value by itself shows that a machine made it.
fn is_sturdy(secret: &[u8]) -> bool {
    let digits = secret.iter().filter(|b| b.is_ascii_digit()).count();
    let text = std::str::from_utf8(secret);
    secret.len() >= RANDOM && digits >= 2 && text.is_ok_and(value::is_random)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{KINDS, ScanPath, is_sturdy};

    fn kinds(path: &str) -> Vec<&'static str> {
        let path = ScanPath::new(Path::new(path));
        let path = path.as_folders().to_ascii_lowercase();
        let kinds = KINDS.iter().filter(|kind| kind.has(&path));
        kinds
            .map(|kind| kind.why.rsplit(' ').next().unwrap())
            .collect()
    }

    #[test]
    fn a_path_tells_of_what_kind_its_place_is() {
        for (path, expected) in [
            ("src/main/config.py", &[][..]),
            ("src/latest/contest.go", &[]),
            ("config/fixtures/users.json", &[]),
            ("deploy/demo/settings.yml", &[]),
            ("docsearch/attestation.ts", &[]),
            ("har.py.txt/key.pem", &[]),
            ("src/Test/java/Login.java", &["test"]),
            ("pkg/login_test.go", &["test"]),
            ("web/login.spec.ts", &["test"]),
            ("unit-tests/a/b.c", &["test"]),
            (".env.example", &["sample"]),
            ("README", &["sample"]),
            ("guide/Start.MD", &["sample"]),
            ("web/node_modules/a/index.js", &["code"]),
            ("third_party/a.c", &["code"]),
            ("api/responses/user.json", &["service"]),
            ("login.har", &["service"]),
            ("assets/app.min.js", &["made"]),
            ("test/cassettes/docs/a.yml", &["test", "sample", "service"]),
        ] {
            assert_eq!(kinds(path), expected, "{path}");
        }
    }

    #[test]
    fn a_member_of_an_archive_stands_in_its_folders() {
        let jar = ScanPath::new(Path::new("app.jar")).member(b"tests/a.txt");
        let path = jar.as_folders().to_ascii_lowercase();
        assert!(KINDS[0].has(&path), "{path}");
    }

    #[test]
    fn only_long_random_values_tell_by_themselves() {
        assert!(is_sturdy(b"m9X1UaVJ3d1Xn9j5E3bDy0K1"));
        assert!(!is_sturdy(b"m9X1UaVJ3d1"));
        assert!(!is_sturdy(b"correct-horse-battery-staple-1"));
        assert!(!is_sturdy(b"m9X1UaVJ3d1Xn9j5E3bDy0K\xff"));
    }
}
