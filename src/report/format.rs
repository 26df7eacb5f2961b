//! The table of output formats, and what a user may choose about their looks. Knows no terminal
//! and no file: whoever calls decides on colour and opens the output.

use std::io::{self, Write};

use super::{
    Report, csv, github, gitlab, html, json, jsonl, junit, markdown, ocsf, oscal, sarif, text,
};

/// One output format.
#[derive(Debug)]
pub struct Format {
    /// The word after `--format`.
    pub name: &'static str,
    /// One line of help.
    pub describe: &'static str,
    /// Writes a whole report and flushes it. The bytes depend on nothing but the arguments.
    pub write: fn(&Report, &Style, &mut dyn Write) -> io::Result<()>,
}

/// Every output format; the first is the default.
pub static FORMATS: &[Format] = &[
    Format {
        name: "text",
        describe: "for people: grouped by severity and rule, with what to do",
        write: text::write,
    },
    Format {
        name: "json",
        describe: "for programs and auditors: everything, with passes and what was not evaluated",
        write: json::write,
    },
    Format {
        name: "sarif",
        describe: "for code scanning: SARIF 2.1.0 as GitHub reads it",
        write: sarif::write,
    },
    Format {
        name: "html",
        describe: "for an audit: one page with everything in it, for screen and print",
        write: html::write,
    },
    Format {
        name: "github",
        describe: "for a GitHub workflow: annotations, as workflow commands",
        write: github::write,
    },
    Format {
        name: "gitlab",
        describe: "for a GitLab merge request: a Code Quality report",
        write: gitlab::write,
    },
    Format {
        name: "jsonl",
        describe: "for programs that read line by line: what json says, one fact a line",
        write: jsonl::write,
    },
    Format {
        name: "csv",
        describe: "for spreadsheets: a row for every finding and for all that was not checked",
        write: csv::write,
    },
    Format {
        name: "junit",
        describe: "for the test page of a build server: JUnit XML",
        write: junit::write,
    },
    Format {
        name: "markdown",
        describe: "for $GITHUB_STEP_SUMMARY or a wiki: a page of at most 1 MB",
        write: markdown::write,
    },
    Format {
        name: "ocsf",
        describe: "for a SIEM: OCSF 1.8.0 events, one a line",
        write: ocsf::write,
    },
    Format {
        name: "oscal",
        describe: "for an assessor: OSCAL 1.1.3 assessment results, control by control",
        write: oscal::write,
    },
];

/// In place of `text` where a commit or a push was stopped. Not for users to choose: it speaks
/// only of secrets.
pub static HOOK: Format = Format {
    name: "hook",
    describe: "for whoever was stopped: short, with the ways out",
    write: text::write_hook,
};

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS
            .iter()
            .chain([&HOOK])
            .find(|format| format.name == name)
    }
}

/// What a user may choose about a report's looks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether text is coloured.
    pub color: Color,
    /// Whether text, JSON and JSON Lines hold matched secrets. No other format ever does.
    pub show_secrets: ShowSecrets,
    /// Whether text lists the findings that are known from before.
    pub known: KnownDetail,
    /// Whether SARIF holds waived and known findings.
    pub sarif_waived: SarifWaived,
    /// GitHub's category of an analysis. None leaves the choice to the upload.
    pub sarif_category: Option<String>,
}

/// Whether text is coloured. Decided at the edge, from the terminal and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// ANSI escape sequences.
    Always,
}

/// Whether matched secrets may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShowSecrets {
    /// Only a hint.
    #[default]
    Hide,
    /// In clear; the user asked for it.
    Show,
}

/// Whether text lists the findings that are known from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownDetail {
    /// Only how many there are.
    #[default]
    Count,
    /// Each of them.
    List,
}

/// Whether SARIF holds waived and known findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SarifWaived {
    /// Left out: GitHub ignores `suppressions` and would open an alert for each.
    #[default]
    Omit,
    /// Written with `suppressions`, for consumers that heed them.
    Include,
}
