//! Whose each export is, where those of one platform are of several orgs, instances or accounts: then
//! what one of them has is no evidence about another's. Most exports name no org. Such a one is of the
//! org that the exports in its folder name, if that is one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::check::org::OrgNames;
use crate::inventory::Gathered;
use crate::model::{FieldId, Org, RecordTypeId, Value};
use crate::source::{OrgColumn, Plan, Whose};

use super::content::Content;
use super::copies::{Copied, copies};
use super::org::{Export, peek};

/// The record type that names an org, and its field of the name.
const TENANT: (&str, &str) = ("tenant", "org");

/// The names of orgs, sorted.
type Names = BTreeSet<Box<str>>;

/// Whose the exports of a run are.
#[derive(Debug, Default)]
pub(super) struct Orgs {
    /// The record type and field that name an org.
    names_it: Option<(RecordTypeId, FieldId)>,
    /// By platform: the names of its orgs, of those that could be named.
    platforms: Arc<OrgNames>,
    /// By export: whose it is. Empty where nothing is to be told apart.
    exports: Vec<Owner>,
    /// Exports of copies that do not name their org.
    copies: Vec<Copied>,
}

#[derive(Debug, Clone, Copy)]
enum Owner {
    One(Org),
    /// Each row names its own.
    Rows,
}

impl Orgs {
    /// Looks at every export that may name its org.
    pub(super) fn of(content: &Content, exports: &[Export]) -> Self {
        let Some(names_it) = names_it(content) else {
            return Self::default();
        };
        let mut told = Told::of(content, exports, names_it);
        let copies = told.copies(content, exports);
        Self {
            names_it: Some(names_it),
            exports: told.owners(content, exports),
            platforms: Arc::new(
                told.platforms
                    .into_iter()
                    .map(|(platform, names)| (platform.into(), names.into_iter().collect()))
                    .collect(),
            ),
            copies,
        }
    }

    /// What people should know of copies that do not name their org.
    pub(super) fn notes(&self, exports: &[Export]) -> Vec<String> {
        let shown = |at: usize| exports.get(at).map(|export| &export.file.shown);
        let each = self.copies.iter().filter_map(|copied| {
            Some(format!(
                "{} has users of {} under names that end in {}: it is taken for an export of a copy of \
                 that org, such as a sandbox",
                shown(copied.copy)?,
                shown(copied.of)?,
                copied.ending
            ))
        });
        each.collect()
    }

    /// A plan for reading an export, with records that know their org.
    pub(super) fn plan(&self, platform: &str, at: usize, plan: Plan) -> Plan {
        match self.exports.get(at) {
            None | Some(Owner::One(Org::Sole)) => plan,
            Some(Owner::One(org)) => plan.of(Whose::All(*org)),
            Some(Owner::Rows) => match (self.names_it, self.platforms.get(platform)) {
                (Some((ty, field)), Some(names)) => plan.of(Whose::Rows(OrgColumn {
                    ty,
                    field,
                    names: Arc::clone(names),
                })),
                _ => plan.of(Whose::All(Org::Open)),
            },
        }
    }

    /// The orgs that records of an export may be of.
    pub(super) fn within(&self, platform: &str, at: usize) -> Vec<Org> {
        match self.exports.get(at) {
            None => vec![Org::Sole],
            Some(Owner::One(org)) => vec![*org],
            Some(Owner::Rows) => {
                let names = self.platforms.get(platform).map_or(0, |names| names.len());
                let numbers = 0..u16::try_from(names).unwrap_or(u16::MAX);
                numbers.map(Org::Of).chain([Org::Open]).collect()
            }
        }
    }

    /// Whether nothing says of which of several orgs an export is.
    pub(super) fn is_open(&self, at: usize) -> bool {
        matches!(self.exports.get(at), Some(Owner::One(Org::Open)))
    }

    /// The orgs that the exports of a platform name; none where none of them could.
    pub(super) fn names(&self, platform: &str) -> Option<&[Box<str>]> {
        self.platforms.get(platform).map(|names| &**names)
    }

    /// By platform what its orgs go by.
    pub(super) const fn all_names(&self) -> &Arc<OrgNames> {
        &self.platforms
    }

    /// Tells an inventory what the orgs go by.
    pub(super) fn name(&self, gathered: &mut Gathered) {
        for (platform, names) in self.platforms.iter().filter(|(_, names)| names.len() > 1) {
            gathered.orgs(platform, names);
        }
    }
}

/// An export by its platform and its path: a file may be read for several sources.
type File<'e> = (&'e str, &'e str);

fn file_of<'e>(content: &'e Content, export: &'e Export) -> File<'e> {
    let source = content.sources.get(export.found.source);
    (source.platform(), export.file.shown.as_str())
}

/// The orgs that exports name.
#[derive(Debug, Default)]
struct Told<'e> {
    /// By platform. One of which an export could name its org is here, though none did.
    platforms: BTreeMap<&'e str, Names>,
    files: BTreeMap<File<'e>, Names>,
}

impl<'e> Told<'e> {
    fn of(content: &'e Content, exports: &'e [Export], names_it: (RecordTypeId, FieldId)) -> Self {
        let named: Vec<Option<Names>> = exports
            .par_iter()
            .map(|export| {
                let source = content.sources.get(export.found.source);
                let may = source.record_types().contains(&names_it.0);
                may.then(|| named(content, export, names_it))
            })
            .collect();
        let mut told = Self::default();
        for (export, named) in exports.iter().zip(named) {
            if let Some(named) = named {
                told.add(file_of(content, export), named);
            }
        }
        told
    }

    fn add(&mut self, (platform, file): File<'e>, names: Names) {
        let all = self.platforms.entry(platform).or_default();
        all.extend(names.iter().cloned());
        self.files
            .entry((platform, file))
            .or_default()
            .extend(names);
    }

    /// Finds copies of an org, on platforms of which nothing names several, and gives those a name that
    /// have none.
    fn copies(&mut self, content: &'e Content, exports: &'e [Export]) -> Vec<Copied> {
        let mut of_platform: BTreeMap<&str, Vec<(usize, &Export)>> = BTreeMap::new();
        for (at, export) in exports.iter().enumerate() {
            let (platform, _) = file_of(content, export);
            of_platform.entry(platform).or_default().push((at, export));
        }
        let mut all = Vec::new();
        for (platform, exports) in of_platform {
            let known = self.platforms.get(platform).map_or(0, Names::len);
            if platform.is_empty() || known > 1 {
                continue;
            }
            let found = copies(content, &exports);
            for (at, export) in exports {
                let copy = found.iter().find(|copied| copied.copy == at);
                let name = match copy {
                    Some(copied) => format!("copy{}", copied.ending),
                    None if known == 0 && found.iter().any(|copied| copied.of == at) => {
                        "original".to_owned()
                    }
                    None => continue,
                };
                let file = file_of(content, export);
                if self.files.get(&file).is_none_or(Names::is_empty) {
                    self.add(file, Names::from([name.into()]));
                }
            }
            all.extend(found);
        }
        all
    }

    /// Whose the exports are, where those of some platform are of several orgs.
    fn owners(&self, content: &Content, exports: &[Export]) -> Vec<Owner> {
        let parted = |platform: &str| self.platforms.get(platform).filter(|names| names.len() > 1);
        if self.platforms.values().all(|names| names.len() < 2) {
            return Vec::new();
        }
        let mut folders: BTreeMap<&str, Folders<'_>> = BTreeMap::new();
        for ((platform, file), named) in self.files.iter().filter(|(_, named)| !named.is_empty()) {
            folders.entry(platform).or_default().add(file, named);
        }
        let none = Names::new();
        let owner = |export: &Export| {
            let (platform, file) = file_of(content, export);
            match (parted(platform), folders.get(platform)) {
                (Some(names), Some(folders)) => {
                    let named = self.files.get(&(platform, file)).unwrap_or(&none);
                    owner(named, folders, file, names)
                }
                _ => Owner::One(Org::Sole),
            }
        };
        exports.iter().map(owner).collect()
    }
}

fn names_it(content: &Content) -> Option<(RecordTypeId, FieldId)> {
    let (ty, record) = content.schema.find(TENANT.0)?;
    Some((ty, record.field(TENANT.1)?.0))
}

/// The orgs that an export names.
fn named(content: &Content, export: &Export, (ty, field): (RecordTypeId, FieldId)) -> Names {
    let mut names = Names::new();
    peek(content, export, (ty, &[field]), &mut |record| {
        if let Value::Text(name) = record.get(field)
            && !names.contains(&*name)
        {
            names.insert(name.into());
        }
    });
    names
}

/// The orgs that the files of each folder name.
#[derive(Debug, Default)]
struct Folders<'f> {
    /// Its own files.
    own: BTreeMap<&'f str, Names>,
    /// And those of the folders in it.
    below: BTreeMap<&'f str, Names>,
}

impl<'f> Folders<'f> {
    fn add(&mut self, file: &'f str, names: &Names) {
        let mut folder = folder_of(file);
        let own = self.own.entry(folder).or_default();
        own.extend(names.iter().cloned());
        loop {
            let below = self.below.entry(folder).or_default();
            below.extend(names.iter().cloned());
            if folder.is_empty() {
                return;
            }
            folder = folder_of(folder);
        }
    }

    /// The orgs that tell whose a file is which names none itself: those of the nearest folder that
    /// has any.
    fn around(&self, file: &str) -> Option<&Names> {
        let mut folder = folder_of(file);
        loop {
            let found = self.own.get(folder).or_else(|| self.below.get(folder));
            if found.is_some() || folder.is_empty() {
                return found;
            }
            folder = folder_of(folder);
        }
    }
}

/// Whose an export is: what it names itself, or else what its folder does. `all` are the names of its
/// platform's orgs.
fn owner(named: &Names, folders: &Folders<'_>, file: &str, all: &Names) -> Owner {
    let only = |names: &Names| {
        let first = names.first().filter(|_| names.len() == 1)?;
        let place = all.iter().position(|name| name == first)?;
        u16::try_from(place).ok().map(Org::Of)
    };
    match named.len() {
        0 => Owner::One(folders.around(file).and_then(only).unwrap_or(Org::Open)),
        1 => Owner::One(only(named).unwrap_or(Org::Open)),
        _ => Owner::Rows,
    }
}

/// The folder of a file or folder. An archive is the folder of what is in it.
fn folder_of(path: &str) -> &str {
    path.rsplit_once(['/', '!'])
        .map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::{Folders, Names, Owner, owner};
    use crate::model::Org;

    #[test]
    fn an_export_that_names_no_org_is_of_the_one_that_its_folder_names() {
        let files = [
            ("prod/logs/a.csv", "A"),
            ("prod/users.csv", ""),
            ("prod/old/users.csv", ""),
            ("test/b.csv", "B"),
            ("test/users.csv", ""),
            ("both/a.csv", "A"),
            ("both/b.csv", "B"),
            ("both/users.csv", ""),
            ("both/rows.csv", "A B"),
            ("users.csv", ""),
            ("testing/users.csv", ""),
        ];
        let names = |text: &str| text.split_whitespace().map(Into::into).collect::<Names>();
        let mut folders = Folders::default();
        for (file, named) in files.iter().filter(|(_, named)| !named.is_empty()) {
            folders.add(file, &names(named));
        }
        let found =
            files.map(
                |(file, named)| match owner(&names(named), &folders, file, &names("A B")) {
                    Owner::One(Org::Of(0)) => "A",
                    Owner::One(Org::Of(1)) => "B",
                    Owner::One(_) => "?",
                    Owner::Rows => "rows",
                },
            );
        assert_eq!(
            found,
            ["A", "A", "A", "B", "B", "A", "B", "?", "rows", "?", "?"]
        );
    }
}
