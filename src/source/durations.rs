//! The forms in which vendors write lengths of time: a closed list, chosen per field.
//!
//! Months and years have no length, so no form reads them, but for policies that are written in
//! months only: there a month counts thirty days.

use std::str::FromStr;

use crate::model::DAY;

/// How a column writes lengths of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DurationForm {
    /// `P30D`, `P2W`, `PT12H`, `P1DT12H`: ISO 8601.
    Iso,
    /// `7776000s`, perhaps with a fraction or without the unit.
    Seconds,
    /// `2160h0m0s`, as Go writes it.
    Go,
    /// `rate(7 days)`, as AWS schedules are written. `cron(…)` has no length.
    Rate,
    /// A number of days.
    Days,
    /// `12:MONTHS`, perhaps behind the policy's name and a colon, as Salesforce writes policies.
    Policy,
}

impl DurationForm {
    /// The words in source files.
    pub(super) const WORDS: &'static [&'static str] =
        &["iso", "seconds", "go", "rate", "days", "policy"];

    /// Reads a text of this form, in seconds.
    pub(super) fn parse(self, text: &[u8]) -> Option<i64> {
        let text = std::str::from_utf8(text).ok()?;
        match self {
            Self::Iso => iso(text),
            Self::Seconds => seconds(text.strip_suffix('s').unwrap_or(text)),
            Self::Go => go(text),
            Self::Rate => rate(text),
            Self::Days => whole(text)?.checked_mul(DAY),
            Self::Policy => policy(text),
        }
    }
}

impl FromStr for DurationForm {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "iso" => Self::Iso,
            "seconds" => Self::Seconds,
            "go" => Self::Go,
            "rate" => Self::Rate,
            "days" => Self::Days,
            "policy" => Self::Policy,
            _ => return Err(()),
        })
    }
}

/// Whole days that so many seconds take, a started one counted whole.
pub(super) const fn days(seconds: i64) -> i64 {
    seconds.saturating_add(DAY - 1).div_euclid(DAY)
}

fn whole(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// A number of seconds whose fraction is dropped.
fn seconds(text: &str) -> Option<i64> {
    let (head, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole(fraction)?;
    whole(head)
}

/// Numbers, each with its unit; at least one.
fn units(text: &str, length: impl Fn(&str) -> Option<i64>) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(digits);
        let unit = behind.find(|c: char| c.is_ascii_digit());
        let (unit, behind) = behind.split_at(unit.unwrap_or(behind.len()));
        let part = whole(number)?.checked_mul(length(unit)?)?;
        total = total.checked_add(part)?;
        rest = behind;
        if rest.is_empty() {
            return Some(total);
        }
    }
}

fn iso(text: &str) -> Option<i64> {
    let text = text.strip_prefix('P')?;
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let clock = match clock {
        Some(clock) => units(clock, |unit| match unit {
            "H" => Some(3_600),
            "M" => Some(60),
            "S" => Some(1),
            _ => None,
        })?,
        None => 0,
    };
    if date.is_empty() {
        return text.starts_with('T').then_some(clock);
    }
    let date = units(date, |unit| match unit {
        "W" => Some(7 * DAY),
        "D" => Some(DAY),
        _ => None,
    })?;
    date.checked_add(clock)
}

fn go(text: &str) -> Option<i64> {
    units(text, |unit| match unit {
        "h" => Some(3_600),
        "m" => Some(60),
        "s" => Some(1),
        _ => None,
    })
}

fn rate(text: &str) -> Option<i64> {
    let inside = text.strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inside.split_once(' ')?;
    let unit = match unit.trim().trim_end_matches('s') {
        "day" => DAY,
        "hour" => 3_600,
        "minute" => 60,
        _ => return None,
    };
    whole(number)?.checked_mul(unit)
}

fn policy(text: &str) -> Option<i64> {
    if text == "zero" {
        return Some(0);
    }
    let (head, unit) = text.rsplit_once(':')?;
    let number = head.rsplit_once(':').map_or(head, |(_, number)| number);
    let unit = match unit.to_ascii_lowercase().trim_end_matches('s') {
        "month" => 30 * DAY,
        "day" => DAY,
        "hour" => 3_600,
        _ => return None,
    };
    whole(number)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{DurationForm, days};

    fn read(form: &str, text: &str) -> Option<i64> {
        let form: DurationForm = form.parse().unwrap();
        form.parse(text.as_bytes())
    }

    #[test]
    fn each_form_reads_its_own_texts() {
        for (form, text, expected) in [
            ("iso", "P30D", 30 * 86_400),
            ("iso", "P2W", 14 * 86_400),
            ("iso", "PT12H", 43_200),
            ("iso", "P1DT12H30M5S", 131_405),
            ("seconds", "7776000s", 90 * 86_400),
            ("seconds", "3.500s", 3),
            ("go", "2160h0m0s", 90 * 86_400),
            ("go", "90m", 5_400),
            ("rate", "rate(7 days)", 7 * 86_400),
            ("rate", "rate(1 day)", 86_400),
            ("rate", "rate(12 hours)", 43_200),
            ("days", "30", 30 * 86_400),
            ("seconds", "7200", 7_200),
            ("policy", "specific_lifetime:12:HOURS", 43_200),
            ("policy", "specific_inactivity:6:MONTHS", 180 * 86_400),
            ("policy", "365:Days", 365 * 86_400),
            ("policy", "zero", 0),
        ] {
            assert_eq!(read(form, text), Some(expected), "{form} {text}");
        }
    }

    #[test]
    fn what_has_no_length_is_none() {
        for (form, text) in [
            ("iso", "P"),
            ("iso", "PT"),
            ("iso", "P1M"),
            ("iso", "P1Y"),
            ("iso", "30D"),
            ("iso", "P-1D"),
            ("policy", "infinite"),
            ("policy", "365"),
            ("policy", "365:Years"),
            ("seconds", "s"),
            ("go", ""),
            ("go", "h"),
            ("go", "5"),
            ("rate", "cron(0 8 1 * ? *)"),
            ("rate", "rate(7)"),
            ("rate", "rate(99999999999999999999 days)"),
            ("days", "-1"),
            ("days", "9223372036854775807"),
        ] {
            assert_eq!(read(form, text), None, "{form} {text}");
        }
    }

    #[test]
    fn a_started_day_counts_whole() {
        for (seconds, expected) in [(0, 0), (1, 1), (43_200, 1), (86_400, 1), (86_401, 2)] {
            assert_eq!(days(seconds), expected, "{seconds}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_form_panic(bytes: Vec<u8>, near in "[PT0-9DHMSWhms. ()ra]{0,20}", text in any::<String>()) {
            for word in DurationForm::WORDS {
                let form: DurationForm = word.parse().unwrap();
                for text in [&bytes[..], near.as_bytes(), text.as_bytes()] {
                    let _ = form.parse(text);
                }
            }
        }
    }
}
