//! A built-in rule as the build script leaves it in the program: what every report says of a rule,
//! ready to be shown, and the rest of it packed.

use std::sync::Arc;

use crate::model::{Confidence, RuleId, Schema, Severity, Span};
use crate::read::decode::Document;

use super::file::{Body, Rule};
use super::late::{Late, Packed, later};
use super::meta::{ControlRef, RuleKind, RuleMeta, Status, Telling, Text, Told};
use super::record::RecordRule;
use super::secret_rule::SecretRule;

/// A built-in rule. The tests hold it to the file it was made from.
///
/// It holds few addresses: each is one more that the system sets when the program starts, whether the
/// rule is asked for or not.
#[derive(Debug)]
pub struct Head {
    /// See [`RuleMeta::id`].
    pub id: &'static str,
    /// See [`RuleMeta::severity`].
    pub severity: Severity,
    /// See [`RuleMeta::confidence`].
    pub confidence: Confidence,
    /// See [`Told::status`].
    pub status: Status,
    /// The type of record that it judges; none if it looks at text.
    pub record: Option<&'static str>,
    /// What else is told of it: see [`Head::told`].
    pub told: &'static Texts,
    /// Where its texts begin in the numbers of those.
    pub from: u32,
    /// Where it stands in its file.
    pub span: Span,
    /// Its line of `starts.txt` behind the id; nothing if it has none.
    pub start: &'static str,
    /// The SHA-256 of its text.
    pub sha256: [u8; 32],
    /// The keys that are not told here, packed.
    pub body: &'static [u8],
}

/// The texts of all built-in rules, one behind the other.
#[derive(Debug)]
pub struct Texts {
    /// They.
    pub all: &'static str,
    /// Of every rule where a text begins and ends in them: title, description, remediation, and lists,
    /// each behind its length: controls (framework and control by turns), tags, references.
    pub numbers: &'static [u32],
}

/// The texts of one rule that come next.
struct Reader {
    texts: &'static Texts,
    at: usize,
}

impl Reader {
    fn number(&mut self) -> usize {
        let number = self.texts.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number as usize
    }

    fn text(&mut self) -> Text {
        let (start, end) = (self.number(), self.number());
        Text::Borrowed(self.texts.all.get(start..end).unwrap_or(""))
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> T) -> Vec<T> {
        let length = self.number();
        (0..length).map(|_| item(self)).collect()
    }
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

    fn meta(&'static self) -> RuleMeta {
        RuleMeta {
            id: RuleId::new(self.id),
            severity: self.severity,
            default_severity: self.severity,
            confidence: self.confidence,
            kind: match self.record {
                None => RuleKind::Secret,
                Some(record) => RuleKind::Record(Text::Borrowed(record)),
            },
            told: Telling::of(self),
        }
    }

    /// What reports and documents tell of it.
    pub(super) fn told(&self) -> Told {
        let mut reader = Reader {
            texts: self.told,
            at: self.from as usize,
        };
        Told {
            title: reader.text(),
            description: reader.text(),
            status: self.status,
            remediation: reader.text(),
            controls: reader.list(|reader| ControlRef {
                framework: reader.text(),
                control: reader.text(),
            }),
            tags: reader.list(Reader::text),
            references: reader.list(Reader::text),
        }
    }
}
