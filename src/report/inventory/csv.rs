//! The inventory as CSV, one item a row.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use super::Items;
use crate::inventory::{Fact, Item, Known, Mentioned};
use crate::model::When;
use crate::report::cells::csv_row;

const HEADER: &[&str] = &[
    "id",
    "kind",
    "name",
    "platform",
    "class",
    "owner",
    "consumers",
    "storage",
    "endpoint",
    "privileges",
    "age_days",
    "created",
    "rotated",
    "last_used",
    "expires",
    "next_rotation",
    "state",
    "grade",
    "conflicts",
    "mentions",
    "mentioned_at",
];

/// Writes it.
///
/// # Errors
/// What the writer says.
pub(super) fn write(items: &Items<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    csv_row(&mut out, HEADER.iter().copied())?;
    for item in items.sorted() {
        csv_row(&mut out, cells(items, &item).iter().map(|cell| &**cell))?;
    }
    out.flush()
}

fn cells<'i>(items: &Items<'i>, item: &Item<'i>) -> Vec<Cow<'i, str>> {
    let text = |fact| {
        item.text(fact)
            .map_or(Cow::Borrowed(""), |known| Cow::Borrowed(known.value))
    };
    let time = |fact| Cow::Owned(when(item.time(fact)));
    let age = items.age(item).map(|(days, _)| days.to_string());
    let conflicts = item.conflicts();
    let conflicts: Vec<&str> = conflicts.iter().map(|(fact, _)| fact.word()).collect();
    let (mentions, place) = match items.mentioned(item) {
        Some(Mentioned::At(count, first)) => {
            let place = format!("{}:{}", first.path, first.region.start_line);
            (count.to_string(), place)
        }
        Some(Mentioned::Nowhere) => ("0".to_owned(), String::new()),
        Some(Mentioned::Unknown) | None => (String::new(), String::new()),
    };
    vec![
        Cow::Owned(item.id()),
        Cow::Borrowed(item.kind()),
        Cow::Borrowed(item.name()),
        Cow::Borrowed(item.platform()),
        text(Fact::Class),
        text(Fact::Owner),
        Cow::Owned(item.consumers().join("; ")),
        text(Fact::Storage),
        text(Fact::Endpoint),
        Cow::Owned(item.texts(Fact::Privileges).join("; ")),
        Cow::Owned(age.unwrap_or_default()),
        time(Fact::Created),
        time(Fact::Rotated),
        time(Fact::LastUsed),
        time(Fact::Expires),
        Cow::Owned(when(item.next_rotation())),
        Cow::Borrowed(item.state(items.as_of).word()),
        Cow::Borrowed(items.grade(item).word()),
        Cow::Owned(conflicts.join("; ")),
        Cow::Owned(mentions),
        Cow::Owned(place),
    ]
}

/// A time; `never`, or nothing where it is not known.
fn when(known: Option<Known<When>>) -> String {
    match known.map(|known| known.value) {
        Some(When::Known(at)) => at.text(),
        Some(When::Never) => "never".to_owned(),
        None => String::new(),
    }
}
