//! The findings that count, grouped by severity and rule.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::iter;

use super::Page;
use super::paint::{Tone, fill, width};
use crate::model::{Finding, Frame, Location, When};
use crate::report::ShowSecrets;
use crate::report::visible::{Count, Visible, brought_in, number};
use crate::triage::{Acceptance, Acceptor, Group, Judged};

/// Further places that are listed one by one.
const PLACES: usize = 5;

impl Page<'_> {
    /// Every finding that counts.
    pub(super) fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut open = self.report.findings.open();
        let groups = self.report.findings.groups(usize::MAX);
        groups
            .iter()
            .try_for_each(|group| self.group(*group, &mut open, out))
    }

    /// The findings of one rule: head, findings, what to do.
    fn group<'f>(
        &self,
        group: Group<'_>,
        open: &mut impl Iterator<Item = Cow<'f, Judged>>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let rule = self.report.rule(group.rule);
        let severity = format!(" {} ", group.severity.word().to_uppercase());
        write!(
            out,
            "{}",
            self.paint.on(Tone::Severity(group.severity), &severity)
        )?;
        if let Some(rule) = rule {
            write!(out, " {}", self.paint.on(Tone::Strong, &rule.title))?;
        }
        let aside = format!("{}, {}", group.rule, Count(number(group.count), "finding"));
        writeln!(out, "  {}\n", self.paint.on(Tone::Dim, &aside))?;
        let mut runbooks = BTreeSet::new();
        for judged in open.take(group.count) {
            self.finding(&judged, out)?;
            writeln!(out)?;
            if let Some(id) = self.report.runbook(&judged.finding)
                && !runbooks.contains(id)
            {
                runbooks.insert(id.to_owned());
            }
        }
        let Some(rule) = rule else {
            return Ok(());
        };
        if !rule.remediation.trim().is_empty() {
            writeln!(out, "  {}", self.paint.on(Tone::Strong, "What to do"))?;
            write!(out, "{}", fill(rule.remediation.split_whitespace(), 4))?;
        }
        if !rule.controls.is_empty() {
            let controls: Vec<_> = rule
                .controls
                .iter()
                .map(|c| format!("{} {}", c.framework, c.control))
                .collect();
            let line = format!("Controls: {}", controls.join(", "));
            writeln!(out, "  {}", self.paint.on(Tone::Dim, &line))?;
        }
        if !runbooks.is_empty() {
            let runbooks: Vec<String> = runbooks.into_iter().collect();
            let line = format!("Runbook: {}", runbooks.join(", "));
            writeln!(out, "  {}", self.paint.on(Tone::Dim, &line))?;
        }
        writeln!(out)
    }

    fn finding(&self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        let finding = &judged.finding;
        writeln!(
            out,
            "  {}",
            self.paint.on(Tone::Strong, &place(&finding.location))
        )?;
        writeln!(out, "    {}", Visible(&finding.message))?;
        self.ended(judged, out)?;
        if let Some(frame) = &finding.frame {
            self.frame(frame, finding.location.region.start_line, out)?;
        }
        if let (ShowSecrets::Show, Some(secret)) = (self.secrets, &finding.secret) {
            let value = String::from_utf8_lossy(secret.expose());
            self.labelled("secret", &value, out)?;
        }
        if let Some(commit) = &finding.commit {
            self.labelled(
                "history",
                &format!("brought in {}", brought_in(commit)),
                out,
            )?;
        }
        self.reasons(finding, out)?;
        self.places(finding, out)
    }

    /// That something covered it once.
    pub(super) fn ended(&self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        let Some(acceptance) = judged.verdict.lapsed() else {
            return Ok(());
        };
        let line = self.lapsed(acceptance);
        writeln!(out, "    {}", self.paint.on(Tone::Alarm, &line))
    }

    fn lapsed(&self, acceptance: &Acceptance) -> String {
        let owner = acceptance.owner.as_deref().unwrap_or_default();
        let what = match &acceptance.by {
            Acceptor::Waiver(id) => format!("WAIVER ENDED: {id} of {owner} ended"),
            _ => format!("BASELINE ENDED: the line of {owner} ended"),
        };
        match acceptance.expires {
            When::Known(end) => {
                let days = self.report.as_of.days_since(end);
                format!(
                    "{what} on {}, {} ago; the finding counts again",
                    end.date(),
                    Count(days.unsigned_abs(), "day")
                )
            }
            When::Never => what,
        }
    }

    /// The line of the finding, the hint underlined.
    pub(super) fn frame(&self, frame: &Frame, line: u32, out: &mut dyn Write) -> io::Result<()> {
        let number = line.to_string();
        let blank = " ".repeat(number.len());
        let bar = self.paint.on(Tone::Dim, "|");
        let before: String = frame.text.chars().take(frame.start).collect();
        let hint: String = frame
            .text
            .chars()
            .skip(frame.start)
            .take(frame.length)
            .collect();
        let mark = "^".repeat(width(&hint).max(1));
        writeln!(out, "    {blank} {bar}")?;
        writeln!(
            out,
            "    {} {bar} {}",
            self.paint.on(Tone::Dim, &number),
            Visible(&frame.text)
        )?;
        writeln!(
            out,
            "    {blank} {bar} {}{}",
            " ".repeat(width(&before)),
            self.paint.on(Tone::Alarm, &mark)
        )
    }

    /// Causes, facts, and how well all this is proven.
    fn reasons(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        for cause in &finding.causes {
            let text = match &cause.location {
                Some(location) => format!("{} ({})", cause.text, place(location)),
                None => cause.text.clone(),
            };
            self.labelled("because", &text, out)?;
        }
        if !finding.evidence.is_empty() {
            let facts: Vec<_> = finding
                .evidence
                .iter()
                .map(|fact| {
                    let value = if fact.value.is_empty() {
                        "(not known)"
                    } else {
                        &fact.value
                    };
                    format!("{}: {value}", fact.field)
                })
                .collect();
            self.labelled("evidence", &facts.join(", "), out)?;
        }
        let proof = match finding.grade {
            Some(grade) => format!("{grade} evidence, {} confidence", finding.confidence),
            None => format!("{} confidence", finding.confidence),
        };
        self.labelled("proof", &proof, out)
    }

    /// Where else it stands.
    pub(super) fn places(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let labels = iter::once("also at").chain(iter::repeat(""));
        for (location, label) in finding.places.iter().take(PLACES).zip(labels) {
            self.labelled(label, &place(location), out)?;
        }
        let more = finding.places.len().saturating_sub(PLACES);
        if more > 0 {
            self.labelled(
                "",
                &format!("and {}", Count(number(more), "more place")),
                out,
            )?;
        }
        Ok(())
    }

    /// A word and what it says.
    pub(super) fn labelled(&self, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let label = format!("{label:<9}");
        writeln!(
            out,
            "    {} {}",
            self.paint.on(Tone::Dim, &label),
            Visible(text)
        )
    }
}

/// A place that terminals and editors recognise.
pub(super) fn place(location: &Location) -> String {
    let region = location.region;
    format!(
        "{}:{}:{}",
        location.path, region.start_line, region.start_column
    )
}
