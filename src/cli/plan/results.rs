//! The commands that read results of earlier runs.

use crate::app::AppError;
use crate::app::options::{DiffOptions, MergeOptions, diff_format_names};
use crate::cli::args::{DiffArgs, ExportsArgs, MergeArgs};
use crate::cli::environment::Environment;

use super::inventory::exports;
use super::{gate, reports, sarif};

pub(super) fn diff(args: DiffArgs, environment: &Environment) -> Result<DiffOptions, AppError> {
    let (fail_on, findings_exit) = gate(&args.gate)?;
    let inputs = ExportsArgs {
        paths: Vec::new(),
        as_of: args.as_of,
        gitignore: false,
        threads: args.threads,
        content: args.content,
    };
    Ok(DiffOptions {
        old: args.old,
        new: args.new,
        scan: exports(inputs, environment)?,
        fail_on,
        findings_exit,
        format: diff_format_names()
            .find(|known| *known == args.format)
            .ok_or_else(|| AppError::usage("unknown format"))?,
        output: args.output.filter(|path| path.as_os_str() != "-"),
    })
}

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
        runbooks: args.own.runbooks,
        earlier: args.trend.earlier,
        reports: reports(args.output)?,
    })
}
