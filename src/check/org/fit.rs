//! A condition cut to one export: tests whose outcome is the same in every row of it are decided
//! once. What is left decides as the whole would; why it does so is for the whole to say.

use crate::inventory::Table;
use crate::model::{FieldId, Fields, Missing, Value};
use crate::rule::compile::{Check, Predicate};
use crate::rule::{FieldRef, Tri};

use super::evaluate::truth;
use super::facts::{Facts, Plan, RelationPlan};

/// What every record of an export has in common: the value of a field, if it is one of those.
pub type Common<'f, 'v> = &'f (dyn Fn(FieldId) -> Option<Value<'v>> + 'f);

/// The predicate of a plan for the records of one export.
#[must_use]
pub(super) fn fit<'f>(
    plan: &'f Plan<'f>,
    tables: &'f [Table],
    common: Common<'f, 'f>,
) -> Predicate {
    let record = Shared(common);
    let facts = Facts::new(plan, tables, &record);
    Fit {
        relations: &plan.relations,
        tables,
        common,
        facts,
    }
    .cut(&plan.predicate)
}

/// A record of which only the common fields are known.
struct Shared<'f, 'v>(Common<'f, 'v>);

impl Fields for Shared<'_, '_> {
    fn get(&self, field: FieldId) -> Value<'_> {
        (self.0)(field).unwrap_or(Value::Missing(Missing::Absent))
    }
}

struct Fit<'f, 'v, 's> {
    relations: &'f [RelationPlan<'f>],
    tables: &'f [Table],
    common: Common<'f, 'v>,
    facts: Facts<'s>,
}

impl Fit<'_, '_, '_> {
    fn cut(&self, predicate: &Predicate) -> Predicate {
        match predicate {
            Predicate::Fixed(truth) => Predicate::Fixed(*truth),
            Predicate::Leaf(check) | Predicate::Shared(_, check) if self.is_common(check) => {
                Predicate::Fixed(truth(predicate, &self.facts))
            }
            Predicate::Leaf(check) | Predicate::Shared(_, check) => Predicate::Leaf(check.clone()),
            Predicate::Not(inner) => match self.cut(inner) {
                Predicate::Fixed(truth) => Predicate::Fixed(!truth),
                open => Predicate::Not(Box::new(open)),
            },
            Predicate::All(parts) => {
                let parts = parts.iter().map(|part| self.cut(part));
                self.combine(parts, Tri::True, Predicate::All)
            }
            Predicate::Any(parts) => {
                let parts = parts.iter().map(|(_, part)| self.cut(part));
                self.combine(parts, Tri::False, |parts| {
                    Predicate::Any(parts.into_iter().map(|part| (None, part)).collect())
                })
            }
        }
    }

    fn is_common(&self, check: &Check) -> bool {
        let mut common = true;
        check.fields(&mut |field| common &= self.knows(field));
        // Where there is nothing to compare, no test looks at what it would be compared with.
        let nothing = || matches!(self.facts.value(check.field).0, Value::Missing(_));
        common || (self.knows(check.field) && nothing())
    }

    fn knows(&self, field: FieldRef) -> bool {
        match field {
            FieldRef::Own(id) => (self.common)(id).is_some(),
            // Without the related export every lookup ends alike.
            FieldRef::One(relation, _) | FieldRef::Kept(relation, _) => {
                let plan = self.relations.get(usize::from(relation));
                let table = plan.and_then(|plan| self.tables.get(plan.table));
                !table.is_some_and(|table| table.present)
            }
            FieldRef::Derived(_) => false,
        }
    }

    /// Parts without those that change nothing, the cheapest first: their order changes no truth.
    /// `neutral` is the truth of no parts at all; its opposite decides the whole.
    fn combine(
        &self,
        parts: impl Iterator<Item = Predicate>,
        neutral: Tri,
        whole: impl FnOnce(Vec<Predicate>) -> Predicate,
    ) -> Predicate {
        let mut open = Vec::new();
        for part in parts {
            match part {
                Predicate::Fixed(truth) if truth == neutral => {}
                Predicate::Fixed(truth) if truth == !neutral => return Predicate::Fixed(truth),
                part => open.push(part),
            }
        }
        open.sort_by_cached_key(|part| (part.cost(), self.rows(part)));
        match open.len() {
            0 => Predicate::Fixed(neutral),
            1 => open.remove(0),
            _ => whole(open),
        }
    }

    /// How many keys the tables have in which a condition looks records up. A small one lies near.
    fn rows(&self, predicate: &Predicate) -> usize {
        let mut rows = 0_usize;
        predicate.fields(&mut |field| {
            if let FieldRef::One(relation, _) | FieldRef::Kept(relation, _) = field {
                let plan = self.relations.get(usize::from(relation));
                let table = plan.and_then(|plan| self.tables.get(plan.table));
                rows = rows.saturating_add(table.map_or(0, Table::len));
            }
        });
        rows
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use proptest::prop_assert_eq;

    use super::*;
    use crate::model::OwnedRecord;
    use crate::rule::compile::Probe;
    use crate::rule::condition::Case;

    fn leaf() -> impl Strategy<Value = Predicate> {
        let tri = || prop_oneof![Just(Tri::True), Just(Tri::False), Just(Tri::Unknown)];
        let probe = prop_oneof![
            any::<bool>().prop_map(Probe::Bool),
            (0..4_u16).prop_map(|other| Probe::Same(FieldRef::Own(FieldId(other)), Case::Exact)),
        ];
        (0..4_u16, probe, tri(), tri()).prop_map(|(field, probe, missing, absent)| {
            Predicate::Leaf(Check {
                field: FieldRef::Own(FieldId(field)),
                probes: vec![probe],
                if_missing: missing,
                if_absent: absent,
            })
        })
    }

    fn predicate() -> impl Strategy<Value = Predicate> {
        leaf().prop_recursive(4, 24, 4, |inner| {
            let some = || proptest::collection::vec(inner.clone(), 0..4);
            prop_oneof![
                some().prop_map(Predicate::All),
                some().prop_map(|p| Predicate::Any(p.into_iter().map(|p| (None, p)).collect())),
                inner.clone().prop_map(|p| Predicate::Not(Box::new(p))),
            ]
        })
    }

    fn value() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            Just(Value::Missing(Missing::Empty)),
            Just(Value::Missing(Missing::Absent)),
            Just(Value::Missing(Missing::Unparsed)),
        ]
    }

    proptest! {
        /// Whatever is common to all records may be decided before the records are seen.
        #[test]
        fn a_cut_condition_decides_as_the_whole(
            predicate in predicate(),
            values in proptest::collection::vec(value(), 4),
            known in proptest::collection::vec(any::<bool>(), 4),
        ) {
            let record = OwnedRecord(values.clone());
            let common = |field: FieldId| {
                let at = usize::from(field.0);
                known[at].then(|| values[at].clone())
            };
            let shared = Shared(&common);
            let cut = Fit {
                relations: &[],
                tables: &[],
                common: &common,
                facts: Facts::alone(&shared),
            }.cut(&predicate);
            let facts = Facts::alone(&record);
            prop_assert_eq!(truth(&cut, &facts), truth(&predicate, &facts));
        }
    }
}
