//! A file to look at, and how a listing holds it: a tree may have millions of files, so that a
//! folder stands once and a file takes little beside its name.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::ScanPath;

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// What to open.
    pub path: PathBuf,
    /// What reports say.
    pub shown: ScanPath,
}

/// A file of a listing.
#[derive(Debug, Clone)]
pub struct Listed {
    folder: Arc<Folder>,
    /// Which of its files.
    number: u32,
}

/// The folder of files, and what they are called.
#[derive(Debug)]
pub(super) struct Folder {
    /// Its path with the separator after it.
    path: Box<Path>,
    /// What files in it are shown behind.
    shown: Shown,
    /// The names that are shown as they are, one behind the other.
    names: Box<str>,
    /// Where each of them ends.
    ends: Box<[u32]>,
    /// Files behind those, which are shown in another way, or in another place.
    others: Box<[(OsString, ScanPath)]>,
}

/// What files are shown behind: nothing, or a path with `/` after it.
#[derive(Debug)]
enum Shown {
    /// The end of the folder's path, from an offset on. Nearly always.
    End(usize),
    /// Something else.
    Own(Box<str>),
}

/// The files of one folder, as they are found.
#[derive(Debug, Default)]
pub(super) struct Names {
    plain: String,
    ends: Vec<u32>,
    others: Vec<OsString>,
}

impl Names {
    /// Adds a file.
    pub(super) fn add(&mut self, name: &OsStr) {
        let plain = name.to_str().filter(|name| !name.contains('\\'));
        let end = plain.and_then(|name| u32::try_from(self.plain.len() + name.len()).ok());
        match (plain, end) {
            (Some(name), Some(end)) => {
                self.plain.push_str(name);
                self.ends.push(end);
            }
            _ => self.others.push(name.to_owned()),
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.others.is_empty()
    }

    /// The files, of a folder that is shown so.
    pub(super) fn inside(self, path: &Path, shown: &Path) -> impl Iterator<Item = Listed> {
        let mut shown = ScanPath::new(shown).to_string();
        if !shown.is_empty() {
            shown.push('/');
        }
        let others = self.others.into_iter().map(|name| {
            let own = ScanPath::new(Path::new(&name));
            let shown = ScanPath::from_shown(&format!("{shown}{own}"), None);
            (name, shown)
        });
        let others: Box<[_]> = others.collect();
        let count = u32::try_from(self.ends.len() + others.len()).unwrap_or(u32::MAX);
        let path = path.join("").into_boxed_path();
        let bytes = path.as_os_str().as_encoded_bytes();
        let folder = Arc::new(Folder {
            shown: match bytes.strip_suffix(shown.as_bytes()) {
                Some(before) => Shown::End(before.len()),
                None => Shown::Own(shown.into()),
            },
            path,
            // Copied, so that what stays lies close together and what grew is used again.
            names: self.plain.as_str().into(),
            ends: self.ends.as_slice().into(),
            others,
        });
        (0..count).map(move |number| Listed {
            folder: Arc::clone(&folder),
            number,
        })
    }
}

/// The name of one file.
enum Name<'f> {
    /// It is shown as it is, behind its folder.
    Plain(&'f str),
    /// It is shown as something else.
    Other(&'f OsStr, &'f ScanPath),
}

impl Folder {
    /// What files in it are shown behind.
    fn shown(&self) -> &[u8] {
        match &self.shown {
            Shown::End(from) => {
                let path = self.path.as_os_str().as_encoded_bytes();
                path.get(*from..).unwrap_or(&[])
            }
            Shown::Own(shown) => shown.as_bytes(),
        }
    }

    fn name(&self, number: u32) -> Name<'_> {
        let number = number as usize;
        let other = number.checked_sub(self.ends.len());
        if let Some((name, shown)) = other.and_then(|at| self.others.get(at)) {
            return Name::Other(name, shown);
        }
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        Name::Plain(self.names.get(start..end(number)).unwrap_or(""))
    }
}

impl Listed {
    /// The same file, shown as something else.
    pub(super) fn shown_as(&self, shown: ScanPath) -> Self {
        let folder = Folder {
            path: self.folder.path.clone(),
            shown: Shown::Own("".into()),
            names: "".into(),
            ends: [].into(),
            others: [(self.name().to_owned(), shown)].into(),
        };
        Self {
            folder: Arc::new(folder),
            number: 0,
        }
    }

    /// Its own name.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        match self.folder.name(self.number) {
            Name::Plain(name) => OsStr::new(name),
            Name::Other(name, _) => name,
        }
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// What to open.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        let (folder, name) = (self.folder.path.as_os_str(), self.name());
        // At once as large as it gets: there is one for every file. The separator is there.
        let mut path = OsString::with_capacity(folder.len() + name.len());
        path.push(folder);
        path.push(name);
        path.into()
    }

    /// Whether this path is its own. It is put together only if the names are the same.
    #[must_use]
    pub fn is_at(&self, path: &Path) -> bool {
        path.file_name() == Some(self.name()) && self.path() == path
    }

    /// What reports say.
    #[must_use]
    pub fn shown(&self) -> ScanPath {
        match self.folder.name(self.number) {
            Name::Plain(name) => {
                let folder = self.folder.shown();
                let mut shown = String::with_capacity(folder.len() + name.len());
                shown.push_str(&String::from_utf8_lossy(folder));
                shown.push_str(name);
                ScanPath::from_shown(&shown, None)
            }
            Name::Other(_, shown) => shown.clone(),
        }
    }

    /// The file by itself.
    #[must_use]
    pub fn file(&self) -> InputFile {
        InputFile {
            path: self.path(),
            shown: self.shown(),
        }
    }

    /// Its size in bytes as it is now; 0 if it cannot be asked for. Whoever opens the file asks the
    /// opened one.
    #[must_use]
    pub fn size(&self) -> u64 {
        fs::metadata(self.path()).map_or(0, |data| data.len())
    }

    /// Its path, for an order.
    pub(super) fn by_path(&self) -> Joined<'_> {
        Joined(
            self.folder.path.as_os_str().as_encoded_bytes(),
            self.name().as_encoded_bytes(),
        )
    }

    /// The order of what is shown. In one folder names decide.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.folder, &other.folder)
            && let (Name::Plain(name), Name::Plain(others)) = (
                self.folder.name(self.number),
                other.folder.name(other.number),
            )
        {
            return name.cmp(others);
        }
        self.by_shown().cmp(&other.by_shown())
    }

    /// What the files of its folder are shown behind.
    pub(super) fn shown_folder(&self) -> &[u8] {
        self.folder.shown()
    }

    /// What is shown, for an order.
    pub(super) fn by_shown(&self) -> Joined<'_> {
        match self.folder.name(self.number) {
            Name::Plain(name) => Joined(self.folder.shown(), name.as_bytes()),
            Name::Other(_, shown) => Joined(shown.as_str().as_bytes(), b""),
        }
    }
}

impl PartialEq for Listed {
    fn eq(&self, other: &Self) -> bool {
        self.by_path() == other.by_path() && self.by_shown() == other.by_shown()
    }
}

impl Eq for Listed {}

/// Two runs of bytes that compare as if they were one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined<'b>(pub(super) &'b [u8], pub(super) &'b [u8]);

impl Joined<'_> {
    fn order(self, other: Self) -> Ordering {
        if self.0.len() > other.0.len() {
            return other.order(self).reverse();
        }
        // Neighbours are in one folder more often than not.
        let (head, more) = other.0.split_at(self.0.len());
        self.0.cmp(head).then_with(|| {
            let (name, rest) = self.1.split_at(self.1.len().min(more.len()));
            let (head, tail) = more.split_at(name.len());
            // One of the two is at its end: the name, or what the other's folder has more.
            name.cmp(head).then_with(|| match tail.is_empty() {
                true => rest.cmp(other.1),
                false => Ordering::Less,
            })
        })
    }
}

impl Ord for Joined<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(*other)
    }
}

impl PartialOrd for Joined<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Joined<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Joined<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parts_compare_as_the_whole() {
        let texts = ["", "a", "a/", "a/b", "a/b.c", "a/b/c", "a.b", "b", "a/bb"];
        let parts = |text: &'static str| {
            (0..=text.len()).map(move |at| {
                let (folder, name) = text.as_bytes().split_at(at);
                Joined(folder, name)
            })
        };
        for a in texts {
            for b in texts {
                for x in parts(a) {
                    for y in parts(b) {
                        assert_eq!(x.cmp(&y), a.as_bytes().cmp(b.as_bytes()), "{x:?} {y:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_file_says_where_it_is_and_how_it_is_shown() {
        let of = |folder: &str, shown: &str, all: &[&str]| -> Vec<Listed> {
            let mut names = Names::default();
            all.iter().for_each(|name| names.add(OsStr::new(name)));
            let files = names.inside(Path::new(folder), Path::new(shown));
            files.collect()
        };
        let files = of("/w/t/a", "a", &["b.txt", "", "b\\c", "d"]);
        let told = |file: &Listed| (file.path(), file.shown().to_string());
        let expected = [
            ("/w/t/a/b.txt", "a/b.txt"),
            ("/w/t/a/", "a/"),
            ("/w/t/a/d", "a/d"),
            ("/w/t/a/b\\c", "a/b/c"),
        ];
        let expected = expected.map(|(path, shown)| (PathBuf::from(path), shown.to_owned()));
        assert_eq!(files.iter().map(told).collect::<Vec<_>>(), expected);
        let file = &files[0];
        assert_eq!(file.folder(), Path::new("/w/t/a"));
        let again = file.shown_as(ScanPath::from_shown("a/b.txt~2", None));
        assert_eq!(again.path(), Path::new("/w/t/a/b.txt"));
        assert_eq!(again.shown().as_str(), "a/b.txt~2");
        let elsewhere = &of("/w/t/a", "x/y", &["b"])[0];
        assert_eq!(elsewhere.shown().as_str(), "x/y/b");
        let file = &of("/", "", &["x"])[0];
        assert_eq!(
            (file.path(), file.shown().as_str()),
            (PathBuf::from("/x"), "x")
        );
    }
}
