//! Damaged files: whatever is done to an export, a rule or a text, nothing panics, and a file that
//! was cut is known to be cut.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use credlint::check::secret::{Scratch, SecretScanner};
use credlint::model::{ProblemKind, ScanPath, Schema};
use credlint::read::decode::Document;
use credlint::read::{self, ColumnPath, Format, Row, RowSink, Shape};
use credlint::rule::file::Depth;
use credlint::rule::{Body, Controls, Rule, SecretRule};
use credlint::source::Sources;
use proptest::prelude::*;
use proptest::sample::Index;

fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| extensions.iter().any(|x| e == *x))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Counts what a reader gives.
#[derive(Default)]
struct Count {
    rows: u64,
    problems: u64,
}

impl RowSink for Count {
    fn row(&mut self, row: &Row<'_>) {
        assert!(row.line > 0 && row.column > 0);
        self.rows += 1;
    }

    fn problem(&mut self, _line: u32, _kind: ProblemKind, message: String) {
        assert!(!message.is_empty());
        self.problems += 1;
    }
}

/// An export of the fixtures, and how it is read.
struct Export {
    path: PathBuf,
    bytes: Vec<u8>,
    format: Format,
    columns: Vec<ColumnPath>,
}

impl Export {
    fn open(path: PathBuf) -> Option<Self> {
        let bytes = fs::read(&path).unwrap();
        let Shape {
            format, columns, ..
        } = read::sniff(&path).unwrap()?;
        let columns = columns.iter().filter_map(|c| ColumnPath::parse(c).ok());
        Some(Self {
            path,
            bytes,
            format,
            columns: columns.collect(),
        })
    }

    /// Whether these bytes, read as this export, are whole as far as the reader can tell.
    fn whole(&self, bytes: &[u8]) -> bool {
        let mut count = Count::default();
        let result = read::rows(&mut &*bytes, &self.format, &self.columns, None, &mut count);
        result.is_ok_and(|summary| summary.truncated.is_none()) && count.problems == 0
    }
}

static EXPORTS: LazyLock<Vec<Export>> = LazyLock::new(|| {
    let kinds = ["csv", "json", "xml", "yaml", "pem", "der", "crt"];
    let all = files("fixtures/exports", &kinds);
    all.into_iter().filter_map(Export::open).collect()
});

#[test]
fn a_cut_export_is_never_taken_for_a_whole_one() {
    let mut cuts = 0;
    for export in EXPORTS.iter() {
        // A CSV or YAML file may end after any row.
        let closed = matches!(
            export.format,
            Format::Json { .. } | Format::Xml { .. } | Format::Der
        );
        if !closed || !export.whole(&export.bytes) {
            continue;
        }
        let end = export.bytes.trim_ascii_end().len();
        for at in (1..end).rev().step_by(1 + end / 400) {
            // The bulk tool writes a lone bracket for an answer without rows.
            if export.bytes[..at].trim_ascii() == b"[" {
                continue;
            }
            cuts += 1;
            let whole = export.whole(&export.bytes[..at]);
            assert!(!whole, "{} cut to {at} bytes", export.path.display());
        }
    }
    assert!(cuts > 1000, "{cuts}");
}

/// What is done to a file: a place in it, how much from there, and what comes in its stead.
type Damage = (Index, usize, Option<Vec<u8>>);

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let piece = prop_oneof![
        any::<Vec<u8>>(),
        proptest::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            "\"",
            "\\u",
            "\\ud800",
            ",",
            ":",
            "\n",
            "\r\n",
            "\0",
            "<",
            ">",
            "</",
            "/>",
            "&#x",
            "<![CDATA[",
            "-----BEGIN CERTIFICATE-----",
            "- ",
            ": ",
            "null",
            "${",
            "{{",
            "🦀",
            "\u{feff}",
            "1e999",
            "-",
            "''",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
    ];
    // None puts the piece that was taken out in again, twice.
    let one = (any::<Index>(), 0..40_usize, proptest::option::of(piece));
    proptest::collection::vec(one, 1..6)
}

fn damaged(bytes: &[u8], damage: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, length, piece) in damage {
        if bytes.is_empty() {
            break;
        }
        let start = at.index(bytes.len());
        let end = (start + length).min(bytes.len());
        let piece = piece.clone().unwrap_or_else(|| bytes[start..end].repeat(2));
        bytes.splice(start..end, piece);
    }
    bytes
}

struct Rules {
    schema: Schema,
    controls: Controls,
    texts: Vec<String>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    let records = Document::new("records", &text(Path::new("sources/records.yaml")));
    let controls = Document::new("controls", &text(Path::new("rules/controls.yaml")));
    let mut rules = files("rules/org", &["yaml"]);
    rules.extend(files("rules/secrets", &["yaml"]));
    Rules {
        schema: Sources::decode(&[records]).unwrap().0,
        controls: Controls::decode(&controls).unwrap(),
        texts: rules.iter().map(|path| text(path)).collect(),
    }
});

/// Every secret rule, and the scanner of all.
static SECRETS: LazyLock<(Vec<&'static SecretRule>, SecretScanner<'static>)> =
    LazyLock::new(|| {
        static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
            let given = (&RULES.schema, &RULES.controls);
            let decode = |text: &String| {
                let doc = Document::new("rule", text);
                Rule::decode_file(&doc, &doc.parse().unwrap(), given, Depth::Trusted).unwrap()
            };
            RULES.texts.iter().flat_map(decode).collect()
        });
        let secret = |rule: &'static Rule| match &rule.body {
            Body::Secret(body) => Some(&**body),
            Body::Record(_) => None,
        };
        let rules: Vec<_> = ALL.iter().filter_map(secret).collect();
        let scanner = SecretScanner::new(rules.iter().copied());
        (rules, scanner)
    });

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_damage_to_an_export_panics(which in any::<Index>(), damage in damage()) {
        let export = which.get(&EXPORTS);
        export.whole(&damaged(&export.bytes, &damage));
    }

    #[test]
    fn no_damage_to_a_rule_panics_and_each_refusal_has_its_place(
        which in any::<Index>(), damage in damage()
    ) {
        let text = which.get(&RULES.texts);
        let text = String::from_utf8_lossy(&damaged(text.as_bytes(), &damage)).into_owned();
        let doc = Document::new("rule.yaml", &text);
        let rules = doc.parse().and_then(|node| {
            Rule::decode_file(&doc, &node, (&RULES.schema, &RULES.controls), Depth::Full)
        });
        if let Err(fault) = rules {
            prop_assert!(!fault.message.is_empty());
            let (line, _) = fault.line_column();
            prop_assert!(line <= text.matches('\n').count() + 1);
        }
    }

    #[test]
    fn no_text_of_keywords_and_noise_panics(
        pieces in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<Vec<u8>>()), 0..30)
    ) {
        let mut text = Vec::new();
        for (rule, keyword, noise) in pieces {
            let keywords: &[Box<[u8]>] = &rule.get(&SECRETS.0).detect().keywords;
            text.extend_from_slice(&keywords[keyword.index(keywords.len())]);
            text.extend(noise.into_iter().map(|b| if b % 3 == 0 { b'a' + b % 26 } else { b }));
        }
        let _ = SECRETS.1.scan(&ScanPath::new(Path::new("a.txt")), &text, &mut Scratch::default());
        text.retain(|b| *b != 0);
        let _ = SECRETS.1.scan(&ScanPath::new(Path::new("a.txt")), &text, &mut Scratch::default());
    }
}
