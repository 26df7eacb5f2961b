use std::collections::BTreeSet;

use super::{Past, Run};
use crate::model::{Instant, Problem, ProblemKind, Severity};
use crate::report::samples::{
    day, empty, open, org_finding, outcome, rule, source_finding, waived,
};
use crate::report::{ExportInput, First, Report, Since, Trend};
use crate::rule::RuleKind;
use crate::triage::Judged;

const RULE: &str = "pw.never-expires";

/// A result of a day, for which everything was checked.
fn result(as_of: &str, findings: Vec<Judged>) -> Report {
    let mut report = empty();
    report.as_of = day(as_of);
    report.rules.insert(
        0,
        rule(
            RULE,
            Severity::High,
            RuleKind::Record("salesforce.user".into()),
        ),
    );
    report.outcomes.insert(0, outcome(RULE, 1, 9, &[]));
    report.findings = findings.into_iter().collect();
    report
}

fn user(name: &str) -> Judged {
    open(org_finding(RULE, Severity::High, name, 1))
}

fn users(names: &[&str]) -> Vec<Judged> {
    names.iter().map(|name| user(name)).collect()
}

fn export(path: &str) -> ExportInput {
    ExportInput {
        path: path.to_owned(),
        sources: vec!["salesforce.user".to_owned()],
        bytes: 1,
        rows: 1,
        sha256: None,
        newest: None,
    }
}

fn problem() -> Problem {
    Problem {
        path: None,
        line: None,
        kind: ProblemKind::Truncated,
        message: "cut".to_owned(),
    }
}

fn trend(results: &[Report]) -> Trend {
    let mut run = Run::default();
    results.iter().for_each(|report| run.step(Past::of(report)));
    run.finish()
}

fn since(new: u64, fixed: u64, unproven: u64, still: u64, accepted: u64) -> Option<Since> {
    Some(Since {
        new,
        fixed,
        unproven,
        still,
        accepted,
    })
}

fn first(trend: &Trend, judged: &Judged) -> Option<First> {
    trend.first.get(&judged.finding.fingerprint).copied()
}

const DAYS: [&str; 4] = ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"];

#[test]
fn what_is_new_fixed_accepted_and_open_is_told_result_by_result() {
    let old = || waived(org_finding(RULE, Severity::High, "old", 1));
    let again = open(org_finding(RULE, Severity::High, "old", 1));
    let trend = trend(&[
        result(DAYS[0], vec![user("a"), user("b"), old()]),
        result(DAYS[1], vec![user("a"), user("c"), old()]),
        result(
            DAYS[2],
            vec![
                user("b"),
                waived(org_finding(RULE, Severity::High, "c", 1)),
                again,
            ],
        ),
    ]);
    let told: Vec<_> = trend.points.iter().map(|point| point.since).collect();
    let expected = [None, since(1, 1, 0, 1, 0), since(2, 1, 0, 0, 1)];
    assert_eq!(told, expected);
    assert!(trend.points.iter().all(|point| point.doubts.is_empty()));
    let open: Vec<_> = trend
        .points
        .iter()
        .map(|p| (p.total(), p.accepted))
        .collect();
    assert_eq!(open, [(2, 1), (2, 1), (2, 1)]);
    let at = |point, again| Some(First { point, again });
    assert_eq!(first(&trend, &user("b")), at(2, true));
    assert_eq!(first(&trend, &user("c")), at(1, false));
    assert_eq!(first(&trend, &old()), at(0, false));
    assert_eq!(first(&trend, &user("a")), None, "it is fixed");
}

/// A result that saw less is no progress, and what it did not see is not new when it comes back.
#[test]
fn what_an_incomplete_result_lacks_is_neither_fixed_nor_new_again() {
    let both = ["a", "b"];
    let mut cut = result(DAYS[1], users(&["a"]));
    cut.problems.push(problem());
    let mut part = result(DAYS[1], users(&["a"]));
    part.outcomes[0] = outcome(RULE, 1, 9, &[("no column", 3)]);
    let mut off = result(DAYS[1], Vec::new());
    (off.rules, off.outcomes) = (Vec::new(), Vec::new());
    for (less, lacks) in [(cut, 1), (part, 1), (off, 2)] {
        let trend = trend(&[
            result(DAYS[0], users(&both)),
            less,
            result(DAYS[2], users(&both)),
            result(DAYS[3], Vec::new()),
        ]);
        let told: Vec<_> = trend.points.iter().map(|point| point.since).collect();
        let expected = [
            None,
            since(0, 0, lacks, 2 - lacks, 0),
            since(0, 0, 0, 2, 0),
            since(0, 2, 0, 0, 0),
        ];
        assert_eq!(told, expected);
        assert!(!trend.points[1].doubts.is_empty());
    }
}

#[test]
fn an_export_that_is_missing_goes_on_being_missed() {
    let of = |as_of, exports: &[&str], names: &[&str]| {
        let mut report = result(as_of, Vec::new());
        report.exports = exports.iter().map(|path| export(path)).collect();
        let findings = names.iter().map(|name| {
            let mut judged = user(name);
            let file = format!("{name}.csv");
            judged.finding.location = crate::report::samples::at(&file, 1);
            judged
        });
        report.findings = findings.collect();
        report
    };
    let trend = trend(&[
        of(DAYS[0], &["eu.csv", "us.csv"], &["eu", "us"]),
        of(DAYS[1], &["us.csv"], &["us"]),
        of(DAYS[2], &["us.csv"], &["us"]),
        // Called otherwise, but as many as there should be.
        of(DAYS[3], &["us.csv", "europe.csv"], &["us"]),
    ]);
    let told: Vec<_> = trend.points.iter().map(|point| point.since).collect();
    let expected = [
        None,
        since(0, 0, 1, 1, 0),
        since(0, 0, 1, 1, 0),
        since(0, 1, 0, 1, 0),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        trend.points[1].doubts,
        [
            "1 finding is gone without proof that it is fixed",
            "without the export: eu.csv"
        ]
    );
    assert!(trend.points[3].doubts.is_empty());
}

#[test]
fn a_tree_that_is_not_looked_at_has_not_been_cleaned() {
    let of = |as_of, targets: &[&str], files: &[&str]| {
        let mut report = result(as_of, Vec::new());
        report.coverage.targets = targets.iter().map(|t| (*t).to_owned()).collect();
        report.findings = files
            .iter()
            .map(|file| open(source_finding(file, 1)))
            .collect();
        report
    };
    let files = ["api/a.py", "web/b.py"];
    for (targets, gone) in [
        (&["api"][..], since(0, 0, 1, 1, 0)),
        (&["api", "web/a"], since(0, 0, 1, 1, 0)),
        (&["api", "web/b.py"], since(0, 1, 0, 1, 0)),
        (&["."], since(0, 1, 0, 1, 0)),
        (&[], since(0, 1, 0, 1, 0)),
    ] {
        let trend = trend(&[
            of(DAYS[0], &["."], &files),
            of(DAYS[1], targets, &files[..1]),
        ]);
        assert_eq!(trend.points[1].since, gone, "{targets:?}");
    }
}

#[test]
fn results_that_have_nothing_in_common_are_not_compared() {
    let names: Vec<String> = (0..10).map(|n| format!("user{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let doubts = |then: &[&str]| {
        let trend = trend(&[
            result(DAYS[0], users(then)),
            result(DAYS[1], users(&["other"])),
        ]);
        let point = &trend.points[1];
        (point.since, point.doubts.join("; "))
    };
    let (changed, why) = doubts(&names);
    assert_eq!(changed, since(1, 0, 10, 0, 0));
    assert!(why.contains("another organisation"), "{why}");
    // A few may all have been fixed.
    assert_eq!(doubts(&names[..9]), (since(1, 9, 0, 0, 0), String::new()));
}

#[test]
fn other_rules_versions_and_fewer_files_are_told() {
    let mut before = result(DAYS[0], Vec::new());
    before.coverage.searched = 100;
    let mut after = result(DAYS[1], Vec::new());
    after.coverage.searched = 49;
    after.policy.sha256 = "cd".repeat(32);
    after.version = "9.9.9".to_owned();
    let version = before.version.clone();
    let trend = trend(&[before, after]);
    assert_eq!(
        trend.points[1].doubts,
        [
            "49 files searched for secrets, 100 before".to_owned(),
            "other rules, or another policy, than before".to_owned(),
            format!("made by version 9.9.9, before by {version}"),
        ]
    );
    assert!(trend.points[0].doubts.is_empty());
}

#[test]
fn words_name_days_and_times_where_two_are_of_one_day() {
    let times = ["2026-11-01T08:00:00Z", "2026-11-01T09:00:00Z", "2026-11-02"];
    let results = times.map(|time| result(time, users(&["a"])));
    let trend = trend(&results);
    let called: BTreeSet<String> = (0..3).map(|index| trend.called(index)).collect();
    let expected = ["2026-11-01T08:00:00Z", "2026-11-01T09:00:00Z", "2026-11-02"];
    assert_eq!(called, expected.map(str::to_owned).into());
    assert_eq!(
        trend.in_words().as_deref(),
        Some("since 2026-11-01T09:00:00Z: 0 new, 0 fixed, 1 still open")
    );
    let known = trend.known_since(user("a").finding.fingerprint);
    assert_eq!(known.as_deref(), Some("2026-11-01T08:00:00Z or before"));
    let at: Instant = day(DAYS[0]);
    let same = super::tests::trend(&[result(DAYS[0], Vec::new()), result(DAYS[0], Vec::new())]);
    assert_eq!(same.points[1].as_of, at);
    assert_eq!(same.called(0), at.text());
    assert_eq!(same.called(1), format!("{at} (this report)"));
}
