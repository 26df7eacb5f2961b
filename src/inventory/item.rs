//! Items: each credential or account once, with everything that exports and the team's register
//! say about it, and how well each of it is proven.

use std::cmp::Ordering;
use std::sync::OnceLock;

use crate::model::{DAY, Grade, Instant, ScanPath, When};

use super::fact::{Claim, Fact, FactType, Held, IdentifierKind, Named, State};
use super::gather::{Age, Gathered, number_of};
use super::merge::merge;
use super::recipe::{Kind, KindId, Recipes, Relation};
use super::strings::{Str, Strings};

/// The relation of what breaks when an item changes: whoever uses it.
const USES: &str = "uses";

/// Two exports that give times as close as this, in seconds, do not disagree: some write a day,
/// others a second of it.
const SAME_TIME: i64 = DAY;

/// Every item of a run, sorted by platform, kind and key.
#[derive(Debug)]
pub struct Inventory {
    recipes: Recipes,
    strings: Strings,
    files: Vec<ScanPath>,
    ages: Vec<Age>,
    stored: Vec<Stored>,
    claims: Vec<Claim>,
    named: Vec<Named>,
    links: Vec<Link>,
    /// Who refers to an item: item, and who, sorted.
    back: Vec<(u32, u32, Relation)>,
    /// The places of `named`, in the order of what stands there; made when somebody first asks.
    index: OnceLock<Vec<u32>>,
}

/// One item, as it is kept.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) kind: KindId,
    pub(super) platform: Option<Str>,
    /// Its org, where another org has an item of the same platform, kind and key.
    pub(super) org: Option<Str>,
    pub(super) key: Str,
    pub(super) claims_end: u32,
    pub(super) named_end: u32,
    pub(super) links_end: u32,
}

/// A reference from an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) relation: Relation,
    pub(super) kind: KindId,
    pub(super) target: Target,
    /// Which link of which recipe says so.
    pub(super) recipe: u16,
    pub(super) link: u16,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Item(u32),
    /// No export has an item of that name.
    Name(Str),
}

/// One credential or account, with all the evidence about it. Cheap to copy: it looks into its
/// [`Inventory`].
#[derive(Debug, Clone, Copy)]
pub struct Item<'i> {
    inventory: &'i Inventory,
    index: usize,
}

/// A value, and how well it is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// How well it is proven.
    pub grade: Grade,
}

/// What one record says about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence<'i> {
    /// What it is about.
    pub fact: Fact,
    /// What it says.
    pub value: Claimed<'i>,
    /// How well that proves it.
    pub grade: Grade,
    /// The export.
    pub path: &'i ScanPath,
    /// The line of the record, counted from 1.
    pub line: u32,
}

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed<'i> {
    /// A text.
    Text(&'i str),
    /// A time, or never.
    Time(When),
    /// A whole number.
    Int(i64),
}

/// An item that another refers to, or only its name where no export has it.
#[derive(Debug, Clone, Copy)]
pub enum Referred<'i> {
    /// The item.
    Item(Item<'i>),
    /// A name of this kind of item.
    Name(&'i str, &'i str),
}

impl Inventory {
    /// Puts together what records say.
    #[must_use]
    pub fn of(gathered: Gathered, recipes: Recipes) -> Self {
        merge(gathered, recipes)
    }

    pub(super) fn new(
        recipes: Recipes,
        (strings, files, ages): (Strings, Vec<ScanPath>, Vec<Age>),
        stored: Vec<Stored>,
        (claims, named, links): (Vec<Claim>, Vec<Named>, Vec<Link>),
    ) -> Self {
        let mut inventory = Self {
            recipes,
            strings,
            files,
            ages,
            stored,
            claims,
            named,
            links,
            back: Vec::new(),
            index: OnceLock::new(),
        };
        let mut back = Vec::new();
        for (from, item) in (0..).zip(inventory.items()) {
            for link in item.kept_links() {
                if let Target::Item(to) = link.target {
                    back.push((to, from, link.relation));
                }
            }
        }
        back.sort_unstable();
        back.dedup();
        back.shrink_to_fit();
        inventory.back = back;
        inventory
    }

    /// Every item, sorted by platform, kind and key.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        (0..self.stored.len()).map(|index| Item {
            inventory: self,
            index,
        })
    }

    /// The item at a place among [`Self::items`], counted from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Option<Item<'_>> {
        let item = Item {
            inventory: self,
            index,
        };
        (index < self.stored.len()).then_some(item)
    }

    /// How records become items.
    #[must_use]
    pub const fn recipes(&self) -> &Recipes {
        &self.recipes
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stored.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// The items that have an identifier. Kinds of identifiers whose capitals do not count are
    /// found in any spelling.
    #[must_use]
    pub fn find(&self, kind: IdentifierKind, value: &str) -> Vec<Item<'_>> {
        let Some(value) = self.strings.find(&kind.spelt(value)) else {
            return Vec::new();
        };
        let wanted = Named { kind, value };
        let named = |place: &u32| self.named.get(*place as usize);
        let index = self.index.get_or_init(|| {
            let mut places: Vec<u32> = (0..number_of(self.named.len())).collect();
            // Places of one identifier stay in their order, which is that of the items.
            places.sort_by_key(named);
            places
        });
        let start = index.partition_point(|place| named(place) < Some(&wanted));
        let found = index.get(start..).unwrap_or_default().iter();
        found
            .take_while(|place| named(place) == Some(&wanted))
            .map(|place| Item {
                inventory: self,
                index: self.stored.partition_point(|item| item.named_end <= *place),
            })
            .collect()
    }

    /// The items that a person may mean by a text: an id, or any identifier.
    #[must_use]
    pub fn named(&self, text: &str) -> Vec<Item<'_>> {
        let by_id: Vec<Item<'_>> = self.items().filter(|item| item.id() == text).collect();
        if !by_id.is_empty() {
            return by_id;
        }
        let same = |item: &Item<'_>| {
            item.name().eq_ignore_ascii_case(text)
                || item
                    .identifiers()
                    .any(|(_, value)| value.eq_ignore_ascii_case(text))
        };
        self.items().filter(same).collect()
    }

    /// Bytes of memory that the inventory takes, without the recipes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.strings.memory()
            + self.stored.len() * size_of::<Stored>()
            + self.claims.len() * size_of::<Claim>()
            + self.named.len() * size_of::<Named>()
            + self.links.len() * size_of::<Link>()
            + self.back.len() * size_of::<(u32, u32, Relation)>()
            + self.index.get().map_or(0, Vec::len) * size_of::<u32>()
    }
}

impl<'i> Item<'i> {
    fn stored(&self) -> Option<&'i Stored> {
        self.inventory.stored.get(self.index)
    }

    fn kind_of(&self) -> Option<&'i Kind> {
        self.inventory.recipes.of_kind(self.stored()?.kind)
    }

    fn part<T>(&self, all: &'i [T], end: fn(&Stored) -> u32) -> &'i [T] {
        let until = |index: Option<usize>| {
            let stored = index.and_then(|index| self.inventory.stored.get(index));
            stored.map_or(0, |stored| end(stored) as usize)
        };
        let range = until(self.index.checked_sub(1))..until(Some(self.index));
        all.get(range).unwrap_or_default()
    }

    fn kept_claims(&self) -> &'i [Claim] {
        self.part(&self.inventory.claims, |stored| stored.claims_end)
    }

    fn kept_named(&self) -> &'i [Named] {
        self.part(&self.inventory.named, |stored| stored.named_end)
    }

    fn kept_links(&self) -> &'i [Link] {
        self.part(&self.inventory.links, |stored| stored.links_end)
    }

    fn text_of(&self, text: Str) -> &'i str {
        self.inventory.strings.text(text)
    }

    /// Where it stands among [`Inventory::items`], from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Its stable id, `platform:kind:key`. The same from run to run, whatever is exported about
    /// it; made of identifiers, never of a secret. Where items of two orgs would have the same, `@` and
    /// the org follow.
    #[must_use]
    pub fn id(&self) -> String {
        self.id_parts().concat()
    }

    /// Which of two ids stands first.
    #[must_use]
    pub fn cmp_by_id(&self, other: &Self) -> Ordering {
        let (own, theirs) = (self.id_parts(), other.id_parts());
        if own[..4] == theirs[..4] && own[5].is_empty() && theirs[5].is_empty() {
            return own[4].cmp(theirs[4]);
        }
        let bytes = |parts: [&'i str; 7]| parts.into_iter().flat_map(str::bytes);
        bytes(own).cmp(bytes(theirs))
    }

    /// What its id is made of.
    fn id_parts(&self) -> [&'i str; 7] {
        let key = self.stored().map_or("", |stored| self.text_of(stored.key));
        let org = self.stored().and_then(|stored| stored.org);
        let (at, org) = org.map_or(("", ""), |org| ("@", self.text_of(org)));
        match self.platform() {
            "" => ["", "", "", "", key, at, org],
            platform => [platform, ":", self.kind(), ":", key, at, org],
        }
    }

    /// Its id as a team's register writes it: with the name by which people and rules know it, if
    /// that is one of its identifiers.
    #[must_use]
    pub fn register_id(&self) -> String {
        let keys = self.kind_of().map_or(&[][..], |kind| &kind.keys);
        let name = self.name();
        let known = |named: &Named| {
            keys.contains(&named.kind) && self.text_of(named.value) == named.kind.spelt(name)
        };
        if self.platform().is_empty() || !self.kept_named().iter().any(known) {
            return self.id();
        }
        format!("{}:{}:{name}", self.platform(), self.kind())
    }

    /// The word by which a team's register calls its kind.
    #[must_use]
    pub fn register_word(&self) -> &'i str {
        let word = self.kind_of().and_then(|kind| kind.register.first());
        word.map_or(self.kind(), String::as_str)
    }

    /// Its kind, such as `client_secret`.
    #[must_use]
    pub fn kind(&self) -> &'i str {
        self.kind_of().map_or("", |kind| &kind.name)
    }

    /// What its kind is, for people.
    #[must_use]
    pub fn kind_title(&self) -> &'i str {
        self.kind_of().map_or("", |kind| &kind.title)
    }

    /// Whether it is something that is rotated, and not what such things belong to.
    #[must_use]
    pub fn rotates(&self) -> bool {
        self.kind_of().is_some_and(|kind| kind.rotates)
    }

    /// Whether it signs in by a name.
    #[must_use]
    pub fn is_account(&self) -> bool {
        self.kept_named()
            .iter()
            .any(|named| named.kind == IdentifierKind::Username)
    }

    /// For an account, whether an export says that it is a machine's, or it holds keys or tokens
    /// of its own.
    #[must_use]
    pub fn is_machine(&self) -> bool {
        self.own_text(Fact::Class)
            .is_some_and(|class| class.value == "integration")
            || self.referrers().any(|(_, other)| other.rotates())
    }

    /// Whether an export knows it, and not only the team's register.
    #[must_use]
    pub fn is_exported(&self) -> bool {
        let mut all = self.kept_claims().iter().peekable();
        all.peek().is_none() || all.any(|claim| claim.grade() != Grade::Declared)
    }

    /// Whether the team's register speaks of it, or of what it belongs to.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.is_declared() || self.above().any(|item| item.is_declared())
    }

    /// Whether it belongs to an account of the inventory.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.above().any(|item| item.is_account())
    }

    /// Whether it has an entry, which gives it a name; its log alone does not register it.
    fn is_declared(&self) -> bool {
        self.kept_claims()
            .iter()
            .any(|claim| claim.fact() == Fact::Name && claim.grade() == Grade::Declared)
    }

    /// Where it stands: the place of its first record, an export's before the register's.
    #[must_use]
    pub fn place(&self) -> Option<(&'i ScanPath, u32)> {
        let claims = self.kept_claims();
        let exported = claims.iter().find(|claim| claim.grade() != Grade::Declared);
        let claim = exported.or_else(|| claims.first())?;
        let path = self.inventory.files.get(claim.file())?;
        Some((path, claim.line()))
    }

    /// Where it lives; empty where only the team's register knows of it.
    #[must_use]
    pub fn platform(&self) -> &'i str {
        let platform = self.stored().and_then(|stored| stored.platform);
        platform.map_or("", |platform| self.text_of(platform))
    }

    /// What people call it; its key where nobody gave it a name.
    #[must_use]
    pub fn name(&self) -> &'i str {
        match self.own_text(Fact::Name) {
            Some(known) => known.value,
            None => self.stored().map_or("", |stored| self.text_of(stored.key)),
        }
    }

    /// Everything that records say about it: by fact, the best proven first.
    pub fn evidence(&self) -> impl Iterator<Item = Evidence<'i>> + use<'i> {
        let item = *self;
        self.kept_claims()
            .iter()
            .filter_map(move |claim| item.shown(claim))
    }

    fn shown(&self, claim: &Claim) -> Option<Evidence<'i>> {
        Some(Evidence {
            fact: claim.fact(),
            value: match claim.held() {
                Held::Text(text) => Claimed::Text(self.text_of(text)),
                Held::Time(when) => Claimed::Time(when),
                Held::Int(n) => Claimed::Int(n),
            },
            grade: claim.grade(),
            path: self.inventory.files.get(claim.file())?,
            line: claim.line(),
        })
    }

    /// What identifies it, sorted.
    pub fn identifiers(&self) -> impl Iterator<Item = (IdentifierKind, &'i str)> + use<'i> {
        let item = *self;
        self.kept_named()
            .iter()
            .map(move |named| (named.kind, item.text_of(named.value)))
    }

    /// What it refers to, and how: `app`, `user`, `uses`.
    pub fn links(&self) -> impl Iterator<Item = (&'i str, Referred<'i>)> + use<'i> {
        let inventory = self.inventory;
        self.kept_links().iter().map(move |link| {
            let referred = match link.target {
                Target::Item(index) => Referred::Item(Item {
                    inventory,
                    index: index as usize,
                }),
                Target::Name(name) => {
                    let kind = inventory.recipes.of_kind(link.kind);
                    Referred::Name(kind.map_or("", |k| &k.name), inventory.strings.text(name))
                }
            };
            (inventory.recipes.word_of(link.relation), referred)
        })
    }

    /// The items that refer to it, and how.
    pub fn referrers(&self) -> impl Iterator<Item = (&'i str, Item<'i>)> + use<'i> {
        let inventory = self.inventory;
        let own = u32::try_from(self.index).unwrap_or(u32::MAX);
        let start = inventory.back.partition_point(|(to, ..)| *to < own);
        let back = inventory.back.get(start..).unwrap_or_default();
        back.iter()
            .take_while(move |(to, ..)| *to == own)
            .map(move |(_, from, relation)| {
                let item = Item {
                    inventory,
                    index: *from as usize,
                };
                (inventory.recipes.word_of(*relation), item)
            })
    }

    fn of_fact(&self, fact: Fact) -> impl Iterator<Item = Evidence<'i>> + use<'i> {
        let item = *self;
        let own = self.claims_of(fact).iter();
        own.filter_map(move |claim| item.shown(claim))
    }

    /// What records say about a fact. They are sorted by it.
    fn claims_of(&self, fact: Fact) -> &'i [Claim] {
        let all = self.kept_claims();
        let start = all.iter().take_while(|claim| claim.fact() < fact).count();
        let rest = all.get(start..).unwrap_or_default();
        let own = rest.iter().take_while(|claim| claim.fact() == fact);
        rest.get(..own.count()).unwrap_or_default()
    }

    /// The word of its own records for a text.
    fn own_text(&self, fact: Fact) -> Option<Known<&'i str>> {
        self.of_fact(fact)
            .find_map(|evidence| match evidence.value {
                Claimed::Text(value) => Some(Known {
                    value,
                    grade: evidence.grade,
                }),
                _ => None,
            })
    }

    /// What its own records say of a fact, or else, as inferred at best, those of an item that it takes
    /// the fact from.
    fn known<T>(
        &self,
        fact: Fact,
        own: impl Fn(&Self, Fact) -> Option<Known<T>>,
    ) -> Option<Known<T>> {
        own(self, fact).or_else(|| {
            self.inherited(fact).find_map(|item| {
                let known = own(&item, fact)?;
                Some(Known {
                    grade: known.grade.min(Grade::Inferred),
                    ..known
                })
            })
        })
    }

    /// A text about it. Where its own records say nothing, what those of the item say that it
    /// belongs to: then it is inferred at best.
    #[must_use]
    pub fn text(&self, fact: Fact) -> Option<Known<&'i str>> {
        self.known(fact, Self::own_text)
    }

    /// A time about it: of the best proven ones the latest, for what happens again and again, and
    /// else the first by place. Where its own records say nothing, as [`Self::text`].
    #[must_use]
    pub fn time(&self, fact: Fact) -> Option<Known<When>> {
        self.known(fact, Self::own_time)
    }

    fn own_time(&self, fact: Fact) -> Option<Known<When>> {
        let mut best: Option<Known<When>> = None;
        for evidence in self.of_fact(fact) {
            let Claimed::Time(value) = evidence.value else {
                continue;
            };
            let better = match best {
                None => true,
                Some(best) if best.grade > evidence.grade => false,
                Some(best) => fact.recurs() && later(value, best.value),
            };
            if better {
                best = Some(Known {
                    value,
                    grade: evidence.grade,
                });
            }
        }
        best
    }

    /// By when something about it is due: of the best proven times the earliest, because nothing says
    /// that the later one is right; but what a newer export says is right. Where its own records say
    /// nothing, as [`Self::text`].
    #[must_use]
    pub fn deadline(&self, fact: Fact) -> Option<Known<When>> {
        self.known(fact, Self::own_deadline)
    }

    fn own_deadline(&self, fact: Fact) -> Option<Known<When>> {
        let grade = self.own_time(fact)?.grade;
        let times = self
            .last_words(fact)
            .filter_map(|claim| match claim.held() {
                Held::Time(value) => Some(value),
                _ => None,
            });
        let value = times.min_by_key(|when| match when {
            When::Known(at) => (false, *at),
            When::Never => (true, Instant::from_seconds(0)),
        });
        value.map(|value| Known { value, grade })
    }

    /// The best proven claims about a fact, without those of exports of which a newer one has another
    /// word.
    fn last_words(&self, fact: Fact) -> impl Iterator<Item = &'i Claim> {
        let claims = self.claims_of(fact);
        let ages = &self.inventory.ages;
        let age = |claim: &Claim| ages.get(claim.file()).copied().unwrap_or_default();
        let grade = claims.first().map(|claim| claim.grade());
        let best = claims.iter().take_while(move |c| Some(c.grade()) == grade);
        // The newest stand first, so that whatever a claim gives way to is in front of it.
        let mut newest: Vec<Age> = Vec::new();
        best.filter(move |claim| {
            let own = age(claim);
            if newest.iter().any(|newer| own.gives_way_to(*newer)) {
                return false;
            }
            if !newest.contains(&own) {
                newest.push(own);
            }
            true
        })
    }

    fn inherited(&self, fact: Fact) -> impl Iterator<Item = Item<'i>> {
        self.linked(move |inherit| inherit.contains(&fact))
    }

    /// The items that it belongs to: those it takes facts from.
    fn above(&self) -> impl Iterator<Item = Item<'i>> {
        self.linked(|inherit| !inherit.is_empty())
    }

    fn linked(&self, wanted: impl Fn(&[Fact]) -> bool) -> impl Iterator<Item = Item<'i>> {
        let inventory = self.inventory;
        self.kept_links().iter().filter_map(move |link| {
            let recipe = inventory.recipes.get(link.recipe)?;
            let inherits = wanted(&recipe.links.get(usize::from(link.link))?.inherit);
            match link.target {
                Target::Item(index) if inherits => Some(Item {
                    inventory,
                    index: index as usize,
                }),
                _ => None,
            }
        })
    }

    /// A whole number about it: of what is proven best the least, because nothing says that more is
    /// right.
    #[must_use]
    pub fn int(&self, fact: Fact) -> Option<Known<i64>> {
        let numbers = self
            .last_words(fact)
            .filter_map(|claim| match claim.held() {
                Held::Int(value) => Some(Known {
                    value,
                    grade: claim.grade(),
                }),
                _ => None,
            });
        numbers.min_by_key(|known| known.value)
    }

    /// Texts of which every record adds its own, sorted.
    #[must_use]
    pub fn texts(&self, fact: Fact) -> Vec<&'i str> {
        let mut all: Vec<&str> = self
            .of_fact(fact)
            .filter_map(|evidence| match evidence.value {
                Claimed::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Who breaks when it changes: whom the register names, and every item that uses it.
    #[must_use]
    pub fn consumers(&self) -> Vec<&'i str> {
        let mut all = self.texts(Fact::Consumers);
        all.extend(
            self.referrers()
                .filter(|(how, _)| *how == USES)
                .map(|(_, item)| item.name()),
        );
        if all.is_empty() {
            for item in self.inherited(Fact::Consumers) {
                all.extend(item.texts(Fact::Consumers));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Who answers for it.
    #[must_use]
    pub fn owner(&self) -> Option<Known<&'i str>> {
        self.text(Fact::Owner)
    }

    /// When its present value came to be. What was never rotated is as old as it is, which is
    /// inferred: a rotation may have left no trace.
    #[must_use]
    pub fn since(&self) -> Option<Known<Instant>> {
        let known = |fact| match self.time(fact)? {
            Known {
                value: When::Known(value),
                grade,
            } => Some(Known { value, grade }),
            Known {
                value: When::Never, ..
            } => None,
        };
        known(Fact::Rotated).or_else(|| {
            let Known { value, grade } = known(Fact::Created)?;
            Some(Known {
                value,
                grade: grade.min(Grade::Inferred),
            })
        })
    }

    /// When it is to be rotated next: as planned, or else by its cadence, or else by that of its
    /// kind.
    #[must_use]
    pub fn next_rotation(&self) -> Option<Known<When>> {
        self.deadline(Fact::NextRotation).or_else(|| {
            let own = self.int(Fact::CadenceDays).or_else(|| {
                let value = self.kind_of()?.cadence_days?;
                let grade = Grade::Inferred;
                Some(Known { value, grade })
            });
            let cadence = own.filter(|days| days.value > 0)?;
            let since = self.since()?;
            let seconds = since
                .value
                .seconds()
                .saturating_add(cadence.value.saturating_mul(DAY));
            let grade = since.grade.min(cadence.grade).min(Grade::Inferred);
            Some(Known {
                value: When::Known(Instant::from_seconds(seconds)),
                grade,
            })
        })
    }

    /// Whether it works as of a day: the platform's word, unless its end has passed.
    #[must_use]
    pub fn state(&self, as_of: Instant) -> State {
        let word = self.own_text(Fact::State);
        let state = word
            .and_then(|w| w.value.parse().ok())
            .unwrap_or(State::Unknown);
        let ends = self.kind_of().is_some_and(|kind| kind.ends) && state.is_live();
        match self.time(Fact::Expires) {
            Some(Known {
                value: When::Known(end),
                ..
            }) if ends && end <= as_of => State::Expired,
            _ => state,
        }
    }

    /// Whether it came to be after a day, so that a report of that day does not have it.
    #[must_use]
    pub fn is_later(&self, as_of: Instant) -> bool {
        matches!(self.time(Fact::Created), Some(Known { value: When::Known(at), .. }) if at > as_of)
    }

    /// Facts that equally good records do not agree about, each with everything that was said.
    #[must_use]
    pub fn conflicts(&self) -> Vec<(Fact, Vec<Evidence<'i>>)> {
        let mut out = Vec::new();
        for fact in Fact::ALL {
            if matches!(fact, Fact::Name | Fact::Class) || fact.ty() == FactType::Texts {
                continue;
            }
            // One alone contradicts nothing, and most are.
            if self.claims_of(*fact).len() < 2 {
                continue;
            }
            let all: Vec<Evidence<'i>> = self.of_fact(*fact).collect();
            let Some(first) = all.first() else {
                continue;
            };
            // Of what happens again and again the last one counts; only the register can be wrong
            // about a rotation that a platform tells of.
            let best = match self.own_time(*fact).filter(|_| fact.recurs()) {
                Some(known) => Claimed::Time(known.value),
                None => first.value,
            };
            let against = |other: &Evidence<'_>| {
                let comparable = if fact.recurs() {
                    *fact == Fact::Rotated && other.grade != first.grade
                } else {
                    other.grade == first.grade
                };
                comparable && !same(best, other.value)
            };
            if all.iter().any(against) {
                out.push((*fact, all));
            }
        }
        out
    }
}

fn later(a: When, b: When) -> bool {
    match (a, b) {
        (When::Known(a), When::Known(b)) => a > b,
        (When::Known(_), When::Never) => true,
        (When::Never, _) => false,
    }
}

fn same(a: Claimed<'_>, b: Claimed<'_>) -> bool {
    match (a, b) {
        (Claimed::Text(a), Claimed::Text(b)) => a.eq_ignore_ascii_case(b),
        (Claimed::Time(When::Known(a)), Claimed::Time(When::Known(b))) => {
            a.seconds().abs_diff(b.seconds()) <= SAME_TIME.unsigned_abs()
        }
        (a, b) => a == b,
    }
}

impl Claimed<'_> {
    /// How reports show it.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Time(When::Never) => "never".to_owned(),
            Self::Time(When::Known(at)) => at.text(),
            Self::Int(n) => n.to_string(),
        }
    }
}
