//! Exports that are handed over packed: members of a zip or a tar, or one file behind gzip and the
//! like. They are read where they are; nothing is unpacked onto the disk.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind, ScanPath};
use crate::read::archive::{self, Budget, HEAD, Kind, Trouble};
use crate::read::{self, ReadError, Summary};
use crate::source::Sources;

use super::beginning::{Sniffed, sniffed};
use super::exports::{TEXT_NAMES, failed, has_ending};
use super::layers::{Layers, Leaf, Naming};
use super::unwritten::other_name;

/// How many exports of one archive are read: each is a walk through the archive.
const EXPORTS: usize = 256;

/// A member of an archive, and what its beginning says.
pub(super) struct Packed {
    /// Its archive on disk, and the way to it.
    pub(super) file: InputFile,
    /// Its size in bytes, unpacked.
    pub(super) bytes: u64,
    /// What its beginning says.
    pub(super) beginning: Sniffed,
}

/// Looks at the members of an archive. What cannot be read of it is a problem.
pub(super) fn members(sources: &Sources, archive: &InputFile) -> (Vec<Packed>, Vec<Problem>) {
    let mut found: Vec<Packed> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut odd: Vec<(ScanPath, &str)> = Vec::new();
    let troubles = walk(archive, &mut |path, content| {
        let name = Path::new(path.file_name());
        let head = read::beginning(name, content)?;
        let mut beginning = sniffed(sources, path, || read::sniff_bytes(name, &head));
        if matches!(beginning, Ok(None)) {
            let Some(problem) = misnamed(sources, path, &head) else {
                return Ok(());
            };
            beginning = Err(Box::new(problem));
        }
        if !seen.insert(path.as_str().to_owned()) {
            odd.push((
                path.clone(),
                "is in its archive twice; only the first is read",
            ));
            return Ok(());
        }
        let bytes = head.len() as u64 + io::copy(content, &mut io::sink())?;
        if found.len() < EXPORTS {
            found.push(Packed {
                file: InputFile {
                    path: archive.path.clone(),
                    shown: path.clone(),
                },
                bytes,
                beginning,
            });
        } else {
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

/// That a member is an export under another name than it has, if it is: a text that begins as one.
fn misnamed(sources: &Sources, path: &ScanPath, head: &[u8]) -> Option<Problem> {
    let name = Path::new(path.file_name()).as_os_str();
    let opens = matches!(head.trim_ascii_start(), [b'{' | b'[' | b'<', ..]);
    let what =
        (opens && has_ending(name, TEXT_NAMES)).then(|| other_name(sources, path, head))??;
    Some(failed(path.clone(), &what))
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
    let hurt = troubles.iter().find(|met| hurts(met, &export.shown));
    match (answer, hurt.or_else(|| troubles.first())) {
        (Some(Ok(summary)), Some(met)) if hurt.is_some() => match met.trouble.kind {
            ProblemKind::Truncated => Ok(Summary {
                truncated: Some(format!("it {}", met.trouble.message)),
                ..summary
            }),
            _ => Err(broken(&met.trouble.message)),
        },
        (Some(answer), _) => answer,
        (None, Some(met)) => Err(broken(&met.trouble.message)),
        (None, None) => Err(broken("is not in its archive any more")),
    }
}

/// Whether what was met on the way to a file concerns it: the file, or what it is packed in.
fn hurts(met: &Met, file: &ScanPath) -> bool {
    let inside = file.as_str().strip_prefix(met.path.as_str());
    inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
}

fn broken(message: &str) -> ReadError {
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

/// Goes through an archive on disk.
fn walk(archive: &InputFile, take: &mut Take<'_>) -> Vec<Met> {
    let outer = ScanPath::from_shown(archive.shown.file(), None);
    let size = std::fs::metadata(&archive.path).map_or(0, |m| m.len());
    let budget = Budget::new(size);
    let mut found = Found {
        take,
        met: Vec::new(),
    };
    let mut layers = Layers {
        leaf: &mut found,
        budget: &budget,
    };
    let walked = read::file(&archive.path).and_then(|mut file| {
        let mut head = Vec::with_capacity(HEAD);
        file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        file.rewind()?;
        if archive::kind(&head) == Some(Kind::Zip) {
            layers.zip(&outer, &mut file, 0);
            return Ok(());
        }
        layers.stream(&outer, &mut file, Naming::Own, 0)
    });
    if let Err(error) = walked {
        found.trouble(&outer, Trouble::unreadable(&error));
    }
    if let Some(trouble) = budget.over() {
        found.trouble(&outer, trouble);
    }
    found.met
}

/// What an archive gives.
struct Found<'w, 't> {
    take: &'w mut Take<'t>,
    met: Vec<Met>,
}

impl Leaf for Found<'_, '_> {
    fn file(&mut self, path: &ScanPath, input: &mut dyn Read) -> io::Result<()> {
        (self.take)(path, input)
    }

    fn may_open(&mut self) -> bool {
        true
    }

    fn trouble(&mut self, path: &ScanPath, trouble: Trouble) {
        let path = path.clone();
        self.met.push(Met { path, trouble });
    }
}
