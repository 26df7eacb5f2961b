//! One rule, one record: fail with a finding, pass, or not evaluated and why.

use std::collections::HashMap;

use crate::inventory::Table;
use crate::model::{
    Evidence, Fields, Finding, FingerprintBuilder, Location, Missing, RecordType, Subject, Value,
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
}

/// The outcomes of one rule over one file.
#[derive(Debug, Default)]
pub struct Tally {
    /// Records that keep the rule.
    pub passes: u64,
    /// Findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// Records that could not be judged, by their reasons.
    pub doubtful: HashMap<Vec<Doubt>, u64>,
}

impl Tally {
    /// Counts an outcome.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.passes += 1,
            Outcome::Fail(finding) => self.findings.push(*finding),
            Outcome::NotEvaluated(doubts) => *self.doubtful.entry(doubts).or_default() += 1,
        }
    }
}

impl Judge<'_> {
    /// Judges one record. `place` is asked for only when the record breaks the rule.
    pub fn judge(
        &self,
        record: &dyn Fields,
        tables: &[Table],
        place: &dyn Fn() -> Location,
    ) -> Outcome {
        let facts = Facts::new(&self.plan, tables, record);
        match truth(&self.plan.predicate, &facts) {
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
        let mut fingerprint = FingerprintBuilder::new(self.meta.id.as_str());
        let mut id = String::new();
        for field in &rule.identity {
            let part = record.get(*field).show();
            fingerprint.part(part.as_bytes());
            if !id.is_empty() {
                id.push(':');
            }
            id.push_str(&part);
        }
        let platform = match self
            .record
            .field("platform")
            .map(|(field, _)| record.get(field))
        {
            Some(Value::Text(text)) => text.into_owned(),
            _ => String::new(),
        };
        let evidence =
            rule.evidence
                .iter()
                .filter_map(|(field, reference)| match get(*reference) {
                    // What no export could have told is no evidence, not even of emptiness.
                    Value::Missing(Missing::Absent) => None,
                    value => Some(Evidence {
                        field: field.clone(),
                        value: value.show(),
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
                kind: self.record.name.clone(),
                id,
                name: rule.subject.render(as_of, &get),
            },
            location,
            places: Vec::new(),
            causes: reasons,
            evidence: evidence.collect(),
            fingerprint: fingerprint.finish(),
            line_hash: None,
            secret: None,
            frame: None,
            waivers: self.waivers_of(facts),
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
