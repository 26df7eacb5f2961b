//! The files of a commit, and whether files of the work tree still have the same bytes.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{EntryKind, Git, GitError, path_of};

/// A regular file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Its path from the top of the repository.
    pub path: PathBuf,
    /// The id of its content.
    pub object: String,
}

/// How many paths are asked for before the answers are read. Their ids fit into a pipe, so neither
/// side waits for the other for ever.
const AHEAD: usize = 256;

impl Git {
    /// The full id of the commit that a name stands for.
    ///
    /// # Errors
    /// When the name stands for no commit of this repository, or git cannot be started.
    pub fn commit(&self, name: &str) -> Result<String, GitError> {
        // No name of a commit begins so, and git would take it for an option.
        if name.is_empty() || name.starts_with('-') {
            return Err(GitError::Failed {
                command: "rev-parse".to_owned(),
                message: "Needed a single revision".to_owned(),
            });
        }
        let commit = format!("{name}^{{commit}}");
        let id = self.run(["rev-parse", "--verify", &commit])?;
        Ok(String::from_utf8_lossy(id.trim_ascii()).into_owned())
    }

    /// Every regular file of a commit, by path. Symbolic links and submodules are left out, as
    /// they are in a walk.
    ///
    /// # Errors
    /// When git cannot be started or does not have the commit's trees.
    pub fn files_of(&self, commit: &str) -> Result<Vec<TreeFile>, GitError> {
        let listing = self.run(["ls-tree", "-r", "-z", "--full-tree", commit])?;
        let mut files = Vec::new();
        for entry in listing.split(|byte| *byte == 0).filter(|e| !e.is_empty()) {
            let wrong = || GitError::Answer(String::from_utf8_lossy(entry).into_owned());
            let tab = entry.iter().position(|b| *b == b'\t').ok_or_else(wrong)?;
            let (head, path) = entry.split_at(tab);
            let head = String::from_utf8_lossy(head);
            let words: Vec<&str> = head.split_whitespace().collect();
            let [mode, kind, object] = words.as_slice() else {
                return Err(wrong());
            };
            if *kind == "blob" && EntryKind::of_mode(mode) == Some(EntryKind::File) {
                files.push(TreeFile {
                    path: path_of(path.get(1..).unwrap_or_default()),
                    object: (*object).to_owned(),
                });
            }
        }
        Ok(files)
    }

    /// The ids that git would give to the bytes of files as they are on disk, without the filters
    /// that attributes name: those are programs. None where a file could not be hashed.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn hashes(&self, paths: &[&Path]) -> Result<Vec<Option<String>>, GitError> {
        let arguments = ["hash-object", "--no-filters", "--stdin-paths"];
        let mut child = self.spawn_mute(arguments, Stdio::piped())?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::Answer("hash-object has no pipes".to_owned()));
        };
        let mut output = BufReader::new(output);
        let mut hashes = Vec::with_capacity(paths.len());
        'all: for part in paths.chunks(AHEAD) {
            let mut lines = Vec::new();
            let mut asked = Vec::with_capacity(part.len());
            for path in part {
                let bytes = path.as_os_str().as_encoded_bytes();
                let line = path.is_absolute() && !bytes.contains(&b'\n');
                asked.push(line);
                if line {
                    lines.extend_from_slice(bytes);
                    lines.push(b'\n');
                }
            }
            if input
                .write_all(&lines)
                .and_then(|()| input.flush())
                .is_err()
            {
                break;
            }
            for line in asked {
                if !line {
                    hashes.push(None);
                    continue;
                }
                let mut id = String::new();
                // Git ends at the first file that it cannot read; the rest counts as changed.
                match output.read_line(&mut id) {
                    Ok(1..) => hashes.push(Some(id.trim_end().to_owned())),
                    _ => break 'all,
                }
            }
        }
        drop(input);
        let _ = child.kill();
        let _ = child.wait();
        hashes.resize(paths.len(), None);
        Ok(hashes)
    }
}
