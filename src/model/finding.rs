//! A fail: one rule broken by one subject, with everything a reader needs to act.

use std::fmt;
use std::sync::Arc;

use super::allow::Allow;
use super::commit::CommitRef;
use super::fingerprint::Fingerprint;
use super::identifier::Identifier;
use super::place::Location;
use super::secret::Secret;
use super::severity::{Confidence, Grade, Severity};

/// The id of a rule, such as `pw.never-expires`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// Takes a checked id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// Takes a checked id that others share.
    #[must_use]
    pub const fn shared(id: Arc<str>) -> Self {
        Self(id)
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Where the credential lives: `salesforce`, `aws`, …; `source` for source trees.
    pub platform: Arc<str>,
    /// What it is: the record type, or `secret`.
    pub kind: Arc<str>,
    /// Its stable id, never made from a secret in clear.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// One reason among several why a rule is broken, with where it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The reason, in one fragment.
    pub text: String,
    /// The row that says so, when it is not the subject's own.
    pub location: Option<Location>,
}

/// One fact shown with a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The field's name.
    pub field: Arc<str>,
    /// Its value as text; empty when the export had none.
    pub value: Box<str>,
}

/// The source line of a secret, with every secret on it already replaced by a hint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frame {
    /// The text of the line, cut to a readable length around the secret.
    pub text: String,
    /// Where the hint begins in `text`, in characters from 0.
    pub start: usize,
    /// How many characters the hint has.
    pub length: usize,
}

/// A fail.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: RuleId,
    /// Severity after the policy file had its say.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// How well the deciding fact is proven. None for source findings.
    pub grade: Option<Grade>,
    /// One sentence about this subject. Holds no secret.
    pub message: String,
    /// What the finding is about.
    pub subject: Subject,
    /// The first place, by path and line.
    pub location: Location,
    /// Every further place of the same subject, sorted.
    pub places: Vec<Location>,
    /// Why, when there is more than one reason. Sorted.
    pub causes: Vec<Cause>,
    /// Facts worth showing, in the rule's order.
    pub evidence: Vec<Evidence>,
    /// What stands beside a secret, or within it, and says whose it is.
    pub identifiers: Vec<Identifier>,
    /// The same subject under the same rule, in every run.
    pub fingerprint: Fingerprint,
    /// GitHub's `primaryLocationLineHash` of the first place; only for source findings, whose
    /// alerts follow the line. None: reports use the fingerprint.
    pub line_hash: Option<String>,
    /// The matched secret of a source finding.
    pub secret: Option<Secret>,
    /// The line of the first place, redacted.
    pub frame: Option<Box<Frame>>,
    /// The commit that brought a secret of the history in; the first place is where it stood then.
    pub commit: Option<Box<CommitRef>>,
    /// What a comment beside a secret says of it: of every place, or else of none.
    pub allow: Option<Box<Allow>>,
    /// Indexes into the policy's waivers whose rule and conditions match this finding.
    pub waivers: Vec<usize>,
}

impl Finding {
    /// Takes in another finding of the same fingerprint: the places and causes of both are kept,
    /// and everything else is that of the one that stands first: that of the earlier commit, or
    /// else of the earlier place.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let stands = |finding: &Self| finding.commit.as_ref().map(|commit| commit.order);
        let (mut first, mut second) =
            if (stands(&other), &other.location) < (stands(&self), &self.location) {
                (other, self)
            } else {
                (self, other)
            };
        // A secret that also stands where nothing allows it is not allowed. Of two that do, the one
        // that ends first counts.
        first.allow = match (first.allow.take(), second.allow.take()) {
            (Some(one), Some(other)) => Some(if lasts(&other) < lasts(&one) {
                other
            } else {
                one
            }),
            _ => None,
        };
        first.waivers.extend_from_slice(&second.waivers);
        first.waivers.sort_unstable();
        first.waivers.dedup();
        first.unite(second);
        first
    }

    /// Takes in what another finding of the same fingerprint adds to this one: places, causes,
    /// identifiers, and the better proof. Everything else stays.
    pub fn unite(&mut self, other: Self) {
        self.grade = self.grade.max(other.grade);
        self.confidence = self.confidence.max(other.confidence);
        self.places.push(other.location);
        self.places.extend(other.places);
        self.places.sort();
        self.places.dedup();
        self.places.retain(|place| *place != self.location);
        self.causes.extend(other.causes);
        self.causes.sort();
        self.causes
            .dedup_by(|later, earlier| later.text == earlier.text);
        self.identifiers.extend(other.identifiers);
        self.identifiers.sort();
        self.identifiers.dedup();
    }
}

/// Until when a comment holds; one that is wrong never does, one of another tool always.
const fn lasts(allow: &Allow) -> i64 {
    match allow {
        Allow::Ours { until, .. } => until.seconds(),
        Allow::Foreign(_) => i64::MAX,
        Allow::Wrong(_) => i64::MIN,
    }
}

#[cfg(test)]
impl Finding {
    /// A finding of a rule with nothing in it, for tests to fill in.
    pub(crate) fn bare(rule: &str) -> Self {
        Self {
            rule: RuleId::new(rule),
            severity: Severity::Info,
            confidence: Confidence::Low,
            grade: None,
            message: String::new(),
            subject: Subject {
                platform: "".into(),
                kind: "".into(),
                id: String::new(),
                name: String::new(),
            },
            location: Location {
                path: super::ScanPath::new("a".as_ref()),
                region: super::Region::WHOLE_FILE,
            },
            places: Vec::new(),
            causes: Vec::new(),
            evidence: Vec::new(),
            fingerprint: super::FingerprintBuilder::new(rule).finish(),
            identifiers: Vec::new(),
            line_hash: None,
            secret: None,
            frame: None,
            commit: None,
            allow: None,
            waivers: Vec::new(),
        }
    }
}
