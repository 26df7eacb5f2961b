//! Exports of the same things that were made at different times: of one thing the newest that knows it
//! decides. What only an older export knows still counts, because a newer one may have left it out.
//!
//! An export does not say when it was made. It is as new as the newest of its dates that have passed,
//! and that compares only with exports that have the same columns of dates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::inventory::{Age, subject_of};
use crate::model::{DAY, FieldId, Instant, Missing, RecordTypeId, Value, When};
use crate::source::{Plan, Record, SourceId};

use super::content::Content;
use super::hashing::Hashes;
use super::org::{Export, read_export};
use super::orgs::Orgs;
use super::quality::Lens;
use super::twins::{self, Sight, Twins};

/// How new an export is among those of a run: the newest has the greatest. 0 where nothing tells.
pub(super) type Rank = u32;

/// A thing: its type, and a hash of what tells it from others.
type Thing = (RecordTypeId, u64);

/// Columns of dates: only exports that have the same ones can be told to be newer than each other.
type Dates = BTreeSet<(RecordTypeId, FieldId)>;

/// Which export decides about what.
#[derive(Debug, Default)]
pub(super) struct Standing {
    ranks: Vec<Rank>,
    /// By export: a number that those with the same columns of dates share.
    peers: Vec<usize>,
    /// By thing, among peers: the newest export that knows it.
    newest: HashMap<(usize, Thing), Rank, RandomState>,
    /// By export and type: the fields that it fills.
    fills: Vec<BTreeMap<RecordTypeId, BTreeSet<FieldId>>>,
    /// Exports of one source that tell of the same things and are in no order, and of how many.
    unordered: BTreeMap<(usize, usize), u64>,
    /// Things that exports of two kinds call by two names.
    twins: Twins,
}

/// What one export shows.
#[derive(Debug, Default)]
struct Seen {
    newest: Option<Instant>,
    things: Vec<Thing>,
    fills: BTreeMap<RecordTypeId, BTreeSet<FieldId>>,
    /// What others may call otherwise, with what it is to this export.
    sights: Vec<(Option<Thing>, Sight)>,
}

/// How many records of an export another decides about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Older {
    /// Those that a newer one decides about.
    pub(super) decided: u64,
    /// Those of the same types that no newer one knows.
    pub(super) alone: u64,
    /// The newest of the exports that decide.
    by: Rank,
}

impl Older {
    /// Adds what was counted of other records.
    pub(super) fn absorb(&mut self, other: Self) {
        self.decided += other.decided;
        self.alone += other.alone;
        self.by = self.by.max(other.by);
    }
}

impl Standing {
    /// Looks at the exports that give a type of record of which another gives some as well. `until`
    /// is the audit date where it is not the present day: what was exported later decides last.
    pub(super) fn of(
        content: &Content,
        (exports, orgs): (&[Export], &Orgs),
        lens: &Lens<'_>,
        until: Option<Instant>,
    ) -> Self {
        let given: Vec<BTreeSet<RecordTypeId>> = exports
            .iter()
            .map(|export| content.sources.get(export.found.source).record_types())
            .map(|types| types.into_iter().collect())
            .collect();
        let shared = |ty: &RecordTypeId| {
            let keyed = !content.schema.record(*ty).key.is_empty();
            keyed && given.iter().filter(|types| types.contains(ty)).count() > 1
        };
        let mut seen: Vec<Seen> = exports
            .par_iter()
            .zip(&given)
            .enumerate()
            .map(|(at, (export, types))| {
                let types: BTreeSet<RecordTypeId> = types.iter().copied().filter(shared).collect();
                see(content, (at, export, orgs), lens, &types)
            })
            .collect();
        let ranks = rank(&seen, until);
        let unordered = unordered(exports, &seen);
        if ranks.iter().max() <= Some(&1) {
            return Self {
                unordered,
                twins: Twins::of(
                    seen.into_iter()
                        .flat_map(|seen| seen.sights)
                        .map(|(_, s)| s),
                ),
                ..Self::default()
            };
        }
        let dates: Vec<Dates> = seen.iter().map(|seen| seen.dates(content)).collect();
        let kinds: BTreeSet<&Dates> = dates.iter().collect();
        let peers = dates
            .iter()
            .map(|of| kinds.iter().position(|kind| *kind == of));
        let peers: Vec<usize> = peers.map(|at| at.unwrap_or(kinds.len())).collect();
        let mut newest: HashMap<(usize, Thing), Rank, RandomState> = HashMap::default();
        for ((seen, rank), peers) in seen.iter().zip(&ranks).zip(&peers) {
            for thing in &seen.things {
                let known = newest.entry((*peers, *thing)).or_default();
                *known = (*known).max(*rank);
            }
        }
        // A slot that holds another thing by now names that.
        let mut sights = Vec::new();
        for ((seen, rank), peers) in seen.iter_mut().zip(&ranks).zip(&peers) {
            let of_now = |(thing, _): &(Option<Thing>, Sight)| {
                thing.is_none_or(|thing| newest.get(&(*peers, thing)) == Some(rank))
            };
            let all = std::mem::take(&mut seen.sights).into_iter();
            sights.extend(all.filter(of_now).map(|(_, sight)| sight));
        }
        Self {
            twins: Twins::of(sights),
            ranks,
            peers,
            newest,
            fills: seen.into_iter().map(|seen| seen.fills).collect(),
            unordered,
        }
    }

    /// What people should know of exports that are in no order.
    pub(super) fn unordered(&self, exports: &[Export]) -> Vec<String> {
        let shown = |at: usize| exports.get(at).map(|export| &export.file.shown);
        let each = self.unordered.iter().filter_map(|((one, other), count)| {
            let things = match count {
                1 => "1 thing that both have".to_owned(),
                more => format!("{more} things that both have"),
            };
            Some(format!(
                "{} and {} tell of {things}, and nothing in them says which is newer: both count",
                shown(*one)?,
                shown(*other)?
            ))
        });
        each.collect()
    }

    /// How new an export is among the others.
    pub(super) fn age(&self, export: usize) -> Age {
        let peers = self.peers.get(export).copied().unwrap_or(0);
        Age {
            rank: self.rank(export),
            peers: u32::try_from(peers).unwrap_or(u32::MAX),
        }
    }

    fn rank(&self, export: usize) -> Rank {
        self.ranks.get(export).copied().unwrap_or(0)
    }

    /// Whether a field is needed to tell what a record of an export is about.
    pub(super) fn asks(
        &self,
        content: &Content,
        export: usize,
        (ty, field): (RecordTypeId, FieldId),
    ) -> bool {
        let fills = self.fills.get(export);
        let told = fills.is_some_and(|fills| fills.contains_key(&ty))
            && content.schema.record(ty).key.contains(&field);
        told || self.twins.asks(&content.schema, (ty, field))
    }

    /// A record under the names by which what it is about goes, if they are not its own.
    pub(super) fn renamed<'r>(
        &'r self,
        content: &Content,
        record: &Record<'r>,
    ) -> Option<Record<'r>> {
        let names = self.twins.names(&content.schema, record)?;
        Some(record.named(names))
    }

    /// The rank of the newest export that knows what a record of this one is about, if that is a
    /// newer one.
    pub(super) fn newer(
        &self,
        content: &Content,
        export: usize,
        record: &Record<'_>,
    ) -> Option<Rank> {
        let own = self.rank(export);
        if own == 0 {
            return None;
        }
        let peers = *self.peers.get(export)?;
        let newest = *self.newest.get(&(peers, thing(content, record)?))?;
        (newest > own).then_some(newest)
    }

    /// The ranks of the newer exports that fill whatever fields of a type this one fills, of those
    /// that are asked for: only they can decide in its place.
    pub(super) fn better(
        &self,
        export: usize,
        ty: RecordTypeId,
        asked: &BTreeSet<FieldId>,
    ) -> BTreeSet<Rank> {
        let own = self.rank(export);
        let Some(mine) = self.fills.get(export).and_then(|fills| fills.get(&ty)) else {
            return BTreeSet::new();
        };
        let (mut better, mut worse) = (BTreeSet::new(), BTreeSet::new());
        for (rank, fills) in self.ranks.iter().zip(&self.fills) {
            if own == 0 || *rank <= own {
                continue;
            }
            if let Some(theirs) = fills.get(&ty) {
                let whole = mine.intersection(asked).all(|field| theirs.contains(field));
                let side = if whole { &mut better } else { &mut worse };
                side.insert(*rank);
            }
        }
        better.retain(|rank| !worse.contains(rank));
        better
    }

    /// Counts a record of an export towards what others decide about.
    pub(super) fn count(
        &self,
        content: &Content,
        (export, older): (usize, &mut Older),
        record: &Record<'_>,
    ) -> Option<Rank> {
        let newer = self.newer(content, export, record);
        match newer {
            Some(rank) => {
                older.decided += 1;
                older.by = older.by.max(rank);
            }
            None if self.fills.get(export)?.contains_key(&record.ty()) => older.alone += 1,
            None => {}
        }
        newer
    }

    /// What people should know of an export that is older than another, if it is.
    pub(super) fn note(&self, exports: &[Export], at: usize, older: Older) -> Option<String> {
        let file = &exports.get(at)?.file.shown;
        let by = self.ranks.iter().position(|rank| *rank == older.by)?;
        let by = &exports.get(by)?.file.shown;
        let records = match older.decided {
            0 => return None,
            1 => "1 record".to_owned(),
            more => format!("{more} records"),
        };
        let alone = match older.alone {
            0 => String::new(),
            1 => "; 1 more stands in no such export, and counts".to_owned(),
            more => format!("; {more} more stand in no such export, and count"),
        };
        Some(format!(
            "{file} gives way to {by}, which is nearer to the audit date, in {records} that both have{alone}"
        ))
    }
}

impl Seen {
    fn dates(&self, content: &Content) -> Dates {
        let each = self.fills.iter().flat_map(|(ty, fields)| {
            let dates = content.schema.record(*ty).dates.iter();
            let filled = dates.filter(|date| fields.contains(date));
            filled.map(|date| (*ty, *date))
        });
        each.collect()
    }
}

fn see(
    content: &Content,
    (at, export, orgs): (usize, &Export, &Orgs),
    lens: &Lens<'_>,
    types: &BTreeSet<RecordTypeId>,
) -> Seen {
    let mut seen = Seen::default();
    if types.is_empty() {
        return seen;
    }
    let source = content.sources.get(export.found.source);
    let plan = Plan::new(source, &content.schema, &export.file.shown, &|ty, _| {
        types.contains(&ty)
    });
    let plan = orgs.plan(source.platform(), at, plan);
    let mut open: BTreeMap<RecordTypeId, Vec<FieldId>> = BTreeMap::new();
    // What cannot be read is told when the file is judged.
    let _ = read_export((export, &plan), Hashes::None, &mut |record, _| {
        if lens.is_later(record) {
            return;
        }
        let ty = record.ty();
        let declared = content.schema.record(ty);
        for date in &declared.dates {
            if let Value::Time(When::Known(at)) = record.get(*date) {
                seen.newest = seen.newest.max(Some(at));
            }
        }
        let filled = seen.fills.entry(ty).or_default();
        let all = || (0_u16..).zip(&declared.fields).map(|(id, _)| FieldId(id));
        open.entry(ty)
            .or_insert_with(|| all().collect())
            .retain(|field| {
                let absent = record.get(*field) == Value::Missing(Missing::Absent);
                if !absent {
                    filled.insert(*field);
                }
                absent
            });
        let thing = thing(content, record);
        seen.things.extend(thing);
        let sight = twins::sight(&content.schema, record);
        seen.sights.extend(sight.map(|sight| (thing, sight)));
    });
    seen
}

/// The exports of one source that know the same things, of which one does not tell how new it is: each
/// beside the first that knows a thing, with the number of things.
fn unordered(exports: &[Export], seen: &[Seen]) -> BTreeMap<(usize, usize), u64> {
    let mut pairs = BTreeMap::new();
    if seen
        .iter()
        .all(|s| s.newest.is_some() || s.things.is_empty())
    {
        return pairs;
    }
    let mut first: HashMap<(SourceId, Thing), usize, RandomState> = HashMap::default();
    for (at, (export, of)) in exports.iter().zip(seen).enumerate() {
        for thing in &of.things {
            let before = *first.entry((export.found.source, *thing)).or_insert(at);
            let undated = |at: usize| seen.get(at).is_some_and(|seen| seen.newest.is_none());
            if before != at && (undated(before) || undated(at)) {
                *pairs.entry((before, at)).or_default() += 1;
            }
        }
    }
    pairs
}

/// What a record is about; none where it does not say so, or its type has no key.
fn thing(content: &Content, record: &Record<'_>) -> Option<Thing> {
    let key = &content.schema.record(record.ty()).key;
    let filled = |field: &FieldId| !matches!(record.get(*field), Value::Missing(_));
    let whole = !key.is_empty() && key.iter().all(filled);
    whole.then(|| (record.ty(), subject_of(record, key)))
}

/// The order of exports by how new they are. Dates of one day are a part of a day's audit.
fn rank(seen: &[Seen], until: Option<Instant>) -> Vec<Rank> {
    let limit = until.map(|until| until.seconds().saturating_add(DAY));
    let place = |at: Instant| match at.seconds() {
        // Of those that are too new, the one made first is the nearest to the audit.
        seconds if limit.is_some_and(|limit| seconds >= limit) => (false, -seconds),
        seconds => (true, seconds),
    };
    let places: Vec<Option<(bool, i64)>> = seen.iter().map(|s| s.newest.map(place)).collect();
    let order: BTreeSet<(bool, i64)> = places.iter().flatten().copied().collect();
    let rank = |place: &(bool, i64)| order.iter().zip(1..).find(|(at, _)| *at == place);
    let ranks = places.iter().map(|at| at.as_ref().and_then(rank));
    ranks
        .map(|found| found.map_or(0, |(_, rank)| rank))
        .collect()
}
