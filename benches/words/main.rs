//! Finds out by which four bytes words are best looked for, and which of them share a group that is
//! looked for together: `words TREE [TREE ...]` writes `src/check/secret/prefilter/shares.txt`.
//!
//! Of each tree some thousand places in text are drawn, and every tree counts alike. Then words try other
//! bytes and other groups, and take what lets less through, and at the beginning now and then what lets
//! more through (simulated annealing). The same trees give the same table. Takes about four minutes for
//! trees of some gigabytes.

mod search;

use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::check::secret::{Words, words};
use credlint::model::hex;
use credlint::rule::Body;
use credlint::rule::file::Depth;
use fastrand::Rng;
use ignore::WalkBuilder;
use search::{CASE, PRINT, Search, Set, Way};

const TABLE: &str = "src/check/secret/prefilter/shares.txt";

/// Stretches that are drawn of a tree, and how many places follow each other in one.
const STRETCHES: usize = 5_000;
const PLACES: usize = 8;
/// A file with a zero among its first bytes is no text.
const TEXT: usize = 8_000;

fn main() -> Result<(), Box<dyn Error>> {
    let trees: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if trees.is_empty() {
        return Err("usage: words TREE [TREE ...]".into());
    }
    let content = Content::load(&ContentOptions::default(), Depth::Trusted)?;
    let rules = content.rules.iter().filter_map(|rule| match &rule.body {
        Body::Secret(rule) => Some(&**rule),
        Body::Record(_) => None,
    });
    let all = words(rules);
    let mut places = Vec::new();
    for tree in &trees {
        draw(tree, &mut places)?;
    }
    let lines: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = all
            .iter()
            .map(|words| scope.spawn(|| lines(words, &places)))
            .collect();
        let lines = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        lines.collect::<Result<_, _>>()
    })
    .map_err(|_| "a search ended early")?;
    std::fs::write(TABLE, lines.concat())?;
    Ok(())
}

/// Draws places of a tree's text: of each the four bytes that stand there.
fn draw(tree: &Path, places: &mut Vec<[u8; PRINT]>) -> Result<(), Box<dyn Error>> {
    let walk = WalkBuilder::new(tree).standard_filters(false).build();
    let mut files: Vec<(PathBuf, u64)> = Vec::new();
    for entry in walk {
        let entry = entry?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push((entry.path().to_owned(), entry.metadata()?.len()));
        }
    }
    files.sort();
    let total: u64 = files.iter().map(|(_, length)| length).sum();
    let mut random = Rng::with_seed(total);
    let mut drawn: Vec<u64> = (0..STRETCHES).map(|_| random.u64(..total.max(1))).collect();
    drawn.sort_unstable();
    let mut drawn = drawn.into_iter().peekable();
    let mut before = 0;
    for (path, length) in files {
        while let Some(at) = drawn.next_if(|at| *at < before + length) {
            stretch(&path, at - before, places)?;
        }
        before += length;
    }
    Ok(())
}

fn stretch(path: &Path, at: u64, places: &mut Vec<[u8; PRINT]>) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut front = Vec::new();
    (&file).take(TEXT as u64).read_to_end(&mut front)?;
    if front.contains(&0) {
        return Ok(());
    }
    file.seek(SeekFrom::Start(at))?;
    let mut text = Vec::new();
    file.take((PLACES + PRINT - 1) as u64)
        .read_to_end(&mut text)?;
    places.extend(text.windows(PRINT).filter_map(<[u8]>::first_chunk));
    Ok(())
}

/// The lines of the table for words: the kind, four bytes, their group in each way.
fn lines(words: &Words, places: &[[u8; PRINT]]) -> String {
    let choices: Vec<Vec<Set>> = words.words.iter().map(|word| fours(word)).collect();
    let six = Search::run(&choices, Way::Six, places);
    // By halves the bytes of a word are those that are best by six bits.
    let chosen: Vec<Vec<Set>> = six.own.iter().map(|set| vec![set.clone()]).collect();
    let halves = Search::run(&chosen, Way::Halves, places);
    let _ = writeln!(
        io::stderr(),
        "{}: {} words by {} sets; of a million places {:.0} are marked, by halves {:.0}, {:.0} are looked up, and {:.0} words compared there",
        words.kind,
        choices.len(),
        six.groups.len(),
        six.marked(),
        halves.marked(),
        six.looked_up(),
        six.compared(),
    );
    // Both have the same sets, in the same order.
    let line = |((set, six), halves): ((&Set, &usize), &usize)| {
        format!("{} {} {six} {halves}\n", words.kind, hex(set))
    };
    let groups = six.groups.iter().zip(halves.groups.values());
    groups.map(line).collect()
}

/// By which bytes a word may be known.
fn fours(word: &[u8]) -> Vec<Set> {
    let folded: Vec<u8> = word.iter().map(|byte| byte | CASE).collect();
    let length = PRINT.min(folded.len());
    let mut sets: Vec<Set> = folded.windows(length).map(<[u8]>::to_vec).collect();
    sets.sort();
    sets.dedup();
    sets
}
