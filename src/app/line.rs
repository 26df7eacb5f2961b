//! `explain --at FILE:LINE`: what every rule about secrets makes of a line.

use std::io::{self, Read};
use std::num::NonZeroU32;
use std::path::Path;

use crate::check::secret::{SecretScanner, Trace};
use crate::model::{Allow, Confidence, Finding, RuleId, ScanPath};
use crate::read;
use crate::rule::file::Depth;
use crate::rule::{Body, SecretRule};

use super::Io;
use super::content::Content;
use super::error::AppError;
use super::exit::Exit;
use super::options::{Config, ContentOptions};

/// A file of which more than this many bytes would have to be read is not explained.
const LARGEST: u64 = 64 << 20;

/// Explains a line.
///
/// # Errors
/// When rules or policy are wrong, or the file has no such line.
pub(super) fn explain(
    (file, line): (&Path, NonZeroU32),
    options: &ContentOptions,
    config: &Config,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let mut content = Content::load(options, Depth::Trusted)?;
    content.policy(config)?;
    let rules: Vec<&SecretRule> = content
        .rules
        .iter()
        .filter_map(|rule| match &rule.body {
            Body::Secret(body) => Some(&**body),
            Body::Record(_) => None,
        })
        .collect();
    let shown = ScanPath::new(file);
    let cannot = |why: &str| AppError::usage(format!("{shown} {why}"));
    let bytes = contents(file).map_err(|e| cannot(&format!("cannot be read: {e}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(cannot("is too large to be explained"));
    }
    let scanner = SecretScanner::new(rules.iter().copied());
    let trace = scanner.trace(&shown, &bytes, line.get());
    let trace = trace.ok_or_else(|| cannot(&format!("is no text, or has no line {line}")))?;
    tell((&shown, line), rules.len(), &trace, io)?;
    Ok(Exit::Clean)
}

fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read::file(file)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn tell(
    (path, line): (&ScanPath, NonZeroU32),
    rules: usize,
    trace: &Trace,
    io: &mut Io<'_>,
) -> io::Result<()> {
    let out = &mut *io.out;
    let counts = (trace.findings.len(), trace.dropped.len());
    writeln!(
        out,
        "{path}:{line}: {} found, {} dropped, by {rules} rules about secrets",
        counts.0, counts.1
    )?;
    for found in &trace.findings {
        let finding = &found.finding;
        writeln!(out, "\nfound    {}", finding.rule)?;
        writeln!(out, "         {}", finding.message)?;
        writeln!(
            out,
            "         {}, {} confidence{}",
            finding.severity,
            finding.confidence,
            shown_by_default(finding)
        )?;
        if let Some(backing) = found.backing {
            writeln!(out, "         surer than its rule, because {backing}")?;
        }
        for doubt in &found.doubts {
            writeln!(out, "         less sure, because {doubt}")?;
        }
        if let Some(allow) = &finding.allow {
            writeln!(out, "         {}", allowed(allow))?;
        }
    }
    for dropped in &trace.dropped {
        writeln!(out, "\ndropped  {}", dropped.rule)?;
        writeln!(out, "         {}: {}", dropped.hint, dropped.why)?;
    }
    list(
        out,
        "No match on this line, though a keyword stands there:",
        &trace.silent,
    )?;
    list(
        out,
        "Rules that do not look at such a file:",
        &trace.elsewhere,
    )
}

fn shown_by_default(finding: &Finding) -> &'static str {
    if finding.confidence < Confidence::Medium {
        "; a scan shows it with `--min-confidence low` only"
    } else {
        ""
    }
}

fn allowed(allow: &Allow) -> &'static str {
    match allow {
        Allow::Ours { .. } => "a comment beside it allows it",
        Allow::Foreign(_) => {
            "the marker of another tool stands beside it; `--compat-allows` takes it"
        }
        Allow::Wrong(_) => "a comment beside it means to allow it, and is wrong",
    }
}

fn list(out: &mut dyn io::Write, title: &str, rules: &[RuleId]) -> io::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for rule in rules {
        writeln!(out, "  {rule}")?;
    }
    Ok(())
}
