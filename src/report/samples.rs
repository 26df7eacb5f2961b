//! Reports for tests: made by hand, small, and together holding everything a report can hold.

use std::path::Path;
use std::sync::Arc;

use crate::model::{
    Cause, CommitRef, Confidence, Evidence, Finding, FingerprintBuilder, Frame, Grade, InTip,
    Instant, Location, ObjectId, Problem, ProblemKind, Region, RuleId, ScanPath, Secret, Severity,
    Subject, When,
};
use crate::report::{
    Coverage, ExportInput, NotEvaluated, PolicyInfo, Report, RuleOutcome, VERSION,
};
use crate::rule::{ControlRef, Frameworks, RuleKind, RuleMeta, Status, Told};
use crate::triage::{Acceptance, Acceptor, Findings, Judged, Verdict};

/// A value that no report may hold. Put together here, so that no scanner takes this file for a
/// leak.
pub(crate) fn secret_value() -> String {
    format!("{}_{}", "ghp", "Zq7".repeat(12))
}

/// Characters that have done harm somewhere: quotes, controls, direction marks, markup, escapes.
pub(crate) const HOSTILE: &str = "\u{1b}[31m\"q\" 'é日本👩‍💻\u{202e}\u{9b}2J\u{0}\r\n\t<b>[x](http://e.vil) {0} %41 \\ \u{feff}\u{7f}";

pub(crate) fn day(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn rule(id: &str, severity: Severity, kind: RuleKind) -> Arc<RuleMeta> {
    let control = |framework: &str, control: &str| ControlRef {
        framework: framework.to_owned().into(),
        control: control.to_owned().into(),
    };
    Arc::new(RuleMeta {
        id: RuleId::new(id),
        severity,
        default_severity: severity,
        confidence: Confidence::High,
        kind,
        told: Told {
            title: format!("Title of {id}").into(),
            description: format!("Why {id} matters.\nHow it is decided.").into(),
            status: Status::Stable,
            controls: vec![control("cwe", "CWE-79"), control("pci-dss-4.0", "8.3.9")],
            tags: vec!["security".into(), "password".into()],
            remediation: "Clear the flag,\nthen expire the password.".into(),
            references: vec![
                "https://example.com/read on".into(),
                "https://example.com/a".into(),
            ],
        }
        .into(),
    })
}

pub(crate) fn at(path: &str, line: u32) -> Location {
    Location {
        path: ScanPath::new(Path::new(path)),
        region: Region {
            start_line: line,
            start_column: 1,
            end_line: line,
            end_column: 60,
        },
    }
}

pub(crate) fn org_finding(rule: &str, severity: Severity, name: &str, line: u32) -> Finding {
    let mut fingerprint = FingerprintBuilder::new(rule);
    fingerprint.part(name.as_bytes()).part(&line.to_le_bytes());
    Finding {
        rule: RuleId::new(rule),
        severity,
        confidence: Confidence::High,
        grade: Some(Grade::Direct),
        message: format!("{name} is active and its password never expires"),
        subject: Subject {
            platform: "salesforce".into(),
            kind: "salesforce.user".into(),
            id: format!("005{line:04}"),
            name: name.to_owned(),
        },
        location: at("exports/users.csv", line),
        places: Vec::new(),
        causes: Vec::new(),
        evidence: vec![
            Evidence {
                field: "username".into(),
                value: name.into(),
            },
            Evidence {
                field: "last_login".into(),
                value: "".into(),
            },
        ],
        fingerprint: fingerprint.finish(),
        identifiers: Vec::new(),
        line_hash: None,
        secret: None,
        frame: None,
        commit: None,
        allow: None,
        waivers: Vec::new(),
    }
}

pub(crate) fn source_finding(path: &str, line: u32) -> Finding {
    let secret = Secret::new(secret_value().as_bytes());
    let hint = secret.hint();
    let mut finding = org_finding("secret.github-token", Severity::Critical, path, line);
    finding.grade = None;
    finding.message = format!("GitHub token {hint}");
    finding.subject = Subject {
        platform: "source".into(),
        kind: "secret".into(),
        id: "b0b0".to_owned(),
        name: hint.clone(),
    };
    finding.location = Location {
        path: ScanPath::new(Path::new(path)),
        region: Region {
            start_line: line,
            start_column: 9,
            end_line: line,
            end_column: 49,
        },
    };
    finding.evidence = Vec::new();
    finding.frame = Some(Box::new(Frame {
        text: format!("\t日本 = \"{hint}\""),
        start: 7,
        length: hint.chars().count(),
    }));
    finding.line_hash = Some("39fa2ee980eb94b0:1".to_owned());
    finding.secret = Some(secret);
    finding
}

pub(crate) fn open(finding: Finding) -> Judged {
    Judged {
        finding: Box::new(finding),
        verdict: Arc::new(Verdict::Open),
    }
}

fn acceptance(by: Acceptor, owner: Option<&str>, reason: &str, expires: When) -> Acceptance {
    Acceptance {
        by,
        owner: owner.map(str::to_owned),
        reason: reason.to_owned(),
        expires,
    }
}

pub(crate) fn waived(finding: Finding) -> Judged {
    let until = When::Known(day("2027-01-01"));
    let by = Acceptor::Waiver("w-7".to_owned());
    let waiver = acceptance(by, Some("Ann Smith"), "vendor migration", until);
    Judged {
        finding: Box::new(finding),
        verdict: Arc::new(Verdict::Accepted(waiver)),
    }
}

pub(crate) fn ended(finding: Finding) -> Judged {
    let until = When::Known(day("2026-10-01"));
    let by = Acceptor::Waiver("w-3".to_owned());
    let waiver = acceptance(by, Some("Bob Jones"), "long gone", until);
    Judged {
        finding: Box::new(finding),
        verdict: Arc::new(Verdict::Lapsed(waiver)),
    }
}

/// Findings that are known from before, in every way that there is, and one whose line ended.
pub(crate) fn known() -> Vec<Judged> {
    let line = |expires| {
        let reason = "there before credlint";
        acceptance(Acceptor::Baseline, Some("Cy Young"), reason, expires)
    };
    let commit = || {
        let id = Acceptor::Commit("8f3a".repeat(10));
        acceptance(id, None, "main has it too", When::Never)
    };
    let verdicts = [
        Verdict::Accepted(line(When::Known(day("2027-05-01")))),
        Verdict::Accepted(line(When::Never)),
        Verdict::Accepted(commit()),
        Verdict::Lapsed(line(When::Known(day("2026-11-01")))),
    ];
    let findings = (1..).map(|line| org_finding("token.idle", Severity::Info, "old", line));
    let judged = verdicts.into_iter().zip(findings);
    judged
        .map(|(verdict, finding)| Judged {
            finding: Box::new(finding),
            verdict: Arc::new(verdict),
        })
        .collect()
}

pub(crate) fn outcome(rule: &str, fails: u64, passes: u64, why: &[(&str, u64)]) -> RuleOutcome {
    RuleOutcome {
        rule: RuleId::new(rule),
        fails,
        passes,
        not_evaluated: why
            .iter()
            .map(|(reason, n)| NotEvaluated {
                reason: (*reason).to_owned(),
                subjects: *n,
            })
            .collect(),
    }
}

/// Nothing found, everything checked.
pub(crate) fn empty() -> Report {
    Report {
        as_of: day("2026-11-20"),
        findings: Findings::default(),
        problems: Vec::new(),
        outcomes: vec![outcome("secret.github-token", 0, 3, &[])],
        rules: vec![rule(
            "secret.github-token",
            Severity::Critical,
            RuleKind::Secret,
        )],
        exports: Vec::new(),
        coverage: Coverage {
            targets: std::collections::BTreeSet::new(),
            files: 3,
            bytes: 1_234,
            searched: 3,
            records: 0,
            left_out: Vec::new(),
        },
        policy: PolicyInfo {
            file: None,
            sha256: "ab".repeat(32),
            disabled: Vec::new(),
        },
        notes: Vec::new(),
        fail_on: Severity::High,
        parts: Vec::new(),
        frameworks: Frameworks::default(),
        runbooks: crate::inventory::Runbooks::default(),
        inventory: None,
        version: VERSION.to_owned(),
        trend: None,
    }
}

fn users() -> ExportInput {
    ExportInput {
        path: "exports/users.csv".to_owned(),
        sources: vec!["salesforce.user".to_owned()],
        bytes: 3_400_000,
        rows: 1_202,
        sha256: Some("cd".repeat(32)),
        newest: None,
    }
}

/// Both halves, every verdict, an input that could not be checked, rules not evaluated.
pub(crate) fn typical() -> Report {
    let user = || RuleKind::Record("salesforce.user".into());
    let mut causes = org_finding("pw.never-expires", Severity::Critical, "svc.erp", 42);
    causes.causes = vec![
        Cause {
            text: "profile Integration sets it".to_owned(),
            location: Some(at("exports/profiles.csv", 3)),
        },
        Cause {
            text: "the policy of the organisation allows it".to_owned(),
            location: None,
        },
    ];
    let mut spread = source_finding("src/app config.py", 12);
    spread.places = (1..=7).map(|line| at("src/copy.py", line)).collect();
    spread.commit = ObjectId::from_hex("0123456789abcdef".repeat(4).as_bytes()).map(|id| {
        Box::new(CommitRef {
            order: 0,
            id,
            authored: day("2025-02-03"),
            in_tip: InTip::OtherBranch,
        })
    });
    let mut report = empty();
    let findings = vec![
        open(causes),
        waived(org_finding(
            "pw.never-expires",
            Severity::Critical,
            "svc.old",
            43,
        )),
        open(spread),
        ended(org_finding("app.secret-age", Severity::Medium, "etl", 7)),
    ];
    report.findings = findings.into_iter().chain(known()).collect();
    report.rules = vec![
        rule("app.secret-age", Severity::Medium, user()),
        rule(
            "nc.unused",
            Severity::Medium,
            RuleKind::Record("salesforce.callout".into()),
        ),
        rule("pw.never-expires", Severity::Critical, user()),
        rule("secret.github-token", Severity::Critical, RuleKind::Secret),
        rule("token.idle", Severity::Info, user()),
    ];
    report.outcomes = vec![
        outcome(
            "app.secret-age",
            1,
            2,
            &[("exports/apps.csv has no column Rotated", 4)],
        ),
        outcome("nc.unused", 0, 0, &[("no export of salesforce.callout", 0)]),
        outcome("pw.never-expires", 2, 1_200, &[]),
        outcome("secret.github-token", 8, 31, &[]),
        outcome("token.idle", 0, 0, &[]),
    ];
    report.problems = vec![
        Problem {
            path: None,
            line: None,
            kind: ProblemKind::MissingTarget,
            message: "nowhere does not exist".to_owned(),
        },
        Problem {
            path: Some(ScanPath::new(Path::new("exports/cut.json"))),
            line: Some(9),
            kind: ProblemKind::Truncated,
            message: "the file ends inside a record".to_owned(),
        },
    ];
    report.exports = vec![users()];
    report.coverage = Coverage {
        targets: ["exports".to_owned(), "src".to_owned()].into(),
        files: 41,
        bytes: 3_456_789,
        searched: 39,
        records: 1_202,
        left_out: vec![("binary".to_owned(), 2)],
    };
    report.policy.file = Some("credlint.yaml".to_owned());
    report.policy.disabled = vec![(RuleId::new("src.todo"), "too noisy for us".to_owned())];
    report.notes = vec!["waiver w-9 matched nothing".to_owned()];
    report
}

/// Every text that an input can decide holds everything hostile.
pub(crate) fn hostile() -> Report {
    let text = || HOSTILE.to_owned();
    let mut report = typical();
    let findings = std::mem::take(&mut report.findings)
        .into_vec()
        .unwrap()
        .into_iter();
    let findings = findings.map(|mut judged| {
        let finding = &mut judged.finding;
        finding.message = text();
        finding.subject.name = text();
        finding.subject.id = text();
        finding.location.path = ScanPath::new(Path::new(&format!("a b/{HOSTILE}:c#?")));
        finding.location.region = Region {
            start_line: 0,
            start_column: 0,
            end_line: 0,
            end_column: 0,
        };
        finding.places = vec![finding.location.clone()];
        finding.causes = vec![Cause {
            text: text(),
            location: Some(finding.location.clone()),
        }];
        finding.evidence = vec![Evidence {
            field: text().into(),
            value: text().into(),
        }];
        let mut verdict = (*judged.verdict).clone();
        if let Verdict::Accepted(by) | Verdict::Lapsed(by) = &mut verdict {
            by.reason = text();
            by.owner = by.owner.as_ref().map(|_| text());
        }
        judged.verdict = Arc::new(verdict);
        finding.frame = Some(Box::new(Frame {
            text: text(),
            start: 3,
            length: usize::MAX,
        }));
        judged
    });
    report.findings = findings.collect();
    for problem in &mut report.problems {
        problem.path = Some(ScanPath::new(Path::new(HOSTILE)));
        problem.message = text();
    }
    for outcome in &mut report.outcomes {
        outcome.not_evaluated = vec![NotEvaluated {
            reason: text(),
            subjects: 1,
        }];
    }
    report.exports = vec![ExportInput {
        path: text(),
        sources: vec![text()],
        bytes: u64::MAX,
        rows: u64::MAX,
        sha256: None,
        newest: None,
    }];
    report.coverage.bytes = u64::MAX;
    report.coverage.left_out = vec![(text(), u64::MAX)];
    report.policy.file = Some(text());
    report.policy.disabled = vec![(RuleId::new("x"), text())];
    report.notes = vec![text()];
    report
}

/// One critical finding, the rest medium.
pub(crate) fn many(count: u32) -> Report {
    let mut report = typical();
    report.findings = (0..count)
        .map(|n| match n {
            0 => open(source_finding("src/main.py", 1)),
            n => open(org_finding(
                "app.secret-age",
                Severity::Medium,
                &format!("user{n}"),
                n,
            )),
        })
        .collect();
    report
}

/// The first finding of a report.
pub(crate) fn first(report: &Report) -> Judged {
    report.findings.iter().next().unwrap().into_owned()
}
