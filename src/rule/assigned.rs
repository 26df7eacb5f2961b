//! `assigned:` for tokens whose shape says little: a value that is given to a name which says whose
//! it is. The one place that knows how names are given values in code, configuration and URLs.

use super::detect::{MIN_KEYWORD, literals};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// A value and the names it is given to.
#[derive(Debug)]
pub(super) struct Assigned {
    /// Words of the name, lower case. A match starts with one.
    pub(super) to: Vec<Box<[u8]>>,
    /// The expression of the value.
    pub(super) value: String,
    /// Whether the word is enough of a name; otherwise it goes on with `key`, `token` or the like.
    alone: bool,
    /// Whether a word counts only where a word begins.
    pub(super) whole: bool,
    /// Whether the name ends with the word.
    last: bool,
}

/// What a name that means a credential goes on with.
const NOUN: &str = "(?:key|token|secret|passw|pwd|auth|pat|credential|licen[cs]e)";

/// Words that end so need no noun behind them.
const ENDS: &[&[u8]] = &[b"key", b"token", b"secret", b"password"];

/// Between a name and its value: quotes that close the name, a sign (or blanks alone, before quotes),
/// quotes that open the value, and the scheme of a header.
const SIGN: &str = r#"\\?["'`\[\])]{0,2}(?:\s{0,8}(?::=|=>|==|\?=|\|\||\?\?|=|:|,|\(|>)\s{0,8}@?\\?["'`]{0,2}|[ \t]{1,20}\\?["'`])(?:(?:bearer|token|basic|apikey)\s{1,2})?"#;

/// A value does not go on.
const END: &str = r"(?:[^\w+/=-]|$)";

/// A parameter of an address: `https://api.acme.example/v1?key=`.
const PARAMETER: &str = r#"[^\s"'`<>]{0,100}[?&][\w.-]{1,30}="#;

impl Assigned {
    pub(super) fn decode(doc: &Document, node: &Node) -> Decoded<Self> {
        let fields = doc.fields(node, "assigned", &["to", "value", "alone", "whole", "last"])?;
        let flag = |key: &str| -> Decoded<bool> {
            let given = fields.optional(key, |node| doc.parsed(node, key))?;
            Ok(given.unwrap_or(false))
        };
        Ok(Self {
            to: literals(doc, fields.require("to")?, "to", MIN_KEYWORD)?,
            value: doc.filled(fields.require("value")?, "value")?.to_owned(),
            alone: flag("alone")?,
            whole: flag("whole")?,
            last: flag("last")?,
        })
    }

    /// The expression of the whole, whose first group is the value.
    pub(super) fn expression(&self) -> String {
        let value = &self.value;
        let all = alternatives(self.to.iter());
        if self.last {
            return format!("(?i:{all}{SIGN})({value}){END}");
        }
        // `otx_key` says by itself what it is.
        let (named, others): (Vec<_>, Vec<_>) = self
            .to
            .iter()
            .partition(|word| self.alone || ENDS.iter().any(|end| word.ends_with(end)));
        let mut names = Vec::new();
        if !named.is_empty() {
            names.push(format!(r"{}[\w .-]{{0,40}}", alternatives(named)));
        }
        if !others.is_empty() {
            names.push(format!(
                r"{}[\w .-]{{0,30}}{NOUN}[\w.-]{{0,16}}",
                alternatives(others)
            ));
        }
        let names = names.join("|");
        // `acme: {api_key: …}`, and the same over two lines.
        let nested = format!(
            r#"{all}["'`]?\s{{0,4}}[:={{(]{{1,2}}\s{{0,16}}["'`]?[\w.-]{{0,30}}{NOUN}[\w.-]{{0,16}}"#
        );
        format!("(?i:(?:{names}|{nested}){SIGN}|{all}{PARAMETER})({value}){END}")
    }
}

/// One of these words.
fn alternatives<'w>(words: impl IntoIterator<Item = &'w Box<[u8]>>) -> String {
    let escaped: Vec<String> = words
        .into_iter()
        .map(|word| regex_syntax::escape(&String::from_utf8_lossy(word)))
        .collect();
    format!("(?:{})", escaped.join("|"))
}
