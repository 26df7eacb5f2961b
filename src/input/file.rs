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
    name: Name,
}

/// The folder of files.
#[derive(Debug)]
pub(super) struct Folder {
    /// Its path with the separator after it.
    path: PathBuf,
    /// What files in it are shown behind: nothing, or a path with `/` after it.
    shown: String,
}

/// What a file is called.
#[derive(Debug, Clone)]
enum Name {
    /// It is shown as it is, behind its folder.
    Plain(Box<str>),
    /// It is shown in another way, or in another place.
    Other(Box<(OsString, ScanPath)>),
}

impl Folder {
    /// A folder, and what it is shown as.
    pub(super) fn new(path: &Path, shown: &Path) -> Self {
        let mut shown = ScanPath::new(shown).to_string();
        if !shown.is_empty() {
            shown.push('/');
        }
        Self {
            path: path.join(""),
            shown,
        }
    }

    pub(super) fn is(&self, path: &Path) -> bool {
        let bytes = self.path.as_os_str().as_encoded_bytes();
        let path = path.as_os_str().as_encoded_bytes();
        bytes.strip_prefix(path).is_some_and(|rest| rest.len() <= 1)
    }
}

impl Listed {
    /// A file that is shown as its name behind its folder.
    pub(super) fn inside(folder: Arc<Folder>, name: &OsStr) -> Self {
        let name = match name.to_str() {
            Some(plain) if !plain.contains('\\') => Name::Plain(plain.into()),
            _ => {
                let own = ScanPath::new(Path::new(name));
                let shown = ScanPath::from_shown(&format!("{}{own}", folder.shown), None);
                Name::Other(Box::new((name.to_owned(), shown)))
            }
        };
        Self { folder, name }
    }

    /// The same file, shown as something else.
    pub(super) fn shown_as(self, shown: ScanPath) -> Self {
        let name = Name::Other(Box::new((self.name().to_owned(), shown)));
        Self {
            folder: self.folder,
            name,
        }
    }

    /// Its own name.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        match &self.name {
            Name::Plain(name) => OsStr::new(&**name),
            Name::Other(other) => &other.0,
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
        self.folder.path.join(self.name())
    }

    /// What reports say.
    #[must_use]
    pub fn shown(&self) -> ScanPath {
        match &self.name {
            Name::Plain(name) => {
                let mut shown = String::with_capacity(self.folder.shown.len() + name.len());
                shown.push_str(&self.folder.shown);
                shown.push_str(name);
                ScanPath::from_shown(&shown, None)
            }
            Name::Other(other) => other.1.clone(),
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

    /// What is shown, for an order.
    pub(super) fn by_shown(&self) -> Joined<'_> {
        match &self.name {
            Name::Plain(name) => Joined(self.folder.shown.as_bytes(), name.as_bytes()),
            Name::Other(other) => Joined(other.1.as_str().as_bytes(), b""),
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
        let folder = Arc::new(Folder::new(Path::new("/w/t/a"), Path::new("a")));
        assert!(folder.is(Path::new("/w/t/a")));
        assert!(!folder.is(Path::new("/w/t")) && !folder.is(Path::new("/w/t/a/b")));
        let file = Listed::inside(Arc::clone(&folder), OsStr::new("b.txt"));
        assert_eq!(file.path(), Path::new("/w/t/a/b.txt"));
        assert_eq!(file.shown().as_str(), "a/b.txt");
        assert_eq!(file.folder(), Path::new("/w/t/a"));
        let odd = Listed::inside(folder, OsStr::new("b\\c"));
        assert_eq!(odd.path(), Path::new("/w/t/a/b\\c"));
        assert_eq!(odd.shown().as_str(), "a/b/c");
        let again = file.shown_as(ScanPath::from_shown("a/b.txt~2", None));
        assert_eq!(again.path(), Path::new("/w/t/a/b.txt"));
        assert_eq!(again.shown().as_str(), "a/b.txt~2");
        let root = Folder::new(Path::new("/"), Path::new(""));
        let file = Listed::inside(Arc::new(root), OsStr::new("x"));
        assert_eq!(
            (file.path(), file.shown().as_str()),
            (PathBuf::from("/x"), "x")
        );
    }
}
