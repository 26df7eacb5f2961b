//! A talk with one git process: what it is fed, what it prints and what it complains about all
//! flow at once, so that neither side waits for the other.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::thread;

use super::{Git, GitError, first_line};

/// How much of what git complains about is kept.
const COMPLAINT: u64 = 64 << 10;

/// What a talk came to.
#[derive(Debug)]
pub(super) struct Talk<T> {
    /// What was made of git's answer, as far as it went.
    pub(super) value: T,
    /// Git ended with an error: the answer is not whole.
    pub(super) failure: Option<GitError>,
}

/// Runs a subcommand, feeds it, and hands its output to `read`.
///
/// # Errors
/// When git cannot be started, or `read` gives up.
pub(super) fn talk<T>(
    git: &Git,
    arguments: &[&OsStr],
    feed: &[u8],
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, GitError>,
) -> Result<Talk<T>, GitError> {
    let mut child = git.spawn(arguments, Stdio::piped())?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
        return Err(GitError::Answer("git has no pipes".to_owned()));
    };
    let (read, complaint) = thread::scope(|scope| {
        // A git that ends early closes the pipe; its exit status then tells why.
        scope.spawn(move || stdin.write_all(feed));
        let complaint = scope.spawn(move || {
            let mut kept = Vec::new();
            let _ = (&mut stderr).take(COMPLAINT).read_to_end(&mut kept);
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
            kept
        });
        let read = read(&mut BufReader::with_capacity(1 << 16, stdout));
        if read.is_err() {
            let _ = child.kill();
        }
        (read, complaint.join().unwrap_or_default())
    });
    let status = child.wait()?;
    let failure = (!status.success()).then(|| GitError::Failed {
        command: arguments
            .first()
            .map(|a| a.to_string_lossy().into_owned())
            .unwrap_or_default(),
        message: first_line(&complaint),
    });
    Ok(Talk {
        value: read?,
        failure,
    })
}
