//! What a rule reads beside its own record: related records by equal keys, and facts that several
//! fields may prove, each to its grade.

use crate::model::{FieldId, FieldType, Grade, Period, RecordType, RecordTypeId, Schema};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::{Entry, Kind, Node};

use super::aggregate::{self, Kept};
use super::condition::{Case, Condition};
use super::param::{Param, ParamType};
use super::scope::{FieldRef, Scope};

/// Relations may hang on relations this deep.
const MAX_DEPTH: usize = 3;

/// Records of another type that have the same key.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The name in the rule.
    pub name: String,
    /// The type of the related records.
    pub from: RecordTypeId,
    /// Its declaration.
    pub record: RecordType,
    /// Pairs of keys that must be equal: theirs, and one or more of ours, of which any will do.
    pub on: Vec<(FieldId, Vec<FieldRef>)>,
    /// How keys compare.
    pub case: Case,
    /// Which of the related records count.
    pub filter: Option<Condition>,
    /// What the filter reads beside the related record.
    pub nested: Vec<Relation>,
    /// Aggregates over many records. Empty for exactly one.
    pub keep: Vec<Kept>,
    /// For one record among many: the nearest in time.
    pub nearest: Option<Nearest>,
    /// How long a log must reach back before its silence proves anything.
    pub coverage: Option<LogCoverage>,
}

/// For a relation to the nearest record: which way to look, and by which times.
#[derive(Debug, Clone, Copy)]
pub struct Nearest {
    /// Whether the last one before, or the first one after.
    pub side: Side,
    /// Their time.
    pub theirs: FieldId,
    /// Our time.
    pub mine: FieldRef,
}

/// Which way the nearest record lies. One of the same moment is on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Before.
    Previous,
    /// After.
    Next,
}

/// How long a log must reach back, and how close to the audit date it must end.
#[derive(Debug, Clone)]
pub struct LogCoverage {
    /// The time field of the log.
    pub field: FieldId,
    /// How far back it must reach.
    pub spans: Length,
    /// How long before the audit date it may end.
    pub until: Length,
    /// How long it may be silent in between, where silence may mean that a part of it was not given.
    pub gap: Option<Length>,
}

/// A length of time, fixed or a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// Fixed.
    Fixed(Period),
    /// A parameter of the rule.
    Param(usize),
}

/// A time that several fields may prove.
#[derive(Debug, Clone)]
pub struct Derived {
    /// The name in the rule.
    pub name: String,
    /// The fields, in any order; the strongest grade wins, and within a grade the latest.
    pub rungs: Vec<Rung>,
}

/// One field that may prove a fact.
#[derive(Debug, Clone)]
pub struct Rung {
    /// The field.
    pub field: FieldRef,
    /// How well it proves it.
    pub grade: Grade,
    /// It proves it only when this relation's log covers the time that the rule asks for.
    pub covered_by: Option<u8>,
}

impl Relation {
    /// Whether the relation is to exactly one record.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.keep.is_empty()
    }

    /// Adds a rule's `related:` and `coverage:` to the relations that it has already.
    ///
    /// # Errors
    /// On unknown record types, fields or aggregates, keys of unequal types, and anything that
    /// could make the work more than linear.
    pub fn decode_into(
        relations: &mut Vec<Self>,
        doc: &Document,
        (related, coverage): (Option<&Node>, Option<&Node>),
        (schema, scope): (&Schema, &Scope<'_>),
    ) -> Decoded<()> {
        if let Some(node) = related {
            decode_into(relations, doc, node, (schema, scope), 1)?;
        }
        if let Some(node) = coverage {
            for entry in doc.mapping(node, "coverage")? {
                let Some(relation) = relations.iter_mut().find(|r| r.name == *entry.key) else {
                    let known: Vec<String> = relations.iter().map(|r| r.name.clone()).collect();
                    return Err(doc.unknown(
                        entry.span,
                        "relation",
                        &entry.key,
                        known.iter().map(String::as_str),
                    ));
                };
                let coverage = LogCoverage::decode(doc, &entry.value, relation, scope.params)?;
                relation.coverage = Some(coverage);
            }
        }
        Ok(())
    }

    /// Calls `visit` for every field of the related records that the relation itself reads, but for
    /// those of its filter.
    pub fn read(&self, visit: &mut dyn FnMut(FieldId)) {
        self.on.iter().for_each(|(theirs, _)| visit(*theirs));
        for kept in &self.keep {
            kept.aggregate.fields(visit);
        }
        self.nearest.iter().for_each(|n| visit(n.theirs));
        self.coverage.iter().for_each(|c| visit(c.field));
    }

    /// Every relation below this one, deepest first, then this one.
    pub fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r Self)) {
        self.nested.iter().for_each(|n| n.each(visit));
        visit(self);
    }
}

fn decode_into(
    out: &mut Vec<Relation>,
    doc: &Document,
    node: &Node,
    (schema, scope): (&Schema, &Scope<'_>),
    depth: usize,
) -> Decoded<()> {
    if depth > MAX_DEPTH {
        return Err(doc.error(
            node.span,
            format!("relations hang on relations more than {MAX_DEPTH} deep"),
        ));
    }
    for entry in doc.mapping(node, "related")? {
        let what = format!("relation `{}`", entry.key);
        let known = [
            "from",
            "on",
            "ignore_case",
            "where",
            "related",
            "one",
            "keep",
            "previous",
            "next",
        ];
        let fields = doc.fields(&entry.value, &what, &known)?;
        let taken = if scope.record.field(&entry.key).is_some() {
            Some(format!("a field of {}", scope.record.name))
        } else if out.iter().any(|r| r.name == *entry.key) {
            Some("a relation of the rule".to_owned())
        } else {
            None
        };
        if let Some(taken) = taken {
            return Err(doc.error(entry.span, format!("`{}` is already {taken}", entry.key)));
        }
        let from_node = fields.require("from")?;
        let from_name = doc.text(from_node, "from")?;
        let Some((from, theirs)) = schema.find(from_name) else {
            let known = schema.types.iter().map(|t| t.name.as_str());
            return Err(doc.unknown(from_node.span, "record type", from_name, known));
        };
        let shape = Shape::decode(doc, entry, &fields, theirs)?;
        let own = Scope {
            relations: out,
            ..*scope
        };
        let nearest = shape.nearest(doc, theirs, &own)?;
        let on = match fields.get("on") {
            Some(node) => keys(doc, node, theirs, &own)?,
            None if matches!(shape, Shape::One) => Vec::new(),
            None => return Err(doc.error_with_help(entry.span, format!("{what} needs `on`"), "on: {their_field: my_field}; only a `one: true` relation to a type with a single row may leave it out")),
        };
        let (nested, filter) = inner(doc, &fields, (schema, theirs, scope.params), depth)?;
        let ignore_case = fields.optional("ignore_case", |n| doc.bool(n, "ignore_case"))?;
        out.push(Relation {
            name: entry.key.to_string(),
            from,
            record: theirs.clone(),
            on,
            case: if ignore_case == Some(true) {
                Case::Ignored
            } else {
                Case::Exact
            },
            filter,
            nested,
            keep: match shape {
                Shape::Many(keep) => keep,
                Shape::One | Shape::Nearest(..) => Vec::new(),
            },
            nearest,
            coverage: None,
        });
        if out.len() > 32 {
            return Err(doc.error(entry.span, "a rule may have at most 32 relations"));
        }
    }
    Ok(())
}

/// What a relation says of its own records: which of them count, and what that depends on.
pub(super) fn inner(
    doc: &Document,
    fields: &Fields<'_, '_>,
    (schema, theirs, params): (&Schema, &RecordType, &[Param]),
    depth: usize,
) -> Decoded<(Vec<Relation>, Option<Condition>)> {
    let mut nested = Vec::new();
    let bare = Scope::of(theirs, params);
    if let Some(node) = fields.get("related") {
        decode_into(&mut nested, doc, node, (schema, &bare), depth + 1)?;
    }
    let scope = Scope {
        relations: &nested,
        ..bare
    };
    let filter = fields.optional("where", |n| Condition::decode(doc, n, &scope))?;
    Ok((nested, filter))
}

/// How many related records count.
enum Shape<'n> {
    One,
    Many(Vec<Kept>),
    Nearest(Side, &'n Node),
}

impl<'n> Shape<'n> {
    fn decode(
        doc: &Document,
        entry: &Entry,
        fields: &Fields<'_, 'n>,
        theirs: &RecordType,
    ) -> Decoded<Self> {
        let one = fields.optional("one", |n| doc.bool(n, "one"))?;
        let mut shapes = Vec::new();
        if one == Some(true) {
            shapes.push(Self::One);
        }
        if let Some(node) = fields.get("keep") {
            shapes.push(Self::Many(aggregate::decode(doc, node, theirs)?));
        }
        for (key, side) in [("previous", Side::Previous), ("next", Side::Next)] {
            shapes.extend(fields.get(key).map(|node| Self::Nearest(side, node)));
        }
        match (shapes.pop(), shapes.pop()) {
            (Some(shape), None) => Ok(shape),
            _ => Err(doc.error(
                entry.span,
                format!(
                    "relation `{}` needs one of `one: true`, `keep:`, `previous:` and `next:`",
                    entry.key
                ),
            )),
        }
    }

    /// Reads the pair of times: `{their_time: my_time}`.
    fn nearest(
        &self,
        doc: &Document,
        theirs: &RecordType,
        own: &Scope<'_>,
    ) -> Decoded<Option<Nearest>> {
        let Self::Nearest(side, node) = self else {
            return Ok(None);
        };
        let [entry] = doc.mapping(node, "a pair of times")? else {
            return Err(doc.error(node.span, "one pair of times: `{their_time: my_time}`"));
        };
        let Some((id, decl)) = theirs.field(&entry.key) else {
            let known = theirs.fields.iter().map(|f| f.name.as_str());
            let what = format!("field of {}", theirs.name);
            return Err(doc.unknown(entry.span, &what, &entry.key, known));
        };
        let name = doc.text(&entry.value, "a time")?;
        let (mine, mine_decl) = own.resolve(doc, entry.value.span, name)?;
        let pairs = [
            (entry.span, &*entry.key, decl.ty),
            (entry.value.span, name, mine_decl.ty),
        ];
        for (span, name, ty) in pairs {
            if ty != FieldType::Time {
                return Err(doc.error(span, format!("`{name}` is a {ty}, this place needs a time")));
            }
        }
        Ok(Some(Nearest {
            side: *side,
            theirs: id,
            mine,
        }))
    }
}

fn keys(
    doc: &Document,
    node: &Node,
    theirs: &RecordType,
    own: &Scope<'_>,
) -> Decoded<Vec<(FieldId, Vec<FieldRef>)>> {
    let mut on = Vec::new();
    for entry in doc.mapping(node, "on")? {
        let Some((id, decl)) = theirs.field(&entry.key) else {
            let known = theirs.fields.iter().map(|f| f.name.as_str());
            return Err(doc.unknown(
                entry.span,
                &format!("field of {}", theirs.name),
                &entry.key,
                known,
            ));
        };
        let nodes: Vec<&Node> = match &entry.value.kind {
            Kind::Sequence(items) => items.iter().collect(),
            _ => vec![&entry.value],
        };
        let mut mine = Vec::new();
        for node in nodes {
            let name = doc.text(node, "a key")?;
            let (field, mine_decl) = own.resolve(doc, node.span, name)?;
            if mine_decl.ty != decl.ty || !matches!(decl.ty, FieldType::Text | FieldType::Int) {
                let message = format!(
                    "keys must both be text or both be int: `{}` is a {}, `{name}` a {}",
                    entry.key, decl.ty, mine_decl.ty
                );
                return Err(doc.error(node.span, message));
            }
            mine.push(field);
        }
        on.push((id, mine));
    }
    if on.is_empty() {
        return Err(doc.error(node.span, "`on` must not be empty"));
    }
    if on.len() > 1 && on.iter().filter(|(_, mine)| mine.len() > 1).count() > 1 {
        return Err(doc.error(
            node.span,
            "only one key of a relation may have alternatives",
        ));
    }
    Ok(on)
}

impl LogCoverage {
    fn decode(doc: &Document, node: &Node, relation: &Relation, params: &[Param]) -> Decoded<Self> {
        let fields = doc.fields(node, "coverage", &["field", "spans", "until", "gap"])?;
        let field_node = fields.require("field")?;
        let name = doc.text(field_node, "field")?;
        let field = match relation.record.field(name) {
            Some((id, decl)) if decl.ty == FieldType::Time => id,
            Some((_, decl)) => {
                return Err(doc.error(
                    field_node.span,
                    format!("`{name}` is a {}, coverage needs a time", decl.ty),
                ));
            }
            None => {
                let known = relation.record.fields.iter().map(|f| f.name.as_str());
                return Err(doc.unknown(
                    field_node.span,
                    &format!("field of {}", relation.record.name),
                    name,
                    known,
                ));
            }
        };
        Ok(Self {
            field,
            spans: Length::decode(doc, fields.require("spans")?, params)?,
            until: Length::decode(doc, fields.require("until")?, params)?,
            gap: fields.optional("gap", |n| Length::decode(doc, n, params))?,
        })
    }
}

impl Length {
    pub(super) fn decode(doc: &Document, node: &Node, params: &[Param]) -> Decoded<Self> {
        let text = doc.text(node, "a length of time")?;
        let Some(name) = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) else {
            return Ok(Self::Fixed(doc.parsed(node, "a length of time")?));
        };
        match params.iter().position(|p| p.name == name) {
            Some(index) if params[index].ty == ParamType::Duration => Ok(Self::Param(index)),
            Some(_) => Err(doc.error(node.span, format!("parameter `{name}` is no duration"))),
            None => Err(doc.unknown(
                node.span,
                "parameter",
                name,
                params.iter().map(|p| p.name.as_str()),
            )),
        }
    }
}

impl Derived {
    /// Reads a rule's `derive:`.
    ///
    /// # Errors
    /// On unknown fields, grades or relations, and on fields that are no times.
    pub fn decode_all(
        doc: &Document,
        node: Option<&Node>,
        scope: &Scope<'_>,
    ) -> Decoded<Vec<Self>> {
        let Some(node) = node else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for entry in doc.mapping(node, "derive")? {
            let what = format!("derived `{}`", entry.key);
            let fields = doc.fields(&entry.value, &what, &["strongest"])?;
            let list = fields.require("strongest")?;
            let rungs = doc
                .sequence(list, "strongest")?
                .iter()
                .map(|n| Rung::decode(doc, n, scope));
            let rungs = rungs.collect::<Decoded<Vec<_>>>()?;
            if rungs.is_empty() {
                return Err(doc.error(list.span, "`strongest` must not be empty"));
            }
            if scope.record.field(&entry.key).is_some() {
                return Err(doc.error(
                    entry.span,
                    format!(
                        "`{}` is already a field of {}",
                        entry.key, scope.record.name
                    ),
                ));
            }
            all.push(Self {
                name: entry.key.to_string(),
                rungs,
            });
            if all.len() > 64 {
                return Err(doc.error(entry.span, "a rule may derive at most 64 facts"));
            }
        }
        Ok(all)
    }
}

impl Rung {
    fn decode(doc: &Document, node: &Node, scope: &Scope<'_>) -> Decoded<Self> {
        let fields = doc.fields(node, "a rung", &["field", "grade", "covered_by"])?;
        let field_node = fields.require("field")?;
        let name = doc.text(field_node, "field")?;
        let (field, decl) = scope.resolve(doc, field_node.span, name)?;
        if decl.ty != FieldType::Time {
            return Err(doc.error(
                field_node.span,
                format!("`{name}` is a {}, a rung needs a time", decl.ty),
            ));
        }
        let covered_by = fields.optional("covered_by", |n| {
            let name = doc.text(n, "covered_by")?;
            match scope.relations.iter().position(|r| r.name == name) {
                Some(at) if scope.relations[at].coverage.is_some() => Ok(super::scope::small(at)),
                Some(_) => Err(doc.error(n.span, format!("relation `{name}` has no `coverage`"))),
                None => Err(doc.unknown(
                    n.span,
                    "relation",
                    name,
                    scope.relations.iter().map(|r| r.name.as_str()),
                )),
            }
        })?;
        let grade = doc.word(fields.require("grade")?, "grade", Grade::WORDS)?;
        Ok(Self {
            field,
            grade,
            covered_by,
        })
    }
}
