//! Where git looks for the hooks of a repository.

use std::path::PathBuf;
use std::process::Stdio;

use super::{Git, GitError, first_line, path_of};

/// Where git looks for hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hooks {
    /// A folder of this repository alone.
    Own(PathBuf),
    /// A folder that all repositories of the user share: `core.hooksPath` of the user's or the
    /// system's configuration.
    Shared(PathBuf),
}

impl Git {
    /// Where git looks for hooks, by `core.hooksPath` and else below the repository's own folder.
    ///
    /// # Errors
    /// When git cannot be started or there is no repository.
    pub fn hooks(&self) -> Result<Hooks, GitError> {
        let common = self
            .run(["rev-parse", "--git-common-dir"])
            .map_err(|error| self.or_no_repository(error))?;
        let Some((scope, path)) = self.hooks_setting()? else {
            let common = path_of(common.trim_ascii_end());
            return Ok(Hooks::Own(self.directory.join(common).join("hooks")));
        };
        // Git runs hooks at the top of the work tree, or in a bare repository where it lies.
        let base = match self.work_tree()? {
            Some(top) => top,
            None => self.directory.join(path_of(
                self.run(["rev-parse", "--git-dir"])?.trim_ascii_end(),
            )),
        };
        let path = base.join(path);
        match scope.as_str() {
            "local" | "worktree" => Ok(Hooks::Own(path)),
            _ => Ok(Hooks::Shared(path)),
        }
    }

    /// `core.hooksPath` with the scope that sets it. The one question that the user's own
    /// configuration answers too; to read it starts nothing.
    fn hooks_setting(&self) -> Result<Option<(String, PathBuf)>, GitError> {
        let arguments = [
            "config",
            "--null",
            "--show-scope",
            "--type=path",
            "--get",
            "core.hooksPath",
        ];
        let output = self
            .reader()
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(GitError::NotStarted)?;
        match output.status.code() {
            Some(0) => {}
            // Not set.
            Some(1) => return Ok(None),
            _ => {
                return Err(GitError::Failed {
                    command: "config".to_owned(),
                    message: first_line(&output.stderr),
                });
            }
        }
        let mut parts = output.stdout.split(|byte| *byte == 0);
        match (parts.next(), parts.next()) {
            (Some(scope), Some(path)) => {
                let scope = String::from_utf8_lossy(scope).into_owned();
                Ok(Some((scope, path_of(path))))
            }
            _ => Err(GitError::Answer("config --show-scope".to_owned())),
        }
    }
}
