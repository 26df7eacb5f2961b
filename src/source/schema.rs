//! Reads record type declarations. Knows no vendor.

use crate::model::{FieldDecl, FieldId, FieldType, RecordType, Schema};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// Adds the record types of a `records` list to a schema.
pub(super) fn decode_into(schema: &mut Schema, doc: &Document, list: &Node) -> Decoded<()> {
    for node in doc.sequence(list, "`records`")? {
        let fields = doc.fields(
            node,
            "a record type",
            &["name", "doc", "begins", "activity", "fields"],
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
        };
        for field in doc.sequence(fields.require("fields")?, "`fields`")? {
            let (decl, at) = field_decl(doc, field)?;
            if record.field(&decl.name).is_some() {
                let message = format!("the field `{}` is declared twice", decl.name);
                return Err(doc.error(at.span, message));
            }
            record.fields.push(decl);
        }
        record.begins = time(doc, fields.get("begins"), &record)?;
        record.activity = time(doc, fields.get("activity"), &record)?;
        schema.types.push(record);
    }
    Ok(())
}

/// A time among the fields of a record type.
fn time(doc: &Document, node: Option<&Node>, record: &RecordType) -> Decoded<Option<FieldId>> {
    let Some(node) = node else {
        return Ok(None);
    };
    let name = doc.text(node, "a field")?;
    match record.field(name) {
        Some((id, decl)) if decl.ty == FieldType::Time => Ok(Some(id)),
        Some((_, decl)) => {
            let message = format!("`{name}` is a {}, this place needs a time", decl.ty);
            Err(doc.error(node.span, message))
        }
        None => {
            let known = record.fields.iter().map(|f| f.name.as_str());
            let what = format!("field of {}", record.name);
            Err(doc.unknown(node.span, &what, name, known))
        }
    }
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
