//! The figures and the verdict of a scan in words, the same for everybody who reads them.

use std::collections::{BTreeMap, BTreeSet};

use super::visible::{Count, Grouped, number};
use super::{Conclusion, Reach, Report, Trend};
use crate::model::Severity;
use crate::triage::Acceptor;

/// One line of the verdict.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Whether it is what one hoped for.
    pub(super) mood: Mood,
    /// The line. Not neutralised.
    pub(super) text: String,
}

/// How a line of the verdict is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Something is to be done.
    Alarm,
    /// All that was checked is in order.
    Good,
}

/// What the scan came to. The word "clean" is for a scan that checked every input, evaluated every
/// rule in full and found nothing at all.
pub(super) fn verdict(report: &Report) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut alarm = |text: String| {
        lines.push(Line {
            mood: Mood::Alarm,
            text,
        });
    };
    for (what, ended) in [
        ("WAIVERS ENDED", ended_waivers(report)),
        ("BASELINE ENDED", ended_lines(report)),
    ] {
        if !ended.is_empty() {
            alarm(format!("{what}: {}", ended.join(", ")));
        }
    }
    let level = report.fail_on;
    let failing = report.failing_count();
    if failing > 0 {
        let count = Count(failing, "finding");
        alarm(format!("FAILED: {count} of severity {level} or above"));
    }
    if !report.complete() {
        let count = Count(number(report.problems.len()), "input");
        alarm(format!("INCOMPLETE: {count} could not be checked"));
    }
    if report.conclusion() != Conclusion::Passed {
        return lines;
    }
    if report.rules.is_empty() {
        alarm("NOTHING CHECKED: no rule ran".to_owned());
        return lines;
    }
    let (_, partial, none) = reach(report);
    let mut text = if report.findings.is_empty() && partial + none == 0 {
        "CLEAN: every rule was evaluated, no findings".to_owned()
    } else {
        format!("PASSED: no finding of severity {level} or above")
    };
    if partial + none > 0 {
        let count = Count(partial + none, "rule");
        text.push_str(&format!(
            "; {count} could not be evaluated, wholly or in part"
        ));
    }
    lines.push(Line {
        mood: Mood::Good,
        text,
    });
    lines
}

/// How many findings there are of each severity, and how many do not count.
pub(super) fn findings(report: &Report) -> String {
    let mut parts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| {
            let of = report.findings.sum_of(|kind| kind.severity == *severity);
            format!("{} {severity}", Grouped(of.open))
        })
        .collect();
    let all = report.findings.all();
    for (count, what) in [(all.waived, "waived"), (all.known, "known")] {
        if count > 0 {
            parts.push(format!("and {} {what}", Grouped(count)));
        }
    }
    parts.join(", ")
}

/// What was looked at.
pub(super) fn checked(report: &Report) -> String {
    let coverage = &report.coverage;
    format!(
        "{} ({}), {}, {}, {} searched for secrets",
        Count(coverage.files, "file"),
        size(coverage.bytes),
        Count(number(report.exports.len()), "export"),
        Count(coverage.records, "record"),
        Count(coverage.searched, "file"),
    )
}

/// What was left out, and why; empty if nothing was.
pub(super) fn left_out(report: &Report) -> String {
    let parts: Vec<_> = report
        .coverage
        .left_out
        .iter()
        .map(|(why, files)| format!("{why} {}", Grouped(*files)))
        .collect();
    parts.join(", ")
}

/// How many rules were evaluated.
pub(super) fn rules(report: &Report) -> String {
    let (full, partial, none) = reach(report);
    let mut text = format!("{} evaluated", Grouped(full));
    for (count, what) in [
        (partial, "in part"),
        (none, "not evaluated"),
        (
            number(report.policy.disabled.len()),
            "switched off by the policy",
        ),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {what}", Grouped(count)));
        }
    }
    text
}

/// Rules evaluated in full, in part, not at all.
fn reach(report: &Report) -> (u64, u64, u64) {
    report
        .outcomes
        .iter()
        .fold((0, 0, 0), |(full, partial, none), outcome| {
            match outcome.reach() {
                Reach::Full => (full + 1, partial, none),
                Reach::Partial => (full, partial + 1, none),
                Reach::None => (full, partial, none + 1),
            }
        })
}

/// What changed since the result before, and what speaks against taking it for progress; each with
/// its label.
pub(super) fn trend(report: &Report) -> impl Iterator<Item = (&'static str, String)> {
    let trend = report.trend.as_ref();
    let changed = trend.and_then(Trend::in_words);
    let doubted = trend.and_then(Trend::doubted);
    let changed = changed.map(|text| ("Trend", text));
    let doubted = doubted.map(|text| ("But", text));
    changed.into_iter().chain(doubted)
}

/// Which policy was in force.
pub(super) fn policy(report: &Report) -> String {
    let policy = &report.policy;
    let digits = policy.sha256.get(..12).unwrap_or(&policy.sha256);
    format!(
        "{} (sha256 {digits})",
        policy
            .file
            .as_deref()
            .unwrap_or("built-in rules as they are")
    )
}

/// Each ended waiver that covered something, with its owner; sorted.
fn ended_waivers(report: &Report) -> Vec<String> {
    let ended: BTreeSet<(String, String)> = lapsed(report)
        .filter_map(|(by, owner)| match by {
            Acceptor::Waiver(id) => Some((id, owner)),
            Acceptor::Baseline | Acceptor::Commit(_) => None,
        })
        .collect();
    ended
        .into_iter()
        .map(|(waiver, owner)| format!("{waiver} (ask {owner})"))
        .collect()
}

/// How many findings of ended lines of the baseline count again, by owner; sorted.
fn ended_lines(report: &Report) -> Vec<String> {
    let mut ended: BTreeMap<String, u64> = BTreeMap::new();
    for (by, owner) in lapsed(report) {
        if by == Acceptor::Baseline {
            *ended.entry(owner).or_default() += 1;
        }
    }
    ended
        .into_iter()
        .map(|(owner, count)| format!("{} (ask {owner})", Count(count, "finding")))
        .collect()
}

/// What has ended, with its owner.
fn lapsed(report: &Report) -> impl Iterator<Item = (Acceptor, String)> {
    report.findings.lapsed().filter_map(|judged| {
        let acceptance = judged.verdict.lapsed()?;
        let owner = acceptance.owner.clone().unwrap_or_default();
        Some((acceptance.by.clone(), owner))
    })
}

/// Bytes in the largest decimal unit that they reach, with one decimal.
pub(super) fn size(bytes: u64) -> String {
    let units = [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
    ];
    let Some((unit, scale)) = units.into_iter().find(|(_, scale)| bytes >= *scale) else {
        return format!("{bytes} B");
    };
    let tenths = (u128::from(bytes) * 10 + u128::from(scale / 2)) / u128::from(scale);
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_decimal() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (3_449_999, "3.4 MB"),
            (12_000_000_000, "12.0 GB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
