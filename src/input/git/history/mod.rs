//! Which blobs the commits of a range brought in, each once, with the commit that did it first.
//!
//! Commits are put in an order that depends on the history alone: parents before children, then
//! the earlier commit date, then the smaller id. A commit brings in what differs from every one
//! of its parents, so that a merge answers for its own resolution and for nothing else. Content
//! is not read here: trees are compared, no text is diffed.

mod facts;

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ffi::OsStr;
use std::io::BufRead;

use foldhash::fast::FixedState;

use super::pipe::{Talk, talk};
use super::{Git, GitError};
use crate::model::{Instant, ObjectId};

pub use facts::{AHEAD, authored, cheap_order, in_trees, messages, shallow};

/// A commit of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// When it was committed.
    pub committed: Instant,
}

/// A blob, and how it came in first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its id.
    pub id: ObjectId,
    /// The place in [`Introduced::commits`] of the commit that brought it in.
    pub commit: u32,
    /// Its path there, as git has it: bytes, `/` between parts, relative to the top.
    pub path: Box<[u8]>,
}

/// A blob that already came in under another path: moved or copied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Again {
    /// The place in [`Introduced::blobs`] of the blob.
    pub blob: u32,
    /// The place in [`Introduced::commits`] of the first commit that has it there.
    pub commit: u32,
    /// The other path.
    pub path: Box<[u8]>,
}

/// What a range brought in.
#[derive(Debug, Default)]
pub struct Introduced {
    /// The commits of the range, oldest first.
    pub commits: Vec<Commit>,
    /// The blobs, in the order of the commits, then of their paths.
    pub blobs: Vec<Blob>,
    /// Further paths of blobs, each once; sorted.
    pub again: Vec<Again>,
    /// Paths that were a submodule at some time: their content is in another repository.
    pub submodules: u64,
    /// Why the list is not whole: an object is missing or damaged.
    pub failure: Option<GitError>,
}

/// The commits that `revs` names, oldest first. `revs` are words of `git rev-list`, which the
/// caller made or checked: ids, `^id`, `--all`, `--not`. Only those committed at or after `since`.
///
/// # Errors
/// When git cannot be started, or a revision does not resolve.
pub fn commits(git: &Git, revs: &[&str], since: Option<Instant>) -> Result<Vec<Commit>, GitError> {
    let arguments: Vec<&OsStr> = ["rev-list", "--timestamp", "--parents"]
        .iter()
        .chain(revs)
        .chain(&["--"])
        .map(OsStr::new)
        .collect();
    let talk = talk(git, &arguments, b"", graph)?;
    match talk.failure {
        Some(failure) => Err(failure),
        None => Ok(talk.value.ordered(since)),
    }
}

/// The blobs that the commits of `revs` brought in; see [`commits`] for the words.
///
/// # Errors
/// When git cannot be started, or a revision does not resolve.
pub fn introduced(git: &Git, revs: &[&str]) -> Result<Introduced, GitError> {
    blobs(git, commits(git, revs, None)?)
}

/// The blobs that these commits brought in.
///
/// # Errors
/// When git cannot be started or gives an answer that cannot be read. A missing tree is no error
/// but [`Introduced::failure`].
pub fn blobs(git: &Git, commits: Vec<Commit>) -> Result<Introduced, GitError> {
    let mut feed = Vec::new();
    for commit in &commits {
        commit.id.push_to(&mut feed);
        feed.push(b'\n');
    }
    let mut found = Introduced {
        commits,
        ..Introduced::default()
    };
    if found.commits.is_empty() {
        return Ok(found);
    }
    let arguments = [
        "diff-tree",
        "--stdin",
        "--root",
        "-r",
        "-c",
        "-z",
        "--raw",
        "--no-renames",
        "--no-relative",
        "--ignore-submodules=none",
    ]
    .map(OsStr::new);
    let Talk { value, failure } = talk(git, &arguments, &feed, |output| {
        changes(output, &found.commits)
    })?;
    found.blobs = value.blobs;
    found.again = value.again;
    found.again.sort_unstable();
    found.submodules = value.submodules.len() as u64;
    found.failure = failure;
    Ok(found)
}

/// Commits as git lists them, with the places of their parents.
#[derive(Default)]
struct Graph {
    commits: Vec<Commit>,
    parents: Vec<Vec<ObjectId>>,
}

/// Reads lines of time, id and ids of parents.
fn graph(output: &mut dyn BufRead) -> Result<Graph, GitError> {
    let mut graph = Graph::default();
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        let strange = || GitError::Answer(String::from_utf8_lossy(&line).trim_end().to_owned());
        let mut words = line.trim_ascii_end().split(|b| *b == b' ');
        let seconds = words
            .next()
            .and_then(|w| std::str::from_utf8(w).ok()?.parse::<u64>().ok())
            .ok_or_else(strange)?;
        let mut ids = words.map(ObjectId::from_hex);
        let id = ids.next().flatten().ok_or_else(strange)?;
        graph.commits.push(Commit {
            id,
            committed: Instant::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)),
        });
        graph
            .parents
            .push(ids.collect::<Option<_>>().ok_or_else(strange)?);
        line.clear();
    }
    Ok(graph)
}

impl Graph {
    /// Parents before children; of those that could be next, the earliest, then the smallest id.
    fn ordered(self, since: Option<Instant>) -> Vec<Commit> {
        let places: HashMap<ObjectId, usize, FixedState> = self
            .commits
            .iter()
            .enumerate()
            .map(|(at, commit)| (commit.id, at))
            .collect();
        let mut waits = vec![0u32; self.commits.len()];
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.commits.len()];
        for (child, parents) in self.parents.iter().enumerate() {
            for parent in parents.iter().filter_map(|id| places.get(id)) {
                if let (Some(list), Some(count)) = (children.get_mut(*parent), waits.get_mut(child))
                {
                    list.push(child);
                    *count += 1;
                }
            }
        }
        let key = |at: usize| {
            let commit = self.commits.get(at)?;
            Some(Reverse((commit.committed, commit.id, at)))
        };
        let mut ready: BinaryHeap<_> = waits
            .iter()
            .enumerate()
            .filter(|(_, count)| **count == 0)
            .filter_map(|(at, _)| key(at))
            .collect();
        let mut ordered = Vec::with_capacity(self.commits.len());
        while let Some(Reverse((committed, id, at))) = ready.pop() {
            if since.is_none_or(|since| committed >= since) {
                ordered.push(Commit { id, committed });
            }
            for child in children.get(at).into_iter().flatten() {
                if let Some(count) = waits.get_mut(*child) {
                    *count -= 1;
                    if *count == 0 {
                        ready.extend(key(*child));
                    }
                }
            }
        }
        ordered
    }
}

/// What a list of changes came to.
#[derive(Default)]
struct Changes {
    blobs: Vec<Blob>,
    again: Vec<Again>,
    seen: HashMap<ObjectId, u32, FixedState>,
    moved: HashSet<(u32, Box<[u8]>), FixedState>,
    submodules: HashSet<Box<[u8]>, FixedState>,
}

impl Changes {
    /// Takes in that a commit brought a blob to a path.
    fn add(&mut self, id: ObjectId, commit: u32, path: &[u8]) {
        let next = u32::try_from(self.blobs.len()).unwrap_or(u32::MAX);
        let blob = match self.seen.entry(id) {
            Entry::Vacant(slot) => {
                slot.insert(next);
                self.blobs.push(Blob {
                    id,
                    commit,
                    path: path.into(),
                });
                return;
            }
            Entry::Occupied(slot) => *slot.get(),
        };
        let first = self.blobs.get(blob as usize).map(|b| &*b.path);
        if first != Some(path) && self.moved.insert((blob, path.into())) {
            self.again.push(Again {
                blob,
                commit,
                path: path.into(),
            });
        }
    }
}

/// Reads changes with NUL-terminated parts: a commit's id, then for each path
/// `:` once for each parent, the modes, the ids, the letters; then the path.
fn changes(output: &mut dyn BufRead, commits: &[Commit]) -> Result<Changes, GitError> {
    let mut changes = Changes::default();
    let mut place: Option<u32> = None;
    let mut ahead = (0u32..).zip(commits);
    let mut part = Vec::new();
    let mut path = Vec::new();
    while next_part(output, &mut part)? {
        let strange = || GitError::Answer(String::from_utf8_lossy(&part).into_owned());
        if part.first() != Some(&b':') {
            let id = ObjectId::from_hex(&part).ok_or_else(strange)?;
            // Git answers in the order of the questions and leaves out what changed nothing.
            let found = ahead.find(|(_, commit)| commit.id == id);
            place = Some(found.ok_or_else(strange)?.0);
            continue;
        }
        let (mode, id) = result_of(&part).ok_or_else(strange)?;
        if !next_part(output, &mut path)? {
            return Err(strange());
        }
        let commit = place.ok_or_else(strange)?;
        if mode == b"160000" {
            if !changes.submodules.contains(&*path) {
                changes.submodules.insert(path.as_slice().into());
            }
        } else if !id.is_null() {
            changes.add(id, commit, &path);
        }
    }
    Ok(changes)
}

/// The mode and id that a change ends with.
fn result_of(change: &[u8]) -> Option<(&[u8], ObjectId)> {
    let parents = change.iter().take_while(|b| **b == b':').count();
    let mut words = change.get(parents..)?.split(|b| *b == b' ');
    let mode = words.nth(parents)?;
    let id = words.nth(parents)?;
    Some((mode, ObjectId::from_hex(id)?))
}

/// The bytes up to the next NUL. False at the end; a part that the end cuts off counts as none,
/// because git died while writing it.
fn next_part(output: &mut dyn BufRead, part: &mut Vec<u8>) -> Result<bool, GitError> {
    part.clear();
    output.read_until(0, part)?;
    Ok(part.pop() == Some(0))
}

#[cfg(test)]
mod tests;
