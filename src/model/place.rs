//! Where something stands: a file and a region in it.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A path as reports show it: relative to where the scan was asked to look, `/` between parts,
/// no leading `./`. Bytes that are not UTF-8 are written `\xNN`, so that two names never fold
/// into one.
///
/// A member of an archive is shown behind the archive's own path and an exclamation mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanPath {
    text: Arc<str>,
    /// For a member: the length of the path of the file that holds it, and where its own name
    /// begins.
    member: Option<(u32, u32)>,
}

/// The longest name of a member that is shown, in bytes.
const MAX_MEMBER: usize = 1024;

impl ScanPath {
    /// Makes the report form of a relative path.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            text: shown(path.as_os_str().as_encoded_bytes()).into(),
            member: None,
        }
    }

    /// A path that a report has shown; `archive` is the file that holds a member of an archive.
    #[must_use]
    pub fn from_shown(path: &str, archive: Option<&str>) -> Self {
        let member = archive.and_then(|archive| {
            path.strip_prefix(archive)?.strip_prefix('!')?;
            let file = u32::try_from(archive.len()).ok()?;
            Some((file, file + 1))
        });
        Self {
            text: path.into(),
            member,
        }
    }

    /// The same path below a folder.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        let path = format!("{folder}/{}", self.text);
        let archive = self.archive().map(|archive| format!("{folder}/{archive}"));
        Self::from_shown(&path, archive.as_deref())
    }

    /// The text, and how much of it is the file and where the member's own name begins, if it is a
    /// member of an archive: what [`ScanPath::from_parts`] takes.
    #[must_use]
    pub fn parts(&self) -> (&str, Option<(u32, u32)>) {
        (&self.text, self.member)
    }

    /// The path that has these parts.
    #[must_use]
    pub const fn from_parts(text: Arc<str>, member: Option<(u32, u32)>) -> Self {
        Self { text, member }
    }

    /// A member of the archive that stands here.
    #[must_use]
    pub fn member(&self, name: &[u8]) -> Self {
        let name = shown(name.get(..MAX_MEMBER).unwrap_or(name));
        let own = self.text.len() + 1;
        let (Ok(file), Ok(own)) = (u32::try_from(self.file().len()), u32::try_from(own)) else {
            return self.clone();
        };
        Self {
            text: format!("{}!{name}", self.text).into(),
            member: Some((file, own)),
        }
    }

    /// The file on disk: the path itself, or the outermost archive that holds it.
    #[must_use]
    pub fn file(&self) -> &str {
        let length = self
            .member
            .map_or(self.text.len(), |(file, _)| file as usize);
        self.text.get(..length).unwrap_or(&self.text)
    }

    /// The file on disk, of a member of an archive.
    #[must_use]
    pub fn archive(&self) -> Option<&str> {
        self.is_member().then(|| self.file())
    }

    /// Whether it is a member of an archive.
    #[must_use]
    pub const fn is_member(&self) -> bool {
        self.member.is_some()
    }

    /// The path for patterns: an archive is like a folder of its members.
    #[must_use]
    pub fn as_folders(&self) -> Cow<'_, str> {
        if self.is_member() {
            self.text.replace('!', "/").into()
        } else {
            Cow::Borrowed(&self.text)
        }
    }

    /// The text of the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part after the last `/`, of a member within its archive.
    #[must_use]
    pub fn file_name(&self) -> &str {
        let own = self.member.map_or(0, |(_, own)| own as usize);
        let own = self.text.get(own..).unwrap_or(&self.text);
        own.rsplit('/').next().unwrap_or(own)
    }
}

impl fmt::Display for ScanPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// The report form of a name.
fn shown(name: &[u8]) -> String {
    let text: String = name
        .utf8_chunks()
        .flat_map(|chunk| {
            let broken: String = chunk
                .invalid()
                .iter()
                .map(|b| format!("\\x{b:02X}"))
                .collect();
            [chunk.valid().replace('\\', "/"), broken]
        })
        .collect();
    text.trim_start_matches("./").to_owned()
}

/// A stretch of a text file. Lines and columns count from 1; columns are UTF-16 code units, as
/// SARIF consumers count them; the end column is one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// First line.
    pub start_line: u32,
    /// First column.
    pub start_column: u32,
    /// Last line.
    pub end_line: u32,
    /// One past the last column.
    pub end_column: u32,
}

impl Region {
    /// For a file whose content has no lines (DER, a whole file): line 1, columns 1 to 2.
    pub const WHOLE_FILE: Self = Self {
        start_line: 1,
        start_column: 1,
        end_line: 1,
        end_column: 2,
    };

    /// A place of which no more than the line is known, counted from 1.
    #[must_use]
    pub const fn line(line: u32) -> Self {
        let line = if line == 0 { 1 } else { line };
        Self {
            start_line: line,
            end_line: line,
            ..Self::WHOLE_FILE
        }
    }
}

/// A region of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub path: ScanPath,
    /// The stretch of it.
    pub region: Region,
}

impl Location {
    /// The place for services that show files: of a member of an archive the archive, which has no
    /// lines.
    #[must_use]
    pub fn on_disk(&self) -> (&str, Region) {
        if self.path.is_member() {
            (self.path.file(), Region::WHOLE_FILE)
        } else {
            (self.path.as_str(), self.region)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Location, Region, ScanPath};

    #[test]
    fn a_member_knows_the_file_that_holds_it() {
        let file = ScanPath::new(Path::new("a!b/outer.zip"));
        let inner = file.member(b"./lib\\inner.jar");
        let member = inner.member(b"../\xFFx.env");
        assert_eq!(member.as_str(), "a!b/outer.zip!lib/inner.jar!../\\xFFx.env");
        assert_eq!(member.file(), "a!b/outer.zip");
        assert_eq!(member.file_name(), "\\xFFx.env");
        assert_eq!(inner.as_folders(), "a/b/outer.zip/lib/inner.jar");
        assert_eq!(file.as_folders(), "a!b/outer.zip");
        assert!(member.is_member() && !file.is_member());
        let region = Region {
            start_line: 7,
            ..Region::WHOLE_FILE
        };
        let location = |path: &ScanPath| Location {
            path: path.clone(),
            region,
        };
        assert_eq!(location(&file).on_disk(), ("a!b/outer.zip", region));
        assert_eq!(
            location(&member).on_disk(),
            ("a!b/outer.zip", Region::WHOLE_FILE)
        );
    }
}
