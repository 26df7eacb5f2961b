//! One side of a join: the related records of a rule, by key, reduced to what the rule reads.
//!
//! Keys are hashed with a random seed, so that ids without entropy in their low bits, or made to
//! collide, do not slow a scan down.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::{FixedState, RandomState};

use crate::model::{FieldId, Fields, Instant, Location, Missing, Org, OwnedValue, Period, Value};
use crate::rule::Tri;
use crate::rule::aggregate::{Aggregate, Kept};
use crate::rule::condition::Case;

use super::gather::number_of;
use super::running::{self, Running};
use super::timeline::{Dated, Timeline};
use super::window::{Log, Silence, Window};

/// How many places of related rows a finding can name.
const PLACES: usize = 3;

/// The related records of one relation.
#[derive(Debug, Default)]
pub struct Table {
    /// By key: the place of its group. Groups themselves are large, and would make the map slow.
    keys: HashMap<Box<[u8]>, u32, RandomState>,
    groups: Vec<Group>,
    /// Whether any export of the record type was read.
    pub present: bool,
    /// Whose those exports are.
    homes: BTreeSet<Home>,
    /// What their rows show of the time that they cover.
    logs: BTreeMap<Home, Log>,
    /// The stretch of time that the policy says they cover.
    pub declared: Option<Window>,
    /// Whether rows of one platform are of several orgs.
    parted: bool,
    /// A key field that some row does not have, and why: such a row belongs to no key.
    pub keyless: Option<(FieldId, Missing)>,
}

/// The platform of an export, and its org there. Without a platform, rows say that themselves.
type Home = (Box<str>, Org);

/// Under which keys rows stand that are of one of several orgs.
#[derive(Debug, Clone, Copy)]
enum Shelf {
    /// Rows of platforms with one org, and of no platform.
    Sole,
    /// Rows of this org.
    Of(u16),
    /// Rows of some org, nobody knows of which.
    Open,
    /// That rows of some org are there.
    Some,
}

impl Shelf {
    /// Where rows are that may be related to a record of an org, the surest first.
    const fn of(org: Org) -> [Option<Self>; 3] {
        match org {
            Org::Sole => [Some(Self::Sole), Some(Self::Some), None],
            Org::Of(n) => [Some(Self::Of(n)), Some(Self::Sole), Some(Self::Open)],
            Org::Open => [Some(Self::Sole), None, None],
        }
    }

    /// Ends a key. No text holds the bytes.
    fn mark(self, key: &mut Vec<u8>) {
        match self {
            Self::Sole => {}
            Self::Of(n) => {
                key.push(0xff);
                key.extend_from_slice(&n.to_le_bytes());
            }
            Self::Open => key.push(0xfe),
            Self::Some => key.push(0xfd),
        }
    }
}

/// All related records of one key.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Rows that count for certain.
    pub rows: u32,
    /// Rows of which it is not known whether they count.
    pub doubtful: u32,
    /// For a relation to one: the fields that the rule reads, in its order.
    pub one: Vec<OwnedValue>,
    /// For a relation to many: the aggregates.
    kept: Vec<Running>,
    /// For a relation to the nearest in time: every row.
    timeline: Timeline,
    /// The first few places.
    pub places: Vec<Location>,
}

/// How exact an aggregate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It is the value.
    Exact,
    /// The value is this or more.
    AtLeast,
    /// The value is this or less.
    AtMost,
}

impl Table {
    /// The records with a key that a record of an org may be related to: those of its own org, and in
    /// groups of which nothing is certain those of nobody knows which. The key is left as it is.
    pub fn find<'t>(&'t self, key: &mut Vec<u8>, org: Org, found: &mut Vec<&'t Group>) {
        let length = key.len();
        let shelves = match self.parted {
            true => Shelf::of(org),
            false => [Some(Shelf::Sole), None, None],
        };
        for shelf in shelves.into_iter().flatten() {
            shelf.mark(key);
            let place = self.keys.get(key.as_slice());
            found.extend(place.and_then(|place| self.groups.get(*place as usize)));
            key.truncate(length);
        }
    }

    /// Whether rows of one platform are of several orgs.
    #[must_use]
    pub const fn is_parted(&self) -> bool {
        self.parted
    }

    /// The stretch of time that the log of a platform covers, or of all of them; of an org, where
    /// exports are of several.
    #[must_use]
    pub fn window(&self, home: Option<(&str, Org)>) -> Option<Window> {
        let windows = self.logs_of(home).map(|log| log.window);
        windows.chain(self.declared).reduce(Window::union)
    }

    /// The first silence in such a log, of longer than its relation allows.
    #[must_use]
    pub fn silence(&self, home: Option<(&str, Org)>, within: Window) -> Option<Silence> {
        let mut logs = self.logs_of(home);
        let first = logs.next()?;
        let mut whole: Option<Log> = None;
        for log in logs {
            whole.get_or_insert_with(|| first.clone()).absorb(log);
        }
        let whole = whole.as_ref().unwrap_or(first);
        whole.silence(within, self.declared)
    }

    fn logs_of(&self, home: Option<(&str, Org)>) -> impl Iterator<Item = &Log> {
        let mine = move |(platform, org): &Home| match home {
            None => true,
            Some((own, of)) => platform.is_empty() || (**platform == *own && *org == of),
        };
        let logs = self.logs.iter().filter(move |(home, _)| mine(home));
        logs.map(|(_, log)| log)
    }

    /// Every group, in the order of its key.
    #[must_use]
    pub fn groups(&self) -> Vec<&Group> {
        let mut all: Vec<_> = self.keys.iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        let groups = all.into_iter().map(|(_, place)| *place as usize);
        groups.filter_map(|place| self.groups.get(place)).collect()
    }

    /// Whether an export of this platform and org, or one that may be of any, was read.
    #[must_use]
    pub fn knows(&self, platform: &str, org: Org) -> bool {
        self.homes.iter().any(|(known, of)| {
            known.is_empty() || (**known == *platform && (*of == org || org == Org::Sole))
        })
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Takes in the records of another part of the input. The outcome does not depend on the
    /// order, but for which of two places is named first, which is by path and line.
    pub fn absorb(&mut self, other: Self, kept: &[Kept]) {
        self.present |= other.present;
        self.homes.extend(other.homes);
        self.parted |= other.parted;
        self.keyless = match (self.keyless, other.keyless) {
            (Some((_, Missing::Absent)) | None, Some(theirs)) => Some(theirs),
            (mine, _) => mine,
        };
        for (home, log) in other.logs {
            match self.logs.entry(home) {
                Entry::Occupied(known) => known.into_mut().absorb(&log),
                Entry::Vacant(free) => {
                    free.insert(log);
                }
            }
        }
        if self.keys.is_empty() {
            (self.keys, self.groups) = (other.keys, other.groups);
            return;
        }
        let mut theirs = other.groups;
        #[expect(
            clippy::iter_over_hash_type,
            reason = "merging groups does not depend on the order"
        )]
        for (key, place) in other.keys {
            let Some(group) = theirs.get_mut(place as usize) else {
                continue;
            };
            let group = std::mem::take(group);
            match self.keys.get(&key).copied() {
                Some(mine) => {
                    if let Some(mine) = self.groups.get_mut(mine as usize) {
                        mine.absorb(group, kept);
                    }
                }
                None => {
                    self.keys.insert(key, number_of(self.groups.len()));
                    self.groups.push(group);
                }
            }
        }
    }

    /// The group of a key, which is made if it is not there.
    fn group(&mut self, key: &[u8]) -> Option<&mut Group> {
        let place = match self.keys.get(key) {
            Some(place) => *place,
            None => {
                let place = number_of(self.groups.len());
                self.keys.insert(key.into(), place);
                self.groups.push(Group::default());
                place
            }
        };
        self.groups.get_mut(place as usize)
    }
}

impl Group {
    fn absorb(&mut self, other: Self, kept: &[Kept]) {
        self.rows += other.rows;
        self.doubtful += other.doubtful;
        if self.one.is_empty() {
            self.one = other.one;
        } else {
            for (mine, theirs) in self.one.iter_mut().zip(other.one) {
                agree(mine, theirs);
            }
        }
        if self.kept.is_empty() {
            self.kept = other.kept;
        } else {
            for ((mine, theirs), kept) in self.kept.iter_mut().zip(other.kept).zip(kept) {
                mine.absorb(theirs, &kept.aggregate);
            }
        }
        self.timeline.absorb(other.timeline);
        self.places.extend(other.places);
        self.places.sort();
        self.places.dedup();
        self.places.truncate(PLACES);
    }

    fn is_certain(&self) -> bool {
        self.doubtful == 0
    }

    /// The value of an aggregate, and how exact it is. `covered` tells whether the log behind it
    /// reaches back far enough.
    #[must_use]
    pub fn aggregate(
        &self,
        index: usize,
        aggregate: &Aggregate,
        covered: bool,
    ) -> (Value<'_>, Bound) {
        let exact = covered && self.is_certain();
        match self.kept.get(index) {
            Some(running) => running.value(aggregate, self.rows, exact),
            None => nothing(aggregate, exact),
        }
    }

    /// Whether some row did not tell what an aggregate sums up.
    #[must_use]
    pub fn is_open(&self, index: usize) -> bool {
        self.kept.get(index).is_some_and(Running::is_open)
    }

    /// Every row in the order of time, for a relation to the nearest.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Several groups as one.
    #[must_use]
    pub fn together(groups: &[&Self], kept: &[Kept]) -> Self {
        let mut whole = Self::default();
        for group in groups {
            whole.absorb(Self::clone(group), kept);
        }
        whole
    }
}

/// The aggregate of no rows.
#[must_use]
pub fn nothing(aggregate: &Aggregate, exact: bool) -> (Value<'static>, Bound) {
    let value = match aggregate {
        Aggregate::Count | Aggregate::Distinct(_) => Value::Int(0),
        Aggregate::List(_) => Value::List(Vec::new()),
        _ => Value::Missing(Missing::Empty),
    };
    (value, running::bound(aggregate, exact))
}

/// Two records of one key must say the same; a field of which only one says something takes that.
/// Where they differ nothing is known.
fn agree(mine: &mut OwnedValue, theirs: OwnedValue) {
    match (&*mine, &theirs) {
        (Value::Missing(Missing::Empty | Missing::Absent), Value::Missing(Missing::Absent)) => {}
        (Value::Missing(Missing::Empty | Missing::Absent), _) => *mine = theirs,
        (_, Value::Missing(Missing::Empty | Missing::Absent)) => {}
        (a, b) if a == b => {}
        _ => *mine = Value::Missing(Missing::Unparsed),
    }
}

/// Builds the table of one relation, row by row.
pub struct TableBuilder<'r> {
    keys: &'r [FieldId],
    case: Case,
    reads: Reads<'r>,
    table: Table,
    key: Vec<u8>,
    platform: Box<str>,
    /// The times of the rows so far, by org.
    logs: Vec<(Org, Log)>,
}

/// What a relation reads of each row beside its key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reads<'r> {
    /// Fields of the one row that counts.
    pub used: &'r [FieldId],
    /// Aggregates of all rows.
    pub kept: &'r [Kept],
    /// The time of a log.
    pub log: Option<FieldId>,
    /// For how long a log may be silent in between, where that counts.
    pub gap: Option<Period>,
    /// The time by which the nearest row is found.
    pub nearest: Option<FieldId>,
    /// The fields that name a row's subject, where that may be the record's own.
    pub identity: &'r [FieldId],
    /// Whether rows belong to records of their own org only.
    pub by_org: bool,
}

impl<'r> TableBuilder<'r> {
    /// A builder for a relation with these keys.
    #[must_use]
    pub fn new(keys: &'r [FieldId], case: Case, reads: Reads<'r>) -> Self {
        Self {
            keys,
            case,
            reads,
            table: Table::default(),
            key: Vec::new(),
            platform: Box::default(),
            logs: Vec::new(),
        }
    }

    /// Says that an export of the record type was read, even if it has no rows, and whose: of no
    /// platform, where its rows say that themselves.
    pub fn saw_export(&mut self, platform: &str, orgs: impl IntoIterator<Item = Org>) {
        self.table.present = true;
        self.platform = platform.into();
        let homes = orgs.into_iter().map(|org| (platform.into(), org));
        self.table.homes.extend(homes);
    }

    /// Says that there are rows of after the audit date: the log goes on until then at least.
    pub fn saw_later(&mut self, record: &dyn Fields, as_of: Instant) {
        if self.reads.log.is_some() {
            self.log(record.org(), as_of);
        }
    }

    /// Takes a time of a log in.
    fn log(&mut self, org: Org, at: Instant) {
        match self.logs.iter_mut().find(|(of, _)| *of == org) {
            Some((_, log)) => log.add(at),
            None => self.logs.push((org, Log::new(at, self.reads.gap))),
        }
    }

    /// Takes a row in. `counts` is the truth of the relation's filter; `place` is asked for only
    /// when the row is kept.
    pub fn row(&mut self, record: &dyn Fields, counts: Tri, place: &dyn Fn() -> Location) {
        let org = record.org();
        if let Some(at) = self.reads.log.and_then(|field| record.get(field).instant()) {
            self.log(org, at);
        }
        if counts == Tri::False {
            return;
        }
        self.key.clear();
        for field in self.keys {
            let value = record.get(*field);
            if !key_of(&value, self.case, &mut self.key) {
                if let Value::Missing(why @ (Missing::Absent | Missing::Unparsed)) = value {
                    // What cannot be read outweighs what is not there.
                    match &mut self.table.keyless {
                        Some((_, Missing::Unparsed)) => {}
                        keyless => *keyless = Some((*field, why)),
                    }
                }
                return;
            }
        }
        let shelf = match org {
            Org::Of(n) if self.reads.by_org => Shelf::Of(n),
            Org::Open if self.reads.by_org => Shelf::Open,
            _ => Shelf::Sole,
        };
        if org != Org::Sole && self.reads.by_org {
            self.table.parted = true;
            let length = self.key.len();
            Shelf::Some.mark(&mut self.key);
            if let Some(some) = self.table.group(&self.key) {
                some.doubtful += 1;
            }
            self.key.truncate(length);
            shelf.mark(&mut self.key);
        }
        let Some(group) = self.table.group(&self.key) else {
            return;
        };
        if counts == Tri::Unknown || matches!(shelf, Shelf::Open) {
            group.doubtful += 1;
            return;
        }
        group.rows += 1;
        if group.places.len() < PLACES {
            // Most keys have one row.
            group.places.reserve_exact(1);
            group.places.push(place());
        }
        let Reads { used, kept, .. } = self.reads;
        let values = used.iter().map(|field| record.get(*field).to_static());
        if let Some(by) = self.reads.nearest {
            match record.get(by).instant() {
                Some(at) => group.timeline.push(Dated {
                    at,
                    subject: subject_of(record, self.reads.identity),
                    values: values.collect(),
                }),
                // It may be the nearest.
                None => group.doubtful += 1,
            }
            return;
        }
        if group.one.is_empty() {
            group.one = values.collect();
        } else {
            group
                .one
                .iter_mut()
                .zip(values)
                .for_each(|(mine, theirs)| agree(mine, theirs));
        }
        if group.kept.is_empty() {
            group.kept = kept.iter().map(|k| Running::new(&k.aggregate)).collect();
        }
        for (running, kept) in group.kept.iter_mut().zip(kept) {
            running.add(&kept.aggregate, record);
        }
    }

    /// The table.
    #[must_use]
    pub fn finish(mut self) -> Table {
        if self.reads.nearest.is_some() {
            for group in &mut self.table.groups {
                group.timeline.settle();
            }
        }
        let logs = self.logs.into_iter();
        let homes = logs.map(|(org, log)| ((self.platform.clone(), org), log));
        self.table.logs.extend(homes);
        self.table
    }
}

/// A hash of the fields that name a record's subject: the same in one run for the same subject.
#[must_use]
pub fn subject_of(record: &dyn Fields, identity: &[FieldId]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    for field in identity {
        record.get(*field).shown().hash(&mut hasher);
    }
    // Ids are those of one org.
    let org = record.org();
    if org != Org::Sole {
        org.hash(&mut hasher);
    }
    hasher.finish()
}

/// Adds a value to a key. False when it is empty: nothing joins on nothing.
pub fn key_of(value: &Value<'_>, case: Case, key: &mut Vec<u8>) -> bool {
    let start = key.len();
    match value {
        Value::Text(text) if !text.is_empty() => key.extend_from_slice(text.as_bytes()),
        Value::Int(n) => key.extend_from_slice(&n.to_le_bytes()),
        _ => return false,
    }
    if case == Case::Ignored {
        key[start..].make_ascii_lowercase();
    }
    key.push(0x1f);
    true
}
