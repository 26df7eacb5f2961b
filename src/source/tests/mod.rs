//! Tests of the whole: files of sources decoded, shapes recognised, rows typed.

mod faults;
mod recognition;
mod transforms;
mod vendors;

use std::path::Path;
use std::sync::LazyLock;

use crate::model::{FieldId, OwnedValue, ProblemKind, RecordTypeId, ScanPath, Schema};
use crate::read::decode::Document;
use crate::read::{Cell, ColumnPath, Row, RowSink, open, rows, sniff};
use crate::source::{Found, Plan, SourceId, Sources};

/// Every file of `sources/`, as the program has them.
pub(super) fn built_in() -> &'static (Schema, Sources) {
    static ALL: LazyLock<(Schema, Sources)> = LazyLock::new(read_built_in);
    &ALL
}

fn read_built_in() -> (Schema, Sources) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sources");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let documents: Vec<Document> = files
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap();
            Document::new(name, &std::fs::read_to_string(file).unwrap())
        })
        .collect();
    decoded(&documents)
}

pub(super) fn decoded(documents: &[Document]) -> (Schema, Sources) {
    Sources::decode(documents).unwrap_or_else(|fault| {
        let (line, column) = fault.line_column();
        let help = fault.help.as_deref().unwrap_or("");
        panic!("{}:{line}:{column}: {fault} ({help})", fault.file)
    })
}

/// A record with every value owned: its type's name and its fields by name.
pub(super) type Flat = (String, Vec<(String, OwnedValue)>);

pub(super) fn flat(schema: &Schema, plan: &Plan, row: &Row<'_>) -> Vec<Flat> {
    let mut all = Vec::new();
    // Rows live as long as the call; so do the records made of them.
    plan.records(row, &mut |record| {
        let ty = schema.record(record.ty());
        let fields = (0..).map(FieldId).zip(&ty.fields);
        let values = fields
            .map(|(id, decl)| (decl.name.clone(), record.get(id).to_static()))
            .collect();
        all.push((ty.name.clone(), values));
    });
    all
}

pub(super) fn everything(_: RecordTypeId, _: FieldId) -> bool {
    true
}

pub(super) fn plan_of(schema: &Schema, sources: &Sources, id: &str, path: &str) -> Plan {
    let id: SourceId = sources.find(id).unwrap_or_else(|| panic!("no source {id}"));
    let path = ScanPath::new(Path::new(path));
    Plan::new(sources.get(id), schema, &path, &everything)
}

/// The records of one row given as columns and texts. `~` stands for the format's null; columns
/// that are not given are absent.
pub(super) fn records_of(schema: &Schema, plan: &Plan, cells: &[(&str, &str)]) -> Vec<Flat> {
    let cell = |column: &ColumnPath| {
        let found = cells
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&column.text));
        match found {
            None => Cell::Absent,
            Some((_, "~")) => Cell::Null,
            Some((name, text)) if name.contains("[*]") => {
                let items = text.split('|').filter(|t| !t.is_empty());
                Cell::List(items.map(|t| t.as_bytes().into()).collect())
            }
            Some((_, text)) => Cell::Text(text.as_bytes().into()),
        }
    };
    let cells: Vec<Cell<'_>> = plan.columns().iter().map(cell).collect();
    let row = Row {
        cells: &cells,
        raw: b"",
        line: 1,
        column: 1,
    };
    flat(schema, plan, &row)
}

/// How tables of expectations write a value: as reports show it, and `?empty`, `?absent`,
/// `?unparsed` for what is missing.
pub(super) fn shown(value: &OwnedValue) -> String {
    match value {
        OwnedValue::Missing(why) => format!("?{why:?}").to_lowercase(),
        other => other.show(),
    }
}

pub(super) fn field<'a>(record: &'a Flat, name: &str) -> &'a OwnedValue {
    let found = record.1.iter().find(|(field, _)| field == name);
    &found.unwrap_or_else(|| panic!("no field {name}")).1
}

/// A record as one line: its type and each field that the export has, but for the platform.
pub(super) fn line(record: &Flat) -> String {
    let mut text = record.0.clone();
    for (name, value) in &record.1 {
        let value = shown(value);
        if name != "platform" && value != "?absent" {
            text.push_str(&format!(" {name}={value}"));
        }
    }
    text
}

struct Taker<'a> {
    schema: &'a Schema,
    plan: &'a Plan,
    records: Vec<Flat>,
}

impl RowSink for Taker<'_> {
    fn row(&mut self, row: &Row<'_>) {
        self.records.extend(flat(self.schema, self.plan, row));
    }

    fn problem(&mut self, line: u32, _: ProblemKind, message: String) {
        panic!("line {line}: {message}");
    }
}

/// The sources that claim a file of `fixtures/exports/`, and the records that it gives for each.
pub(super) fn records_in(
    (schema, sources): &(Schema, Sources),
    file: &str,
) -> Vec<(String, Vec<Flat>)> {
    let path = format!("{}/fixtures/exports/{file}", env!("CARGO_MANIFEST_DIR"));
    let path = Path::new(&path);
    let shape = sniff(path).unwrap().unwrap();
    let found = sources.recognise(&ScanPath::new(Path::new(file)), &shape);
    let records = |found: Found| {
        let id = sources.get(found.source).id();
        let plan = plan_of(schema, sources, id, file);
        let mut taker = Taker {
            schema,
            plan: &plan,
            records: Vec::new(),
        };
        let mut input = open(path).unwrap();
        let columns = plan.columns();
        rows(&mut input, &found.format, columns, plan.each(), &mut taker).unwrap();
        (id.to_owned(), taker.records)
    };
    found.into_iter().map(records).collect()
}
