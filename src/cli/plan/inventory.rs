//! The commands that read exports and run no rule.

use crate::app::AppError;
use crate::app::options::{
    Archives, CalendarOptions, Command, DoctorFormat, DoctorOptions, InventoryOptions, POLICY_FILE,
    REGISTER_FILE, RunbookAction, RunbookBy, RunbookOptions, ScanOptions, calendar_format_names,
    inventory_format_names,
};
use crate::cli::args::{
    CalendarArgs, DoctorArgs, DoctorFormatArg, ExportsArgs, InitArgs, InventoryArgs, RunbookArgs,
    WhichRulesArgs,
};
use crate::cli::environment::Environment;
use crate::model::{Confidence, RuleId};

use super::Inputs;

pub(super) fn inventory(
    args: InventoryArgs,
    environment: &Environment,
) -> Result<InventoryOptions, AppError> {
    Ok(InventoryOptions {
        scan: exports(args.exports, environment)?,
        mentions: args.mentions,
        format: inventory_format_names()
            .find(|known| *known == args.format)
            .ok_or_else(|| AppError::usage("unknown format"))?,
        output: args.output.filter(|path| path.as_os_str() != "-"),
    })
}

pub(super) fn calendar(
    args: CalendarArgs,
    environment: &Environment,
) -> Result<CalendarOptions, AppError> {
    Ok(CalendarOptions {
        scan: exports(args.exports, environment)?,
        format: calendar_format_names()
            .find(|known| *known == args.format)
            .ok_or_else(|| AppError::usage("unknown format"))?,
        output: args.output.filter(|path| path.as_os_str() != "-"),
    })
}

pub(super) fn doctor(
    args: DoctorArgs,
    environment: &Environment,
) -> Result<DoctorOptions, AppError> {
    Ok(DoctorOptions {
        scan: exports(args.exports, environment)?,
        format: match args.format {
            DoctorFormatArg::Text => DoctorFormat::Text,
            DoctorFormatArg::Json => DoctorFormat::Json,
        },
        output: args.output.filter(|path| path.as_os_str() != "-"),
    })
}

pub(super) fn runbook(
    args: RunbookArgs,
    environment: &Environment,
) -> Result<RunbookOptions, AppError> {
    let action = match (args.list, args.test) {
        (true, _) => RunbookAction::List,
        (_, true) => RunbookAction::Test,
        _ => RunbookAction::Page {
            by: match (args.id, args.rule) {
                (Some(id), _) => RunbookBy::Id(id),
                (None, Some(rule)) => RunbookBy::Rule(RuleId::new(&rule)),
                (None, None) if args.item.is_none() => {
                    return Err(AppError::usage(
                        "name a credential, or a runbook with --use, or a rule with --rule; --list names all runbooks",
                    ));
                }
                (None, None) => RunbookBy::Item,
            },
            item: args.item,
        },
    };
    Ok(RunbookOptions {
        action,
        scan: ScanOptions {
            runbooks: args.own.runbooks,
            ..exports(args.exports, environment)?
        },
        output: args.output.filter(|path| path.as_os_str() != "-"),
    })
}

pub(super) fn init(args: InitArgs, environment: &Environment) -> Result<Command, AppError> {
    let named = |default: &str| args.path.clone().unwrap_or_else(|| default.into());
    let Some(paths) = args.register else {
        return Ok(Command::Init {
            path: named(POLICY_FILE),
        });
    };
    let exports = ExportsArgs {
        paths,
        as_of: args.as_of,
        gitignore: false,
        threads: None,
        content: args.content,
    };
    Ok(Command::Register {
        path: named(REGISTER_FILE),
        scan: Box::new(self::exports(exports, environment)?),
    })
}

/// A scan of exports that writes nothing.
pub(super) fn exports(
    args: ExportsArgs,
    environment: &Environment,
) -> Result<ScanOptions, AppError> {
    Inputs {
        paths: args.paths,
        gitignore: args.gitignore,
        archives: Archives::Opened,
        threads: args.threads,
        rules: WhichRulesArgs {
            as_of: args.as_of,
            only: Vec::new(),
            skip: Vec::new(),
            min_confidence: Confidence::Medium.word().to_owned(),
            compat_allows: false,
        },
        content: args.content,
    }
    .options(environment)
}
