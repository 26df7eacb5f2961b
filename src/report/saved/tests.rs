use proptest::{prop_assert_eq, proptest};

use std::path::Path;

use super::read;
use crate::model::ScanPath;
use crate::report::samples::{empty, first, hostile, many, secret_value, typical};
use crate::report::{Format, Report, ShowSecrets, Style};

fn written(format: &str, report: &Report, style: &Style) -> Vec<u8> {
    let mut out = Vec::new();
    (Format::named(format).unwrap().write)(report, style, &mut out).unwrap();
    out
}

#[test]
fn what_is_read_writes_the_same_bytes_in_every_format() {
    let style = Style::default();
    for report in [empty(), typical(), hostile(), many(50)] {
        for form in ["json", "jsonl"] {
            let again = read(&written(form, &report, &style)).unwrap();
            for format in [
                "json", "jsonl", "sarif", "text", "gitlab", "github", "csv", "junit",
            ] {
                assert_eq!(
                    String::from_utf8(written(format, &report, &style)).unwrap(),
                    String::from_utf8(written(format, &again, &style)).unwrap(),
                    "{form} {format}"
                );
            }
        }
    }
}

#[test]
fn a_member_of_an_archive_is_still_one() {
    let mut report = typical();
    let member = ScanPath::new(Path::new("a!b/x.zip")).member(b"lib/y.jar");
    report
        .findings
        .edit(|findings| findings[0].finding.location.path = member.member(b"z.env"));
    report.problems[1].path = Some(member);
    let style = Style::default();
    let again = read(&written("jsonl", &report, &style)).unwrap();
    for format in ["json", "sarif", "github", "gitlab"] {
        assert!(written(format, &report, &style) == written(format, &again, &style));
    }
    assert_eq!(first(&again).finding.location.on_disk().0, "a!b/x.zip");
}

#[test]
fn a_secret_in_clear_stays_in_the_result_that_has_it() {
    let shown = Style {
        show_secrets: ShowSecrets::Show,
        ..Style::default()
    };
    let bytes = written("json", &typical(), &shown);
    assert!(String::from_utf8_lossy(&bytes).contains(&secret_value()));
    let again = read(&bytes).unwrap();
    let text = String::from_utf8(written("json", &again, &shown)).unwrap();
    assert!(!text.contains(&secret_value()));
}

#[test]
fn what_is_no_whole_result_is_refused_with_a_reason() {
    let style = Style::default();
    let json = String::from_utf8(written("json", &typical(), &style)).unwrap();
    let lines = String::from_utf8(written("jsonl", &typical(), &style)).unwrap();
    let sarif = String::from_utf8(written("sarif", &typical(), &style)).unwrap();
    let without_last = lines.trim_end().rsplit_once('\n').unwrap().0.to_owned();
    let without_finding: String = lines
        .split_inclusive('\n')
        .enumerate()
        .filter(|(n, _)| *n != 3)
        .map(|(_, line)| line)
        .collect();
    for (text, said) in [
        (String::new(), "empty"),
        (" \n ".to_owned(), "empty"),
        (sarif, "SARIF"),
        ("{}".to_owned(), "no result"),
        ("[]".to_owned(), "line 1"),
        ("rule,severity\n".to_owned(), "line 1"),
        (json[..json.len() / 2].to_owned(), "cut off"),
        (without_last, "cut off"),
        (without_finding, "counts other findings"),
        (format!("{lines}{lines}"), "has ended before"),
        (
            json.replace("credlint-report/1", "credlint-report/2"),
            "version",
        ),
        (
            lines.replace("credlint-lines/1", "credlint-lines/9"),
            "version",
        ),
        (
            json.replace("credlint-report/1", "credlint-inventory/1"),
            "not a result",
        ),
        (json.replace("\"critical\"", "\"severe\""), "not one of"),
        (
            json.replace("\"state\":\"open\"", "\"state\":\"fine\""),
            "verdict",
        ),
        (json.replace("\"as_of\"", "\"as_off\""), "as_of"),
    ] {
        let refused = read(text.as_bytes()).unwrap_err();
        assert!(refused.message.contains(said), "{said}: {refused:?}");
        assert!(!refused.message.contains(char::is_control));
    }
}

#[test]
fn members_of_a_later_minor_version_are_passed_over() {
    let style = Style::default();
    let json = String::from_utf8(written("json", &typical(), &style)).unwrap();
    let newer = json.replace("\"message\":", "\"later\":[{}],\"message\":");
    let again = read(newer.as_bytes()).unwrap();
    assert_eq!(json.as_bytes(), written("json", &again, &style));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(at in 0usize..4000, with in "\\PC{0,3}|[{}\\[\\],\":0-9]{1,4}") {
        let style = Style::default();
        for format in ["json", "jsonl"] {
            let mut bytes = written(format, &typical(), &style);
            let at = at % bytes.len();
            bytes.splice(at..at, with.bytes());
            let _ = read(&bytes);
            prop_assert_eq!(read(&bytes).is_ok(), read(&bytes).is_ok());
        }
    }
}
