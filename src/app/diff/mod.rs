//! `credlint diff`: what changed between two results, or between two sets of exports.

mod exports;
mod results;

use std::path::Path;

use crate::report::{DIFF_FORMATS, Drift};

use super::error::AppError;
use super::exit::{Completeness, Exit};
use super::options::{DiffOptions, FailOn};
use super::{Io, deliver, merge};

/// Compares and writes what changed.
///
/// # Errors
/// When a side cannot be read, or the report not be written.
pub(super) fn run(options: &DiffOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let drift = match (sort(&options.old)?, sort(&options.new)?) {
        (Sort::File, Sort::File) => results(options)?,
        (Sort::Folder, Sort::Folder) => exports::compare(options, io)?,
        _ => {
            return Err(AppError::Usage {
                message: "one side is a file and the other a folder".to_owned(),
                help: Some("compare two results, or two folders of exports".to_owned()),
            });
        }
    };
    let format = DIFF_FORMATS
        .iter()
        .find(|format| format.name == options.format)
        .ok_or_else(|| AppError::usage(format!("unknown format `{}`", options.format)))?;
    deliver::write_to(options.output.as_deref(), io, &mut |out| {
        (format.write)(&drift, out)
    })?;
    let failing = match options.fail_on {
        Some(FailOn::Never) => 0,
        _ => drift.failing().count() as u64,
    };
    let completeness = Completeness::of(drift.complete());
    Ok(Exit::of_scan(failing, completeness, options.findings_exit))
}

/// What a side is.
enum Sort {
    File,
    Folder,
}

fn sort(path: &Path) -> Result<Sort, AppError> {
    let metadata = std::fs::metadata(path).map_err(|e| AppError::read(path, e))?;
    Ok(if metadata.is_dir() {
        Sort::Folder
    } else {
        Sort::File
    })
}

fn results(options: &DiffOptions) -> Result<Drift, AppError> {
    if options.scan.until.is_some() {
        return Err(AppError::usage(
            "results have their own dates: --as-of is for two folders of exports",
        ));
    }
    let (old, new) = (merge::read(&options.old)?, merge::read(&options.new)?);
    let mut drift = results::compare(
        (&options.old.to_string_lossy(), &old),
        (&options.new.to_string_lossy(), &new),
    );
    if let Some(FailOn::Severity(severity)) = options.fail_on {
        drift.fail_on = severity;
    }
    Ok(drift)
}
