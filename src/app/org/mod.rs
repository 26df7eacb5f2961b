//! The org half of a scan: exports in, tallies out. First the tables of related records, then the
//! judging; files side by side, in an order that does not show.

mod bench;
mod in_order;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::check::org::{
    Judge, Plan as RulePlan, RelationPlan, Tally, WaiverMatch, counts, judge_groups,
};
use crate::input::InputFile;
use crate::inventory::{Gathered, Inventory, Recipes, Table, TableBuilder, Window};
use crate::model::{FieldId, Instant, Problem, ProblemKind, RecordTypeId};
use crate::read::{Format, Summary};
use crate::rule::compile::{Predicate, Settings};
use crate::rule::policy::{Waiver, WaiverMatch as PolicyMatch};
use crate::rule::{Body, FieldRef, Policy, Rule};
use crate::source::{Found, Plan};

use super::content::Content;
use super::error::AppError;
use super::hashing::Hashes;
use super::items::{self, ItemTypes, Scope};
use super::legible::{Legible, Lost};
use super::orgs::Orgs;
use super::quality::{self, Lens};
use super::spool::Spool;
use super::standing::{Rank, Standing};
use bench::{Asked, Part};
use reading::problem;
pub(super) use reading::{peek, read_export};

/// A file that a source recognised.
#[derive(Debug)]
pub struct Export {
    /// The file.
    pub file: InputFile,
    /// Its size in bytes.
    pub bytes: u64,
    /// The source, and how it is read for it.
    pub found: Found,
}

/// What the org half found.
#[derive(Debug, Default)]
pub struct OrgOutcome {
    /// By export, then by rule (an index into the judges): what came out.
    pub tallies: Vec<BTreeMap<usize, Tally>>,
    /// What was found, of all exports.
    pub(super) spool: Spool,
    /// Rows of each export.
    pub rows: Vec<u64>,
    /// The SHA-256 of each export, where it was asked for.
    pub hashes: Vec<Option<String>>,
    /// The newest thing that each export tells of, up to the audit date.
    pub newest: Vec<Option<Instant>>,
    /// Records judged.
    pub records: u64,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What people should know of the exports.
    pub notes: Vec<String>,
    /// What the exports come to, where it was asked for.
    pub inventory: Option<Inventory>,
}

/// The fields that anything in a run reads.
type Wanted = BTreeSet<(RecordTypeId, FieldId)>;

/// The rules over records, ready to run.
pub struct OrgRun<'r> {
    content: &'r Content,
    /// The rules.
    pub judges: Vec<Judge<'r>>,
    /// The tables of their relations.
    pub tables: Vec<Table>,
    as_of: Instant,
    lens: Lens<'r>,
    hashes: Hashes,
    /// Types of record that several exports give.
    shared: BTreeSet<RecordTypeId>,
    /// Which of several exports decides.
    standing: Standing,
    /// Whose the exports are.
    orgs: Orgs,
    until: Option<Instant>,
    /// The types that rules over items are about, where there are such rules.
    items: Option<ItemTypes>,
    /// How records become items, where anybody asks about those.
    recipes: Option<Recipes>,
    keep: Keep,
    /// By export: columns that cannot be read and that rules about other records ask for.
    lost: Vec<Lost>,
}

/// What becomes of the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It is kept for whoever comes behind the rules.
    Inventory,
    /// Only rules ask for it.
    Nothing,
}

impl<'r> OrgRun<'r> {
    /// Prepares rules under a policy.
    ///
    /// # Errors
    /// When what makes records items is wrong.
    pub fn new(
        content: &'r Content,
        rules: &[&'r Rule],
        policy: &Policy,
        (as_of, until): (Instant, Option<Instant>),
        hashes: Hashes,
    ) -> Result<Self, AppError> {
        let mut count = 0;
        let judges: Vec<Judge<'r>> = rules
            .iter()
            .filter_map(|rule| {
                let Body::Record(body) = &rule.body else {
                    return None;
                };
                let params = policy.params(rule);
                let waivers = waivers(&policy.waivers, rule, as_of);
                let plan = RulePlan::new(body, &params, as_of, &mut count);
                let record = content.schema.record(body.record);
                Some(Judge::new(&rule.meta, plan, record, waivers))
            })
            .collect();
        let tables = (0..count).map(|_| Table::default()).collect();
        let types = ItemTypes::of(&content.schema);
        let items = types.filter(|types| judges.iter().any(|j| j.plan.rule.record == types.item));
        let recipes = match items {
            Some(_) => Some(content.recipes()?),
            None => None,
        };
        Ok(Self {
            content,
            judges,
            tables,
            as_of,
            lens: Lens::new(&content.schema, as_of, until),
            hashes,
            shared: BTreeSet::new(),
            standing: Standing::default(),
            orgs: Orgs::default(),
            until,
            items,
            recipes,
            keep: Keep::Nothing,
            lost: Vec::new(),
        })
    }

    /// The same, which keeps the inventory if it is to.
    ///
    /// # Errors
    /// When what makes records items is wrong.
    pub fn keeping(mut self, keep: Keep) -> Result<Self, AppError> {
        if keep == Keep::Inventory && self.recipes.is_none() {
            self.recipes = Some(self.content.recipes()?);
        }
        self.keep = keep;
        Ok(self)
    }

    /// Reads the exports: tables first, then every record under every rule of its type.
    /// What is found goes to `spool`, which the outcome gives back.
    pub(super) fn run(&mut self, exports: &[Export], policy: &Policy, spool: Spool) -> OrgOutcome {
        let types: Vec<BTreeSet<RecordTypeId>> = exports
            .iter()
            .map(|e| {
                self.content
                    .sources
                    .get(e.found.source)
                    .record_types()
                    .into_iter()
                    .collect()
            })
            .collect();
        let given: BTreeSet<RecordTypeId> = types.iter().flatten().copied().collect();
        let times = |ty: &RecordTypeId| types.iter().filter(|t| t.contains(ty)).count();
        self.shared = given.iter().copied().filter(|ty| times(ty) > 1).collect();
        self.know(exports);
        let mut outcome = OrgOutcome {
            spool,
            ..OrgOutcome::default()
        };
        self.fill_tables(exports, &types, &given, policy);
        let mut wanted = self.judged_fields();
        for ty in &given {
            wanted.extend(self.lens.fields(*ty).map(|field| (*ty, field)));
        }
        // Without a register no entry is missed, and nothing is to be asked of items.
        let asked = self.items.filter(|types| given.contains(&types.entry));
        let recipes = self
            .recipes
            .take_if(|_| self.keep == Keep::Inventory || asked.is_some());
        wanted.extend(asked.map(|types| types.scope));
        if let Some(recipes) = &recipes {
            recipes.wanted(&mut |ty, field| {
                wanted.insert((ty, field));
            });
        }
        let judged: Vec<Part> = exports
            .par_iter()
            .zip(&types)
            .enumerate()
            .map(|(at, (export, types))| {
                let asked = Asked(recipes.as_ref(), asked);
                bench::judge_file(self, (at, export, types), (&wanted, asked), &outcome.spool)
            })
            .collect();
        outcome.notes.extend(self.orgs.notes(exports));
        outcome.notes.extend(self.standing.unordered(exports));
        let mut qualities = Vec::new();
        let mut gathered = Gathered::new(self.as_of);
        let mut scope = Scope::default();
        for (at, (part, export)) in judged.into_iter().zip(exports).enumerate() {
            outcome.notes.extend(not_judged(export, &part));
            outcome
                .notes
                .extend(self.standing.note(exports, at, part.seen.older));
            outcome.newest.push(part.seen.quality.newest);
            scope.absorb(part.seen.scope);
            qualities.push(part.seen.quality);
            if let Some(part) = part.gathered {
                gathered.absorb(part);
            }
            outcome.tallies.push(part.tallies);
            outcome.rows.push(part.rows);
            outcome.hashes.push(part.sha256);
            outcome.records += part.seen.records;
            outcome.problems.extend(part.problems);
        }
        self.judge_groups(&types, &mut outcome);
        quality::judge_exports(
            self.content,
            (exports, &qualities, &self.orgs),
            (&self.judges, &self.tables),
            &mut outcome,
        );
        if let Some(recipes) = recipes {
            self.orgs.name(&mut gathered);
            let inventory = Inventory::of(gathered, recipes);
            if asked.is_some() {
                items::judge_items(
                    self.content,
                    (exports, &qualities),
                    (&self.judges, &inventory),
                    (self.as_of, &scope),
                    &mut outcome,
                );
            }
            outcome.notes.extend(items::disputed(&inventory));
            outcome.inventory = Some(inventory).filter(|_| self.keep == Keep::Inventory);
        }
        outcome
    }

    /// Learns whose the exports are, and which of them decides about what.
    fn know(&mut self, exports: &[Export]) {
        self.orgs = Orgs::of(self.content, exports);
        let names = self.orgs.all_names();
        self.judges.iter_mut().for_each(|judge| judge.learn(names));
        let whose = (exports, &self.orgs);
        self.standing = Standing::of(self.content, whose, &self.lens, self.until);
    }

    /// Judges groups of records. A group may stand in several exports; what comes out is told with
    /// the first export of its type.
    fn judge_groups(&self, types: &[BTreeSet<RecordTypeId>], outcome: &mut OrgOutcome) {
        let OrgOutcome { tallies, spool, .. } = outcome;
        let mut turns = spool.turns();
        let mut take = |found| turns.take(found);
        for (index, judge) in self.judges.iter().enumerate() {
            let of_type = |types: &BTreeSet<RecordTypeId>| types.contains(&judge.plan.rule.record);
            let first = types.iter().position(of_type);
            if let (Some(first), Some(tally)) =
                (first, judge_groups(judge, &self.tables, &mut take))
                && let Some(tallies) = tallies.get_mut(first)
            {
                tallies.insert(index, tally);
            }
        }
    }

    /// The relations of rules whose own record type was exported, by depth: a filter may ask
    /// relations below it, so those are filled first.
    fn levels(&self, given: &BTreeSet<RecordTypeId>) -> Vec<Vec<&RelationPlan<'r>>> {
        fn collect<'p, 'r>(
            plans: &'p [RelationPlan<'r>],
            out: &mut Vec<Vec<&'p RelationPlan<'r>>>,
        ) -> usize {
            let mut deepest = 0;
            for plan in plans {
                let level = collect(&plan.nested, out);
                if out.len() <= level {
                    out.resize_with(level + 1, Vec::new);
                }
                out[level].push(plan);
                deepest = deepest.max(level + 1);
            }
            deepest
        }
        let mut levels = Vec::new();
        for judge in &self.judges {
            if given.contains(&judge.plan.rule.record) {
                collect(&judge.plan.relations, &mut levels);
            }
        }
        levels
    }

    fn fill_tables(
        &mut self,
        exports: &[Export],
        types: &[BTreeSet<RecordTypeId>],
        given: &BTreeSet<RecordTypeId>,
        policy: &Policy,
    ) {
        self.lost = vec![Lost::new(); exports.len()];
        let depth = self.levels(given).len();
        for level in 0..depth {
            let (filled, lost): (Vec<(usize, Table)>, Vec<Lost>) = {
                let levels = self.levels(given);
                let plans = levels.get(level).map_or(&[][..], Vec::as_slice);
                self.fill_level(plans, exports, types)
            };
            for (all, lost) in self.lost.iter_mut().zip(lost) {
                all.extend(lost);
            }
            for (index, table) in filled {
                if let Some(slot) = self.tables.get_mut(index) {
                    *slot = table;
                }
            }
        }
        self.declare_windows(given, policy);
    }

    fn fill_level(
        &self,
        plans: &[&RelationPlan<'r>],
        exports: &[Export],
        types: &[BTreeSet<RecordTypeId>],
    ) -> (Vec<(usize, Table)>, Vec<Lost>) {
        let mut wanted = Wanted::new();
        for plan in plans {
            relation_fields(plan, &mut wanted);
            let from = plan.relation.from;
            wanted.extend(self.lens.fields(from).map(|field| (from, field)));
        }
        let (parts, lost): (Vec<Vec<Option<Table>>>, Vec<Lost>) = exports
            .par_iter()
            .zip(types)
            .enumerate()
            .map(|(at, (export, types))| {
                let here = |p: &&RelationPlan<'_>| types.contains(&p.relation.from);
                if !plans.iter().any(&here) {
                    return (plans.iter().map(|_| None).collect(), Lost::new());
                }
                let platform = self.content.sources.get(export.found.source).platform();
                let mut builders: Vec<Option<TableBuilder<'_>>> = plans
                    .iter()
                    .map(|p| here(p).then(|| p.builder(platform, self.orgs.within(platform, at))))
                    .collect();
                // What cannot be read is told when the file is judged.
                let plan = self.plan((at, export), &wanted);
                let better = plans.iter().map(|plan| {
                    let (from, fields) = (plan.relation.from, fields_of(plan));
                    self.standing.better(at, from, &fields)
                });
                let better: Vec<BTreeSet<Rank>> = better.collect();
                let mut legible = Legible::default();
                let _ = read_export((export, &plan), Hashes::None, &mut |record, place| {
                    legible.see(&self.content.schema, record);
                    let renamed = self.standing.renamed(self.content, record);
                    let record = renamed.as_ref().unwrap_or(record);
                    let newer = self.standing.newer(self.content, at, record);
                    for ((plan, builder), better) in plans.iter().zip(&mut builders).zip(&better) {
                        if let Some(builder) = builder
                            && plan.relation.from == record.ty()
                            && newer.is_none_or(|newer| !better.contains(&newer))
                        {
                            if self.lens.is_later(record) {
                                builder.saw_later(record, self.as_of);
                                continue;
                            }
                            let truth = counts(plan, self.as_of, &self.tables, record);
                            builder.row(record, truth, place);
                        }
                    }
                });
                let tables = builders.into_iter();
                let tables = tables.map(|b| b.map(TableBuilder::finish)).collect();
                (tables, legible.lost())
            })
            .unzip();
        let mut tables: Vec<Table> = plans.iter().map(|_| Table::default()).collect();
        for part in parts {
            for ((whole, part), plan) in tables.iter_mut().zip(part).zip(plans) {
                if let Some(part) = part {
                    whole.absorb(part, &plan.relation.keep);
                }
            }
        }
        (plans.iter().map(|p| p.table).zip(tables).collect(), lost)
    }

    /// Adds what the policy declares about logs to what their rows show.
    fn declare_windows(&mut self, given: &BTreeSet<RecordTypeId>, policy: &Policy) {
        let mut declared = Vec::new();
        for level in self.levels(given) {
            for plan in level {
                for coverage in policy
                    .coverage
                    .iter()
                    .filter(|c| c.record == plan.relation.from)
                {
                    declared.push((
                        plan.table,
                        Window {
                            from: coverage.from,
                            to: coverage.to,
                        },
                    ));
                }
            }
        }
        for (table, window) in declared {
            if let Some(table) = self.tables.get_mut(table).filter(|t| t.present) {
                table.declared = Some(table.declared.map_or(window, |w| w.union(window)));
            }
        }
    }

    fn judged_fields(&self) -> Wanted {
        let mut wanted = Wanted::new();
        for judge in self.judges.iter().filter(|j| j.plan.rule.group.is_none()) {
            let own = judge.plan.rule.record;
            let mut own_field = |field: FieldRef| {
                if let FieldRef::Own(id) = field {
                    wanted.insert((own, id));
                }
            };
            judge.plan.rule.fields(&mut own_field);
            for (_, predicate) in &judge.waivers {
                predicate.fields(&mut own_field);
            }
            if let Some((id, _)) = judge.record.field("platform") {
                wanted.insert((own, id));
            }
        }
        wanted
    }

    fn plan(&self, (at, export): (usize, &Export), wanted: &Wanted) -> Plan {
        let source = self.content.sources.get(export.found.source);
        let shown = &export.file.shown;
        let plan = Plan::new(source, &self.content.schema, shown, &|ty, field| {
            wanted.contains(&(ty, field)) || self.standing.asks(self.content, at, (ty, field))
        });
        self.orgs.plan(source.platform(), at, plan)
    }
}

/// That records of an export were left out, if they were.
pub(super) fn left_out(export: &Export, later: u64) -> Option<String> {
    let file = &export.file.shown;
    match later {
        0 => None,
        1 => Some(format!(
            "{file} has 1 record of after the audit date; it was left out"
        )),
        _ => Some(format!(
            "{file} has {later} records of after the audit date; they were left out"
        )),
    }
}

/// What of an export no rule judged, though nothing is wrong with it.
fn not_judged(export: &Export, part: &Part) -> impl Iterator<Item = String> {
    let later = left_out(export, part.seen.quality.later);
    let notes = [
        later,
        deleted(export, part.deleted),
        without_record(export, part),
    ];
    notes.into_iter().flatten()
}

/// That a table has a header alone: then no rule looked at anything in it.
fn without_record(export: &Export, part: &Part) -> Option<String> {
    let table = matches!(export.found.format, Format::Csv { .. });
    let nothing = table && part.rows == 0 && part.problems.is_empty();
    let file = &export.file.shown;
    nothing.then(|| format!("{file} has no record in it, as a query that finds nothing leaves it"))
}

/// That rows of an export are of records that are no more, if they are.
fn deleted(export: &Export, deleted: u64) -> Option<String> {
    let file = &export.file.shown;
    match deleted {
        0 => None,
        1 => Some(format!("{file} has 1 deleted record; it was left out")),
        _ => Some(format!(
            "{file} has {deleted} deleted records; they were left out"
        )),
    }
}

/// That an export was cut off, if it was.
pub(super) fn cut_off(content: &Content, export: &Export, summary: &Summary) -> Option<Problem> {
    let message = match &summary.truncated {
        Some(reason) => reason.clone(),
        None if content
            .sources
            .get(export.found.source)
            .hits_limit(summary.rows) =>
        {
            format!(
                "it has exactly {} rows, which is where such exports are cut off",
                summary.rows
            )
        }
        None => return None,
    };
    Some(problem(export, None, ProblemKind::Truncated, message))
}

/// The fields of related records that a relation reads.
fn fields_of(plan: &RelationPlan<'_>) -> BTreeSet<FieldId> {
    let mut wanted = Wanted::new();
    relation_fields(plan, &mut wanted);
    wanted.into_iter().map(|(_, field)| field).collect()
}

fn relation_fields(plan: &RelationPlan<'_>, out: &mut Wanted) {
    let from = plan.relation.from;
    let own = plan.keys.iter().chain(&plan.used).chain(plan.identity);
    out.extend(own.map(|id| (from, *id)));
    plan.relation.read(&mut |id| {
        out.insert((from, id));
    });
    let mut own = |field: FieldRef| {
        if let FieldRef::Own(id) = field {
            out.insert((from, id));
        }
    };
    if let Some(filter) = &plan.relation.filter {
        filter.fields(&mut own);
    }
    for nested in &plan.nested {
        nested
            .relation
            .on
            .iter()
            .flat_map(|(_, mine)| mine)
            .for_each(|field| own(*field));
    }
}

/// The policy's waivers of a rule that match by its records.
fn waivers(all: &[Waiver], rule: &Rule, as_of: Instant) -> Vec<WaiverMatch> {
    let settings = Settings { params: &[], as_of };
    all.iter()
        .enumerate()
        .filter(|(_, waiver)| waiver.rule == rule.meta.id)
        .filter_map(|(index, waiver)| match &waiver.matches {
            PolicyMatch::Record(condition) => {
                Some((index, Predicate::compile(condition, settings)))
            }
            _ => None,
        })
        .collect()
}
