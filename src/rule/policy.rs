//! The policy file: which rules are in force and how, and which findings somebody answers for.
//! Checked against the rules: a setting that would do nothing is an error.

use crate::model::{Fingerprint, Instant, Period, RecordTypeId, RuleId, Schema, Severity, Span};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::{Kind, Node};

use super::condition::Condition;
use super::file::{Body, Rule};
use super::late::Late;
use super::param::Literal;
use super::scope::Scope;

/// What a policy file says.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The file, if there is one.
    pub file: Option<String>,
    /// Findings of this severity and above set the exit code.
    pub fail_on: Severity,
    /// Files to look at: patterns over shown paths; empty for all.
    pub include: Vec<String>,
    /// Files to leave out.
    pub exclude: Vec<String>,
    /// Settings of single rules.
    pub rules: Vec<RuleSetting>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// Windows of logs that their rows cannot show.
    pub coverage: Vec<Coverage>,
    /// The longest that a waiver may live.
    pub waiver_max: Period,
    /// A waiver that ends within this is told.
    pub waiver_notice: Period,
}

/// The policy's word on one rule.
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// The rule.
    pub rule: RuleId,
    /// Why it is switched off, if it is.
    pub disabled: Option<String>,
    /// Another severity.
    pub severity: Option<Severity>,
    /// Other values of parameters: index and value.
    pub params: Vec<(usize, Literal)>,
}

/// A finding that somebody answers for, for a time.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: RuleId,
    /// Which findings of the rule.
    pub matches: WaiverMatch,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// From when.
    pub created: Instant,
    /// Until when.
    pub expires: Instant,
}

/// Which findings a waiver covers.
#[derive(Debug, Clone)]
pub enum WaiverMatch {
    /// Those whose record fulfils this condition.
    Record(Box<Condition>),
    /// The one with this fingerprint.
    Fingerprint(String),
    /// Those in files whose path matches this pattern.
    Path(String),
}

/// A stretch of time that somebody declares a log to cover.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// The record type of the log.
    pub record: RecordTypeId,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// Who says so.
    pub declared_by: String,
}

impl Policy {
    /// A policy that says nothing, below the built-in one.
    #[must_use]
    pub const fn empty() -> Self {
        let zero = Period::from_seconds(0);
        Self {
            file: None,
            fail_on: Severity::Info,
            include: Vec::new(),
            exclude: Vec::new(),
            rules: Vec::new(),
            waivers: Vec::new(),
            coverage: Vec::new(),
            waiver_max: zero,
            waiver_notice: zero,
        }
    }

    /// Reads a policy file over another policy: what the file does not say is as there.
    ///
    /// # Errors
    /// On anything unknown, of the wrong type or out of range, a rule switched off without a
    /// reason, and a waiver that is incomplete, too long, or matches everything.
    pub fn decode(
        self,
        (doc, node): (&Document, &Node),
        rules: &[Rule],
        schema: &Late<Schema>,
    ) -> Decoded<Self> {
        let keys = [
            "version", "fail_on", "limits", "paths", "rules", "waivers", "coverage",
        ];
        let fields = doc.fields(node, "a policy file", &keys)?;
        let version = fields.require("version")?;
        if doc.text(version, "version")? != "1" {
            return Err(doc.error_with_help(
                version.span,
                "this version of policy files is not known",
                "write `version: 1`",
            ));
        }
        let mut policy = Self {
            file: Some(doc.file().to_owned()),
            ..self
        };
        if let Some(severity) =
            fields.optional("fail_on", |n| doc.word(n, "severity", Severity::WORDS))?
        {
            policy.fail_on = severity;
        }
        if let Some(node) = fields.get("limits") {
            let limits = doc.fields(node, "limits", &["waiver_max", "waiver_notice"])?;
            if let Some(max) = limits.optional("waiver_max", |n| doc.parsed(n, "waiver_max"))? {
                policy.waiver_max = max;
            }
            if let Some(notice) =
                limits.optional("waiver_notice", |n| doc.parsed(n, "waiver_notice"))?
            {
                policy.waiver_notice = notice;
            }
        }
        if let Some(node) = fields.get("paths") {
            let paths = doc.fields(node, "paths", &["include", "exclude"])?;
            let list = |key| {
                paths
                    .optional(key, |n| globs(doc, n, key))
                    .map(Option::unwrap_or_default)
            };
            policy.include = list("include")?;
            policy.exclude = list("exclude")?;
        }
        if let Some(node) = fields.get("rules") {
            for entry in doc.mapping(node, "rules")? {
                policy.rules.push(RuleSetting::decode(
                    doc,
                    (&entry.key, entry.span),
                    &entry.value,
                    rules,
                )?);
            }
        }
        if let Some(node) = fields.get("waivers") {
            for item in doc.sequence(node, "waivers")? {
                let waiver = Waiver::decode(doc, item, (rules, schema), policy.waiver_max)?;
                if policy.waivers.iter().any(|w| w.id == waiver.id) {
                    let at = doc
                        .mapping(item, "a waiver")?
                        .iter()
                        .find(|e| &*e.key == "id");
                    return Err(doc.error(
                        at.map_or(item.span, |e| e.value.span),
                        format!("the waiver id `{}` is here twice", waiver.id),
                    ));
                }
                policy.waivers.push(waiver);
            }
        }
        if let Some(node) = fields.get("coverage") {
            let items = doc
                .sequence(node, "coverage")?
                .iter()
                .map(|n| Coverage::decode(doc, n, schema));
            policy.coverage = items.collect::<Decoded<_>>()?;
        }
        Ok(policy)
    }

    /// The policy's word on a rule.
    #[must_use]
    pub fn setting(&self, rule: &RuleId) -> Option<&RuleSetting> {
        self.rules.iter().find(|s| s.rule == *rule)
    }

    /// Why a rule is switched off, if it is.
    #[must_use]
    pub fn disabled(&self, rule: &RuleId) -> Option<&str> {
        self.setting(rule)?.disabled.as_deref()
    }

    /// The values of a rule's parameters: its own, or the policy's.
    #[must_use]
    pub fn params(&self, rule: &Rule) -> Vec<Literal> {
        let Body::Record(body) = &rule.body else {
            return Vec::new();
        };
        let mut values: Vec<Literal> = body.params.iter().map(|p| p.default.clone()).collect();
        for (index, value) in self.setting(&rule.meta.id).iter().flat_map(|s| &s.params) {
            if let Some(slot) = values.get_mut(*index) {
                *slot = value.clone();
            }
        }
        values
    }

    /// Gives rules the policy's severities.
    pub fn apply(&self, rules: &mut [Rule]) {
        for rule in rules {
            if let Some(severity) = self.setting(&rule.meta.id).and_then(|s| s.severity) {
                rule.set_severity(severity);
            }
        }
    }
}

fn globs(doc: &Document, node: &Node, key: &str) -> Decoded<Vec<String>> {
    for item in doc.sequence(node, key)? {
        let text = doc.text(item, key)?;
        if let Err(error) = globset::Glob::new(text) {
            return Err(doc.error(item.span, format!("no valid pattern: {}", error.kind())));
        }
    }
    doc.texts(node, key)
}

fn find_rule<'r>(doc: &Document, id: &str, span: Span, rules: &'r [Rule]) -> Decoded<&'r Rule> {
    rules
        .iter()
        .find(|r| r.meta.id.as_str() == id)
        .ok_or_else(|| {
            let known: Vec<&str> = rules.iter().map(|r| r.meta.id.as_str()).collect();
            doc.unknown(span, "rule", id, known)
        })
}

impl RuleSetting {
    fn decode(
        doc: &Document,
        (id, span): (&str, Span),
        node: &Node,
        rules: &[Rule],
    ) -> Decoded<Self> {
        let rule = find_rule(doc, id, span, rules)?;
        let what = format!("the setting of {id}");
        let fields = doc.fields(node, &what, &["enabled", "reason", "severity", "params"])?;
        let enabled = fields
            .optional("enabled", |n| doc.bool(n, "enabled"))?
            .unwrap_or(true);
        if ["enabled", "severity", "params"]
            .iter()
            .all(|key| fields.get(key).is_none())
        {
            return Err(doc.error(span, format!("the setting of {id} sets nothing")));
        }
        let reason = fields.optional("reason", |n| {
            doc.filled(n, "`reason`")
                .map(|reason| reason.trim().to_owned())
        })?;
        let disabled = match (enabled, reason) {
            (true, _) => None,
            (false, Some(reason)) => Some(reason),
            (false, None) => {
                return Err(doc.error_with_help(
                    span,
                    format!("{id} is switched off without a reason"),
                    "add `reason:`; every report shows it",
                ));
            }
        };
        let mut params = Vec::new();
        if let Some(node) = fields.get("params") {
            let declared = match &rule.body {
                Body::Record(body) => body.params.as_slice(),
                Body::Secret(_) => &[],
            };
            for entry in doc.mapping(node, "params")? {
                let Some(index) = declared.iter().position(|p| p.name == *entry.key) else {
                    let known = declared.iter().map(|p| p.name.as_str());
                    return Err(doc.unknown(
                        entry.span,
                        &format!("parameter of {id}"),
                        &entry.key,
                        known,
                    ));
                };
                params.push((index, declared[index].value(doc, &entry.value)?));
            }
        }
        let severity = fields.optional("severity", |n| doc.word(n, "severity", Severity::WORDS))?;
        Ok(Self {
            rule: rule.meta.id.clone(),
            disabled,
            severity,
            params,
        })
    }
}

impl Waiver {
    fn decode(
        doc: &Document,
        node: &Node,
        (rules, schema): (&[Rule], &Late<Schema>),
        longest: Period,
    ) -> Decoded<Self> {
        let keys = [
            "id",
            "rule",
            "match",
            "owner",
            "approved_by",
            "reason",
            "ticket",
            "created",
            "expires",
        ];
        let fields = doc.fields(node, "a waiver", &keys)?;
        let text = |key: &str| -> Decoded<String> {
            let node = fields.require(key)?;
            let text = doc.filled(node, &format!("`{key}`"))?;
            Ok(text.trim().to_owned())
        };
        let rule_node = fields.require("rule")?;
        let rule = find_rule(doc, doc.text(rule_node, "rule")?, rule_node.span, rules)?;
        let created: Instant = doc.parsed(fields.require("created")?, "created")?;
        let expires_node = fields.require("expires")?;
        let expires: Instant = doc.parsed(expires_node, "expires")?;
        if expires <= created {
            return Err(doc.error(expires_node.span, "the waiver ends before it begins"));
        }
        if expires > created + longest {
            return Err(doc.error_with_help(
                expires_node.span,
                format!(
                    "the waiver lives {} days; at most {longest} are allowed",
                    expires.days_since(created)
                ),
                "waive for a shorter time, or raise `limits: {waiver_max: …}`",
            ));
        }
        Ok(Self {
            id: text("id")?,
            rule: rule.meta.id.clone(),
            matches: WaiverMatch::decode(doc, &fields, rule, schema)?,
            owner: text("owner")?,
            reason: text("reason")?,
            created,
            expires,
        })
    }
}

impl WaiverMatch {
    fn decode(
        doc: &Document,
        waiver: &Fields<'_, '_>,
        rule: &Rule,
        schema: &Late<Schema>,
    ) -> Decoded<Self> {
        let node = waiver.require("match")?;
        let entries = doc.mapping(node, "match")?;
        if entries.is_empty() {
            return Err(doc.error_with_help(
                node.span,
                "an empty `match` would waive everything",
                "name the subject, by a field or by its fingerprint",
            ));
        }
        if let [entry] = entries
            && &*entry.key == "fingerprint"
        {
            let text = doc.text(&entry.value, "fingerprint")?;
            if text.len() != size_of::<Fingerprint>() * 2
                || !text.bytes().all(|b| b.is_ascii_hexdigit())
            {
                return Err(doc.error_with_help(
                    entry.value.span,
                    "this is no fingerprint",
                    "32 hexadecimal digits, as the JSON report shows them",
                ));
            }
            return Ok(Self::Fingerprint(text.to_ascii_lowercase()));
        }
        match &rule.body {
            Body::Record(body) => {
                let record = schema.record(body.record);
                let scope = Scope {
                    only: body.group.as_deref(),
                    ..Scope::of(record, &[])
                };
                // A waiver covers what it names: an empty field is no match, without saying so.
                let condition = Condition::decode(doc, &lenient(node), &scope)?;
                Ok(Self::Record(Box::new(condition)))
            }
            Body::Secret(_) => {
                let fields = doc.fields(
                    node,
                    "the match of a rule over source",
                    &["path", "fingerprint"],
                )?;
                let path = fields.require("path")?;
                let text = doc.filled(path, "`path`")?;
                if text.trim_matches(['*', '/', '?']).is_empty() {
                    return Err(doc.error_with_help(
                        path.span,
                        "this pattern would waive everything",
                        "name the file, or use the finding's fingerprint",
                    ));
                }
                globset::Glob::new(text)
                    .map_err(|e| doc.error(path.span, format!("no valid pattern: {}", e.kind())))?;
                Ok(Self::Path(text.to_owned()))
            }
        }
    }
}

/// Writes `field: value` as `field: {eq: value, if_missing: no_match}`, so that a waiver need not
/// say that an empty field is no match.
fn lenient(node: &Node) -> Node {
    let Kind::Mapping(entries) = &node.kind else {
        return node.clone();
    };
    let entries = entries.iter().map(|entry| {
        let operator = match &entry.value.kind {
            Kind::Scalar(..) => "eq",
            Kind::Sequence(_) if !matches!(&*entry.key, "all" | "any" | "none") => "in",
            _ => return entry.clone(),
        };
        let no_match = Node {
            span: entry.value.span,
            kind: Kind::Scalar("no_match".into(), false),
        };
        let part = |key: &'static str, value: Node| crate::read::node::Entry {
            key: key.into(),
            span: entry.span,
            value,
        };
        let inner = vec![
            part(operator, entry.value.clone()),
            part("if_missing", no_match),
        ];
        let value = Node {
            span: entry.value.span,
            kind: Kind::Mapping(inner),
        };
        crate::read::node::Entry {
            value,
            ..entry.clone()
        }
    });
    Node {
        span: node.span,
        kind: Kind::Mapping(entries.collect()),
    }
}

impl Coverage {
    fn decode(doc: &Document, node: &Node, schema: &Late<Schema>) -> Decoded<Self> {
        let fields = doc.fields(node, "coverage", &["record", "from", "to", "declared_by"])?;
        let record_node = fields.require("record")?;
        let name = doc.text(record_node, "record")?;
        let Some((record, _)) = schema.find(name) else {
            let known = schema.types.iter().map(|t| t.name.as_str());
            return Err(doc.unknown(record_node.span, "record type", name, known));
        };
        let from: Instant = doc.parsed(fields.require("from")?, "from")?;
        let to_node = fields.require("to")?;
        let to: Instant = doc.parsed(to_node, "to")?;
        if to <= from {
            return Err(doc.error(to_node.span, "the coverage ends before it begins"));
        }
        Ok(Self {
            record,
            from,
            to,
            declared_by: doc
                .filled(fields.require("declared_by")?, "`declared_by`")?
                .to_owned(),
        })
    }
}
