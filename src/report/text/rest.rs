//! What stands beside the findings that count: accepted ones, inputs that could not be checked,
//! rules that were not evaluated, notes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Page;
use super::finding::place;
use super::paint::{Tone, fill};
use crate::report::Reach;
use crate::report::visible::{Count, Visible, number};
use crate::triage::Verdict;

impl Page<'_> {
    /// Accepted findings, one line each.
    pub(super) fn waived(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = self
            .report
            .findings
            .iter()
            .filter(|judged| !judged.counts())
            .count();
        if count == 0 {
            return Ok(());
        }
        self.heading(
            Tone::Strong,
            &format!("Waived: {}", Count(number(count), "finding")),
            out,
        )?;
        for judged in &self.report.findings {
            let Verdict::Waived {
                waiver,
                owner,
                reason,
                expires,
            } = &*judged.verdict
            else {
                continue;
            };
            let finding = &judged.finding;
            writeln!(
                out,
                "  {} {}  {}",
                self.paint
                    .on(Tone::Severity(finding.severity), finding.severity.word()),
                finding.rule,
                Visible(&place(&finding.location)),
            )?;
            writeln!(out, "    {}", Visible(&finding.message))?;
            let left = expires.days_since(self.report.as_of);
            let line = format!(
                "{waiver} of {owner}, until {} ({} left): {reason}",
                expires.date(),
                Count(u64::try_from(left).unwrap_or(0), "day"),
            );
            writeln!(out, "    {}", self.paint.on(Tone::Dim, &line))?;
        }
        writeln!(out)
    }

    /// Inputs that could not be checked.
    pub(super) fn problems(&self, out: &mut dyn Write) -> io::Result<()> {
        let problems = &self.report.problems;
        if problems.is_empty() {
            return Ok(());
        }
        let count = Count(number(problems.len()), "input");
        self.heading(Tone::Alarm, &format!("Could not be checked: {count}"), out)?;
        for problem in problems {
            write!(out, "  ")?;
            if let Some(path) = &problem.path {
                let at = problem
                    .line
                    .map_or_else(|| path.as_str().to_owned(), |line| format!("{path}:{line}"));
                write!(out, "{}: ", self.paint.on(Tone::Strong, &at))?;
            }
            writeln!(
                out,
                "{} ({})",
                Visible(&problem.message),
                problem.kind.word()
            )?;
        }
        writeln!(out)
    }

    /// Rules that were not evaluated, or only in part, by reason: dozens of rules share the
    /// reason that an export was not given.
    pub(super) fn not_evaluated(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut reasons: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        let mut rules = 0;
        for outcome in &self.report.outcomes {
            let rule = outcome.rule.as_str();
            if outcome.reach() == Reach::Full {
                continue;
            }
            rules += 1;
            for (reason, subjects) in outcome.reasons() {
                reasons.entry(reason).or_default().push((rule, subjects));
            }
        }
        if rules == 0 {
            return Ok(());
        }
        let title = format!("Not evaluated, wholly or in part: {}", Count(rules, "rule"));
        self.heading(Tone::Strong, &title, out)?;
        for (reason, rules) in reasons {
            writeln!(out, "  {}", Visible(reason))?;
            let words: Vec<String> = rules
                .iter()
                .map(|(rule, subjects)| match subjects {
                    0 => (*rule).to_owned(),
                    n => format!("{rule} ({})", Count(*n, "subject")),
                })
                .collect();
            let last = words.len().saturating_sub(1);
            let listed: Vec<String> = words
                .into_iter()
                .enumerate()
                .map(|(i, word)| if i == last { word } else { word + "," })
                .collect();
            write!(out, "{}", fill(listed.iter().map(String::as_str), 4))?;
        }
        writeln!(out)
    }

    /// Things worth knowing.
    pub(super) fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.notes.is_empty() {
            return Ok(());
        }
        self.heading(Tone::Strong, "Notes", out)?;
        for note in &self.report.notes {
            writeln!(out, "  {}", Visible(note))?;
        }
        writeln!(out)
    }

    fn heading(&self, tone: Tone, text: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.paint.on(tone, text))
    }
}
