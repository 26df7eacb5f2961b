//! A finding in a run.

use std::mem::size_of;

use super::codec::{Reader, Stored, Writer};
use crate::model::{
    Allow, Cause, CommitRef, Confidence, Evidence, Finding, Fingerprint, Frame, Grade, Identifier,
    IdentifierKind, InTip, Instant, Location, ObjectId, Region, RuleId, ScanPath, Severity,
    Subject,
};

/// A finding as a stage of a scan found it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The finding.
    pub finding: Box<Finding>,
    /// Which of its file it is. Of two that are the same otherwise, the one that was found first
    /// stands first, whatever the order in which threads end.
    pub turn: u64,
}

impl Stored for Found {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.finding.weight()
    }

    fn store(&self, to: &mut Writer<'_>) {
        to.number(self.turn);
        self.finding.store(to);
    }

    fn load(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            turn: from.number()?,
            finding: Box::new(Finding::load(from)?),
        })
    }
}

/// What an allocation takes beside what it holds.
const ALLOCATION: usize = 16;

impl Stored for Finding {
    fn weight(&self) -> usize {
        let text = |text: &str| text.len() + ALLOCATION;
        let place = |place: &Location| size_of::<Location>() + place.path.as_str().len();
        let cause = |cause: &Cause| {
            size_of::<Cause>() + text(&cause.text) + cause.location.as_ref().map_or(0, place)
        };
        let fact = |fact: &Evidence| size_of::<Evidence>() + text(&fact.value);
        let named = |named: &Identifier| size_of::<Identifier>() + text(&named.value);
        let frame = |frame: &Frame| size_of::<Frame>() + text(&frame.text);
        size_of::<Self>()
            + 4 * ALLOCATION
            + [&self.message, &self.subject.id, &self.subject.name]
                .into_iter()
                .map(|it| text(it))
                .sum::<usize>()
            + place(&self.location)
            + self.places.iter().map(place).sum::<usize>()
            + self.causes.iter().map(cause).sum::<usize>()
            + self.evidence.iter().map(fact).sum::<usize>()
            + self.identifiers.iter().map(named).sum::<usize>()
            + self.line_hash.as_deref().map_or(0, text)
            + self.secret.as_ref().map_or(0, |it| it.expose().len())
            + self.frame.as_deref().map_or(0, frame)
            + self.commit.as_ref().map_or(0, |_| size_of::<CommitRef>())
            + self.allow.as_ref().map_or(0, |_| size_of::<Allow>())
            + self.waivers.len() * size_of::<usize>()
    }

    fn store(&self, to: &mut Writer<'_>) {
        // Taken apart, so that what is added to a finding is not forgotten here.
        let Self {
            rule,
            severity,
            confidence,
            grade,
            message,
            subject,
            location,
            places,
            causes,
            evidence,
            fingerprint,
            identifiers,
            line_hash,
            secret,
            frame,
            commit,
            allow,
            waivers,
        } = self;
        to.exactly(&fingerprint.bytes());
        to.word(rule.as_str());
        to.number(*severity as u64);
        to.number(*confidence as u64);
        to.option(*grade, |to, grade| to.number(grade as u64));
        to.text(message);
        to.word(&subject.platform);
        to.word(&subject.kind);
        to.text(&subject.id);
        to.text(&subject.name);
        store_place(to, location);
        to.list(places, store_place);
        to.list(causes, |to, cause| {
            to.text(&cause.text);
            to.option(cause.location.as_ref(), store_place);
        });
        to.list(evidence, |to, fact| {
            to.word(&fact.field);
            to.text(&fact.value);
        });
        to.list(identifiers, |to, identifier| {
            to.number(identifier.kind as u64);
            to.text(&identifier.value);
        });
        to.option(line_hash.as_deref(), Writer::text);
        to.option(secret.as_ref(), Writer::secret);
        to.option(frame.as_deref(), |to, frame| {
            to.text(&frame.text);
            to.number(frame.start as u64);
            to.number(frame.length as u64);
        });
        to.option(commit.as_deref(), store_commit);
        to.option(allow.as_deref(), store_allow);
        to.list(waivers, |to, waiver| to.number(*waiver as u64));
    }

    fn load(from: &mut Reader<'_>) -> Option<Self> {
        // In the order in which they were written.
        let fingerprint = Fingerprint::from_bytes(from.exactly(16)?.try_into().ok()?);
        Some(Self {
            fingerprint,
            rule: RuleId::shared(from.word()?),
            severity: from.one_of(Severity::ALL)?,
            confidence: from.one_of(Confidence::ALL)?,
            grade: from.option(|from| from.one_of(Grade::ALL))?,
            message: from.text()?.to_owned(),
            subject: Subject {
                platform: from.word()?,
                kind: from.word()?,
                id: from.text()?.to_owned(),
                name: from.text()?.to_owned(),
            },
            location: load_place(from)?,
            places: from.list(load_place)?,
            causes: from.list(|from| {
                Some(Cause {
                    text: from.text()?.to_owned(),
                    location: from.option(load_place)?,
                })
            })?,
            evidence: from.list(|from| {
                Some(Evidence {
                    field: from.word()?,
                    value: from.text()?.into(),
                })
            })?,
            identifiers: from.list(|from| {
                Some(Identifier {
                    kind: from.one_of(IdentifierKind::ALL)?,
                    value: from.text()?.to_owned(),
                })
            })?,
            line_hash: from.option(|from| Some(from.text()?.to_owned()))?,
            secret: from.option(Reader::secret)?,
            frame: from.option(|from| {
                Some(Box::new(Frame {
                    text: from.text()?.to_owned(),
                    start: from.small()?,
                    length: from.small()?,
                }))
            })?,
            commit: from.option(load_commit)?,
            allow: from.option(load_allow)?,
            waivers: from.list(Reader::small)?,
        })
    }
}

fn store_place(to: &mut Writer<'_>, place: &Location) {
    let (text, member) = place.path.parts();
    to.word(text);
    to.option(member, |to, (file, own)| {
        to.number(file.into());
        to.number(own.into());
    });
    let Region {
        start_line,
        start_column,
        end_line,
        end_column,
    } = place.region;
    for number in [start_line, start_column, end_line, end_column] {
        to.number(number.into());
    }
}

fn load_place(from: &mut Reader<'_>) -> Option<Location> {
    let text = from.word()?;
    let member = from.option(|from| Some((from.small()?, from.small()?)))?;
    Some(Location {
        path: ScanPath::from_parts(text, member),
        region: Region {
            start_line: from.small()?,
            start_column: from.small()?,
            end_line: from.small()?,
            end_column: from.small()?,
        },
    })
}

const IN_TIP: [InTip; 3] = [InTip::Yes, InTip::OtherBranch, InTip::No];

fn store_commit(to: &mut Writer<'_>, commit: &CommitRef) {
    to.number(commit.order.into());
    to.text(&commit.id.to_string());
    to.signed(commit.authored.seconds());
    to.number(commit.in_tip as u64);
}

fn load_commit(from: &mut Reader<'_>) -> Option<Box<CommitRef>> {
    Some(Box::new(CommitRef {
        order: from.small()?,
        id: ObjectId::from_hex(from.text()?.as_bytes())?,
        authored: Instant::from_seconds(from.signed()?),
        in_tip: from.one_of(&IN_TIP)?,
    }))
}

fn store_allow(to: &mut Writer<'_>, allow: &Allow) {
    match allow {
        Allow::Ours {
            rule,
            reason,
            owner,
            until,
        } => {
            to.number(0);
            to.text(rule);
            to.text(reason);
            to.text(owner);
            to.signed(until.seconds());
        }
        Allow::Foreign(mark) => {
            to.number(1);
            to.text(mark);
        }
        Allow::Wrong(why) => {
            to.number(2);
            to.text(why);
        }
    }
}

fn load_allow(from: &mut Reader<'_>) -> Option<Box<Allow>> {
    let allow = match from.number()? {
        0 => Allow::Ours {
            rule: from.text()?.to_owned(),
            reason: from.text()?.to_owned(),
            owner: from.text()?.to_owned(),
            until: Instant::from_seconds(from.signed()?),
        },
        1 => Allow::Foreign(from.text()?.to_owned().into()),
        2 => Allow::Wrong(from.text()?.to_owned()),
        _ => return None,
    };
    Some(Box::new(allow))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Found, IN_TIP};
    use crate::model::{
        Allow, Cause, CommitRef, Confidence, Evidence, Finding, Frame, Grade, Identifier,
        IdentifierKind, Instant, Location, ObjectId, Region, ScanPath, Secret, Severity, Subject,
    };
    use crate::store::{Sorter, Stored};

    fn place(path: ScanPath, line: u32) -> Location {
        let region = Region {
            start_line: line,
            start_column: 2,
            end_line: u32::MAX,
            end_column: 4,
        };
        Location { path, region }
    }

    fn full(allow: Allow) -> Finding {
        let member = ScanPath::new(Path::new("a!b.zip"))
            .member(b"c.jar")
            .member(b"d");
        Finding {
            severity: Severity::Critical,
            confidence: Confidence::High,
            grade: Some(Grade::Direct),
            message: "é\u{1F469}\0\n".repeat(99),
            subject: Subject {
                platform: "salesforce".into(),
                kind: "user".into(),
                id: "005".to_owned(),
                name: "n".to_owned(),
            },
            location: place(member.clone(), 7),
            places: vec![place(member.clone(), 8), place(member.clone(), 9)],
            causes: vec![
                Cause {
                    text: "one".to_owned(),
                    location: Some(place(member, 10)),
                },
                Cause {
                    text: "two".to_owned(),
                    location: None,
                },
            ],
            evidence: vec![Evidence {
                field: "f".into(),
                value: "v".into(),
            }],
            identifiers: vec![Identifier {
                kind: IdentifierKind::Serial,
                value: "0a".to_owned(),
            }],
            line_hash: Some("0123:1".to_owned()),
            secret: Some(Secret::of_hint("corr…(21 characters)")),
            frame: Some(Box::new(Frame {
                text: "x = …".to_owned(),
                start: 4,
                length: usize::MAX,
            })),
            commit: Some(Box::new(CommitRef {
                order: 3,
                id: ObjectId::from_hex("0a".repeat(20).as_bytes()).unwrap(),
                authored: Instant::from_seconds(-1),
                in_tip: IN_TIP[1],
            })),
            allow: Some(Box::new(allow)),
            waivers: vec![0, usize::MAX],
            ..Finding::bare("r")
        }
    }

    #[test]
    fn everything_that_a_finding_is_comes_back_from_the_disk() {
        let ours = Allow::Ours {
            rule: "r".to_owned(),
            reason: "made up".to_owned(),
            owner: "kim".to_owned(),
            until: Instant::from_seconds(i64::MAX),
        };
        let findings = [
            Finding {
                location: place(ScanPath::new(Path::new("a")), 0),
                ..Finding::bare("r")
            },
            full(ours),
            full(Allow::Foreign("gitleaks:allow".into())),
            full(Allow::Wrong("no date".to_owned())),
        ];
        // Room for none: each is a run of its own.
        let mut sorter = Sorter::new(|a: &Found, b: &Found| a.turn.cmp(&b.turn), 0);
        for (turn, finding) in (0..).zip(&findings) {
            let finding = Box::new(finding.clone());
            sorter.push(Found { finding, turn }).unwrap();
        }
        let sorted = sorter.finish().unwrap();
        assert!(sorted.is_on_disk());
        let read = sorted.into_vec().unwrap();
        assert_eq!(read.len(), findings.len());
        for (read, finding) in read.iter().zip(&findings) {
            assert_eq!(format!("{:?}", read.finding), format!("{finding:?}"));
            assert_eq!(read.finding.secret, finding.secret);
            assert_eq!(read.finding.weight(), finding.weight());
        }
    }
}
