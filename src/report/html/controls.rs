//! The matrix of controls: what the rules that speak to a control of a framework came to, in words
//! and shapes.

use std::collections::HashSet;
use std::io::{self, Write};

use super::text::T;
use super::{MOST, Page, open};
use crate::report::controls::{Chapter, Line, Spoken, Standing, matrix};
use crate::report::visible::{Count, Grouped, number};
use crate::report::{Reach, Report};
use crate::rule::{ControlRef, RuleKind};

/// What a control may come to, in the order of the page, if a rule speaks to it.
const STANDINGS: [Standing; 5] = [
    Standing::Fail,
    Standing::Partly,
    Standing::NotEvaluated,
    Standing::Accepted,
    Standing::Pass,
];

const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Fail => "Fail",
        Standing::Partly => "Pass in part",
        Standing::NotEvaluated => "Not evaluated",
        Standing::Accepted => "Pass, with accepted findings",
        Standing::Pass => "Pass",
        Standing::NoRule => "No rule",
    }
}

/// The word over a column of figures.
const fn short(standing: Standing) -> &'static str {
    match standing {
        Standing::Accepted => "With accepted",
        other => word(other),
    }
}

const fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Fail => "act",
        Standing::Partly | Standing::Accepted => "watch",
        Standing::NotEvaluated | Standing::NoRule => "off",
        Standing::Pass => "fine",
    }
}

/// The controls of every framework that a rule of this run speaks to.
pub(super) struct Matrix<'r> {
    chapters: Vec<Chapter<'r>>,
    /// The rules of which the page tells findings.
    told: HashSet<&'r str>,
}

/// Where a control stands on the page.
pub(super) fn anchor(framework: &str, control: &str) -> String {
    T(&format!("c-{framework}-{control}")).to_string()
}

impl<'r> Matrix<'r> {
    pub(super) fn new(report: &'r Report) -> Self {
        let groups = report.findings.groups(MOST);
        let mut chapters = matrix(report);
        for chapter in &mut chapters {
            chapter
                .lines
                .retain(|line| line.standing != Standing::NoRule);
        }
        Self {
            chapters,
            told: groups.iter().map(|group| group.rule.as_str()).collect(),
        }
    }

    /// Whether the page tells of a control.
    pub(super) fn has(&self, reference: &ControlRef) -> bool {
        let mut chapters = self.chapters.iter();
        chapters
            .find(|chapter| chapter.framework.id == reference.framework)
            .is_some_and(|chapter| {
                let mut lines = chapter.lines.iter();
                lines.any(|line| line.control.id == reference.control)
            })
    }

    /// How many controls of each framework came to what.
    pub(super) fn overview(&self, out: &mut dyn Write) -> io::Result<()> {
        let chapters = || self.chapters.iter().filter(|c| !c.lines.is_empty());
        if chapters().next().is_none() {
            return Ok(());
        }
        out.write_all(
            b"<div class=\"scroll\" role=\"region\" aria-label=\"Controls by framework\" \
              tabindex=\"0\">\n<table class=\"counts\"><caption>Controls by framework and result</caption>\n\
              <thead><tr><th scope=\"col\">Framework</th>",
        )?;
        for standing in STANDINGS {
            let word = short(standing);
            write!(out, "<th scope=\"col\" class=\"num\">{word}</th>")?;
        }
        out.write_all(b"</tr></thead>\n<tbody>\n")?;
        for chapter in chapters() {
            write!(
                out,
                "<tr><th scope=\"row\"><a href=\"#m-{0}\">{0}</a></th>",
                T(&chapter.framework.id)
            )?;
            for standing in STANDINGS {
                let count = count(chapter, standing);
                let class = match (count, standing) {
                    (0, _) => "zero",
                    (_, Standing::Fail) => "critical",
                    _ => "",
                };
                write!(out, "<td class=\"num {class}\">{count}</td>")?;
            }
            out.write_all(b"</tr>\n")?;
        }
        out.write_all(b"</tbody></table>\n</div>\n")
    }
}

fn count(chapter: &Chapter<'_>, standing: Standing) -> usize {
    let same = |line: &&Line<'_>| line.standing == standing;
    chapter.lines.iter().filter(same).count()
}

impl Page<'_> {
    pub(super) fn controls(&self, out: &mut dyn Write) -> io::Result<()> {
        open(out, "controls", "Controls", "")?;
        out.write_all(
            b"<p class=\"lead\">Rules give evidence for controls; they do not prove that a control \
              as a whole is met. <b>Fail</b>: a rule that speaks to it has a finding that counts. \
              <b>Pass</b>: every such rule was evaluated in full, and nothing was found. <b>Pass in \
              part</b>: nothing was found, but not every rule could be evaluated.</p>\n",
        )?;
        for chapter in &self.matrix.chapters {
            self.chapter(out, chapter)?;
        }
        out.write_all(b"</section>\n")
    }

    fn chapter(&self, out: &mut dyn Write, chapter: &Chapter<'_>) -> io::Result<()> {
        let Chapter { framework, lines } = chapter;
        if lines.is_empty() {
            return Ok(());
        }
        let parts: Vec<String> = STANDINGS
            .iter()
            .filter_map(|standing| {
                let count = count(chapter, *standing);
                (count > 0).then(|| format!("{count} {}", word(*standing).to_lowercase()))
            })
            .collect();
        writeln!(
            out,
            "<h3 id=\"m-{}\">{} <span class=\"n\">{}; {}</span></h3>",
            T(&framework.id),
            T(&framework.title),
            T(&framework.version),
            parts.join(", ")
        )?;
        writeln!(
            out,
            "<table class=\"matrix\"><caption>{}</caption>\n<thead><tr>\
             <th scope=\"col\">Control</th><th scope=\"col\">Result</th>\
             <th scope=\"col\">Evidence</th></tr></thead>\n<tbody>",
            T(&framework.title)
        )?;
        for line in lines {
            write!(
                out,
                "<tr id=\"{}\"><th scope=\"row\"><b>{}</b> {}</th><td class=\"l {}\">{}</td><td>",
                anchor(&framework.id, &line.control.id),
                T(&line.control.id),
                T(&line.control.title),
                class(line.standing),
                word(line.standing)
            )?;
            self.evidence(out, &line.rules)?;
            out.write_all(b"</td></tr>\n")?;
        }
        out.write_all(b"</tbody></table>\n")?;
        let silent = framework.controls.len().saturating_sub(lines.len());
        if silent > 0 {
            let count = Count(number(silent), "further control");
            writeln!(
                out,
                "<p class=\"dim\">No rule of this scan speaks to {count} of the catalogue.</p>"
            )?;
        }
        Ok(())
    }

    /// What the rules of a control came to: those that fail by name, the others by number with their
    /// names behind it.
    fn evidence(&self, out: &mut dyn Write, rules: &[Spoken<'_>]) -> io::Result<()> {
        let failing: Vec<&Spoken<'_>> = rules.iter().filter(|rule| rule.open > 0).collect();
        if !failing.is_empty() {
            out.write_all(b"<p>")?;
            for (index, rule) in failing.iter().enumerate() {
                let between = if index == 0 { "" } else { ", " };
                write!(
                    out,
                    "{between}<a href=\"#{2}-{0}\">{0}</a> {1}",
                    T(rule.meta.id.as_str()),
                    Count(rule.open, "finding"),
                    if self.matrix.told.contains(rule.meta.id.as_str()) {
                        "r"
                    } else {
                        "o"
                    }
                )?;
            }
            out.write_all(b"</p>")?;
        }
        let rest = |reaches: &[Reach]| -> Vec<&Spoken<'_>> {
            let rules = rules.iter().filter(|rule| rule.open == 0);
            rules
                .filter(|rule| reaches.contains(&rule.reach()))
                .collect()
        };
        listed(out, &rest(&[Reach::Full]), "without a finding that counts")?;
        listed(
            out,
            &rest(&[Reach::Partial]),
            "evaluated in part, without a finding that counts",
        )?;
        listed(out, &rest(&[Reach::None]), "not evaluated")
    }
}

/// Rules by number, their names behind it. Those for secrets in source are hundreds with one and
/// the same basis, so they are not named one by one.
fn listed(out: &mut dyn Write, rules: &[&Spoken<'_>], what: &str) -> io::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let (secret, record): (Vec<&Spoken<'_>>, Vec<&Spoken<'_>>) = rules
        .iter()
        .partition(|rule| rule.meta.kind == RuleKind::Secret);
    let count = Count(number(rules.len()), "rule");
    let judged: u64 = record.iter().map(|rule| rule.passes()).sum();
    write!(out, "<details><summary>{count} {what}")?;
    if judged > 0 {
        write!(out, ", {} passed", Count(judged, "subject"))?;
    }
    out.write_all(b"</summary><p>")?;
    for (index, rule) in record.iter().enumerate() {
        let between = if index == 0 { "" } else { ", " };
        let id = T(rule.meta.id.as_str());
        write!(out, "{between}<a href=\"#o-{id}\">{id}</a>")?;
        if rule.passes() > 0 {
            write!(out, " {}", Grouped(rule.passes()))?;
        }
        if rule.accepted > 0 {
            write!(out, " ({} accepted)", Grouped(rule.accepted))?;
        }
    }
    if !secret.is_empty() {
        let between = if record.is_empty() { "" } else { ", " };
        write!(
            out,
            "{between}{} for secrets in source",
            Count(number(secret.len()), "rule")
        )?;
    }
    out.write_all(b"</p></details>")
}
