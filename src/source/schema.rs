//! Reads record type declarations. Knows no vendor.

use crate::model::{FieldDecl, FieldId, FieldType, RecordType, Schema, Twin};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// Adds the record types of a `records` list to a schema.
pub(super) fn decode_into(schema: &mut Schema, doc: &Document, list: &Node) -> Decoded<()> {
    for node in doc.sequence(list, "`records`")? {
        let fields = doc.fields(
            node,
            "a record type",
            &[
                "name", "doc", "begins", "activity", "key", "dates", "twin", "fields",
            ],
        )?;
        let name_node = fields.require("name")?;
        let name = doc.text(name_node, "`name`")?;
        if schema.find(name).is_some() {
            return Err(doc.error(
                name_node.span,
                format!("the record type `{name}` is declared twice"),
            ));
        }
        let mut record = RecordType {
            name: name.to_owned(),
            doc: doc.text(fields.require("doc")?, "`doc`")?.to_owned(),
            fields: Vec::new(),
            begins: None,
            activity: None,
            key: Vec::new(),
            dates: Vec::new(),
            twin: None,
        };
        for node in doc.sequence(fields.require("fields")?, "`fields`")? {
            let (decl, at) = field_decl(doc, node)?;
            if record.field(&decl.name).is_some() {
                let message = format!("the field `{}` is declared twice", decl.name);
                return Err(doc.error(at.span, message));
            }
            record.fields.push(decl);
        }
        let one = |name| fields.get(name).map(|node| time(doc, node, &record));
        let (begins, activity) = (one("begins").transpose()?, one("activity").transpose()?);
        let key = each(doc, fields.get("key"), &|node| {
            Ok(field(doc, node, &record)?.0)
        })?;
        let dates = each(doc, fields.get("dates"), &|node| time(doc, node, &record))?;
        let twin = fields.optional("twin", |node| twin(doc, node, &record))?;
        record.begins = begins;
        record.activity = activity;
        record.key = key;
        record.dates = dates;
        record.twin = twin;
        schema.types.push(record);
    }
    Ok(())
}

/// Every entry of a list; none where there is no list.
fn each<T>(
    doc: &Document,
    list: Option<&Node>,
    read: &dyn Fn(&Node) -> Decoded<T>,
) -> Decoded<Vec<T>> {
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    let all = doc.sequence(list, "a list of fields")?.iter();
    all.map(read).collect()
}

/// How a thing of a record type is known again under another name.
fn twin(doc: &Document, node: &Node, record: &RecordType) -> Decoded<Twin> {
    let fields = doc.fields(node, "a twin", &["has", "by", "takes"])?;
    let list = |key| {
        each(doc, Some(fields.require(key)?), &|node| {
            Ok(field(doc, node, record)?.0)
        })
    };
    let takes_node = fields.require("takes")?;
    let takes = list("takes")?;
    // Names are read as they are; a time or a number would go by other ways.
    if let Some(other) = takes
        .iter()
        .find(|id| record.decl(**id).ty != FieldType::Text)
    {
        let message = format!("`{}` is no text, so no name", record.decl(*other).name);
        return Err(doc.error(takes_node.span, message));
    }
    Ok(Twin {
        has: field(doc, fields.require("has")?, record)?.0,
        by: list("by")?,
        takes,
    })
}

/// A time among the fields of a record type.
fn time(doc: &Document, node: &Node, record: &RecordType) -> Decoded<FieldId> {
    let (id, decl) = field(doc, node, record)?;
    if decl.ty == FieldType::Time {
        return Ok(id);
    }
    let message = format!("`{}` is a {}, this place needs a time", decl.name, decl.ty);
    Err(doc.error(node.span, message))
}

/// A field of a record type.
fn field<'r>(
    doc: &Document,
    node: &Node,
    record: &'r RecordType,
) -> Decoded<(FieldId, &'r FieldDecl)> {
    let name = doc.text(node, "a field")?;
    record.field(name).ok_or_else(|| {
        let known = record.fields.iter().map(|f| f.name.as_str());
        let what = format!("field of {}", record.name);
        doc.unknown(node.span, &what, name, known)
    })
}

fn field_decl<'n>(doc: &Document, node: &'n Node) -> Decoded<(FieldDecl, &'n Node)> {
    let fields = doc.fields(
        node,
        "a field",
        &["name", "type", "nullable", "empty", "doc"],
    )?;
    let name = fields.require("name")?;
    let type_node = fields.require("type")?;
    let word = doc.text(type_node, "`type`")?;
    let Some(ty) = FieldType::ALL.iter().find(|ty| ty.word() == word) else {
        let known = FieldType::WORDS.iter().copied();
        return Err(doc.unknown(type_node.span, "type", word, known));
    };
    let decl = FieldDecl {
        name: doc.text(name, "`name`")?.to_owned(),
        ty: *ty,
        nullable: fields
            .optional("nullable", |n| doc.bool(n, "`nullable`"))?
            .unwrap_or(false),
        doc: doc.text(fields.require("doc")?, "`doc`")?.to_owned(),
        empty: fields
            .optional("empty", |n| doc.text(n, "`empty`"))?
            .map(str::to_owned),
    };
    Ok((decl, name))
}
