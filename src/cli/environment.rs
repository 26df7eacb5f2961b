//! The outside world, read once: the clock, the environment variables, the terminals. The rest of
//! the program gets it as plain data.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, stderr, stdout};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use terminal_size::{Width, terminal_size};

use crate::app::options::Paint;
use crate::model::Instant;

/// What the program knows of the world around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Environment {
    /// The time, for the default audit date.
    pub(super) now: Instant,
    /// The working directory.
    pub(super) directory: PathBuf,
    /// This program, where the system tells.
    pub(super) program: Option<PathBuf>,
    /// `CREDLINT_CONFIG`, unless it is empty.
    pub(super) config: Option<PathBuf>,
    /// What the environment says of colours.
    pub(super) color: ColorWish,
    /// Whether standard output is a terminal.
    pub(super) out: Stream,
    /// Whether standard error is a terminal.
    pub(super) err: Stream,
    /// Columns of text: the terminal's, within reason; a fixed number without one.
    pub(super) width: usize,
}

/// Columns of text that goes to no terminal, and the most that anybody reads with ease.
const WIDTH: usize = 100;

/// What the environment says of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColorWish {
    /// `NO_COLOR`: nowhere.
    Nowhere,
    /// `CLICOLOR_FORCE`: everywhere.
    Everywhere,
    /// Nothing: where a terminal can show them.
    OnTerminals,
    /// Nothing, and the terminal is a dumb one.
    DumbTerminal,
}

/// What stands behind an output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// A person at a terminal.
    Terminal,
    /// A file or another program.
    Other,
}

impl Environment {
    /// Reads it. The only place of the program that does.
    pub(super) fn read() -> Self {
        Self {
            now: now(),
            directory: std::env::current_dir().unwrap_or_default(),
            program: std::env::current_exe().ok(),
            config: variable("CREDLINT_CONFIG").map(PathBuf::from),
            color: ColorWish::of(
                variable("NO_COLOR").as_deref(),
                variable("CLICOLOR_FORCE").as_deref(),
                variable("TERM").as_deref(),
            ),
            out: Stream::of(&stdout()),
            err: Stream::of(&stderr()),
            width: terminal_size().map_or(WIDTH, |(Width(columns), _)| {
                usize::from(columns).clamp(40, WIDTH)
            }),
        }
    }

    /// Whether a stream gets colours: `--color` decides, then the environment, then the terminal.
    pub(super) fn paint(&self, asked: Option<Paint>, stream: Stream) -> Paint {
        asked.unwrap_or(match (self.color, stream) {
            (ColorWish::Everywhere, _) | (ColorWish::OnTerminals, Stream::Terminal) => Paint::Color,
            _ => Paint::Plain,
        })
    }
}

impl ColorWish {
    fn of(no_color: Option<&OsStr>, force: Option<&OsStr>, term: Option<&OsStr>) -> Self {
        if no_color.is_some() {
            Self::Nowhere
        } else if force.is_some_and(|value| value != "0") {
            Self::Everywhere
        } else if term.is_some_and(|value| value == "dumb") {
            Self::DumbTerminal
        } else {
            Self::OnTerminals
        }
    }
}

impl Stream {
    fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() {
            Self::Terminal
        } else {
            Self::Other
        }
    }
}

/// A variable that is set and not empty, as <https://no-color.org> asks.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reading of the clock, for the default audit date"
)]
fn now() -> Instant {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |s| -s),
    };
    Instant::from_seconds(seconds)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::PathBuf;

    use super::{ColorWish, Environment, Stream};
    use crate::app::options::Paint;
    use crate::model::Instant;

    #[test]
    fn the_flag_then_no_color_then_force_then_the_terminal_decide_colours() {
        use Paint::{Color, Plain};
        use Stream::{Other, Terminal};
        for (asked, no_color, force, term, stream, expected) in [
            (None, None, None, Some("xterm"), Terminal, Color),
            (None, None, None, Some("xterm"), Other, Plain),
            (None, None, None, None, Terminal, Color),
            (None, None, None, Some("dumb"), Terminal, Plain),
            (None, Some("1"), None, None, Terminal, Plain),
            (None, Some("1"), Some("1"), None, Terminal, Plain),
            (None, None, Some("1"), Some("dumb"), Other, Color),
            (None, None, Some("0"), None, Other, Plain),
            (Some(Color), Some("1"), None, Some("dumb"), Other, Color),
            (Some(Plain), None, Some("1"), None, Terminal, Plain),
        ] {
            let environment = Environment {
                directory: PathBuf::new(),
                now: Instant::from_seconds(0),
                program: None,
                config: None,
                color: ColorWish::of(
                    no_color.map(OsStr::new),
                    force.map(OsStr::new),
                    term.map(OsStr::new),
                ),
                out: stream,
                err: stream,
                width: 80,
            };
            assert_eq!(
                environment.paint(asked, stream),
                expected,
                "{asked:?} {no_color:?} {force:?} {term:?} {stream:?}"
            );
        }
    }
}
