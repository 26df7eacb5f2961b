//! The items of a run as records, which ordinary rules judge: whether the team's register and what
//! exports know are the same credentials.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use foldhash::fast::RandomState;

use crate::check::org::{Judge, Tally};
use crate::inventory::{Fact, Inventory, Item, Kind, Recipes};
use crate::model::{
    FieldId, Instant, Location, Missing, OwnedRecord, OwnedValue, RecordTypeId, Region, Schema,
    Value,
};
use crate::source::{Record, Source};

use super::content::Content;
use super::org::{Export, OrgOutcome};
use super::quality::Quality;

/// The record type of items.
const ITEM: &str = "item";

/// The record type without which nothing is to be asked of items: no entry would be missed.
const ENTRY: &str = "register_entry";

/// The record type that says of which platforms the register is whole, and its field of them.
const SCOPE: (&str, &str) = ("register_scope", "platforms");

/// What the register says when it is whole for every platform.
const EVERY: &str = "all";

/// The record types that rules over items are about, and need.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemTypes {
    pub(super) item: RecordTypeId,
    pub(super) entry: RecordTypeId,
    /// The type that says what the register is whole for, and its field.
    pub(super) scope: (RecordTypeId, FieldId),
}

impl ItemTypes {
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        let find = |name| Some(schema.find(name)?.0);
        Some(Self {
            item: find(ITEM)?,
            entry: find(ENTRY)?,
            scope: (find(SCOPE.0)?, schema.find(SCOPE.0)?.1.field(SCOPE.1)?.0),
        })
    }
}

/// The platforms of which a register has every credential, as it says.
#[derive(Debug, Default)]
pub(super) struct Scope(BTreeSet<String>);

impl Scope {
    /// Takes in what a record says, if it is one that says it.
    pub(super) fn see(&mut self, types: ItemTypes, record: &Record<'_>) {
        let (ty, field) = types.scope;
        if record.ty() == ty
            && let Value::List(platforms) = record.get(field)
        {
            self.0.extend(platforms.iter().map(|p| p.to_lowercase()));
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn has(&self, platform: &str) -> bool {
        self.0.contains(platform) || self.0.contains(EVERY)
    }
}

/// Kinds of items of which an export at hand would know every one, by platform.
struct Reach<'c>(BTreeSet<(&'c str, &'c str)>);

impl<'c> Reach<'c> {
    fn of(content: &'c Content, recipes: &'c Recipes, exports: &[Export], cut: &[Quality]) -> Self {
        let mut sources: BTreeMap<(&str, &str), Vec<bool>> = BTreeMap::new();
        let mut scattered: BTreeSet<&str> = BTreeSet::new();
        for (id, source) in content.sources.iter() {
            let here = exports.iter().zip(cut);
            let whole = here.filter(|(_, quality)| quality.cut.is_none());
            let given = whole.into_iter().any(|(e, _)| e.found.source == id);
            for kind in kinds(source, recipes) {
                let of = sources.entry((source.platform(), &kind.name)).or_default();
                of.push(given);
                if kind.scattered {
                    scattered.insert(&kind.name);
                }
            }
        }
        let known = sources.into_iter().filter(|((_, kind), given)| {
            let mut given = given.iter();
            match scattered.contains(kind) {
                true => given.all(|given| *given),
                false => given.any(|given| *given),
            }
        });
        Self(known.map(|(key, _)| key).collect())
    }

    fn has(&self, item: &Item<'_>) -> bool {
        self.0.contains(&(item.platform(), item.kind()))
    }
}

fn kinds<'r>(source: &Source, recipes: &'r Recipes) -> impl Iterator<Item = &'r Kind> {
    let types = source.record_types().into_iter();
    types.flat_map(|ty| recipes.kinds_of(ty))
}

/// Names of entries that stand alone, where an export knows something of that name: which of several
/// things the entry means is open.
fn open_names(inventory: &Inventory) -> HashSet<(&str, String), RandomState> {
    let alone = |item: &Item<'_>| !item.is_exported();
    let mut entries: HashSet<(&str, String), RandomState> = inventory
        .items()
        .filter(alone)
        .map(|item| (item.platform(), item.name().to_lowercase()))
        .collect();
    if entries.is_empty() {
        return entries;
    }
    let mut known: HashSet<(&str, String), RandomState> = HashSet::default();
    for item in inventory.items().filter(|item| !alone(item)) {
        let names = item.identifiers().map(|(_, name)| name);
        for name in names.chain([item.name()]) {
            let name = (item.platform(), name.to_lowercase());
            if entries.contains(&name) {
                known.insert(name);
            }
        }
    }
    entries.retain(|name| known.contains(name));
    entries
}

/// That exports disagree, if they do, with the first of what they disagree about.
pub(super) fn disputed(inventory: &Inventory) -> Option<String> {
    let mut disputed = inventory.items().filter_map(|item| {
        let (fact, _) = item.conflicts().into_iter().next()?;
        Some(format!("{} of {}", fact.word(), item.name()))
    });
    let first = disputed.next()?;
    let more = match disputed.count() {
        0 => String::new(),
        1 => " and of 1 more credential".to_owned(),
        more => format!(" and of {more} more credentials"),
    };
    Some(format!(
        "two exports disagree about {first}{more}; `credlint inventory` tells what each says"
    ))
}

/// Judges the items of a run.
pub(super) fn judge_items(
    content: &Content,
    (exports, qualities): (&[Export], &[Quality]),
    (judges, inventory): (&[Judge<'_>], &Inventory),
    (as_of, scope): (Instant, &Scope),
    outcome: &mut OrgOutcome,
) {
    let Some((ty, declared)) = content.schema.find(ITEM) else {
        return;
    };
    let about_items = |(_, judge): &(usize, &Judge<'_>)| judge.plan.rule.record == ty;
    let rules: Vec<(usize, &Judge<'_>)> = judges.iter().enumerate().filter(about_items).collect();
    let reach = Reach::of(content, inventory.recipes(), exports, qualities);
    let open = open_names(inventory);
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, export) in exports.iter().enumerate() {
        files.entry(export.file.shown.as_str()).or_insert(at);
    }
    let OrgOutcome {
        tallies: all,
        spool,
        ..
    } = outcome;
    let mut turns = spool.turns();
    // A rule over no item at all was asked all the same.
    if let Some(tallies) = all.first_mut() {
        for (index, _) in &rules {
            tallies.entry(*index).or_insert_with(Tally::default);
        }
    }
    for item in inventory.items() {
        let exported = match item.is_exported() {
            true => Some(true),
            false if open.contains(&(item.platform(), item.name().to_lowercase())) => None,
            false => reach.has(&item).then_some(false),
        };
        let mut values = values(&item, (exported, scope), as_of);
        let fields = declared.fields.iter();
        let record = OwnedRecord(
            fields
                .map(|field| values.remove(field.name.as_str()))
                .map(|value| value.unwrap_or(Value::Missing(Missing::Absent)))
                .collect(),
        );
        let Some((path, line)) = item.place() else {
            continue;
        };
        let at = files.get(path.as_str());
        let Some(tallies) = at.and_then(|at| all.get_mut(*at)) else {
            continue;
        };
        let location = || Location {
            path: path.clone(),
            region: Region::line(line),
        };
        for (index, judge) in &rules {
            let tally = tallies.entry(*index).or_default();
            let judged = judge.judge(&record, &[], &location);
            tally.add(judged, None, &mut |found| turns.take(found));
        }
    }
}

/// What rules can ask of an item.
fn values(
    item: &Item<'_>,
    (exported, scope): (Option<bool>, &Scope),
    as_of: Instant,
) -> BTreeMap<&'static str, OwnedValue> {
    const EMPTY: OwnedValue = Value::Missing(Missing::Empty);
    let text = |text: &str| match text {
        "" => EMPTY,
        text => Value::Text(text.to_owned().into()),
    };
    let fact = |fact| item.text(fact).map_or(EMPTY, |known| text(known.value));
    let time = |fact| match item.time(fact) {
        Some(known) => Value::Time(known.value),
        None => EMPTY,
    };
    BTreeMap::from([
        ("platform", text(item.platform())),
        ("id", text(&item.id())),
        ("kind", text(item.kind())),
        ("title", text(item.kind_title())),
        ("name", text(item.name())),
        ("class", fact(Fact::Class)),
        ("state", text(item.state(as_of).word())),
        ("rotates", Value::Bool(item.rotates())),
        ("account", Value::Bool(item.is_account())),
        ("machine", Value::Bool(item.is_machine())),
        ("held", Value::Bool(item.is_held())),
        ("registered", Value::Bool(item.is_registered())),
        (
            "claimed",
            match scope.has(item.platform()) {
                true => Value::Bool(true),
                false => EMPTY,
            },
        ),
        ("exported", exported.map_or(EMPTY, Value::Bool)),
        ("owner", fact(Fact::Owner)),
        ("created", time(Fact::Created)),
        ("last_used", time(Fact::LastUsed)),
    ])
}
