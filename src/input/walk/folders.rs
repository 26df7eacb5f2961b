//! Walks folders where no ignore file counts. A folder is read at once and its files are noted
//! together, so that a tree of a million files takes little more memory than their names.

use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::Scope;

use super::super::file::Names;
use super::{Found, Root, WalkOptions, is_entered, is_wanted, reason};
use crate::model::ProblemKind;

/// Lists what is in a target that is a folder.
pub(super) fn walk(root: &Root<'_>, options: &WalkOptions, found: &mut Found) {
    let walk = Walk {
        root,
        options,
        found: Mutex::new(found),
    };
    rayon::scope(|scope| walk.folder(scope, root.target));
}

struct Walk<'w> {
    root: &'w Root<'w>,
    options: &'w WalkOptions,
    found: Mutex<&'w mut Found>,
}

impl<'w> Walk<'w> {
    /// Lists the files of a folder, and has those in it listed.
    fn folder<'s>(&'s self, scope: &Scope<'s>, path: &Path)
    where
        'w: 's,
    {
        let mut own = Found::default();
        let (mut names, mut folders) = (Names::default(), Vec::new());
        let entries = match fs::read_dir(path) {
            Ok(entries) => Some(entries),
            Err(error) => {
                self.unreadable(path, &error, &mut own);
                None
            }
        };
        for entry in entries.into_iter().flatten() {
            match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                Ok(entry) => self.entry(&entry, path, (&mut names, &mut folders), &mut own),
                Err(error) => self.unreadable(path, &error, &mut own),
            }
        }
        if !names.is_empty() {
            own.files.extend(names.inside(path, &self.root.shown(path)));
            // In order already, what is listed is sorted in less time.
            own.files.sort_by(|a, b| a.by_shown().cmp(&b.by_shown()));
        }
        // Another thread that panicked has lost nothing that is noted here.
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.merge(own);
        drop(found);
        for folder in folders {
            scope.spawn(move |scope| self.folder(scope, &folder));
        }
    }

    fn entry(
        &self,
        (kind, entry): &(FileType, DirEntry),
        path: &Path,
        (names, folders): (&mut Names, &mut Vec<PathBuf>),
        found: &mut Found,
    ) {
        if kind.is_dir() {
            let path = entry.path();
            if is_entered(self.root, &path, self.options, found) {
                folders.push(path);
            }
            return;
        }
        let name = entry.file_name();
        // A path is put together only where somebody asks for it.
        let plain = kind.is_file() && self.options.lists_all();
        if plain || is_wanted(self.root, &path.join(&name), *kind, self.options, found) {
            names.add(&name);
        }
    }

    fn unreadable(&self, path: &Path, error: &io::Error, found: &mut Found) {
        let shown = self.root.shown(path);
        found.problem(&shown, ProblemKind::Unreadable, reason(error));
    }
}
