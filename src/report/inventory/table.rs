//! The inventory as a table for people: one line an item, and below it where exports disagree.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use unicode_width::UnicodeWidthStr;

use super::Items;
use crate::inventory::{Fact, Item, Known};
use crate::model::When;
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
];

/// Writes it.
///
/// # Errors
/// What the writer says.
pub(super) fn write(items: &Items<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let sorted = items.sorted();
    let rows: Vec<Vec<String>> = sorted.iter().map(|item| row(items, item)).collect();
    // An empty column says nothing and costs width.
    let wide = |index: usize, limit: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(index))
            .map(|cell| cell.width());
        cells.max().unwrap_or(0).min(limit)
    };
    let columns: Vec<(usize, &str, usize)> = (0..)
        .zip(COLUMNS)
        .map(|(index, (title, limit))| (index, *title, wide(index, *limit)))
        .filter(|(.., width)| *width > 0)
        .map(|(index, title, width)| (index, title, width.max(title.len())))
        .collect();
    if !rows.is_empty() {
        line(
            &mut out,
            columns.iter().map(|(_, title, width)| (*title, *width)),
        )?;
    }
    for (item, row) in sorted.iter().zip(&rows) {
        let cells = columns
            .iter()
            .map(|(index, _, width)| (row.get(*index).map_or("", String::as_str), *width));
        line(&mut out, cells)?;
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

/// Writes cells side by side, each cut or filled to its width.
fn line<'c>(out: &mut dyn Write, cells: impl Iterator<Item = (&'c str, usize)>) -> io::Result<()> {
    let mut text = String::new();
    for (cell, width) in cells {
        let mut used = 0;
        if cell.width() <= width {
            text.push_str(cell);
            used = cell.width();
        } else {
            for c in cell.chars() {
                let mut bytes = [0; 4];
                let wide = c.encode_utf8(&mut bytes).width();
                if used + wide + 1 > width {
                    break;
                }
                text.push(c);
                used += wide;
            }
            text.push('…');
            used += 1;
        }
        text.extend(std::iter::repeat_n(' ', width.saturating_sub(used) + 2));
    }
    writeln!(out, "{}", text.trim_end())
}
