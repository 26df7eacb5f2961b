//! The truth of a compiled condition over the facts of a record.

use std::borrow::Cow;

use crate::inventory::Bound;
use crate::model::{Cause, Instant, Location, Missing, Value, When};
use crate::rule::compile::{Check, Predicate, Probe, Wanted};
use crate::rule::condition::{Case, Order, State};
use crate::rule::{FieldRef, Tri};

use super::facts::{Doubt, Facts};

/// Whether a condition holds.
pub(super) fn truth(predicate: &Predicate, facts: &Facts<'_>) -> Tri {
    match predicate {
        Predicate::All(parts) => {
            let mut whole = Tri::True;
            for part in parts {
                whole = whole.and(truth(part, facts));
                if whole == Tri::False {
                    break;
                }
            }
            whole
        }
        Predicate::Any(parts) => {
            let mut whole = Tri::False;
            for (_, part) in parts {
                whole = whole.or(truth(part, facts));
                if whole == Tri::True {
                    break;
                }
            }
            whole
        }
        Predicate::Not(inner) => !truth(inner, facts),
        Predicate::Leaf(check) => leaf(check, facts),
        Predicate::Shared(number, check) => shared(*number, check, facts),
        Predicate::Fixed(truth) => *truth,
    }
}

/// Why a condition is not known: the doubts of every test that leaves it open.
pub(super) fn doubts(predicate: &Predicate, facts: &Facts<'_>, out: &mut Vec<Doubt>) {
    if truth(predicate, facts) != Tri::Unknown {
        return;
    }
    match predicate {
        Predicate::All(parts) => parts.iter().for_each(|p| doubts(p, facts, out)),
        Predicate::Any(parts) => parts.iter().for_each(|(_, p)| doubts(p, facts, out)),
        Predicate::Not(inner) => doubts(inner, facts, out),
        Predicate::Leaf(check) | Predicate::Shared(_, check) => {
            let before = out.len();
            check.fields(&mut |field| facts.doubts(field, out));
            if out.len() == before {
                out.push(Doubt::Empty(check.field));
            }
        }
        Predicate::Fixed(_) => {}
    }
}

/// The reasons that a condition which holds has to give: of every alternative that holds.
pub(super) fn causes(
    predicate: &Predicate,
    facts: &Facts<'_>,
    as_of: Instant,
    out: &mut Vec<Cause>,
) {
    match predicate {
        Predicate::All(parts) => parts.iter().for_each(|p| causes(p, facts, as_of, out)),
        Predicate::Any(parts) => {
            for (because, part) in parts {
                if truth(part, facts) != Tri::True {
                    continue;
                }
                causes(part, facts, as_of, out);
                if let Some(message) = because {
                    let text = message.render(as_of, &|field| facts.value(field).0);
                    let location = place(part, facts);
                    out.push(Cause { text, location });
                }
            }
        }
        Predicate::Not(_) | Predicate::Leaf(_) | Predicate::Shared(..) | Predicate::Fixed(_) => {}
    }
}

/// The first related row that a condition reads.
fn place(predicate: &Predicate, facts: &Facts<'_>) -> Option<Location> {
    match predicate {
        Predicate::All(parts) => parts.iter().find_map(|p| place(p, facts)),
        Predicate::Any(parts) => parts.iter().find_map(|(_, p)| place(p, facts)),
        Predicate::Not(inner) => place(inner, facts),
        Predicate::Leaf(check) | Predicate::Shared(_, check) => {
            facts.places(check.field).into_iter().next()
        }
        Predicate::Fixed(_) => None,
    }
}

/// The truth of a test that other rules make as well: looked at once for each record.
#[inline]
fn shared(number: u16, check: &Check, facts: &Facts<'_>) -> Tri {
    let Some(kept) = facts.kept_truth(number) else {
        return leaf(check, facts);
    };
    kept.get().unwrap_or_else(|| {
        let truth = leaf(check, facts);
        kept.set(Some(truth));
        truth
    })
}

fn leaf(check: &Check, facts: &Facts<'_>) -> Tri {
    if let FieldRef::Own(field) = check.field {
        // The common case. The value stays where it is made: a copy would cost more than the test.
        return all(check, &facts.own(field), Bound::Exact, facts);
    }
    let (value, bound) = facts.value(check.field);
    all(check, &value, bound, facts)
}

/// Whether all tests of a check hold of a value.
#[inline]
pub(super) fn all(check: &Check, value: &Value<'_>, bound: Bound, facts: &Facts<'_>) -> Tri {
    let mut whole = Tri::True;
    for probe in &check.probes {
        whole = whole.and(one(probe, check, (value, bound), facts));
        if whole == Tri::False {
            break;
        }
    }
    whole
}

fn one(
    probe: &Probe,
    check: &Check,
    (value, bound): (&Value<'_>, Bound),
    facts: &Facts<'_>,
) -> Tri {
    if let Probe::Is(states) = probe {
        return states
            .iter()
            .fold(Tri::False, |t, s| t.or(state(*s, value, check)));
    }
    match value {
        Value::Missing(Missing::Empty) => check.if_missing,
        Value::Missing(Missing::Absent) => check.if_absent,
        Value::Missing(Missing::Unparsed) => Tri::Unknown,
        _ if bound == Bound::Exact => exact(probe, value, check, facts),
        _ => bounded(probe, value, bound),
    }
}

fn state(state: State, value: &Value<'_>, check: &Check) -> Tri {
    match (value, state) {
        (Value::Missing(Missing::Absent), _) => check.if_absent,
        (Value::Missing(Missing::Unparsed), _) => Tri::Unknown,
        (Value::Missing(Missing::Empty), State::Missing) => Tri::True,
        (Value::Missing(Missing::Empty), _) => Tri::False,
        (_, State::Missing) => Tri::False,
        (_, State::Present) => Tri::True,
        (value, State::Never) => Tri::from(*value == Value::Time(When::Never)),
        (value, State::Known) => Tri::from(value.instant().is_some()),
    }
}

fn exact(probe: &Probe, value: &Value<'_>, check: &Check, facts: &Facts<'_>) -> Tri {
    match probe {
        Probe::Bool(wanted) => Tri::from(*value == Value::Bool(*wanted)),
        Probe::Number(order, limit) => {
            number(value).map_or(Tri::Unknown, |n| holds(*order, n, *limit).into())
        }
        Probe::Size(order, limit) => {
            size(value).map_or(Tri::Unknown, |n| holds(*order, n, *limit).into())
        }
        Probe::Earlier(_) | Probe::NotAfter(_) | Probe::NotBefore(_) | Probe::Later(_) => {
            time(probe, value)
        }
        Probe::Text(..)
        | Probe::Contains(..)
        | Probe::StartsWith(..)
        | Probe::EndsWith(..)
        | Probe::Matches(_) => text(probe, value),
        Probe::HasAny(items, case) => {
            list(value, |have| items.iter().any(|i| contains(have, i, *case)))
        }
        Probe::HasAll(items, case) => {
            list(value, |have| items.iter().all(|i| contains(have, i, *case)))
        }
        Probe::EarlierThan(field, plus) => {
            with_field(*field, check, facts, |other| match (value, other) {
                (Value::Time(When::Known(a)), Value::Time(When::Known(b))) => {
                    (*a < *b + *plus).into()
                }
                (Value::Time(When::Known(_)), Value::Time(When::Never)) => Tri::True,
                _ => Tri::False,
            })
        }
        Probe::LaterThan(field, plus) => {
            with_field(*field, check, facts, |other| match (value, other) {
                (Value::Time(When::Known(a)), Value::Time(When::Known(b))) => {
                    (*a > *b + *plus).into()
                }
                (Value::Time(When::Never), Value::Time(When::Known(_))) => Tri::True,
                _ => Tri::False,
            })
        }
        Probe::Same(field, case) => {
            with_field(*field, check, facts, |other| match (value, other) {
                (Value::Text(a), Value::Text(b)) if *case == Case::Ignored => {
                    a.eq_ignore_ascii_case(b).into()
                }
                (a, b) => (a == b).into(),
            })
        }
        Probe::NumberField(order, field, times) => {
            with_field(*field, check, facts, |other| {
                match (number(value), number(other)) {
                    (Some(a), Some(b)) => holds(*order, a, b * times).into(),
                    _ => Tri::Unknown,
                }
            })
        }
        Probe::Is(_) => Tri::Unknown,
    }
}

fn with_field(
    field: FieldRef,
    check: &Check,
    facts: &Facts<'_>,
    compare: impl Fn(&Value<'_>) -> Tri,
) -> Tri {
    match facts.value(field) {
        (Value::Missing(Missing::Empty), _) => check.if_missing,
        (Value::Missing(Missing::Absent), _) => check.if_absent,
        (Value::Missing(Missing::Unparsed), _) => Tri::Unknown,
        (other, Bound::Exact) => compare(&other),
        _ => Tri::Unknown,
    }
}

/// A value of which only a bound is known decides a test only where every value within does.
fn bounded(probe: &Probe, value: &Value<'_>, bound: Bound) -> Tri {
    let open = |decided: bool, truth: Tri| if decided { truth } else { Tri::Unknown };
    match (probe, bound) {
        (Probe::Number(order, limit), Bound::AtLeast) => {
            let Some(n) = number(value) else {
                return Tri::Unknown;
            };
            match order {
                Order::Greater => open(n > *limit, Tri::True),
                Order::GreaterOrEqual => open(n >= *limit, Tri::True),
                Order::Less => open(n >= *limit, Tri::False),
                Order::LessOrEqual | Order::Equal => open(n > *limit, Tri::False),
            }
        }
        (Probe::Earlier(limit), Bound::AtLeast) => {
            open(value.instant() >= Some(*limit), Tri::False)
        }
        (Probe::NotAfter(limit), Bound::AtLeast) => {
            open(value.instant() > Some(*limit), Tri::False)
        }
        (Probe::NotBefore(limit), Bound::AtLeast) => {
            open(value.instant() >= Some(*limit), Tri::True)
        }
        (Probe::Later(limit), Bound::AtLeast) => open(value.instant() > Some(*limit), Tri::True),
        (Probe::Earlier(limit), Bound::AtMost) => open(value.instant() < Some(*limit), Tri::True),
        (Probe::NotAfter(limit), Bound::AtMost) => open(value.instant() <= Some(*limit), Tri::True),
        (Probe::NotBefore(limit), Bound::AtMost) => {
            open(value.instant() < Some(*limit), Tri::False)
        }
        (Probe::Later(limit), Bound::AtMost) => open(value.instant() <= Some(*limit), Tri::False),
        (Probe::HasAny(items, case), Bound::AtLeast) => {
            let has = list(value, |have| items.iter().any(|i| contains(have, i, *case)));
            open(has == Tri::True, Tri::True)
        }
        (Probe::HasAll(items, case), Bound::AtLeast) => {
            let has = list(value, |have| items.iter().all(|i| contains(have, i, *case)));
            open(has == Tri::True, Tri::True)
        }
        _ => Tri::Unknown,
    }
}

/// What never happens is never past and never soon.
fn time(probe: &Probe, value: &Value<'_>) -> Tri {
    let Value::Time(when) = value else {
        return Tri::Unknown;
    };
    let holds = match (probe, when) {
        (Probe::Earlier(limit), When::Known(at)) => at < limit,
        (Probe::NotAfter(limit), When::Known(at)) => at <= limit,
        (Probe::NotBefore(limit), When::Known(at)) => at >= limit,
        (Probe::Later(limit), When::Known(at)) => at > limit,
        (Probe::Later(_), When::Never) => true,
        (_, When::Never) => false,
        _ => return Tri::Unknown,
    };
    holds.into()
}

fn text(probe: &Probe, value: &Value<'_>) -> Tri {
    let text: Cow<'_, str> = match value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::Int(n) => Cow::Owned(n.to_string()),
        _ => return Tri::Unknown,
    };
    let fold = |case: &Case| match case {
        Case::Exact => Cow::Borrowed(&*text),
        Case::Ignored => Cow::Owned(text.to_ascii_lowercase()),
    };
    let holds = match probe {
        Probe::Text(items, case, wanted) => {
            let text = fold(case);
            let member = items.binary_search_by(|i| i.as_str().cmp(&text)).is_ok();
            member == (*wanted == Wanted::Yes)
        }
        Probe::Contains(part, case) => fold(case).contains(part.as_str()),
        Probe::StartsWith(part, case) => fold(case).starts_with(part.as_str()),
        Probe::EndsWith(part, case) => fold(case).ends_with(part.as_str()),
        Probe::Matches(expression) => expression.is_match(&text),
        _ => return Tri::Unknown,
    };
    holds.into()
}

fn list(value: &Value<'_>, holds: impl Fn(&[Cow<'_, str>]) -> bool) -> Tri {
    match value {
        Value::List(items) => holds(items).into(),
        _ => Tri::Unknown,
    }
}

fn contains(have: &[Cow<'_, str>], item: &str, case: Case) -> bool {
    have.iter().any(|h| match case {
        Case::Exact => h == item,
        Case::Ignored => h.eq_ignore_ascii_case(item),
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers in exports are far below 2^53"
)]
fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Number(n) => Some(*n),
        _ => None,
    }
}

fn size(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::List(items) => i64::try_from(items.len()).ok(),
        _ => None,
    }
}

fn holds<T: PartialOrd + Copy>(order: Order, a: T, b: T) -> bool {
    match order {
        Order::Less => a < b,
        Order::LessOrEqual => a <= b,
        Order::Equal => a == b,
        Order::GreaterOrEqual => a >= b,
        Order::Greater => a > b,
    }
}
