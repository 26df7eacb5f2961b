//! What the exit code says.

use super::options::{FailOn, FindingsExit};
use crate::report::Report;

/// How a run ended. A script may trust 0: everything was looked at and nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every input was checked, and nothing counts at or above `--fail-on`.
    Clean = 0,
    /// Something was found. It wins over incompleteness, because it needs an answer either way;
    /// the report says that it is incomplete.
    Findings = 1,
    /// Nothing could be said: a wrong command line, policy or rule, or no rule at all. No report
    /// is written, so that none can be mistaken for an all-clear.
    CouldNotRun = 2,
    /// Nothing was found in what could be read, and some could not: a missing path, an unreadable
    /// file, a truncated export, no input. Never 0, because silence here proves nothing.
    Incomplete = 3,
}

/// Whether a scan looked at everything it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It did.
    Complete,
    /// Some input could not be checked.
    Incomplete,
}

impl Completeness {
    /// By whether everything was checked.
    #[must_use]
    pub const fn of(complete: bool) -> Self {
        if complete {
            Self::Complete
        } else {
            Self::Incomplete
        }
    }
}

impl Exit {
    /// The code of a scan: `failing` is the number of findings at or above `--fail-on`.
    /// `--exit-zero` forgives findings, never incompleteness.
    #[must_use]
    pub const fn of_scan(
        failing: u64,
        completeness: Completeness,
        findings_exit: FindingsExit,
    ) -> Self {
        match (failing, findings_exit, completeness) {
            (1.., FindingsExit::Code, _) => Self::Findings,
            (_, _, Completeness::Incomplete) => Self::Incomplete,
            (_, _, Completeness::Complete) => Self::Clean,
        }
    }

    /// The code of a report, by what `--fail-on` and `--exit-zero` say.
    #[must_use]
    pub(super) fn of_report(
        report: &Report,
        fail_on: Option<FailOn>,
        findings_exit: FindingsExit,
    ) -> Self {
        let failing = match fail_on {
            Some(FailOn::Never) => 0,
            _ => report.failing_count(),
        };
        Self::of_scan(failing, Completeness::of(report.complete()), findings_exit)
    }

    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::{Completeness, Exit};
    use crate::app::options::FindingsExit;

    #[test]
    fn only_a_complete_scan_without_findings_ends_with_zero() {
        use Completeness::{Complete, Incomplete};
        use FindingsExit::{Code, Zero};
        for (failing, completeness, findings_exit, code) in [
            (0, Complete, Code, 0),
            (3, Complete, Code, 1),
            (0, Incomplete, Code, 3),
            (3, Incomplete, Code, 1),
            (0, Complete, Zero, 0),
            (3, Complete, Zero, 0),
            (0, Incomplete, Zero, 3),
            (3, Incomplete, Zero, 3),
        ] {
            let exit = Exit::of_scan(failing, completeness, findings_exit);
            assert_eq!(
                exit.code(),
                code,
                "{failing} {completeness:?} {findings_exit:?}"
            );
        }
    }
}
