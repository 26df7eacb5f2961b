//! A rule's own tests, in the rule file: data beside the rule. At least one finding and one pass.

use std::borrow::Cow;

use crate::model::{
    FieldType, Instant, Missing, OwnedRecord, OwnedValue, RecordType, Schema, Value, When,
};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::{Kind, Node};

use super::record::RecordRule;
use super::relation::Relation;

/// What a test expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// The rule fails.
    Finding,
    /// The rule holds.
    Pass,
    /// The facts do not say.
    Unknown,
}

impl Expect {
    /// The word in rule files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Pass => "pass",
            Self::Unknown => "unknown",
        }
    }
}

/// One test of a rule over records.
#[derive(Debug, Clone)]
pub struct RecordTest {
    /// What it shows, as a statement.
    pub name: String,
    /// What must come out.
    pub expect: Expect,
    /// What goes in.
    pub case: RecordCase,
}

/// Records for a test.
#[derive(Debug, Clone)]
pub struct RecordCase {
    /// The audit date.
    pub now: Instant,
    /// The record.
    pub record: OwnedRecord,
    /// Rows of each relation, by its dotted name.
    pub related: Vec<(String, Vec<OwnedRecord>)>,
    /// Relations without any export.
    pub absent: Vec<String>,
    /// Relations whose log is too short.
    pub short_log: Vec<String>,
    /// Texts that must stand among the reasons of the finding.
    pub because: Vec<String>,
}

impl RecordTest {
    pub(super) fn decode_all(
        doc: &Document,
        node: &Node,
        rule: &RecordRule,
        schema: &Schema,
    ) -> Decoded<Vec<Self>> {
        let tests = doc
            .sequence(node, "tests")?
            .iter()
            .map(|n| Self::decode(doc, n, rule, schema));
        let tests = tests.collect::<Decoded<Vec<_>>>()?;
        for expect in [Expect::Finding, Expect::Pass] {
            if !tests.iter().any(|t| t.expect == expect) {
                let message = format!(
                    "no test expects a {}; a rule needs one finding and one pass",
                    expect.word()
                );
                return Err(doc.error(node.span, message));
            }
        }
        Ok(tests)
    }

    fn decode(doc: &Document, node: &Node, rule: &RecordRule, schema: &Schema) -> Decoded<Self> {
        let known = [
            "name",
            "now",
            "record",
            "related",
            "absent",
            "short_log",
            "because",
            "expect",
        ];
        let fields = doc.fields(node, "a test", &known)?;
        let expect_node = fields.require("expect")?;
        let word = doc.text(expect_node, "expect")?;
        let all = [Expect::Finding, Expect::Pass, Expect::Unknown];
        let Some(expect) = all.into_iter().find(|e| e.word() == word) else {
            return Err(doc.unknown(expect_node.span, "expectation", word, all.map(Expect::word)));
        };
        Ok(Self {
            name: doc.text(fields.require("name")?, "name")?.to_owned(),
            expect,
            case: RecordCase::decode(doc, &fields, rule, schema)?,
        })
    }
}

impl RecordCase {
    fn decode(
        doc: &Document,
        fields: &Fields<'_, '_>,
        rule: &RecordRule,
        schema: &Schema,
    ) -> Decoded<Self> {
        let mut relations = Vec::new();
        named_relations(&rule.relations, "", &mut relations);
        let find = |name: &str, span| {
            let known = relations.iter().map(|(n, _)| n.as_str());
            relations
                .iter()
                .find(|(n, _)| n == name)
                .ok_or_else(|| doc.unknown(span, "relation", name, known))
        };
        let mut related = Vec::new();
        if let Some(node) = fields.get("related") {
            for entry in doc.mapping(node, "related")? {
                let (name, relation) = find(&entry.key, entry.span)?;
                let rows = doc.sequence(&entry.value, name)?;
                let rows = rows.iter().map(|n| owned(doc, n, &relation.record));
                related.push((name.clone(), rows.collect::<Decoded<_>>()?));
            }
        }
        let names = |key: &str| -> Decoded<Vec<String>> {
            let Some(node) = fields.get(key) else {
                return Ok(Vec::new());
            };
            doc.sequence(node, key)?
                .iter()
                .map(|n| Ok(find(doc.text(n, key)?, n.span)?.0.clone()))
                .collect()
        };
        Ok(Self {
            now: doc.parsed(fields.require("now")?, "now")?,
            record: owned(doc, fields.require("record")?, schema.record(rule.record))?,
            related,
            absent: names("absent")?,
            short_log: names("short_log")?,
            because: fields
                .optional("because", |n| doc.texts(n, "because"))?
                .unwrap_or_default(),
        })
    }
}

fn named_relations<'r>(
    relations: &'r [Relation],
    prefix: &str,
    out: &mut Vec<(String, &'r Relation)>,
) {
    for relation in relations {
        let name = format!("{prefix}{}", relation.name);
        named_relations(&relation.nested, &format!("{name}."), out);
        out.push((name, relation));
    }
}

/// A record written in YAML. A field that is not written is empty; `absent` says that the export
/// has no such column.
fn owned(doc: &Document, node: &Node, record: &RecordType) -> Decoded<OwnedRecord> {
    let mut values = vec![Value::Missing(Missing::Empty); record.fields.len()];
    for entry in doc.mapping(node, "a record")? {
        let Some((id, decl)) = record.field(&entry.key) else {
            let known = record.fields.iter().map(|f| f.name.as_str());
            return Err(doc.unknown(
                entry.span,
                &format!("field of {}", record.name),
                &entry.key,
                known,
            ));
        };
        values[usize::from(id.0)] = value(doc, &entry.value, decl.ty, &entry.key)?;
    }
    Ok(OwnedRecord(values))
}

fn value(doc: &Document, node: &Node, ty: FieldType, name: &str) -> Decoded<OwnedValue> {
    match &node.kind {
        Kind::Null => return Ok(Value::Missing(Missing::Empty)),
        Kind::Scalar(text, false) if &**text == "absent" => {
            return Ok(Value::Missing(Missing::Absent));
        }
        Kind::Scalar(text, false) if &**text == "garbled" => {
            return Ok(Value::Missing(Missing::Unparsed));
        }
        _ => {}
    }
    Ok(match ty {
        FieldType::Bool => Value::Bool(doc.bool(node, name)?),
        FieldType::Int => Value::Int(doc.parsed(node, name)?),
        FieldType::Number => Value::Number(doc.parsed(node, name)?),
        FieldType::Text => Value::Text(Cow::Owned(doc.text(node, name)?.to_owned())),
        FieldType::Time if doc.text(node, name)? == "never" => Value::Time(When::Never),
        FieldType::Time => Value::Time(When::Known(doc.parsed(node, name)?)),
        FieldType::List => {
            Value::List(doc.texts(node, name)?.into_iter().map(Cow::Owned).collect())
        }
    })
}
