//! What a reader needs who reads no further: the verdict, what it stands on, and how bad it is
//! where.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::{T, capital};
use super::{Page, open};
use crate::model::{ScanPath, Severity};
use crate::report::figures::{self, Mood};
use crate::report::visible::{Count, Grouped, number};
use crate::report::{Report, TOOL, VERSION};

/// The severities as columns, the worst first.
pub(super) fn severities() -> impl Iterator<Item = Severity> {
    Severity::ALL.iter().rev().copied()
}

/// Findings of one platform.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    /// Those that count, by severity from the lowest.
    open: [u64; Severity::ALL.len()],
    /// Those that are accepted.
    accepted: u64,
}

fn tallies(report: &Report) -> BTreeMap<&str, Tally> {
    let mut by_platform: BTreeMap<&str, Tally> = BTreeMap::new();
    for (kind, sum) in report.findings.sums() {
        let tally = by_platform.entry(&*kind.platform).or_default();
        tally.accepted += sum.accepted();
        if let Some(count) = tally.open.get_mut(kind.severity as usize) {
            *count += sum.open;
        }
    }
    by_platform
}

/// How the platform of a finding is called: some findings are about the exports themselves.
pub(super) fn platform(word: &str) -> &str {
    match word {
        "" => "exports and register",
        "source" => "source trees",
        other => other,
    }
}

impl Page<'_> {
    pub(super) fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        open(out, "summary", "Summary", "")?;
        out.write_all(b"<ul class=\"verdict\">\n")?;
        for line in figures::verdict(self.report) {
            let class = match line.mood {
                Mood::Alarm => "alarm",
                Mood::Good => "good",
            };
            writeln!(out, "<li class=\"{class}\">{}</li>", T(&line.text))?;
        }
        out.write_all(b"</ul>\n")?;
        self.problems(out)?;
        out.write_all(b"<div class=\"pair\">\n")?;
        self.severities(out)?;
        self.matrix.overview(out)?;
        out.write_all(b"</div>\n")?;
        self.facts(out)?;
        self.notes(out)?;
        out.write_all(b"</section>\n")
    }

    /// Inputs that could not be checked, before any figure that lacks them.
    fn problems(&self, out: &mut dyn Write) -> io::Result<()> {
        let problems = &self.report.problems;
        if problems.is_empty() {
            return Ok(());
        }
        let count = Count(number(problems.len()), "input");
        writeln!(
            out,
            "<h3>Could not be checked: {count}</h3>\n<p>What these hold is in no figure below.</p>\
             \n<ul class=\"problems\">"
        )?;
        for problem in problems {
            out.write_all(b"<li>")?;
            if let Some(path) = &problem.path {
                write!(out, "<code>{}", T(ScanPath::as_str(path)))?;
                if let Some(line) = problem.line {
                    write!(out, ":{line}")?;
                }
                out.write_all(b"</code> ")?;
            }
            let (message, kind) = (T(&problem.message), problem.kind.word());
            writeln!(out, "{message} <span class=\"dim\">({kind})</span></li>")?;
        }
        out.write_all(b"</ul>\n")
    }

    fn severities(&self, out: &mut dyn Write) -> io::Result<()> {
        let tallies = tallies(self.report);
        if tallies.is_empty() {
            return Ok(());
        }
        out.write_all(
            b"<div class=\"scroll\" role=\"region\" aria-label=\"Findings by platform\" \
              tabindex=\"0\">\n<table class=\"counts\"><caption>Findings by platform and severity</caption>\n\
              <thead><tr><th scope=\"col\">Platform</th>",
        )?;
        for severity in severities() {
            let word = capital(severity.word());
            write!(out, "<th scope=\"col\" class=\"num\">{word}</th>")?;
        }
        out.write_all(
            b"<th scope=\"col\" class=\"num\">Total</th>\
              <th scope=\"col\" class=\"num\">Accepted</th></tr></thead>\n<tbody>\n",
        )?;
        let mut whole = Tally::default();
        for (word, tally) in &tallies {
            counts(out, &T(platform(word)).to_string(), tally)?;
            whole.accepted += tally.accepted;
            for (sum, count) in whole.open.iter_mut().zip(tally.open) {
                *sum += count;
            }
        }
        out.write_all(b"</tbody>\n<tfoot>\n")?;
        counts(out, "All", &whole)?;
        out.write_all(b"</tfoot></table>\n</div>\n")
    }

    fn facts(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let policy = &report.policy;
        let file = policy
            .file
            .as_deref()
            .unwrap_or("built-in rules as they are");
        out.write_all(b"<dl class=\"facts\">\n")?;
        let mut fact = |label: &str, value: &str| {
            writeln!(out, "<div><dt>{label}</dt><dd>{}</dd></div>", T(value))
        };
        fact("Audit date", &report.as_of.date())?;
        fact("Checked", &figures::checked(report))?;
        if !report.coverage.left_out.is_empty() {
            fact("Left out", &figures::left_out(report))?;
        }
        fact("Rules", &figures::rules(report))?;
        if let Some(text) = self.rotation.in_words() {
            fact("Credentials", &text)?;
        }
        let level = report.fail_on;
        fact(
            "Fails on",
            &format!("findings of severity {level} and above"),
        )?;
        fact("Policy", &format!("{file}; SHA-256 {}", policy.sha256))?;
        fact("Tool", &format!("{TOOL} {VERSION}"))?;
        out.write_all(b"</dl>\n")
    }

    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.notes.is_empty() {
            return Ok(());
        }
        out.write_all(b"<h3>Notes</h3>\n<ul>\n")?;
        for note in &self.report.notes {
            writeln!(out, "<li>{}</li>", T(note))?;
        }
        out.write_all(b"</ul>\n")
    }
}

/// One line of counts; its title is written as it is.
fn counts(out: &mut dyn Write, title: &str, tally: &Tally) -> io::Result<()> {
    write!(out, "<tr><th scope=\"row\">{title}</th>")?;
    for severity in severities() {
        let count = tally.open.get(severity as usize).copied().unwrap_or(0);
        let class = if count > 0 { severity.word() } else { "zero" };
        write!(out, "<td class=\"num {class}\">{}</td>", Grouped(count))?;
    }
    let sum = tally.open.iter().sum();
    writeln!(
        out,
        "<td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
        Grouped(sum),
        Grouped(tally.accepted)
    )
}
