//! The last lines: what was found, what was looked at, and the verdict.

use std::io::{self, Write};

use super::Page;
use super::paint::Tone;
use crate::report::figures::{self, Mood};
use crate::report::visible::Visible;

impl Page<'_> {
    /// Figures and verdict.
    pub(super) fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        self.line("Findings", &figures::findings(report), out)?;
        self.line("Checked", &figures::checked(report), out)?;
        if !report.coverage.left_out.is_empty() {
            self.line("Left out", &figures::left_out(report), out)?;
        }
        self.line("Rules", &figures::rules(report), out)?;
        self.line("Policy", &figures::policy(report), out)?;
        self.line("As of", &report.as_of.date(), out)?;
        for (label, text) in figures::trend(report) {
            self.line(label, &text, out)?;
        }
        writeln!(out)?;
        for line in figures::verdict(report) {
            let tone = match line.mood {
                Mood::Alarm => Tone::Alarm,
                Mood::Good => Tone::Good,
            };
            writeln!(out, "{}", self.paint.on(tone, &line.text))?;
        }
        Ok(())
    }

    fn line(&self, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let label = format!("{label:<8}");
        writeln!(
            out,
            "{}  {}",
            self.paint.on(Tone::Dim, &label),
            Visible(text)
        )
    }
}
