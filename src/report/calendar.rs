//! The rotation calendar: as a table, as CSV, and as iCalendar (RFC 5545) for a real calendar.

use std::io::{self, BufWriter, Write};

use crate::inventory::{Calendar, Due, Why};
use crate::model::{FingerprintBuilder, Instant};

use super::cells::{csv_row, table_line, widths};
use super::visible::{Count, Visible, number};
use super::{TOOL, VERSION};

/// A calendar, for a report.
#[derive(Debug)]
pub struct Rotations<'i> {
    /// What is due.
    pub calendar: Calendar<'i>,
    /// The audit date.
    pub as_of: Instant,
}

/// One output format of the calendar.
#[derive(Debug)]
pub struct CalendarFormat {
    /// The word after `--format`.
    pub name: &'static str,
    /// Writes the whole calendar. The bytes depend on nothing but the argument.
    pub write: fn(&Rotations<'_>, &mut dyn Write) -> io::Result<()>,
}

/// Every output format of the calendar; the first is the default.
pub static CALENDAR_FORMATS: &[CalendarFormat] = &[
    CalendarFormat {
        name: "table",
        write: table,
    },
    CalendarFormat {
        name: "csv",
        write: csv,
    },
    CalendarFormat {
        name: "ics",
        write: ics,
    },
];

impl Rotations<'_> {
    fn is_overdue(&self, due: &Due<'_>) -> bool {
        due.by < self.as_of
    }

    /// The proposed day, where it is another one than that of the deadline.
    fn moved(&self, due: &Due<'_>) -> Option<Instant> {
        (due.proposed != due.by).then_some(due.proposed)
    }
}

const fn why(why: Why) -> &'static str {
    match why {
        Why::Planned => "planned",
        Why::Ends => "ends",
    }
}

const TABLE: &[(&str, usize)] = &[
    ("DUE", 10),
    ("WEEK", 8),
    ("PROPOSED", 10),
    ("WHY", 8),
    ("NAME", 40),
    ("KIND", 20),
    ("PLATFORM", 12),
    ("OWNER", 26),
    ("GRADE", 8),
];

fn table(rotations: &Rotations<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let rows: Vec<Vec<String>> = rotations
        .calendar
        .due
        .iter()
        .map(|due| {
            let owner = due.item.owner().map_or("", |known| known.value);
            let proposed = rotations.moved(due).map(Instant::date);
            let reason = if rotations.is_overdue(due) {
                "overdue"
            } else {
                why(due.why)
            };
            vec![
                due.by.date(),
                due.by.week().unwrap_or_default(),
                proposed.unwrap_or_default(),
                reason.to_owned(),
                Visible(due.item.name()).to_string(),
                due.item.kind_title().to_owned(),
                Visible(due.item.platform()).to_string(),
                Visible(owner).to_string(),
                due.grade.word().to_owned(),
            ]
        })
        .collect();
    let columns = widths(TABLE, &rows);
    if !rows.is_empty() {
        table_line(
            &mut out,
            columns.iter().map(|column| (column.title, column.width)),
        )?;
    }
    for row in &rows {
        let cells = columns
            .iter()
            .map(|c| (row.get(c.index).map_or("", String::as_str), c.width));
        table_line(&mut out, cells)?;
    }
    if !rows.is_empty() {
        writeln!(out)?;
    }
    for (monday, count) in rotations.calendar.full_weeks() {
        writeln!(
            out,
            "! {}: {} in one week; {} are too many. The column PROPOSED spreads them and keeps every deadline",
            monday.week().unwrap_or_default(),
            Count(number(count), "rotation"),
            rotations.calendar.limit,
        )?;
    }
    let overdue = rotations
        .calendar
        .due
        .iter()
        .filter(|due| rotations.is_overdue(due));
    writeln!(
        out,
        "{} as of {}, {} overdue",
        Count(number(rows.len()), "rotation"),
        rotations.as_of.date(),
        number(overdue.count()),
    )?;
    out.flush()
}

const HEADER: &[&str] = &[
    "id",
    "name",
    "kind",
    "platform",
    "owner",
    "consumers",
    "due",
    "week",
    "why",
    "overdue",
    "proposed",
    "grade",
];

fn csv(rotations: &Rotations<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    csv_row(&mut out, HEADER.iter().copied())?;
    for due in &rotations.calendar.due {
        let (id, by) = (due.item.id(), due.by.date());
        let (week, proposed) = (due.by.week().unwrap_or_default(), due.proposed.date());
        let consumers = due.item.consumers().join("; ");
        let cells = [
            id.as_str(),
            due.item.name(),
            due.item.kind(),
            due.item.platform(),
            due.item.owner().map_or("", |known| known.value),
            &consumers,
            &by,
            &week,
            why(due.why),
            if rotations.is_overdue(due) {
                "true"
            } else {
                "false"
            },
            &proposed,
            due.grade.word(),
        ];
        csv_row(&mut out, cells.into_iter())?;
    }
    out.flush()
}

fn ics(rotations: &Rotations<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let stamp: String = rotations
        .as_of
        .text()
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .collect();
    property(&mut out, "BEGIN", "VCALENDAR")?;
    property(&mut out, "VERSION", "2.0")?;
    property(&mut out, "PRODID", &format!("-//{TOOL}//{VERSION}//EN"))?;
    property(&mut out, "CALSCALE", "GREGORIAN")?;
    for due in &rotations.calendar.due {
        let mut uid = FingerprintBuilder::new("calendar");
        uid.part(due.item.id().as_bytes());
        let day = due.proposed.date().replace('-', "");
        let what = if rotations.is_overdue(due) {
            "Overdue: rotate"
        } else {
            "Rotate"
        };
        let summary = format!("{what} {} ({})", due.item.name(), due.item.kind_title());
        property(&mut out, "BEGIN", "VEVENT")?;
        property(&mut out, "UID", &format!("{}@{TOOL}", uid.finish()))?;
        property(&mut out, "DTSTAMP", &stamp)?;
        property(&mut out, "DTSTART;VALUE=DATE", &day)?;
        property(&mut out, "SUMMARY", &escaped(&summary))?;
        property(&mut out, "DESCRIPTION", &escaped(&description(due)))?;
        property(&mut out, "TRANSP", "TRANSPARENT")?;
        property(&mut out, "END", "VEVENT")?;
    }
    property(&mut out, "END", "VCALENDAR")?;
    out.flush()
}

fn description(due: &Due<'_>) -> String {
    let mut text = format!(
        "{}\nDue by {} ({}, {} evidence)",
        due.item.id(),
        due.by.date(),
        why(due.why),
        due.grade.word()
    );
    if let Some(owner) = due.item.owner() {
        text.push_str("\nOwner: ");
        text.push_str(owner.value);
    }
    let consumers = due.item.consumers();
    if !consumers.is_empty() {
        text.push_str("\nConsumers: ");
        text.push_str(&consumers.join(", "));
    }
    text
}

/// A text as a property holds it. Controls have no spelling there and are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// The longest line, in bytes; more goes on the next one behind a blank.
const LINE: usize = 75;

fn property(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    let whole = format!("{name}:{value}");
    let mut length = 0;
    for c in whole.chars() {
        if length + c.len_utf8() > LINE {
            out.write_all(b"\r\n ")?;
            length = 1;
        }
        length += c.len_utf8();
        write!(out, "{c}")?;
    }
    out.write_all(b"\r\n")
}
