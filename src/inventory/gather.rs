//! What the records of one export say about items, before it is known which records tell of the
//! same one. Parts of several exports add up.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use foldhash::fast::RandomState;

use crate::model::{Fields, Instant, Org, RecordTypeId, ScanPath, Value, When};

use super::fact::{Claim, Fact, FactType, Held, IdentifierKind, Named};
use super::recipe::{FactRecipe, Guard, Origin, Recipe, Recipes, Role, Take};
use super::strings::{Str, Strings};

/// Texts longer than this, in bytes, are cut: nobody reads them in a table.
const LONGEST: usize = 1_024;

/// How new an export is among those of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// Its place among all, from 1; 0 where nothing tells. What the newest says stands first.
    pub rank: u32,
    /// A number that those share which can be told to be newer than each other.
    pub peers: u32,
}

impl Age {
    /// Whether an export is newer for certain, so that its word is the last.
    #[must_use]
    pub const fn gives_way_to(self, other: Self) -> bool {
        self.peers == other.peers && self.rank > 0 && self.rank < other.rank
    }
}

/// What records say, by record.
pub struct Gathered {
    pub(super) strings: Strings,
    pub(super) files: Vec<ScanPath>,
    /// By file: how new it is, where that is known.
    pub(super) ages: Vec<Age>,
    pub(super) said: Vec<Said>,
    pub(super) named: Vec<Named>,
    pub(super) claims: Vec<Claim>,
    pub(super) links: Vec<Reference>,
    /// Where the newest of repeated events is kept, so that a log of a million lines about one
    /// item is one piece of evidence.
    newest: HashMap<(u16, Home, Named, Fact), u32, RandomState>,
    /// By platform: the names of its orgs, where there are several.
    orgs: HashMap<Str, Vec<Str>, RandomState>,
    /// What an org goes by that nothing names.
    pub(super) unknown_org: Option<Str>,
    as_of: Instant,
}

/// Where something lives. Names and ids are unique within one home only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Home {
    pub(super) platform: Option<Str>,
    pub(super) org: Org,
}

/// What one record says by one recipe. Its parts are those of the lists up to the ends given here,
/// from the ends of the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) recipe: u16,
    pub(super) home: Home,
    pub(super) kind_word: Option<Str>,
    pub(super) named_end: u32,
    pub(super) claims_end: u32,
    pub(super) links_end: u32,
}

/// A reference to another item: one of the identifiers that the record has of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference {
    /// Which link of the recipe.
    pub(super) link: u16,
    pub(super) named: Named,
}

impl Gathered {
    /// Nothing yet. Events after the audit date are no evidence.
    #[must_use]
    pub fn new(as_of: Instant) -> Self {
        Self {
            strings: Strings::default(),
            files: Vec::new(),
            ages: Vec::new(),
            said: Vec::new(),
            named: Vec::new(),
            claims: Vec::new(),
            links: Vec::new(),
            newest: HashMap::default(),
            orgs: HashMap::default(),
            unknown_org: None,
            as_of,
        }
    }

    /// Names the orgs of a platform, in the order of their numbers.
    pub fn orgs(&mut self, platform: &str, names: &[Box<str>]) {
        let platform = self.strings.put(platform);
        let names = names.iter().map(|name| self.strings.put(name)).collect();
        self.orgs.insert(platform, names);
    }

    /// What an org of a platform goes by.
    pub(super) fn org_name(&self, platform: Option<Str>, org: Org) -> Option<Str> {
        match org {
            Org::Sole => None,
            Org::Of(number) => {
                let names = self.orgs.get(&platform?)?;
                names.get(usize::from(number)).copied()
            }
            Org::Open => self.unknown_org,
        }
    }

    /// Names the file that the next records are of, and how new it is among the others.
    pub fn file(&mut self, path: &ScanPath, age: Age) {
        self.files.push(path.clone());
        self.ages.push(age);
    }

    /// Takes a record in; it stands on this line of the file.
    pub fn record(&mut self, recipes: &Recipes, ty: RecordTypeId, record: &dyn Fields, line: u32) {
        for (number, recipe) in recipes.of_record(ty) {
            let lets = |guard: &Guard| guard.lets(record);
            if recipe.only.iter().all(lets) && !recipe.except.iter().any(lets) {
                self.tell(number, recipe, record, line);
            }
        }
    }

    fn tell(&mut self, number: u16, recipe: &Recipe, record: &dyn Fields, line: u32) {
        let start = self.named.len();
        for (kind, origin) in &recipe.identifiers {
            if let Some(value) = self.identifier(*kind, origin, record) {
                self.named.push(Named { kind: *kind, value });
            }
        }
        let Some(first) = self.named.get(start).copied() else {
            return;
        };
        let home = Home {
            platform: recipe
                .platform
                .and_then(|field| self.text(&record.get(field))),
            org: record.org(),
        };
        let spot = (number_of(self.files.len()).saturating_sub(1), line);
        let fresh = self.claims.len();
        let is_event = matches!(recipe.role, Role::About | Role::Notes);
        for fact in &recipe.facts {
            if is_event && fact.fact.recurs() {
                self.event((number, home, first), fact, record, spot);
            } else {
                self.claim(fact, record, spot);
            }
        }
        if is_event && self.claims.len() == fresh {
            // Nothing new, or only a later time of an event that is kept already.
            self.named.truncate(start);
            return;
        }
        for (index, link) in (0..).zip(&recipe.links) {
            for (kind, origin) in &link.by {
                if let Some(value) = self.identifier(*kind, origin, record) {
                    let named = Named { kind: *kind, value };
                    self.links.push(Reference { link: index, named });
                }
            }
        }
        let said = Said {
            recipe: number,
            home,
            kind_word: recipe
                .kind_word
                .and_then(|field| self.text(&record.get(field))),
            named_end: number_of(self.named.len()),
            claims_end: number_of(self.claims.len()),
            links_end: number_of(self.links.len()),
        };
        self.said.push(said);
    }

    /// Keeps the newest time of an event.
    fn event(
        &mut self,
        (recipe, home, named): (u16, Home, Named),
        fact: &FactRecipe,
        record: &dyn Fields,
        spot: (u32, u32),
    ) {
        let Take::First(fields) = &fact.take else {
            return;
        };
        let times = fields
            .iter()
            .filter_map(|field| record.get(*field).instant());
        let Some(at) = times.filter(|at| *at <= self.as_of).max() else {
            return;
        };
        let claim = Claim::new(fact.fact, fact.grade, Held::Time(When::Known(at)), spot);
        match self.newest.entry((recipe, home, named, fact.fact)) {
            Slot::Occupied(kept) => {
                if let Some(old) = self.claims.get_mut(*kept.get() as usize)
                    && let Held::Time(When::Known(before)) = old.held()
                    && before < at
                {
                    *old = claim;
                }
            }
            Slot::Vacant(free) => {
                free.insert(number_of(self.claims.len()));
                self.claims.push(claim);
            }
        }
    }

    fn claim(&mut self, recipe: &FactRecipe, record: &dyn Fields, spot: (u32, u32)) {
        let FactRecipe { fact, take, grade } = recipe;
        let mut add = |held| self.claims.push(Claim::new(*fact, *grade, held, spot));
        match take {
            Take::NeverIf(field) => {
                if record.get(*field) == Value::Bool(true) {
                    add(Held::Time(When::Never));
                }
            }
            Take::Flags(flags) => {
                for (field, label) in flags {
                    if record.get(*field) == Value::Bool(true) {
                        add(Held::Text(self.strings.put(label)));
                    }
                }
            }
            Take::Mapped(fields, map) => {
                let word = fields.iter().find_map(|field| shown(&record.get(*field)));
                let word = word.and_then(|word| {
                    let same = |(from, _): &&(String, String)| from.eq_ignore_ascii_case(&word);
                    map.iter().find(same).map(|(_, to)| to)
                });
                if let Some(word) = word {
                    add(Held::Text(self.strings.put(word)));
                }
            }
            Take::First(fields) => {
                let filled = |value: &Value<'_>| match value {
                    Value::Text(text) => !text.trim().is_empty(),
                    Value::List(items) => !items.is_empty(),
                    Value::Missing(_) => false,
                    _ => true,
                };
                let mut values = fields.iter().map(|field| record.get(*field));
                let Some(value) = values.find(filled) else {
                    return;
                };
                match (fact.ty(), &value) {
                    (FactType::Time, Value::Time(When::Known(at)))
                        if fact.recurs() && *at > self.as_of => {}
                    (FactType::Time, Value::Time(when)) => add(Held::Time(*when)),
                    (FactType::Int, Value::Int(n)) => add(Held::Int(*n)),
                    (FactType::Texts, Value::List(items)) => {
                        for item in items {
                            add(Held::Text(self.strings.put(cut(item.trim()))));
                        }
                    }
                    (FactType::Text | FactType::Texts, Value::Text(text)) => {
                        add(Held::Text(self.strings.put(cut(text.trim()))));
                    }
                    _ => {}
                }
            }
        }
    }

    fn identifier(
        &mut self,
        kind: IdentifierKind,
        origin: &Origin,
        record: &dyn Fields,
    ) -> Option<Str> {
        let text = match origin {
            Origin::First(fields) => fields.iter().find_map(|field| shown(&record.get(*field)))?,
            Origin::Joined(fields) => {
                let parts = fields.iter().map(|field| shown(&record.get(*field)));
                parts.collect::<Option<Vec<_>>>()?.join(":")
            }
        };
        Some(self.strings.put(&kind.spelt(cut(&text))))
    }

    fn text(&mut self, value: &Value<'_>) -> Option<Str> {
        shown(value).map(|text| self.strings.put(cut(&text)))
    }

    /// Adds what another export says.
    pub fn absorb(&mut self, mut other: Self) {
        // Only whoever reads on asks for it.
        other.newest = HashMap::default();
        if self.files.is_empty() {
            // The first of all, which may be millions of records, is not written down again.
            *self = other;
            return;
        }
        let map: Vec<Str> = other
            .strings
            .iter()
            .map(|text| self.strings.put(text))
            .collect();
        let moved = |text: Str| map.get(text.number() as usize).copied().unwrap_or(text);
        let rename = |named: Named| Named {
            value: moved(named.value),
            ..named
        };
        let file = number_of(self.files.len());
        let (named, claims) = (number_of(self.named.len()), number_of(self.claims.len()));
        let links = number_of(self.links.len());
        self.files.extend(other.files);
        self.ages.extend(other.ages);
        self.named.extend(other.named.into_iter().map(rename));
        self.links
            .extend(other.links.into_iter().map(|link| Reference {
                named: rename(link.named),
                ..link
            }));
        self.claims.extend(other.claims.into_iter().map(|claim| {
            let held = match claim.held() {
                Held::Text(text) => Held::Text(moved(text)),
                held => held,
            };
            Claim::new(
                claim.fact(),
                claim.grade(),
                held,
                (number_of(claim.file()).saturating_add(file), claim.line()),
            )
        }));
        self.said.extend(other.said.into_iter().map(|said| Said {
            recipe: said.recipe,
            home: Home {
                platform: said.home.platform.map(moved),
                org: said.home.org,
            },
            kind_word: said.kind_word.map(moved),
            named_end: said.named_end + named,
            claims_end: said.claims_end + claims,
            links_end: said.links_end + links,
        }));
    }
}

impl Guard {
    fn lets(&self, record: &dyn Fields) -> bool {
        match shown(&record.get(self.field)) {
            Some(text) => self
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case(&text)),
            None => self.or_empty,
        }
    }
}

/// The text of a value; none where there is none.
fn shown(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Missing(_) => None,
        value => Some(value.show().trim().to_owned()).filter(|text| !text.is_empty()),
    }
}

fn cut(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// A position as it is kept. Beyond four billion the last ones fall together, which no memory
/// reaches.
pub(super) fn number_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
