//! What a run learns about the exports themselves: whether they are whole, how new they are, and
//! what of them nobody could judge. Each becomes a record, which ordinary rules judge.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::org::{Doubt, Judge, Tally};
use crate::inventory::Table;
use crate::model::{
    FieldId, FieldType, Instant, Location, Missing, OwnedRecord, OwnedValue, RecordTypeId, Region,
    ScanPath, Schema, Value, When, Written,
};
use crate::source::Record;

use super::content::Content;
use super::legible::Legible;
use super::org::{Export, OrgOutcome};
use super::orgs::Orgs;

/// The record type of exports.
const EXPORT: &str = "export";

/// What the records of one export tell about it.
#[derive(Debug, Default)]
pub(super) struct Quality {
    /// The newest activity, up to the audit date.
    pub(super) newest: Option<Instant>,
    /// The same as texts are held against it: most tell of something older, and need not be read.
    newest_written: Option<Written>,
    /// Whether it gave any record.
    seen: bool,
    /// Whether its records are of things that have activity.
    lively: bool,
    /// Columns with dates for a person's eye.
    local_times: BTreeSet<String>,
    /// Columns with dates that are of no known form, and how many of them.
    unread_times: BTreeMap<String, u32>,
    /// How the cells read.
    pub(super) legible: Legible,
    /// Records of after the audit date, which were left out.
    pub(super) later: u64,
    /// Why it is not whole.
    pub(super) cut: Option<String>,
}

/// What to look at in the records of each type.
pub(super) struct Lens<'r> {
    schema: &'r Schema,
    as_of: Instant,
    until: Option<Instant>,
    until_written: Option<Written>,
}

impl<'r> Lens<'r> {
    /// A lens for an audit date. Records of after `until` are left out.
    pub(super) fn new(schema: &'r Schema, as_of: Instant, until: Option<Instant>) -> Self {
        Self {
            schema,
            as_of,
            until,
            until_written: until.and_then(Instant::written),
        }
    }

    /// The fields that it reads of a record type.
    pub(super) fn fields(&self, ty: RecordTypeId) -> impl Iterator<Item = FieldId> + use<> {
        let record = self.schema.record(ty);
        let begins = record.begins.filter(|_| self.until.is_some());
        begins.into_iter().chain(record.activity)
    }

    /// Whether a record tells of something that was not there yet on the audit date.
    pub(super) fn is_later(&self, record: &Record<'_>) -> bool {
        let begins = self.schema.record(record.ty()).begins;
        match (self.until, begins) {
            (Some(until), Some(field)) => {
                !reaches(self.until_written, record, field)
                    && record.instant(field).is_some_and(|at| at > until)
            }
            _ => false,
        }
    }

    /// Takes a record into account; false if it is to be left out.
    pub(super) fn see(&self, quality: &mut Quality, record: &Record<'_>) -> bool {
        if self.is_later(record) {
            quality.later += 1;
            return false;
        }
        quality.seen = true;
        let declared = self.schema.record(record.ty());
        if let Some(field) = declared.activity {
            quality.lively = true;
            if !reaches(quality.newest_written, record, field) {
                quality.tells(record.instant(field).filter(|at| *at <= self.as_of));
            }
        }
        if !quality.legible.is_full() {
            quality.legible.see(self.schema, record);
            for (index, field) in (0_u16..).zip(&declared.fields) {
                let id = FieldId(index);
                if field.ty == FieldType::Time
                    && let Some(column) = record.column_name(id)
                {
                    quality.read_time(column, (record, id));
                }
            }
        }
        true
    }
}

/// Whether the text of a field is surely no later than a time: it need not be read then.
fn reaches(written: Option<Written>, record: &Record<'_>, field: FieldId) -> bool {
    match (written, record.sole(field)) {
        (Some(written), Some(Ok(text))) => written.reaches(text),
        _ => false,
    }
}

impl Quality {
    /// Of records that stand behind as many as are looked at for texts that are no dates.
    pub(super) fn sampled() -> Self {
        Self {
            legible: Legible::full(),
            ..Self::default()
        }
    }

    /// Whether so many were looked at.
    pub(super) const fn is_sampled(&self) -> bool {
        self.legible.is_full()
    }

    /// Adds what records tell that stand behind, and are not looked at for texts that are no dates.
    pub(super) fn absorb(&mut self, behind: &Self) {
        self.tells(behind.newest);
        self.seen |= behind.seen;
        self.lively |= behind.lively;
        self.later += behind.later;
    }

    /// Takes in a time of activity.
    fn tells(&mut self, at: Option<Instant>) {
        if at > self.newest {
            self.newest = at;
            self.newest_written = at.and_then(Instant::written);
        }
    }

    /// Notes a time that cannot be read.
    fn read_time(&mut self, column: &str, (record, field): (&Record<'_>, FieldId)) {
        if record.is_local_time(field) {
            self.local_times.insert(column.to_owned());
        } else if record.is_unread_time(field) {
            *self.unread_times.entry(column.to_owned()).or_default() += 1;
        }
    }
}

/// Judges the exports themselves, after all that they hold.
pub(super) fn judge_exports(
    content: &Content,
    (exports, qualities, orgs): (&[Export], &[Quality], &Orgs),
    (judges, tables): (&[Judge<'_>], &[Table]),
    outcome: &mut OrgOutcome,
) {
    let Some((ty, _)) = content.schema.find(EXPORT) else {
        return;
    };
    let gaps = gaps(judges, &outcome.tallies);
    let rules = || {
        let about_exports = |(_, judge): &(usize, &Judge<'_>)| judge.plan.rule.record == ty;
        judges.iter().enumerate().filter(about_exports)
    };
    let OrgOutcome {
        rows,
        tallies,
        spool,
        ..
    } = outcome;
    let mut turns = spool.turns();
    let seen = exports.iter().zip(qualities).filter(|(_, q)| q.seen);
    let seen: BTreeSet<&ScanPath> = seen.map(|(export, _)| &export.file.shown).collect();
    for (at, (export, quality)) in exports.iter().zip(qualities).enumerate() {
        let rows = rows.get(at).copied().unwrap_or(0);
        let gaps = gaps.get(at).cloned().unwrap_or_default();
        // That a file was cut off is told once, however many sources read it.
        let again = exports
            .iter()
            .take(at)
            .any(|e| e.file.shown == export.file.shown);
        let whole = again || quality.cut.is_none();
        let org = orgs.is_open(at).then(|| {
            let platform = content.sources.get(export.found.source).platform();
            orgs.names(platform).unwrap_or_default()
        });
        let mut record = record(content, (export, org), (quality, rows, whole, gaps));
        if whole && !seen.contains(&export.file.shown) {
            untold(content, &mut record);
        }
        let place = || Location {
            path: export.file.shown.clone(),
            region: Region::WHOLE_FILE,
        };
        if let Some(tallies) = tallies.get_mut(at) {
            for (index, judge) in rules() {
                let tally = tallies.entry(index).or_default();
                let judged = judge.judge(&record, tables, &place);
                tally.add(judged, None, &mut |found| turns.take(found));
            }
        }
    }
}

/// By export the rules that it leaves without an answer, though it was meant to give one. A subject
/// that another export settles is no gap.
fn gaps(judges: &[Judge<'_>], tallies: &[BTreeMap<usize, Tally>]) -> Vec<BTreeSet<String>> {
    let open = |doubt: &Doubt| matches!(doubt, Doubt::Log(_) | Doubt::Unparsed(_));
    let mut gaps = vec![BTreeSet::new(); tallies.len()];
    for (index, judge) in judges.iter().enumerate() {
        let all = || tallies.iter().filter_map(|tallies| tallies.get(&index));
        for (gaps, tallies) in gaps.iter_mut().zip(tallies) {
            let Some(tally) = tallies.get(&index) else {
                continue;
            };
            let settled = |subject| all().any(|tally| tally.decided.contains(subject));
            let left = tally.doubtful.iter().any(|(doubts, doubtful)| {
                doubts.iter().any(open)
                    && (doubtful.subjects.is_empty() || !doubtful.subjects.iter().all(settled))
            });
            if left {
                gaps.insert(judge.meta.id.as_str().to_owned());
            }
        }
    }
    gaps
}

/// An export as a record: the fields that the schema declares, in its order.
fn record(
    content: &Content,
    (export, orgs): (&Export, Option<&[Box<str>]>),
    (quality, rows, whole, gaps): (&Quality, u64, bool, BTreeSet<String>),
) -> OwnedRecord {
    let source = content.sources.get(export.found.source);
    let text = |text: &str| Value::Text(text.to_owned().into());
    let list = |items: BTreeSet<String>| match items.is_empty() {
        true => Value::Missing(Missing::Empty),
        false => Value::List(items.into_iter().map(Into::into).collect()),
    };
    let unread = quality.unread_times.iter();
    let unread = unread.map(|(column, n)| format!("{column} ({n})"));
    let mut values = BTreeMap::from([
        ("platform", text(source.platform())),
        ("file", text(export.file.shown.as_str())),
        ("source", text(source.id())),
        ("title", text(source.title())),
        ("rows", Value::Int(i64::try_from(rows).unwrap_or(i64::MAX))),
        ("whole", Value::Bool(whole)),
        ("cut", quality.cut.as_deref().map_or(EMPTY, text)),
        ("lively", Value::Bool(quality.lively)),
        (
            "newest",
            quality
                .newest
                .map_or(EMPTY, |at| Value::Time(When::Known(at))),
        ),
        ("local_times", list(quality.local_times.clone())),
        ("unread_times", list(unread.collect())),
        ("gaps", list(gaps)),
        (
            "orgs",
            list(
                orgs.into_iter()
                    .flatten()
                    .map(ToString::to_string)
                    .collect(),
            ),
        ),
    ]);
    let declared = content.schema.find(EXPORT).map(|(_, record)| record);
    let fields = declared.into_iter().flat_map(|record| &record.fields);
    let value = |name: &str| values.remove(name);
    OwnedRecord(
        fields
            .map(|field| field.name.as_str())
            .map(value)
            .map(|value| value.unwrap_or(Value::Missing(Missing::Absent)))
            .collect(),
    )
}

/// Of an export that gave no record nothing is known but what it is: that it has no old date and no row
/// too few is no proof.
fn untold(content: &Content, record: &mut OwnedRecord) {
    let Some((_, declared)) = content.schema.find(EXPORT) else {
        return;
    };
    // That it may be of several orgs does not come from its records.
    if let Some((orgs, _)) = declared.field("orgs")
        && let Some(value @ Value::Missing(_)) = record.0.get_mut(usize::from(orgs.0))
    {
        *value = Value::Missing(Missing::Absent);
    }
    for name in [
        "whole",
        "lively",
        "newest",
        "local_times",
        "unread_times",
        "gaps",
    ] {
        let field = declared.field(name).map(|(id, _)| usize::from(id.0));
        if let Some(value) = field.and_then(|at| record.0.get_mut(at)) {
            *value = Value::Missing(Missing::Absent);
        }
    }
}

/// The record type of exports, as rules name it.
pub(super) fn is_export(schema: &Schema, ty: RecordTypeId) -> bool {
    schema.find(EXPORT).is_some_and(|(export, _)| export == ty)
}

const EMPTY: OwnedValue = Value::Missing(Missing::Empty);
