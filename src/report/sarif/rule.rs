//! A rule as SARIF's reporting descriptor. GitHub takes severity from here, never from a result.

use std::borrow::Cow;

use serde::Serialize;

use super::Text;
use super::limits::{DESCRIPTION, NAME, TAGS, cut, level, security_severity};
use crate::model::Confidence;
use crate::rule::RuleMeta;

/// A reporting descriptor, with what results repeat of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    short_description: Text<Cow<'a, str>>,
    full_description: Text<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    help: Help,
    default_configuration: Configuration,
    properties: Properties<'a>,
    /// Controls as one text each, made once per rule and written with every result.
    #[serde(skip)]
    pub controls: Vec<String>,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: Vec<Cow<'a, str>>,
    precision: &'static str,
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security_severity: Option<&'static str>,
}

impl<T: AsRef<str>> Text<T> {
    fn or(self, fallback: T) -> Self {
        if self.text.as_ref().trim().is_empty() {
            Self { text: fallback }
        } else {
            self
        }
    }
}

/// The descriptor of a rule. GitHub refuses empty texts, so each falls back on the next best.
pub(super) fn rule(meta: &RuleMeta) -> Rule<'_> {
    let id = meta.id.as_str();
    let title = Text {
        text: cut(&meta.title, NAME),
    }
    .or(Cow::Borrowed(id));
    let controls: Vec<String> = meta
        .controls
        .iter()
        .map(|c| format!("{} {}", c.framework, c.control))
        .collect();
    Rule {
        id,
        // The standard forbids a name that equals the id.
        name: (!title.text.eq_ignore_ascii_case(id)).then_some(title.text.clone()),
        short_description: Text {
            text: cut(&meta.title, DESCRIPTION),
        }
        .or(Cow::Borrowed(id)),
        full_description: Text {
            text: cut(&meta.description, DESCRIPTION),
        }
        .or(title.text),
        help_uri: meta
            .references
            .iter()
            .map(AsRef::as_ref)
            .find(|uri| is_web_page(uri)),
        help: Help {
            text: help_text(meta, &controls),
            markdown: help_markdown(meta, &controls),
        },
        default_configuration: Configuration {
            level: level(meta.severity),
        },
        properties: Properties {
            tags: tags(meta),
            precision: match meta.confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            security_severity: security_severity(meta.severity),
        },
        controls,
    }
}

/// `security` makes GitHub show a security severity; the CWE form is the one GitHub filters by.
fn tags(meta: &RuleMeta) -> Vec<Cow<'_, str>> {
    let cwes = meta.cwes().filter_map(|cwe| {
        let number: u32 = cwe
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .ok()?;
        Some(Cow::Owned(format!("external/cwe/cwe-{number:03}")))
    });
    let mut tags = vec![Cow::Borrowed("security")];
    for tag in cwes.chain(meta.tags.iter().map(|tag| Cow::Borrowed(&**tag))) {
        if tags.len() < TAGS && !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn help_text(meta: &RuleMeta, controls: &[String]) -> String {
    let mut text = format!(
        "{}\n",
        first_filled([&meta.description, &meta.title, meta.id.as_str()])
    );
    if !meta.remediation.trim().is_empty() {
        text.push_str(&section("\nWhat to do: ", &meta.remediation));
    }
    if !controls.is_empty() {
        text.push_str(&section("\nControls: ", &controls.join("; ")));
    }
    for reference in &meta.references {
        text.push_str(&section("\n", reference));
    }
    text.trim_end().to_owned()
}

fn help_markdown(meta: &RuleMeta, controls: &[String]) -> String {
    let mut text = format!(
        "{}\n",
        first_filled([&meta.description, &meta.title, meta.id.as_str()])
    );
    if !meta.remediation.trim().is_empty() {
        text.push_str(&section("\n## What to do\n\n", &meta.remediation));
    }
    if !controls.is_empty() {
        text.push_str("\n## Controls\n\n");
        for control in controls {
            text.push_str(&section("- ", control));
        }
    }
    if !meta.references.is_empty() {
        text.push_str("\n## References\n\n");
        for reference in &meta.references {
            text.push_str(&section("- ", reference));
        }
    }
    text.trim_end().to_owned()
}

fn section(head: &str, body: &str) -> String {
    format!("{head}{}\n", body.trim())
}

fn first_filled(texts: [&str; 3]) -> &str {
    texts
        .into_iter()
        .map(str::trim)
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// Whether a reference may stand where the standard wants a URI.
fn is_web_page(reference: &str) -> bool {
    reference.starts_with("https://")
        && reference
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&b))
}
