//! The evidence pack.

use crate::app::AppError;
use crate::app::options::{EvidenceAction, EvidenceOptions, Overwrite, ScanOptions};
use crate::cli::args::{EvidenceArgs, EvidenceCommand};
use crate::cli::environment::Environment;

use super::{Inputs, archives};

pub(super) fn evidence(
    args: EvidenceArgs,
    environment: &Environment,
) -> Result<EvidenceOptions, AppError> {
    if let Some(EvidenceCommand::Verify {
        folder,
        manifest_sha256,
    }) = args.action
    {
        return Ok(EvidenceOptions {
            action: EvidenceAction::Verify {
                folder,
                manifest: manifest_sha256,
            },
        });
    }
    let inputs = Inputs {
        paths: args.paths,
        gitignore: args.gitignore,
        archives: archives(args.no_archives),
        threads: args.threads,
        rules: args.rules,
        content: args.content,
    };
    // The parser lets no command through that names neither a folder nor another action.
    let folder = args
        .out
        .ok_or_else(|| AppError::usage("name the folder with --out"))?;
    Ok(EvidenceOptions {
        action: EvidenceAction::Make {
            scan: Box::new(ScanOptions {
                baseline: args.baseline,
                runbooks: args.own.runbooks,
                ..inputs.options(environment)?
            }),
            folder,
            overwrite: if args.force {
                Overwrite::OwnPack
            } else {
                Overwrite::Never
            },
        },
    })
}
