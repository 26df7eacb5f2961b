//! The baseline: findings that were there when somebody decided to deal with new ones first, each
//! with an owner, a reason and an end. Pure: knows no file and no format; see `app` for those.
//!
//! A line names a finding by rule and fingerprint alone. Its path is a hint for people: that it
//! differs from where the finding stands now changes nothing and is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Finding, Fingerprint, Instant, RuleId, ScanPath, When};

use super::{Acceptance, Acceptor, Judged, Verdict};

/// An accepted finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule.
    pub rule: RuleId,
    /// The finding.
    pub fingerprint: Fingerprint,
    /// Where it stood when the line was written.
    pub path: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// When the acceptance ends.
    pub expires: When,
}

impl Entry {
    /// The entry as it is to be written again: what it says, with the path of today.
    #[must_use]
    pub fn refreshed(&self, finding: &Finding) -> Self {
        let mut entry = self.clone();
        if let Some(path) = moved(self, finding) {
            path.as_str().clone_into(&mut entry.path);
        }
        entry
    }

    /// What tells entries apart, and the order of the file.
    fn key(&self) -> (&RuleId, Fingerprint) {
        (&self.rule, self.fingerprint)
    }

    /// The last moment that it is in force, for comparing.
    const fn until(&self) -> i64 {
        match self.expires {
            When::Known(expires) => expires.seconds(),
            When::Never => i64::MAX,
        }
    }
}

/// Accepted findings, sorted by rule and fingerprint, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
    /// How many entries of the same finding were folded into another.
    duplicates: usize,
}

/// What applying a baseline showed. Indexes are those of [`Baseline::entries`].
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Entries that some finding has.
    pub matched: BTreeSet<usize>,
    /// Entries whose finding stands in another file than they say, and which.
    pub moved: Vec<(usize, ScanPath)>,
}

impl Baseline {
    /// Sorts entries. Of several for one finding, as a merge of two branches leaves them, the one
    /// that lasts longest stays; of equal ones the first.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| {
            let longest = b.until().cmp(&a.until());
            a.key().cmp(&b.key()).then(longest)
        });
        let all = entries.len();
        entries.dedup_by(|later, earlier| later.key() == earlier.key());
        Self {
            duplicates: all - entries.len(),
            entries,
        }
    }

    /// The entries, sorted.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries were left out because another names the same finding.
    #[must_use]
    pub const fn duplicates(&self) -> usize {
        self.duplicates
    }

    /// The entry of a finding, by its index.
    #[must_use]
    pub fn find(&self, finding: &Finding) -> Option<usize> {
        let key = (&finding.rule, finding.fingerprint);
        self.entries.binary_search_by(|e| e.key().cmp(&key)).ok()
    }

    /// Gives the finding of an entry its verdict, unless a waiver has spoken, and notes what was
    /// used.
    pub fn judge(&self, judged: &mut Judged, as_of: Instant, usage: &mut Usage) {
        let Some(index) = self.find(&judged.finding) else {
            return;
        };
        let Some(entry) = self.entries.get(index) else {
            return;
        };
        usage.matched.insert(index);
        if let Some(path) = moved(entry, &judged.finding) {
            usage.moved.push((index, path.clone()));
        }
        if *judged.verdict == Verdict::Open {
            let acceptance = Acceptance {
                by: Acceptor::Baseline,
                owner: Some(entry.owner.clone()),
                reason: entry.reason.clone(),
                expires: entry.expires,
            };
            judged.verdict = Arc::new(Verdict::of(acceptance, as_of));
        }
    }
}

/// The platform of findings in source trees.
const SOURCE: &str = "source";

/// Where a finding stands now, if not where its entry says. Only in source trees: an export has a
/// new name each time it is made, and its records are the same.
fn moved<'f>(entry: &Entry, finding: &'f Finding) -> Option<&'f ScanPath> {
    let mut places = std::iter::once(&finding.location).chain(&finding.places);
    let there = places.any(|place| place.path.as_str() == entry.path);
    (*finding.subject.platform == *SOURCE && !there).then_some(&finding.location.path)
}
