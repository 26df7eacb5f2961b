//! Literals without which an expression cannot match: the keywords of our rules. Found in its
//! syntax tree, folded to lower case as the search folds what it reads.

use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind};

use crate::rule::detect::MIN_KEYWORD;
use crate::rule::prefix::{folded, starts_with_keyword};

/// A part that can be more than so many texts is no literal.
const MAX_TEXTS: usize = 64;
/// A class of more characters than this is no literal: digits are.
const MAX_CLASS: u32 = 10;
/// A text longer than this is not continued.
const MAX_LENGTH: usize = 128;

type Texts = Vec<Vec<u8>>;

/// A class as one of bytes: choices between single characters are kept as one of characters.
pub(super) fn byte_class(class: &Class) -> Option<ClassBytes> {
    match class {
        Class::Bytes(class) => Some(class.clone()),
        Class::Unicode(class) => class.to_byte_class(),
    }
}

/// The best set of literals one of which every match contains. None when there is none whose
/// literals are long enough.
pub(super) fn keywords(hir: &Hir) -> Option<Vec<String>> {
    let mut best: Option<(f64, Texts)> = None;
    for set in required(hir) {
        let Some(score) = score(hir, &set) else {
            continue;
        };
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((score, set));
        }
    }
    let texts = best?.1;
    texts
        .into_iter()
        .map(|text| String::from_utf8(text).ok())
        .collect()
}

/// Whether every match contains one of these words, as far as can be told.
pub(super) fn suffices(hir: &Hir, words: &[String]) -> bool {
    let holds = |text: &Vec<u8>| {
        words
            .iter()
            .any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
    };
    let within = |hir: &Hir| suffices(hir, words);
    if required(hir).iter().any(|set| set.iter().all(holds)) {
        return true;
    }
    match hir.kind() {
        HirKind::Capture(capture) => within(&capture.sub),
        HirKind::Repetition(repetition) => repetition.min > 0 && within(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().any(within),
        HirKind::Alternation(choices) => choices.iter().all(within),
        _ => false,
    }
}

/// How good a set is: long literals, few of them, and at the beginning of the match, where the
/// expression need not look back.
fn score(hir: &Hir, set: &Texts) -> Option<f64> {
    let shortest = set
        .iter()
        .map(Vec::len)
        .min()
        .filter(|n| *n >= MIN_KEYWORD)?;
    let boxed: Vec<Box<[u8]>> = set.iter().map(|text| text.as_slice().into()).collect();
    let first = if starts_with_keyword(hir, &boxed) {
        1.5
    } else {
        0.0
    };
    let length = f64::from(u8::try_from(shortest.min(8)).unwrap_or(8));
    let many = f64::from(u8::try_from(set.len()).unwrap_or(u8::MAX)).log2();
    Some(length + first - 0.6 * many)
}

/// Every set of literals found, one literal of each of which is in every match.
fn required(hir: &Hir) -> Vec<Texts> {
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let mut sets = exact(hir).into_iter().collect::<Vec<_>>();
            sets.extend(required(&repetition.sub));
            sets
        }
        HirKind::Alternation(choices) => match exact(hir) {
            Some(texts) => vec![texts],
            None => alternatives(choices).into_iter().collect(),
        },
        HirKind::Concat(parts) => concatenated(parts),
        _ => exact(hir).into_iter().collect(),
    }
}

/// The union of the best set of each choice.
fn alternatives(choices: &[Hir]) -> Option<Texts> {
    let mut union = Vec::new();
    for choice in choices {
        let longest = |set: &Texts| set.iter().map(Vec::len).min().unwrap_or(0);
        let best = required(choice).into_iter().max_by_key(longest)?;
        union.extend(best);
    }
    tidy(union)
}

/// The literals of neighbours run together as far as they are few.
fn concatenated(parts: &[Hir]) -> Vec<Texts> {
    let mut sets = Vec::new();
    let mut run: Texts = vec![Vec::new()];
    let mut flush = |run: &mut Texts| {
        let texts = std::mem::replace(run, vec![Vec::new()]);
        if texts.iter().all(|text| !text.is_empty()) {
            sets.extend(tidy(texts));
        }
    };
    let mut inner = Vec::new();
    for part in parts {
        match exact(part) {
            Some(texts) => match cross(&run, &texts) {
                Some(longer) => run = longer,
                None => {
                    flush(&mut run);
                    run = texts;
                }
            },
            None => {
                flush(&mut run);
                inner.extend(required(part));
            }
        }
    }
    flush(&mut run);
    sets.extend(inner);
    sets
}

/// Every text that an expression matches, if they are few.
fn exact(hir: &Hir) -> Option<Texts> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => Some(
            folded(class, MAX_CLASS)?
                .into_iter()
                .map(|b| vec![b])
                .collect(),
        ),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(vec![Vec::new()], |texts, part| cross(&texts, &exact(part)?)),
        HirKind::Alternation(choices) => {
            let all = choices.iter().map(exact).collect::<Option<Vec<_>>>()?;
            tidy(all.concat())
        }
        HirKind::Repetition(repetition) => {
            let once = exact(&repetition.sub)?;
            match (repetition.min, repetition.max) {
                (0, Some(1)) => {
                    let mut texts = once;
                    texts.push(Vec::new());
                    tidy(texts)
                }
                (min, Some(max)) if min == max && max <= 16 => {
                    (0..max).try_fold(vec![Vec::new()], |texts, _| cross(&texts, &once))
                }
                _ => None,
            }
        }
    }
}

fn cross(heads: &Texts, tails: &Texts) -> Option<Texts> {
    if heads.len() * tails.len() > MAX_TEXTS {
        return None;
    }
    let each = heads.iter().flat_map(|head| {
        tails
            .iter()
            .map(move |tail| [head.as_slice(), tail].concat())
    });
    let texts: Texts = each.collect();
    let short = texts.iter().all(|text| text.len() <= MAX_LENGTH);
    short.then_some(texts)
}

/// Sorted, each once; None when they are too many.
fn tidy(mut texts: Texts) -> Option<Texts> {
    texts.sort_unstable();
    texts.dedup();
    (texts.len() <= MAX_TEXTS).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::{keywords, suffices};
    use crate::rule::pattern::parse;

    #[test]
    fn the_literals_that_every_match_contains_are_found() {
        for (expression, expected) in [
            (r"\b(ghp_[A-Za-z0-9]{36})\b", Some(vec!["ghp_"])),
            (
                r"(?i)[\w.-]{0,50}?(?:zendesk)(?:[ \t\w.-]{0,20})([a-z0-9]{40})",
                Some(vec!["zendesk"]),
            ),
            (
                r"(?:AKIA|ASIA|A3T[A-Z0-9])[A-Z0-9]{16}",
                Some(vec!["a3t", "akia", "asia"]),
            ),
            (
                r"(?i)\bapi[_-]?key=(\w{20,})",
                Some(vec!["api-key=", "api_key=", "apikey="]),
            ),
            (
                r"-----BEGIN[ A-Z]{0,100}PRIVATE KEY",
                Some(vec!["-----begin"]),
            ),
            (r"[a-f0-9]{32}", None),
            (r"ab[a-f0-9]{32}", None),
            (r"(?:token)?[a-f0-9]{32}", None),
            (r"(?:tok){2}x+", Some(vec!["toktok"])),
            (r"[a-z]{3}[78]Q~[a-z]{31,34}", Some(vec!["7q~", "8q~"])),
        ] {
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(
                keywords(&parse(expression).unwrap()),
                expected,
                "{expression}"
            );
        }
    }

    #[test]
    fn keywords_that_a_match_may_lack_do_not_suffice() {
        for (expression, words, expected) in [
            (
                r"(?i)(?:facebook).{0,20}([a-f0-9]{32})",
                &["facebook"][..],
                true,
            ),
            (
                r"(?i)(?:facebook|fb_).{0,20}([a-f0-9]{32})",
                &["facebook"],
                false,
            ),
            (
                r"(?i)(?:facebook|fb_).{0,20}([a-f0-9]{32})",
                &["facebook", "fb_"],
                true,
            ),
            (r"(?:x.ab|y.cab)+", &["ab"], true),
            (r"eyJ[a-z]+", &["ey"], true),
            (r"(?:eyJ)?[a-z]+", &["ey"], false),
        ] {
            let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
            assert_eq!(
                suffices(&parse(expression).unwrap(), &words),
                expected,
                "{expression}"
            );
        }
    }
}
