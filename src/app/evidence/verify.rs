//! `credlint evidence verify`: whether a pack is as it was written.

use std::collections::BTreeSet;
use std::path::Path;

use crate::app::Io;
use crate::app::error::AppError;
use crate::app::exit::Exit;
use crate::app::options::Verbosity;

use super::manifest::{MANIFEST, Manifest, present};

/// Names every file that is changed, missing or added.
///
/// # Errors
/// When the folder is no pack.
pub(super) fn run(
    folder: &Path,
    expected: Option<&str>,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let (manifest, digest) = Manifest::read(folder)?;
    let present = present(folder)?;
    let mut faults: BTreeSet<(String, &str)> = BTreeSet::new();
    for entry in &manifest.files {
        let fault = match present.get(&entry.path) {
            None => "missing",
            Some(found) if found.sha256.as_ref() != Some(&entry.sha256) => "changed",
            Some(found) if found.bytes != entry.bytes => "changed",
            Some(_) => continue,
        };
        faults.insert((entry.path.clone(), fault));
    }
    let own: BTreeSet<&String> = manifest.files.iter().map(|entry| &entry.path).collect();
    for name in present.keys().filter(|name| !own.contains(name)) {
        faults.insert((name.escape_debug().to_string(), "added"));
    }
    if expected.is_some_and(|expected| !expected.eq_ignore_ascii_case(&digest)) {
        faults.insert((MANIFEST.to_owned(), "changed"));
    }
    for (name, fault) in &faults {
        writeln!(io.out, "{fault}: {name}")?;
    }
    if !faults.is_empty() {
        return Ok(Exit::Findings);
    }
    if io.verbosity > Verbosity::Quiet {
        writeln!(
            io.out,
            "{} files are as they were written; the SHA-256 of {MANIFEST} is {digest}",
            manifest.files.len()
        )?;
    }
    Ok(Exit::Clean)
}
