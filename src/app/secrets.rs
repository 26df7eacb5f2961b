//! The source half of a scan: every file's text past the secret rules, many files side by side.
//! Files come from the file system, or as blobs from git's database.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::check::secret::{Scanned, Scratch, SecretScanner};
use crate::input::InputFile;
use crate::input::git::{Batch, GitError, Object};
use crate::model::{Evidence, Finding, Problem, ProblemKind, ScanPath};

use super::progress::Progress;

/// Files up to this many bytes are read whole; larger ones are searched in blocks, so that memory
/// does not follow the size of a file.
const WHOLE: u64 = 8 << 20;

/// What the source half found.
#[derive(Debug, Default)]
pub struct SecretOutcome {
    /// Findings, in the order of the files.
    pub findings: Vec<Finding>,
    /// Files whose text was searched.
    pub searched: u64,
    /// Files that are not text.
    pub binary: u64,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
    /// The bytes of blobs; those of files are known from their listing.
    pub bytes: u64,
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

/// What became of one file, or why nothing did.
type Verdict = Result<Scanned, (ProblemKind, String)>;

impl SecretOutcome {
    fn add(&mut self, shown: &ScanPath, verdict: Verdict) {
        match verdict {
            Ok(Scanned::Searched(findings)) => {
                self.searched += 1;
                self.findings.extend(findings);
            }
            Ok(Scanned::Binary) => self.binary += 1,
            Err((kind, message)) => self.problems.push(Problem {
                path: Some(shown.clone()),
                line: None,
                kind,
                message,
            }),
        }
    }

    fn join(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.problems.extend(other.problems);
        self.searched += other.searched;
        self.binary += other.binary;
        self.bytes += other.bytes;
        self
    }
}

/// The buffers of one thread.
#[derive(Default)]
struct Buffers {
    bytes: Vec<u8>,
    scratch: Scratch,
}

/// Searches files.
#[must_use]
pub fn search(
    scanner: &SecretScanner<'_>,
    files: &[InputFile],
    progress: &dyn Progress,
) -> SecretOutcome {
    let part = |buffers: &mut Buffers, file: &InputFile| {
        let verdict = caught(buffers, |buffers| one(scanner, file, buffers));
        progress.advance(1, file.size);
        verdict
    };
    files
        .par_iter()
        .map_init(Buffers::default, |buffers, file| {
            (file, part(buffers, file))
        })
        .fold(SecretOutcome::default, |mut outcome, (file, verdict)| {
            outcome.add(&file.shown, verdict);
            outcome
        })
        .reduce(SecretOutcome::default, SecretOutcome::join)
}

/// Searches blobs, which one process of git gives one after another.
///
/// # Errors
/// When git ends before it has given them all. A blob that git does not have is a problem.
pub fn search_blobs(
    scanner: &SecretScanner<'_>,
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
            let (object, verdict) = batch.next_with(&mut bytes, WHOLE, |input| {
                let search = |own: &mut Buffers| {
                    let scanned = scanner.scan_blocks(&blob.shown, input, &mut own.scratch);
                    scanned.map_err(|e| unreadable(&e))
                };
                Some(caught(&mut own, search))
            })?;
            let verdict = match (object, verdict) {
                (Object::Blob, _) => {
                    held += bytes.len();
                    group.push((blob, bytes));
                    if held > HELD {
                        outcome = outcome.join(together(scanner, &group));
                        (held, group) = (0, Vec::new());
                    }
                    continue;
                }
                (Object::TooLarge(size), Some(verdict)) => {
                    outcome.bytes += size;
                    verdict
                }
                (Object::Missing, _) => Err((
                    ProblemKind::Unreadable,
                    "its content is not in this repository".to_owned(),
                )),
                (Object::Other(_) | Object::TooLarge(_), _) => {
                    Err((ProblemKind::Unreadable, "is no file in git".to_owned()))
                }
            };
            outcome = outcome.join(of_blob(blob, verdict));
        }
    }
    Ok(outcome.join(together(scanner, &group)))
}

/// Searches blobs side by side.
fn together(scanner: &SecretScanner<'_>, group: &[(&Blob, Vec<u8>)]) -> SecretOutcome {
    group
        .par_iter()
        .map_init(Buffers::default, |buffers, (blob, bytes)| {
            let verdict = caught(buffers, |buffers| {
                Ok(scanner.scan(&blob.shown, bytes, &mut buffers.scratch))
            });
            SecretOutcome {
                bytes: bytes.len() as u64,
                ..of_blob(blob, verdict)
            }
        })
        .reduce(SecretOutcome::default, SecretOutcome::join)
}

/// What became of a blob; its findings say which commit brought it in, where that is known.
fn of_blob(blob: &Blob, verdict: Verdict) -> SecretOutcome {
    let mut outcome = SecretOutcome::default();
    outcome.add(&blob.shown, verdict);
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

/// A search that fails inside this program concerns one file, and is told.
fn caught(buffers: &mut Buffers, search: impl FnOnce(&mut Buffers) -> Verdict) -> Verdict {
    let verdict = catch_unwind(AssertUnwindSafe(|| search(buffers)));
    verdict.unwrap_or_else(|_| {
        *buffers = Buffers::default();
        Err((
            ProblemKind::Internal,
            "searching it failed inside this program; please report it".to_owned(),
        ))
    })
}

fn unreadable(error: &std::io::Error) -> (ProblemKind, String) {
    (ProblemKind::Unreadable, format!("cannot be read: {error}"))
}

fn one(scanner: &SecretScanner<'_>, file: &InputFile, buffers: &mut Buffers) -> Verdict {
    let failed = |e: std::io::Error| unreadable(&e);
    let mut input = File::open(&file.path).map_err(failed)?;
    if file.size > WHOLE {
        return scanner
            .scan_blocks(&file.shown, input, &mut buffers.scratch)
            .map_err(failed);
    }
    buffers.bytes.clear();
    // A file that grew since it was listed is read to the limit here and in blocks beyond it.
    (&mut input)
        .take(WHOLE + 1)
        .read_to_end(&mut buffers.bytes)
        .map_err(failed)?;
    if buffers.bytes.len() as u64 > WHOLE {
        let whole = std::io::Cursor::new(std::mem::take(&mut buffers.bytes)).chain(input);
        return scanner
            .scan_blocks(&file.shown, whole, &mut buffers.scratch)
            .map_err(failed);
    }
    Ok(scanner.scan(&file.shown, &buffers.bytes, &mut buffers.scratch))
}
