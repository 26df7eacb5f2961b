//! The part of a rule that is about records: what it reads, when it fails, what it then says.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{FieldId, RecordTypeId, Schema};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::Node;

use super::condition::Condition;
use super::group;
use super::message::Message;
use super::param::Param;
use super::relation::{Derived, Relation};
use super::scope::{FieldRef, Scope};
use super::test::RecordTest;

/// A checked rule over records.
#[derive(Debug, Clone)]
pub struct RecordRule {
    /// The type of record that it judges.
    pub record: RecordTypeId,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Where it judges groups of records: the fields that are the same in a whole group. The first
    /// relation is then to the records of the group.
    pub group: Option<Vec<FieldId>>,
    /// Related records.
    pub relations: Vec<Relation>,
    /// Derived facts. The grade of the first is the grade of a finding.
    pub derived: Vec<Derived>,
    /// When it fails.
    pub when: Condition,
    /// What a finding says.
    pub message: Message,
    /// What people call the subject.
    pub subject: Message,
    /// Facts shown with a finding: name and field.
    pub evidence: Vec<(Arc<str>, FieldRef)>,
    /// Fields of the record that name the subject, for ever.
    pub identity: Vec<FieldId>,
    /// Its own tests; empty when they were not loaded.
    pub tests: Vec<RecordTest>,
}

/// The keys of a rule that belong to this part.
pub(super) const KEYS: &[&str] = &[
    "record", "params", "group", "related", "coverage", "derive", "when", "subject", "evidence",
];

impl RecordRule {
    /// Reads the body of a built-in rule.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub(super) fn decode_packed(doc: &Document, node: &Node, schema: &Schema) -> Decoded<Self> {
        let known: Vec<&str> = KEYS
            .iter()
            .chain(&["message", "identity"])
            .copied()
            .collect();
        Self::decode(doc, &doc.fields(node, "a rule", &known)?, schema)
    }

    /// Reads what a rule says besides its envelope.
    ///
    /// # Errors
    /// On the first thing in it that is wrong.
    pub(super) fn decode(
        doc: &Document,
        fields: &Fields<'_, '_>,
        schema: &Schema,
    ) -> Decoded<Self> {
        let record_node = fields.require("record")?;
        let name = doc.text(record_node, "record")?;
        let Some((id, record)) = schema.find(name) else {
            let known = schema.types.iter().map(|t| t.name.as_str());
            return Err(doc.unknown(record_node.span, "record type", name, known));
        };
        let params = Param::decode_all(doc, fields.get("params"))?;
        let (mut relations, mut by) = (Vec::new(), None);
        if let Some(node) = fields.get("group") {
            let (fields, relation) = group::decode(doc, node, schema, (id, record, &params))?;
            relations.push(relation);
            by = Some(fields);
        }
        let bare = Scope {
            only: by.as_deref(),
            ..Scope::of(record, &params)
        };
        Relation::decode_into(
            &mut relations,
            doc,
            (fields.get("related"), fields.get("coverage")),
            (schema, &bare),
        )?;
        let related = Scope {
            relations: &relations,
            ..bare
        };
        let derived = Derived::decode_all(doc, fields.get("derive"), &related)?;
        let scope = Scope {
            derived: &derived,
            ..related
        };
        let when = Condition::decode(doc, fields.require("when")?, &scope)?;
        let message = Message::decode(doc, fields.require("message")?, &scope)?;
        let mut evidence = Vec::new();
        if let Some(node) = fields.get("evidence") {
            for item in doc.sequence(node, "evidence")? {
                let name = doc.text(item, "evidence")?;
                evidence.push((name.into(), scope.resolve(doc, item.span, name)?.0));
            }
        }
        let identity_node = fields.require("identity")?;
        let mut identity = Vec::new();
        for item in doc.sequence(identity_node, "identity")? {
            let name = doc.text(item, "identity")?;
            match scope.resolve(doc, item.span, name)?.0 {
                FieldRef::Own(id) => identity.push(id),
                _ => {
                    return Err(doc.error(item.span, "identity is made of the record's own fields"));
                }
            }
        }
        if identity.is_empty() {
            return Err(doc.error(identity_node.span, "`identity` must not be empty"));
        }
        let subject = Message::decode(doc, fields.require("subject")?, &scope)?;
        unused_params(doc, fields, &params)?;
        Ok(Self {
            record: id,
            params,
            group: by,
            relations,
            derived,
            when,
            message,
            subject,
            evidence,
            identity,
            tests: Vec::new(),
        })
    }

    /// Calls `visit` for every field that the rule reads, of its record and of related ones.
    pub fn fields(&self, visit: &mut dyn FnMut(FieldRef)) {
        self.when.fields(visit);
        self.message
            .fields()
            .chain(self.subject.fields())
            .for_each(&mut *visit);
        self.evidence.iter().for_each(|(_, field)| visit(*field));
        self.identity
            .iter()
            .for_each(|id| visit(FieldRef::Own(*id)));
        self.derived
            .iter()
            .flat_map(|d| &d.rungs)
            .for_each(|rung| visit(rung.field));
        let keys = self
            .relations
            .iter()
            .flat_map(|r| &r.on)
            .flat_map(|(_, mine)| mine);
        keys.for_each(|field| visit(*field));
        let times = self.relations.iter().filter_map(|r| r.nearest);
        times.for_each(|nearest| visit(nearest.mine));
    }

    /// The fields that the rule, or anything it depends on, reads of each record type.
    pub fn wanted(&self, out: &mut BTreeSet<(RecordTypeId, FieldId)>) {
        let own = self.record;
        self.fields(&mut |field| wanted_field(field, own, &self.relations, out));
        wanted_relations(&self.relations, out);
    }
}

fn wanted_field(
    field: FieldRef,
    own: RecordTypeId,
    relations: &[Relation],
    out: &mut BTreeSet<(RecordTypeId, FieldId)>,
) {
    match field {
        FieldRef::Own(id) => {
            out.insert((own, id));
        }
        FieldRef::One(relation, id) => {
            out.insert((relations[usize::from(relation)].from, id));
        }
        FieldRef::Kept(..) | FieldRef::Derived(_) => {}
    }
}

fn wanted_relations(relations: &[Relation], out: &mut BTreeSet<(RecordTypeId, FieldId)>) {
    for relation in relations {
        relation.read(&mut |id| {
            out.insert((relation.from, id));
        });
        if let Some(filter) = &relation.filter {
            filter.fields(&mut |field| wanted_field(field, relation.from, &relation.nested, out));
        }
        let keys = relation
            .nested
            .iter()
            .flat_map(|n| &n.on)
            .flat_map(|(_, mine)| mine);
        keys.for_each(|field| wanted_field(*field, relation.from, &relation.nested, out));
        wanted_relations(&relation.nested, out);
    }
}

/// A parameter that nothing reads would be a threshold that a policy sets in vain.
fn unused_params(doc: &Document, fields: &Fields<'_, '_>, params: &[Param]) -> Decoded<()> {
    let whole = doc.slice(fields.span());
    for param in params {
        if !whole.contains(&format!("${{{}}}", param.name)) {
            return Err(doc.error(
                param.span,
                format!("nothing reads the parameter `{}`", param.name),
            ));
        }
    }
    Ok(())
}
