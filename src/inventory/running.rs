//! The running value of one aggregate over the related rows of one key. What comes out does not
//! depend on the order of the rows, and a row that two exports tell changes nothing but counts.

use std::collections::BTreeSet;

use crate::model::{Fields, Instant, Missing, OwnedValue, Value, When};
use crate::rule::aggregate::{Aggregate, End};

use super::table::Bound;

/// What separates the parts of a combination: no text of an export holds it.
const SEPARATOR: char = '\u{1f}';

/// The running value of one aggregate.
#[derive(Debug, Clone)]
pub(super) struct Running {
    state: State,
    /// Whether some row did not tell what is summed up here.
    open: bool,
}

#[derive(Debug, Clone)]
enum State {
    /// The rows are counted beside it.
    Count,
    /// The least or greatest value so far.
    Extreme(Option<OwnedValue>),
    /// Distinct texts and times, or combinations of them.
    Texts(BTreeSet<String>),
    /// The value at one end of time. Rows of one moment that do not agree say nothing.
    Edge(Option<(Instant, OwnedValue)>),
    /// Every value with its time.
    Series(BTreeSet<(Instant, i64)>),
}

impl Running {
    pub(super) const fn new(aggregate: &Aggregate) -> Self {
        let state = match aggregate {
            Aggregate::Count => State::Count,
            Aggregate::Min(_) | Aggregate::Max(_) => State::Extreme(None),
            Aggregate::List(_) | Aggregate::Distinct(_) => State::Texts(BTreeSet::new()),
            Aggregate::Edge(..) => State::Edge(None),
            Aggregate::Third(..) => State::Series(BTreeSet::new()),
        };
        Self { state, open: false }
    }

    /// Takes a row in.
    pub(super) fn add(&mut self, aggregate: &Aggregate, record: &dyn Fields) {
        match (&mut self.state, aggregate) {
            (State::Extreme(best), Aggregate::Min(id) | Aggregate::Max(id)) => {
                let value = record.get(*id);
                self.open |= is_open(&value);
                extreme(best, value.to_static(), aggregate);
            }
            (State::Texts(texts), Aggregate::List(id)) => match record.get(*id) {
                Value::Text(text) => {
                    if !texts.contains(&*text) {
                        texts.insert(text.into_owned());
                    }
                }
                other => self.open |= is_open(&other),
            },
            (State::Texts(texts), Aggregate::Distinct(ids)) => {
                let values = || ids.iter().map(|id| record.get(*id));
                self.open |= values().any(|value| is_open(&value));
                if values().any(|value| matches!(value, Value::Text(_) | Value::Time(_))) {
                    let mut key = String::new();
                    for value in values() {
                        key.push_str(&value.shown());
                        key.push(SEPARATOR);
                    }
                    texts.insert(key);
                }
            }
            (State::Edge(best), Aggregate::Edge(end, id, by)) => match record.get(*by).instant() {
                Some(at) => edge(best, (at, record.get(*id).to_static()), *end),
                None => self.open = true,
            },
            (State::Series(series), Aggregate::Third(_, id, by)) => {
                match (record.get(*by).instant(), record.get(*id)) {
                    (Some(at), Value::Int(n)) => {
                        series.insert((at, n));
                    }
                    _ => self.open = true,
                }
            }
            _ => {}
        }
    }

    /// Takes in what another part of the input gave.
    pub(super) fn absorb(&mut self, other: Self, aggregate: &Aggregate) {
        self.open |= other.open;
        match (&mut self.state, other.state, aggregate) {
            (State::Extreme(best), State::Extreme(Some(value)), _) => {
                extreme(best, value, aggregate);
            }
            (State::Texts(mine), State::Texts(theirs), _) => mine.extend(theirs),
            (State::Series(mine), State::Series(theirs), _) => mine.extend(theirs),
            (State::Edge(best), State::Edge(Some(found)), Aggregate::Edge(end, ..)) => {
                edge(best, found, *end);
            }
            _ => {}
        }
    }

    /// The value, and how exact it is. `rows` is how many rows there were; `exact` tells whether
    /// they are all there are.
    pub(super) fn value(
        &self,
        aggregate: &Aggregate,
        rows: u32,
        exact: bool,
    ) -> (Value<'_>, Bound) {
        const NOTHING: Value<'static> = Value::Missing(Missing::Empty);
        let value = match (&self.state, aggregate) {
            (State::Count, _) => Value::Int(i64::from(rows)),
            (State::Extreme(best), _) => best.as_ref().map_or(NOTHING, Value::borrow),
            (State::Texts(texts), Aggregate::Distinct(_)) => count(texts.len()),
            (State::Texts(texts), _) => {
                Value::List(texts.iter().map(|text| text.as_str().into()).collect())
            }
            (State::Edge(best), _) => best.as_ref().map_or(NOTHING, |(_, value)| value.borrow()),
            (State::Series(series), Aggregate::Third(end, ..)) => third(series, *end),
            (State::Series(_), _) => NOTHING,
        };
        let exact = exact && !self.open;
        // Another row might stand nearer to the end, or move where the thirds are parted.
        if !exact && matches!(aggregate, Aggregate::Edge(..) | Aggregate::Third(..)) {
            return (Value::Missing(Missing::Absent), Bound::Exact);
        }
        (value, bound(aggregate, exact))
    }

    /// Whether some row did not tell what is summed up here.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }
}

/// How exact the value of an aggregate is, over all rows or only over those that are known.
pub(super) const fn bound(aggregate: &Aggregate, exact: bool) -> Bound {
    match aggregate {
        _ if exact => Bound::Exact,
        Aggregate::Min(_) => Bound::AtMost,
        _ => Bound::AtLeast,
    }
}

/// Whether a field does not say what it could say; an empty one says that there is nothing.
const fn is_open(value: &Value<'_>) -> bool {
    matches!(value, Value::Missing(Missing::Absent | Missing::Unparsed))
}

fn count(n: usize) -> Value<'static> {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn extreme(mine: &mut Option<OwnedValue>, value: OwnedValue, aggregate: &Aggregate) {
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

fn edge(best: &mut Option<(Instant, OwnedValue)>, (at, value): (Instant, OwnedValue), end: End) {
    match best {
        Some((old, held)) if *old == at => {
            if *held != value {
                *held = Value::Missing(Missing::Unparsed);
            }
        }
        Some((old, _)) if (*old < at) == (end == End::First) => {}
        _ => *best = Some((at, value)),
    }
}

fn third(series: &BTreeSet<(Instant, i64)>, end: End) -> Value<'static> {
    if series.is_empty() {
        return Value::Missing(Missing::Empty);
    }
    let share = (series.len() / 3).max(1);
    let sum = |values: &mut dyn Iterator<Item = &(Instant, i64)>| {
        values.fold(0_i64, |sum, (_, n)| sum.saturating_add(*n))
    };
    Value::Int(match end {
        End::First => sum(&mut series.iter().take(share)),
        End::Last => sum(&mut series.iter().rev().take(share)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FieldId, OwnedRecord};

    const VALUE: FieldId = FieldId(0);
    const TIME: FieldId = FieldId(1);

    fn row(value: OwnedValue, day: Option<i64>) -> OwnedRecord {
        let at = day.map_or(Value::Missing(Missing::Empty), |day| {
            Value::Time(When::Known(Instant::from_seconds(day * 86_400)))
        });
        OwnedRecord(vec![value, at])
    }

    /// The value over the rows, in their order, backwards, and as two parts put together.
    fn over(aggregate: &Aggregate, rows: &[OwnedRecord]) -> (OwnedValue, Bound) {
        let of = |rows: &mut dyn Iterator<Item = &OwnedRecord>| {
            let mut running = Running::new(aggregate);
            rows.for_each(|row| running.add(aggregate, row));
            running
        };
        let told = |running: &Running| {
            let (value, bound) = running.value(aggregate, 0, true);
            (value.to_static(), bound)
        };
        let whole = told(&of(&mut rows.iter()));
        assert_eq!(told(&of(&mut rows.iter().rev())), whole);
        for at in 0..=rows.len() {
            let (head, tail) = rows.split_at(at);
            let mut parts = of(&mut head.iter());
            parts.absorb(of(&mut tail.iter()), aggregate);
            assert_eq!(told(&parts), whole);
        }
        whole
    }

    fn text(text: &'static str) -> OwnedValue {
        Value::Text(text.into())
    }

    #[test]
    fn thirds_are_of_rows_in_the_order_of_time_and_never_of_none() {
        let rows = [90, 50, 10, 8, 6, 4]
            .into_iter()
            .zip(1..)
            .map(|(n, day)| row(Value::Int(n), Some(day)))
            .collect::<Vec<_>>();
        let third = |end, rows: &[_]| over(&Aggregate::Third(end, VALUE, TIME), rows).0;
        assert_eq!(third(End::First, &rows), Value::Int(140));
        assert_eq!(third(End::Last, &rows), Value::Int(10));
        assert_eq!(third(End::First, &rows[..2]), Value::Int(90));
        assert_eq!(third(End::Last, &rows[..1]), Value::Int(90));
        assert_eq!(third(End::Last, &[]), Value::Missing(Missing::Empty));
    }

    #[test]
    fn a_row_that_two_exports_tell_counts_once_in_a_third() {
        let rows = [row(Value::Int(9), Some(1)), row(Value::Int(1), Some(2))];
        let twice = [rows.clone(), rows.clone()].concat();
        let aggregate = Aggregate::Third(End::First, VALUE, TIME);
        assert_eq!(over(&aggregate, &twice), over(&aggregate, &rows));
    }

    #[test]
    fn the_value_at_the_end_of_time_is_not_known_where_rows_of_that_moment_differ() {
        let last = |rows: &[_]| over(&Aggregate::Edge(End::Last, VALUE, TIME), rows).0;
        let (old, new) = (row(text("a"), Some(1)), row(text("b"), Some(2)));
        assert_eq!(last(&[old.clone(), new.clone()]), text("b"));
        assert_eq!(last(&[old.clone(), new.clone(), new.clone()]), text("b"));
        let other = row(text("c"), Some(2));
        assert_eq!(last(&[old, new, other]), Value::Missing(Missing::Unparsed));
    }

    #[test]
    fn a_row_without_its_time_leaves_open_which_is_last() {
        let rows = [row(text("a"), Some(1)), row(text("b"), None)];
        let aggregate = Aggregate::Edge(End::Last, VALUE, TIME);
        assert_eq!(over(&aggregate, &rows).0, Value::Missing(Missing::Absent));
    }

    #[test]
    fn combinations_are_distinct_by_all_their_parts() {
        let pair = |a, b| OwnedRecord(vec![text(a), text(b)]);
        let aggregate = Aggregate::Distinct([VALUE, TIME].into());
        let rows = [pair("a", "bc"), pair("ab", "c"), pair("a", "bc")];
        assert_eq!(over(&aggregate, &rows), (Value::Int(2), Bound::Exact));
    }

    #[test]
    fn a_column_that_is_absent_makes_a_count_a_lower_bound() {
        let absent = OwnedRecord(vec![text("a"), Value::Missing(Missing::Absent)]);
        let aggregate = Aggregate::Distinct([VALUE, TIME].into());
        assert_eq!(over(&aggregate, &[absent]), (Value::Int(1), Bound::AtLeast));
    }
}
