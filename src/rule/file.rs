//! A rule file: `version: 1` and a list of rules, each with the same envelope.

use std::sync::Arc;

use crate::model::{Confidence, RuleId, Schema, Severity};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::Node;

use super::controls::Controls;
use super::detect::{SecretRule, SecretMessage};
use super::meta::{RuleKind, RuleMeta, Status};
use super::record::{self, RecordRule};
use super::test::RuleTest;

/// A checked rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What every rule has.
    pub meta: Arc<RuleMeta>,
    /// What it looks at, and how.
    pub body: Body,
    /// Its own tests.
    pub tests: Vec<RuleTest>,
    /// The file it stands in, and its text there.
    pub file: Document,
    /// Where in the file.
    pub span: crate::model::Span,
}

/// What a rule looks at.
#[derive(Debug, Clone)]
pub enum Body {
    /// Records.
    Record(Box<RecordRule>),
    /// Text.
    Secret(Box<SecretRule>),
}

const ENVELOPE: &[&str] = &[
    "id", "title", "severity", "confidence", "status", "description", "controls", "tags", "family",
    "message", "identity", "remediation", "references", "tests", "files", "detect",
];

impl Rule {
    /// Reads all rules of a file.
    ///
    /// # Errors
    /// On the first thing in it that is wrong: where, what, and what was meant.
    pub fn decode_file(doc: &Document, node: &Node, schema: &Schema, controls: &Controls) -> Decoded<Vec<Self>> {
        let fields = doc.fields(node, "a rule file", &["version", "rules"])?;
        let version = fields.require("version")?;
        if doc.text(version, "version")? != "1" {
            return Err(doc.error_with_help(version.span, "this version of rule files is not known", "write `version: 1`"));
        }
        let list = fields.require("rules")?;
        doc.sequence(list, "rules")?.iter().map(|n| Self::decode(doc, n, schema, controls)).collect()
    }

    fn decode(doc: &Document, node: &Node, schema: &Schema, controls: &Controls) -> Decoded<Self> {
        let known: Vec<&str> = ENVELOPE.iter().chain(record::KEYS).copied().collect();
        let fields = doc.fields(node, "a rule", &known)?;
        let is_secret = fields.get("detect").is_some();
        if let Some(when) = fields.get("when").filter(|_| is_secret) {
            return Err(doc.error(when.span, "a rule has either `detect` (text) or `record` and `when` (records)"));
        }
        let (body, kind) = if is_secret {
            let body = secret_body(doc, &fields)?;
            (Body::Secret(Box::new(body)), RuleKind::Secret)
        } else {
            let body = RecordRule::decode(doc, &fields, schema)?;
            let kind = RuleKind::Record(schema.record(body.record).name.clone());
            (Body::Record(Box::new(body)), kind)
        };
        let meta = Arc::new(meta(doc, &fields, controls, kind)?);
        let tests_node = fields.require("tests")?;
        let tests = doc
            .sequence(tests_node, "tests")?
            .iter()
            .map(|n| RuleTest::decode(doc, n, &body, schema))
            .collect::<Decoded<Vec<_>>>()?;
        RuleTest::enough(doc, tests_node, &tests)?;
        Ok(Self { meta, body, tests, file: doc.clone(), span: node.span })
    }

    /// The rule as written.
    #[must_use]
    pub fn yaml(&self) -> &str {
        self.file.slice(self.span)
    }
}

fn secret_body(doc: &Document, fields: &Fields<'_, '_>) -> Decoded<SecretRule> {
    for key in record::KEYS {
        if let Some(node) = fields.get(key) {
            return Err(doc.error(node.span, format!("`{key}` belongs to rules over records, this rule has `detect`")));
        }
    }
    let identity = fields.require("identity")?;
    if doc.texts(identity, "identity")? != ["secret"] {
        return Err(doc.error(identity.span, "the identity of a rule with `detect` is `[secret]`"));
    }
    SecretRule::decode(doc, fields.require("detect")?, fields.get("files"), SecretMessage::decode(doc, fields.require("message")?)?)
}

fn meta(doc: &Document, fields: &Fields<'_, '_>, controls: &Controls, kind: RuleKind) -> Decoded<RuleMeta> {
    let id_node = fields.require("id")?;
    let id = doc.text(id_node, "id")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !id.contains('.') || !id.split('.').all(|part| !part.is_empty() && part.chars().all(plain)) {
        return Err(doc.error_with_help(id_node.span, format!("`{id}` is no rule id"), "lower-case words with dashes, a dot after the topic: `pw.never-expires`"));
    }
    let text = |key: &str| doc.text(fields.require(key)?, key).map(|t| t.trim().to_owned());
    let texts = |key: &str| fields.optional(key, |n| doc.texts(n, key)).map(Option::unwrap_or_default);
    let severity: Severity = doc.word(fields.require("severity")?, "severity", Severity::WORDS)?;
    let mut tags = texts("tags")?;
    if let Some(family) = fields.optional("family", |n| doc.text(n, "family"))? {
        tags.insert(0, family.to_owned());
    }
    let status = match fields.get("status") {
        None => Status::Stable,
        Some(node) => match doc.text(node, "status")? {
            "stable" => Status::Stable,
            "experimental" => Status::Experimental,
            other => return Err(doc.unknown(node.span, "status", other, ["stable", "experimental"])),
        },
    };
    Ok(RuleMeta {
        id: RuleId::new(id),
        title: text("title")?,
        description: text("description")?,
        severity,
        default_severity: severity,
        confidence: fields
            .optional("confidence", |n| doc.word(n, "confidence", Confidence::WORDS))?
            .unwrap_or(Confidence::High),
        status,
        kind,
        controls: match fields.get("controls") {
            Some(node) => controls.decode_refs(doc, node)?,
            None => Vec::new(),
        },
        tags,
        remediation: text("remediation")?,
        references: texts("references")?,
    })
}
