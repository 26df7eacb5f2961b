//! `credlint evidence`: one folder for an auditor, with everything that a run knows, and a manifest
//! by which any change of it is found.

mod inputs;
mod manifest;
mod verify;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::check::secret::SecretScanner;
use crate::inventory::{Calendar, Inventory};
use crate::model::{Instant, Problem, ScanPath, hex};
use crate::report::{
    CALENDAR_FORMATS, FORMATS, INVENTORY_FORMATS, Items, Report, Rotations, RuleVersion, doctor,
    evidence,
};
use crate::rule::file::Depth;
use crate::rule::{Body, Policy};

use super::calendar::limit;
use super::content::Content;
use super::deliver::write_all;
use super::doctor::{examine, requirements};
use super::error::AppError;
use super::exit::Exit;
use super::inventory::look;
use super::look::{Buffers, Look, Sniff};
use super::options::{
    Archives, EvidenceAction, EvidenceOptions, Overwrite, ReportTarget, ScanOptions, Verbosity,
};
use super::select::{select, split};
use super::{Io, scan};
use manifest::{MANIFEST, Manifest};

/// The reports of a pack: format and file.
const REPORTS: &[(&str, &str)] = &[
    ("text", "report.txt"),
    ("json", "report.json"),
    ("sarif", "report.sarif"),
    ("html", "report.html"),
    ("csv", "findings.csv"),
    ("oscal", "oscal-assessment-results.json"),
];

/// Columns of text in a pack, whatever the terminal.
const WIDTH: usize = 100;

/// The policy file, as it was.
const POLICY: &str = "policy.yaml";

/// What stands in the folder for whoever opens it.
const GUIDE: &str = include_str!("guide.md");

/// Makes a pack, or checks one.
///
/// # Errors
/// When the scan cannot be run, the folder may not be written to, or is no pack.
pub(super) fn run(options: &EvidenceOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    match &options.action {
        EvidenceAction::Verify { folder, manifest } => verify::run(folder, manifest.as_deref(), io),
        EvidenceAction::Make {
            scan,
            folder,
            overwrite,
        } => make(scan, folder, *overwrite, io),
    }
}

fn make(
    options: &ScanOptions,
    folder: &Path,
    overwrite: Overwrite,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let old = manifest::may_write(folder, overwrite)?;
    if old.is_some() {
        not_among(folder, options)?;
    }
    let mut options = options.clone();
    options.reports = REPORTS
        .iter()
        .filter_map(|(name, file)| {
            let format = FORMATS.iter().find(|format| format.name == *name)?;
            Some(ReportTarget {
                format: format.name,
                path: Some(folder.join(file)),
            })
        })
        .collect();
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, policy_text) = content.policy(&options.config)?;
    no_secret(&policy_text, &content, &policy, &options)?;
    let report = scan::report(&options, io)?;
    let looked;
    let (inventory, problems) = if let Some(inventory) = &report.inventory {
        (inventory, report.problems.as_slice())
    } else {
        looked = look(&options, io)?;
        (&looked.inventory, looked.problems.as_slice())
    };
    let files = scan::threads(&options)?.install(|| inputs::files(&options, &policy, &report))?;
    if let Some(old) = old {
        old.remove(folder)?;
    }
    fs::create_dir_all(folder).map_err(|e| AppError::write(folder, e))?;
    let quiet = &mut Io {
        verbosity: Verbosity::Normal,
        ..reborrow(io)
    };
    write_all(&report, &options, quiet)?;
    let pack = Pack {
        folder,
        as_of: options.as_of,
    };
    pack.inventory((inventory, problems), &options)?;
    pack.file("inputs.json", &mut |out| {
        evidence::inputs(&report, &files.all, out)
    })?;
    pack.file("controls.json", &mut |out| evidence::controls(&report, out))?;
    pack.file("controls.csv", &mut |out| {
        evidence::controls_table(&report, out)
    })?;
    let rules = versions(&content, &policy, &report);
    pack.file("rules.json", &mut |out| {
        evidence::questions(&report, &rules, out)
    })?;
    let checkup = examine(&content, requirements()?, &report);
    pack.file("requirements.json", &mut |out| {
        doctor::write_json(&checkup, out)
    })?;
    if policy.file.is_some() {
        pack.file(POLICY, &mut |out| out.write_all(policy_text.as_bytes()))?;
    }
    pack.file("README.md", &mut |out| out.write_all(GUIDE.as_bytes()))?;
    let digest = Manifest::of(&report).write(folder)?;
    for path in &files.changed {
        writeln!(io.err, "problem: {path} changed while it was read")?;
    }
    if io.verbosity > Verbosity::Quiet {
        writeln!(
            io.out,
            "wrote {}; the SHA-256 of its {MANIFEST} is {digest}",
            folder.display()
        )?;
    }
    let whole = report.complete() && problems.is_empty() && files.changed.is_empty();
    Ok(if whole { Exit::Clean } else { Exit::Incomplete })
}

/// The same world, for a while.
fn reborrow<'a>(io: &'a mut Io<'_>) -> Io<'a> {
    Io {
        input: &mut *io.input,
        out: &mut *io.out,
        err: &mut *io.err,
        out_paint: io.out_paint,
        err_paint: io.err_paint,
        width: io.width,
        verbosity: io.verbosity,
        progress: io.progress,
    }
}

/// A pack that lies in what is scanned would be its own input.
fn not_among(folder: &Path, options: &ScanOptions) -> Result<(), AppError> {
    let whole = |path: &Path| fs::canonicalize(path).map_err(|e| AppError::read(path, e));
    let own = whole(folder)?;
    for path in &options.paths {
        let scanned = options.directory.join(path);
        if scanned.exists() && own.starts_with(whole(&scanned)?) {
            return Err(AppError::Usage {
                message: format!(
                    "{} lies in {}, which is scanned: the old pack would be evidence for the new one",
                    folder.display(),
                    path.display()
                ),
                help: Some("name the inputs one by one, or put the pack beside them".to_owned()),
            });
        }
    }
    Ok(())
}

/// A pack holds the policy file as it is, so it must hold no secret.
fn no_secret(
    text: &str,
    content: &Content,
    policy: &Policy,
    options: &ScanOptions,
) -> Result<(), AppError> {
    let selected = select(options, content, policy)?;
    let (rules, _) = split(&selected);
    let scanner = SecretScanner::new(rules.iter().copied());
    let look = Look {
        scanner: &scanner,
        archives: Archives::Closed,
        sniff: Sniff::Unwanted,
    };
    let shown = ScanPath::new(Path::new(policy.file.as_deref().unwrap_or(POLICY)));
    let looked = look.bytes(&shown, text.as_bytes(), &mut Buffers::default());
    let Some(finding) = looked.findings.first() else {
        return Ok(());
    };
    Err(AppError::Usage {
        message: format!(
            "{}:{} holds a secret ({}), and a pack holds the policy file as it is",
            shown, finding.location.region.start_line, finding.rule
        ),
        help: Some("take it out of the policy file, and rotate it".to_owned()),
    })
}

/// A pack that is being written.
struct Pack<'p> {
    folder: &'p Path,
    as_of: Instant,
}

impl Pack<'_> {
    fn file(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), AppError> {
        let path: PathBuf = self.folder.join(name);
        let failed = |e| AppError::write(&path, e);
        let mut out = BufWriter::new(fs::File::create(&path).map_err(failed)?);
        write(&mut out).map_err(failed)?;
        out.flush().map_err(failed)
    }

    /// The inventory and the calendar, as tables and as data.
    fn inventory(
        &self,
        (inventory, problems): (&Inventory, &[Problem]),
        options: &ScanOptions,
    ) -> Result<(), AppError> {
        let items = Items {
            mentions: None,
            inventory,
            as_of: self.as_of,
            problems,
            width: WIDTH,
        };
        for format in INVENTORY_FORMATS.iter().filter(|f| f.name != "table") {
            let name = format!("inventory.{}", format.name);
            self.file(&name, &mut |out| (format.write)(&items, out))?;
        }
        let rotations = Rotations {
            calendar: Calendar::new(inventory, self.as_of, limit(options)?),
            as_of: self.as_of,
        };
        for format in CALENDAR_FORMATS.iter().filter(|f| f.name == "csv") {
            self.file("calendar.csv", &mut |out| (format.write)(&rotations, out))?;
        }
        Ok(())
    }
}

/// The rules of a report as they were in force.
fn versions(content: &Content, policy: &Policy, report: &Report) -> Vec<RuleVersion> {
    let ran = content
        .rules
        .par_iter()
        .filter(|rule| report.rule_index(&rule.meta.id).is_some());
    ran.map(|rule| {
        let parameters = match &rule.body {
            Body::Record(body) => {
                let names = body.params.iter().map(|param| param.name.clone());
                let values = policy.params(rule).into_iter().map(|v| v.to_string());
                names.zip(values).collect()
            }
            Body::Secret(_) => Vec::new(),
        };
        RuleVersion {
            rule: rule.meta.id.as_str().to_owned(),
            file: rule.file.file().to_owned(),
            sha256: hex(&Sha256::digest(rule.yaml().as_bytes())),
            severity: rule.meta.severity.word(),
            default_severity: rule.meta.default_severity.word(),
            parameters,
        }
    })
    .collect()
}
