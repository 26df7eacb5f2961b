//! What a folder of exports proves, requirement by requirement, for people and as JSON.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::lines;
use super::visible::{Count, Visible, number};
use super::{TOOL, VERSION};
use crate::model::Instant;

/// The name of the JSON format, in every document.
pub const DOCTOR_SCHEMA: &str = "credlint-doctor/1";

/// Every requirement, and how the exports at hand decide it.
#[derive(Debug)]
pub struct Checkup {
    /// The audit date.
    pub as_of: Instant,
    /// Groups: letter and title.
    pub groups: Vec<(String, String)>,
    /// The requirements, by number.
    pub rows: Vec<Row>,
    /// Inputs that could not be checked.
    pub problems: Vec<String>,
}

/// One requirement.
#[derive(Debug)]
pub struct Row {
    /// Its number.
    pub number: u16,
    /// The letter of its group.
    pub group: String,
    /// What is asked for.
    pub title: String,
    /// What the exports come to.
    pub verdict: Verdict,
    /// Findings against it.
    pub fails: u64,
    /// Subjects that keep it.
    pub passes: u64,
    /// Why it is not, or not wholly, decided; sorted.
    pub reasons: Vec<String>,
    /// Exports that are not at hand and would settle it.
    pub settle: Vec<Command>,
}

/// How to make an export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Command {
    /// The id of its source.
    pub source: String,
    /// What it is.
    pub title: String,
    /// The command, or what to do by hand.
    pub export: String,
}

/// What the exports come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything that it is about was judged, and keeps it.
    Proven,
    /// It can be judged, and something breaks it.
    Failing,
    /// What was judged keeps it; something could not be judged.
    Partly,
    /// Nothing could be judged.
    NotProvable,
    /// No export can decide it.
    NotCheckable,
}

impl Verdict {
    const ALL: &'static [Self] = &[
        Self::Proven,
        Self::Failing,
        Self::Partly,
        Self::NotProvable,
        Self::NotCheckable,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Failing => "failing",
            Self::Partly => "partly proven",
            Self::NotProvable => "not provable here",
            Self::NotCheckable => "not checkable",
        }
    }
}

/// Writes it for people.
///
/// # Errors
/// What the writer says.
pub fn write_text(checkup: &Checkup, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    for (letter, title) in &checkup.groups {
        writeln!(out, "{letter}  {title}")?;
        for row in checkup.rows.iter().filter(|row| row.group == *letter) {
            write!(
                out,
                "  {:3}  {:17}  {}",
                row.number,
                row.verdict.word(),
                row.title
            )?;
            if row.fails > 0 {
                write!(out, " ({})", Count(row.fails, "finding"))?;
            }
            writeln!(out)?;
            for reason in &row.reasons {
                writeln!(out, "         because   {}", Visible(reason))?;
            }
            for command in &row.settle {
                writeln!(
                    out,
                    "         settle    {}: {}",
                    Visible(&command.title),
                    Visible(&command.export)
                )?;
            }
        }
        writeln!(out)?;
    }
    for problem in &checkup.problems {
        writeln!(out, "Not read: {}", Visible(problem))?;
    }
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .map(|verdict| {
            let rows = checkup.rows.iter().filter(|row| row.verdict == *verdict);
            format!("{} {}", rows.count(), verdict.word())
        })
        .collect();
    writeln!(
        out,
        "Of {} as of {}: {}",
        Count(number(checkup.rows.len()), "requirement"),
        checkup.as_of.date(),
        counts.join(", ")
    )?;
    out.flush()
}

/// Writes it as JSON.
///
/// # Errors
/// What the writer says.
pub fn write_json(checkup: &Checkup, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: DOCTOR_SCHEMA,
        tool: Tool {
            name: TOOL,
            version: VERSION,
        },
        as_of: checkup.as_of.text(),
        complete: checkup.problems.is_empty(),
        problems: &checkup.problems,
        requirements: checkup.rows.iter().map(entry).collect(),
    };
    lines::write(&document, 2, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    as_of: String,
    complete: bool,
    problems: &'a [String],
    requirements: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Entry<'a> {
    number: u16,
    group: &'a str,
    title: &'a str,
    verdict: &'static str,
    fails: u64,
    passes: u64,
    reasons: &'a [String],
    settle: &'a [Command],
}

fn entry(row: &Row) -> Entry<'_> {
    Entry {
        number: row.number,
        group: &row.group,
        title: &row.title,
        verdict: row.verdict.word(),
        fails: row.fails,
        passes: row.passes,
        reasons: &row.reasons,
        settle: &row.settle,
    }
}
