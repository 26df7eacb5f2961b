//! The source half of a scan: every file's text past the secret rules, many files side by side.
//! Files come from the file system, or as blobs from git's database.

use rayon::prelude::*;

use crate::input::Listed;
use crate::input::git::{Batch, GitError, Object};
use crate::model::{Evidence, Finding, Problem, ProblemKind, ScanPath};

use super::beginning::Beginnings;
use super::long::{self, Cut};
use super::look::{Buffers, Counts, Look, Looked, Shelf, WHOLE, problem};
use super::outcomes::Hits;
use super::progress::Progress;

/// What the source half found.
#[derive(Debug, Default)]
pub struct SecretOutcome {
    /// Findings, in the order of the files, long ones last, but for those that were handed on.
    pub findings: Vec<Finding>,
    /// How often rules were broken, by what was handed on as well.
    pub(super) hits: Hits,
    /// What became of the files.
    pub(super) counts: Counts,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
    /// The bytes of the files and blobs.
    pub bytes: u64,
    /// What the beginnings of files say, where that was asked for.
    pub(super) beginnings: Beginnings,
    /// Long files that are to be searched yet.
    pub(super) cut: Vec<Cut>,
}

/// A blob to search, and how reports speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its id in git's database.
    pub id: String,
    /// What reports say.
    pub shown: ScanPath,
    /// The commit that brought it in, where that is known.
    pub commit: Option<String>,
}

/// Blobs are asked for in groups of this many, so that what is asked ahead fits into a pipe.
const ASKED: usize = 256;

/// Blobs are held until they are this many bytes, and then searched side by side.
const HELD: usize = 32 << 20;

/// Neighbours that one thread takes, so that no file waits long behind a large archive.
const NEIGHBOURS: usize = 32;

impl SecretOutcome {
    fn add(&mut self, looked: Looked) {
        self.findings.extend(looked.findings);
        self.problems.extend(looked.problems);
        self.bytes += looked.bytes;
        self.counts += looked.counts;
    }

    fn join(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.hits.add(other.hits);
        self.problems.extend(other.problems);
        self.counts += other.counts;
        self.bytes += other.bytes;
        self.beginnings.extend(other.beginnings);
        self.cut.extend(other.cut);
        self
    }
}

/// Takes out of what was found in a file what waits for nothing: findings may be too many to hold.
pub(super) type HandOn<'h> = dyn Fn(&mut Vec<Finding>) + Sync + 'h;

/// Searches files.
#[must_use]
pub(super) fn search(
    look: Look<'_>,
    files: &[Listed],
    progress: &dyn Progress,
    hand_on: &HandOn<'_>,
) -> SecretOutcome {
    let shelf = Shelf::default();
    let count = |outcome: &mut SecretOutcome, mut looked: Looked| {
        outcome.hits.add(Hits::of(&looked.findings));
        hand_on(&mut looked.findings);
        outcome.add(looked);
    };
    let mut outcome = files
        .par_iter()
        .enumerate()
        .with_max_len(NEIGHBOURS)
        .map_init(
            || shelf.take(),
            |taken, (number, file)| {
                let looked = look.file(&file.file(), &mut taken.buffers);
                if looked.0.cut.is_empty() {
                    progress.advance(1, looked.0.bytes);
                }
                (number, looked)
            },
        )
        .fold(
            SecretOutcome::default,
            |mut outcome, (number, (mut looked, beginning))| {
                if !looked.cut.is_empty() {
                    outcome.cut.push((number, std::mem::take(&mut looked.cut)));
                }
                count(&mut outcome, looked);
                if !matches!(beginning, Ok(None)) {
                    outcome.beginnings.push((number, beginning));
                }
                outcome
            },
        )
        .reduce(SecretOutcome::default, SecretOutcome::join);
    let cut = std::mem::take(&mut outcome.cut);
    long::search(look, &shelf, (files, &cut), progress, &mut |looked| {
        count(&mut outcome, looked);
    });
    outcome
}

/// Searches blobs, which one process of git gives one after another.
///
/// # Errors
/// When git ends before it has given them all. A blob that git does not have is a problem.
pub(super) fn search_blobs(
    look: Look<'_>,
    batch: &mut Batch,
    blobs: &[Blob],
) -> Result<SecretOutcome, GitError> {
    let (mut outcome, mut held) = (SecretOutcome::default(), 0);
    let mut group: Vec<(&Blob, Vec<u8>)> = Vec::new();
    let mut own = Buffers::default();
    for asked in blobs.chunks(ASKED) {
        batch.ask(asked.iter().map(|blob| blob.id.as_str()))?;
        for blob in asked {
            let mut bytes = Vec::new();
            let (object, looked) = batch.next_with(&mut bytes, WHOLE, |size, input| {
                Some(look.stream(&blob.shown, size, input, &mut own))
            })?;
            let looked = match (object, looked) {
                (Object::Blob, _) => {
                    held += bytes.len();
                    group.push((blob, bytes));
                    if held > HELD {
                        outcome = outcome.join(together(look, &group));
                        (held, group) = (0, Vec::new());
                    }
                    continue;
                }
                (Object::TooLarge(_), Some(looked)) => looked,
                (Object::Missing, _) => unreadable(blob, "its content is not in this repository"),
                (Object::Other(_) | Object::TooLarge(_), _) => {
                    unreadable(blob, "is no file in git")
                }
            };
            outcome = outcome.join(of_blob(blob, looked));
        }
    }
    Ok(outcome.join(together(look, &group)))
}

/// Searches blobs side by side.
fn together(look: Look<'_>, group: &[(&Blob, Vec<u8>)]) -> SecretOutcome {
    let shelf = Shelf::default();
    group
        .par_iter()
        .with_max_len(NEIGHBOURS)
        .map_init(
            || shelf.take(),
            |taken, (blob, bytes)| {
                of_blob(blob, look.bytes(&blob.shown, bytes, &mut taken.buffers))
            },
        )
        .reduce(SecretOutcome::default, SecretOutcome::join)
}

/// What became of a blob; its findings say which commit brought it in, where that is known.
fn of_blob(blob: &Blob, looked: Looked) -> SecretOutcome {
    let mut outcome = SecretOutcome::default();
    outcome.add(looked);
    if let Some(commit) = &blob.commit {
        for finding in &mut outcome.findings {
            finding.evidence.push(Evidence {
                field: "commit".into(),
                value: commit.as_str().into(),
            });
        }
    }
    outcome
}

fn unreadable(blob: &Blob, message: &str) -> Looked {
    Looked {
        problems: vec![problem(
            &blob.shown,
            ProblemKind::Unreadable,
            message.to_owned(),
        )],
        ..Looked::default()
    }
}
