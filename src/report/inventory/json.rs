//! The inventory as versioned JSON, `schema/credlint-inventory-v1.schema.json`: every item on a
//! line of its own, with all its evidence.

use std::io::{self, Write};

use serde::Serialize;

use super::Items;
use crate::inventory::{Claimed, Evidence, Fact, IdentifierKind, Item, Known, Mentioned, Referred};
use crate::model::{Grade, Instant, When};
use crate::report::lines::{self, Each, Shown};
use crate::report::{TOOL, VERSION};

/// The name of the format, in every document.
pub const SCHEMA: &str = "credlint-inventory/1";

/// Top level and the elements of its arrays.
const BROKEN_LEVELS: usize = 2;

/// Writes it.
///
/// # Errors
/// What the writer says.
pub(super) fn write(items: &Items<'_>, out: &mut dyn Write) -> io::Result<()> {
    let sorted = items.sorted();
    let document = Document {
        schema: SCHEMA,
        tool: Tool {
            name: TOOL,
            version: VERSION,
        },
        as_of: Shown(items.as_of),
        complete: items.problems.is_empty(),
        problems: items.problems.iter().map(problem).collect(),
        items: Each {
            context: items,
            items: &sorted,
            form: entry,
        },
    };
    lines::write(&document, BROKEN_LEVELS, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    as_of: Shown<Instant>,
    complete: bool,
    problems: Vec<Trouble<'a>>,
    items: Each<'a, &'a Items<'a>, Item<'a>, Entry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Trouble<'a> {
    path: Option<&'a str>,
    line: Option<u32>,
    message: &'a str,
}

fn problem(problem: &crate::model::Problem) -> Trouble<'_> {
    Trouble {
        path: problem.path.as_ref().map(crate::model::ScanPath::as_str),
        line: problem.line,
        message: &problem.message,
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    id: String,
    kind: &'a str,
    name: &'a str,
    platform: &'a str,
    state: &'a str,
    class: Option<Graded<&'a str>>,
    owner: Option<Graded<&'a str>>,
    purpose: Option<Graded<&'a str>>,
    endpoint: Option<Graded<&'a str>>,
    storage: Option<Graded<&'a str>>,
    auth_method: Option<Graded<&'a str>>,
    consumers: Vec<&'a str>,
    privileges: Vec<&'a str>,
    age_days: Option<i64>,
    grade: Grade1,
    created: Option<Graded<String>>,
    rotated: Option<Graded<String>>,
    last_used: Option<Graded<String>>,
    expires: Option<Graded<String>>,
    next_rotation: Option<Graded<String>>,
    reviewed: Option<Graded<String>>,
    cadence_days: Option<Graded<i64>>,
    identifiers: Vec<Identifier<'a>>,
    links: Vec<Reference<'a>>,
    conflicts: Vec<&'static str>,
    mentions: Option<Spoken<'a>>,
    evidence: Vec<Proof<'a>>,
}

/// A grade as its word.
struct Grade1(Grade);

impl Serialize for Grade1 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

#[derive(Serialize)]
struct Graded<T> {
    value: T,
    grade: Grade1,
}

#[derive(Serialize)]
struct Identifier<'a> {
    kind: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct Reference<'a> {
    relation: &'a str,
    kind: &'a str,
    name: &'a str,
    /// None where no export has it.
    id: Option<String>,
}

#[derive(Serialize)]
struct Spoken<'a> {
    state: &'static str,
    count: u64,
    first: Option<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Proof<'a> {
    fact: &'static str,
    value: Value<'a>,
    grade: Grade1,
    path: &'a str,
    line: u32,
}

enum Value<'a> {
    Text(&'a str),
    Int(i64),
    Time(When),
}

impl Serialize for Value<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::Time(when) => serializer.serialize_str(&time(*when)),
        }
    }
}

fn time(when: When) -> String {
    match when {
        When::Known(at) => at.text(),
        When::Never => "never".to_owned(),
    }
}

fn graded<T>(known: Known<T>) -> Graded<T> {
    Graded {
        value: known.value,
        grade: Grade1(known.grade),
    }
}

fn times(known: Option<Known<When>>) -> Option<Graded<String>> {
    known.map(|known| Graded {
        value: time(known.value),
        grade: Grade1(known.grade),
    })
}

fn entry<'a>(items: &'a Items<'a>, item: &'a Item<'a>) -> Entry<'a> {
    let text = |fact| item.text(fact).map(graded);
    Entry {
        id: item.id(),
        kind: item.kind(),
        name: item.name(),
        platform: item.platform(),
        state: item.state(items.as_of).word(),
        class: text(Fact::Class),
        owner: text(Fact::Owner),
        purpose: text(Fact::Purpose),
        endpoint: text(Fact::Endpoint),
        storage: text(Fact::Storage),
        auth_method: text(Fact::AuthMethod),
        consumers: item.consumers(),
        privileges: item.texts(Fact::Privileges),
        age_days: items.age(item).map(|(days, _)| days),
        grade: Grade1(items.grade(item)),
        created: times(item.time(Fact::Created)),
        rotated: times(item.time(Fact::Rotated)),
        last_used: times(item.time(Fact::LastUsed)),
        expires: times(item.time(Fact::Expires)),
        next_rotation: times(item.next_rotation()),
        reviewed: times(item.time(Fact::Reviewed)),
        cadence_days: item.int(Fact::CadenceDays).map(graded),
        identifiers: item.identifiers().map(identifier).collect(),
        links: item.links().map(reference).collect(),
        conflicts: item
            .conflicts()
            .iter()
            .map(|(fact, _)| fact.word())
            .collect(),
        mentions: items.mentioned(item).map(spoken),
        evidence: item.evidence().map(proof).collect(),
    }
}

fn spoken(mentioned: &Mentioned) -> Spoken<'_> {
    let (state, count, first) = match mentioned {
        Mentioned::At(count, first) => ("found", *count, Some(first)),
        Mentioned::Nowhere => ("nowhere", 0, None),
        Mentioned::Unknown => ("unknown", 0, None),
    };
    Spoken {
        state,
        count,
        first: first.map(|place| Place {
            path: place.path.as_str(),
            line: place.region.start_line,
        }),
    }
}

fn identifier((kind, value): (IdentifierKind, &str)) -> Identifier<'_> {
    Identifier {
        kind: kind.word(),
        value,
    }
}

fn reference<'a>((relation, referred): (&'a str, Referred<'a>)) -> Reference<'a> {
    match referred {
        Referred::Item(item) => Reference {
            relation,
            kind: item.kind(),
            name: item.name(),
            id: Some(item.id()),
        },
        Referred::Name(kind, name) => Reference {
            relation,
            kind,
            name,
            id: None,
        },
    }
}

fn proof(evidence: Evidence<'_>) -> Proof<'_> {
    Proof {
        fact: evidence.fact.word(),
        value: match evidence.value {
            Claimed::Text(text) => Value::Text(text),
            Claimed::Int(n) => Value::Int(n),
            Claimed::Time(when) => Value::Time(when),
        },
        grade: Grade1(evidence.grade),
        path: evidence.path.as_str(),
        line: evidence.line,
    }
}
