//! JSON Lines: what the JSON report says, one fact a line, so that a reader needs no more memory
//! than a line takes. Each has a `type`; the first says what it is, the last what the scan came
//! to: without it the file is cut off. `schema/credlint-lines-v1.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{
    Conclusion, Covered, Entry, Input, OnePart, Policy, Rule, Tool, Trouble, conclusion, coverage,
    finding, input, part, policy, problem, rule, tool,
};
use super::lines::{JsonLines, Shown};
use super::{Report, Style};
use crate::model::Instant;

/// The name of the format, in the first line.
pub(super) const SCHEMA: &str = "credlint-lines/1";

/// Writes the report line by line.
///
/// # Errors
/// What the writer says.
pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let context = (report, style.show_secrets);
    let head = Line::Header(Header {
        schema: SCHEMA,
        tool: tool(),
        as_of: Shown(report.as_of),
        policy: policy(&report.policy),
    });
    let inputs = report.exports.iter().map(|it| Line::Input(input((), it)));
    let problems = report.problems.iter();
    let problems = problems.map(|it| Line::Problem(problem((), it)));
    let rules = report.rules.iter().map(|meta| {
        let mut rule = rule(report, meta);
        // These are lines of their own.
        rule.outcome.not_evaluated = None;
        Line::Rule(Box::new(rule))
    });
    let not_evaluated = report.rules.iter().flat_map(|meta| {
        let outcome = report.outcome(&meta.id);
        let reasons = outcome.into_iter().flat_map(super::RuleOutcome::reasons);
        reasons.map(|(reason, subjects)| {
            Line::NotEvaluated(NotEvaluated {
                rule: meta.id.as_str(),
                reason,
                subjects,
            })
        })
    });
    let notes = report.notes.iter().map(|text| Line::Note(Note { text }));
    let parts = report.parts.iter().map(|it| Line::Part(part((), it)));
    let summary = Line::Summary(Summary {
        complete: report.complete(),
        conclusion: conclusion(report),
        coverage: coverage(&report.coverage),
        findings: report.findings.len(),
        problems: report.problems.len(),
    });
    let mut lines = JsonLines::new(out);
    let mut before = std::iter::once(head).chain(inputs);
    before.try_for_each(|line| lines.line(&line))?;
    for judged in &report.findings {
        lines.line(&Line::Finding(Box::new(finding(context, &judged))))?;
    }
    let mut after = problems
        .chain(rules)
        .chain(not_evaluated)
        .chain(notes)
        .chain(parts)
        .chain([summary]);
    after.try_for_each(|line| lines.line(&line))?;
    lines.end()
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Header(Header<'a>),
    Input(Input<'a>),
    Finding(Box<Entry<'a>>),
    Problem(Trouble<'a>),
    Rule(Box<Rule<'a>>),
    NotEvaluated(NotEvaluated<'a>),
    Note(Note<'a>),
    Part(OnePart<'a>),
    Summary(Summary<'a>),
}

#[derive(Serialize)]
struct Header<'a> {
    schema: &'static str,
    tool: Tool,
    as_of: Shown<Instant>,
    policy: Policy<'a>,
}

#[derive(Serialize)]
struct NotEvaluated<'a> {
    rule: &'a str,
    reason: &'a str,
    subjects: u64,
}

#[derive(Serialize)]
struct Note<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Summary<'a> {
    complete: bool,
    conclusion: Conclusion,
    coverage: Covered<'a>,
    findings: usize,
    problems: usize,
}
