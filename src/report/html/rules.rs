//! Every rule that ran, with what it came to and why it could not be evaluated: the coverage of the
//! scan. A rule that is silent here has looked.

use std::collections::HashMap;
use std::io::{self, Write};

use super::text::{T, capital};
use super::{Page, Rows, open};
use crate::report::visible::{Count, Grouped};
use crate::report::{Reach, Report, RuleOutcome, figures};
use crate::rule::RuleMeta;

/// How a rule came out, in the order of the table: what needs a look first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    Findings,
    Partly,
    NotEvaluated,
    Passed,
}

impl Came {
    const fn word(self) -> &'static str {
        match self {
            Self::Findings => "Findings",
            Self::Partly => "In part",
            Self::NotEvaluated => "Not evaluated",
            Self::Passed => "Passed",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Findings => "act",
            Self::Partly => "watch",
            Self::NotEvaluated => "off",
            Self::Passed => "fine",
        }
    }
}

struct Row<'r> {
    meta: &'r RuleMeta,
    outcome: Option<&'r RuleOutcome>,
    came: Came,
}

fn rows(report: &Report) -> Vec<Row<'_>> {
    let mut open: HashMap<&str, u64> = HashMap::new();
    for (kind, sum) in report.findings.sums() {
        if sum.open > 0 {
            *open.entry(kind.rule.as_str()).or_default() += sum.open;
        }
    }
    let row = |meta| {
        let meta: &RuleMeta = meta;
        let outcome = report.outcome(&meta.id);
        let reach = outcome.map_or(Reach::None, RuleOutcome::reach);
        let came = match reach {
            _ if open.contains_key(meta.id.as_str()) => Came::Findings,
            Reach::Full => Came::Passed,
            Reach::Partial => Came::Partly,
            Reach::None => Came::NotEvaluated,
        };
        Row {
            meta,
            outcome,
            came,
        }
    };
    let mut rows: Vec<Row<'_>> = report.rules.iter().map(|meta| row(meta)).collect();
    rows.sort_by(|a, b| {
        a.came
            .cmp(&b.came)
            .then(b.meta.severity.cmp(&a.meta.severity))
    });
    rows
}

impl Page<'_> {
    pub(super) fn rules(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        open(out, "rules", "Rules", &figures::rules(report))?;
        out.write_all(
            b"<p class=\"lead\">What each rule came to. A column that was not exported, a log that \
              is too short and a file that was cut off are never a pass: the rule is then not \
              evaluated, wholly or in part, and here is why.</p>\n",
        )?;
        if !report.policy.disabled.is_empty() {
            out.write_all(b"<h3>Switched off by the policy</h3>\n<ul>\n")?;
            for (rule, reason) in &report.policy.disabled {
                writeln!(
                    out,
                    "<li><code>{}</code> {}</li>",
                    T(rule.as_str()),
                    T(reason)
                )?;
            }
            out.write_all(b"</ul>\n")?;
        }
        let rows = rows(report);
        if rows.is_empty() {
            return out.write_all(b"<p class=\"alarm\">No rule ran.</p>\n</section>\n");
        }
        let table = Rows {
            class: "outcomes",
            head: "data-what=\"rule\" data-by=\"r:Result;s:Severity\">\n\
                   <caption>Rules</caption>\n<thead><tr>\
                   <th scope=\"col\" data-sort=\"number\">Result</th>\
                   <th scope=\"col\" data-sort=\"text\">Rule</th>\
                   <th scope=\"col\" data-sort=\"number\">Severity</th>\
                   <th scope=\"col\" data-sort=\"number\" class=\"num\">Fail</th>\
                   <th scope=\"col\" data-sort=\"number\" class=\"num\">Pass</th>\
                   <th scope=\"col\" data-sort=\"text\">Not evaluated, because</th></tr></thead>",
            total: rows.len(),
        };
        table.write(out, rows.iter(), &mut |out, row| outcome(out, row))?;
        out.write_all(b"</section>\n")
    }
}

fn outcome(out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    let Row {
        meta,
        outcome,
        came,
    } = row;
    let id = T(meta.id.as_str());
    let severity = meta.severity;
    write!(
        out,
        "<tr id=\"o-{id}\" data-r=\"{0}\" data-s=\"{1}\"><td data-v=\"{2}\" class=\"l {3}\">{0}</td>\
         <td>{4}<small><code>{id}</code></small></td><td data-v=\"{5}\">{1}</td>\
         <td class=\"num\">{6}</td><td class=\"num\">{7}</td><td>",
        came.word(),
        capital(severity.word()),
        *came as u8,
        came.class(),
        T(&meta.title),
        severity as u8,
        Grouped(outcome.map_or(0, |outcome| outcome.fails)),
        Grouped(outcome.map_or(0, |outcome| outcome.passes)),
    )?;
    let reasons = outcome.iter().flat_map(|outcome| outcome.reasons());
    for (index, (reason, subjects)) in reasons.enumerate() {
        let between = if index == 0 { "" } else { "<br>" };
        write!(out, "{between}{}", T(reason))?;
        if subjects > 0 {
            write!(out, " ({})", Count(subjects, "subject"))?;
        }
    }
    out.write_all(b"</td></tr>\n")
}
