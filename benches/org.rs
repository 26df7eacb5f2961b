//! Speed of the parts of the org half, each alone: rows of CSV and JSON, typed fields, rules.
//!
//! `cargo bench --bench org` prints megabytes and rows for each second. Under `cargo test` every part
//! runs once over a few rows.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod clock;
mod users;

use std::error::Error;
use std::hint::black_box;
use std::path::Path;

use clock::{Rounds, per_second};
use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::check::org::{Judge, Panel, Plan as RulePlan, Subjects};
use credlint::inventory::{Age, Gathered, Inventory, Table};
use credlint::model::{FieldId, Location, ProblemKind, RecordTypeId, Region, ScanPath};
use credlint::read::{self, Format, Row, RowSink};
use credlint::rule::file::Depth;
use credlint::rule::{Body, Policy};
use credlint::source::Plan;
use users::{AS_OF, Shape};

/// Does something with every row.
struct Each<F>(F);

impl<F: FnMut(&Row<'_>)> RowSink for Each<F> {
    fn row(&mut self, row: &Row<'_>) {
        (self.0)(row);
    }

    fn problem(&mut self, _: u32, _: ProblemKind, _: String) {}
}

/// How often, and over how much, each part runs.
struct Size {
    rows: u64,
    rounds: Rounds,
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = Rounds::asked(15);
    let size = Size {
        rows: if rounds.tell() { 100_000 } else { 100 },
        rounds,
    };
    let content = Content::load(&ContentOptions::default(), Depth::Trusted)
        .map_err(|_| "the built-in rules do not load")?;
    let source = content.sources.find("salesforce.user").ok_or("no source")?;
    let source = content.sources.get(source);
    let (user, _) = content.schema.find("user").ok_or("no record type")?;
    let plan = Plan::new(source, &content.schema, &path(), &|_, _| true);

    let csv = Format::Csv { delimiter: b',' };
    for (name, shape) in Shape::ALL {
        let format = match shape {
            Shape::Csv | Shape::CsvQuoted => csv.clone(),
            Shape::Sf | Shape::SfCompact => json(&["result", "records"]),
            Shape::Array | Shape::Lines => json(&[]),
        };
        let text = export(shape, size.rows)?;
        measure(&format!("rows of {name}"), &size, text.len(), || {
            rows(&text, &format, &plan, &mut |row| {
                black_box(row.cells);
            });
        });
    }

    let text = export(Shape::Csv, size.rows)?;
    let fields: Vec<FieldId> = ["is_active", "password_changed", "last_login", "username"]
        .iter()
        .filter_map(|name| Some(content.schema.record(user).field(name)?.0))
        .collect();
    measure("csv, four typed fields", &size, text.len(), || {
        rows(&text, &csv, &plan, &mut |row| {
            plan.records(row, &mut |record| {
                for field in &fields {
                    black_box(record.get(*field));
                }
            });
        });
    });
    judge(&content, user, &plan, (&text, &csv), &size);
    items(&content, &plan, (&text, &csv), &size)
}

/// The inventory of users, and the memory that it takes.
fn items(
    content: &Content,
    plan: &Plan,
    (text, csv): (&[u8], &Format),
    size: &Size,
) -> Result<(), Box<dyn Error>> {
    let no_recipes = |_| "the built-in items do not load";
    let recipes = content.recipes().map_err(no_recipes)?;
    let gather = || {
        let mut gathered = Gathered::new(AS_OF);
        gathered.file(&path(), Age::default());
        rows(text, csv, plan, &mut |row| {
            plan.records(row, &mut |record| {
                gathered.record(&recipes, record.ty(), record, record.line());
            });
        });
        gathered
    };
    measure("csv, gathered for the inventory", size, text.len(), || {
        black_box(gather());
    });
    let gathered = gather();
    let recipes = content.recipes().map_err(no_recipes)?;
    let inventory = Inventory::of(gathered, recipes);
    if size.rounds.tell() {
        let items = inventory.len();
        let each = inventory.memory() / items.max(1);
        println!("{items} items of {each} bytes each");
    }
    Ok(())
}

/// The built-in rules over users.
fn judge(
    content: &Content,
    user: RecordTypeId,
    plan: &Plan,
    (text, csv): (&[u8], &Format),
    size: &Size,
) {
    let policy = Policy::empty();
    let mut count = 0;
    let judges: Vec<Judge<'_>> = content
        .rules
        .iter()
        .filter_map(|rule| match &rule.body {
            Body::Record(body) if body.record == user => {
                let rule_plan = RulePlan::new(body, &policy.params(rule), AS_OF, &mut count);
                let record = content.schema.record(user);
                Some(Judge::new(&rule.meta, rule_plan, record, Vec::new()))
            }
            _ => None,
        })
        .collect();
    let tables: Vec<Table> = (0..count).map(|_| Table::default()).collect();
    let name = format!("csv, the {} rules over users", judges.len());
    measure(&name, size, text.len(), || {
        let mut panel = Panel::new(&tables);
        for (index, judge) in judges.iter().enumerate() {
            panel.seat(
                index,
                judge,
                &|field| plan.common(user, field),
                Subjects::Passed,
            );
        }
        let mut panel = panel.ready();
        rows(text, csv, plan, &mut |row| {
            plan.records(row, &mut |record| {
                panel.judge((record, None), &nowhere, &mut drop);
            });
        });
        black_box(panel.tallies().count());
    });
}

fn json(envelope: &[&str]) -> Format {
    Format::Json {
        envelope: envelope.iter().map(|&name| name.to_owned()).collect(),
    }
}

fn path() -> ScanPath {
    ScanPath::new(Path::new("users"))
}

fn nowhere() -> Location {
    Location {
        path: path(),
        region: Region::WHOLE_FILE,
    }
}

fn export(shape: Shape, rows: u64) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    users::write(shape, rows, &mut text)?;
    Ok(text)
}

fn rows(text: &[u8], format: &Format, plan: &Plan, take: &mut dyn FnMut(&Row<'_>)) {
    let mut input = text;
    let read = read::rows(&mut input, format, plan.columns(), None, &mut Each(take));
    assert!(read.is_ok(), "the generated export does not read");
}

fn measure(name: &str, size: &Size, bytes: usize, work: impl FnMut()) {
    let seconds = size.rounds.best(work);
    if size.rounds.tell() {
        let (megabytes, rows) = (
            per_second(bytes as u64, seconds) / 1e6,
            per_second(size.rows, seconds) / 1e6,
        );
        println!("{name:32} {megabytes:7.0} MB/s {rows:6.2} M rows/s");
    }
}
