//! One finding as JSON. Holds a matched secret only when the user asked for it.

use std::borrow::Cow;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::model::{
    Cause, CommitRef, Evidence, Fingerprint, Frame, Instant, Location, ObjectId, Secret, Subject,
    When,
};
use crate::report::lines::{Each, Shown};
use crate::report::{Report, ShowSecrets};
use crate::triage::{Acceptor, Judged, Verdict};

/// Every finding of a report, written one at a time.
pub(super) struct Findings<'a> {
    pub report: &'a Report,
    pub secrets: ShowSecrets,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for judged in &self.report.findings {
            all.serialize_element(&finding((self.report, self.secrets), &judged))?;
        }
        all.end()
    }
}

/// One finding.
#[derive(Serialize)]
pub(in crate::report) struct Entry<'a> {
    rule: &'a str,
    severity: &'static str,
    confidence: &'static str,
    grade: Option<&'static str>,
    message: &'a str,
    subject: Whom<'a>,
    location: Place<'a>,
    places: Each<'a, (), Location, Place<'a>>,
    causes: Each<'a, (), Cause, Because<'a>>,
    evidence: Each<'a, (), Evidence, Fact<'a>>,
    fingerprint: Shown<Fingerprint>,
    line_hash: Option<&'a str>,
    verdict: Judgement<'a>,
    secret: Option<Matched<'a>>,
    frame: Option<Excerpt<'a>>,
    runbook: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<BroughtIn>,
}

pub(in crate::report) fn finding<'a>(
    (report, secrets): (&'a Report, ShowSecrets),
    judged: &'a Judged,
) -> Entry<'a> {
    let finding = &judged.finding;
    Entry {
        rule: finding.rule.as_str(),
        severity: finding.severity.word(),
        confidence: finding.confidence.word(),
        grade: finding.grade.map(crate::model::Grade::word),
        message: &finding.message,
        subject: whom(&finding.subject),
        location: place((), &finding.location),
        places: Each {
            context: (),
            items: &finding.places,
            form: place,
        },
        causes: Each {
            context: (),
            items: &finding.causes,
            form: because,
        },
        evidence: Each {
            context: (),
            items: &finding.evidence,
            form: |(), fact| Fact {
                field: &fact.field,
                value: &fact.value,
            },
        },
        fingerprint: Shown(finding.fingerprint),
        line_hash: finding.line_hash.as_deref(),
        verdict: judgement(&judged.verdict),
        secret: finding
            .secret
            .as_ref()
            .map(|secret| matched(secrets, secret)),
        frame: finding.frame.as_deref().map(excerpt),
        runbook: report.runbook(finding),
        commit: finding.commit.as_deref().map(brought_in),
    }
}

#[derive(Serialize)]
struct Whom<'a> {
    platform: &'a str,
    kind: &'a str,
    id: &'a str,
    name: &'a str,
}

fn whom(subject: &Subject) -> Whom<'_> {
    Whom {
        platform: &subject.platform,
        kind: &subject.kind,
        id: &subject.id,
        name: &subject.name,
    }
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<&'a str>,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

fn place((): (), location: &Location) -> Place<'_> {
    Place {
        path: location.path.as_str(),
        archive: location.path.archive(),
        start_line: location.region.start_line,
        start_column: location.region.start_column,
        end_line: location.region.end_line,
        end_column: location.region.end_column,
    }
}

#[derive(Serialize)]
struct Because<'a> {
    text: &'a str,
    location: Option<Place<'a>>,
}

fn because((): (), cause: &Cause) -> Because<'_> {
    Because {
        text: &cause.text,
        location: cause.location.as_ref().map(|location| place((), location)),
    }
}

#[derive(Serialize)]
struct Fact<'a> {
    field: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Judgement<'a> {
    Open,
    Waived {
        waiver: &'a str,
        owner: &'a str,
        reason: &'a str,
        expires: Option<Shown<Instant>>,
    },
    WaiverExpired {
        waiver: &'a str,
        owner: &'a str,
        reason: &'a str,
        expired: Option<Shown<Instant>>,
    },
    Known {
        #[serde(flatten)]
        by: KnownBy<'a>,
        reason: &'a str,
    },
    BaselineExpired {
        owner: &'a str,
        reason: &'a str,
        expired: Option<Shown<Instant>>,
    },
}

#[derive(Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
enum KnownBy<'a> {
    Baseline {
        owner: &'a str,
        expires: Option<Shown<Instant>>,
    },
    Commit {
        commit: &'a str,
    },
}

fn judgement(verdict: &Verdict) -> Judgement<'_> {
    let (acceptance, lapsed) = match verdict {
        Verdict::Open => return Judgement::Open,
        Verdict::Accepted(acceptance) => (acceptance, false),
        Verdict::Lapsed(acceptance) => (acceptance, true),
    };
    let (owner, reason) = (
        acceptance.owner.as_deref().unwrap_or_default(),
        acceptance.reason.as_str(),
    );
    let end = match acceptance.expires {
        When::Known(instant) => Some(Shown(instant)),
        When::Never => None,
    };
    match (&acceptance.by, lapsed) {
        (Acceptor::Waiver(waiver), false) => Judgement::Waived {
            waiver,
            owner,
            reason,
            expires: end,
        },
        (Acceptor::Waiver(waiver), true) => Judgement::WaiverExpired {
            waiver,
            owner,
            reason,
            expired: end,
        },
        (Acceptor::Baseline, true) => Judgement::BaselineExpired {
            owner,
            reason,
            expired: end,
        },
        (Acceptor::Baseline, false) => Judgement::Known {
            by: KnownBy::Baseline {
                owner,
                expires: end,
            },
            reason,
        },
        // What a commit has never ends.
        (Acceptor::Commit(commit), _) => Judgement::Known {
            by: KnownBy::Commit { commit },
            reason,
        },
    }
}

#[derive(Serialize)]
struct Matched<'a> {
    hint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'a, str>>,
}

fn matched(secrets: ShowSecrets, secret: &Secret) -> Matched<'_> {
    Matched {
        hint: secret.hint(),
        value: match secrets {
            ShowSecrets::Hide => None,
            ShowSecrets::Show => Some(String::from_utf8_lossy(secret.expose())),
        },
    }
}

#[derive(Serialize)]
struct Excerpt<'a> {
    text: &'a str,
    start: usize,
    length: usize,
}

fn excerpt(frame: &Frame) -> Excerpt<'_> {
    Excerpt {
        text: &frame.text,
        start: frame.start,
        length: frame.length,
    }
}

#[derive(Serialize)]
struct BroughtIn {
    id: Shown<ObjectId>,
    authored: Shown<Instant>,
    in_tip: &'static str,
}

fn brought_in(commit: &CommitRef) -> BroughtIn {
    BroughtIn {
        id: Shown(commit.id),
        authored: Shown(commit.authored),
        in_tip: commit.in_tip.word(),
    }
}
