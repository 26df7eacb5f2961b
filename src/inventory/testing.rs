//! A small inventory for tests, from records as YAML.

use super::{Age, Gathered, Inventory, Recipes, Runbook, Runbooks};
use crate::model::{FieldType, Instant, Missing, OwnedRecord, ScanPath, Schema, Value, When};
use crate::read::decode::Document;
use crate::source::Sources;

/// Record types and recipes, as in `sources/`.
const TYPES: &str = r"
version: 1
records:
- name: account
  doc: x
  fields:
  - {name: platform, type: text, doc: x}
  - {name: id, type: text, nullable: true, doc: x}
  - {name: login, type: text, nullable: true, doc: x}
  - {name: label, type: text, nullable: true, doc: x}
  - {name: on, type: bool, nullable: true, doc: x}
  - {name: made, type: time, nullable: true, doc: x}
  - {name: changed, type: time, nullable: true, doc: x}
  - {name: ends, type: time, nullable: true, doc: x}
  - {name: boss, type: text, nullable: true, doc: x}
- name: use
  doc: x
  fields:
  - {name: platform, type: text, doc: x}
  - {name: login, type: text, doc: x}
  - {name: at, type: time, doc: x}
- name: word
  doc: x
  fields:
  - {name: id, type: text, doc: x}
  - {name: name, type: text, nullable: true, doc: x}
  - {name: kind, type: text, nullable: true, doc: x}
  - {name: owner, type: text, nullable: true, doc: x}
  - {name: rotated, type: time, nullable: true, doc: x}
  - {name: days, type: int, nullable: true, doc: x}
kinds:
- {name: account, title: account, keys: [id, username, name], local: [l], register: [robot]}
- {name: credential, title: credential, keys: [id]}
items:
- record: account
  is: account
  by: {id: id, username: login, name: label}
  facts: {name: [login, label], state: {field: on, map: {'true': active, 'false': inactive}}, created: made, rotated: changed, expires: ends}
  links:
  - {as: boss, to: account, by: {username: boss}, inherit: [owner]}
- {record: use, about: account, by: {username: login}, facts: {last_used: at}}
- record: word
  declares: kind
  by: {name: name, id: id}
  facts: {owner: owner, rotated: rotated, cadence_days: days}
";

/// Runbooks, as in `rules/runbooks/`.
pub(crate) fn runbooks(text: &str) -> Runbooks {
    let doc = Document::new("runbooks.yaml", text);
    Runbooks::new(Runbook::decode_file(&doc, &doc.parse().unwrap(), None).unwrap())
}

/// The inventory of some files as of 2026-11-20. Each file is a name and records, one a line, as
/// `type: field=value, field=value`.
pub(crate) fn inventory(files: &[(&str, &str)]) -> Inventory {
    let doc = Document::new("types.yaml", TYPES);
    let tree = doc.parse().unwrap();
    let (schema, _) = Sources::decode_trees([(&doc, &tree)]).unwrap();
    let recipes = Recipes::decode([(&doc, &tree)], &schema).unwrap();
    let as_of: Instant = "2026-11-20".parse().unwrap();
    let mut whole = Gathered::new(as_of);
    for (name, records) in files {
        let mut part = Gathered::new(as_of);
        part.file(&ScanPath::new(name.as_ref()), Age::default());
        for (line, text) in (1..).zip(records.trim().lines()) {
            let (ty, record) = record(&schema, text.trim());
            part.record(&recipes, ty, &record, line);
        }
        whole.absorb(part);
    }
    Inventory::of(whole, recipes)
}

fn record(schema: &Schema, text: &str) -> (crate::model::RecordTypeId, OwnedRecord) {
    let (ty, fields) = text.split_once(": ").unwrap();
    let (id, decl) = schema.find(ty).unwrap();
    let mut values: Vec<Value<'static>> = decl
        .fields
        .iter()
        .map(|_| Value::Missing(Missing::Empty))
        .collect();
    for pair in fields.split(", ") {
        let (name, value) = pair.split_once('=').unwrap();
        let (field, decl) = decl.field(name).unwrap();
        values[usize::from(field.0)] = match decl.ty {
            FieldType::Time if value == "never" => Value::Time(When::Never),
            FieldType::Time => Value::Time(When::Known(value.parse().unwrap())),
            FieldType::Bool => Value::Bool(value == "true"),
            FieldType::Int => Value::Int(value.parse().unwrap()),
            _ => Value::Text(value.to_owned().into()),
        };
    }
    (id, OwnedRecord(values))
}
