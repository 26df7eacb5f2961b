//! The report for people: findings by severity and rule with what to do, then what is accepted,
//! what could not be checked, what was not evaluated, and a verdict that never says more than the
//! scan can prove.

mod finding;
mod hook;
mod paint;
mod rest;
mod summary;

use std::io::{self, BufWriter, Write};

pub use self::hook::write as write_hook;

use self::paint::Paint;
use super::{KnownDetail, Report, ShowSecrets, Style};

/// Writes the report as text.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = Page {
        report,
        paint: Paint(style.color),
        secrets: style.show_secrets,
        known: style.known,
    };
    let mut out = BufWriter::with_capacity(1 << 16, out);
    page.findings(&mut out)?;
    page.waived(&mut out)?;
    page.known(&mut out)?;
    page.problems(&mut out)?;
    page.not_evaluated(&mut out)?;
    page.notes(&mut out)?;
    page.summary(&mut out)?;
    out.flush()
}

/// A report on its way to paper. Each module adds the parts that it is named for.
#[derive(Clone, Copy)]
struct Page<'a> {
    report: &'a Report,
    paint: Paint,
    secrets: ShowSecrets,
    known: KnownDetail,
}
