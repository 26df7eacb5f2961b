//! The messages of commits past the secret rules: what somebody pasted there stands in the history as
//! long as what was in a file.

use std::path::Path;

use crate::app::assemble::Harvest;
use crate::app::look::{Buffers, Look};
use crate::input::git::Git;
use crate::input::git::history::{self, Introduced};
use crate::model::{ProblemKind, ScanPath};

use super::search::Hit;
use super::{Chosen, problem};

/// In which folder reports show messages, each under the id of its commit.
const FOLDER: &str = "commit-message";

/// The place of no blob.
const NO_BLOB: u32 = u32::MAX;

/// Searches the messages of all commits. If git ends early, that is told, and what was found counts.
pub(super) fn search(
    git: &Git,
    (look, chosen): (Look<'_>, &Chosen),
    introduced: &Introduced,
    harvest: &mut Harvest,
) -> Vec<Hit> {
    let (mut hits, mut buffers, mut unread) = (Vec::new(), Buffers::default(), 0);
    let mut number = 0u32;
    let read = history::messages(git, &introduced.commits, |commit, message| {
        let place = number;
        number = number.saturating_add(1);
        let Some(message) = message else {
            unread += 1;
            return;
        };
        let name = format!("{FOLDER}/{}", commit.id);
        let path = Path::new(&name);
        if message.is_empty() || !chosen.has(path) {
            return;
        }
        let looked = look.bytes(&ScanPath::new(path), message, &mut buffers);
        harvest.problems.extend(looked.problems);
        hits.extend(looked.findings.into_iter().map(|finding| Hit {
            commit: place,
            blob: NO_BLOB,
            finding,
        }));
    });
    if let Err(error) = read {
        let message = format!("the messages of commits could be read in part only: {error}");
        harvest
            .problems
            .push(problem(ProblemKind::Unreadable, message));
    }
    if unread > 0 {
        harvest.problems.push(problem(
            ProblemKind::Unreadable,
            format!("messages of commits that could not be read: {unread}"),
        ));
    }
    hits
}
