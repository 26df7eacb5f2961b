//! The engine as a whole, and the built-in secret rules.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use super::blocks::{Sizes, Stretch, Stretched};
use super::prefilter::Prefilter;
use super::{Scanned, Scratch, SecretScanner, run_test};
use crate::model::{Diagnostic, Finding, RuleId, ScanPath, Severity};
use crate::read::decode::Document;
use crate::rule::detect::Detect;
use crate::rule::template::expand;
use crate::rule::{RuleKind, RuleMeta, SecretMessage, SecretRule, SecretTest, Status, Told};

/// Reads a rule file's secret rules; the envelope's other keys are not this module's business.
pub(super) fn load(file: &str, yaml: &str) -> Vec<SecretRule> {
    try_load(file, yaml)
        .unwrap_or_else(|e| panic!("{file}:{:?}: {e} {:?}", e.line_column(), e.help))
}

fn try_load(file: &str, yaml: &str) -> Result<Vec<SecretRule>, Diagnostic> {
    let doc = Document::new(file, yaml);
    let root = doc.parse()?;
    let root = doc.fields(&root, "file", &["version", "rules"])?;
    let list = root.require("rules")?;
    let mut rules = Vec::new();
    for node in doc.sequence(list, "rules")? {
        let keys = [
            "id",
            "title",
            "severity",
            "confidence",
            "family",
            "description",
            "files",
            "detect",
            "controls",
            "message",
            "identity",
            "remediation",
            "references",
            "tests",
            "tags",
        ];
        let fields = doc.fields(node, "rule", &keys)?;
        let text = |key: &str| doc.text(fields.require(key)?, key).map(str::to_owned);
        let severity: Severity = doc.parsed(fields.require("severity")?, "severity")?;
        let meta = RuleMeta {
            id: RuleId::new(&text("id")?),
            severity,
            default_severity: severity,
            confidence: doc.parsed(fields.require("confidence")?, "confidence")?,
            kind: RuleKind::Secret,
            told: Told {
                title: text("title")?.into(),
                description: text("description")?.into(),
                status: Status::Stable,
                controls: Vec::new(),
                tags: Vec::new(),
                remediation: text("remediation")?.into(),
                references: Vec::new(),
            }
            .into(),
        };
        SecretMessage::check_identity(&doc, fields.require("identity")?)?;
        let tests = fields.require("tests")?;
        let rule = SecretRule::new(
            Arc::new(meta),
            Detect::decode(&doc, fields.require("detect")?, fields.get("files"))?,
            SecretMessage::decode(&doc, fields.require("message")?)?,
            SecretTest::decode_all(&doc, tests)?,
        );
        rule.check_keywords(&doc, tests)?;
        rules.push(rule);
    }
    Ok(rules)
}

fn built_in() -> Vec<SecretRule> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/secrets");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            load(
                &path.display().to_string(),
                &fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_built_in_rule_keeps_its_own_tests() {
    let rules = built_in();
    assert!(rules.len() >= 45, "{}", rules.len());
    let failures: Vec<String> = rules
        .iter()
        .flat_map(|rule| rule.tests.iter().map(move |test| (rule, test)))
        .filter_map(|(rule, test)| {
            Some(format!("{}: {}", rule.meta.id, run_test(rule, test).err()?))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// One word too many, and a scan of a tree would take a third more time in silence.
#[test]
fn the_words_of_the_built_in_rules_are_few_enough_to_be_marked() {
    let rules = built_in();
    let scanner = SecretScanner::new(&rules);
    assert!(scanner.prefilter.is_fast());
}

/// Each of them marks more than those that were put where they do the least harm.
#[test]
fn nearly_all_words_of_the_built_in_rules_are_in_the_table() {
    let rules = built_in();
    let (all, strange) = Prefilter::strange(rules.iter().map(SecretRule::start));
    assert!(
        strange.len() * 20 <= all,
        "words are known by {all} sets of bytes, of which these are new: run `cargo run --release --example words TREE ...`: {strange:?}"
    );
}

fn scan(rules: &[SecretRule], path: &str, text: &[u8]) -> Vec<Finding> {
    let scanner = SecretScanner::new(rules);
    match scanner.scan(
        &ScanPath::new(Path::new(path)),
        text,
        &mut Scratch::default(),
    ) {
        Scanned::Searched(findings) => findings,
        Scanned::Binary => panic!("{path} is binary"),
    }
}

/// Rule, region and message of each finding.
fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|f| {
            let r = f.location.region;
            let place = format!(
                "{}:{}-{}:{}",
                r.start_line, r.start_column, r.end_line, r.end_column
            );
            format!("{} {place} {}", f.rule, f.fingerprint)
        })
        .collect()
}

/// A text with many sorts of secrets among ordinary lines.
fn mixed(lines: usize) -> String {
    let mut text = String::new();
    for n in 0..lines {
        let line = match n % 7 {
            0 => "  token = \"ghp_{{base62:30}}{{checksum:github-crc32}}\" # é😀\r\n",
            2 => "aws_secret_access_key = {{base64:40}}\nAKIA{{base32-upper:16}}\n",
            3 => "{{pem:RSA PRIVATE KEY}}",
            5 => {
                "url = postgres://app:{{base62:16}}@db.acme.corp/x  password = \"tR7!{{base62:8}}\"\r"
            }
            _ => "fn ordinary(line: &str) -> usize { line.len() } // nothing here\n",
        };
        text += &expand(line, &format!("{n}")).unwrap();
    }
    text
}

#[test]
fn no_rule_file_holds_a_secret_in_matchable_form() {
    let rules = built_in();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/secrets")).unwrap()
    {
        let path = entry.unwrap().path();
        let found = told(&scan(&rules, "rules.yaml", &fs::read(&path).unwrap()));
        assert!(found.is_empty(), "{} {found:?}", path.display());
    }
}

/// Looking for keywords near long rows only, or everywhere, must make no difference. Checked with
/// the texts that the rules themselves bring, each alone and all in a row.
#[test]
fn looking_where_keywords_count_finds_what_looking_everywhere_finds() {
    let rules = built_in();
    let scanners = [
        SecretScanner::everywhere(&rules),
        SecretScanner::new(&rules),
    ];
    let (mut scratch, mut all, mut count) = (Scratch::default(), String::new(), 0);
    let mut both = |path: &ScanPath, text: &str| {
        let [everywhere, counting] = scanners.each_ref().map(|scanner| {
            match scanner.scan(path, text.as_bytes(), &mut scratch) {
                Scanned::Searched(findings) => told(&findings),
                Scanned::Binary => panic!("binary"),
            }
        });
        assert_eq!(everywhere, counting, "{path}");
        count += counting.len();
    };
    for rule in &rules {
        for test in &rule.tests {
            let text = test.expand(rule.meta.id.as_str()).unwrap();
            both(&test.path, &text);
            // Blanks, so that a neighbour's row is not near; a different number each.
            all.push_str(&" ".repeat(500 + all.len() % 97));
            all.push_str(&text);
        }
    }
    both(&ScanPath::new(Path::new("all.txt")), &all);
    assert!(count > 2 * rules.len(), "{count}");
}

#[test]
fn scanning_in_blocks_finds_what_scanning_the_whole_finds() {
    let rules = built_in();
    let scanner = SecretScanner::new(&rules);
    let path = ScanPath::new(Path::new("a.txt"));
    let text = mixed(60);
    let whole = told(&scan(&rules, "a.txt", text.as_bytes()));
    assert!(whole.len() > 40, "{}", whole.len());
    let wide: Vec<u8> = [0xFFFE_u16.to_be()]
        .into_iter()
        .map(|_| 0xFEFF_u16)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let quad: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    for (body, margin) in [(1000, 5000), (4096, 6000), (7777, 8192), (1 << 20, 1 << 16)] {
        for (bytes, held) in [
            (text.as_bytes(), 0),
            (&wide, 0),
            (text.as_bytes(), 9_000),
            (&wide, 9_001),
            (&quad, 0),
            (&quad, 9_001),
        ] {
            let sizes = Sizes { body, margin };
            let (held, rest) = bytes.split_at(held);
            let scanned = scanner
                .scan_sized(
                    &path,
                    (&mut held.to_vec(), rest),
                    &mut Scratch::default(),
                    sizes,
                )
                .unwrap();
            let Scanned::Searched(findings) = scanned else {
                panic!("binary")
            };
            assert_eq!(told(&findings), whole, "{body} {margin} {}", held.len());
        }
    }
}

#[test]
fn utf_16_and_utf_32_have_the_places_of_utf_8() {
    let rules = built_in();
    let text = mixed(20);
    let expected = told(&scan(&rules, "a", text.as_bytes()));
    for big in [false, true] {
        let units = text.encode_utf16();
        let bytes: Vec<u8> = units
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect();
        assert_eq!(told(&scan(&rules, "a", &bytes)), expected);
        let bytes: Vec<u8> = text
            .chars()
            .map(u32::from)
            .flat_map(|c| {
                if big {
                    c.to_be_bytes()
                } else {
                    c.to_le_bytes()
                }
            })
            .collect();
        assert_eq!(told(&scan(&rules, "a", &bytes)), expected);
    }
    let marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
    assert_eq!(told(&scan(&rules, "a", &marked)), expected);
}

#[test]
fn nothing_that_a_finding_shows_holds_a_secret() {
    let rules = built_in();
    let findings = scan(&rules, "a", mixed(60).as_bytes());
    let secrets: Vec<String> = findings
        .iter()
        .filter_map(|f| f.secret.as_ref())
        .map(|s| String::from_utf8_lossy(s.expose()).into_owned())
        .collect();
    for finding in &findings {
        let frame = finding.frame.as_ref().unwrap();
        let shown = format!("{} {} {:?}", finding.message, frame.text, finding.subject);
        for secret in &secrets {
            assert!(!shown.contains(secret.as_str()), "{shown}");
        }
        let hint: String = frame
            .text
            .chars()
            .skip(frame.start)
            .take(frame.length)
            .collect();
        assert_eq!(hint, finding.secret.as_ref().unwrap().hint());
    }
}

#[test]
fn the_specific_rule_wins_and_an_excused_look_alike_is_not_reported_by_a_generic_one() {
    let rules = built_in();
    let ids = |template: &str| -> Vec<String> {
        let text = expand(template, "s").unwrap();
        let findings = scan(&rules, "a.py", text.as_bytes());
        findings.iter().map(|f| f.rule.to_string()).collect()
    };
    let token = "token = \"ghp_{{base62:30}}{{checksum:github-crc32}}\"";
    assert_eq!(ids(token), ["secret.github-personal-access-token"]);
    assert_eq!(ids("token = \"ghp_{{base62:36}}\""), [""; 0]);
    let url = "https://ghp_{{base62:30}}{{checksum:github-crc32}}:x-oauth-basic@github.com/a/b";
    assert_eq!(ids(url), ["secret.github-personal-access-token"]);
    let file = "{\"type\": \"service_account\", \"private_key_id\": \"a\", \"private_key\": \"{{pem-escaped:PRIVATE KEY}}\"}";
    assert_eq!(ids(file), ["secret.gcp-service-account-key-json"]);
    // What is shown to those who ask only takes nothing from a rule that everybody sees.
    let guess = "github_client_secret = \"{{hex-lower:40}}\"";
    assert_eq!(ids(guess), ["secret.generic-secret-assignment"]);
    assert_eq!(
        ids("github.secret({{hex-lower:40}})"),
        ["secret.github-oauth-client-secret"]
    );
    // Too regular for what one maker issues is not too regular for another secret of that name.
    assert_eq!(
        ids("auth0_client_secret = \"{{hex-lower:64}}\""),
        ["secret.generic-secret-assignment"]
    );
}

#[test]
fn a_key_has_one_fingerprint_however_it_was_pasted() {
    let rules = built_in();
    let key = expand("{{pem:RSA PRIVATE KEY}}", "s").unwrap();
    let print = |text: &str| scan(&rules, "a", text.as_bytes())[0].fingerprint;
    let plain = print(&key);
    assert_eq!(print(&key.replace('\n', "\r\n")), plain);
    assert_eq!(
        print(&format!("k = \"{}\"", key.replace('\n', "\\n"))),
        plain
    );
    assert_ne!(
        print(&expand("{{pem:RSA PRIVATE KEY}}", "t").unwrap()),
        plain
    );
}

/// What the stretches of a file hold, each searched apart.
fn in_stretches(
    scanner: &SecretScanner<'_>,
    bytes: &[u8],
    mark: u64,
    sizes: (u64, Sizes),
) -> Vec<String> {
    let path = ScanPath::new(Path::new("a.txt"));
    let stretches = Stretch::each(mark, bytes.len() as u64, sizes.0);
    let parts = stretches.into_iter().map(|stretch| {
        let file = (&mut Vec::new(), Cursor::new(bytes));
        scanner.scan_part(&path, stretch, file, &mut Scratch::default(), sizes.1)
    });
    let parts: Result<Vec<Stretched>, _> = parts.collect();
    told(&Stretched::join(parts.unwrap()))
}

#[test]
fn stretches_of_a_file_hold_what_the_whole_holds() {
    let rules = built_in();
    let scanner = SecretScanner::new(&rules);
    let text = mixed(60);
    let expected = told(&scan(&rules, "a.txt", text.as_bytes()));
    assert!(expected.len() > 40, "{}", expected.len());
    for mark in ["", "\u{feff}"] {
        let bytes = [mark, &text].concat().into_bytes();
        for (length, body) in [(997, 100), (5000, 4096), (20_011, 7777), (1 << 20, 1 << 20)] {
            let sizes = Sizes { body, margin: 6000 };
            let found = in_stretches(&scanner, &bytes, mark.len() as u64, (length, sizes));
            assert_eq!(found, expected, "{length} {body} {}", mark.len());
        }
    }
}

#[test]
fn wherever_a_file_is_cut_lines_and_columns_are_those_of_the_whole() {
    let rules = built_in();
    let scanner = SecretScanner::new(&rules);
    // Ends of lines of every kind, and characters of every length, before and behind a secret.
    let odd = "\u{e9}\u{20ac}\u{1f511}a\r\n\r\r\n\n\u{1f511}\u{20ac}\u{e9}";
    let secret = expand(
        "token = \"ghp_{{base62:30}}{{checksum:github-crc32}}\" ",
        "s",
    )
    .unwrap();
    let text = [odd, &secret, odd, &secret, odd].concat();
    let mut broken = text.clone().into_bytes();
    broken.retain(|byte| *byte != 0xAC);
    for bytes in [text.as_bytes(), &broken] {
        let expected = told(&scan(&rules, "a.txt", bytes));
        assert_eq!(expected.len(), 2);
        for length in 1..bytes.len() {
            let sizes = Sizes {
                body: length.div_ceil(2),
                margin: 6000,
            };
            let found = in_stretches(&scanner, bytes, 0, (length as u64, sizes));
            assert_eq!(found, expected, "{length}");
        }
    }
}

#[test]
fn a_file_is_cut_if_it_is_long_text_that_lies_as_it_is() {
    let cut = |beginning: &[u8], size| Stretch::cut(beginning, size).len();
    assert_eq!(cut(b"abc", 3), 0);
    assert_eq!(cut(b"abc", 100 << 20), 7);
    assert_eq!(cut(b"\xEF\xBB\xBFabc", 100 << 20), 7);
    assert_eq!(cut(b"\xFF\xFEa\0", 100 << 20), 0);
    assert_eq!(cut(b"a\0b\x01", 100 << 20), 0);
}

#[test]
fn a_finding_has_the_line_hash_of_its_line_in_the_file_as_it_lies() {
    let rules = built_in();
    let text = expand(
        "\nx\ntoken = \"ghp_{{base62:30}}{{checksum:github-crc32}}\"\n",
        "s",
    )
    .unwrap();
    let found = scan(&rules, "a", text.as_bytes()).remove(0);
    assert_eq!(found.location.region.start_line, 3);
    assert_eq!(
        found.line_hash,
        super::line_hash::line_hashes(text.as_bytes(), &[3]).remove(0)
    );
}

#[test]
fn binary_files_are_left_out() {
    let rules = built_in();
    let scanner = SecretScanner::new(&rules);
    let mut bytes = vec![0_u8, 1, 2, 3, 0, 0, 0, 9];
    bytes.extend(mixed(10).into_bytes());
    let path = ScanPath::new(Path::new("a"));
    let scanned = scanner.scan(&path, &bytes, &mut Scratch::default());
    assert!(matches!(scanned, Scanned::Binary));
    let (mut held, scratch) = (Vec::new(), &mut Scratch::default());
    let scanned = scanner.scan_blocks(&path, &mut held, bytes.as_slice(), scratch);
    assert!(matches!(scanned.unwrap(), Scanned::Binary));
}

/// What is wrong with a rule whose `detect:` block is this.
fn refused(detect: &str, test: &str) -> (String, String, Option<String>) {
    let yaml = format!(
        "version: 1\nrules:\n- id: secret.x\n  title: t\n  severity: low\n  confidence: low\n  \
         description: d\n  detect: {detect}\n  message: m\n  identity: [secret]\n  remediation: r\n  \
         tests:\n  - {{name: a, text: '{test}', expect: finding}}\n  \
         - {{name: b, text: 'y', expect: pass}}\n"
    );
    let error = try_load("x.yaml", &yaml).unwrap_err();
    let at = error.text[error.span.range()].trim_end().to_owned();
    (error.message, at, error.help)
}

#[test]
fn a_rule_that_is_wrong_is_refused_with_its_place() {
    for (detect, message, at) in [
        ("{keywords: [abc]}", "detect needs `regex`", "keywords"),
        (
            "{regex: 'abc'}",
            "detect needs `keywords`, or `near` words to look around",
            "{regex: 'abc'}",
        ),
        (
            "{regex: 'a(', keywords: [abc]}",
            "the expression does not parse: unclosed group",
            "'a('",
        ),
        (
            "{regex: 'a*', keywords: [abc]}",
            "the expression matches the empty text",
            "'a*'",
        ),
        (
            "{regex: '(abc)', secret: 2, keywords: [abc]}",
            "the expression has no group 2: its groups are 0 to 1",
            "2",
        ),
        (
            "{regex: 'abc', keywords: [ab]}",
            "`ab` is too short: keywords need 3 bytes or more",
            "ab",
        ),
        (
            "{regex: 'abc', keywords: []}",
            "keywords must not be empty",
            "[]",
        ),
        (
            "{regex: 'abc', keyword: [abc]}",
            "unknown key in detect `keyword`",
            "keyword",
        ),
        (
            "{regex: 'abc', keywords: [abc], checksum: github-crc}",
            "unknown checksum `github-crc`",
            "github-crc",
        ),
        (
            "{regex: 'abc', keywords: [abc], structure: jwtt}",
            "unknown structure `jwtt`",
            "jwtt",
        ),
        (
            "{regex: 'abc', keywords: [abc], entropy: {min: 9}}",
            "min must be from 0 to 8",
            "9",
        ),
        (
            "{regex: 'abc', keywords: [abc], near: {words: [xyz], before: 9999}}",
            "before must be from 0 to 4096",
            "9999",
        ),
        (
            "{regex: 'abc', keywords: [abc], allow: {regex: ['a', '[']}}",
            "the expression does not parse: unclosed character class",
            "'['",
        ),
        (
            "{regex: 'a(b|d)c', keywords: [adc]}",
            "the expression matches test `a` without a keyword",
            "{name: a, text: 'abc', expect: finding}",
        ),
    ] {
        let (said, place, _) = refused(detect, "abc");
        assert_eq!((said.as_str(), place.as_str()), (message, at), "{detect}");
    }
    let help = refused("{regex: 'abc', keywords: [abc], structure: jwtt}", "abc").2;
    assert_eq!(help.as_deref(), Some("did you mean `jwt`?"));
    let (said, _, _) = refused("{regex: 'abc', keywords: [abc]}", "{{base26:3}}");
    assert!(said.contains("`base62`"), "{said}");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_scanner_panic(bytes in proptest::collection::vec(0u8..=255, 0..600)) {
        use std::sync::OnceLock;
        static RULES: OnceLock<Vec<SecretRule>> = OnceLock::new();
        let rules = RULES.get_or_init(built_in);
        let scanner = SecretScanner::new(rules);
        let path = ScanPath::new(Path::new("a.env"));
        let _ = scanner.scan(&path, &bytes, &mut Scratch::default());
    }
}

#[test]
fn what_rules_would_find_that_do_not_run_is_on_the_line_of_no_other() {
    let rules = built_in();
    let (one, others): (Vec<_>, Vec<_>) = rules
        .iter()
        .partition(|rule| rule.meta.id.as_str() == "secret.generic-password-assignment");
    let plain = expand("q7_{{base62:12}}", "plain").unwrap();
    let token = expand("ghp_{{base62:30}}{{checksum:github-crc32}}", "token").unwrap();
    let url = expand("postgres://app:q7{{base62:9}}@db.acme.corp/app", "url").unwrap();
    let packed = expand("{{basic:svc-backup}}", "packed").unwrap();
    let id = expand("AKIA{{base32-upper:16}}", "id").unwrap();
    let text =
        format!("id = {id}; password = \"{plain}\"; a({token}); b({url}); \"Basic {packed}\"\n");
    let scanner = SecretScanner::new(one).hiding(others);
    let path = ScanPath::new(Path::new("a.py"));
    let Scanned::Searched(findings) = scanner.scan(&path, text.as_bytes(), &mut Scratch::default())
    else {
        panic!("is text")
    };
    let [finding] = findings.as_slice() else {
        panic!("{:?}", told(&findings))
    };
    let shown = &finding.frame.as_ref().unwrap().text;
    for secret in [&plain, &token, &url[15..26], &packed] {
        assert!(
            !shown.contains(secret),
            "{}",
            shown.replace(secret, "SECRET")
        );
    }
    assert!(shown.contains(&id));
}

#[test]
fn what_ends_one_secret_begins_the_next() {
    let rules = built_in();
    let lines = |template: &str| -> String {
        let line = |n: u32| expand(template, &n.to_string()).unwrap();
        (1..=5).map(line).collect()
    };
    for (path, template) in [
        (".pgpass", "db.acme.corp:5432:app:svc:tR7-{{base62:10}}\n"),
        ("keys.yml", "  key: {{base62:40}}\n"),
    ] {
        let found = scan(&rules, path, lines(template).as_bytes());
        let at: Vec<u32> = found.iter().map(|f| f.location.region.start_line).collect();
        assert_eq!(at, [1, 2, 3, 4, 5], "{path}");
    }
}
