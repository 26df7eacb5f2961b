//! The exports among the files: recognised, counted, and hashed when a report shows it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind};
use crate::read::{self, Format as Container, ReadError, Shape};
use crate::report::ExportInput;
use crate::source::{Found, Sources};

use super::content::Content;
use super::hashing::Hashes;
use super::options::ScanOptions;
use super::org::{Export, OrgOutcome};

/// Names that exports have; a file with such a name that holds nothing, or something else, is what
/// a failed export leaves behind.
const EXPORT_NAMES: &[&str] = &[
    "csv", "tsv", "json", "jsonl", "ndjson", "xml", "pem", "crt", "cer", "der", "yaml", "yml",
];

/// What the beginning of a file says.
#[derive(Debug)]
pub(super) enum Beginning {
    /// Sources know it.
    Known(Vec<Found>),
    /// A table without a header.
    EmptyTable,
    /// A table that no source knows.
    OtherTable,
    /// Something else that could be an export, and that no source knows.
    Other,
}

/// What the beginning of a file says; nothing, or that it cannot be read.
pub(super) type Sniffed = Result<Option<Beginning>, Problem>;

/// What the beginnings say that say something, by the number of the file, in order.
pub(super) type Beginnings = Vec<(usize, Sniffed)>;

/// Looks at the beginning of every file.
pub(super) fn sniff_all(sources: &Sources, files: &[InputFile]) -> Beginnings {
    files
        .par_iter()
        .map(|file| sniffed(sources, file, || read::sniff(&file.path)))
        .enumerate()
        .filter(|(_, beginning)| !matches!(beginning, Ok(None)))
        .collect()
}

impl Beginning {
    /// A shape is large, and held for every file until all are looked at; this is not.
    fn of(sources: &Sources, file: &InputFile, shape: &Shape) -> Self {
        let found = sources.recognise(&file.shown, shape);
        let table = matches!(shape.format, Container::Csv { .. });
        match (found.is_empty(), table) {
            (false, _) => Self::Known(found),
            (true, true) if shape.columns.is_empty() => Self::EmptyTable,
            (true, true) => Self::OtherTable,
            (true, false) => Self::Other,
        }
    }
}

/// Finds the exports among files that nobody has looked at.
pub(super) fn find(
    sources: &Sources,
    (files, targets): (&[InputFile], &[PathBuf]),
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) -> Vec<Export> {
    let beginnings = sniff_all(sources, files);
    recognise((files, targets), beginnings, problems, notes)
}

/// Finds the exports among the files, whose beginnings have been looked at.
pub(super) fn recognise(
    (files, targets): (&[InputFile], &[PathBuf]),
    beginnings: Beginnings,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) -> Vec<Export> {
    let mut exports: Vec<Export> = Vec::new();
    let mut odd: Vec<&InputFile> = Vec::new();
    let mut unknown: Vec<&InputFile> = Vec::new();
    let mut archives: Vec<&InputFile> = Vec::new();
    let mut beginnings = beginnings.into_iter().peekable();
    for (number, file) in files.iter().enumerate() {
        let beginning = beginnings.next_if(|(of, _)| *of == number);
        match beginning.map_or(Ok(None), |(_, beginning)| beginning) {
            Ok(Some(beginning)) => {
                if file.size == 0 {
                    odd.push(file);
                }
                let note = match beginning {
                    Beginning::Known(found) => {
                        exports.extend(found.into_iter().map(|found| Export {
                            file: file.clone(),
                            found,
                        }));
                        continue;
                    }
                    _ if file.size == 0 => continue,
                    Beginning::EmptyTable => "is an empty table, without even a header",
                    Beginning::OtherTable => {
                        "is a table that no source recognises; no rule over records looked at it"
                    }
                    Beginning::Other => {
                        unknown.push(file);
                        continue;
                    }
                };
                notes.push(format!("{} {note}", file.shown));
            }
            Ok(None) if is_archive(file) => archives.push(file),
            Ok(None) => odd.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    let folders: BTreeSet<&Path> = exports
        .iter()
        .filter_map(|e| e.file.path.parent())
        .collect();
    // In a folder of exports, or named by the user, a file was meant as one; in a source tree an
    // empty JSON file is nobody's failure.
    let among_exports = |file: &InputFile| {
        files.len() == 1
            || targets.contains(&file.path)
            || file.path.parent().is_some_and(|p| folders.contains(p))
    };
    let meant = |file: &InputFile| looks_like_export(file) && among_exports(file);
    let archives = archives.into_iter().filter(|f| among_exports(f));
    notes.extend(archives.map(|file| {
        format!(
            "{} is an archive: exports in it are not read as records; unpack them",
            file.shown
        )
    }));
    problems.extend(odd.into_iter().filter(|f| meant(f)).map(failed_export));
    notes.extend(unknown.into_iter().filter(|f| meant(f)).map(|file| {
        format!(
            "{} is no export that a source recognises; no rule over records looked at it",
            file.shown
        )
    }));
    exports
}

fn looks_like_export(file: &InputFile) -> bool {
    has_ending(file, EXPORT_NAMES)
}

fn has_ending(file: &InputFile, names: &[&str]) -> bool {
    let extension = file.path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| names.iter().any(|name| e.eq_ignore_ascii_case(name)))
}

/// Names of archives in which a folder of exports is handed over.
const ARCHIVE_NAMES: &[&str] = &["zip", "tar", "tgz", "gz", "zst", "bz2", "xz", "7z"];

fn is_archive(file: &InputFile) -> bool {
    has_ending(file, ARCHIVE_NAMES)
}

fn failed_export(file: &InputFile) -> Problem {
    let message = if file.size == 0 {
        "is empty, as a failed export leaves it; no rule over records could look at it"
    } else {
        "is not what its name says; no rule over records could look at it"
    };
    Problem {
        path: Some(file.shown.clone()),
        line: None,
        kind: ProblemKind::Malformed,
        message: message.to_owned(),
    }
}

/// Looks at one file. A fault of a reader costs that file, not the scan.
pub(super) fn sniffed(
    sources: &Sources,
    file: &InputFile,
    look: impl FnOnce() -> Result<Option<Shape>, ReadError>,
) -> Sniffed {
    let (line, kind, message) = match catch_unwind(AssertUnwindSafe(look)) {
        Ok(Ok(shape)) => return Ok(shape.map(|shape| Beginning::of(sources, file, &shape))),
        Ok(Err(error)) => {
            let (line, kind) = match &error {
                ReadError::Io(_) => (None, ProblemKind::Unreadable),
                ReadError::Malformed { line, .. } => (Some(*line), ProblemKind::Malformed),
                ReadError::TooLarge { line, .. } => (Some(*line), ProblemKind::TooLarge),
            };
            (line, kind, error.to_string())
        }
        Err(_) => {
            let message = "reading it failed inside this program; please report it".to_owned();
            (None, ProblemKind::Internal, message)
        }
    };
    Err(Problem {
        path: Some(file.shown.clone()),
        line,
        kind,
        message,
    })
}

/// What this run's reports need.
pub(super) fn wants_hashes(options: &ScanOptions) -> Hashes {
    if options
        .reports
        .iter()
        .any(|report| ["json", "jsonl", "html", "oscal"].contains(&report.format))
    {
        Hashes::Made
    } else {
        Hashes::None
    }
}

/// Whether one of this run's reports shows the inventory.
pub(super) fn wants_inventory(options: &ScanOptions) -> bool {
    options.reports.iter().any(|r| r.format == "html")
}

/// The exports as reports show them, sorted by path.
pub(super) fn export_inputs(
    content: &Content,
    exports: &[Export],
    org: &OrgOutcome,
) -> Vec<ExportInput> {
    let mut inputs: Vec<ExportInput> = exports
        .iter()
        .zip(&org.rows)
        .zip(&org.hashes)
        .zip(&org.newest)
        .map(|(((export, rows), hash), newest)| ExportInput {
            path: export.file.shown.to_string(),
            sources: vec![content.sources.get(export.found.source).id().to_owned()],
            bytes: export.file.size,
            rows: *rows,
            sha256: hash.clone(),
            newest: *newest,
        })
        .collect();
    inputs.sort();
    // A file that mixes tables stands here once, with all its sources.
    inputs.dedup_by(|later, earlier| {
        let same = later.path == earlier.path;
        if same {
            earlier.sources.append(&mut later.sources);
            earlier.rows += later.rows;
            earlier.newest = earlier.newest.max(later.newest);
        }
        same
    });
    inputs
}
