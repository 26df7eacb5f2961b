//! Which bytes: the files that a scan looks at. Knows nothing of what is in them.

pub mod git;
mod shown;
mod walk;

use std::path::PathBuf;

use crate::model::ScanPath;

pub use walk::{GlobError, Globs, IgnoreFiles, Listing, WalkOptions, list};

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// What to open.
    pub path: PathBuf,
    /// What reports say.
    pub shown: ScanPath,
    /// Its size in bytes when it was listed.
    pub size: u64,
}
