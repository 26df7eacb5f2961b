//! Which rules can only match where many bytes of a token's alphabets stand in a row. Such rows are
//! rare in text, so the words of these rules are looked for around them and nowhere else.
//!
//! Nor does every such row count. Source code is full of long names, and of rulers; in what a
//! machine made at random, digits, small letters and capitals change all the time. Of 16 random
//! letters and digits one in 10⁵ has fewer than two changes; of 16 hexadecimal digits, one in 700.

use std::ops::RangeInclusive;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::detect::Detect;
use super::pattern;
use super::prefix::starts_with_keyword;

/// So many letters and digits make a row that counts.
pub(crate) const ALNUM: u32 = 16;
/// So many bytes of base64, in either form, and of what joins the parts of a token.
pub(crate) const DENSE: u32 = 32;
/// So many bytes of base64 where a value begins: behind a sign, quotes, or blanks after those.
pub(crate) const VALUE: u32 = 20;

/// So many times must the bytes of a row change between digits, small letters and capitals, if it
/// is one of letters and digits, which begins anew behind every sign,
pub(crate) const CHANGES: usize = 2;
/// or of more.
pub(crate) const MORE_CHANGES: usize = 3;

/// How far before a row the word may begin, in bytes.
pub(crate) const BEFORE: usize = 256;
/// How far behind its end the word may end.
pub(crate) const AFTER: usize = 128;
/// How far before a value, for a row that counts as one.
pub(crate) const NAMED: usize = NAME + WORD;

/// How long a match may be besides its row, where its keyword may stand anywhere in it.
const BESIDES: usize = 64;
/// How far before a value its name may begin, and the longest word of a name; see `assigned`.
const NAME: usize = 140;
const WORD: usize = 48;

/// Where the keywords of a rule are to be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Every match is a word that begins with one of these, to the letter, and goes on in a dense
    /// row of [`WORDS`] bytes or more.
    Words,
    /// Near a row that counts: every match has one.
    Near,
    /// Anywhere.
    Anywhere,
}

/// So many dense bytes follow where a word begins that may be a token.
pub(crate) const WORDS: u32 = 20;

/// Looks into a rule's expression: where its keywords count, and the words of [`Place::Words`].
pub(super) fn place(detect: &Detect) -> (Place, Vec<Box<[u8]>>) {
    const _: () = assert!(NAMED + BESIDES < BEFORE);
    let source = match &detect.value {
        Some(value) => value,
        None => detect.pattern.source(),
    };
    let Ok(hir) = pattern::parse(source) else {
        return (Place::Anywhere, Vec::new());
    };
    if let Some(words) = words(detect, &hir) {
        return (Place::Words, words);
    }
    let rows = |has| Rows::of(&hir, Kind { has, mixed: true });
    let (alnum, dense) = (rows(is_alnum), rows(is_dense));
    // Whether there is a row that counts, and begins so far behind the beginning at most.
    let within = |most: usize| {
        let counts = |rows: &Rows, least: u32| {
            rows.longest >= least as usize && rows.from.is_some_and(|from| from <= most)
        };
        counts(&alnum, ALNUM) || counts(&dense, DENSE)
    };
    // How long a match may be besides its row.
    let besides = || {
        let longest = hir.properties().maximum_len()?;
        let counts = |row: usize, least: u32| (row >= least as usize).then(|| longest - row);
        counts(alnum.longest, ALNUM).or(counts(dense.longest, DENSE))
    };
    let near = match (&detect.value, &detect.near) {
        (Some(_), _) => {
            let short = detect.keywords.iter().all(|word| word.len() <= WORD);
            short && (within(BESIDES) || rows(is_wide).first >= VALUE as usize)
        }
        (None, Some(near)) if detect.keywords_are_near => {
            besides().is_some_and(|more| near.before + more <= BEFORE && near.after + more <= AFTER)
        }
        (None, _) => {
            besides().is_some_and(|more| more <= BESIDES)
                || (within(BEFORE) && starts_with_keyword(&hir, &detect.keywords))
        }
    };
    let place = if near { Place::Near } else { Place::Anywhere };
    (place, Vec::new())
}

/// With what a match begins, if that is known to the letter and a word.
fn words(detect: &Detect, hir: &Hir) -> Option<Vec<Box<[u8]>>> {
    let bounded = hir.properties().look_set_prefix().contains(Look::WordAscii);
    if detect.value.is_some() || detect.keywords_are_near || !bounded {
        return None;
    }
    let dense = Kind {
        has: is_dense,
        mixed: false,
    };
    if Rows::of(hir, dense).first < WORDS as usize {
        return None;
    }
    let literals = Extractor::new().limit_class(4).limit_total(32).extract(hir);
    let literals = literals.literals()?.iter().map(|l| l.as_bytes().into());
    let literals: Vec<Box<[u8]>> = literals.collect();
    let named = |literal: &[u8]| {
        let begins = |k: &[u8]| {
            literal
                .get(..k.len())
                .is_some_and(|l| l.eq_ignore_ascii_case(k))
        };
        literal.len() >= 3
            && literal
                .first()
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && detect.keywords.iter().any(|k| begins(k))
    };
    (!literals.is_empty() && literals.iter().all(|literal| named(literal))).then_some(literals)
}

pub(crate) const fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Whether a match has a row that counts. What has none is no finding of a rule whose keywords are
/// looked for near such rows, in whatever way they were found.
pub(crate) fn has_row(bytes: &[u8]) -> bool {
    [
        (is_alnum as fn(u8) -> bool, ALNUM, CHANGES),
        (is_wide, VALUE, MORE_CHANGES),
        (is_dense, DENSE, MORE_CHANGES),
    ]
    .into_iter()
    .any(|(kind, least, changes)| {
        let mut rows = bytes.split(|byte| !kind(*byte));
        rows.any(|row| row.len() >= least as usize && has_changes(row, changes))
    })
}

/// Whether the bytes of a row change so often.
pub(crate) fn has_changes(row: &[u8], least: usize) -> bool {
    let changes = row.windows(2).filter(|pair| match pair {
        [a, b] => is_alnum(*a) && is_alnum(*b) && part(*a) != part(*b),
        _ => false,
    });
    changes.take(least).count() >= least
}

/// Of letters and digits: which of the three a byte is.
const fn part(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    }
}

/// Whether a byte belongs to base64, in either form.
pub(crate) const fn is_wide(byte: u8) -> bool {
    // Without branches many bytes are asked at once; so below.
    is_alnum(byte) | (byte == b'_') | (byte == b'-') | (byte == b'+') | (byte == b'/')
}

/// The same and what joins the parts of a token.
pub(crate) const fn is_dense(byte: u8) -> bool {
    is_wide(byte)
        | ((byte == b'.') | (byte == b'=') | (byte == b'~'))
        | ((byte == b'%') | (byte == b':') | (byte == b'|') | (byte == b'!'))
}

/// How many bytes of a kind a text begins with. Of fonts, maps and programs kept as base64 there are
/// megabytes in a row, so many bytes are asked at a time, with the vector instructions of the caller.
#[inline]
pub(crate) fn row(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    const MANY: usize = 64;
    let (blocks, _) = text.as_chunks::<MANY>();
    let all = |block: &&[u8; MANY]| block.iter().fold(true, |all, byte| all & is(*byte));
    let whole = blocks.iter().take_while(all).count() * MANY;
    let rest = text.get(whole..).unwrap_or(&[]);
    whole + rest.iter().take_while(|byte| is(**byte)).count()
}

/// A kind of bytes that rows are made of.
#[derive(Clone, Copy)]
struct Kind {
    has: fn(u8) -> bool,
    /// Whether a class of bytes counts only if it has digits and letters, as it must to change often.
    mixed: bool,
}

impl Kind {
    fn holds(self, class: &Class) -> bool {
        let any = |kind: fn(u8) -> bool| holds(class, |range| range.into_iter().any(kind));
        let all = !holds(class, |range| !range.into_iter().all(self.has));
        all && (!self.mixed || (any(|b| b.is_ascii_digit()) && any(|b| b.is_ascii_alphabetic())))
    }
}

/// How many bytes of a kind stand in a row in every match of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rows {
    /// At least so many bytes and all of the kind.
    whole: Option<usize>,
    /// At its beginning.
    first: usize,
    /// At its end.
    last: usize,
    /// Somewhere.
    longest: usize,
    /// The furthest from the beginning that the longest may begin, if that has a limit.
    from: Option<usize>,
    /// The most bytes of the whole.
    most: Option<usize>,
}

impl Rows {
    /// Anything else than bytes of the kind.
    const fn other(most: Option<usize>) -> Self {
        Self {
            whole: None,
            first: 0,
            last: 0,
            longest: 0,
            from: Some(0),
            most,
        }
    }

    const fn all(least: usize, most: Option<usize>) -> Self {
        Self {
            whole: Some(least),
            first: least,
            last: least,
            longest: least,
            from: Some(0),
            most,
        }
    }

    fn of(hir: &Hir, kind: Kind) -> Self {
        let of = |part: &Hir| Self::of(part, kind);
        // Nothing interrupts no row.
        let nothing = Self::all(0, Some(0));
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => nothing,
            HirKind::Literal(literal) => {
                let byte = |byte: &u8| match (kind.has)(*byte) {
                    true => Self::all(1, Some(1)),
                    false => Self::other(Some(1)),
                };
                literal.0.iter().map(byte).fold(nothing, Self::then)
            }
            HirKind::Class(class) if kind.holds(class) => Self::all(1, Some(1)),
            HirKind::Class(_) => Self::other(Some(1)),
            HirKind::Capture(capture) => of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().map(of).fold(nothing, Self::then),
            HirKind::Alternation(choices) => {
                let choices = choices.iter().map(of);
                choices.reduce(Self::or).unwrap_or(Self::other(None))
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.map(|n| n as usize);
                of(&repetition.sub).times(repetition.min as usize, most)
            }
        }
    }

    fn then(self, next: Self) -> Self {
        let sum = |a: usize, b: usize| a.saturating_add(b);
        let before = |more: usize| self.most.map(|most| most.saturating_sub(more));
        // The row in front, that in the middle, and that behind; of equal ones the first.
        let middle = (sum(self.last, next.first), before(self.last));
        let behind = before(0).zip(next.from).map(|(a, b)| sum(a, b));
        let rows = [(self.longest, self.from), middle, (next.longest, behind)];
        let better = |a: (usize, Option<usize>), b: (usize, Option<usize>)| {
            // One that begins nowhere known is of no use.
            if b.0 > a.0 && (b.1.is_some() || a.1.is_none() || a.0 == 0) {
                b
            } else {
                a
            }
        };
        let (longest, from) = rows.into_iter().reduce(better).unwrap_or((0, None));
        Self {
            whole: self.whole.zip(next.whole).map(|(a, b)| sum(a, b)),
            first: self.whole.map_or(self.first, |own| sum(own, next.first)),
            last: next.whole.map_or(next.last, |own| sum(self.last, own)),
            longest,
            from,
            most: self.most.zip(next.most).map(|(a, b)| sum(a, b)),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole.zip(other.whole).map(|(a, b)| a.min(b)),
            first: self.first.min(other.first),
            last: self.last.min(other.last),
            longest: self.longest.min(other.longest),
            from: self.from.zip(other.from).map(|(a, b)| a.max(b)),
            most: self.most.zip(other.most).map(|(a, b)| a.max(b)),
        }
    }

    /// Repeated so often.
    fn times(self, least: usize, most: Option<usize>) -> Self {
        let most = self.most.zip(most).map(|(a, b)| a.saturating_mul(b));
        match (self.whole, least) {
            (Some(length), _) => Self::all(length.saturating_mul(least), most),
            (None, 0) => Self::other(most),
            (None, 1) => Self { most, ..self },
            (None, _) => Self {
                most,
                ..self.then(self)
            },
        }
    }
}

/// Whether a test holds for any range of a class; what is no ASCII stands for itself as the highest
/// byte, which is of no kind.
fn holds(class: &Class, test: impl Fn(RangeInclusive<u8>) -> bool) -> bool {
    let byte = |n: u32| u8::try_from(n).unwrap_or(u8::MAX);
    match class {
        Class::Bytes(class) => class.iter().any(|r| test(r.start()..=r.end())),
        Class::Unicode(class) => class
            .iter()
            .any(|r| test(byte(r.start().into())..=byte(r.end().into()))),
    }
}

#[cfg(test)]
mod tests {
    use super::pattern::parse;
    use super::{Kind, Rows, has_row, is_alnum, is_wide};

    fn rows(source: &str, kind: Kind) -> Rows {
        Rows::of(&parse(source).unwrap(), kind)
    }

    fn any(has: fn(u8) -> bool) -> Kind {
        Kind { has, mixed: false }
    }

    #[test]
    fn the_wide_bytes_are_those_of_base64_in_both_its_forms() {
        let all: Vec<u8> = (0..=u8::MAX).filter(|b| is_wide(*b)).collect();
        assert_eq!(
            String::from_utf8(all).unwrap(),
            "+-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
        );
    }

    #[test]
    fn rows_are_those_that_every_match_has() {
        for (source, alnum, first, wide) in [
            ("[a-z0-9]{32}", 32, 32, 32),
            ("[A-Za-z0-9_-]{43}", 0, 0, 43),
            ("sk_live_[A-Za-z0-9]{42}", 42, 2, 50),
            ("[0-9a-f]{8}-[0-9a-f]{4}", 8, 8, 13),
            ("(?:[a-z]{64}|[0-9]{19})", 19, 19, 19),
            ("[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}", 32, 0, 32),
            ("[a-z]{4,9}(?:x|yz)?[0-9]{2}", 6, 6, 6),
            (r"\bAC[0-9a-f]{32}\b", 34, 34, 34),
            ("(?i)key[a-z]{14}", 17, 17, 17),
            ("(?:a.b){3}", 2, 1, 2),
            ("(?:ab.?cd){3}", 4, 2, 4),
            (".{40}", 0, 0, 0),
            ("[a-z]*x", 1, 1, 1),
        ] {
            let row = rows(source, any(is_alnum));
            assert_eq!((row.longest, row.first), (alnum, first), "{source}");
            assert_eq!(rows(source, any(is_wide)).longest, wide, "{source}");
        }
    }

    #[test]
    fn where_a_row_begins_has_a_limit_or_none() {
        for (source, longest, from) in [
            (r"pk\.eyJ[a-z]{80,}\.[a-z]{22}", 83, Some(3)),
            (r"https://[a-z.]{0,60}\.x/[0-9a-f]{32}", 32, Some(71)),
            (r"x.*[0-9a-f]{32}", 1, Some(0)),
            (r".*[0-9a-f]{32}", 32, None),
            (r"(?:.a|..b)[a-z]{20}", 21, Some(2)),
        ] {
            let row = rows(source, any(is_alnum));
            assert_eq!((row.longest, row.from), (longest, from), "{source}");
        }
    }

    #[test]
    fn digits_alone_and_letters_alone_make_no_row_that_changes() {
        let mixed = Kind {
            has: is_alnum,
            mixed: true,
        };
        for (source, expected) in [
            ("[0-9a-f]{32}", 32),
            ("[0-9]{19}", 0),
            ("[a-z]{20}", 0),
            ("(?:[0-9a-z]{64}|[0-9]{19})", 0),
            ("AC[0-9a-f]{32}", 34),
            ("[A-Z][A-Z2-7]{20}", 20),
        ] {
            assert_eq!(rows(source, mixed).longest, expected, "{source}");
        }
    }

    #[test]
    fn a_row_counts_if_its_bytes_change() {
        for (text, expected) in [
            ("0123456789abcdef", false),
            ("x = 0a12b3456789cdef", true),
            ("snd_soc_component_write_field", false),
            ("rtl8192_phy_set_bw_mode_with_rf", false),
            ("================================", false),
            ("aB3-dE6-gH9-jK2-mN5", false),
            ("aB3-dE6-gH9-jK2-mN5p", true),
        ] {
            assert_eq!(has_row(text.as_bytes()), expected, "{text}");
        }
    }
}
