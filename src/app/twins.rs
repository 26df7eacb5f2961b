//! One thing that exports of two kinds call by two names: which of them it goes by. The names of the
//! kind that says more count, so that an id stays what it is when the other export is added.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::inventory::subject_of;
use crate::model::{FieldId, Missing, RecordTypeId, Schema, Value};
use crate::source::{Names, Record};

/// What tells a thing again: its type, and a hash of what both exports say of it.
type Mark = (RecordTypeId, u64);

/// What a record shows of a thing that another export may call otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    mark: Mark,
    /// Whether its names are the ones that count.
    counts: bool,
    names: Names,
}

/// The things that go by other names than some exports say.
#[derive(Debug, Default)]
pub(super) struct Twins(HashMap<Mark, Names, RandomState>);

/// What of one mark was seen: one name of either side, or more than one.
#[derive(Debug, Default)]
struct Pair {
    counts: Seen,
    other: Seen,
}

#[derive(Debug, Default)]
enum Seen {
    #[default]
    None,
    One(Names),
    More,
}

impl Seen {
    fn add(&mut self, names: Names) {
        match self {
            Self::None => *self = Self::One(names),
            Self::One(known) if *known == names => {}
            Self::One(_) | Self::More => *self = Self::More,
        }
    }
}

impl Twins {
    /// Finds the pairs among all that was seen, in any order. Where two things agree in all that
    /// tells them again, nothing says which is which.
    pub(super) fn of(seen: impl IntoIterator<Item = Sight>) -> Self {
        let mut pairs: HashMap<Mark, Pair, RandomState> = HashMap::default();
        for sight in seen {
            let pair = pairs.entry(sight.mark).or_default();
            let side = if sight.counts {
                &mut pair.counts
            } else {
                &mut pair.other
            };
            side.add(sight.names);
        }
        let both = pairs.into_iter().filter_map(|(mark, pair)| match pair {
            Pair {
                counts: Seen::One(names),
                other: Seen::One(_),
            } => Some((mark, names)),
            _ => None,
        });
        Self(both.collect())
    }

    /// The names by which a record goes, if they are not its own.
    pub(super) fn names(&self, schema: &Schema, record: &Record<'_>) -> Option<&Names> {
        if self.0.is_empty() {
            return None;
        }
        let (mark, counts) = mark(schema, record)?;
        self.0.get(&mark).filter(|_| !counts)
    }

    /// Whether a field is needed to tell a thing again.
    pub(super) fn asks(&self, schema: &Schema, (ty, field): (RecordTypeId, FieldId)) -> bool {
        let twin = schema.record(ty).twin.as_ref();
        !self.0.is_empty() && twin.is_some_and(|twin| twin.has == field || twin.by.contains(&field))
    }
}

/// What a record shows; none where its type has no twins, or it does not say enough.
pub(super) fn sight(schema: &Schema, record: &Record<'_>) -> Option<Sight> {
    let (mark, counts) = mark(schema, record)?;
    let takes = &schema.record(record.ty()).twin.as_ref()?.takes;
    let names = takes.iter().filter_map(|field| match record.get(*field) {
        Value::Text(text) => Some((*field, text.into_owned())),
        _ => None,
    });
    Some(Sight {
        mark,
        counts,
        names: Names(names.collect()),
    })
}

fn mark(schema: &Schema, record: &Record<'_>) -> Option<(Mark, bool)> {
    let twin = schema.record(record.ty()).twin.as_ref()?;
    let filled = |field: &FieldId| !matches!(record.get(*field), Value::Missing(_));
    let whole = twin.by.iter().all(filled);
    let counts = record.get(twin.has) != Value::Missing(Missing::Absent);
    whole.then(|| ((record.ty(), subject_of(record, &twin.by)), counts))
}

#[cfg(test)]
mod tests {
    use super::{Names, Sight, Twins};
    use crate::model::{FieldId, RecordTypeId};

    fn sight(mark: u64, counts: bool, name: &str) -> Sight {
        Sight {
            mark: (RecordTypeId(0), mark),
            counts,
            names: Names(vec![(FieldId(0), name.to_owned())]),
        }
    }

    #[test]
    fn a_thing_goes_by_the_name_that_counts_where_there_is_one_of_either() {
        let mut all = vec![
            sight(1, true, "slot 1"),
            sight(1, false, "A"),
            sight(1, false, "A"),
            // Two of either side, and one alone.
            sight(2, true, "slot 1"),
            sight(2, true, "slot 2"),
            sight(2, false, "B"),
            sight(3, true, "slot 1"),
            sight(3, false, "C"),
            sight(3, false, "D"),
            sight(4, false, "E"),
        ];
        for _ in 0..2 {
            let twins = Twins::of(all.clone());
            let found: Vec<_> = twins.0.into_iter().collect();
            let names = Names(vec![(FieldId(0), "slot 1".to_owned())]);
            assert_eq!(found, [((RecordTypeId(0), 1), names)]);
            all.reverse();
        }
    }
}
