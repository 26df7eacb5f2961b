//! What else is to be known of commits and blobs, asked for few or for all at once.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, ErrorKind};

use foldhash::fast::FixedState;

use super::{Blob, Commit};
use crate::input::git::pipe::talk;
use crate::input::git::{Git, GitError, Object, path_of};
use crate::model::{Instant, ObjectId};

/// How many objects are asked for ahead of their answers. So many names fit into the smallest
/// pipe that systems make, so that git and this program never wait for each other.
pub const AHEAD: usize = 48;

/// A commit object longer than this, in bytes, is not read.
const MAX_COMMIT: u64 = 16 << 20;

/// The places of blobs in an order in which git gives them cheaply: a pack keeps most objects as
/// differences from others, so each blob stands right after the one that it is made from, whose
/// bytes git still has at hand. In the order of the pack itself a history of 12,000 blobs takes a
/// quarter more CPU time, and twice as much once it outgrows git's cache.
///
/// # Errors
/// When git cannot be started or gives an answer that cannot be read.
pub fn cheap_order(git: &Git, blobs: &[Blob]) -> Result<Vec<u32>, GitError> {
    let places: HashMap<ObjectId, u32, FixedState> =
        blobs.iter().map(|b| b.id).zip(0u32..).collect();
    let arguments = [
        "cat-file",
        "--batch-all-objects",
        "--unordered",
        "--batch-check=%(objectname) %(deltabase)",
    ]
    .map(OsStr::new);
    // Bases first, in the order of the packs; for each blob those that are made from it.
    let mut bases = Vec::new();
    let mut made: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    let mut listed = vec![false; blobs.len()];
    // The order is advice: where git gives up, the rest stands as it came in.
    talk(git, &arguments, b"", |output| {
        each_line(output, |ids| {
            let mut ids = ids.split(|b| *b == b' ').map(ObjectId::from_hex);
            let id = ids.next()??;
            let base = ids.next().flatten();
            let Some(place) = places.get(&id) else {
                return Some(());
            };
            let first = listed.get_mut(*place as usize)?;
            if std::mem::replace(first, true) {
                return Some(());
            }
            match base.and_then(|base| places.get(&base)) {
                Some(base) => made.entry(*base).or_default().push(*place),
                None => bases.push(*place),
            }
            Some(())
        })
    })?;
    let mut order = Vec::with_capacity(blobs.len());
    let mut given = vec![false; blobs.len()];
    let mut next = Vec::new();
    // What git does not list is missing, or in a circle between two packs; asking for it says so.
    for base in bases.into_iter().chain((0u32..).take(blobs.len())) {
        next.push(base);
        while let Some(place) = next.pop() {
            let Some(done) = given.get_mut(place as usize) else {
                continue;
            };
            if !std::mem::replace(done, true) {
                order.push(place);
                next.extend(made.remove(&place).unwrap_or_default());
            }
        }
    }
    Ok(order)
}

/// Of some blobs, those that the trees of these commits have.
///
/// # Errors
/// When git cannot be started or fails.
pub fn in_trees(
    git: &Git,
    blobs: &HashSet<ObjectId>,
    commits: &[&str],
) -> Result<HashSet<ObjectId>, GitError> {
    let mut found = HashSet::new();
    if commits.is_empty() || blobs.is_empty() {
        return Ok(found);
    }
    let arguments: Vec<&OsStr> = [
        "rev-list",
        "--objects",
        "--no-object-names",
        "--missing=allow-any",
        "--no-walk=unsorted",
    ]
    .iter()
    .chain(commits)
    .chain(&["--"])
    .map(OsStr::new)
    .collect();
    let talk = talk(git, &arguments, b"", |output| {
        each_id(output, |id| {
            if blobs.contains(&id) {
                found.insert(id);
            }
        })
    })?;
    talk.failure.map_or(Ok(found), Err)
}

/// When commits were written by their authors; None for one that cannot be read.
///
/// # Errors
/// When git cannot be started or ends early.
pub fn authored(git: &Git, commits: &[ObjectId]) -> Result<Vec<Option<Instant>>, GitError> {
    let mut times = Vec::with_capacity(commits.len());
    each_commit(git, commits.iter(), |commit| {
        times.push(commit.and_then(author_time));
    })?;
    Ok(times)
}

/// Calls back with the message of each commit, in their order; without one for a commit that cannot be
/// read.
///
/// # Errors
/// When git cannot be started or ends early.
pub fn messages(
    git: &Git,
    commits: &[Commit],
    mut found: impl FnMut(&Commit, Option<&[u8]>),
) -> Result<(), GitError> {
    let mut rest = commits.iter();
    each_commit(git, commits.iter().map(|commit| &commit.id), |text| {
        if let Some(commit) = rest.next() {
            found(commit, text.map(message));
        }
    })
}

/// Calls back with each commit as git keeps it, in their order; without one that cannot be read.
fn each_commit<'c>(
    git: &Git,
    mut commits: impl Iterator<Item = &'c ObjectId>,
    mut found: impl FnMut(Option<&[u8]>),
) -> Result<(), GitError> {
    let mut batch = git.batch()?;
    let mut buffer = Vec::new();
    loop {
        let names: Vec<String> = commits
            .by_ref()
            .take(AHEAD)
            .map(ToString::to_string)
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        batch.ask(names.iter().map(String::as_str))?;
        for _ in names {
            match batch.next(&mut buffer, MAX_COMMIT)? {
                Object::Other(_) => found(Some(&buffer)),
                _ => found(None),
            }
        }
    }
}

/// What stands behind the header of a commit.
fn message(commit: &[u8]) -> &[u8] {
    let end = memchr::memmem::find(commit, b"\n\n");
    end.and_then(|at| commit.get(at + 2..)).unwrap_or(&[])
}

/// The seconds in `author NAME <ADDRESS> SECONDS ZONE`.
fn author_time(commit: &[u8]) -> Option<Instant> {
    let line = commit
        .split(|b| *b == b'\n')
        .take_while(|line| !line.is_empty())
        .find(|line| line.starts_with(b"author "))?;
    let after = memchr::memrchr(b'>', line)? + 1;
    let text = std::str::from_utf8(line.get(after..)?).ok()?;
    let seconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Instant::from_seconds(seconds))
}

/// The commits at which a shallow clone ends: their parents are elsewhere. Empty in a whole clone.
///
/// # Errors
/// When git cannot be asked, or the list cannot be read.
pub fn shallow(git: &Git) -> Result<HashSet<ObjectId>, GitError> {
    let answer = git.run(["rev-parse", "--git-path", "shallow"])?;
    let file = git.directory().join(path_of(answer.trim_ascii_end()));
    match fs::read(file) {
        Ok(text) => Ok(text
            .split(|b| *b == b'\n')
            .filter_map(|line| ObjectId::from_hex(line.trim_ascii()))
            .collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(HashSet::new()),
        Err(error) => Err(GitError::Pipe(error)),
    }
}

/// Reads one id from each line.
fn each_id(output: &mut dyn BufRead, mut take: impl FnMut(ObjectId)) -> Result<(), GitError> {
    each_line(output, |line| {
        take(ObjectId::from_hex(line)?);
        Some(())
    })
}

/// Reads lines, until one is not understood.
fn each_line(
    output: &mut dyn BufRead,
    mut take: impl FnMut(&[u8]) -> Option<()>,
) -> Result<(), GitError> {
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        take(line.trim_ascii_end())
            .ok_or_else(|| GitError::Answer(String::from_utf8_lossy(&line).into_owned()))?;
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{author_time, message};
    use crate::model::Instant;

    #[test]
    fn a_message_stands_behind_the_header() {
        assert_eq!(
            message(b"tree 1\nauthor a\n\nfirst\n\nrest\n"),
            b"first\n\nrest\n"
        );
        assert_eq!(message(b"tree 1\nauthor a\n"), b"");
    }

    #[test]
    fn an_author_date_is_read_whatever_the_name_holds() {
        let commit = |author: &str| format!("tree 1\nparent 2\n{author}\ncommitter x\n\nauthor no");
        for (author, seconds) in [
            ("author A <a@b> 1700000000 +0200", Some(1_700_000_000)),
            ("author A > B <> 5 -0000", Some(5)),
            ("author <x> -86400 +0000", Some(-86_400)),
            ("author A <a@b>", None),
            ("author A", None),
            ("writer A <a> 1 +0000", None),
        ] {
            let time = author_time(commit(author).as_bytes());
            assert_eq!(time.map(Instant::seconds), seconds, "{author}");
        }
    }
}
