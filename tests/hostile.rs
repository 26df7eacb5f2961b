//! Inputs made to hurt: each scan ends soon, with an exit code of the design, and its reports are
//! well-formed and show no control character. The inputs are made when the test runs.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod pack;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use snapbox::cmd::{Command, cargo_bin};

/// A scan of anything here must be over by then, in a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// A fresh folder of one test.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("hostile")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join("in")).unwrap();
    path
}

/// Scans `in` below a folder and returns the JSON report of a scan that ended with this code.
fn scan(folder: &Path, code: i32) -> Value {
    let (ended, report) = run(folder);
    assert_eq!(ended, code, "{}", folder.display());
    report
}

/// Scans `in` below a folder and returns the exit code and the JSON report.
fn run(folder: &Path) -> (i32, Value) {
    let output = Command::new(cargo_bin!("credlint"))
        .current_dir(folder)
        .env_remove("CREDLINT_CONFIG")
        .args(["scan", "in", "--as-of", "2026-11-20", "--no-config"])
        .args(["--format", "json", "--color", "never"])
        .args(["--report", "text=out.txt", "--report", "sarif=out.sarif"])
        .timeout(LIMIT)
        .assert()
        .get_output()
        .clone();
    let text = fs::read(folder.join("out.txt")).unwrap();
    let sarif = fs::read(folder.join("out.sarif")).unwrap();
    for (what, bytes) in [
        ("json", &output.stdout),
        ("text", &text),
        ("sarif", &sarif),
        ("stderr", &output.stderr),
    ] {
        let shown = std::str::from_utf8(bytes).unwrap();
        let bad = shown.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(bad, None, "{what} of {}", folder.display());
        assert!(!shown.contains("panicked"), "{what}: {shown}");
        // A SARIF file describes every rule, which takes a megabyte by itself.
        assert!(shown.len() < 1 << 21, "{what} is {} bytes", shown.len());
    }
    serde_json::from_slice::<Value>(&sarif).unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), report)
}

/// The kinds and messages of the problems of a report.
fn problems(report: &Value) -> Vec<(String, String)> {
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or("").to_owned();
    report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (text(p, "kind"), text(p, "message")))
        .collect()
}

/// One input.
struct Case {
    /// The file's name.
    name: &'static str,
    bytes: Vec<u8>,
    /// The kind of the problem that must be told, or none.
    problem: Option<&'static str>,
    /// Whether it must be recognised as an export and one row read.
    read: bool,
}

/// An input that is odd and good for one row.
fn odd(name: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        read: true,
        ..case(name, bytes, None)
    }
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, problem: Option<&'static str>) -> Case {
    Case {
        name,
        bytes: bytes.into(),
        problem,
        read: false,
    }
}

/// Scans each input beside a harmless file.
fn scan_each(test: &str, cases: Vec<Case>) {
    for (index, case) in cases.into_iter().enumerate() {
        let folder = folder(&format!("{test}-{index}"));
        fs::write(folder.join("in").join(case.name), &case.bytes).unwrap();
        // Beside another file, as in a source tree: alone, an export's name is a claim to be one.
        fs::write(folder.join("in/other.py"), "nothing\n").unwrap();
        let (code, report) = run(&folder);
        let told = problems(&report);
        let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        // That an export is cut off is a finding too.
        let findings = report["findings"].as_array().unwrap();
        let cut = |finding: &Value| finding["rule"] == "data.export-truncated";
        assert!(findings.iter().all(cut), "{} {index}: {told:?}", case.name);
        let expected = match case.problem {
            None => 0,
            Some(_) if findings.is_empty() => 3,
            Some(_) => 1,
        };
        assert_eq!(code, expected, "{} {index}: {told:?}", case.name);
        match case.problem {
            None => {
                assert!(kinds.is_empty(), "{} {index}: {told:?}", case.name);
                if case.read {
                    assert_eq!(report["inputs"][0]["rows"], 1, "{} {index}", case.name);
                }
            }
            Some(kind) => assert!(kinds.contains(&kind), "{} {index}: {told:?}", case.name),
        }
        fs::remove_dir_all(folder).unwrap();
    }
}

const DEEP: usize = 100_000;
const USERS: &str = "Id,Username,Name,IsActive,UserType,LastLoginDate\n";
const USER: &str = "005xx000001,a@acme.example,A,true,Standard,2026-11-19T23:10:04.000+0000\n";
const PROFILE: &str =
    "<?xml version=\"1.0\"?>\n<Profile xmlns=\"http://soap.sforce.com/2006/04/metadata\">";

/// The answer of a query for users, with something in the record beside its fields.
fn users(more: &str) -> String {
    format!(
        "{{\"status\":0,\"result\":{{\"totalSize\":1,\"done\":true,\"records\":[{{\
         \"attributes\":{{\"type\":\"User\"}},\"Id\":\"005xx000001\",\"Username\":\"a@acme.example\",\
         \"IsActive\":true{more}}}]}}}}"
    )
}

#[test]
fn nesting_is_bounded() {
    let deep = |open: &str, close: &str| open.repeat(DEEP) + &close.repeat(DEEP);
    scan_each(
        "nesting",
        vec![
            case("a.json", "[".repeat(DEEP), None),
            case("a.json", "{\"Id\":".repeat(DEEP), None),
            case(
                "a.json",
                users(&format!(",\"x\":{}", deep("[", "]"))),
                Some("too-large"),
            ),
            case(
                "a.json",
                users(&format!(",\"x\":{}", "[".repeat(DEEP))),
                Some("too-large"),
            ),
            case("a.xml", deep("<a>", "</a>"), None),
            case(
                "a.profile-meta.xml",
                format!("{PROFILE}{}", "<a>".repeat(DEEP)),
                Some("too-large"),
            ),
            case("a.yaml", "[".repeat(DEEP), None),
            case("a.yaml", "- ".repeat(DEEP), None),
            case(
                "a.yaml",
                format!(
                    "version: 1\ncredentials:\n- id: a\n  kind: {}\n",
                    "[".repeat(DEEP)
                ),
                Some("malformed"),
            ),
        ],
    );
}

#[test]
fn length_is_bounded() {
    let mib = 1 << 20;
    let cell = |length: usize| format!("{USERS}\"{}\n", "x".repeat(length));
    let columns = |count: usize| "c,".repeat(count) + "d\n";
    scan_each(
        "length",
        vec![
            case("line.txt", b"a b=c; ".repeat(9 * mib), None),
            case("a.txt", vec![b'a'; 50 * mib], None),
            case("cell.csv", cell(20 * mib), Some("too-large")),
            case(
                "lines.csv",
                format!("{USERS}\"{}", "x\n".repeat(10 * mib)),
                Some("too-large"),
            ),
            case(
                "string.json",
                users(&format!(",\"x\":\"{}\"", "x".repeat(20 * mib))),
                Some("too-large"),
            ),
            case(
                "columns.csv",
                format!("{USERS}{}", columns(1_000_000)),
                Some("bad-row"),
            ),
            case("header.csv", columns(1_000_000) + &columns(1_000_000), None),
            case(
                "short.csv",
                USERS.to_owned() + &"1\n".repeat(300_000),
                Some("bad-row"),
            ),
            odd(
                "keys.json",
                users(
                    &(0..100_000)
                        .map(|n| format!(",\"k{n}\":1"))
                        .collect::<String>(),
                ),
            ),
            case(
                "begin.pem",
                "-----BEGIN CERTIFICATE-----\n".repeat(100_000),
                Some("bad-row"),
            ),
            case(
                "begin-line.pem",
                "-----BEGIN CERTIFICATE-----".repeat(100_000),
                Some("bad-row"),
            ),
        ],
    );
}

#[test]
fn a_million_near_hits_cost_little() {
    let many = |text: &str| text.repeat(1_000_000).into_bytes();
    scan_each(
        "hits",
        vec![
            case("a.txt", many("password "), None),
            case("a.txt", many("password="), None),
            case("a.txt", "password=\"".repeat(100_000), None),
            case("a.txt", many("eyJ"), None),
            case("a.txt", many("AKIA"), None),
            case(
                "a.txt",
                "-----BEGIN RSA PRIVATE KEY-----\n".repeat(100_000),
                None,
            ),
            case("a.txt", "postgres://a:".repeat(100_000), None),
        ],
    );
}

#[test]
fn what_is_not_well_formed_is_told() {
    let nul = format!("{USERS}{}", USER.replace("Standard", "Stan\0dard"));
    let mut latin = format!("{USERS}{USER}").into_bytes();
    let at = latin.len() - 70;
    latin[at] = 0xff;
    let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let table = format!("{USERS}{USER}");
    let entities = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\">".to_owned()
        + &(1..10)
            .map(|n| format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10)))
            .collect::<String>()
        + "]>";
    let with_dtd = |dtd: &str, entity: &str| {
        PROFILE.replacen('\n', dtd, 1) + &format!("<custom>&{entity};</custom></Profile>")
    };
    let der = fs::read("fixtures/exports/x509/jwt-signing.der").unwrap();
    scan_each(
        "form",
        vec![
            odd("nul.csv", nul),
            odd("latin.csv", latin),
            odd(
                "wide.csv",
                wide(&format!("\u{feff}{table}"), u16::to_le_bytes),
            ),
            odd("wide.csv", wide(&table, u16::to_be_bytes)),
            case(
                "zip.csv",
                [b"PK\x03\x04\x14\0\0\0".as_slice(), &[7; 4000]].concat(),
                Some("truncated"),
            ),
            // Which of two values counts is for the reader to say, and readers differ.
            case(
                "twice.json",
                users(",\"Id\":\"006\",\"IsActive\":false"),
                Some("malformed"),
            ),
            odd(
                "numbers.json",
                users(&format!(",\"x\":1e999999,\"y\":{}", "9".repeat(100_000))),
            ),
            odd(
                "surrogates.json",
                users(",\"Name\":\"\\ud800\",\"x\":\"\\udc00\\ud800\""),
            ),
            case(
                "cut.json",
                users("").trim_end_matches('}'),
                Some("truncated"),
            ),
            case(
                "laughs.profile-meta.xml",
                with_dtd(&entities, "a9"),
                Some("malformed"),
            ),
            case(
                "outside.profile-meta.xml",
                with_dtd(
                    "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
                    "x",
                ),
                Some("malformed"),
            ),
            case(
                "open.profile-meta.xml",
                format!("{PROFILE}<custom>"),
                Some("truncated"),
            ),
            case(
                "garbage.pem",
                "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
                Some("bad-row"),
            ),
            case(
                "open.pem",
                "-----BEGIN CERTIFICATE-----\nAAAA\n",
                Some("truncated"),
            ),
            case("cut.der", &der[..200], Some("malformed")),
            case(
                "bomb.yaml",
                "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
                None,
            ),
        ],
    );
}

/// A zip in a zip in a zip, and at the bottom a text.
fn nested(layers: usize, text: &str) -> Vec<u8> {
    (0..layers).fold(text.as_bytes().to_vec(), |inner, layer| {
        let name = if layer == 0 { "a.txt" } else { "a.zip" };
        pack::archive(&[pack::zipped(name, &inner)])
    })
}

#[test]
fn archives_that_grow_without_end_are_left_at_a_limit() {
    let secret = format!("password = \"{}\"\n", ["hV9", "xT2q", "Lm7Zr4"].concat());
    // One member of zeros again and again, each half overlapping the one before: a zip bomb.
    let zeros = vec![0; 64 << 20];
    let (body, entries) = pack::parts(&[pack::zipped("a", &zeros)]);
    let overlapping = pack::closed(body, &vec![entries[0].clone(); 60_000]);
    let mut lines = secret.into_bytes();
    lines.resize(65 << 20, b'\n');
    for (name, bytes, code, kind) in [
        ("42.zip", nested(42, "nothing"), 3, "too-large"),
        // Ten gigabytes of zeros.
        ("zeros.gz", pack::gzip(&zeros).repeat(160), 3, "no-input"),
        ("overlapping.zip", overlapping, 3, "too-large"),
        // What came before the limit is found all the same.
        ("lines.gz", pack::gzip(&lines), 1, "too-large"),
        (
            "in-tar.tar",
            pack::tar_entry("a.zip", b'0', &nested(10, "")),
            3,
            "too-large",
        ),
    ] {
        let folder = folder(name);
        fs::write(folder.join("in").join(name), &bytes).unwrap();
        let report = scan(&folder, code);
        let told = problems(&report);
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert_eq!(told[0].0, kind, "{name}: {told:?}");
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_file_that_grows_without_end_is_read_to_where_it_was() {
    let folder = folder("grows");
    let path = folder.join("in/log.txt");
    fs::write(&path, "a line of a log\n".repeat(1 << 20)).unwrap();
    let ended = std::sync::atomic::AtomicBool::new(false);
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::Write;
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            let more = "another line of a log\n".repeat(1000);
            while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                file.write_all(more.as_bytes()).unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let report = std::panic::catch_unwind(|| scan(&folder, 3));
        ended.store(true, std::sync::atomic::Ordering::Relaxed);
        report
    });
    let told = problems(&report.unwrap());
    assert!(told[0].1.contains("grew while it was read"), "{told:?}");
}

#[test]
fn a_huge_file_of_holes_is_no_text() {
    let folder = folder("holes");
    let file = fs::File::create(folder.join("in/disk.img")).unwrap();
    file.set_len(1 << 40).unwrap();
    fs::write(folder.join("in/other.py"), "nothing\n").unwrap();
    let report = scan(&folder, 0);
    assert!(
        report["coverage"]["left_out"]
            .to_string()
            .contains("not text")
    );
}

/// The outside of a scan: links, pipes, devices, permissions and names.
#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    }

    #[test]
    fn links_pipes_and_devices_are_counted_and_not_opened() {
        let folder = folder("links");
        let inside = folder.join("in");
        fs::write(folder.join("outside.csv"), "not,seen\n").unwrap();
        fs::write(inside.join("seen.txt"), "nothing\n").unwrap();
        symlink("../outside.csv", inside.join("outside.csv")).unwrap();
        symlink(".", inside.join("circle")).unwrap();
        symlink("a", inside.join("b")).unwrap();
        symlink("b", inside.join("a")).unwrap();
        symlink("/dev/zero", inside.join("zero.json")).unwrap();
        for name in ["x.csv", "x.json", "x.pem", "x.txt"] {
            pipe(&inside.join(name));
        }
        let report = scan(&folder, 0);
        assert_eq!(problems(&report), []);
        let left_out = report["coverage"].to_string();
        assert!(left_out.contains("symbolic link"), "{left_out}");
        assert!(left_out.contains("not a regular file"), "{left_out}");
        assert_eq!(report["coverage"]["files"], 1, "{left_out}");
    }

    #[test]
    fn a_pipe_or_device_by_name_is_no_all_clear() {
        let here = folder("pipe");
        fs::remove_dir(here.join("in")).unwrap();
        pipe(&here.join("in"));
        assert_eq!(problems(&scan(&here, 3))[0].0, "unreadable");
        fs::remove_file(here.join("in")).unwrap();
        symlink("/dev/zero", here.join("in")).unwrap();
        assert_eq!(problems(&scan(&here, 3))[0].0, "unreadable");
        fs::remove_file(here.join("in")).unwrap();
        symlink("in", here.join("in")).unwrap();
        let told = problems(&scan(&here, 3));
        assert!(
            told.iter().any(|(kind, _)| kind == "unreadable"),
            "{told:?}"
        );
    }

    #[test]
    fn any_name_of_a_file_is_shown_without_harm() {
        let folder = folder("names");
        let secret = format!("password = \"{}\"\n", ["hV9", "xT2q", "Lm7Zr4"].concat());
        let names: [&[u8]; 10] = [
            b"new\nline.txt",
            b"\x1b]0;owned\x07\x1b[31m.txt",
            b"not-utf8-\xff\xfe.txt",
            b"-leading-dash.txt",
            b"blank and %41 and \\ and \".txt",
            b"c1-\xc2\x9b31m.txt",
            b"bidi-\xe2\x80\xae txt.exe",
            b"carriage\rreturn.txt",
            b"::error file=x::owned.txt",
            b"<script>&amp;.txt",
        ];
        for name in names {
            fs::write(folder.join("in").join(OsStr::from_bytes(name)), &secret).unwrap();
        }
        let report = scan(&folder, 1);
        assert_eq!(report["coverage"]["files"], 10);
        let text = fs::read_to_string(folder.join("out.txt")).unwrap();
        assert!(!text.contains('\u{202e}'), "{text}");
        let sarif: Value =
            serde_json::from_slice(&fs::read(folder.join("out.sarif")).unwrap()).unwrap();
        let places: Vec<&Value> = sarif["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|result| result["locations"].as_array().unwrap())
            .collect();
        for place in places {
            let uri = place["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap();
            let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\');
            assert!(uri.chars().all(plain), "{uri}");
        }
    }

    #[test]
    fn what_may_not_be_read_is_told() {
        let here = folder("closed");
        let inside = here.join("in");
        fs::create_dir(inside.join("folder")).unwrap();
        fs::write(inside.join("file.txt"), "x").unwrap();
        fs::write(inside.join("open.txt"), "x").unwrap();
        let close = |mode: u32| {
            for name in ["folder", "file.txt"] {
                let mode = fs::Permissions::from_mode(mode);
                fs::set_permissions(inside.join(name), mode).unwrap();
            }
        };
        close(0);
        // The superuser may read everything.
        let closed = fs::read(inside.join("file.txt")).is_err();
        let told = problems(&scan(&here, if closed { 3 } else { 0 }));
        close(0o700);
        if closed {
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(
                told.iter().all(|(kind, _)| kind == "unreadable"),
                "{told:?}"
            );
        }
    }
}

#[test]
fn keys_and_requests_beside_a_certificate_are_no_failed_exports() {
    let folder = folder("beside");
    fs::copy(
        "fixtures/clean/exports/x509/shop.pem",
        folder.join("in/shop.pem"),
    )
    .unwrap();
    for (name, label) in [
        ("shop.pub.pem", "PUBLIC KEY"),
        ("shop.csr.pem", "CERTIFICATE REQUEST"),
        ("dh.pem", "DH PARAMETERS"),
    ] {
        let block = format!("-----BEGIN {label}-----\nMIIB+/A=\n-----END {label}-----\n");
        fs::write(folder.join("in").join(name), block).unwrap();
    }
    let report = scan(&folder, 0);
    assert_eq!(problems(&report), []);
    // Nobody meant to give exports: one reason says so of all rules that would need one.
    let rules = report["rules"].as_array().unwrap();
    let reasons = rules
        .iter()
        .flat_map(|rule| rule["outcome"]["not_evaluated"].as_array());
    let reasons = reasons.flatten().map(|why| why["reason"].as_str());
    let reasons: Vec<_> = reasons
        .flatten()
        .filter(|why| why.starts_with("no export"))
        .collect();
    assert!(reasons.len() > 100);
    assert!(
        reasons
            .iter()
            .all(|why| *why == "no export was given, certificates aside"),
        "{reasons:?}"
    );
    // What nothing looked at is told nonetheless.
    let notes = report["notes"].to_string();
    for name in ["shop.pub.pem", "shop.csr.pem", "dh.pem"] {
        assert!(notes.contains(name), "{notes}");
    }
}

#[test]
fn tables_of_a_source_tree_are_told_and_do_not_fill_the_screen() {
    let folder = folder("tables");
    for number in 10..25 {
        let file = folder.join(format!("in/table{number}.csv"));
        fs::write(file, "height,width\n1,2\n").unwrap();
    }
    fs::write(folder.join("in/.editorconfig"), "[*]\nindent = 4\n").unwrap();
    fs::write(folder.join("in/.rows"), "[]\n").unwrap();
    let report = scan(&folder, 0);
    let notes = report["notes"].as_array().unwrap();
    let has = |words: &str| {
        notes
            .iter()
            .any(|note| note.as_str().unwrap().contains(words))
    };
    assert!(has("in/table10.csv is a table that no source"), "{notes:?}");
    assert!(has("in/table19.csv"), "{notes:?}");
    assert!(!has("in/table20.csv"), "{notes:?}");
    assert!(
        has("5 more files: each is a table that no source"),
        "{notes:?}"
    );
    // Settings are no JSON; an answer without a record is.
    assert!(!has(".editorconfig"), "{notes:?}");
    assert!(has(".rows has no record in it"), "{notes:?}");
}

#[test]
fn failed_exports_are_told_wherever_nothing_but_exports_lies() {
    let folder = folder("failed");
    fs::create_dir_all(folder.join("in/gh")).unwrap();
    let refusal = r#"{"message":"Bad credentials","documentation_url":"u","status":"401"}"#;
    fs::write(folder.join("in/gh/keys.json"), refusal).unwrap();
    fs::write(folder.join("in/gh/pats.json"), "").unwrap();
    fs::write(folder.join("in/notes.txt"), "asked again on Monday\n").unwrap();
    let told = problems(&scan(&folder, 3));
    assert_eq!(told.len(), 2, "{told:?}");
    // In a source tree they are data of tests.
    fs::write(folder.join("in/main.py"), "import json\n").unwrap();
    assert_eq!(problems(&scan(&folder, 0)), []);
}

#[test]
fn misspelt_keys_of_the_register_are_told_where_they_stand() {
    let folder = folder("misspelt");
    let register = "\
version: 1
credentials:
- id: \"shop:api_key:orders\"
  onwer: payments
  notes: ours
incident:
- {credential: \"shop:api_key:orders\", at: 2026-11-01}
leavers: []
";
    fs::write(folder.join("in/register.yaml"), register).unwrap();
    let (_, report) = run(&folder);
    let told: Vec<(u64, String)> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            (
                p["line"].as_u64().unwrap(),
                p["message"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let lines: Vec<u64> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [4, 6, 8], "{told:?}");
    for (said, expected) in told.iter().zip(["`owner`", "`incidents`", "known_leavers"]) {
        assert!(said.1.contains(expected), "{told:?}");
    }
}
