//! Runbooks: the built-in ones and the user's, for an item, for a rule, or as they are.

use std::path::PathBuf;

use crate::inventory::{Inventory, Item, Recipes, RunWords, Runbook, Runbooks, Subject};
use crate::model::{Diagnostic, Instant, suggest};
use crate::read::decode::Document;
use crate::read::node::Node;
use crate::report::RunbookPage;
use crate::rule::file::Depth;

use super::builtin::{BUILTIN, Builtin};
use super::content::{Content, folders};
use super::error::AppError;
use super::exit::Exit;
use super::guide::platforms;
use super::inventory::{look, tell};
use super::options::{
    HOOK_FORMAT, ReportTarget, RunbookAction, RunbookBy, RunbookOptions, Verbosity,
};
use super::{Io, deliver};

/// Where the built-in runbooks are.
const FOLDER: &str = "rules/runbooks/";

/// The most items that are named where a text means several.
const NAMED: usize = 12;

/// Does what was asked for with runbooks.
///
/// # Errors
/// When runbooks, rules or sources are wrong, the item, runbook or rule is not known, or the page
/// cannot be written.
pub(super) fn run(options: &RunbookOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let content = Content::load(&options.scan.content, Depth::Trusted)?;
    let recipes = content.recipes()?;
    let words = words(&content, &recipes);
    let mut faults = Vec::new();
    let own = own(&options.scan.runbooks, Some(&words), &mut faults)?;
    match &options.action {
        RunbookAction::Test => {
            let mut all = parsed(&words, &mut faults);
            refuse(faults)?;
            all.extend(own);
            test(&Runbooks::new(all), io)
        }
        RunbookAction::List => {
            refuse(faults)?;
            let all = Runbooks::new(packed()?.into_iter().chain(own));
            let widest = all.all().iter().map(|r| r.id.len()).max().unwrap_or(0);
            for runbook in all.all() {
                writeln!(io.out, "{:widest$}  {}", runbook.id, runbook.title)?;
            }
            Ok(Exit::Clean)
        }
        RunbookAction::Page { item, by } => {
            refuse(faults)?;
            let all = Runbooks::new(packed()?.into_iter().chain(own));
            let chosen = chosen(&all, by, &words)?;
            let Some(text) = item else {
                let runbook = chosen.ok_or_else(|| AppError::usage("no runbook was named"))?;
                page((runbook, &Subject::default()), options, io)?;
                return Ok(Exit::Clean);
            };
            let found = look(&options.scan, io)?;
            let as_of = options.scan.as_of;
            let subject = Subject::of(&meant(&found.inventory, text, as_of)?, as_of);
            let runbook = chosen.or_else(|| all.of_item(&subject)).ok_or_else(|| {
                AppError::usage(format!("there is no runbook for a {}", subject.kind))
            })?;
            page((runbook, &subject), options, io)?;
            tell(&found, io)
        }
    }
}

/// The built-in runbooks and the user's, where one of these reports names them. The hook's own does
/// not, and its start is felt at every commit. Words of the user's are checked against those of a
/// run, where there is one.
///
/// # Errors
/// When a runbook of the user's is wrong.
pub(super) fn named_in(
    reports: &[ReportTarget],
    named: &[PathBuf],
    content: Option<&Content>,
) -> Result<Runbooks, AppError> {
    if reports.iter().all(|report| report.format == HOOK_FORMAT) {
        return Ok(Runbooks::default());
    }
    if named.is_empty() {
        return Ok(built_in());
    }
    let mut faults = Vec::new();
    let own = match content {
        Some(content) => {
            let recipes = content.recipes()?;
            own(named, Some(&words(content, &recipes)), &mut faults)?
        }
        None => own(named, None, &mut faults)?,
    };
    refuse(faults)?;
    Ok(Runbooks::new(packed()?.into_iter().chain(own)))
}

/// What runbooks may name.
fn words<'w>(content: &'w Content, recipes: &'w Recipes) -> RunWords<'w> {
    RunWords {
        kinds: recipes.kinds().iter().map(|k| k.name.as_str()).collect(),
        platforms: platforms(content).into_iter().collect(),
        rules: content.rules.iter().map(|r| r.meta.id.as_str()).collect(),
    }
}

/// The runbooks in the user's folders.
fn own(
    named: &[PathBuf],
    words: Option<&RunWords<'_>>,
    faults: &mut Vec<Diagnostic>,
) -> Result<Vec<Runbook>, AppError> {
    let files = folders(named, faults)?;
    let runbooks = files.iter().filter_map(|file| {
        let read = Runbook::decode_file(&file.document, &file.node, words);
        read.map_err(|fault| faults.push(fault)).ok()
    });
    Ok(runbooks.flatten().collect())
}

/// The built-in runbooks, read when one is asked for.
///
/// # Panics
/// Then, if one is wrong. The tests read them all.
#[must_use]
pub fn built_in() -> Runbooks {
    Runbooks::later(|| match packed() {
        Ok(runbooks) => runbooks,
        Err(fault) => unreachable!("a built-in runbook: {fault}"),
    })
}

fn files() -> impl Iterator<Item = &'static Builtin> {
    BUILTIN.iter().filter(|file| file.name.starts_with(FOLDER))
}

fn packed() -> Result<Vec<Runbook>, AppError> {
    let mut all = Vec::new();
    for file in files() {
        let document = Document::built_in(file.name, file.text);
        if let Some(node) = file.node() {
            all.extend(Runbook::decode_file(&document, &node, None)?);
        }
    }
    Ok(all)
}

/// The built-in runbooks with their tests, every word of them checked.
fn parsed(words: &RunWords<'_>, faults: &mut Vec<Diagnostic>) -> Vec<Runbook> {
    let mut all = Vec::new();
    for file in files() {
        let document = Document::built_in(file.name, file.text);
        let read = document
            .parse()
            .and_then(|node: Node| Runbook::decode_file(&document, &node, Some(words)));
        match read {
            Ok(runbooks) => all.extend(runbooks),
            Err(fault) => faults.push(fault),
        }
    }
    all
}

fn refuse(faults: Vec<Diagnostic>) -> Result<(), AppError> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(AppError::Refused(faults))
    }
}

/// The runbook that was asked for by name. None: the item decides.
fn chosen<'r>(
    all: &'r Runbooks,
    by: &RunbookBy,
    words: &RunWords<'_>,
) -> Result<Option<&'r Runbook>, AppError> {
    let otherwise = "`credlint runbook --list` names them all";
    match by {
        RunbookBy::Item => Ok(None),
        RunbookBy::Id(id) => all.get(id).map(Some).ok_or_else(|| {
            let known = all.all().iter().map(|runbook| runbook.id.as_str());
            AppError::unknown("runbook", id, known, otherwise)
        }),
        RunbookBy::Rule(rule) => {
            if !words.rules.contains(&rule.as_str()) {
                let known = words.rules.iter().copied();
                return Err(AppError::unknown_rule(rule.as_str(), known));
            }
            all.of_rule(rule).map(Some).ok_or_else(|| AppError::Usage {
                message: format!("the runbook for `{rule}` depends on what a finding is about"),
                help: Some("name the credential: `credlint runbook NAME PATHS`".to_owned()),
            })
        }
    }
}

/// The item that a person means.
fn meant<'i>(inventory: &'i Inventory, text: &str, as_of: Instant) -> Result<Item<'i>, AppError> {
    let items: Vec<Item<'i>> = inventory.named(text);
    let items: Vec<Item<'i>> = items.into_iter().filter(|i| !i.is_later(as_of)).collect();
    // An application and its secret have one name, and what is rotated is the secret.
    let rotated: Vec<Item<'i>> = items.iter().copied().filter(Item::rotates).collect();
    match (rotated.as_slice(), items.as_slice()) {
        ([one], _) => Ok(*one),
        ([], []) => Err(unknown_item(inventory, text)),
        ([], [one, ..]) => {
            let owns = one.referrers().filter(|(_, item)| item.rotates());
            let owns: Vec<String> = owns.map(|(_, item)| item.id()).collect();
            Err(AppError::Usage {
                message: format!("{} is not rotated itself: it is no credential", one.id()),
                help: (!owns.is_empty()).then(|| format!("of it: {}", listed(owns))),
            })
        }
        (several, _) => Err(AppError::Usage {
            message: format!("`{text}` is the name of {} credentials", several.len()),
            help: Some(format!(
                "name one by its id: {}",
                listed(several.iter().map(Item::id).collect())
            )),
        }),
    }
}

fn listed(mut ids: Vec<String>) -> String {
    ids.sort_unstable();
    ids.dedup();
    let more = ids.len().saturating_sub(NAMED);
    ids.truncate(NAMED);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{rest}", ids.join(", "))
}

fn unknown_item(inventory: &Inventory, text: &str) -> AppError {
    let near = suggest(text, inventory.items().map(|item| item.name()));
    AppError::Usage {
        message: format!("no credential `{text}` in these exports"),
        help: Some(near.map_or_else(
            || "`credlint inventory PATHS` names them all".to_owned(),
            |near| format!("did you mean `{near}`?"),
        )),
    }
}

fn page(
    (runbook, subject): (&Runbook, &Subject),
    options: &RunbookOptions,
    io: &mut Io<'_>,
) -> Result<(), AppError> {
    let page = RunbookPage {
        runbook,
        subject,
        as_of: options.scan.as_of,
    };
    deliver::write_to(options.output.as_deref(), io, &mut |out| page.write(out))
}

fn test(all: &Runbooks, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for runbook in all.all() {
        for (name, result) in results(all, runbook) {
            match result {
                Ok(()) => {
                    passed += 1;
                    if io.verbosity == Verbosity::Verbose {
                        writeln!(io.out, "ok    {}: {name}", runbook.id)?;
                    }
                }
                Err(why) => {
                    failed += 1;
                    writeln!(io.out, "FAIL  {}: {name}: {why}", runbook.id)?;
                }
            }
        }
    }
    writeln!(io.out, "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// What the tests of a runbook come to.
fn results<'r>(
    all: &'r Runbooks,
    runbook: &'r Runbook,
) -> impl Iterator<Item = (&'r str, Result<(), String>)> {
    runbook.tests.iter().map(move |test| {
        let page = RunbookPage {
            runbook,
            subject: &test.subject,
            as_of: Instant::from_seconds(0),
        };
        let mut bytes = Vec::new();
        let written = page.write(&mut bytes).map_err(|e| e.to_string());
        let text = String::from_utf8_lossy(&bytes);
        let expected = test.chosen.as_deref().unwrap_or(&runbook.id);
        let chosen = all.of_item(&test.subject).map(|r| r.id.as_str());
        let missing = test.says.iter().find(|says| !text.contains(says.as_str()));
        let surplus = test.omits.iter().find(|said| text.contains(said.as_str()));
        let result = match (written, missing, surplus) {
            (Err(why), ..) => Err(why),
            (_, Some(says), _) => Err(format!("it does not say `{says}`")),
            (_, _, Some(said)) => Err(format!("it says `{said}`")),
            _ if chosen != Some(expected) => Err(format!(
                "the item's runbook is {}, not {expected}",
                chosen.unwrap_or("none")
            )),
            _ => Ok(()),
        };
        (test.name.as_str(), result)
    })
}
