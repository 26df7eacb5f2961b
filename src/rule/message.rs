//! Message templates: text with `{field}` places, checked when the rule is loaded. Not expressions.

use std::borrow::Cow;

use crate::model::{FieldType, Instant, Missing, Span, Value, When};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

use super::scope::{FieldRef, Scope};

/// A checked template.
#[derive(Debug, Clone)]
pub struct Message(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Field {
        field: FieldRef,
        form: Form,
        /// Other fields for where this one says nothing, in order.
        others: Box<[FieldRef]>,
        /// What to write where the last of them is there and empty.
        empty: Option<Box<str>>,
        or: Option<Box<str>>,
    },
}

/// How a field is written into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// Whole days from the time to the audit date.
    Age,
    /// Whole days from the audit date to the time.
    Until,
    /// The calendar date.
    Date,
}

const FORMS: &[(&str, Form)] = &[
    ("age", Form::Age),
    ("until", Form::Until),
    ("date", Form::Date),
];

impl Message {
    /// Reads a template: `{field}`, `{field|age}`, `{field|until}`, `{field|date}`,
    /// `{field|else:FIELD}`, `{field|empty:TEXT}`, `{field|or:TEXT}` in any combination; `else`
    /// may stand several times. `{{` and `}}` are braces.
    ///
    /// # Errors
    /// On an unknown field or form, a time form on a field that is no time, or an open brace.
    pub fn decode(doc: &Document, node: &Node, scope: &Scope<'_>) -> Decoded<Self> {
        let text = doc.filled(node, "message")?;
        let mut parts = Vec::new();
        let mut rest = text;
        let mut plain = String::new();
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let tail = &rest[at..];
            if tail.starts_with("{{") || tail.starts_with("}}") {
                plain.push_str(&tail[..1]);
                rest = &tail[2..];
                continue;
            }
            let Some(end) = tail.find('}').filter(|_| tail.starts_with('{')) else {
                return Err(doc.error_with_help(
                    node.span,
                    "message has a brace without its partner",
                    "write `{{` or `}}` for a brace itself",
                ));
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Self::part(doc, node.span, &tail[1..end], scope)?);
            rest = &tail[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    fn part(doc: &Document, span: Span, inner: &str, scope: &Scope<'_>) -> Decoded<Part> {
        let mut words = inner.split('|');
        let name = words.next().unwrap_or("").trim();
        let (field, decl) = scope.resolve(doc, span, name)?;
        let (mut form, mut others, mut empty, mut or) = (Form::Plain, Vec::new(), None, None);
        for word in words {
            if let Some(text) = word.strip_prefix("or:") {
                or = Some(text.into());
            } else if let Some(text) = word.strip_prefix("empty:") {
                empty = Some(text.into());
            } else if let Some(name) = word.strip_prefix("else:") {
                others.push(scope.resolve(doc, span, name.trim())?.0);
            } else if let Some((_, found)) = FORMS.iter().find(|(known, _)| *known == word.trim()) {
                if decl.ty != FieldType::Time {
                    let message = format!("`{name}` is a {}, `{word}` needs a time", decl.ty);
                    return Err(doc.error(span, message));
                }
                form = *found;
            } else {
                let known =
                    FORMS
                        .iter()
                        .map(|(w, _)| *w)
                        .chain(["else:FIELD", "empty:TEXT", "or:TEXT"]);
                return Err(doc.unknown(span, "message form", word, known));
            }
        }
        Ok(Part::Field {
            field,
            form,
            others: others.into(),
            empty,
            or,
        })
    }

    /// Fills the places. A field that says nothing becomes its `empty` text if the export has it
    /// and it is empty, or else its `or` text, or `unknown`.
    pub fn render<'v>(&self, as_of: Instant, get: &dyn Fn(FieldRef) -> Value<'v>) -> String {
        // Most messages are of one line; many findings are kept, so what is left over is given back.
        let mut out = String::with_capacity(120);
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field {
                    field,
                    form,
                    others,
                    empty,
                    or,
                } => {
                    let start = out.len();
                    let mut last = get(*field);
                    out.push_str(&show(&last, *form, as_of));
                    for field in others {
                        if out.len() == start {
                            last = get(*field);
                            out.push_str(&show(&last, *form, as_of));
                        }
                    }
                    if out.len() == start {
                        let is_empty = matches!(last, Value::Missing(Missing::Empty));
                        let empty = empty.as_deref().filter(|_| is_empty);
                        out.push_str(empty.or(or.as_deref()).unwrap_or("unknown"));
                    }
                }
            }
        }
        out.shrink_to_fit();
        out
    }

    /// The fields it reads.
    pub fn fields(&self) -> impl Iterator<Item = FieldRef> {
        self.0.iter().flat_map(|part| match part {
            Part::Field { field, others, .. } => [&[*field], &**others].concat(),
            Part::Text(_) => Vec::new(),
        })
    }
}

fn show<'v>(value: &'v Value<'_>, form: Form, as_of: Instant) -> Cow<'v, str> {
    let days = |n: i64| Cow::Owned(format!("{n} day{}", if n == 1 { "" } else { "s" }));
    match (value, form) {
        (Value::Time(When::Known(at)), Form::Age) => days(as_of.days_since(*at)),
        (Value::Time(When::Known(at)), Form::Until) => days(at.days_since(as_of)),
        (Value::Time(When::Known(at)), Form::Date) => Cow::Owned(at.date()),
        (other, _) => other.shown(),
    }
}
