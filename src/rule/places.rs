//! Where the keywords of the built-in rules count, found out beforehand: looking into all their
//! expressions would double a start. The table is made by the tests, and held to what
//! [`super::run`] says.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hasher;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::detect::Detect;
use super::run::{self, Place};
use super::secret_rule::SecretRule;

/// A line for each rule: its id for people, the key of what its place follows from, its place.
static TABLE: &str = include_str!("places.txt");

static KNOWN: LazyLock<HashMap<u64, Place, FixedState>> =
    LazyLock::new(|| TABLE.lines().filter_map(entry).collect());

/// The place of a rule, if the table has it. A rule whose expression, keywords or neighbourhood are
/// others than those of the table has another key.
pub(super) fn known(detect: &Detect) -> Option<Place> {
    KNOWN.get(&key(detect)).cloned()
}

/// The table for some rules, which are sorted by id.
#[must_use]
pub fn table<'r>(rules: impl IntoIterator<Item = &'r SecretRule>) -> String {
    let mut table = String::new();
    for rule in rules {
        let (id, key) = (&rule.meta.id, key(&rule.detect));
        // Writing to a string does not fail.
        let _ = match run::place(&rule.detect) {
            Place::Anywhere => writeln!(table, "{id} {key:016x} anywhere"),
            Place::Near => writeln!(table, "{id} {key:016x} near"),
            Place::Words(words) => {
                let words: Vec<String> =
                    words.iter().map(|w| w.escape_ascii().to_string()).collect();
                writeln!(table, "{id} {key:016x} words {}", words.join(" "))
            }
        };
    }
    table
}

/// One line. None where a word would have to be escaped, so that its rule is looked into.
fn entry(line: &str) -> Option<(u64, Place)> {
    let mut parts = line.split(' ').skip(1);
    let key = u64::from_str_radix(parts.next()?, 16).ok()?;
    let place = match parts.next()? {
        "anywhere" => Place::Anywhere,
        "near" => Place::Near,
        "words" => {
            let plain = |word: &str| (!word.contains('\\')).then(|| word.as_bytes().to_vec());
            Place::Words(parts.map(plain).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some((key, place))
}

/// Of everything that [`run::place`] looks at.
fn key(detect: &Detect) -> u64 {
    let mut key = Key::default();
    key.part(detect.value.as_deref().unwrap_or("").as_bytes());
    if detect.value.is_none() {
        key.part(detect.pattern.source().as_bytes());
    }
    key.part(&[u8::from(detect.keywords_are_near)]);
    for distance in detect
        .near
        .iter()
        .flat_map(|near| [near.before, near.after])
    {
        key.part(&(distance as u64).to_le_bytes());
    }
    detect.keywords.iter().for_each(|word| key.part(word));
    key.finish()
}

/// FNV-1a, eight bytes at a time: the same on every machine and in every version.
struct Key(u64);

impl Default for Key {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Key {
    fn part(&mut self, bytes: &[u8]) {
        self.write(&(bytes.len() as u64).to_le_bytes());
        self.write(bytes);
    }
}

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut eight = [0; 8];
            if let Some(front) = eight.get_mut(..chunk.len()) {
                front.copy_from_slice(chunk);
            }
            let mixed = (self.0 ^ u64::from_le_bytes(eight)).wrapping_mul(0x0000_0100_0000_01b3);
            // The multiplication carries upwards only.
            self.0 = mixed ^ mixed >> 32;
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::{self, Place};
    use super::{Detect, entry, key, known};
    use crate::read::decode::Document;

    fn detect(yaml: &str) -> Detect {
        let doc = Document::new("rule.yaml", yaml);
        Detect::decode(&doc, &doc.parse().unwrap(), None).unwrap()
    }

    #[test]
    fn whatever_a_place_follows_from_is_in_its_key() {
        let all = [
            "{regex: 'ab[a-z]{20}', keywords: [abc]}",
            "{regex: 'ab[a-z]{21}', keywords: [abc]}",
            "{regex: 'ab[a-z]{20}', keywords: [abcd]}",
            "{regex: 'ab[a-z]{20}', keywords: [abc, d12]}",
            "{regex: 'ab[a-z]{20}', keywords: [abcd12]}",
            "{regex: 'ab[a-z]{20}', near: {words: [abc]}}",
            "{regex: 'ab[a-z]{20}', near: {words: [abc], before: 9}}",
            "{regex: 'ab[a-z]{20}', near: {words: [abc], after: 9}}",
            "{assigned: {to: [abc], value: '[a-z]{20}'}}",
        ];
        let keys: Vec<u64> = all.iter().map(|yaml| key(&detect(yaml))).collect();
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{}", all[at]);
        }
        assert_eq!(known(&detect(all[0])), None);
    }

    #[test]
    fn a_line_says_what_was_written() {
        assert_eq!(
            entry("secret.a 00000000000000ff near"),
            Some((255, Place::Near))
        );
        assert_eq!(entry("secret.a 1 anywhere"), Some((1, Place::Anywhere)));
        let words = Place::Words(vec![b"ab_".to_vec(), b"cd-".to_vec()]);
        assert_eq!(entry("secret.a 1 words ab_ cd-"), Some((1, words)));
        assert_eq!(entry(r"secret.a 1 words a\x00"), None);
        let rule = detect("{regex: '\\bab_[a-zA-Z0-9]{36}\\b', keywords: [ab_]}");
        assert_eq!(run::place(&rule), Place::Words(vec![b"ab_".to_vec()]));
    }
}
