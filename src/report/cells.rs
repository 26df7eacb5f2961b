//! Cells of tables: side by side for people, and as CSV (RFC 4180). In CSV, a cell that a
//! spreadsheet would take for a formula begins with an apostrophe, which spreadsheets show as text.

use std::borrow::Cow;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// A column that is shown.
#[derive(Debug)]
pub(super) struct Column {
    /// Which cell of a row.
    pub(super) index: usize,
    /// Its title.
    pub(super) title: &'static str,
    /// How wide it is.
    pub(super) width: usize,
}

/// The columns that have anything in them, each as wide as its widest cell up to a limit: an empty
/// one says nothing and costs width.
pub(super) fn widths(columns: &[(&'static str, usize)], rows: &[Vec<String>]) -> Vec<Column> {
    let each = columns
        .iter()
        .enumerate()
        .filter_map(|(index, (title, limit))| {
            let cells = rows.iter().filter_map(|row| row.get(index));
            let widest = cells
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
                .min(*limit);
            (widest > 0).then_some(Column {
                index,
                title,
                width: widest.max(title.len()),
            })
        });
    each.collect()
}

/// Writes cells side by side, each cut or filled to its width.
pub(super) fn table_line<'c>(
    out: &mut dyn Write,
    cells: impl Iterator<Item = (&'c str, usize)>,
) -> io::Result<()> {
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

/// Writes one row of CSV.
pub(super) fn csv_row<'c>(
    out: &mut dyn Write,
    cells: impl Iterator<Item = &'c str>,
) -> io::Result<()> {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        out.write_all(quoted(cell).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// What a cell begins with that spreadsheets take for a formula, also in the wide forms of East
/// Asian fonts.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
];

fn quoted(cell: &str) -> Cow<'_, str> {
    let formula = cell.starts_with(FORMULA);
    if !formula && !cell.contains([',', '"', '\r', '\n']) {
        return Cow::Borrowed(cell);
    }
    let guard = if formula { "'" } else { "" };
    Cow::Owned(format!("\"{guard}{}\"", cell.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::{quoted, table_line};

    #[test]
    fn cells_are_quoted_where_they_must_be_and_are_never_formulas() {
        for (cell, expected) in [
            ("plain text", "plain text"),
            ("a,b", "\"a,b\""),
            ("say \"x\"\n", "\"say \"\"x\"\"\n\""),
            ("=1+1", "\"'=1+1\""),
            ("@cmd", "\"'@cmd\""),
            ("\u{FF1D}1+1", "\"'\u{FF1D}1+1\""),
            ("\n=1", "\"'\n=1\""),
            (" =1", " =1"),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }

    #[test]
    fn a_cell_is_cut_by_what_it_takes_on_the_screen() {
        let mut out = Vec::new();
        table_line(
            &mut out,
            [("日本語です", 6), ("x", 3), ("end", 3)].into_iter(),
        )
        .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "日本…   x    end\n");
    }
}
