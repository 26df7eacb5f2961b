//! Blobs past the secret rules, many side by side: each thread with a git process of its own.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::app::assemble::Harvest;
use crate::app::look::{Buffers, Counts, Look, Looked, WHOLE};
use crate::app::progress::Progress;
use crate::app::secrets::SecretOutcome;
use crate::input::git::history::{self, AHEAD, Introduced};
use crate::input::git::{Batch, Git, GitError, Object, path_of};
use crate::model::{Finding, Problem, ProblemKind, ScanPath};

use super::{Chosen, problem};

/// How many blobs a thread takes at a time: neighbours, so that what git has unpacked for one is
/// still at hand for the next.
const SHARE: usize = 1024;

/// Below this many blobs, asking for a good order costs more than it saves.
const ORDERED: usize = 256;

/// A finding in a blob.
pub(super) struct Hit {
    /// The place of the first commit that has the blob at this path.
    pub(super) commit: u32,
    /// The place of the blob.
    pub(super) blob: u32,
    pub(super) finding: Finding,
}

/// What all threads share.
struct Work<'a> {
    git: &'a Git,
    look: Look<'a>,
    chosen: &'a Chosen,
    introduced: &'a Introduced,
    order: Vec<u32>,
    next: AtomicUsize,
    progress: &'a dyn Progress,
}

/// What one thread found.
#[derive(Default)]
struct Found {
    hits: Vec<Hit>,
    counts: Counts,
    bytes: u64,
    excluded: u64,
    missing: u64,
    problems: Vec<Problem>,
}

/// Searches all blobs that the policy lets be scanned. The order of the hits is not defined.
///
/// # Errors
/// When git cannot be started.
pub(super) fn search(
    (git, look, chosen): (&Git, Look<'_>, &Chosen),
    introduced: &Introduced,
    progress: &dyn Progress,
    (outcome, harvest): (&mut SecretOutcome, &mut Harvest),
) -> Result<Vec<Hit>, GitError> {
    let blobs = &introduced.blobs;
    progress.total(blobs.len() as u64);
    let order = if blobs.len() > ORDERED {
        history::cheap_order(git, blobs)?
    } else {
        (0u32..).take(blobs.len()).collect()
    };
    let work = Work {
        git,
        look,
        chosen,
        introduced,
        next: AtomicUsize::new(0),
        progress,
        order,
    };
    let threads = rayon::current_num_threads().min(blobs.len().div_ceil(AHEAD));
    let results: Mutex<Vec<Result<Found, GitError>>> = Mutex::default();
    rayon::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| {
                let found = work.thread();
                if let Ok(mut results) = results.lock() {
                    results.push(found);
                }
            });
        }
    });
    let mut all = Found::default();
    for found in results.into_inner().unwrap_or_default() {
        all.join(found?);
    }
    outcome.counts = all.counts;
    harvest.coverage.bytes = all.bytes;
    harvest.problems.append(&mut all.problems);
    let excluded = (all.excluded > 0).then(|| ("excluded".to_owned(), all.excluded));
    harvest
        .left_out
        .extend(all.counts.left_out().chain(excluded));
    if all.excluded > 0 && all.excluded == blobs.len() as u64 {
        harvest.problems.push(problem(
            ProblemKind::NoInput,
            "the policy leaves out every file of the history".to_owned(),
        ));
    }
    if all.missing > 0 {
        harvest.problems.push(problem(
            ProblemKind::Truncated,
            format!(
                "versions of files that are not in this clone, a partial or damaged one: {}",
                all.missing
            ),
        ));
    }
    Ok(all.hits)
}

impl Found {
    fn join(&mut self, other: Self) {
        self.hits.extend(other.hits);
        self.problems.extend(other.problems);
        self.counts += other.counts;
        self.bytes += other.bytes;
        self.excluded += other.excluded;
        self.missing += other.missing;
    }
}

/// A blob to read, and the paths under which it is searched, with their commits.
struct Job {
    blob: u32,
    id: String,
    paths: Vec<(u32, ScanPath)>,
}

impl Work<'_> {
    /// Takes shares until none is left.
    fn thread(&self) -> Result<Found, GitError> {
        let mut found = Found::default();
        let mut batch = self.git.ordered_batch()?;
        let (mut bytes, mut buffers) = (Vec::new(), Buffers::default());
        loop {
            let from = self.next.fetch_add(SHARE, Ordering::Relaxed);
            let to = from.saturating_add(SHARE).min(self.order.len());
            let Some(share) = self.order.get(from..to).filter(|share| !share.is_empty()) else {
                return Ok(found);
            };
            let jobs: Vec<Job> = share
                .iter()
                .filter_map(|blob| self.job(*blob, &mut found))
                .collect();
            let mut rest = jobs.as_slice();
            while !rest.is_empty() {
                let done = self.share(rest, &mut batch, (&mut bytes, &mut buffers), &mut found);
                rest = rest.get(done..).unwrap_or_default();
                if let Some((damaged, others)) = rest.split_first() {
                    found.problems.extend(damaged.unreadable());
                    rest = others;
                    batch = self.git.ordered_batch()?;
                }
            }
        }
    }

    /// The paths of a blob that the policy lets be scanned; none: it is left out.
    fn job(&self, place: u32, found: &mut Found) -> Option<Job> {
        let Introduced { blobs, again, .. } = self.introduced;
        let blob = blobs.get(place as usize)?;
        let from = again.partition_point(|a| a.blob < place);
        let further = again.get(from..)?.iter().take_while(|a| a.blob == place);
        let paths: Vec<(u32, ScanPath)> = std::iter::once((blob.commit, &blob.path))
            .chain(further.map(|a| (a.commit, &a.path)))
            .filter_map(|(commit, path)| {
                let path = path_of(path);
                self.chosen
                    .has(&path)
                    .then(|| (commit, ScanPath::new(&path)))
            })
            .collect();
        if paths.is_empty() {
            found.excluded += 1;
            return None;
        }
        Some(Job {
            blob: place,
            id: blob.id.to_string(),
            paths,
        })
    }

    /// Searches blobs until the end, or until git dies of one. How many were searched.
    fn share(
        &self,
        jobs: &[Job],
        batch: &mut Batch,
        (bytes, buffers): (&mut Vec<u8>, &mut Buffers),
        found: &mut Found,
    ) -> usize {
        let mut asked = 0;
        for (done, job) in jobs.iter().enumerate() {
            if asked - done <= AHEAD / 2 {
                let upto = (done + AHEAD).min(jobs.len());
                let names = jobs.get(asked..upto).unwrap_or_default();
                if batch.ask(names.iter().map(|job| job.id.as_str())).is_err() {
                    return done;
                }
                asked = upto;
            }
            let large = |size, input: &mut dyn std::io::Read| {
                let (_, path) = job.paths.first()?;
                Some(self.look.stream(path, size, input, buffers))
            };
            let (size, looked) = match batch.next_with(bytes, WHOLE, large) {
                Err(_) => return done,
                Ok((Object::Blob, _)) => (bytes.len() as u64, None),
                Ok((Object::TooLarge(size), Some(looked))) => (size, Some(looked)),
                Ok((Object::TooLarge(_) | Object::Other(_), _)) => {
                    found.problems.extend(job.unreadable());
                    continue;
                }
                Ok((Object::Missing, _)) => {
                    found.missing += 1;
                    continue;
                }
            };
            found.bytes += size;
            self.progress.advance(1, size);
            match looked {
                Some(looked) => job.take(looked, found),
                None => self.whole(job, bytes, buffers, found),
            }
        }
        jobs.len()
    }

    /// Searches a blob that is held whole, under each of its paths: rules may look at the path.
    fn whole(&self, job: &Job, bytes: &[u8], buffers: &mut Buffers, found: &mut Found) {
        for (at, (commit, path)) in job.paths.iter().enumerate() {
            let looked = self.look.bytes(path, bytes, buffers);
            if at == 0 {
                job.take(looked, found);
            } else {
                found.hits.extend(job.hits(*commit, looked.findings));
            }
        }
    }
}

impl Job {
    /// Counts the blob and takes what was found under its first path.
    fn take(&self, looked: Looked, found: &mut Found) {
        found.counts += looked.counts;
        found.problems.extend(looked.problems);
        if let Some((commit, _)) = self.paths.first() {
            found.hits.extend(self.hits(*commit, looked.findings));
        }
    }

    fn hits(&self, commit: u32, findings: Vec<Finding>) -> impl Iterator<Item = Hit> {
        let blob = self.blob;
        findings.into_iter().map(move |finding| Hit {
            commit,
            blob,
            finding,
        })
    }

    fn unreadable(&self) -> Option<Problem> {
        let (_, path) = self.paths.first()?;
        Some(Problem {
            path: Some(path.clone()),
            line: None,
            kind: ProblemKind::Unreadable,
            message: format!("git cannot read its version {}", self.id),
        })
    }
}

impl Chosen {
    pub(super) fn has(&self, path: &Path) -> bool {
        !self.exclude.matches(path) && (self.include.is_empty() || self.include.matches(path))
    }
}
