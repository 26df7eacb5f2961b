//! Exports that are handed over packed: members of a zip or a tar, or one file behind gzip and the
//! like. They are read where they are; nothing is unpacked onto the disk.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind, ScanPath};
use crate::read::archive::{
    self, Budget, HEAD, Kind, StreamKind, Trouble, Visit, stream_members, unpack, zip_members,
};
use crate::read::{self, ReadError, Summary};
use crate::source::Sources;

use super::beginning::{Sniffed, sniffed};
use super::look::unpacked_name;

/// So much of a member is looked at to tell what it is, in bytes.
const BEGINNING: u64 = 256 << 10;

/// How many exports of one archive are read: each is a walk through the archive.
const EXPORTS: usize = 256;

/// What is told of an archive of another kind, and of one within another.
const NOT_READ: &str = "is an archive whose exports are not read; unpack it";

/// A member of an archive, and what its beginning says.
pub(super) struct Packed {
    /// Its archive on disk, the way to it, and its size unpacked.
    pub(super) file: InputFile,
    /// What its beginning says.
    pub(super) beginning: Sniffed,
}

/// Looks at the members of an archive. What cannot be read of it is a problem.
pub(super) fn members(sources: &Sources, archive: &InputFile) -> (Vec<Packed>, Vec<Problem>) {
    let mut found: Vec<Packed> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut odd: Vec<(ScanPath, &str)> = Vec::new();
    let troubles = walk(archive, &mut |path, content| {
        if !seen.insert(path.as_str().to_owned()) {
            odd.push((
                path.clone(),
                "is in its archive twice; only the first is read",
            ));
            return Ok(());
        }
        let mut head = Vec::new();
        content.take(BEGINNING).read_to_end(&mut head)?;
        let rest = io::copy(content, &mut io::sink())?;
        let file = InputFile {
            path: archive.path.clone(),
            shown: path.clone(),
            size: head.len() as u64 + rest,
        };
        let beginning = sniffed(sources, &file, || {
            read::sniff_bytes(Path::new(path.file_name()), &head)
        });
        if !matches!(beginning, Ok(None)) && found.len() < EXPORTS {
            found.push(Packed { file, beginning });
        } else if !matches!(beginning, Ok(None)) {
            odd.push((
                path.clone(),
                "is beyond the exports of one archive that are read",
            ));
        }
        Ok(())
    });
    // What is wrong with an export is told when it is read.
    let told = |met: &Met| found.iter().any(|packed| packed.file.shown == met.path);
    let mut problems: Vec<Problem> = troubles
        .into_iter()
        .filter(|met| !told(met))
        .map(Met::problem)
        .collect();
    // One tells of them all.
    let more = odd.len().saturating_sub(1);
    problems.extend(odd.into_iter().next().map(|(path, message)| {
        let more = match more {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Met {
            path,
            trouble: Trouble::new(
                ProblemKind::TooLarge,
                format!("{message}{more}; unpack them"),
            ),
        }
        .problem()
    }));
    (found, problems)
}

/// Reads the member that an export is.
///
/// # Errors
/// When it cannot be read to its end, and what `read` says.
pub(super) fn read_member(
    export: &InputFile,
    read: &mut dyn FnMut(&mut dyn Read) -> Result<Summary, ReadError>,
) -> Result<Summary, ReadError> {
    let mut answer = None;
    let troubles = walk(export, &mut |path, content| {
        if answer.is_none() && *path == export.shown {
            answer = Some(read(content));
        }
        Ok(())
    });
    let mut own = troubles.iter().filter(|met| met.path == export.shown);
    match (answer, own.next().or_else(|| troubles.first())) {
        (Some(Ok(summary)), Some(met)) if met.path == export.shown => match met.trouble.kind {
            ProblemKind::Truncated => Ok(Summary {
                truncated: Some(met.trouble.message.clone()),
                ..summary
            }),
            _ => Err(failed(&met.trouble.message)),
        },
        (Some(answer), _) => answer,
        (None, Some(met)) => Err(failed(&met.trouble.message)),
        (None, None) => Err(failed("is not in its archive any more")),
    }
}

fn failed(message: &str) -> ReadError {
    ReadError::Io(io::Error::new(io::ErrorKind::InvalidData, message))
}

/// Takes a member: the way to it, and its bytes.
type Take<'t> = dyn FnMut(&ScanPath, &mut dyn Read) -> io::Result<()> + 't;

/// What could not be read.
struct Met {
    path: ScanPath,
    trouble: Trouble,
}

impl Met {
    fn problem(self) -> Problem {
        Problem {
            path: Some(self.path),
            line: None,
            kind: self.trouble.kind,
            message: self.trouble.message,
        }
    }
}

/// Walks an archive on disk.
fn walk(archive: &InputFile, take: &mut Take<'_>) -> Vec<Met> {
    let outer = ScanPath::from_shown(archive.shown.file(), None);
    let budget = Budget::new(std::fs::metadata(&archive.path).map_or(0, |m| m.len()));
    let mut walk = Walk {
        budget: &budget,
        take,
        met: Vec::new(),
    };
    let walked = read::file(&archive.path).and_then(|mut file| walk.file(&outer, &mut file));
    if let Err(error) = walked {
        walk.meet(&outer, Trouble::unreadable(&error));
    }
    let mut met = walk.met;
    met.extend(budget.over().map(|trouble| Met {
        path: outer,
        trouble,
    }));
    met
}

struct Walk<'w, 't> {
    budget: &'w Budget,
    take: &'w mut Take<'t>,
    met: Vec<Met>,
}

impl Walk<'_, '_> {
    fn meet(&mut self, path: &ScanPath, trouble: Trouble) {
        self.met.push(Met {
            path: path.clone(),
            trouble,
        });
    }

    fn file(&mut self, path: &ScanPath, file: &mut File) -> io::Result<()> {
        let mut head = Vec::with_capacity(HEAD);
        file.take(HEAD as u64).read_to_end(&mut head)?;
        file.rewind()?;
        let budget = self.budget;
        match archive::kind(&head) {
            Some(Kind::Zip) => zip_members(file, budget, &mut Members { walk: self, path }),
            _ => self.stream(path, file, Layer::File),
        }
        Ok(())
    }

    fn stream(&mut self, path: &ScanPath, input: &mut dyn Read, layer: Layer) {
        let mut head = Vec::with_capacity(HEAD);
        if let Err(error) = input.take(HEAD as u64).read_to_end(&mut head) {
            return self.meet(path, Trouble::unreadable(&error));
        }
        let kind = archive::kind(&head);
        let mut input = Cursor::new(head).chain(input);
        let budget = self.budget;
        match (kind, layer) {
            (Some(Kind::Tar), Layer::File | Layer::Unpacked) => {
                let mut members = Members { walk: self, path };
                stream_members(StreamKind::Tar, &mut input, budget, &mut members);
            }
            (Some(Kind::Packed(packing)), Layer::File | Layer::Member) => {
                let ((), trouble) = unpack(packing, &mut input, budget, |content| {
                    self.stream(path, content, Layer::Unpacked);
                });
                if let Some(trouble) = trouble {
                    self.meet(&path.member(unpacked_name(path).as_bytes()), trouble);
                }
            }
            (None, Layer::Member) => self.leaf(path, &mut input),
            (None, Layer::Unpacked) => {
                self.leaf(&path.member(unpacked_name(path).as_bytes()), &mut input);
            }
            // Archives of other kinds, and archives within archives.
            _ => self.meet(path, Trouble::new(ProblemKind::TooLarge, NOT_READ)),
        }
    }

    fn leaf(&mut self, path: &ScanPath, input: &mut dyn Read) {
        if let Err(error) = (self.take)(path, input) {
            self.meet(path, Trouble::unreadable(&error));
        }
    }
}

/// Where in its layers a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// The file on disk.
    File,
    /// What was packed in one.
    Unpacked,
    /// A member of an archive.
    Member,
}

struct Members<'m, 'w, 't> {
    walk: &'m mut Walk<'w, 't>,
    path: &'m ScanPath,
}

impl Visit for Members<'_, '_, '_> {
    fn member(&mut self, name: &[u8], content: &mut dyn Read) {
        let path = self.path.member(name);
        self.walk.stream(&path, content, Layer::Member);
    }

    fn trouble(&mut self, name: Option<&[u8]>, trouble: Trouble) {
        let path = name.map_or_else(|| self.path.clone(), |name| self.path.member(name));
        self.walk.meet(&path, trouble);
    }
}
