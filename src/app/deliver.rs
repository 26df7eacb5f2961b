//! Reports to where they were asked for.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::report::{
    Color, Format, KnownDetail, Report, SarifWaived, ShowSecrets, Style, html, sarif,
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
