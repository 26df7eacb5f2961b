//! Applies the policy file's waivers.

use std::sync::Arc;

use globset::{Glob, GlobMatcher};

use crate::model::{Finding, Instant, Period, When};
use crate::rule::policy::{Policy, Waiver, WaiverMatch};

use super::{Acceptance, Acceptor, Judged, Verdict};

/// The waivers of a policy, ready to be applied.
#[derive(Debug)]
pub struct Waivers<'p> {
    all: Vec<(&'p Waiver, Option<GlobMatcher>)>,
    notice: Period,
    as_of: Instant,
}

/// What applying waivers gave.
#[derive(Debug)]
pub struct Triage {
    /// Every finding, with its verdict.
    pub judged: Vec<Judged>,
    /// Waivers that matched nothing, have ended or end soon, told to people.
    pub notes: Vec<String>,
}

impl<'p> Waivers<'p> {
    /// The waivers of a policy, at an audit date.
    #[must_use]
    pub fn new(policy: &'p Policy, as_of: Instant) -> Self {
        let all = policy.waivers.iter().map(|waiver| {
            let glob = match &waiver.matches {
                // The policy's decoder has compiled it before.
                WaiverMatch::Path(pattern) => Glob::new(pattern).ok().map(|g| g.compile_matcher()),
                _ => None,
            };
            (waiver, glob)
        });
        Self {
            all: all.collect(),
            notice: policy.waiver_notice,
            as_of,
        }
    }

    /// Gives every finding its verdict, and notes which waivers need their owner's eye.
    #[must_use]
    pub fn apply(&self, findings: impl Iterator<Item = Box<Finding>>) -> Triage {
        let mut used = vec![false; self.all.len()];
        let open = Arc::new(Verdict::Open);
        let judged = findings.map(|finding| {
            let verdict = match self.judge(&finding, &mut used) {
                Verdict::Open => Arc::clone(&open),
                other => Arc::new(other),
            };
            Judged { finding, verdict }
        });
        let judged = judged.collect();
        Triage {
            judged,
            notes: self.notes(&used),
        }
    }

    /// A waiver in force wins over one that has ended; of several, the one that lasts longest.
    fn judge(&self, finding: &Finding, used: &mut [bool]) -> Verdict {
        let mut best: Option<&Waiver> = None;
        for (index, (waiver, glob)) in self.all.iter().enumerate() {
            if waiver.rule != finding.rule || !covers(index, waiver, glob.as_ref(), finding) {
                continue;
            }
            if let Some(slot) = used.get_mut(index) {
                *slot = true;
            }
            if waiver.created <= self.as_of && best.is_none_or(|b| waiver.expires > b.expires) {
                best = Some(waiver);
            }
        }
        let Some(waiver) = best else {
            return Verdict::Open;
        };
        let acceptance = Acceptance {
            by: Acceptor::Waiver(waiver.id.clone()),
            owner: Some(waiver.owner.clone()),
            reason: waiver.reason.clone(),
            expires: When::Known(waiver.expires),
        };
        Verdict::of(acceptance, self.as_of)
    }

    fn notes(&self, used: &[bool]) -> Vec<String> {
        let mut notes = Vec::new();
        for ((waiver, _), used) in self.all.iter().zip(used) {
            let Waiver {
                id,
                rule,
                owner,
                expires,
                ..
            } = waiver;
            if !used {
                notes.push(format!(
                    "waiver {id} of {rule} matches nothing; {owner} can take it out"
                ));
            } else if *expires <= self.as_of {
                notes.push(format!(
                    "waiver {id} of {rule} ended on {}; its findings count again ({owner})",
                    expires.date()
                ));
            } else if *expires <= self.as_of + self.notice {
                notes.push(format!(
                    "waiver {id} of {rule} ends on {} ({owner})",
                    expires.date()
                ));
            }
        }
        notes
    }
}

fn covers(index: usize, waiver: &Waiver, glob: Option<&GlobMatcher>, finding: &Finding) -> bool {
    match &waiver.matches {
        WaiverMatch::Record(_) => finding.waivers.contains(&index),
        WaiverMatch::Fingerprint(text) => finding.fingerprint.to_string() == *text,
        // A secret that also stands outside the waived files is not covered.
        WaiverMatch::Path(_) => glob.is_some_and(|glob| {
            std::iter::once(&finding.location)
                .chain(&finding.places)
                .all(|place| glob.is_match(place.path.as_str()))
        }),
    }
}
