//! Which literals every match of an expression starts with. When each of them begins with one of
//! the rule's keywords, a match can only start where a keyword was found, and the expression is
//! tried at that one place.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More beginnings than this are not followed.
const MOST: usize = 256;
/// Larger classes are not followed.
const MAX_CLASS: u32 = 8;

/// Whether every match starts with one of `keywords` (which are lower case).
pub(super) fn starts_with_keyword(hir: &Hir, keywords: &[Box<[u8]>]) -> bool {
    start_with_keyword(std::slice::from_ref(hir), keywords)
}

/// The same of parts that stand one after the other.
fn start_with_keyword(parts: &[Hir], keywords: &[Box<[u8]>]) -> bool {
    let mut beginnings = Beginnings {
        keywords,
        open: vec![Vec::new()],
    };
    let mut parts = parts.iter();
    parts.try_for_each(|part| beginnings.follow(part)).is_ok() && beginnings.open.is_empty()
}

/// How many bytes of a match lie before one of `keywords` (which are lower case), at the most. None
/// if there is no such bound, or none can be shown.
pub(super) fn before_keyword(hir: &Hir, keywords: &[Box<[u8]>]) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => None,
        HirKind::Literal(literal) => {
            let folded = literal.0.to_ascii_lowercase();
            let found = keywords
                .iter()
                .filter_map(|keyword| memchr::memmem::find(&folded, keyword));
            found.min()
        }
        HirKind::Capture(capture) => before_keyword(&capture.sub, keywords),
        HirKind::Repetition(again) if again.min == 0 => None,
        HirKind::Repetition(again) => before_keyword(&again.sub, keywords),
        HirKind::Alternation(choices) => {
            let choices = choices.iter().map(|one| before_keyword(one, keywords));
            choices.collect::<Option<Vec<_>>>()?.into_iter().max()
        }
        HirKind::Concat(parts) => {
            let (mut before, mut least) = (0, None::<usize>);
            for (at, part) in parts.iter().enumerate() {
                let rest = parts.get(at..).unwrap_or(&[]);
                let here = match start_with_keyword(rest, keywords) {
                    true => Some(0),
                    false => before_keyword(part, keywords),
                };
                if let Some(here) = here {
                    least = Some(least.unwrap_or(usize::MAX).min(before + here));
                }
                match part.properties().maximum_len() {
                    Some(longest) => before += longest,
                    None => break,
                }
            }
            least
        }
    }
}

/// Some match does not begin with a keyword, or cannot be shown to.
struct Otherwise;

/// What matches can begin with, ASCII-folded.
#[derive(Clone)]
struct Beginnings<'k> {
    keywords: &'k [Box<[u8]>],
    /// The beginnings that are not yet a whole keyword, and may become one.
    open: Vec<Vec<u8>>,
}

impl Beginnings<'_> {
    /// Goes on with an expression.
    fn follow(&mut self, hir: &Hir) -> Result<(), Otherwise> {
        if self.open.is_empty() {
            return Ok(());
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Ok(()),
            HirKind::Literal(literal) => literal
                .0
                .iter()
                .try_for_each(|byte| self.one_of(&[byte.to_ascii_lowercase()])),
            HirKind::Class(class) => self.one_of(&folded(class, MAX_CLASS).ok_or(Otherwise)?),
            HirKind::Capture(capture) => self.follow(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.follow(part)),
            HirKind::Alternation(choices) => {
                let before = std::mem::take(&mut self.open);
                choices
                    .iter()
                    .try_for_each(|choice| self.branch(&before, choice))
            }
            HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
                // An optional part is two ways to go on; anything else is followed once.
                (0, Some(1)) => self.branch(&self.open.clone(), &repetition.sub),
                (1, Some(1)) => self.follow(&repetition.sub),
                (0, _) => Err(Otherwise),
                _ => {
                    self.follow(&repetition.sub)?;
                    self.open.is_empty().then_some(()).ok_or(Otherwise)
                }
            },
        }
    }

    /// Adds what beginnings become that go on with an expression.
    fn branch(&mut self, before: &[Vec<u8>], hir: &Hir) -> Result<(), Otherwise> {
        let mut branch = Self {
            keywords: self.keywords,
            open: before.to_vec(),
        };
        branch.follow(hir)?;
        self.open.append(&mut branch.open);
        (self.open.len() <= MOST).then_some(()).ok_or(Otherwise)
    }

    /// One byte of several follows. A beginning that is a whole keyword needs no more.
    fn one_of(&mut self, bytes: &[u8]) -> Result<(), Otherwise> {
        let mut open = Vec::with_capacity(self.open.len() * bytes.len());
        for beginning in &self.open {
            for byte in bytes {
                let next = [beginning, &[*byte][..]].concat();
                if self.keywords.iter().any(|keyword| **keyword == *next) {
                    continue;
                }
                if !self
                    .keywords
                    .iter()
                    .any(|keyword| keyword.starts_with(&next))
                {
                    return Err(Otherwise);
                }
                open.push(next);
            }
        }
        self.open = open;
        (self.open.len() <= MOST).then_some(()).ok_or(Otherwise)
    }
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
    use super::{before_keyword, starts_with_keyword};
    use crate::rule::pattern::parse;

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
            let hir = parse(pattern).unwrap();
            let keywords: Vec<Box<[u8]>> = keywords.iter().map(|k| k.as_bytes().into()).collect();
            assert_eq!(starts_with_keyword(&hir, &keywords), expected, "{pattern}");
        }
    }

    #[test]
    fn what_lies_before_a_keyword_has_a_bound() {
        for (pattern, keywords, expected) in [
            (r"secret", &["secret"][..], Some(0)),
            (r"my_secret", &["secret"], Some(3)),
            (
                r"-(?:src|dest)?(?:store|key)pass=",
                &["storepass", "keypass"],
                Some(5),
            ),
            (
                r"\n\s{2,12}(?:id-token|token):",
                &["id-token:", "token:"],
                Some(13),
            ),
            (r"(?:with (?:my )?|\b)password", &["password"], Some(8)),
            (
                r"(?:with ([a-z]{1,4})x|a)?password",
                &["password"],
                Some(10),
            ),
            (r"(?:one two|zwei two){1,3}", &["two"], Some(5)),
            (r"(?:one two|zwei)", &["two"], None),
            (r"[a-z]+ two", &["two"], None),
            (r"two[a-z]+ two", &["two"], Some(0)),
            (r"a(?:two)?", &["two"], None),
            (r"[a-c]{3}8Q~", &["8q~"], Some(3)),
        ] {
            let hir = parse(pattern).unwrap();
            let keywords: Vec<Box<[u8]>> = keywords.iter().map(|k| k.as_bytes().into()).collect();
            assert_eq!(before_keyword(&hir, &keywords), expected, "{pattern}");
        }
    }
}
