//! Texts for the tests of imported rules: made from an expression, or from an example with its
//! secret taken out. Neither holds a secret in a form that a scanner would match; random characters
//! are placeholders of [`crate::rule::template`].

use std::ops::Range;

use regex_syntax::hir::{Class, ClassBytesRange, Hir, HirKind};

use super::literal::byte_class;
use crate::rule::template::ALPHABETS;

/// Random characters where an expression sets no bound.
const USUAL_LENGTH: u32 = 32;
/// More pieces than this are not made: nested counts multiply.
const MAX_PIECES: usize = 600;
/// Runs of letters and digits shorter than this say nothing.
const SHORT_RUN: usize = 4;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As it stands.
    Text(String),
    /// So many random characters of an alphabet.
    Random(&'static str, usize),
}

/// Whether parts of an expression that may be empty are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// They are.
    Closed,
    /// Outside the secret they are one character.
    Open,
}

/// A text around a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sample {
    before: Vec<Piece>,
    secret: Vec<Piece>,
    after: Vec<Piece>,
}

impl Sample {
    /// A text that an expression matches, should the choices made on the way allow it. With gaps,
    /// what may stand between a name and its secret is one character, else nothing.
    pub(super) fn of_expression(hir: &Hir, group: usize, gaps: Gaps) -> Option<Self> {
        let mut maker = Maker {
            gaps,
            group,
            inside: group == 0,
            past: false,
            sample: Self::default(),
            pieces: 0,
        };
        maker.make(hir)?;
        Some(maker.sample)
    }

    /// An example, with what is random in its secret replaced. What a keyword says stays.
    pub(super) fn of_example(
        example: &str,
        secret: &Range<usize>,
        keywords: &[String],
    ) -> Option<Self> {
        let text = |range: Range<usize>| Some(vec![Piece::Text(example.get(range)?.to_owned())]);
        Some(Self {
            before: text(0..secret.start)?,
            secret: blank(example.get(secret.clone())?, keywords),
            after: text(secret.end..example.len())?,
        })
    }

    /// The same with all but the last characters of its longest random run as they were.
    pub(super) fn barely(example: &str, secret: &Range<usize>) -> Option<Self> {
        let inside = example.get(secret.clone())?;
        let (start, end) = runs(inside).max_by_key(|(start, end)| end - start)?;
        let cut = end.saturating_sub(8).max(start);
        let at = secret.start + cut..secret.start + end;
        let mut sample = Self::of_example(example, &at, &[])?;
        if sample.secret.iter().all(|p| matches!(p, Piece::Text(_))) {
            let run = example.get(at)?;
            sample.secret = vec![Piece::Random(alphabet_of(run)?, run.len())];
        }
        Some(sample)
    }

    /// The text as a template.
    pub(super) fn template(&self) -> String {
        written(self.before.iter().chain(&self.secret).chain(&self.after))
    }

    /// The same with the end of the secret as its checksum.
    pub(super) fn with_checksum(&self, word: &str, length: usize) -> Option<String> {
        let mut secret = self.secret.clone();
        let mut left = length;
        while left > 0 {
            match secret.pop()? {
                Piece::Random(alphabet, n) if n > left => {
                    secret.push(Piece::Random(alphabet, n - left));
                    left = 0;
                }
                Piece::Random(_, n) => left -= n,
                Piece::Text(text) => left = left.checked_sub(text.len())?,
            }
        }
        let head = written(self.before.iter().chain(&secret));
        let tail = written(self.after.iter());
        Some(format!("{head}{{{{checksum:{word}}}}}{tail}"))
    }

    /// The same with a secret that ends in the middle.
    pub(super) fn cut_short(&self) -> Option<String> {
        let length = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Random(_, n) => *n,
        };
        let mut left = self.secret.iter().map(length).sum::<usize>() / 2;
        let mut kept = Vec::new();
        for piece in &self.secret {
            match piece {
                Piece::Random(alphabet, n) if *n >= left => {
                    kept.extend((left > 0).then_some(Piece::Random(alphabet, left)));
                    break;
                }
                Piece::Text(text) if text.len() >= left => {
                    kept.push(Piece::Text(text.get(..left)?.to_owned()));
                    break;
                }
                piece => {
                    left -= length(piece);
                    kept.push(piece.clone());
                }
            }
        }
        kept.push(Piece::Text("…".to_owned()));
        Some(written(self.before.iter().chain(&kept)))
    }

    /// The same with `x` for every random character.
    pub(super) fn placeholder(&self) -> String {
        let crossed: Vec<Piece> = self
            .secret
            .iter()
            .map(|piece| match piece {
                Piece::Random(_, n) => Piece::Text("x".repeat(*n)),
                text => text.clone(),
            })
            .collect();
        written(self.before.iter().chain(&crossed).chain(&self.after))
    }
}

fn written<'p>(pieces: impl Iterator<Item = &'p Piece>) -> String {
    // Neighbours of one alphabet are one placeholder.
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Random(a, n)), Piece::Random(b, m)) if a == b => *n += m,
            (Some(Piece::Text(a)), Piece::Text(b)) => a.push_str(b),
            _ => joined.push(piece.clone()),
        }
    }
    let write = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Random(alphabet, n) => format!("{{{{{alphabet}:{n}}}}}"),
    };
    joined.iter().map(write).collect()
}

/// Runs of letters and digits.
fn runs(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        while at < bytes.len() && !word(at) {
            at += 1;
        }
        let start = at;
        while word(at) {
            at += 1;
        }
        (at > start).then_some((start, at))
    })
}

/// A secret with its runs of letters and digits made random, but for what keywords say.
fn blank(secret: &str, keywords: &[String]) -> Vec<Piece> {
    let folded = secret.to_ascii_lowercase();
    let mut fixed = vec![false; secret.len()];
    for word in keywords {
        for at in memchr::memmem::find_iter(folded.as_bytes(), word.as_bytes()) {
            fixed
                .iter_mut()
                .skip(at)
                .take(word.len())
                .for_each(|f| *f = true);
        }
    }
    let mut pieces = Vec::new();
    let mut done = 0;
    for (mut start, end) in runs(secret) {
        while start < end && fixed.get(start) == Some(&true) {
            start += 1;
        }
        let run = secret.get(start..end).unwrap_or_default();
        let inside = fixed.get(start..end).is_some_and(|f| f.contains(&true));
        let Some(alphabet) = alphabet_of(run) else {
            continue;
        };
        if run.len() < SHORT_RUN || inside {
            continue;
        }
        let between = secret.get(done..start).unwrap_or_default();
        if !between.is_empty() {
            pieces.push(Piece::Text(between.to_owned()));
        }
        pieces.push(Piece::Random(alphabet, run.len()));
        done = end;
    }
    let rest = secret.get(done..).unwrap_or_default();
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces
}

/// The smallest alphabet that has all these characters.
fn alphabet_of(run: &str) -> Option<&'static str> {
    let holds = |characters: &str| run.bytes().all(|b| characters.as_bytes().contains(&b));
    ALPHABETS
        .iter()
        .filter(|(_, characters)| characters.len() >= 10 && holds(characters))
        .min_by_key(|(_, characters)| characters.len())
        .map(|(name, _)| *name)
}

/// Makes a text from an expression.
struct Maker {
    gaps: Gaps,
    group: usize,
    inside: bool,
    past: bool,
    sample: Sample,
    pieces: usize,
}

impl Maker {
    fn push(&mut self, piece: Piece) -> Option<()> {
        self.pieces += 1;
        let list = match (self.inside, self.past) {
            (true, _) => &mut self.sample.secret,
            (false, false) => &mut self.sample.before,
            (false, true) => &mut self.sample.after,
        };
        list.push(piece);
        (self.pieces <= MAX_PIECES).then_some(())
    }

    fn make(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                let text = String::from_utf8(literal.0.to_vec()).ok()?;
                self.push(Piece::Text(text))
            }
            HirKind::Class(class) => {
                let piece = one_of(class)?;
                self.push(piece)
            }
            HirKind::Capture(capture) if capture.index as usize == self.group => {
                self.inside = true;
                self.make(&capture.sub)?;
                (self.inside, self.past) = (false, true);
                Some(())
            }
            HirKind::Capture(capture) => self.make(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.make(part)),
            HirKind::Alternation(choices) => {
                // The choice with the secret in it, else the first.
                let chosen = choices.iter().find(|choice| holds(choice, self.group));
                self.make(chosen.or(choices.first())?)
            }
            HirKind::Repetition(repetition) => {
                let (min, max) = (repetition.min, repetition.max.unwrap_or(u32::MAX));
                let random = matches!(repetition.sub.kind(), HirKind::Class(c) if is_random(c));
                let holds_secret = holds(&repetition.sub, self.group);
                let times = match (self.inside && random, holds_secret) {
                    (true, _) if max > 4 => min.max(USUAL_LENGTH.min(max)),
                    (_, true) => min.max(1),
                    _ => min,
                };
                if self.gaps == Gaps::Open && !self.inside && times == 0 && max > 1 {
                    let gap = separator(&repetition.sub);
                    return gap.map_or(Some(()), |gap| self.push(Piece::Text(gap)));
                }
                if random && let HirKind::Class(class) = repetition.sub.kind() {
                    return match one_of(class)? {
                        Piece::Random(alphabet, _) if times > 0 => {
                            self.push(Piece::Random(alphabet, times as usize))
                        }
                        _ => Some(()),
                    };
                }
                (0..times).try_for_each(|_| self.make(&repetition.sub))
            }
        }
    }
}

/// Whether a group stands in an expression.
fn holds(hir: &Hir, group: usize) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => capture.index as usize == group || holds(&capture.sub, group),
        HirKind::Repetition(repetition) => holds(&repetition.sub, group),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| holds(part, group))
        }
        _ => false,
    }
}

/// A character between a name and its value that an expression matches.
fn separator(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Class(class) => {
            let class = byte_class(class)?;
            let has = |byte: u8| class.iter().any(|r| (r.start()..=r.end()).contains(&byte));
            let byte = b"= :\"".iter().copied().find(|b| has(*b))?;
            Some(char::from(byte).to_string())
        }
        HirKind::Alternation(choices) => choices.iter().find_map(separator),
        HirKind::Capture(capture) => separator(&capture.sub),
        _ => None,
    }
}

/// Whether a class has an alphabet.
fn is_random(class: &Class) -> bool {
    matches!(one_of(class), Some(Piece::Random(..)))
}

/// A character of a class: random where it has letters or digits enough, else a usual one.
fn one_of(class: &Class) -> Option<Piece> {
    let class = byte_class(class)?;
    let has = |byte: u8| class.iter().any(|r| (r.start()..=r.end()).contains(&byte));
    let alphabet = ALPHABETS
        .iter()
        .filter(|(_, characters)| characters.bytes().all(has))
        .filter(|(_, characters)| characters.bytes().all(|b| b.is_ascii_alphanumeric()))
        .max_by_key(|(_, characters)| characters.len());
    // The other case of one letter is no choice.
    let size: usize = class
        .iter()
        .map(|r| usize::from(r.end() - r.start()) + 1)
        .sum();
    if let Some((name, characters)) = alphabet
        && characters.len() >= 10
    {
        return Some(Piece::Random(name, 1));
    }
    let usual = b"= :\"'-_./,;>\n".iter().copied().find(|b| has(*b));
    let letters = (b'a'..=b'z')
        .chain(b'0'..=b'9')
        .chain(b' '..=b'~')
        .find(|b| has(*b));
    let first = class.iter().next().map(ClassBytesRange::start);
    let byte = if size <= 2 {
        letters.or(usual)
    } else {
        usual.or(letters)
    };
    let byte = byte.or(first).filter(u8::is_ascii)?;
    Some(Piece::Text(char::from(byte).to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Gaps, Sample};
    use crate::rule::pattern::parse;
    use crate::rule::template::expand;

    #[test]
    fn a_text_made_from_an_expression_is_matched_by_it() {
        for expression in [
            r"\b(ghp_[A-Za-z0-9]{36})\b",
            r#"(?i)[\w.-]{0,50}?(?:zendesk)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=)[\x60'"\s=]{0,5}([a-z0-9]{40})(?:[\x60'"\s;]|\\[nr]|$)"#,
            r"(?i)\bacme(?:.|[\n\r]){0,32}?(?:SECRET|KEY)(?:.|[\n\r]){0,16}?\b([a-f0-9]{32})\b",
            r"(?:A3T[A-Z0-9]|AKIA)[A-Z0-9]{16}",
            r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY-----[\s\S-]{64,}?KEY-----",
        ] {
            let regex = regex::bytes::Regex::new(expression).unwrap();
            let group = usize::from(regex.captures_len() > 1);
            let gaps = if expression.contains("acme") {
                Gaps::Open
            } else {
                Gaps::Closed
            };
            let hir = parse(expression).unwrap();
            let sample = Sample::of_expression(&hir, group, gaps).unwrap();
            let template = sample.template();
            assert!(
                regex.is_match(expand(&template, "s").unwrap().as_bytes()),
                "{template}"
            );
            assert!(
                !regex.is_match(template.as_bytes()) || group == 0,
                "{template}"
            );
            let cut = expand(&sample.cut_short().unwrap(), "s").unwrap();
            assert!(!regex.is_match(cut.as_bytes()), "{cut}");
        }
    }

    #[test]
    fn an_example_keeps_its_surroundings_and_loses_its_secret() {
        let example = "token: 'abx_0123456789abcdefAB-77' # x";
        let sample = Sample::of_example(example, &(8..33), &["abx_".to_owned()]).unwrap();
        assert_eq!(sample.template(), "token: 'abx_{{hex:18}}-77' # x");
        assert_eq!(
            sample.placeholder(),
            "token: 'abx_xxxxxxxxxxxxxxxxxx-77' # x"
        );
        assert_eq!(
            sample.with_checksum("w", 6).as_deref(),
            Some("token: 'abx_{{hex:15}}{{checksum:w}}' # x")
        );
        let barely = Sample::barely(example, &(8..33)).unwrap();
        assert_eq!(barely.template(), "token: 'abx_0123456789{{hex:8}}-77' # x");
        assert_eq!(Sample::of_example("é", &(1..2), &[]), None);
    }
}
