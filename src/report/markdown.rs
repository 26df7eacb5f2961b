//! A page in GitHub's Markdown: for `$GITHUB_STEP_SUMMARY`, a merge request or a wiki. The most
//! severe findings come first. GitHub refuses a summary of more than 1 MiB as a whole, so the page
//! ends before that and says how much it leaves out.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::figures;
use super::visible::{Count, Visible, ended, number};
use super::{Conclusion, Reach, Report, Style, TOOL};
use crate::model::{Confidence, Problem, Severity};
use crate::triage::Judged;

/// Bytes that a page may have: GitHub's limit is 1,048,576, and other steps of a job may add.
const LIMIT: usize = 1_000_000;

/// Problems, and reasons of rules that were not evaluated, that are listed one by one.
const LISTED: usize = 50;

/// Writes the page.
///
/// # Errors
/// What the writer says.
pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = head(report, &mut page);
    let mut tail = String::new();
    let _ = not_evaluated(report, &mut tail);
    let _ = verdict_of_rules(report, &mut tail);
    let mut left = report.findings.all().open;
    if left > 0 {
        page.push_str(TABLE);
    }
    let budget = LIMIT.saturating_sub(tail.len());
    for judged in report.findings.open() {
        let mut row = String::new();
        let _ = finding(report, &judged, &mut row);
        if page.len() + row.len() > budget {
            break;
        }
        page.push_str(&row);
        left -= 1;
    }
    if left > 0 {
        let more = Count(left, "finding");
        let _ = writeln!(
            page,
            "\n**The page is full: {more} more, none of them more severe, are in the other \
             formats.**"
        );
    }
    page.push_str(&tail);
    out.write_all(page.as_bytes())?;
    out.flush()
}

const TABLE: &str = "\n| severity | finding | where | rule |\n|---|---|---|---|\n";

fn head(report: &Report, page: &mut String) -> fmt::Result {
    let word = match report.conclusion() {
        Conclusion::Passed => "passed",
        Conclusion::Findings => "failed",
        Conclusion::Incomplete => "incomplete",
    };
    writeln!(page, "## {TOOL}: {word}\n")?;
    let failing = report.failing_count();
    let level = report.fail_on;
    match failing {
        0 => write!(page, "No finding of severity {level} or above")?,
        n => write!(
            page,
            "**{} of severity {level} or above**",
            Count(n, "finding")
        )?,
    }
    writeln!(
        page,
        ", as of {}. Looked at: {}, {}, {}.",
        report.as_of.date(),
        Count(report.coverage.files, "file"),
        Count(report.coverage.records, "record"),
        Count(number(report.rules.len()), "rule")
    )?;
    for (label, text) in figures::trend(report) {
        writeln!(page, "\n{label}: {}.", Plain(&text))?;
    }
    problems(&report.problems, page)?;
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n| severity | counts | accepted |\n|---|---:|---:|")?;
    for severity in Severity::ALL.iter().rev() {
        let of = report.findings.sum_of(|kind| kind.severity == *severity);
        let (counts, accepted) = (of.open, of.accepted());
        if counts + accepted > 0 {
            writeln!(page, "| {severity} | {counts} | {accepted} |")?;
        }
    }
    Ok(())
}

fn problems(problems: &[Problem], page: &mut String) -> fmt::Result {
    if problems.is_empty() {
        return Ok(());
    }
    let count = Count(number(problems.len()), "input");
    writeln!(page, "\n**Incomplete: {count} could not be checked**\n")?;
    for problem in problems.iter().take(LISTED) {
        write!(page, "- ")?;
        if let Some(path) = &problem.path {
            let at = problem
                .line
                .map_or_else(|| path.as_str().to_owned(), |line| format!("{path}:{line}"));
            write!(page, "{}: ", Code(&at))?;
        }
        let (message, kind) = (Plain(&problem.message), problem.kind.word());
        writeln!(page, "{message} ({kind})")?;
    }
    more(problems.len(), page)
}

fn more(all: usize, page: &mut String) -> fmt::Result {
    match all.saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(page, "- and {more} more"),
    }
}

fn finding(report: &Report, judged: &Judged, row: &mut String) -> fmt::Result {
    let finding = &*judged.finding;
    let rule = report.rule(&finding.rule);
    write!(row, "| {} | ", finding.severity)?;
    if let Some(rule) = rule {
        write!(row, "**{}**<br>", Plain(&rule.title))?;
    }
    write!(row, "{}", Plain(&finding.message))?;
    if finding.confidence < Confidence::High {
        write!(row, "<br>{} confidence", finding.confidence)?;
    }
    if let Some(acceptance) = judged.verdict.lapsed() {
        write!(row, "<br>{}", Plain(&ended(acceptance)))?;
    }
    let place = &finding.location;
    let at = format!("{}:{}", place.path, place.region.start_line);
    write!(row, " | {}", Code(&at))?;
    if !finding.places.is_empty() {
        let more = Count(number(finding.places.len()), "more place");
        write!(row, "<br>and in {more}")?;
    }
    writeln!(row, " | {} |", Code(finding.rule.as_str()))
}

/// Reasons, folded away: dozens of rules share the one that an export was not given.
fn not_evaluated(report: &Report, page: &mut String) -> fmt::Result {
    let unjudged = report.outcomes.iter();
    let unjudged: Vec<_> = unjudged.filter(|o| o.reach() != Reach::Full).collect();
    if unjudged.is_empty() {
        return Ok(());
    }
    let mut reasons: Vec<&str> = unjudged
        .iter()
        .flat_map(|outcome| outcome.reasons().map(|(reason, _)| reason))
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    let count = Count(number(unjudged.len()), "rule");
    writeln!(
        page,
        "\n<details><summary>Not evaluated, wholly or in part: {count}</summary>\n"
    )?;
    for reason in reasons.iter().take(LISTED) {
        writeln!(page, "- {}", Plain(reason))?;
    }
    more(reasons.len(), page)?;
    writeln!(page, "\n</details>")
}

fn verdict_of_rules(report: &Report, page: &mut String) -> fmt::Result {
    let outcomes = report.outcomes.iter();
    let passed = outcomes.filter(|o| o.reach() == Reach::Full && o.fails == 0);
    let passed = Count(number(passed.count()), "rule");
    writeln!(page, "\n{passed} passed for everything that was looked at.")
}

/// Text from inputs that is only text: no link, no markup, no picture, no mention.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Visible(self.0).to_string();
        let mut before = ' ';
        for c in text.chars() {
            match c {
                // `www.` and `://` would become links, a name behind an @ a person who is told.
                '.' if before.eq_ignore_ascii_case(&'w') => f.write_str("\\.")?,
                '@' if !before.is_alphanumeric() => f.write_str("@<!-- -->")?,
                '.' | ',' | '(' | ')' | '\'' | '/' | '=' | '%' | ';' | '?' | '@' => {
                    f.write_char(c)?;
                }
                '-' if before.is_alphanumeric() => f.write_char(c)?,
                '<' => f.write_str("&lt;")?,
                '&' => f.write_str("&amp;")?,
                c if c.is_ascii_punctuation() => write!(f, "\\{c}")?,
                c => f.write_char(c)?,
            }
            before = c;
        }
        Ok(())
    }
}

/// Text as code, in a cell of a table.
struct Code<'a>(&'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Visible(self.0).to_string().replace('|', "\\|");
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        // A blank on both sides is taken off again, and keeps a backtick of the text apart.
        let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() {
            " "
        } else {
            ""
        };
        write!(f, "{fence}{pad}{text}{pad}{fence}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Plain};

    #[test]
    fn text_is_never_markup() {
        for (text, expected) in [
            ("svc.erp@acme.example", "svc.erp@acme.example"),
            ("*b* _i_ `c`", "\\*b\\* \\_i\\_ \\`c\\`"),
            ("[x](http://e.vil)", "\\[x\\](http\\://e.vil)"),
            ("www.e.vil", "www\\.e.vil"),
            ("<b>&lt;|", "&lt;b\\>&amp;lt;\\|"),
            ("ask @ann", "ask @<!-- -->ann"),
            ("a\n# b", "a\\\\n\\# b"),
            ("never-expires", "never-expires"),
        ] {
            assert_eq!(Plain(text).to_string(), expected);
        }
    }

    #[test]
    fn code_ends_where_it_should() {
        for (text, expected) in [
            ("a/b.csv:3", "`a/b.csv:3`"),
            ("a|b", "`a\\|b`"),
            ("a``b", "```a``b```"),
            ("`", "`` ` ``"),
        ] {
            assert_eq!(Code(text).to_string(), expected);
        }
    }
}
