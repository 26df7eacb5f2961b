//! From hits in blobs to findings: one for each secret, with the commit that brought it in first,
//! every path it stood at, and whether it is still there.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::input::git::history::{self, Introduced};
use crate::input::git::revisions::Range;
use crate::input::git::{Git, GitError};
use crate::model::{CommitRef, Finding, Fingerprint, InTip, Instant, Location, ObjectId, ScanPath};

use super::search::Hit;

/// Makes findings of hits.
///
/// # Errors
/// When git fails.
pub(super) fn findings(
    git: &Git,
    range: &Range,
    introduced: &Introduced,
    hits: Vec<Hit>,
) -> Result<Vec<Finding>, GitError> {
    let mut groups: BTreeMap<Fingerprint, Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        groups.entry(hit.finding.fingerprint).or_default().push(hit);
    }
    let blob_of = |hit: &Hit| introduced.blobs.get(hit.blob as usize).map(|b| b.id);
    let blobs: HashSet<ObjectId> = groups.values().flatten().filter_map(blob_of).collect();
    let there = Tips::of(git, range, &blobs)?;
    let mut found: Vec<(u32, InTip, Finding)> = Vec::with_capacity(groups.len());
    for mut group in groups.into_values() {
        let in_tip = group
            .iter()
            .filter_map(blob_of)
            .map(|blob| there.have(&blob))
            .min()
            .unwrap_or(InTip::No);
        group.sort_by(|a, b| {
            let place = |hit: &Hit| (hit.commit, hit.finding.location.clone());
            place(a).cmp(&place(b))
        });
        found.extend(one(group).map(|(commit, finding)| (commit, in_tip, finding)));
    }
    with_commits(git, introduced, found)
}

/// One finding of all hits of a secret, the earliest first.
fn one(group: Vec<Hit>) -> Option<(u32, Finding)> {
    // Lines move from version to version: of each path, the places in its earliest version.
    let mut versions: HashMap<ScanPath, u32> = HashMap::new();
    let mut places: Vec<Location> = Vec::new();
    for hit in &group {
        let location = &hit.finding.location;
        let version = versions.entry(location.path.clone()).or_insert(hit.blob);
        if *version == hit.blob {
            places.push(location.clone());
        }
    }
    let first = group.into_iter().next()?;
    let mut finding = first.finding;
    places.sort();
    places.dedup();
    places.retain(|place| *place != finding.location);
    finding.places = places;
    Some((first.commit, finding))
}

/// Adds the commits.
fn with_commits(
    git: &Git,
    introduced: &Introduced,
    found: Vec<(u32, InTip, Finding)>,
) -> Result<Vec<Finding>, GitError> {
    let commit = |order: u32| introduced.commits.get(order as usize);
    let mut orders: Vec<u32> = found.iter().map(|(order, ..)| *order).collect();
    orders.sort_unstable();
    orders.dedup();
    let ids: Vec<ObjectId> = orders.iter().filter_map(|o| Some(commit(*o)?.id)).collect();
    let times: HashMap<ObjectId, Option<Instant>> = ids
        .iter()
        .copied()
        .zip(history::authored(git, &ids)?)
        .collect();
    let with = |(order, in_tip, mut finding): (u32, InTip, Finding)| {
        finding.commit = commit(order).map(|commit| {
            Box::new(CommitRef {
                order,
                id: commit.id,
                authored: times
                    .get(&commit.id)
                    .copied()
                    .flatten()
                    .unwrap_or(commit.committed),
                in_tip,
            })
        });
        finding
    };
    Ok(found.into_iter().map(with).collect())
}

/// The blobs with secrets that are still there.
struct Tips {
    /// In what was asked about.
    asked: HashSet<ObjectId>,
    /// In any branch.
    branches: HashSet<ObjectId>,
}

impl Tips {
    fn of(git: &Git, range: &Range, blobs: &HashSet<ObjectId>) -> Result<Self, GitError> {
        if blobs.is_empty() {
            return Ok(Self {
                asked: HashSet::new(),
                branches: HashSet::new(),
            });
        }
        let tips: Vec<&str> = range.tips.iter().map(String::as_str).collect();
        let branches = git.branch_tips()?;
        let branches: Vec<&str> = branches.iter().map(String::as_str).collect();
        Ok(Self {
            asked: history::in_trees(git, blobs, &tips)?,
            branches: history::in_trees(git, blobs, &branches)?,
        })
    }

    fn have(&self, blob: &ObjectId) -> InTip {
        if self.asked.contains(blob) {
            InTip::Yes
        } else if self.branches.contains(blob) {
            InTip::OtherBranch
        } else {
            InTip::No
        }
    }
}
