//! The checksum of Bech32 (BIP-173), which age gives to its secret keys.

const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [
    0x3B6A_57B2,
    0x2650_8E6D,
    0x1EA1_19FA,
    0x3D42_33DD,
    0x2A14_62B3,
];

/// Characters of the checksum.
pub(super) const CHECKSUM: usize = 6;

/// The checksum that ends a string of which everything else is given: the human-readable part
/// (which is `human`, in any one case), `1`, and the data. In the case of the data. None when it is
/// built otherwise.
pub(super) fn checksum(human: &str, head: &[u8]) -> Option<String> {
    let (part, rest) = head.split_at_checked(human.len())?;
    let data = rest.strip_prefix(b"1")?;
    if !part.eq_ignore_ascii_case(human.as_bytes()) || data.is_empty() {
        return None;
    }
    let upper = data.iter().any(u8::is_ascii_uppercase);
    let value = |byte: &u8| {
        let at = memchr::memchr(byte.to_ascii_lowercase(), ALPHABET)?;
        u32::try_from(at).ok()
    };
    let mut sum = 1;
    for byte in human.bytes() {
        sum = step(sum, u32::from(byte) >> 5);
    }
    sum = step(sum, 0);
    for byte in human.bytes() {
        sum = step(sum, u32::from(byte) & 31);
    }
    for byte in data {
        sum = step(sum, value(byte)?);
    }
    for _ in 0..CHECKSUM {
        sum = step(sum, 0);
    }
    sum ^= 1;
    let digits = (0..CHECKSUM).map(|at| {
        let five = (sum >> (5 * (CHECKSUM - 1 - at))) & 31;
        let digit = ALPHABET.get(five as usize).copied().map(char::from)?;
        Some(if upper {
            digit.to_ascii_uppercase()
        } else {
            digit
        })
    });
    digits.collect()
}

fn step(sum: u32, value: u32) -> u32 {
    let top = sum >> 25;
    let mut next = (sum & 0x01FF_FFFF) << 5 ^ value;
    for (bit, generator) in GENERATOR.iter().enumerate() {
        if top >> bit & 1 == 1 {
            next ^= generator;
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::checksum;

    /// Valid strings of BIP-173.
    #[test]
    fn the_strings_of_the_standard_end_as_it_says() {
        for (human, head, tail) in [
            (
                "abcdef",
                "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7l",
                "mqqqxw",
            ),
            (
                "split",
                "split1checkupstagehandshakeupstreamerranterredcaperred",
                "2y9e3w",
            ),
        ] {
            assert_eq!(checksum(human, head.as_bytes()).as_deref(), Some(tail));
        }
        let upper = "ABCDEF1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
        assert_eq!(
            checksum("abcdef", upper.as_bytes()).as_deref(),
            Some("MQQQXW")
        );
    }

    #[test]
    fn what_is_built_otherwise_has_none() {
        for head in ["", "abcdef", "abcdef1", "abcdex1qqq", "abcdef1qqb"] {
            assert_eq!(checksum("abcdef", head.as_bytes()), None, "{head}");
        }
    }
}
