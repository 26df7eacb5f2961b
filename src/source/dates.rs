//! The forms in which vendors write points in time: a closed list, chosen per field.
//!
//! No form guesses a zone or the order of day and month. A text that is not of the declared form
//! is not a date, even where a person could read it.

use std::str::FromStr;

use crate::model::{Instant, parse_iso};

/// How a column writes points in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// ISO 8601, as [`parse_iso`] reads it. A date alone is midnight UTC.
    Iso,
    /// ISO 8601, where a date alone means the last second of that day in UTC.
    DayEnd,
    /// `20231218054831.655`, in GMT.
    Compact,
    /// `9/10/2026, 4:21:14 AM PDT`: month first, and a zone abbreviation of the United States.
    UsZone,
    /// Seconds since 1970, perhaps with a fraction; a number that no such time has is of milliseconds.
    Epoch,
    /// Milliseconds since 1970.
    EpochMs,
    /// `2026-11-19 22:15:03`, in UTC: ServiceNow's stored value. A value for display may be in
    /// any zone and order, so every other shape is refused.
    ServiceNow,
}

impl DateForm {
    /// The words in source files.
    pub const WORDS: &'static [&'static str] = &[
        "iso",
        "day-end",
        "compact",
        "us-zone",
        "epoch",
        "epoch-ms",
        "servicenow",
    ];

    /// Reads a text of this form.
    #[must_use]
    pub fn parse(self, text: &[u8]) -> Option<Instant> {
        match self {
            Self::Iso => parse_iso(text),
            Self::DayEnd => match parse_iso(text) {
                Some(day) if text.len() == 10 => {
                    Some(Instant::from_seconds(day.seconds() + 86_399))
                }
                other => other,
            },
            Self::Compact => compact(text),
            Self::UsZone => us_zone(text),
            Self::Epoch => epoch(text).map(|number| match number.unsigned_abs() >= MILLISECONDS {
                true => Instant::from_seconds(number.div_euclid(1_000)),
                false => Instant::from_seconds(number),
            }),
            Self::EpochMs => epoch(text).map(|ms| Instant::from_seconds(ms.div_euclid(1_000))),
            Self::ServiceNow => {
                (text.len() == 19 && text.get(10) == Some(&b' ')).then(|| parse_iso(text))?
            }
        }
    }
}

/// Whether a text looks like a date and a time without a zone: digits in groups, parted by the
/// marks that dates have, and perhaps AM or PM.
pub(super) fn is_local(text: &[u8]) -> bool {
    let clock = match text {
        [head @ .., b' ', b'A' | b'P' | b'a' | b'p', b'M' | b'm'] => head,
        other => other,
    };
    let digits = clock.iter().filter(|b| b.is_ascii_digit()).count();
    let marks = |b: &u8| b.is_ascii_digit() || b" .:/-,".contains(b);
    (8..=17).contains(&digits) && clock.contains(&b':') && clock.iter().all(marks)
}

impl FromStr for DateForm {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "iso" => Self::Iso,
            "day-end" => Self::DayEnd,
            "compact" => Self::Compact,
            "us-zone" => Self::UsZone,
            "epoch" => Self::Epoch,
            "epoch-ms" => Self::EpochMs,
            "servicenow" => Self::ServiceNow,
            _ => return Err(()),
        })
    }
}

/// Whether a point in time is one of those by which vendors say "never": the last two days of
/// the year 9999 and anything later, or the last day of 2299 (Entra).
#[must_use]
pub fn is_far(at: Instant) -> bool {
    /// 9999-12-30T00:00:00Z.
    const END_OF_TIME: i64 = 253_402_128_000;
    /// 2299-12-31T00:00:00Z.
    const ENTRA: i64 = 10_413_705_600;
    let seconds = at.seconds();
    seconds >= END_OF_TIME || (ENTRA..ENTRA + 86_400).contains(&seconds)
}

/// From here on a number counts milliseconds: those of 1973, the seconds of the year 5138.
const MILLISECONDS: u64 = 100_000_000_000;

/// A whole number with an optional fraction, which is dropped. Java writes such a one as `1.673477781E9`.
fn epoch(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some((digits, power)) = text.split_once(['e', 'E']) {
        return scaled(digits, power);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok()
}

/// Digits with a point behind the first, moved by a power of ten.
fn scaled(digits: &str, power: &str) -> Option<i64> {
    let (whole, fraction) = digits.split_once('.')?;
    let power: usize = power.parse().ok().filter(|power| *power < 16)?;
    let one = whole.len() == 1 && !fraction.is_empty();
    if !one || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let moved = fraction.bytes().chain(std::iter::repeat(b'0')).take(power);
    let number: String = whole.chars().chain(moved.map(char::from)).collect();
    number.parse().ok()
}

fn compact(text: &[u8]) -> Option<Instant> {
    let (head, tail) = text.split_at_checked(14)?;
    match tail {
        [] => {}
        [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {}
        _ => return None,
    }
    let at = |range: std::ops::Range<usize>| head.get(range);
    let mut iso = Vec::with_capacity(20);
    for (range, after) in [
        (0..4, b'-'),
        (4..6, b'-'),
        (6..8, b'T'),
        (8..10, b':'),
        (10..12, b':'),
        (12..14, b'Z'),
    ] {
        iso.extend_from_slice(at(range)?);
        iso.push(after);
    }
    parse_iso(&iso)
}

/// Reads `9/10/2026, 4:21:14 AM PDT`. Newer writers put a narrow no-break space before AM.
fn us_zone(text: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(text).ok()?;
    let mut parts = text.split_whitespace();
    let (date, clock, half, zone) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let [month, day, year] = numbers(date.strip_suffix(',').unwrap_or(date), '/')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    if year < 1000 || !(1..=12).contains(&hour) || minute > 59 || second > 59 {
        return None;
    }
    let noon = match half {
        "AM" | "am" | "a.m." => 0,
        "PM" | "pm" | "p.m." => 12,
        _ => return None,
    };
    let behind = match zone {
        "EDT" => 4,
        "EST" | "CDT" => 5,
        "CST" | "MDT" => 6,
        "MST" | "PDT" => 7,
        "PST" | "AKDT" => 8,
        "AKST" | "HDT" => 9,
        "HST" => 10,
        _ => return None,
    };
    let midnight = Instant::from_date(i32::try_from(year).ok()?, month, day)?;
    let hours = i64::from(hour % 12 + noon + behind);
    Some(Instant::from_seconds(
        midnight.seconds() + hours * 3_600 + i64::from(minute * 60 + second),
    ))
}

fn numbers(text: &str, between: char) -> Option<[u32; 3]> {
    let mut parts = text.split(between).map(|part| {
        let fits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if fits { part.parse().ok() } else { None }
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{DateForm, is_far};

    fn read(form: &str, text: &str) -> Option<String> {
        let form: DateForm = form.parse().unwrap();
        form.parse(text.as_bytes()).map(|at| at.to_string())
    }

    #[test]
    fn each_form_reads_its_own_texts() {
        for (form, text, expected) in [
            ("iso", "2026-11-20", "2026-11-20T00:00:00Z"),
            ("day-end", "2027-01-15", "2027-01-15T23:59:59Z"),
            ("day-end", "2027-01-15T04:00:00Z", "2027-01-15T04:00:00Z"),
            ("compact", "20231218054831.655", "2023-12-18T05:48:31Z"),
            ("compact", "20231218054831", "2023-12-18T05:48:31Z"),
            (
                "us-zone",
                "9/10/2026, 4:21:14 AM PDT",
                "2026-09-10T11:21:14Z",
            ),
            (
                "us-zone",
                "11/12/2026, 3:14:07\u{202f}AM PST",
                "2026-11-12T11:14:07Z",
            ),
            (
                "us-zone",
                "9/1/2026, 11:20:44 PM PDT",
                "2026-09-02T06:20:44Z",
            ),
            (
                "us-zone",
                "1/1/2026, 12:00:00 AM EST",
                "2026-01-01T05:00:00Z",
            ),
            (
                "us-zone",
                "1/1/2026, 12:00:00 PM EST",
                "2026-01-01T17:00:00Z",
            ),
            ("epoch", "1673477781.26", "2023-01-11T22:56:21Z"),
            ("epoch", "1673477781", "2023-01-11T22:56:21Z"),
            ("epoch", "1673477781260", "2023-01-11T22:56:21Z"),
            ("epoch", "1.67347778126E9", "2023-01-11T22:56:21Z"),
            ("epoch", "1.67E9", "2022-12-02T16:53:20Z"),
            ("epoch", "1.67347778126E12", "2023-01-11T22:56:21Z"),
            ("epoch-ms", "1673477781260", "2023-01-11T22:56:21Z"),
            ("servicenow", "2026-11-19 22:15:03", "2026-11-19T22:15:03Z"),
        ] {
            assert_eq!(read(form, text).as_deref(), Some(expected), "{form} {text}");
        }
    }

    #[test]
    fn what_a_form_does_not_promise_is_no_date() {
        for (form, text) in [
            ("iso", "9/10/2026"),
            ("day-end", "2027-1-15"),
            ("compact", "2023121805483"),
            ("compact", "20231318054831"),
            ("compact", "20231218054831x"),
            ("us-zone", "9/10/2026, 4:21:14 AM CET"),
            ("us-zone", "9/10/2026, 4:21:14 AM GMT"),
            ("us-zone", "13/10/2026, 4:21:14 AM PDT"),
            ("us-zone", "9/10/26, 4:21:14 AM PDT"),
            ("us-zone", "9/10/2026, 16:21:14 PM PDT"),
            ("us-zone", "9/10/2026, 4:21:14 PDT"),
            ("epoch", "N/A"),
            ("epoch", "1673477781."),
            ("epoch", "1E9"),
            ("epoch", "12.3E9"),
            ("epoch", "1.2E99"),
            ("epoch", "1.2E-9"),
            ("servicenow", "2026-11-19T22:15:03"),
            ("servicenow", "2026-11-19 22:15:03Z"),
            ("servicenow", "2026-11-19"),
            ("servicenow", "19.11.2026 22:15:03"),
        ] {
            assert_eq!(read(form, text), None, "{form} {text}");
        }
    }

    #[test]
    fn vendors_words_for_never_are_far() {
        for (text, far) in [
            ("9999-12-31T23:59:59Z", true),
            ("9999-12-30T00:00:00Z", true),
            ("2299-12-31T00:00:00Z", true),
            ("2299-12-31T23:59:59Z", true),
            ("2300-01-01T00:00:00Z", false),
            ("2299-12-30T23:59:59Z", false),
            ("2099-01-01T00:00:00Z", false),
        ] {
            assert_eq!(is_far(text.parse().unwrap()), far, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_form_panic(bytes: Vec<u8>, digits in "[0-9/:., APMSTD-]{0,30}", any_text in any::<String>()) {
            for word in DateForm::WORDS {
                let form: DateForm = word.parse().unwrap();
                for text in [&bytes[..], digits.as_bytes(), any_text.as_bytes()] {
                    let _ = form.parse(text);
                }
            }
        }
    }
}
