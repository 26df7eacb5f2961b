//! The names of an export's columns.

use std::fmt;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// More columns than this are not listed of a file whose records are nested.
pub(super) const MAX_COLUMNS: usize = 2000;

/// Names of columns, in the order of the file. One text holds them all: every JSON file of a source
/// tree is asked for its keys, and some configurations have thousands.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ColumnNames {
    text: String,
    /// Where each name ends in the text, and the next begins.
    ends: Vec<usize>,
}

impl ColumnNames {
    /// Adds a name behind the others.
    pub fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|number| self.at(number))
    }

    /// The names without anything between them: what none of them has is mostly not in here either, which
    /// is asked at once.
    #[must_use]
    pub fn joined(&self) -> &str {
        &self.text
    }

    /// Whether a name is among them, in the same letters.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|other| other == name)
    }

    fn at(&self, number: usize) -> &str {
        let end = |number: usize| self.ends.get(number).copied();
        let start = number.checked_sub(1).and_then(end).unwrap_or_default();
        let end = end(number).unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }
}

impl fmt::Debug for ColumnNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq<&[&str]> for ColumnNames {
    fn eq(&self, other: &&[&str]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

impl<const N: usize> PartialEq<[&str; N]> for ColumnNames {
    fn eq(&self, other: &[&str; N]) -> bool {
        *self == other.as_slice()
    }
}

impl<S: AsRef<str>> Extend<S> for ColumnNames {
    fn extend<I: IntoIterator<Item = S>>(&mut self, names: I) {
        names.into_iter().for_each(|name| self.push(name.as_ref()));
    }
}

impl<S: AsRef<str>> FromIterator<S> for ColumnNames {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut columns = Self::default();
        columns.extend(names);
        columns
    }
}

/// Names of columns of which each is taken once.
#[derive(Default)]
pub(super) struct DistinctNames {
    names: ColumnNames,
    /// The number of each name, by its hash.
    numbers: HashTable<usize>,
    hasher: FixedState,
}

impl DistinctNames {
    /// Takes a name, if it is a new one.
    pub(super) fn take(&mut self, name: &str) {
        let Self {
            names,
            numbers,
            hasher,
        } = self;
        let hash = hasher.hash_one(name);
        let same = |number: &usize| names.at(*number) == name;
        if numbers.find(hash, same).is_none() {
            let hash_of = |number: &usize| hasher.hash_one(names.at(*number));
            numbers.insert_unique(hash, names.len(), hash_of);
            names.push(name);
        }
    }

    /// Whether no more are taken: of what has so many, the others say nothing more.
    pub(super) const fn are_many(&self) -> bool {
        self.names.len() >= MAX_COLUMNS
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(super) fn into_names(self) -> ColumnNames {
        self.names
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnNames, DistinctNames};

    #[test]
    fn names_are_kept_apart_and_in_order() {
        let names: ColumnNames = ["Id", "", "\u{540d}"].into_iter().collect();
        assert!(names.iter().eq(["Id", "", "\u{540d}"]));
        assert_eq!((names.len(), names.contains("id")), (3, false));
        assert_eq!(format!("{names:?}"), r#"["Id", "", "名"]"#);
        // One name is not two with the same letters.
        let other: ColumnNames = ["I", "d", "\u{540d}"].into_iter().collect();
        assert_ne!(names, other);
    }

    #[test]
    fn each_name_is_taken_once() {
        let mut distinct = DistinctNames::default();
        let names: Vec<String> = (0..300).map(|n| format!("column{}", n % 100)).collect();
        names.iter().for_each(|name| distinct.take(name));
        let taken = distinct.into_names();
        assert!(taken.iter().eq(names.iter().take(100)));
    }
}
