//! What a path says of how likely a value in the file is in force.

use super::Doubt;
use crate::model::ScanPath;

/// A kind of place where values are seldom in force.
#[derive(Debug)]
struct Kind {
    doubt: Doubt,
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
        doubt: Doubt {
            why: "it stands in a test",
            steps: 1,
        },
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
        doubt: Doubt {
            why: "it stands in documentation or a sample",
            steps: 1,
        },
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
            "examples",
            "sample",
            "samples",
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
        doubt: Doubt {
            why: "it stands in a copy of somebody else's code",
            steps: 1,
        },
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
        doubt: Doubt {
            why: "it stands in a recorded answer of a service",
            steps: 2,
        },
        folders: &[
            "cassette",
            "cassettes",
            "vcr",
            "recorded",
            "recording",
            "recordings",
            "replaydata",
            "responses",
        ],
        files: &["cassette", "cassettes", "har"],
        endings: &[".replay"],
    },
    Kind {
        doubt: Doubt {
            why: "it stands in a translation",
            steps: 2,
        },
        folders: &["i18n", "l10n", "locale", "locales", "translations"],
        files: &["po", "pot", "xlf", "xliff"],
        endings: &[],
    },
    Kind {
        doubt: super::MADE,
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

/// What a path says against what is found there.
pub(super) fn doubts(path: &ScanPath) -> impl Iterator<Item = Doubt> + use<> {
    let path = path.as_folders().to_ascii_lowercase();
    let kinds = KINDS.iter().filter(move |kind| kind.has(&path));
    kinds.map(|kind| kind.doubt)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ScanPath, doubts};

    fn kinds(path: &ScanPath) -> Vec<&'static str> {
        let last = |why: &'static str| why.rsplit(' ').next().unwrap();
        doubts(path).map(|doubt| last(doubt.why)).collect()
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
            ("apis/login.examples.json", &["sample"]),
            ("README", &["sample"]),
            ("guide/Start.MD", &["sample"]),
            ("web/node_modules/a/index.js", &["code"]),
            ("third_party/a.c", &["code"]),
            ("api/responses/user.json", &["service"]),
            ("login.har", &["service"]),
            ("store/all.replay", &["service"]),
            ("store/replay.js", &[]),
            ("tests/ReplayData/login.txt", &["test", "service"]),
            ("web/i18n/de.json", &["translation"]),
            ("assets/app.min.js", &["made"]),
            ("test/cassettes/docs/a.yml", &["test", "sample", "service"]),
        ] {
            let path = ScanPath::new(Path::new(path));
            assert_eq!(kinds(&path), expected, "{path:?}");
        }
    }

    #[test]
    fn a_member_of_an_archive_stands_in_its_folders() {
        let jar = ScanPath::new(Path::new("app.jar")).member(b"tests/a.txt");
        assert_eq!(kinds(&jar), ["test"]);
    }
}
