//! One side of a join: the related records of a rule, by key, reduced to what the rule reads.
//!
//! Keys are hashed with a random seed, so that ids without entropy in their low bits, or made to
//! collide, do not slow a scan down.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use crate::model::{FieldId, Fields, Location, Missing, OwnedValue, Value, When};
use crate::rule::Tri;
use crate::rule::condition::Case;
use crate::rule::relation::{Aggregate, Kept};

use super::window::Window;

/// How many places of related rows a finding can name.
const PLACES: usize = 3;

/// The related records of one relation.
#[derive(Debug, Default)]
pub struct Table {
    groups: HashMap<Box<[u8]>, Group, RandomState>,
    /// Whether any export of the record type was read.
    pub present: bool,
    /// The stretch of time that the rows (and the policy's word) cover.
    pub window: Option<Window>,
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
    pub kept: Vec<Kept1>,
    /// The first few places.
    pub places: Vec<Location>,
}

/// The running value of one aggregate.
#[derive(Debug, Clone)]
pub enum Kept1 {
    /// How many rows.
    Count,
    /// The least or greatest value so far.
    Edge(Option<OwnedValue>),
    /// Distinct texts.
    List(BTreeSet<String>),
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

/// The outcome of looking a key up.
#[derive(Debug, Clone, Copy)]
pub enum Lookup<'t> {
    /// No export of the record type was given.
    NoExport,
    /// No record has the key.
    NoRow,
    /// These have.
    Rows(&'t Group),
}

impl Table {
    /// The records with a key.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Lookup<'_> {
        if !self.present {
            return Lookup::NoExport;
        }
        self.groups.get(key).map_or(Lookup::NoRow, Lookup::Rows)
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes in the records of another part of the input. The outcome does not depend on the
    /// order, but for which of two places is named first, which is by path and line.
    pub fn absorb(&mut self, other: Self, kept: &[Kept]) {
        self.present |= other.present;
        self.window = match (self.window, other.window) {
            (Some(a), Some(b)) => Some(a.union(b)),
            (a, b) => a.or(b),
        };
        #[expect(
            clippy::iter_over_hash_type,
            reason = "merging groups does not depend on the order"
        )]
        for (key, group) in other.groups {
            match self.groups.entry(key) {
                std::collections::hash_map::Entry::Vacant(slot) => {
                    slot.insert(group);
                }
                std::collections::hash_map::Entry::Occupied(mut slot) => {
                    slot.get_mut().absorb(group, kept);
                }
            }
        }
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
                match (mine, theirs) {
                    (Kept1::Edge(mine), Kept1::Edge(Some(value))) => {
                        edge(mine, value, kept.aggregate);
                    }
                    (Kept1::List(mine), Kept1::List(theirs)) => mine.extend(theirs),
                    _ => {}
                }
            }
        }
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
        aggregate: Aggregate,
        covered: bool,
    ) -> (Value<'_>, Bound) {
        let exact = covered && self.is_certain();
        let value = match self.kept.get(index) {
            Some(Kept1::Count) => Value::Int(i64::from(self.rows)),
            Some(Kept1::Edge(Some(value))) => value.borrow(),
            Some(Kept1::List(items)) => {
                Value::List(items.iter().map(|i| i.as_str().into()).collect())
            }
            Some(Kept1::Edge(None)) | None => Value::Missing(Missing::Empty),
        };
        let bound = match aggregate {
            _ if exact => Bound::Exact,
            Aggregate::Min(_) => Bound::AtMost,
            _ => Bound::AtLeast,
        };
        (value, bound)
    }
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

fn edge(mine: &mut Option<OwnedValue>, value: OwnedValue, aggregate: Aggregate) {
    let rank = |v: &OwnedValue| match v {
        Value::Time(When::Known(at)) => Some(at.seconds()),
        Value::Int(n) => Some(*n),
        _ => None,
    };
    let Some(new) = rank(&value) else { return };
    let better = match (mine.as_ref().and_then(rank), aggregate) {
        (None, _) => true,
        (Some(old), Aggregate::Min(_)) => new < old,
        (Some(old), _) => new > old,
    };
    if better {
        *mine = Some(value);
    }
}

/// Builds the table of one relation, row by row.
pub struct TableBuilder<'r> {
    keys: &'r [FieldId],
    case: Case,
    used: &'r [FieldId],
    kept: &'r [Kept],
    log: Option<FieldId>,
    table: Table,
    key: Vec<u8>,
}

impl<'r> TableBuilder<'r> {
    /// A builder for a relation with these keys, reading these fields.
    #[must_use]
    pub fn new(
        keys: &'r [FieldId],
        case: Case,
        (used, kept): (&'r [FieldId], &'r [Kept]),
        log: Option<FieldId>,
    ) -> Self {
        Self {
            keys,
            case,
            used,
            kept,
            log,
            table: Table::default(),
            key: Vec::new(),
        }
    }

    /// Says that an export of the record type was read, even if it has no rows.
    pub fn saw_export(&mut self) {
        self.table.present = true;
    }

    /// Takes a row in. `counts` is the truth of the relation's filter; `place` is asked for only
    /// when the row is kept.
    pub fn row(&mut self, record: &dyn Fields, counts: Tri, place: &dyn Fn() -> Location) {
        if let Some(at) = self.log.and_then(|field| record.get(field).instant()) {
            self.table.window = Some(Window::with(self.table.window, at));
        }
        if counts == Tri::False {
            return;
        }
        self.key.clear();
        for field in self.keys {
            if !key_of(&record.get(*field), self.case, &mut self.key) {
                return;
            }
        }
        if !self.table.groups.contains_key(self.key.as_slice()) {
            self.table
                .groups
                .insert(self.key.as_slice().into(), Group::default());
        }
        let Some(group) = self.table.groups.get_mut(self.key.as_slice()) else {
            return;
        };
        if counts == Tri::Unknown {
            group.doubtful += 1;
            return;
        }
        group.rows += 1;
        if group.places.len() < PLACES {
            group.places.push(place());
        }
        let values = self.used.iter().map(|field| record.get(*field).to_static());
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
            group.kept = self.kept.iter().map(|k| Kept1::new(k.aggregate)).collect();
        }
        for (state, kept) in group.kept.iter_mut().zip(self.kept) {
            match (state, kept.aggregate) {
                (Kept1::Edge(mine), Aggregate::Min(id) | Aggregate::Max(id)) => {
                    edge(mine, record.get(id).to_static(), kept.aggregate);
                }
                (Kept1::List(items), Aggregate::List(id)) => {
                    if let Value::Text(text) = record.get(id) {
                        items.insert(text.into_owned());
                    }
                }
                _ => {}
            }
        }
    }

    /// The table.
    #[must_use]
    pub fn finish(self) -> Table {
        self.table
    }
}

impl Kept1 {
    fn new(aggregate: Aggregate) -> Self {
        match aggregate {
            Aggregate::Count => Self::Count,
            Aggregate::Min(_) | Aggregate::Max(_) => Self::Edge(None),
            Aggregate::List(_) => Self::List(BTreeSet::new()),
        }
    }
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
