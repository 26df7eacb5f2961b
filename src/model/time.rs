//! Points in time and lengths of time, in whole seconds. There is no clock here.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// A point in time: seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A time field that says something. One that says nothing is [`super::Missing`]: "never
/// expires" and "not exported" are different facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// A point in time.
    Known(Instant),
    /// The vendor says that it will not, or did not, happen.
    Never,
}

/// A length of time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(i64);

impl Instant {
    /// From seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Midnight UTC at the start of a calendar day, if there is such a day.
    #[must_use]
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        Some(Self(
            (i64::from(date.num_days_from_ce()) - EPOCH_DAYS_FROM_CE) * DAY,
        ))
    }

    /// The calendar date in UTC, `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        let mut text = String::with_capacity(10);
        match civil_date(self.0.div_euclid(DAY)) {
            Some(date) => push_date(&mut text, date),
            None => text = self.0.to_string(),
        }
        text
    }

    /// The week of ISO 8601 in UTC, `YYYY-Www`; none where the calendar does not reach.
    #[must_use]
    pub fn week(self) -> Option<String> {
        let days = self.0.div_euclid(DAY).checked_add(EPOCH_DAYS_FROM_CE)?;
        let date = NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?)?;
        let week = date.iso_week();
        Some(format!("{:04}-W{:02}", week.year(), week.week()))
    }

    /// Whole days from `earlier` to this, rounded toward the past (-0.5 days are -1).
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(DAY)
    }
}

/// Days from 0000-12-31 (day 0 of the common era count) to 1970-01-01.
const EPOCH_DAYS_FROM_CE: i64 = 719_163;

impl Add<Period> for Instant {
    type Output = Self;
    fn add(self, period: Period) -> Self {
        Self(self.0.saturating_add(period.0))
    }
}

impl Sub<Period> for Instant {
    type Output = Self;
    fn sub(self, period: Period) -> Self {
        Self(self.0.saturating_sub(period.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl Instant {
    /// As [`fmt::Display`] writes it.
    #[must_use]
    pub fn text(self) -> String {
        let Some(date) = civil_date(self.0.div_euclid(DAY)) else {
            return self.0.to_string();
        };
        let mut text = String::with_capacity(20);
        push_date(&mut text, date);
        let second = self.0.rem_euclid(DAY);
        for (before, part) in [
            ('T', second / 3_600),
            (':', second / 60 % 60),
            (':', second % 60),
        ] {
            text.push(before);
            push_two(&mut text, part);
        }
        text.push('Z');
        text
    }
}

impl FromStr for Instant {
    type Err = String;

    /// Reads `2026-11-20` (midnight UTC) or RFC 3339.
    fn from_str(text: &str) -> Result<Self, String> {
        parse_iso(text.as_bytes()).ok_or_else(|| {
            format!("`{text}` is not a date (2026-11-20) or a time (2026-11-20T08:00:00Z)")
        })
    }
}

/// Reads ISO 8601 as exports write it: a date, or a date and a time with `T` or a blank between,
/// any number of fraction digits (dropped), and a zone `Z`, `+00:00`, `+0000`, `+00` or none
/// (taken as UTC). A date alone is midnight UTC.
#[must_use]
pub fn parse_iso(text: &[u8]) -> Option<Instant> {
    parse_usual(text).or_else(|| parse_any(text))
}

/// A point in time as most exports write it, to be held against their texts: what is read of those
/// has the order of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written([u8; 19]);

impl Instant {
    /// As most exports write it. None before the year 0 and after the year 9999.
    #[must_use]
    pub fn written(self) -> Option<Written> {
        let text = self.text();
        let usual = text.len() == 20 && text.ends_with('Z');
        text.as_bytes()
            .first_chunk()
            .filter(|_| usual)
            .copied()
            .map(Written)
    }
}

impl Written {
    /// Whether a text is surely no later time: it tells an earlier one or the same, or none at all.
    /// False of texts in other forms, whatever they tell.
    #[inline]
    #[must_use]
    pub fn reaches(&self, text: &[u8]) -> bool {
        let Some((text, rest)) = text.split_first_chunk::<19>() else {
            return false;
        };
        let usual = text.get(4) == Some(&b'-') && text.get(10) == Some(&b'T');
        usual && is_utc(rest) && *text <= self.0
    }
}

/// Whether what stands behind the second is a zone of the usual form.
#[inline]
fn is_utc(rest: &[u8]) -> bool {
    match rest {
        [b'Z'] | b"+0000" => true,
        [b'.', a, b, c, b'Z'] | [b'.', a, b, c, b'+', b'0', b'0', b'0', b'0'] => {
            [a, b, c].iter().all(|digit| digit.is_ascii_digit())
        }
        _ => false,
    }
}

fn parse_any(text: &[u8]) -> Option<Instant> {
    let date = text.get(..10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let days = civil_days(
        digits(&date[..4])?,
        digits(&date[5..7])?,
        digits(&date[8..])?,
    )?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(Instant(days * DAY));
    }
    let clock = rest.get(..9)?;
    if !matches!(clock[0], b'T' | b't' | b' ') || clock[3] != b':' || clock[6] != b':' {
        return None;
    }
    let (h, m, s) = (
        digits(&clock[1..3])?,
        digits(&clock[4..6])?,
        digits(&clock[7..])?,
    );
    if h > 24 || m > 59 || s > 60 || (h == 24 && m + s > 0) {
        return None;
    }
    let mut zone = &rest[9..];
    if let [b'.' | b',', fraction @ ..] = zone {
        let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        zone = &fraction[length..];
    }
    Some(Instant(
        days * DAY + i64::from(h * 3_600 + m * 60 + s) - zone_seconds(zone)?,
    ))
}

/// Reads the form in which nearly all exports write times, `2026-11-20T08:00:00` with a fraction
/// of three digits or none and the zone `Z` or `+0000`. None for every other form, right or wrong:
/// this is only for speed, and says of a text what [`parse_iso`] says or nothing. Eight characters
/// are looked at in one step.
#[must_use]
pub fn parse_usual(text: &[u8]) -> Option<Instant> {
    let (text, rest) = text.split_first_chunk::<19>()?;
    // The last eight are all of the clock, of which the middle has hour and minute as well.
    let (head, middle) = text.split_first_chunk::<8>()?;
    let (middle, clock) = (middle.first_chunk::<8>()?, text.last_chunk::<8>()?);
    if !is_utc(rest) {
        return None;
    }
    let [century, _, year, _, _, month, ..] = tens(template(*head, *b"0000-00-")?);
    let [day, ..] = tens(template(*middle, *b"00T00:00")?);
    let [hour, _, _, minute, _, _, second, _] = tens(template(*clock, *b"00:00:00")?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let year = u32::from(century) * 100 + u32::from(year);
    let days = civil_days(year, u32::from(month), u32::from(day))?;
    let clock = u32::from(hour) * 3_600 + u32::from(minute) * 60 + u32::from(second);
    Some(Instant(days * DAY + i64::from(clock)))
}

/// For each of eight digits the number of two digits that begins with it, all in one step. Behind
/// the last stands a zero.
fn tens(digits: u64) -> [u8; 8] {
    // 9 * 10 + 9 fits a byte, so that no sum reaches the next.
    (digits * 10 + (digits >> 8)).to_le_bytes()
}

/// The values of eight characters, the first in the lowest byte, that are digits where the template
/// has `0` and the template's own elsewhere, whose value is zero.
fn template(text: [u8; 8], template: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // A digit becomes its value, a character of the template zero.
    let values = u64::from_le_bytes(text) ^ u64::from_le_bytes(template);
    let beyond_nine = (values | values.wrapping_add(0x7676_7676_7676_7676)) & HIGH;
    let digits = u64::from_le_bytes(template.map(|b| if b == b'0' { 0xff } else { 0 }));
    (beyond_nine == 0 && values & !digits == 0).then_some(values)
}

fn zone_seconds(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (h, m) = match rest.len() {
        2 => (digits(rest)?, 0),
        4 => (digits(&rest[..2])?, digits(&rest[2..])?),
        5 if rest[2] == b':' => (digits(&rest[..2])?, digits(&rest[3..])?),
        _ => return None,
    };
    (h <= 18 && m <= 59).then(|| sign * i64::from(h * 3_600 + m * 60))
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, of a year of four digits.
/// Much used on hot paths, so it counts instead of asking a calendar: years begin in March, so that
/// the leap day is last, and four centuries are added, so that none is below zero.
fn civil_days(year: u32, month: u32, day: u32) -> Option<i64> {
    /// The days of each month, and those from March to it.
    const MONTHS: [(u32, u32); 12] = [
        (31, 306),
        (29, 337),
        (31, 0),
        (30, 31),
        (31, 61),
        (30, 92),
        (31, 122),
        (31, 153),
        (30, 184),
        (31, 214),
        (30, 245),
        (31, 275),
    ];
    /// From March of the year 400 before year 0 to 1970-01-01.
    const EPOCH: i64 = 146_097 + 719_468;
    let (length, before) = *MONTHS.get(month.wrapping_sub(1) as usize)?;
    if day == 0 || day > length {
        return None;
    }
    if month == 2 && day == 29 {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        if !leap {
            return None;
        }
    }
    let shifted = year + 400 - u32::from(month <= 2);
    let century = shifted / 100;
    let days = shifted * 365 + shifted / 4 - century + century / 4 + before + day - 1;
    Some(i64::from(days) - EPOCH)
}

/// Year, month and day of a day counted from 1970-01-01; the inverse of [`civil_days`]. None for
/// years that do not have four digits, which nobody writes as a date.
fn civil_date(days: i64) -> Option<[i64; 3]> {
    let shifted = days.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (0..=9_999).contains(&year).then_some([year, month, day])
}

fn push_date(text: &mut String, [year, month, day]: [i64; 3]) {
    push_two(text, year / 100);
    push_two(text, year % 100);
    for part in [month, day] {
        text.push('-');
        push_two(text, part);
    }
}

/// Adds a number below 100 as two digits.
fn push_two(text: &mut String, number: i64) {
    for digit in [number / 10 % 10, number % 10] {
        text.push(
            u32::try_from(digit)
                .ok()
                .and_then(|d| char::from_digit(d, 10))
                .unwrap_or('0'),
        );
    }
}

impl Period {
    /// From seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// From whole days.
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        Self(days.saturating_mul(DAY))
    }

    /// Seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl FromStr for Period {
    type Err = String;

    /// Reads a whole number and a unit: `24h`, `90d` or `2w`. Months and years have no fixed
    /// length, and a bare number no unit; both are refused.
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "`{text}` is not a duration; write a whole number and `h`, `d` or `w`, such as `90d`"
            )
        };
        let unit = match text.as_bytes().last() {
            Some(b'h') => 3_600,
            Some(b'd') => DAY,
            Some(b'w') => 7 * DAY,
            _ => return Err(refuse()),
        };
        let number = &text[..text.len() - 1];
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let count: i64 = number.parse().map_err(|_| refuse())?;
        count.checked_mul(unit).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % DAY == 0 {
            f.pad(&format!("{}d", self.0 / DAY))
        } else {
            f.pad(&format!("{}h", self.0 / 3_600))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::{Instant, Period, parse_iso};

    fn iso(text: &str) -> Option<String> {
        parse_iso(text.as_bytes()).map(|t| t.to_string())
    }

    #[test]
    fn every_iso_form_of_the_exports_reads_as_the_same_instant() {
        for text in [
            "2022-08-16T09:26:38.000+0000",
            "2022-08-16T09:26:38Z",
            "2022-08-16 09:26:38",
            "2022-08-16T09:26:38.9580541Z",
            "2022-08-16T11:26:38+02:00",
            "2022-08-16 09:26:38+00",
            "2022-08-16T02:26:38.000-07:00",
        ] {
            assert_eq!(iso(text).as_deref(), Some("2022-08-16T09:26:38Z"), "{text}");
        }
        assert_eq!(iso("2026-11-20").as_deref(), Some("2026-11-20T00:00:00Z"));
        assert_eq!(iso("2024-02-29").as_deref(), Some("2024-02-29T00:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "N/A",
            "2023-02-29",
            "2026-13-01",
            "20/11/2026 08",
            "2026-11-20T",
            "2026-11-20T08:00",
            "2026-11-20T25:00:00Z",
            "2026-11-20T08:00:00 PST",
            "2026-11-2é",
            "0000-00-00",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_written_time_reaches_is_no_later(
            text in "20[0-3][0-9][-/][01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{3})?(Z|\\+0000|\\+02:00)",
            seconds in 946_684_800..2_208_988_800_i64,
        ) {
            let limit = Instant::from_seconds(seconds);
            let reaches = limit.written().unwrap().reaches(text.as_bytes());
            match parse_iso(text.as_bytes()) {
                Some(at) if reaches => prop_assert!(at <= limit),
                Some(at) if super::parse_usual(text.as_bytes()).is_some() => prop_assert!(at > limit),
                _ => {}
            }
        }

        #[test]
        fn the_quick_way_reads_what_the_long_way_reads(
            text in "[0-9]{4}[-:/][0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9:]{2}:[0-9]{2}(\\.[0-9]{1,4})?(Z|\\+0000|\\+00:00|)",
            near in "20[0-3][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{3})?(Z|\\+0000)",
            bytes: Vec<u8>,
        ) {
            for text in [text.as_bytes(), near.as_bytes(), &bytes] {
                if let Some(at) = super::parse_usual(text) {
                    prop_assert_eq!(super::parse_any(text), Some(at));
                }
            }
        }
    }

    #[test]
    fn counting_days_agrees_with_the_calendar() {
        for day in (-800_000..2_900_000_i64).step_by(13) {
            let at = Instant::from_seconds(day * super::DAY);
            let text = at.date();
            if text.len() == 10 {
                assert_eq!(parse_iso(text.as_bytes()), Some(at), "{text}");
            }
        }
    }

    #[test]
    fn days_that_the_calendar_lacks_are_refused() {
        for year in [0, 1, 4, 100, 400, 1900, 1970, 2000, 2023, 2024, 2100, 9999] {
            for month in 0..=13 {
                for day in 0..=32 {
                    let signed = i32::try_from(year).unwrap();
                    let known = Instant::from_date(signed, month, day);
                    let counted = super::civil_days(year, month, day);
                    let counted = counted.map(|days| Instant::from_seconds(days * super::DAY));
                    assert_eq!(counted, known, "{year}-{month}-{day}");
                }
            }
        }
    }

    #[test]
    fn days_are_counted_toward_the_past() {
        let noon = Instant::from_seconds(43_200);
        assert_eq!(noon.days_since(Instant::from_seconds(0)), 0);
        assert_eq!(Instant::from_seconds(0).days_since(noon), -1);
    }

    #[test]
    fn a_duration_needs_a_unit_of_fixed_length() {
        assert_eq!("90d".parse(), Ok(Period::from_days(90)));
        assert_eq!("2w".parse(), Ok(Period::from_days(14)));
        assert_eq!("24h".parse(), Ok(Period::from_days(1)));
        for bad in [
            "90",
            "3m",
            "1y",
            "d",
            "-5d",
            "1.5d",
            "99999999999999999999d",
            "é",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }
}
