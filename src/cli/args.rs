//! The command line as clap sees it. These types end here: [`super::plan`] makes plain options
//! of them.

use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::app::options::{
    BASELINE_FILE, NamedResult, Paint, ReportTarget, calendar_format_names, diff_format_names,
    format_names, inventory_format_names,
};
use crate::model::{Confidence, Instant, Severity, suggest};

const OVERVIEW: &str = "\
Examples:
  credlint scan                                    what is wrong here, for people
  credlint scan exports/ src/ --as-of 2027-03-31   what will be wrong on audit day
  credlint scan --report sarif=credlint.sarif      text here, SARIF in a file
  credlint explain pw.never-expires                what a rule means and what to do
  credlint init                                    a commented policy file to begin with

Exit codes:
  0  every input was checked and nothing counts at or above --fail-on
  1  findings
  2  could not run: wrong command line, policy or rule, or no rule at all
  3  incomplete: a missing path, an unreadable file, a truncated export, or no input

credlint opens no network connection.";

const SCAN_EXAMPLES: &str = "\
Examples:
  credlint scan
  credlint scan exports/ --as-of 2027-03-31
  credlint scan exports/ src/ --report sarif=out.sarif --report html=audit.html
  credlint scan exports/ --report html=audit.html --earlier results/
  credlint scan --only pw.never-expires --only cert.expiring exports/
  credlint scan --fail-on medium --format json --output report.json
  credlint scan --history
  credlint scan --history main..feature
  credlint scan ../service --history --branch main --since 2026-01-01

Exit codes: 0 clean, 1 findings, 2 could not run, 3 incomplete. Findings in an incomplete scan are 1.";

const DIFF_EXAMPLES: &str = "\
Examples:
  credlint diff last-week.json today.json
  credlint diff exports-2026-08/ exports-2026-11/
  credlint diff old.json new.json --fail-on medium --format json

Exit codes: 0 nothing worse at or above --fail-on, 1 something is, 2 could not run, 3 not everything
could be compared.";

const MERGE_EXAMPLES: &str = "\
Examples:
  credlint merge shard-1.json shard-2.json
  credlint merge *.jsonl --report markdown=all.md --report sarif=all.sarif
  credlint merge api=api.json web=web.json --format json --output all.json

A result that comes twice counts once, also as a part of a merged one. What is merged first makes no
difference.

Exit codes: as of scan; 2 too when a file is no whole result.";

const INVENTORY_EXAMPLES: &str = "\
Examples:
  credlint inventory exports/
  credlint inventory exports/ --format csv --output credentials.csv
  credlint inventory exports/ --format json --as-of 2027-03-31
  credlint inventory exports/ --mentions src/

Exit codes: 0 done, 2 could not run, 3 some input could not be read.";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  credlint doctor exports/
  credlint doctor exports/ --as-of 2027-03-31 --format json

Exit codes: 0 done, whatever is proven; 2 could not run, 3 some input could not be checked.";

const CALENDAR_EXAMPLES: &str = "\
Examples:
  credlint calendar exports/
  credlint calendar exports/ --format ics --output rotations.ics

Exit codes: 0 done, 2 could not run, 3 some input could not be read.";

const EVIDENCE_EXAMPLES: &str = "\
Examples:
  credlint evidence exports/ src/ --as-of 2027-03-31 --out pack/
  credlint evidence verify pack/
  credlint evidence verify pack/ --manifest-sha256 HEX

Exit codes: 0 done, whatever is proven; 1 a file of the pack is changed, missing or added;
2 could not run, 3 some input could not be checked.";

const RUNBOOK_EXAMPLES: &str = "\
Examples:
  credlint runbook partner-b exports/
  credlint runbook salesforce:user:svc.erp@acme.example exports/ --output svc.erp.md
  credlint runbook --use coordinated-cutover freight-partner exports/
  credlint runbook --rule shield.rotation-overdue
  credlint runbook --list

Exit codes: 0 done, 1 a test of a runbook fails, 2 could not run, 3 some input could not be read.";

const BASELINE_EXAMPLES: &str = "\
Examples:
  credlint baseline write --owner ann@example.com --reason \"before credlint\" --expires 2027-03-31
  credlint scan --baseline credlint-baseline.jsonl
  credlint baseline update --owner ann@example.com --reason \"vendor will fix\" --expires 2027-01-31
  credlint baseline prune

Exit codes: 0 done, 2 could not run, 3 some input could not be checked (prune then changes nothing).";

const HOOK_EXAMPLES: &str = "\
Examples:
  credlint hook                        search what is staged, as it is staged
  credlint hook install                do so before every commit
  credlint hook -- a.py -b.py          search files as they are in the work tree
  credlint hook --pre-push=origin      in a pre-push hook: search the commits that are sent
  credlint hook --pre-receive          in a pre-receive hook: search the commits that come in
  echo \"$2 $3 $1\" | credlint hook --pre-receive          in an update hook

Options stand before names; what stands after `--` is a name, whatever it looks like.

Exit codes: 0 nothing found, 1 a secret of any severity, 2 could not run, 3 incomplete.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  credlint rules import gitleaks.toml --out rules/gitleaks.yaml
  credlint rules import kingfisher/rules/ --out rules/kingfisher.yaml
  credlint scan --rules rules/ src/

What a rule says that has no counterpart is told on standard error, rule by rule.

Exit codes: 0 every rule was written, 2 could not run, 3 some rules were left out.";

/// Finds credentials that are overdue, unused, orphaned, over-privileged or lying in source code,
/// by rules over exports and source trees.
#[derive(Debug, Parser)]
#[command(
    name = "credlint",
    bin_name = "credlint",
    version,
    after_help = OVERVIEW,
    disable_help_subcommand = true,
    propagate_version = false,
    max_term_width = 100
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: CliCommand,
    #[command(flatten)]
    pub(super) terminal: TerminalArgs,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Terminal")]
pub(super) struct TerminalArgs {
    /// When to use colours; `auto` follows NO_COLOR, CLICOLOR_FORCE and the terminal
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more on standard error
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub(super) verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    Auto,
    Always,
    Never,
}

impl ColorArg {
    /// The user's own word, if it decides.
    pub(super) const fn decided(self) -> Option<Paint> {
        match self {
            Self::Auto => None,
            Self::Always => Some(Paint::Color),
            Self::Never => Some(Paint::Plain),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum CliCommand {
    /// Look for findings in exports and source trees
    Scan(Box<ScanArgs>),
    /// Tell what changed between two results, or two folders of exports
    Diff(Box<DiffArgs>),
    /// Make one result of several, such as of shards or repositories, in any format
    Merge(Box<MergeArgs>),
    /// Print every credential that exports tell of, the oldest value first
    Inventory(Box<InventoryArgs>),
    /// Print when which credential is to be rotated, with a plan that spreads full weeks
    Calendar(Box<CalendarArgs>),
    /// Tell of every requirement whether exports prove it, and which export would
    Doctor(Box<DoctorArgs>),
    /// Write everything that an auditor asks for into one folder, or check such a folder
    Evidence(Box<EvidenceArgs>),
    /// Print the steps that rotate a credential, filled with what exports say of it
    Runbook(Box<RunbookArgs>),
    /// Print the commands that make a platform's exports, as a script that only reads
    ExportGuide {
        /// The platform, such as salesforce; without it, all are named
        platform: Option<String>,
        #[command(flatten)]
        content: ContentArgs,
    },
    /// Accept the findings of today, so that only new ones count: write, update, prune
    Baseline(Box<BaselineArgs>),
    /// Stop secrets before they are committed or pushed
    Hook(Box<HookArgs>),
    /// Look at the rules: list, show, check, test
    Rules(RulesArgs),
    /// Tell what a rule means, how it is decided and what to do
    Explain(ExplainArgs),
    /// Write a commented policy file, or a first credential register; never overwrites
    Init(Box<InitArgs>),
    /// Print the JSON Schema of a format
    Schema {
        /// Which one
        #[arg(value_enum, default_value_t = SchemaArg::Report)]
        kind: SchemaArg,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (`credlint man | man -l -`)
    Man,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaArg {
    /// The JSON report
    Report,
    /// A line of the report as JSON Lines
    Lines,
    /// A comparison as JSON
    Diff,
    /// The inventory as JSON
    Inventory,
    /// Rule files
    Rules,
}

#[derive(Debug, Args)]
#[command(after_help = SCAN_EXAMPLES)]
pub(super) struct ScanArgs {
    /// Files and folders: exports, source trees, or both
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// Leave out what .gitignore files leave out
    #[arg(long)]
    pub(super) gitignore: bool,
    /// Leave archives and packed files closed; their members are searched otherwise
    #[arg(long)]
    pub(super) no_archives: bool,
    /// Use this many threads instead of all, 1024 at most
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) history: HistoryArgs,
    #[command(flatten)]
    pub(super) policy: ScanPolicyArgs,
    #[command(flatten)]
    pub(super) known: KnownArgs,
    #[command(flatten)]
    pub(super) content: ContentArgs,
    #[command(flatten)]
    pub(super) own: RunbooksArgs,
    #[command(flatten)]
    pub(super) trend: TrendArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub(super) struct DiffArgs {
    /// What to compare with: a result (JSON, JSON Lines) or a folder of exports
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(super) old: PathBuf,
    /// The same of later
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(super) new: PathBuf,
    /// Of folders: tell both as of the beginning of this day, or this time (UTC), instead of now
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Instant>,
    /// Use this many threads instead of all, 1024 at most
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    #[command(flatten)]
    pub(super) content: ContentArgs,
    /// How to write it
    #[arg(short, long, value_name = "FORMAT",
          default_value = diff_format_names().next().unwrap_or_default(),
          value_parser = PossibleValuesParser::new(diff_format_names()))]
    pub(super) format: String,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub(super) struct MergeArgs {
    /// Results, as `credlint scan --format json` or `--format jsonl` writes them. With a name and an
    /// equals sign before it, all paths of a result stand below that name
    #[arg(required = true, value_name = "[NAME=]FILE", value_parser = named_result, value_hint = ValueHint::FilePath)]
    pub(super) files: Vec<NamedResult>,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    #[command(flatten)]
    pub(super) own: RunbooksArgs,
    #[command(flatten)]
    pub(super) trend: TrendArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = INVENTORY_EXAMPLES)]
pub(super) struct InventoryArgs {
    #[command(flatten)]
    pub(super) exports: ExportsArgs,
    /// Search this source tree for what the exports know, and tell which of it nothing there speaks
    /// of: perhaps nobody uses it any more. May be repeated
    #[arg(long, value_name = "TREE", value_hint = ValueHint::AnyPath)]
    pub(super) mentions: Vec<PathBuf>,
    /// How to write it
    #[arg(short, long, value_name = "FORMAT",
          default_value = inventory_format_names().next().unwrap_or_default(),
          value_parser = PossibleValuesParser::new(inventory_format_names()))]
    pub(super) format: String,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The file to write [default: credlint.yaml, or credential-register.yaml]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(super) path: Option<PathBuf>,
    /// Write a register of the credentials that these exports tell of, for you to fill in
    #[arg(long, value_name = "EXPORTS", num_args = 0.., default_missing_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) register: Option<Vec<PathBuf>>,
    /// Leave out what came to be, or ended, after this day or time (UTC) instead of now
    #[arg(long, value_name = "DATE", requires = "register")]
    pub(super) as_of: Option<Instant>,
    #[command(flatten)]
    pub(super) content: ContentArgs,
}

#[derive(Debug, Args)]
#[command(after_help = CALENDAR_EXAMPLES)]
pub(super) struct CalendarArgs {
    #[command(flatten)]
    pub(super) exports: ExportsArgs,
    /// How to write it; `ics` is for a real calendar
    #[arg(short, long, value_name = "FORMAT",
          default_value = calendar_format_names().next().unwrap_or_default(),
          value_parser = PossibleValuesParser::new(calendar_format_names()))]
    pub(super) format: String,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) exports: ExportsArgs,
    /// How to write it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = DoctorFormatArg::Text)]
    pub(super) format: DoctorFormatArg,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true,
          after_help = EVIDENCE_EXAMPLES)]
pub(super) struct EvidenceArgs {
    #[command(subcommand)]
    pub(super) action: Option<EvidenceCommand>,
    /// Files and folders: exports, source trees, or both
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// The folder to write; it must be empty or not there
    #[arg(long, value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    pub(super) out: Option<PathBuf>,
    /// Replace an earlier pack in that folder, and nothing else
    #[arg(long)]
    pub(super) force: bool,
    /// Leave out what .gitignore files leave out
    #[arg(long)]
    pub(super) gitignore: bool,
    /// Leave archives and packed files closed; their members are searched otherwise
    #[arg(long)]
    pub(super) no_archives: bool,
    /// Use this many threads instead of all, 1024 at most
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    /// Do not count findings that this file accepts; `credlint baseline write` makes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) own: RunbooksArgs,
    #[command(flatten)]
    pub(super) rules: WhichRulesArgs,
    #[command(flatten)]
    pub(super) content: ContentArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum EvidenceCommand {
    /// Name every file of a pack that is changed, missing or added
    Verify {
        /// The folder
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// The SHA-256 of the manifest, as it was printed when the pack was made
        #[arg(long, value_name = "HEX")]
        manifest_sha256: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = RUNBOOK_EXAMPLES)]
pub(super) struct RunbookArgs {
    /// The credential, by its id or any name that `credlint inventory` shows. Without it, nothing
    /// is filled in
    pub(super) item: Option<String>,
    #[command(flatten)]
    pub(super) exports: ExportsArgs,
    /// Take this runbook instead of the one for the credential's kind
    #[arg(long = "use", value_name = "RUNBOOK", conflicts_with = "rule")]
    pub(super) id: Option<String>,
    /// Take the runbook for findings of this rule
    #[arg(long, value_name = "RULE")]
    pub(super) rule: Option<String>,
    /// One line for each runbook
    #[arg(long, conflicts_with_all = ["item", "id", "rule", "test"])]
    pub(super) list: bool,
    /// Check all runbooks and run the tests that stand in them
    #[arg(long, conflicts_with_all = ["item", "id", "rule"])]
    pub(super) test: bool,
    #[command(flatten)]
    pub(super) own: RunbooksArgs,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DoctorFormatArg {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What every command takes that reads exports and runs no rule.
#[derive(Debug, Args)]
pub(super) struct ExportsArgs {
    /// Files and folders with exports
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// The audit date: tell everything as of the beginning of this day, or this time (UTC), instead of now
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Instant>,
    /// Leave out what .gitignore files leave out
    #[arg(long)]
    pub(super) gitignore: bool,
    /// Use this many threads instead of all, 1024 at most
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) content: ContentArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Git history")]
pub(super) struct HistoryArgs {
    /// Look for secrets in every version of every file that commits brought in, instead of in
    /// files. RANGE is as for `git log` (v1..v2); without it, every reference. The path names the
    /// repository
    #[arg(long, value_name = "RANGE", num_args = 0..=1, default_missing_value = "",
          conflicts_with = "gitignore")]
    pub(super) history: Option<String>,
    /// Only commits made on or after this day or time (UTC)
    #[arg(long, value_name = "DATE", requires = "history")]
    pub(super) since: Option<Instant>,
    /// Only what this branch reaches
    #[arg(long, value_name = "NAME", requires = "history")]
    pub(super) branch: Option<String>,
    /// Exports that tell whose a secret is and when it was rotated: one that was not rotated since
    /// it was committed is still live. Files or folders, several times
    #[arg(long, value_name = "PATH", requires = "history", value_hint = ValueHint::AnyPath)]
    pub(super) exports: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Known findings")]
pub(super) struct KnownArgs {
    /// Do not count findings that this file accepts; `credlint baseline write` makes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) baseline: Option<PathBuf>,
    /// Do not count secrets that the tree of this commit has too. Rules over records are not
    /// compared: all their findings count
    #[arg(long, value_name = "BASE")]
    pub(super) new_only: Option<String>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = HOOK_EXAMPLES)]
pub(super) struct HookArgs {
    #[command(subcommand)]
    pub(super) action: Option<HookCommand>,
    /// Files of the work tree; none: what is staged
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::FilePath)]
    pub(super) names: Vec<PathBuf>,
    /// Search the commits that a pre-push hook is told of on standard input, but for those that
    /// this remote is known to have
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, require_equals = true,
          default_missing_value = "", conflicts_with_all = ["names", "pre_receive"])]
    pub(super) pre_push: Option<OsString>,
    /// Search the commits that a pre-receive hook is told of on standard input
    #[arg(long, conflicts_with = "names")]
    pub(super) pre_receive: bool,
    /// Let secrets pass that this file accepts; `credlint baseline write` makes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) baseline: Option<PathBuf>,
    /// Leave archives and packed files closed; their members are searched otherwise
    #[arg(long)]
    pub(super) no_archives: bool,
    /// Accept secrets that carry the marker of another tool: gitleaks:allow, betterleaks:allow,
    /// trufflehog:ignore, kingfisher:ignore, pragma: allowlist secret
    #[arg(long)]
    pub(super) compat_allows: bool,
    /// Judge waivers as of the beginning of this day, or this time (UTC), instead of now
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Instant>,
    /// Drop findings that are less certain than this
    #[arg(long, value_name = "LEVEL", default_value = Confidence::Medium.word(),
          value_parser = PossibleValuesParser::new(high_first(Confidence::WORDS)))]
    pub(super) min_confidence: String,
    #[command(flatten)]
    pub(super) content: ContentArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Write a hook into this repository; never over another
    Install {
        /// Which hook [default: pre-commit]
        #[arg(long, value_enum)]
        kind: Option<HookKindArg>,
    },
    /// Take the hook out again
    Uninstall {
        /// Which hook [default: pre-commit]
        #[arg(long, value_enum)]
        kind: Option<HookKindArg>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HookKindArg {
    /// Before every commit: what is staged
    #[value(name = "pre-commit")]
    Commit,
    /// Before every push: the commits that are sent
    #[value(name = "pre-push")]
    Push,
    /// On a server, before a push is taken: the commits that come in
    #[value(name = "pre-receive")]
    Receive,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(super) struct ScanPolicyArgs {
    #[command(flatten)]
    pub(super) rules: WhichRulesArgs,
    #[command(flatten)]
    pub(super) gate: GateArgs,
}

/// Which findings set the exit code.
#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// Findings of this severity and above end with exit code 1 [default: the policy file's, or high]
    #[arg(long, value_name = "SEVERITY", value_parser = PossibleValuesParser::new(fail_on_words()))]
    pub(super) fail_on: Option<String>,
    /// End with 0 in spite of findings; what could not be checked still ends with 2 or 3
    #[arg(long)]
    pub(super) exit_zero: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(super) struct WhichRulesArgs {
    /// The audit date: judge everything as of the beginning of this day, or this time (UTC), instead of now
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Instant>,
    /// Run only this rule (repeatable)
    #[arg(long, value_name = "RULE")]
    pub(super) only: Vec<String>,
    /// Leave out this rule (repeatable)
    #[arg(long, value_name = "RULE")]
    pub(super) skip: Vec<String>,
    /// Drop findings in source trees that are less certain than this
    #[arg(long, value_name = "LEVEL", default_value = Confidence::Medium.word(),
          value_parser = PossibleValuesParser::new(high_first(Confidence::WORDS)))]
    pub(super) min_confidence: String,
    /// Accept secrets that carry the marker of another tool: gitleaks:allow, betterleaks:allow,
    /// trufflehog:ignore, kingfisher:ignore, pragma: allowlist secret
    #[arg(long)]
    pub(super) compat_allows: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rules and policy file")]
pub(super) struct ContentArgs {
    /// The policy file [env: CREDLINT_CONFIG] [default: credlint.yaml of the working directory, if there]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Use no policy file, whatever lies in the working directory
    #[arg(long)]
    pub(super) no_config: bool,
    /// Your own rules, beside the built-in ones (repeatable)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) rules: Vec<PathBuf>,
    /// Your own descriptions of exports, beside the built-in ones (repeatable)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) sources: Vec<PathBuf>,
}

/// Runbooks of the user's.
#[derive(Debug, Args)]
pub(super) struct RunbooksArgs {
    /// Your own runbooks, beside the built-in ones or in place of those with the same id
    /// (repeatable)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) runbooks: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(super) struct TrendArgs {
    /// Tell in html, markdown and text how the findings stand to those of an earlier result, JSON or
    /// JSON Lines, or of all results in a folder (repeatable)
    #[arg(long, value_name = "RESULT", value_hint = ValueHint::AnyPath)]
    pub(super) earlier: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(super) struct OutputArgs {
    /// The format of the main report [default: text]
    #[arg(short, long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(format_names()))]
    pub(super) format: Option<String>,
    /// Write the main report to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
    /// Write a further report (repeatable); `-` is standard output, in place of the main report
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_target)]
    pub(super) reports: Vec<ReportTarget>,
    /// Show secrets in clear in every report. Whoever reads a report then has them
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// The category of the SARIF run, when one commit has several
    #[arg(long, value_name = "TEXT")]
    pub(super) sarif_category: Option<String>,
    /// Keep waived and known findings in SARIF, marked as suppressed
    #[arg(long)]
    pub(super) sarif_include_waived: bool,
}

#[derive(Debug, Args)]
#[command(after_help = BASELINE_EXAMPLES)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    pub(super) action: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Make the file from what a scan finds now; never overwrites
    Write {
        #[command(flatten)]
        scan: BaselineScanArgs,
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Add what is new; lines that are there keep their owner, reason and end
    Update {
        #[command(flatten)]
        scan: BaselineScanArgs,
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Take out lines that match nothing any more
    Prune {
        #[command(flatten)]
        scan: BaselineScanArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct BaselineScanArgs {
    /// Files and folders, as for `credlint scan`
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// The baseline
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = BASELINE_FILE)]
    pub(super) baseline: PathBuf,
    /// Leave out what .gitignore files leave out
    #[arg(long)]
    pub(super) gitignore: bool,
    /// Leave archives and packed files closed; their members are searched otherwise
    #[arg(long)]
    pub(super) no_archives: bool,
    /// Use this many threads instead of all, 1024 at most
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) rules: WhichRulesArgs,
    #[command(flatten)]
    pub(super) content: ContentArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Who answers for the findings")]
pub(super) struct AnswerArgs {
    /// Why they are accepted
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(super) reason: String,
    /// Who answers for them
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(super) owner: String,
    /// When they count again, within the policy's `limits: {waiver_max: …}`
    #[arg(
        long,
        value_name = "DATE",
        required_unless_present = "no_expiry",
        conflicts_with = "no_expiry"
    )]
    pub(super) expires: Option<Instant>,
    /// Accept them without an end
    #[arg(long)]
    pub(super) no_expiry: bool,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) action: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// One line for each rule in force
    List {
        #[command(flatten)]
        content: ContentArgs,
    },
    /// A rule as it is in force
    Show {
        /// The rule's id
        rule: String,
        #[command(flatten)]
        content: ContentArgs,
    },
    /// Parse and type-check rules, without input
    Check {
        /// A folder of rules, beside the built-in ones
        #[arg(value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
        #[command(flatten)]
        content: ContentArgs,
    },
    /// Run the tests that stand in rules
    Test {
        /// A folder of rules; only its tests are run
        #[arg(value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
        #[command(flatten)]
        content: ContentArgs,
    },
    /// Make rules out of those of gitleaks, betterleaks (TOML) or kingfisher (YAML)
    #[command(after_help = IMPORT_EXAMPLES)]
    Import {
        /// Rule files of the other tool, or folders of them
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        from: Vec<PathBuf>,
        /// Write the rules to a new file instead of standard output
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule's id, such as pw.never-expires
    #[arg(required_unless_present = "at", conflicts_with = "at")]
    pub(super) rule: Option<String>,
    /// Say what every rule about secrets makes of a line, whatever its confidence: what it found
    /// there, what it dropped and why
    #[arg(long, value_name = "FILE:LINE")]
    pub(super) at: Option<Spot>,
    #[command(flatten)]
    pub(super) content: ContentArgs,
}

/// The word for "no finding ends with 1".
pub(super) const NEVER: &str = "never";

fn high_first(words: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    words.iter().rev().copied()
}

fn fail_on_words() -> impl Iterator<Item = &'static str> {
    high_first(Severity::WORDS).chain([NEVER])
}

/// Reads `NAME=FILE`, or `FILE`. What stands before an equals sign is a name only where it could be
/// no part of a path: write `./a=b.json` for a file of that name.
fn named_result(text: &str) -> Result<NamedResult, String> {
    match text.split_once('=') {
        Some((name, _)) if name.contains(['/', '\\']) => {}
        Some(("", _) | (_, "")) => return Err("write NAME=FILE, or FILE alone".to_owned()),
        Some((name, path)) => {
            return Ok(NamedResult {
                name: Some(name.to_owned()),
                path: path.into(),
            });
        }
        None => {}
    }
    Ok(NamedResult {
        name: None,
        path: text.into(),
    })
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: PathBuf,
    /// Counted from 1.
    pub(super) line: NonZeroU32,
}

impl FromStr for Spot {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let spot = text.rsplit_once(':').and_then(|(file, line)| {
            let line = line.parse().ok()?;
            (!file.is_empty()).then(|| Self {
                file: file.into(),
                line,
            })
        });
        spot.ok_or_else(|| "write FILE:LINE, such as src/settings.py:12".to_owned())
    }
}

/// More threads than any machine has use for, which take longer to start than to work.
const MOST_THREADS: usize = 1024;

/// Reads a number of threads.
fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number: Option<NonZeroUsize> = text.parse().ok();
    number
        .filter(|number| number.get() <= MOST_THREADS)
        .ok_or_else(|| format!("write a number from 1 to {MOST_THREADS}"))
}

/// Reads `FORMAT=FILE`.
fn report_target(text: &str) -> Result<ReportTarget, String> {
    let Some((format, file)) = text.split_once('=') else {
        return Err("write FORMAT=FILE, such as sarif=credlint.sarif".to_owned());
    };
    let Some(format) = format_names().find(|name| *name == format) else {
        let advice = suggest(format, format_names()).map_or_else(
            || format!("known: {}", format_names().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(format!("unknown format `{format}`; {advice}"));
    };
    if file.is_empty() {
        return Err(format!(
            "`{format}=` needs a file, or `-` for standard output"
        ));
    }
    Ok(ReportTarget {
        format,
        path: (file != "-").then(|| PathBuf::from(file)),
    })
}
