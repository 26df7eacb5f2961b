//! The TOML of gitleaks and of betterleaks, which has the same rules with expressions beside them.
//!
//! gitleaks reads keys without regard to case, so this does too.

use super::expression::from_re2;
use super::filter;
use super::foreign::{Foreign, Group, Read, Told, entries, texts};
use crate::model::{Confidence, Span};
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// What excuses matches: an allowlist.
#[derive(Debug, Default, Clone)]
struct Allowlist {
    regexes: Vec<String>,
    stopwords: Vec<String>,
    paths: Vec<String>,
    commits: usize,
    all_of: bool,
    over_secret: bool,
    targets: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// Where a value is not of its kind, or a rule has neither id nor expression.
pub(super) fn read(doc: &Document, root: &Node) -> Decoded<Told> {
    let mut told = Told::default();
    let (mut rules, mut global, mut discard) = (None, Vec::new(), None);
    for entry in entries(doc, root, "the file")? {
        match &*entry.key.to_ascii_lowercase() {
            "rules" => rules = Some(&entry.value),
            "allowlist" => global.push(allowlist(doc, &entry.value)?),
            "allowlists" => {
                for node in doc.sequence(&entry.value, "allowlists")? {
                    global.push(allowlist(doc, node)?);
                }
            }
            "extend" => extend(doc, &entry.value, &mut told)?,
            "filter" => discard = Some(doc.text(&entry.value, "filter")?),
            "prefilter" => told.lost.push(
                "`prefilter`: files that are left out go into the policy's `paths: {exclude: …}`"
                    .to_owned(),
            ),
            "title" | "description" | "minversion" | "betterleaksminversion" => {}
            other => told.lost.push(format!("`{other}`")),
        }
    }
    if global.iter().any(|list| !list.paths.is_empty()) {
        told.lost.push(
            "paths that are left out for every rule: they go into the policy's \
             `paths: {exclude: …}`"
                .to_owned(),
        );
    }
    let Some(rules) = rules else {
        return Err(doc.error(whole(root), "no `[[rules]]` in the file"));
    };
    for node in doc.sequence(rules, "rules")? {
        let mut read = rule(doc, node)?;
        if let Read::Rule(rule) = &mut read {
            for list in &global {
                let about = list.targets.is_empty() || list.targets.contains(&rule.id);
                if about {
                    let list = Allowlist {
                        paths: Vec::new(),
                        ..list.clone()
                    };
                    excuse(rule, list);
                }
            }
            if let Some(expression) = discard {
                filter::apply(expression, rule);
            }
        }
        told.rules.push(read);
    }
    Ok(told)
}

fn whole(root: &Node) -> Span {
    Span {
        end: root.span.start.saturating_add(1),
        ..root.span
    }
}

/// Another file that this one builds on is another import.
fn extend(doc: &Document, node: &Node, told: &mut Told) -> Decoded<()> {
    for entry in entries(doc, node, "extend")? {
        told.lost.push(match &*entry.key.to_ascii_lowercase() {
            "usedefault" => {
                "`extend`: the rules of the tool itself, which are another file".to_owned()
            }
            "path" | "url" => {
                let from = doc.text(&entry.value, "extend")?;
                format!("`extend`: {from} is to be imported too")
            }
            "disabledrules" => {
                let ids = texts(doc, &entry.value, "disabledRules")?;
                format!("`extend`: leaves out {}", ids.join(", "))
            }
            other => format!("`extend.{other}`"),
        });
    }
    Ok(())
}

fn rule(doc: &Document, node: &Node) -> Decoded<Read> {
    let (mut id, mut regex, mut path) = (None, None, None);
    for entry in entries(doc, node, "a rule")? {
        let value = || doc.text(&entry.value, &entry.key);
        match &*entry.key.to_ascii_lowercase() {
            "id" => id = Some(value()?),
            "regex" => regex = Some(value()?),
            "path" => path = Some(value()?),
            _ => {}
        }
    }
    let Some(id) = id else {
        return Err(doc.error(node.span, "a rule needs `id`"));
    };
    let Some(regex) = regex.filter(|text| !text.is_empty()) else {
        return match path {
            Some(_) => Ok(Read::Not(
                id.to_owned(),
                "it looks at names of files only".to_owned(),
            )),
            None => Err(doc.error(node.span, format!("the rule `{id}` needs `regex`"))),
        };
    };
    let mut rule = Foreign::new(id.to_owned(), from_re2(regex));
    rule.only_paths = path.map(from_re2);
    for entry in entries(doc, node, "a rule")? {
        let key = &*entry.key;
        match &*key.to_ascii_lowercase() {
            "id" | "regex" | "path" | "specificity" | "tokenefficiency" => {}
            "description" => doc
                .text(&entry.value, key)?
                .clone_into(&mut rule.description),
            "secretgroup" | "valuegroup" => match doc.parsed::<usize>(&entry.value, key)? {
                0 => {}
                number => rule.group = Group::Number(number),
            },
            "entropy" => {
                let bits: f64 = doc.parsed(&entry.value, key)?;
                rule.entropy = Some(bits).filter(|bits| *bits > 0.0);
            }
            "keywords" => rule.keywords = texts(doc, &entry.value, key)?,
            "tags" => rule.tags = texts(doc, &entry.value, key)?,
            "confidence" => {
                rule.confidence = doc.word(&entry.value, key, Confidence::WORDS)?;
            }
            "allowlist" => excuse(&mut rule, allowlist(doc, &entry.value)?),
            "allowlists" => {
                for list in doc.sequence(&entry.value, key)? {
                    excuse(&mut rule, allowlist(doc, list)?);
                }
            }
            "filter" => filter::apply(doc.text(&entry.value, key)?, &mut rule),
            "skipreport" if doc.bool(&entry.value, key)? => {
                let why = "it finds a part of a credential that is no secret by itself";
                return Ok(Read::Not(rule.id, why.to_owned()));
            }
            "skipreport" => {}
            "validate" => rule.lose("live validation"),
            "revoke" => rule.lose("revocation"),
            "analyze" => rule.lose("analysis over the network"),
            "required" | "components" => rule.lose("other rules that must match near by"),
            other => rule.lose(format!("`{other}`")),
        }
    }
    Ok(Read::Rule(Box::new(rule)))
}

fn allowlist(doc: &Document, node: &Node) -> Decoded<Allowlist> {
    let mut list = Allowlist {
        over_secret: true,
        ..Allowlist::default()
    };
    for entry in entries(doc, node, "an allowlist")? {
        let key = &*entry.key;
        match &*key.to_ascii_lowercase() {
            "regexes" => {
                let all = texts(doc, &entry.value, key)?;
                list.regexes = all.iter().map(|text| from_re2(text)).collect();
            }
            "stopwords" => list.stopwords = texts(doc, &entry.value, key)?,
            "paths" => {
                let all = texts(doc, &entry.value, key)?;
                list.paths = all.iter().map(|text| from_re2(text)).collect();
            }
            "commits" => list.commits = texts(doc, &entry.value, key)?.len(),
            "targetrules" => list.targets = texts(doc, &entry.value, key)?,
            "condition" => {
                let word = doc.text(&entry.value, key)?.to_ascii_lowercase();
                list.all_of = matches!(&*word, "and" | "&&");
            }
            "regextarget" => {
                list.over_secret = matches!(doc.text(&entry.value, key)?, "" | "secret");
            }
            _ => {}
        }
    }
    Ok(list)
}

/// Adds what excuses matches to a rule, as far as ours can say it.
fn excuse(rule: &mut Foreign, list: Allowlist) {
    let kinds = [
        !list.regexes.is_empty(),
        !list.stopwords.is_empty(),
        !list.paths.is_empty(),
        list.commits > 0,
    ];
    if list.all_of && kinds.iter().filter(|used| **used).count() > 1 {
        rule.lose("an allowlist all of whose conditions must hold");
        return;
    }
    if !list.regexes.is_empty() {
        if list.over_secret {
            rule.allow.extend(list.regexes);
        } else {
            rule.lose("an allowlist over the match or the line");
        }
    }
    rule.stopwords.extend(list.stopwords);
    rule.not_paths.extend(list.paths);
    if list.commits > 0 {
        rule.lose("allowed commits");
    }
}
