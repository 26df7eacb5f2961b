//! Opening files one after another, as they stand in a listing: many are in one folder.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens files. Of several in one folder, all but the first are opened from the folder: the system
/// finds its way there once, which is a third of what opening a file costs it in a deep tree.
#[derive(Debug, Default)]
pub struct Opener {
    #[cfg(target_os = "linux")]
    folder: linux::Folder,
}

impl Opener {
    /// Opens a file to read.
    ///
    /// # Errors
    /// As [`File::open`].
    pub fn open(&mut self, path: &Path) -> io::Result<File> {
        #[cfg(target_os = "linux")]
        return self.folder.open(path);
        #[cfg(not(target_os = "linux"))]
        File::open(path)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use rustix::fs::{CWD, Mode, OFlags, openat};
    use rustix::io::retry_on_intr;

    /// The folder of the last file.
    #[derive(Debug, Default)]
    pub(super) struct Folder {
        /// Its path with the separator after it.
        path: Vec<u8>,
        /// The folder, once a second file in it was asked for.
        opened: Option<OwnedFd>,
    }

    impl Folder {
        pub(super) fn open(&mut self, path: &Path) -> io::Result<File> {
            let bytes = path.as_os_str().as_bytes();
            let front = memchr::memrchr(b'/', bytes).map_or(0, |at| at + 1);
            let (folder, name) = bytes.split_at_checked(front).unwrap_or((bytes, &[]));
            if folder != self.path {
                self.opened = None;
                folder.clone_into(&mut self.path);
                return File::open(path);
            }
            if self.opened.is_none() && !folder.is_empty() {
                // To find files in it is all that is asked of it, not to list it.
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = openat(CWD, folder, flags, Mode::empty());
                self.opened = opened.ok();
            }
            let Some(opened) = &self.opened else {
                return File::open(path);
            };
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            let file =
                retry_on_intr(|| openat(opened, OsStr::from_bytes(name), flags, Mode::empty()))?;
            Ok(File::from(file))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;

    use super::Opener;

    #[test]
    fn each_path_is_opened_as_it_is_alone() {
        let root = tempfile::tempdir().unwrap();
        let names = ["a/1", "a/2", "a/3", "b/1", "b/none", "b/2", "a/1", "a", "4"];
        for folder in ["a", "b"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        for name in names.iter().filter(|name| name.ends_with(char::is_numeric)) {
            fs::write(root.path().join(name), name).unwrap();
        }
        let mut opener = Opener::default();
        for name in names {
            let path = root.path().join(name);
            let read = |file: std::io::Result<fs::File>| {
                let mut text = String::new();
                file.and_then(|mut file| file.read_to_string(&mut text))
                    .map(|_| text)
                    .map_err(|error| error.to_string())
            };
            assert_eq!(
                read(opener.open(&path)),
                read(fs::File::open(&path)),
                "{name}"
            );
        }
    }

    /// Files are opened in the folder that was found, so a path that leads elsewhere by now is not
    /// mixed up with it.
    #[test]
    fn a_folder_that_is_gone_is_told_by_its_files() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        fs::create_dir(&folder).unwrap();
        let paths = ["1", "2", "3"].map(|name| folder.join(name));
        for path in &paths {
            fs::write(path, "text").unwrap();
        }
        let mut opener = Opener::default();
        let [one, two, three] = &paths;
        assert!(opener.open(one).is_ok() && opener.open(two).is_ok());
        fs::remove_dir_all(&folder).unwrap();
        assert!(opener.open(three).is_err());
    }
}
