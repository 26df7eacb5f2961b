//! Message templates: text with `{field}` places, checked when the rule is loaded. Not expressions.

use std::borrow::Cow;

use crate::model::{FieldType, Instant, Span, Value, When};
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
        /// Another field for where this one says nothing.
        other: Option<FieldRef>,
        or: Option<String>,
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
    /// `{field|else:FIELD}`, `{field|or:TEXT}` in any combination. `{{` and `}}` are braces.
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
        let (mut form, mut other, mut or) = (Form::Plain, None, None);
        for word in words {
            if let Some(text) = word.strip_prefix("or:") {
                or = Some(text.to_owned());
            } else if let Some(name) = word.strip_prefix("else:") {
                other = Some(scope.resolve(doc, span, name.trim())?.0);
            } else if let Some((_, found)) = FORMS.iter().find(|(known, _)| *known == word.trim()) {
                if decl.ty != FieldType::Time {
                    let message = format!("`{name}` is a {}, `{word}` needs a time", decl.ty);
                    return Err(doc.error(span, message));
                }
                form = *found;
            } else {
                let known = FORMS
                    .iter()
                    .map(|(w, _)| *w)
                    .chain(["else:FIELD", "or:TEXT"]);
                return Err(doc.unknown(span, "message form", word, known));
            }
        }
        Ok(Part::Field {
            field,
            form,
            other,
            or,
        })
    }

    /// Fills the places. A field that says nothing becomes its `or` text, or `unknown`.
    pub fn render<'v>(&self, as_of: Instant, get: &dyn Fn(FieldRef) -> Value<'v>) -> String {
        // Most messages are of one line; many findings are kept, so what is left over is given back.
        let mut out = String::with_capacity(120);
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field {
                    field,
                    form,
                    other,
                    or,
                } => {
                    let fields = std::iter::once(*field).chain(*other);
                    let start = out.len();
                    for field in fields {
                        if out.len() == start {
                            out.push_str(&show(&get(field), *form, as_of));
                        }
                    }
                    if out.len() == start {
                        out.push_str(or.as_deref().unwrap_or("unknown"));
                    }
                }
            }
        }
        out.shrink_to_fit();
        out
    }

    /// The fields it reads.
    pub fn fields(&self) -> impl Iterator<Item = FieldRef> {
        self.0
            .iter()
            .flat_map(|part| match part {
                Part::Field { field, other, .. } => [Some(*field), *other],
                Part::Text(_) => [None, None],
            })
            .flatten()
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
