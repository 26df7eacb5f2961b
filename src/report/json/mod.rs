//! The versioned JSON report, `schema/credlint-report-v1.schema.json`: everything that the scan
//! knows, streamed, one finding per line. Its types are its own, so that a change of the domain
//! types cannot change the format unseen.

mod finding;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

pub(super) use self::finding::{Entry, finding};

use self::finding::Findings;
use super::lines::{self, Each, Shown};
use super::{
    Coverage, ExportInput, Part, PartOutcome, PolicyInfo, Reach, Report, RuleOutcome, Style, TOOL,
    VERSION,
};
use crate::model::{Instant, Problem, RuleId, ScanPath};
use crate::rule::{ControlRef, RuleKind, RuleMeta, Status, Text};

/// The name of the format, in every document.
pub const SCHEMA: &str = "credlint-report/1";

/// Top level and the elements of its arrays.
const BROKEN_LEVELS: usize = 2;

/// Writes the report as one JSON document.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        tool: tool(),
        as_of: Shown(report.as_of),
        complete: report.complete(),
        conclusion: conclusion(report),
        policy: policy(&report.policy),
        inputs: Each {
            context: (),
            items: &report.exports,
            form: input,
        },
        coverage: coverage(&report.coverage),
        findings: Findings {
            report,
            secrets: style.show_secrets,
        },
        problems: Each {
            context: (),
            items: &report.problems,
            form: problem,
        },
        rules: Each {
            context: report,
            items: &report.rules,
            form: rule,
        },
        notes: &report.notes,
        parts: (!report.parts.is_empty()).then_some(Each {
            context: (),
            items: &report.parts,
            form: part,
        }),
    };
    lines::write(&document, BROKEN_LEVELS, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    as_of: Shown<Instant>,
    complete: bool,
    conclusion: Conclusion,
    policy: Policy<'a>,
    inputs: Each<'a, (), ExportInput, Input<'a>>,
    coverage: Covered<'a>,
    findings: Findings<'a>,
    problems: Each<'a, (), Problem, Trouble<'a>>,
    rules: Each<'a, &'a Report, Arc<RuleMeta>, Rule<'a>>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Each<'a, (), Part, OnePart<'a>>>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

pub(super) const fn tool() -> Tool {
    Tool {
        name: TOOL,
        version: VERSION,
    }
}

#[derive(Serialize)]
pub(super) struct Conclusion {
    word: &'static str,
    exit_code: u8,
    fail_on: &'static str,
    failing: u64,
    /// Again, so that the conclusion alone tells of a run: it is read without the rest, which may
    /// be long.
    as_of: Shown<Instant>,
}

pub(super) fn conclusion(report: &Report) -> Conclusion {
    Conclusion {
        word: report.conclusion().word(),
        exit_code: report.conclusion().exit_code(),
        fail_on: report.fail_on.word(),
        failing: report.failing_count(),
        as_of: Shown(report.as_of),
    }
}

#[derive(Serialize)]
pub(super) struct Policy<'a> {
    file: Option<&'a str>,
    sha256: &'a str,
    disabled: Each<'a, (), (RuleId, String), Disabled<'a>>,
}

#[derive(Serialize)]
struct Disabled<'a> {
    rule: &'a str,
    reason: &'a str,
}

pub(super) fn policy(policy: &PolicyInfo) -> Policy<'_> {
    Policy {
        file: policy.file.as_deref(),
        sha256: &policy.sha256,
        disabled: Each {
            context: (),
            items: &policy.disabled,
            form: |(), (rule, reason)| Disabled {
                rule: rule.as_str(),
                reason,
            },
        },
    }
}

#[derive(Serialize)]
pub(super) struct Input<'a> {
    path: &'a str,
    sources: &'a [String],
    bytes: u64,
    rows: u64,
    sha256: Option<&'a str>,
}

pub(super) fn input((): (), export: &ExportInput) -> Input<'_> {
    Input {
        path: &export.path,
        sources: &export.sources,
        bytes: export.bytes,
        rows: export.rows,
        sha256: export.sha256.as_deref(),
    }
}

#[derive(Serialize)]
pub(super) struct Covered<'a> {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    targets: &'a BTreeSet<String>,
    files: u64,
    bytes: u64,
    searched: u64,
    records: u64,
    left_out: Each<'a, (), (String, u64), LeftOut<'a>>,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    reason: &'a str,
    files: u64,
}

pub(super) fn coverage(coverage: &Coverage) -> Covered<'_> {
    Covered {
        targets: &coverage.targets,
        files: coverage.files,
        bytes: coverage.bytes,
        searched: coverage.searched,
        records: coverage.records,
        left_out: Each {
            context: (),
            items: &coverage.left_out,
            form: |(), (reason, files)| LeftOut {
                reason,
                files: *files,
            },
        },
    }
}

#[derive(Serialize)]
pub(super) struct Trouble<'a> {
    kind: &'static str,
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<&'a str>,
    line: Option<u32>,
    message: &'a str,
}

pub(super) fn problem((): (), problem: &Problem) -> Trouble<'_> {
    Trouble {
        kind: problem.kind.word(),
        path: problem.path.as_ref().map(ScanPath::as_str),
        archive: problem.path.as_ref().and_then(ScanPath::archive),
        line: problem.line,
        message: &problem.message,
    }
}

/// A result that went into a merged one.
#[derive(Serialize)]
pub(super) struct OnePart<'a> {
    id: &'a str,
    policy: PartPolicy<'a>,
    coverage: Covered<'a>,
    outcomes: Each<'a, (), PartOutcome, CountsOf<'a>>,
}

#[derive(Serialize)]
struct PartPolicy<'a> {
    file: Option<&'a str>,
    sha256: &'a str,
}

#[derive(Serialize)]
struct CountsOf<'a> {
    rule: &'a str,
    fails: u64,
    passes: u64,
}

pub(super) fn part((): (), part: &Part) -> OnePart<'_> {
    OnePart {
        id: &part.id,
        policy: PartPolicy {
            file: part.policy_file.as_deref(),
            sha256: &part.policy_sha256,
        },
        coverage: coverage(&part.coverage),
        outcomes: Each {
            context: (),
            items: &part.outcomes,
            form: |(), of| CountsOf {
                rule: of.rule.as_str(),
                fails: of.fails,
                passes: of.passes,
            },
        },
    }
}

#[derive(Serialize)]
pub(super) struct Rule<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    severity: &'static str,
    default_severity: &'static str,
    confidence: &'static str,
    status: &'static str,
    looks_at: &'static str,
    record: Option<&'a str>,
    controls: Each<'a, (), ControlRef, Control<'a>>,
    tags: &'a [Text],
    remediation: &'a str,
    references: &'a [Text],
    pub(super) outcome: Outcome<'a>,
}

#[derive(Serialize)]
struct Control<'a> {
    framework: &'a str,
    control: &'a str,
}

#[derive(Serialize)]
pub(super) struct Outcome<'a> {
    evaluated: &'static str,
    fails: u64,
    passes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_evaluated: Option<Vec<Unjudged<'a>>>,
}

#[derive(Serialize)]
pub(super) struct Unjudged<'a> {
    pub(super) reason: &'a str,
    pub(super) subjects: u64,
}

pub(super) fn rule<'a>(report: &'a Report, meta: &'a Arc<RuleMeta>) -> Rule<'a> {
    let (looks_at, record) = match &meta.kind {
        RuleKind::Record(record) => ("record", Some(&**record)),
        RuleKind::Secret => ("source", None),
    };
    Rule {
        id: meta.id.as_str(),
        title: &meta.title,
        description: &meta.description,
        severity: meta.severity.word(),
        default_severity: meta.default_severity.word(),
        confidence: meta.confidence.word(),
        status: match meta.status {
            Status::Experimental => "experimental",
            Status::Stable => "stable",
        },
        looks_at,
        record,
        controls: Each {
            context: (),
            items: &meta.controls,
            form: |(), c| Control {
                framework: &c.framework,
                control: &c.control,
            },
        },
        tags: &meta.tags,
        remediation: &meta.remediation,
        references: &meta.references,
        outcome: outcome(report.outcome(&meta.id)),
    }
}

/// A rule without an outcome has judged nothing.
fn outcome(outcome: Option<&RuleOutcome>) -> Outcome<'_> {
    Outcome {
        evaluated: match outcome.map_or(Reach::None, RuleOutcome::reach) {
            Reach::Full => "full",
            Reach::Partial => "partial",
            Reach::None => "none",
        },
        fails: outcome.map_or(0, |o| o.fails),
        passes: outcome.map_or(0, |o| o.passes),
        not_evaluated: Some(
            outcome
                .into_iter()
                .flat_map(RuleOutcome::reasons)
                .map(|(reason, subjects)| Unjudged { reason, subjects })
                .collect(),
        ),
    }
}
