//! Whether a finding is accepted, and by what: a verdict, never a deletion. Every output gets its
//! findings from here, so a waiver that has ended ends everywhere.

mod waivers;

pub use waivers::{Triage, Waivers};

use std::sync::Arc;

use crate::model::{Finding, Instant};

/// What the policy says about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Open,
    /// A waiver that is in force covers it: reported, not counted.
    Waived {
        /// The waiver's id.
        waiver: String,
        /// Who answers for it.
        owner: String,
        /// Why.
        reason: String,
        /// When it ends.
        expires: Instant,
    },
    /// A waiver covered it and has ended: it counts again.
    WaiverExpired {
        /// The waiver's id.
        waiver: String,
        /// Who answers for it.
        owner: String,
        /// When it ended.
        expired: Instant,
    },
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
        !matches!(*self.verdict, Verdict::Waived { .. })
    }
}
