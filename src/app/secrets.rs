//! The source half of a scan: every file's text past the secret rules, many files side by side.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::check::secret::{Scanned, Scratch, SecretScanner};
use crate::input::InputFile;
use crate::model::{Finding, Problem, ProblemKind};

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
        let result = catch_unwind(AssertUnwindSafe(|| one(scanner, file, buffers)));
        progress.advance(1, file.size);
        result.unwrap_or_else(|_| {
            *buffers = Buffers::default();
            Err((
                ProblemKind::Internal,
                "searching it failed inside this program; please report it".to_owned(),
            ))
        })
    };
    files
        .par_iter()
        .map_init(Buffers::default, |buffers, file| {
            (file, part(buffers, file))
        })
        .fold(SecretOutcome::default, |mut outcome, (file, result)| {
            match result {
                Ok(Scanned::Searched(findings)) => {
                    outcome.searched += 1;
                    outcome.findings.extend(findings);
                }
                Ok(Scanned::Binary) => outcome.binary += 1,
                Err((kind, message)) => outcome.problems.push(Problem {
                    path: Some(file.shown.clone()),
                    line: None,
                    kind,
                    message,
                }),
            }
            outcome
        })
        .reduce(SecretOutcome::default, |mut a, b| {
            a.findings.extend(b.findings);
            a.problems.extend(b.problems);
            a.searched += b.searched;
            a.binary += b.binary;
            a
        })
}

fn one(
    scanner: &SecretScanner<'_>,
    file: &InputFile,
    buffers: &mut Buffers,
) -> Result<Scanned, (ProblemKind, String)> {
    let failed = |e: std::io::Error| (ProblemKind::Unreadable, format!("cannot be read: {e}"));
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
