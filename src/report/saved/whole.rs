//! A whole result: all that is not a finding.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::entry::{Entry, Names};
use super::words::Parsed;
use crate::inventory::Runbooks;
use crate::model::{Confidence, Instant, Problem, ProblemKind, RuleId, ScanPath, Severity};
use crate::report::{
    Coverage, ExportInput, NotEvaluated, Part, PartOutcome, PolicyInfo, Report, RuleOutcome,
};
use crate::rule::{ControlRef, Frameworks, RuleKind, RuleMeta, Status, Told};

/// The members of a report. Those that JSON Lines give line by line are put in one by one.
#[derive(Default, Deserialize)]
pub(super) struct Document {
    tool: Option<Tool>,
    as_of: Option<Parsed<Instant>>,
    conclusion: Option<Conclusion>,
    policy: Option<Policy>,
    inputs: Vec<Input>,
    coverage: Option<Covered>,
    findings: Vec<Entry>,
    problems: Vec<Trouble>,
    rules: Vec<Rule>,
    notes: Vec<String>,
    #[serde(default)]
    parts: Vec<OnePart>,
}

/// A line of JSON Lines.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
    Header(Header),
    Input(Input),
    Finding(Box<Entry>),
    Problem(Trouble),
    Rule(Box<Rule>),
    NotEvaluated(UnjudgedOf),
    Note(Note),
    Part(Box<OnePart>),
    Summary(Box<Summary>),
    /// Of a later minor version.
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Tool {
    version: String,
}

#[derive(Deserialize)]
pub(super) struct Header {
    tool: Tool,
    as_of: Parsed<Instant>,
    policy: Policy,
}

#[derive(Deserialize)]
pub(super) struct UnjudgedOf {
    rule: String,
    reason: String,
    subjects: u64,
}

#[derive(Deserialize)]
pub(super) struct Note {
    text: String,
}

#[derive(Deserialize)]
pub(super) struct Summary {
    conclusion: Conclusion,
    coverage: Covered,
    pub(super) findings: usize,
}

#[derive(Deserialize)]
struct Conclusion {
    fail_on: Parsed<Severity>,
}

#[derive(Deserialize)]
struct Policy {
    file: Option<String>,
    sha256: String,
    disabled: Vec<Disabled>,
}

#[derive(Deserialize)]
struct Disabled {
    rule: String,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Input {
    path: String,
    sources: Vec<String>,
    bytes: u64,
    rows: u64,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Covered {
    #[serde(default)]
    targets: BTreeSet<String>,
    files: u64,
    bytes: u64,
    searched: u64,
    records: u64,
    left_out: Vec<LeftOut>,
}

#[derive(Deserialize)]
struct LeftOut {
    reason: String,
    files: u64,
}

impl Covered {
    fn coverage(self) -> Coverage {
        let left_out = self.left_out.into_iter();
        Coverage {
            targets: self.targets,
            files: self.files,
            bytes: self.bytes,
            searched: self.searched,
            records: self.records,
            left_out: left_out.map(|out| (out.reason, out.files)).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Trouble {
    kind: Parsed<ProblemKind>,
    path: Option<String>,
    #[serde(default)]
    archive: Option<String>,
    line: Option<u32>,
    message: String,
}

impl Trouble {
    fn problem(self) -> Problem {
        let archive = self.archive.as_deref();
        let path = self.path.as_deref();
        Problem {
            path: path.map(|path| ScanPath::from_shown(path, archive)),
            line: self.line,
            kind: self.kind.0,
            message: self.message,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Rule {
    id: String,
    title: String,
    description: String,
    severity: Parsed<Severity>,
    default_severity: Parsed<Severity>,
    confidence: Parsed<Confidence>,
    status: String,
    record: Option<String>,
    controls: Vec<Control>,
    tags: Vec<String>,
    remediation: String,
    references: Vec<String>,
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Control {
    framework: String,
    control: String,
}

#[derive(Deserialize)]
struct Outcome {
    fails: u64,
    passes: u64,
    #[serde(default)]
    not_evaluated: Vec<Unjudged>,
}

#[derive(Deserialize)]
struct Unjudged {
    reason: String,
    subjects: u64,
}

impl Rule {
    fn parts(self) -> (Arc<RuleMeta>, RuleOutcome) {
        let id = RuleId::new(&self.id);
        let outcome = RuleOutcome {
            rule: id.clone(),
            fails: self.outcome.fails,
            passes: self.outcome.passes,
            not_evaluated: self
                .outcome
                .not_evaluated
                .into_iter()
                .map(|why| NotEvaluated {
                    reason: why.reason,
                    subjects: why.subjects,
                })
                .collect(),
        };
        let controls = self.controls.into_iter();
        let meta = RuleMeta {
            id,
            severity: self.severity.0,
            default_severity: self.default_severity.0,
            confidence: self.confidence.0,
            kind: self
                .record
                .map_or(RuleKind::Secret, |record| RuleKind::Record(record.into())),
            told: Told {
                title: self.title.into(),
                description: self.description.into(),
                status: match self.status.as_str() {
                    "stable" => Status::Stable,
                    _ => Status::Experimental,
                },
                controls: controls
                    .map(|c| ControlRef {
                        framework: c.framework.into(),
                        control: c.control.into(),
                    })
                    .collect(),
                tags: self.tags.into_iter().map(Into::into).collect(),
                remediation: self.remediation.into(),
                references: self.references.into_iter().map(Into::into).collect(),
            }
            .into(),
        };
        (Arc::new(meta), outcome)
    }
}

/// A result that went into a merged one.
#[derive(Deserialize)]
pub(super) struct OnePart {
    id: String,
    policy: PartPolicy,
    coverage: Covered,
    outcomes: Vec<CountsOf>,
}

#[derive(Deserialize)]
struct PartPolicy {
    file: Option<String>,
    sha256: String,
}

#[derive(Deserialize)]
struct CountsOf {
    rule: String,
    fails: u64,
    passes: u64,
}

impl OnePart {
    fn part(self) -> Part {
        let outcomes = self.outcomes.into_iter();
        Part {
            id: self.id,
            policy_file: self.policy.file,
            policy_sha256: self.policy.sha256,
            coverage: self.coverage.coverage(),
            outcomes: outcomes
                .map(|of| PartOutcome {
                    rule: RuleId::new(&of.rule),
                    fails: of.fails,
                    passes: of.passes,
                })
                .collect(),
        }
    }
}

impl Document {
    /// Takes in a line that is neither a finding nor the summary.
    ///
    /// # Errors
    /// When the line does not belong there.
    pub(super) fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Header(header) => {
                if self.as_of.is_some() {
                    return Err("a second header: give every result its own file".to_owned());
                }
                self.tool = Some(header.tool);
                self.as_of = Some(header.as_of);
                self.policy = Some(header.policy);
            }
            Line::Input(input) => self.inputs.push(input),
            Line::Problem(problem) => self.problems.push(problem),
            Line::Rule(rule) => self.rules.push(*rule),
            Line::NotEvaluated(why) => {
                // Reasons stand in the order of the rules.
                let rules = self.rules.iter_mut();
                let mut rules = rules.filter(|rule| rule.id == why.rule);
                let rule = rules.next().ok_or("a reason of a rule that did not run")?;
                rule.outcome.not_evaluated.push(Unjudged {
                    reason: why.reason,
                    subjects: why.subjects,
                });
            }
            Line::Note(note) => self.notes.push(note.text),
            Line::Part(part) => self.parts.push(*part),
            Line::Finding(_) | Line::Summary(_) | Line::Unknown => {}
        }
        Ok(())
    }

    /// Takes in the last line.
    pub(super) fn end(&mut self, summary: Summary) {
        self.conclusion = Some(summary.conclusion);
        self.coverage = Some(summary.coverage);
    }

    /// The report.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn report(self, names: &mut Names) -> Result<Report, String> {
        let lacks = |what: &str| format!("the result has no `{what}`");
        let findings = self.findings.into_iter();
        let findings = findings.map(|entry| entry.judged(names));
        let findings = findings.collect::<Result<_, _>>()?;
        let policy = self.policy.ok_or_else(|| lacks("policy"))?;
        let mut ruled: Vec<_> = self.rules.into_iter().map(Rule::parts).collect();
        ruled.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        ruled.dedup_by(|(later, _), (earlier, _)| later.id == earlier.id);
        let (rules, outcomes) = ruled.into_iter().unzip();
        let inputs = self.inputs.into_iter();
        let disabled = policy.disabled.into_iter();
        Ok(Report {
            as_of: self.as_of.ok_or_else(|| lacks("as_of"))?.0,
            findings,
            problems: self.problems.into_iter().map(Trouble::problem).collect(),
            outcomes,
            rules,
            exports: inputs
                .map(|input| ExportInput {
                    path: input.path,
                    sources: input.sources,
                    bytes: input.bytes,
                    rows: input.rows,
                    sha256: input.sha256,
                    newest: None,
                })
                .collect(),
            coverage: self.coverage.ok_or_else(|| lacks("coverage"))?.coverage(),
            policy: PolicyInfo {
                file: policy.file,
                sha256: policy.sha256,
                disabled: disabled
                    .map(|of| (RuleId::new(&of.rule), of.reason))
                    .collect(),
            },
            notes: self.notes,
            fail_on: self
                .conclusion
                .ok_or_else(|| lacks("conclusion"))?
                .fail_on
                .0,
            parts: self.parts.into_iter().map(OnePart::part).collect(),
            frameworks: Frameworks::default(),
            runbooks: Runbooks::default(),
            inventory: None,
            version: self.tool.ok_or_else(|| lacks("tool"))?.version,
            trend: None,
        })
    }
}
