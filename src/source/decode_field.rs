//! Reads how one field is filled, and checks that it fits the field's type.

use super::cells::{Origin, Pick};
use super::dates::DateForm;
use super::decode::Draft;
use super::decode_test::{self, OPS};
use super::durations::DurationForm;
use super::mapping::{BoolWords, Days, Length, Mapping, Moment, Read, Time, Within};
use super::pattern::Pattern;
use super::text::{Cases, Other, Shaping, Text};
use super::words::Words;
use crate::model::{FieldDecl, FieldType};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::{Kind, Node};

/// The keys of a field and the types that each is for; the empty list stands for every type.
const KEYS: [(&str, &[FieldType]); 40] = [
    ("column", &[]),
    ("columns", &[]),
    ("pick", &[]),
    (
        "unknown",
        &[
            FieldType::Text,
            FieldType::Time,
            FieldType::Bool,
            FieldType::Int,
        ],
    ),
    (
        "value",
        &[FieldType::Text, FieldType::Bool, FieldType::Time],
    ),
    (
        "certificate",
        &[
            FieldType::Text,
            FieldType::Bool,
            FieldType::Time,
            FieldType::Int,
            FieldType::List,
        ],
    ),
    ("join", &[FieldType::Text]),
    ("file_path", &[FieldType::Text]),
    ("plus", &[FieldType::Time]),
    ("duration", &[FieldType::Time, FieldType::Int]),
    ("week", &[FieldType::Text]),
    ("unit", &[FieldType::Int]),
    ("file_stem", &[FieldType::Text]),
    ("folder", &[FieldType::Text]),
    ("map", &[FieldType::Text]),
    ("else", &[FieldType::Text]),
    ("pattern", &[FieldType::Text]),
    ("lower", &[FieldType::Text]),
    ("salesforce_id", &[FieldType::Text]),
    ("suffix", &[FieldType::Text]),
    ("cases", &[FieldType::Text]),
    ("absent", &[FieldType::Bool]),
    ("true", &[FieldType::Bool]),
    ("false", &[FieldType::Bool]),
    ("equals", &[FieldType::Bool]),
    ("not_equals", &[FieldType::Bool]),
    ("only", &[FieldType::Bool]),
    ("present", &[FieldType::Bool]),
    ("matches", &[FieldType::Bool]),
    ("not_matches", &[FieldType::Bool]),
    ("any", &[FieldType::Bool]),
    ("all", &[FieldType::Bool]),
    ("date", &[FieldType::Time, FieldType::Int]),
    ("never", &[FieldType::Time]),
    ("empty", &[FieldType::Time]),
    ("far", &[FieldType::Time]),
    ("days_from", &[FieldType::Int]),
    ("days_to", &[FieldType::Int]),
    ("split", &[FieldType::List]),
    ("percent", &[FieldType::Number]),
];

/// The columns of a certificate inside a cell.
const CERTIFICATE: &[&str] = &[
    "subject",
    "issuer",
    "serial",
    "not_before",
    "not_after",
    "lifetime_days",
    "is_ca",
    "self_signed",
    "key_usage",
    "extended_key_usage",
    "chain_subject",
    "chain_issuer",
    "chain_serial",
    "chain_not_before",
    "chain_not_after",
    "chain_lifetime_days",
    "chain_self_signed",
];

/// Reads one entry of `fields`.
pub(super) fn mapping(draft: &mut Draft<'_>, decl: &FieldDecl, node: &Node) -> Decoded<Mapping> {
    if let Kind::Scalar(..) = node.kind {
        let column = draft.column(node)?;
        return Ok(Mapping {
            name: draft.name(&[column]),
            from: Origin::One(column),
            read: plain(decl.ty),
            absent: None,
        });
    }
    let doc = draft.doc;
    let known = KEYS.map(|(key, _)| key);
    let fields = doc.fields(node, "a field", &known)?;
    fits(doc, decl, node)?;
    let (from, read) = match decl.ty {
        FieldType::Text => text(draft, &fields)?,
        FieldType::Bool => boolean(draft, &fields)?,
        FieldType::Time => time(draft, &fields)?,
        FieldType::Int => int(draft, &fields)?,
        FieldType::Number => number(draft, &fields)?,
        FieldType::List => (draft.from(&fields)?, Read::List(split(doc, &fields)?)),
    };
    if let (Some(pick), FieldType::Text | FieldType::Bool) = (fields.get("pick"), decl.ty)
        && doc.text(pick, "`pick`")? == "latest"
    {
        return Err(doc.error(pick.span, "`latest` is for times"));
    }
    let read = match fields.get("certificate") {
        Some(node) => within(doc, node, read)?,
        None => read,
    };
    let mut mapping = Mapping {
        from,
        read,
        absent: fields.optional("absent", |n| doc.bool(n, "`absent`"))?,
        name: Box::default(),
    };
    let mut columns = Vec::new();
    mapping.visit(&mut |column| columns.push(column));
    mapping.name = draft.name(&columns);
    let own = ["value", "file_stem", "file_path"];
    if columns.is_empty() && own.iter().all(|key| fields.get(key).is_none()) {
        return Err(doc.error(node.span, format!("`{}` names no column", decl.name)));
    }
    Ok(mapping)
}

fn within(doc: &Document, node: &Node, read: Read) -> Decoded<Read> {
    let column = doc.text(node, "`certificate`")?;
    if !CERTIFICATE.contains(&column) {
        let known = CERTIFICATE.iter().copied();
        return Err(doc.unknown(node.span, "column of a certificate", column, known));
    }
    Ok(Read::Certificate(Box::new(Within {
        column: column.into(),
        read,
    })))
}

/// Every key is of the field's type, and keys that stand alone do.
fn fits(doc: &Document, decl: &FieldDecl, node: &Node) -> Decoded<()> {
    let entries = doc.mapping(node, "a field")?;
    for entry in entries {
        let types = KEYS.iter().find(|(key, _)| *key == &*entry.key);
        let types = types.map_or(&[][..], |(_, types)| types);
        if !types.is_empty() && !types.contains(&decl.ty) {
            let for_types: Vec<&str> = types.iter().map(|ty| ty.word()).collect();
            return Err(doc.error_with_help(
                entry.span,
                format!(
                    "`{}` does not fit `{}`, which is of type {}",
                    entry.key, decl.name, decl.ty
                ),
                format!("it is for {}", for_types.join(" and ")),
            ));
        }
        let alone: &[&str] = match &*entry.key {
            "value" => &[],
            "file_path" => &["columns", "join"],
            "join" => &["columns", "file_path"],
            "certificate" => &["column", "columns", "far", "lower"],
            "cases" => &["else"],
            "any" | "all" => &["absent"],
            key if OPS.contains(&key) => &["absent", "column", "columns", "pick"],
            "days_from" | "days_to" => &["days_from", "days_to", "date"],
            "duration" if decl.ty == FieldType::Int => &["column", "columns", "unit", "unknown"],
            "unit" => &["column", "columns", "duration"],
            "unknown" if decl.ty == FieldType::Int => &["column", "columns", "duration"],
            _ => continue,
        };
        let clash = entries
            .iter()
            .find(|other| other.key != entry.key && !alone.contains(&&*other.key));
        if let Some(clash) = clash {
            let message = format!("`{}` does not go together with `{}`", clash.key, entry.key);
            return Err(doc.error(clash.span, message));
        }
    }
    Ok(())
}

fn plain(ty: FieldType) -> Read {
    match ty {
        FieldType::Text => Read::Text(Text::Plain),
        FieldType::Bool => Read::PlainBool,
        FieldType::Int => Read::Int,
        FieldType::Number => Read::Number,
        FieldType::List => Read::List(None),
        FieldType::Time => {
            let words = (Words::default(), Words::default());
            let time = Time::new(vec![DateForm::Iso], words, (false, false));
            Read::Time(Box::new(time))
        }
    }
}

fn words(doc: &Document, fields: &Fields<'_, '_>, key: &str) -> Decoded<Option<Words>> {
    fields.optional(key, |n| doc.texts(n, key).map(Words::new))
}

fn text(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Decoded<(Origin, Read)> {
    let doc = draft.doc;
    if let Some(value) = fields.get("value") {
        let text = doc.text(value, "`value`")?;
        return Ok((Origin::Nothing, Read::Constant(text.into())));
    }
    let path = fields.optional("file_path", |n| doc.bool(n, "`file_path`"))?;
    if let Some(node) = fields.get("join") {
        let between = doc.text(node, "`join`")?.into();
        let read = Read::Join(between, path == Some(true));
        return Ok((draft.from(fields)?, read));
    }
    if let Some(columns) = fields.get("columns").filter(|_| path.is_some()) {
        let message = "`file_path` and `columns` need `join`";
        return Err(doc.error(columns.span, message));
    }
    if path.is_some() {
        return Ok((Origin::Nothing, Read::FilePath));
    }
    if let Some(node) = fields.get("week") {
        let forms = date_forms(doc, node)?;
        return Ok((draft.from(fields)?, Read::Week(forms)));
    }
    let other = fields.optional("else", |n| other(doc, n))?;
    if let Some(list) = fields.get("cases") {
        let cases = doc
            .sequence(list, "`cases`")?
            .iter()
            .map(|node| {
                let case = doc.fields(node, "a case", &["when", "value"])?;
                let tests = decode_test::list(draft, case.require("when")?, "`when`")?;
                let value = doc.text(case.require("value")?, "`value`")?;
                Ok((tests, value.into()))
            })
            .collect::<Decoded<Vec<_>>>()?;
        let other = other.unwrap_or(Other::Empty);
        return Ok((
            Origin::Nothing,
            Read::Cases(Box::new(Cases { cases, other })),
        ));
    }
    let shaping = Shaping {
        file_stem: fields.optional("file_stem", |n| doc.texts(n, "`file_stem`"))?,
        folder: fields
            .optional("folder", |n| doc.bool(n, "`folder`"))?
            .unwrap_or(false),
        of_stem: fields.get("column").is_none() && fields.get("columns").is_none(),
        unknown: words(doc, fields, "unknown")?.unwrap_or_default(),
        patterns: fields
            .optional("pattern", |n| patterns(doc, n))?
            .unwrap_or_default(),
        map: fields
            .optional("map", |n| {
                let entries = doc.mapping(n, "`map`")?.iter();
                entries
                    .map(|e| Ok(((*e.key).into(), doc.text(&e.value, "`map`")?.into())))
                    .collect()
            })?
            .unwrap_or_default(),
        other: other.unwrap_or_default(),
        lower: fields
            .optional("lower", |n| doc.bool(n, "`lower`"))?
            .unwrap_or(false),
        salesforce_id: fields
            .optional("salesforce_id", |n| doc.bool(n, "`salesforce_id`"))?
            .unwrap_or(false),
        suffix: fields
            .optional("suffix", |n| doc.text(n, "`suffix`"))?
            .unwrap_or_default()
            .into(),
    };
    let shaped = [
        "file_stem",
        "unknown",
        "pattern",
        "map",
        "else",
        "lower",
        "salesforce_id",
        "suffix",
    ];
    let text = if shaped.iter().any(|key| fields.get(key).is_some()) {
        Text::Shaped(Box::new(shaping))
    } else {
        Text::Plain
    };
    Ok((draft.from(fields)?, Read::Text(text)))
}

fn other(doc: &Document, node: &Node) -> Decoded<Other> {
    Ok(match doc.text(node, "`else`")? {
        "keep" => Other::Keep,
        "empty" => Other::Empty,
        text => Other::Text(text.into()),
    })
}

fn patterns(doc: &Document, node: &Node) -> Decoded<Vec<Pattern>> {
    match &node.kind {
        Kind::Sequence(items) => items
            .iter()
            .map(|item| decode_test::pattern(doc, item, 1))
            .collect(),
        _ => decode_test::pattern(doc, node, 1).map(|pattern| vec![pattern]),
    }
}

fn boolean(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Decoded<(Origin, Read)> {
    let doc = draft.doc;
    if let Some(value) = fields.get("value") {
        let value = doc.bool(value, "`value`")?;
        return Ok((Origin::Nothing, Read::ConstantBool(value)));
    }
    if let Some(test) = decode_test::of(draft, fields)? {
        return Ok((Origin::Nothing, Read::Test(Box::new(test))));
    }
    let from = draft.from(fields)?;
    let own = BoolWords {
        yes: words(doc, fields, "true")?,
        no: words(doc, fields, "false")?,
        unknown: words(doc, fields, "unknown")?.unwrap_or_default(),
    };
    let named = ["true", "false", "unknown"];
    let read = if named.iter().any(|key| fields.get(key).is_some()) {
        Read::BoolWords(Box::new(own))
    } else {
        Read::PlainBool
    };
    Ok((from, read))
}

fn time(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Decoded<(Origin, Read)> {
    let doc = draft.doc;
    if let Some(node) = fields.get("value") {
        return match doc.text(node, "`value`")? {
            "never" => Ok((Origin::Nothing, Read::Never)),
            other => Err(doc.unknown(node.span, "time", other, ["never"])),
        };
    }
    let from = draft.from(fields)?;
    let time = time_of(doc, fields)?;
    let plus = match (fields.get("plus"), fields.get("duration")) {
        (None, None) => None,
        (Some(plus), Some(duration)) => {
            let columns: &[Node] = match &plus.kind {
                Kind::Sequence(items) => items,
                _ => std::slice::from_ref(plus),
            };
            let columns = columns.iter().map(|node| draft.column(node));
            let columns = columns.collect::<Decoded<Vec<_>>>()?;
            let plus = Origin::Several(columns.into(), Pick::Filled);
            Some((plus, lengths(doc, duration)?))
        }
        (Some(alone), None) | (None, Some(alone)) => {
            return Err(doc.error(alone.span, "`plus` and `duration` belong together"));
        }
    };
    let read = match (&from, plus) {
        (Origin::Several(_, Pick::Latest), plus) | (_, plus @ Some(_)) => {
            Read::Moment(Box::new(Moment { time, plus }))
        }
        _ => Read::Time(Box::new(time)),
    };
    Ok((from, read))
}

/// The forms of a length of time.
fn lengths(doc: &Document, node: &Node) -> Decoded<Vec<DurationForm>> {
    let form = |node: &Node| doc.word(node, "form of a duration", DurationForm::WORDS);
    match &node.kind {
        Kind::Sequence(items) if !items.is_empty() => items.iter().map(form).collect(),
        _ => form(node).map(|form| vec![form]),
    }
}

/// The forms of a point in time.
fn date_forms(doc: &Document, node: &Node) -> Decoded<Vec<DateForm>> {
    let form = |node: &Node| doc.word(node, "date form", DateForm::WORDS);
    match &node.kind {
        Kind::Sequence(items) if !items.is_empty() => items.iter().map(form).collect(),
        _ => form(node).map(|form| vec![form]),
    }
}

fn time_of(doc: &Document, fields: &Fields<'_, '_>) -> Decoded<Time> {
    let forms = fields.optional("date", |n| date_forms(doc, n))?;
    // Each says "never" or the plain meaning of the cell.
    let says_never = |key: &str, otherwise: &str| {
        let Some(node) = fields.get(key) else {
            return Ok(false);
        };
        match doc.text(node, key)? {
            "never" => Ok(true),
            word if word == otherwise => Ok(false),
            word => Err(doc.unknown(node.span, &format!("`{key}`"), word, ["never", otherwise])),
        }
    };
    let words = |key| words(doc, fields, key).map(Option::unwrap_or_default);
    Ok(Time::new(
        forms.unwrap_or_else(|| vec![DateForm::Iso]),
        (words("never")?, words("unknown")?),
        (says_never("empty", "unknown")?, says_never("far", "date")?),
    ))
}

fn int(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Decoded<(Origin, Read)> {
    if let Some(node) = fields.get("duration") {
        let length = Length {
            forms: lengths(draft.doc, node)?,
            unit: fields.optional("unit", |n| draft.column(n).map(Origin::One))?,
            unknown: words(draft.doc, fields, "unknown")?.unwrap_or_default(),
        };
        return Ok((draft.from(fields)?, Read::Length(Box::new(length))));
    }
    if fields.get("days_from").is_none() && fields.get("days_to").is_none() {
        return Ok((draft.from(fields)?, Read::Int));
    }
    let mut end = |key| match &fields.require(key)?.kind {
        Kind::Sequence(items) => {
            let columns = items.iter().map(|node| draft.column(node));
            let columns = columns.collect::<Decoded<Vec<_>>>()?;
            Ok(Origin::Several(columns.into(), Pick::There))
        }
        _ => draft.column(fields.require(key)?).map(Origin::One),
    };
    let (from, to) = (end("days_from")?, end("days_to")?);
    let days = Days {
        from,
        to,
        time: time_of(draft.doc, fields)?,
    };
    Ok((Origin::Nothing, Read::Days(Box::new(days))))
}

fn number(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Decoded<(Origin, Read)> {
    let percent = fields.optional("percent", |n| draft.doc.bool(n, "`percent`"))?;
    let read = match percent {
        Some(true) => Read::Percent,
        _ => Read::Number,
    };
    Ok((draft.from(fields)?, read))
}

/// The byte between the parts of a list in one text.
fn split(doc: &Document, fields: &Fields<'_, '_>) -> Decoded<Option<u8>> {
    fields.optional("split", |node| {
        match doc.text(node, "`split`")?.as_bytes() {
            [byte] if byte.is_ascii() => Ok(*byte),
            _ => Err(doc.error(node.span, "`split` must be one ASCII character")),
        }
    })
}
