//! What the user asked for, as plain data: no parser's types, no defaults left to guess.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use crate::model::{Confidence, Instant, RuleId, Severity, When};
use crate::report::{CALENDAR_FORMATS, DIFF_FORMATS, FORMATS, INVENTORY_FORMATS};

/// One run of the program.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Look for findings.
    Scan(Box<ScanOptions>),
    /// Tell what changed between two results or two sets of exports.
    Diff(Box<DiffOptions>),
    /// Make one result of several.
    Merge(Box<MergeOptions>),
    /// Print every credential that exports tell of.
    Inventory(Box<InventoryOptions>),
    /// Print when which credential is to be rotated.
    Calendar(Box<CalendarOptions>),
    /// Tell what exports prove.
    Doctor(Box<DoctorOptions>),
    /// Make or check an evidence pack.
    Evidence(Box<EvidenceOptions>),
    /// Print the steps by which a credential is rotated.
    Runbook(Box<RunbookOptions>),
    /// Print the commands that make the exports of a platform.
    ExportGuide {
        /// The platform. None: name them all.
        platform: Option<String>,
        /// Where sources come from.
        content: ContentOptions,
    },
    /// Write, extend or clear a baseline.
    Baseline(Box<BaselineOptions>),
    /// Stop secrets on their way into a repository.
    Hook(HookOptions),
    /// Look at the rules themselves.
    Rules(RulesOptions),
    /// Tell a person what one rule means, or what rules make of a line.
    Explain {
        /// Which.
        subject: Explained,
        /// Where rules come from.
        content: ContentOptions,
        /// The policy file, whose severities and parameters are shown.
        config: Config,
    },
    /// Print a JSON Schema.
    Schema(SchemaKind),
    /// Write a first credential register where none is.
    Register {
        /// The file to make.
        path: PathBuf,
        /// The exports to make it from. Its rules and reports are not used.
        scan: Box<ScanOptions>,
    },
    /// Write a commented policy file where none is.
    Init {
        /// The file to make.
        path: PathBuf,
    },
}

/// What to scan and how.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanOptions {
    /// The working directory: paths are shown relative to it.
    pub directory: PathBuf,
    /// Files and folders, as given; never empty.
    pub paths: Vec<PathBuf>,
    /// Look at the history of a repository instead of files.
    pub history: Option<HistoryOptions>,
    /// The audit date: the only "now" of the run.
    pub as_of: Instant,
    /// Records of after this are left out: the audit date, where one was asked for.
    pub until: Option<Instant>,
    /// Where rules and sources come from.
    pub content: ContentOptions,
    /// The policy file.
    pub config: Config,
    /// Run only these rules; empty: all.
    pub only: Vec<RuleId>,
    /// Leave out these rules.
    pub skip: Vec<RuleId>,
    /// The lowest confidence that source rules may have.
    pub min_confidence: Confidence,
    /// Whether markers of other tools accept the secret beside them.
    pub foreign_allows: ForeignAllows,
    /// Which findings set the exit code. None: as the policy file says, or else `high` and above.
    pub fail_on: Option<FailOn>,
    /// Whether findings set the exit code at all.
    pub findings_exit: FindingsExit,
    /// Folders of the user's runbooks.
    pub runbooks: Vec<PathBuf>,
    /// Results of before, and folders of them.
    pub earlier: Vec<PathBuf>,
    /// What to write and where; never empty, at most one to standard output.
    pub reports: Vec<ReportTarget>,
    /// Whether reports hold the secrets themselves.
    pub secrets: Secrets,
    /// Whether `.gitignore` files decide what is scanned.
    pub gitignore: GitIgnore,
    /// Whether archives are opened.
    pub archives: Archives,
    /// What only SARIF knows.
    pub sarif: SarifOptions,
    /// How many threads. None: as many as the machine has.
    pub threads: Option<NonZeroUsize>,
    /// The file of findings that are accepted from before.
    pub baseline: Option<PathBuf>,
    /// The commit whose findings are known: a name that git resolves.
    pub new_only: Option<String>,
}

/// A result, and what its paths stand below in a merged one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedResult {
    /// Such as the name of a repository. None: its paths stay as they are.
    pub name: Option<String>,
    /// The file.
    pub path: PathBuf,
}

/// What to compare, and how to write it.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffOptions {
    /// A result, or a folder of exports.
    pub old: PathBuf,
    /// The same of later.
    pub new: PathBuf,
    /// How folders are read. Its paths, rules and reports are not used.
    pub scan: ScanOptions,
    /// Which changes for the worse set the exit code. None: as the new result says, or the policy.
    pub fail_on: Option<FailOn>,
    /// Whether they set the exit code at all.
    pub findings_exit: FindingsExit,
    /// One of [`diff_format_names`].
    pub format: &'static str,
    /// The file. None: standard output.
    pub output: Option<PathBuf>,
}

/// The names of the formats of comparisons; the first is the default.
pub fn diff_format_names() -> impl Iterator<Item = &'static str> + Clone {
    DIFF_FORMATS.iter().map(|format| format.name)
}

/// Which results to merge, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeOptions {
    /// Results, as JSON or JSON Lines; never empty.
    pub files: Vec<NamedResult>,
    /// Which findings set the exit code. None: as the strictest of the results says.
    pub fail_on: Option<FailOn>,
    /// Whether findings set the exit code at all.
    pub findings_exit: FindingsExit,
    /// Folders of the user's runbooks.
    pub runbooks: Vec<PathBuf>,
    /// Results of before, and folders of them.
    pub earlier: Vec<PathBuf>,
    /// What to write and where; never empty, at most one to standard output.
    pub reports: Vec<ReportTarget>,
    /// What only SARIF knows.
    pub sarif: SarifOptions,
}

/// How to print the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct InventoryOptions {
    /// What to read. Its rules and reports are not used.
    pub scan: ScanOptions,
    /// Trees to search for what speaks of the items; none: nothing is searched.
    pub mentions: Vec<PathBuf>,
    /// One of [`inventory_format_names`].
    pub format: &'static str,
    /// The file. None: standard output.
    pub output: Option<PathBuf>,
}

/// How to print the rotation calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarOptions {
    /// What to read. Its rules and reports are not used.
    pub scan: ScanOptions,
    /// One of [`calendar_format_names`].
    pub format: &'static str,
    /// The file. None: standard output.
    pub output: Option<PathBuf>,
}

/// The names of the formats of the calendar; the first is the default.
pub fn calendar_format_names() -> impl Iterator<Item = &'static str> + Clone {
    CALENDAR_FORMATS.iter().map(|format| format.name)
}

/// How to tell what exports prove.
#[derive(Debug, Clone, PartialEq)]
pub struct DoctorOptions {
    /// What to look at. Its reports are not used.
    pub scan: ScanOptions,
    /// How to write it.
    pub format: DoctorFormat,
    /// The file. None: standard output.
    pub output: Option<PathBuf>,
}

/// An evidence pack.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceOptions {
    /// What to do with it.
    pub action: EvidenceAction,
}

/// What to do with an evidence pack.
#[derive(Debug, Clone, PartialEq)]
pub enum EvidenceAction {
    /// Scan, and write one.
    Make {
        /// What to look at. Its reports are not used.
        scan: Box<ScanOptions>,
        /// The folder.
        folder: PathBuf,
        /// What to do with what is there.
        overwrite: Overwrite,
    },
    /// Tell whether it is as it was written.
    Verify {
        /// The folder.
        folder: PathBuf,
        /// The SHA-256 that its manifest had, in hexadecimal, if it was kept.
        manifest: Option<String>,
    },
}

/// What to do with a folder in which something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Refuse.
    Never,
    /// Replace an earlier pack, and nothing else.
    OwnPack,
}

/// What to do with runbooks.
#[derive(Debug, Clone, PartialEq)]
pub struct RunbookOptions {
    /// What to do.
    pub action: RunbookAction,
    /// The exports. Its rules and reports are not used.
    pub scan: ScanOptions,
    /// The file. None: standard output.
    pub output: Option<PathBuf>,
}

/// What to do with runbooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunbookAction {
    /// One line each.
    List,
    /// Check all and run the tests that stand in them.
    Test,
    /// One page.
    Page {
        /// The item that fills it, by id or any name. None: nothing is filled in.
        item: Option<String>,
        /// Which runbook.
        by: RunbookBy,
    },
}

/// Which runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunbookBy {
    /// That of the item.
    Item,
    /// The one of this id.
    Id(String),
    /// That of a rule's findings.
    Rule(RuleId),
}

/// How to write what exports prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoctorFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The names of the formats of the inventory; the first is the default.
pub fn inventory_format_names() -> impl Iterator<Item = &'static str> + Clone {
    INVENTORY_FORMATS.iter().map(|format| format.name)
}

/// What is to be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explained {
    /// A rule.
    Rule(RuleId),
    /// What rules about secrets make of a line.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: NonZeroU32,
    },
}

/// Which part of a repository's history to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryOptions {
    /// The commits.
    pub range: HistoryRange,
    /// Of these, only those committed at or after this time.
    pub since: Option<Instant>,
    /// Exports that tell whose secrets are, and when they were rotated.
    pub exports: Vec<PathBuf>,
}

/// Which commits to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryRange {
    /// What every reference reaches.
    AllRefs,
    /// What this branch reaches.
    Branch(String),
    /// What these revisions, as git writes them, mean.
    Revisions(String),
}

/// What to do with a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineOptions {
    /// What to do.
    pub action: BaselineAction,
    /// The file.
    pub file: PathBuf,
    /// The scan that says what there is. Its reports, baseline and base commit are not used.
    pub scan: ScanOptions,
}

/// What to do with a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineAction {
    /// Make it from what a scan finds.
    Write(Answer),
    /// Add what is new and keep the rest.
    Update(Answer),
    /// Take out what matches nothing any more.
    Prune,
}

/// Who answers for findings that a baseline accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: When,
}

/// The name of a baseline that is not given another.
pub const BASELINE_FILE: &str = "credlint-baseline.jsonl";

/// What to do for a git hook.
#[derive(Debug, Clone, PartialEq)]
pub enum HookOptions {
    /// Search what is about to come in.
    Search {
        /// As for a scan; the paths are those of [`HookInput::Names`], and empty for all others.
        scan: Box<ScanOptions>,
        /// Where it is.
        input: HookInput,
    },
    /// Write a hook into the repository of the working directory.
    Install(HookPlace),
    /// Take it out.
    Uninstall(HookPlace),
}

/// Where a hook finds what is about to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookInput {
    /// Files of the work tree, by name.
    Names,
    /// The index.
    Index,
    /// The commits of a push to this remote; standard input names them.
    Push(Option<String>),
    /// The commits of a push that is being received; standard input names them.
    Receive,
}

/// Which hook, and of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookPlace {
    /// The working directory, in a repository.
    pub directory: PathBuf,
    /// The hook. None: not said, which means [`HookKind::Commit`].
    pub kind: Option<HookKind>,
    /// This program, so that the hook finds it. None: not known.
    pub program: Option<PathBuf>,
}

/// A hook of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// Before a commit is made.
    Commit,
    /// Before commits are sent.
    Push,
    /// Before commits are taken in, on a server.
    Receive,
}

impl HookKind {
    /// The name of git's file.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Commit => "pre-commit",
            Self::Push => "pre-push",
            Self::Receive => "pre-receive",
        }
    }
}

/// The format of [`HookOptions::Search`] in place of `text`: short, with the ways out.
pub const HOOK_FORMAT: &str = "hook";

/// Where rules and sources come from: the built-in ones, and these folders beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentOptions {
    /// Folders of the user's rules.
    pub rules: Vec<PathBuf>,
    /// Folders of the user's sources.
    pub sources: Vec<PathBuf>,
}

/// Which policy file is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Config {
    /// [`POLICY_FILE`] of the working directory, if it is there.
    WorkingDirectory,
    /// This file, which must exist.
    File(PathBuf),
    /// None, whatever lies in the working directory.
    None,
}

/// The name of a register that is not given another.
pub const REGISTER_FILE: &str = "credential-register.yaml";

/// The name under which a policy file is found in the working directory.
pub const POLICY_FILE: &str = "credlint.yaml";

/// Which findings set the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Those of this severity and above.
    Severity(Severity),
    /// None.
    Never,
}

/// Whether findings set the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingsExit {
    /// They do.
    Code,
    /// They do not (`--exit-zero`): for runs that only report.
    Zero,
}

/// One report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTarget {
    /// One of [`format_names`].
    pub format: &'static str,
    /// The file. None: standard output.
    pub path: Option<PathBuf>,
}

/// The names of the formats that reports can be written in; the first is the default.
pub fn format_names() -> impl Iterator<Item = &'static str> + Clone {
    FORMATS.iter().map(|format| format.name)
}

/// Whether reports hold the secrets themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// A short hint stands in their place.
    Redacted,
    /// In clear, as the user asked.
    Shown,
}

/// Whether `.gitignore` files decide what is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitIgnore {
    /// They do not: what git leaves out can still hold a secret.
    Disregarded,
    /// What they leave out is left out here too.
    Obeyed,
}

/// Whether archives and packed files are opened and their members searched for secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archives {
    /// They are.
    Opened,
    /// They are counted and left out.
    Closed,
}

/// What only SARIF knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SarifOptions {
    /// Tells apart several runs over one commit.
    pub category: Option<String>,
    /// Whether waived and known findings are in the file.
    pub waived: WaivedInSarif,
}

/// Whether waived and known findings are in a SARIF file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaivedInSarif {
    /// They are not: a service that disregards suppressions would count them.
    Omitted,
    /// They are, marked as suppressed.
    Included,
}

/// What to do with the rules themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesOptions {
    /// What to do.
    pub action: RulesAction,
    /// Where rules and sources come from.
    pub content: ContentOptions,
    /// The policy file.
    pub config: Config,
}

/// What to do with the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesAction {
    /// One line each.
    List,
    /// One rule as it is in force.
    Show(RuleId),
    /// Parse, type-check and compile the rules of a folder, or all.
    Check(Option<PathBuf>),
    /// Run the inline tests of a folder's rules, or of all.
    Test(Option<PathBuf>),
    /// Make rules of ours out of those of other tools.
    Import {
        /// Rule files of other tools, and folders of them.
        from: Vec<PathBuf>,
        /// The file to write instead of standard output.
        out: Option<PathBuf>,
    },
}

/// Which JSON Schema to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaKind {
    /// Of the JSON report.
    Report,
    /// Of a line of the report as JSON Lines.
    Lines,
    /// Of a comparison as JSON.
    Diff,
    /// Of the inventory as JSON.
    Inventory,
    /// Of rule files.
    Rules,
}

/// How much to say on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Notes too.
    Normal,
    /// What is done, file by file.
    Verbose,
}

/// Whether text may hold colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Color,
}

pub use crate::triage::ForeignAllows;
