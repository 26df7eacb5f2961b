//! What a scan found, in the words of each output format. Output types are apart from domain
//! types; nothing here decides anything.

mod calendar;
mod cells;
mod controls;
mod csv;
mod diff;
pub mod doctor;
pub mod evidence;
mod figures;
mod format;
pub mod github;
pub mod gitlab;
pub mod html;
mod inventory;
pub mod json;
mod jsonl;
mod junit;
mod lines;
mod markdown;
mod ocsf;
mod oscal;
mod runbook;
pub mod sarif;
pub mod saved;
pub mod text;
mod trend;
mod visible;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use calendar::{CALENDAR_FORMATS, CalendarFormat, Rotations};
pub use diff::{Change, DIFF_FORMATS, DiffFormat, Drift, Side as DriftSide, What};
pub use doctor::{Checkup, Command as DoctorCommand, Row as DoctorRow, Verdict};
pub use evidence::{InputFile, RuleVersion};
pub use format::{Color, FORMATS, Format, HOOK, KnownDetail, SarifWaived, ShowSecrets, Style};
pub use inventory::{INVENTORY_FORMATS, INVENTORY_SCHEMA, InventoryFormat, Items};
pub use lines::json_lines;
pub use runbook::RunbookPage;
pub use trend::{First, Point, Since, Trend};

use crate::inventory::{Inventory, Runbooks};
use crate::model::{Finding, Instant, Problem, RuleId, Severity};
use crate::rule::{Frameworks, RuleMeta};
use crate::triage::{Findings, Judged};

/// The name of the program in every format.
pub const TOOL: &str = env!("CARGO_PKG_NAME");
/// The version of the program in every format.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// By which tables, inventories and baselines of this program are known, among their columns.
const OWN: [&[&str]; 3] = [
    &["more_places", "accepted_by", "grade", "fingerprint"],
    &[
        "age_days",
        "grade",
        "next_rotation",
        "conflicts",
        "mentions",
    ],
    &["rule", "fingerprint", "path", "reason", "owner", "expires"],
];

/// Whether this program writes files with these columns.
#[must_use]
pub fn is_own(has: impl Fn(&str) -> bool) -> bool {
    OWN.iter().any(|marks| marks.iter().all(|mark| has(mark)))
}

/// Everything a report may tell. Made once by `app`, sorted, read by every format.
#[derive(Debug)]
pub struct Report {
    /// The audit date.
    pub as_of: Instant,
    /// Findings with their verdicts: most severe first, then rule, path, line, fingerprint.
    pub findings: Findings,
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
    /// The results that a merged report was made of, sorted by id; empty for a scan.
    pub parts: Vec<Part>,
    /// The frameworks that rules refer to.
    pub frameworks: Frameworks,
    /// The steps for findings and items.
    pub runbooks: Runbooks,
    /// Every credential that the exports tell of; made only for reports that show it.
    pub inventory: Option<Inventory>,
    /// The version of the program that made it.
    pub version: String,
    /// How it stands to results of before, if any are given.
    pub trend: Option<Trend>,
}

/// A result that went into a merged report: what cannot be summed up twice, so that a result that
/// comes twice, in whatever company, counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Lower-case hexadecimal SHA-256 of the result's content, the same for JSON and JSON Lines.
    pub id: String,
    /// Its policy file, if any.
    pub policy_file: Option<String>,
    /// As [`PolicyInfo::sha256`].
    pub policy_sha256: String,
    /// What it looked at.
    pub coverage: Coverage,
    /// What its rules came to, sorted by id; those that met no subject are left out.
    pub outcomes: Vec<PartOutcome>,
}

/// What a rule came to in one of several results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOutcome {
    /// The rule.
    pub rule: RuleId,
    /// As [`RuleOutcome::fails`].
    pub fails: u64,
    /// As [`RuleOutcome::passes`].
    pub passes: u64,
}

impl Report {
    /// Whether every input was checked.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.problems.is_empty()
    }

    /// The findings that set the exit code.
    pub fn failing(&self) -> impl Iterator<Item = Cow<'_, Judged>> {
        let open = self.findings.open();
        open.filter(|judged| judged.finding.severity >= self.fail_on)
    }

    /// How many findings set the exit code.
    #[must_use]
    pub fn failing_count(&self) -> u64 {
        let fails = self.findings.sum_of(|kind| kind.severity >= self.fail_on);
        fails.open
    }

    /// What the scan came to. Findings win over incompleteness: a gate must not open because a
    /// second file was unreadable.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        if self.failing_count() > 0 {
            Conclusion::Findings
        } else if self.complete() {
            Conclusion::Passed
        } else {
            Conclusion::Incomplete
        }
    }

    /// The id of the runbook for a finding.
    #[must_use]
    pub fn runbook(&self, finding: &Finding) -> Option<&str> {
        let subject = (&*finding.subject.kind, &*finding.subject.platform);
        let runbook = self.runbooks.of_finding(&finding.rule, subject)?;
        Some(&runbook.id)
    }

    /// Where a rule stands in [`Report::rules`].
    #[must_use]
    pub fn rule_index(&self, rule: &RuleId) -> Option<usize> {
        self.rules.binary_search_by(|meta| meta.id.cmp(rule)).ok()
    }

    /// What a rule's author says about it.
    #[must_use]
    pub fn rule(&self, rule: &RuleId) -> Option<&RuleMeta> {
        self.rules.get(self.rule_index(rule)?).map(Arc::as_ref)
    }

    /// What a rule came to.
    #[must_use]
    pub fn outcome(&self, rule: &RuleId) -> Option<&RuleOutcome> {
        let at = self.outcomes.binary_search_by(|o| o.rule.cmp(rule)).ok()?;
        self.outcomes.get(at)
    }
}

/// What a scan came to, before `--exit-zero`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Every input was checked and nothing counts at or above [`Report::fail_on`].
    Passed,
    /// Something counts at or above [`Report::fail_on`].
    Findings,
    /// Nothing counts, and an input could not be checked.
    Incomplete,
}

impl Conclusion {
    /// The exit code.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Findings => 1,
            Self::Incomplete => 3,
        }
    }

    /// The word in machine-readable reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Findings => "findings",
            Self::Incomplete => "incomplete",
        }
    }
}

/// What a rule came to. Silence is only ever a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: RuleId,
    /// Subjects that break it (before merging places, and with what is less sure than asked for: a
    /// rule with doubtful findings alone did not pass).
    pub fails: u64,
    /// Subjects that keep it. For source rules: files looked at without a finding of it.
    pub passes: u64,
    /// Subjects, or whole exports, that could not be judged, by reason; sorted.
    pub not_evaluated: Vec<NotEvaluated>,
}

impl RuleOutcome {
    /// How much of the rule was judged.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        match (self.fails + self.passes > 0, self.not_evaluated.is_empty()) {
            (true, true) => Reach::Full,
            (true, false) => Reach::Partial,
            (false, _) => Reach::None,
        }
    }

    /// Why the rule was not evaluated, wholly or in part, and for how many subjects. A rule that
    /// met no subject always has a reason.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, u64)> {
        let unmet = self.reach() == Reach::None && self.not_evaluated.is_empty();
        self.not_evaluated
            .iter()
            .map(|why| (why.reason.as_str(), why.subjects))
            .chain(unmet.then_some((NOTHING_TO_JUDGE, 0)))
    }
}

/// The reason of a rule that met no subject and gave no reason.
const NOTHING_TO_JUDGE: &str = "nothing that the rule looks at is in the inputs";

/// How much of a rule was judged. A rule that met no subject was not judged, whatever the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every subject.
    Full,
    /// Some subjects; others could not be judged.
    Partial,
    /// No subject.
    None,
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
    /// The newest thing that it tells of, up to the audit date, where its records have one.
    pub newest: Option<Instant>,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// What the scan was told to look at, as reports show it; `.` is the working directory. Empty
    /// where that is not known: of the history of a repository, and of older results.
    pub targets: BTreeSet<String>,
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
