//! One finding of a result, as `json` writes it.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;

use super::words::Parsed;
use crate::model::{
    Cause, CommitRef, Confidence, Evidence, Finding, Fingerprint, Frame, Grade, InTip, Instant,
    Location, ObjectId, Region, RuleId, ScanPath, Secret, Severity, Subject, When,
};
use crate::triage::{Acceptance, Acceptor, Judged, Verdict};

/// Texts that many findings share, each kept once.
#[derive(Default)]
pub(super) struct Names {
    texts: HashSet<Arc<str>>,
    paths: HashSet<ScanPath>,
    /// Neighbours mostly share one verdict.
    verdict: Option<Arc<Verdict>>,
}

impl Names {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&new));
        new
    }

    fn path(&mut self, path: ScanPath) -> ScanPath {
        if let Some(known) = self.paths.get(&path) {
            return known.clone();
        }
        self.paths.insert(path.clone());
        path
    }

    fn verdict(&mut self, verdict: Verdict) -> Arc<Verdict> {
        match &self.verdict {
            Some(known) if **known == verdict => Arc::clone(known),
            _ => Arc::clone(self.verdict.insert(Arc::new(verdict))),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Entry {
    rule: String,
    severity: Parsed<Severity>,
    confidence: Parsed<Confidence>,
    grade: Option<Parsed<Grade>>,
    message: String,
    subject: Whom,
    location: Place,
    places: Vec<Place>,
    causes: Vec<Because>,
    evidence: Vec<Fact>,
    fingerprint: Parsed<Fingerprint>,
    line_hash: Option<String>,
    verdict: Judgement,
    secret: Option<Matched>,
    frame: Option<Excerpt>,
    #[serde(default)]
    commit: Option<BroughtIn>,
}

#[derive(Deserialize)]
struct Whom {
    platform: String,
    kind: String,
    id: String,
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Place {
    path: String,
    #[serde(default)]
    archive: Option<String>,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Deserialize)]
struct Because {
    text: String,
    location: Option<Place>,
}

#[derive(Deserialize)]
struct Fact {
    field: String,
    value: Box<str>,
}

/// Every verdict's members; `state` says which of them it has.
#[derive(Deserialize)]
struct Judgement {
    state: String,
    by: Option<String>,
    waiver: Option<String>,
    commit: Option<String>,
    owner: Option<String>,
    reason: Option<String>,
    expires: Option<Parsed<Instant>>,
    expired: Option<Parsed<Instant>>,
}

/// The hint only: what a result says in clear stays in that result.
#[derive(Deserialize)]
struct Matched {
    hint: String,
}

#[derive(Deserialize)]
struct Excerpt {
    text: String,
    start: usize,
    length: usize,
}

#[derive(Deserialize)]
struct BroughtIn {
    id: Parsed<ObjectId>,
    authored: Parsed<Instant>,
    in_tip: Parsed<InTip>,
}

impl Entry {
    /// The finding with its verdict.
    ///
    /// # Errors
    /// What the verdict lacks.
    pub(super) fn judged(self, names: &mut Names) -> Result<Judged, String> {
        let verdict = self.verdict.verdict()?;
        let subject = Subject {
            platform: names.text(&self.subject.platform),
            kind: names.text(&self.subject.kind),
            id: self.subject.id,
            name: self.subject.name,
        };
        let evidence = self.evidence.into_iter().map(|fact| Evidence {
            field: names.text(&fact.field),
            value: fact.value,
        });
        let evidence = evidence.collect();
        let causes = self.causes.into_iter().map(|cause| Cause {
            text: cause.text,
            location: cause.location.map(|place| place.location(names)),
        });
        let causes = causes.collect();
        let finding = Finding {
            rule: RuleId::shared(names.text(&self.rule)),
            severity: self.severity.0,
            confidence: self.confidence.0,
            grade: self.grade.map(|grade| grade.0),
            message: self.message,
            subject,
            location: self.location.location(names),
            places: self.places.into_iter().map(|p| p.location(names)).collect(),
            causes,
            evidence,
            fingerprint: self.fingerprint.0,
            identifiers: Vec::new(),
            line_hash: self.line_hash,
            secret: self.secret.map(|secret| Secret::of_hint(&secret.hint)),
            frame: self.frame.map(|frame| {
                Box::new(Frame {
                    text: frame.text,
                    start: frame.start,
                    length: frame.length,
                })
            }),
            commit: self.commit.map(|commit| {
                Box::new(CommitRef {
                    // Only of meaning within one scan.
                    order: 0,
                    id: commit.id.0,
                    authored: commit.authored.0,
                    in_tip: commit.in_tip.0,
                })
            }),
            allow: None,
            waivers: Vec::new(),
        };
        Ok(Judged {
            finding: Box::new(finding),
            verdict: names.verdict(verdict),
        })
    }
}

impl Place {
    fn location(self, names: &mut Names) -> Location {
        Location {
            path: names.path(ScanPath::from_shown(&self.path, self.archive.as_deref())),
            region: Region {
                start_line: self.start_line,
                start_column: self.start_column,
                end_line: self.end_line,
                end_column: self.end_column,
            },
        }
    }
}

impl Judgement {
    fn verdict(self) -> Result<Verdict, String> {
        let Self {
            state,
            by,
            waiver,
            commit,
            owner,
            reason,
            expires,
            expired,
        } = self;
        let by = match (state.as_str(), by.as_deref()) {
            ("open", _) => return Ok(Verdict::Open),
            ("waived" | "waiver_expired", _) => {
                Acceptor::Waiver(waiver.ok_or("the verdict names no waiver")?)
            }
            ("known", Some("commit")) => {
                Acceptor::Commit(commit.ok_or("the verdict names no commit")?)
            }
            ("known", Some("baseline")) | ("baseline_expired", _) => Acceptor::Baseline,
            _ => return Err("the verdict is of a sort that is not known".to_owned()),
        };
        let nobody = matches!(by, Acceptor::Commit(_));
        let acceptance = Acceptance {
            by,
            owner: if nobody {
                None
            } else {
                Some(owner.unwrap_or_default())
            },
            reason: reason.unwrap_or_default(),
            expires: match expires.or(expired) {
                Some(end) => When::Known(end.0),
                None => When::Never,
            },
        };
        Ok(match state.as_str() {
            "waived" | "known" => Verdict::Accepted(acceptance),
            _ => Verdict::Lapsed(acceptance),
        })
    }
}
