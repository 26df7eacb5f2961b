//! From a YAML tree to checked types, with errors that point at the fault and name what was meant.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use super::node::{self, Entry, Kind, Node};
use super::toml;
use crate::model::{Diagnostic, Span, suggest};

/// The result of decoding a part of a file.
pub type Decoded<T> = Result<T, Diagnostic>;

/// A YAML file that the user or this project wrote.
#[derive(Debug, Clone)]
pub struct Document {
    file: Arc<str>,
    text: Arc<Cow<'static, str>>,
}

impl Document {
    /// Names a file and its text.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.into(),
            text: Arc::new(Cow::Owned(text.to_owned())),
        }
    }

    /// The same for a file that lies in the program, and is not copied.
    #[must_use]
    pub fn built_in(file: &str, text: &'static str) -> Self {
        Self {
            file: file.into(),
            text: Arc::new(Cow::Borrowed(text)),
        }
    }

    /// Whether it lies in the program, where the tests have been at it.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        matches!(*self.text, Cow::Borrowed(_))
    }

    /// Parses the text.
    ///
    /// # Errors
    /// When it is not YAML of the accepted kind; see [`node::parse`].
    pub fn parse(&self) -> Decoded<Node> {
        node::parse(&self.text).map_err(|e| self.error(e.span, e.message))
    }

    /// Parses the text as TOML, which other tools write their rules in.
    ///
    /// # Errors
    /// When it is not TOML; see [`toml::parse`].
    pub fn parse_toml(&self) -> Decoded<Node> {
        toml::parse(&self.text).map_err(|e| self.error(e.span, e.message))
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The whole text.
    #[must_use]
    pub fn text_of_file(&self) -> &str {
        &self.text
    }

    /// The source text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// A fault at a place in this file.
    #[must_use]
    pub fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            file: Arc::clone(&self.file),
            text: Arc::clone(&self.text),
            span,
            message: message.into(),
            help: None,
        }
    }

    /// A fault with advice.
    #[must_use]
    pub fn error_with_help(
        &self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            help: Some(help.into()),
            ..self.error(span, message)
        }
    }

    /// A word that is none of the known ones: says which was meant, or lists them.
    #[must_use]
    pub fn unknown<'a>(
        &self,
        span: Span,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Diagnostic {
        let shown = shortened(word);
        let help = match suggest(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let mut all: Vec<&str> = known.into_iter().collect();
                all.sort_unstable();
                all.dedup();
                let more = all.len().saturating_sub(24);
                all.truncate(24);
                let tail = if more > 0 {
                    format!(", and {more} more")
                } else {
                    String::new()
                };
                format!("known: {}{tail}", all.join(", "))
            }
        };
        self.error_with_help(span, format!("unknown {what} `{shown}`"), help)
    }

    /// A mapping whose keys are all known.
    ///
    /// # Errors
    /// When the node is no mapping or has a key that is not in `known`.
    pub fn fields<'d, 'n>(
        &'d self,
        node: &'n Node,
        what: &'d str,
        known: &[&str],
    ) -> Decoded<Fields<'d, 'n>> {
        let entries = self.mapping(node, what)?;
        for entry in entries {
            if !known.contains(&&*entry.key) {
                return Err(self.unknown(
                    entry.span,
                    &format!("key in {what}"),
                    &entry.key,
                    known.iter().copied(),
                ));
            }
        }
        Ok(Fields {
            document: self,
            span: node.span,
            what,
            entries,
        })
    }

    /// The entries of a mapping.
    ///
    /// # Errors
    /// When the node is no mapping.
    pub fn mapping<'n>(&self, node: &'n Node, what: &str) -> Decoded<&'n [Entry]> {
        match &node.kind {
            Kind::Mapping(entries) => Ok(entries),
            _ => Err(self.error(
                node.span,
                format!("{what} must be a mapping (`key: value`)"),
            )),
        }
    }

    /// The items of a sequence.
    ///
    /// # Errors
    /// When the node is no sequence.
    pub fn sequence<'n>(&self, node: &'n Node, what: &str) -> Decoded<&'n [Node]> {
        match &node.kind {
            Kind::Sequence(items) => Ok(items),
            _ => Err(self.error(
                node.span,
                format!("{what} must be a list (`[a, b]` or `- a`)"),
            )),
        }
    }

    /// A scalar's text.
    ///
    /// # Errors
    /// When the node is a collection or empty.
    pub fn text<'n>(&self, node: &'n Node, what: &str) -> Decoded<&'n str> {
        match &node.kind {
            Kind::Scalar(text, _) => Ok(text),
            Kind::Null => Err(self.error(node.span, format!("{what} must not be empty"))),
            _ => Err(self.error(node.span, format!("{what} must be a single value"))),
        }
    }

    /// A scalar's text that is more than blanks.
    ///
    /// # Errors
    /// As [`Document::text`], and when nothing is in it.
    pub fn filled<'n>(&self, node: &'n Node, what: &str) -> Decoded<&'n str> {
        match self.text(node, what)? {
            text if text.trim().is_empty() => {
                Err(self.error(node.span, format!("{what} must not be empty")))
            }
            text => Ok(text),
        }
    }

    /// A plain `true` or `false`.
    ///
    /// # Errors
    /// On anything else, quoted ones and `yes`/`no` included.
    pub fn bool(&self, node: &Node, what: &str) -> Decoded<bool> {
        match &node.kind {
            Kind::Scalar(text, false) if &**text == "true" => Ok(true),
            Kind::Scalar(text, false) if &**text == "false" => Ok(false),
            Kind::Scalar(text, true) if matches!(&**text, "true" | "false") => Err(self
                .error_with_help(
                    node.span,
                    format!("{what} must be true or false, not a text"),
                    "leave out the quotes",
                )),
            _ => Err(self.error(node.span, format!("{what} must be true or false"))),
        }
    }

    /// A scalar read by its type's own reader.
    ///
    /// # Errors
    /// When the node is no scalar, or the reader refuses it.
    pub fn parsed<T: FromStr<Err: Display>>(&self, node: &Node, what: &str) -> Decoded<T> {
        self.text(node, what)?
            .parse()
            .map_err(|e| self.error(node.span, format!("{what}: {e}")))
    }

    /// One of a closed list of words.
    ///
    /// # Errors
    /// When the node is no scalar or another word; suggests the nearest.
    pub fn word<T: FromStr>(&self, node: &Node, what: &str, words: &[&str]) -> Decoded<T> {
        let text = self.text(node, what)?;
        text.parse()
            .map_err(|_| self.unknown(node.span, what, text, words.iter().copied()))
    }

    /// A list of texts.
    ///
    /// # Errors
    /// When the node is no list of scalars.
    pub fn texts(&self, node: &Node, what: &str) -> Decoded<Vec<String>> {
        self.sequence(node, what)?
            .iter()
            .map(|n| self.text(n, what).map(str::to_owned))
            .collect()
    }
}

/// A word for a message: one that nobody wrote by hand is cut.
fn shortened(word: &str) -> Cow<'_, str> {
    match word.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", word.get(..at).unwrap_or_default()).into(),
        None => word.into(),
    }
}

/// A mapping whose keys have been checked.
pub struct Fields<'d, 'n> {
    document: &'d Document,
    span: Span,
    what: &'d str,
    entries: &'n [Entry],
}

impl<'n> Fields<'_, 'n> {
    /// The value of a key. A key without a value counts as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|entry| &*entry.key == key)?;
        (entry.value.kind != Kind::Null).then_some(&entry.value)
    }

    /// A key and its value, where the key is what matters. One without a value counts too.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn require(&self, key: &str) -> Decoded<&'n Node> {
        self.get(key).ok_or_else(|| {
            let at = self.entries.iter().find(|e| &*e.key == key).map_or_else(
                || self.entries.first().map_or(self.span, |e| e.span),
                |e| e.span,
            );
            self.document
                .error(at, format!("{} needs `{key}`", self.what))
        })
    }

    /// Applies a reader to a key if it is there.
    ///
    /// # Errors
    /// When the reader refuses it.
    pub fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(&'n Node) -> Decoded<T>,
    ) -> Decoded<Option<T>> {
        self.get(key).map(read).transpose()
    }

    /// Where the mapping stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }
}
