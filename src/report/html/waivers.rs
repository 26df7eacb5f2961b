//! Findings that do not count now: who accepts each, why, and for how many days yet. What has ended
//! stands among the findings, because it counts again.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::summary::platform;
use super::text::{At, T, capital};
use super::{MOST, Page, Rows, cut, open};
use crate::model::When;
use crate::report::visible::{Count, Grouped, ended, number};
use crate::triage::{Acceptance, Acceptor, Judged};

impl Page<'_> {
    pub(super) fn waivers(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let mut all: Vec<(&Judged, &Acceptance)> = report
            .findings
            .iter()
            .filter_map(|judged| Some((judged, judged.verdict.accepted()?)))
            .collect();
        let aside = Count(number(all.len()), "finding").to_string();
        open(out, "accepted", "Accepted", &aside)?;
        let lapsed = report.findings.iter().filter_map(|j| j.verdict.lapsed());
        let mut lapsed: Vec<String> = lapsed.map(ended).collect();
        lapsed.sort();
        lapsed.dedup();
        if !lapsed.is_empty() {
            out.write_all(b"<p class=\"alarm\">What these covered counts again:</p>\n<ul>\n")?;
            for text in &lapsed {
                writeln!(out, "<li>{}</li>", T(text))?;
            }
            out.write_all(b"</ul>\n")?;
        }
        if all.is_empty() {
            return out.write_all(
                b"<p>No finding is accepted: there is no waiver, inline allow or baseline in force \
                  that covers one.</p>\n</section>\n",
            );
        }
        // What ends first needs a decision first; what never ends stands last.
        all.sort_by_cached_key(|(judged, by)| {
            let end = match by.expires {
                When::Known(end) => (0, end.seconds()),
                When::Never => (1, 0),
            };
            (end, Reverse(judged.finding.severity))
        });
        cut(out, all.len(), "finding", "--report json=FILE")?;
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
            total: all.len().min(MOST),
        };
        let shown = all.into_iter().take(MOST);
        rows.write(out, shown, &mut |out, (judged, by)| {
            self.accepted(out, judged, by)
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
