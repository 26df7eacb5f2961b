//! A rule file: `version: 1` and a list of rules, each with the same envelope.

use std::sync::Arc;

use crate::model::{Confidence, RuleId, Schema, Severity, Span};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::Node;

use super::controls::Controls;
use super::detect::Detect;
use super::late::{Late, ready};
use super::meta::{RuleKind, RuleMeta, Status, Text, Told};
use super::record::{self, RecordRule};
use super::secret_rule::{SecretMessage, SecretRule, SecretTest};
use super::test::RecordTest;

/// A checked rule.
#[derive(Debug)]
pub struct Rule {
    /// What every rule has.
    pub meta: Arc<RuleMeta>,
    /// What it looks at, and how.
    pub body: Body,
    /// The file it stands in.
    pub file: Document,
    /// Where in the file.
    pub span: Span,
    /// The SHA-256 of the rule as written, if it lies in the program.
    pub sha256: Option<&'static [u8; 32]>,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Body {
    /// Records.
    Record(Late<RecordRule>),
    /// Text.
    Secret(Box<SecretRule>),
}

/// How much of a rule file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Everything is checked, the tests included.
    Full,
    /// The file was checked before (it is built in): its tests are left out, and its expressions
    /// are compiled when they are first needed, so that a start costs little.
    Trusted,
}

const ENVELOPE: &[&str] = &[
    "id",
    "title",
    "severity",
    "confidence",
    "status",
    "description",
    "controls",
    "tags",
    "family",
    "message",
    "identity",
    "remediation",
    "references",
    "tests",
    "files",
    "detect",
];

impl Rule {
    /// Reads all rules of a file.
    ///
    /// # Errors
    /// On the first thing in it that is wrong: where, what, and what was meant.
    pub fn decode_file(
        doc: &Document,
        node: &Node,
        (schema, controls): (&Schema, &Controls),
        depth: Depth,
    ) -> Decoded<Vec<Self>> {
        let fields = doc.fields(node, "a rule file", &["version", "rules"])?;
        let version = fields.require("version")?;
        if doc.text(version, "version")? != "1" {
            return Err(doc.error_with_help(
                version.span,
                "this version of rule files is not known",
                "write `version: 1`",
            ));
        }
        let list = fields.require("rules")?;
        let rules = doc.sequence(list, "rules")?;
        if rules.is_empty() {
            return Err(doc.error(list.span, "a rule file without a rule does nothing"));
        }
        rules
            .iter()
            .map(|n| Self::decode(doc, n, (schema, controls), depth))
            .collect()
    }

    fn decode(
        doc: &Document,
        node: &Node,
        (schema, controls): (&Schema, &Controls),
        depth: Depth,
    ) -> Decoded<Self> {
        let known: Vec<&str> = ENVELOPE.iter().chain(record::KEYS).copied().collect();
        let fields = doc.fields(node, "a rule", &known)?;
        let (meta, body) = if fields.get("detect").is_some() {
            let meta = Arc::new(meta(doc, &fields, controls, RuleKind::Secret)?);
            let body = secret_body(doc, &fields, Arc::clone(&meta), depth)?;
            (meta, Body::Secret(Box::new(body)))
        } else {
            if let Some(entry) = fields.entry("files") {
                let message = "`files` belongs to rules over text; this one is about records";
                return Err(doc.error(entry.span, message));
            }
            let mut body = RecordRule::decode(doc, &fields, schema)?;
            let kind = RuleKind::Record(schema.record(body.record).name.clone().into());
            let meta = Arc::new(meta(doc, &fields, controls, kind)?);
            if depth == Depth::Full {
                body.tests = RecordTest::decode_all(doc, fields.require("tests")?, &body, schema)?;
            }
            (meta, Body::Record(ready(body)))
        };
        Ok(Self {
            meta,
            body,
            file: doc.clone(),
            span: node.span,
            sha256: None,
        })
    }

    /// Gives the rule another severity.
    pub fn set_severity(&mut self, severity: Severity) {
        let mut meta = RuleMeta::clone(&self.meta);
        meta.severity = severity;
        self.meta = Arc::new(meta);
        if let Body::Secret(secret) = &mut self.body {
            secret.meta = Arc::clone(&self.meta);
        }
    }

    /// The rule as written.
    #[must_use]
    pub fn yaml(&self) -> &str {
        self.file.slice(self.span)
    }
}

fn secret_body(
    doc: &Document,
    fields: &Fields<'_, '_>,
    meta: Arc<RuleMeta>,
    depth: Depth,
) -> Decoded<SecretRule> {
    for key in record::KEYS {
        if let Some(node) = fields.get(key) {
            let message = format!(
                "`{key}` belongs to rules over records; a rule with `detect` looks at text"
            );
            return Err(doc.error(node.span, message));
        }
    }
    SecretMessage::check_identity(doc, fields.require("identity")?)?;
    let message = SecretMessage::decode(doc, fields.require("message")?)?;
    let (detect, files) = (fields.require("detect")?, fields.get("files"));
    if depth == Depth::Trusted {
        let detect = Detect::decode_trusted(doc, detect, files)?;
        return Ok(SecretRule::new(meta, detect, message, Vec::new()));
    }
    let tests_node = fields.require("tests")?;
    let tests = SecretTest::decode_all(doc, tests_node)?;
    let detect = Detect::decode(doc, detect, files)?;
    let rule = SecretRule::new(meta, detect, message, tests);
    rule.check_keywords(doc, tests_node)?;
    Ok(rule)
}

fn meta(
    doc: &Document,
    fields: &Fields<'_, '_>,
    controls: &Controls,
    kind: RuleKind,
) -> Decoded<RuleMeta> {
    let id_node = fields.require("id")?;
    let id = doc.text(id_node, "id")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !id.contains('.')
        || !id
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(plain))
    {
        return Err(doc.error_with_help(
            id_node.span,
            format!("`{id}` is no rule id"),
            "lower-case words with dashes, a dot after the topic: `pw.never-expires`",
        ));
    }
    let text = |key: &str| {
        doc.filled(fields.require(key)?, key)
            .map(|t| Text::Owned(t.trim().to_owned()))
    };
    let texts = |key: &str| {
        let texts = fields.optional(key, |n| doc.texts(n, key))?;
        let texts = texts.unwrap_or_default().into_iter().map(Text::Owned);
        Decoded::Ok(texts.collect::<Vec<_>>())
    };
    let severity: Severity = doc.word(fields.require("severity")?, "severity", Severity::WORDS)?;
    let mut tags = texts("tags")?;
    if let Some(family) = fields.optional("family", |n| doc.text(n, "family"))? {
        tags.insert(0, Text::Owned(family.to_owned()));
    }
    let status = match fields.get("status") {
        None => Status::Stable,
        Some(node) => match doc.text(node, "status")? {
            "stable" => Status::Stable,
            "experimental" => Status::Experimental,
            other => {
                return Err(doc.unknown(node.span, "status", other, ["stable", "experimental"]));
            }
        },
    };
    Ok(RuleMeta {
        id: RuleId::new(id),
        severity,
        default_severity: severity,
        confidence: fields
            .optional("confidence", |n| {
                doc.word(n, "confidence", Confidence::WORDS)
            })?
            .unwrap_or(Confidence::High),
        kind,
        told: Told {
            title: text("title")?,
            description: text("description")?,
            status,
            controls: match fields.get("controls") {
                Some(node) => controls.decode_refs(doc, node)?,
                None => Vec::new(),
            },
            tags,
            remediation: text("remediation")?,
            references: texts("references")?,
        }
        .into(),
    })
}
