//! Reports to where they were asked for.

use std::fs;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::report::{
    Color, Format, KnownDetail, Report, SarifWaived, ShowSecrets, Style, TOOL, html, sarif,
};

use super::Io;
use super::error::AppError;
use super::options::{
    Paint, ReportTarget, SarifOptions, ScanOptions, Secrets, Verbosity, WaivedInSarif,
};

/// What to write, where, and what it may hold.
pub(super) struct Delivery<'a> {
    /// The reports.
    pub(super) reports: &'a [ReportTarget],
    /// Whether they hold secrets.
    pub(super) secrets: Secrets,
    /// What only SARIF knows.
    pub(super) sarif: &'a SarifOptions,
}

fn style(options: &Delivery<'_>, paint: Paint, verbosity: Verbosity) -> Style {
    Style {
        color: match paint {
            Paint::Plain => Color::Never,
            Paint::Color => Color::Always,
        },
        show_secrets: match options.secrets {
            Secrets::Redacted => ShowSecrets::Hide,
            Secrets::Shown => ShowSecrets::Show,
        },
        known: match verbosity {
            Verbosity::Verbose => KnownDetail::List,
            Verbosity::Quiet | Verbosity::Normal => KnownDetail::Count,
        },
        sarif_waived: match options.sarif.waived {
            WaivedInSarif::Omitted => SarifWaived::Omit,
            WaivedInSarif::Included => SarifWaived::Include,
        },
        sarif_category: options.sarif.category.clone(),
    }
}

/// The files that reports are written to.
pub(super) fn written(reports: &[ReportTarget]) -> impl Iterator<Item = &Path> {
    reports.iter().filter_map(|report| report.path.as_deref())
}

/// Refuses to write over a file that is looked at and that this program did not write: whoever names it
/// for a report has mistaken it.
///
/// # Errors
/// With what to do about it.
pub(super) fn may_write(options: &ScanOptions) -> Result<(), AppError> {
    let whole = |path: &Path| fs::canonicalize(options.directory.join(path)).ok();
    let inputs: Vec<_> = options
        .paths
        .iter()
        .filter_map(|path| whole(path))
        .collect();
    for path in written(&options.reports) {
        let looked_at = fs::canonicalize(path)
            .is_ok_and(|file| inputs.iter().any(|input| file.starts_with(input)));
        if looked_at && path.is_file() && !is_report(path).unwrap_or(true) {
            return Err(AppError::Usage {
                message: format!(
                    "{} is one of the files to be scanned, and no report of this program; it would be lost",
                    path.display()
                ),
                help: Some("name another file for the report, or remove this one first".to_owned()),
            });
        }
    }
    Ok(())
}

/// Whether a file is a report of this program, of any format, or holds nothing.
fn is_report(path: &Path) -> io::Result<bool> {
    /// So many bytes of its beginning and of its end are looked at.
    const PART: u64 = 64 << 10;
    /// What reports hold: their writer, the columns of a table, the names of one for GitLab, the last
    /// lines of a text.
    const MARKS: [&[u8]; 4] = [
        TOOL.as_bytes(),
        b"accepted_by",
        b"check_name",
        b"\nChecked   ",
    ];
    let mut file = fs::File::open(path)?;
    let mut bytes = Vec::new();
    (&mut file).take(PART).read_to_end(&mut bytes)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(
        size.saturating_sub(PART).max(bytes.len() as u64),
    ))?;
    file.take(PART).read_to_end(&mut bytes)?;
    let marked = MARKS
        .iter()
        .any(|mark| memchr::memmem::find(&bytes, mark).is_some());
    Ok(marked || matches!(bytes.trim_ascii(), b"" | b"[]"))
}

/// Writes every report of a scan.
///
/// # Errors
/// When a file or standard output cannot be written.
pub(super) fn write_all(
    report: &Report,
    options: &ScanOptions,
    io: &mut Io<'_>,
) -> Result<(), AppError> {
    let delivery = Delivery {
        reports: &options.reports,
        secrets: options.secrets,
        sarif: &options.sarif,
    };
    write_reports(report, &delivery, io)
}

/// Writes every report.
///
/// # Errors
/// When a file or standard output cannot be written.
pub(super) fn write_reports(
    report: &Report,
    options: &Delivery<'_>,
    io: &mut Io<'_>,
) -> Result<(), AppError> {
    let plain = style(options, Paint::Plain, io.verbosity);
    for ReportTarget { format, path } in options.reports {
        let Some(format) = Format::named(format) else {
            return Err(AppError::usage(format!("unknown format `{format}`")));
        };
        match path {
            None => {
                let style = style(options, io.out_paint, io.verbosity);
                let mut out = BufWriter::new(&mut *io.out);
                (format.write)(report, &style, &mut out)?;
                whole(report)?;
                out.flush()?;
            }
            Some(path) => {
                let failed = |e| AppError::write(path, e);
                let mut out = BufWriter::new(fs::File::create(path).map_err(failed)?);
                (format.write)(report, &plain, &mut out).map_err(failed)?;
                whole(report)?;
                out.flush().map_err(failed)?;
            }
        }
        let (what, dropped) = match format.name {
            "sarif" => ("SARIF", sarif::dropped(report, plain.sarif_waived)),
            "html" => ("HTML", html::dropped(report)),
            _ => continue,
        };
        if dropped > 0 && io.verbosity > Verbosity::Quiet {
            writeln!(
                io.err,
                "warning: {what} holds the most pressing only; {dropped} were left out of it"
            )?;
        }
    }
    Ok(())
}

/// That all findings of a report could be read, after they were.
///
/// # Errors
/// When the disk did not give some of them back.
pub(super) fn whole(report: &Report) -> Result<(), AppError> {
    match report.findings.fault() {
        Some(fault) => Err(AppError::Store(io::Error::new(
            fault.kind(),
            fault.to_string(),
        ))),
        None => Ok(()),
    }
}

/// Writes something to a file, or to standard output.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_to(
    path: Option<&Path>,
    io: &mut Io<'_>,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), AppError> {
    let Some(path) = path else {
        return Ok(write(io.out)?);
    };
    let failed = |e| AppError::write(path, e);
    let mut out = BufWriter::new(fs::File::create(path).map_err(failed)?);
    write(&mut out).map_err(failed)?;
    out.flush().map_err(failed)
}
