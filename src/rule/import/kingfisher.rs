//! The YAML of kingfisher, and of nosey parker before it.

use super::expression::without_comments;
use super::foreign::{Count, Foreign, Read, Told, entries, texts};
use crate::model::Confidence;
use crate::read::decode::{Decoded, Document};
use crate::read::node::{Kind, Node};

/// The characters that kingfisher calls special, as the inside of a class.
const SPECIAL: &str = r##"!@#$%\^\&*()_+\-=\[\]{}|;:'",.<>?/\\`\~"##;

/// Reads a file.
///
/// # Errors
/// Where a value is not of its kind, or a rule has neither id nor pattern.
pub(super) fn read(doc: &Document, root: &Node) -> Decoded<Told> {
    let mut told = Told::default();
    let mut rules = None;
    for entry in entries(doc, root, "the file")? {
        match &*entry.key {
            "rules" => rules = Some(&entry.value),
            other => told.lost.push(format!("`{other}`")),
        }
    }
    let Some(rules) = rules else {
        return Err(doc.error(root.span, "no `rules:` in the file"));
    };
    for node in doc.sequence(rules, "rules")? {
        told.rules.push(rule(doc, node)?);
    }
    Ok(told)
}

fn rule(doc: &Document, node: &Node) -> Decoded<Read> {
    let (mut id, mut pattern) = (None, None);
    for entry in entries(doc, node, "a rule")? {
        match &*entry.key {
            "id" => id = Some(doc.filled(&entry.value, "id")?),
            "pattern" => pattern = Some(doc.filled(&entry.value, "pattern")?),
            _ => {}
        }
    }
    let Some(id) = id else {
        return Err(doc.error(node.span, "a rule needs `id`"));
    };
    let Some(pattern) = pattern else {
        return Err(doc.error(node.span, format!("the rule `{id}` needs `pattern`")));
    };
    let mut rule = Foreign::new(id.to_owned(), without_comments(pattern));
    for entry in entries(doc, node, "a rule")? {
        let (key, value) = (&*entry.key, &entry.value);
        match key {
            "id" | "pattern" => {}
            "name" => doc.text(value, key)?.trim().clone_into(&mut rule.title),
            "description" => doc.text(value, key)?.clone_into(&mut rule.description),
            "min_entropy" => {
                let bits: f64 = doc.parsed(value, key)?;
                rule.entropy = Some(bits).filter(|bits| *bits > 0.0);
            }
            "confidence" => rule.confidence = doc.word(value, key, Confidence::WORDS)?,
            "examples" => rule.examples = texts(doc, value, key)?,
            "negative_examples" => rule.counterexamples = texts(doc, value, key)?,
            "references" => rule.references = texts(doc, value, key)?,
            "categories" => rule.tags = texts(doc, value, key)?,
            "pattern_requirements" => requirements(doc, value, &mut rule)?,
            "visible" => {
                if !doc.bool(value, key)? {
                    let why = "it finds a part of a credential that is no secret by itself";
                    return Ok(Read::Not(rule.id, why.to_owned()));
                }
            }
            "validation" => {
                let kind = kind(value).unwrap_or("Http");
                if kind != "Assumed" {
                    rule.lose(format!("live validation ({kind})"));
                }
            }
            "revocation" => rule.lose("revocation"),
            "depends_on_rule" => rule.lose("another rule's match, which it needs for validation"),
            "tls_mode" => {}
            other => rule.lose(format!("`{other}`")),
        }
    }
    Ok(Read::Rule(Box::new(rule)))
}

/// The `type:` of a validation.
fn kind(node: &Node) -> Option<&str> {
    let Kind::Mapping(entries) = &node.kind else {
        return None;
    };
    let entry = entries.iter().find(|entry| &*entry.key == "type")?;
    match &entry.value.kind {
        Kind::Scalar(word, _) => Some(word),
        _ => None,
    }
}

fn requirements(doc: &Document, node: &Node, rule: &mut Foreign) -> Decoded<()> {
    let mut special = (SPECIAL.to_owned(), 0);
    for entry in entries(doc, node, "pattern_requirements")? {
        let (key, value) = (&*entry.key, &entry.value);
        let mut count = |class: &str| -> Decoded<()> {
            let least = doc.parsed(value, key)?;
            rule.counts.push(Count {
                class: class.to_owned(),
                least,
            });
            Ok(())
        };
        match key {
            "min_digits" => count("0-9")?,
            "min_uppercase" => count("A-Z")?,
            "min_lowercase" => count("a-z")?,
            "min_special_chars" => special.1 = doc.parsed(value, key)?,
            "special_chars" => special.0 = regex_syntax::escape(doc.text(value, key)?),
            "ignore_if_contains" => rule.stopwords = texts(doc, value, key)?,
            "checksum" => rule.has_checksum = true,
            other => rule.lose(format!("`pattern_requirements.{other}`")),
        }
    }
    let (class, least) = special;
    rule.counts.push(Count { class, least });
    rule.counts.retain(|count| count.least > 0);
    Ok(())
}
