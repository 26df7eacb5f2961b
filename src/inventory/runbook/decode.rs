//! Runbooks as they are written: a closed YAML form, checked when it is read.

use crate::model::{Diagnostic, Span};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::{Kind, Node};

use super::place::Place;
use super::subject::{Slots, Subject, alternate};
use super::text::{Command, Language, Text};
use super::{Choice, Only, Runbook, Step, Test, Wanted};

const KEYS: &[&str] = &[
    "id",
    "title",
    "interruption",
    "about",
    "items",
    "rules",
    "before",
    "steps",
    "verify",
    "rollback",
    "evidence",
    "references",
    "tests",
];

/// The words that the rules and sources of a run have.
#[derive(Debug)]
pub struct RunWords<'w> {
    /// The kinds of items.
    pub kinds: Vec<&'w str>,
    /// The platforms.
    pub platforms: Vec<&'w str>,
    /// The ids of rules.
    pub rules: Vec<&'w str>,
}

impl RunWords<'_> {
    /// Refuses a word that nothing has: a runbook for it would never be found.
    fn check(&self, doc: &Document, fields: &Fields<'_, '_>) -> Decoded<()> {
        let sequence = |node: Option<&'_ Node>| match node.map(|node| &node.kind) {
            Some(Kind::Sequence(nodes)) => nodes.clone(),
            _ => Vec::new(),
        };
        for choice in sequence(fields.get("items")) {
            let choice_fields = doc.fields(&choice, "a choice of items", CHOICE)?;
            for (key, what, known) in [
                ("kinds", "kind of item", &self.kinds),
                ("platforms", "platform", &self.platforms),
            ] {
                for node in sequence(choice_fields.get(key)) {
                    let word = doc.text(&node, key)?;
                    if !known.contains(&word) {
                        return Err(doc.unknown(node.span, what, word, known.iter().copied()));
                    }
                }
            }
        }
        for node in sequence(fields.get("rules")) {
            let rule = wanted(doc, &node)?;
            if !self.rules.iter().any(|id| rule.is(id)) {
                let word = doc.text(&node, "a rule")?;
                return Err(doc.unknown(node.span, "rule", word, self.rules.iter().copied()));
            }
        }
        Ok(())
    }
}

const CHOICE: &[&str] = &["kinds", "platforms", "classes", "slots"];

impl Runbook {
    /// Reads the runbooks of a file.
    ///
    /// # Errors
    /// At the first fault: an unknown key, place or word, a part that is missing, an id that is
    /// there twice; and, where the words of a run are given, a kind, platform or rule that it does
    /// not have, and a runbook without a test.
    pub fn decode_file(
        doc: &Document,
        root: &Node,
        words: Option<&RunWords<'_>>,
    ) -> Decoded<Vec<Self>> {
        let fields = doc.fields(root, "a file of runbooks", &["version", "runbooks"])?;
        let version = fields.require("version")?;
        if doc.text(version, "`version`")? != "1" {
            return Err(doc.error(version.span, "only version 1 is known"));
        }
        let mut all: Vec<Self> = Vec::new();
        for node in doc.sequence(fields.require("runbooks")?, "`runbooks`")? {
            let runbook = Self::decode(doc, node, words)?;
            if all.iter().any(|other| other.id == runbook.id) {
                let message = format!("the runbook `{}` is here twice", runbook.id);
                return Err(doc.error(node.span, message));
            }
            all.push(runbook);
        }
        Ok(all)
    }

    fn decode(doc: &Document, node: &Node, words: Option<&RunWords<'_>>) -> Decoded<Self> {
        let fields = doc.fields(node, "a runbook", KEYS)?;
        let id_node = fields.require("id")?;
        let id = doc.filled(id_node, "`id`")?;
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !id.bytes().all(letters) {
            let message = "`id` is small letters, digits and dashes";
            return Err(doc.error(id_node.span, message));
        }
        let text = |key| Text::decode(doc, fields.require(key)?, key);
        let items = list(doc, &fields, "items", choice)?;
        let rules = list(doc, &fields, "rules", wanted)?;
        if items.is_empty() && rules.is_empty() {
            let message = "a runbook is for `items` or for the findings of `rules`";
            return Err(doc.error(fields.span(), message));
        }
        let tests = list(doc, &fields, "tests", test)?;
        if let Some(words) = words {
            if tests.is_empty() {
                return Err(doc.error(id_node.span, format!("the runbook `{id}` needs `tests`")));
            }
            words.check(doc, &fields)?;
        }
        Ok(Self {
            id: id.to_owned(),
            title: doc.filled(fields.require("title")?, "`title`")?.to_owned(),
            interruption: text("interruption")?,
            about: text("about")?,
            before: some(doc, &fields, "before", prose)?,
            steps: some(doc, &fields, "steps", step)?,
            verify: some(doc, &fields, "verify", prose)?,
            rollback: some(doc, &fields, "rollback", prose)?,
            evidence: some(doc, &fields, "evidence", prose)?,
            references: list(doc, &fields, "references", reference)?,
            tests,
            items,
            rules,
        })
    }
}

/// The parts of a list that may be missing.
fn list<T>(
    doc: &Document,
    fields: &Fields<'_, '_>,
    key: &str,
    read: fn(&Document, &Node) -> Decoded<T>,
) -> Decoded<Vec<T>> {
    let Some(node) = fields.get(key) else {
        return Ok(Vec::new());
    };
    let nodes = doc.sequence(node, key)?.iter();
    nodes.map(|node| read(doc, node)).collect()
}

/// The parts of a list that must hold something.
fn some<T>(
    doc: &Document,
    fields: &Fields<'_, '_>,
    key: &str,
    read: fn(&Document, &Node) -> Decoded<T>,
) -> Decoded<Vec<T>> {
    let node = fields.require(key)?;
    let parts = list(doc, fields, key, read)?;
    if parts.is_empty() {
        return Err(doc.error(node.span, format!("`{key}` must not be empty")));
    }
    Ok(parts)
}

fn prose(doc: &Document, node: &Node) -> Decoded<Text> {
    Text::decode(doc, node, "a text")
}

fn reference(doc: &Document, node: &Node) -> Decoded<String> {
    let text = doc.filled(node, "a reference")?;
    if text.starts_with("https://") && !text.contains(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err(doc.error(
            node.span,
            "a reference begins with https:// and holds no blank",
        ))
    }
}

fn choice(doc: &Document, node: &Node) -> Decoded<Choice> {
    let fields = doc.fields(node, "a choice of items", CHOICE)?;
    let words = |key| -> Decoded<Vec<String>> {
        Ok(fields
            .optional(key, |n| doc.texts(n, key))?
            .unwrap_or_default())
    };
    Ok(Choice {
        kinds: words("kinds")?,
        platforms: words("platforms")?,
        classes: words("classes")?,
        slots: fields.optional("slots", |n| doc.word(n, "number of slots", Slots::WORDS))?,
    })
}

fn wanted(doc: &Document, node: &Node) -> Decoded<Wanted> {
    let text = doc.filled(node, "a rule")?;
    let (start, family) = match text.strip_suffix('*') {
        Some(start) => (start, true),
        None => (text, false),
    };
    if start.is_empty() || start.contains('*') {
        let message = "a rule is an id, or the beginning of ids and `*`";
        return Err(doc.error(node.span, message));
    }
    Ok(if family {
        Wanted::Family(start.to_owned())
    } else {
        Wanted::Rule(start.to_owned())
    })
}

fn step(doc: &Document, node: &Node) -> Decoded<Step> {
    let known = ["title", "do", "check", "only", "shell", "sql", "http"];
    let fields = doc.fields(node, "a step", &known)?;
    let mut run = None;
    for (key, language) in Language::WORDS {
        if let Some(node) = fields.get(key) {
            if run.is_some() {
                return Err(doc.error(node.span, "a step has one command"));
            }
            run = Some(Command::decode(doc, node, *language)?);
        }
    }
    Ok(Step {
        title: doc.filled(fields.require("title")?, "`title`")?.to_owned(),
        act: Text::decode(doc, fields.require("do")?, "`do`")?,
        run,
        check: fields.optional("check", |n| Text::decode(doc, n, "`check`"))?,
        only: fields
            .optional("only", |n| only(doc, n))?
            .unwrap_or_default(),
    })
}

fn only(doc: &Document, node: &Node) -> Decoded<Only> {
    let fields = doc.fields(node, "`only`", &["known", "unknown"])?;
    let places = |key| {
        let nodes = fields
            .optional(key, |n| doc.sequence(n, key))?
            .unwrap_or_default();
        nodes.iter().map(|n| place(doc, n)).collect::<Decoded<_>>()
    };
    Ok(Only {
        known: places("known")?,
        unknown: places("unknown")?,
    })
}

fn place(doc: &Document, node: &Node) -> Decoded<Place> {
    let word = doc.text(node, "a place")?;
    Place::of(word).ok_or_else(|| unknown(doc, node.span, word))
}

/// A word that names no place.
pub(super) fn unknown(doc: &Document, span: Span, word: &str) -> Diagnostic {
    let known: Vec<String> = Place::all().map(|(word, _)| word).collect();
    doc.unknown(span, "place", word, known.iter().map(String::as_str))
}

fn test(doc: &Document, node: &Node) -> Decoded<Test> {
    let fields = doc.fields(node, "a test", &["name", "item", "chosen", "says", "omits"])?;
    let texts = |key| -> Decoded<Vec<String>> {
        Ok(fields
            .optional(key, |n| doc.texts(n, key))?
            .unwrap_or_default())
    };
    let says = texts("says")?;
    if says.is_empty() {
        return Err(doc.error(fields.span(), "a test needs `says`"));
    }
    Ok(Test {
        name: doc.filled(fields.require("name")?, "`name`")?.to_owned(),
        subject: subject(doc, fields.require("item")?)?,
        chosen: fields.optional("chosen", |n| Ok(doc.filled(n, "`chosen`")?.to_owned()))?,
        says,
        omits: texts("omits")?,
    })
}

/// A made-up item: `kind`, `platform`, `slots`, and any place.
fn subject(doc: &Document, node: &Node) -> Decoded<Subject> {
    let mut subject = Subject::default();
    for entry in doc.mapping(node, "an item")? {
        let value = &entry.value;
        match &*entry.key {
            "kind" => {
                doc.text(value, "`kind`")?.clone_into(&mut subject.kind);
                subject.tell(Place::Kind, [subject.kind.replace('_', " ")], None);
            }
            "slots" => subject.slots = doc.word(value, "number of slots", Slots::WORDS)?,
            word => {
                let place = Place::of(word).ok_or_else(|| unknown(doc, entry.span, word))?;
                let texts = match &value.kind {
                    Kind::Sequence(_) => doc.texts(value, word)?,
                    _ => vec![doc.text(value, word)?.to_owned()],
                };
                match (place, texts.first()) {
                    (Place::Platform, Some(text)) => text.clone_into(&mut subject.platform),
                    (Place::Name, Some(text)) => {
                        subject.tell(Place::Alternate, [alternate(text)], None);
                    }
                    _ => {}
                }
                subject.tell(place, texts, None);
            }
        }
    }
    Ok(subject)
}
