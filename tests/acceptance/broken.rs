//! Inputs that are cut, wrong, huge, empty or odd: none makes the program fall over, and none that
//! is an export passes in silence.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::program::scan;

/// What a file must give when it is scanned alone.
#[derive(Debug, Clone, Copy)]
enum Expect {
    /// The problem of this kind, and exit code 3; 1 where it is cut off.
    Problem(&'static str),
    /// Read like any other: the finding of the account in it.
    Finding,
    /// No export by anything in it: looked at as text or left out, and counted.
    Counted,
    /// Nothing in it: a problem where it was meant as an export, because it was named or lies among
    /// exports; in a source tree, nobody's failure.
    Alone,
    /// Recognised, and told as not evaluated: no value of a column can be read.
    NotEvaluated(&'static str),
}

use Expect::{Alone, Counted, Finding, NotEvaluated, Problem};

const FILES: [(&str, Expect); 40] = [
    ("bombs/aliases.yaml", Problem("malformed")),
    ("bombs/brackets.json", Counted),
    ("bombs/brackets.yaml", Problem("malformed")),
    ("bombs/deep.profile-meta.xml", Problem("too-large")),
    ("bombs/entities.profile-meta.xml", Problem("malformed")),
    ("bombs/objects.json", Counted),
    ("cut/Security.settings-meta.xml", Problem("truncated")),
    ("cut/credential-report.csv", Problem("truncated")),
    ("cut/done-false.json", Problem("truncated")),
    ("cut/no-end.pem", Problem("truncated")),
    ("cut/open-quote.csv", Problem("truncated")),
    ("cut/unload.xml", Problem("truncated")),
    ("cut/users.json", Problem("truncated")),
    ("empty/blank.json", Alone),
    ("empty/bom.csv", Counted),
    ("empty/empty.csv", Alone),
    ("empty/empty.json", Alone),
    ("empty/empty.pem", Alone),
    ("empty/empty.xml", Alone),
    ("empty/empty.yaml", Alone),
    ("junk/nul.csv", Problem("truncated")),
    ("junk/random.crt", Problem("malformed")),
    ("junk/random.csv", Problem("malformed")),
    ("junk/random.json", Problem("malformed")),
    ("junk/random.pem", Problem("bad-row")),
    ("junk/random.xml", Problem("malformed")),
    ("odd/blank-lines.csv", Finding),
    ("odd/crlf-bom.csv", Finding),
    ("odd/latin-1.csv", Finding),
    ("odd/no-last-line-end.csv", Finding),
    ("odd/semicolons.csv", Finding),
    ("odd/tabs.csv", Finding),
    ("odd/utf16-be.csv", Finding),
    ("odd/utf16-le.csv", Finding),
    ("wrong/base64.pem", Problem("bad-row")),
    ("wrong/crossed-tags.profile-meta.xml", Problem("malformed")),
    ("wrong/not-a-certificate.pem", Problem("bad-row")),
    ("wrong/ragged.csv", Problem("bad-row")),
    ("wrong/register.yaml", Problem("malformed")),
    (
        "wrong/words-for-booleans.csv",
        NotEvaluated("is_active cannot be read"),
    ),
];

fn on_disk(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            on_disk(&path, found);
        } else {
            let name = path.strip_prefix("fixtures/broken").unwrap();
            found.insert(name.to_str().unwrap().replace('\\', "/"));
        }
    }
}

#[test]
fn every_file_is_told_for_what_it_is() {
    let mut there = BTreeSet::new();
    on_disk(Path::new("fixtures/broken"), &mut there);
    let listed: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, listed);

    for (name, expect) in FILES {
        let path = format!("fixtures/broken/{name}");
        let (code, report) = scan(&[&path]);
        let problems = report.problems();
        match expect {
            Problem(kind) => {
                assert_eq!(problems, [(kind, path.as_str())], "{name}");
                // That an export is cut off is a finding too.
                let cut = report.findings("data.export-truncated").len();
                assert_eq!(cut, usize::from(kind == "truncated"), "{name}");
                let expected = if cut > 0 { 1 } else { 3 };
                assert_eq!(
                    (code, &report.0["complete"]),
                    (expected, &false.into()),
                    "{name}"
                );
            }
            Alone => {
                assert_eq!(problems, [("malformed", path.as_str())], "{name}");
                assert_eq!(code, 3, "{name}");
            }
            Finding => {
                let finding = report.finding("pw.never-expires");
                assert_eq!(finding["subject"]["name"], "svc.old@acme.example", "{name}");
                assert_eq!((code, problems.len()), (1, 0), "{name}");
            }
            Counted => {
                assert_eq!(report.0["coverage"]["files"], 1, "{name}");
                assert_eq!(report.0["coverage"]["records"], 0, "{name}");
                assert!(
                    !report.not_evaluated("pw.never-expires").is_empty(),
                    "{name}"
                );
            }
            NotEvaluated(why) => {
                let told = report.not_evaluated("pw.never-expires");
                assert!(told.contains(why), "{name}: {told}");
                assert_eq!(problems, [("malformed", path.as_str())], "{name}");
                assert_eq!(code, 3, "{name}");
            }
        }
    }
}

#[test]
fn together_they_change_nothing_about_each_other() {
    let (code, report) = scan(&["fixtures/broken"]);
    assert_eq!(code, 1);
    let named: BTreeSet<&str> = report.problems().iter().map(|(_, path)| *path).collect();
    for (name, expect) in FILES {
        let path = format!("fixtures/broken/{name}");
        assert_eq!(
            named.contains(path.as_str()),
            matches!(expect, Problem(_) | NotEvaluated(_)),
            "{name}"
        );
    }
    // One account in eight files is one finding, as it is without the others.
    assert_eq!(
        report.finding("pw.never-expires")["subject"]["name"],
        "svc.old@acme.example"
    );
}
