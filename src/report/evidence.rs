//! The files of an evidence pack that no other command writes: what was read, which questions were
//! asked, what each control came to. Each is JSON with a name of its form, one entry on a line.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::cells::csv_row;
use super::controls::{Chapter, Line, Spoken, matrix};
use super::lines::{self, Shown};
use super::{Report, RuleOutcome, TOOL, VERSION};
use crate::model::Instant;

/// Down to the entries of the outer lists.
const BROKEN_LEVELS: usize = 2;

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InputFile {
    /// The file, as reports show it.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256; None if it could not be read.
    pub sha256: Option<String>,
    /// What it was recognised as; empty for text.
    pub sources: Vec<String>,
    /// Rows read, if it is an export.
    pub rows: Option<u64>,
    /// The newest thing that an export tells of, up to the audit date, where its records have one:
    /// it was made then or later.
    pub newest: Option<String>,
    /// What could not be checked of it.
    pub problems: Vec<String>,
}

/// A rule as it was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleVersion {
    /// Its id.
    pub rule: String,
    /// The file that it stands in.
    pub file: String,
    /// Lower-case hexadecimal SHA-256 of its text.
    pub sha256: String,
    /// Its severity under the policy.
    pub severity: &'static str,
    /// Its author's severity.
    pub default_severity: &'static str,
    /// Its parameters under the policy: name and value.
    pub parameters: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Inputs<'a> {
    schema: &'static str,
    as_of: Shown<Instant>,
    complete: bool,
    coverage: Covered<'a>,
    problems: Vec<&'a str>,
    files: &'a [InputFile],
}

#[derive(Serialize)]
struct Covered<'a> {
    files: u64,
    bytes: u64,
    searched: u64,
    records: u64,
    left_out: Vec<LeftOut<'a>>,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    reason: &'a str,
    files: u64,
}

/// Writes what was read.
///
/// # Errors
/// What the writer says.
pub fn inputs(report: &Report, files: &[InputFile], out: &mut dyn Write) -> io::Result<()> {
    let coverage = &report.coverage;
    let left_out = coverage.left_out.iter();
    let elsewhere = report
        .problems
        .iter()
        .filter(|problem| problem.path.is_none());
    let document = Inputs {
        schema: "credlint-evidence-inputs/1",
        as_of: Shown(report.as_of),
        complete: report.complete(),
        coverage: Covered {
            files: coverage.files,
            bytes: coverage.bytes,
            searched: coverage.searched,
            records: coverage.records,
            left_out: left_out
                .map(|(reason, files)| LeftOut {
                    reason,
                    files: *files,
                })
                .collect(),
        },
        problems: elsewhere.map(|problem| problem.message.as_str()).collect(),
        files,
    };
    lines::write(&document, BROKEN_LEVELS, out)
}

#[derive(Serialize)]
struct Questions<'a> {
    schema: &'static str,
    tool: Tool,
    policy: Policy<'a>,
    rules: Vec<Question<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Policy<'a> {
    file: Option<&'a str>,
    sha256: &'a str,
    switched_off: Vec<Off<'a>>,
}

#[derive(Serialize)]
struct Off<'a> {
    rule: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Question<'a> {
    rule: &'a str,
    file: &'a str,
    sha256: &'a str,
    severity: &'static str,
    default_severity: &'static str,
    parameters: Vec<Parameter<'a>>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    value: &'a str,
}

/// Writes which questions were asked.
///
/// # Errors
/// What the writer says.
pub fn questions(report: &Report, rules: &[RuleVersion], out: &mut dyn Write) -> io::Result<()> {
    let policy = &report.policy;
    let document = Questions {
        schema: "credlint-evidence-rules/1",
        tool: Tool {
            name: TOOL,
            version: VERSION,
        },
        policy: Policy {
            file: policy.file.as_deref(),
            sha256: &policy.sha256,
            switched_off: policy
                .disabled
                .iter()
                .map(|(rule, reason)| Off {
                    rule: rule.as_str(),
                    reason,
                })
                .collect(),
        },
        rules: rules
            .iter()
            .map(|rule| Question {
                rule: &rule.rule,
                file: &rule.file,
                sha256: &rule.sha256,
                severity: rule.severity,
                default_severity: rule.default_severity,
                parameters: rule
                    .parameters
                    .iter()
                    .map(|(name, value)| Parameter { name, value })
                    .collect(),
            })
            .collect(),
    };
    lines::write(&document, BROKEN_LEVELS, out)
}

#[derive(Serialize)]
struct Matrix<'a> {
    schema: &'static str,
    as_of: Shown<Instant>,
    controls: Vec<Control<'a>>,
}

#[derive(Serialize)]
struct Control<'a> {
    framework: &'a str,
    control: &'a str,
    title: &'a str,
    standing: &'static str,
    open: u64,
    accepted: u64,
    passes: u64,
    not_evaluated: u64,
    rules: Vec<Evidence<'a>>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    rule: &'a str,
    severity: &'static str,
    open: u64,
    accepted: u64,
    passes: u64,
    not_evaluated: Vec<Unjudged<'a>>,
}

#[derive(Serialize)]
struct Unjudged<'a> {
    reason: &'a str,
    subjects: u64,
}

fn sum<'r>(rules: &[Spoken<'r>], count: fn(&Spoken<'r>) -> u64) -> u64 {
    rules.iter().map(count).sum()
}

fn control<'a>(chapter: &Chapter<'a>, line: &Line<'a>) -> Control<'a> {
    Control {
        framework: &chapter.framework.id,
        control: &line.control.id,
        title: &line.control.title,
        standing: line.standing.word(),
        open: sum(&line.rules, |rule| rule.open),
        accepted: sum(&line.rules, |rule| rule.accepted),
        passes: sum(&line.rules, Spoken::passes),
        not_evaluated: sum(&line.rules, Spoken::unjudged),
        rules: line.rules.iter().map(evidence).collect(),
    }
}

fn evidence<'a>(rule: &Spoken<'a>) -> Evidence<'a> {
    let reasons = rule.outcome.into_iter().flat_map(RuleOutcome::reasons);
    Evidence {
        rule: rule.meta.id.as_str(),
        severity: rule.meta.severity.word(),
        open: rule.open,
        accepted: rule.accepted,
        passes: rule.passes(),
        not_evaluated: reasons
            .map(|(reason, subjects)| Unjudged { reason, subjects })
            .collect(),
    }
}

/// Writes what each control of each framework came to, those too to which no rule speaks.
///
/// # Errors
/// What the writer says.
pub fn controls(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let chapters = matrix(report);
    let all = chapters
        .iter()
        .flat_map(|chapter| chapter.lines.iter().map(move |line| control(chapter, line)));
    let document = Matrix {
        schema: "credlint-evidence-controls/1",
        as_of: Shown(report.as_of),
        controls: all.collect(),
    };
    lines::write(&document, BROKEN_LEVELS, out)
}

/// Writes the same as a table.
///
/// # Errors
/// What the writer says.
pub fn controls_table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let header = [
        "framework",
        "control",
        "title",
        "standing",
        "open",
        "accepted",
        "passes",
        "not_evaluated",
        "rules",
    ];
    csv_row(&mut out, header.into_iter())?;
    for chapter in &matrix(report) {
        for line in &chapter.lines {
            let row = control(chapter, line);
            let rules: Vec<&str> = row.rules.iter().map(|rule| rule.rule).collect();
            let counts = [row.open, row.accepted, row.passes, row.not_evaluated];
            let counts = counts.map(|count| count.to_string());
            let cells = [row.framework, row.control, row.title, row.standing]
                .into_iter()
                .chain(counts.iter().map(String::as_str));
            let rules = rules.join(" ");
            csv_row(&mut out, cells.chain([rules.as_str()]))?;
        }
    }
    out.flush()
}
