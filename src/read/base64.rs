//! Base64 of RFC 4648, standard alphabet, white space ignored.

/// Decodes a text. None if it holds another character or ends in the middle of a group.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    let mut padding = 0u32;
    let mut count = 0usize;
    for &byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        count += 1;
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held).to_le_bytes()[0]);
        }
    }
    (padding <= 2 && count.is_multiple_of(4)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_or_refused() {
        let cases: [(&str, Option<&[u8]>); 8] = [
            ("", Some(b"")),
            ("TQ==", Some(b"M")),
            ("TWE=", Some(b"Ma")),
            ("TWFu\r\nTWFu", Some(b"ManMan")),
            ("//79", Some(&[255, 254, 253])),
            ("TWF", None),
            ("T=Fu", None),
            ("TW-u", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(decode(text.as_bytes()).as_deref(), bytes, "{text}");
        }
    }
}
