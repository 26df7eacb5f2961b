//! The items of a run as records, which ordinary rules judge: whether the team's register and what
//! exports know are the same credentials.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use foldhash::fast::RandomState;

use crate::check::org::{Judge, Tally};
use crate::inventory::{Fact, Inventory, Item, Kind, Recipes};
use crate::model::{
    Instant, Location, Missing, OwnedRecord, OwnedValue, RecordTypeId, Region, Schema, Value,
};
use crate::source::Source;

use super::content::Content;
use super::org::{Export, OrgOutcome};
use super::quality::Quality;

/// The record type of items.
const ITEM: &str = "item";

/// The record type without which nothing is to be asked of items: no entry would be missed.
const ENTRY: &str = "register_entry";

/// The record types that rules over items are about, and need.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemTypes {
    pub(super) item: RecordTypeId,
    pub(super) entry: RecordTypeId,
}

impl ItemTypes {
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        let find = |name| Some(schema.find(name)?.0);
        Some(Self {
            item: find(ITEM)?,
            entry: find(ENTRY)?,
        })
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

/// Judges the items of a run.
pub(super) fn judge_items(
    content: &Content,
    (exports, qualities): (&[Export], &[Quality]),
    (judges, inventory): (&[Judge<'_>], &Inventory),
    as_of: Instant,
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
        let mut values = values(&item, exported, as_of);
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
    exported: Option<bool>,
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
        ("exported", exported.map_or(EMPTY, Value::Bool)),
        ("owner", fact(Fact::Owner)),
        ("created", time(Fact::Created)),
        ("last_used", time(Fact::LastUsed)),
    ])
}
