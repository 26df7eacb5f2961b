//! The inventory of a run: every export read once more, for its items.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::input;
use crate::inventory::{Gathered, Inventory, Mentioned, Mentions, Recipes};
use crate::model::{FieldId, Instant, Problem, ProblemKind, RecordTypeId};
use crate::report::{INVENTORY_FORMATS, Items};
use crate::rule::file::Depth;
use crate::source::Plan;

use super::content::Content;
use super::error::AppError;
use super::exit::Exit;
use super::exports::{Faults, Ground, find};
use super::hashing::Hashes;
use super::mentions;
use super::options::{InventoryOptions, ScanOptions, Verbosity};
use super::org::{Export, cut_off, left_out, read_export};
use super::orgs::Orgs;
use super::quality::Lens;
use super::scan::{threads, walk_options};
use super::standing::{Older, Standing};
use super::{Io, deliver};

/// What exports came to, as items.
pub(super) struct Found {
    pub(super) inventory: Inventory,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
    /// Things worth knowing.
    pub(super) notes: Vec<String>,
    /// What source speaks of, where that was asked.
    mentions: Option<Mentions>,
}

/// Writes the inventory.
///
/// # Errors
/// When sources are wrong, or the report cannot be written.
pub(super) fn run(options: &InventoryOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let found = look_with(&options.scan, &options.mentions, io)?;
    let format = INVENTORY_FORMATS
        .iter()
        .find(|format| format.name == options.format)
        .ok_or_else(|| AppError::usage(format!("unknown format `{}`", options.format)))?;
    let items = Items {
        inventory: &found.inventory,
        mentions: found.mentions.as_ref(),
        as_of: options.scan.as_of,
        problems: &found.problems,
        width: io.width,
    };
    deliver::write_to(options.output.as_deref(), io, &mut |out| {
        (format.write)(&items, out)
    })?;
    tell(&found, io)
}

/// Tells people what could not be read, and gives the exit code that follows.
pub(super) fn tell(found: &Found, io: &mut Io<'_>) -> Result<Exit, AppError> {
    if io.verbosity > Verbosity::Quiet {
        for note in &found.notes {
            writeln!(io.err, "note: {note}")?;
        }
    }
    for problem in &found.problems {
        match &problem.path {
            Some(path) => writeln!(io.err, "problem: {path} {}", problem.message)?,
            None => writeln!(io.err, "problem: {}", problem.message)?,
        }
    }
    Ok(if found.problems.is_empty() {
        Exit::Clean
    } else {
        Exit::Incomplete
    })
}

/// Reads the exports under the paths of a scan.
///
/// # Errors
/// When rules, sources or the policy are wrong.
pub(super) fn look(options: &ScanOptions, io: &mut Io<'_>) -> Result<Found, AppError> {
    look_with(options, &[], io)
}

/// The same, and what is in those trees speaks of which item.
fn look_with(options: &ScanOptions, trees: &[PathBuf], io: &mut Io<'_>) -> Result<Found, AppError> {
    let progress = io.progress;
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, _) = content.policy(&options.config)?;
    let recipes = content.recipes()?;
    let walk = walk_options(options, &policy)?;
    let found = threads(options)?.install(|| -> Result<Found, AppError> {
        let listing = input::list(&options.directory, &options.paths, &walk);
        let (mut problems, mut notes) = (listing.problems, Vec::new());
        let ground = Ground {
            sources: &content.sources,
            archives: options.archives,
            files: &listing.files,
            targets: &options.paths,
            faults: Faults::Told,
        };
        let exports = find(ground, &mut problems, &mut notes);
        if exports.is_empty() && problems.is_empty() {
            problems.push(Problem {
                path: None,
                line: None,
                kind: ProblemKind::NoInput,
                message: "no file is an export that is known".to_owned(),
            });
        }
        let dates = (options.as_of, options.until);
        let mut found = build((&content, recipes), &exports, dates);
        found.problems.append(&mut problems);
        if !trees.is_empty() {
            let read: BTreeSet<&Path> = exports.iter().map(|e| &*e.file.path).collect();
            let searched = mentions::search(&found.inventory, (options, &walk), trees, &read)?;
            found.problems.extend(searched.problems);
            notes.push(unmentioned(
                &found.inventory,
                &searched.mentions,
                searched.texts,
            ));
            found.mentions = Some(searched.mentions);
        }
        found.problems.sort();
        found.problems.dedup();
        found.notes.append(&mut notes);
        Ok(found)
    })?;
    progress.clear();
    Ok(found)
}

/// Puts the records of exports together.
pub(super) fn build(
    (content, recipes): (&Content, Recipes),
    exports: &[Export],
    (as_of, until): (Instant, Option<Instant>),
) -> Found {
    let lens = Lens::new(&content.schema, as_of, until);
    let mut wanted: BTreeSet<(RecordTypeId, FieldId)> = BTreeSet::new();
    recipes.wanted(&mut |ty, field| {
        wanted.insert((ty, field));
        wanted.extend(lens.fields(ty).map(|field| (ty, field)));
    });
    let orgs = Orgs::of(content, exports);
    let standing = Standing::of(content, (exports, &orgs), &lens, until);
    let parts: Vec<(Gathered, Vec<Problem>, u64, Older)> = exports
        .par_iter()
        .enumerate()
        .map(|(at, export)| {
            let source = content.sources.get(export.found.source);
            let path = &export.file.shown;
            let plan = Plan::new(source, &content.schema, path, &|ty, field| {
                wanted.contains(&(ty, field)) || standing.asks(content, at, (ty, field))
            });
            let plan = orgs.plan(source.platform(), at, plan);
            let mut gathered = Gathered::new(as_of);
            gathered.file(path, standing.age(at));
            let (mut later, mut older) = (0, Older::default());
            let read = read_export((export, &plan), Hashes::None, &mut |record, _| {
                if lens.is_later(record) {
                    later += 1;
                    return;
                }
                let renamed = standing.renamed(content, record);
                let record = renamed.as_ref().unwrap_or(record);
                standing.count(content, (at, &mut older), record);
                gathered.record(&recipes, record.ty(), record, record.line());
            });
            let mut problems = read.problems;
            problems.extend(cut_off(content, export, &read.summary));
            (gathered, problems, later, older)
        })
        .collect();
    let mut whole = Gathered::new(as_of);
    let (mut problems, mut notes) = (Vec::new(), orgs.notes(exports));
    notes.extend(standing.unordered(exports));
    for (at, (part, mut troubles, later, older)) in parts.into_iter().enumerate() {
        notes.extend(exports.get(at).and_then(|export| left_out(export, later)));
        notes.extend(standing.note(exports, at, older));
        whole.absorb(part);
        problems.append(&mut troubles);
    }
    orgs.name(&mut whole);
    Found {
        inventory: Inventory::of(whole, recipes),
        problems,
        notes,
        mentions: None,
    }
}

/// How many credentials nothing speaks of.
fn unmentioned(inventory: &Inventory, mentions: &Mentions, texts: u64) -> String {
    let credentials = || inventory.items().filter(crate::inventory::Item::rotates);
    let are = |wanted: Mentioned| credentials().filter(|i| *mentions.of(i) == wanted).count();
    format!(
        "{} of {} credentials are mentioned nowhere (files searched: {texts}); {} have no name to tell them by",
        are(Mentioned::Nowhere),
        credentials().count(),
        are(Mentioned::Unknown),
    )
}
