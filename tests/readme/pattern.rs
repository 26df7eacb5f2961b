//! Compares what a program printed with what a README shows.

/// Whether the text is what the pattern shows: line by line, where a line `…` stands for any
/// number of lines and `[..]` for any text in a line.
///
/// # Errors
/// With the first line of the pattern that cannot be placed.
pub(crate) fn matches<'p>(pattern: &'p str, text: &str) -> Result<(), &'p str> {
    let text: Vec<&str> = text.lines().collect();
    let mut at = 0;
    let mut anywhere = false;
    // After `…` the first line that fits is taken: what is shown next must follow it.
    for line in pattern.lines() {
        if line == "…" {
            anywhere = true;
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let found = if anywhere {
            rest.iter().position(|t| line_matches(line, t))
        } else {
            rest.first().filter(|t| line_matches(line, t)).map(|_| 0)
        };
        at += found.ok_or(line)? + 1;
        anywhere = false;
    }
    if anywhere || at == text.len() {
        Ok(())
    } else {
        Err("(the end)")
    }
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn what_is_shown_must_be_printed_in_that_order_and_nothing_else() {
    for (pattern, text) in [
        ("", ""),
        ("a\nb\n", "a\nb\n"),
        ("…\n", ""),
        ("…\n", "a\nb\n"),
        ("a\n…\n", "a\n"),
        ("a\n…\nd\n", "a\nb\nc\nd\n"),
        ("…\nb\n…\n", "a\nb\nc\n"),
        ("a [..] c\n", "a b c\n"),
        ("[..]b[..]d\n", "abcd\n"),
        ("a[..]\n", "a\n"),
        ("x …y\n", "x …y\n"),
    ] {
        assert_eq!(matches(pattern, text), Ok(()), "{pattern:?} {text:?}");
    }
    for (pattern, text, line) in [
        ("a\n", "", "a"),
        ("a\n", "b\n", "a"),
        ("", "a\n", "(the end)"),
        ("a\n", "a\nb\n", "(the end)"),
        ("a\nb\n", "b\na\n", "a"),
        ("…\nb\nc\n", "b\nx\nc\n", "c"),
        ("a\n…\nd\n", "a\nb\n", "d"),
        ("a [..] c\n", "a b d\n", "a [..] c"),
        ("ab[..]b\n", "ab\n", "ab[..]b"),
        ("a\n", " a\n", "a"),
    ] {
        assert_eq!(matches(pattern, text), Err(line), "{pattern:?} {text:?}");
    }
}
