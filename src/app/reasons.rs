//! Why rules could not be judged, in words: which column, which export, which log, and how to get
//! it.

use std::collections::{BTreeMap, HashSet};

use crate::check::org::{Doubt, Judge, Plan, SubjectKey, Tally};
use crate::inventory::Table;
use crate::model::{RecordTypeId, ScanPath};
use crate::report::NotEvaluated;
use crate::rule::FieldRef;
use crate::rule::scope::Scope;

use super::content::Content;
use super::items::ItemTypes;
use super::org::Export;
use super::quality;

/// The reason of every rule over records where there is no export.
pub(super) const NO_EXPORT: &str = "no export was given";
/// The same where nothing lies there but certificates, as in many source trees: nobody meant to give
/// one, and to name them all would fill a screen.
const CERTIFICATES_ALONE: &str = "no export was given, certificates aside";
/// The platform of certificates and stores of them as files.
const CERTIFICATES: &str = "x509";

/// Puts doubts into words.
pub(super) struct Reasons<'a> {
    pub(super) exports: &'a [Export],
    pub(super) content: &'a Content,
    pub(super) tables: &'a [Table],
}

impl Reasons<'_> {
    /// The reasons of one rule over one export, each with its number of records. A subject that
    /// another export settled is not in doubt.
    pub(super) fn of_tally(
        &self,
        judge: &Judge<'_>,
        export: &Export,
        (tally, settled): (&Tally, &HashSet<SubjectKey>),
        out: &mut BTreeMap<String, u64>,
    ) {
        let mut told: Vec<(String, u64)> = Vec::new();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "sums in a sorted map do not depend on the order"
        )]
        for (doubts, doubtful) in &tally.doubtful {
            let known = doubtful
                .subjects
                .iter()
                .filter(|s| settled.contains(s))
                .count() as u64;
            let open = doubtful.records.saturating_sub(known);
            if open == 0 {
                continue;
            }
            let mut words: Vec<String> = doubts
                .iter()
                .map(|d| self.word(judge, export, *d))
                .collect();
            words.sort();
            words.dedup();
            told.push((words.join("; "), open));
        }
        for (reason, count) in told {
            *out.entry(reason).or_default() += count;
        }
    }

    /// The reason of a rule whose record type nobody exported.
    pub(super) fn no_export(&self, record: RecordTypeId) -> NotEvaluated {
        let items = ItemTypes::of(&self.content.schema).filter(|types| types.item == record);
        let reason = if self.exports.is_empty() {
            NO_EXPORT.to_owned()
        } else if self.are_certificates_alone() {
            CERTIFICATES_ALONE.to_owned()
        } else if let Some(types) = items {
            self.missing_export(types.entry, None)
        } else {
            self.missing_export(record, None)
        };
        NotEvaluated {
            reason,
            subjects: 0,
        }
    }

    fn are_certificates_alone(&self) -> bool {
        let platform = |export: &Export| self.content.sources.get(export.found.source).platform();
        self.exports
            .iter()
            .all(|export| platform(export) == CERTIFICATES)
    }

    fn word(&self, judge: &Judge<'_>, export: &Export, doubt: Doubt) -> String {
        let plan = &judge.plan;
        match doubt {
            Doubt::Column(id) => self.column(judge, export, id),
            Doubt::Export(relation) => {
                let from = relation_type(plan, relation);
                from.map_or_else(String::new, |from| self.missing_export(from, Some(export)))
            }
            Doubt::RelatedColumn(relation, id) => match plan.relations.get(usize::from(relation)) {
                Some(plan) => {
                    let record = &plan.relation.record;
                    format!(
                        "the export of {} does not tell {}",
                        words(&record.name),
                        record.decl(id).name
                    )
                }
                None => String::new(),
            },
            Doubt::Log(relation) => self.log(plan, relation),
            Doubt::Org(relation) => format!(
                "nothing says of which of several orgs {} is, and so whose {} are related to it",
                file(&export.file.shown),
                relation_type(plan, relation).map_or_else(String::new, |ty| {
                    words(&self.content.schema.record(ty).name)
                }),
            ),
            Doubt::Rows(relation) => match plan.relations.get(usize::from(relation)) {
                Some(plan) => format!(
                    "the export of {} leaves open which of its rows count",
                    words(&plan.relation.record.name)
                ),
                None => String::new(),
            },
            Doubt::Empty(field) => {
                let why = match field {
                    FieldRef::Own(id) => judge.record.decl(id).empty.clone(),
                    _ => None,
                };
                why.unwrap_or_else(|| format!("{} is empty", name(judge, field)))
            }
            Doubt::Unparsed(field) => {
                format!(
                    "{} cannot be read, or two exports disagree about it",
                    name(judge, field)
                )
            }
        }
    }

    fn column(&self, judge: &Judge<'_>, export: &Export, id: crate::model::FieldId) -> String {
        let source = self.content.sources.get(export.found.source);
        let ty = judge.plan.rule.record;
        if quality::is_export(&self.content.schema, ty) {
            return format!("{} gave no record", file(&export.file.shown));
        }
        let plan =
            crate::source::Plan::new(source, &self.content.schema, &export.file.shown, &|t, f| {
                (t, f) == (ty, id)
            });
        match plan.column_name(ty, id) {
            Some(column) => format!("{} has no column {column}", file(&export.file.shown)),
            None => format!(
                "{} do not tell {}",
                source.title(),
                judge.record.decl(id).name
            ),
        }
    }

    /// Names the export that is missing, and the command of a source that makes it. Beside an
    /// export only one of its platform, or the team's own, is any help; a rule that found nothing to
    /// judge is about the platforms at hand first.
    fn missing_export(&self, record: RecordTypeId, beside: Option<&Export>) -> String {
        let platform = |export: &Export| self.content.sources.get(export.found.source).platform();
        let gives = || {
            let all = self.content.sources.iter().map(|(_, source)| source);
            all.filter(|source| source.record_types().contains(&record))
        };
        let of = |platform: &str| gives().find(|source| source.platform() == platform);
        let help = match beside.map(platform) {
            Some("") => gives().next(),
            Some(beside) => of(beside).or_else(|| of("")),
            None => {
                let here = self.exports.iter().find_map(|export| of(platform(export)));
                here.or_else(|| gives().next())
            }
        };
        let what = words(&self.content.schema.record(record).name);
        match help {
            Some(source) => format!(
                "no export of {what} (such as {}: `{}`)",
                source.title(),
                source.export().trim()
            ),
            None => format!("no export of {what}"),
        }
    }

    fn log(&self, plan: &Plan<'_>, relation: u8) -> String {
        let Some(relation) = plan.relations.get(usize::from(relation)) else {
            return String::new();
        };
        let what = words(&relation.relation.record.name);
        let Some(log) = relation.log else {
            return String::new();
        };
        let spans = log.spans;
        let table = self.tables.get(relation.table);
        let silence = table.and_then(|table| log.silence(table, None, plan.as_of));
        match (table.and_then(|table| table.window(None)), silence) {
            (None, _) => format!(
                "the log of {what} shows no stretch of time; the rule needs the last {spans}"
            ),
            (Some(window), Some(silence)) if window.covers(plan.as_of, log.spans, log.until) => {
                format!(
                    "the log of {what} has nothing from {} to {}; a part of it may be missing (`coverage` in the policy file can declare that it is not)",
                    silence.from.date(),
                    silence.to.date(),
                )
            }
            (Some(window), _) => format!(
                "the log of {what} covers {} to {}; the rule needs the last {spans} (`coverage` in the policy file can declare it)",
                window.from.date(),
                window.to.date(),
            ),
        }
    }
}

fn relation_type(plan: &Plan<'_>, relation: u8) -> Option<RecordTypeId> {
    plan.relations
        .get(usize::from(relation))
        .map(|p| p.relation.from)
}

fn name(judge: &Judge<'_>, field: FieldRef) -> String {
    let rule = judge.plan.rule;
    Scope {
        record: judge.record,
        relations: &rule.relations,
        derived: &rule.derived,
        params: &rule.params,
        only: None,
    }
    .name(field)
}

/// A record type's name for people.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn file(path: &ScanPath) -> &str {
    path.file_name()
}
