//! What stands beside the findings that count: accepted ones, inputs that could not be checked,
//! rules that were not evaluated, notes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Page;
use super::finding::place;
use super::paint::{Tone, fill};
use crate::model::When;
use crate::report::visible::{Count, Visible, number};
use crate::report::{KnownDetail, Reach};
use crate::triage::{Acceptance, Acceptor, Judged};

/// More rules than this for one reason are counted.
const LISTED: usize = 40;

impl Page<'_> {
    /// Waived findings, each with its waiver.
    pub(super) fn waived(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = self.report.findings.all().waived;
        if count == 0 {
            return Ok(());
        }
        let title = format!("Waived: {}", Count(count, "finding"));
        self.heading(Tone::Strong, &title, out)?;
        self.each_accepted(Acceptance::is_waiver, out)?;
        writeln!(out)
    }

    /// Findings known from before: how many, and each one only when asked, for a baseline is long.
    pub(super) fn known(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = self.report.findings.all().known;
        if count == 0 {
            return Ok(());
        }
        let mut title = format!("Known from before: {}", Count(count, "finding"));
        if self.known == KnownDetail::Count {
            title.push_str(" (-v lists them)");
        }
        self.heading(Tone::Strong, &title, out)?;
        if self.known == KnownDetail::List {
            self.each_accepted(|by| !by.is_waiver(), out)?;
        }
        writeln!(out)
    }

    fn each_accepted(
        &self,
        wanted: impl Fn(&Acceptance) -> bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for judged in self.report.findings.accepted() {
            if let Some(by) = judged.verdict.accepted().filter(|by| wanted(by)) {
                self.accepted(&judged, by, out)?;
            }
        }
        Ok(())
    }

    fn accepted(&self, judged: &Judged, by: &Acceptance, out: &mut dyn Write) -> io::Result<()> {
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
        let what = match &by.by {
            Acceptor::Waiver(id) => id.clone(),
            Acceptor::Baseline => "baseline".to_owned(),
            Acceptor::Commit(id) => format!("commit {}", id.get(..12).unwrap_or(id)),
        };
        let owner = by.owner.as_ref().map(|owner| format!(" of {owner}"));
        let end = match (by.expires, &by.by) {
            (When::Known(end), _) => {
                let left = u64::try_from(end.days_since(self.report.as_of)).unwrap_or(0);
                format!(", until {} ({} left)", end.date(), Count(left, "day"))
            }
            (When::Never, Acceptor::Commit(_)) => String::new(),
            (When::Never, _) => ", without an end".to_owned(),
        };
        let line = format!("{what}{}{end}: {}", owner.unwrap_or_default(), by.reason);
        writeln!(out, "    {}", self.paint.on(Tone::Dim, &line))
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
            // Without any export every rule over records stands here: their number says as much.
            if words.len() > LISTED && rules.iter().all(|(_, subjects)| *subjects == 0) {
                let text = format!(
                    "{}; `credlint rules list` names them",
                    Count(words.len() as u64, "rule")
                );
                writeln!(out, "    {text}")?;
                continue;
            }
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
