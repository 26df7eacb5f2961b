//! SARIF 2.1.0 as GitHub code scanning reads it, streamed result by result. Facts: GitHub's
//! reference for SARIF uploads (limits, required properties, severity on the rule) and the SARIF
//! 2.1.0 standard. Holds no secret, no source line, no absolute path and no time of the run.

mod limits;
mod notification;
mod place;
mod result;
mod rule;

use std::borrow::Cow;
use std::io::{self, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use self::notification::Notification;
use self::result::Entry;
use self::rule::Rule;
use super::visible::number;
use super::{Report, SarifWaived, Style, TOOL, VERSION, lines};
use crate::triage::{Judged, Verdict};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Down to the elements of `runs[0].results`.
const BROKEN_LEVELS: usize = 4;

/// Writes the report as one SARIF log with one run.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Rule<'_>> = report.rules.iter().map(|meta| rule::rule(meta)).collect();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: TOOL,
                semantic_version: VERSION,
                information_uri: HOME,
                rules: &rules,
            },
        },
        invocations: [Invocation {
            execution_successful: report.complete(),
            tool_execution_notifications: notification::all(report, style.sarif_waived),
        }],
        original_uri_base_ids: Bases {
            root: Base {
                description: Text {
                    text: "The folder that the scan was asked to look at.",
                },
            },
        },
        column_kind: "utf16CodeUnits",
        automation_details: style.sarif_category.as_deref().map(automation),
        results: Results {
            report,
            rules: &rules,
            waived: style.sarif_waived,
            compared: report.findings.all().known > 0,
        },
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    lines::write(&log, BROKEN_LEVELS, out)
}

/// How many results are left out of the SARIF file because GitHub would refuse more than 25,000.
#[must_use]
pub fn dropped(report: &Report, waived: SarifWaived) -> u64 {
    let all = report.findings.all();
    let written = match waived {
        SarifWaived::Include => all.open + all.accepted(),
        SarifWaived::Omit => all.open,
    };
    written.saturating_sub(number(limits::RESULTS))
}

/// The findings that become results: what counts, then, if wanted, what is accepted. In this order
/// the limit never drops an open finding in favour of an accepted one.
fn written(report: &Report, waived: SarifWaived) -> impl Iterator<Item = Cow<'_, Judged>> {
    let open = report.findings.open();
    let accepted = (waived == SarifWaived::Include).then(|| report.findings.accepted());
    open.chain(accepted.into_iter().flatten())
}

/// The program's page, if the package names one.
const HOME: Option<&str> = match option_env!("CARGO_PKG_HOMEPAGE") {
    Some(page) if !page.is_empty() => Some(page),
    _ => match option_env!("CARGO_PKG_REPOSITORY") {
        Some(page) if !page.is_empty() => Some(page),
        _ => None,
    },
};

/// GitHub takes the text up to the last `/` as the category.
fn automation(category: &str) -> Automation {
    Automation {
        id: format!("{}/", category.trim_end_matches('/')),
    }
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation<'a>; 1],
    original_uri_base_ids: Bases,
    column_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    automation_details: Option<Automation>,
    results: Results<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: &'a [Rule<'a>],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Bases {
    #[serde(rename = "%SRCROOT%")]
    root: Base,
}

#[derive(Serialize)]
struct Base {
    description: Text<&'static str>,
}

#[derive(Serialize)]
struct Automation {
    id: String,
}

/// SARIF's message object, in plain text.
#[derive(Serialize)]
struct Text<T> {
    text: T,
}

struct Results<'a> {
    report: &'a Report,
    rules: &'a [Rule<'a>],
    waived: SarifWaived,
    /// Whether findings were compared with what was there before.
    compared: bool,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut results = serializer.serialize_seq(None)?;
        for judged in written(self.report, self.waived).take(limits::RESULTS) {
            results.serialize_element(&self.entry(&judged))?;
        }
        results.end()
    }
}

impl Results<'_> {
    fn entry<'f>(&'f self, judged: &'f Judged) -> Entry<'f> {
        let index = self.report.rule_index(&judged.finding.rule);
        let rule = index.and_then(|at| Some((at, self.rules.get(at)?)));
        let mut entry = result::entry(judged, rule);
        if self.waived == SarifWaived::Include {
            // The standard: if one result says whether it is suppressed, all must.
            let accepted = judged.verdict.accepted();
            entry.suppressions = Some(accepted.map(result::suppression).into_iter().collect());
            if self.compared {
                entry.baseline_state = Some(match &*judged.verdict {
                    Verdict::Accepted(by) | Verdict::Lapsed(by) if !by.is_waiver() => "unchanged",
                    _ => "new",
                });
            }
        }
        entry
    }
}
