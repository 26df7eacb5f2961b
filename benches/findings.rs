//! What writing many findings costs: `findings COUNT`.
//!
//! Gathers so many made-up findings, half of exports and half of source, as a scan does, then
//! writes every format to nowhere, and says how much memory the process took at its peak above what
//! it began with, how many bytes came out, and how long that took. Linux only: the peak is that of
//! the kernel, set back before each format. Ends with 1 when anything took more than 64 MB.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant as Clock;

use credlint::inventory::Runbooks;
use credlint::model::{
    Confidence, Evidence, Finding, FingerprintBuilder, Frame, Grade, Instant, Location, Region,
    RuleId, ScanPath, Secret, Severity, Subject,
};
use credlint::report::{Coverage, FORMATS, PolicyInfo, Report, RuleOutcome, Style};
use credlint::rule::{Frameworks, RuleKind, RuleMeta, Status, Told};
use credlint::store::HELD;
use credlint::triage::{Findings, Judged, Verdict};

/// What holding findings and writing a format may take, in bytes.
const LIMIT: u64 = 64 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: findings COUNT";
    let count: u32 = std::env::args().nth(1).ok_or(usage)?.parse()?;
    let mut told = io::stdout();
    let start = memory("VmRSS")?;
    let clock = Clock::now();
    let report = report(count)?;
    let mut worst = memory("VmHWM")?.saturating_sub(start);
    writeln!(
        told,
        "{count} findings gathered: {} KB at the peak, {} KB held, {:.2} seconds",
        worst >> 10,
        memory("VmRSS")?.saturating_sub(start) >> 10,
        clock.elapsed().as_secs_f64()
    )?;
    writeln!(
        told,
        "{:10} {:>12} {:>12} {:>9}",
        "format", "peak", "written", "seconds"
    )?;
    for format in FORMATS {
        // Sets the peak back to what is held now.
        fs::write("/proc/self/clear_refs", "5")?;
        let mut out = Counted(0);
        let clock = Clock::now();
        (format.write)(&report, &Style::default(), &mut out)?;
        let seconds = clock.elapsed().as_secs_f64();
        if let Some(fault) = report.findings.fault() {
            return Err(fault.to_string().into());
        }
        let peak = memory("VmHWM")?.saturating_sub(start);
        worst = worst.max(peak);
        writeln!(
            told,
            "{:10} {:>9} KB {:>9} MB {seconds:>9.2}",
            format.name,
            peak >> 10,
            out.0 >> 20
        )?;
    }
    // Giving back a million findings one by one would be lost time.
    std::mem::forget(report);
    if worst > LIMIT {
        return Err(format!("it took {} MB", worst >> 20).into());
    }
    Ok(())
}

/// A line of the kernel's about this process, in bytes.
fn memory(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kilobytes.ok_or("no such line")?.parse::<u64>()? << 10)
}

/// Nowhere, and how much went there.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const ORG: &str = "pw.never-expires";
const SOURCE: &str = "secret.github-personal-access-token";

fn report(count: u32) -> io::Result<Report> {
    let mut findings = Findings::gather(HELD);
    for n in 0..count {
        findings.push(Judged {
            finding: Box::new(if n < count / 2 {
                of_export(n)
            } else {
                in_source(n)
            }),
            verdict: Verdict::open(),
        })?;
    }
    let rules = [
        (ORG, RuleKind::Record("user".into())),
        (SOURCE, RuleKind::Secret),
    ];
    Ok(Report {
        as_of: Instant::from_seconds(1_795_132_800),
        findings: findings.finish()?,
        problems: Vec::new(),
        outcomes: rules
            .iter()
            .map(|(id, _)| RuleOutcome {
                rule: RuleId::new(id),
                fails: u64::from(count / 2),
                passes: 0,
                not_evaluated: Vec::new(),
            })
            .collect(),
        rules: rules.into_iter().map(|(id, kind)| meta(id, kind)).collect(),
        exports: Vec::new(),
        coverage: Coverage::default(),
        policy: PolicyInfo {
            file: None,
            sha256: "0".repeat(64),
            disabled: Vec::new(),
        },
        notes: Vec::new(),
        fail_on: Severity::High,
        parts: Vec::new(),
        frameworks: Frameworks::default(),
        runbooks: Runbooks::default(),
        inventory: None,
        version: String::new(),
        trend: None,
    })
}

fn meta(id: &str, kind: RuleKind) -> Arc<RuleMeta> {
    Arc::new(RuleMeta {
        id: RuleId::new(id),
        severity: Severity::Critical,
        default_severity: Severity::Critical,
        confidence: Confidence::High,
        kind,
        told: Told {
            title: "A rule of the benchmark".into(),
            description: "Why it matters and how it is decided, in a few sentences.".into(),
            status: Status::Stable,
            controls: Vec::new(),
            tags: Vec::new(),
            remediation: "What to do about it, in a sentence or two.".into(),
            references: Vec::new(),
        }
        .into(),
    })
}

thread_local! {
    /// Findings share these, as those of a scan do.
    static SHARED: Shared = Shared {
        org: RuleId::new(ORG),
        source: RuleId::new(SOURCE),
        platform: "salesforce".into(),
        kind: "user".into(),
        in_source: "source".into(),
        secret: "secret".into(),
        fields: ["username", "last_login", "password_changed"].map(Arc::from),
        users: ScanPath::new(Path::new("exports/salesforce/users.csv")),
    };
}

struct Shared {
    org: RuleId,
    source: RuleId,
    platform: Arc<str>,
    kind: Arc<str>,
    in_source: Arc<str>,
    secret: Arc<str>,
    fields: [Arc<str>; 3],
    users: ScanPath,
}

fn region(line: u32) -> Region {
    Region {
        start_line: line,
        start_column: 9,
        end_line: line,
        end_column: 60,
    }
}

fn of_export(n: u32) -> Finding {
    SHARED.with(|shared| {
        let name = format!("svc.integration{n:07}@acme.example");
        let id = format!("salesforce:005xx{n:010}AAA");
        let mut fingerprint = FingerprintBuilder::new(ORG);
        fingerprint.part(id.as_bytes());
        let values = [&*name, "2026-11-19T23:10:04Z", "2023-02-01T08:00:00Z"];
        let evidence = shared.fields.iter().zip(values);
        Finding {
            rule: shared.org.clone(),
            severity: Severity::Critical,
            confidence: Confidence::High,
            grade: Some(Grade::Direct),
            message: format!("{name} is active and its password never expires"),
            subject: Subject {
                platform: Arc::clone(&shared.platform),
                kind: Arc::clone(&shared.kind),
                id,
                name: name.clone(),
            },
            location: Location {
                path: shared.users.clone(),
                region: region(n + 2),
            },
            places: Vec::new(),
            causes: Vec::new(),
            evidence: evidence
                .map(|(field, value)| Evidence {
                    field: Arc::clone(field),
                    value: value.into(),
                })
                .collect(),
            fingerprint: fingerprint.finish(),
            identifiers: Vec::new(),
            line_hash: None,
            secret: None,
            frame: None,
            commit: None,
            allow: None,
            waivers: Vec::new(),
        }
    })
}

fn in_source(n: u32) -> Finding {
    SHARED.with(|shared| {
        let secret = Secret::new(format!("benchmark-value-{n:024}").as_bytes()).as_hint();
        let hint = secret.hint();
        let mut fingerprint = FingerprintBuilder::new(SOURCE);
        fingerprint.part(&n.to_le_bytes());
        let path = format!("src/service{}/config/settings{n}.py", n % 100);
        Finding {
            rule: shared.source.clone(),
            severity: Severity::Critical,
            confidence: Confidence::High,
            grade: None,
            message: format!("A token of the benchmark: {hint}"),
            subject: Subject {
                platform: Arc::clone(&shared.in_source),
                kind: Arc::clone(&shared.secret),
                id: format!("{n:032x}"),
                name: hint.clone(),
            },
            location: Location {
                path: ScanPath::new(Path::new(&path)),
                region: region(n % 500 + 1),
            },
            places: Vec::new(),
            causes: Vec::new(),
            evidence: Vec::new(),
            fingerprint: fingerprint.finish(),
            identifiers: Vec::new(),
            line_hash: Some(format!("{n:016x}:1")),
            frame: Some(Box::new(Frame {
                text: format!("    token = \"{hint}\""),
                start: 13,
                length: hint.chars().count(),
            })),
            secret: Some(secret),
            commit: None,
            allow: None,
            waivers: Vec::new(),
        }
    })
}
