//! Which cell of a table stands under a column: of CSV, of the tables of Markdown, of the values of a
//! statement of SQL.

use std::ops::Range;

/// How far before its word the row of a heading begins, at most.
const REACH: usize = 500;

/// Rows that are looked at: the second may be a ruler.
const ROWS: usize = 3;

/// The cell under the column of which the name begins with a match, in the first row that is no ruler.
/// `rows` begins where the rows do.
pub(super) fn cell(text: &[u8], span: &Range<usize>, rows: &Range<usize>) -> Option<Range<usize>> {
    let low = span.start.saturating_sub(REACH);
    let before = text.get(low..span.start)?;
    let opens = memchr::memrchr3(b'\n', b'\r', b'(', before);
    let statement = opens.and_then(|at| before.get(at)) == Some(&b'(');
    let heading = before.get(opens.map_or(0, |at| at + 1)..)?;
    let delimiter = match statement {
        true => b',',
        false => delimiter(heading, text.get(span.start..rows.start)?)?,
    };
    let column = heading.iter().filter(|b| **b == delimiter).count();
    let mut start = rows.start;
    // Without a ruler below it, a row between bars is no heading.
    let mut ruled = statement || delimiter != b'|';
    for _ in 0..ROWS {
        let rest = text.get(start..)?;
        let length = match statement {
            true => rows.len(),
            false => memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len()),
        };
        let row = rest.get(..length)?;
        let found = nth(row, delimiter, column)?;
        let bytes = row.get(found.clone())?;
        if bytes.iter().any(|b| !b"-: =".contains(b)) {
            let quoted = found.start.checked_sub(1).and_then(|at| row.get(at)) == Some(&b'\'');
            let digest = bytes.len() >= 32 && bytes.iter().all(u8::is_ascii_hexdigit);
            let counts = (quoted || !statement) && !digest;
            return (counts && ruled).then_some(start + found.start..start + found.end);
        }
        ruled = true;
        start += length + 1;
    }
    None
}

/// What stands between the columns of a heading: on both sides of a name, or on one at its end. A
/// heading is made of short names, without the signs of code.
fn delimiter(before: &[u8], behind: &[u8]) -> Option<u8> {
    const LONGEST: usize = 40;
    let known = |b: &u8| b",;\t|".contains(b);
    let last = before.iter().rfind(|b| known(b)).copied();
    let next = behind.iter().find(|b| known(b)).copied();
    let delimiter = last.or(next)?;
    let names = || {
        [before, behind]
            .into_iter()
            .flat_map(|part| part.split(|b| *b == delimiter))
    };
    let plain = |name: &[u8]| name.len() <= LONGEST && !name.iter().any(|b| b".{}[]:=".contains(b));
    (names().all(plain) && next.is_none_or(|next| next == delimiter)).then_some(delimiter)
}

/// A cell of a row, without blanks and quotes around it.
fn nth(row: &[u8], delimiter: u8, column: usize) -> Option<Range<usize>> {
    let (mut start, mut at, mut quote, mut closed) = (0, 0, None, None);
    for (end, b) in row.iter().chain([&delimiter]).enumerate() {
        match (quote, b) {
            (Some(own), b) if *b == own => (quote, closed) = (None, Some((end, own))),
            // Within quotes, two of them stand for one.
            (None, b) if end > 0 && closed == Some((end - 1, *b)) => quote = Some(*b),
            (None, b'"' | b'\'') if row.get(start..end)?.trim_ascii().is_empty() => {
                quote = Some(*b);
            }
            (None, b) if *b == delimiter => {
                if at == column {
                    return Some(bare(row, start..closed.map_or(end, |(end, _)| end)));
                }
                (start, at, closed) = (end + 1, at + 1, None);
            }
            _ => {}
        }
    }
    None
}

/// A cell without blanks, and then without the quotes or the signs of code around it.
fn bare(row: &[u8], cell: Range<usize>) -> Range<usize> {
    let is = |at: usize, signs: &[u8]| row.get(at).is_some_and(|b| signs.contains(b));
    let Range { mut start, mut end } = cell;
    for signs in [&b" \t"[..], b"\"'`*"] {
        while start < end && is(start, signs) {
            start += 1;
        }
        while start < end && is(end - 1, signs) {
            end -= 1;
        }
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::cell;

    /// The cell under a column, where rows begin behind a line end or behind `VALUES (`.
    fn under(column: &str, text: &str) -> Option<String> {
        let start = text.find(column).unwrap();
        let rest = &text[start..];
        let rows = match rest.find("VALUES (") {
            Some(at) => start + at + "VALUES (".len(),
            None => start + rest.find('\n')? + 1,
        };
        let end = text[rows..].find('\n').map_or(text.len(), |at| rows + at);
        let found = cell(text.as_bytes(), &(start..end), &(rows..end))?;
        Some(text[found].to_owned())
    }

    #[test]
    fn a_cell_stands_under_its_column() {
        for (text, expected) in [
            ("user,pw\nann,k7\n", Some("k7")),
            (
                "\"site\",\"user\",\"pw\"\n\"a, b\",\"ann\",\"k,7\"\n",
                Some("k,7"),
            ),
            ("pw;user\nk7;ann", Some("k7")),
            ("| user | pw |\n|---|:--|\n| ann | `k7` |\n", Some("k7")),
            ("user\tpw\nann\tk7\n", Some("k7")),
            (
                "INSERT INTO u (name, pw, age) VALUES ('ann', 'k,7', 3);",
                Some("k,7"),
            ),
            ("INSERT INTO u (name, pw) VALUES ('ann', MD5('k7'));", None),
            (
                "INSERT INTO u (pw) VALUES ('5f4dcc3b5aa765d61d8327deb882cf99'), (1);",
                None,
            ),
            (
                "INSERT INTO u (name, pw) VALUES ('ann', 'k''7'); -- 'x'",
                Some("k''7"),
            ),
            ("| user_pw | no |\n| user_url2 | no |\n", None),
            (
                "1:[\"a\",\"pw\",{\"h\":9}]\n2:[\"b\",\"k7\",{\"h\":9}]\n",
                None,
            ),
            ("user,pw\nann\n", None),
            ("pw\nk7\n", None),
            ("Ask for your user. Then, pw\na, k7\n", None),
            ("user,pw\n", None),
        ] {
            assert_eq!(under("pw", text).as_deref(), expected, "{text}");
        }
    }
}
