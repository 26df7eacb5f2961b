//! A rule of another tool in words that all dialects share, before it becomes one of ours.

use crate::model::Confidence;
use crate::read::decode::{Decoded, Document};
use crate::read::node::{Entry, Kind, Node};

/// A rule as its own tool means it.
#[derive(Debug)]
pub(super) struct Foreign {
    /// Its id in the other tool.
    pub(super) id: String,
    /// A short name.
    pub(super) title: String,
    /// What the other tool says about it.
    pub(super) description: String,
    /// The expression, in the syntax of our engine.
    pub(super) expression: String,
    /// The capture group that is the secret, where the rule says so.
    pub(super) group: Group,
    /// Fewest Shannon bits per character.
    pub(super) entropy: Option<f64>,
    /// Words without which the other tool does not look.
    pub(super) keywords: Vec<String>,
    /// How sure its findings are.
    pub(super) confidence: Confidence,
    /// Expressions over the secret that excuse it.
    pub(super) allow: Vec<String>,
    /// Words in the secret that excuse it.
    pub(super) stopwords: Vec<String>,
    /// Expression over the paths it looks at.
    pub(super) only_paths: Option<String>,
    /// Expressions over the paths it does not look at.
    pub(super) not_paths: Vec<String>,
    /// Fewest characters of kinds that the secret must have.
    pub(super) counts: Vec<Count>,
    /// Whether it checks a checksum, which only the examples can tell.
    pub(super) has_checksum: bool,
    /// Texts that it finds.
    pub(super) examples: Vec<String>,
    /// Texts that it does not find.
    pub(super) counterexamples: Vec<String>,
    /// Where to read on.
    pub(super) references: Vec<String>,
    /// Free words.
    pub(super) tags: Vec<String>,
    /// What has no counterpart here, each as a short phrase.
    pub(super) lost: Vec<String>,
}

/// Which capture group is the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// This one.
    Number(usize),
    /// The first that took part in the match, or the whole match where there is none.
    First,
}

/// A fewest number of characters of a kind.
#[derive(Debug)]
pub(super) struct Count {
    /// The kind, as what stands between the brackets of a class.
    pub(super) class: String,
    /// How many.
    pub(super) least: usize,
}

impl Foreign {
    /// A rule of which nothing but the needful is known.
    pub(super) fn new(id: String, expression: String) -> Self {
        Self {
            title: title(&id),
            id,
            description: String::new(),
            expression,
            group: Group::First,
            entropy: None,
            keywords: Vec::new(),
            confidence: Confidence::Medium,
            allow: Vec::new(),
            stopwords: Vec::new(),
            only_paths: None,
            not_paths: Vec::new(),
            counts: Vec::new(),
            has_checksum: false,
            examples: Vec::new(),
            counterexamples: Vec::new(),
            references: Vec::new(),
            tags: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Notes what has no counterpart here, once.
    pub(super) fn lose(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.lost.contains(&what) {
            self.lost.push(what);
        }
    }
}

/// An id as a name: `aws-access-token` is "Aws access token".
fn title(id: &str) -> String {
    let words = id.replace(['-', '_', '.'], " ");
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// What became of an entry of a list of rules.
#[derive(Debug)]
pub(super) enum Read {
    /// A rule.
    Rule(Box<Foreign>),
    /// Something that has no counterpart here: its id, and why.
    Not(String, String),
}

/// What a file of another tool says.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Its rules, in its order.
    pub(super) rules: Vec<Read>,
    /// What it says beside them that has no counterpart here.
    pub(super) lost: Vec<String>,
}

/// The entries of a mapping that have a value.
pub(super) fn entries<'n>(
    doc: &Document,
    node: &'n Node,
    what: &str,
) -> Decoded<impl Iterator<Item = &'n Entry> + use<'n>> {
    let entries = doc.mapping(node, what)?;
    Ok(entries.iter().filter(|e| e.value.kind != Kind::Null))
}

/// A list of texts, or one text.
pub(super) fn texts(doc: &Document, node: &Node, what: &str) -> Decoded<Vec<String>> {
    match &node.kind {
        Kind::Scalar(text, _) => Ok(vec![text.to_string()]),
        _ => doc.texts(node, what),
    }
}
