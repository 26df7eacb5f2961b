//! Base64 as tokens and exports use it: both alphabets, padding optional, lenient about the unused
//! bits of the last character.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT.with_encode_padding(false));

/// Decodes a text of either alphabet; white space is left out. None when a byte is of neither
/// alphabet, or the length cannot be.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let either = |text: &[u8]| STANDARD.decode(text).or_else(|_| URL.decode(text)).ok();
    // Most texts are without it, and are not looked through for it.
    either(text).or_else(|| {
        let plain = text.iter().copied().filter(|b| !b.is_ascii_whitespace());
        let plain: Vec<u8> = plain.collect();
        if plain.len() < text.len() {
            either(&plain)
        } else {
            None
        }
    })
}

/// Encodes with the standard alphabet and padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Encodes with the URL alphabet and without padding.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, encode_url};

    #[test]
    fn both_alphabets_are_decoded_with_and_without_padding() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            assert_eq!(decode(encode(part).as_bytes()).as_deref(), Some(part));
            assert_eq!(decode(encode_url(part).as_bytes()).as_deref(), Some(part));
        }
        assert_eq!(decode(b"TWFu\r\nTWFu").as_deref(), Some(&b"ManMan"[..]));
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["A", "AAAAA", "é", "AA==AA", "A==="] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
