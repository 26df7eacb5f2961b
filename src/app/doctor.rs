//! What a folder of exports proves: a scan, read requirement by requirement.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Problem, RecordTypeId};
use crate::report::{Checkup, DoctorCommand, DoctorRow, Reach, Report, Verdict, doctor};
use crate::rule::file::Depth;
use crate::rule::relation::Relation;
use crate::rule::{Body, CheckedBy, Requirement, Requirements, Rule};
use crate::source::Source;

use super::builtin::Builtin;
use super::content::Content;
use super::error::AppError;
use super::exit::Exit;
use super::options::{DoctorFormat, DoctorOptions};
use super::quality::is_export;
use super::{Io, deliver, scan};

/// The most that is told of one requirement, of reasons and of commands each.
const TOLD: usize = 6;

/// Writes what the exports prove.
///
/// # Errors
/// When rules, sources or the policy are wrong, or the report cannot be written.
pub(super) fn run(options: &DoctorOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let content = Content::load(&options.scan.content, Depth::Trusted)?;
    let requirements = requirements()?;
    let report = scan::report(&options.scan, io)?;
    let checkup = examine(&content, requirements, &report);
    let write = match options.format {
        DoctorFormat::Text => doctor::write_text,
        DoctorFormat::Json => doctor::write_json,
    };
    deliver::write_to(options.output.as_deref(), io, &mut |out| {
        write(&checkup, out)
    })?;
    Ok(if checkup.problems.is_empty() {
        Exit::Clean
    } else {
        Exit::Incomplete
    })
}

/// The requirements that are built in.
///
/// # Errors
/// Only if the built-in file is wrong, which the tests hold.
pub fn requirements() -> Result<Requirements, AppError> {
    let file = Builtin::find("rules/requirements.yaml");
    let parts = file.and_then(|file| Some((file, file.node()?)));
    let Some((file, node)) = parts else {
        return Err(AppError::usage(
            "the program was built without its requirements",
        ));
    };
    let document = crate::read::decode::Document::new(file.name, file.text);
    Ok(Requirements::decode(&document, &node)?)
}

/// The rules by which a requirement is checked.
pub fn rules_of<'c>(content: &'c Content, requirement: &Requirement) -> Vec<&'c Rule> {
    let all = content.rules.iter();
    match &requirement.by {
        CheckedBy::Rules(ids) => all.filter(|rule| ids.contains(&rule.meta.id)).collect(),
        CheckedBy::Families(families) => all
            .filter(|rule| {
                rule.meta
                    .tags
                    .iter()
                    .any(|tag| families.iter().any(|family| **family == **tag))
            })
            .collect(),
        CheckedBy::Nothing(_) => Vec::new(),
    }
}

/// What is at hand.
struct Hand<'a> {
    content: &'a Content,
    report: &'a Report,
    sources: BTreeSet<&'a str>,
    /// Platforms of the exports; that of the team's own files is empty.
    platforms: BTreeSet<&'a str>,
    records: BTreeSet<RecordTypeId>,
    hurt: Hurt,
}

/// What could not be read, wholly or in part: no pass beside it is proof.
struct Hurt {
    /// Exports, with the types of the records that they give.
    exports: Vec<(BTreeSet<RecordTypeId>, String)>,
    /// What could have been any export.
    others: Vec<String>,
}

impl Hurt {
    fn of(content: &Content, report: &Report) -> Self {
        let mut hurt = Self {
            exports: Vec::new(),
            others: Vec::new(),
        };
        for problem in &report.problems {
            let path = problem.path.as_ref().map_or("", |path| path.as_str());
            let said = said(problem);
            let export = report.exports.iter().find(|export| export.path == path);
            let Some(export) = export else {
                hurt.others.push(said);
                continue;
            };
            let ids = export.sources.iter();
            let sources = ids.filter_map(|id| content.sources.find(id));
            let types = sources.flat_map(|id| content.sources.get(id).record_types());
            hurt.exports.push((types.collect(), said));
        }
        hurt
    }

    /// What could not be read of that which a rule reads.
    fn of_rule(&self, content: &Content, rule: &Rule) -> impl Iterator<Item = &String> {
        let mut records = Vec::new();
        let mut every = false;
        if let Body::Record(body) = &rule.body {
            records.push(body.record);
            related(&body.relations, &mut records);
            every = is_export(&content.schema, body.record);
        }
        let is_record = !records.is_empty();
        let exports = self
            .exports
            .iter()
            .filter(move |(types, _)| every || records.iter().any(|record| types.contains(record)));
        let others = self.others.iter().filter(move |_| is_record);
        exports.map(|(_, said)| said).chain(others)
    }
}

/// A problem in one line.
fn said(problem: &Problem) -> String {
    match &problem.path {
        Some(path) => format!("{path} {}", problem.message),
        None => problem.message.clone(),
    }
}

pub(super) fn examine(content: &Content, requirements: Requirements, report: &Report) -> Checkup {
    let sources: BTreeSet<&str> = report
        .exports
        .iter()
        .flat_map(|export| export.sources.iter().map(String::as_str))
        .collect();
    let given = || {
        content
            .sources
            .iter()
            .map(|(_, s)| s)
            .filter(|s| sources.contains(s.id()))
    };
    let hand = Hand {
        hurt: Hurt::of(content, report),
        content,
        report,
        platforms: given().map(|source| source.platform()).collect(),
        records: given().flat_map(|source| source.record_types()).collect(),
        sources: sources.clone(),
    };
    let rows = requirements
        .list
        .iter()
        .map(|requirement| hand.row(requirement));
    let rows = rows.collect();
    let problems = report.problems.iter().map(said);
    Checkup {
        as_of: report.as_of,
        groups: requirements.groups,
        rows,
        problems: problems.collect(),
    }
}

impl Hand<'_> {
    fn row(&self, requirement: &Requirement) -> DoctorRow {
        let mut row = DoctorRow {
            number: requirement.number,
            group: requirement.group.clone(),
            title: requirement.title.clone(),
            verdict: Verdict::NotCheckable,
            fails: 0,
            passes: 0,
            reasons: Vec::new(),
            settle: Vec::new(),
        };
        if let CheckedBy::Nothing(reason) = &requirement.by {
            row.reasons.push(reason.clone());
            return row;
        }
        let mut reasons: BTreeSet<String> = BTreeSet::new();
        let mut settle: BTreeSet<DoctorCommand> = BTreeSet::new();
        let (mut judged, mut open) = (false, false);
        let looked = self.searched(requirement);
        for rule in rules_of(self.content, requirement) {
            let Some(outcome) = self.report.outcome(&rule.meta.id) else {
                // Left out by the policy or the command line.
                reasons.insert(format!("the rule {} is switched off", rule.meta.id));
                open = true;
                continue;
            };
            row.fails += outcome.fails;
            row.passes += outcome.passes;
            let reach = outcome.reach();
            judged |= reach != Reach::None && (looked || outcome.fails > 0);
            if reach != Reach::None {
                let hurt = self.hurt.of_rule(self.content, rule);
                let before = reasons.len();
                reasons.extend(hurt.cloned());
                open |= reasons.len() > before;
            }
            if reach == Reach::Full || (reach == Reach::None && self.is_elsewhere(rule)) {
                continue;
            }
            open = true;
            reasons.extend(outcome.reasons().map(|(reason, _)| reason.to_owned()));
            settle.extend(self.missing(rule));
        }
        if judged && let Some(own) = self.unwritten(requirement) {
            open = true;
            reasons.insert(format!(
                "no {} says what is expected",
                own.title().to_lowercase()
            ));
        }
        row.verdict = match (row.fails > 0, judged, open) {
            (true, ..) => Verdict::Failing,
            (false, true, false) => Verdict::Proven,
            (false, true, true) => Verdict::Partly,
            (false, false, _) => Verdict::NotProvable,
        };
        if row.verdict == Verdict::NotProvable && reasons.is_empty() {
            // Every rule of it is about platforms of which nothing is here.
            for rule in rules_of(self.content, requirement) {
                settle.extend(self.missing(rule));
            }
            reasons.insert(match settle.is_empty() && requirement.needs.is_empty() {
                true => "no rule of this version decides it".to_owned(),
                false => "no export at hand tells of it".to_owned(),
            });
        }
        if row.verdict != Verdict::Proven && (open || row.fails == 0) {
            // A log that is here and too short is settled by a longer one.
            let short = reasons.iter().any(|reason| reason.contains("the log of "));
            let needed = requirement
                .needs
                .iter()
                .filter_map(|id| self.content.sources.find(id));
            let needed = needed.map(|id| self.content.sources.get(id));
            let absent = needed.filter(|source| short || !self.sources.contains(source.id()));
            // What is open is about the platforms at hand; if nothing is, about others alone.
            let helps = |source: &&Arc<Source>| !(open || judged) || self.is_here(source);
            settle.extend(absent.filter(helps).map(|source| command(source)));
        }
        row.reasons = told(reasons, |more| format!("and {more} more reasons"));
        row.settle = settle.into_iter().take(TOLD).collect();
        row
    }

    /// Whether the texts that a requirement is about were among those that rules for secrets searched:
    /// where it names exports, one of them has to be at hand.
    fn searched(&self, requirement: &Requirement) -> bool {
        let rules = rules_of(self.content, requirement);
        let secrets = rules
            .iter()
            .all(|rule| matches!(rule.body, Body::Secret(_)));
        let here = |id: &String| self.sources.contains(id.as_str());
        !secrets || requirement.needs.is_empty() || requirement.needs.iter().any(here)
    }

    /// The team's own file that a requirement needs, if nothing else would do and none is at hand: what
    /// nobody wrote down is kept by everything.
    fn unwritten(&self, requirement: &Requirement) -> Option<&Source> {
        let needed = requirement.needs.iter();
        let needed: Vec<&Source> = needed
            .filter_map(|id| self.content.sources.find(id))
            .map(|id| &**self.content.sources.get(id))
            .collect();
        let own = |source: &&Source| source.platform().is_empty();
        let here = |source: &&Source| {
            let types = source.record_types();
            types.iter().all(|ty| self.records.contains(ty))
        };
        let missing = needed.iter().all(own) && !needed.iter().any(here);
        needed.first().copied().filter(|_| missing)
    }

    /// Whether a rule is about nothing that the platforms at hand have.
    fn is_elsewhere(&self, rule: &Rule) -> bool {
        let Body::Record(body) = &rule.body else {
            return false;
        };
        !self.giving(body.record).any(|source| self.is_here(source))
    }

    /// Whether a source is of a platform at hand, or the team's own.
    fn is_here(&self, source: &Source) -> bool {
        source.platform().is_empty() || self.platforms.contains(source.platform())
    }

    fn giving(&self, record: RecordTypeId) -> impl Iterator<Item = &Source> {
        let all = self.content.sources.iter().map(|(_, source)| &**source);
        all.filter(move |source| source.record_types().contains(&record))
    }

    /// The exports that a rule reads and that are not at hand, two of each record type at most: those
    /// of the platforms that the rule is about here, and the team's own. Of a rule that is about
    /// nothing here, those of the first platform that it is about.
    fn missing(&self, rule: &Rule) -> Vec<DoctorCommand> {
        let Body::Record(body) = &rule.body else {
            return Vec::new();
        };
        let here = self
            .giving(body.record)
            .filter(|source| self.is_here(source) && self.is_about(body.record, source));
        let mut about: BTreeSet<&str> = here.map(Source::platform).collect();
        if about.is_empty() {
            about.extend(self.giving(body.record).map(Source::platform).next());
        }
        // The team's own files are about any platform: those at hand, if there are some.
        let own = |about: &BTreeSet<&str>| about.iter().all(|platform| platform.is_empty());
        if own(&about) {
            about.extend(&self.platforms);
        }
        let anywhere = own(&about);
        let mut records = vec![body.record];
        related(&body.relations, &mut records);
        let absent = records
            .into_iter()
            .filter(|record| !self.records.contains(record));
        let each = absent.flat_map(|record| {
            let of = |source: &&Source| {
                source.platform().is_empty() || about.contains(source.platform())
            };
            let helps = self.giving(record).filter(of).take(2);
            let mut helps: Vec<DoctorCommand> = helps.map(command).collect();
            if helps.is_empty() && anywhere {
                helps.extend(self.giving(record).next().map(command));
            }
            helps
        });
        each.collect()
    }

    /// Whether records of a type come from a source here; where none are at hand at all, they may
    /// come from any.
    fn is_about(&self, record: RecordTypeId, source: &Source) -> bool {
        !self.records.contains(&record) || self.sources.contains(source.id())
    }
}

fn related(relations: &[Relation], out: &mut Vec<RecordTypeId>) {
    for relation in relations {
        out.push(relation.from);
        related(&relation.nested, out);
    }
}

fn command(source: &Source) -> DoctorCommand {
    DoctorCommand {
        source: source.id().to_owned(),
        title: source.title().to_owned(),
        export: source.export().trim().to_owned(),
    }
}

/// The first few, and how many more there are.
fn told(all: BTreeSet<String>, rest: impl Fn(usize) -> String) -> Vec<String> {
    let more = all.len().saturating_sub(TOLD);
    let mut first: Vec<String> = all.into_iter().take(TOLD).collect();
    if more > 0 {
        first.push(rest(more));
    }
    first
}
