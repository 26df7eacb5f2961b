//! The name of a finding that stays the same from run to run.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A keyed hash of rule, subject identity and nothing else: no line number, no time, no order, so
/// an edit above a secret or a re-export changes nothing. Lower-case hexadecimal, 32 digits; this
/// spelling is for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

/// The key separates our hashes from anybody else's hashes of the same secret, so that a
/// published fingerprint cannot be looked up in a table made for another purpose.
const KEY: &[u8] = b"credlint fingerprint, version 1";

/// The hash that has taken in the key and nothing else. That is two of the five blocks that a usual
/// identity takes, and the same for every finding.
#[expect(
    clippy::expect_used,
    reason = "HMAC takes a key of any length; see RFC 2104"
)]
static KEYED: LazyLock<Hmac<Sha256>> =
    LazyLock::new(|| Hmac::new_from_slice(KEY).expect("any key length is valid"));

/// Collects the parts of an identity. Each part is framed by its length, so that `("ab", "c")`
/// and `("a", "bc")` differ.
pub struct FingerprintBuilder(Hmac<Sha256>);

impl FingerprintBuilder {
    /// Starts with the rule's id.
    #[must_use]
    pub fn new(rule: &str) -> Self {
        let mut builder = Self(KEYED.clone());
        builder.part(rule.as_bytes());
        builder
    }

    /// Adds one part of the subject's identity.
    pub fn part(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// The fingerprint of all parts.
    #[must_use]
    pub fn finish(self) -> Fingerprint {
        let digest = self.0.finalize().into_bytes();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Fingerprint(half)
    }
}

impl Fingerprint {
    /// The bytes of it.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The fingerprint of which these are the bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Reports show millions: one text, and not thirty-two.
        let mut text = [0; 32];
        let (pairs, _) = text.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(self.0) {
            *pair = [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    /// Reads the 32 digits that reports show. Capitals are not the spelling, so no two texts
    /// name one fingerprint.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no fingerprint: 32 lower-case hexadecimal digits");
        let digits = text.as_bytes();
        if digits.len() != 32 {
            return Err(wrong());
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(wrong()),
                };
                *byte = *byte << 4 | value;
            }
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, FingerprintBuilder};

    fn of(rule: &str, parts: &[&str]) -> String {
        let mut builder = FingerprintBuilder::new(rule);
        for part in parts {
            builder.part(part.as_bytes());
        }
        builder.finish().to_string()
    }

    /// A change here reopens every accepted finding of every user.
    #[test]
    fn the_spelling_is_for_ever() {
        assert_eq!(
            of("pw.never-expires", &["salesforce", "005A"]),
            "943e6c221ff0e067afff86388fdafc85"
        );
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(of("r", &["ab", "c"]), of("r", &["a", "bc"]));
    }

    #[test]
    fn a_fingerprint_is_read_back_in_its_one_spelling_only() {
        let text = of("r", &["a"]);
        assert_eq!(
            text.parse::<Fingerprint>().map(|f| f.to_string()),
            Ok(text.clone())
        );
        for wrong in [
            "",
            "0f",
            &text[1..],
            &text.replace('d', "D"),
            &"g".repeat(32),
        ] {
            assert!(
                wrong == text || wrong.parse::<Fingerprint>().is_err(),
                "{wrong}"
            );
        }
    }
}
