//! Where something stands: a file and a region in it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A path as reports show it: relative to where the scan was asked to look, `/` between parts,
/// no leading `./`. Bytes that are not UTF-8 are written `\xNN`, so that two names never fold
/// into one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanPath(Arc<str>);

impl ScanPath {
    /// Makes the report form of a relative path.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let text: String = path
            .as_os_str()
            .as_encoded_bytes()
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
        Self(text.trim_start_matches("./").into())
    }

    /// The text of the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `/`.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for ScanPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
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
}

/// A region of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub path: ScanPath,
    /// The stretch of it.
    pub region: Region,
}
