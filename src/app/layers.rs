//! The way into a packed file, layer by layer: a zip in a tar behind gzip, down to files that are no
//! archives. Knows nothing of what those are for.

use std::io::{self, Cursor, Read, Seek};

use crate::model::{ProblemKind, ScanPath};
use crate::read::archive::{
    self, Budget, HEAD, Kind, StreamKind, Trouble, Visit, stream_members, unpack, zip_members,
};

/// Takes what stands at the end of the way.
pub(super) trait Leaf {
    /// A file that is no archive.
    ///
    /// # Errors
    /// When it cannot be read.
    fn file(&mut self, path: &ScanPath, input: &mut dyn Read) -> io::Result<()>;

    /// Whether an archive is to be opened.
    fn may_open(&mut self) -> bool;

    /// Something that could not be read.
    fn trouble(&mut self, path: &ScanPath, trouble: Trouble);
}

/// What a stream is called, should it be no archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// As it is.
    Own,
    /// It was packed in a file of this name, and is what this file's name says without its ending.
    Packed,
}

/// A file on the way through its layers.
pub(super) struct Layers<'a> {
    pub(super) leaf: &'a mut dyn Leaf,
    pub(super) budget: &'a Budget,
}

impl Layers<'_> {
    /// Goes into bytes that come one after another, `depth` archives deep.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn stream(
        &mut self,
        path: &ScanPath,
        input: &mut dyn Read,
        naming: Naming,
        depth: u32,
    ) -> io::Result<()> {
        let mut head = Vec::with_capacity(HEAD);
        input.take(HEAD as u64).read_to_end(&mut head)?;
        let kind = archive::kind(&head);
        let mut input = Cursor::new(head).chain(input);
        match kind {
            None if naming == Naming::Packed => {
                let path = path.member(unpacked_name(path).as_bytes());
                self.leaf.file(&path, &mut input)?;
            }
            None => self.leaf.file(path, &mut input)?,
            Some(_) if !self.may_open(path, depth) => {}
            Some(Kind::Zip) => self.held_zip(path, &mut input, depth)?,
            Some(kind) => self.open(path, kind, &mut input, depth),
        }
        Ok(())
    }

    /// Goes into an archive whose bytes are held.
    pub(super) fn held(&mut self, path: &ScanPath, kind: Kind, bytes: &[u8], depth: u32) {
        match kind {
            _ if !self.may_open(path, depth) => {}
            Kind::Zip => self.zip(path, &mut Cursor::new(bytes), depth),
            kind => self.open(path, kind, &mut &*bytes, depth),
        }
    }

    /// Goes into a zip that can be read from its end.
    pub(super) fn zip<R: Read + Seek>(&mut self, path: &ScanPath, input: &mut R, depth: u32) {
        let budget = self.budget;
        let mut members = Members {
            layers: self,
            archive: path,
            depth: depth + 1,
        };
        zip_members(input, budget, &mut members);
    }

    /// Whether an archive is to be opened. If not, that is counted or told.
    fn may_open(&mut self, path: &ScanPath, depth: u32) -> bool {
        if !self.leaf.may_open() {
            return false;
        }
        if depth >= Budget::depth() {
            let message = format!(
                "is more than {} archives deep, and was not opened",
                Budget::depth()
            );
            self.trouble(path, ProblemKind::TooLarge, message);
            return false;
        }
        true
    }

    fn trouble(&mut self, path: &ScanPath, kind: ProblemKind, message: impl Into<String>) {
        self.leaf.trouble(path, Trouble::new(kind, message));
    }

    fn open(&mut self, path: &ScanPath, kind: Kind, input: &mut dyn Read, depth: u32) {
        let budget = self.budget;
        match kind {
            Kind::Tar => self.members(StreamKind::Tar, path, input, depth),
            Kind::Ar => self.members(StreamKind::Ar, path, input, depth),
            Kind::Packed(packing) => {
                let (read, trouble) = unpack(packing, input, budget, |content| {
                    self.stream(path, content, Naming::Packed, depth + 1)
                });
                if let Err(error) = read {
                    let message = format!("cannot be read: {error}");
                    self.trouble(path, ProblemKind::Unreadable, message);
                }
                if let Some(trouble) = trouble {
                    self.leaf.trouble(path, trouble);
                }
            }
            Kind::Other(name) => {
                let message = format!("is an archive of a kind that is not opened: {name}");
                self.trouble(path, ProblemKind::Unreadable, message);
            }
            // Its directory stands at its end, so it is never read from front to back.
            Kind::Zip => {}
        }
    }

    fn members(&mut self, kind: StreamKind, path: &ScanPath, input: &mut dyn Read, depth: u32) {
        let budget = self.budget;
        let mut members = Members {
            layers: self,
            archive: path,
            depth: depth + 1,
        };
        stream_members(kind, input, budget, &mut members);
    }

    /// A zip that cannot be read from its end is held while it is open.
    fn held_zip(&mut self, path: &ScanPath, input: &mut dyn Read, depth: u32) -> io::Result<()> {
        let room = self.budget.holdable();
        let mut bytes = Vec::new();
        input.take(room + 1).read_to_end(&mut bytes)?;
        let size = bytes.len() as u64;
        if size > room {
            let message = format!(
                "is a zip within an archive and larger than {} MiB; it was not searched",
                room >> 20
            );
            self.trouble(path, ProblemKind::TooLarge, message);
            return Ok(());
        }
        self.budget.hold(size);
        self.zip(path, &mut Cursor::new(bytes), depth);
        self.budget.release(size);
        Ok(())
    }
}

/// Goes into the members of an archive.
struct Members<'m, 'a> {
    layers: &'m mut Layers<'a>,
    archive: &'m ScanPath,
    /// How many archives deep the members are.
    depth: u32,
}

impl Visit for Members<'_, '_> {
    fn member(&mut self, name: &[u8], content: &mut dyn Read) {
        let path = self.archive.member(name);
        if let Err(error) = self.layers.stream(&path, content, Naming::Own, self.depth) {
            let message = format!("cannot be read: {error}");
            self.layers.trouble(&path, ProblemKind::Unreadable, message);
        }
    }

    fn trouble(&mut self, name: Option<&[u8]>, trouble: Trouble) {
        let path = name.map_or_else(|| self.archive.clone(), |name| self.archive.member(name));
        self.layers.leaf.trouble(&path, trouble);
    }
}

/// The name of what is packed in a file.
fn unpacked_name(path: &ScanPath) -> &str {
    let name = path.file_name();
    match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= 4 => stem,
        _ => name,
    }
}
