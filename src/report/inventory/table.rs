//! The inventory as a table for people: one line an item, and below it where exports disagree.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use super::Items;
use crate::inventory::{Fact, Item, Known, Mentioned};
use crate::model::When;
use crate::report::cells::{table_line, widths};
use crate::report::visible::{Count, Visible, number};

/// A column: its title, and the widest that it may become.
const COLUMNS: &[(&str, usize)] = &[
    ("AGE", 6),
    ("STATE", 15),
    ("KIND", 22),
    ("NAME", 36),
    ("PLATFORM", 12),
    ("OWNER", 24),
    ("CONSUMERS", 28),
    ("STORAGE", 24),
    ("LAST USED", 10),
    ("EXPIRES", 10),
    ("NEXT", 10),
    ("GRADE", 8),
    ("MENTIONED", 40),
];

/// Writes it.
///
/// # Errors
/// What the writer says.
pub(super) fn write(items: &Items<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let sorted = items.sorted();
    let rows: Vec<Vec<String>> = sorted.iter().map(|item| row(items, item)).collect();
    let columns = widths(COLUMNS, &rows);
    if !rows.is_empty() {
        table_line(
            &mut out,
            columns.iter().map(|column| (column.title, column.width)),
        )?;
    }
    for (item, row) in sorted.iter().zip(&rows) {
        let cells = columns
            .iter()
            .map(|c| (row.get(c.index).map_or("", String::as_str), c.width));
        table_line(&mut out, cells)?;
        for conflict in conflicts(item) {
            writeln!(out, "       {conflict}")?;
        }
    }
    if !rows.is_empty() {
        writeln!(out)?;
    }
    let live = sorted
        .iter()
        .filter(|item| item.rotates() && item.state(items.as_of).is_live());
    let live = number(live.count());
    let total = number(sorted.iter().filter(|item| item.rotates()).count());
    let unknown = sorted
        .iter()
        .filter(|item| item.rotates() && items.age(item).is_none());
    writeln!(
        out,
        "{}, {live} of them live; of {} nothing says how old the value is",
        Count(total, "credential"),
        number(unknown.count()),
    )?;
    writeln!(
        out,
        "As of {}. Age in days; grade: how well it is proven; a blank is not known.",
        items.as_of.date()
    )?;
    out.flush()
}

fn row(items: &Items<'_>, item: &Item<'_>) -> Vec<String> {
    let text = |fact| item.text(fact).map_or("", |known| known.value);
    let visible = |text: &str| Visible(text).to_string();
    let class = text(Fact::Class);
    let kind = if class.is_empty() {
        item.kind_title().to_owned()
    } else {
        format!("{} ({})", item.kind_title(), Visible(class))
    };
    vec![
        items
            .age(item)
            .map(|(days, _)| days.to_string())
            .unwrap_or_default(),
        item.state(items.as_of).word().replace('_', " "),
        kind,
        visible(item.name()),
        visible(item.platform()),
        visible(text(Fact::Owner)),
        visible(&item.consumers().join(", ")),
        visible(text(Fact::Storage)),
        when(item.time(Fact::LastUsed)),
        when(item.time(Fact::Expires)),
        when(item.next_rotation()),
        items.grade(item).word().to_owned(),
        match items.mentioned(item) {
            Some(Mentioned::At(_, first)) => {
                visible(&format!("{}:{}", first.path, first.region.start_line))
            }
            Some(Mentioned::Nowhere) => "nowhere".to_owned(),
            Some(Mentioned::Unknown) | None => String::new(),
        },
    ]
}

fn when(known: Option<Known<When>>) -> String {
    match known.map(|known| known.value) {
        Some(When::Known(at)) => at.date(),
        Some(When::Never) => "never".to_owned(),
        None => String::new(),
    }
}

fn conflicts(item: &Item<'_>) -> Vec<String> {
    let each = item.conflicts().into_iter().map(|(fact, all)| {
        let mut text = format!("! {}: ", fact.word().replace('_', " "));
        for (index, evidence) in all.iter().enumerate() {
            let joint = if index > 0 { "; " } else { "" };
            let shown = evidence.value.show();
            let _ = write!(
                text,
                "{joint}{} says {} ({})",
                Visible(&format!("{}:{}", evidence.path, evidence.line)),
                Visible(&shown),
                evidence.grade
            );
        }
        text
    });
    each.collect()
}
