//! Which names a rule may use, and what each is.

use crate::model::{FieldId, FieldType, RecordType, Span};
use crate::read::decode::{Decoded, Document};

use super::param::Param;
use super::relation::{Derived, Relation};

/// A field that a rule reads, by what it hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldRef {
    /// A field of the rule's own record.
    Own(FieldId),
    /// A field of the one related record.
    One(u8, FieldId),
    /// A kept aggregate of the related records.
    Kept(u8, u8),
    /// A fact derived from several fields.
    Derived(u8),
}

/// What is known of a field when the rule is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Its type.
    pub ty: FieldType,
    /// Whether it may be empty, so that a comparison must say what empty means.
    pub nullable: bool,
}

/// The names in reach of a condition or a message.
pub struct Scope<'a> {
    /// The record it is about.
    pub record: &'a RecordType,
    /// Related records.
    pub relations: &'a [Relation],
    /// Derived facts.
    pub derived: &'a [Derived],
    /// Parameters of the rule.
    pub params: &'a [Param],
    /// Where the rule is about groups of records: the fields that are the same in a whole group.
    pub only: Option<&'a [FieldId]>,
}

impl<'a> Scope<'a> {
    /// The fields of a record by itself.
    #[must_use]
    pub const fn of(record: &'a RecordType, params: &'a [Param]) -> Self {
        Self {
            record,
            relations: &[],
            derived: &[],
            params,
            only: None,
        }
    }

    /// Finds a field by the name that a rule uses: `field`, `relation.field` or a derived name.
    ///
    /// # Errors
    /// When there is none; suggests the nearest.
    pub fn resolve(&self, doc: &Document, span: Span, name: &str) -> Decoded<(FieldRef, Declared)> {
        if let Some((id, decl)) = self.record.field(name) {
            if self.only.is_some_and(|only| !only.contains(&id)) {
                return Err(doc.error_with_help(
                    span,
                    format!("`{name}` may differ between the records of a group"),
                    "use a field of `by`, or keep an aggregate of it in `group`",
                ));
            }
            return Ok((
                FieldRef::Own(id),
                Declared {
                    ty: decl.ty,
                    nullable: decl.nullable,
                },
            ));
        }
        if let Some(index) = self.derived.iter().position(|d| d.name == name) {
            let declared = Declared {
                ty: FieldType::Time,
                nullable: true,
            };
            return Ok((FieldRef::Derived(small(index)), declared));
        }
        if let Some((head, tail)) = name.split_once('.')
            && let Some(index) = self.relations.iter().position(|r| r.name == head)
        {
            return self.related(doc, span, index, tail);
        }
        Err(doc.unknown(
            span,
            &format!("field of {}", self.record.name),
            name,
            self.names().iter().map(String::as_str),
        ))
    }

    fn related(
        &self,
        doc: &Document,
        span: Span,
        index: usize,
        name: &str,
    ) -> Decoded<(FieldRef, Declared)> {
        let relation = &self.relations[index];
        let what = format!("field of relation `{}`", relation.name);
        if relation.is_one() {
            // The row may be absent, so every field of it may be empty.
            return match relation.record.field(name) {
                Some((id, decl)) => Ok((
                    FieldRef::One(small(index), id),
                    Declared {
                        ty: decl.ty,
                        nullable: true,
                    },
                )),
                None => {
                    let known = relation.record.fields.iter().map(|f| f.name.as_str());
                    Err(doc.unknown(span, &what, name, known))
                }
            };
        }
        let kept = relation.keep.iter().position(|k| k.name == name);
        match kept {
            Some(at) => {
                let aggregate = &relation.keep[at].aggregate;
                let (ty, nullable) = (aggregate.ty(&relation.record), aggregate.nullable());
                Ok((
                    FieldRef::Kept(small(index), small(at)),
                    Declared { ty, nullable },
                ))
            }
            None => Err(doc.unknown(
                span,
                &what,
                name,
                relation.keep.iter().map(|k| k.name.as_str()),
            )),
        }
    }

    /// Every name in reach, for suggestions.
    fn names(&self) -> Vec<String> {
        let own = self.record.fields.iter().map(|f| f.name.clone());
        let derived = self.derived.iter().map(|d| d.name.clone());
        let related = self.relations.iter().flat_map(|r| {
            let names: Vec<&str> = if r.is_one() {
                r.record.fields.iter().map(|f| f.name.as_str()).collect()
            } else {
                r.keep.iter().map(|k| k.name.as_str()).collect()
            };
            names
                .into_iter()
                .map(|n| format!("{}.{n}", r.name))
                .collect::<Vec<_>>()
        });
        own.chain(derived).chain(related).collect()
    }

    /// The name of a field as the rule wrote it.
    #[must_use]
    pub fn name(&self, field: FieldRef) -> String {
        match field {
            FieldRef::Own(id) => self.record.decl(id).name.clone(),
            FieldRef::Derived(at) => self.derived[usize::from(at)].name.clone(),
            FieldRef::One(r, id) => {
                let relation = &self.relations[usize::from(r)];
                format!("{}.{}", relation.name, relation.record.decl(id).name)
            }
            FieldRef::Kept(r, k) => {
                let relation = &self.relations[usize::from(r)];
                format!("{}.{}", relation.name, relation.keep[usize::from(k)].name)
            }
        }
    }

    /// Finds a parameter by name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<(usize, &Param)> {
        self.params.iter().enumerate().find(|(_, p)| p.name == name)
    }
}

/// Relations, aggregates and derived facts of one rule are at most 255; the decoder checks it.
pub(super) fn small(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}
