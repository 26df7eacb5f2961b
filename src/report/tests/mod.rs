//! What holds for every format, and the whole of each on a typical report.

mod ci;
mod diff;
mod flow;
mod html;
mod inventory;
mod oscal;
mod sarif;
mod schema;

use regex::Regex;
use serde_json::Value;
use snapbox::{assert_data_eq, file};

use super::samples::{HOSTILE, empty, first, hostile, many, secret_value, typical};
use super::visible::hazardous;
use super::{Color, FORMATS, Format, HOOK, Report, SarifWaived, ShowSecrets, Style, VERSION};

fn written(format: &str, report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    (Format::named(format).unwrap().write)(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn parsed(format: &str, report: &Report, style: &Style) -> Value {
    serde_json::from_str(&written(format, report, style)).unwrap()
}

fn plain() -> Style {
    Style::default()
}

fn colored() -> Style {
    Style {
        color: Color::Always,
        ..plain()
    }
}

fn with_waived() -> Style {
    Style {
        sarif_waived: SarifWaived::Include,
        ..plain()
    }
}

/// Everything that the samples can be, by name.
fn samples() -> Vec<(&'static str, Report)> {
    vec![
        ("empty", empty()),
        ("typical", typical()),
        ("hostile", hostile()),
        ("many", many(50)),
    ]
}

/// The snapshots are rewritten by running this with `SNAPSHOTS=overwrite`.
#[test]
fn reports_read_like_this() {
    let version = format!("\"{VERSION}\"");
    for (format, report, style, expected) in [
        (
            "text",
            typical(),
            plain(),
            file!["../snapshots/typical.txt"],
        ),
        (
            "json",
            typical(),
            plain(),
            file!["../snapshots/typical.json"],
        ),
        (
            "sarif",
            typical(),
            with_waived(),
            file!["../snapshots/typical.sarif"],
        ),
        (
            "github",
            typical(),
            plain(),
            file!["../snapshots/typical.github"],
        ),
        (
            "gitlab",
            typical(),
            plain(),
            file!["../snapshots/typical.gitlab.json"],
        ),
        (
            "github",
            hostile(),
            plain(),
            file!["../snapshots/hostile.github"],
        ),
        (
            "jsonl",
            typical(),
            plain(),
            file!["../snapshots/typical.jsonl"],
        ),
        ("csv", typical(), plain(), file!["../snapshots/typical.csv"]),
        (
            "junit",
            typical(),
            plain(),
            file!["../snapshots/typical.junit.xml"],
        ),
        (
            "markdown",
            typical(),
            plain(),
            file!["../snapshots/typical.md"],
        ),
        (
            "ocsf",
            typical(),
            plain(),
            file!["../snapshots/typical.ocsf.jsonl"],
        ),
        (
            "markdown",
            hostile(),
            plain(),
            file!["../snapshots/hostile.md"],
        ),
        ("text", empty(), plain(), file!["../snapshots/empty.txt"]),
        (
            "text",
            hostile(),
            plain(),
            file!["../snapshots/hostile.txt"],
        ),
    ] {
        let text = written(format, &report, &style).replace(&version, "\"VERSION\"");
        assert_data_eq!(text, expected.raw());
    }
}

#[test]
fn no_format_holds_a_secret_unless_asked() {
    let (report, secret) = (typical(), secret_value());
    let shown = Style {
        show_secrets: ShowSecrets::Show,
        ..with_waived()
    };
    for format in FORMATS.iter().chain([&HOOK]) {
        for style in [plain(), colored(), with_waived()] {
            assert!(
                !written(format.name, &report, &style).contains(&secret),
                "{}",
                format.name
            );
        }
        let told = written(format.name, &report, &shown).contains(&secret);
        let may = ["text", "json", "jsonl", "hook"].contains(&format.name);
        assert_eq!(told, may, "{}", format.name);
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for format in FORMATS.iter().chain([&HOOK]) {
        for (name, report) in samples() {
            let (one, two) = (
                written(format.name, &report, &plain()),
                written(format.name, &report, &plain()),
            );
            assert_eq!(one, two, "{} {name}", format.name);
        }
    }
}

#[test]
fn no_report_holds_a_byte_that_a_terminal_obeys() {
    for format in FORMATS.iter().chain([&HOOK]) {
        let mut text = written(format.name, &hostile(), &plain());
        if format.name == "csv" {
            // RFC 4180 ends rows so.
            text = text.replace("\r\n", "\n");
        }
        let bad = text.chars().find(|c| *c != '\n' && hazardous(*c));
        assert_eq!(bad, None, "{}", format.name);
    }
    let colors = Regex::new("\u{1b}\\[[0-9;]+m").unwrap();
    let text = written("text", &hostile(), &colored());
    let rest = colors.replace_all(&text, "");
    assert!(!rest.contains('\u{1b}'));
    assert_eq!(
        rest,
        written("text", &hostile(), &plain()),
        "colour changes no text"
    );
}

#[test]
fn hostile_text_comes_back_from_json_unchanged() {
    let report = hostile();
    let document = parsed("json", &report, &plain());
    let finding = &document["findings"][0];
    assert_eq!(finding["message"], HOSTILE);
    assert_eq!(
        finding["location"]["path"],
        first(&report).finding.location.path.as_str()
    );
}

#[test]
fn the_verdict_never_says_more_than_was_checked() {
    let last = |report: &Report| {
        written("text", report, &plain())
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned()
    };
    let mut report = empty();
    assert_eq!(
        last(&report),
        "CLEAN: every rule was evaluated, no findings"
    );

    report.problems = typical().problems;
    assert_eq!(last(&report), "INCOMPLETE: 2 inputs could not be checked");
    assert!(
        !written("text", &report, &plain())
            .to_lowercase()
            .contains("clean")
    );
    report.problems.clear();

    report.outcomes[0].passes = 0;
    assert_eq!(
        last(&report),
        "PASSED: no finding of severity high or above; 1 rule could not be evaluated, wholly or \
         in part"
    );

    report.rules.clear();
    report.outcomes.clear();
    assert_eq!(last(&report), "NOTHING CHECKED: no rule ran");

    let text = written("text", &typical(), &plain());
    assert!(text.ends_with(
        "WAIVERS ENDED: w-3 (ask Bob Jones)\nBASELINE ENDED: 1 finding (ask Cy Young)\nFAILED: 2 findings of severity high or above\n\
         INCOMPLETE: 2 inputs could not be checked\n"
    ));
}

#[test]
fn json_holds_one_finding_per_line() {
    let text = written("json", &many(50), &plain());
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("{\"rule\":"))
            .count(),
        50
    );
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("{\"ruleId\":"))
            .count(),
        0
    );
    let text = written("sarif", &many(50), &plain());
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("{\"ruleId\":"))
            .count(),
        50
    );
}

#[test]
fn a_hook_that_had_nothing_to_search_says_nothing_and_one_that_had_says_how_much() {
    let mut report = empty();
    report.coverage.files = 0;
    assert_eq!(written("hook", &report, &plain()), "");
    report.coverage.files = 2;
    report.coverage.left_out = vec![("submodule".to_owned(), 1)];
    assert_eq!(
        written("hook", &report, &plain()),
        "credlint: no secret in 2 files (left out: submodule 1)\n"
    );
    report.problems = typical().problems;
    let text = written("hook", &report, &plain());
    assert!(text.ends_with("credlint: incomplete, 2 inputs could not be checked\n"));
    assert!(!text.contains("no secret"));
}

#[test]
fn a_broken_pipe_is_told_as_one() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in FORMATS.iter().chain([&HOOK]) {
        for report in [empty(), many(2_000)] {
            let error = (format.write)(&report, &plain(), &mut Closed).unwrap_err();
            assert_eq!(
                error.kind(),
                std::io::ErrorKind::BrokenPipe,
                "{}",
                format.name
            );
        }
    }
}
