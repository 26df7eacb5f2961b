//! Secrets that are no token by their shape: a few characters that a person thought up, or many with
//! every sign of the keyboard, as frameworks generate them for signing.

use super::shape::{has_ladder, is_wordy};
use super::{Doubt, RANDOM, TOKEN, has_letters, is_stretch, is_unlike_words};
use crate::check::secret::bigrams;
use crate::check::secret::entropy::shannon;

/// What is shorter was not made by a service that issues tokens.
pub(super) const SHORT: usize = 16;

/// Signs that code is made of. Generated secrets hold some of them among many others.
const SYNTAX: &[u8] = b"=(),;:{}[]<>|\\&\"'`";

/// Kinds of signs that code hardly shows in one literal.
const MANY: usize = 4;

/// The least length where signs take part: shorter ones are operators and formats.
const SIGNED: usize = 12;

/// What letters cost side by side, at least, in sixteenths of a bit: words cost 50 to 75.
pub(super) const COST: u32 = 80;

/// Whether a byte belongs to the alphabets of tokens.
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'.' | b'~' | b'-')
}

/// Shorter ones are secrets only where they are nothing else.
const LEAST: usize = 8;

/// Six or seven letters of no word and of one case, or of none with a digit among them.
fn is_short(value: &str) -> bool {
    /// Names of options of these lengths cost less.
    const COST: usize = 88;
    let small = value
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let letters = value.bytes().filter(u8::is_ascii_lowercase).count();
    if shannon(value.as_bytes()) <= 2.2 {
        return false;
    }
    if letters == value.len() {
        return !is_stretch(value) && is_unlike_words(value, COST);
    }
    let unlike = bigrams::of_letters(value.as_bytes()).is_some_and(|cost| cost >= RANDOM);
    small && letters >= 3 && unlike
}

/// Letters of no word between separators, and so many that abbreviations do not explain them. Where
/// the case changes, names in code explain more.
pub(super) fn is_joined(value: &str) -> bool {
    const LEAST: usize = 8;
    const COST: u32 = 88;
    const MIXED: usize = 12;
    /// Of a hundred rows of random letters ten cost less; hardly a name in code costs more.
    const MIXED_COST: u32 = 95;
    let part = |b: u8| b.is_ascii_alphabetic() || b == b'-' || b == b'_';
    let small = value.bytes().any(|b| b.is_ascii_lowercase());
    let mixed = small && value.bytes().any(|b| b.is_ascii_uppercase());
    let (least, cost) = if mixed {
        (MIXED, MIXED_COST)
    } else {
        (LEAST, COST)
    };
    value.bytes().all(part) && has_letters(value, least, cost)
}

/// Both cases and a digit, and less than half of the letters in runs of four and more as words have
/// them: `T3kvVOpo`, and neither `OAuth2Api` nor `Render2Tree`.
pub(super) fn is_mixed(value: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| value.as_bytes().iter().any(wanted);
    if !has(u8::is_ascii_lowercase) || !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_digit) {
        return false;
    }
    let (mut inside, mut run, mut before) = (0, 0, b'0');
    for b in value.bytes().chain([b'0']) {
        let begins = b.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !b.is_ascii_alphabetic() {
            inside += if run >= 4 { run } else { 0 };
            run = 0;
        }
        run += usize::from(b.is_ascii_alphabetic());
        before = b;
    }
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    inside * 2 < letters
}

/// Signs that people put into what they make up, and code hardly into a short literal.
fn is_typed(signs: &[u8]) -> bool {
    signs.iter().all(|sign| b"@#!^+".contains(sign))
}

/// Why such a value is no secret.
pub(super) fn doubt(value: &str) -> Option<Doubt> {
    let bytes = value.as_bytes();
    if !bytes.iter().all(u8::is_ascii_graphic) {
        return Some(Doubt::Words);
    }
    let count = |wanted: fn(&u8) -> bool| bytes.iter().filter(|b| wanted(b)).count();
    let letters = bigrams::of_letters(bytes);
    if value.len() < LEAST {
        return (!is_short(value)).then_some(Doubt::Length);
    }
    if is_unlike_words(value, TOKEN) || is_joined(value) {
        return None;
    }
    // Where the letters are those of no word, or stand in no words, one digit is enough.
    let mixed = is_mixed(value);
    let needed = 2 - usize::from(mixed || letters.is_some_and(|cost| cost >= RANDOM));
    if count(u8::is_ascii_digit) < needed || count(u8::is_ascii_alphabetic) < 3 || has_ladder(value)
    {
        return Some(Doubt::Regular);
    }
    if is_wordy(value) && letters.is_none_or(|cost| cost < COST) {
        return Some(Doubt::Words);
    }
    let mut signs: Vec<u8> = bytes.iter().copied().filter(|b| !is_token(*b)).collect();
    signs.sort_unstable();
    signs.dedup();
    if signs.iter().any(|sign| *sign != b'=') {
        // Beside letters of no word, fewer do.
        let many = MANY - usize::from(letters.is_some_and(|cost| cost >= RANDOM));
        let code = signs.len() < many && signs.iter().any(|sign| SYNTAX.contains(sign));
        let typed = is_typed(&signs) && letters.is_some_and(|cost| cost >= COST);
        let least = if value.len() < SIGNED { 2.7 } else { 3.2 };
        let regular = (value.len() < SIGNED && !typed) || shannon(bytes) < least;
        return match (code, regular) {
            (true, _) => Some(Doubt::Code),
            (false, regular) => regular.then_some(Doubt::Regular),
        };
    }
    // A few letters side by side are so by chance.
    let side = bytes
        .windows(2)
        .filter(|pair| pair.iter().all(u8::is_ascii_alphabetic));
    let words = letters.is_some_and(|cost| cost < COST) && side.count() * 2 >= bytes.len();
    let words = words && !mixed;
    let regular = shannon(bytes) < 2.4;
    match (words, regular) {
        (true, _) => Some(Doubt::Words),
        (false, regular) => regular.then_some(Doubt::Regular),
    }
}
