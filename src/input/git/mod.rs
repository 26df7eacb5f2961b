//! Asks the `git` program, and nothing that a repository's own configuration names.
//!
//! A repository can be hostile: its `.git/config` may name programs to run (file system monitor,
//! external diff, text conversion, pager, signature check, lazy fetching from a remote helper).
//! Every call here switches these off, reads no system or user configuration, allows no protocol,
//! and takes no lock. Only plumbing with NUL-terminated output is used.

mod batch;
mod entry;
pub mod history;
mod hooks;
mod pipe;
mod push;
mod range;
pub mod revisions;
mod staged;
mod tree;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub use batch::{Batch, Object};
pub use entry::{Entry, EntryKind};
pub use hooks::Hooks;
pub use push::{NotAnUpdate, Update, pushed, received};
pub use range::{Introduced, Known, Tip};
pub use tree::TreeFile;

/// Why git could not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program could not be started.
    #[error("git could not be started ({0}); is it installed?")]
    NotStarted(#[source] io::Error),
    /// There is no repository.
    #[error("{} is not in a git repository", .0.display())]
    NoRepository(PathBuf),
    /// Git ended with an error.
    #[error("git {command} failed: {message}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What git said, in one line.
        message: String,
    },
    /// Reading from or writing to git failed.
    #[error("talking to git failed: {0}")]
    Pipe(#[from] io::Error),
    /// Git's answer was not what its documentation says.
    #[error("git gave an answer that cannot be read: {0}")]
    Answer(String),
}

/// A repository.
#[derive(Debug, Clone)]
pub struct Git {
    directory: PathBuf,
}

/// Settings that outweigh the repository's own: what could start a program is off.
const SAFE: &[&str] = &[
    "safe.directory=*",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "core.quotePath=false",
    "core.sshCommand=false",
    "diff.external=",
    "diff.renames=true",
    "log.showSignature=false",
    "log.follow=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// Variables of the environment that could start a program or turn git elsewhere. Those by which
/// git tells a hook where the index and the objects are stay.
const REMOVED: &[&str] = &[
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "PAGER",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_EDITOR",
    "GIT_PROXY_COMMAND",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_DIFF_OPTS",
    "GIT_EXEC_PATH",
];

impl Git {
    /// The repository that a directory belongs to.
    ///
    /// # Errors
    /// When git cannot be started or the directory is in no repository.
    pub fn open(directory: &Path) -> Result<Self, GitError> {
        let git = Self {
            directory: directory.to_owned(),
        };
        match git.run(["rev-parse", "--git-dir"]) {
            Ok(_) => Ok(git),
            Err(error) => Err(git.or_no_repository(error)),
        }
    }

    /// A repository that nobody has looked for yet: the first question finds out.
    #[must_use]
    pub fn unopened(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// What git says where there is no repository, as that; every other error as it is.
    fn or_no_repository(&self, error: GitError) -> GitError {
        match error {
            GitError::Failed { message, .. } if message.starts_with("not a git repository") => {
                GitError::NoRepository(self.directory.clone())
            }
            error => error,
        }
    }

    /// The directory that git is asked from.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The top of the work tree; none in a bare repository.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn work_tree(&self) -> Result<Option<PathBuf>, GitError> {
        match self.run(["rev-parse", "--show-toplevel"]) {
            Ok(bytes) => Ok(Some(path_of(bytes.trim_ascii_end()))),
            Err(GitError::Failed { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Runs a subcommand and gives what it printed.
    ///
    /// # Errors
    /// When git cannot be started or ends with an error.
    pub fn run<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, GitError> {
        let arguments: Vec<A> = arguments.into_iter().collect();
        let output = self
            .command()
            .args(&arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(GitError::NotStarted)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let command = arguments
            .first()
            .map(|a| a.as_ref().to_string_lossy().into_owned());
        Err(GitError::Failed {
            command: command.unwrap_or_default(),
            message: first_line(&output.stderr),
        })
    }

    /// Starts a subcommand whose output is read as it comes, and which may be fed.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn spawn<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: Stdio,
    ) -> Result<Child, GitError> {
        self.start(arguments, (input, Stdio::piped()))
    }

    /// As [`Git::spawn`], for a process whose errors nobody reads: they go nowhere, because a full
    /// pipe would stop it and a closed one would end it.
    fn spawn_mute<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: Stdio,
    ) -> Result<Child, GitError> {
        self.start(arguments, (input, Stdio::null()))
    }

    fn start<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        (input, errors): (Stdio, Stdio),
    ) -> Result<Child, GitError> {
        self.command()
            .args(arguments)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(GitError::NotStarted)
    }

    /// A process that gives objects by their ids, one after another.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn batch(&self) -> Result<Batch, GitError> {
        Batch::start(self, &[])
    }

    /// As [`Git::batch`], for blobs that are asked for in the order of
    /// [`history::cheap_order`]: git needs little memory for what it has unpacked.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn ordered_batch(&self) -> Result<Batch, GitError> {
        Batch::start(self, &["-c", "core.deltaBaseCacheLimit=32m"])
    }

    /// Git with everybody's configuration as it is, for `config --get` alone: it reads and starts
    /// nothing.
    fn reader(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.directory).arg("--no-pager");
        for name in REMOVED {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C");
        command
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.directory).args([
            "--no-pager",
            "--no-replace-objects",
            "--no-optional-locks",
        ]);
        for setting in SAFE {
            command.args(["-c", setting]);
        }
        for name in REMOVED {
            command.env_remove(name);
        }
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_GRAFT_FILE", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C");
        command
    }
}

/// The first line of what git said, without its prefix and without control characters.
pub(crate) fn first_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text
        .lines()
        .find(|l| !l.trim().is_empty())
        .unwrap_or("it gave no reason");
    let line = line
        .trim_start_matches("fatal: ")
        .trim_start_matches("error: ");
    line.chars().filter(|c| !c.is_control()).collect()
}

/// A path as git prints it with `-z`: bytes, not text.
#[cfg(unix)]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// A path as git prints it with `-z`: UTF-8 on this system.
#[cfg(not(unix))]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn what_git_said_is_one_plain_line() {
        assert_eq!(
            first_line(b"\nfatal: bad \x1b[31mrevision\nhint: x\n"),
            "bad [31mrevision"
        );
        assert_eq!(first_line(b""), "it gave no reason");
    }
}
