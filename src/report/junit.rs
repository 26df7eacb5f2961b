//! JUnit XML, for the test page of a build server. A finding at or above the severity that fails
//! the run is a failure; what is accepted or could not be judged is skipped, and an input that
//! could not be checked is an error, so that the page is as red as the exit code. Facts: the
//! reports of Ant and Maven Surefire, as Jenkins, GitLab and `junitparser` read them.

use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, Write};

use super::visible::{Count, Visible, brought_in, ended, number};
use super::{Reach, Report, RuleOutcome, Style, TOOL};
use crate::model::{Location, Problem, RuleId, When};
use crate::triage::{Acceptance, Acceptor, Judged};

/// Writes the report as one suite.
///
/// # Errors
/// What the writer says.
pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let counts = Counts::of(report);
    let timestamp = report.as_of.text();
    let counts = format!(
        "name=\"{TOOL}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\"",
        counts.tests, counts.failures, counts.errors, counts.skipped
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites {counts}>")?;
    // The form of Surefire has no zone; it is UTC.
    let timestamp = timestamp.trim_end_matches('Z');
    writeln!(out, "<testsuite {counts} timestamp=\"{timestamp}\">")?;
    for judged in &report.findings {
        finding(report, &judged, &mut out)?;
    }
    for problem in &report.problems {
        trouble(problem, &mut out)?;
    }
    for outcome in &report.outcomes {
        rule(report, outcome, &mut out)?;
    }
    writeln!(out, "</testsuite>\n</testsuites>")?;
    out.flush()
}

/// What stands in the head, before the cases.
#[derive(Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl Counts {
    fn of(report: &Report) -> Self {
        let skipped_rules = report.outcomes.iter().filter(|o| is_skipped(o)).count();
        let passed_rules = report.outcomes.iter().filter(|o| is_passed(o)).count();
        let (findings, errors) = (report.findings.len(), report.problems.len());
        Self {
            tests: number(findings + errors + skipped_rules + passed_rules),
            failures: report.failing_count(),
            errors: number(errors),
            skipped: report.findings.all().accepted() + number(skipped_rules),
        }
    }
}

/// Whether some subject of a rule, or all, could not be judged.
fn is_skipped(outcome: &RuleOutcome) -> bool {
    outcome.reach() != Reach::Full
}

/// Whether a rule was judged for every subject and none broke it.
fn is_passed(outcome: &RuleOutcome) -> bool {
    outcome.reach() == Reach::Full && outcome.fails == 0
}

fn open(
    rule: &str,
    name: fmt::Arguments<'_>,
    place: Option<&Location>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(
        out,
        "<testcase classname=\"{}\" name=\"{}\" time=\"0\"",
        Xml(&format_args!("{rule}")),
        Xml(&name)
    )?;
    if let Some((path, region)) = place.map(Location::on_disk) {
        write!(
            out,
            " file=\"{}\" line=\"{}\"",
            Xml(&Visible(path)),
            region.start_line.max(1)
        )?;
    }
    writeln!(out, ">")
}

fn finding(report: &Report, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let finding = &*judged.finding;
    let place = &finding.location;
    let (path, line) = (place.path.as_str(), place.region.start_line);
    let at = format!("{path}:{line}");
    // The first digits of the fingerprint keep cases of one place and subject apart.
    let id = finding.fingerprint.to_string();
    let id = id.get(..12).unwrap_or(&id);
    let (name, at) = (Visible(&finding.subject.name), Visible(&at));
    let place = Some(place);
    open(
        finding.rule.as_str(),
        format_args!("{name} ({at}) [{id}]"),
        place,
        out,
    )?;
    let message = Visible(&finding.message);
    let severity = finding.severity;
    if let Some(acceptance) = judged.verdict.accepted() {
        let text = accepted(acceptance);
        let text = Visible(&text);
        writeln!(
            out,
            "<skipped message=\"{}\"/>",
            Xml(&format_args!("{text}: {message}"))
        )?;
    } else if severity >= report.fail_on {
        writeln!(
            out,
            "<failure type=\"{severity}\" message=\"{}\">{}</failure>",
            Xml(&message),
            Xml(&details(report, judged))
        )?;
    } else {
        writeln!(
            out,
            "<system-out>{}</system-out>",
            Xml(&details(report, judged))
        )?;
    }
    writeln!(out, "</testcase>")
}

/// By what a finding is accepted.
fn accepted(acceptance: &Acceptance) -> String {
    let by = match &acceptance.by {
        Acceptor::Waiver(id) => format!("waived by {id}"),
        Acceptor::Baseline => "accepted by the baseline".to_owned(),
        Acceptor::Commit(id) => format!("known from commit {}", id.get(..12).unwrap_or(id)),
    };
    let owner = acceptance.owner.as_deref();
    let owner = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
    let end = match acceptance.expires {
        When::Known(end) => format!(" until {}", end.date()),
        When::Never => String::new(),
    };
    format!("{by}{owner}{end} ({})", acceptance.reason)
}

/// Everything about a finding, for the page behind the case.
fn details(report: &Report, judged: &Judged) -> String {
    let finding = &*judged.finding;
    let mut text = format!("{}: {}", finding.severity, Visible(&finding.message));
    let mut line = |words: fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{words}");
    };
    let place = &finding.location;
    let (path, at) = (Visible(place.path.as_str()), place.region.start_line);
    line(format_args!("{path}:{at}"));
    line(format_args!("{} confidence", finding.confidence));
    if !finding.places.is_empty() {
        let more = Count(number(finding.places.len()), "more place");
        line(format_args!("and in {more}"));
    }
    for cause in &finding.causes {
        line(format_args!("because {}", Visible(&cause.text)));
    }
    if let Some(commit) = &finding.commit {
        line(format_args!("brought in {}", brought_in(commit)));
    }
    if let Some(acceptance) = judged.verdict.lapsed() {
        line(format_args!("{}", Visible(&ended(acceptance))));
    }
    if let Some(meta) = report.rule(&finding.rule) {
        let words: Vec<&str> = meta.remediation.split_whitespace().collect();
        if !words.is_empty() {
            line(format_args!("What to do: {}", Visible(&words.join(" "))));
        }
    }
    line(format_args!("fingerprint {}", finding.fingerprint));
    text
}

fn trouble(problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    let path = problem.path.as_ref().map_or("", |path| path.as_str());
    let line = problem.line.map_or_else(String::new, |n| format!(":{n}"));
    let (kind, message) = (problem.kind.word(), Visible(&problem.message));
    let name = match path {
        "" => message,
        path => Visible(path),
    };
    open(
        "could-not-be-checked",
        format_args!("{name}{line} ({kind})"),
        None,
        out,
    )?;
    writeln!(
        out,
        "<error type=\"{kind}\" message=\"{}\"/>\n</testcase>",
        Xml(&message)
    )
}

/// A rule that every subject keeps is a case that passes; one that could not be judged is skipped.
fn rule(report: &Report, outcome: &RuleOutcome, out: &mut dyn Write) -> io::Result<()> {
    if !is_skipped(outcome) && !is_passed(outcome) {
        return Ok(());
    }
    let id: &RuleId = &outcome.rule;
    let title = report.rule(id).map_or(id.as_str(), |meta| &meta.title);
    open(id.as_str(), format_args!("{}", Visible(title)), None, out)?;
    if is_skipped(outcome) {
        let reasons: Vec<String> = outcome
            .reasons()
            .map(|(reason, subjects)| match subjects {
                0 => reason.to_owned(),
                n => format!("{reason} ({})", Count(n, "subject")),
            })
            .collect();
        let whole = match outcome.reach() {
            Reach::None => "not evaluated",
            _ => "not evaluated in part",
        };
        let reasons = reasons.join("; ");
        let reasons = Visible(&reasons);
        writeln!(
            out,
            "<skipped message=\"{}\"/>",
            Xml(&format_args!("{whole}: {reasons}"))
        )?;
    }
    writeln!(out, "</testcase>")
}

/// Text in XML 1.0, within quotes or between tags. What XML cannot hold at all is spelt out.
struct Xml<'a>(&'a dyn fmt::Display);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let special = ['&', '<', '>', '"', '\n', '\u{FFFE}', '\u{FFFF}'];
        let mut rest = text;
        while let Some(at) = rest.find(special) {
            let (plain, from) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut chars = from.chars();
            match chars.next() {
                Some('&') => self.0.write_str("&amp;")?,
                Some('<') => self.0.write_str("&lt;")?,
                Some('>') => self.0.write_str("&gt;")?,
                Some('"') => self.0.write_str("&quot;")?,
                // A line break in an attribute would be read as a blank.
                Some('\n') => self.0.write_str("&#10;")?,
                Some(c) => write!(self.0, "\\u{{{:x}}}", u32::from(c))?,
                None => {}
            }
            rest = chars.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::Xml;

    #[test]
    fn no_text_ends_its_place_in_the_document() {
        let text = "a\" b='x' <c>&amp;]]>\n\u{FFFF}";
        assert_eq!(
            Xml(&text).to_string(),
            "a&quot; b='x' &lt;c&gt;&amp;amp;]]&gt;&#10;\\u{ffff}"
        );
    }
}
