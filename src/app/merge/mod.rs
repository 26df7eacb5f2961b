//! `credlint merge`: the results of several runs as one, in any format.

mod below;
mod join;

use std::path::Path;

use crate::report::{Report, saved};
use crate::rule::Frameworks;

use super::Io;
use super::content;
use super::deliver::{Delivery, write_reports, written};
use super::error::AppError;
use super::exit::Exit;
use super::options::{FailOn, MergeOptions, Secrets};
use super::runbook;
use super::trend::Earlier;

/// Merges results and writes the reports.
///
/// # Errors
/// When a result cannot be read, or a report not be written.
pub(super) fn run(options: &MergeOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let own = options.files.iter().map(|file| file.path.as_path());
    let own: Vec<&Path> = own.chain(written(&options.reports)).collect();
    let runbooks = runbook::named_in(&options.reports, &options.runbooks, None)?;
    let earlier = Earlier::read(&options.earlier, &own)?;
    let results = options.files.iter().map(|file| {
        let mut report = read(&file.path)?;
        if let Some(name) = &file.name {
            // Before its paths say where it is from, so that it is known again without.
            report.parts = join::take_parts(&mut report);
            below::below(&mut report, name).map_err(AppError::Store)?;
        }
        Ok(report)
    });
    let results = results.collect::<Result<Vec<_>, AppError>>()?;
    let mut report = join::join(results)
        .map_err(AppError::Store)?
        .ok_or_else(|| AppError::usage("there is no result to merge"))?;
    report.runbooks = runbooks;
    if let Some(FailOn::Severity(severity)) = options.fail_on {
        report.fail_on = severity;
    }
    report.frameworks = Frameworks::Catalogue(|| content::controls().frameworks());
    earlier.before(report.as_of)?;
    earlier.tell(&mut report);
    let delivery = Delivery {
        reports: &options.reports,
        secrets: Secrets::Redacted,
        sarif: &options.sarif,
    };
    write_reports(&report, &delivery, io)?;
    Ok(Exit::of_report(
        &report,
        options.fail_on,
        options.findings_exit,
    ))
}

/// Reads the result of an earlier run.
///
/// # Errors
/// When it cannot be read or is none.
pub(super) fn read(path: &Path) -> Result<Report, AppError> {
    let bytes = std::fs::read(path).map_err(|e| AppError::read(path, e))?;
    saved::read(&bytes).map_err(|wrong| AppError::Usage {
        message: format!("{}: {}", path.display(), wrong.message),
        help: Some(wrong.help.to_owned()),
    })
}
