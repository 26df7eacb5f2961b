//! One finding as a SARIF result. Holds neither the secret nor the line that it stands in.

use std::fmt::Write;

use serde::Serialize;

use super::Text;
use super::limits::{REASONS, RELATED, level};
use super::place::{Logical, Place, logical};
use super::rule::Rule;
use crate::model::{CommitRef, Finding, Fingerprint, Instant, ObjectId, Subject, When};
use crate::report::lines::Shown;
use crate::report::visible::{Count, Visible, brought_in, ended, number};
use crate::triage::{Acceptance, Acceptor, Judged};

/// The platform of findings in source trees, which are about a place and not an object.
const SOURCE: &str = "source";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    kind: &'static str,
    level: &'static str,
    message: Text<String>,
    locations: [Place<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Place<'a>>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressions: Option<Vec<Suppression<'a>>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Fingerprints {
    /// The only key that GitHub reads.
    #[serde(rename = "primaryLocationLineHash")]
    line: String,
    #[serde(rename = "credlintFinding/v1")]
    finding: Shown<Fingerprint>,
}

#[derive(Serialize)]
pub(super) struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: &'a str,
    properties: Accepted<'a>,
}

/// Who accepted a finding, by what, until when.
#[derive(Serialize)]
struct Accepted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Shown<Instant>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    severity: &'static str,
    confidence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    controls: &'a [String],
    subject: Whom<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_waiver: Option<Accepted<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_baseline: Option<Accepted<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places_left_out: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<BroughtIn>,
}

/// The commit that brought a secret of the history in. The place is where it stood then; the file
/// may be gone since.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BroughtIn {
    id: Shown<ObjectId>,
    authored: Shown<Instant>,
    in_tip: &'static str,
}

fn commit(commit: &CommitRef) -> BroughtIn {
    BroughtIn {
        id: Shown(commit.id),
        authored: Shown(commit.authored),
        in_tip: commit.in_tip.word(),
    }
}

#[derive(Serialize)]
struct Whom<'a> {
    platform: &'a str,
    kind: &'a str,
    id: &'a str,
    name: &'a str,
}

/// The result of a finding; `rule` is its place in the run's rules.
pub(super) fn entry<'a>(judged: &'a Judged, rule: Option<(usize, &'a Rule<'a>)>) -> Entry<'a> {
    let finding = &judged.finding;
    let lapsed = judged.verdict.lapsed();
    let is_object = *finding.subject.platform != *SOURCE;
    let mut place = Place::of(&finding.location);
    place.logical_locations =
        is_object.then(|| -> [Logical<'a>; 1] { [logical(&finding.subject)] });
    Entry {
        rule_id: finding.rule.as_str(),
        rule_index: rule.map(|(index, _)| index),
        kind: "fail",
        level: level(finding.severity),
        message: Text {
            text: message(judged),
        },
        locations: [place],
        related_locations: related(finding),
        partial_fingerprints: Fingerprints {
            line: finding
                .line_hash
                .clone()
                .unwrap_or_else(|| identity(finding.fingerprint)),
            finding: Shown(finding.fingerprint),
        },
        baseline_state: None,
        suppressions: None,
        properties: Properties {
            severity: finding.severity.word(),
            confidence: finding.confidence.word(),
            grade: finding.grade.map(crate::model::Grade::word),
            controls: rule.map_or(&[], |(_, rule)| &rule.controls),
            subject: whom(&finding.subject),
            expired_waiver: lapsed.filter(|by| by.is_waiver()).map(accepted),
            expired_baseline: lapsed.filter(|by| !by.is_waiver()).map(accepted),
            places_left_out: Some(left_out(finding)).filter(|n| *n > 0),
            commit: finding.commit.as_deref().map(commit),
        },
    }
}

/// How many of a finding's places do not fit into its result.
pub(super) fn left_out(finding: &Finding) -> usize {
    (placed_causes(finding) + finding.places.len()).saturating_sub(RELATED)
}

/// The suppression of a finding that an acceptance in force covers.
pub(super) fn suppression(acceptance: &Acceptance) -> Suppression<'_> {
    Suppression {
        kind: "external",
        status: "accepted",
        justification: &acceptance.reason,
        properties: accepted(acceptance),
    }
}

fn accepted(acceptance: &Acceptance) -> Accepted<'_> {
    let (waiver, commit) = match &acceptance.by {
        Acceptor::Waiver(id) => (Some(id.as_str()), None),
        Acceptor::Commit(id) => (None, Some(id.as_str())),
        Acceptor::Baseline => (None, None),
    };
    Accepted {
        waiver,
        commit,
        owner: acceptance.owner.as_deref(),
        expires: match acceptance.expires {
            When::Known(instant) => Some(Shown(instant)),
            When::Never => None,
        },
    }
}

/// An object's alert follows the object, not the row of the export: a changed cell beside it must
/// not close and reopen the alert. The form is that of GitHub's line hashes.
fn identity(fingerprint: Fingerprint) -> String {
    let digits = fingerprint.to_string();
    format!("{}:1", digits.get(..16).unwrap_or(&digits))
}

fn whom(subject: &Subject) -> Whom<'_> {
    Whom {
        platform: &subject.platform,
        kind: &subject.kind,
        id: &subject.id,
        name: &subject.name,
    }
}

fn placed_causes(finding: &Finding) -> usize {
    finding
        .causes
        .iter()
        .filter(|cause| cause.location.is_some())
        .count()
}

/// Where causes were read, then further places. Ids count from 1; messages link to them.
fn related(finding: &Finding) -> Vec<Place<'_>> {
    let causes = finding
        .causes
        .iter()
        .filter_map(|cause| Some((cause.location.as_ref()?, plain(&cause.text))));
    let places = finding
        .places
        .iter()
        .map(|place| (place, "also here".to_owned()));
    causes
        .chain(places)
        .take(RELATED)
        .zip(1..)
        .map(|((location, text), id)| {
            let mut place = Place::of(location);
            place.id = Some(id);
            place.message = Some(Text { text }).filter(|message| !message.text.is_empty());
            place
        })
        .collect()
}

/// The message, the reasons with links to where they were read, and what became of a waiver.
fn message(judged: &Judged) -> String {
    let finding = &judged.finding;
    let mut text = sentence(plain(&finding.message));
    if text.is_empty() {
        text = format!("The rule {} is broken.", finding.rule);
    }
    let mut link = 0;
    for (n, cause) in finding.causes.iter().take(REASONS).enumerate() {
        text.push_str(if n == 0 { " Because: " } else { "; " });
        text.push_str(&plain(&cause.text));
        if cause.location.is_some() {
            link += 1;
            // Writing to a String cannot fail.
            let _ = write!(text, " ([where]({link}))");
        }
    }
    let more = finding.causes.len().saturating_sub(REASONS);
    if more > 0 {
        let _ = write!(text, "; and {}", Count(number(more), "more reason"));
    }
    let mut text = sentence(text);
    if let Some(commit) = &finding.commit {
        let _ = write!(text, " Brought in {}.", brought_in(commit));
    }
    if let Some(acceptance) = judged.verdict.lapsed() {
        let _ = write!(text, " {}.", plain(&ended(acceptance)));
    }
    text
}

/// Text from inputs, which must not deceive and must not make a link of its own.
fn plain(text: &str) -> String {
    let text = Visible(text).to_string();
    if text.contains("](") {
        return text.replace("](", "] (");
    }
    text
}

/// With a full stop at the end.
fn sentence(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
