//! A result whose paths stand below a name.

use std::io;

use crate::model::Location;
use crate::report::Report;

/// Puts every path of a result below a folder of this name.
///
/// # Errors
/// When its findings cannot be read back from the disk.
pub(super) fn below(report: &mut Report, name: &str) -> io::Result<()> {
    let place = |place: &mut Location| place.path = place.path.below(name);
    let moved = std::mem::take(&mut report.findings)
        .into_vec()?
        .into_iter()
        .map(|mut judged| {
            let finding = &mut judged.finding;
            place(&mut finding.location);
            finding.places.iter_mut().for_each(place);
            let causes = finding.causes.iter_mut();
            causes
                .filter_map(|cause| cause.location.as_mut())
                .for_each(place);
            judged
        });
    report.findings = moved.collect();
    for problem in &mut report.problems {
        problem.path = problem.path.as_ref().map(|path| path.below(name));
    }
    let targets = std::mem::take(&mut report.coverage.targets).into_iter();
    report.coverage.targets = targets
        .map(|target| match target.as_str() {
            "." => name.to_owned(),
            target => format!("{name}/{target}"),
        })
        .collect();
    for export in &mut report.exports {
        export.path = format!("{name}/{}", export.path);
    }
    Ok(())
}
