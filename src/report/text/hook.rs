//! The report for somebody whose commit or push was stopped: each secret with its place, its rule
//! and its line, then what to do, ready to be pasted. One line when nothing was found.

use std::io::{self, BufWriter, Write};

use super::Page;
use super::finding::place;
use super::paint::{Paint, Tone, fill};
use crate::model::Period;
use crate::report::visible::{Count, Grouped, Visible, number};
use crate::report::{Report, ShowSecrets, Style};
use crate::triage::Judged;

/// Findings for which a waiver is written out.
const WAIVERS: usize = 5;

/// How long the waiver lives that is offered; whoever pastes it decides.
const OFFERED: Period = Period::from_days(30);

/// What to do, before the waivers that belong to the last of them.
const WAYS: [&str; 3] = [
    "Take it out: keep the value in a vault or in the environment, and read it from there. If \
     anybody else could have seen it, rotate it; `credlint explain RULE` tells how.",
    "Allow it in a comment on its line, if it is made up: `credlint:allow RULE reason owner until \
     YYYY-MM-DD`. A whole file of made-up secrets: `paths: exclude:` in credlint.yaml.",
    "Waive it, if somebody answers for it: put this into credlint.yaml, with the owner and the \
     reason.",
];

/// Writes the report. Nothing at all when there was nothing to look at.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = Page {
        report,
        paint: Paint(style.color),
        secrets: style.show_secrets,
        known: style.known,
    };
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let failing = report.failing_count();
    for judged in report.failing() {
        page.stopped(&judged, &mut out)?;
    }
    page.problems(&mut out)?;
    page.word(failing, &mut out)?;
    if failing > 0 {
        page.ways_out(&mut out)?;
    }
    out.flush()
}

impl Page<'_> {
    /// A finding: where, which rule, why.
    fn stopped(&self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        let finding = &judged.finding;
        writeln!(
            out,
            "{}: {} {}",
            self.paint.on(Tone::Strong, &place(&finding.location)),
            self.paint
                .on(Tone::Severity(finding.severity), finding.severity.word()),
            finding.rule,
        )?;
        writeln!(out, "    {}", Visible(&finding.message))?;
        self.ended(judged, out)?;
        if let Some(frame) = &finding.frame {
            self.frame(frame, finding.location.region.start_line, out)?;
        }
        if let (ShowSecrets::Show, Some(secret)) = (self.secrets, &finding.secret) {
            self.labelled("secret", &String::from_utf8_lossy(secret.expose()), out)?;
        }
        for fact in &finding.evidence {
            self.labelled(&fact.field, &fact.value, out)?;
        }
        self.places(finding, out)?;
        writeln!(out)
    }

    /// What the run came to.
    fn word(&self, failing: u64, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let files = Count(report.coverage.files, "file");
        if failing > 0 {
            let secrets = Count(failing, "secret");
            let line = format!(
                "credlint: stopped, {secrets} found, {files} searched{}",
                self.beside()
            );
            writeln!(out, "{}", self.paint.on(Tone::Alarm, &line))?;
        }
        if !report.complete() {
            let inputs = Count(number(report.problems.len()), "input");
            let line = format!("credlint: incomplete, {inputs} could not be checked");
            writeln!(out, "{}", self.paint.on(Tone::Alarm, &line))?;
        } else if failing == 0 && report.coverage.files > 0 {
            let line = format!("credlint: no secret in {files}{}", self.beside());
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// What was accepted or left out, in brackets.
    fn beside(&self) -> String {
        let waived = self.report.findings.all().accepted();
        let mut parts: Vec<String> = Vec::new();
        if waived > 0 {
            parts.push(format!("{} waived", Grouped(waived)));
        }
        let left_out = self.report.coverage.left_out.iter();
        parts.extend(left_out.map(|(why, files)| format!("left out: {why} {}", Grouped(*files))));
        if parts.is_empty() {
            return String::new();
        }
        format!(" ({})", parts.join(", "))
    }

    /// Take it out, waive it, or say that a file holds only made-up ones.
    fn ways_out(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{}", self.paint.on(Tone::Strong, "Three ways out"))?;
        for (number, way) in (1..).zip(WAYS) {
            let text = fill(way.split_whitespace(), 5);
            write!(out, "  {number}. {}", text.trim_start())?;
        }
        writeln!(out)?;
        self.waivers(out)
    }

    /// Waivers as the policy file takes them, from the first column on, so that they can be pasted.
    fn waivers(&self, out: &mut dyn Write) -> io::Result<()> {
        let created = self.report.as_of;
        writeln!(out, "waivers:")?;
        for judged in self.report.failing().take(WAIVERS) {
            let fingerprint = judged.finding.fingerprint.to_string();
            let short = fingerprint.get(..8).unwrap_or(&fingerprint);
            writeln!(out, "- id: hook-{short}")?;
            writeln!(out, "  rule: {}", judged.finding.rule)?;
            writeln!(out, "  match: {{fingerprint: \"{fingerprint}\"}}")?;
            writeln!(out, "  owner: you@example.com")?;
            writeln!(out, "  reason: Why this may stay")?;
            writeln!(out, "  created: {}", created.date())?;
            writeln!(out, "  expires: {}", (created + OFFERED).date())?;
        }
        let more = self.report.failing_count().saturating_sub(number(WAIVERS));
        if more > 0 {
            let text = "more; `--format json` has the fingerprints of all";
            writeln!(out, "# and {} {text}", Grouped(more))?;
        }
        Ok(())
    }
}
