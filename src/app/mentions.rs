//! `credlint inventory --mentions TREE`: which items the source speaks of, and where. What nothing
//! speaks of may be used by nobody any more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::check::mention::{LONGEST, Words};
use crate::input::{self, InputFile, Listed, WalkOptions};
use crate::inventory::{Inventory, Mentions, Names, Places};
use crate::model::{Location, Problem, ProblemKind, Region, ScanPath};
use crate::read::archive::{Budget, Trouble};

use super::error::AppError;
use super::layers::{Layers, Leaf, Naming};
use super::options::{Archives, ScanOptions};

/// What a search came to.
pub(super) struct Searched {
    pub(super) mentions: Mentions,
    /// Texts that were searched.
    pub(super) texts: u64,
    pub(super) problems: Vec<Problem>,
}

/// Searches trees for what an inventory holds. The exports that it was made of are left out, for
/// each of them speaks of its own items.
///
/// # Errors
/// When there are more names than can be numbered.
pub(super) fn search(
    inventory: &Inventory,
    (options, walk): (&ScanOptions, &WalkOptions),
    trees: &[PathBuf],
    exports: &BTreeSet<&Path>,
) -> Result<Searched, AppError> {
    let names = Names::of(inventory, LONGEST);
    let words = Words::new(names.words().iter().map(String::as_str))
        .map_err(|error| AppError::usage(format!("the inventory has too many names: {error}")))?;
    let listing = input::list(&options.directory, trees, walk);
    let files = listing.files.par_iter();
    let part = files
        .map(Listed::file)
        .filter(|file| !exports.contains(&*file.path))
        .fold(Part::default, |mut part, file| {
            part.file(&words, options.archives, &file);
            part
        })
        .reduce(Part::default, Part::join);
    let mut problems = part.problems;
    problems.extend(listing.problems);
    Ok(Searched {
        mentions: names.settle(&part.places),
        texts: part.texts,
        problems,
    })
}

/// What some files came to.
#[derive(Default)]
struct Part {
    places: Places,
    texts: u64,
    problems: Vec<Problem>,
}

impl Part {
    fn file(&mut self, words: &Words, archives: Archives, file: &InputFile) {
        let opened = File::open(&file.path).and_then(|input| {
            // Whoever writes to it must not keep this from ending.
            let size = input.metadata()?.len();
            Ok((input, size))
        });
        let budget = Budget::new(opened.as_ref().map_or(0, |(_, size)| *size));
        let mut leaf = Search {
            part: self,
            words,
            archives,
        };
        let mut layers = Layers {
            leaf: &mut leaf,
            budget: &budget,
        };
        let searched = opened.and_then(|(input, size)| {
            let mut input = input.take(size);
            layers.stream(&file.shown, &mut input, Naming::Own, 0)
        });
        if let Err(error) = searched {
            let message = format!("cannot be read: {error}");
            leaf.trouble(&file.shown, Trouble::new(ProblemKind::Unreadable, message));
        }
        if let Some(trouble) = budget.over() {
            leaf.trouble(&file.shown, trouble);
        }
    }

    fn mentioned(&mut self, word: usize, times: u64, at: Location) {
        let (count, first) = self.places.entry(word).or_insert_with(|| (0, at.clone()));
        *count += times;
        if at < *first {
            *first = at;
        }
    }

    fn join(mut self, other: Self) -> Self {
        for (word, (count, first)) in other.places {
            self.mentioned(word, count, first);
        }
        self.texts += other.texts;
        self.problems.extend(other.problems);
        self
    }
}

/// Searches the texts of one file.
struct Search<'s> {
    part: &'s mut Part,
    words: &'s Words,
    archives: Archives,
}

impl Leaf for Search<'_> {
    fn file(&mut self, path: &ScanPath, input: &mut dyn Read) -> io::Result<()> {
        self.part.texts += 1;
        // Of many places in one text the first is enough.
        let mut found: BTreeMap<usize, (u64, u32)> = BTreeMap::new();
        let searched = self.words.each(input, |mention| {
            found.entry(mention.word).or_insert((0, mention.line)).0 += 1;
        });
        for (word, (count, line)) in found {
            let location = Location {
                path: path.clone(),
                region: Region::line(line),
            };
            self.part.mentioned(word, count, location);
        }
        searched
    }

    fn may_open(&mut self) -> bool {
        self.archives == Archives::Opened
    }

    fn trouble(&mut self, path: &ScanPath, trouble: Trouble) {
        self.part.problems.push(Problem {
            path: Some(path.clone()),
            line: None,
            kind: trouble.kind,
            message: trouble.message,
        });
    }
}
