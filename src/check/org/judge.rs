//! One rule, one record: fail with a finding, pass, or not evaluated and why.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::sync::{Arc, OnceLock};

use foldhash::fast::{FixedState, RandomState};

use crate::inventory::{Table, subject_of};
use crate::model::{
    Evidence, FieldId, Fields, Finding, FingerprintBuilder, Location, Missing, Org, RecordType,
    Subject, Value,
};
use crate::rule::compile::Predicate;
use crate::rule::{FieldRef, RuleMeta, Tri};

use super::evaluate::{causes, doubts, truth};
use super::facts::{Doubt, Facts, Plan};

/// What a rule says of a record.
#[derive(Debug)]
pub enum Outcome {
    /// It keeps the rule.
    Pass,
    /// It breaks the rule.
    Fail(Box<Finding>),
    /// The facts do not say, for these reasons, sorted.
    NotEvaluated(Vec<Doubt>),
}

/// A waiver that may cover a record of a rule: its index in the policy, and its condition.
pub type WaiverMatch = (usize, Predicate);

/// A rule, ready to judge records.
#[derive(Debug)]
pub struct Judge<'r> {
    /// The rule's envelope, with the policy's severity.
    pub meta: &'r RuleMeta,
    /// The compiled rule.
    pub plan: Plan<'r>,
    /// The record type's declaration.
    pub record: &'r RecordType,
    /// Waivers of this rule.
    pub waivers: Vec<WaiverMatch>,
    /// The record type's name, which every finding shares.
    kind: Arc<str>,
    /// The field that says where a record lives.
    platform: Option<FieldId>,
    /// By platform what its orgs go by, where exports are of several.
    orgs: Arc<OrgNames>,
    /// What it said first: nearly always what it says next, and findings then share one text.
    seen: OnceLock<Arc<str>>,
}

/// The outcomes of one rule over one file.
#[derive(Debug, Default)]
pub struct Tally {
    /// Records that keep the rule.
    pub passes: u64,
    /// Records that break it.
    pub fails: u64,
    /// Records that could not be judged, by their reasons.
    pub doubtful: HashMap<Vec<Doubt>, Doubtful, RandomState>,
    /// Subjects that were judged; kept only where another export may tell of the same ones.
    pub decided: HashSet<SubjectKey, RandomState>,
}

/// Records that one set of reasons kept from being judged.
#[derive(Debug, Default)]
pub struct Doubtful {
    /// How many.
    pub records: u64,
    /// Which subjects they are about; kept only where another export may tell of the same ones.
    pub subjects: Vec<SubjectKey>,
}

/// Takes findings as they are found. They are many, and may not all fit into memory.
pub type Take<'t> = dyn FnMut(Box<Finding>) + 't;

/// A subject of a rule within one run: a hash of its identity.
pub type SubjectKey = u64;

/// By platform the names of its orgs, sorted, as [`Org::Of`] counts them.
pub type OrgNames = BTreeMap<Box<str>, Arc<[Box<str>]>>;

impl Tally {
    /// Counts an outcome, and hands its finding on.
    /// The subject is given where several exports may tell of it.
    pub fn add(&mut self, outcome: Outcome, subject: Option<SubjectKey>, take: &mut Take<'_>) {
        match outcome {
            Outcome::Pass => {
                self.passes += 1;
                self.decided.extend(subject);
            }
            Outcome::Fail(finding) => {
                self.fails += 1;
                take(finding);
                self.decided.extend(subject);
            }
            Outcome::NotEvaluated(doubts) => {
                let entry = self.doubtful.entry(doubts).or_default();
                entry.records += 1;
                entry.subjects.extend(subject);
            }
        }
    }

    /// Adds the outcomes of other records of the file.
    pub(super) fn absorb(&mut self, other: Self) {
        self.passes += other.passes;
        self.fails += other.fails;
        other.doubtful.into_iter().for_each(|(doubts, doubtful)| {
            let entry = self.doubtful.entry(doubts).or_default();
            entry.records += doubtful.records;
            entry.subjects.extend(doubtful.subjects);
        });
        self.decided.extend(other.decided);
    }
}

impl<'r> Judge<'r> {
    /// A rule, ready to judge.
    #[must_use]
    pub fn new(
        meta: &'r RuleMeta,
        plan: Plan<'r>,
        record: &'r RecordType,
        waivers: Vec<WaiverMatch>,
    ) -> Self {
        Self {
            meta,
            plan,
            record,
            waivers,
            kind: record.name.as_str().into(),
            platform: record.field("platform").map(|(field, _)| field),
            orgs: Arc::default(),
            seen: OnceLock::new(),
        }
    }

    /// Learns what the orgs go by: ids are those of one org, and so are findings.
    pub fn learn(&mut self, orgs: &Arc<OrgNames>) {
        self.orgs = Arc::clone(orgs);
    }

    /// The subject that a record is about.
    pub fn subject(&self, record: &dyn Fields) -> SubjectKey {
        let own = subject_of(record, &self.plan.rule.identity);
        match self.is_nameless(record) {
            true => self.named_otherwise(record, own),
            false => own,
        }
    }

    /// Whether a record lacks a part of its identity that every one has: somebody left the column out
    /// or emptied it. Others that lack it must not pass for the same.
    fn is_nameless(&self, record: &dyn Fields) -> bool {
        let mut identity = self.plan.rule.identity.iter();
        identity.any(|field| self.lacks(record, *field))
    }

    fn lacks(&self, record: &dyn Fields, field: FieldId) -> bool {
        let declared = self.record.fields.get(usize::from(field.0));
        declared.is_some_and(|declared| !declared.nullable)
            && matches!(record.get(field), Value::Missing(_))
    }

    /// The subject of a record without an id: what it is called stands for that.
    fn named_otherwise(&self, record: &dyn Fields, own: SubjectKey) -> SubjectKey {
        let as_of = self.plan.as_of;
        let get = |field: FieldRef| match field {
            FieldRef::Own(field) => record.get(field),
            _ => Value::Missing(Missing::Absent),
        };
        let name = self.plan.rule.subject.render(as_of, &get);
        FixedState::default().hash_one((own, name))
    }

    /// Judges one record. `place` is asked for only when the record breaks the rule.
    pub fn judge(
        &self,
        record: &dyn Fields,
        tables: &[Table],
        place: &dyn Fn() -> Location,
    ) -> Outcome {
        self.judge_fitted(&self.plan.predicate, (record, &[]), tables, place)
    }

    /// Judges one record by its predicate as [`super::fit`] cut it to the record's export. `kept`
    /// holds what tests of the record came to that other rules make as well.
    pub fn judge_fitted(
        &self,
        fitted: &Predicate,
        (record, kept): (&dyn Fields, &[Cell<Option<Tri>>]),
        tables: &[Table],
        place: &dyn Fn() -> Location,
    ) -> Outcome {
        let facts = Facts::new(&self.plan, tables, record).keeping(kept);
        match truth(fitted, &facts) {
            Tri::False => Outcome::Pass,
            Tri::True => Outcome::Fail(Box::new(self.finding(record, &facts, place()))),
            Tri::Unknown => {
                let mut reasons = Vec::new();
                doubts(&self.plan.predicate, &facts, &mut reasons);
                reasons.sort_unstable();
                reasons.dedup();
                // What could be exported and was not outweighs what is merely empty.
                if reasons.iter().any(|r| !matches!(r, Doubt::Empty(_))) {
                    reasons.retain(|r| !matches!(r, Doubt::Empty(_)));
                }
                Outcome::NotEvaluated(reasons)
            }
        }
    }

    fn finding(&self, record: &dyn Fields, facts: &Facts<'_>, location: Location) -> Finding {
        let as_of = self.plan.as_of;
        let rule = self.plan.rule;
        let get = |field: FieldRef| facts.value(field).0;
        let mut reasons = Vec::new();
        causes(&self.plan.predicate, facts, as_of, &mut reasons);
        reasons.sort();
        reasons.dedup_by(|later, earlier| later.text == earlier.text);
        let name = rule.subject.render(as_of, &get);
        let mut fingerprint = FingerprintBuilder::new(self.meta.id.as_str());
        let mut id = String::new();
        for field in &rule.identity {
            let value = record.get(*field);
            let part = match self.lacks(record, *field) {
                true => name.as_str().into(),
                false => value.shown(),
            };
            fingerprint.part(part.as_bytes());
            if !id.is_empty() {
                id.push(':');
            }
            id.push_str(&part);
        }
        id.shrink_to_fit();
        let platform = self.platform_of(record);
        if let Some(org) = self.org_of(record, &platform) {
            fingerprint.part(org.as_bytes());
        }
        let evidence =
            rule.evidence
                .iter()
                .filter_map(|(field, reference)| match get(*reference) {
                    // What no export could have told is no evidence, not even of emptiness.
                    Value::Missing(Missing::Absent) => None,
                    value => Some(Evidence {
                        field: field.clone(),
                        value: value.show().into_boxed_str(),
                    }),
                });
        Finding {
            rule: self.meta.id.clone(),
            severity: self.meta.severity,
            confidence: self.meta.confidence,
            grade: Some(facts.grade()),
            message: rule.message.render(as_of, &get),
            subject: Subject {
                platform,
                kind: Arc::clone(&self.kind),
                id,
                name,
            },
            location,
            places: Vec::new(),
            causes: reasons,
            evidence: evidence.collect(),
            fingerprint: fingerprint.finish(),
            identifiers: Vec::new(),
            line_hash: None,
            secret: None,
            frame: None,
            commit: None,
            allow: None,
            waivers: self.waivers_of(facts),
        }
    }

    /// What the org of a record goes by, where exports are of several.
    fn org_of(&self, record: &dyn Fields, platform: &str) -> Option<&str> {
        match record.org() {
            Org::Of(number) => {
                let names = self.orgs.get(platform)?;
                names.get(usize::from(number)).map(|name| &**name)
            }
            Org::Sole | Org::Open => None,
        }
    }

    fn platform_of(&self, record: &dyn Fields) -> Arc<str> {
        let value = self.platform.map(|field| record.get(field));
        let text = match &value {
            Some(Value::Text(text)) => text,
            _ => "",
        };
        let seen = self.seen.get_or_init(|| text.into());
        if **seen == *text {
            Arc::clone(seen)
        } else {
            text.into()
        }
    }

    fn waivers_of(&self, facts: &Facts<'_>) -> Vec<usize> {
        let matching = self
            .waivers
            .iter()
            .filter(|(_, p)| truth(p, facts) == Tri::True);
        matching.map(|(index, _)| *index).collect()
    }
}

/// The truth of a relation's filter for a related record.
#[must_use]
pub fn counts(
    plan: &super::RelationPlan<'_>,
    as_of: crate::model::Instant,
    tables: &[Table],
    record: &dyn Fields,
) -> Tri {
    match &plan.filter {
        None => Tri::True,
        Some(filter) => truth(filter, &Facts::nested(plan, as_of, tables, record)),
    }
}
