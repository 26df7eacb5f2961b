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

/// What stands before the commands. One that fails must not keep the others from being tried, and
/// leaves no file behind that could be taken for an export.
const BEFORE: &str = r#"set -u
failures=0
failed() {
    failures=$((failures + 1))
    echo "$1 was not exported" >&2
    if [ -n "${2-}" ]; then rm -f "$2"; fi
}
"#;

/// What reads a list page by page: pages stand one behind another, as the reader takes them. The
/// header with the authorization goes nowhere but to the instance.
const PAGES: &str = r#"pages() {
    next=$1
    while [ -n "$next" ]; do
        case $next in "$BASE_URL"/*) ;; *) echo "$next is not of $BASE_URL" >&2; return 1 ;; esac
        curl -sSf -D "$2.headers" -H "Authorization: $AUTHORIZATION" "$next" || return 1
        next=$(sed -n '/^[Ll][Ii][Nn][Kk]:/s/.*<\([^>]*\)>; *rel="next".*/\1/p' "$2.headers") || return 1
    done
}
"#;

/// The line that the commands come after.
pub const COMMANDS: &str = "\n# The exports.\n";

/// What stands behind the commands.
const BEHIND: &str = r#"
if [ "$failures" -gt 0 ]; then
    echo "Exports that failed: $failures" >&2
    exit 1
fi
"#;

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
    let asked =
        platform_sources(content, platform).any(|source| source.export().starts_with("GET "));
    if asked {
        script.push_str(
            "# BASE_URL is the address of the instance, AUTHORIZATION the value of that header.\n",
        );
    }
    let mut exports = platform_sources(content, platform).map(Source::export);
    if exports.any(|export| export.starts_with("sf project ")) {
        script.push_str(
            "# Run it in the folder of a project (`sf project generate`): what is retrieved goes there.\n",
        );
    }
    script.push_str(BEFORE);
    if asked {
        script.push_str(PAGES);
    }
    script.push_str(COMMANDS);
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
    script.push_str(BEHIND);
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
    let id = source.id();
    let call = match words.as_slice() {
        ["GET", path] => {
            let file = file(source);
            format!(
                "pages \"$BASE_URL{path}\" {file} > {file} || failed {id} {file}; rm -f {file}.headers"
            )
        }
        // It writes files of its own.
        ["sf", "project", "retrieve", ..] => format!("{export} || failed {id}"),
        [program, ..] if PROGRAMS.contains(program) => match own_file(&words) {
            // A report that may end with an error for what it found, and whose prompts, which may
            // offer changes, are for nobody here.
            Some(file) if words.contains(&"--outputfile") => {
                format!("rm -f {file}; CI=true {export} || [ -s {file} ] || failed {id} {file}")
            }
            Some(file) => format!("{export} || failed {id} {file}"),
            None => {
                let file = file(source);
                format!("{export} > {file} || failed {id} {file}")
            }
        },
        _ => return format!("# By hand: {export}"),
    };
    open(&call, export)
}

/// The file that a command writes by itself, where it names one.
fn own_file<'w>(words: &[&'w str]) -> Option<&'w str> {
    let mut pairs = words.windows(2);
    let own = |pair: &&[&str]| matches!(pair, ["TO" | "--outputfile", _]);
    pairs.find(own).and_then(|pair| pair.last().copied())
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
