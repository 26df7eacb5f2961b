//! Base64 as tokens use it: both alphabets, padding optional. For looking into a token, so it is
//! lenient about the unused bits of the last character.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes; `-` and `_` stand for `+` and `/`. None when a byte is of neither alphabet, or when
/// a single character is left over.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let pad = text.iter().rev().take_while(|b| **b == b'=').count();
    let body = text.get(..text.len() - pad)?;
    if pad > 2 || body.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in body {
        bits = bits << 6 | u32::from(sextet(*byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xFF) as u8);
        }
    }
    Some(out)
}

const fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Encodes with the standard alphabet and padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for place in 0..4 {
            if place <= chunk.len() {
                let index = bits >> (18 - 6 * place) & 0x3F;
                out.push(char::from(STANDARD[index as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Encodes with the URL alphabet and without padding.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    encode(bytes)
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, encode_url};

    #[test]
    fn decoding_undoes_encoding_for_every_length() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            assert_eq!(decode(encode(part).as_bytes()).as_deref(), Some(part));
            assert_eq!(decode(encode_url(part).as_bytes()).as_deref(), Some(part));
        }
        assert_eq!(encode(b"Ma"), "TWE=");
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["A", "AAAAA", "AA A", "é", "AA==AA", "A==="] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
