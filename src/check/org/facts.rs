//! What one rule can know of one record: its own fields, related records, derived facts; and why
//! it does not know the rest.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use crate::inventory::{
    Bound, Group, Reads, Silence, Table, TableBuilder, Window, key_of, nothing, subject_of,
};
use crate::model::{
    FieldId, Fields, Grade, Instant, Location, Missing, Org, OwnedValue, Period, Value, When,
};
use crate::rule::compile::{Predicate, Settings};
use crate::rule::param::Literal;
use crate::rule::relation::{Derived, Nearest, Relation, Side};
use crate::rule::{FieldRef, RecordRule, Tri};

/// A rule over records, ready to run: parameters filled in, tables numbered.
#[derive(Debug)]
pub struct Plan<'r> {
    /// The rule.
    pub rule: &'r RecordRule,
    /// When it fails.
    pub predicate: Predicate,
    /// Its relations.
    pub relations: Vec<RelationPlan<'r>>,
    /// The audit date.
    pub as_of: Instant,
}

/// A relation, ready to run.
#[derive(Debug)]
pub struct RelationPlan<'r> {
    /// The relation.
    pub relation: &'r Relation,
    /// The number of its table.
    pub table: usize,
    /// Its key fields, on the related side.
    pub keys: Vec<FieldId>,
    /// For a relation to one: the fields that the rule reads.
    pub used: Vec<FieldId>,
    /// Which related records count.
    pub filter: Option<Predicate>,
    /// What the filter reads beside the related record.
    pub nested: Vec<RelationPlan<'r>>,
    /// What of the time before the audit date the log must cover.
    pub log: Option<LogSpan>,
    /// For a relation to the nearest in time among records of the rule's own type: the fields that
    /// name the subject, which is not related to itself.
    pub identity: &'r [FieldId],
    /// The record's field that the platform of related records must equal.
    pub platform: Option<FieldRef>,
}

/// What of the time before the audit date a log must cover.
#[derive(Debug, Clone, Copy)]
pub struct LogSpan {
    /// How far back it must reach.
    pub spans: Period,
    /// How long before the audit date it may end.
    pub until: Period,
    /// How long it may be silent in between, where that counts.
    pub gap: Option<Period>,
}

impl LogSpan {
    fn is_covered(self, table: &Table, home: Option<(&str, Org)>, as_of: Instant) -> bool {
        let window = table.window(home);
        window.is_some_and(|window| window.covers(as_of, self.spans, self.until))
            && self.silence(table, home, as_of).is_none()
    }

    /// The first stretch of days in which the log is silent for too long.
    #[must_use]
    pub fn silence(
        self,
        table: &Table,
        home: Option<(&str, Org)>,
        as_of: Instant,
    ) -> Option<Silence> {
        let within = Window {
            from: as_of - self.spans,
            to: as_of,
        };
        table.silence(home, within)
    }
}

impl<'r> Plan<'r> {
    /// Prepares a rule. `tables` counts the tables handed out so far, over all rules.
    #[must_use]
    pub fn new(
        rule: &'r RecordRule,
        params: &[Literal],
        as_of: Instant,
        tables: &mut usize,
    ) -> Self {
        let settings = Settings { params, as_of };
        let mut read = BTreeSet::new();
        rule.fields(&mut |field| {
            read.insert(field);
        });
        let mut relations = RelationPlan::all(&rule.relations, &read, settings, tables);
        for plan in &mut relations {
            if plan.relation.nearest.is_some() && plan.relation.from == rule.record {
                plan.identity = &rule.identity;
            }
        }
        if let (Some(by), Some(plan)) = (&rule.group, relations.first_mut()) {
            plan.used.clone_from(by);
            // A group is of all orgs.
            plan.platform = None;
        }
        Self {
            rule,
            predicate: Predicate::compile(&rule.when, settings),
            relations,
            as_of,
        }
    }
}

impl Plan<'_> {
    /// The record's own fields on which the outcome rests.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<FieldId> {
        let mut own = BTreeSet::new();
        let mut visit = |field: FieldRef| {
            if let FieldRef::Own(id) = field {
                own.insert(id);
            }
        };
        self.predicate.fields(&mut visit);
        let rungs = self.rule.derived.iter().flat_map(|d| &d.rungs);
        rungs.for_each(|rung| visit(rung.field));
        for relation in &self.rule.relations {
            let keys = relation.on.iter().flat_map(|(_, mine)| mine);
            keys.for_each(|field| visit(*field));
            relation.nearest.iter().for_each(|n| visit(n.mine));
        }
        own
    }
}

/// The record's field that the platform of related records must equal.
fn platform_key(relation: &Relation) -> Option<FieldRef> {
    let (platform, _) = relation.record.field("platform")?;
    let (_, mine) = relation.on.iter().find(|(theirs, _)| *theirs == platform)?;
    mine.first().copied()
}

impl<'r> RelationPlan<'r> {
    fn all(
        relations: &'r [Relation],
        read: &BTreeSet<FieldRef>,
        settings: Settings<'_>,
        tables: &mut usize,
    ) -> Vec<Self> {
        let each = relations.iter().enumerate().map(|(index, relation)| {
            let mut inner = BTreeSet::new();
            if let Some(filter) = &relation.filter {
                filter.fields(&mut |field| {
                    inner.insert(field);
                });
            }
            let nested = Self::all(&relation.nested, &inner, settings, tables);
            let used = read.iter().filter_map(|field| match field {
                FieldRef::One(at, id) if usize::from(*at) == index => Some(*id),
                _ => None,
            });
            let plan = Self {
                relation,
                table: *tables,
                keys: relation.on.iter().map(|(theirs, _)| *theirs).collect(),
                used: used.collect(),
                filter: relation
                    .filter
                    .as_ref()
                    .map(|f| Predicate::compile(f, settings)),
                nested,
                log: relation.coverage.as_ref().map(|c| LogSpan {
                    spans: settings.length(c.spans),
                    until: settings.length(c.until),
                    gap: c.gap.map(|gap| settings.length(gap)),
                }),
                identity: &[],
                platform: platform_key(relation),
            };
            *tables += 1;
            plan
        });
        each.collect()
    }

    /// A builder of the relation's table, over an export that was read: of a platform, and of which
    /// of its orgs.
    #[must_use]
    pub fn builder(&self, platform: &str, orgs: impl IntoIterator<Item = Org>) -> TableBuilder<'_> {
        let reads = Reads {
            used: &self.used,
            kept: &self.relation.keep,
            log: self.relation.coverage.as_ref().map(|c| c.field),
            gap: self.log.and_then(|log| log.gap),
            nearest: self.relation.nearest.map(|n| n.theirs),
            identity: self.identity,
            by_org: self.platform.is_some(),
        };
        let mut builder = TableBuilder::new(&self.keys, self.relation.case, reads);
        builder.saw_export(platform, orgs);
        builder
    }
}

/// Why a rule could not judge a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The export has no column for this field.
    Column(FieldId),
    /// No export of this relation's record type was given.
    Export(u8),
    /// The related export has no column for this field.
    RelatedColumn(u8, FieldId),
    /// The log behind this relation does not reach back far enough.
    Log(u8),
    /// Nothing says of which of several orgs the record is, and so whose records are related to it.
    Org(u8),
    /// Of some related rows it is not known whether they count.
    Rows(u8),
    /// The field is empty.
    Empty(FieldRef),
    /// The field does not parse, or two exports disagree about it.
    Unparsed(FieldRef),
}

/// The groups of related records that a key found.
enum Found<'a> {
    NoExport,
    NoOrg,
    NoColumn(FieldId),
    Rows(Vec<&'a Group>),
}

/// What one rule can know of one record.
pub struct Facts<'a> {
    relations: &'a [RelationPlan<'a>],
    derived: &'a [Derived],
    tables: &'a [Table],
    as_of: Instant,
    record: &'a dyn Fields,
    /// What looking up a relation found; made when a relation is first asked for, because most
    /// records are decided without.
    found: OnceCell<Box<[OnceCell<Found<'a>>]>>,
    /// What tests of the record came to that several rules make.
    kept: &'a [Cell<Option<Tri>>],
}

impl<'a> Facts<'a> {
    /// The facts of a record under a rule.
    #[must_use]
    pub fn new(plan: &'a Plan<'a>, tables: &'a [Table], record: &'a dyn Fields) -> Self {
        Self::within(
            &plan.relations,
            (&plan.rule.derived, plan.as_of),
            tables,
            record,
        )
    }

    /// The facts of a related record under the filter of its relation.
    #[must_use]
    pub fn nested(
        plan: &'a RelationPlan<'a>,
        as_of: Instant,
        tables: &'a [Table],
        record: &'a dyn Fields,
    ) -> Self {
        Self::within(&plan.nested, (&[], as_of), tables, record)
    }

    fn within(
        relations: &'a [RelationPlan<'a>],
        (derived, as_of): (&'a [Derived], Instant),
        tables: &'a [Table],
        record: &'a dyn Fields,
    ) -> Self {
        Self {
            relations,
            derived,
            tables,
            as_of,
            record,
            found: OnceCell::new(),
            kept: &[],
        }
    }

    /// The same, with what tests of this record came to that several rules make.
    #[inline]
    pub(super) fn keeping(mut self, kept: &'a [Cell<Option<Tri>>]) -> Self {
        self.kept = kept;
        self
    }

    /// Where the truth of a shared test is kept.
    #[inline]
    pub(super) fn kept_truth(&self, number: u16) -> Option<&'a Cell<Option<Tri>>> {
        self.kept.get(usize::from(number))
    }

    /// The facts of a record's own fields, and no others.
    #[inline]
    pub(super) fn alone(record: &'a dyn Fields) -> Self {
        Self::within(&[], (&[], Instant::from_seconds(0)), &[], record)
    }

    /// The value of a field of the record itself.
    #[inline]
    pub(super) fn own(&self, field: FieldId) -> Value<'_> {
        self.record.get(field)
    }

    /// A field's value and how exact it is.
    #[must_use]
    pub fn value(&self, field: FieldRef) -> (Value<'_>, Bound) {
        match field {
            FieldRef::Own(id) => (self.record.get(id), Bound::Exact),
            FieldRef::One(relation, id) => (self.one(usize::from(relation), id), Bound::Exact),
            FieldRef::Kept(relation, kept) => self.kept(usize::from(relation), usize::from(kept)),
            FieldRef::Derived(index) => (self.derive(usize::from(index)).0, Bound::Exact),
        }
    }

    /// The grade of the rule's first derived fact; a rule without one reads facts directly.
    #[must_use]
    pub fn grade(&self) -> Grade {
        if self.derived.is_empty() {
            Grade::Direct
        } else {
            self.derive(0).1
        }
    }

    /// The places of the related rows that a field comes from.
    pub fn places(&self, field: FieldRef) -> Vec<Location> {
        let relation = match field {
            FieldRef::One(relation, _) | FieldRef::Kept(relation, _) => usize::from(relation),
            FieldRef::Own(_) | FieldRef::Derived(_) => return Vec::new(),
        };
        match self.find(relation) {
            Some(Found::Rows(groups)) => groups.iter().flat_map(|g| g.places.clone()).collect(),
            _ => Vec::new(),
        }
    }

    fn find(&self, relation: usize) -> Option<&Found<'a>> {
        let plan = self.relations.get(relation)?;
        let found = self
            .found
            .get_or_init(|| self.relations.iter().map(|_| OnceCell::new()).collect());
        Some(found.get(relation)?.get_or_init(|| self.search(plan)))
    }

    /// Looks the record's key up; with alternative keys, every one of them.
    fn search(&self, plan: &RelationPlan<'_>) -> Found<'a> {
        let Some(table) = self.tables.get(plan.table).filter(|t| t.present) else {
            return Found::NoExport;
        };
        // That an export of another platform or org has no such record says nothing of this one.
        let org = self.record.org();
        if let Some(field) = plan.platform
            && let Value::Text(platform) = self.value(field).0
            && !table.knows(&platform, org)
        {
            return if org == Org::Open && table.knows(&platform, Org::Sole) {
                Found::NoOrg
            } else {
                Found::NoExport
            };
        }
        if org == Org::Open && table.is_parted() {
            return Found::NoOrg;
        }
        let alternatives = plan
            .relation
            .on
            .iter()
            .map(|(_, mine)| mine.len())
            .max()
            .unwrap_or(1);
        let mut groups: Vec<&Group> = Vec::new();
        for at in 0..alternatives {
            let mut key = Vec::new();
            let mut whole = true;
            for (_, mine) in &plan.relation.on {
                let Some(field) = mine.get(at).or(mine.last()) else {
                    continue;
                };
                let value = self.value(*field).0;
                if let (Value::Missing(Missing::Absent), FieldRef::Own(id)) = (&value, field)
                    && alternatives == 1
                {
                    return Found::NoColumn(*id);
                }
                whole &= key_of(&value, plan.relation.case, &mut key);
            }
            if whole {
                table.find(&mut key, org, &mut groups);
            }
        }
        Found::Rows(groups)
    }

    fn one(&self, relation: usize, id: FieldId) -> Value<'_> {
        let Some(plan) = self.relations.get(relation) else {
            return Value::Missing(Missing::Absent);
        };
        let Some(Found::Rows(groups)) = self.find(relation) else {
            return Value::Missing(Missing::Absent);
        };
        let values = match plan.relation.nearest {
            None => groups.first().map(|group| group.one.as_slice()),
            Some(nearest) => match self.nearest(plan, nearest, groups) {
                Ok(values) => values,
                Err(why) => return Value::Missing(why),
            },
        };
        let Some(values) = values else {
            return Value::Missing(Missing::Empty);
        };
        let at = plan.used.iter().position(|used| *used == id);
        let value = at.and_then(|at| values.get(at));
        value.map_or(Value::Missing(Missing::Absent), Value::borrow)
    }

    /// The fields of the related record that is nearest in time, if there is one; an error where
    /// the records at hand do not show which it is.
    fn nearest<'g>(
        &self,
        plan: &RelationPlan<'_>,
        nearest: Nearest,
        groups: &[&'g Group],
    ) -> Result<Option<&'g [OwnedValue]>, Missing> {
        if groups.iter().any(|group| group.doubtful > 0) {
            return Err(Missing::Absent);
        }
        let moment = match self.value(nearest.mine).0 {
            Value::Time(When::Known(at)) => at,
            // Nothing lies before or after what is not there.
            Value::Time(When::Never) | Value::Missing(Missing::Empty) => return Ok(None),
            _ => return Err(Missing::Absent),
        };
        let own = (!plan.identity.is_empty()).then(|| subject_of(self.record, plan.identity));
        let found = groups
            .iter()
            .filter_map(|group| group.timeline().nearest(nearest.side, moment, own));
        let best = match nearest.side {
            Side::Previous => found.max_by_key(|row| row.at),
            Side::Next => found.min_by_key(|row| row.at),
        };
        match best {
            Some(row) => Ok(Some(row.values.as_slice())),
            None if self.covers(plan) => Ok(None),
            None => Err(Missing::Absent),
        }
    }

    fn kept(&self, relation: usize, kept: usize) -> (Value<'_>, Bound) {
        const ABSENT: (Value<'static>, Bound) = (Value::Missing(Missing::Absent), Bound::Exact);
        let Some(plan) = self.relations.get(relation) else {
            return ABSENT;
        };
        let Some(aggregate) = plan.relation.keep.get(kept).map(|k| &k.aggregate) else {
            return ABSENT;
        };
        let Some(Found::Rows(groups)) = self.find(relation) else {
            return ABSENT;
        };
        let covered = self.covers(plan);
        let value = match groups.as_slice() {
            [] => nothing(aggregate, covered),
            [group] => group.aggregate(kept, aggregate, covered),
            several => {
                let whole = Group::together(several, &plan.relation.keep);
                let (value, bound) = whole.aggregate(kept, aggregate, covered);
                (value.to_static(), bound)
            }
        };
        match value {
            // Nothing was seen, and nothing could have been: that is not "none".
            (Value::Missing(_), bound) if bound != Bound::Exact => ABSENT,
            other => other,
        }
    }

    /// The best proven time among the rungs: the strongest grade, and within it the latest.
    fn derive(&self, index: usize) -> (Value<'_>, Grade) {
        let Some(derived) = self.derived.get(index) else {
            return (Value::Missing(Missing::Absent), Grade::Absent);
        };
        let mut best: Option<(Grade, Instant)> = None;
        let mut missing = Missing::Empty;
        for rung in &derived.rungs {
            if rung
                .covered_by
                .is_some_and(|relation| !self.is_covered(usize::from(relation)))
            {
                missing = Missing::Absent;
                continue;
            }
            match self.value(rung.field).0 {
                Value::Time(When::Known(at)) => best = best.max(Some((rung.grade, at))),
                Value::Missing(Missing::Absent) => missing = Missing::Absent,
                _ => {}
            }
        }
        match best {
            Some((grade, at)) => (Value::Time(When::Known(at)), grade),
            None => (Value::Missing(missing), Grade::Absent),
        }
    }

    fn is_covered(&self, relation: usize) -> bool {
        self.relations.get(relation).is_some_and(|plan| {
            self.tables.get(plan.table).is_some_and(|t| t.present) && self.covers(plan)
        })
    }

    /// Whether the log behind a relation reaches back far enough, without gaps. A relation without
    /// `coverage` is no log and always covers.
    fn covers(&self, plan: &RelationPlan<'_>) -> bool {
        let Some(log) = plan.log else {
            return true;
        };
        let platform = plan.platform.map(|field| self.value(field).0);
        let home = match &platform {
            Some(Value::Text(platform)) => Some((&**platform, self.record.org())),
            _ => None,
        };
        let table = self.tables.get(plan.table);
        table.is_some_and(|table| log.is_covered(table, home, self.as_of))
    }

    /// Why a field says nothing, or not enough.
    pub fn doubts(&self, field: FieldRef, out: &mut Vec<Doubt>) {
        match field {
            FieldRef::Own(id) => match self.record.get(id) {
                Value::Missing(Missing::Absent) => out.push(Doubt::Column(id)),
                Value::Missing(Missing::Empty) => out.push(Doubt::Empty(field)),
                Value::Missing(Missing::Unparsed) => out.push(Doubt::Unparsed(field)),
                _ => {}
            },
            FieldRef::One(relation, _) | FieldRef::Kept(relation, _) => {
                self.related_doubts(relation, field, out);
            }
            FieldRef::Derived(index) => {
                let Some(derived) = self.derived.get(usize::from(index)) else {
                    return;
                };
                for rung in &derived.rungs {
                    match rung.covered_by {
                        Some(relation) if !self.is_covered(usize::from(relation)) => {
                            self.related_doubts(relation, rung.field, out);
                        }
                        _ => self.doubts(rung.field, out),
                    }
                }
            }
        }
    }

    fn related_doubts(&self, relation: u8, field: FieldRef, out: &mut Vec<Doubt>) {
        let Some(plan) = self.relations.get(usize::from(relation)) else {
            return;
        };
        match self.find(usize::from(relation)) {
            None | Some(Found::NoExport) => out.push(Doubt::Export(relation)),
            Some(Found::NoOrg) => out.push(Doubt::Org(relation)),
            Some(Found::NoColumn(id)) => out.push(Doubt::Column(*id)),
            Some(Found::Rows(groups)) => {
                if !self.covers(plan) {
                    out.push(Doubt::Log(relation));
                } else if groups.iter().any(|g| g.doubtful > 0) {
                    out.push(Doubt::Rows(relation));
                } else if let FieldRef::One(_, id) = field {
                    out.push(match self.one(usize::from(relation), id) {
                        Value::Missing(Missing::Absent) => Doubt::RelatedColumn(relation, id),
                        Value::Missing(Missing::Unparsed) => Doubt::Unparsed(field),
                        _ => Doubt::Empty(field),
                    });
                } else {
                    out.push(match field {
                        FieldRef::Kept(_, kept)
                            if groups.iter().any(|g| g.is_open(usize::from(kept))) =>
                        {
                            Doubt::Unparsed(field)
                        }
                        _ => Doubt::Empty(field),
                    });
                }
            }
        }
    }
}
