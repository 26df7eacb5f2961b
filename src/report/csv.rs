//! One table for spreadsheets (RFC 4180): a row for every finding, also those that are accepted,
//! then one for every input that could not be checked and every reason why a rule was not
//! evaluated. A table without findings must not be taken for one where everything was checked.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use super::cells::csv_row;
use super::visible::{Visible, is_plain};
use super::{Report, Style};
use crate::model::{Evidence, Problem, When};
use crate::triage::{Acceptance, Acceptor, Judged, Verdict};

const HEADER: [&str; 25] = [
    "type",
    "severity",
    "rule",
    "title",
    "message",
    "platform",
    "kind",
    "subject_id",
    "subject",
    "path",
    "line",
    "column",
    "more_places",
    "state",
    "accepted_by",
    "owner",
    "reason",
    "expires",
    "confidence",
    "grade",
    "evidence",
    "controls",
    "commit",
    "authored",
    "fingerprint",
];

type Cells<'a> = [Cow<'a, str>; HEADER.len()];

/// Writes the table.
///
/// # Errors
/// What the writer says.
pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    csv_row(&mut out, HEADER.into_iter())?;
    for judged in &report.findings {
        row(&finding(report, &judged), &mut out)?;
    }
    for problem in &report.problems {
        row(&trouble(problem), &mut out)?;
    }
    for outcome in &report.outcomes {
        let title = report.rule(&outcome.rule).map(|meta| &*meta.title);
        for (reason, subjects) in outcome.reasons() {
            let mut cells = blank("not evaluated");
            cells[2] = outcome.rule.as_str().into();
            cells[3] = title.unwrap_or_default().into();
            cells[4] = match subjects {
                0 => reason.into(),
                n => format!("{reason} (subjects: {n})").into(),
            };
            row(&cells, &mut out)?;
        }
    }
    out.flush()
}

/// Writes a row without a character that could deceive whoever looks at it in a terminal.
fn row(cells: &Cells<'_>, out: &mut dyn Write) -> io::Result<()> {
    let shown = cells.each_ref().map(|cell| {
        if is_plain(cell) {
            Cow::Borrowed(&**cell)
        } else {
            Cow::Owned(Visible(cell).to_string())
        }
    });
    csv_row(out, shown.iter().map(|cell| &**cell))
}

fn blank(what: &'static str) -> Cells<'static> {
    let mut cells = [const { Cow::Borrowed("") }; HEADER.len()];
    cells[0] = what.into();
    cells
}

fn finding<'a>(report: &'a Report, judged: &'a Judged) -> Cells<'a> {
    let finding = &*judged.finding;
    let meta = report.rule(&finding.rule);
    let (state, acceptance) = match &*judged.verdict {
        Verdict::Open => ("open", None),
        Verdict::Accepted(by) if by.is_waiver() => ("waived", Some(by)),
        Verdict::Accepted(by) => ("known", Some(by)),
        Verdict::Lapsed(by) => ("acceptance ended", Some(by)),
    };
    let controls = meta.map_or_else(String::new, |meta| {
        let words = meta.controls.iter();
        let words: Vec<_> = words
            .map(|c| format!("{} {}", c.framework, c.control))
            .collect();
        words.join("; ")
    });
    let more = match finding.places.len() {
        0 => Cow::Borrowed(""),
        n => n.to_string().into(),
    };
    let region = finding.location.region;
    let commit = finding.commit.as_deref();
    [
        "finding".into(),
        finding.severity.word().into(),
        finding.rule.as_str().into(),
        meta.map_or("", |meta| &meta.title).into(),
        (&finding.message).into(),
        (&*finding.subject.platform).into(),
        (&*finding.subject.kind).into(),
        (&finding.subject.id).into(),
        (&finding.subject.name).into(),
        finding.location.path.as_str().into(),
        region.start_line.to_string().into(),
        region.start_column.to_string().into(),
        more,
        state.into(),
        acceptance.map_or(Cow::Borrowed(""), acceptor),
        acceptance
            .and_then(|by| by.owner.as_deref())
            .unwrap_or_default()
            .into(),
        acceptance.map_or("", |by| &by.reason).into(),
        acceptance.map_or_else(String::new, end).into(),
        finding.confidence.word().into(),
        finding.grade.map_or("", crate::model::Grade::word).into(),
        evidence(&finding.evidence).into(),
        controls.into(),
        commit.map_or_else(String::new, |c| c.id.to_string()).into(),
        commit
            .map_or_else(String::new, |c| c.authored.text())
            .into(),
        finding.fingerprint.to_string().into(),
    ]
}

fn acceptor(acceptance: &Acceptance) -> Cow<'_, str> {
    match &acceptance.by {
        Acceptor::Waiver(id) => id.into(),
        Acceptor::Baseline => "baseline".into(),
        Acceptor::Commit(id) => format!("commit {id}").into(),
    }
}

fn end(acceptance: &Acceptance) -> String {
    match acceptance.expires {
        When::Known(at) => at.text(),
        When::Never => String::new(),
    }
}

fn evidence(facts: &[Evidence]) -> String {
    let facts = facts.iter();
    let facts: Vec<_> = facts
        .map(|fact| format!("{}={}", fact.field, fact.value))
        .collect();
    facts.join("; ")
}

fn trouble(problem: &Problem) -> Cells<'_> {
    let mut cells = blank("could not be checked");
    cells[2] = problem.kind.word().into();
    cells[4] = (&problem.message).into();
    cells[9] = problem
        .path
        .as_ref()
        .map_or("", |path| path.as_str())
        .into();
    cells[10] = problem
        .line
        .map_or_else(String::new, |line| line.to_string())
        .into();
    cells
}
