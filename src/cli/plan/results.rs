//! The commands that read results of earlier runs.

use crate::app::AppError;
use crate::app::options::MergeOptions;
use crate::cli::args::MergeArgs;

use super::{gate, reports, sarif};

pub(super) fn merge(args: MergeArgs) -> Result<MergeOptions, AppError> {
    if args.output.show_secrets {
        return Err(AppError::usage(
            "a merged result holds no secret, so there is none to show",
        ));
    }
    let (fail_on, findings_exit) = gate(&args.gate)?;
    Ok(MergeOptions {
        files: args.files,
        fail_on,
        findings_exit,
        sarif: sarif(&args.output),
        reports: reports(args.output)?,
    })
}
