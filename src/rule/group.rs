//! Rules about groups of records: all those that are the same in some fields, judged as one.

use crate::model::{FieldId, FieldType, RecordType, RecordTypeId, Schema};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

use super::aggregate;
use super::condition::Case;
use super::param::Param;
use super::relation::{self, Relation};
use super::scope::FieldRef;

/// What a rule calls the records of the group that it judges.
const NAME: &str = "group";

/// Reads a rule's `group:`: the fields that are the same in a whole group, and the relation from
/// the group to its records. A record in which one of the fields is empty is in no group.
///
/// # Errors
/// On unknown fields, fields that cannot be compared, and whatever is wrong in a relation.
pub(super) fn decode(
    doc: &Document,
    node: &Node,
    schema: &Schema,
    (id, record, params): (RecordTypeId, &RecordType, &[Param]),
) -> Decoded<(Vec<FieldId>, Relation)> {
    let fields = doc.fields(node, "a group", &["by", "where", "related", "keep"])?;
    let list = fields.require("by")?;
    let mut by = Vec::new();
    for item in doc.sequence(list, "`by`")? {
        let name = doc.text(item, "`by`")?;
        let Some((field, decl)) = record.field(name) else {
            let known = record.fields.iter().map(|f| f.name.as_str());
            let what = format!("field of {}", record.name);
            return Err(doc.unknown(item.span, &what, name, known));
        };
        if !matches!(decl.ty, FieldType::Text | FieldType::Int) {
            let message = format!("`{name}` is a {}; records group by text or int", decl.ty);
            return Err(doc.error(item.span, message));
        }
        by.push(field);
    }
    if by.is_empty() {
        return Err(doc.error(list.span, "`by` must not be empty"));
    }
    let keep = aggregate::decode(doc, fields.require("keep")?, record)?;
    let (nested, filter) = relation::inner(doc, &fields, (schema, record, params), 1)?;
    let relation = Relation {
        name: NAME.to_owned(),
        from: id,
        record: record.clone(),
        on: by
            .iter()
            .map(|id| (*id, vec![FieldRef::Own(*id)]))
            .collect(),
        case: Case::Exact,
        filter,
        nested,
        keep,
        nearest: None,
        coverage: None,
    };
    Ok((by, relation))
}
