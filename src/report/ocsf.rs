//! Events of the Open Cybersecurity Schema Framework 1.8.0, one a line, for security data lakes
//! and SIEMs: first a Scan Activity that says whether everything was checked, then a Compliance
//! Finding for every item that breaks a rule and a Detection Finding for every secret in source.
//! Facts: the framework's classes 6007, 2003 and 2004.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::lines::{JsonLines, Shown};
use super::visible::{Count, number};
use super::{Report, Style, TOOL, VERSION};
use crate::model::{Confidence, Finding, Fingerprint, Instant, Location, ObjectId, Severity, When};
use crate::rule::{RuleKind, RuleMeta, Status, Text};
use crate::triage::{Acceptor, Judged, Verdict};

/// The version of the framework.
const OCSF: &str = "1.8.0";

/// Problems that the scan's event names; their number is told always.
const NAMED: usize = 10;

/// Writes the events.
///
/// # Errors
/// What the writer says.
pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = JsonLines::new(out);
    lines.line(&scan(report))?;
    for judged in &report.findings {
        lines.line(&finding(report, &judged))?;
    }
    lines.end()
}

/// A class of the framework and what happened in it.
#[derive(Serialize)]
struct Class {
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    activity_id: u32,
    activity_name: &'static str,
    type_uid: u32,
}

impl Class {
    const fn finding(class_uid: u32, class_name: &'static str) -> Self {
        Self {
            category_uid: 2,
            category_name: "Findings",
            class_uid,
            class_name,
            activity_id: 1,
            activity_name: "Create",
            type_uid: class_uid * 100 + 1,
        }
    }

    const fn scan(complete: bool) -> Self {
        let (activity_id, activity_name) = if complete {
            (2, "Completed")
        } else {
            (6, "Error")
        };
        Self {
            category_uid: 6,
            category_name: "Application Activity",
            class_uid: 6007,
            class_name: "Scan Activity",
            activity_id,
            activity_name,
            type_uid: 600_700 + activity_id,
        }
    }
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    product: Product,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_code: Option<&'a str>,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

const fn metadata(event_code: Option<&str>) -> Metadata<'_> {
    Metadata {
        version: OCSF,
        product: Product {
            name: TOOL,
            vendor_name: TOOL,
            version: VERSION,
        },
        event_code,
    }
}

/// The audit date in milliseconds: everything in a report is as of it.
const fn time(report: &Report) -> i64 {
    report.as_of.seconds().saturating_mul(1_000)
}

#[derive(Serialize)]
struct ScanActivity<'a> {
    #[serde(flatten)]
    class: Class,
    time: i64,
    severity_id: u32,
    severity: &'static str,
    status_id: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    status_detail: String,
    message: String,
    metadata: Metadata<'a>,
    scan: Scan,
    policy: PolicyRef<'a>,
    num_detections: u64,
    num_files: u64,
    num_skipped_items: u64,
}

#[derive(Serialize)]
struct Scan {
    name: &'static str,
    type_id: u32,
    r#type: &'static str,
}

#[derive(Serialize)]
struct PolicyRef<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    uid: &'a str,
    is_applied: bool,
}

fn scan(report: &Report) -> ScanActivity<'_> {
    let complete = report.complete();
    let counting = report.findings.all().open;
    let mut detail = String::new();
    for (n, problem) in report.problems.iter().take(NAMED).enumerate() {
        let path = problem.path.as_ref().map(|path| format!("{path}: "));
        let _ = write!(
            detail,
            "{}{}{}",
            if n > 0 { "; " } else { "" },
            path.unwrap_or_default(),
            problem.message
        );
    }
    let more = report.problems.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(detail, "; and {more} more");
    }
    let found = Count(counting, "finding");
    let message = match report.problems.len() {
        0 => format!("{found}; every input was checked"),
        n => format!(
            "{found}; incomplete: {} could not be checked",
            Count(number(n), "input")
        ),
    };
    let (status_id, status) = if complete {
        (1, "Success")
    } else {
        (2, "Failure")
    };
    ScanActivity {
        class: Class::scan(complete),
        time: time(report),
        severity_id: 1,
        severity: "Informational",
        status_id,
        status,
        status_detail: detail,
        message,
        metadata: metadata(None),
        scan: Scan {
            name: TOOL,
            type_id: 0,
            r#type: "Unknown",
        },
        policy: PolicyRef {
            name: report.policy.file.as_deref(),
            uid: &report.policy.sha256,
            is_applied: true,
        },
        num_detections: counting,
        num_files: report.coverage.files,
        num_skipped_items: report.coverage.left_out.iter().map(|(_, n)| *n).sum(),
    }
}

#[derive(Serialize)]
struct FindingEvent<'a> {
    #[serde(flatten)]
    class: &'static Class,
    time: i64,
    severity_id: u32,
    severity: &'static str,
    confidence_id: u32,
    confidence: &'static str,
    status_id: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// Of detections only: the class of compliance has no such word.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_alert: Option<bool>,
    message: &'a str,
    metadata: Metadata<'a>,
    finding_info: Info<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compliance: Option<Compliance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation<'a>>,
    resources: [Resource<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    evidences: Option<[Artifact<'a>; 1]>,
    unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
struct Info<'a> {
    uid: Shown<Fingerprint>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    desc: Option<&'a str>,
    analytic: Analytic<'a>,
    data_sources: [&'a str; 1],
}

#[derive(Serialize)]
struct Analytic<'a> {
    uid: &'a str,
    name: &'a str,
    type_id: u32,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_id: Option<u32>,
}

#[derive(Serialize)]
struct Compliance<'a> {
    control: &'a str,
    standards: Vec<&'a str>,
    requirements: Vec<String>,
    status_id: u32,
    status: &'static str,
}

#[derive(Serialize)]
struct Remediation<'a> {
    desc: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    references: &'a [Text],
}

#[derive(Serialize)]
struct Resource<'a> {
    uid: &'a str,
    name: &'a str,
    r#type: &'a str,
    namespace: &'a str,
}

/// The file that a secret stands in.
#[derive(Serialize)]
struct Artifact<'a> {
    file: File<'a>,
    data: Stretch,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    path: &'a str,
    type_id: u32,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Stretch {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

fn stretch(location: &Location) -> Stretch {
    let region = location.region;
    Stretch {
        start_line: region.start_line,
        start_column: region.start_column,
        end_line: region.end_line,
        end_column: region.end_column,
    }
}

/// What the framework has no word for.
#[derive(Serialize)]
struct Unmapped<'a> {
    path: &'a str,
    start_line: u32,
    more_places: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Fact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Shown<ObjectId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authored: Option<Shown<Instant>>,
}

#[derive(Serialize)]
struct Fact<'a> {
    field: &'a str,
    value: &'a str,
}

static COMPLIANCE: Class = Class::finding(2003, "Compliance Finding");
static DETECTION: Class = Class::finding(2004, "Detection Finding");

fn finding<'a>(report: &'a Report, judged: &'a Judged) -> FindingEvent<'a> {
    let finding = &*judged.finding;
    let meta = report.rule(&finding.rule);
    let in_source = match meta.map(|meta| &meta.kind) {
        Some(kind) => *kind == RuleKind::Secret,
        None => finding.secret.is_some(),
    };
    let (severity_id, severity) = severity(finding.severity);
    let (confidence_id, confidence) = confidence(finding.confidence);
    let (status_id, status) = if judged.counts() {
        (1, "New")
    } else {
        (3, "Suppressed")
    };
    FindingEvent {
        class: if in_source { &DETECTION } else { &COMPLIANCE },
        time: time(report),
        severity_id,
        severity,
        confidence_id,
        confidence,
        status_id,
        status,
        comment: comment(&judged.verdict),
        is_alert: in_source.then(|| judged.counts() && finding.severity >= report.fail_on),
        message: &finding.message,
        metadata: metadata(Some(finding.rule.as_str())),
        finding_info: info(finding, meta),
        compliance: meta.filter(|_| !in_source).map(compliance),
        remediation: meta
            .filter(|meta| !meta.remediation.trim().is_empty())
            .map(|meta| Remediation {
                desc: &meta.remediation,
                references: &meta.references,
            }),
        resources: [Resource {
            uid: &finding.subject.id,
            name: &finding.subject.name,
            r#type: &finding.subject.kind,
            namespace: &finding.subject.platform,
        }],
        evidences: in_source.then(|| [artifact(&finding.location)]),
        unmapped: unmapped(finding),
    }
}

fn info<'a>(finding: &'a Finding, meta: Option<&'a RuleMeta>) -> Info<'a> {
    let id = finding.rule.as_str();
    let title = meta.map_or(id, |meta| &*meta.title);
    Info {
        uid: Shown(finding.fingerprint),
        title,
        desc: meta.map(|meta| &*meta.description),
        analytic: Analytic {
            uid: id,
            name: title,
            type_id: 1,
            r#type: "Rule",
            state_id: meta.map(|meta| match meta.status {
                Status::Stable => 1,
                Status::Experimental => 3,
            }),
        },
        data_sources: [finding.location.path.as_str()],
    }
}

fn compliance(meta: &RuleMeta) -> Compliance<'_> {
    let controls = meta.controls.iter();
    let mut standards: Vec<&str> = controls.map(|c| &*c.framework).collect();
    standards.dedup();
    let controls = meta.controls.iter();
    Compliance {
        control: &meta.title,
        standards,
        requirements: controls
            .map(|c| format!("{} {}", c.framework, c.control))
            .collect(),
        status_id: 3,
        status: "Fail",
    }
}

fn artifact(location: &Location) -> Artifact<'_> {
    Artifact {
        file: File {
            name: location.path.file_name(),
            path: location.path.as_str(),
            type_id: 1,
            r#type: "Regular File",
        },
        data: stretch(location),
    }
}

fn unmapped(finding: &Finding) -> Unmapped<'_> {
    let facts = finding.evidence.iter();
    let commit = finding.commit.as_deref();
    Unmapped {
        path: finding.location.path.as_str(),
        start_line: finding.location.region.start_line,
        more_places: finding.places.len(),
        grade: finding.grade.map(crate::model::Grade::word),
        evidence: facts
            .map(|fact| Fact {
                field: &fact.field,
                value: &fact.value,
            })
            .collect(),
        commit: commit.map(|commit| Shown(commit.id)),
        authored: commit.map(|commit| Shown(commit.authored)),
    }
}

/// Why a finding is suppressed, or that it was.
fn comment(verdict: &Verdict) -> Option<String> {
    let (by, state) = match verdict {
        Verdict::Open => return None,
        Verdict::Accepted(by) => (by, "accepted"),
        Verdict::Lapsed(by) => (by, "no longer accepted"),
    };
    let what = match &by.by {
        Acceptor::Waiver(id) => format!("waiver {id}"),
        Acceptor::Baseline => "the baseline".to_owned(),
        Acceptor::Commit(id) => format!("commit {id}"),
    };
    let mut text = format!("{state} by {what}");
    if let Some(owner) = &by.owner {
        let _ = write!(text, " of {owner}");
    }
    if let When::Known(end) = by.expires {
        let _ = write!(text, " until {}", end.date());
    }
    if !by.reason.is_empty() {
        let _ = write!(text, ": {}", by.reason);
    }
    Some(text)
}

const fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Critical => (5, "Critical"),
        Severity::High => (4, "High"),
        Severity::Medium => (3, "Medium"),
        Severity::Low => (2, "Low"),
        Severity::Info => (1, "Informational"),
    }
}

const fn confidence(confidence: Confidence) -> (u32, &'static str) {
    match confidence {
        Confidence::High => (3, "High"),
        Confidence::Medium => (2, "Medium"),
        Confidence::Low => (1, "Low"),
    }
}
