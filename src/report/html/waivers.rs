//! Findings that do not count now: who accepts each, why, and for how many days yet. What has ended
//! stands among the findings, because it counts again.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

use super::summary::platform;
use super::text::{At, T, capital};
use super::{MOST, Page, Rows, cut, open};
use crate::model::When;
use crate::report::Report;
use crate::report::visible::{Count, Grouped, ended};
use crate::triage::{Acceptance, Acceptor, Judged};

/// The accepted findings that a page holds. What ends first needs a decision first; what never ends
/// stands last.
fn first_to_end(report: &Report) -> Vec<Cow<'_, Judged>> {
    let mut kept: Vec<Cow<'_, Judged>> = Vec::new();
    let keep = |kept: &mut Vec<Cow<'_, Judged>>| {
        kept.sort_by_key(|judged| {
            let end = match judged.verdict.accepted().map(|by| by.expires) {
                Some(When::Known(end)) => (0, end.seconds()),
                Some(When::Never) | None => (1, 0),
            };
            (end, Reverse(judged.finding.severity))
        });
        kept.truncate(MOST);
    };
    for judged in report.findings.accepted() {
        kept.push(judged);
        // Sorted now and then, so that what a page has no room for is not held.
        if kept.len() >= 2 * MOST {
            keep(&mut kept);
        }
    }
    keep(&mut kept);
    kept
}

impl Page<'_> {
    pub(super) fn waivers(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let total = report.findings.all().accepted();
        let aside = Count(total, "finding").to_string();
        open(out, "accepted", "Accepted", &aside)?;
        let lapsed = report.findings.lapsed();
        let lapsed: BTreeSet<String> = lapsed
            .filter_map(|judged| judged.verdict.lapsed().map(ended))
            .collect();
        if !lapsed.is_empty() {
            out.write_all(b"<p class=\"alarm\">What these covered counts again:</p>\n<ul>\n")?;
            for text in &lapsed {
                writeln!(out, "<li>{}</li>", T(text))?;
            }
            out.write_all(b"</ul>\n")?;
        }
        if total == 0 {
            return out.write_all(
                b"<p>No finding is accepted: there is no waiver, inline allow or baseline in force \
                  that covers one.</p>\n</section>\n",
            );
        }
        cut(out, total, "finding", "--report json=FILE")?;
        let rows = Rows {
            class: "accepted",
            head: "data-what=\"accepted finding\" \
                   data-by=\"s:Severity;a:Accepted by;p:Platform\">\n\
                   <caption>Accepted findings</caption>\n<thead><tr>\
                   <th scope=\"col\" data-sort=\"number\">Days left</th>\
                   <th scope=\"col\" data-sort=\"text\">Finding</th>\
                   <th scope=\"col\" data-sort=\"number\">Severity</th>\
                   <th scope=\"col\" data-sort=\"text\">Accepted by</th>\
                   <th scope=\"col\" data-sort=\"text\">Owner</th>\
                   <th scope=\"col\" data-sort=\"text\">Reason</th></tr></thead>",
            total: usize::try_from(total).unwrap_or(usize::MAX).min(MOST),
        };
        rows.write(out, first_to_end(report).into_iter(), &mut |out, judged| {
            let by = judged.verdict.accepted();
            by.map_or(Ok(()), |by| self.accepted(out, &judged, by))
        })?;
        out.write_all(b"</section>\n")
    }

    fn accepted(&self, out: &mut dyn Write, judged: &Judged, by: &Acceptance) -> io::Result<()> {
        let finding = &judged.finding;
        let (kind, name) = match &by.by {
            Acceptor::Waiver(id) => ("Waiver", id.as_str()),
            Acceptor::Baseline => ("Baseline", ""),
            Acceptor::Commit(id) => ("Commit", id.get(..12).unwrap_or(id)),
        };
        let severity = finding.severity;
        write!(
            out,
            "<tr data-s=\"{}\" data-a=\"{kind}\" data-p=\"{}\">",
            capital(severity.word()),
            T(platform(&finding.subject.platform))
        )?;
        match by.expires {
            When::Known(end) => {
                let left = end.days_since(self.report.as_of);
                write!(
                    out,
                    "<td data-v=\"{left}\">{}<small>until <time>{}</time></small></td>",
                    Grouped(left.unsigned_abs()),
                    end.date()
                )?;
            }
            When::Never => write!(out, "<td data-v=\"{}\">No end</td>", i64::MAX)?,
        }
        write!(
            out,
            "<td>{}<small>{} {}</small></td><td data-v=\"{}\"><b class=\"sev {3}\">{}</b></td>",
            T(&finding.message),
            T(finding.rule.as_str()),
            At(&finding.location),
            severity.word(),
            capital(severity.word())
        )?;
        writeln!(
            out,
            "<td>{kind} {}</td><td>{}</td><td>{}</td></tr>",
            T(name),
            T(by.owner.as_deref().unwrap_or("Nobody")),
            T(&by.reason)
        )
    }
}
