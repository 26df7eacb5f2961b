//! The findings that count, by rule, each with its evidence and all under what to do about them.

use std::borrow::Cow;
use std::io::{self, Write};

use super::runbooks::link;
use super::summary::platform;
use super::text::{At, Prose, T, capital, is_web, paragraphs};
use super::{MOST, PIECE, Page, SHOWN, controls, cut, needs_script, open};
use crate::model::{Finding, Fingerprint, Frame};
use crate::report::visible::{Count, brought_in, ended, number};
use crate::rule::RuleMeta;
use crate::triage::{Group, Judged};

/// Further places that are listed one by one.
const PLACES: usize = 20;

impl Page<'_> {
    pub(super) fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let findings = &self.report.findings;
        let (all, groups) = (findings.all().open, findings.groups(MOST));
        let aside = format!(
            "{} of {}",
            Count(all, "finding"),
            Count(number(groups.len()), "rule")
        );
        open(out, "findings", "Findings", &aside)?;
        cut(out, all, "finding", "--report json=FILE")?;
        if groups.is_empty() {
            out.write_all(b"<p>No finding counts.</p>\n")?;
        }
        let mut open = findings.open();
        for group in groups {
            self.group(out, group, &mut open)?;
        }
        out.write_all(b"</section>\n")
    }

    /// The findings of one rule: head, what to do, findings.
    fn group<'f>(
        &self,
        out: &mut dyn Write,
        group: Group<'_>,
        open: &mut impl Iterator<Item = Cow<'f, Judged>>,
    ) -> io::Result<()> {
        let (id, severity) = (group.rule.as_str(), group.severity.word());
        let rule = self.report.rule(group.rule);
        writeln!(
            out,
            "<div class=\"rule\" id=\"r-{0}\" data-total=\"{4}\">\n<h3><b class=\"sev {severity}\">{1}</b> {2} \
             <span class=\"n\">{3}</span></h3>\n<p class=\"dim\"><code>{0}</code></p>",
            T(id),
            capital(severity),
            T(rule.map_or(id, |rule| &rule.title)),
            Count(number(group.count), "finding"),
            group.count
        )?;
        if let Some(rule) = rule {
            self.about(out, rule)?;
        }
        out.write_all(b"<ol class=\"findings\">\n")?;
        for (index, judged) in open.take(group.count).enumerate() {
            let next = index + 1;
            if index == SHOWN {
                out.write_all(b"</ol>\n")?;
                needs_script(out, group.count)?;
                writeln!(out, "<noscript><ol class=\"findings\" start=\"{next}\">")?;
            } else if index > SHOWN && (index - SHOWN).is_multiple_of(PIECE) {
                writeln!(
                    out,
                    "</ol></noscript>\n<noscript><ol class=\"findings\" start=\"{next}\">"
                )?;
            }
            self.finding(out, &judged)?;
        }
        out.write_all(if group.count > SHOWN {
            b"</ol></noscript>\n</div>\n"
        } else {
            b"</ol>\n</div>\n"
        })
    }

    fn finding(&self, out: &mut dyn Write, judged: &Judged) -> io::Result<()> {
        let finding = &judged.finding;
        writeln!(
            out,
            "<li id=\"f-{}\" data-s=\"{}\" data-p=\"{}\"{}><p class=\"message\">{}</p>",
            finding.fingerprint,
            capital(finding.severity.word()),
            T(platform(&finding.subject.platform)),
            self.seen(finding.fingerprint),
            T(&finding.message)
        )?;
        if let Some(acceptance) = judged.verdict.lapsed() {
            writeln!(
                out,
                "<p class=\"alarm\">{}; the finding counts again.</p>",
                T(&ended(acceptance))
            )?;
        }
        if let Some(frame) = &finding.frame {
            excerpt(out, frame)?;
        }
        out.write_all(b"<dl>")?;
        write!(out, "<dt>Where</dt><dd>{}", At(&finding.location))?;
        for place in finding.places.iter().take(PLACES) {
            write!(out, ", {}", At(place))?;
        }
        let more = finding.places.len().saturating_sub(PLACES);
        if more > 0 {
            write!(out, " and {}", Count(number(more), "more place"))?;
        }
        out.write_all(b"</dd>")?;
        if let Some(commit) = &finding.commit {
            write!(
                out,
                "<dt>History</dt><dd>brought in {}</dd>",
                brought_in(commit)
            )?;
        }
        let trend = self.report.trend.as_ref();
        if let Some(text) = trend.and_then(|trend| trend.known_since(finding.fingerprint)) {
            write!(out, "<dt>First seen</dt><dd>{}</dd>", T(&text))?;
        }
        reasons(out, finding)?;
        let item = self.rotation.of_finding(judged);
        let id = self.report.runbook(finding);
        if let Some(runbook) = id.and_then(|id| self.report.runbooks.get(id)) {
            out.write_all(b"<dt>Runbook</dt><dd>")?;
            link(out, runbook, item.as_ref())?;
            out.write_all(b"</dd>")?;
        }
        if let Some(item) = item {
            write!(
                out,
                "<dt>Credential</dt><dd><a href=\"#i-{}\">{}</a>",
                item.index(),
                T(item.name())
            )?;
            if let Some(owner) = item.owner() {
                write!(out, ", owner {}", T(owner.value))?;
            }
            out.write_all(b"</dd>")?;
        }
        out.write_all(b"</dl></li>\n")
    }

    /// In which result it was seen first, as an attribute; nothing where there is only one.
    fn seen(&self, fingerprint: Fingerprint) -> String {
        let trend = self.report.trend.as_ref();
        let first = trend.and_then(|trend| trend.first.get(&fingerprint));
        first.map_or_else(String::new, |first| format!(" data-n=\"{}\"", first.point))
    }

    /// What a rule is about, what to do, and which controls it speaks to.
    fn about(&self, out: &mut dyn Write, rule: &RuleMeta) -> io::Result<()> {
        for text in paragraphs(&rule.description) {
            writeln!(out, "<p>{}</p>", Prose(text))?;
        }
        for (index, text) in paragraphs(&rule.remediation).enumerate() {
            let label = if index == 0 {
                "<b>What to do.</b> "
            } else {
                ""
            };
            writeln!(out, "<p class=\"todo\">{label}{}</p>", Prose(text))?;
        }
        if !rule.controls.is_empty() {
            out.write_all(b"<p class=\"dim\">Controls: ")?;
            for (index, control) in rule.controls.iter().enumerate() {
                let between = if index == 0 { "" } else { ", " };
                let (framework, number) = (T(&control.framework), T(&control.control));
                if self.matrix.has(control) {
                    let anchor = controls::anchor(&control.framework, &control.control);
                    write!(
                        out,
                        "{between}<a href=\"#{anchor}\">{framework} {number}</a>"
                    )?;
                } else {
                    write!(out, "{between}{framework} {number}")?;
                }
            }
            out.write_all(b"</p>\n")?;
        }
        if rule.references.is_empty() {
            return Ok(());
        }
        out.write_all(b"<p class=\"dim\">Read on: ")?;
        for (index, reference) in rule.references.iter().enumerate() {
            let between = if index == 0 { "" } else { ", " };
            if is_web(reference) {
                write!(
                    out,
                    "{between}<a rel=\"noreferrer\" href=\"{0}\">{0}</a>",
                    T(reference)
                )?;
            } else {
                write!(out, "{between}{}", T(reference))?;
            }
        }
        out.write_all(b"</p>\n")
    }
}

/// The line of a secret, with a hint in the secret's place.
fn excerpt(out: &mut dyn Write, frame: &Frame) -> io::Result<()> {
    let part =
        |skip: usize, take: usize| -> String { frame.text.chars().skip(skip).take(take).collect() };
    writeln!(
        out,
        "<pre>{}<mark>{}</mark>{}</pre>",
        T(&part(0, frame.start)),
        T(&part(frame.start, frame.length)),
        T(&part(frame.start.saturating_add(frame.length), usize::MAX))
    )
}

/// Causes, facts, and how well all this is proven.
fn reasons(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    for cause in &finding.causes {
        write!(out, "<dt>Because</dt><dd>{}", T(&cause.text))?;
        if let Some(location) = &cause.location {
            write!(out, " {}", At(location))?;
        }
        out.write_all(b"</dd>")?;
    }
    if !finding.evidence.is_empty() {
        out.write_all(b"<dt>Evidence</dt><dd>")?;
        for (index, fact) in finding.evidence.iter().enumerate() {
            let between = if index == 0 { "" } else { "; " };
            let value = if fact.value.is_empty() {
                "not known"
            } else {
                &fact.value
            };
            write!(out, "{between}<i>{}</i> {}", T(&fact.field), T(value))?;
        }
        out.write_all(b"</dd>")?;
    }
    out.write_all(b"<dt>Proof</dt><dd>")?;
    if let Some(grade) = finding.grade {
        write!(out, "{grade} evidence, ")?;
    }
    write!(out, "{} confidence</dd>", finding.confidence)
}
