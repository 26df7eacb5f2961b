//! The findings of a report in their order, and how many there are of what. Read one by one, as
//! often as a format needs them: none may rely on their standing in memory.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use crate::model::{RuleId, Severity};
use crate::store::{Sorted, SortedIter, Sorter};

use super::{Judged, Verdict};

/// Findings with their verdicts, in the order of the report.
#[derive(Debug)]
pub struct Findings {
    sorted: Sorted<Judged>,
    sums: BTreeMap<Kind, Sum>,
}

/// Findings on their way into the order of a report, counted as they come.
#[derive(Debug)]
pub struct Gather {
    sorter: Sorter<Judged>,
    sums: BTreeMap<Kind, Sum>,
}

impl Gather {
    /// Takes a finding.
    ///
    /// # Errors
    /// When memory has no room for it, and the disk takes no more either.
    pub fn push(&mut self, judged: Judged) -> io::Result<()> {
        count(&mut self.sums, &judged);
        self.sorter.push(judged)
    }

    /// All of them in order.
    ///
    /// # Errors
    /// When the disk takes no more.
    pub fn finish(self) -> io::Result<Findings> {
        Ok(Findings {
            sorted: self.sorter.finish()?,
            sums: self.sums,
        })
    }
}

fn count(sums: &mut BTreeMap<Kind, Sum>, Judged { finding, verdict }: &Judged) {
    let kind = Kind {
        rule: finding.rule.clone(),
        severity: finding.severity,
        platform: Arc::clone(&finding.subject.platform),
    };
    sums.entry(kind).or_default().count(verdict);
}

/// What findings are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The rule that is broken.
    pub rule: RuleId,
    /// How severe the findings are.
    pub severity: Severity,
    /// Where their credentials live; see [`crate::model::Subject::platform`].
    pub platform: Arc<str>,
}

/// How many findings of one kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Those that count.
    pub open: u64,
    /// Those of `open` that something has covered which has ended.
    pub lapsed: u64,
    /// Those that a waiver covers.
    pub waived: u64,
    /// Those that are known from before.
    pub known: u64,
}

/// Findings of one rule that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group<'f> {
    /// The rule.
    pub rule: &'f RuleId,
    /// How severe the first is.
    pub severity: Severity,
    /// How many they are; never none.
    pub count: usize,
}

impl Sum {
    /// Those that do not count.
    #[must_use]
    pub const fn accepted(self) -> u64 {
        self.waived + self.known
    }

    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Open => self.open += 1,
            Verdict::Lapsed(_) => {
                self.open += 1;
                self.lapsed += 1;
            }
            Verdict::Accepted(by) if by.is_waiver() => self.waived += 1,
            Verdict::Accepted(_) => self.known += 1,
        }
    }
}

impl std::ops::Add for Sum {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            open: self.open + other.open,
            lapsed: self.lapsed + other.lapsed,
            waived: self.waived + other.waived,
            known: self.known + other.known,
        }
    }
}

impl std::iter::Sum for Sum {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), std::ops::Add::add)
    }
}

/// The order of findings in every report: most severe first, then rule, place and fingerprint.
fn order(a: &Judged, b: &Judged) -> Ordering {
    let (a, b) = (&a.finding, &b.finding);
    let key = (&a.rule, &a.location, a.fingerprint);
    let severity = b.severity.cmp(&a.severity);
    severity.then_with(|| key.cmp(&(&b.rule, &b.location, b.fingerprint)))
}

impl Findings {
    /// Takes findings one by one. Those that are more than about so many bytes wait on the disk.
    #[must_use]
    pub const fn gather(limit: usize) -> Gather {
        Gather {
            sorter: Sorter::new(order, limit),
            sums: BTreeMap::new(),
        }
    }

    /// The findings one after another.
    #[must_use]
    pub fn iter(&self) -> SortedIter<'_, Judged> {
        self.sorted.iter()
    }

    /// Why some could not be read back from the disk: what was written of them is not whole.
    #[must_use]
    pub fn fault(&self) -> Option<&io::Error> {
        self.sorted.fault()
    }

    /// All of them, in memory.
    ///
    /// # Errors
    /// When they cannot be read back from the disk.
    pub fn into_vec(self) -> io::Result<Vec<Judged>> {
        self.sorted.into_vec()
    }

    /// Those that count.
    pub fn open(&self) -> impl Iterator<Item = Cow<'_, Judged>> {
        let some = self.all().open > 0;
        let all = some.then(|| self.iter()).into_iter().flatten();
        all.filter(|judged| judged.counts())
    }

    /// Those that do not count.
    pub fn accepted(&self) -> impl Iterator<Item = Cow<'_, Judged>> {
        let some = self.all().accepted() > 0;
        let all = some.then(|| self.iter()).into_iter().flatten();
        all.filter(|judged| !judged.counts())
    }

    /// Those that count again because what covered them has ended.
    pub fn lapsed(&self) -> impl Iterator<Item = Cow<'_, Judged>> {
        let some = self.all().lapsed > 0;
        let all = some.then(|| self.iter()).into_iter().flatten();
        all.filter(|judged| judged.verdict.lapsed().is_some())
    }

    /// How many there are, whether they count or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are of each kind, by rule, severity and platform. No kind is empty.
    #[must_use]
    pub const fn sums(&self) -> &BTreeMap<Kind, Sum> {
        &self.sums
    }

    /// How many there are of all kinds together.
    #[must_use]
    pub fn all(&self) -> Sum {
        self.sums.values().copied().sum()
    }

    /// Those that count as they follow each other, rule by rule, up to a number of findings.
    #[must_use]
    pub fn groups(&self, most: usize) -> Vec<Group<'_>> {
        let mut kinds: Vec<_> = self.sums.iter().filter(|(_, sum)| sum.open > 0).collect();
        kinds.sort_by_key(|(kind, _)| (Reverse(kind.severity), &kind.rule));
        let mut left = most;
        let mut groups: Vec<Group<'_>> = Vec::new();
        for (kind, sum) in kinds {
            let count = usize::try_from(sum.open).unwrap_or(usize::MAX).min(left);
            left -= count;
            match groups.last_mut() {
                Some(last) if *last.rule == kind.rule => last.count += count,
                _ if count == 0 => break,
                _ => groups.push(Group {
                    rule: &kind.rule,
                    severity: kind.severity,
                    count,
                }),
            }
        }
        groups
    }

    /// How many there are of the kinds that are asked for.
    pub fn sum_of(&self, wanted: impl Fn(&Kind) -> bool) -> Sum {
        let some = self.sums.iter().filter(|(kind, _)| wanted(kind));
        some.map(|(_, sum)| *sum).sum()
    }
}

impl Default for Findings {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl FromIterator<Judged> for Findings {
    /// Brings findings into the order of a report.
    fn from_iter<I: IntoIterator<Item = Judged>>(all: I) -> Self {
        let all: Vec<Judged> = all.into_iter().collect();
        let mut sums = BTreeMap::new();
        all.iter().for_each(|judged| count(&mut sums, judged));
        Self {
            sorted: Sorted::held(all, order),
            sums,
        }
    }
}

#[cfg(test)]
impl Findings {
    /// Changes findings of a test by hand.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Vec<Judged>)) {
        let mut all = std::mem::take(self).into_vec().unwrap();
        change(&mut all);
        *self = all.into_iter().collect();
    }
}

impl<'f> IntoIterator for &'f Findings {
    type Item = Cow<'f, Judged>;
    type IntoIter = SortedIter<'f, Judged>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
