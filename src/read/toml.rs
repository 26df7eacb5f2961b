//! TOML that another tool's users wrote, as the tree that knows where each part stands: the one
//! place that knows the parser. Numbers, booleans and dates become scalars as written.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Entry, Kind, Node, NodeError};
use crate::model::Span;

/// Files with more values than this are refused.
const MAX_NODES: usize = 200_000;

/// Parses a TOML text. The parser bounds nesting.
///
/// # Errors
/// On a syntax error (a key that is there twice is one), and on more than [`MAX_NODES`] values.
pub(super) fn parse(text: &str) -> Result<Node, NodeError> {
    let table = DeTable::parse(text).map_err(|error| NodeError {
        span: error.span().map(span).unwrap_or_default(),
        message: error.message().to_owned(),
    })?;
    let whole = span(table.span());
    let mut left = MAX_NODES;
    mapping(table.get_ref(), whole, &mut left)
}

fn span(range: Range<usize>) -> Span {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        start: number(range.start),
        end: number(range.end),
    }
}

/// A table as a mapping, in the order of the file, which the parser's map does not keep.
fn mapping(table: &DeTable<'_>, span: Span, left: &mut usize) -> Result<Node, NodeError> {
    let mut entries = table
        .iter()
        .map(|(key, value)| {
            Ok(Entry {
                key: Cow::Owned(key.get_ref().to_string()),
                span: self::span(key.span()),
                value: node(value, left)?,
            })
        })
        .collect::<Result<Vec<_>, NodeError>>()?;
    entries.sort_by_key(|entry| entry.span.start);
    Ok(Node {
        span,
        kind: Kind::Mapping(entries),
    })
}

fn node(value: &Spanned<DeValue<'_>>, left: &mut usize) -> Result<Node, NodeError> {
    let span = span(value.span());
    *left = left.checked_sub(1).ok_or_else(|| NodeError {
        span,
        message: "the file is too large: more than 200,000 values".to_owned(),
    })?;
    let scalar = |text: &str, quoted: bool| Kind::Scalar(Cow::Owned(text.to_owned()), quoted);
    let kind = match value.get_ref() {
        DeValue::String(text) => scalar(text, true),
        DeValue::Integer(number) => scalar(&number.to_string(), false),
        DeValue::Float(number) => scalar(number.as_str(), false),
        DeValue::Boolean(truth) => scalar(if *truth { "true" } else { "false" }, false),
        DeValue::Datetime(time) => scalar(&time.to_string(), true),
        DeValue::Array(items) => Kind::Sequence(
            items
                .iter()
                .map(|item| node(item, left))
                .collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => return mapping(table, span, left),
    };
    Ok(Node { span, kind })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::read::node::Kind;

    #[test]
    fn a_file_becomes_a_tree_in_its_own_order_with_places() {
        let text = "title = 'x'\n[[rules]]\nid = \"a\"\nentropy = 3.5\n[[rules]]\nid = \"b\"\ntags = [1, true]\n";
        let Kind::Mapping(entries) = parse(text).unwrap().kind else {
            panic!("a table");
        };
        let keys: Vec<&str> = entries.iter().map(|entry| &*entry.key).collect();
        assert_eq!(keys, ["title", "rules"]);
        let Kind::Sequence(rules) = &entries[1].value.kind else {
            panic!("an array");
        };
        let Kind::Mapping(first) = &rules[0].kind else {
            panic!("a table");
        };
        assert_eq!(&text[first[1].value.span.range()], "3.5");
        assert_eq!(rules.len(), 2);
    }

    #[test]
    fn what_is_no_toml_says_where() {
        for (text, at) in [
            ("a = 1\nb = \n", 10),
            ("a = 1\na = 2\n", 6),
            ("[x", 2),
            ("a = 'é", 7),
        ] {
            assert_eq!(parse(text).unwrap_err().span.start, at, "{text}");
        }
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(parse(&deep).is_err());
    }
}
