//! `--new-only BASE`: which of the secrets that a scan found are in the tree of a commit too.
//!
//! Only what was found is looked for, so a clean tree asks git for nothing but the commit. First
//! the files that the findings stand in, as BASE has them: most secrets that are not new are still
//! where they were. Then, for what is left, every file of BASE whose bytes differ from those on
//! disk: equal bytes under one path give equal findings, which the first step has seen.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::input::git::{Git, GitError, Object, TreeFile};
use crate::input::{Listed, WalkOptions};
use crate::model::{Finding, Fingerprint, Problem, ProblemKind, ScanPath};
use crate::triage::{Verdict, known_to};

use super::error::AppError;
use super::look::{Buffers, Look};
use super::options::ScanOptions;

/// What a base commit has.
#[derive(Debug)]
pub(super) struct Base {
    /// What is said of a finding that it has.
    pub(super) verdict: Arc<Verdict>,
    /// Those of the scan's secrets that it has too.
    pub(super) fingerprints: BTreeSet<Fingerprint>,
    /// What was compared, for people.
    pub(super) note: String,
    /// Files of the commit that could not be looked at although a secret was not found elsewhere.
    pub(super) problems: Vec<Problem>,
}

/// A file of BASE that may hold what is looked for.
struct Blob<'t> {
    file: &'t TreeFile,
    shown: ScanPath,
    /// The file on disk under the same path.
    here: Option<&'t Listed>,
}

/// Files of BASE above this many bytes are not looked at, and told.
const LIMIT: u64 = 256 << 20;
/// Objects asked for ahead.
const AHEAD: usize = 64;

/// Looks for the secrets of findings in the tree of a commit, in the files that the scan would
/// have looked at there.
///
/// # Errors
/// When the name stands for no commit, or git cannot be asked: a comparison that was not made
/// must not look like one.
pub(super) fn compare(
    name: &str,
    (options, walk): (&ScanOptions, &WalkOptions),
    look: Look<'_>,
    files: &[Listed],
    findings: &[Box<Finding>],
) -> Result<Base, AppError> {
    let failed = |cause: GitError| AppError::base(name, &cause);
    let ground = Ground::open(options).map_err(failed)?;
    let commit = ground.git.commit(name).map_err(failed)?;
    let secrets = findings.iter().filter(|finding| finding.secret.is_some());
    let wanted: BTreeSet<Fingerprint> = secrets.clone().map(|f| f.fingerprint).collect();
    let places: BTreeSet<&ScanPath> = secrets
        .flat_map(|f| std::iter::once(&f.location).chain(&f.places))
        .map(|place| &place.path)
        .collect();
    let mut hunt = Hunt {
        git: &ground.git,
        look,
        left: Mutex::new(wanted.clone()),
    };
    let mut problems = Vec::new();
    if !wanted.is_empty() {
        let tree = ground.git.files_of(&commit).map_err(failed)?;
        let blobs = ground.blobs(&tree, files, walk);
        let (near, far): (Vec<_>, Vec<_>) = blobs
            .into_iter()
            .partition(|blob| places.contains(&blob.shown));
        problems = hunt.search(&near).map_err(failed)?;
        if !hunt.done() {
            let far = changed(&ground.git, far).map_err(failed)?;
            problems.extend(hunt.search(&far).map_err(failed)?);
        }
    }
    let left = hunt.left.get_mut().unwrap_or_else(PoisonError::into_inner);
    let fingerprints: BTreeSet<Fingerprint> = wanted.difference(left).copied().collect();
    if left.is_empty() {
        problems.clear();
    }
    let short = commit.get(..12).unwrap_or(&commit);
    Ok(Base {
        verdict: known_to(&commit, &format!("it is in {name} already")),
        note: format!(
            "compared with {name} ({short}): {} of {} secrets are there too; rules over records \
             are not compared, all their findings count",
            fingerprints.len(),
            wanted.len(),
        ),
        fingerprints,
        problems,
    })
}

/// The repository, and what of it a scan looks at.
struct Ground {
    git: Git,
    /// The top of the work tree, without symbolic links.
    top: PathBuf,
    /// The working directory from the top, if it is inside.
    current: Option<PathBuf>,
    /// The scan's targets from the top, those that are inside.
    targets: Vec<PathBuf>,
}

impl Ground {
    fn open(options: &ScanOptions) -> Result<Self, GitError> {
        let targets: Vec<PathBuf> = options
            .paths
            .iter()
            .filter_map(|path| fs::canonicalize(options.directory.join(path)).ok())
            .collect();
        let folder = |path: &PathBuf| match path.parent() {
            Some(parent) if !path.is_dir() => parent.to_owned(),
            _ => path.clone(),
        };
        let start = targets
            .first()
            .map_or_else(|| options.directory.clone(), folder);
        let git = Git::open(&start)?;
        let Some(top) = git.work_tree()? else {
            return Err(GitError::NoRepository(start));
        };
        let top = fs::canonicalize(&top).unwrap_or(top);
        let inside = |path: &Path| path.strip_prefix(&top).ok().map(Path::to_owned);
        let current = fs::canonicalize(&options.directory).ok();
        Ok(Self {
            current: current.and_then(|path| inside(&path)),
            targets: targets.iter().filter_map(|path| inside(path)).collect(),
            git,
            top,
        })
    }

    /// The files of a tree that this scan would have looked at.
    fn blobs<'t>(
        &self,
        tree: &'t [TreeFile],
        files: &'t [Listed],
        walk: &WalkOptions,
    ) -> Vec<Blob<'t>> {
        let here = self.here(files);
        let mut blobs = Vec::new();
        for file in tree {
            if !self
                .targets
                .iter()
                .any(|target| file.path.starts_with(target))
            {
                continue;
            }
            let here = here.get(&file.path).copied();
            let shown = here.map_or_else(|| self.shown(&file.path), Listed::shown);
            let path = Path::new(shown.as_str());
            // What is on disk has passed the patterns already.
            let listed = here.is_some()
                || !walk.exclude.matches(path)
                    && (walk.include.is_empty() || walk.include.matches(path));
            if listed {
                blobs.push(Blob { file, shown, here });
            }
        }
        blobs
    }

    /// The scanned files by their path from the top.
    fn here<'t>(&self, files: &'t [Listed]) -> HashMap<PathBuf, &'t Listed> {
        let mut folders: HashMap<&Path, Option<PathBuf>> = HashMap::new();
        let mut here = HashMap::with_capacity(files.len());
        for file in files {
            let folder = file.folder();
            let folder = folders.entry(folder).or_insert_with(|| {
                let real = fs::canonicalize(folder).ok()?;
                real.strip_prefix(&self.top).ok().map(Path::to_owned)
            });
            if let Some(folder) = folder {
                here.insert(folder.join(file.name()), file);
            }
        }
        here
    }

    /// How a file that is not there any more would be shown.
    fn shown(&self, path: &Path) -> ScanPath {
        let current = self.current.as_deref();
        let inside = current.and_then(|current| path.strip_prefix(current).ok());
        ScanPath::new(inside.unwrap_or(path))
    }
}

/// Leaves out what has the same bytes on disk.
fn changed<'t>(git: &Git, blobs: Vec<Blob<'t>>) -> Result<Vec<Blob<'t>>, GitError> {
    let (same_path, mut changed): (Vec<_>, Vec<_>) =
        blobs.into_iter().partition(|blob| blob.here.is_some());
    let paths: Vec<PathBuf> = same_path
        .iter()
        .filter_map(|blob| Some(blob.here?.path()))
        .collect();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let hashes = git.hashes(&paths)?;
    let pairs = same_path.into_iter().zip(hashes);
    let differ = pairs.filter(|(blob, hash)| hash.as_ref() != Some(&blob.file.object));
    changed.extend(differ.map(|(blob, _)| blob));
    Ok(changed)
}

/// A search for secrets, until all are found.
struct Hunt<'s> {
    git: &'s Git,
    look: Look<'s>,
    /// What is not found yet.
    left: Mutex<BTreeSet<Fingerprint>>,
}

impl Hunt<'_> {
    fn done(&self) -> bool {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.is_empty()
    }

    /// Searches files of BASE, side by side, each thread with its own process.
    fn search(&self, blobs: &[Blob<'_>]) -> Result<Vec<Problem>, GitError> {
        if blobs.is_empty() {
            return Ok(Vec::new());
        }
        let threads = rayon::current_num_threads().max(1);
        let size = blobs.len().div_ceil(threads).max(AHEAD);
        let parts: Result<Vec<Vec<Problem>>, GitError> =
            blobs.par_chunks(size).map(|part| self.part(part)).collect();
        Ok(parts?.into_iter().flatten().collect())
    }

    fn part(&self, blobs: &[Blob<'_>]) -> Result<Vec<Problem>, GitError> {
        let mut batch = self.git.batch()?;
        let (mut bytes, mut buffers) = (Vec::new(), Buffers::default());
        let mut problems = Vec::new();
        for part in blobs.chunks(AHEAD) {
            if self.done() {
                break;
            }
            batch.ask(part.iter().map(|blob| blob.file.object.as_str()))?;
            for blob in part {
                match batch.next(&mut bytes, LIMIT)? {
                    Object::Blob => self.one(&blob.shown, &bytes, &mut buffers),
                    Object::TooLarge(_) => {
                        problems.push(problem(blob, ProblemKind::TooLarge, "is too large"));
                    }
                    Object::Missing | Object::Other(_) => {
                        let why = "is not in this clone, which is shallow or partial";
                        problems.push(problem(blob, ProblemKind::Unreadable, why));
                    }
                }
            }
        }
        Ok(problems)
    }

    fn one(&self, shown: &ScanPath, bytes: &[u8], buffers: &mut Buffers) {
        // What BASE holds that cannot be read is no secret that the scan found.
        let findings = self.look.bytes(shown, bytes, buffers).findings;
        if !findings.is_empty() {
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            for finding in findings {
                left.remove(&finding.fingerprint);
            }
        }
    }
}

fn problem(blob: &Blob<'_>, kind: ProblemKind, why: &str) -> Problem {
    Problem {
        path: Some(blob.shown.clone()),
        line: None,
        kind,
        message: format!("cannot be compared: as the base commit has it, it {why}"),
    }
}
