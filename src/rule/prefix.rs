//! Which literals every match of an expression starts with. When each of them begins with one of
//! the rule's keywords, a match can only start where a keyword was found, and the expression is
//! tried at that one place.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this are not followed.
const MAX_LITERALS: usize = 256;
/// Larger classes end a literal.
const MAX_CLASS: u32 = 8;
/// Longer literals are cut.
const MAX_LENGTH: usize = 40;

/// A literal, ASCII-folded, and whether the expression may go on after it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Literal {
    bytes: Vec<u8>,
    open: bool,
}

/// Whether every match starts with one of `keywords` (which are lower case).
pub(super) fn starts_with_keyword(hir: &Hir, keywords: &[Box<[u8]>]) -> bool {
    let mut literals = vec![Literal {
        bytes: Vec::new(),
        open: true,
    }];
    extend(hir, &mut literals);
    literals
        .iter()
        .all(|l| keywords.iter().any(|k| l.bytes.starts_with(k)))
}

/// Appends what `hir` can begin with to every literal that is still open.
fn extend(hir: &Hir, literals: &mut Vec<Literal>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => append(literals, &literal.0),
        HirKind::Class(class) => match folded(class, MAX_CLASS) {
            Some(bytes) if literals.len() * bytes.len() > MAX_LITERALS => close(literals),
            Some(bytes) => {
                let branches = bytes.iter().map(|byte| {
                    let mut branch = literals.clone();
                    append(&mut branch, &[*byte]);
                    branch
                });
                *literals = branches.flatten().collect();
                literals.dedup();
            }
            None => close(literals),
        },
        HirKind::Capture(capture) => extend(&capture.sub, literals),
        HirKind::Concat(parts) => parts.iter().for_each(|part| extend(part, literals)),
        HirKind::Alternation(choices) => {
            let before = std::mem::take(literals);
            for choice in choices {
                let mut branch = before.clone();
                extend(choice, &mut branch);
                literals.append(&mut branch);
                if literals.len() > MAX_LITERALS {
                    *literals = before;
                    close(literals);
                    return;
                }
            }
        }
        HirKind::Repetition(repetition) => {
            // An optional part (`?`) is two ways to go on; anything else is followed once.
            if (repetition.min, repetition.max) == (0, Some(1)) {
                let mut with = literals.clone();
                extend(&repetition.sub, &mut with);
                if literals.len() + with.len() > MAX_LITERALS {
                    close(literals);
                } else {
                    literals.append(&mut with);
                }
                return;
            }
            if repetition.min > 0 {
                extend(&repetition.sub, literals);
            }
            if (repetition.min, repetition.max) != (1, Some(1)) {
                close(literals);
            }
        }
    }
}

fn append(literals: &mut [Literal], bytes: &[u8]) {
    for literal in literals.iter_mut().filter(|l| l.open) {
        literal
            .bytes
            .extend(bytes.iter().map(u8::to_ascii_lowercase));
        literal.open = literal.bytes.len() < MAX_LENGTH;
    }
}

fn close(literals: &mut [Literal]) {
    literals.iter_mut().for_each(|l| l.open = false);
}

/// The bytes that a class stands for when case is ignored, if it is no larger than `limit`.
pub(super) fn folded(class: &Class, limit: u32) -> Option<Vec<u8>> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => class
            .iter()
            .map(|r| (u32::from(r.start()), u32::from(r.end())))
            .collect(),
        Class::Unicode(class) => class
            .iter()
            .map(|r| (u32::from(r.start()), u32::from(r.end())))
            .collect(),
    };
    let size: u32 = ranges.iter().map(|(start, end)| end - start + 1).sum();
    if size > limit {
        return None;
    }
    let bytes = ranges.into_iter().flat_map(|(start, end)| start..=end);
    let folded: Option<Vec<u8>> = bytes
        .map(|n| u8::try_from(n).ok().filter(u8::is_ascii))
        .map(|byte| byte.map(|b| b.to_ascii_lowercase()))
        .collect();
    let mut folded = folded?;
    folded.sort_unstable();
    folded.dedup();
    Some(folded)
}

#[cfg(test)]
mod tests {
    use super::starts_with_keyword;

    #[test]
    fn only_an_expression_that_starts_with_a_keyword_is_tried_in_one_place() {
        for (pattern, keywords, expected) in [
            (r"\bghp_[A-Za-z0-9]{36}\b", &["ghp_"][..], true),
            (
                r"(?i)\bpass(?:word|phrase)x",
                &["password", "passphrase"],
                true,
            ),
            (r"(?i)\bpass(?:word|phrase)x", &["password"], false),
            (r"(?:AKIA|ASIA)[A-Z]{16}", &["akia", "asia"], true),
            (r"(?i)api[_-]?key", &["api_key", "apikey", "api-key"], true),
            (r"[a-z]{3}8Q~", &["8q~"], false),
            (r"(?:key)?secret", &["secret"], false),
            (r"(?:key)?secret", &["secret", "keysecret"], true),
            (r"(?i)gr[ae]y", &["gray", "grey"], true),
            (r"(?i)gr[ae]y", &["gray"], false),
            (r"(?i)gr[a-z]y", &["gray"], false),
            (r"(?:se)+cret", &["secret"], false),
            (r"a{3}b", &["aaa"], false),
        ] {
            let hir = regex_syntax::ParserBuilder::new()
                .utf8(false)
                .unicode(false)
                .build()
                .parse(pattern)
                .unwrap();
            let keywords: Vec<Box<[u8]>> = keywords.iter().map(|k| k.as_bytes().into()).collect();
            assert_eq!(starts_with_keyword(&hir, &keywords), expected, "{pattern}");
        }
    }
}
