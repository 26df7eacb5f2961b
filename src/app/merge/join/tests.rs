use std::path::Path;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};

use super::join;
use crate::inventory::Runbooks;
use crate::model::{
    Cause, CommitRef, Confidence, Finding, FingerprintBuilder, InTip, Instant, Location, ObjectId,
    Problem, ProblemKind, Region, RuleId, ScanPath, Severity, Subject, When,
};
use crate::report::{Coverage, NotEvaluated, PolicyInfo, Report, RuleOutcome, Style, json, saved};
use crate::rule::{Frameworks, RuleKind, RuleMeta, Status, Told};
use crate::triage::{Acceptance, Acceptor, Findings, Judged, Verdict};

fn bytes(report: &Report) -> String {
    let mut out = Vec::new();
    json::write(report, &Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// As a file would give it back.
fn saved(report: &Report) -> Report {
    saved::read(bytes(report).as_bytes()).unwrap()
}

fn merged(reports: &[&Report]) -> Report {
    join(reports.iter().map(|report| saved(report)).collect())
        .unwrap()
        .unwrap()
}

fn at(path: u8, line: u32) -> Location {
    Location {
        path: ScanPath::new(Path::new(&format!("f{path}"))),
        region: Region {
            start_line: line,
            end_line: line,
            ..Region::WHOLE_FILE
        },
    }
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    let acceptance = |by, expires| Acceptance {
        by,
        owner: Some("o".to_owned()),
        reason: "r".to_owned(),
        expires,
    };
    let day = |n: i64| When::Known(Instant::from_seconds(n * 86_400));
    prop_oneof![
        Just(Verdict::Open),
        (0i64..5, select(vec!["w1", "w2"])).prop_map(move |(end, id)| {
            Verdict::Accepted(acceptance(Acceptor::Waiver(id.to_owned()), day(end + 5)))
        }),
        (0i64..5).prop_map(move |end| {
            Verdict::Lapsed(acceptance(Acceptor::Waiver("w1".to_owned()), day(end)))
        }),
        Just(Verdict::Accepted(acceptance(
            Acceptor::Baseline,
            When::Never
        ))),
        Just(Verdict::Lapsed(acceptance(Acceptor::Baseline, day(1)))),
        Just(Verdict::Accepted(Acceptance {
            by: Acceptor::Commit("c".repeat(40)),
            owner: None,
            reason: "base".to_owned(),
            expires: When::Never,
        })),
    ]
}

fn findings() -> impl Strategy<Value = Judged> {
    let what = (0u8..3, 0u8..3, 1u32..4, any::<bool>(), 0u8..3);
    (what, verdicts(), 0i64..3).prop_map(|((id, path, line, severe, places), verdict, commit)| {
        let mut fingerprint = FingerprintBuilder::new("r");
        fingerprint.part(&[id]);
        let authored = Instant::from_seconds(commit);
        let finding = Finding {
            rule: RuleId::new("r1"),
            severity: if severe {
                Severity::High
            } else {
                Severity::Low
            },
            confidence: Confidence::High,
            grade: None,
            message: format!("m{line}"),
            subject: Subject {
                platform: "p".into(),
                kind: "k".into(),
                id: id.to_string(),
                name: format!("n{path}"),
            },
            location: at(path, line),
            places: (0..places).map(|n| at(n, 9)).collect(),
            causes: vec![Cause {
                text: format!("c{path}"),
                location: (line > 2).then(|| at(path, line)),
            }],
            evidence: Vec::new(),
            fingerprint: fingerprint.finish(),
            identifiers: Vec::new(),
            line_hash: None,
            secret: None,
            frame: None,
            commit: (commit > 0).then(|| {
                Box::new(CommitRef {
                    order: 0,
                    id: ObjectId::from_hex("ab".repeat(20).as_bytes()).unwrap(),
                    authored,
                    in_tip: InTip::Yes,
                })
            }),
            allow: None,
            waivers: Vec::new(),
        };
        Judged {
            finding: Box::new(finding),
            verdict: Arc::new(verdict),
        }
    })
}

fn rule(id: &str, title: u8) -> Arc<RuleMeta> {
    Arc::new(RuleMeta {
        id: RuleId::new(id),
        severity: Severity::High,
        default_severity: Severity::High,
        confidence: Confidence::High,
        kind: RuleKind::Secret,
        told: Told {
            title: format!("t{title}").into(),
            description: "".into(),
            status: Status::Stable,
            controls: Vec::new(),
            tags: Vec::new(),
            remediation: "".into(),
            references: Vec::new(),
        }
        .into(),
    })
}

fn reports() -> impl Strategy<Value = Report> {
    let rules = vec(
        (0u8..2, 0u64..3, 0u64..3, vec((0u8..3, 0u64..3), 0..3)),
        1..3,
    );
    let rest = (
        0i64..4,
        0u64..3,
        0u8..2,
        vec(0u8..2, 0..2),
        select(Severity::ALL),
    );
    (vec(findings(), 0..5), rules, rest).prop_map(|(mut findings, rules, rest)| {
        let (day, files, policy, problems, fail_on) = rest;
        // A scan has one finding of each fingerprint.
        findings.sort_by_key(|judged| judged.finding.fingerprint);
        findings.dedup_by_key(|judged| judged.finding.fingerprint);
        let ids = ["r1", "r2"];
        let outcomes = ids
            .iter()
            .zip(&rules)
            .map(|(id, (_, fails, passes, reasons))| {
                let mut reasons: Vec<_> = reasons
                    .iter()
                    .map(|(reason, subjects)| NotEvaluated {
                        reason: format!("reason {reason}"),
                        subjects: *subjects,
                    })
                    .collect();
                reasons.sort();
                reasons.dedup_by(|a, b| a.reason == b.reason);
                RuleOutcome {
                    rule: RuleId::new(id),
                    fails: *fails,
                    passes: *passes,
                    not_evaluated: reasons,
                }
            });
        Report {
            as_of: Instant::from_seconds((day + 5) * 86_400),
            findings: findings.into_iter().collect(),
            problems: problems
                .into_iter()
                .map(|n| Problem {
                    path: None,
                    line: None,
                    kind: ProblemKind::NoInput,
                    message: n.to_string(),
                })
                .collect(),
            outcomes: outcomes.collect(),
            rules: ids
                .iter()
                .zip(&rules)
                .map(|(id, (title, ..))| rule(id, *title))
                .collect(),
            exports: Vec::new(),
            coverage: Coverage {
                targets: (0..files % 3).map(|n| n.to_string()).collect(),
                files,
                left_out: vec![("binary".to_owned(), files)],
                ..Coverage::default()
            },
            policy: PolicyInfo {
                file: Some(format!("{policy}.yaml")),
                sha256: format!("{policy}").repeat(64),
                disabled: Vec::new(),
            },
            notes: Vec::new(),
            fail_on,
            parts: Vec::new(),
            frameworks: Frameworks::default(),
            runbooks: Runbooks::default(),
            inventory: None,
            version: String::new(),
            trend: None,
        }
    })
}

proptest! {
    #[test]
    fn order_grouping_and_repetition_change_no_byte(a in reports(), b in reports(), c in reports()) {
        let flat = bytes(&merged(&[&a, &b, &c]));
        prop_assert_eq!(&flat, &bytes(&merged(&[&c, &a, &b])));
        prop_assert_eq!(&flat, &bytes(&merged(&[&merged(&[&a, &b]), &c])));
        prop_assert_eq!(&flat, &bytes(&merged(&[&a, &merged(&[&c, &b])])));
        prop_assert_eq!(&flat, &bytes(&merged(&[&merged(&[&a, &b]), &merged(&[&b, &c])])));
        prop_assert_eq!(&flat, &bytes(&merged(&[&a, &b, &b, &c, &a])));
        let whole = merged(&[&a, &b, &c]);
        prop_assert_eq!(&flat, &bytes(&merged(&[&whole])));
        prop_assert_eq!(&flat, &bytes(&merged(&[&whole, &b])));
    }

    #[test]
    fn nothing_that_counts_is_lost(a in reports(), b in reports()) {
        let whole = merged(&[&a, &b]);
        for one in [&a, &b] {
            for judged in &one.findings {
                let found = whole.findings.iter();
                let mut found = found.filter(|j| j.finding.fingerprint == judged.finding.fingerprint);
                let found = found.next().unwrap();
                assert!(!judged.counts() || found.counts());
                assert!(found.finding.severity >= judged.finding.severity);
            }
            assert!(one.problems.iter().all(|problem| whole.problems.contains(problem)));
            assert!(!one.complete() || whole.problems.len() == a.problems.len().max(b.problems.len())
                || !a.complete() || !b.complete());
        }
        let files = if bytes(&a) == bytes(&b) { a.coverage.files } else { a.coverage.files + b.coverage.files };
        prop_assert_eq!(whole.coverage.files, files);
    }
}

#[test]
fn a_shard_without_what_a_rule_looks_at_leaves_nothing_open() {
    let part = |passes, why: Option<(&str, u64)>, files| {
        let why = why.map(|(reason, subjects)| NotEvaluated {
            reason: reason.to_owned(),
            subjects,
        });
        Report {
            as_of: Instant::from_seconds(0),
            findings: Findings::default(),
            problems: Vec::new(),
            outcomes: vec![RuleOutcome {
                rule: RuleId::new("r1"),
                fails: 0,
                passes,
                not_evaluated: why.into_iter().collect(),
            }],
            rules: vec![rule("r1", 0)],
            exports: Vec::new(),
            coverage: Coverage {
                files,
                ..Coverage::default()
            },
            policy: PolicyInfo {
                file: None,
                sha256: "0".repeat(64),
                disabled: Vec::new(),
            },
            notes: Vec::new(),
            fail_on: Severity::High,
            parts: Vec::new(),
            frameworks: Frameworks::default(),
            runbooks: Runbooks::default(),
            inventory: None,
            version: String::new(),
            trend: None,
        }
    };
    let judged = part(7, None, 1);
    let without = part(0, Some(("no export", 0)), 2);
    let in_doubt = part(0, Some(("users.csv has no column X", 4)), 3);
    let reasons = |reports: &[&Report]| {
        let merged = merged(reports);
        let why = merged.outcomes[0].not_evaluated.iter();
        why.map(|why| why.reason.clone()).collect::<Vec<_>>()
    };
    assert!(reasons(&[&judged, &without]).is_empty());
    assert_eq!(reasons(&[&without]), ["no export"]);
    assert_eq!(
        reasons(&[&judged, &without, &in_doubt]),
        ["users.csv has no column X"]
    );
    assert_eq!(merged(&[&judged, &without]).outcomes[0].passes, 7);
}
