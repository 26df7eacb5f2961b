//! Tells a person what one rule means: what is wrong, how it is decided, what to do, and which
//! controls it gives evidence for. Takes plain data; where rules come from is not its business.

use std::io::{self, Write};

use super::options::Paint;
use crate::model::Severity;
use crate::rule::{Controls, RuleKind, RuleMeta, Status};

/// A rule, ready to be told.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// What every rule has.
    pub meta: &'a RuleMeta,
    /// Its parameters, in the rule's order.
    pub params: &'a [Parameter],
    /// The records it reads beside its own, in the rule's order.
    pub related: &'a [Related],
    /// The condition as the rule's author wrote it: YAML for rules over records, the pattern for
    /// rules over source trees. Empty: not shown.
    pub condition: &'a str,
    /// For the titles of controls.
    pub controls: &'a Controls,
}

/// One parameter of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the policy file.
    pub name: String,
    /// The value in force.
    pub value: String,
    /// The rule's own value.
    pub default: String,
    /// What it may be, such as `1d to 1825d`; empty: anything of its type.
    pub allowed: String,
    /// What it means; may be empty.
    pub description: String,
}

/// Records that a rule reads beside its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The record type.
    pub record: String,
    /// How it is joined, such as `named_credential = name`.
    pub on: String,
    /// The time that its log must cover before the rule says anything; empty: none.
    pub must_cover: String,
}

/// Writes the explanation.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(
    out: &mut dyn Write,
    explanation: &Explanation<'_>,
    paint: Paint,
    width: usize,
) -> io::Result<()> {
    let mut page = Page {
        out,
        paint,
        width: width.clamp(40, 100),
    };
    let meta = explanation.meta;
    page.title(meta)?;
    page.paragraph("", &meta.description)?;
    decision(&mut page, explanation)?;
    if !meta.remediation.is_empty() {
        page.heading("What to do")?;
        page.paragraph("  ", &meta.remediation)?;
    }
    controls(&mut page, explanation)?;
    if !meta.references.is_empty() {
        page.heading("Read on")?;
        for reference in &meta.references {
            page.line(&format!("  {reference}"))?;
        }
    }
    Ok(())
}

fn decision(page: &mut Page<'_>, explanation: &Explanation<'_>) -> io::Result<()> {
    page.heading("How it is decided")?;
    let meta = explanation.meta;
    let looks_at = match &meta.kind {
        RuleKind::Record(record) => format!("every `{record}` record"),
        RuleKind::Secret => "the text of every file".to_owned(),
    };
    let severity = if meta.severity == meta.default_severity {
        String::new()
    } else {
        format!("; {} before the policy file", meta.default_severity)
    };
    page.paragraph("  ", &format!("Looks at {looks_at}."))?;
    page.paragraph(
        "  ",
        &format!(
            "A finding has severity {}{severity}, confidence {}.",
            meta.severity, meta.confidence
        ),
    )?;
    for related in explanation.related {
        let cover = match &*related.must_cover {
            "" => String::new(),
            span => format!("; says nothing unless these cover {span}"),
        };
        let text = format!(
            "Reads `{}` records where {}{cover}.",
            related.record, related.on
        );
        page.paragraph("  ", &text)?;
    }
    for param in explanation.params {
        page.parameter(param)?;
    }
    if !explanation.condition.trim().is_empty() {
        page.line("")?;
        for line in explanation.condition.trim_end().lines() {
            page.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}

fn controls(page: &mut Page<'_>, explanation: &Explanation<'_>) -> io::Result<()> {
    let mut refs: Vec<_> = explanation.meta.controls.iter().collect();
    if refs.is_empty() {
        return Ok(());
    }
    refs.sort_by_key(|r| explanation.controls.order(r));
    page.heading("Evidence for")?;
    let widest = refs.iter().map(|r| r.control.chars().count()).max();
    let mut last = "";
    for reference in refs {
        if reference.framework != last {
            last = &reference.framework;
            let framework = explanation.controls.framework_by_id(last);
            let name = framework.map_or_else(
                || last.to_owned(),
                |f| format!("{}, {}", f.title, f.version),
            );
            page.line(&format!("  {name}"))?;
        }
        let title = explanation
            .controls
            .find(&reference.framework, &reference.control)
            .map_or("", |(_, control)| control.title.as_str());
        let id = format!("{:1$}", reference.control, widest.unwrap_or(0));
        page.line(format!("    {id}  {title}").trim_end())?;
    }
    Ok(())
}

/// Where the text goes, and how.
struct Page<'a> {
    out: &'a mut dyn Write,
    paint: Paint,
    width: usize,
}

impl Page<'_> {
    fn styled(&self, code: &str, text: &str) -> String {
        match self.paint {
            Paint::Plain => text.to_owned(),
            Paint::Color => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn title(&mut self, meta: &RuleMeta) -> io::Result<()> {
        let color = match meta.severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "34",
        };
        let status = match meta.status {
            Status::Experimental => " (experimental)",
            Status::Stable => "",
        };
        let line = format!(
            "{}  {}{status}",
            self.styled("1", meta.id.as_str()),
            self.styled(color, meta.severity.word()),
        );
        self.line(&line)?;
        self.line(&meta.title)?;
        self.line("")
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        let heading = self.styled("1", text);
        self.line("")?;
        self.line(&heading)
    }

    fn parameter(&mut self, param: &Parameter) -> io::Result<()> {
        let mut notes = Vec::new();
        if param.value != param.default {
            notes.push(format!("the rule's own: {}", param.default));
        }
        if !param.allowed.is_empty() {
            notes.push(format!("allowed: {}", param.allowed));
        }
        let notes = match notes.join("; ") {
            none if none.is_empty() => none,
            some => format!(" ({some})"),
        };
        let text = match &*param.description {
            "" => String::new(),
            text => format!(": {text}"),
        };
        let line = format!("Parameter {} = {}{notes}{text}", param.name, param.value);
        self.paragraph("  ", &line)
    }

    fn paragraph(&mut self, indent: &str, text: &str) -> io::Result<()> {
        for line in wrap(text, self.width.saturating_sub(indent.len())) {
            self.line(&format!("{indent}{line}"))?;
        }
        Ok(())
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }
}

/// Breaks a text at blanks; a word longer than the width stands alone.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + length;
            }
            _ => {
                lines.push(word.to_owned());
                used = length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Explanation, Parameter, Related, wrap, write};
    use crate::app::options::Paint;
    use crate::model::{Confidence, RuleId, Severity};
    use crate::read::decode::Document;
    use crate::rule::{ControlRef, Controls, RuleKind, RuleMeta, Status, Told};

    fn meta() -> RuleMeta {
        let control = |framework: &str, control: &str| ControlRef {
            framework: framework.to_owned().into(),
            control: control.to_owned().into(),
        };
        RuleMeta {
            id: RuleId::new("nc.unused"),
            severity: Severity::High,
            default_severity: Severity::Medium,
            confidence: Confidence::High,
            kind: RuleKind::Record("named_credential".into()),
            told: Told {
                title: "Named credential that nothing calls".into(),
                description: "A credential nobody uses is one that nobody watches.".into(),
                status: Status::Stable,
                controls: vec![
                    control("cwe", "CWE-798"),
                    control("pci-dss-4.0", "8.3.10.1"),
                    control("pci-dss-4.0", "8.2.6"),
                ],
                tags: Vec::new(),
                remediation: "Delete it.".into(),
                references: vec!["https://example.com/nc".into()],
            }
            .into(),
        }
    }

    fn explain(meta: &RuleMeta, paint: Paint) -> String {
        let text = include_str!("../../rules/controls.yaml");
        let controls = Controls::decode(&Document::new("controls.yaml", text)).unwrap();
        let param = Parameter {
            name: "unused_for".to_owned(),
            value: "60d".to_owned(),
            default: "90d".to_owned(),
            allowed: "7d to 730d".to_owned(),
            description: "how long without a call".to_owned(),
        };
        let related = Related {
            record: "callout".to_owned(),
            on: "named_credential = name".to_owned(),
            must_cover: "60d".to_owned(),
        };
        let explanation = Explanation {
            meta,
            params: &[param],
            related: &[related],
            condition: "calls.last: {older_than: 60d}\n",
            controls: &controls,
        };
        let mut out = Vec::new();
        write(&mut out, &explanation, paint, 80).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_rule_is_told_whole() {
        let expected = "\
nc.unused  high
Named credential that nothing calls

A credential nobody uses is one that nobody watches.

How it is decided
  Looks at every `named_credential` record.
  A finding has severity high; medium before the policy file, confidence high.
  Reads `callout` records where named_credential = name; says nothing unless
  these cover 60d.
  Parameter unused_for = 60d (the rule's own: 90d; allowed: 7d to 730d): how
  long without a call

    calls.last: {older_than: 60d}

What to do
  Delete it.

Evidence for
  PCI DSS, 4.0 and 4.0.1 (same numbers)
    8.2.6     Accounts inactive for 90 days removed or disabled
    8.3.10.1  Customer passwords changed every 90 days (service providers)
  Common Weakness Enumeration, 4
    CWE-798   Use of Hard-coded Credentials

Read on
  https://example.com/nc
";
        assert_eq!(explain(&meta(), Paint::Plain), expected);
    }

    #[test]
    fn colours_are_only_there_when_asked_for() {
        assert!(explain(&meta(), Paint::Color).contains("\x1b[1mnc.unused\x1b[0m"));
        assert!(!explain(&meta(), Paint::Plain).contains('\x1b'));
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_stay_whole() {
        assert_eq!(wrap("aa bb  cc\ndd", 5), ["aa bb", "cc dd"]);
        assert_eq!(wrap("a verylongword b", 4), ["a", "verylongword", "b"]);
        assert!(wrap("  ", 10).is_empty());
    }
}
