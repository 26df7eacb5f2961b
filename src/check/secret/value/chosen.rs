//! Secrets that are no token by their shape: a few characters that a person thought up, or many with
//! every sign of the keyboard, as frameworks generate them for signing.

use super::shape::{has_ladder, is_wordy};
use super::{Doubt, RANDOM, has_letters, is_unlike_words};
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
const COST: u32 = 80;

/// Whether a byte belongs to the alphabets of tokens.
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'.' | b'~' | b'-')
}

/// Letters of no word between separators, and so many that abbreviations do not explain them.
fn is_joined(value: &str) -> bool {
    const LEAST: usize = 12;
    /// Of a hundred rows of random letters ten cost less; hardly a name in code costs more.
    const COST: u32 = 95;
    let part = |b: u8| b.is_ascii_alphabetic() || b == b'-' || b == b'_';
    value.bytes().all(part) && has_letters(value, LEAST, COST)
}

/// Why such a value is no secret.
pub(super) fn doubt(value: &str) -> Option<Doubt> {
    let bytes = value.as_bytes();
    if !bytes.iter().all(u8::is_ascii_graphic) {
        return Some(Doubt::Words);
    }
    let count = |wanted: fn(&u8) -> bool| bytes.iter().filter(|b| wanted(b)).count();
    if is_unlike_words(value) || is_joined(value) {
        return None;
    }
    let letters = bigrams::of_letters(bytes);
    // Where the letters are those of no word, one digit is enough.
    let needed = 2 - usize::from(letters.is_some_and(|cost| cost >= RANDOM));
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
        let code = signs.len() < MANY && signs.iter().any(|sign| SYNTAX.contains(sign));
        let regular = value.len() < SIGNED || shannon(bytes) < 3.2;
        return match (code, regular) {
            (true, _) => Some(Doubt::Code),
            (false, regular) => regular.then_some(Doubt::Regular),
        };
    }
    let words = letters.is_some_and(|cost| cost < COST);
    let regular = shannon(bytes) < 2.4;
    match (words, regular) {
        (true, _) => Some(Doubt::Words),
        (false, regular) => regular.then_some(Doubt::Regular),
    }
}
