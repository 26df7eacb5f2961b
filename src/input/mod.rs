//! Which bytes: the files that a scan looks at. Knows nothing of what is in them.

mod file;
pub mod git;
mod opener;
mod shown;
mod walk;

pub use file::{InputFile, Listed};
pub use opener::Opener;
pub use walk::{GlobError, Globs, IgnoreFiles, Listing, WalkOptions, list};
