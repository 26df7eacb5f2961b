//! From the cells of a row to the typed value of one field. The hot path of a scan: a plain
//! field costs its lookup and its type's parse, and allocates nothing.

use std::borrow::Cow;

use super::cells::{Cells, ColumnIx, Origin, Pick, Raw};
use super::dates::{self, DateForm, is_far};
use super::durations::{self, DurationForm};
use super::percents;
use super::test::Test;
use super::text::{Cases, Text, path_end, text_of};
use super::words::{Words, is_no_value, is_nothing, plain_bool};
use crate::model::{DAY, Instant, Missing, Period, Value, When, parse_iso, parse_usual};
use crate::read::{Cell, embedded_certificate};

/// How one field of one record type is filled.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    /// The columns that hold it.
    pub(super) from: Origin,
    /// How the cell reads.
    pub(super) read: Read,
    /// For booleans: the value when the export has no such column or element.
    pub(super) absent: Option<bool>,
    /// What to call the origin in messages.
    pub(super) name: Box<str>,
}

/// How a cell reads.
#[derive(Debug, Clone)]
pub(super) enum Read {
    /// Always the same text.
    Text(Text),
    /// The week of ISO 8601 that a point in time, written in one of these forms, lies in.
    Week(Vec<DateForm>),
    /// Always the same.
    Constant(Box<str>),
    /// Always the same.
    ConstantBool(bool),
    /// The texts of all its columns that are filled, with this between them; the end of the file's
    /// path may stand before them.
    Join(Box<str>, bool),
    /// The path of the file.
    FilePath,
    /// The first case that holds.
    Cases(Box<Cases>),
    /// Yes or no in the usual words.
    PlainBool,
    /// Yes or no in the vendor's words.
    BoolWords(Box<BoolWords>),
    /// The answer to a question.
    Test(Box<Test>),
    /// A whole number.
    Int,
    /// Whole days between two times.
    Days(Box<Days>),
    /// Whole days of a length of time, a started one counted whole. The forms are tried in order.
    Length(Box<Length>),
    /// A number with a fraction.
    Number,
    /// A part of a hundred, as people write it.
    Percent,
    /// Several texts, split at a byte where the export has them in one.
    List(Option<u8>),
    /// A point in time.
    Time(Box<Time>),
    /// It will not come.
    Never,
    /// A point in time that several columns make.
    Moment(Box<Moment>),
    /// A field of the certificate that the cell holds.
    Certificate(Box<Within>),
}

/// A vendor's words for yes and no.
#[derive(Debug, Clone)]
pub(super) struct BoolWords {
    pub(super) yes: Option<Words>,
    pub(super) no: Option<Words>,
    pub(super) unknown: Words,
}

/// How a point in time is written.
#[derive(Debug, Clone)]
pub(super) struct Time {
    /// The forms, tried in order.
    forms: Vec<DateForm>,
    /// Texts that say "never".
    never: Words,
    /// Texts that say that the vendor does not know.
    unknown: Words,
    /// Whether an empty cell says "never".
    empty_is_never: bool,
    /// Whether dates at the end of time say "never".
    far_is_never: bool,
    /// Whether a time in the usual form is what it says: no other form comes first, and none of the
    /// texts is a date.
    usual: bool,
}

/// A point in time that several columns make.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) time: Time,
    /// How much later it is, and in which forms that is written.
    pub(super) plus: Option<(Origin, Vec<DurationForm>)>,
}

/// A field of the certificate that a cell holds.
#[derive(Debug, Clone)]
pub(super) struct Within {
    /// The reader's name of the certificate's column.
    pub(super) column: Box<str>,
    /// How that reads.
    pub(super) read: Read,
}

/// A length of time.
#[derive(Debug, Clone)]
pub(super) struct Length {
    /// The forms, tried in order.
    pub(super) forms: Vec<DurationForm>,
    /// The column of its unit, where that stands apart; the forms then read both with a colon
    /// between them.
    pub(super) unit: Option<Origin>,
    /// Texts that say that it has no length.
    pub(super) unknown: Words,
}

/// Whole days between two columns.
#[derive(Debug, Clone)]
pub(super) struct Days {
    pub(super) from: Origin,
    pub(super) to: Origin,
    pub(super) time: Time,
}

impl Mapping {
    /// The value in a row.
    #[inline]
    pub(super) fn value<'r>(&'r self, cells: &Cells<'r>) -> Value<'r> {
        // The common cases come first and build their value at once.
        match &self.read {
            Read::Text(Text::Plain) => match cells.raw(&self.from).bytes() {
                Ok(bytes) if is_nothing(bytes) => Value::Missing(Missing::Empty),
                Ok(bytes) => Value::Text(text_of(bytes)),
                Err(why) => Value::Missing(why),
            },
            Read::PlainBool => self.answer(match cells.raw(&self.from).bytes() {
                Ok(bytes) => plain_bool(bytes).ok_or_else(|| unread(bytes)),
                Err(why) => Err(why),
            }),
            Read::Time(time) => match time.read(cells.raw(&self.from)) {
                Ok(when) => Value::Time(when),
                Err(why) => Value::Missing(why),
            },
            _ => self.seldom(cells).unwrap_or_else(Value::Missing),
        }
    }

    /// The value in a row, if it is a point in time out of one column.
    #[inline]
    pub(super) fn time(&self, cells: &Cells<'_>) -> Option<Result<When, Missing>> {
        match &self.read {
            Read::Time(time) => Some(time.read(cells.raw(&self.from))),
            _ => None,
        }
    }

    /// The text in a row on which alone the value depends, if there is just one.
    #[inline]
    pub(super) fn sole<'r>(&self, cells: &Cells<'r>) -> Option<Result<&'r [u8], Missing>> {
        let Origin::One(column) = &self.from else {
            return None;
        };
        match &self.read {
            Read::Text(_)
            | Read::PlainBool
            | Read::BoolWords(_)
            | Read::Int
            | Read::Number
            | Read::Percent
            | Read::Time(_)
            | Read::List(_) => match cells.cell(*column) {
                Raw::Missing(why) => Some(Err(why)),
                Raw::Bytes(bytes) => Some(Ok(bytes)),
                Raw::List(_) => None,
            },
            _ => None,
        }
    }

    /// The value, where no column is asked for it.
    pub(super) fn constant(&self) -> Option<Value<'_>> {
        match &self.read {
            Read::Constant(text) => Some(Value::Text(Cow::Borrowed(text))),
            Read::ConstantBool(value) => Some(Value::Bool(*value)),
            _ => None,
        }
    }

    fn seldom<'r>(&'r self, cells: &Cells<'r>) -> Result<Value<'r>, Missing> {
        let raw = || cells.raw(&self.from);
        match &self.read {
            Read::Text(_) | Read::Time(_) | Read::PlainBool | Read::Int => {
                self.read.cell(raw(), cells)
            }
            Read::Join(between, path) => join(&self.from, between, *path, cells),
            Read::Week(forms) => week(forms, raw()),
            Read::FilePath => Ok(Value::Text(Cow::Borrowed(cells.path.as_str()))),
            Read::Never => Ok(Value::Time(When::Never)),
            Read::Moment(moment) => moment.read(&self.from, cells).map(Value::Time),
            Read::Length(length) => length.read(raw(), cells).map(Value::Int),
            Read::Certificate(within) => within.read(raw(), cells),
            Read::BoolWords(words) => Ok(self.answer(words.read(raw()))),
            Read::Test(test) => Ok(self.answer(test.ask(cells))),
            Read::Constant(text) => Ok(Value::Text(Cow::Borrowed(text))),
            Read::ConstantBool(value) => Ok(Value::Bool(*value)),
            Read::Cases(cases) => cases.read(cells),
            Read::Number => number(raw()).and_then(finite).map(Value::Number),
            Read::Percent => {
                let bytes = raw().bytes()?;
                let percent = percents::parse(bytes).map(Value::Number);
                percent.ok_or_else(|| unread(bytes))
            }
            Read::Days(days) => days.read(cells).map(Value::Int),
            Read::List(split) => list(raw(), *split),
        }
    }

    /// Whether the cell holds a time for display, which its forms do not read.
    pub(super) fn is_local_time(&self, cells: &Cells<'_>) -> bool {
        match (&self.read, cells.raw(&self.from).bytes()) {
            (Read::Time(time), Ok(bytes)) => {
                time.parse(bytes) == Err(Missing::Unparsed) && dates::is_local(bytes)
            }
            _ => false,
        }
    }

    /// Whether the cell holds a text that should be a time, and is of none of its forms.
    pub(super) fn is_unread_time(&self, cells: &Cells<'_>) -> bool {
        match (&self.read, cells.raw(&self.from).bytes()) {
            (Read::Time(time), Ok(bytes)) => time.parse(bytes) == Err(Missing::Unparsed),
            _ => false,
        }
    }

    /// A yes or no, with the value that stands for an absent column.
    #[inline]
    fn answer(&self, answer: Result<bool, Missing>) -> Value<'static> {
        match (answer, self.absent) {
            (Ok(value), _) | (Err(Missing::Absent), Some(value)) => Value::Bool(value),
            (Err(why), _) => Value::Missing(why),
        }
    }

    /// Calls back with every column that it reads.
    pub(super) fn visit(&self, see: &mut dyn FnMut(ColumnIx)) {
        let mut from = |from: &Origin| from.columns().iter().copied().for_each(&mut *see);
        from(&self.from);
        match &self.read {
            Read::Days(days) => {
                from(&days.from);
                from(&days.to);
            }
            Read::Moment(moment) => moment.plus.iter().for_each(|(plus, _)| from(plus)),
            Read::Length(length) => length.unit.iter().for_each(from),
            Read::Test(test) => test.visit(see),
            Read::Cases(cases) => {
                for test in cases.cases.iter().flat_map(|(tests, _)| tests) {
                    test.visit(see);
                }
            }
            _ => {}
        }
    }
}

impl Read {
    /// What a single cell gives, for the reads that need no more.
    fn cell<'r>(&'r self, raw: Raw<'r>, cells: &Cells<'r>) -> Result<Value<'r>, Missing> {
        match self {
            Self::Text(text) => text.read(raw, cells),
            Self::Time(time) => time.read(raw).map(Value::Time),
            Self::Int => number(raw).map(Value::Int),
            Self::PlainBool => {
                let bytes = raw.bytes()?;
                let answer = plain_bool(bytes).map(Value::Bool);
                answer.ok_or_else(|| unread(bytes))
            }
            Self::List(split) => list(raw, *split),
            _ => Err(Missing::Absent),
        }
    }
}

impl Moment {
    fn read(&self, from: &Origin, cells: &Cells<'_>) -> Result<When, Missing> {
        let base = match from {
            Origin::Several(columns, Pick::Latest) => self.latest(columns, cells)?,
            from => self.time.read(cells.raw(from))?,
        };
        match (base, &self.plus) {
            (When::Known(at), Some((plus, forms))) => {
                let later = Period::from_seconds(length(forms, cells.raw(plus))?);
                Ok(When::Known(at + later))
            }
            (base, _) => Ok(base),
        }
    }

    /// The latest of several columns; never where that is all that any of them says.
    fn latest(&self, columns: &[ColumnIx], cells: &Cells<'_>) -> Result<When, Missing> {
        let mut best: Result<When, Missing> = Err(Missing::Absent);
        for column in columns {
            best = match (best, self.time.read(cells.cell(*column))) {
                (Ok(When::Known(a)), Ok(When::Known(b))) => Ok(When::Known(a.max(b))),
                // One that cannot be read might be the latest.
                (_, Err(Missing::Unparsed)) => return Err(Missing::Unparsed),
                (Ok(When::Known(at)), _) | (_, Ok(When::Known(at))) => Ok(When::Known(at)),
                (Ok(When::Never), _) | (_, Ok(When::Never)) => Ok(When::Never),
                (Err(Missing::Absent), Err(why)) => Err(why),
                (Err(why), Err(_)) => Err(why),
            };
        }
        best
    }
}

impl Within {
    fn read<'r>(&'r self, raw: Raw<'r>, cells: &Cells<'r>) -> Result<Value<'r>, Missing> {
        let cell = embedded_certificate(raw.bytes()?, &self.column).ok_or(Missing::Unparsed)?;
        let raw = match &cell {
            Cell::Text(text) => Raw::Bytes(text),
            Cell::List(items) => Raw::List(items),
            Cell::Null => return Err(Missing::Empty),
            Cell::Absent => return Err(Missing::Absent),
        };
        self.read.cell(raw, cells).map(|value| value.to_static())
    }
}

impl BoolWords {
    fn read(&self, raw: Raw<'_>) -> Result<bool, Missing> {
        let bytes = raw.bytes()?;
        let is = |words: &Option<Words>| words.as_ref().is_some_and(|w| w.contains(bytes));
        if self.unknown.contains(bytes) {
            return Err(Missing::Empty);
        }
        if is(&self.yes) {
            return Ok(true);
        }
        if is(&self.no) {
            return Ok(false);
        }
        // Where only one side has its own words, the usual ones serve the other.
        match plain_bool(bytes) {
            Some(true) if self.yes.is_none() => Ok(true),
            Some(false) if self.no.is_none() => Ok(false),
            _ => Err(unread(bytes)),
        }
    }
}

impl Time {
    /// A time in one of these forms; texts that say "never" and that say nothing; and whether an empty
    /// cell and the end of time say "never".
    pub(super) fn new(
        forms: Vec<DateForm>,
        (never, unknown): (Words, Words),
        (empty_is_never, far_is_never): (bool, bool),
    ) -> Self {
        let iso = matches!(forms.first(), Some(DateForm::Iso | DateForm::DayEnd));
        let is_date = |words: &Words| words.iter().any(|word| parse_iso(word).is_some());
        Self {
            usual: iso && !is_date(&never) && !is_date(&unknown),
            forms,
            never,
            unknown,
            empty_is_never,
            far_is_never,
        }
    }

    #[inline]
    fn read(&self, raw: Raw<'_>) -> Result<When, Missing> {
        match raw.bytes() {
            Ok(bytes) => self.parse(bytes),
            Err(Missing::Empty) if self.empty_is_never => Ok(When::Never),
            Err(why) => Err(why),
        }
    }

    #[inline]
    fn parse(&self, bytes: &[u8]) -> Result<When, Missing> {
        match self.usual.then(|| parse_usual(bytes)).flatten() {
            Some(at) if !is_far(at) => Ok(When::Known(at)),
            _ => self.parse_other(bytes),
        }
    }

    /// Whatever the form.
    fn parse_other(&self, bytes: &[u8]) -> Result<When, Missing> {
        if self.never.contains(bytes) {
            return Ok(When::Never);
        }
        if self.unknown.contains(bytes) {
            return Err(Missing::Empty);
        }
        // The mark by which a spreadsheet knows that a text is none of its own dates.
        let bytes = bytes.strip_prefix(b"'").unwrap_or(bytes);
        let Some(at) = self.forms.iter().find_map(|form| form.parse(bytes)) else {
            return match unread(bytes) {
                Missing::Empty if self.empty_is_never => Ok(When::Never),
                why => Err(why),
            };
        };
        if self.far_is_never && is_far(at) {
            return Ok(When::Never);
        }
        Ok(When::Known(at))
    }
}

impl Length {
    /// In whole days.
    fn read(&self, number: Raw<'_>, cells: &Cells<'_>) -> Result<i64, Missing> {
        let seconds = match &self.unit {
            None if self.unknown.contains(number.bytes()?) => return Err(Missing::Empty),
            None => length(&self.forms, number),
            Some(unit) => {
                let (number, unit) = (number.bytes()?, cells.raw(unit).bytes()?);
                let text = [number, unit].join(&b':');
                length(&self.forms, Raw::Bytes(&text))
            }
        };
        seconds.map(durations::days)
    }
}

impl Days {
    fn read(&self, cells: &Cells<'_>) -> Result<i64, Missing> {
        let at = |from: &Origin| -> Result<Instant, Missing> {
            match self.time.read(cells.raw(from))? {
                When::Known(at) => Ok(at),
                When::Never => Err(Missing::Empty),
            }
        };
        let (from, to) = (at(&self.from)?, at(&self.to)?);
        Ok((to.seconds().saturating_sub(from.seconds())).div_euclid(DAY))
    }
}

/// A length of time in seconds.
fn length(forms: &[DurationForm], raw: Raw<'_>) -> Result<i64, Missing> {
    let bytes = raw.bytes()?;
    let read = |form: &DurationForm| form.parse(bytes);
    forms.iter().find_map(read).ok_or(Missing::Unparsed)
}

fn week(forms: &[DateForm], raw: Raw<'_>) -> Result<Value<'static>, Missing> {
    let bytes = raw.bytes()?;
    let at = forms.iter().find_map(|form| form.parse(bytes));
    let week = at.and_then(Instant::week).ok_or(Missing::Unparsed)?;
    Ok(Value::Text(Cow::Owned(week)))
}

fn join<'r>(
    from: &Origin,
    between: &str,
    path: bool,
    cells: &Cells<'r>,
) -> Result<Value<'r>, Missing> {
    let mut why = Missing::Absent;
    let mut texts = Vec::new();
    for column in from.columns() {
        match cells.cell(*column).bytes() {
            Ok(bytes) => texts.push(text_of(bytes)),
            Err(Missing::Absent) => {}
            Err(other) => why = other,
        }
    }
    if path && !texts.is_empty() {
        texts.insert(0, Cow::Borrowed(path_end(cells.path.as_str())));
    }
    match texts.as_slice() {
        [] => Err(why),
        [_] => texts.pop().map(Value::Text).ok_or(why),
        _ => Ok(Value::Text(Cow::Owned(texts.join(between)))),
    }
}

/// Why there is no value in a text that has none of the forms of one.
fn unread(text: &[u8]) -> Missing {
    match is_no_value(text) {
        true => Missing::Empty,
        false => Missing::Unparsed,
    }
}

fn number<T: std::str::FromStr>(raw: Raw<'_>) -> Result<T, Missing> {
    let bytes = raw.bytes()?;
    std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| unread(bytes))
}

/// What is no number compares with none, and would pass every limit.
fn finite(number: f64) -> Result<f64, Missing> {
    number
        .is_finite()
        .then_some(number)
        .ok_or(Missing::Unparsed)
}

fn list(raw: Raw<'_>, split: Option<u8>) -> Result<Value<'_>, Missing> {
    let items: Vec<Cow<'_, str>> = raw
        .each()?
        .flat_map(|text| text.split(move |b| Some(*b) == split))
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty() && !is_nothing(item))
        .map(text_of)
        .collect();
    if items.is_empty() {
        return Err(Missing::Empty);
    }
    Ok(Value::List(items))
}

#[cfg(test)]
mod tests {
    use super::{DateForm, Time, Words};

    /// The short way to a time says what the long one says, or leaves it to that.
    #[test]
    fn a_time_in_the_usual_form_is_what_forms_and_words_make_of_it() {
        let texts = [
            "2026-11-20T08:00:00Z",
            "2026-11-20T08:00:00.000+0000",
            "2026-11-20 08:00:00",
            "2026-11-20",
            "0001-01-01T00:00:00Z",
            "2299-12-31T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026-02-30T00:00:00Z",
            "1767225600000",
            "Never",
            "",
        ];
        let words = |list: &[&str]| Words::new(list.iter().map(|&word| word.to_owned()).collect());
        let lists: [&[&str]; 4] = [
            &[],
            &["Never"],
            &["0001-01-01t00:00:00z"],
            &["2026-11-20T08:00:00Z"],
        ];
        let forms = [
            vec![DateForm::Iso],
            vec![DateForm::DayEnd, DateForm::Iso],
            vec![DateForm::EpochMs, DateForm::Iso],
            vec![DateForm::ServiceNow],
        ];
        for forms in &forms {
            for never in lists {
                for unknown in lists {
                    for far in [false, true] {
                        let both = (words(never), words(unknown));
                        let time = Time::new(forms.clone(), both, (false, far));
                        for text in texts {
                            let text = text.as_bytes();
                            assert_eq!(time.parse(text), time.parse_other(text), "{forms:?}");
                        }
                    }
                }
            }
        }
    }
}
