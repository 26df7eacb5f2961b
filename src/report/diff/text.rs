//! A comparison for people: what got worse first, what could not be compared, then the rest.

use std::io::{self, BufWriter, Write};

use super::{Change, Drift, What};
use crate::report::visible::{Count, Visible, number};

/// Changes of one sort that are neither for the worse nor a gap are listed up to this many.
const LISTED: usize = 50;

pub(super) fn write(drift: &Drift, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    for what in What::ALL {
        let of = drift.changes.iter().filter(|change| change.what == *what);
        let of: Vec<&Change> = of.collect();
        if of.is_empty() {
            continue;
        }
        writeln!(out, "{}: {}", what.title(), of.len())?;
        let all = what.worsens() || *what == What::NotCompared;
        let shown = if all { of.len() } else { LISTED };
        for change in of.iter().take(shown) {
            one(change, &mut out)?;
        }
        match of.len().saturating_sub(shown) {
            0 => {}
            more => writeln!(out, "  and {more} more; `--format json` lists them")?,
        }
        writeln!(out)?;
    }
    if !drift.problems.is_empty() {
        let count = Count(number(drift.problems.len()), "input");
        writeln!(out, "Could not be checked: {count}")?;
        for problem in &drift.problems {
            let path = problem.path.as_ref().map_or("", |path| path.as_str());
            let gap = if path.is_empty() { "" } else { ": " };
            let (path, message) = (Visible(path), Visible(&problem.message));
            writeln!(out, "  {path}{gap}{message} ({})", problem.kind.word())?;
        }
        writeln!(out)?;
    }
    for note in &drift.notes {
        writeln!(out, "note: {}", Visible(note))?;
    }
    let (old, new) = (&drift.old, &drift.new);
    for (side, word) in [(old, "Old"), (new, "New")] {
        let (name, day) = (Visible(&side.name), side.as_of.date());
        writeln!(out, "{word}  {name}, as of {day}")?;
    }
    verdict(drift, &mut out)?;
    out.flush()
}

fn one(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let subject = Visible(&change.subject);
    write!(out, "  {}  {subject}", change.severity)?;
    if let Some(rule) = &change.rule {
        write!(out, "  {rule}")?;
    }
    if let Some((path, line)) = &change.place {
        write!(out, "  {}:{line}", Visible(path.as_str()))?;
    }
    writeln!(out, "\n    {}", Visible(&change.message))
}

fn verdict(drift: &Drift, out: &mut dyn Write) -> io::Result<()> {
    let level = drift.fail_on;
    match number(drift.failing().count()) {
        0 => writeln!(
            out,
            "PASSED: no change for the worse of severity {level} or above"
        )?,
        n => writeln!(
            out,
            "FAILED: {} for the worse of severity {level} or above",
            Count(n, "change")
        )?,
    }
    if !drift.complete() {
        writeln!(out, "INCOMPLETE: not everything could be compared")?;
    }
    Ok(())
}
