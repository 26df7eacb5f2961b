//! What else is to be known of commits and blobs, asked for few or for all at once.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, ErrorKind};

use foldhash::fast::FixedState;

use super::Blob;
use crate::input::git::pipe::talk;
use crate::input::git::{Git, GitError, Object, path_of};
use crate::model::{Instant, ObjectId};

/// How many objects are asked for ahead of their answers. So many names fit into the smallest
/// pipe that systems make, so that git and this program never wait for each other.
pub const AHEAD: usize = 48;

/// A commit object longer than this, in bytes, is not read.
const MAX_COMMIT: u64 = 16 << 20;

/// The places of blobs in the order in which the packs have them. Neighbours there are made from
/// each other, and git gives them several times faster in this order than in another. Blobs that
/// are in no pack come first.
///
/// # Errors
/// When git cannot be started or fails.
pub fn pack_order(git: &Git, blobs: &[Blob]) -> Result<Vec<u32>, GitError> {
    let mut places: HashMap<ObjectId, u32, FixedState> =
        blobs.iter().map(|b| b.id).zip(0u32..).collect();
    let arguments = [
        "cat-file",
        "--batch-all-objects",
        "--unordered",
        "--batch-check=%(objectname)",
    ]
    .map(OsStr::new);
    let mut order = Vec::with_capacity(blobs.len());
    let talk = talk(git, &arguments, b"", |output| {
        each_id(output, |id| order.extend(places.remove(&id)))
    })?;
    if let Some(failure) = talk.failure {
        return Err(failure);
    }
    // What git does not list is missing; asking for it says so.
    let mut rest: Vec<u32> = places.into_values().collect();
    rest.sort_unstable();
    rest.append(&mut order);
    Ok(rest)
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
    let mut batch = git.batch()?;
    let mut buffer = Vec::new();
    let mut times = Vec::with_capacity(commits.len());
    for window in commits.chunks(AHEAD) {
        let names: Vec<String> = window.iter().map(ToString::to_string).collect();
        batch.ask(names.iter().map(String::as_str))?;
        for _ in window {
            times.push(match batch.next(&mut buffer, MAX_COMMIT)? {
                Object::Other(_) => author_time(&buffer),
                _ => None,
            });
        }
    }
    Ok(times)
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
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        let id = ObjectId::from_hex(line.trim_ascii_end())
            .ok_or_else(|| GitError::Answer(String::from_utf8_lossy(&line).into_owned()))?;
        take(id);
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::author_time;
    use crate::model::Instant;

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
