//! With what every match of an expression begins, where it is plain enough to see that without
//! parsing it.

use super::detect::Detect;

/// So many token bytes (letters, digits, `_` and `-`) must stand in a row.
pub(crate) const RUN: usize = 16;

/// The shortest beginning that is looked up.
pub(crate) const SHORTEST: usize = 3;

/// The beginning of every match, if the expression is plain enough to see it without parsing:
/// `\b(`, a literal, and one class of token bytes so many times that a match is never shorter than
/// [`RUN`] (or any class, if the literal is that long). Anything else is left to the search for literals.
pub(super) fn beginning(detect: &Detect) -> Option<Box<[u8]>> {
    if detect.keywords_are_near {
        return None;
    }
    let rest = detect.pattern.source().strip_prefix(r"\b(")?;
    let (literal, rest) = literal(rest)?;
    let (class, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let (count, tail) = rest.strip_prefix('{')?.split_once('}')?;
    let least: usize = count.split(',').next()?.parse().ok()?;
    // The only choice may be between the end of the text and a byte that ends the token.
    let choices = tail.matches('|').count();
    let plain = choices == tail.matches("]|$)").count() && !tail.contains("(?i");
    // A literal that is a run by itself needs no token bytes behind it.
    let long = literal.len() >= RUN
        || (literal.len() >= SHORTEST && literal.len() + least >= RUN && is_of_tokens(class));
    let named = detect
        .keywords
        .iter()
        .all(|k| literal.len() >= k.len() && literal[..k.len()].eq_ignore_ascii_case(k));
    (plain && long && named && literal.iter().all(is_token)).then(|| literal.into())
}

/// The literal that an expression begins with, and what follows it.
fn literal(source: &str) -> Option<(Vec<u8>, &str)> {
    let mut literal = Vec::new();
    let mut rest = source;
    loop {
        let mut chars = rest.chars();
        match chars.next()? {
            '[' => return Some((literal, rest)),
            '\\' => {
                let escaped = chars.next().filter(char::is_ascii_punctuation)?;
                literal.push(u8::try_from(escaped).ok()?);
            }
            plain if plain.is_ascii_alphanumeric() || "_-".contains(plain) => {
                literal.push(u8::try_from(plain).ok()?);
            }
            _ => return None,
        }
        rest = chars.as_str();
    }
}

/// Whether a class holds token bytes alone.
fn is_of_tokens(class: &str) -> bool {
    let ranges = ["A-Z", "a-z", "0-9", "A-F", "a-f", "2-7"];
    let mut rest = class;
    while !rest.is_empty() {
        rest = match ranges.iter().find_map(|range| rest.strip_prefix(range)) {
            Some(after) => after,
            None => match rest.split_at_checked(1) {
                Some(("_" | "-", after)) => after,
                _ => return false,
            },
        };
    }
    true
}

/// As the search for words sees it.
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(byte)
}
