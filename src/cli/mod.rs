//! The command line: parses it, reads the world around (clock, environment, terminals) once, hands
//! plain options to `app`, and shows errors. Nothing else imports this module, and no type of the
//! parser leaves it.

mod args;
mod environment;
mod manual;
mod pipe;
mod plan;
mod progress;
mod render;

use std::ffi::OsString;
use std::io::{BufWriter, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::app::options::Verbosity;
use crate::app::progress::{Progress, Silent};
use crate::app::{self, AppError, Exit, Io};
use args::Cli;
use environment::{Environment, Stream};
use pipe::Pipe;
use plan::Plan;
use progress::Bar;
use render::Canvas;

/// Runs the program on its arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(answer) => return tell(&answer),
    };
    let environment = Environment::read();
    let asked = cli.terminal.color.decided();
    let canvas = Canvas {
        paint: environment.paint(asked, environment.err),
        stream: environment.err,
        width: environment.width,
    };
    let mut err = stderr();
    let exit = perform(cli, &environment, &mut err).unwrap_or_else(|error| {
        render::say(&mut err, &render::error(&error, canvas));
        error.exit()
    });
    ExitCode::from(exit.code())
}

/// Prints clap's own answer: help and version to standard output, faults to standard error.
fn tell(answer: &clap::Error) -> ExitCode {
    // A reader that has gone needs no help text.
    let _ = answer.print();
    let exit = if answer.use_stderr() {
        Exit::CouldNotRun
    } else {
        Exit::Clean
    };
    ExitCode::from(exit.code())
}

fn perform(cli: Cli, environment: &Environment, err: &mut dyn Write) -> Result<Exit, AppError> {
    let asked = cli.terminal.color.decided();
    let verbosity = plan::verbosity(&cli);
    let plan = plan::plan(cli, environment)?;
    let mut out = BufWriter::new(Pipe::new(stdout().lock()));
    let exit = match plan {
        Plan::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "credlint", &mut script);
            out.write_all(&script)?;
            Exit::Clean
        }
        Plan::Man => {
            manual::write(&mut out, Cli::command())?;
            Exit::Clean
        }
        Plan::App(command) => {
            let bar;
            let progress: &dyn Progress =
                if environment.err == Stream::Terminal && verbosity > Verbosity::Quiet {
                    bar = Bar::new();
                    &bar
                } else {
                    &Silent
                };
            let mut input = stdin();
            let mut io = Io {
                input: &mut input,
                out: &mut out,
                err,
                out_paint: environment.paint(asked, environment.out),
                err_paint: environment.paint(asked, environment.err),
                width: environment.width,
                verbosity,
                progress,
            };
            let result = app::run(&command, &mut io);
            progress.clear();
            result?
        }
    };
    out.flush()?;
    Ok(exit)
}
