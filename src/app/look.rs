//! One file past the secret rules, wherever its bytes come from: searched as text, or opened as an
//! archive and its members searched, layer by layer. The one place that does so.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::check::secret::{Scanned, Scratch, SecretScanner};
use crate::input::InputFile;
use crate::model::{Finding, Problem, ProblemKind, ScanPath};
use crate::read;
use crate::read::archive::{
    self, Budget, HEAD, Kind, StreamKind, Trouble, Visit, stream_members, unpack, zip_members,
};
use crate::source::Sources;

use super::beginning::{Sniffed, sniffed};
use super::options::Archives;

/// Files up to this many bytes are read whole; larger ones are searched in blocks, so that memory
/// does not follow the size of a file.
pub(super) const WHOLE: u64 = 8 << 20;

/// What came of one file.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// Texts that were searched: the file, or members of it.
    pub(super) searched: u64,
    /// Files and members that are not text.
    pub(super) binary: u64,
    /// Archives that were left closed, as the user asked.
    pub(super) closed: u64,
}

/// The buffers of one thread.
#[derive(Default)]
pub(super) struct Buffers {
    bytes: Vec<u8>,
    scratch: Scratch,
}

/// How files are looked at.
#[derive(Clone, Copy)]
pub(super) struct Look<'l> {
    pub(super) scanner: &'l SecretScanner<'l>,
    pub(super) archives: Archives,
    pub(super) sniff: Sniff<'l>,
}

/// Whether somebody asks what the beginnings of files say.
#[derive(Clone, Copy)]
pub(super) enum Sniff<'l> {
    For(&'l Sources),
    Unwanted,
}

/// Reads a file up to a byte beyond [`WHOLE`]: one call to the system if it has the size that its
/// listing says, and no clearing of a buffer that was in use before. How many bytes it is.
fn fill(input: &mut File, size: u64, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let listed = usize::try_from(size.min(WHOLE)).unwrap_or(0);
    let limit = usize::try_from(WHOLE)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let (mut filled, mut wanted) = (0, listed + 1);
    loop {
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        let room = buffer.get_mut(filled..wanted).unwrap_or_default();
        let asked = room.len();
        let read = match input.read(room) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        filled += read;
        // Fewer bytes than were asked for, and all that were listed: nothing follows.
        let whole = filled == listed && listed > 0 && read < asked;
        if read == 0 || whole || filled >= limit {
            return Ok(filled);
        }
        if filled == wanted {
            wanted = (2 * wanted).max(GROWTH).min(limit);
        }
    }
}

/// A file that is larger than it was is read on in steps of this many bytes at least.
const GROWTH: usize = 8 << 10;

impl Look<'_> {
    /// Looks at a file on disk, and at its beginning.
    pub(super) fn file(self, file: &InputFile, buffers: &mut Buffers) -> (Looked, Sniffed) {
        let mut held = std::mem::take(&mut buffers.bytes);
        let mut beginning = Ok(None);
        let looked = self.caught(&file.shown, file.size, buffers, |layers| {
            let mut input = File::open(&file.path)?;
            // A file that grew since it was listed is read to the limit here and in parts beyond.
            let length = fill(&mut input, file.size, &mut held)?;
            let bytes = held.get(..length).unwrap_or(&held);
            if let Sniff::For(sources) = self.sniff {
                beginning = sniffed(sources, file, || read::sniff_bytes(&file.path, bytes));
            }
            if length as u64 <= WHOLE {
                layers.whole(&file.shown, bytes, 0);
            } else if let (Some(Kind::Zip), Archives::Opened) =
                (archive::kind(bytes), self.archives)
            {
                held = Vec::new();
                layers.zip(&file.shown, &mut input, 0);
            } else {
                // Whoever writes to it must not keep this from ending.
                let size = input.metadata()?.len().max(length as u64);
                held.truncate(length);
                let start = Cursor::new(std::mem::take(&mut held));
                let mut whole = start.chain(&input).take(size);
                layers.stream(&file.shown, &mut whole, Naming::Own, 0)?;
                if input.metadata()?.len() > size {
                    let message = "grew while it was read; what was added was not searched";
                    let kind = ProblemKind::Truncated;
                    layers.looked.tell(&file.shown, kind, message.to_owned());
                }
            }
            Ok(())
        });
        buffers.bytes = held;
        (looked, beginning)
    }

    /// Looks at bytes that are held.
    pub(super) fn bytes(self, path: &ScanPath, bytes: &[u8], buffers: &mut Buffers) -> Looked {
        self.caught(path, bytes.len() as u64, buffers, |layers| {
            layers.whole(path, bytes, 0);
            Ok(())
        })
    }

    /// Looks at so many bytes that come one after another.
    pub(super) fn stream(
        self,
        path: &ScanPath,
        size: u64,
        input: &mut dyn Read,
        buffers: &mut Buffers,
    ) -> Looked {
        self.caught(path, size, buffers, |layers| {
            layers.stream(path, input, Naming::Own, 0)
        })
    }

    /// A search that fails inside this program concerns one file, and is told.
    fn caught(
        self,
        path: &ScanPath,
        size: u64,
        buffers: &mut Buffers,
        search: impl FnOnce(&mut Layers<'_>) -> io::Result<()>,
    ) -> Looked {
        let budget = Budget::new(size);
        let searched = catch_unwind(AssertUnwindSafe(|| {
            let mut layers = Layers {
                look: self,
                budget: &budget,
                buffers,
                looked: Looked::default(),
            };
            let done = search(&mut layers);
            let mut looked = layers.looked;
            if let Err(error) = done {
                let message = format!("cannot be read: {error}");
                looked.tell(path, ProblemKind::Unreadable, message);
            }
            if let Some(Trouble { kind, message }) = budget.over() {
                looked.tell(path, kind, message);
            }
            looked
        }));
        searched.unwrap_or_else(|_| {
            *buffers = Buffers::default();
            let mut looked = Looked::default();
            let message = "searching it failed inside this program; please report it".to_owned();
            looked.tell(path, ProblemKind::Internal, message);
            looked
        })
    }
}

impl Looked {
    fn tell(&mut self, path: &ScanPath, kind: ProblemKind, message: String) {
        self.problems.push(Problem {
            path: Some(path.clone()),
            line: None,
            kind,
            message,
        });
    }
}

/// What a stream is called, should it be text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// As it is.
    Own,
    /// It was packed in a file of this name, and is what this file's name says without its ending.
    Packed,
}

/// A file on the way through its layers.
struct Layers<'a> {
    look: Look<'a>,
    budget: &'a Budget,
    buffers: &'a mut Buffers,
    looked: Looked,
}

impl Layers<'_> {
    /// Looks at bytes that are held, `depth` archives deep.
    fn whole(&mut self, path: &ScanPath, bytes: &[u8], depth: u32) {
        match archive::kind(bytes) {
            None => {
                let scanned = self
                    .look
                    .scanner
                    .scan(path, bytes, &mut self.buffers.scratch);
                self.take(path, scanned);
            }
            Some(_) if !self.may_open(path, depth) => {}
            Some(Kind::Zip) => self.zip(path, &mut Cursor::new(bytes), depth),
            Some(kind) => self.open(path, kind, &mut &*bytes, depth),
        }
    }

    /// Looks at bytes that come one after another, `depth` archives deep.
    fn stream(
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
                self.text(&path.member(unpacked_name(path).as_bytes()), &mut input)?;
            }
            None => self.text(path, &mut input)?,
            Some(_) if !self.may_open(path, depth) => {}
            Some(Kind::Zip) => self.held_zip(path, &mut input, depth)?,
            Some(kind) => self.open(path, kind, &mut input, depth),
        }
        Ok(())
    }

    /// Whether an archive is to be opened. If not, that is counted or told.
    fn may_open(&mut self, path: &ScanPath, depth: u32) -> bool {
        if self.look.archives == Archives::Closed {
            self.looked.closed += 1;
            return false;
        }
        if depth >= Budget::depth() {
            let message = format!(
                "is more than {} archives deep, and was not opened",
                Budget::depth()
            );
            self.looked.tell(path, ProblemKind::TooLarge, message);
            return false;
        }
        true
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
                    self.looked.tell(path, ProblemKind::Unreadable, message);
                }
                if let Some(Trouble { kind, message }) = trouble {
                    self.looked.tell(path, kind, message);
                }
            }
            Kind::Other(name) => {
                let message = format!("is an archive of a kind that is not opened: {name}");
                self.looked.tell(path, ProblemKind::Unreadable, message);
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

    fn zip<R: Read + io::Seek>(&mut self, path: &ScanPath, input: &mut R, depth: u32) {
        let budget = self.budget;
        let mut members = Members {
            layers: self,
            archive: path,
            depth: depth + 1,
        };
        zip_members(input, budget, &mut members);
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
            self.looked.tell(path, ProblemKind::TooLarge, message);
            return Ok(());
        }
        self.budget.hold(size);
        self.zip(path, &mut Cursor::new(bytes), depth);
        self.budget.release(size);
        Ok(())
    }

    /// Searches text, in blocks if it is long.
    fn text(&mut self, path: &ScanPath, input: &mut dyn Read) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.buffers.bytes);
        bytes.clear();
        input.take(WHOLE + 1).read_to_end(&mut bytes)?;
        let scratch = &mut self.buffers.scratch;
        let scanned = if bytes.len() as u64 <= WHOLE {
            self.look.scanner.scan(path, &bytes, scratch)
        } else {
            let input = Cursor::new(std::mem::take(&mut bytes)).chain(input);
            self.look.scanner.scan_blocks(path, input, scratch)?
        };
        self.buffers.bytes = bytes;
        self.take(path, scanned);
        Ok(())
    }

    fn take(&mut self, path: &ScanPath, scanned: Scanned) {
        match scanned {
            Scanned::Binary => self.looked.binary += 1,
            Scanned::Searched(mut findings) => {
                self.looked.searched += 1;
                if path.is_member() {
                    // It is of a line that the file itself does not have.
                    findings.iter_mut().for_each(|f| f.line_hash = None);
                }
                self.looked.findings.append(&mut findings);
            }
        }
    }
}

/// Looks at the members of an archive.
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
            self.layers
                .looked
                .tell(&path, ProblemKind::Unreadable, message);
        }
    }

    fn trouble(&mut self, name: Option<&[u8]>, trouble: Trouble) {
        let path = name.map_or_else(|| self.archive.clone(), |name| self.archive.member(name));
        self.layers
            .looked
            .tell(&path, trouble.kind, trouble.message);
    }
}

/// The name of what is packed in a file.
pub(super) fn unpacked_name(path: &ScanPath) -> &str {
    let name = path.file_name();
    match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= 4 => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Archives, Buffers, Look, SecretScanner, Sniff};
    use crate::check::secret::Effort;
    use crate::input::InputFile;
    use crate::model::{ProblemKind, ScanPath};

    #[test]
    fn a_file_that_vanished_since_it_was_listed_is_told() {
        let scanner = SecretScanner::new(Effort::Little, []);
        let look = Look {
            scanner: &scanner,
            archives: Archives::Opened,
            sniff: Sniff::Unwanted,
        };
        let file = InputFile {
            path: PathBuf::from("no/such/file"),
            shown: ScanPath::new(Path::new("file")),
            size: 7,
        };
        let (looked, _) = look.file(&file, &mut Buffers::default());
        assert_eq!(looked.problems[0].kind, ProblemKind::Unreadable);
        assert_eq!(looked.searched + looked.binary, 0);
    }
}
