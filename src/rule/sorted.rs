//! Tables of lines that are sorted by the word they begin with, as they lie in the program.

use std::cmp::Ordering;

/// What stands behind a word, in the line that begins with it. The time grows with the logarithm of
/// the table's length, and nothing is made ready.
#[must_use]
pub fn find<'t>(table: &'t str, word: &str) -> Option<&'t str> {
    let bytes = table.as_bytes();
    let (mut from, mut to) = (0, bytes.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let before = memchr::memrchr(b'\n', bytes.get(from..middle)?);
        let start = before.map_or(from, |at| from + at + 1);
        let end = memchr::memchr(b'\n', bytes.get(middle..to)?).map_or(to, |at| middle + at);
        let line = table.get(start..end)?;
        let (here, rest) = line.split_at_checked(word.len()).unwrap_or((line, ""));
        match (here.cmp(word), rest.strip_prefix(' ')) {
            (Ordering::Equal, Some(rest)) => return Some(rest),
            // A blank comes before all that words are made of, so a longer word comes behind.
            (Ordering::Greater | Ordering::Equal, _) => to = start,
            (Ordering::Less, _) => from = end + 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn every_line_is_found_and_no_other() {
        let words = ["a", "a-b", "a.b", "ab", "b", "bcd", "x"];
        for count in 0..=words.len() {
            let lines = words.iter().take(count);
            let table: String = lines.map(|word| format!("{word} of {word}\n")).collect();
            for (number, word) in words.iter().enumerate() {
                let expected = (number < count).then(|| format!("of {word}"));
                assert_eq!(find(&table, word), expected.as_deref(), "{table}");
            }
            for none in ["", "a ", "a-", "aa", "bc", "y"] {
                assert_eq!(find(&table, none), None, "{table}");
            }
        }
    }
}
