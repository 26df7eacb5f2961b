//! A table as a program draws it on a screen: columns set with blanks, under a line of dashes or within
//! boxes. It is no export: cells are cut to the width of the screen, and a blank may end one or not.

/// So many lines are looked at for the line that is drawn.
const LINES: usize = 40;

/// The names above the columns of such a table; none if a text does not begin with one.
#[must_use]
pub fn header(text: &str) -> Option<Vec<String>> {
    let lines: Vec<String> = text.lines().take(LINES).map(plain).collect();
    let Some(drawn) = lines.iter().position(|line| is_drawn(line)) else {
        return capitals(&lines);
    };
    let line = |at: usize| lines.get(at).filter(|line| !line.trim().is_empty());
    // Above the line, or between two of a box.
    let above = drawn.checked_sub(1).and_then(line);
    let head = above.or_else(|| line(drawn + 1))?;
    let names = match head.contains(is_upright) {
        true => head.split(is_upright).map(str::to_owned).collect(),
        false => under(lines.get(drawn)?, head),
    };
    let names: Vec<String> = names
        .iter()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    // The command line of AWS puts one name above them all, in a box.
    let boxed = names.len() == 1 && head.trim_start().starts_with(is_upright);
    (names.len() > 1 || boxed).then_some(names)
}

/// The header of a table without a line: words in capitals, set apart by blanks, above a row in which
/// something begins where each of them does.
fn capitals(lines: &[String]) -> Option<Vec<String>> {
    let mut filled = lines.iter().filter(|line| !line.trim().is_empty());
    let (head, row) = (filled.next()?, filled.next()?);
    let mut names: Vec<(usize, String)> = Vec::new();
    let (mut before, mut blanks) = (' ', 2);
    for (at, c) in head.chars().enumerate() {
        match names.last_mut() {
            _ if c == ' ' => blanks += 1,
            Some((_, name)) if blanks < 2 => {
                if before == ' ' {
                    name.push(' ');
                }
                name.push(c);
                blanks = 0;
            }
            _ => {
                names.push((at, c.to_string()));
                blanks = 0;
            }
        }
        before = c;
    }
    let row: Vec<char> = row.chars().collect();
    let begins = |at: usize| {
        let own = row.get(at).is_some_and(|c| *c != ' ');
        own && (at == 0 || row.get(at - 1) == Some(&' '))
    };
    let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-()/ ".contains(c);
    let table = names.len() > 2
        && names.iter().all(|(_, text)| text.chars().all(name))
        && names.iter().filter(|(at, _)| begins(*at)).count() > names.len() / 2;
    table.then(|| names.into_iter().map(|(_, name)| name).collect())
}

/// The texts that stand above each dash of a line.
fn under(drawn: &str, head: &str) -> Vec<String> {
    let mut starts = Vec::new();
    let mut before = ' ';
    for (at, c) in drawn.chars().enumerate() {
        if is_dash(c) && !is_dash(before) {
            starts.push(at);
        }
        before = c;
    }
    let head: Vec<char> = head.chars().collect();
    let ends = starts.iter().skip(1).copied().chain([head.len()]);
    let each = starts.iter().zip(ends);
    each.map(|(start, end)| head.get(*start..end).unwrap_or_default().iter().collect())
        .collect()
}

/// Whether a line is nothing but drawn.
fn is_drawn(line: &str) -> bool {
    let drawn = |c: char| is_dash(c) || is_upright(c) || is_corner(c) || c.is_whitespace();
    line.chars().filter(|c| is_dash(*c)).count() > 2 && line.chars().all(drawn)
}

const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '=' | '\u{2500}' | '\u{2501}' | '\u{2550}')
}

const fn is_upright(c: char) -> bool {
    matches!(c, '|' | '\u{2502}' | '\u{2503}' | '\u{2551}')
}

const fn is_corner(c: char) -> bool {
    matches!(c, '+' | '\u{250c}'..='\u{254b}' | '\u{2552}'..='\u{2570}')
}

/// A line without the codes that colour it.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn the_header_of_a_drawn_table_is_what_stands_above_its_columns() {
        for text in [
            " ID     USERNAME  \n ────── ───────── \n 005xx  svc.a@x  \n",
            "ID      USERNAME\n------  --------\n005xx  svc.a@x\n",
            "┌────┬──────────┐\n│ ID │ USERNAME │\n├────┼──────────┤\n│ 1  │ svc.a    │\n└────┴──────────┘\n",
            "+----+----------+\n| ID | USERNAME |\n+----+----------+\n| 1  | svc.a    |\n",
            " ID | USERNAME \n----+----------\n 1  | svc.a\n(1 row)\n",
            "Querying Data... done\n\u{1b}[1m ID     USERNAME\u{1b}[22m\n ────── ─────────\n",
        ] {
            assert_eq!(header(text).unwrap(), ["ID", "USERNAME"], "{text}");
        }
    }

    #[test]
    fn a_header_in_capitals_is_one_without_a_line_below_it() {
        let text =
            "KEY_ID  CREATED_AT            EXPIRES AT\n1a2b    2022-05-26T17:35:07Z  9999-12-31\n";
        assert_eq!(
            header(text).unwrap(),
            ["KEY_ID", "CREATED_AT", "EXPIRES AT"]
        );
        let aws = "-----------------\n| ListAccessKeys |\n+---------------+\n";
        assert_eq!(header(aws).unwrap(), ["ListAccessKeys"]);
    }

    #[test]
    fn prose_and_lists_are_no_tables() {
        for text in [
            "",
            "Id,Username\n1,a\n",
            "A title\n=======\n\nSome text -- with dashes.\n",
            "---\ntitle: x\n---\n",
            "- one\n- two\n",
            "before\n\n----\n\nafter\n",
            "────\n",
            "ON THE KEEPING  OF  SECRETS\nit is said that\n",
            "A  B\n1  2\n",
        ] {
            assert_eq!(header(text), None, "{text}");
        }
    }
}
