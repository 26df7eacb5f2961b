//! An input that could not be checked, wholly or in part. Problems make a scan incomplete.

use std::str::FromStr;

use super::place::ScanPath;

/// What went wrong with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A path that was asked for does not exist.
    MissingTarget,
    /// The file or folder could not be opened or read.
    Unreadable,
    /// The file is cut off, or its own page marks say that more rows exist.
    Truncated,
    /// The file does not parse as what it is.
    Malformed,
    /// The file, record or nesting is beyond a limit.
    TooLarge,
    /// One row of an export could not be used; the others were.
    BadRow,
    /// Nothing at all was there to check.
    NoInput,
    /// Looking at the file failed inside this program.
    Internal,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::MissingTarget,
        Self::Unreadable,
        Self::Truncated,
        Self::Malformed,
        Self::TooLarge,
        Self::BadRow,
        Self::NoInput,
        Self::Internal,
    ];

    /// The word used in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MissingTarget => "missing-target",
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::BadRow => "bad-row",
            Self::NoInput => "no-input",
            Self::Internal => "internal",
        }
    }
}

impl FromStr for ProblemKind {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut kinds = Self::ALL.into_iter();
        kinds
            .find(|kind| kind.word() == text)
            .ok_or("a kind of problem that is not known")
    }
}

/// An input that could not be checked. Every report lists it and the exit code says incomplete.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, where there is one.
    pub path: Option<ScanPath>,
    /// 1-based line, where it is known.
    pub line: Option<u32>,
    /// What sort of trouble.
    pub kind: ProblemKind,
    /// What happened, in one sentence without the path.
    pub message: String,
}
