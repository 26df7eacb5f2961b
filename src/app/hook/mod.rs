//! Secrets on their way into a repository: what is staged, pushed or received is searched as git
//! has it, and any new secret stops it.

mod install;
mod search;

use crate::input::git::GitError;

use super::Io;
use super::error::AppError;
use super::exit::Exit;
use super::options::HookOptions;

/// Does what a hook or its owner asks for.
///
/// # Errors
/// When nothing can be said at all: no git, no repository, wrong rules or policy; and when a hook
/// that is not ours stands where ours should.
pub fn run(options: &HookOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    match options {
        HookOptions::Search { scan, input } => search::run(scan, input, io),
        HookOptions::Install(place) => install::install(place, io),
        HookOptions::Uninstall(place) => install::uninstall(place, io),
    }
}

fn git_failed(error: &GitError) -> AppError {
    let help = match error {
        GitError::NotStarted(_) => Some("put git on the PATH, or name the files to search"),
        GitError::NoRepository(_) => {
            Some("run it inside a repository, or name the files to search")
        }
        _ => None,
    };
    AppError::Usage {
        message: error.to_string(),
        help: help.map(str::to_owned),
    }
}
