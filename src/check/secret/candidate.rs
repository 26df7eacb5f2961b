//! A place that a rule's expression matched, and the judgement on it.

use std::ops::Range;

use super::decode::Decoded;
use super::entropy::shannon;
use super::structure::{self, Parsed};
use super::value::Doubt;
use crate::model::Identifier;
use crate::rule::SecretRule;
use crate::rule::detect::{Detect, Near};
use crate::rule::run::{self, Place};

/// A match that passed every check of its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The rule's number.
    pub(super) rule: usize,
    /// The bytes of the secret.
    pub(super) secret: Range<usize>,
    /// What the fingerprint is made of, where it is not the secret's own bytes.
    pub(super) identity: Option<Vec<u8>>,
    /// Why its own rule excuses a look-alike: no finding, and no generic rule may make it one.
    pub(super) excused: Option<Reason>,
    /// For a secret in another notation: what it is in clear.
    pub(super) decoded: Option<Box<Decoded>>,
    /// What says whose it is.
    pub(super) named: Vec<Named>,
}

/// An identifier beside a secret, or within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) identifier: Identifier,
    /// Where it stands; None if it was decoded out of the secret.
    pub(super) at: Option<Range<usize>>,
}

impl Candidate {
    /// Drops what stands where something is a secret itself: it must not be shown.
    pub(super) fn drop_secret_names(&mut self, mut is_secret: impl FnMut(&Range<usize>) -> bool) {
        self.named
            .retain(|named| named.at.as_ref().is_none_or(|at| !is_secret(at)));
    }
}

/// A secret longer than this is none.
const MAX_SECRET: usize = 32 << 10;

/// Why a match is no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nothing, or longer than any secret.
    Length,
    /// None of the rule's words stands near.
    Near,
    /// It hardly changes between digits, small letters and capitals.
    Plain,
    /// It is a part of something longer that is encoded.
    Part,
    /// The rule's own exceptions.
    Allowed,
    /// Its checksum is wrong: it was never issued.
    Checksum,
    /// Too few different characters.
    Entropy,
    /// It does not parse as what it should be, or is a sample of it.
    Structure,
    /// It is no value that anybody keeps secret.
    Value(Doubt),
}

/// Applies the checks of a rule to a match, cheapest first.
///
/// # Errors
/// Says why it is no candidate.
pub(super) fn judge(
    (rule, this): (usize, &SecretRule),
    text: &[u8],
    span: &Range<usize>,
    secret: Range<usize>,
) -> Result<Candidate, Reason> {
    let detect = this.detect();
    let bytes = text.get(secret.clone()).unwrap_or(&[]);
    if bytes.is_empty() || bytes.len() > MAX_SECRET {
        return Err(Reason::Length);
    }
    if let Some(near) = &detect.near
        && !is_near(near, text, span)
    {
        return Err(Reason::Near);
    }
    if !detect.is_assigned() && (is_part(text, span) || is_in_digest(text, span)) {
        return Err(Reason::Part);
    }
    if this.start().place == Place::Near && !run::has_row(text.get(span.clone()).unwrap_or(&[])) {
        return Err(Reason::Plain);
    }
    let excused = if is_allowed(detect, bytes) {
        Some(Reason::Allowed)
    } else if detect.checksum.is_some_and(|c| !c.holds(bytes)) {
        Some(Reason::Checksum)
    } else if detect.min_entropy.is_some_and(|min| shannon(bytes) < min) {
        // Hexadecimal where a maker uses all letters may be another secret of that name.
        if detect.is_assigned() {
            return Err(Reason::Entropy);
        }
        Some(Reason::Entropy)
    } else {
        None
    };
    let parsed = match detect.structure {
        Some(kind) if excused.is_none() => {
            structure::parse((kind, &detect.keywords), text, span, &secret)?
        }
        _ => Parsed::default(),
    };
    let secret = parsed.secret.unwrap_or(secret);
    let mut named = parsed.named;
    if excused.is_none() {
        let own = detect.identifies.zip(text.get(secret.clone()));
        named.extend(own.map(|(kind, value)| Named {
            identifier: kind.identifier(value),
            at: None,
        }));
        let beside = detect.pairs.iter().filter_map(|p| p.find(text, &secret));
        named.extend(beside.map(|(identifier, at)| Named {
            identifier,
            at: Some(at),
        }));
    }
    Ok(Candidate {
        rule,
        secret,
        identity: parsed.identity,
        excused,
        decoded: None,
        named,
    })
}

/// Whether a match goes on as base64 on either side. In long base64 (pictures, fonts, archives) every
/// short beginning of a token turns up by chance, between signs that are borders of words.
fn is_part(text: &[u8], span: &Range<usize>) -> bool {
    /// How far to look, and how often it changes there at least. Random base64 changes 20 times in
    /// 32 bytes, that of a program now and then; a path or a name behind a token, hardly ever so often.
    const AROUND: [(usize, usize); 2] = [(32, 10), (256, 24)];
    AROUND.into_iter().any(|(reach, changes)| {
        let before = span.start.checked_sub(reach).map(|from| from..span.start);
        let after = span.end..span.end.saturating_add(reach);
        before.into_iter().chain([after]).any(|around| {
            text.get(around).is_some_and(|row| {
                row.iter().all(|b| run::is_wide(*b)) && run::has_changes(row, changes)
            })
        })
    })
}

/// Whether a match stands within the digest of a file, in base64, where a short beginning of a token
/// turns up by chance: `sha256=` in the records of Python's packages, `sha512-` in lock files.
fn is_in_digest(text: &[u8], span: &Range<usize>) -> bool {
    const ALGORITHMS: [&[u8]; 5] = [b"sha1", b"sha256", b"sha384", b"sha512", b"md5"];
    /// A digest of 64 bytes takes 86 characters, and its name stands before it.
    const LONGEST: usize = 96;
    let before = text.get(..span.start).unwrap_or(&[]);
    let row = before.iter().rev().take(LONGEST);
    let row = row.take_while(|b| run::is_wide(**b)).count();
    let (before, row) = before.split_at(before.len() - row);
    let named = |text: &[u8]| ALGORITHMS.iter().any(|name| text.ends_with(name));
    let sign = before.strip_suffix(b"=").or(before.strip_suffix(b":"));
    let dash = ALGORITHMS.iter().any(|name| {
        let digest = row
            .strip_prefix(*name)
            .and_then(|rest| rest.strip_prefix(b"-"));
        digest.is_some_and(|digest| !digest.is_empty())
    });
    dash || (!row.is_empty() && sign.is_some_and(named))
}

fn is_near(near: &Near, text: &[u8], span: &Range<usize>) -> bool {
    let before = span.start.saturating_sub(near.before)..span.start;
    let after = span.end..span.end.saturating_add(near.after).min(text.len());
    [before, after].into_iter().any(|range| {
        let folded = text.get(range).unwrap_or(&[]).to_ascii_lowercase();
        near.words
            .iter()
            .any(|word| memchr::memmem::find(&folded, word).is_some())
    })
}

fn is_allowed(detect: &Detect, secret: &[u8]) -> bool {
    let allow = &detect.allow;
    if allow.stopwords.is_empty() && allow.regex.is_empty() {
        return false;
    }
    let folded = secret.to_ascii_lowercase();
    let stopped = |word: &[u8]| memchr::memmem::find(&folded, word).is_some();
    allow.stopwords.iter().any(|word| stopped(word))
        || allow
            .regex
            .iter()
            .filter_map(|pattern| pattern.compiled(&[]).ok())
            .any(|compiled| compiled.is_match(secret))
}

/// How specific a rule is: of two that claim the same bytes the greater wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(pub(super) usize);

/// Leaves, of candidates that claim overlapping bytes, the most specific; of one rule the first and
/// longest. The rest is returned apart, because reports must not show its bytes either. Both are
/// sorted by place.
pub(super) fn resolve(
    mut all: Vec<Candidate>,
    rank: impl Fn(&Candidate) -> Rank,
) -> (Vec<Candidate>, Vec<Candidate>) {
    all.sort_by(|a, b| {
        let place = |c: &Candidate| (c.secret.start, std::cmp::Reverse(c.secret.end), c.rule);
        // Of two in one place, that in clear stands first.
        let notation = a.decoded.is_some().cmp(&b.decoded.is_some());
        place(a).cmp(&place(b)).then(notation)
    });
    all.dedup_by(|b, a| a.rule == b.rule && a.secret == b.secret);
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    let mut group: Vec<Candidate> = Vec::new();
    let mut end = 0;
    for candidate in all {
        if candidate.secret.start >= end {
            settle(&mut group, &rank, &mut kept, &mut lost);
        }
        end = end.max(candidate.secret.end);
        group.push(candidate);
    }
    settle(&mut group, &rank, &mut kept, &mut lost);
    (kept, lost)
}

/// Settles candidates each of which overlaps another of the group.
fn settle(
    group: &mut Vec<Candidate>,
    rank: impl Fn(&Candidate) -> Rank,
    kept: &mut Vec<Candidate>,
    lost: &mut Vec<Candidate>,
) {
    if group.len() > 1 {
        group.sort_by_key(|c| {
            (
                std::cmp::Reverse(rank(c)),
                c.decoded.is_some(),
                c.secret.start,
            )
        });
    }
    let mut taken: Vec<Candidate> = Vec::new();
    for candidate in group.drain(..) {
        // What is taken stays sorted, so a neighbour on either side decides.
        let at = taken.partition_point(|t| t.secret.start < candidate.secret.start);
        let overlaps = |t: &Candidate| {
            t.secret.start < candidate.secret.end && candidate.secret.start < t.secret.end
        };
        let beside = [at.checked_sub(1).and_then(|b| taken.get(b)), taken.get(at)];
        if beside.into_iter().flatten().any(overlaps) {
            lost.push(candidate);
        } else {
            taken.insert(at, candidate);
        }
    }
    kept.append(&mut taken);
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Rank, is_in_digest, is_part, resolve};

    #[test]
    fn what_goes_on_as_base64_is_a_part_of_it() {
        let base64 = "m9X1UaVJ3d1Xn9j5E3bDy0K12EVWxJZwjpWDG8on";
        let ruler = "-".repeat(40);
        let path = "/an/ordinary/path/to_some_folder/and_more/";
        for (before, after, expected) in [
            (format!("{base64}+"), String::new(), true),
            (format!("{base64}/"), "/and".to_owned(), true),
            (String::new(), format!("/{base64}"), true),
            ("key=".to_owned(), format!(" {base64}"), false),
            (ruler.clone(), ruler, false),
            (path.to_owned(), path.to_owned(), false),
            (String::new(), String::new(), false),
        ] {
            let text = format!("{before}TOKEN{after}");
            let span = before.len()..before.len() + 5;
            assert_eq!(is_part(text.as_bytes(), &span), expected, "{text}");
        }
    }

    #[test]
    fn a_digest_of_a_file_holds_no_token() {
        for (before, expected) in [
            ("acme/a.py,sha256=lo12Q4D2xWtk-", true),
            ("\"integrity\": \"sha512-lo12Q4D2xWtk/", true),
            ("sha1:lo12_", true),
            ("sha256=", false),
            ("sha512-", false),
            ("key=lo12Q4D2xWtk-", false),
            ("https://acme.example/sha512/", false),
            ("", false),
        ] {
            let text = format!("{before}TOKEN");
            let span = before.len()..before.len() + 5;
            assert_eq!(is_in_digest(text.as_bytes(), &span), expected, "{text}");
        }
    }

    fn candidate(rule: usize, secret: std::ops::Range<usize>) -> Candidate {
        Candidate {
            rule,
            secret,
            identity: None,
            excused: None,
            decoded: None,
            named: Vec::new(),
        }
    }

    #[test]
    fn the_most_specific_of_overlapping_candidates_is_left() {
        let all = vec![
            candidate(0, 0..40),
            candidate(2, 10..20),
            candidate(1, 15..30),
            candidate(1, 35..45),
            candidate(1, 35..45),
            candidate(0, 50..60),
        ];
        let (kept, lost) = resolve(all, |c| Rank(c.rule));
        let names = |list: &[Candidate]| -> Vec<(usize, usize)> {
            list.iter().map(|c| (c.rule, c.secret.start)).collect()
        };
        assert_eq!(names(&kept), [(2, 10), (1, 35), (0, 50)]);
        assert_eq!(names(&lost), [(1, 15), (0, 0)]);
    }
}
