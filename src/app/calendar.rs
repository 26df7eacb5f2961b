//! The rotation calendar of a run.

use crate::inventory::Calendar;
use crate::report::{CALENDAR_FORMATS, Rotations};
use crate::rule::Body;
use crate::rule::file::Depth;
use crate::rule::param::Literal;

use super::content::Content;
use super::error::AppError;
use super::exit::Exit;
use super::inventory::{look, tell};
use super::items::disputed;
use super::options::{CalendarOptions, ScanOptions};
use super::{Io, deliver};

/// The rule that says how many rotations in one week are too many, and its parameter.
const BUNCHING: (&str, &str) = ("rot.week-bunching", "limit");

/// Writes the calendar.
///
/// # Errors
/// When sources or the policy are wrong, or the report cannot be written.
pub(super) fn run(options: &CalendarOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let limit = limit(&options.scan)?;
    let mut found = look(&options.scan, io)?;
    found.notes.extend(disputed(&found.inventory));
    let as_of = options.scan.as_of;
    let rotations = Rotations {
        calendar: Calendar::new(&found.inventory, as_of, limit),
        as_of,
    };
    let format = CALENDAR_FORMATS
        .iter()
        .find(|format| format.name == options.format)
        .ok_or_else(|| AppError::usage(format!("unknown format `{}`", options.format)))?;
    let write = &mut |out: &mut dyn std::io::Write| (format.write)(&rotations, out);
    deliver::write_to(options.output.as_deref(), io, write)?;
    tell(&found, io)
}

/// From how many rotations on a week is too full, by the policy.
pub(super) fn limit(options: &ScanOptions) -> Result<usize, AppError> {
    let mut content = Content::load(&options.content, Depth::Trusted)?;
    let (policy, _) = content.policy(&options.config)?;
    let (id, name) = BUNCHING;
    let rule = content
        .rules
        .iter()
        .find(|rule| rule.meta.id.as_str() == id);
    let limit = rule.and_then(|rule| {
        let Body::Record(body) = &rule.body else {
            return None;
        };
        let values = policy.params(rule);
        let mut named = body
            .params
            .iter()
            .zip(values)
            .filter(|(param, _)| param.name == name);
        match named.next()?.1 {
            Literal::Int(limit) => usize::try_from(limit).ok(),
            _ => None,
        }
    });
    limit.ok_or_else(|| AppError::usage(format!("the rule {id} has no parameter {name}")))
}
