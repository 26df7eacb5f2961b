//! Walks folders where no ignore file counts. A folder is read at once and its files are noted
//! together, so that a tree of a million files takes little more memory than their names.

use std::fs::{self, DirEntry, FileType};
use std::io;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::vec::IntoIter;

use rayon::Scope;

use super::super::file::{Joined, Listed, Names};
use super::{Found, Root, WalkOptions, is_entered, is_wanted, reason};
use crate::model::ProblemKind;

/// Lists what is in a target that is a folder.
pub(super) fn walk(root: &Root<'_>, options: &WalkOptions, found: &mut Found) {
    let walk = Walk {
        root,
        options,
        found: Mutex::default(),
    };
    rayon::scope(|scope| walk.folder(scope, root.target));
    let (mut own, folders) = walk
        .found
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    own.files = in_order(folders);
    found.merge(own);
}

/// The files of folders, each in order, in the order of what is shown of them: those of a folder stand
/// before, between and behind those of the folders in it. (What has another name in reports than in
/// its folder may stand elsewhere, and is put in its place by whoever sorts all.)
fn in_order(mut folders: Vec<Vec<Listed>>) -> Vec<Listed> {
    fn folder(files: &[Listed]) -> Option<&[u8]> {
        files.first().map(Listed::shown_folder)
    }
    folders.sort_by(|a, b| folder(a).cmp(&folder(b)));
    let mut all = Vec::with_capacity(folders.iter().map(Vec::len).sum());
    // The folders that the last one lies in, and what is left of their files.
    let mut open: Vec<(Listed, Peekable<IntoIter<Listed>>)> = Vec::new();
    for files in folders {
        let Some(own) = files.first().cloned() else {
            continue;
        };
        while let Some((outer, rest)) = open.last_mut() {
            if own.shown_folder().starts_with(outer.shown_folder()) {
                let here = Joined(own.shown_folder(), b"");
                all.extend(std::iter::from_fn(|| {
                    rest.next_if(|file| file.by_shown() < here)
                }));
                break;
            }
            all.extend(rest);
            open.pop();
        }
        open.push((own, files.into_iter().peekable()));
    }
    while let Some((_, rest)) = open.pop() {
        all.extend(rest);
    }
    all
}

struct Walk<'w> {
    root: &'w Root<'w>,
    options: &'w WalkOptions,
    /// The files of each folder, and what else is found.
    found: Mutex<(Found, Vec<Vec<Listed>>)>,
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
        let mut files: Vec<Listed> = Vec::new();
        if !names.is_empty() {
            files.extend(names.inside(path, &self.root.shown(path)));
            files.sort_by(Listed::order);
        }
        // Another thread that panicked has lost nothing that is noted here.
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.0.merge(own);
        found.1.push(files);
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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use super::{Listed, Names, in_order};

    #[test]
    fn files_of_folders_stand_where_their_paths_put_them() {
        let folders: [(&str, &[&str]); 7] = [
            ("t", &["a.c", "b", "a!", "z", "b0"]),
            ("t/a", &["x", "b.c"]),
            ("t/a/b", &["y"]),
            ("t/a-b", &["w", ""]),
            ("t/b/c/d", &["deep"]),
            ("u", &[]),
            ("", &["s", "u", "t.c", "t-"]),
        ];
        for turn in 0..folders.len() {
            let mut some = folders;
            some.rotate_left(turn);
            let runs = some.map(|(folder, all)| {
                let mut names = Names::default();
                all.iter().for_each(|name| names.add(OsStr::new(name)));
                let files = names.inside(Path::new(folder), Path::new(folder));
                let mut files: Vec<Listed> = files.collect();
                files.sort_by(Listed::order);
                files
            });
            let listed: Vec<String> = in_order(runs.into())
                .iter()
                .map(|file| file.shown().to_string())
                .collect();
            let mut sorted = listed.clone();
            sorted.sort();
            assert_eq!(listed, sorted);
            assert_eq!(listed.len(), 15);
        }
    }
}
