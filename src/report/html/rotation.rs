//! The rotation operator's view: every credential once, with its state, the age of its value, when
//! it is to be rotated, and what is wrong with it. Rollbacks that nobody resolves stand first, then
//! the oldest value, then what nobody can say the age of; what is out of use stands last.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::io::{self, Write};

use super::filling::Filling;
use super::runbooks::link;
use super::text::{T, capital};
use super::{MOST, Page, Rows, cut, open};
use crate::inventory::{
    Due, Fact, Inventory, Item, Known, Place, Runbook, State, Subject, Subjects, Why, due, monday,
};
use crate::model::{DAY, Fingerprint, Grade, Instant, RuleId, Severity, When};
use crate::report::Report;
use crate::report::visible::{Count, Grouped, number};
use crate::triage::Judged;

/// The rule that tells of a rollback that is open for too long; how long that is, is its parameter.
const ROLLBACK: &str = "dual.rollback-unresolved";

/// Findings that a row names one by one.
const NAMED: usize = 4;

/// Consumers that a row names one by one.
const CONSUMERS: usize = 20;

/// The credentials of an inventory, without what only holds some and without what came after the
/// audit date.
pub(super) fn credentials<'i>(
    report: &Report,
    inventory: &'i Inventory,
) -> impl Iterator<Item = Item<'i>> {
    let as_of = report.as_of;
    inventory
        .items()
        .filter(move |item| item.rotates() && !item.is_later(as_of))
}

/// What an operator has to do about a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Light {
    /// Something is late, or wrong by a finding of severity high or above.
    Act,
    /// Something is near or not known, or wrong by a finding of severity medium.
    Watch,
    /// Nothing of that.
    Fine,
    /// It is out of use.
    Off,
}

impl Light {
    const ALL: [Self; 4] = [Self::Act, Self::Watch, Self::Fine, Self::Off];

    const fn word(self) -> &'static str {
        match self {
            Self::Act => "Act now",
            Self::Watch => "Watch",
            Self::Fine => "In order",
            Self::Off => "Not in use",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Watch => "watch",
            Self::Fine => "fine",
            Self::Off => "off",
        }
    }
}

/// One credential.
struct Row<'r> {
    item: Item<'r>,
    state: State,
    light: Light,
    /// Why the light is what it is, in a few words.
    why: Vec<String>,
    /// In whole days, and how well that is proven.
    age: Option<(i64, Grade)>,
    due: Option<Due<'r>>,
    /// The findings about it that count, the worst first.
    findings: Vec<About>,
    /// Its own runbook, then those of its findings.
    runbooks: Vec<&'r Runbook>,
}

/// A finding about a credential.
struct About {
    rule: RuleId,
    severity: Severity,
    fingerprint: Fingerprint,
    /// Whether the page has room for it.
    told: bool,
}

/// Every credential, in the order of the page.
pub(super) struct Rotation<'r> {
    rows: Vec<Row<'r>>,
    /// How many there are, also those that the page has no room for.
    pub(super) total: usize,
    /// By light, in the order of [`Light::ALL`].
    lights: [u64; Light::ALL.len()],
    /// Whether any export counts the use of second slots.
    counted: bool,
    /// Which row a finding is about: by the item's place in the inventory.
    subjects: Option<Subjects<'r>>,
    /// By the item's place in the inventory, whether it has a row.
    shown: Vec<bool>,
}

impl<'r> Rotation<'r> {
    pub(super) fn new(report: &'r Report) -> Self {
        let mut rotation = Self {
            rows: Vec::new(),
            total: 0,
            lights: [0; Light::ALL.len()],
            counted: false,
            subjects: report.inventory.as_ref().map(Subjects::new),
            shown: Vec::new(),
        };
        let Some(inventory) = &report.inventory else {
            return rotation;
        };
        let mut about = rotation.about(report);
        let mut rows: Vec<Row<'r>> = Vec::new();
        for item in credentials(report, inventory) {
            let findings = about.remove(&item.index()).unwrap_or_default();
            let row = row(item, findings, report.as_of);
            if let Some(count) = rotation.lights.get_mut(row.light as usize) {
                *count += 1;
            }
            rotation.counted |= row.item.time(Fact::FallbackCounted).is_some();
            rotation.total += 1;
            rows.push(row);
            if rows.len() == 2 * MOST {
                leave_first(&mut rows);
            }
        }
        leave_first(&mut rows);
        for row in &mut rows {
            row.runbooks = row.wanted(report);
        }
        rotation.shown = vec![false; inventory.len()];
        for row in &rows {
            if let Some(shown) = rotation.shown.get_mut(row.item.index()) {
                *shown = true;
            }
        }
        rotation.rows = rows;
        rotation
    }

    /// The findings that count, by the item that they are about.
    fn about(&self, report: &Report) -> HashMap<usize, Vec<About>> {
        let mut about: HashMap<usize, Vec<About>> = HashMap::new();
        for (index, judged) in report.findings.open().enumerate() {
            if let Some(item) = self.item(&judged) {
                let told = index < MOST;
                let all = about.entry(item.index()).or_default();
                all.push(About {
                    rule: judged.finding.rule.clone(),
                    severity: judged.finding.severity,
                    fingerprint: judged.finding.fingerprint,
                    told,
                });
            }
        }
        about
    }

    fn item(&self, judged: &Judged) -> Option<Item<'r>> {
        self.subjects.as_ref()?.find(&judged.finding.subject)
    }

    /// The credential that a finding is about, if the page has a row of it.
    pub(super) fn of_finding(&self, judged: &Judged) -> Option<Item<'r>> {
        let item = self.item(judged)?;
        let shown = self.shown.get(item.index()).copied();
        shown.unwrap_or_default().then_some(item)
    }

    /// The runbooks of the rows.
    pub(super) fn runbooks(&self) -> impl Iterator<Item = &'r Runbook> {
        self.rows
            .iter()
            .flat_map(|row| row.runbooks.iter().copied())
    }

    /// How many there are by light; none where no export was given.
    pub(super) fn in_words(&self) -> Option<String> {
        self.subjects.as_ref()?;
        let parts: Vec<String> = Light::ALL
            .iter()
            .zip(self.lights)
            .map(|(light, count)| format!("{} {}", Grouped(count), light.word().to_lowercase()))
            .collect();
        let total = Count(number(self.total), "credential");
        Some(format!("{total}: {}", parts.join(", ")))
    }
}

fn is_rollback(about: &About) -> bool {
    about.rule.as_str() == ROLLBACK
}

/// Puts rows in their order, and leaves out those that the page has no room for.
fn leave_first(rows: &mut Vec<Row<'_>>) {
    let key = |row: &Row<'_>| {
        let age = row.age.map(|(days, _)| days);
        let first = row.findings.iter().any(is_rollback);
        let off = row.light == Light::Off;
        (!first, off, age.is_none(), Reverse(age))
    };
    rows.sort_by(|a, b| {
        let by_age = key(a).cmp(&key(b));
        by_age.then_with(|| a.item.cmp_by_id(&b.item))
    });
    rows.truncate(MOST);
}

fn row<'r>(item: Item<'r>, findings: Vec<About>, as_of: Instant) -> Row<'r> {
    let state = item.state(as_of);
    let age = item
        .since()
        .map(|since| (as_of.days_since(since.value), since.grade));
    let mut row = Row {
        item,
        state,
        light: Light::Fine,
        why: Vec::new(),
        age,
        due: due(item).filter(|_| state.is_live()),
        findings,
        runbooks: Vec::new(),
    };
    (row.light, row.why) = row.judge(as_of);
    row
}

impl<'r> Row<'r> {
    fn wanted(&self, report: &'r Report) -> Vec<&'r Runbook> {
        let all = &report.runbooks;
        let own = all.of_item(&Subject::of(&self.item, report.as_of));
        let named = self.findings.iter().take(NAMED);
        let named = named.filter_map(|about| all.of_rule(&about.rule));
        let mut wanted: Vec<&Runbook> = Vec::new();
        for runbook in own.into_iter().chain(named) {
            if !wanted.iter().any(|other| other.id == runbook.id) {
                wanted.push(runbook);
            }
        }
        wanted
    }

    /// The light, and why.
    fn judge(&self, as_of: Instant) -> (Light, Vec<String>) {
        let mut said: Vec<(Light, String)> = Vec::new();
        let rollback = self.findings.iter().any(is_rollback);
        if rollback {
            said.push((Light::Act, "rollback not resolved".to_owned()));
        }
        if let Some(due) = &self.due {
            said.extend(near(due, as_of));
        }
        for (severity, light) in [
            (Severity::Critical, Light::Act),
            (Severity::High, Light::Act),
            (Severity::Medium, Light::Watch),
        ] {
            let of = |about: &&About| about.severity == severity;
            let count = self.findings.iter().filter(of).count();
            if count > 0 {
                said.push((light, format!("{count} {severity}")));
            }
        }
        match self.state {
            State::RollingForward | State::Pending => {
                said.push((Light::Watch, "rotation under way".to_owned()));
            }
            State::RollingBack if !rollback => {
                said.push((Light::Watch, "rolled back".to_owned()));
            }
            _ => {}
        }
        if self.age.is_none() && self.state.is_live() {
            said.push((Light::Watch, "age not known".to_owned()));
        }
        let light = said.iter().map(|(light, _)| *light).min();
        let light = light.unwrap_or(if self.state.is_live() {
            Light::Fine
        } else {
            Light::Off
        });
        let why = said.into_iter().map(|(_, why)| why).collect();
        (light, why)
    }
}

/// Whether a rotation is late, or due in this week or the next one.
fn near(due: &Due<'_>, as_of: Instant) -> Option<(Light, String)> {
    let days = due.by.days_since(as_of);
    if due.by < as_of {
        let late = Count(days.unsigned_abs(), "day");
        return Some((Light::Act, format!("{late} late")));
    }
    let end = monday(as_of).seconds().saturating_add(14 * DAY);
    (due.by.seconds() < end).then(|| (Light::Watch, format!("due {}", in_days(days))))
}

/// When something is, seen from the audit date.
fn in_days(days: i64) -> String {
    let count = Count(days.unsigned_abs(), "day");
    match days {
        0 => "today".to_owned(),
        1.. => format!("in {count}"),
        _ => format!("{count} ago"),
    }
}

const COLUMNS: &[(&str, &str)] = &[
    ("Status", "text"),
    ("Credential", "text"),
    ("State", "text"),
    ("Age", "number"),
    ("Next rotation", "text"),
    ("Last used", "text"),
    ("Last fallback", "text"),
    ("Owner", "text"),
    ("Findings", "number"),
];

/// The column that is left out where nobody counts.
const FALLBACK: &str = "Last fallback";

impl Page<'_> {
    pub(super) fn rotation_section(&self, out: &mut dyn Write) -> io::Result<()> {
        let rotation = &self.rotation;
        let words = rotation.in_words();
        open(out, "rotation", "Rotation", words.as_deref().unwrap_or(""))?;
        if words.is_none() {
            let why = if self.report.exports.is_empty() {
                "No export was given, so there is no inventory of credentials."
            } else {
                "This page was made of results, which hold no inventory; <code>credlint \
                 inventory</code> prints that of the exports."
            };
            return writeln!(out, "<p>{why}</p>\n</section>");
        }
        out.write_all(
            b"<p class=\"lead\">Every credential in the exports, the oldest value first. \
              <b>Act now</b>: late, or with a finding of severity high or above. <b>Watch</b>: due \
              this week or next, under way, of unknown age, or with a finding of severity medium. \
              Under each age and date stands how well it is proven. Applications, policies and key \
              stores, which only hold credentials, are not listed.",
        )?;
        if !rotation.counted {
            out.write_all(b" No export counts the use of second slots.")?;
        }
        out.write_all(b"</p>\n")?;
        cut(
            out,
            number(rotation.total),
            "credential",
            "credlint inventory --format json",
        )?;
        if rotation.rows.is_empty() {
            return out.write_all(b"<p>The exports tell of no credential.</p>\n</section>\n");
        }
        let columns: String = COLUMNS
            .iter()
            .filter(|(title, _)| *title != FALLBACK || rotation.counted)
            .map(|(title, sort)| format!("<th scope=\"col\" data-sort=\"{sort}\">{title}</th>"))
            .collect();
        let rows = Rows {
            class: if rotation.counted {
                "items counted"
            } else {
                "items"
            },
            head: &format!(
                "data-what=\"credential\" data-by=\"l:Status;p:Platform;k:Kind\">\n\
                 <caption>Credentials</caption>\n<thead><tr>{columns}</tr></thead>"
            ),
            total: rotation.rows.len(),
        };
        rows.write(out, rotation.rows.iter(), &mut |out, row| {
            self.row(out, row)
        })?;
        out.write_all(b"</section>\n")
    }

    fn row(&self, out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
        let (item, as_of) = (&row.item, self.report.as_of);
        let platform = match item.platform() {
            "" => "register only",
            platform => platform,
        };
        write!(
            out,
            "<tr id=\"i-{}\" data-l=\"{}\" data-p=\"{}\" data-k=\"{}\"><td data-v=\"{}\" class=\"l {}\">{}",
            item.index(),
            row.light.word(),
            T(platform),
            T(item.kind_title()),
            row.light as u8,
            row.light.class(),
            row.light.word()
        )?;
        small(out, &row.why.join(", "))?;
        out.write_all(b"</td><td>")?;
        details(out, row, as_of)?;
        small(out, &format!("{}, {platform}", item.kind_title()))?;
        let state = capital(&row.state.word().replace('_', " "));
        write!(out, "</td><td>{state}</td>")?;
        match row.age {
            Some((days, grade)) => {
                write!(
                    out,
                    "<td data-v=\"{days}\">{}",
                    Count(days.unsigned_abs(), "day")
                )?;
                small(out, grade.word())?;
                out.write_all(b"</td>")?;
            }
            None => out.write_all(b"<td data-v=\"-1\">Not known</td>")?,
        }
        next(out, row.due.as_ref(), as_of)?;
        when(out, item.time(Fact::LastUsed))?;
        if self.rotation.counted {
            fallback(out, item)?;
        }
        match item.owner() {
            Some(owner) => {
                write!(out, "<td>{}", T(owner.value))?;
                if owner.grade < Grade::Direct {
                    small(out, owner.grade.word())?;
                }
                out.write_all(b"</td>")?;
            }
            None => out.write_all(b"<td class=\"dim\">Not recorded</td>")?,
        }
        named(out, &row.findings)?;
        out.write_all(b"</tr>\n")
    }
}

fn small(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    write!(out, "<small>{}</small>", T(text))
}

/// The name, and behind it what else an operator needs to know.
fn details(out: &mut dyn Write, row: &Row<'_>, as_of: Instant) -> io::Result<()> {
    let item = &row.item;
    let filling = Filling::new(item, &row.runbooks, as_of);
    let mark = filling.mark(Place::Name);
    write!(
        out,
        "<details><summary{mark}>{}</summary><dl>",
        T(item.name())
    )?;
    if !row.runbooks.is_empty() {
        out.write_all(b"<dt>Steps</dt><dd>")?;
        for (index, runbook) in row.runbooks.iter().enumerate() {
            out.write_all(if index == 0 { b"" } else { b", " })?;
            link(out, runbook, Some(item))?;
        }
        out.write_all(b"</dd>")?;
    }
    facts(out, item, &filling)?;
    for (fact, evidence) in item.conflicts() {
        let said: Vec<String> = evidence
            .iter()
            .map(|e| format!("{} ({}:{})", e.value.show(), e.path, e.line))
            .collect();
        let label = format!("Disagree on {}", fact.word().replace('_', " "));
        let said = said.join("; ");
        write!(out, "<dt>{}</dt><dd>{}</dd>", T(&label), T(&said))?;
    }
    out.write_all(b"</dl></details>")
}

/// What is known of an item beyond the columns, and what its runbooks ask for.
fn facts(out: &mut dyn Write, item: &Item<'_>, filling: &Filling<'_>) -> io::Result<()> {
    let mut shown = BTreeSet::from([Place::Name]);
    let mut say = |label: &str, place: Place, value: &dyn Display| {
        shown.insert(place);
        let mark = filling.mark(place);
        write!(out, "<dt>{label}</dt><dd{mark}>{value}</dd>")
    };
    say("Id", Place::Id, &T(&item.id()))?;
    for (label, fact) in [
        ("Kind", Fact::Class),
        ("Purpose", Fact::Purpose),
        ("Endpoint", Fact::Endpoint),
        ("Kept in", Fact::Storage),
        ("Signs in", Fact::AuthMethod),
        ("Own runbook", Fact::Runbook),
    ] {
        if let Some(known) = item.text(fact) {
            say(label, Place::Fact(fact), &T(known.value))?;
        }
    }
    let mut consumers = item.consumers();
    let more = consumers.len().saturating_sub(CONSUMERS);
    consumers.truncate(CONSUMERS);
    if !consumers.is_empty() {
        let mut text = consumers.join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        say("Used by", Place::Fact(Fact::Consumers), &T(&text))?;
    }
    for (label, fact) in [("Created", Fact::Created), ("Ends", Fact::Expires)] {
        if let Some(known) = item.time(fact) {
            let text = format!("{} ({})", day(known.value), known.grade);
            say(label, Place::Fact(fact), &text)?;
        }
    }
    if let Some(days) = item.int(Fact::CadenceDays) {
        let days = Count(days.value.unsigned_abs(), "day");
        say("Cadence", Place::Fact(Fact::CadenceDays), &days)?;
    }
    filling.rest(out, &shown)
}

fn day(when: When) -> String {
    match when {
        When::Known(at) => at.date(),
        When::Never => "never".to_owned(),
    }
}

/// A cell with a day. Cells without one sort behind all days.
fn when(out: &mut dyn Write, known: Option<Known<When>>) -> io::Result<()> {
    match known {
        Some(known) => {
            write!(out, "<td><time>{}</time>", capital(&day(known.value)))?;
            if known.grade < Grade::Direct {
                small(out, known.grade.word())?;
            }
            out.write_all(b"</td>")
        }
        None => out.write_all(b"<td class=\"dim\" data-v=\"~\">Not known</td>"),
    }
}

fn next(out: &mut dyn Write, due: Option<&Due<'_>>, as_of: Instant) -> io::Result<()> {
    let Some(due) = due else {
        return out.write_all(b"<td class=\"dim\" data-v=\"~\">No date</td>");
    };
    let what = match due.why {
        Why::Planned => "",
        Why::Ends => "ends ",
    };
    write!(out, "<td><time>{}</time>", due.by.date())?;
    let days = in_days(due.by.days_since(as_of));
    small(out, &format!("{what}{days}, {}", due.grade))?;
    out.write_all(b"</td>")
}

fn fallback(out: &mut dyn Write, item: &Item<'_>) -> io::Result<()> {
    let counted = item.time(Fact::FallbackCounted);
    match (item.time(Fact::LastFallback), counted) {
        (Some(last), Some(counted)) => {
            write!(out, "<td><time>{}</time>", day(last.value))?;
            small(out, &format!("counted until {}", day(counted.value)))?;
            out.write_all(b"</td>")
        }
        (None, Some(counted)) => {
            out.write_all(b"<td data-v=\"~\">None")?;
            small(out, &format!("counted until {}", day(counted.value)))?;
            out.write_all(b"</td>")
        }
        (_, None) => out.write_all(b"<td class=\"dim\" data-v=\"~\">Not counted</td>"),
    }
}

/// The findings about a credential, each a link to where it is told. Sorts by how many there are.
fn named(out: &mut dyn Write, findings: &[About]) -> io::Result<()> {
    if findings.is_empty() {
        return out.write_all(b"<td data-v=\"0\" class=\"dim\">None</td>");
    }
    write!(out, "<td data-v=\"{}\"><ul>", findings.len())?;
    for about in findings.iter().take(NAMED) {
        let (severity, rule) = (about.severity.word(), T(about.rule.as_str()));
        let text = format!("{rule} <span>{severity}</span>");
        if about.told {
            let anchor = about.fingerprint;
            write!(
                out,
                "<li><a class=\"{severity}\" href=\"#f-{anchor}\">{text}</a></li>"
            )?;
        } else {
            write!(out, "<li class=\"{severity}\">{text}</li>")?;
        }
    }
    let more = findings.len().saturating_sub(NAMED);
    if more > 0 {
        write!(out, "<li>and {more} more</li>")?;
    }
    out.write_all(b"</ul></td>")
}
