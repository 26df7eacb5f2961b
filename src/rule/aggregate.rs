//! What a rule keeps of many related records: a closed list of aggregates, each typed against the
//! record it sums up.

use crate::model::{FieldDecl, FieldId, FieldType, RecordType};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// How many aggregates a relation may keep.
const MOST: usize = 64;

const WORDS: &[&str] = &[
    "count",
    "min",
    "max",
    "list",
    "distinct",
    "first",
    "last",
    "first_third",
    "last_third",
];

/// One aggregate.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The name in the rule.
    pub name: String,
    /// What it is.
    pub aggregate: Aggregate,
}

/// What is kept of many related records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aggregate {
    /// How many.
    Count,
    /// The least value of a field.
    Min(FieldId),
    /// The greatest value of a field.
    Max(FieldId),
    /// The distinct texts of a field, sorted.
    List(FieldId),
    /// How many distinct combinations of these fields.
    Distinct(Box<[FieldId]>),
    /// A field of the row that is first, or last, by a time.
    Edge(End, FieldId, FieldId),
    /// The sum of a whole number over the first, or the last, third of the rows by a time. Of fewer
    /// than six rows a third is one.
    Third(End, FieldId, FieldId),
}

/// One of the two ends of rows in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The earliest.
    First,
    /// The latest.
    Last,
}

impl Aggregate {
    /// The type of its value, for records of this type.
    #[must_use]
    pub fn ty(&self, record: &RecordType) -> FieldType {
        match self {
            Self::Count | Self::Distinct(_) | Self::Third(..) => FieldType::Int,
            Self::List(_) => FieldType::List,
            Self::Min(id) | Self::Max(id) | Self::Edge(_, id, _) => record.decl(*id).ty,
        }
    }

    /// Whether it may say nothing: no row is a count of zero, but has no least value.
    #[must_use]
    pub const fn nullable(&self) -> bool {
        !matches!(self, Self::Count | Self::Distinct(_))
    }

    /// Calls `visit` for every field that it reads.
    pub fn fields(&self, visit: &mut dyn FnMut(FieldId)) {
        match self {
            Self::Count => {}
            Self::Min(id) | Self::Max(id) | Self::List(id) => visit(*id),
            Self::Distinct(ids) => ids.iter().copied().for_each(visit),
            Self::Edge(_, id, by) | Self::Third(_, id, by) => {
                visit(*id);
                visit(*by);
            }
        }
    }

    /// The words of rule files, for the schema of them.
    #[must_use]
    pub const fn words() -> &'static [&'static str] {
        WORDS
    }
}

/// Reads a `keep:`.
///
/// # Errors
/// On unknown aggregates and fields, and fields of types that an aggregate has no use for.
pub(super) fn decode(doc: &Document, node: &Node, theirs: &RecordType) -> Decoded<Vec<Kept>> {
    let mut kept = Vec::new();
    for entry in doc.mapping(node, "keep")? {
        kept.push(Kept {
            name: entry.key.to_string(),
            aggregate: aggregate(doc, &entry.value, theirs)?,
        });
        if kept.len() > MOST {
            let message = format!("a relation may keep at most {MOST} aggregates");
            return Err(doc.error(entry.span, message));
        }
    }
    if kept.is_empty() {
        return Err(doc.error(node.span, "`keep` must not be empty"));
    }
    Ok(kept)
}

/// `word`, `word(field)`, `word(field + field)` or `word(field by time)`.
fn aggregate(doc: &Document, node: &Node, theirs: &RecordType) -> Decoded<Aggregate> {
    let text = doc.text(node, "an aggregate")?;
    let (word, inner) = match text.split_once('(') {
        Some((word, rest)) => (word.trim(), rest.trim_end().strip_suffix(')')),
        None => (text.trim(), None),
    };
    let call = Call {
        doc,
        node,
        theirs,
        word,
    };
    let field = || call.inner(inner).and_then(|name| call.field(name));
    Ok(match word {
        "count" if text.trim() == "count" => Aggregate::Count,
        "min" => Aggregate::Min(call.typed(field()?, ORDERED)?),
        "max" => Aggregate::Max(call.typed(field()?, ORDERED)?),
        "list" => Aggregate::List(call.typed(field()?, TEXT)?),
        "distinct" => {
            let names = call.inner(inner)?.split('+');
            let ids = names.map(|name| call.typed(call.field(name)?, NAMING));
            Aggregate::Distinct(ids.collect::<Decoded<_>>()?)
        }
        "first" => call.by_time(inner, ANY, |id, by| Aggregate::Edge(End::First, id, by))?,
        "last" => call.by_time(inner, ANY, |id, by| Aggregate::Edge(End::Last, id, by))?,
        "first_third" => {
            call.by_time(inner, WHOLE, |id, by| Aggregate::Third(End::First, id, by))?
        }
        "last_third" => call.by_time(inner, WHOLE, |id, by| Aggregate::Third(End::Last, id, by))?,
        other => {
            let known = WORDS.iter().copied();
            return Err(doc.unknown(node.span, "aggregate", other, known));
        }
    })
}

/// The types that an aggregate has a use for, and what to call them.
type Usable = (&'static [FieldType], &'static str);

const ORDERED: Usable = (
    &[FieldType::Time, FieldType::Int, FieldType::Number],
    "a time or a number",
);
const WHOLE: Usable = (&[FieldType::Int], "a whole number");
const TEXT: Usable = (&[FieldType::Text], "a text");
const NAMING: Usable = (&[FieldType::Text, FieldType::Time], "a text or a time");
const TIME: Usable = (&[FieldType::Time], "a time");
const ANY: Usable = (FieldType::ALL, "a field");

/// An aggregate as it is read.
struct Call<'c> {
    doc: &'c Document,
    node: &'c Node,
    theirs: &'c RecordType,
    word: &'c str,
}

impl Call<'_> {
    fn inner<'t>(&self, inner: Option<&'t str>) -> Decoded<&'t str> {
        let word = self.word;
        inner.ok_or_else(|| {
            let message = format!("`{word}` needs a field: `{word}(field)`");
            self.doc.error(self.node.span, message)
        })
    }

    fn field(&self, name: &str) -> Decoded<(FieldId, &FieldDecl)> {
        self.theirs.field(name.trim()).ok_or_else(|| {
            let known = self.theirs.fields.iter().map(|f| f.name.as_str());
            let what = format!("field of {}", self.theirs.name);
            self.doc.unknown(self.node.span, &what, name.trim(), known)
        })
    }

    fn typed(&self, (id, decl): (FieldId, &FieldDecl), usable: Usable) -> Decoded<FieldId> {
        let (types, needs) = usable;
        if types.contains(&decl.ty) {
            return Ok(id);
        }
        let message = format!(
            "`{}` needs {needs}, `{}` is a {}",
            self.word, decl.name, decl.ty
        );
        Err(self.doc.error(self.node.span, message))
    }

    fn by_time(
        &self,
        inner: Option<&str>,
        usable: Usable,
        make: impl FnOnce(FieldId, FieldId) -> Aggregate,
    ) -> Decoded<Aggregate> {
        let word = self.word;
        let Some((name, by)) = self.inner(inner)?.split_once(" by ") else {
            let message = format!("`{word}` needs a field and a time: `{word}(field by time)`");
            return Err(self.doc.error(self.node.span, message));
        };
        let id = self.typed(self.field(name)?, usable)?;
        Ok(make(id, self.typed(self.field(by)?, TIME)?))
    }
}
