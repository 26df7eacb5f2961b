//! The leaked secret meets its credential: what was found in source is held against what exports
//! know, by the identifiers beside it. Offline, and only where a scan has both.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::check::org::{Judge, Outcome};
use crate::input;
use crate::inventory::leak::{Owned, Owners, account_of};
use crate::inventory::{Fact, Item, State};
use crate::model::{
    Cause, Evidence, Finding, Identifier, Instant, Location, Missing, OwnedRecord, OwnedValue,
    Region, RuleId, Severity, Value, When,
};
use crate::report::{NotEvaluated, RuleOutcome};
use crate::rule::pair::Pair;
use crate::rule::{Body, Policy, Rule, SecretRule};

use super::assemble::Harvest;
use super::content::Content;
use super::error::AppError;
use super::exports::{Faults, Ground, find, wants_inventory};
use super::hashing::Hashes;
use super::inventory;
use super::options::ScanOptions;
use super::org::{Export, OrgRun};
use super::scan::walk_options;

/// The record type of leaked secrets.
const LEAKED: &str = "leaked_secret";

/// Joins what a scan found in source with what its exports know.
pub(super) fn scan(
    options: &ScanOptions,
    secret_rules: &[&SecretRule],
    exports: &[Export],
    harvest: &mut Harvest,
) {
    leave_out_lists(secret_rules, exports, harvest);
    if let Some(inventory) = &harvest.inventory {
        join(&mut harvest.findings, &Owners::of(inventory), options.as_of);
    }
    // Only a report that shows it needs it any longer.
    if !wants_inventory(options) {
        harvest.inventory = None;
    }
}

/// An export that lists identifiers is where they belong: they are no finding there.
fn leave_out_lists(rules: &[&SecretRule], exports: &[Export], harvest: &mut Harvest) {
    if exports.is_empty() {
        return;
    }
    let ids = only_identify(rules);
    let lists: BTreeSet<&str> = exports.iter().map(|e| e.file.shown.as_str()).collect();
    harvest
        .findings
        .retain(|f| !(ids.contains(&f.rule) && lists.contains(f.location.path.as_str())));
}

/// The rules that find an identifier and no secret.
pub(super) fn only_identify<'r>(rules: &[&'r SecretRule]) -> BTreeSet<&'r RuleId> {
    let only_identify = rules.iter().filter(|rule| rule.start().identifies);
    only_identify.map(|rule| &rule.meta.id).collect()
}

/// The rules about leaked secrets.
pub(super) fn rules<'r>(content: &Content, rules: &[&'r Rule]) -> Vec<&'r Rule> {
    let leaked = content.schema.find(LEAKED).map(|(ty, _)| ty);
    let about = |rule: &&&Rule| match &rule.body {
        Body::Record(body) => Some(body.record) == leaked,
        Body::Secret(_) => false,
    };
    rules.iter().filter(about).copied().collect()
}

/// Joins what the history holds with exports of today, and judges whether it is live.
///
/// # Errors
/// When what makes records items is wrong, or a rule.
pub(super) fn history(
    (options, content, policy): (&ScanOptions, &Content, &Policy),
    targets: &[PathBuf],
    rules: &[&Rule],
    harvest: &mut Harvest,
) -> Result<(), AppError> {
    let walk = walk_options(options, policy)?;
    let listing = input::list(&options.directory, targets, &walk);
    harvest.problems.extend(listing.problems);
    let ground = Ground {
        sources: &content.sources,
        archives: options.archives,
        files: &listing.files,
        targets,
        faults: Faults::Told,
    };
    let exports = find(ground, &mut harvest.problems, &mut harvest.notes);
    if exports.is_empty() {
        return Err(AppError::usage(
            "none of the files that --exports names is an export that is known",
        ));
    }
    let found = inventory::build(
        (content, content.recipes()?),
        &exports,
        (options.as_of, options.until),
    );
    harvest.problems.extend(found.problems);
    let dates = (options.as_of, options.until);
    let run = OrgRun::new(content, rules, policy, dates, Hashes::None)?;
    let owners = Owners::of(&found.inventory);
    let judged = judge(&harvest.findings, &owners, &run.judges, options.as_of);
    for (judge, outcomes) in run.judges.iter().zip(judged) {
        harvest
            .outcomes
            .push(count(judge, outcomes, &mut harvest.findings));
    }
    join(&mut harvest.findings, &owners, options.as_of);
    Ok(())
}

/// What a rule came to. Its findings are added.
#[expect(clippy::vec_box, reason = "findings are large, and are sorted later")]
fn count(
    judge: &Judge<'_>,
    outcomes: Vec<Outcome>,
    findings: &mut Vec<Box<Finding>>,
) -> RuleOutcome {
    let (mut fails, mut passes, mut unknown) = (0, 0, 0);
    for outcome in outcomes {
        match outcome {
            Outcome::Pass => passes += 1,
            Outcome::NotEvaluated(_) => unknown += 1,
            Outcome::Fail(finding) => {
                fails += 1;
                findings.push(finding);
            }
        }
    }
    let reason = NotEvaluated {
        reason: "no export says enough about the credential".to_owned(),
        subjects: unknown,
    };
    RuleOutcome {
        rule: judge.meta.id.clone(),
        fails,
        passes,
        not_evaluated: (unknown > 0).then_some(reason).into_iter().collect(),
    }
}

/// Adds to findings of secrets whose they are. A secret whose credential works is critical; one
/// whose credential is gone is worth mending only.
fn join(findings: &mut [Box<Finding>], owners: &Owners<'_>, as_of: Instant) {
    // Asked of every identifier of the inventory, so only where a finding has no owner.
    let listed = LazyCell::new(|| owners.of_one_platform(Pair::platform_of));
    let named = findings.iter_mut().filter(|f| !f.identifiers.is_empty());
    for finding in named {
        match owners.find(&finding.identifiers) {
            Some(owned) => tell(finding, &owned, as_of),
            None => orphan(finding, &listed),
        }
    }
}

/// Says of a finding whose it is.
fn tell(finding: &mut Finding, owned: &Owned<'_>, as_of: Instant) {
    let item = owned.item;
    let state = item.state(as_of);
    if owned.certain {
        finding.severity = match state {
            State::Unknown => finding.severity,
            // What cannot act on production does not become able to by being in use.
            state if state.is_live() && finding.severity > Severity::Low => Severity::Critical,
            state if state.is_live() => finding.severity,
            _ => finding.severity.min(Severity::Low),
        };
    }
    finding.causes.push(Cause {
        text: sentence(finding.identifiers.get(owned.by), owned, as_of),
        location: place(item),
    });
    finding.causes.sort();
    let facts = [
        ("credential", item.id()),
        (
            "owner",
            item.owner()
                .map_or_else(String::new, |o| o.value.to_owned()),
        ),
        ("state", state.word().to_owned()),
        ("rotated", time(item, Fact::Rotated)),
        ("last_used", time(item, Fact::LastUsed)),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    finding
        .evidence
        .extend(facts.map(|(field, value)| Evidence {
            field: field.into(),
            value: value.into(),
        }));
}

/// What the exports say of a credential, in one sentence.
fn sentence(identifier: Option<&Identifier>, owned: &Owned<'_>, as_of: Instant) -> String {
    let item = owned.item;
    let by = identifier.map_or("", |identifier| identifier.value.as_str());
    let kind = identifier.map_or("", |identifier| identifier.kind.word());
    let verb = if owned.certain {
        "Belongs"
    } else {
        "May belong"
    };
    let name = match item.name() {
        name if name == by => String::new(),
        name => format!(" {name}"),
    };
    let account = account_of(item).filter(|account| *account != item.name());
    let of = account.map_or_else(String::new, |account| format!(" of {account}"));
    let owner = match item.owner() {
        Some(owner) => format!("owner {}", owner.value),
        None => "owner not recorded".to_owned(),
    };
    let since = |word: &str, fact| match time(item, fact) {
        date if date.is_empty() => format!("{word} not known"),
        date => format!("{word} {date}"),
    };
    format!(
        "{verb} to the {}{name}{of} on {}, by the {} {by}: {}, {owner}, {}, {}",
        item.kind_title(),
        item.platform(),
        kind.replace('_', " "),
        item.state(as_of).word(),
        since("last rotated", Fact::Rotated),
        since("last used", Fact::LastUsed),
    )
}

/// Says that a platform's exports do not know what a secret belongs to, where they would know it if
/// it were theirs.
fn orphan(finding: &mut Finding, listed: &BTreeSet<&'static str>) {
    let of = |identifier: &Identifier| Some((Pair::platform_of(identifier)?, identifier.clone()));
    let Some((platform, identifier)) = finding.identifiers.iter().find_map(of) else {
        return;
    };
    if !listed.contains(platform) {
        return;
    }
    finding.causes.push(Cause {
        text: format!(
            "No export of {platform} knows {}: it is of an account that was not exported, or gone",
            identifier.value
        ),
        location: None,
    });
    finding.causes.sort();
}

fn place(item: Item<'_>) -> Option<Location> {
    let (path, line) = item.place()?;
    Some(Location {
        path: path.clone(),
        region: Region::line(line),
    })
}

/// A day; nothing where it is not known.
fn time(item: Item<'_>, fact: Fact) -> String {
    match item.time(fact).map(|known| known.value) {
        Some(When::Known(at)) => at.date(),
        Some(When::Never) => "never".to_owned(),
        None => String::new(),
    }
}

/// Judges the secrets of a history whose credential is known, under rules over such records.
/// What each rule came to, in the order of the rules.
fn judge(
    findings: &[Box<Finding>],
    owners: &Owners<'_>,
    judges: &[Judge<'_>],
    as_of: Instant,
) -> Vec<Vec<Outcome>> {
    let mut outcomes: Vec<Vec<Outcome>> = judges.iter().map(|_| Vec::new()).collect();
    for finding in findings {
        let (Some(commit), Some(owned)) = (&finding.commit, owners.find(&finding.identifiers))
        else {
            continue;
        };
        if !owned.certain {
            continue;
        }
        let by = finding.identifiers.get(owned.by);
        for (judge, outcomes) in judges.iter().zip(&mut outcomes) {
            let values = values(owned.item, by, commit.authored, as_of);
            let fields = judge.record.fields.iter().map(|field| {
                let value = values.iter().find(|(name, _)| *name == field.name);
                value.map_or(Value::Missing(Missing::Absent), |(_, value)| value.clone())
            });
            let record = OwnedRecord(fields.collect());
            outcomes.push(judge.judge(&record, &[], &|| finding.location.clone()));
        }
    }
    outcomes
}

/// What rules can ask of a leaked secret.
fn values(
    item: Item<'_>,
    by: Option<&Identifier>,
    committed: Instant,
    as_of: Instant,
) -> [(&'static str, OwnedValue); 9] {
    let text = |text: &str| match text {
        "" => Value::Missing(Missing::Empty),
        text => Value::Text(text.to_owned().into()),
    };
    let rotated = item.time(Fact::Rotated);
    [
        ("platform", text(item.platform())),
        ("id", text(&item.id())),
        ("title", text(item.kind_title())),
        ("name", text(item.name())),
        ("identifier", text(by.map_or("", |by| by.value.as_str()))),
        ("state", text(item.state(as_of).word())),
        ("owner", text(item.owner().map_or("", |owner| owner.value))),
        ("committed", Value::Time(When::Known(committed))),
        (
            "rotated",
            rotated.map_or(Value::Missing(Missing::Empty), |known| {
                Value::Time(known.value)
            }),
        ),
    ]
}
