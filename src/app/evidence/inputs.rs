//! Every file that a scan was offered, with its hash: exports and source alike.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use rayon::prelude::*;

use crate::app::error::AppError;
use crate::app::hashing::{Hashes, Hashing};
use crate::app::options::ScanOptions;
use crate::app::scan::walk_options;
use crate::input;
use crate::model::Instant;
use crate::report::{ExportInput, InputFile, Report};
use crate::rule::Policy;

/// What was offered.
pub(super) struct Files {
    /// Every file, sorted by path.
    pub(super) all: Vec<InputFile>,
    /// Those whose bytes are not the ones that were judged.
    pub(super) changed: Vec<String>,
}

/// Lists and hashes the files, a buffer at a time.
///
/// # Errors
/// When the policy's patterns are wrong.
pub(super) fn files(
    options: &ScanOptions,
    policy: &Policy,
    report: &Report,
) -> Result<Files, AppError> {
    let walk = walk_options(options, policy)?;
    let listing = input::list(&options.directory, &options.paths, &walk);
    let exports: HashMap<&str, &ExportInput> = report
        .exports
        .iter()
        .map(|e| (e.path.as_str(), e))
        .collect();
    let mut problems: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for problem in &report.problems {
        if let Some(path) = &problem.path {
            let message = match problem.line {
                Some(line) => format!("line {line}: {}", problem.message),
                None => problem.message.clone(),
            };
            problems.entry(path.as_str()).or_default().push(message);
        }
    }
    let mut all: Vec<(InputFile, bool)> = listing
        .files
        .par_iter()
        .map(|file| {
            let shown = file.shown();
            let shown = shown.as_str();
            let export = exports.get(shown);
            let opened = fs::File::open(file.path()).ok();
            let data = opened.as_ref().and_then(|file| file.metadata().ok());
            let sha256 = opened.and_then(|file| Hashing::new(file, Hashes::Made).finish());
            let judged = export.and_then(|export| export.sha256.as_ref());
            let changed = judged.is_some() && judged != sha256.as_ref();
            let entry = InputFile {
                path: shown.to_owned(),
                bytes: data.map_or_else(|| file.size(), |data| data.len()),
                sha256,
                sources: export.map(|e| e.sources.clone()).unwrap_or_default(),
                rows: export.map(|e| e.rows),
                newest: export.and_then(|e| e.newest).map(Instant::text),
                problems: problems.get(shown).cloned().unwrap_or_default(),
            };
            (entry, changed)
        })
        .collect();
    all.sort();
    let changed = all.iter().filter(|(_, changed)| *changed);
    Ok(Files {
        changed: changed.map(|(file, _)| file.path.clone()).collect(),
        all: all.into_iter().map(|(file, _)| file).collect(),
    })
}
