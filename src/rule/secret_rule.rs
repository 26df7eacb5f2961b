//! A secret rule as a whole: its envelope, what it detects, its message and its tests.

use std::sync::{Arc, OnceLock};

use super::detect::Detect;
use super::late::Packed;
use super::meta::RuleMeta;
use super::start::{self, Start};
use super::template;
use crate::model::ScanPath;
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// A secret rule.
#[derive(Debug)]
pub struct SecretRule {
    /// What every rule has.
    pub meta: Arc<RuleMeta>,
    body: OnceLock<Box<Looks>>,
    start: OnceLock<Start>,
    /// What a built-in rule is read from when it is asked for.
    packed: Option<(Packed, &'static str)>,
    /// Its own tests. Not needed for scanning; empty when they were not loaded.
    pub tests: Vec<SecretTest>,
}

/// What is asked of a rule where it may have found something.
#[derive(Debug)]
struct Looks {
    detect: Detect,
    message: SecretMessage,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Secret,
    Path,
}

/// A message with the placeholders `{secret|redact}` and `{path}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretMessage(Vec<Piece>);

impl SecretMessage {
    /// Reads a message template.
    ///
    /// # Errors
    /// On any other placeholder (a bare `{secret}` would print the secret), and on braces that do
    /// not close.
    pub fn decode(doc: &Document, node: &Node) -> Decoded<Self> {
        let text = doc.filled(node, "message")?;
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((head, tail)) = rest.split_once('{') {
            if !head.is_empty() {
                pieces.push(Piece::Text(head.to_owned()));
            }
            let Some((name, after)) = tail.split_once('}') else {
                return Err(doc.error(node.span, "a `{` in the message is not closed"));
            };
            pieces.push(match name {
                "secret|redact" => Piece::Secret,
                "path" => Piece::Path,
                "secret" => {
                    return Err(doc.error_with_help(
                        node.span,
                        "a message never holds the secret",
                        "write `{secret|redact}`",
                    ));
                }
                other => {
                    let known = ["secret|redact", "path"];
                    return Err(doc.unknown(node.span, "placeholder", other, known));
                }
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The message for a secret, of which only a hint is given.
    #[must_use]
    pub fn fill(&self, hint: &str, path: &ScanPath) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Secret => hint,
                Piece::Path => path.as_str(),
            })
            .collect()
    }

    /// Checks the `identity:` of a secret rule: it is the secret, and nothing else can be said.
    ///
    /// # Errors
    /// When it is another list than `[secret]`.
    pub fn check_identity(doc: &Document, node: &Node) -> Decoded<()> {
        if doc.texts(node, "identity")? == ["secret"] {
            return Ok(());
        }
        Err(doc.error_with_help(
            node.span,
            "the identity of a secret rule is its secret",
            "write `identity: [secret]`",
        ))
    }
}

/// What a test expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// At least one finding of this rule.
    Finding,
    /// None.
    Pass,
}

/// A test of a secret rule.
#[derive(Debug, Clone)]
pub struct SecretTest {
    /// What it shows.
    pub name: String,
    /// The text, with placeholders; see [`template`].
    pub template: String,
    /// The name of the file that the text stands in.
    pub path: ScanPath,
    /// What is expected.
    pub expect: Expect,
}

impl SecretTest {
    /// Reads the `tests:` of a secret rule.
    ///
    /// # Errors
    /// On an unknown key or word, on an unknown placeholder, and when there is no test for a
    /// finding or none for a pass.
    pub fn decode_all(doc: &Document, node: &Node) -> Decoded<Vec<Self>> {
        let mut tests: Vec<Self> = Vec::new();
        for item in doc.sequence(node, "tests")? {
            let fields = doc.fields(item, "test", &["name", "text", "path", "expect"])?;
            let name = fields.require("name")?;
            let text = fields.require("text")?;
            let test = Self {
                name: doc.text(name, "name")?.to_owned(),
                template: doc.text(text, "text")?.to_owned(),
                path: fields
                    .optional("path", |node| doc.text(node, "path"))?
                    .map_or_else(
                        || ScanPath::new("test.txt".as_ref()),
                        |p| ScanPath::new(p.as_ref()),
                    ),
                expect: match doc.text(fields.require("expect")?, "expect")? {
                    "finding" => Expect::Finding,
                    "pass" => Expect::Pass,
                    other => {
                        let at = fields.require("expect")?.span;
                        return Err(doc.unknown(at, "expectation", other, ["finding", "pass"]));
                    }
                },
            };
            test.expand("").map_err(|e| doc.error(text.span, e))?;
            if tests.iter().any(|other| other.name == test.name) {
                return Err(doc.error(name.span, format!("a test `{}` is here twice", test.name)));
            }
            tests.push(test);
        }
        for (expect, word) in [(Expect::Finding, "finding"), (Expect::Pass, "pass")] {
            if !tests.iter().any(|t| t.expect == expect) {
                return Err(doc.error(node.span, format!("tests need one that expects a {word}")));
            }
        }
        Ok(tests)
    }

    /// The text of the test. The seed is the rule's id and the test's name, so that no two tests
    /// have the same secret and each has the same for ever.
    ///
    /// # Errors
    /// When a placeholder is wrong.
    pub fn expand(&self, rule: &str) -> Result<String, String> {
        template::expand(&self.template, &format!("{rule}\n{}", self.name))
    }
}

impl SecretRule {
    /// A rule that was read.
    #[must_use]
    pub fn new(
        meta: Arc<RuleMeta>,
        detect: Detect,
        message: SecretMessage,
        tests: Vec<SecretTest>,
    ) -> Self {
        Self {
            meta,
            start: Start::of(&detect).into(),
            body: Box::new(Looks { detect, message }).into(),
            packed: None,
            tests,
        }
    }

    /// A built-in rule, without its tests.
    pub(super) const fn packed(meta: Arc<RuleMeta>, packed: Packed, start: &'static str) -> Self {
        Self {
            meta,
            body: OnceLock::new(),
            start: OnceLock::new(),
            packed: Some((packed, start)),
            tests: Vec::new(),
        }
    }

    fn looks(&self) -> &Looks {
        self.body.get_or_init(|| {
            let read = |doc: &Document, node: &Node| {
                let fields = doc.fields(node, "a rule", &["detect", "files", "message"])?;
                let (detect, files) = (fields.require("detect")?, fields.get("files"));
                Ok(Box::new(Looks {
                    detect: Detect::decode_trusted(doc, detect, files)?,
                    message: SecretMessage::decode(doc, fields.require("message")?)?,
                }))
            };
            match &self.packed {
                Some((packed, _)) => packed.read(read),
                None => unreachable!("{} has its body", self.meta.id),
            }
        })
    }

    /// What a credential looks like.
    #[must_use]
    pub fn detect(&self) -> &Detect {
        &self.looks().detect
    }

    /// What a finding says.
    #[must_use]
    pub fn message(&self) -> &SecretMessage {
        &self.looks().message
    }

    /// What the search for keywords must know of it.
    #[must_use]
    pub fn start(&self) -> &Start {
        self.start.get_or_init(|| {
            let known = self.packed.as_ref().and_then(|(_, line)| start::read(line));
            known.unwrap_or_else(|| Start::of(self.detect()))
        })
    }

    /// Checks that the tests' texts which the expression matches hold a keyword: without one the
    /// prefilter would never let the expression see them.
    ///
    /// # Errors
    /// Names the first test whose text is lost.
    pub fn check_keywords(&self, doc: &Document, tests: &Node) -> Decoded<()> {
        let nodes = doc.sequence(tests, "tests")?;
        let regex = self.detect().pattern.checked(&self.detect().keywords);
        let regex = regex.map_err(|e| doc.error(tests.span, e.to_string()))?;
        for (test, node) in self.tests.iter().zip(nodes) {
            let text = test
                .expand(self.meta.id.as_str())
                .map_err(|e| doc.error(node.span, e))?;
            for found in regex.find_iter(text.as_bytes()) {
                let range = if self.detect().keywords_are_near {
                    0..text.len()
                } else {
                    found.range()
                };
                let folded = text.as_bytes()[range].to_ascii_lowercase();
                let held = |k: &[u8]| memchr::memmem::find(&folded, k).is_some();
                // A near-word that is absent is what some passing tests are about.
                let about_absence = self.detect().keywords_are_near && test.expect == Expect::Pass;
                if !about_absence && !self.detect().keywords.iter().any(|k| held(k)) {
                    return Err(doc.error_with_help(
                        node.span,
                        format!(
                            "the expression matches test `{}` without a keyword",
                            test.name
                        ),
                        "every match must contain one of `keywords`, or it is never looked at",
                    ));
                }
            }
        }
        Ok(())
    }
}
