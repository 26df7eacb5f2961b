//! A comparison as JSON, `schema/credlint-diff-v1.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Change, Drift, Side};
use crate::model::{Fingerprint, Instant, Problem, ScanPath, Severity};
use crate::report::json::{Tool, Trouble, problem, tool};
use crate::report::lines::{self, Each, Shown};

const SCHEMA: &str = "credlint-diff/1";

/// Top level and the elements of its arrays.
const BROKEN_LEVELS: usize = 2;

pub(super) fn write(drift: &Drift, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        tool: tool(),
        old: side(&drift.old),
        new: side(&drift.new),
        complete: drift.complete(),
        fail_on: drift.fail_on.word(),
        failing: drift.failing().count(),
        counts: drift
            .counts()
            .map(|(what, changes)| Count {
                what: what.word(),
                changes,
            })
            .collect(),
        changes: Each {
            context: drift.fail_on,
            items: &drift.changes,
            form: change,
        },
        problems: Each {
            context: (),
            items: &drift.problems,
            form: problem,
        },
        notes: &drift.notes,
    };
    lines::write(&document, BROKEN_LEVELS, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    old: OneSide<'a>,
    new: OneSide<'a>,
    complete: bool,
    fail_on: &'static str,
    failing: usize,
    counts: Vec<Count>,
    changes: Each<'a, Severity, Change, Entry<'a>>,
    problems: Each<'a, (), Problem, Trouble<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct OneSide<'a> {
    name: &'a str,
    as_of: Shown<Instant>,
}

fn side(side: &Side) -> OneSide<'_> {
    OneSide {
        name: &side.name,
        as_of: Shown(side.as_of),
    }
}

#[derive(Serialize)]
struct Count {
    what: &'static str,
    changes: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    what: &'static str,
    severity: &'static str,
    fails: bool,
    rule: Option<&'a str>,
    fingerprint: Option<Shown<Fingerprint>>,
    item: Option<&'a str>,
    subject: &'a str,
    message: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    grade: Option<&'static str>,
    location: Option<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: u32,
}

fn place((path, line): &(ScanPath, u32)) -> Place<'_> {
    Place {
        path: path.as_str(),
        line: *line,
    }
}

fn change(fail_on: Severity, change: &Change) -> Entry<'_> {
    Entry {
        what: change.what.word(),
        severity: change.severity.word(),
        fails: change.what.worsens() && change.severity >= fail_on,
        rule: change.rule.as_ref().map(crate::model::RuleId::as_str),
        fingerprint: change.fingerprint.map(Shown),
        item: change.item.as_deref(),
        subject: &change.subject,
        message: &change.message,
        before: change.before.as_deref(),
        after: change.after.as_deref(),
        grade: change.grade.map(crate::model::Grade::word),
        location: change.place.as_ref().map(place),
    }
}
