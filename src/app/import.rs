//! `rules import`: rules of other tools as a rule file of ours, each with tests that were run.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Io;
use super::content::{Content, controls, document, files_named};
use super::error::AppError;
use super::exit::Exit;
use super::init;
use super::options::{ContentOptions, Verbosity};
use crate::check::secret::{self, Scanned, Scratch, SecretScanner};
use crate::model::ScanPath;
use crate::read::decode::{Decoded, Document};
use crate::rule::file::Depth;
use crate::rule::import::{self, Draft, Import, Offer};
use crate::rule::{Body, Expect, Rule, SecretRule, SecretTest};

/// More tests of one kind than this a rule does not get.
const MOST_TESTS: usize = 3;

/// A rule of another tool, and what became of it.
enum Outcome {
    /// Its YAML, and what could not be carried over.
    Written(String, Vec<String>),
    /// Why it is not written.
    LeftOut(String),
}

/// Reads rule files of other tools and writes one of ours.
///
/// # Errors
/// When a file cannot be read or is broken, when the output is there already, and when standard
/// output cannot be written.
pub(super) fn run(from: &[PathBuf], out: Option<&Path>, io: &mut Io<'_>) -> Result<Exit, AppError> {
    if let Some(out) = out
        && fs::symlink_metadata(out).is_ok()
    {
        let cause = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(AppError::write(out, cause));
    }
    let content = Content::load(&ContentOptions::default(), Depth::Trusted)?;
    let mut taken = content
        .rules
        .iter()
        .map(|rule| rule.meta.id.to_string())
        .collect();
    let imports = read_all(from, &mut taken)?;
    let secrets = content.rules.iter().filter_map(|rule| match &rule.body {
        Body::Secret(body) => Some(&**body),
        Body::Record(_) => None,
    });
    let scanner = SecretScanner::new(secrets);
    let (mut written, mut left_out, mut yaml) = (0_usize, 0_usize, String::new());
    let talk = io.verbosity > Verbosity::Quiet;
    for (doc, import) in imports {
        let name = Path::new(doc.file())
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        yaml.push_str(&format!("# From {}.\n", one_line(&name)));
        let outcomes: Vec<Outcome> = import
            .drafts
            .par_iter()
            .map(|draft| settle(draft, &content, &scanner))
            .collect();
        let mut notes: Vec<(&str, String)> = Vec::new();
        for what in &import.lost {
            notes.push((doc.file(), format!("not carried over: {what}")));
        }
        for (draft, outcome) in import.drafts.iter().zip(outcomes) {
            match outcome {
                Outcome::Written(rule, lost) => {
                    written += 1;
                    yaml.push_str(&rule);
                    if !lost.is_empty() {
                        notes.push((&draft.id, format!("not carried over: {}", lost.join("; "))));
                    }
                }
                Outcome::LeftOut(why) => {
                    left_out += 1;
                    notes.push((&draft.from, format!("left out: {why}")));
                }
            }
        }
        for (id, why) in &import.left_out {
            left_out += 1;
            notes.push((id, format!("left out: {why}")));
        }
        for (about, note) in notes.iter().filter(|_| talk) {
            writeln!(io.err, "{}: {}", one_line(about), one_line(note))?;
        }
    }
    if written == 0 {
        return Err(AppError::usage("none of the rules can be a rule of ours"));
    }
    let whole = format!(
        "# Written by `credlint rules import`. The licence of these rules is that of the tool they come from.\nversion: 1\nrules:\n{yaml}"
    );
    match out {
        Some(path) => init::write(path, &whole)?,
        None => io.out.write_all(whole.as_bytes())?,
    }
    if talk {
        writeln!(io.err, "{}", summary(written, left_out))?;
    }
    Ok(if left_out == 0 {
        Exit::Clean
    } else {
        Exit::Incomplete
    })
}

fn summary(written: usize, left_out: usize) -> String {
    let rules = |n: usize| {
        if n == 1 {
            "1 rule".to_owned()
        } else {
            format!("{n} rules")
        }
    };
    format!("{} written, {left_out} left out", rules(written))
}

/// A text of another tool's file for a terminal: on one line, without control characters.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Reads every file; all that are broken are told at once.
fn read_all(
    from: &[PathBuf],
    taken: &mut BTreeSet<String>,
) -> Result<Vec<(Document, Import)>, AppError> {
    let (mut imports, mut faults) = (Vec::new(), Vec::new());
    for path in from {
        let files = files_named(path, &["toml", "yaml", "yml"])?;
        if files.is_empty() {
            return Err(AppError::usage(format!(
                "no TOML or YAML file in {}",
                path.display()
            )));
        }
        for file in files {
            let read = document(&file)?.and_then(|doc| {
                let import = import::read(&doc, taken)?;
                Ok((doc, import))
            });
            match read {
                Ok(import) => imports.push(import),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if faults.is_empty() {
        Ok(imports)
    } else {
        Err(AppError::Refused(faults))
    }
}

/// Gives a draft the tests that come out as they should, and checks the rule as a user's own is
/// checked.
fn settle(draft: &Draft, content: &Content, scanner: &SecretScanner<'_>) -> Outcome {
    let decode = |yaml: &str, depth| -> Decoded<Vec<Rule>> {
        let doc = Document::new(&draft.id, &format!("version: 1\nrules:\n{yaml}"));
        let node = doc.parse()?;
        Rule::decode_file(&doc, &node, (&content.schema, controls()), depth)
    };
    let rule = match decode(&draft.yaml(&[]), Depth::Trusted) {
        Ok(rules) => rules.into_iter().next(),
        Err(fault) => return Outcome::LeftOut(fault.message),
    };
    let Some(Rule {
        body: Body::Secret(rule),
        ..
    }) = rule
    else {
        return Outcome::LeftOut("it is no rule over text".to_owned());
    };
    let tests = choose(draft, &rule, scanner);
    if !tests.iter().any(|test| test.expect == Expect::Finding) {
        return Outcome::LeftOut("no text was found that it reports".to_owned());
    }
    let yaml = draft.yaml(&tests);
    match decode(&yaml, Depth::Full) {
        Ok(_) => Outcome::Written(yaml, draft.lost.clone()),
        Err(fault) => Outcome::LeftOut(fault.message),
    }
}

/// Of the texts that a draft offers, those that come out as they should and hold no secret that a
/// scanner would match in the file.
fn choose(draft: &Draft, rule: &SecretRule, scanner: &SecretScanner<'_>) -> Vec<Offer> {
    let own = SecretScanner::new([rule]);
    let path = ScanPath::new(draft.path.as_deref().unwrap_or("test.txt").as_ref());
    let shows = |scanner: &SecretScanner<'_>, text: &str| {
        let scanned = scanner.scan(&path, text.as_bytes(), &mut Scratch::default());
        matches!(scanned, Scanned::Searched(found) if !found.is_empty())
    };
    let mut tests: Vec<Offer> = Vec::new();
    for offer in &draft.offers {
        let alike = tests
            .iter()
            .filter(|test| test.expect == offer.expect)
            .count();
        // One text made from the expression is for rules whose examples do not do.
        let spare = offer.made && alike > 0;
        if alike >= MOST_TESTS || spare || tests.iter().any(|test| test.name == offer.name) {
            continue;
        }
        let test = SecretTest {
            name: offer.name.clone(),
            template: offer.template.clone(),
            path: path.clone(),
            expect: offer.expect,
        };
        let holds = secret::run_test(rule, &test).is_ok();
        let bare = || shows(&own, &offer.template) || shows(scanner, &offer.template);
        if holds && (offer.made || !bare()) {
            tests.push(offer.clone());
        }
    }
    tests
}
