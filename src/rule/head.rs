//! A built-in rule as the build script leaves it in the program: what every report says of a rule,
//! ready to be shown, and the rest of it packed.

use std::sync::Arc;

use crate::model::{Confidence, RuleId, Schema, Severity, Span};
use crate::read::decode::Document;

use super::file::{Body, Rule};
use super::late::{Late, Packed, later};
use super::meta::{ControlRef, RuleKind, RuleMeta, Status, Text};
use super::record::RecordRule;
use super::secret_rule::SecretRule;

/// A built-in rule. The tests hold it to the file it was made from.
#[derive(Debug)]
pub struct Head {
    /// See [`RuleMeta::id`].
    pub id: &'static str,
    /// See [`RuleMeta::title`].
    pub title: &'static str,
    /// See [`RuleMeta::description`].
    pub description: &'static str,
    /// See [`RuleMeta::severity`].
    pub severity: Severity,
    /// See [`RuleMeta::confidence`].
    pub confidence: Confidence,
    /// See [`RuleMeta::status`].
    pub status: Status,
    /// The type of record that it judges; none if it looks at text.
    pub record: Option<&'static str>,
    /// See [`RuleMeta::controls`].
    pub controls: &'static [(&'static str, &'static str)],
    /// See [`RuleMeta::tags`].
    pub tags: &'static [&'static str],
    /// See [`RuleMeta::remediation`].
    pub remediation: &'static str,
    /// See [`RuleMeta::references`].
    pub references: &'static [&'static str],
    /// Where it stands in its file.
    pub span: Span,
    /// Its line of `starts.txt` behind the id; nothing if it has none.
    pub start: &'static str,
    /// The SHA-256 of its text.
    pub sha256: [u8; 32],
    /// The keys that are not told here, packed.
    pub body: &'static [u8],
}

impl Head {
    /// The rule. Its body is read when it is asked for.
    #[must_use]
    pub fn rule(&'static self, document: &Document, schema: &Arc<Late<Schema>>) -> Rule {
        let meta = Arc::new(self.meta());
        let packed = Packed {
            document: document.clone(),
            tree: self.body,
        };
        let body = match self.record {
            None => Body::Secret(Box::new(SecretRule::packed(
                Arc::clone(&meta),
                packed,
                self.start,
            ))),
            Some(_) => {
                let schema = Arc::clone(schema);
                Body::Record(later(move || {
                    packed.read(|doc, node| RecordRule::decode_packed(doc, node, &schema))
                }))
            }
        };
        Rule {
            meta,
            body,
            file: document.clone(),
            span: self.span,
            sha256: Some(&self.sha256),
        }
    }

    fn meta(&self) -> RuleMeta {
        let texts = |list: &'static [&str]| list.iter().map(|text| Text::Borrowed(text));
        let controls = self.controls.iter().map(|(framework, control)| ControlRef {
            framework: Text::Borrowed(framework),
            control: Text::Borrowed(control),
        });
        RuleMeta {
            id: RuleId::new(self.id),
            title: Text::Borrowed(self.title),
            description: Text::Borrowed(self.description),
            severity: self.severity,
            default_severity: self.severity,
            confidence: self.confidence,
            status: self.status,
            kind: match self.record {
                None => RuleKind::Secret,
                Some(record) => RuleKind::Record(Text::Borrowed(record)),
            },
            controls: controls.collect(),
            tags: texts(self.tags).collect(),
            remediation: Text::Borrowed(self.remediation),
            references: texts(self.references).collect(),
        }
    }
}
