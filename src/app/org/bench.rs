//! What judges the records of one export. A long export is judged by several threads, each of which
//! has a bench of its own; what comes out is the same as if one had judged it from front to back.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rayon::prelude::*;

use crate::app::items::{ItemTypes, Scope};
use crate::app::legible;
use crate::app::quality::Quality;
use crate::app::spool::{Spool, Turns};
use crate::app::standing::Older;
use crate::check::org::{Panel, Subjects, Tally};
use crate::inventory::{Gathered, Recipes};
use crate::model::{Finding, Location, Problem, ProblemKind, RecordTypeId};
use crate::read::Ahead;
use crate::source::{Plan, Record};

use super::in_order::InOrder;
use super::reading::{Sink, Taker, Told, read_records};
use super::{Export, OrgRun, Wanted, cut_off, problem};

/// No more threads than this read one file. What is ready and waits for something before it is held
/// in memory, and more threads make more of that.
const MOST: usize = 8;

/// What else than rules asks for records: an inventory, and rules over its items.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a>(pub(super) Option<&'a Recipes>, pub(super) Option<ItemTypes>);

/// What came of an export.
#[derive(Default)]
pub(super) struct Part {
    pub(super) tallies: BTreeMap<usize, Tally>,
    pub(super) rows: u64,
    /// Rows that say that they are deleted.
    pub(super) deleted: u64,
    pub(super) problems: Vec<Problem>,
    pub(super) sha256: Option<String>,
    pub(super) gathered: Option<Gathered>,
    pub(super) seen: Seen,
}

/// What records add up to beside the tallies.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) records: u64,
    pub(super) quality: Quality,
    pub(super) scope: Scope,
    pub(super) older: Older,
}

impl Seen {
    /// Nothing, behind records enough to know the dates of an export by.
    fn behind() -> Self {
        Self {
            quality: Quality::sampled(),
            ..Self::default()
        }
    }

    /// Adds what records behind came to.
    fn absorb(&mut self, behind: Self) {
        self.records += behind.records;
        self.quality.absorb(&behind.quality);
        self.scope.absorb(behind.scope);
        self.older.absorb(behind.older);
    }
}

/// Reads an export and judges its records. What is found goes to the spool.
pub(super) fn judge_file(
    run: &OrgRun<'_>,
    (at, export, types): (usize, &Export, &BTreeSet<RecordTypeId>),
    (wanted, asked): (&Wanted, Asked<'_>),
    spool: &Spool,
) -> Part {
    let task = Task {
        run,
        at,
        export,
        types,
        asked,
        plan: run.plan((at, export), wanted),
    };
    let items = asked.0.map(|recipes| {
        let mut gathered = Gathered::new(run.as_of);
        gathered.file(&export.file.shown, run.standing.age(at));
        (recipes, gathered)
    });
    let mut bench = Bench {
        task: &task,
        panel: task.panel(),
        seen: Seen::default(),
        items,
        found: Found::Sent(spool.turns()),
    };
    let read = read_records((export, &task.plan), run.hashes, &mut bench);
    let mut part = Part {
        tallies: bench.panel.tallies().collect(),
        rows: read.summary.rows,
        deleted: read.summary.deleted,
        problems: read.problems,
        sha256: read.sha256,
        gathered: bench.items.map(|(_, gathered)| gathered),
        seen: bench.seen,
    };
    let cut = cut_off(run.content, export, &read.summary);
    part.seen.quality.cut = cut.as_ref().map(|problem| problem.message.clone());
    part.problems.extend(cut);
    let mut lost = part.seen.quality.legible.lost();
    lost.extend(run.lost.get(at).into_iter().flatten().cloned());
    let lost = legible::told(&lost);
    let lost = lost.map(|message| problem(export, None, ProblemKind::Malformed, message));
    part.problems.extend(lost);
    part
}

/// An export to judge.
struct Task<'t, 'r> {
    run: &'t OrgRun<'r>,
    at: usize,
    export: &'t Export,
    types: &'t BTreeSet<RecordTypeId>,
    asked: Asked<'t>,
    plan: Plan,
}

impl<'r> Task<'_, 'r> {
    /// The rules over the export.
    fn panel(&self) -> Panel<'_, 'r> {
        let run = self.run;
        let mut panel = Panel::new(&run.tables);
        for (index, judge) in run.judges.iter().enumerate() {
            let ty = judge.plan.rule.record;
            if self.types.contains(&ty) && judge.plan.rule.group.is_none() {
                // Only where several exports give a type of record can they tell of one subject.
                let subjects = if run.shared.contains(&ty) {
                    Subjects::Noted(run.standing.better(self.at, ty, &judge.plan.reads()))
                } else {
                    Subjects::Passed
                };
                panel.seat(index, judge, &|field| self.plan.common(ty, field), subjects);
            }
        }
        panel.ready()
    }
}

/// Findings as they were found: large, and wanted in boxes.
type Boxes = Vec<Box<Finding>>;

/// Where findings go.
enum Found<'t> {
    /// To those of all exports.
    Sent(Turns<'t>),
    /// Nowhere yet.
    Held(Boxes),
}

impl Found<'_> {
    fn take(&mut self, finding: Box<Finding>) {
        match self {
            Self::Sent(turns) => turns.take(finding),
            Self::Held(held) => held.push(finding),
        }
    }
}

/// What judges the records of an export, or of stretches of it.
struct Bench<'b, 'r> {
    task: &'b Task<'b, 'r>,
    panel: Panel<'b, 'r>,
    seen: Seen,
    items: Option<(&'b Recipes, Gathered)>,
    found: Found<'b>,
}

/// What came of a stretch.
struct Stretched {
    tallies: Vec<Tally>,
    seen: Seen,
    found: Boxes,
    told: Told,
}

impl Taker for Bench<'_, '_> {
    fn record(&mut self, record: &Record<'_>, place: &dyn Fn() -> Location) {
        let Task { run, at, asked, .. } = self.task;
        let seen = &mut self.seen;
        if !run.lens.see(&mut seen.quality, record) {
            return;
        }
        let renamed = run.standing.renamed(run.content, record);
        let record = renamed.as_ref().unwrap_or(record);
        if let Some((recipes, gathered)) = &mut self.items {
            gathered.record(recipes, record.ty(), record, record.line());
        }
        if let Some(types) = asked.1 {
            seen.scope.see(types, record);
        }
        let older = (*at, &mut seen.older);
        let newer = run.standing.count(run.content, older, record);
        let found = &mut self.found;
        let mut take = |finding| found.take(finding);
        if self.panel.judge((record, newer), place, &mut take) {
            seen.records += 1;
        }
    }

    fn ahead(&mut self, ahead: &Ahead<'_>, told: &mut Told) -> bool {
        let threads = rayon::current_num_threads().min(MOST);
        // What an inventory is made of keeps its order while it is put together.
        if threads < 2 || self.items.is_some() || !self.seen.quality.is_sampled() {
            return false;
        }
        let task = self.task;
        let order = InOrder::new(threads as u64, |(stretch, reached, part)| {
            if ahead.pass(stretch, reached) {
                self.absorb(part, told);
            }
        });
        (0..threads).into_par_iter().for_each(|_| {
            let work = || {
                let mut bench = None;
                while order.goes_on()
                    && let Some(stretch) = ahead.take()
                {
                    let bench = bench.get_or_insert_with(|| Bench::apart(task));
                    let mut sink = Sink {
                        export: task.export,
                        plan: &task.plan,
                        take: bench,
                        told: Told::default(),
                    };
                    let reached = ahead.read(&stretch, &mut sink);
                    let told = sink.told;
                    order.put(stretch.number(), (stretch, reached, bench.part(told)));
                }
            };
            if let Err(fault) = catch_unwind(AssertUnwindSafe(work)) {
                order.fail(fault);
            }
        });
        if let Some(fault) = order.fault() {
            resume_unwind(fault);
        }
        true
    }
}

impl<'b, 'r> Bench<'b, 'r> {
    /// One for stretches.
    fn apart(task: &'b Task<'b, 'r>) -> Self {
        Self {
            task,
            panel: task.panel(),
            seen: Seen::behind(),
            items: None,
            found: Found::Held(Vec::new()),
        }
    }

    /// What came of the stretch that was judged.
    fn part(&mut self, told: Told) -> Stretched {
        Stretched {
            tallies: self.panel.take_tallies(),
            seen: std::mem::replace(&mut self.seen, Seen::behind()),
            found: match &mut self.found {
                Found::Held(held) => std::mem::take(held),
                Found::Sent(_) => Vec::new(),
            },
            told,
        }
    }

    /// Adds what came of the stretch behind everything so far.
    fn absorb(&mut self, part: Stretched, told: &mut Told) {
        self.panel.absorb(part.tallies);
        self.seen.absorb(part.seen);
        told.absorb(part.told);
        for finding in part.found {
            self.found.take(finding);
        }
    }
}
