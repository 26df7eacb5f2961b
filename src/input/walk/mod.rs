//! Walks folders in parallel and lists regular files.
//!
//! Everything that is left out is counted with its reason, and everything that could not be looked
//! at is a problem: a file is never missed in silence.

mod folders;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::file::{Joined, Listed, Names};
use super::shown;
use crate::model::{Problem, ProblemKind, ScanPath};

/// Whether ignore files (`.gitignore`, `.ignore`) are honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IgnoreFiles {
    /// They are not: what git leaves out can still leak.
    #[default]
    Read,
    /// Files that git ignores are left out.
    Honour,
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct WalkOptions {
    /// Whether ignore files count.
    pub ignore_files: IgnoreFiles,
    /// Only files whose shown path matches one of these; all if there are none.
    pub include: Globs,
    /// No file whose shown path, or a folder of it, matches one of these.
    pub exclude: Globs,
    /// How many threads walk; 0 lets the walker choose.
    pub threads: usize,
}

impl WalkOptions {
    /// Whether every regular file is listed.
    fn lists_all(&self) -> bool {
        self.exclude.is_empty() && self.include.is_empty()
    }
}

/// Compiled path patterns. A pattern without `/` is matched against file and folder names,
/// another against the whole shown path.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    paths: GlobSet,
    names: GlobSet,
    count: usize,
}

/// A pattern that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the pattern `{pattern}` cannot be used: {reason}")]
pub struct GlobError {
    pattern: String,
    reason: String,
}

impl Globs {
    /// Compiles patterns: `*` stays in one folder, `**` crosses folders.
    ///
    /// # Errors
    /// When a pattern is not well formed.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, GlobError> {
        let (mut paths, mut names) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        let mut count = 0;
        for pattern in patterns {
            count += 1;
            let plain = pattern.trim_start_matches("./");
            let folder = plain.trim_end_matches('/');
            if folder.contains('/') {
                paths.add(glob(pattern, folder)?);
            } else {
                names.add(glob(pattern, folder)?);
            }
        }
        let failed = |e: globset::Error| GlobError {
            pattern: e.glob().unwrap_or_default().to_owned(),
            reason: e.kind().to_string(),
        };
        Ok(Self {
            paths: paths.build().map_err(failed)?,
            names: names.build().map_err(failed)?,
            count,
        })
    }

    /// Whether there is no pattern.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a path or one of its folders matches.
    #[must_use]
    pub fn matches(&self, path: &Path) -> bool {
        !self.is_empty() && path.ancestors().any(|part| self.matches_itself(part))
    }

    fn matches_itself(&self, path: &Path) -> bool {
        self.paths.is_match(path) || path.file_name().is_some_and(|n| self.names.is_match(n))
    }
}

fn glob(shown: &str, pattern: &str) -> Result<Glob, GlobError> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|e| GlobError {
            pattern: shown.to_owned(),
            reason: e.kind().to_string(),
        })
}

/// What a walk came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files, sorted by what is shown, each once.
    pub files: Vec<Listed>,
    /// What was listed, sorted, as it is shown; the working directory is `.`.
    pub targets: BTreeSet<String>,
    /// Targets and folders that could not be looked at, sorted.
    pub problems: Vec<Problem>,
    /// How many files and folders were left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Those of them that are symbolic links to what lies in no target, sorted: nothing looks at that.
    pub elsewhere: Vec<ScanPath>,
}

/// Lists the files of the targets. Dot files are listed; `.git` folders are never entered;
/// symbolic links are not followed, except where a target itself is one. `current` is the working
/// directory: relative targets start there, and what lies under it is shown relative to it.
#[must_use]
pub fn list(current: &Path, targets: &[PathBuf], options: &WalkOptions) -> Listing {
    let targets: BTreeSet<PathBuf> = targets.iter().map(|t| shown::normal(current, t)).collect();
    let targets: Vec<PathBuf> = targets.into_iter().collect();
    let prefixes = shown::prefixes(current, &targets);
    let mut found = Found::default();
    let mut shown_targets = BTreeSet::new();
    for (target, prefix) in targets.iter().zip(prefixes) {
        let root = Root {
            current,
            target,
            prefix,
        };
        walk(&root, options, &mut found);
        let shown = ScanPath::new(&root.shown(target));
        shown_targets.insert(match shown.as_str() {
            "" => ".".to_owned(),
            path => path.to_owned(),
        });
    }
    Listing {
        targets: shown_targets,
        elsewhere: elsewhere(std::mem::take(&mut found.links), &targets),
        ..finish(found, targets.len() > 1)
    }
}

/// Those of some links that lead to what lies in no target. One that leads nowhere hides nothing.
fn elsewhere(links: Vec<(PathBuf, ScanPath)>, targets: &[PathBuf]) -> Vec<ScanPath> {
    if links.is_empty() {
        return Vec::new();
    }
    let real = |path: &PathBuf| std::fs::canonicalize(path).ok();
    let targets: Vec<PathBuf> = targets.iter().filter_map(real).collect();
    let leads_out = |(link, _): &(PathBuf, ScanPath)| {
        real(link).is_some_and(|end| !targets.iter().any(|target| end.starts_with(target)))
    };
    let out = links.into_iter().filter(leads_out);
    let mut out: Vec<ScanPath> = out.map(|(_, shown)| shown).collect();
    out.sort();
    out.dedup();
    out
}

/// A target and how to show what lies in it.
struct Root<'a> {
    current: &'a Path,
    target: &'a Path,
    /// What the target itself is shown as.
    prefix: PathBuf,
}

impl Root<'_> {
    fn shown(&self, path: &Path) -> PathBuf {
        shown::shown(self.current, self.target, &self.prefix, path)
    }
}

#[derive(Default)]
struct Found {
    /// A file that two targets hold is here twice.
    files: Vec<Listed>,
    /// The folder of the file before: files of one folder come one after another.
    open: Option<Open>,
    problems: BTreeSet<Problem>,
    /// Absolute path and reason.
    left_out: Vec<(PathBuf, &'static str)>,
    /// Symbolic links, and how they are shown.
    links: Vec<(PathBuf, ScanPath)>,
}

impl Found {
    fn leave_out(&mut self, path: &Path, reason: &'static str) {
        self.left_out.push((path.to_owned(), reason));
    }

    fn merge(&mut self, mut other: Self) {
        other.close();
        if self.files.is_empty() {
            std::mem::swap(&mut self.files, &mut other.files);
        }
        self.files.extend(other.files);
        self.problems.extend(other.problems);
        self.left_out.extend(other.left_out);
        self.links.extend(other.links);
    }

    /// Adds a file of a folder.
    fn add(&mut self, root: &Root<'_>, folder: &Path, name: &OsStr) {
        let open = self.open.take_if(|open| open.path == folder);
        let mut open = open.unwrap_or_else(|| {
            self.close();
            Open {
                path: folder.to_owned(),
                shown: root.shown(folder),
                names: Names::default(),
            }
        });
        open.names.add(name);
        self.open = Some(open);
    }

    /// Lists the files of the folder before.
    fn close(&mut self) {
        if let Some(Open { path, shown, names }) = self.open.take() {
            self.files.extend(names.inside(&path, &shown));
        }
    }

    fn problem(&mut self, shown: &Path, kind: ProblemKind, message: String) {
        self.problems.insert(Problem {
            path: Some(ScanPath::new(shown)),
            line: None,
            kind,
            message,
        });
    }
}

/// A folder whose files are being found.
struct Open {
    path: PathBuf,
    shown: PathBuf,
    names: Names,
}

fn walk(root: &Root<'_>, options: &WalkOptions, found: &mut Found) {
    let metadata = match std::fs::metadata(root.target) {
        Ok(metadata) => metadata,
        Err(error) => {
            let (kind, message) = if error.kind() == io::ErrorKind::NotFound {
                (ProblemKind::MissingTarget, "does not exist".to_owned())
            } else {
                (ProblemKind::Unreadable, reason(&error))
            };
            found.problem(&root.shown(root.target), kind, message);
            return;
        }
    };
    if !metadata.is_dir() && !metadata.is_file() {
        // Whoever names a pipe means what comes out of it.
        let message = "is no regular file, and was not read".to_owned();
        found.problem(&root.shown(root.target), ProblemKind::Unreadable, message);
        return;
    }
    if !metadata.is_dir() {
        if is_wanted(root, root.target, metadata.file_type(), options, found) {
            target(root, found);
        }
        return;
    }
    match options.ignore_files {
        IgnoreFiles::Read => folders::walk(root, options, found),
        IgnoreFiles::Honour => walk_honouring(root, options, found),
    }
}

/// Walks where ignore files count.
fn walk_honouring(root: &Root<'_>, options: &WalkOptions, found: &mut Found) {
    let mut builder = WalkBuilder::new(root.target);
    builder
        .standard_filters(false)
        .git_ignore(true)
        .git_exclude(true)
        .ignore(true)
        .parents(true)
        .require_git(false)
        .follow_links(false)
        .threads(options.threads);
    let shared = Mutex::new(found);
    builder.build_parallel().run(|| {
        let mut own = Own {
            found: Found::default(),
            shared: &shared,
        };
        Box::new(move |entry| visit(root, entry, options, &mut own.found))
    });
}

/// What one thread found; handed over when the thread ends, so that threads do not wait for one
/// another at every file.
struct Own<'m, 'f> {
    found: Found,
    shared: &'m Mutex<&'f mut Found>,
}

impl Drop for Own<'_, '_> {
    fn drop(&mut self) {
        // Another thread that panicked has lost nothing that is noted here.
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.merge(std::mem::take(&mut self.found));
    }
}

fn visit(
    root: &Root<'_>,
    entry: Result<DirEntry, ignore::Error>,
    options: &WalkOptions,
    found: &mut Found,
) -> WalkState {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = path_of(&error).map_or_else(|| root.target.to_owned(), Path::to_owned);
            let message = error.io_error().map_or_else(|| error.to_string(), reason);
            found.problem(&root.shown(&path), ProblemKind::Unreadable, message);
            return WalkState::Continue;
        }
    };
    let path = entry.path();
    let Some(kind) = entry.file_type() else {
        return WalkState::Continue;
    };
    if entry.depth() == 0 {
        return WalkState::Continue;
    }
    if kind.is_dir() {
        return match is_entered(root, path, options, found) {
            true => WalkState::Continue,
            false => WalkState::Skip,
        };
    }
    if is_wanted(root, path, kind, options, found)
        && let (Some(folder), Some(name)) = (path.parent(), path.file_name())
    {
        found.add(root, folder, name);
    }
    WalkState::Continue
}

/// Whether a folder is entered. If not, that is noted.
fn is_entered(root: &Root<'_>, path: &Path, options: &WalkOptions, found: &mut Found) -> bool {
    if path.file_name().is_some_and(|name| name == ".git") {
        found.leave_out(path, "git database");
        return false;
    }
    if !options.exclude.is_empty() && options.exclude.matches_itself(&root.shown(path)) {
        found.leave_out(path, "excluded");
        return false;
    }
    true
}

/// Whether what is no folder is listed. If not, that is noted. It is not asked how large it is: that
/// would be a call to the system for each file.
fn is_wanted(
    root: &Root<'_>,
    path: &Path,
    kind: FileType,
    options: &WalkOptions,
    found: &mut Found,
) -> bool {
    if kind.is_symlink() {
        found.leave_out(path, "symbolic link");
        let shown = ScanPath::new(&root.shown(path));
        found.links.push((path.to_owned(), shown));
        return false;
    }
    if !kind.is_file() {
        found.leave_out(path, "not a regular file");
        return false;
    }
    if !options.lists_all() {
        let shown = root.shown(path);
        if options.exclude.matches(&shown) {
            found.leave_out(path, "excluded");
            return false;
        }
        if !options.include.is_empty() && !options.include.matches(&shown) {
            found.leave_out(path, "not included");
            return false;
        }
    }
    true
}

/// Lists a target that is a file.
fn target(root: &Root<'_>, found: &mut Found) {
    if let (Some(folder), Some(name)) = (root.target.parent(), root.target.file_name()) {
        let mut names = Names::default();
        names.add(name);
        let shown = ScanPath::new(&root.shown(root.target));
        let files = names.inside(folder, folder);
        found
            .files
            .extend(files.map(|file| file.shown_as(shown.clone())));
    }
}

/// The path that a walking error is about.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// Why the system refused, without the number that differs between systems.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "does not exist any more".to_owned(),
        _ => error.to_string(),
    }
}

/// Bytes compare much faster than path components.
fn key(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn finish(mut found: Found, several: bool) -> Listing {
    if several {
        // Targets are sorted and the sort is stable, so a file that two targets hold is shown as in
        // the outer one.
        found.files.sort_by(|a, b| a.by_path().cmp(&b.by_path()));
        found.files.dedup_by(|a, b| a.by_path() == b.by_path());
    }
    found.left_out.sort_by(|a, b| key(&a.0).cmp(key(&b.0)));
    found.left_out.dedup_by(|a, b| key(&a.0) == key(&b.0));
    let mut left_out: BTreeMap<String, u64> = BTreeMap::new();
    for (path, reason) in &found.left_out {
        let path = Joined(key(path), b"");
        let listed = || found.files.binary_search_by(|f| f.by_path().cmp(&path));
        if !several || listed().is_err() {
            *left_out.entry((*reason).to_owned()).or_default() += 1;
        }
    }
    let mut files = found.files;
    files.sort_by(|a, b| a.order(b).then_with(|| a.by_path().cmp(&b.by_path())));
    shown::distinct(&mut files);
    files.shrink_to_fit();
    Listing {
        targets: BTreeSet::new(),
        files,
        problems: found.problems.into_iter().collect(),
        left_out,
        elsewhere: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
