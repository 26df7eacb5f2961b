//! Expressions of other engines in the syntax of ours. Go's RE2 agrees but for what it takes
//! literally and ours does not: a brace that opens no count, `[` and set operators inside a class,
//! `\<`. Kingfisher takes comments (`(?# …)`) out before it compiles.

/// Rewrites an expression so that our engine reads it as RE2 does.
pub(super) fn from_re2(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 8);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\\' => escape(rest, &mut out),
            '[' => class(rest, &mut out),
            '{' if !is_count(rest) => {
                out.push_str("\\{");
                &rest[1..]
            }
            _ => {
                out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    out
}

/// Copies an escape and returns what follows it.
fn escape<'s>(rest: &'s str, out: &mut String) -> &'s str {
    let mut characters = rest.chars();
    characters.next();
    match characters.next() {
        // Here `\<` is the start of a word.
        Some(c @ ('<' | '>')) => out.push(c),
        Some(c) => out.extend(['\\', c]),
        None => out.push('\\'),
    }
    characters.as_str()
}

/// Whether a brace opens a count: `{3}`, `{3,}`, `{3,5}`.
fn is_count(rest: &str) -> bool {
    let Some((inner, _)) = rest.get(1..).and_then(|r| r.split_once('}')) else {
        return false;
    };
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}

/// Copies a class and returns what follows it.
fn class<'s>(rest: &'s str, out: &mut String) -> &'s str {
    out.push('[');
    let mut rest = &rest[1..];
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    // A bracket that comes first is meant literally.
    if let Some(after) = rest.strip_prefix(']') {
        out.push_str("\\]");
        rest = after;
    }
    while let Some(c) = rest.chars().next() {
        let named = rest.starts_with("[:").then(|| rest.find(":]")).flatten();
        rest = match (c, named) {
            (']', _) => {
                out.push(']');
                return &rest[1..];
            }
            ('\\', _) => escape(rest, out),
            ('[', Some(end)) => {
                out.push_str(&rest[..end + 2]);
                &rest[end + 2..]
            }
            ('[', None) => {
                out.push_str("\\[");
                &rest[1..]
            }
            ('&' | '~', _) => {
                out.extend(['\\', c]);
                &rest[1..]
            }
            ('-', _) if rest.starts_with("--") => {
                out.push_str("\\-");
                &rest[1..]
            }
            _ => {
                out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    rest
}

/// Takes the comments out of an expression.
pub(super) fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let comment = rest.strip_prefix("(?#").and_then(|r| r.split_once(')'));
        rest = match (c, comment) {
            (_, Some((_, after))) => after,
            ('\\', _) => escape(rest, &mut out),
            _ => {
                out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{from_re2, without_comments};

    #[test]
    fn comments_are_taken_out() {
        for (source, expected) in [
            (r"(?x) a (?# one ) b \(?#c", r"(?x) a  b \(?#c"),
            (r"\\(?#two)x", r"\\x"),
        ] {
            assert_eq!(without_comments(source), expected);
        }
    }

    #[test]
    fn what_re2_takes_literally_stays_literal() {
        for (source, expected) in [
            (r"import[ \t]+{[ \w,]+}", r"import[ \t]+\{[ \w,]+}"),
            (r"^\${(?:[A-Z_]+)}$", r"^\$\{(?:[A-Z_]+)}$"),
            (r"a{3}b{2,}c{1,2}{x", r"a{3}b{2,}c{1,2}\{x"),
            (
                r"[^:]+:\[[^]]+][a[b&&c--d]",
                r"[^:]+:\[[^\]]+][a\[b\&\&c\--d]",
            ),
            (r"[[:alnum:]_]", r"[[:alnum:]_]"),
            (r"[\]\\]\<x\>", r"[\]\\]<x>"),
            (r"é[é", r"é[é"),
            ("\\", "\\"),
        ] {
            assert_eq!(from_re2(source), expected, "{source}");
        }
    }
}
