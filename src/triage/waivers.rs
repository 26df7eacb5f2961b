//! Applies the policy file's waivers.

use std::sync::Arc;

use globset::{Glob, GlobMatcher};

use crate::model::{Allow, Finding, Instant, Period, When};
use crate::rule::policy::{Policy, Waiver, WaiverMatch};

use super::{Acceptance, Acceptor, Judged, Verdict};

/// Whether the markers of other tools accept the secret beside them. They say neither who answers
/// for it nor until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForeignAllows {
    /// They are comments like any other.
    #[default]
    Disregarded,
    /// They accept it.
    Honoured,
}

/// The family that a comment may name in place of each of its rules.
const FAMILY: &str = "src.hardcoded-secret";

/// The waivers of a policy, ready to be applied.
#[derive(Debug)]
pub struct Waivers<'p> {
    all: Vec<(&'p Waiver, Option<GlobMatcher>)>,
    notice: Period,
    as_of: Instant,
    foreign: ForeignAllows,
}

/// Findings on their way to a verdict, one by one.
#[derive(Debug)]
pub struct Triage<'w> {
    waivers: &'w Waivers<'w>,
    /// Which of them matched something.
    used: Vec<bool>,
    notes: Vec<String>,
}

impl Triage<'_> {
    /// Gives a finding its verdict.
    pub fn judge(&mut self, finding: Box<Finding>) -> Judged {
        let verdict = match self.waivers.judge(&finding, &mut self.used) {
            Verdict::Open if finding.allow.is_some() => {
                Arc::new(self.waivers.beside(&finding, &mut self.notes))
            }
            Verdict::Open => Verdict::open(),
            other => Arc::new(other),
        };
        Judged { finding, verdict }
    }

    /// Waivers that matched nothing, have ended or end soon, and comments that do not hold, told to
    /// people.
    #[must_use]
    pub fn notes(mut self) -> Vec<String> {
        self.notes.extend(self.waivers.notes(&self.used));
        self.notes
    }
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
            foreign: ForeignAllows::default(),
        }
    }

    /// The same with another word on the markers of other tools.
    #[must_use]
    pub const fn with_foreign(mut self, foreign: ForeignAllows) -> Self {
        self.foreign = foreign;
        self
    }

    /// Gives findings their verdicts, and notes which waivers need their owner's eye.
    #[must_use]
    pub fn triage(&self) -> Triage<'_> {
        Triage {
            waivers: self,
            used: vec![false; self.all.len()],
            notes: Vec::new(),
        }
    }

    /// What the comment beside a secret comes to.
    fn beside(&self, finding: &Finding, notes: &mut Vec<String>) -> Verdict {
        let place = || {
            let (path, line) = (&finding.location.path, finding.location.region.start_line);
            format!("the comment at {path}:{line}")
        };
        let acceptance = match finding.allow.as_deref() {
            Some(Allow::Ours {
                rule,
                reason,
                owner,
                until,
            }) => {
                if rule != finding.rule.as_str() && rule != FAMILY {
                    notes.push(format!("{} allows {rule}, not {}", place(), finding.rule));
                    return Verdict::Open;
                }
                if *until <= self.as_of {
                    notes.push(format!(
                        "{} ended on {}; its finding counts again ({owner})",
                        place(),
                        until.date()
                    ));
                }
                Acceptance {
                    by: Acceptor::Waiver(place()),
                    owner: Some(owner.clone()),
                    reason: reason.clone(),
                    expires: When::Known(*until),
                }
            }
            Some(Allow::Foreign(mark)) if self.foreign == ForeignAllows::Honoured => Acceptance {
                by: Acceptor::Waiver(place()),
                owner: None,
                reason: format!("{mark} says so"),
                expires: When::Never,
            },
            Some(Allow::Wrong(why)) => {
                notes.push(format!("{} allows nothing: {why}", place()));
                return Verdict::Open;
            }
            Some(Allow::Foreign(_)) | None => return Verdict::Open,
        };
        Verdict::of(acceptance, self.as_of)
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
