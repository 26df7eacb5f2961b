//! What the index holds that the last commit does not: what the next commit will bring.

use super::entry::{self, Entry};
use super::{Git, GitError};

impl Git {
    /// The entries of the index that differ from the last commit, deletions left out, sorted as git
    /// sorts. Before the first commit that is the whole index. The work tree is not looked at.
    ///
    /// # Errors
    /// When git cannot be started, there is no repository, or it cannot be read.
    pub fn staged(&self) -> Result<Vec<Entry>, GitError> {
        let listed = match self.index_against("HEAD") {
            Err(GitError::Failed { .. }) if self.is_unborn()? => {
                let empty = self.run(["hash-object", "-t", "tree", "/dev/null"])?;
                self.index_against(&String::from_utf8_lossy(empty.trim_ascii()))
            }
            listed => listed,
        };
        decode(&listed?)
    }

    fn index_against(&self, tree: &str) -> Result<Vec<u8>, GitError> {
        let arguments = [
            "diff-index",
            "--cached",
            "--raw",
            "-z",
            "--no-abbrev",
            "--diff-filter=ACMRTU",
            "--no-renames",
            "--no-relative",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=none",
            tree,
            "--",
        ];
        self.run(arguments)
    }

    /// Whether there is no commit yet. What is wrong in any other way is an error.
    fn is_unborn(&self) -> Result<bool, GitError> {
        match self.run(["rev-parse", "--git-dir"]) {
            Ok(_) => {}
            Err(error) => return Err(self.or_no_repository(error)),
        }
        match self.run(["rev-parse", "--verify", "--quiet", "HEAD"]) {
            Ok(_) => Ok(false),
            Err(GitError::Failed { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

fn decode(listed: &[u8]) -> Result<Vec<Entry>, GitError> {
    let mut parts = listed.split(|byte| *byte == 0);
    let mut entries: Vec<Entry> = Vec::new();
    while let Some(head) = parts.next() {
        if head.is_empty() {
            continue;
        }
        let path = parts.next().unwrap_or_default();
        let entry = entry::decode(&String::from_utf8_lossy(head), path)?;
        // An unmerged path is listed once for each of its versions.
        if let Some(entry) = entry
            && entries.last() != Some(&entry)
        {
            entries.push(entry);
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn names_may_hold_anything_but_nul() {
        let listed = b":000000 100644 00 ab A\0-a b\n\xff\0:000000 160000 00 ac A\0sub\0";
        let entries = decode(listed).unwrap();
        let names: Vec<&[u8]> = entries
            .iter()
            .map(|e| e.path.as_os_str().as_encoded_bytes())
            .collect();
        assert_eq!(names, [b"-a b\n\xff".as_slice(), b"sub"]);
        assert_eq!(decode(b"").unwrap(), []);
        assert!(decode(b":000000 100644 00 ab A\0").is_err());
    }
}
