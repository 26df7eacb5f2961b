//! From the parsed command line to plain options. Pure: the environment is handed in.

mod evidence;
mod hook;
mod inventory;
mod results;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::app::AppError;
use crate::app::options::{
    Answer, Archives, BaselineAction, BaselineOptions, Command, Config, ContentOptions, Explained,
    FailOn, FindingsExit, ForeignAllows, GitIgnore, HistoryOptions, HistoryRange, ReportTarget,
    RulesAction, RulesOptions, SarifOptions, ScanOptions, SchemaKind, Secrets, Verbosity,
    WaivedInSarif, format_names,
};
use crate::cli::args::{
    AnswerArgs, BaselineCommand, Cli, CliCommand, ContentArgs, GateArgs, HistoryArgs, NEVER,
    OutputArgs, RulesCommand, ScanArgs, SchemaArg, WhichRulesArgs,
};
use crate::cli::environment::Environment;
use crate::cli::plan::hook::hook;
use crate::model::{Confidence, RuleId, When};

/// What to do: something of `app`, or something that only the command line knows about.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    /// Hand it to `app`.
    App(Command),
    /// Print a completion script.
    Completions(clap_complete::Shell),
    /// Print the manual page.
    Man,
}

/// Makes the plan.
///
/// # Errors
/// When two reports would go to the same place.
pub(super) fn plan(cli: Cli, environment: &Environment) -> Result<Plan, AppError> {
    let command = match cli.command {
        CliCommand::Scan(args) => Command::Scan(Box::new(scan(*args, environment)?)),
        CliCommand::Diff(args) => Command::Diff(Box::new(results::diff(*args, environment)?)),
        CliCommand::Merge(args) => Command::Merge(Box::new(results::merge(*args)?)),
        CliCommand::Inventory(args) => {
            Command::Inventory(Box::new(inventory::inventory(*args, environment)?))
        }
        CliCommand::Calendar(args) => {
            Command::Calendar(Box::new(inventory::calendar(*args, environment)?))
        }
        CliCommand::Doctor(args) => {
            Command::Doctor(Box::new(inventory::doctor(*args, environment)?))
        }
        CliCommand::Evidence(args) => {
            Command::Evidence(Box::new(evidence::evidence(*args, environment)?))
        }
        CliCommand::Runbook(args) => {
            Command::Runbook(Box::new(inventory::runbook(*args, environment)?))
        }
        CliCommand::ExportGuide { platform, content } => Command::ExportGuide {
            platform,
            content: self::content(content, environment).0,
        },
        CliCommand::Baseline(args) => {
            Command::Baseline(Box::new(baseline(args.action, environment)?))
        }
        CliCommand::Hook(args) => Command::Hook(hook(*args, environment)?),
        CliCommand::Rules(args) => Command::Rules(rules(args.action, environment)),
        CliCommand::Explain(args) => {
            let (content, config) = content(args.content, environment);
            let subject = match (args.at, args.rule) {
                (Some(spot), _) => Explained::Line {
                    file: spot.file,
                    line: spot.line,
                },
                (None, rule) => Explained::Rule(RuleId::new(&rule.unwrap_or_default())),
            };
            Command::Explain {
                subject,
                content,
                config,
            }
        }
        CliCommand::Init(args) => inventory::init(*args, environment)?,
        CliCommand::Schema { kind } => Command::Schema(match kind {
            SchemaArg::Report => SchemaKind::Report,
            SchemaArg::Lines => SchemaKind::Lines,
            SchemaArg::Diff => SchemaKind::Diff,
            SchemaArg::Inventory => SchemaKind::Inventory,
            SchemaArg::Rules => SchemaKind::Rules,
        }),
        CliCommand::Completions { shell } => return Ok(Plan::Completions(shell)),
        CliCommand::Man => return Ok(Plan::Man),
    };
    Ok(Plan::App(command))
}

/// How much to say on standard error.
pub(super) const fn verbosity(cli: &Cli) -> Verbosity {
    match (cli.terminal.quiet, cli.terminal.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    }
}

fn scan(args: ScanArgs, environment: &Environment) -> Result<ScanOptions, AppError> {
    let (fail_on, findings_exit) = gate(&args.policy.gate)?;
    let inputs = Inputs {
        paths: args.paths,
        gitignore: args.gitignore,
        archives: archives(args.no_archives),
        threads: args.threads,
        rules: args.policy.rules,
        content: args.content,
    };
    Ok(ScanOptions {
        history: history(args.history)?,
        fail_on,
        findings_exit,
        secrets: secrets(&args.output),
        sarif: sarif(&args.output),
        runbooks: args.own.runbooks,
        earlier: args.trend.earlier,
        reports: reports(args.output)?,
        baseline: args.known.baseline,
        new_only: args.known.new_only,
        ..inputs.options(environment)?
    })
}

fn gate(args: &GateArgs) -> Result<(Option<FailOn>, FindingsExit), AppError> {
    let fail_on = match args.fail_on.as_deref() {
        None => None,
        Some(NEVER) => Some(FailOn::Never),
        Some(word) => Some(FailOn::Severity(word.parse().map_err(AppError::usage)?)),
    };
    let findings_exit = if args.exit_zero {
        FindingsExit::Zero
    } else {
        FindingsExit::Code
    };
    Ok((fail_on, findings_exit))
}

/// A range and a branch both say which commits, so they exclude each other.
fn history(args: HistoryArgs) -> Result<Option<HistoryOptions>, AppError> {
    let Some(range) = args.history else {
        return Ok(None);
    };
    let range = match (range.as_str(), args.branch) {
        ("", None) => HistoryRange::AllRefs,
        ("", Some(branch)) => HistoryRange::Branch(branch),
        (_, None) => HistoryRange::Revisions(range),
        (_, Some(_)) => {
            return Err(AppError::usage(
                "a range and a branch cannot both say which commits",
            ));
        }
    };
    Ok(Some(HistoryOptions {
        range,
        since: args.since,
        exports: args.exports,
    }))
}

const fn archives(left_closed: bool) -> Archives {
    if left_closed {
        Archives::Closed
    } else {
        Archives::Opened
    }
}

const fn foreign_allows(honoured: bool) -> ForeignAllows {
    if honoured {
        ForeignAllows::Honoured
    } else {
        ForeignAllows::Disregarded
    }
}

/// What every command that scans is told.
struct Inputs {
    paths: Vec<PathBuf>,
    gitignore: bool,
    archives: Archives,
    threads: Option<NonZeroUsize>,
    rules: WhichRulesArgs,
    content: ContentArgs,
}

impl Inputs {
    /// A scan of these inputs that writes nothing and fails on nothing in particular.
    fn options(self, environment: &Environment) -> Result<ScanOptions, AppError> {
        let (content, config) = content(self.content, environment);
        let ids = |words: &[String]| words.iter().map(|word| RuleId::new(word)).collect();
        let min_confidence: Confidence =
            self.rules.min_confidence.parse().map_err(AppError::usage)?;
        Ok(ScanOptions {
            directory: environment.directory.clone(),
            paths: self.paths,
            as_of: self.rules.as_of.unwrap_or(environment.now),
            until: self.rules.as_of,
            content,
            config,
            only: ids(&self.rules.only),
            skip: ids(&self.rules.skip),
            min_confidence,
            foreign_allows: foreign_allows(self.rules.compat_allows),
            fail_on: None,
            findings_exit: FindingsExit::Code,
            runbooks: Vec::new(),
            earlier: Vec::new(),
            reports: Vec::new(),
            secrets: Secrets::Redacted,
            gitignore: if self.gitignore {
                GitIgnore::Obeyed
            } else {
                GitIgnore::Disregarded
            },
            archives: self.archives,
            sarif: SarifOptions {
                category: None,
                waived: WaivedInSarif::Omitted,
            },
            threads: self.threads,
            baseline: None,
            new_only: None,
            history: None,
        })
    }
}

fn baseline(
    command: BaselineCommand,
    environment: &Environment,
) -> Result<BaselineOptions, AppError> {
    let (action, scan) = match command {
        BaselineCommand::Write { scan, answer } => {
            (BaselineAction::Write(self::answer(answer)), scan)
        }
        BaselineCommand::Update { scan, answer } => {
            (BaselineAction::Update(self::answer(answer)), scan)
        }
        BaselineCommand::Prune { scan } => (BaselineAction::Prune, scan),
    };
    let inputs = Inputs {
        paths: scan.paths,
        gitignore: scan.gitignore,
        archives: archives(scan.no_archives),
        threads: scan.threads,
        rules: scan.rules,
        content: scan.content,
    };
    Ok(BaselineOptions {
        action,
        file: scan.baseline,
        scan: inputs.options(environment)?,
    })
}

fn answer(args: AnswerArgs) -> Answer {
    Answer {
        owner: args.owner,
        reason: args.reason,
        // The parser lets no command through that says neither.
        expires: args.expires.map_or(When::Never, When::Known),
    }
}

const fn secrets(args: &OutputArgs) -> Secrets {
    if args.show_secrets {
        Secrets::Shown
    } else {
        Secrets::Redacted
    }
}

fn sarif(args: &OutputArgs) -> SarifOptions {
    SarifOptions {
        category: args.sarif_category.clone(),
        waived: if args.sarif_include_waived {
            WaivedInSarif::Included
        } else {
            WaivedInSarif::Omitted
        },
    }
}

/// The main report goes to standard output unless a file is named for it, or a `--report` takes
/// standard output and nothing asks for a main report by name.
fn reports(args: OutputArgs) -> Result<Vec<ReportTarget>, AppError> {
    let taken = args.reports.iter().any(|target| target.path.is_none());
    let mut targets = Vec::new();
    if !taken || args.format.is_some() || args.output.is_some() {
        let name = args.format.as_deref();
        let format = format_names()
            .find(|known| name.is_none_or(|name| name == *known))
            .ok_or_else(|| AppError::usage("unknown format"))?;
        let path = args.output.filter(|path| path.as_os_str() != "-");
        targets.push(ReportTarget { format, path });
    }
    for target in args.reports {
        if targets.iter().any(|earlier| earlier.path == target.path) {
            let place = target.path.as_deref().map_or_else(
                || "standard output".to_owned(),
                |path| path.display().to_string(),
            );
            return Err(AppError::usage(format!("two reports would go to {place}")));
        }
        targets.push(target);
    }
    Ok(targets)
}

fn rules(command: RulesCommand, environment: &Environment) -> RulesOptions {
    let (action, args) = match command {
        RulesCommand::Import { from, out } => {
            return RulesOptions {
                action: RulesAction::Import { from, out },
                content: ContentOptions::default(),
                config: Config::None,
            };
        }
        RulesCommand::List { content } => (RulesAction::List, content),
        RulesCommand::Show { rule, content } => (RulesAction::Show(RuleId::new(&rule)), content),
        RulesCommand::Check { dir, content } => (RulesAction::Check(dir), content),
        RulesCommand::Test { dir, content } => (RulesAction::Test(dir), content),
    };
    let (content, config) = content(args, environment);
    RulesOptions {
        action,
        content,
        config,
    }
}

/// `--no-config` wins over everything, `--config` over the environment, and that over the working
/// directory.
fn content(args: ContentArgs, environment: &Environment) -> (ContentOptions, Config) {
    let named: Option<PathBuf> = args.config.or_else(|| environment.config.clone());
    let config = match (args.no_config, named) {
        (true, _) => Config::None,
        (false, Some(file)) => Config::File(file),
        (false, None) => Config::WorkingDirectory,
    };
    let content = ContentOptions {
        rules: args.rules,
        sources: args.sources,
    };
    (content, config)
}

#[cfg(test)]
mod tests;
