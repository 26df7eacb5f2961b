//! The `detect:` block of a secret rule: what a credential looks like, and what excuses a
//! look-alike. Decodes and checks; searching is done by the engine.

use std::fmt::Display;
use std::str::FromStr;

use super::assigned::Assigned;
use super::checksum::Checksum;
use super::files::{Files, Globs};
use super::pair::Pair;
use super::pattern::Pattern;
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// Shorter keywords would stop the search everywhere.
pub const MIN_KEYWORD: usize = 3;

/// Keys of a `detect:` block.
const KEYS: &[&str] = &[
    "regex",
    "assigned",
    "secret",
    "keywords",
    "near",
    "entropy",
    "checksum",
    "structure",
    "pair",
    "identifies",
    "allow",
];

/// A check that goes beyond an expression: the match is parsed, offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Header and payload of a JSON Web Token decode to JSON objects, and it is signed.
    Jwt,
    /// A PEM block follows whose body is that of an unencrypted private key.
    PrivateKey,
    /// A PEM block follows whose private key is encrypted.
    EncryptedPrivateKey,
    /// The private key of a Google service account stands in the same object.
    ServiceAccount,
    /// Base64 of `user:password`, with a password that is no placeholder.
    BasicAuth,
    /// The password of a URL (`scheme://user:password@host`) that is no placeholder.
    UrlPassword,
    /// The value given to a name that says password.
    PasswordValue,
    /// The value given to a name that says secret, token or key: it must look random.
    TokenValue,
    /// A password by its place, whatever name stands there, that is no placeholder.
    Password,
    /// A password where nothing but one can stand, so that a word counts: no placeholder, and not
    /// what the line holds already.
    PlacedPassword,
    /// A password in a table: what stands in the first row under a column that says so, or in the
    /// values of a statement that fills one. The match ends in the row.
    TablePassword,
    /// The signature of an Azure shared access signature: 32 bytes in base64.
    AzureSas,
    /// The text of an XML element that means a secret: any literal counts.
    Literal,
    /// The first part of a Discord token is the base64 of a number.
    DiscordToken,
    /// Made by a machine: no placeholder, no words, no stretch of the alphabet.
    Random,
}

impl Structure {
    const TABLE: &'static [(&'static str, Self)] = &[
        ("jwt", Self::Jwt),
        ("pem-private-key", Self::PrivateKey),
        ("pem-encrypted-private-key", Self::EncryptedPrivateKey),
        ("service-account", Self::ServiceAccount),
        ("basic-auth", Self::BasicAuth),
        ("url-password", Self::UrlPassword),
        ("password-value", Self::PasswordValue),
        ("token-value", Self::TokenValue),
        ("password", Self::Password),
        ("placed-password", Self::PlacedPassword),
        ("table-password", Self::TablePassword),
        ("azure-sas", Self::AzureSas),
        ("literal", Self::Literal),
        ("discord-token", Self::DiscordToken),
        ("random", Self::Random),
    ];

    /// Every word in rule files.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::TABLE.iter().map(|(word, _)| *word)
    }
}

impl FromStr for Structure {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::TABLE.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, kind)| *kind)
            .ok_or_else(|| format!("`{text}` is not a structure"))
    }
}

/// Words that must stand near a token whose shape says little.
#[derive(Debug)]
pub struct Near {
    /// The words, lower case.
    pub words: Vec<Box<[u8]>>,
    /// Bytes before the match in which a word may stand.
    pub before: usize,
    /// Bytes after the match.
    pub after: usize,
}

/// What excuses a match.
#[derive(Debug, Default)]
pub struct Allow {
    /// Expressions over the secret.
    pub regex: Vec<Pattern>,
    /// Words in the secret, lower case.
    pub stopwords: Vec<Box<[u8]>>,
    /// Files that this rule does not look at.
    pub paths: Globs,
}

/// What a credential looks like.
#[derive(Debug)]
pub struct Detect {
    /// The expression.
    pub pattern: Pattern,
    /// The capture group that is the secret; 0 for the whole match.
    pub group: usize,
    /// Literals of which every match contains one, lower case. For a rule whose token has none:
    /// the words of `near`.
    pub keywords: Vec<Box<[u8]>>,
    /// Whether `keywords` are the words near the token rather than a part of it.
    pub keywords_are_near: bool,
    /// The expression of the value, for a rule whose keywords are names that it is given to.
    pub(super) value: Option<Box<str>>,
    /// Whether a keyword counts only where a word begins: not inside `mailbox` for `box`.
    pub keywords_begin_words: bool,
    /// Words that must stand near.
    pub near: Option<Near>,
    /// Fewest Shannon bits per character of the secret.
    pub min_entropy: Option<f64>,
    /// The token's own checksum.
    pub checksum: Option<Checksum>,
    /// What the match must parse as.
    pub structure: Option<Structure>,
    /// The identifiers that may stand beside the secret and say whose it is.
    pub pairs: Vec<&'static Pair>,
    /// For a rule that finds an identifier and no secret: of which kind. Beside a secret it is part
    /// of that finding and none of its own.
    pub identifies: Option<&'static Pair>,
    /// What excuses a match.
    pub allow: Allow,
    /// Files it looks at.
    pub files: Files,
}

impl Detect {
    /// Whether it looks for values that are given to names, which are its keywords.
    pub(crate) const fn is_assigned(&self) -> bool {
        self.value.is_some()
    }

    /// Whether a match comes to nothing, and excuses nothing, where the name that it begins in is that
    /// of something else than a secret.
    pub(crate) fn needs_a_secrets_name(&self) -> bool {
        let asks = matches!(
            self.structure,
            Some(Structure::PasswordValue | Structure::TokenValue)
        );
        let excuses = self.min_entropy.is_some()
            || self.checksum.is_some()
            || !self.allow.regex.is_empty()
            || !self.allow.stopwords.is_empty();
        asks && !excuses
    }

    /// Reads a `detect:` block and the rule's `files:` block, and compiles the expressions.
    ///
    /// # Errors
    /// On an unknown key or word, an expression that does not compile or is too large, a capture
    /// group that is not there, a keyword that is too short, and numbers out of range.
    pub fn decode(doc: &Document, detect: &Node, files: Option<&Node>) -> Decoded<Self> {
        let this = Self::decode_trusted(doc, detect, files)?;
        this.check_patterns(doc, detect)?;
        Ok(this)
    }

    /// The same without compiling expressions, so that start-up stays small: for built-in rules,
    /// whose expressions a test compiles.
    ///
    /// # Errors
    /// As [`Self::decode`], except for what only compiling an expression shows.
    pub fn decode_trusted(doc: &Document, detect: &Node, files: Option<&Node>) -> Decoded<Self> {
        let fields = doc.fields(detect, "detect", KEYS)?;
        let assigned = fields.optional("assigned", |node| Assigned::decode(doc, node))?;
        if let (Some(_), Some(entry)) = (
            &assigned,
            ["regex", "secret", "keywords"]
                .into_iter()
                .find_map(|k| fields.entry(k)),
        ) {
            return Err(doc.error_with_help(
                entry.span,
                format!("`{}` does not go together with `assigned`", entry.key),
                "`assigned` makes the expression, its group and its keywords",
            ));
        }
        let source = match &assigned {
            Some(assigned) => assigned.expression(),
            None => doc.text(fields.require("regex")?, "regex")?.to_owned(),
        };
        let near = fields.optional("near", |node| Near::decode(doc, node))?;
        let begin_words = assigned.as_ref().is_some_and(|a| a.whole);
        let value = assigned.as_ref().map(|a| a.value.as_str().into());
        let names = assigned.map(|a| a.to);
        let (keywords, keywords_are_near) = match (fields.get("keywords"), &near) {
            _ if names.is_some() => (names.clone().unwrap_or_default(), false),
            (Some(node), _) => (literals(doc, node, "keywords", MIN_KEYWORD)?, false),
            (None, Some(near)) => (near.words.clone(), true),
            (None, None) => {
                return Err(doc.error_with_help(
                    fields.span(),
                    "detect needs `keywords`, or `near` words to look around",
                    "a keyword is a literal of 3 bytes or more that every match contains",
                ));
            }
        };
        let min_entropy = fields.optional("entropy", |node| {
            let entropy = doc.fields(node, "entropy", &["min"])?;
            number(doc, entropy.require("min")?, "min", 0.0..=8.0)
        })?;
        let group = fields.optional("secret", |n| number(doc, n, "secret", 0..=20))?;
        Ok(Self {
            pattern: Pattern::new(&source),
            group: group.unwrap_or(usize::from(names.is_some())),
            keywords,
            keywords_are_near,
            value,
            keywords_begin_words: begin_words,
            near,
            min_entropy,
            checksum: fields.optional("checksum", |node| {
                let words: Vec<&str> = Checksum::words().collect();
                doc.word(node, "checksum", &words)
            })?,
            structure: fields.optional("structure", |node| {
                let words: Vec<&str> = Structure::TABLE.iter().map(|(word, _)| *word).collect();
                doc.word(node, "structure", &words)
            })?,
            pairs: fields
                .optional("pair", |node| pairs(doc, node))?
                .unwrap_or_default(),
            identifies: fields.optional("identifies", |node| {
                let words: Vec<&str> = Pair::words().collect();
                doc.word(node, "identifies", &words)
            })?,
            allow: fields
                .optional("allow", |node| Allow::decode(doc, node))?
                .unwrap_or_default(),
            files: files
                .map(|node| Files::decode(doc, node))
                .transpose()?
                .unwrap_or_default(),
        })
    }

    /// Compiles the expressions of a decoded block.
    fn check_patterns(&self, doc: &Document, detect: &Node) -> Decoded<()> {
        let fields = doc.fields(detect, "detect", KEYS)?;
        let node = match fields.get("assigned") {
            Some(node) => node,
            None => fields.require("regex")?,
        };
        let regex = self
            .pattern
            .checked(&self.keywords)
            .map_err(|e| doc.error(node.span, e.to_string()))?;
        let groups = regex.group_info().group_len(Default::default());
        if self.group >= groups {
            let at = fields.get("secret").unwrap_or(node);
            return Err(doc.error(
                at.span,
                format!(
                    "the expression has no group {}: its groups are 0 to {}",
                    self.group,
                    groups.saturating_sub(1)
                ),
            ));
        }
        let allow = fields.optional("allow", |node| {
            let fields = doc.fields(node, "allow", ALLOW_KEYS)?;
            fields.optional("regex", |list| doc.sequence(list, "regex"))
        })?;
        let nodes = allow.flatten().unwrap_or_default();
        for (pattern, node) in self.allow.regex.iter().zip(nodes) {
            pattern
                .checked(&[])
                .map_err(|e| doc.error(node.span, e.to_string()))?;
        }
        Ok(())
    }
}

impl Near {
    fn decode(doc: &Document, node: &Node) -> Decoded<Self> {
        let fields = doc.fields(node, "near", &["words", "before", "after"])?;
        let distance = |key: &str, default: usize| {
            let given = fields.optional(key, |n| number(doc, n, key, 0..=4096))?;
            Ok(given.unwrap_or(default))
        };
        Ok(Self {
            words: literals(doc, fields.require("words")?, "words", MIN_KEYWORD)?,
            before: distance("before", 200)?,
            after: distance("after", 0)?,
        })
    }
}

const ALLOW_KEYS: &[&str] = &["regex", "stopwords", "paths"];

impl Allow {
    fn decode(doc: &Document, node: &Node) -> Decoded<Self> {
        let fields = doc.fields(node, "allow", ALLOW_KEYS)?;
        let sources = fields.optional("regex", |n| doc.texts(n, "regex"))?;
        Ok(Self {
            regex: sources
                .unwrap_or_default()
                .iter()
                .map(|source| Pattern::new(source))
                .collect(),
            stopwords: fields
                .optional("stopwords", |n| literals(doc, n, "stopwords", 1))?
                .unwrap_or_default(),
            paths: fields
                .optional("paths", |n| Globs::decode(doc, n, "paths"))?
                .unwrap_or_default(),
        })
    }
}

/// Kinds of identifiers, at least one.
fn pairs(doc: &Document, node: &Node) -> Decoded<Vec<&'static Pair>> {
    let words: Vec<&str> = Pair::words().collect();
    let kinds = doc.sequence(node, "pair")?;
    if kinds.is_empty() {
        return Err(doc.error(node.span, "pair must not be empty".to_owned()));
    }
    kinds
        .iter()
        .map(|kind| doc.word(kind, "pair", &words))
        .collect()
}

/// A list of literals, folded to lower case.
pub(super) fn literals(
    doc: &Document,
    node: &Node,
    what: &str,
    shortest: usize,
) -> Decoded<Vec<Box<[u8]>>> {
    let items = doc.sequence(node, what)?;
    if items.is_empty() {
        return Err(doc.error(node.span, format!("{what} must not be empty")));
    }
    let read = |item: &Node| {
        let text = doc.text(item, what)?;
        if text.len() < shortest {
            return Err(doc.error_with_help(
                item.span,
                format!("`{text}` is too short: {what} need {shortest} bytes or more"),
                "take a longer literal that every match contains",
            ));
        }
        Ok(text.to_ascii_lowercase().into_bytes().into())
    };
    items.iter().map(read).collect()
}

/// A number in a range.
pub(super) fn number<T: FromStr<Err: Display> + PartialOrd + Display>(
    doc: &Document,
    node: &Node,
    what: &str,
    range: std::ops::RangeInclusive<T>,
) -> Decoded<T> {
    let value: T = doc.parsed(node, what)?;
    if range.contains(&value) {
        return Ok(value);
    }
    let (low, high) = range.into_inner();
    Err(doc.error(node.span, format!("{what} must be from {low} to {high}")))
}
