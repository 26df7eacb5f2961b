//! Wires the stages together: the only place that starts threads, and the one that sorts. Knows no
//! command-line parser and no terminal.

mod assemble;
mod base;
pub mod baseline;
mod beginning;
pub mod builtin;
mod calendar;
pub mod content;
mod copies;
mod deliver;
mod diff;
pub mod docs;
pub mod doctor;
pub mod error;
mod evidence;
pub mod exit;
pub mod explain;
mod exports;
pub mod guide;
pub mod hashing;
mod history;
pub mod hook;
mod import;
pub mod init;
mod inventory;
mod items;
mod join;
mod known;
mod layers;
mod legible;
mod line;
mod links;
mod long;
mod look;
mod mentions;
mod merge;
mod misspelt;
pub mod options;
pub mod org;
mod orgs;
mod outcomes;
mod packed;
mod past;
pub mod progress;
mod quality;
mod reasons;
mod register;
mod reshaped;
pub mod rules;
pub mod runbook;
mod same;
pub mod scan;
pub mod secrets;
mod select;
mod spool;
mod standing;
mod trend;
mod twins;
mod unwritten;

use std::io::{Read, Write};

pub use error::AppError;
pub use exit::{Completeness, Exit};
use options::{Command, Explained, Paint, Verbosity};
use progress::Progress;

/// The outside world, as the command line set it up.
pub struct Io<'a> {
    /// What git tells a hook. Read only by hooks that are told.
    pub input: &'a mut dyn Read,
    /// Where the report goes. A closed pipe is no error here.
    pub out: &'a mut dyn Write,
    /// Where words to people go.
    pub err: &'a mut dyn Write,
    /// Whether `out` may hold colours.
    pub out_paint: Paint,
    /// Whether `err` may hold colours.
    pub err_paint: Paint,
    /// Columns of text, between 40 and 100.
    pub width: usize,
    /// How much to say on `err`.
    pub verbosity: Verbosity,
    /// Told how far a scan is.
    pub progress: &'a dyn Progress,
}

/// Does what was asked for.
///
/// # Errors
/// When it cannot be done at all; see [`AppError`].
pub fn run(command: &Command, io: &mut Io<'_>) -> Result<Exit, AppError> {
    match command {
        Command::Init { path } => {
            init::write(path, init::TEMPLATE)?;
            if io.verbosity > Verbosity::Quiet {
                writeln!(io.err, "wrote {}", path.display())?;
            }
            Ok(Exit::Clean)
        }
        Command::Register { path, scan } => register::run(path, scan, io),
        Command::Scan(options) => scan::run(options, io),
        Command::Diff(options) => diff::run(options, io),
        Command::Merge(options) => merge::run(options, io),
        Command::Inventory(options) => inventory::run(options, io),
        Command::Calendar(options) => calendar::run(options, io),
        Command::Doctor(options) => doctor::run(options, io),
        Command::Evidence(options) => evidence::run(options, io),
        Command::Runbook(options) => runbook::run(options, io),
        Command::ExportGuide { platform, content } => guide::run(platform.as_deref(), content, io),
        Command::Baseline(options) => baseline::run(options, io),
        Command::Hook(options) => hook::run(options, io),
        Command::Rules(options) => rules::run(options, io),
        Command::Explain {
            subject: Explained::Rule(rule),
            content,
            config,
        } => rules::explain(rule, content, config, io),
        Command::Explain {
            subject: Explained::Line { file, line },
            content,
            config,
        } => line::explain((file, *line), content, config, io),
        Command::Schema(kind) => rules::schema(*kind, io),
    }
}
