//! Two sets of exports, item by item: what got worse since the last ones were made, and what the
//! difference proves. What one side has no export for is told as not compared, never as gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::app::Io;
use crate::app::content::Content;
use crate::app::error::AppError;
use crate::app::exports::{Faults, Ground, find};
use crate::app::hashing::Hashes;
use crate::app::inventory::build;
use crate::app::options::{DiffOptions, FailOn, ScanOptions};
use crate::app::org::{Export, read_export};
use crate::app::scan::{threads, walk_options};
use crate::input::{self, WalkOptions};
use crate::inventory::{Claimed, Evidence, Fact, Inventory, Item, Known, State};
use crate::model::{
    DAY, Grade, IdentifierKind, Instant, Problem, ProblemKind, ScanPath, Severity, Value, When,
};
use crate::report::{Change, Drift, DriftSide, What};
use crate::rule::file::Depth;
use crate::source::{Plan, SourceId};

/// Records that tell of the end of a credential: the record type, and the words of its `type` that
/// do. Both types name the credential in `credential`, by id or by name.
const ENDS: &[(&str, &[&str])] = &[
    ("rotation_event", &["decommissioned"]),
    (
        "register_event",
        &[
            "decommissioned",
            "destroyed",
            "revoked",
            "retired",
            "deleted",
            "removed",
        ],
    ),
];

/// How bad a change for the worse is; everything else is of severity info.
const fn severity(what: What) -> Severity {
    match what {
        What::UsedAfterEnd => Severity::Critical,
        What::Vanished | What::SetBack | What::PermissionGained => Severity::High,
        What::Reactivated => Severity::Medium,
        _ => Severity::Info,
    }
}

/// Compares two folders of exports.
///
/// # Errors
/// When rules, sources or the policy are wrong.
pub(super) fn compare(options: &DiffOptions, io: &mut Io<'_>) -> Result<Drift, AppError> {
    let scan = &options.scan;
    let mut content = Content::load(&scan.content, Depth::Trusted)?;
    let (policy, _) = content.policy(&scan.config)?;
    let walk = walk_options(scan, &policy)?;
    let read = |folder: &Path| -> Result<Side, AppError> {
        threads(scan)?.install(|| side(&content, (scan, &walk), folder))
    };
    let (old, new) = (read(&options.old)?, read(&options.new)?);
    io.progress.clear();
    let mut changes = Comparison {
        old: &old,
        new: &new,
        as_of: scan.as_of,
        ended: old.ended.union(&new.ended).cloned().collect(),
        content: &content,
    }
    .changes();
    Drift::sort(&mut changes);
    let mut problems: Vec<Problem> = old.problems.into_iter().chain(new.problems).collect();
    problems.sort();
    problems.dedup();
    let mut notes: Vec<String> = old.notes.into_iter().chain(new.notes).collect();
    notes.sort();
    notes.dedup();
    let shown = |path: &Path| DriftSide {
        name: path.to_string_lossy().into_owned(),
        as_of: scan.as_of,
    };
    Ok(Drift {
        old: shown(&options.old),
        new: shown(&options.new),
        changes,
        problems,
        notes,
        fail_on: match options.fail_on {
            Some(FailOn::Severity(severity)) => severity,
            _ => policy.fail_on,
        },
    })
}

/// What the exports of one folder come to.
struct Side {
    inventory: Inventory,
    /// Which sources recognised each file.
    sources: BTreeMap<ScanPath, BTreeSet<SourceId>>,
    /// The files of the team's own register, whose word alone does not say that an item is there.
    register: BTreeSet<ScanPath>,
    /// The credentials, by id or name in lower case, of which a record tells the end.
    ended: BTreeSet<String>,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

fn side(
    content: &Content,
    (scan, walk): (&ScanOptions, &WalkOptions),
    folder: &Path,
) -> Result<Side, AppError> {
    let targets = [folder.to_owned()];
    let listing = input::list(&scan.directory, &targets, walk);
    let (mut problems, mut notes) = (listing.problems, Vec::new());
    let ground = Ground {
        sources: &content.sources,
        archives: scan.archives,
        files: &listing.files,
        targets: &targets,
        faults: Faults::Told,
    };
    let exports = find(ground, &mut problems, &mut notes);
    if exports.is_empty() && problems.is_empty() {
        problems.push(Problem {
            path: Some(ScanPath::new(folder)),
            line: None,
            kind: ProblemKind::NoInput,
            message: "no file is an export that is known".to_owned(),
        });
    }
    let found = build(
        (content, content.recipes()?),
        &exports,
        (scan.as_of, scan.until),
    );
    problems.extend(found.problems);
    let mut sources: BTreeMap<ScanPath, BTreeSet<SourceId>> = BTreeMap::new();
    for export in &exports {
        let of_file = sources.entry(export.file.shown.clone()).or_default();
        of_file.insert(export.found.source);
    }
    let declares = |evidence: &Evidence<'_>| evidence.grade == Grade::Declared;
    let evidence = found.inventory.items().flat_map(|item| item.evidence());
    let register = evidence.filter(declares).map(|e| e.path.clone()).collect();
    Ok(Side {
        inventory: found.inventory,
        sources,
        register,
        ended: ended(content, &exports),
        problems,
        notes,
    })
}

impl Side {
    /// Whether a platform's own record tells of an item, and not the team's register alone.
    fn has(&self, item: &Item<'_>) -> bool {
        item.evidence().any(|e| !self.register.contains(e.path))
    }
}

/// The credentials of which a record tells the end.
fn ended(content: &Content, exports: &[Export]) -> BTreeSet<String> {
    let mut ended = BTreeSet::new();
    for (name, words) in ENDS {
        let Some((ty, record)) = content.schema.find(name) else {
            continue;
        };
        let (Some((credential, _)), Some((what, _))) =
            (record.field("credential"), record.field("type"))
        else {
            continue;
        };
        for export in exports {
            let source = content.sources.get(export.found.source);
            if !source.record_types().contains(&ty) {
                continue;
            }
            let path = &export.file.shown;
            let plan = Plan::new(source, &content.schema, path, &|of, field| {
                of == ty && (field == credential || field == what)
            });
            // What cannot be read has been told when the items were.
            read_export((export, &plan), Hashes::None, &mut |record, _| {
                let Value::Text(word) = record.get(what) else {
                    return;
                };
                if record.ty() == ty
                    && words.contains(&&*word.to_lowercase())
                    && let Value::Text(name) = record.get(credential)
                {
                    ended.insert(name.to_lowercase());
                }
            });
        }
    }
    ended
}

/// Items by the ids that they would have where only another export knew them.
fn other_names<'a>(items: &BTreeMap<String, Item<'a>>) -> BTreeMap<String, Item<'a>> {
    let each = items.values().flat_map(|item| {
        let names = item.identifiers();
        let keys = names.filter(|(kind, _)| *kind == IdentifierKind::KeyId);
        keys.map(|(_, key)| {
            let id = format!("{}:{}:{key}", item.platform(), item.kind());
            (id, *item)
        })
    });
    each.collect()
}

struct Comparison<'a> {
    old: &'a Side,
    new: &'a Side,
    as_of: Instant,
    ended: BTreeSet<String>,
    content: &'a Content,
}

impl<'a> Comparison<'a> {
    fn changes(&self) -> Vec<Change> {
        let items = |side: &'a Side| {
            let items = side.inventory.items();
            let items = items.filter(|item| !item.is_later(self.as_of));
            items
                .map(|item| (item.id(), item))
                .collect::<BTreeMap<_, _>>()
        };
        let (before, after) = (items(self.old), items(self.new));
        let (once, now) = (other_names(&before), other_names(&after));
        let mut renamed: BTreeSet<String> = BTreeSet::new();
        let mut changes = Vec::new();
        let mut gaps: BTreeMap<(&str, SourceId), u64> = BTreeMap::new();
        let permissions = self.told_on_both_sides(Fact::Privileges);
        for (id, old) in &before {
            let same = after.get(id).or_else(|| now.get(id));
            renamed.extend(same.map(Item::id).filter(|of| of != id));
            match same {
                Some(new) if self.new.has(new) || !self.old.has(old) => {
                    self.changed((old, new), &permissions, &mut changes);
                }
                declared => match self.missing(old, self.new) {
                    Some(source) => *gaps.entry(("new", source)).or_default() += 1,
                    None => changes.extend(self.gone(old, declared)),
                },
            }
        }
        for (id, new) in &after {
            let same = before.get(id).or_else(|| once.get(id));
            let known = same.is_some_and(|old| self.old.has(old)) || renamed.contains(id);
            if !self.new.has(new) || known {
                continue;
            }
            match self.missing(new, self.old) {
                Some(source) => *gaps.entry(("old", source)).or_default() += 1,
                None if new.rotates() => {
                    let message = format!("The {} is new", new.kind_title());
                    changes.push(self.change(What::Appeared, new, message));
                }
                None => {}
            }
        }
        changes.extend(gaps.into_iter().map(|((side, source), items)| {
            let title = self.content.sources.get(source).title().to_owned();
            let message = format!(
                "the {side} side has no such export, so that items could not be compared: {items}"
            );
            Change {
                what: What::NotCompared,
                severity: Severity::Info,
                rule: None,
                fingerprint: None,
                item: None,
                subject: title,
                message,
                before: None,
                after: None,
                grade: None,
                place: None,
            }
        }));
        changes
    }

    /// A source that told of an item and has no export on the other side.
    fn missing(&self, item: &Item<'_>, other: &Side) -> Option<SourceId> {
        let own = if std::ptr::eq(other, self.new) {
            self.old
        } else {
            self.new
        };
        let present: BTreeSet<SourceId> = other.sources.values().flatten().copied().collect();
        let told = item.evidence().filter(|e| !own.register.contains(e.path));
        let told = told.filter_map(|evidence| own.sources.get(evidence.path));
        // Of a file that several sources read, any of them may have told.
        let mut told = told.filter(|sources| sources.is_disjoint(&present));
        told.next()?.first().copied()
    }

    /// Platforms and kinds of which both sides tell a fact.
    fn told_on_both_sides(&self, fact: Fact) -> BTreeSet<(&'a str, &'a str)> {
        let told = |side: &'a Side| {
            let items = side.inventory.items();
            let items = items.filter(|item| item.evidence().any(|e| e.fact == fact));
            items
                .map(|item| (item.platform(), item.kind()))
                .collect::<BTreeSet<_>>()
        };
        let new = told(self.new);
        told(self.old)
            .into_iter()
            .filter(|of| new.contains(of))
            .collect()
    }

    /// An item that the new side does not have, though it has the exports that would tell of it.
    /// The team's register may still declare it.
    fn gone(&self, old: &Item<'_>, declared: Option<&Item<'_>>) -> Option<Change> {
        if !old.rotates() {
            return None;
        }
        let declared = declared.map(|item| item.state(self.as_of));
        let state = old.state(self.as_of);
        let title = old.kind_title();
        let closed = declared.is_some_and(|state| !state.is_live());
        Some(if closed || self.has_ended(old) {
            let message = format!("The {title} is gone, and a record tells of its end");
            self.change(What::Decommissioned, old, message)
        } else if !state.is_live() {
            let message = format!("The {title} is gone; it was {} before", state.word());
            self.change(What::Decommissioned, old, message)
        } else {
            let message =
                format!("The {title} is in no export any more, and no record tells of its end");
            self.change(What::Vanished, old, message)
        })
    }

    fn has_ended(&self, item: &Item<'_>) -> bool {
        let named = |name: &str| self.ended.contains(&name.to_lowercase());
        named(&item.id())
            || named(&item.register_id())
            || named(item.name())
            || item.identifiers().any(|(_, value)| named(value))
    }

    /// An item that both sides have.
    fn changed(
        &self,
        (old, new): (&Item<'_>, &Item<'_>),
        permissions: &BTreeSet<(&str, &str)>,
        changes: &mut Vec<Change>,
    ) {
        self.state(old, new, changes);
        self.use_of_the_retired(old, new, changes);
        self.rotation(old, new, changes);
        if permissions.contains(&(new.platform(), new.kind())) {
            self.permissions(old, new, changes);
        }
        let owner = |item: &Item<'_>| item.owner().map(|known| known.value.to_owned());
        if let (Some(before), Some(after)) = (owner(old), owner(new))
            && before != after
        {
            let message = format!("{after} answers for it now; {before} did before");
            let mut change = self.change(What::OwnerChanged, new, message);
            (change.before, change.after) = (Some(before), Some(after));
            changes.push(change);
        }
    }

    fn state(&self, old: &Item<'_>, new: &Item<'_>, changes: &mut Vec<Change>) {
        let (before, after) = (old.state(self.as_of), new.state(self.as_of));
        // What an export does not say is no change.
        if before == State::Unknown
            || after == State::Unknown
            || before.is_live() == after.is_live()
        {
            return;
        }
        let what = if after.is_live() {
            What::Reactivated
        } else {
            What::Retired
        };
        let (before, after) = (before.word(), after.word());
        let message = format!("The {} is {after}; it was {before}", new.kind_title());
        let mut change = self.change(what, new, message);
        (change.before, change.after) = (Some(before.to_owned()), Some(after.to_owned()));
        changes.push(place(change, new, Fact::State));
    }

    fn use_of_the_retired(&self, old: &Item<'_>, new: &Item<'_>, changes: &mut Vec<Change>) {
        let state = old.state(self.as_of);
        if state.is_live() && !self.old_has_ended(old) {
            return;
        }
        let Some(after) = moment(new.time(Fact::LastUsed)) else {
            return;
        };
        let before = moment(old.time(Fact::LastUsed));
        if before.is_some_and(|before| !is_later(after.value, before.value)) {
            return;
        }
        let word = if state.is_live() {
            "decommissioned"
        } else {
            state.word()
        };
        let message = format!(
            "The {} was {word} already, and was used on {} nonetheless",
            new.kind_title(),
            after.value.date()
        );
        let mut change = self.change(What::UsedAfterEnd, new, message);
        change.before = before.map(|before| before.value.text());
        change.after = Some(after.value.text());
        change.grade = Some(after.grade);
        changes.push(place(change, new, Fact::LastUsed));
    }

    /// Whether a record of the old side told of the end of an item.
    fn old_has_ended(&self, item: &Item<'_>) -> bool {
        let ended = &self.old.ended;
        ended.contains(&item.id().to_lowercase())
            || ended.contains(&item.register_id().to_lowercase())
            || ended.contains(&item.name().to_lowercase())
    }

    fn rotation(&self, old: &Item<'_>, new: &Item<'_>, changes: &mut Vec<Change>) {
        let (Some(before), Some(after)) = (old.since(), moment(new.time(Fact::Rotated))) else {
            return;
        };
        let told = moment(old.time(Fact::Rotated)).is_some();
        let grade = before.grade.min(after.grade);
        let days = |at: Instant| self.as_of.days_since(at);
        let (what, message) = if is_later(after.value, before.value) {
            let message = format!(
                "The {} was rotated on {}: its age fell from {} to {} days",
                new.kind_title(),
                after.value.date(),
                days(before.value),
                days(after.value)
            );
            (What::Rotated, message)
        } else if told && is_later(before.value, after.value) {
            let message = format!(
                "The last rotation of the {} is told as {}; before, it was {}",
                new.kind_title(),
                after.value.date(),
                before.value.date()
            );
            (What::SetBack, message)
        } else {
            return;
        };
        let mut change = self.change(what, new, message);
        change.before = Some(before.value.text());
        change.after = Some(after.value.text());
        change.grade = Some(grade);
        changes.push(place(change, new, Fact::Rotated));
    }

    fn permissions(&self, old: &Item<'_>, new: &Item<'_>, changes: &mut Vec<Change>) {
        let (before, after) = (old.texts(Fact::Privileges), new.texts(Fact::Privileges));
        let beyond = |these: &[&str], those: &[&str]| -> Vec<String> {
            let more = these.iter().filter(|text| !those.contains(text));
            more.map(|text| (*text).to_owned()).collect()
        };
        for (what, texts, words) in [
            (
                What::PermissionGained,
                beyond(&after, &before),
                "may now also",
            ),
            (
                What::PermissionLost,
                beyond(&before, &after),
                "may no longer",
            ),
        ] {
            if texts.is_empty() {
                continue;
            }
            let message = format!("The {} {words}: {}", new.kind_title(), texts.join(", "));
            let mut change = self.change(what, new, message);
            change.before = Some(before.join(", "));
            change.after = Some(after.join(", "));
            let evidence = new.evidence().find(|evidence| {
                evidence.fact == Fact::Privileges
                    && matches!(evidence.value, Claimed::Text(t) if texts.iter().any(|x| x == t))
            });
            if let Some(evidence) = evidence {
                change.place = Some(at(&evidence));
                change.grade = Some(evidence.grade);
            }
            changes.push(change);
        }
    }

    fn change(&self, what: What, item: &Item<'_>, message: String) -> Change {
        let first = item.evidence().max_by_key(|evidence| evidence.grade);
        let subject = match item.platform() {
            "" => item.name().to_owned(),
            platform => format!("{platform} {}", item.name()),
        };
        Change {
            what,
            severity: severity(what),
            rule: None,
            fingerprint: None,
            item: Some(item.id()),
            subject,
            message,
            before: None,
            after: None,
            grade: first.map(|evidence| evidence.grade),
            place: first.map(|evidence| at(&evidence)),
        }
    }
}

fn at(evidence: &Evidence<'_>) -> (ScanPath, u32) {
    (evidence.path.clone(), evidence.line)
}

/// Points at what says a fact.
fn place(mut change: Change, item: &Item<'_>, fact: Fact) -> Change {
    if let Some(evidence) = item.evidence().find(|evidence| evidence.fact == fact) {
        change.place = Some(at(&evidence));
    }
    change
}

fn moment(known: Option<Known<When>>) -> Option<Known<Instant>> {
    let known = known?;
    match known.value {
        When::Known(value) => Some(Known {
            value,
            grade: known.grade,
        }),
        When::Never => None,
    }
}

/// Whether one time is later than another. Within a day that is so only if both are more than a
/// day's date: some exports write the day alone.
fn is_later(one: Instant, other: Instant) -> bool {
    let apart = one.seconds().saturating_sub(other.seconds());
    let exact = |at: Instant| at.seconds().rem_euclid(DAY) != 0;
    apart >= DAY || (apart > 0 && exact(one) && exact(other))
}
