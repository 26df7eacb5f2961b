//! What a push brings: the blobs that new commits introduce, each once, with its first commit.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::BufRead;
use std::path::Path;

use super::entry::{self, Entry, EntryKind};
use super::pipe::{Talk, talk};
use super::{Git, GitError, Object, history, path_of};

/// A blob and what brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    /// The first of the new commits that has it. None for what a tag points to without a commit.
    pub commit: Option<String>,
    /// Where it stands in that commit.
    pub entry: Entry,
}

/// What the other side has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'a> {
    /// Whatever a reference of this repository reaches: in a pre-receive hook no reference has
    /// moved yet.
    References,
    /// Whatever the remote-tracking branches of this remote reach, and these commits. Those that
    /// are not here are passed over: more is looked at then, not less.
    Remote(Option<&'a str>, &'a [String]),
}

/// What an id turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tip {
    /// A commit, or a tag of one.
    Commit,
    /// A tree, or a tag of one.
    Tree,
    /// A blob, or a tag of one.
    Blob,
    /// Not in this repository.
    Missing,
}

impl Git {
    /// What ids are. They must be whole ids.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn tips(&self, ids: &[String]) -> Result<Vec<Tip>, GitError> {
        let (mut batch, mut buffer) = (self.batch()?, Vec::new());
        let mut is = |id: &String, kind: &str| -> Result<bool, GitError> {
            batch.ask([format!("{id}^{{{kind}}}").as_str()])?;
            Ok(batch.next(&mut buffer, 0)? != Object::Missing)
        };
        let mut tip = |id: &String| {
            for (kind, tip) in [
                ("commit", Tip::Commit),
                ("tree", Tip::Tree),
                ("blob", Tip::Blob),
            ] {
                if is(id, kind)? {
                    return Ok(tip);
                }
            }
            Ok(Tip::Missing)
        };
        ids.iter().map(&mut tip).collect()
    }

    /// Everything in a tree.
    ///
    /// # Errors
    /// When git cannot be started or the tree cannot be read.
    pub fn tree(&self, id: &str) -> Result<Vec<Introduced>, GitError> {
        let listed = self.run(["ls-tree", "-r", "-z", "--full-tree", id])?;
        let mut found = Vec::new();
        for line in listed.split(|byte| *byte == 0).filter(|l| !l.is_empty()) {
            let wrong = || GitError::Answer(String::from_utf8_lossy(line).into_owned());
            let tab = memchr::memchr(b'\t', line).ok_or_else(wrong)?;
            let (head, path) = line.split_at(tab);
            let head = String::from_utf8_lossy(head);
            let [mode, _, id] = head.split(' ').collect::<Vec<_>>()[..] else {
                return Err(wrong());
            };
            if let Some(kind) = EntryKind::of_mode(mode) {
                let path = path_of(path.get(1..).unwrap_or_default());
                let id = id.to_owned();
                let entry = Entry { path, id, kind };
                found.push(Introduced {
                    commit: None,
                    entry,
                });
            }
        }
        Ok(found)
    }

    /// The entries that new commits introduce, in the order of [`history::commits`]: those of every commit that
    /// `tips` reach and the other side does not have, against all parents of the commit. A merge
    /// introduces only what none of its parents has. Only entries that `wanted` lets through are
    /// given, and of those each blob once.
    ///
    /// # Errors
    /// When git cannot be started, or the commits cannot be read.
    pub fn introduced(
        &self,
        tips: &[String],
        known: Known<'_>,
        mut wanted: impl FnMut(&Path, EntryKind) -> bool,
    ) -> Result<Vec<Introduced>, GitError> {
        let range = self.range(tips, known)?;
        let range: Vec<&str> = range.iter().map(String::as_str).collect();
        let commits = history::commits(self, &range, None)?;
        let mut feed = Vec::new();
        for commit in &commits {
            commit.id.push_to(&mut feed);
            feed.push(b'\n');
        }
        let compare = [
            "diff-tree",
            "--stdin",
            "-r",
            "-c",
            "--root",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-relative",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=none",
        ]
        .map(OsStr::new);
        let Talk { value, failure } =
            talk(self, &compare, &feed, |output| decode(output, &mut wanted))?;
        failure.map_or(Ok(value), Err)
    }

    fn range(&self, tips: &[String], known: Known<'_>) -> Result<Vec<String>, GitError> {
        let mut range = tips.to_vec();
        range.push("--not".to_owned());
        match known {
            Known::References => range.push("--all".to_owned()),
            Known::Remote(remote, ids) => {
                let kinds = self.tips(ids)?;
                let here = ids.iter().zip(kinds).filter(|(_, k)| *k == Tip::Commit);
                range.extend(here.map(|(id, _)| id.clone()));
                // A URL names no remote-tracking branches, and must not be taken for a pattern.
                let name = remote.filter(|r| !r.is_empty() && !r.contains(['*', '?', '[', ':']));
                range.extend(name.map(|name| format!("--remotes={name}")));
            }
        }
        Ok(range)
    }
}

fn decode(
    output: &mut dyn BufRead,
    wanted: &mut impl FnMut(&Path, EntryKind) -> bool,
) -> Result<Vec<Introduced>, GitError> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    let (mut head, mut path, mut commit) = (Vec::new(), Vec::new(), None);
    loop {
        head.clear();
        if output.read_until(0, &mut head)? == 0 {
            return Ok(found);
        }
        let text = String::from_utf8_lossy(head.strip_suffix(&[0]).unwrap_or(&head));
        if !text.starts_with(':') {
            commit = Some(text.into_owned());
            continue;
        }
        path.clear();
        output.read_until(0, &mut path)?;
        let Some(entry) = entry::decode(&text, path.strip_suffix(&[0]).unwrap_or(&path))? else {
            continue;
        };
        if wanted(&entry.path, entry.kind) && seen.insert(entry.id.clone()) {
            found.push(Introduced {
                commit: commit.clone(),
                entry,
            });
        }
    }
}
