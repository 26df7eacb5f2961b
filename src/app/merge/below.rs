//! A result whose paths stand below a name.

use crate::model::Location;
use crate::report::Report;

/// Puts every path of a result below a folder of this name.
pub(super) fn below(report: &mut Report, name: &str) {
    let place = |place: &mut Location| place.path = place.path.below(name);
    let moved = std::mem::take(&mut report.findings)
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
    for export in &mut report.exports {
        export.path = format!("{name}/{}", export.path);
    }
}
