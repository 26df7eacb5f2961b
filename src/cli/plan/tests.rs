//! What each command line means.

use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use super::{Plan, plan, verbosity};
use crate::app::AppError;
use crate::app::options::{
    BaselineAction, Command, Config, FailOn, FindingsExit, GitIgnore, HistoryRange, HookInput,
    HookKind, HookOptions, RulesAction, ScanOptions, Secrets, Verbosity, WaivedInSarif,
};
use crate::cli::args::Cli;
use crate::cli::environment::{ColorWish, Environment, Stream};
use crate::model::{Confidence, Instant, RuleId, Severity, When};

fn environment(config: Option<&str>) -> Environment {
    Environment {
        now: Instant::from_seconds(1_000),
        directory: PathBuf::from("/home/me"),
        program: Some(PathBuf::from("/bin/credlint")),
        config: config.map(PathBuf::from),
        color: ColorWish::OnTerminals,
        out: Stream::Other,
        err: Stream::Other,
        width: 80,
    }
}

fn parsed(line: &str) -> Cli {
    let words = std::iter::once("credlint").chain(line.split_whitespace());
    Cli::try_parse_from(words).unwrap_or_else(|e| panic!("{line}: {e}"))
}

fn planned(line: &str, config: Option<&str>) -> Result<Plan, AppError> {
    plan(parsed(line), &environment(config))
}

fn scan(line: &str) -> ScanOptions {
    match planned(&format!("scan {line}"), None) {
        Ok(Plan::App(Command::Scan(options))) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

fn reports(line: &str) -> Result<Vec<(String, String)>, String> {
    match planned(&format!("scan {line}"), None) {
        Ok(Plan::App(Command::Scan(options))) => Ok(options
            .reports
            .into_iter()
            .map(|r| {
                let path = r.path.map_or("-".into(), |p| p.display().to_string());
                (r.format.to_owned(), path)
            })
            .collect()),
        Err(error) => Err(error.to_string()),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_parser_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_history_is_all_of_it_unless_a_range_or_a_branch_is_named() {
    let history = |line: &str| scan(line).history.map(|h| (h.range, h.since));
    let branch = HistoryRange::Branch("main".to_owned());
    let range = HistoryRange::Revisions("a..b".to_owned());
    let day = Instant::from_date(2026, 1, 1);
    assert_eq!(history(""), None);
    assert_eq!(history(". --history"), Some((HistoryRange::AllRefs, None)));
    assert_eq!(history("--history a..b ."), Some((range, None)));
    assert_eq!(
        history("--history --branch main --since 2026-01-01"),
        Some((branch, day))
    );
    assert!(planned("scan --history a --branch b", None).is_err());
}

#[test]
fn a_bare_scan_looks_here_and_now_and_hides_secrets() {
    let options = scan("");
    assert_eq!(options.paths, [PathBuf::from(".")]);
    assert_eq!(options.as_of, Instant::from_seconds(1_000));
    assert_eq!(options.config, Config::WorkingDirectory);
    assert_eq!(options.fail_on, None);
    assert_eq!(options.findings_exit, FindingsExit::Code);
    assert_eq!(options.secrets, Secrets::Redacted);
    assert_eq!(options.gitignore, GitIgnore::Disregarded);
    assert_eq!(options.min_confidence, Confidence::Medium);
    assert_eq!(options.sarif.waived, WaivedInSarif::Omitted);
    assert_eq!(options.threads, None);
    assert_eq!(options.history, None);
}

#[test]
fn every_scan_option_arrives() {
    let options = scan(
        "a b --as-of 2027-03-31 --fail-on low --exit-zero --only x.y --only z --skip w \
         --rules r1 --rules r2 --sources s --threads 3 --show-secrets --gitignore \
         --sarif-category night --sarif-include-waived --min-confidence low -c p.yaml \
         --baseline b.jsonl --new-only main",
    );
    assert_eq!(options.baseline, Some(PathBuf::from("b.jsonl")));
    assert_eq!(options.new_only.as_deref(), Some("main"));
    assert_eq!(options.paths, [PathBuf::from("a"), PathBuf::from("b")]);
    assert_eq!(Ok(options.as_of), "2027-03-31".parse());
    assert_eq!(options.fail_on, Some(FailOn::Severity(Severity::Low)));
    assert_eq!(options.findings_exit, FindingsExit::Zero);
    assert_eq!(options.only, [RuleId::new("x.y"), RuleId::new("z")]);
    assert_eq!(options.skip, [RuleId::new("w")]);
    assert_eq!(options.content.rules.len(), 2);
    assert_eq!(options.content.sources, [PathBuf::from("s")]);
    assert_eq!(options.threads.map(std::num::NonZero::get), Some(3));
    assert_eq!(options.secrets, Secrets::Shown);
    assert_eq!(options.gitignore, GitIgnore::Obeyed);
    assert_eq!(options.sarif.category.as_deref(), Some("night"));
    assert_eq!(options.sarif.waived, WaivedInSarif::Included);
    assert_eq!(options.min_confidence, Confidence::Low);
    assert_eq!(options.config, Config::File("p.yaml".into()));
    assert_eq!(scan("--fail-on never").fail_on, Some(FailOn::Never));
}

#[test]
fn the_main_report_steps_aside_only_for_one_on_standard_output() {
    for (line, expected) in [
        ("", "text:-"),
        ("-f json", "json:-"),
        ("-o out.txt", "text:out.txt"),
        ("-o -", "text:-"),
        ("--report sarif=a.sarif", "text:- sarif:a.sarif"),
        ("--report sarif=-", "sarif:-"),
        ("-o a.txt --report sarif=-", "text:a.txt sarif:-"),
        ("--report json=a=b", "text:- json:a=b"),
    ] {
        let got: Vec<String> = reports(line)
            .unwrap()
            .into_iter()
            .map(|(format, path)| format!("{format}:{path}"))
            .collect();
        assert_eq!(got.join(" "), expected, "{line}");
    }
}

#[test]
fn two_reports_never_go_to_one_place() {
    for (line, place) in [
        ("-f json --report sarif=-", "standard output"),
        ("--report json=a --report sarif=a", "a"),
        ("-o a --report sarif=a", "a"),
    ] {
        assert_eq!(
            reports(line),
            Err(format!("two reports would go to {place}")),
            "{line}"
        );
    }
}

#[test]
fn no_config_then_config_then_the_environment_name_the_policy_file() {
    for (line, variable, expected) in [
        ("rules list", None, Config::WorkingDirectory),
        ("rules list", Some("e.yaml"), Config::File("e.yaml".into())),
        (
            "rules list -c a.yaml",
            Some("e.yaml"),
            Config::File("a.yaml".into()),
        ),
        ("rules list --no-config", Some("e.yaml"), Config::None),
    ] {
        match planned(line, variable) {
            Ok(Plan::App(Command::Rules(options))) => {
                assert_eq!(options.config, expected, "{line}");
                assert_eq!(options.action, RulesAction::List);
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn quiet_and_verbose_may_stand_before_or_behind_the_command() {
    for (line, expected) in [
        ("scan", Verbosity::Normal),
        ("-q scan", Verbosity::Quiet),
        ("scan -q", Verbosity::Quiet),
        ("scan -v", Verbosity::Verbose),
    ] {
        assert_eq!(verbosity(&parsed(line)), expected, "{line}");
    }
}

#[test]
fn a_hook_takes_names_or_the_index_or_what_it_is_told() {
    use HookInput::{Index, Names, Push, Receive};
    let origin = || Push(Some("origin".to_owned()));
    for (line, expected, names) in [
        ("", Index, ""),
        ("-f json", Index, ""),
        ("a -f json", Names, "a -f json"),
        ("-- -q install", Names, "-q install"),
        ("-odd b", Names, "-odd b"),
        ("a install", Names, "a install"),
        ("--pre-push", Push(None), ""),
        ("--pre-push=", Push(None), ""),
        ("--pre-push=origin", origin(), ""),
        ("--pre-receive", Receive, ""),
    ] {
        match planned(&format!("hook {line}"), None) {
            Ok(Plan::App(Command::Hook(HookOptions::Search { scan, input }))) => {
                assert_eq!(input, expected, "{line}");
                let got: Vec<_> = scan.paths.iter().map(|p| p.to_str().unwrap()).collect();
                assert_eq!(got.join(" "), names, "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn a_hook_is_installed_for_commits_unless_another_is_named() {
    for (line, expected) in [
        ("install", None),
        ("install --kind pre-commit", Some(HookKind::Commit)),
        ("install --kind pre-push", Some(HookKind::Push)),
        ("install --kind pre-receive", Some(HookKind::Receive)),
    ] {
        match planned(&format!("hook {line}"), None) {
            Ok(Plan::App(Command::Hook(HookOptions::Install(place)))) => {
                assert_eq!(place.kind, expected, "{line}");
                assert_eq!(place.program, Some(PathBuf::from("/bin/credlint")));
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for line in [
        "",
        "scan --threads 0",
        "scan --fail-on sometimes",
        "scan --as-of 2027-02-30",
        "scan --report sarif",
        "scan --report sarif=",
        "scan --report xml=a",
        "scan -c a --no-config",
        "scan -q -v",
        "scan --min-confidence certain",
        "explain",
        "rules",
        "hook --pre-push a",
        "hook --pre-receive a",
        "hook --pre-push --pre-receive",
        "hook install a",
        "hook install --kind commit-msg",
    ] {
        let words = std::iter::once("credlint").chain(line.split_whitespace());
        assert!(Cli::try_parse_from(words).is_err(), "{line}");
    }
}

#[test]
fn a_baseline_says_until_when_or_that_there_is_no_end() {
    let answer = |line: &str| match planned(line, None) {
        Ok(Plan::App(Command::Baseline(options))) => match options.action {
            BaselineAction::Write(answer) | BaselineAction::Update(answer) => Some(answer.expires),
            BaselineAction::Prune => None,
        },
        other => panic!("{line}: {other:?}"),
    };
    let day = "2027-03-31".parse().unwrap();
    for (line, expires) in [
        (
            "write --owner o --reason r --expires 2027-03-31",
            Some(When::Known(day)),
        ),
        ("update --owner o --reason r --no-expiry", Some(When::Never)),
        ("prune", None),
    ] {
        assert_eq!(answer(&format!("baseline {line}")), expires, "{line}");
    }
    for line in [
        "write --owner o --reason r",
        "write --owner o --reason r --no-expiry --expires 2027-03-31",
        "update --reason r --no-expiry",
        "write --owner o --no-expiry",
    ] {
        let words = format!("credlint baseline {line}");
        assert!(Cli::try_parse_from(words.split(' ')).is_err(), "{line}");
    }
}
