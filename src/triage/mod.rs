//! Whether a finding is accepted, and by what: a verdict, never a deletion. Every output gets its
//! findings from here, so a waiver that has ended ends everywhere.
//!
//! The order: waivers of the policy first, whose word is final, in force or ended; then comments
//! beside the secret; then the baseline; then the base commit. So an ended waiver cannot hide behind a line of a file.

mod baseline;
mod findings;
mod stored;
mod waivers;

pub use baseline::{Baseline, Entry, Usage};
pub use findings::{Findings, Gather, Group, Kind, Sum};
pub use waivers::{ForeignAllows, Triage, Waivers};

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::model::{Finding, Fingerprint, Instant, When};

/// What the policy says about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Open,
    /// An acceptance in force covers it: reported, not counted.
    Accepted(Acceptance),
    /// An acceptance covered it and has ended: it counts again.
    Lapsed(Acceptance),
}

/// Why a finding need not be dealt with now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// What accepts it.
    pub by: Acceptor,
    /// Who answers for it; nobody does for what a base commit has.
    pub owner: Option<String>,
    /// Why.
    pub reason: String,
    /// When it ends, or ended.
    pub expires: When,
}

/// What accepts a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptor {
    /// A waiver of the policy, by its id.
    Waiver(String),
    /// A line of the baseline.
    Baseline,
    /// The tree of this commit has the finding too.
    Commit(String),
}

impl Verdict {
    /// The verdict that most findings share.
    #[must_use]
    pub fn open() -> Arc<Self> {
        static OPEN: LazyLock<Arc<Verdict>> = LazyLock::new(|| Arc::new(Verdict::Open));
        Arc::clone(&OPEN)
    }

    /// An acceptance's verdict at the audit date.
    #[must_use]
    pub fn of(acceptance: Acceptance, as_of: Instant) -> Self {
        match acceptance.expires {
            When::Known(expires) if expires <= as_of => Self::Lapsed(acceptance),
            _ => Self::Accepted(acceptance),
        }
    }

    /// The acceptance that has ended, if one has.
    #[must_use]
    pub const fn lapsed(&self) -> Option<&Acceptance> {
        match self {
            Self::Lapsed(acceptance) => Some(acceptance),
            Self::Open | Self::Accepted(_) => None,
        }
    }

    /// The acceptance in force, if one is.
    #[must_use]
    pub const fn accepted(&self) -> Option<&Acceptance> {
        match self {
            Self::Accepted(acceptance) => Some(acceptance),
            Self::Open | Self::Lapsed(_) => None,
        }
    }
}

impl Acceptance {
    /// Whether a waiver accepts it; otherwise it is known from before.
    #[must_use]
    pub const fn is_waiver(&self) -> bool {
        matches!(self.by, Acceptor::Waiver(_))
    }
}

/// A finding with its verdict.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The finding.
    pub finding: Box<Finding>,
    /// What the policy says about it; most findings share one.
    pub verdict: Arc<Verdict>,
}

impl Judged {
    /// Whether it counts toward the exit code.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.verdict.accepted().is_none()
    }
}

/// Accepts what the tree of a base commit has too. Only findings that nothing else speaks of: an
/// ended waiver and an ended line of the baseline count again, however old the finding is.
pub fn accept_known(
    judged: &mut Judged,
    fingerprints: &BTreeSet<Fingerprint>,
    verdict: &Arc<Verdict>,
) {
    if *judged.verdict == Verdict::Open && fingerprints.contains(&judged.finding.fingerprint) {
        judged.verdict = Arc::clone(verdict);
    }
}

/// The verdict over what a commit has too.
#[must_use]
pub fn known_to(commit: &str, reason: &str) -> Arc<Verdict> {
    let acceptance = Acceptance {
        by: Acceptor::Commit(commit.to_owned()),
        owner: None,
        reason: reason.to_owned(),
        expires: When::Never,
    };
    Arc::new(Verdict::Accepted(acceptance))
}

#[cfg(test)]
mod tests;
