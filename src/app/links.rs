//! Symbolic links to what nobody named. They are not followed, and whoever relies on a scan should know
//! what it did not look at.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use crate::model::{Problem, ProblemKind, ScanPath};
use crate::report::ExportInput;

use super::exports::{is_export_name, notes_on};

/// What is said of such a link.
const ELSEWHERE: &str = "is a symbolic link to what lies outside of this scan, and was not followed; name \
                         what it leads to as well";

/// Problems and notes of links. One that lies among exports under the name of one was meant as an
/// export.
pub(super) fn told(links: &[ScanPath], exports: &[ExportInput]) -> (Vec<Problem>, Vec<String>) {
    let folders: BTreeSet<&str> = exports.iter().map(|e| folder(&e.path)).collect();
    let meant = |link: &&ScanPath| {
        folders.contains(folder(link.as_str())) && is_export_name(OsStr::new(link.as_str()))
    };
    let (meant, others): (Vec<&ScanPath>, Vec<&ScanPath>) = links.iter().partition(meant);
    let problem = |link: &ScanPath| Problem {
        path: Some(link.clone()),
        line: None,
        kind: ProblemKind::Unreadable,
        message: ELSEWHERE.to_owned(),
    };
    let notes = others.into_iter().map(|link| (link.to_string(), ELSEWHERE));
    (
        meant.into_iter().map(problem).collect(),
        notes_on(notes.collect()),
    )
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
