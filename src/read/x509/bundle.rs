//! Certificates in the form of PKCS#7 (CMS, RFC 5652): signed data without a signature, as authorities
//! and Windows hand out a chain. Nothing in it is encrypted.

use super::MAX_LABEL;
use crate::read::base64;

/// PEM labels of what may be one.
pub(super) const LABELS: [&[u8]; 3] = [b"PKCS7", b"PKCS #7 SIGNED DATA", b"CMS"];

/// The object identifier of signed data, with its tag and its length.
const SIGNED_DATA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
];

const SEQUENCE: u8 = 0x30;
/// The tag of the content, and of the certificates within it.
const FIRST: u8 = 0xa0;

/// Whether bytes begin as a bundle does. Encrypted data has the same labels and another identifier.
pub(super) fn is_bundle(der: &[u8]) -> bool {
    match der {
        [SEQUENCE, 0x80, rest @ ..] => rest.starts_with(SIGNED_DATA),
        [SEQUENCE, length, rest @ ..] => {
            let more = usize::from(length.saturating_sub(0x80));
            rest.get(more..)
                .is_some_and(|rest| rest.starts_with(SIGNED_DATA))
        }
        _ => false,
    }
}

/// Whether the base64 behind a label begins as that of a bundle does.
pub(super) fn is_bundle_text(body: &[u8]) -> bool {
    let digits = body.iter().copied().filter(|b| !b.is_ascii_whitespace());
    let digits: Vec<u8> = digits.take(MAX_LABEL / 4).collect();
    base64::decode(&digits).is_some_and(|der| is_bundle(&der))
}

/// The certificates of a bundle, each in DER. None if it is not of the definite lengths that DER has,
/// or ends too early.
pub(super) fn certificates(der: &[u8]) -> Option<Vec<&[u8]>> {
    let (info, _) = Value::read(der)?;
    let (_, rest) = Value::read(info.content)?;
    let (content, _) = Value::read(rest)?;
    let (signed, _) = Value::read(content.content)?;
    // Version, digest algorithms, content.
    let mut rest = signed.content;
    for _ in 0..3 {
        (_, rest) = Value::read(rest)?;
    }
    let mut found = Vec::new();
    let mut rest = match Value::read(rest) {
        Some((set, _)) if set.tag == FIRST => set.content,
        Some(_) => return Some(found),
        None => return None,
    };
    while !rest.is_empty() {
        let (value, behind) = Value::read(rest)?;
        if value.tag == SEQUENCE {
            found.push(value.whole);
        }
        rest = behind;
    }
    Some(found)
}

/// One value of DER.
pub(super) struct Value<'d> {
    tag: u8,
    content: &'d [u8],
    /// With its tag and its length.
    pub(super) whole: &'d [u8],
}

impl<'d> Value<'d> {
    /// The value at the beginning of bytes, and what stands behind it.
    pub(super) fn read(der: &'d [u8]) -> Option<(Self, &'d [u8])> {
        let (&tag, rest) = der.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
                let length = digits.iter().fold(0, |n, b| n << 8 | usize::from(*b));
                (length, rest)
            }
            _ => return None,
        };
        let (content, behind) = rest.split_at_checked(length)?;
        let whole = der.get(..der.len() - behind.len())?;
        let value = Self {
            tag,
            content,
            whole,
        };
        Some((value, behind))
    }
}

#[cfg(test)]
mod tests {
    use super::{certificates, is_bundle, is_bundle_text};
    use crate::read::base64;

    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, 0x81, length], content].concat()
    }

    fn bundle(certificates: &[u8]) -> Vec<u8> {
        let version = [2, 1, 1];
        let signed = [
            &version[..],
            &[0x31, 0],
            &[0x30, 0],
            certificates,
            &[0x31, 0],
        ]
        .concat();
        let content = value(0xa0, &value(0x30, &signed));
        value(0x30, &[super::SIGNED_DATA, &content].concat())
    }

    #[test]
    fn the_certificates_of_a_bundle_are_found() {
        let (one, two) = (value(0x30, b"one"), value(0x30, b"second"));
        let both = bundle(&value(0xa0, &[&one[..], &two].concat()));
        assert!(is_bundle(&both));
        assert!(is_bundle_text(base64::encode(&both).as_bytes()));
        assert_eq!(certificates(&both), Some(vec![&one[..], &two]));
        assert_eq!(certificates(&bundle(&[])), Some(Vec::new()));
    }

    #[test]
    fn what_is_cut_or_of_another_kind_is_no_bundle() {
        let whole = bundle(&value(0xa0, &value(0x30, b"one")));
        for end in 0..whole.len() {
            let cut = whole.get(..end).unwrap();
            assert_eq!(certificates(cut), None, "{end}");
        }
        assert!(!is_bundle(&value(
            0x30,
            b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
        )));
        assert!(!is_bundle(b"") && !is_bundle(b"\x30") && !is_bundle(b"\x30\xff"));
    }
}
