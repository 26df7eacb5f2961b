//! The steps, each runbook once: ten thousand credentials share some twenty of them. Where the text
//! differs by credential it says in words what stands there; a link from a finding or from a row of
//! the rotation fills it with what is known of that credential.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::rotation::Rotation;
use super::text::T;
use super::{MOST, Page, open};
use crate::inventory::{Command, Item, Piece, Place, Runbook, Step, Text};
use crate::report::Report;
use crate::report::visible::{Count, number};

/// The runbooks that a page refers to, by id.
pub(super) fn used<'r>(report: &'r Report, rotation: &Rotation<'r>) -> Vec<&'r Runbook> {
    let told = report.findings.open().take(MOST);
    let told = told.filter_map(|judged| report.runbooks.get(report.runbook(&judged.finding)?));
    let used: BTreeMap<&str, &Runbook> = told
        .chain(rotation.runbooks())
        .map(|runbook| (runbook.id.as_str(), runbook))
        .collect();
    used.into_values().collect()
}

/// A way to a runbook, and what is to fill it.
pub(super) fn link(
    out: &mut dyn Write,
    runbook: &Runbook,
    item: Option<&Item<'_>>,
) -> io::Result<()> {
    write!(out, "<a href=\"#b-{}\"", T(&runbook.id))?;
    if let Some(item) = item {
        write!(out, " data-i=\"i-{}\"", item.index())?;
    }
    write!(out, ">{}</a>", T(&runbook.title))
}

impl Page<'_> {
    pub(super) fn runbooks(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = Count(number(self.runbooks.len()), "runbook").to_string();
        open(out, "runbooks", "Runbooks", &count)?;
        if self.runbooks.is_empty() {
            return out.write_all(
                b"<p>No finding and no credential of this page has a runbook.</p>\n</section>\n",
            );
        }
        out.write_all(
            b"<p class=\"lead\">The steps for the findings and credentials above, once for each kind \
              of rotation. What differs by credential is <var>marked</var>: opened from a finding or a \
              row, a runbook is filled with what is known of that credential, and steps that it does \
              not need are left out. <code>credlint runbook ITEM</code> prints one that is filled.</p>\n",
        )?;
        for runbook in &self.runbooks {
            one(out, runbook)?;
        }
        out.write_all(b"</section>\n")
    }
}

fn one(out: &mut dyn Write, runbook: &Runbook) -> io::Result<()> {
    let id = T(&runbook.id);
    writeln!(
        out,
        "<details class=\"runbook\"><summary><h3>{}</h3> <code>{id}</code></summary>\n\
         <div id=\"b-{id}\">",
        T(&runbook.title)
    )?;
    out.write_all(b"<p>")?;
    sentence(out, &runbook.about)?;
    out.write_all(b"</p>\n<p><b>Interruption:</b> ")?;
    sentence(out, &runbook.interruption)?;
    out.write_all(b"</p>\n")?;
    list(out, "Before you begin", &runbook.before)?;
    out.write_all(b"<h4>Steps</h4>\n<ol>\n")?;
    for step in &runbook.steps {
        steps(out, step)?;
    }
    out.write_all(b"</ol>\n")?;
    list(out, "Verify", &runbook.verify)?;
    list(out, "Roll back", &runbook.rollback)?;
    list(out, "Evidence to keep", &runbook.evidence)?;
    references(out, &runbook.references)?;
    out.write_all(b"</div></details>\n")
}

fn list(out: &mut dyn Write, title: &str, texts: &[Text]) -> io::Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h4>{title}</h4>\n<ul>")?;
    for text in texts {
        out.write_all(b"<li>")?;
        sentence(out, text)?;
        out.write_all(b"</li>\n")?;
    }
    out.write_all(b"</ul>\n")
}

fn steps(out: &mut dyn Write, step: &Step) -> io::Result<()> {
    out.write_all(b"<li")?;
    for (name, places) in [("known", step.known()), ("unknown", step.unknown())] {
        if !places.is_empty() {
            let words: Vec<String> = places.iter().map(|place| place.word()).collect();
            write!(out, " data-{name}=\"{}\"", words.join(" "))?;
        }
    }
    write!(out, "><b>{}.</b> ", T(&step.title))?;
    sentence(out, &step.act)?;
    only(out, step)?;
    if let Some(command) = &step.run {
        typed(out, command)?;
    }
    if let Some(check) = &step.check {
        out.write_all(b"<p><b>Done when:</b> ")?;
        sentence(out, check)?;
        out.write_all(b"</p>")?;
    }
    out.write_all(b"</li>\n")
}

/// For whom a step is, where it is not for all.
fn only(out: &mut dyn Write, step: &Step) -> io::Result<()> {
    let conditions: Vec<String> = [(step.known(), "known"), (step.unknown(), "not recorded")]
        .into_iter()
        .filter(|(places, _)| !places.is_empty())
        .map(|(places, how)| {
            let labels: Vec<&str> = places.iter().map(|place| place.label()).collect();
            format!("{how}: {}", labels.join(", "))
        })
        .collect();
    if conditions.is_empty() {
        return Ok(());
    }
    write!(
        out,
        "<small>Only where this is {}</small>",
        T(&conditions.join("; "))
    )
}

fn references(out: &mut dyn Write, references: &[String]) -> io::Result<()> {
    if references.is_empty() {
        return Ok(());
    }
    out.write_all(b"<h4>Read on</h4>\n<ul>\n")?;
    for reference in references {
        writeln!(
            out,
            "<li><a rel=\"noreferrer\" href=\"{0}\">{0}</a></li>",
            T(reference)
        )?;
    }
    out.write_all(b"</ul>\n")
}

/// A sentence, in which a place says what stands there.
fn sentence(out: &mut dyn Write, text: &Text) -> io::Result<()> {
    // Whether a sentence begins here.
    let mut first = true;
    for piece in &text.pieces {
        match piece {
            Piece::Words(text) => {
                words(out, text)?;
                first = text.ends_with(". ");
            }
            Piece::Place(place) => {
                let label = place.label();
                let label = match label.strip_prefix('t').filter(|_| first) {
                    Some(rest) => format!("T{rest}"),
                    None => label.to_owned(),
                };
                write!(
                    out,
                    "<var data-place=\"{}\">{}</var>",
                    place.word(),
                    T(&label.replace('`', ""))
                )?;
                first = false;
            }
        }
    }
    Ok(())
}

/// An author's words: what stands between backticks is code, what stands between stars is stressed.
fn words(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            write!(out, "<code>{}</code>", T(part))?;
            continue;
        }
        let stressed = part.matches('*').count() % 2 == 0;
        if !stressed {
            write!(out, "{}", T(part))?;
            continue;
        }
        for (index, part) in part.split('*').enumerate() {
            if index % 2 == 1 {
                write!(out, "<i>{}</i>", T(part))?;
            } else {
                write!(out, "{}", T(part))?;
            }
        }
    }
    Ok(())
}

/// What is typed. Until it is filled, a place of it stands between angle brackets, which no shell
/// takes for a word.
fn typed(out: &mut dyn Write, command: &Command) -> io::Result<()> {
    out.write_all(b"<pre>")?;
    for piece in &command.text.pieces {
        match piece {
            // Line by line, for a line's end is meant here.
            Piece::Words(text) => {
                for (index, line) in text.split('\n').enumerate() {
                    out.write_all(if index == 0 { b"" } else { b"\n" })?;
                    write!(out, "{}", T(line))?;
                }
            }
            Piece::Place(place) => blank(out, *place, command)?,
        }
    }
    out.write_all(b"</pre>")
}

fn blank(out: &mut dyn Write, place: Place, command: &Command) -> io::Result<()> {
    write!(
        out,
        "<var data-place=\"{}\" data-in=\"{}\">&lt;{}&gt;</var>",
        place.word(),
        command.language.fence(),
        T(&place.label().replace('`', ""))
    )
}
