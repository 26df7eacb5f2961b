//! The commands that make the exports of a platform, as a script that only reads.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::rule::file::Depth;
use crate::source::Source;

use super::Io;
use super::content::Content;
use super::error::AppError;
use super::exit::Exit;
use super::options::ContentOptions;

/// Programs that the commands of sources call. Anything else is said in words.
const PROGRAMS: &[&str] = &[
    "sf", "aws", "az", "gcloud", "gh", "glab", "kubectl", "vault", "psql", "op", "curl",
];

/// Prints the script of a platform.
///
/// # Errors
/// When sources are wrong, the platform is not known, or standard output cannot be written.
pub(super) fn run(
    platform: Option<&str>,
    options: &ContentOptions,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let content = Content::load(options, Depth::Trusted)?;
    let Some(platform) = platform else {
        for platform in platforms(&content) {
            writeln!(io.out, "{platform}")?;
        }
        return Ok(Exit::Clean);
    };
    let platforms = platforms(&content);
    if !platforms.contains(platform) {
        let known = platforms.iter().copied();
        let otherwise = "`credlint export-guide` names them all";
        return Err(AppError::unknown("platform", platform, known, otherwise));
    }
    write!(io.out, "{}", script(&content, platform))?;
    Ok(Exit::Clean)
}

/// The platforms that have exports.
#[must_use]
pub fn platforms(content: &Content) -> BTreeSet<&str> {
    let sources = content.sources.iter().map(|(_, source)| source.platform());
    sources.filter(|platform| !platform.is_empty()).collect()
}

/// The script of a platform, for a POSIX shell.
#[must_use]
pub fn script(content: &Content, platform: &str) -> String {
    let mut script = format!(
        "#!/bin/sh\n# Exports of {platform} for credlint. Every command only reads; each writes one file here.\n# A command that asks for <something> is to be run once for each of them.\n"
    );
    let mut seen = BTreeSet::new();
    if platform_sources(content, platform).any(|source| source.export().starts_with("GET ")) {
        script.push_str(
            "# BASE_URL is the address of the instance, AUTHORIZATION the value of that header.\n",
        );
    }
    script.push_str("set -eu\n");
    for source in platform_sources(content, platform) {
        let export = one_line(source.export());
        if seen.insert(export.clone()) {
            let _ = write!(
                script,
                "\n# {}\n{}\n",
                source.title(),
                line(source, &export)
            );
        }
    }
    script
}

fn platform_sources<'c>(
    content: &'c Content,
    platform: &'c str,
) -> impl Iterator<Item = &'c Source> {
    let sources = content.sources.iter().map(|(_, source)| &**source);
    sources.filter(move |source| source.platform() == platform)
}

/// What a source says of its export, as a line of a script.
fn line(source: &Source, export: &str) -> String {
    let words: Vec<&str> = export.split(' ').collect();
    match words.as_slice() {
        ["GET", path] => {
            let call = format!(
                "curl -sSf -H \"Authorization: $AUTHORIZATION\" \"$BASE_URL{path}\" > {}",
                file(source)
            );
            open(&call, export)
        }
        // It writes files of its own.
        ["sf", "project", "retrieve", ..] => export.to_owned(),
        [program, ..] if PROGRAMS.contains(program) => {
            // Some name the file that they write.
            let call = if export.contains("\\copy") {
                export.to_owned()
            } else {
                format!("{export} > {}", file(source))
            };
            open(&call, export)
        }
        _ => format!("# By hand: {export}"),
    }
}

/// A command with something left open is shown, not run.
fn open(call: &str, export: &str) -> String {
    let prose = export.contains(" (or ") || export.contains('…');
    if export.contains('<') || prose {
        format!("# {call}")
    } else {
        call.to_owned()
    }
}

/// The name of the file that a command writes. It does not matter for what the file is taken for.
fn file(source: &Source) -> String {
    let ending = if source.export().contains("-o yaml") {
        "yaml"
    } else {
        "json"
    };
    format!("{}.{ending}", source.id())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
