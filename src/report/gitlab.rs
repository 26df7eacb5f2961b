//! GitLab's Code Quality report: one JSON array, an object for every finding that counts. The
//! format has no word for an input that could not be checked, so each becomes an issue of its own:
//! an empty report must mean that nothing was found. Facts: GitLab's reference of the report
//! format (required: description, check_name, fingerprint, severity, location).

use std::io::{self, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::lines::{self, Shown};
use super::visible::{Count, Visible, ended, number};
use super::{Report, Style};
use crate::model::{Fingerprint, FingerprintBuilder, Problem, Severity};
use crate::triage::Judged;

/// The array itself; each issue stands on one line.
const BROKEN_LEVELS: usize = 1;

/// Writes the findings that count, and the inputs that could not be checked.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    lines::write(&Issues(report), BROKEN_LEVELS, out)
}

struct Issues<'a>(&'a Report);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut issues = serializer.serialize_seq(None)?;
        for judged in self.0.findings.open() {
            issues.serialize_element(&of_finding(&judged))?;
        }
        for problem in &self.0.problems {
            issues.serialize_element(&of_problem(problem))?;
        }
        issues.end()
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: Shown<Fingerprint>,
    severity: &'static str,
    location: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

fn of_finding(judged: &Judged) -> Issue<'_> {
    let finding = &judged.finding;
    let mut description = finding.message.clone();
    if !finding.places.is_empty() {
        let more = Count(number(finding.places.len()), "more place");
        description.push_str(&format!(" (and in {more})"));
    }
    if let Some(acceptance) = judged.verdict.lapsed() {
        description.push_str(&format!(". {}", ended(acceptance)));
    }
    let (file, region) = finding.location.on_disk();
    let begin = region.start_line.max(1);
    Issue {
        description: Visible(&description).to_string(),
        check_name: finding.rule.as_str(),
        fingerprint: Shown(finding.fingerprint),
        severity: severity(finding.severity),
        location: Place {
            path: path(file),
            lines: Lines {
                begin,
                end: region.end_line.max(begin),
            },
        },
    }
}

/// The rule under which inputs that could not be checked are listed.
const INCOMPLETE: &str = "credlint.could-not-be-checked";

fn of_problem(problem: &Problem) -> Issue<'_> {
    let path = problem.path.as_ref().map_or("", |path| path.as_str());
    let mut fingerprint = FingerprintBuilder::new(INCOMPLETE);
    fingerprint
        .part(problem.kind.word().as_bytes())
        .part(path.as_bytes())
        .part(problem.message.as_bytes())
        .part(&problem.line.unwrap_or(0).to_le_bytes());
    let line = problem.line.unwrap_or(1).max(1);
    Issue {
        description: format!(
            "{}could not be checked: {} ({})",
            member_prefix(problem),
            Visible(&problem.message),
            problem.kind.word()
        ),
        check_name: INCOMPLETE,
        fingerprint: Shown(fingerprint.finish()),
        severity: severity(Severity::Medium),
        location: Place {
            path: self::path(problem.path.as_ref().map_or("", |path| path.file())),
            lines: Lines {
                begin: line,
                end: line,
            },
        },
    }
}

/// The name of a member of an archive, which the place does not say.
fn member_prefix(problem: &Problem) -> String {
    let member = problem.path.as_ref().filter(|path| path.is_member());
    member.map_or_else(String::new, |path| format!("{}: ", Visible(path.as_str())))
}

/// A path that GitLab takes: relative, and never empty.
fn path(path: &str) -> &str {
    match path.trim_start_matches('/') {
        "" => ".",
        path => path,
    }
}

/// GitLab has five words too.
const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}
