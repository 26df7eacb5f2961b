//! What a scan found, in the words of each output format. Output types are apart from domain
//! types; nothing here decides anything.

use std::sync::Arc;

use crate::model::{Instant, Problem, RuleId, Severity};
use crate::rule::RuleMeta;
use crate::triage::Judged;

/// Everything a report may tell. Made once by `app`, sorted, read by every format.
#[derive(Debug)]
pub struct Report {
    /// The audit date.
    pub as_of: Instant,
    /// Findings with their verdicts: most severe first, then rule, path, line, fingerprint.
    pub findings: Vec<Judged>,
    /// Inputs that could not be checked, sorted. Any makes the scan incomplete.
    pub problems: Vec<Problem>,
    /// What each rule that ran came to, sorted by id.
    pub outcomes: Vec<RuleOutcome>,
    /// Every rule that ran, sorted by id: as many as `outcomes`.
    pub rules: Vec<Arc<RuleMeta>>,
    /// Exports that were recognised, sorted by path.
    pub exports: Vec<ExportInput>,
    /// What was looked at.
    pub coverage: Coverage,
    /// The policy in force.
    pub policy: PolicyInfo,
    /// Things worth knowing that are no findings: a waiver that matched nothing or ends soon.
    pub notes: Vec<String>,
    /// The exit code follows findings of this severity and above.
    pub fail_on: Severity,
}

impl Report {
    /// Whether every input was checked.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.problems.is_empty()
    }

    /// The findings that set the exit code.
    pub fn failing(&self) -> impl Iterator<Item = &Judged> {
        self.findings
            .iter()
            .filter(|j| j.counts() && j.finding.severity >= self.fail_on)
    }
}

/// What a rule came to. Silence is only ever a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: RuleId,
    /// Subjects that break it (before merging places).
    pub fails: u64,
    /// Subjects that keep it. For source rules: files looked at without a finding of it.
    pub passes: u64,
    /// Subjects, or whole exports, that could not be judged, by reason; sorted.
    pub not_evaluated: Vec<NotEvaluated>,
}

/// Why a rule could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotEvaluated {
    /// The reason, such as "users.csv has no column PasswordExpirationDate".
    pub reason: String,
    /// How many subjects it concerns; 0 when it is not about subjects (no export at all).
    pub subjects: u64,
}

/// An export that was recognised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExportInput {
    /// The file, as reports show it.
    pub path: String,
    /// The sources that recognised it, such as `salesforce.user`.
    pub sources: Vec<String>,
    /// Bytes in the file.
    pub bytes: u64,
    /// Rows read.
    pub rows: u64,
    /// Lower-case hexadecimal SHA-256 of the file; computed only when a report asks for it.
    pub sha256: Option<String>,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files offered to the scan.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files whose text was searched for secrets.
    pub searched: u64,
    /// Records judged.
    pub records: u64,
    /// What was left out on purpose and why (excluded by policy, binary, symbolic link), with
    /// counts; sorted.
    pub left_out: Vec<(String, u64)>,
}

/// The policy in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyInfo {
    /// The policy file, if any.
    pub file: Option<String>,
    /// Lower-case hexadecimal SHA-256 over the policy file, the rules in force and their
    /// parameters: two runs with the same hash asked the same questions.
    pub sha256: String,
    /// Rules switched off, with the reason given; sorted.
    pub disabled: Vec<(RuleId, String)>,
}
