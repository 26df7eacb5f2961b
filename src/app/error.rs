//! Why a run could not be done, and the exit code that it ends with.

use std::io;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use crate::input::git::GitError;
use crate::model::{Diagnostic, suggest};

/// Why a run could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Files that the user wrote are wrong: rules, sources, the policy, a baseline. Never empty.
    #[error("{} in the rules, sources, policy or baseline", faults(.0.len()))]
    Refused(Vec<Diagnostic>),
    /// The request itself makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong, in one lower-case fragment.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// A file that the run cannot do without could not be read or written.
    #[error("cannot {doing} {}: {cause}", path.display())]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// What the scan was to be compared with is not there.
    #[error("cannot compare with {name}: {cause}")]
    Base {
        /// The commit as the user named it.
        name: String,
        /// What git said.
        cause: String,
    },
    /// Findings that memory has no room for could not be kept on the disk, or read back.
    #[error("cannot keep findings in the folder for temporary files: {0}")]
    Store(io::Error),
    /// Standard output could not be written, for another reason than a closed pipe.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

fn faults(count: usize) -> String {
    match count {
        1 => "1 fault".to_owned(),
        n => format!("{n} faults"),
    }
}

impl From<Diagnostic> for AppError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Refused(vec![diagnostic])
    }
}

impl AppError {
    /// A request that makes no sense, without advice.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            help: None,
        }
    }

    /// A word on the command line that is none of the known ones: says which was meant.
    #[must_use]
    pub fn unknown<'a>(
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: &str,
    ) -> Self {
        let help = suggest(word, known).map_or_else(
            || otherwise.to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Self::Usage {
            message: format!("unknown {what} `{word}`"),
            help: Some(help),
        }
    }

    /// An unknown rule id.
    #[must_use]
    pub fn unknown_rule<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self::unknown("rule", word, known, "`credlint rules list` names them all")
    }

    /// A file that could not be read.
    #[must_use]
    pub fn read(path: &Path, cause: io::Error) -> Self {
        Self::File {
            doing: "read",
            path: path.to_owned(),
            cause,
        }
    }

    /// A file that could not be written.
    #[must_use]
    pub fn write(path: &Path, cause: io::Error) -> Self {
        Self::File {
            doing: "write",
            path: path.to_owned(),
            cause,
        }
    }

    /// A base commit that cannot be compared with.
    #[must_use]
    pub fn base(name: &str, cause: &GitError) -> Self {
        let cause = match cause {
            GitError::Failed { command, .. } if command == "rev-parse" => {
                "this repository has no such commit".to_owned()
            }
            other => other.to_string(),
        };
        Self::Base {
            name: name.to_owned(),
            cause,
        }
    }

    /// How the process ends. A comparison that was asked for and not made is incomplete, like a
    /// path that is missing; everything else is a request that makes no sense.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Base { .. } => Exit::Incomplete,
            _ => Exit::CouldNotRun,
        }
    }

    /// What to do about it, if there is advice.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Usage { help, .. } => help.as_deref(),
            Self::Base { .. } => {
                Some("in CI, fetch the commit first: a shallow clone does not have it")
            }
            Self::Store(_) => {
                Some("make room there, or name another folder in TMPDIR (TEMP on Windows)")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AppError;

    #[test]
    fn an_unknown_rule_says_which_was_meant_or_where_to_look() {
        let known = ["pw.never-expires", "cert.expiring"];
        let near = AppError::unknown_rule("pw.never-expire", known);
        assert_eq!(near.to_string(), "unknown rule `pw.never-expire`");
        assert_eq!(near.help(), Some("did you mean `pw.never-expires`?"));
        let far = AppError::unknown_rule("banana", known);
        assert_eq!(far.help(), Some("`credlint rules list` names them all"));
    }
}
