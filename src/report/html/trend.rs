//! How the findings stand to those of results of before: a chart, a table with the same figures, and
//! what speaks against taking fewer findings for progress.

use std::io::{self, Write};

use super::chart::{chart, doubt};
use super::summary::severities;
use super::text::{T, capital};
use super::{Page, open};
use crate::report::visible::{Count, Grouped, number};
use crate::report::{Point, Trend};

impl Page<'_> {
    pub(super) fn trend(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(trend) = &self.report.trend else {
            return Ok(());
        };
        let aside = Count(number(trend.points.len()), "result").to_string();
        open(out, "trend", "Trend", &aside)?;
        if let Some(text) = trend.in_words() {
            writeln!(out, "<p><b>{}.</b></p>", T(&capital(&text)))?;
        }
        if let Some(doubts) = trend.doubted() {
            let text = capital(&doubts);
            writeln!(
                out,
                "<p class=\"warn\">Compare with care. {}.</p>",
                T(&text)
            )?;
        }
        out.write_all(
            b"<p class=\"lead\">Findings that count. <b>Fixed</b>: gone, and its rule was evaluated in \
              full over inputs that could all be checked. <b>Not proven</b>: gone, and that cannot be \
              said. Why a striped \
              bar is to be compared with care stands below.</p>\n<figure class=\"chart\">\n<div class=\"scroll\" \
              role=\"region\" aria-label=\"Chart of findings\" tabindex=\"0\">\n",
        )?;
        chart(out, trend)?;
        out.write_all(b"</div>\n<figcaption>From the foot: ")?;
        for (index, severity) in severities().enumerate() {
            let (between, word) = (if index == 0 { "" } else { ", " }, severity.word());
            write!(out, "{between}<span class=\"key {word}\">{word}</span>")?;
        }
        out.write_all(b"</figcaption>\n</figure>\n")?;
        table(out, trend)?;
        self.doubts(out, trend)?;
        out.write_all(b"</section>\n")
    }

    fn doubts(&self, out: &mut dyn Write, trend: &Trend) -> io::Result<()> {
        if trend.points.iter().all(|point| point.doubts.is_empty()) {
            return Ok(());
        }
        out.write_all(b"<h3>Why fewer findings need be no progress</h3>\n<dl class=\"facts\">\n")?;
        for (index, point) in trend.points.iter().enumerate() {
            if point.doubts.is_empty() {
                continue;
            }
            let (called, text) = (trend.called(index), capital(&point.doubts.join("; ")));
            writeln!(
                out,
                "<div><dt>{}</dt><dd>{}</dd></div>",
                T(&called),
                T(&text)
            )?;
        }
        out.write_all(b"</dl>\n")
    }
}

fn table(out: &mut dyn Write, trend: &Trend) -> io::Result<()> {
    out.write_all(
        b"<div class=\"scroll wide\" role=\"region\" aria-label=\"Results\" tabindex=\"0\">\n\
          <table class=\"counts\"><caption>Findings that count, result by result</caption>\n\
          <thead><tr><th scope=\"col\">Audit date</th>",
    )?;
    for severity in severities() {
        let word = capital(severity.word());
        write!(out, "<th scope=\"col\" class=\"num\">{word}</th>")?;
    }
    for title in [
        "Total",
        "New",
        "Fixed",
        "Not proven",
        "Still open",
        "Accepted",
        "Files",
        "Records",
    ] {
        write!(out, "<th scope=\"col\" class=\"num\">{title}</th>")?;
    }
    out.write_all(b"</tr></thead>\n<tbody>\n")?;
    for (index, point) in trend.points.iter().enumerate() {
        row(out, trend, (index, point))?;
    }
    out.write_all(b"</tbody></table>\n</div>\n")
}

fn row(out: &mut dyn Write, trend: &Trend, (index, point): (usize, &Point)) -> io::Result<()> {
    write!(
        out,
        "<tr data-n=\"{index}\"><th scope=\"row\"><time>{}</time>",
        T(&trend.called(index))
    )?;
    if let Some(word) = doubt(point) {
        write!(out, "<small class=\"warn\">{word}</small>")?;
    }
    out.write_all(b"</th>")?;
    for severity in severities() {
        let count = point.open.get(severity as usize).copied().unwrap_or(0);
        let class = if count > 0 { severity.word() } else { "zero" };
        write!(out, "<td class=\"num {class}\">{}</td>", Grouped(count))?;
    }
    number_cell(out, Some(point.total()))?;
    let since = point.since;
    match since.map(|since| since.new) {
        // Leads to them: the page's script shows no others then.
        Some(new) if new > 0 && index == trend.last() => write!(
            out,
            "<td class=\"num\"><a href=\"#findings\" data-n=\"{}\">{}</a></td>",
            index.saturating_sub(1),
            Grouped(new)
        )?,
        new => number_cell(out, new)?,
    }
    number_cell(out, since.map(|since| since.fixed))?;
    number_cell(out, since.map(|since| since.unproven))?;
    number_cell(out, since.map(|since| since.still))?;
    for count in [point.accepted, point.files, point.records] {
        number_cell(out, Some(count))?;
    }
    out.write_all(b"</tr>\n")
}

/// A count; where there is none, because nothing was compared, a dash.
fn number_cell(out: &mut dyn Write, count: Option<u64>) -> io::Result<()> {
    match count {
        Some(count) => write!(out, "<td class=\"num\">{}</td>", Grouped(count)),
        None => out.write_all(b"<td class=\"num zero\">&ndash;</td>"),
    }
}
