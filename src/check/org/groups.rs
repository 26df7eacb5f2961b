//! Rules about groups of records: each group is judged once, as if it were a record that knows only
//! what its records have in common.

use std::path::Path;

use crate::inventory::{Group, Table};
use crate::model::{FieldId, Fields, Location, Missing, Region, ScanPath, Value};
use crate::rule::FieldRef;

use super::facts::Doubt;
use super::judge::{Judge, Outcome, Take, Tally};

/// A group as a record: the fields that it is grouped by, and no others.
struct Whole<'g> {
    by: &'g [FieldId],
    group: &'g Group,
}

impl Fields for Whole<'_> {
    fn get(&self, field: FieldId) -> Value<'_> {
        let at = self.by.iter().position(|id| *id == field);
        let value = at.and_then(|at| self.group.one.get(at));
        value.map_or(Value::Missing(Missing::Absent), Value::borrow)
    }
}

/// Judges every group of a rule about groups, in the order of their keys. None where the rule is
/// about single records, or no export of them was given.
#[must_use]
pub fn judge_groups(judge: &Judge<'_>, tables: &[Table], take: &mut Take<'_>) -> Option<Tally> {
    let by = judge.plan.rule.group.as_deref()?;
    let table = tables.get(judge.plan.relations.first()?.table)?;
    if !table.present {
        return None;
    }
    let mut tally = Tally::default();
    for group in table.groups() {
        let record = Whole { by, group };
        let mut places = group.places.iter().cloned();
        // A group of which every row is in doubt has no row to name.
        let first = places.next().unwrap_or_else(|| Location {
            path: ScanPath::new(Path::new("")),
            region: Region::WHOLE_FILE,
        });
        let mut outcome = judge.judge(&record, tables, &|| first.clone());
        if let Outcome::Fail(finding) = &mut outcome {
            finding.places.extend(places);
        }
        tally.add(outcome, None, take);
    }
    // In a file that names only what is filled, some rows have no key; that all have none, or that
    // one cannot be read, leaves the question open.
    let doubt = match table.keyless {
        Some((field, Missing::Absent)) => table.is_empty().then_some(Doubt::Column(field)),
        Some((field, _)) => Some(Doubt::Unparsed(FieldRef::Own(field))),
        None => None,
    };
    if let Some(doubt) = doubt {
        tally.add(Outcome::NotEvaluated(vec![doubt]), None, take);
    }
    Some(tally)
}
