//! What `credlint hook` means.

use crate::app::AppError;
use crate::app::options::{
    FindingsExit, GitIgnore, HOOK_FORMAT, HookInput, HookKind, HookOptions, HookPlace,
    ReportTarget, ScanOptions,
};
use crate::cli::args::{HookArgs, HookCommand, HookKindArg};
use crate::cli::environment::Environment;

use super::{archives, content, foreign_allows, reports, sarif, secrets};

pub(super) fn hook(args: HookArgs, environment: &Environment) -> Result<HookOptions, AppError> {
    let place = |kind: Option<HookKindArg>| HookPlace {
        directory: environment.directory.clone(),
        kind: kind.map(|kind| match kind {
            HookKindArg::Commit => HookKind::Commit,
            HookKindArg::Push => HookKind::Push,
            HookKindArg::Receive => HookKind::Receive,
        }),
        program: environment.program.clone(),
    };
    match args.action {
        Some(HookCommand::Install { kind }) => return Ok(HookOptions::Install(place(kind))),
        Some(HookCommand::Uninstall { kind }) => return Ok(HookOptions::Uninstall(place(kind))),
        None => {}
    }
    let input = match (args.pre_push, args.pre_receive) {
        (Some(remote), _) => {
            // A name that is no text can have no remote-tracking branches to be known by.
            HookInput::Push(remote.into_string().ok().filter(|name| !name.is_empty()))
        }
        (None, true) => HookInput::Receive,
        (None, false) if args.names.is_empty() => HookInput::Index,
        (None, false) => HookInput::Names,
    };
    let (content, config) = content(args.content, environment);
    let scan = Box::new(ScanOptions {
        history: None,
        directory: environment.directory.clone(),
        paths: args.names,
        as_of: args.as_of.unwrap_or(environment.now),
        until: args.as_of,
        content,
        config,
        only: Vec::new(),
        skip: Vec::new(),
        min_confidence: args.min_confidence.parse().map_err(AppError::usage)?,
        foreign_allows: foreign_allows(args.compat_allows),
        fail_on: None,
        findings_exit: FindingsExit::Code,
        secrets: secrets(&args.output),
        gitignore: GitIgnore::Disregarded,
        archives: archives(args.no_archives),
        sarif: sarif(&args.output),
        threads: None,
        runbooks: Vec::new(),
        earlier: Vec::new(),
        reports: reports(args.output)?.into_iter().map(short).collect(),
        baseline: args.baseline,
        new_only: None,
    });
    Ok(HookOptions::Search { scan, input })
}

/// Text is for whoever was stopped.
fn short(target: ReportTarget) -> ReportTarget {
    match target.format {
        "text" => ReportTarget {
            format: HOOK_FORMAT,
            ..target
        },
        _ => target,
    }
}
