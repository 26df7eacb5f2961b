//! One page for an audit: everything that a scan found, could not check and took for granted, and
//! every credential with its age. It needs no network and no script; with its script it can be
//! searched, filtered and sorted. Written from front to back, so that it never stands in memory.
//!
//! The page holds at most [`MOST`] findings, accepted findings and credentials each: beyond that no
//! browser is of use. What is left out is told on the page, and is the least pressing.

mod assets;
mod chart;
mod controls;
mod filling;
mod findings;
mod inputs;
mod rotation;
mod rules;
mod runbooks;
mod summary;
mod text;
mod trend;
mod waivers;

use std::io::{self, BufWriter, Write};

use self::controls::Matrix;
use self::rotation::Rotation;
use self::text::T;
use super::visible::{Count, Grouped, number};
use super::{Report, Style, TOOL, VERSION};
use crate::inventory::Runbook;

/// The most findings, accepted findings and credentials that a page holds, each.
pub const MOST: usize = 20_000;

/// Rows of a table, or findings of a rule, that a screen shows at first.
const SHOWN: usize = 100;

/// Rows of a piece of the rest: as many as a browser reads without a reader's noticing.
const PIECE: usize = 500;

/// Writes the report as one HTML page.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let rotation = Rotation::new(report);
    let page = Page {
        report,
        runbooks: runbooks::used(report, &rotation),
        rotation,
        matrix: Matrix::new(report),
    };
    page.whole(&mut out)?;
    out.flush()
}

/// How many findings and credentials a page does not hold.
#[must_use]
pub fn dropped(report: &Report) -> u64 {
    let all = report.findings.all();
    let items = report.inventory.as_ref().map_or(0, |inventory| {
        rotation::credentials(report, inventory).count()
    });
    [all.accepted(), all.open, number(items)]
        .into_iter()
        .map(|count| count.saturating_sub(number(MOST)))
        .sum()
}

/// A page, with what several of its sections need.
struct Page<'r> {
    report: &'r Report,
    rotation: Rotation<'r>,
    /// Those that the page refers to, by id.
    runbooks: Vec<&'r Runbook>,
    matrix: Matrix<'r>,
}

/// A section, as the list of contents names it.
struct Entry {
    id: &'static str,
    title: &'static str,
    count: Option<u64>,
}

impl Page<'_> {
    fn whole(&self, out: &mut dyn Write) -> io::Result<()> {
        self.head(out)?;
        self.contents(out)?;
        out.write_all(b"<main id=\"main\" tabindex=\"-1\">\n")?;
        self.summary(out)?;
        self.trend(out)?;
        self.rotation_section(out)?;
        self.findings(out)?;
        self.controls(out)?;
        self.waivers(out)?;
        self.rules(out)?;
        self.inputs(out)?;
        self.runbooks(out)?;
        writeln!(
            out,
            "</main>\n<footer><p>Written by {TOOL} {VERSION}. The page opens no connection and \
             holds no secret.</p></footer>\n</body>\n</html>"
        )
    }

    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let day = self.report.as_of.date();
        writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"generator\" content=\"{TOOL} {VERSION}\">\n\
             <title>Credential report, audit date {day}</title>\n\
             <style>{}</style>\n<script>{}</script>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#main\">Skip to the report</a>\n\
             <header class=\"top\"><h1>Credential report</h1><p>Audit date <time>{day}</time></p>\
             <button type=\"button\" id=\"theme\" hidden>Theme: system</button></header>",
            assets::policy(),
            assets::STYLE,
            assets::SCRIPT
        )
    }

    fn contents(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"<nav aria-label=\"Contents\"><ol>\n")?;
        for Entry { id, title, count } in self.entries() {
            write!(out, "<li><a href=\"#{id}\">{title}")?;
            if let Some(count) = count {
                write!(out, " <span class=\"n\">{}</span>", Grouped(count))?;
            }
            writeln!(out, "</a></li>")?;
        }
        out.write_all(b"</ol></nav>\n")
    }

    fn entries(&self) -> Vec<Entry> {
        let report = self.report;
        let found = report.findings.all();
        let entry = |id, title, count: Option<u64>| Entry { id, title, count };
        let trend = report.trend.as_ref();
        let trend = trend.map(|trend| entry("trend", "Trend", Some(number(trend.points.len()))));
        let mut all = vec![entry("summary", "Summary", None)];
        all.extend(trend);
        all.extend([
            entry("rotation", "Rotation", Some(number(self.rotation.total))),
            entry("findings", "Findings", Some(found.open)),
            entry("controls", "Controls", None),
            entry("accepted", "Accepted", Some(found.accepted())),
            entry("rules", "Rules", Some(number(report.rules.len()))),
            entry("inputs", "Inputs", Some(number(report.exports.len()))),
            entry("runbooks", "Runbooks", Some(number(self.runbooks.len()))),
        ]);
        all
    }
}

/// The beginning of a section.
fn open(out: &mut dyn Write, id: &str, title: &str, aside: &str) -> io::Result<()> {
    write!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"h-{id}\">\n<h2 id=\"h-{id}\">{title}"
    )?;
    if !aside.is_empty() {
        write!(out, " <span class=\"n\">{}</span>", T(aside))?;
    }
    out.write_all(b"</h2>\n")
}

/// That some rows are not here.
fn cut(out: &mut dyn Write, total: u64, what: &'static str, elsewhere: &str) -> io::Result<()> {
    let over = total.saturating_sub(number(MOST));
    if over == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<p class=\"warn\">{} of these are not on this page, which holds the {} most pressing; \
         <code>{elsewhere}</code> has all.</p>",
        Count(over, what),
        Grouped(number(MOST))
    )
}

/// A table with many rows: those that a screen shows at first, and the rest in pieces that a browser
/// with the page's script leaves unread until they are needed, which is what lets a page of ten
/// thousand rows open at once. Without script they are ordinary tables.
struct Rows<'a> {
    /// The table's classes.
    class: &'a str,
    /// Its attributes, and all before its first body.
    head: &'a str,
    /// How many rows there are.
    total: usize,
}

/// What writes one row.
type Put<'p, T> = &'p mut dyn FnMut(&mut dyn Write, T) -> io::Result<()>;

impl Rows<'_> {
    fn write<I: Iterator>(
        &self,
        out: &mut dyn Write,
        rows: I,
        row: Put<'_, I::Item>,
    ) -> io::Result<()> {
        let Self { class, head, total } = self;
        writeln!(
            out,
            "<div class=\"listing\">\n<table class=\"rows {class}\" data-total=\"{total}\" {head}\n<tbody>"
        )?;
        for (index, item) in rows.enumerate() {
            if index == SHOWN {
                out.write_all(b"</tbody>\n</table>\n")?;
                needs_script(out, *total)?;
                writeln!(out, "<noscript><table class=\"rows {class}\"><tbody>")?;
            } else if index > SHOWN && (index - SHOWN).is_multiple_of(PIECE) {
                writeln!(
                    out,
                    "</tbody></table></noscript>\n<noscript><table class=\"rows {class}\"><tbody>"
                )?;
            }
            row(out, item)?;
        }
        let end: &[u8] = if *total > SHOWN {
            b"</tbody></table></noscript>\n</div>\n"
        } else {
            b"</tbody>\n</table>\n</div>\n"
        };
        out.write_all(end)
    }
}

/// For a browser that neither runs the script nor knows that it does not: what is missing is told.
fn needs_script(out: &mut dyn Write, total: usize) -> io::Result<()> {
    writeln!(
        out,
        "<p class=\"warn needs\">The first {SHOWN} of {}. The others are in this file too, and are \
         shown where its script may run, or where scripts are switched off altogether.</p>",
        Grouped(number(total))
    )
}
