//! The exports among the files: recognised, counted, and hashed when a report shows it.

use std::fs;
use std::io;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind};
use crate::read::{self, Format as Container, ReadError};
use crate::report::ExportInput;

use super::assemble::hex;
use super::content::Content;
use super::options::ScanOptions;
use super::org::{Export, OrgOutcome};

/// Finds the exports among the files.
pub(super) fn recognise(
    content: &Content,
    files: &[InputFile],
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) -> Vec<Export> {
    let shapes: Vec<_> = files
        .par_iter()
        .map(|file| read::sniff(&file.path))
        .collect();
    let mut exports = Vec::new();
    for (file, shape) in files.iter().zip(shapes) {
        match shape {
            Ok(Some(shape)) => {
                let found = content.sources.recognise(&file.shown, &shape);
                if found.is_empty() && matches!(shape.format, Container::Csv { .. }) {
                    let what = if shape.columns.is_empty() {
                        "is an empty table, without even a header"
                    } else {
                        "is a table that no source recognises; no rule over records looked at it"
                    };
                    notes.push(format!("{} {what}", file.shown));
                }
                exports.extend(found.into_iter().map(|found| Export {
                    file: file.clone(),
                    found,
                }));
            }
            Ok(None) => {}
            Err(error) => {
                let (line, kind) = match &error {
                    ReadError::Io(_) => (None, ProblemKind::Unreadable),
                    ReadError::Malformed { line, .. } => (Some(*line), ProblemKind::Malformed),
                    ReadError::TooLarge { line, .. } => (Some(*line), ProblemKind::TooLarge),
                };
                problems.push(Problem {
                    path: Some(file.shown.clone()),
                    line,
                    kind,
                    message: error.to_string(),
                });
            }
        }
    }
    exports
}

/// What this run's reports need.
pub(super) fn wants_hashes(options: &ScanOptions) -> Hashes {
    if options.reports.iter().any(|r| r.format == "json") {
        Hashes::Made
    } else {
        Hashes::None
    }
}

/// Whether the inputs are hashed: only reports that show it pay for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashes {
    Made,
    None,
}

/// The exports as reports show them, sorted by path.
pub(super) fn export_inputs(
    content: &Content,
    exports: &[Export],
    org: &OrgOutcome,
    hashes: Hashes,
) -> Vec<ExportInput> {
    let mut inputs: Vec<ExportInput> = exports
        .par_iter()
        .zip(&org.rows)
        .map(|(export, rows)| ExportInput {
            path: export.file.shown.to_string(),
            sources: vec![content.sources.get(export.found.source).id().to_owned()],
            bytes: export.file.size,
            rows: *rows,
            sha256: (hashes == Hashes::Made)
                .then(|| hash_file(&export.file))
                .flatten(),
        })
        .collect();
    inputs.sort();
    // A file that mixes tables stands here once, with all its sources.
    inputs.dedup_by(|later, earlier| {
        let same = later.path == earlier.path;
        if same {
            earlier.sources.append(&mut later.sources);
            earlier.rows += later.rows;
        }
        same
    });
    inputs
}

fn hash_file(file: &InputFile) -> Option<String> {
    let mut input = fs::File::open(&file.path).ok()?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut input, &mut block) {
            Ok(0) => return Some(hex(&hasher.finalize())),
            Ok(count) => hasher.update(block.get(..count)?),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
