//! Annotations of a GitHub workflow: a command per finding that counts and per input that could
//! not be checked, which the runner turns into a note beside the line.
//!
//! The runner shows ten annotations of each level for a step and drops the rest in silence. So the
//! most severe come first, and the tenth says how many more there are; all are in the step's log.
//! Text from inputs stands only behind the `::` of a command, escaped: a line of its own could
//! hold a command. Facts: GitHub's reference of workflow commands, and the runner's own parser.

use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, Write};

use super::visible::{Count, Visible, ended, number};
use super::{Conclusion, Report, Style, TOOL};
use crate::model::{Location, Problem, Region, Severity};
use crate::triage::Judged;

/// How many annotations of one level GitHub shows for a step.
const SHOWN: usize = 10;

/// Writes the annotations, then one line with the verdict.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    for level in Level::ALL {
        let problems = report
            .problems
            .iter()
            .filter(|_| level == Level::Warning)
            .map(Note::of_problem);
        let of = report
            .findings
            .sum_of(|kind| Level::of(kind.severity) == level);
        let total = problems.clone().count() + usize::try_from(of.open).unwrap_or(usize::MAX);
        let findings = report
            .findings
            .open()
            .filter(|judged| level == Level::of(judged.finding.severity))
            .map(|judged| Note::of_finding(report, &judged));
        for (n, note) in problems.chain(findings).enumerate() {
            if n + 1 == SHOWN && total > SHOWN {
                let more = total - n;
                Note::more(level, more).write(level, &mut out)?;
            }
            note.write(level, &mut out)?;
        }
    }
    writeln!(out, "{}", verdict(report))?;
    out.flush()
}

/// The last line: plain words, with nothing from the input.
fn verdict(report: &Report) -> String {
    let failing = report.failing_count();
    let problems = number(report.problems.len());
    let level = report.fail_on;
    let mut text = match report.conclusion() {
        Conclusion::Findings => {
            let count = Count(failing, "finding");
            format!("{TOOL}: {count} of severity {level} or above")
        }
        _ => format!("{TOOL}: no finding of severity {level} or above"),
    };
    if problems > 0 {
        let count = Count(problems, "input");
        // Writing to a String cannot fail.
        let _ = write!(text, "; incomplete: {count} could not be checked");
    }
    text
}

/// GitHub's levels, most severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Notice,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One annotation.
struct Note {
    place: Option<Location>,
    title: String,
    message: String,
}

impl Note {
    fn of_finding(report: &Report, judged: &Judged) -> Self {
        let finding = &judged.finding;
        let rule = report.rule(&finding.rule);
        let title = rule.map_or_else(|| finding.rule.to_string(), |rule| rule.title.to_string());
        let mut message = format!("{} ({})", finding.message, finding.rule);
        if !finding.places.is_empty() {
            let more = Count(number(finding.places.len()), "more place");
            let _ = write!(message, ", and in {more}");
        }
        if let Some(acceptance) = judged.verdict.lapsed() {
            let _ = write!(message, ". {}", ended(acceptance));
        }
        let mut message = Visible(&message).to_string();
        if let Some(rule) = rule.filter(|rule| !rule.remediation.trim().is_empty()) {
            let words: Vec<&str> = rule.remediation.split_whitespace().collect();
            let _ = write!(message, "\n{}", Visible(&words.join(" ")));
        }
        Self {
            place: Some(finding.location.clone()),
            title: format!("{}: {}", finding.severity, Visible(&title)),
            message,
        }
    }

    fn of_problem(problem: &Problem) -> Self {
        let region = Region::line(problem.line.unwrap_or(1));
        let place = problem.path.as_ref().map(|path| Location {
            path: path.clone(),
            region,
        });
        let member = problem.path.as_ref().filter(|path| path.is_member());
        let member =
            member.map_or_else(String::new, |path| format!("{}: ", Visible(path.as_str())));
        Self {
            place,
            title: "could not be checked".to_owned(),
            message: format!(
                "{member}{} ({})",
                Visible(&problem.message),
                problem.kind.word()
            ),
        }
    }

    fn more(level: Level, more: usize) -> Self {
        let count = Count(number(more), level.word());
        Self {
            place: None,
            title: format!("and {count} more"),
            message: "GitHub shows ten annotations of a level; the log of this step has them all"
                .to_owned(),
        }
    }

    fn write(&self, level: Level, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "::{} ", level.word())?;
        if let Some((path, region)) = self.place.as_ref().map(Location::on_disk) {
            let shown = Visible(path).to_string();
            let (line, end_line) = (
                region.start_line.max(1),
                region.end_line.max(region.start_line).max(1),
            );
            write!(out, "file={},line={line}", Property(&shown))?;
            write!(out, ",endLine={end_line}")?;
            // Columns of a stretch over several lines are refused.
            if line == end_line {
                let column = region.start_column.max(1);
                let end = region.end_column.max(column);
                write!(out, ",col={column},endColumn={end}")?;
            }
            write!(out, ",")?;
        }
        let (title, message) = (Property(&self.title), Data(&self.message));
        writeln!(out, "title={title}::{message}")
    }
}

/// Text behind the `::` of a command.
struct Data<'a>(&'a str);

/// A property of a command.
struct Property<'a>(&'a str);

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '%' => f.write_str("%25"),
            '\r' => f.write_str("%0D"),
            '\n' => f.write_str("%0A"),
            c => f.write_char(c),
        })
    }
}

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            ':' => f.write_str("%3A"),
            ',' => f.write_str("%2C"),
            c => write!(f, "{}", Data(c.encode_utf8(&mut [0; 4]))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Data, Property};

    #[test]
    fn a_text_cannot_end_its_command_or_begin_another() {
        let text = "a%0A::error::x\r\n,b:c";
        assert_eq!(Data(text).to_string(), "a%250A::error::x%0D%0A,b:c");
        assert_eq!(
            Property(text).to_string(),
            "a%250A%3A%3Aerror%3A%3Ax%0D%0A%2Cb%3Ac"
        );
    }
}
