//! OSCAL assessment results (1.1.3): of each control of a framework whether what was looked at
//! satisfies it, with an observation for every rule that speaks to one. Holds no secret. Every
//! UUID is made from what the report says, so that the same report gives the same bytes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::controls::{Chapter, Line, Spoken, Standing, matrix};
use super::lines::{self, Shown};
use super::visible::{Count, Visible, number};
use super::{Report, RuleOutcome, Style, TOOL, VERSION};
use crate::model::{Instant, RuleId};
use crate::triage::Judged;

const OSCAL: &str = "1.1.3";

/// The namespace of our properties.
const NAMESPACE: &str = "urn:x-credlint:oscal";

/// Weaknesses are no controls.
const NO_CONTROLS: &str = "cwe";

/// Findings that one observation tells one by one; the count tells of all.
const TOLD: usize = 100;

/// Down to the elements of the result's lists.
const BROKEN_LEVELS: usize = 5;

/// Writes the report as one document.
///
/// # Errors
/// What the writer says.
pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut chapters = matrix(report);
    chapters.retain(|chapter| chapter.framework.id != NO_CONTROLS);
    for chapter in &mut chapters {
        chapter
            .lines
            .retain(|line| line.standing != Standing::NoRule);
    }
    chapters.retain(|chapter| !chapter.lines.is_empty());
    let made = Made {
        report,
        seed: seed(report),
    };
    lines::write(&made.document(&chapters), BROKEN_LEVELS, out)
}

/// What makes one report another than the next.
fn seed(report: &Report) -> String {
    let mut hasher = Sha256::new();
    let mut part = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(VERSION);
    part(&report.as_of.text());
    part(&report.policy.sha256);
    for export in &report.exports {
        part(&export.path);
        part(export.sha256.as_deref().unwrap_or_default());
    }
    for problem in &report.problems {
        part(&problem.message);
    }
    for judged in &report.findings {
        part(&judged.finding.fingerprint.to_string());
        part(if judged.counts() { "open" } else { "accepted" });
    }
    uuid(&[&format!("{:x?}", hasher.finalize())])
}

/// A name-based UUID in the form of version 5. Its hash is SHA-256, of which 122 bits are kept.
fn uuid(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(NAMESPACE.as_bytes());
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    let mut number = u128::from_be_bytes(bytes);
    number &= !(0xF << 76) & !(0x3 << 62);
    number |= (0x5 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let cut = |from, to| hex.get(from..to).unwrap_or_default();
    [cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32)].join("-")
}

/// A control's id as a token of OSCAL. Those of NIST SP 800-53 are spelt as in its own catalogue
/// (`ia-5.7`), others begin with their framework, for a token begins with a letter.
fn token(framework: &str, control: &str) -> String {
    let spelt: String = control
        .chars()
        .filter(|c| *c != ')')
        .map(|c| match c {
            '(' => '.',
            c if c.is_ascii_alphanumeric() || "._-".contains(c) => c,
            _ => '_',
        })
        .collect();
    if framework.starts_with("nist-800-53") {
        return spelt.to_ascii_lowercase();
    }
    format!("{framework}_{spelt}")
}

/// One line of text for a field of Markdown: what an input says is no markup in it.
fn prose(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(line.len());
    for c in Visible(&line).to_string().chars() {
        if "\\`*_[]<>~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

struct Made<'r> {
    report: &'r Report,
    seed: String,
}

impl<'r> Made<'r> {
    fn id(&self, parts: &[&str]) -> String {
        let mut all = vec![self.seed.as_str()];
        all.extend(parts);
        uuid(&all)
    }

    fn document(&self, chapters: &[Chapter<'r>]) -> Document {
        let (plan, tool) = (self.id(&["plan"]), self.id(&["tool"]));
        let policy = &self.report.policy;
        let file = policy.file.as_deref().unwrap_or("none; the defaults");
        Document {
            assessment_results: Results {
                uuid: self.id(&["document"]),
                metadata: Metadata {
                    title: "Credential hygiene, as rules over exports and source see it".to_owned(),
                    last_modified: Shown(self.report.as_of),
                    version: VERSION,
                    oscal_version: OSCAL,
                    parties: [Party {
                        uuid: tool.clone(),
                        r#type: "organization",
                        name: TOOL,
                        remarks: "The program that made this. It judges what it is given and asks nobody.",
                    }],
                },
                import_ap: Import {
                    href: format!("#{plan}"),
                },
                results: [self.result(chapters, &tool)],
                back_matter: BackMatter {
                    resources: [Resource {
                        uuid: plan,
                        title: "The questions that were asked",
                        description: prose(&format!(
                            "{} rules of {TOOL} {VERSION}. Policy file: {file}.",
                            self.report.rules.len()
                        )),
                        props: vec![prop("policy-sha256", policy.sha256.clone())],
                    }],
                },
            },
        }
    }

    fn result(&self, chapters: &[Chapter<'r>], tool: &str) -> Outcome {
        let report = self.report;
        let spoken: BTreeMap<&str, &Spoken<'_>> = chapters
            .iter()
            .flat_map(|chapter| &chapter.lines)
            .flat_map(|line| &line.rules)
            .map(|rule| (rule.meta.id.as_str(), rule))
            .collect();
        let mut found: HashMap<RuleId, Vec<Cow<'_, Judged>>> = HashMap::new();
        for judged in &report.findings {
            let rule = judged.finding.rule.clone();
            let told = found.entry(rule).or_default();
            if told.len() < TOLD {
                told.push(judged);
            }
        }
        let complete = if report.complete() {
            "Every input was checked."
        } else {
            "Some inputs could not be checked, so this is not the whole picture."
        };
        let remarks = report.problems.iter().take(TOLD).map(|problem| {
            let path = problem.path.as_ref().map_or("", |path| path.as_str());
            prose(&format!("{path} {}", problem.message))
        });
        let remarks: Vec<String> = remarks.collect();
        Outcome {
            uuid: self.id(&["result"]),
            title: format!("As of {}", report.as_of.date()),
            description: format!(
                "What {} and {} show. {complete} Rules give evidence for a control; they do not prove that it is in place.",
                Count(number(report.exports.len()), "export"),
                Count(report.coverage.searched, "searched file")
            ),
            start: Shown(report.as_of),
            end: Shown(report.as_of),
            props: vec![
                prop("complete", report.complete().to_string()),
                prop("conclusion", report.conclusion().word().to_owned()),
            ],
            reviewed_controls: Reviewed {
                control_selections: if chapters.is_empty() {
                    vec![Selection {
                        description: "No rule that ran speaks to a control.".to_owned(),
                        props: Vec::new(),
                        include_all: Some(Everything {}),
                        include_controls: Vec::new(),
                    }]
                } else {
                    chapters.iter().map(selection).collect()
                },
            },
            observations: spoken
                .values()
                .map(|rule| {
                    let found = found.get(&rule.meta.id);
                    self.observation(rule, found.map_or(&[][..], Vec::as_slice), tool)
                })
                .collect(),
            findings: chapters
                .iter()
                .flat_map(|chapter| {
                    let lines = chapter.lines.iter();
                    lines.map(|line| self.finding(&chapter.framework.id, line))
                })
                .collect(),
            remarks: (!remarks.is_empty()).then(|| remarks.join("\n\n")),
        }
    }

    fn observation(&self, rule: &Spoken<'_>, found: &[Cow<'_, Judged>], tool: &str) -> Observation {
        let id = rule.meta.id.as_str();
        let reasons: BTreeSet<String> = rule
            .outcome
            .into_iter()
            .flat_map(RuleOutcome::reasons)
            .take(TOLD)
            .map(|(reason, _)| prose(reason))
            .collect();
        let told = found.len() as u64;
        let all = rule.open + rule.accepted;
        let mut evidence: Vec<Proof> = found.iter().map(|judged| proof(judged)).collect();
        if told < all {
            evidence.push(Proof {
                description: format!("{} more findings are in the full report.", all - told),
                props: Vec::new(),
            });
        }
        Observation {
            uuid: self.id(&["observation", id]),
            title: prose(&rule.meta.title),
            description: prose(&rule.meta.description),
            props: vec![
                prop("rule", id.to_owned()),
                prop("severity", rule.meta.severity.word().to_owned()),
                prop("open", rule.open.to_string()),
                prop("accepted", rule.accepted.to_string()),
                prop("passes", rule.passes().to_string()),
                prop("not-evaluated", rule.unjudged().to_string()),
            ],
            methods: ["TEST"],
            types: ["control-objective"],
            origins: [Origin {
                actors: [Actor {
                    r#type: "party",
                    actor_uuid: tool.to_owned(),
                }],
            }],
            relevant_evidence: evidence,
            collected: Shown(self.report.as_of),
            remarks: (!reasons.is_empty()).then(|| {
                let reasons: Vec<String> = reasons.into_iter().collect();
                format!("Not evaluated, wholly or in part: {}", reasons.join("; "))
            }),
        }
    }

    fn finding(&self, framework: &str, line: &Line<'_>) -> Finding {
        let (state, reason, remarks) = match line.standing {
            Standing::Pass => (
                "satisfied",
                "pass",
                "Every rule was evaluated in full and found nothing.",
            ),
            Standing::Fail => ("not-satisfied", "fail", "A rule has findings that count."),
            Standing::Accepted => (
                "not-satisfied",
                "other",
                "Every rule was evaluated in full; all findings are accepted by somebody, for a time.",
            ),
            Standing::Partly => (
                "not-satisfied",
                "other",
                "Nothing was found, but some rules could not be evaluated, or not in full.",
            ),
            Standing::NotEvaluated | Standing::NoRule => {
                ("not-satisfied", "other", "No rule could be evaluated.")
            }
        };
        let target = token(framework, &line.control.id);
        let open: u64 = line.rules.iter().map(|rule| rule.open).sum();
        Finding {
            uuid: self.id(&["finding", &target]),
            title: prose(&format!(
                "{framework} {}: {}",
                line.control.id, line.control.title
            )),
            description: format!(
                "{} of {} rules have findings; {open} findings count.",
                line.rules.iter().filter(|rule| rule.open > 0).count(),
                line.rules.len()
            ),
            props: vec![
                prop("framework", framework.to_owned()),
                prop("control", line.control.id.clone()),
                prop("standing", line.standing.word().to_owned()),
            ],
            target: Target {
                r#type: "objective-id",
                target_id: target,
                status: Status {
                    state,
                    reason,
                    remarks,
                },
            },
            related_observations: line
                .rules
                .iter()
                .map(|rule| Related {
                    observation_uuid: self.id(&["observation", rule.meta.id.as_str()]),
                })
                .collect(),
        }
    }
}

fn selection(chapter: &Chapter<'_>) -> Selection {
    let framework = chapter.framework;
    let controls = chapter.lines.iter().map(|line| ById {
        control_id: token(&framework.id, &line.control.id),
    });
    Selection {
        description: prose(&format!("{} {}", framework.title, framework.version)),
        props: vec![prop("framework", framework.id.clone())],
        include_all: None,
        include_controls: controls.collect(),
    }
}

fn proof(judged: &Judged) -> Proof {
    let finding = &judged.finding;
    let place = &finding.location;
    let state = if judged.counts() { "open" } else { "accepted" };
    Proof {
        description: prose(&format!(
            "{} ({}:{})",
            finding.message, place.path, place.region.start_line
        )),
        props: vec![
            prop("fingerprint", finding.fingerprint.to_string()),
            prop("state", state.to_owned()),
        ],
    }
}

fn prop(name: &'static str, value: String) -> Property {
    Property {
        name,
        ns: NAMESPACE,
        value,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    assessment_results: Results,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Results {
    uuid: String,
    metadata: Metadata,
    import_ap: Import,
    results: [Outcome; 1],
    back_matter: BackMatter,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Metadata {
    title: String,
    last_modified: Shown<Instant>,
    version: &'static str,
    oscal_version: &'static str,
    parties: [Party; 1],
}

#[derive(Serialize)]
struct Party {
    uuid: String,
    r#type: &'static str,
    name: &'static str,
    remarks: &'static str,
}

#[derive(Serialize)]
struct Import {
    href: String,
}

#[derive(Serialize)]
struct BackMatter {
    resources: [Resource; 1],
}

#[derive(Serialize)]
struct Resource {
    uuid: String,
    title: &'static str,
    description: String,
    props: Vec<Property>,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    ns: &'static str,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Outcome {
    uuid: String,
    title: String,
    description: String,
    start: Shown<Instant>,
    end: Shown<Instant>,
    props: Vec<Property>,
    reviewed_controls: Reviewed,
    // The standard has no empty lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    observations: Vec<Observation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Reviewed {
    control_selections: Vec<Selection>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Selection {
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_all: Option<Everything>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include_controls: Vec<ById>,
}

#[derive(Serialize)]
struct Everything {}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ById {
    control_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Observation {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    methods: [&'static str; 1],
    types: [&'static str; 1],
    origins: [Origin; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_evidence: Vec<Proof>,
    collected: Shown<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

#[derive(Serialize)]
struct Origin {
    actors: [Actor; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Actor {
    r#type: &'static str,
    actor_uuid: String,
}

#[derive(Serialize)]
struct Proof {
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Finding {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    target: Target,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_observations: Vec<Related>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    r#type: &'static str,
    target_id: String,
    status: Status,
}

#[derive(Serialize)]
struct Status {
    state: &'static str,
    reason: &'static str,
    remarks: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Related {
    observation_uuid: String,
}

#[cfg(test)]
mod tests {
    use super::{prose, token, uuid};

    #[test]
    fn a_uuid_is_of_version_5_and_of_nothing_but_its_parts() {
        let one = uuid(&["a", "bc"]);
        assert_eq!(one, uuid(&["a", "bc"]));
        assert_ne!(one, uuid(&["ab", "c"]));
        let form = r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
        let form = regex::Regex::new(form).unwrap();
        for n in 0..200 {
            let id = uuid(&[&n.to_string()]);
            assert!(form.is_match(&id), "{id}");
        }
    }

    #[test]
    fn ids_of_controls_are_tokens() {
        for (framework, control, expected) in [
            ("nist-800-53r5", "IA-5(7)", "ia-5.7"),
            ("pci-dss-4.0", "8.3.9", "pci-dss-4.0_8.3.9"),
            ("hipaa", "164.308(a)(5)(ii)(D)", "hipaa_164.308.a.5.ii.D"),
            ("soc2", "CC6.1", "soc2_CC6.1"),
        ] {
            assert_eq!(token(framework, control), expected);
        }
    }

    #[test]
    fn what_an_input_says_is_no_markup() {
        assert_eq!(prose(" a_b\n<b> `c` "), r"a\_b \<b\> \`c\`");
    }
}
