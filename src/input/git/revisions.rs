//! From what a user calls a part of the history to ids that git cannot read in another way.

use super::{Git, GitError};

/// A part of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// What every reference reaches, and what is checked out.
    AllRefs,
    /// What a branch reaches: a local one, or else a remote-tracking one.
    Branch(&'a str),
    /// Revisions and ranges of revisions, with blanks between them.
    Revisions(&'a str),
}

/// A part of the history as ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// Words for [`super::history::commits`].
    pub revs: Vec<String>,
    /// The commits at which the part ends.
    pub tips: Vec<String>,
}

impl Git {
    /// What is asked for, as ids.
    ///
    /// # Errors
    /// [`GitError::Failed`] when there is no such branch or revision.
    pub fn resolve(&self, asked: Asked<'_>) -> Result<Range, GitError> {
        match asked {
            Asked::AllRefs => Ok(Range {
                revs: vec!["--all".to_owned()],
                tips: self.head()?.into_iter().collect(),
            }),
            Asked::Branch(name) => {
                for space in ["refs/heads/", "refs/remotes/"] {
                    if let Some(id) = self.reference(&format!("{space}{name}"))? {
                        return Ok(Range {
                            revs: vec![id.clone()],
                            tips: vec![id],
                        });
                    }
                }
                Err(refused(format!("there is no branch `{name}`")))
            }
            Asked::Revisions(text) => self.named(text),
        }
    }

    /// The tips of all branches, local and remote-tracking.
    ///
    /// # Errors
    /// When git cannot be started or fails.
    pub fn branch_tips(&self) -> Result<Vec<String>, GitError> {
        let listed = self.run([
            "for-each-ref",
            "--format=%(objectname)",
            "refs/heads",
            "refs/remotes",
        ])?;
        let mut tips: Vec<String> = lines(&listed);
        tips.sort_unstable();
        tips.dedup();
        Ok(tips)
    }

    /// The commit that is checked out; none before the first.
    fn head(&self) -> Result<Option<String>, GitError> {
        maybe(self.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]))
    }

    /// What the reference of exactly this name points to, if there is one.
    fn reference(&self, name: &str) -> Result<Option<String>, GitError> {
        maybe(self.run(["show-ref", "--verify", "--hash", name]))
    }

    fn named(&self, text: &str) -> Result<Range, GitError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
            return Err(refused(format!("`{option}` is no revision")));
        }
        if words.is_empty() {
            return Err(refused("an empty range names no commit".to_owned()));
        }
        let answer = self.run(["rev-parse"].iter().chain(&words).chain(&["--"]))?;
        let revs: Vec<String> = lines(&answer)
            .into_iter()
            .filter(|word| word != "--")
            .collect();
        let tips = revs.iter().filter(|id| !id.starts_with('^'));
        Ok(Range {
            tips: tips.cloned().collect(),
            revs,
        })
    }
}

/// The first line of an answer; none when git says no.
fn maybe(answer: Result<Vec<u8>, GitError>) -> Result<Option<String>, GitError> {
    match answer {
        Ok(text) => Ok(lines(&text).into_iter().next()),
        Err(GitError::Failed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn lines(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    text.lines().map(str::to_owned).collect()
}

fn refused(message: String) -> GitError {
    GitError::Failed {
        command: "rev-parse".to_owned(),
        message,
    }
}
