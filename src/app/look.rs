//! One file past the secret rules, wherever its bytes come from: searched as text, or opened as an
//! archive and its members searched, layer by layer. The one place that does so.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::check::secret::{Scanned, Scratch, SecretScanner, Stretch, Stretched};
use crate::input::{InputFile, Opener};
use crate::model::{Finding, Problem, ProblemKind, ScanPath};
use crate::read::BEGINNING;
use crate::read::archive::{self, Budget, Kind, Trouble, ZIP_END};
use crate::source::Sources;

use super::beginning::{Sniffed, sniffed_bytes};
use super::layers::{Layers, Leaf, Naming};
use super::options::Archives;

/// Files up to this many bytes are read whole; larger ones are searched in blocks, so that memory
/// does not follow the size of a file. A little under 4 MiB, so that a buffer which doubles as it is
/// filled to a byte beyond does not double again.
pub(super) const WHOLE: u64 = (4 << 20) - 64;

/// What came of one file.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// The bytes of the file.
    pub(super) bytes: u64,
    /// What became of it and of its members.
    pub(super) counts: Counts,
    /// Where the file is to be searched yet, if it is so long that many threads do.
    pub(super) cut: Vec<Stretch>,
}

/// What became of files and of members of archives.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Their text was searched.
    pub(super) searched: u64,
    /// They are not text.
    pub(super) binary: u64,
    /// They are archives, and left closed, as the user asked.
    pub(super) closed: u64,
    /// They are pointers that Git LFS keeps in place of files.
    pub(super) pointers: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.searched += other.searched;
        self.binary += other.binary;
        self.closed += other.closed;
        self.pointers += other.pointers;
    }
}

impl Counts {
    /// What was left out, and why.
    pub(super) fn left_out(self) -> impl Iterator<Item = (String, u64)> {
        let all = [
            ("not text", self.binary),
            ("archive", self.closed),
            ("Git LFS pointer", self.pointers),
        ];
        let some = all.into_iter().filter(|(_, count)| *count > 0);
        some.map(|(why, count)| (why.to_owned(), count))
    }
}

/// What one thread uses for file after file.
#[derive(Default)]
pub(super) struct Buffers {
    bytes: Vec<u8>,
    scratch: Scratch,
    opener: Opener,
}

/// Buffers that no thread uses. Work is handed out in small pieces, and one that began with empty
/// buffers would grow them anew.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Vec<Buffers>>);

/// Buffers in use, which go back to their shelf.
pub(super) struct Taken<'s> {
    shelf: &'s Shelf,
    pub(super) buffers: Buffers,
}

impl Shelf {
    /// Takes buffers: those that were put back last, or new ones.
    pub(super) fn take(&self) -> Taken<'_> {
        Taken {
            shelf: self,
            buffers: self.lock().pop().unwrap_or_default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Buffers>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let buffers = std::mem::take(&mut self.buffers);
        self.shelf.lock().push(buffers);
    }
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

/// How much of a file was read, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    Whole(usize),
    /// More than [`WHOLE`].
    Long(usize),
    /// It is longer, but neither text nor an archive.
    Binary(usize),
}

impl Filled {
    const fn length(self) -> usize {
        match self {
            Self::Whole(length) | Self::Long(length) | Self::Binary(length) => length,
        }
    }
}

/// Reads a file up to a byte beyond [`WHOLE`]: in two calls to the system if it is no larger than
/// [`FIRST`], as nearly all are, and without clearing a buffer that was in use before. Of what is
/// neither text nor an archive, as pictures and programs are, no more is read than an export is known
/// by.
fn fill(input: &mut File, buffer: &mut Vec<u8>) -> io::Result<Filled> {
    let mut filled = read_to(FIRST, input, buffer, 0)?;
    if filled < FIRST {
        return Ok(Filled::Whole(filled));
    }
    let first = buffer.get(..filled).unwrap_or(buffer);
    if SecretScanner::is_binary(first) && archive::kind(first).is_none() {
        filled = read_to(BEGINNING, input, buffer, filled)?;
        return Ok(if filled < BEGINNING {
            Filled::Whole(filled)
        } else {
            Filled::Binary(filled)
        });
    }
    let limit = usize::try_from(WHOLE)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    loop {
        // A byte beyond its end, so that it is not asked for again.
        let told = usize::try_from(input.metadata()?.len()).unwrap_or(limit);
        let wanted = told.saturating_add(1).max(2 * filled).min(limit);
        filled = read_to(wanted, input, buffer, filled)?;
        if filled < wanted {
            return Ok(Filled::Whole(filled));
        }
        if filled == limit {
            return Ok(Filled::Long(filled));
        }
    }
}

/// Reads behind what a buffer holds until it holds so many bytes, or the file ends. How many it holds.
fn read_to(
    wanted: usize,
    input: &mut File,
    buffer: &mut Vec<u8>,
    mut filled: usize,
) -> io::Result<usize> {
    if buffer.len() < wanted {
        // It stays as large as the largest file of its thread needs, and no larger.
        buffer.reserve_exact(wanted - buffer.len());
        buffer.resize(wanted, 0);
    }
    while filled < wanted {
        match input.read(buffer.get_mut(filled..wanted).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The last bytes of a long file, which is read on from where it was.
fn last_of(input: &mut File) -> io::Result<[u8; ZIP_END]> {
    let mut last = [0; ZIP_END];
    let at = input.stream_position()?;
    input.seek(SeekFrom::End(-(ZIP_END as i64)))?;
    input.read_exact(&mut last)?;
    input.seek(SeekFrom::Start(at))?;
    Ok(last)
}

/// Whether a file is what Git LFS keeps in place of another: that one's content is not here.
fn is_pointer(bytes: &[u8]) -> bool {
    bytes.len() < 1024
        && bytes.starts_with(b"version https://git-lfs.github.com/spec/")
        && memchr::memmem::find(bytes, b"\noid sha256:").is_some()
}

/// So many bytes of a file are read before it is asked what it is.
const FIRST: usize = 64 << 10;

impl Look<'_> {
    /// Looks at a file on disk, and at its beginning.
    pub(super) fn file(self, file: &InputFile, buffers: &mut Buffers) -> (Looked, Sniffed) {
        let mut held = std::mem::take(&mut buffers.bytes);
        let mut beginning = Ok(None);
        let opened = buffers.opener.open(&file.path).and_then(|mut input| {
            // A file that grows meanwhile is read to the limit here and in parts beyond.
            let filled = fill(&mut input, &mut held)?;
            let size = match filled {
                Filled::Whole(length) => length as u64,
                Filled::Long(_) | Filled::Binary(_) => input.metadata()?.len(),
            };
            Ok((input, filled, size))
        });
        let size = opened.as_ref().map_or(0, |(_, _, size)| *size);
        let looked = self.caught(&file.shown, size, buffers, |texts, budget| {
            let (mut input, filled, size) = opened?;
            let length = filled.length();
            let bytes = held.get(..length).unwrap_or(&held);
            if let Sniff::For(sources) = self.sniff {
                beginning = sniffed_bytes(sources, file, bytes);
            }
            if let Filled::Whole(_) = filled {
                texts.whole(&file.shown, bytes, budget);
                return Ok(());
            }
            let kind = archive::kind(bytes);
            if kind.is_none() && archive::ends_as_zip(&last_of(&mut input)?) {
                texts.carrier(&file.shown, bytes);
                if texts.may_open() {
                    texts.layers(budget).zip(&file.shown, &mut input, 0);
                }
                return Ok(());
            }
            if let Filled::Binary(_) = filled {
                texts.looked.counts.binary += 1;
                return Ok(());
            }
            if let (Some(Kind::Zip), Archives::Opened) = (kind, self.archives) {
                held = Vec::new();
                texts.layers(budget).zip(&file.shown, &mut input, 0);
            } else {
                // Whoever writes to it must not keep this from ending.
                let size = size.max(length as u64);
                held.truncate(length);
                let rest = (&input).take(size - length as u64);
                if kind.is_none() {
                    texts.looked.cut = Stretch::cut(&held, size);
                    if !texts.looked.cut.is_empty() {
                        return Ok(());
                    }
                    texts.long(&file.shown, &mut held, rest)?;
                } else {
                    let mut whole = Front::new(std::mem::take(&mut held)).chain(rest);
                    texts
                        .layers(budget)
                        .stream(&file.shown, &mut whole, Naming::Own, 0)?;
                }
                texts.looked.tell_growth(&file.shown, size, &input)?;
            }
            Ok(())
        });
        buffers.bytes = held;
        (looked, beginning)
    }

    /// Searches a stretch of a file.
    ///
    /// # Errors
    /// With what is to be told of the file.
    pub(super) fn stretch(
        self,
        file: &InputFile,
        stretch: Stretch,
        buffers: &mut Buffers,
    ) -> Result<Stretched, Problem> {
        let searched = catch_unwind(AssertUnwindSafe(|| {
            let Buffers { bytes, scratch, .. } = &mut *buffers;
            let input = File::open(&file.path)?;
            let text = (bytes, input);
            self.scanner
                .scan_stretch(&file.shown, stretch, text, scratch)
        }));
        match searched {
            Ok(searched) => searched.map_err(|error| unreadable(&file.shown, &error)),
            Err(_) => {
                *buffers = Buffers::default();
                Err(failed(&file.shown))
            }
        }
    }

    /// Puts together what came of all stretches of a file, which ends with the last of them. One that
    /// was read in part must not look searched.
    pub(super) fn joined(
        file: &InputFile,
        last: Stretch,
        parts: Result<Vec<Stretched>, Problem>,
    ) -> Looked {
        let mut looked = Looked::default();
        match parts {
            Ok(parts) => {
                looked.counts.searched = 1;
                looked.findings = Stretched::join(parts);
                let told = File::open(&file.path)
                    .and_then(|input| looked.tell_growth(&file.shown, last.end(), &input));
                let told = told.map_err(|error| unreadable(&file.shown, &error));
                looked.problems.extend(told.err());
            }
            Err(problem) => looked.problems.push(problem),
        }
        looked
    }

    /// Looks at bytes that are held.
    pub(super) fn bytes(self, path: &ScanPath, bytes: &[u8], buffers: &mut Buffers) -> Looked {
        self.caught(path, bytes.len() as u64, buffers, |texts, budget| {
            texts.whole(path, bytes, budget);
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
        self.caught(path, size, buffers, |texts, budget| {
            texts.layers(budget).stream(path, input, Naming::Own, 0)
        })
    }

    /// A search that fails inside this program concerns one file, and is told.
    fn caught(
        self,
        path: &ScanPath,
        size: u64,
        buffers: &mut Buffers,
        search: impl FnOnce(&mut Texts<'_>, &Budget) -> io::Result<()>,
    ) -> Looked {
        let budget = Budget::new(size);
        let searched = catch_unwind(AssertUnwindSafe(|| {
            let mut texts = Texts {
                look: self,
                buffers,
                looked: Looked::default(),
            };
            let done = search(&mut texts, &budget);
            let mut looked = texts.looked;
            looked
                .problems
                .extend(done.err().map(|error| unreadable(path, &error)));
            if let Some(Trouble { kind, message }) = budget.over() {
                looked.tell(path, kind, message);
            }
            looked
        }));
        let looked = searched.unwrap_or_else(|_| {
            *buffers = Buffers::default();
            Looked {
                problems: vec![failed(path)],
                ..Looked::default()
            }
        });
        Looked {
            bytes: size,
            ..looked
        }
    }
}

pub(super) fn problem(path: &ScanPath, kind: ProblemKind, message: String) -> Problem {
    Problem {
        path: Some(path.clone()),
        line: None,
        kind,
        message,
    }
}

fn unreadable(path: &ScanPath, error: &io::Error) -> Problem {
    let message = format!("cannot be read: {error}");
    problem(path, ProblemKind::Unreadable, message)
}

fn failed(path: &ScanPath) -> Problem {
    let message = "searching it failed inside this program; please report it".to_owned();
    problem(path, ProblemKind::Internal, message)
}

impl Looked {
    fn tell(&mut self, path: &ScanPath, kind: ProblemKind, message: String) {
        self.problems.push(problem(path, kind, message));
    }

    /// Tells if a file, of which so many bytes were searched, has more of them by now.
    fn tell_growth(&mut self, path: &ScanPath, size: u64, input: &File) -> io::Result<()> {
        if input.metadata()?.len() > size {
            let message = "grew while it was read; what was added was not searched";
            self.tell(path, ProblemKind::Truncated, message.to_owned());
        }
        Ok(())
    }
}

/// The beginning of something long, which was read already. Once it is read again it takes no memory:
/// whoever reads on holds what is needed of it.
struct Front {
    bytes: Vec<u8>,
    at: usize,
}

impl Front {
    const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Read for Front {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let read = rest.read(buffer)?;
        self.at += read;
        if self.at == self.bytes.len() {
            *self = Self::new(Vec::new());
        }
        Ok(read)
    }
}

/// The texts of one file: the file, or what its layers hold.
struct Texts<'a> {
    look: Look<'a>,
    buffers: &'a mut Buffers,
    looked: Looked,
}

impl Texts<'_> {
    /// Looks at bytes that are held.
    fn whole(&mut self, path: &ScanPath, bytes: &[u8], budget: &Budget) {
        match archive::kind(bytes) {
            None => {
                self.looked.counts.pointers += u64::from(is_pointer(bytes));
                if archive::ends_as_zip(bytes) {
                    self.carrier(path, bytes);
                    self.layers(budget).held(path, Kind::Zip, bytes, 0);
                    return;
                }
                let scratch = &mut self.buffers.scratch;
                let scanned = self.look.scanner.scan(path, bytes, scratch);
                self.take(path, scanned);
            }
            Some(kind) => self.layers(budget).held(path, kind, bytes, 0),
        }
    }

    /// Looks at what carries a zip behind it, if that is text, as a script is.
    fn carrier(&mut self, path: &ScanPath, bytes: &[u8]) {
        let scratch = &mut self.buffers.scratch;
        let own = archive::before_zip(bytes);
        let scanned = self.look.scanner.scan(path, own, scratch);
        if let Scanned::Searched(_) = scanned {
            self.take(path, scanned);
        }
    }

    /// Looks at a long text, of which the beginning is held.
    fn long(&mut self, path: &ScanPath, held: &mut Vec<u8>, input: impl Read) -> io::Result<()> {
        let scratch = &mut self.buffers.scratch;
        let scanner = self.look.scanner;
        let scanned = scanner.scan_blocks(path, held, input, scratch)?;
        self.take(path, scanned);
        Ok(())
    }

    fn layers<'l>(&'l mut self, budget: &'l Budget) -> Layers<'l> {
        Layers { leaf: self, budget }
    }

    fn take(&mut self, path: &ScanPath, scanned: Scanned) {
        match scanned {
            Scanned::Binary => self.looked.counts.binary += 1,
            Scanned::Searched(mut findings) => {
                self.looked.counts.searched += 1;
                if path.is_member() {
                    // It is of a line that the file itself does not have.
                    findings.iter_mut().for_each(|f| f.line_hash = None);
                }
                self.looked.findings.append(&mut findings);
            }
        }
    }
}

impl Leaf for Texts<'_> {
    /// Searches text, in blocks if it is long.
    fn file(&mut self, path: &ScanPath, input: &mut dyn Read) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.buffers.bytes);
        bytes.clear();
        input.take(WHOLE + 1).read_to_end(&mut bytes)?;
        let scratch = &mut self.buffers.scratch;
        if bytes.len() as u64 <= WHOLE {
            let scanned = self.look.scanner.scan(path, &bytes, scratch);
            self.take(path, scanned);
        } else {
            self.long(path, &mut bytes, input)?;
        }
        self.buffers.bytes = bytes;
        Ok(())
    }

    fn may_open(&mut self) -> bool {
        let open = self.look.archives == Archives::Opened;
        self.looked.counts.closed += u64::from(!open);
        open
    }

    fn trouble(&mut self, path: &ScanPath, trouble: Trouble) {
        self.looked.tell(path, trouble.kind, trouble.message);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::{Path, PathBuf};

    use super::{Archives, BEGINNING, Buffers, FIRST, Filled, Look, SecretScanner, Sniff, fill};
    use crate::input::InputFile;
    use crate::model::{ProblemKind, ScanPath};

    #[test]
    fn of_what_is_no_text_no_more_is_read_than_an_export_is_known_by() {
        let path = std::env::temp_dir().join(format!("credlint-fill-{}", std::process::id()));
        let mut buffer = Vec::new();
        for (first, size, expected) in [
            (&b"text"[..], 10, Filled::Whole(10)),
            (b"text", FIRST, Filled::Whole(FIRST)),
            (b"text", 1 << 20, Filled::Whole(1 << 20)),
            (b"text", 4 << 20, Filled::Long((4 << 20) - 63)),
            (b"\0\x01", FIRST - 1, Filled::Whole(FIRST - 1)),
            (b"\0\x01", BEGINNING - 1, Filled::Whole(BEGINNING - 1)),
            (b"\0\x01", 1 << 20, Filled::Binary(BEGINNING)),
            (b"\x1F\x8B\x08\0", 1 << 20, Filled::Whole(1 << 20)),
            (b"\xFF\xFEa\0", 1 << 20, Filled::Whole(1 << 20)),
        ] {
            let bytes = [first, &b" ".repeat(size - first.len())].concat();
            std::fs::write(&path, bytes).unwrap();
            let filled = fill(&mut File::open(&path).unwrap(), &mut buffer).unwrap();
            assert_eq!(filled, expected, "{first:?} {size}");
            assert!(buffer.starts_with(first));
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_vanished_since_it_was_listed_is_told() {
        let scanner = SecretScanner::new([]);
        let look = Look {
            scanner: &scanner,
            archives: Archives::Opened,
            sniff: Sniff::Unwanted,
        };
        let file = InputFile {
            path: PathBuf::from("no/such/file"),
            shown: ScanPath::new(Path::new("file")),
        };
        let (looked, _) = look.file(&file, &mut Buffers::default());
        assert_eq!(looked.problems[0].kind, ProblemKind::Unreadable);
        assert_eq!(looked.counts.searched + looked.counts.binary, 0);
    }
}
