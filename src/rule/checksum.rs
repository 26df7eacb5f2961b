//! Checksums that vendors build into their tokens: a wrong one proves that a look-alike was never
//! issued. Pure arithmetic; what is covered, and in which alphabet, is each vendor's own choice.

use std::str::FromStr;

use super::bech32;
use crate::read::base64;

/// How a token proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum(&'static Scheme);

/// One vendor's way.
#[derive(Debug, PartialEq, Eq)]
struct Scheme {
    /// What a rule writes.
    word: &'static str,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// A CRC-32 (IEEE 802.3) at the token's end.
    Crc32 {
        covers: Covers,
        /// What stands between the part that is covered and the checksum.
        separator: &'static str,
        encoding: Encoding,
    },
    /// The six characters with which Bech32 (BIP-173) ends, over the human-readable part too.
    Bech32 { human: &'static str },
}

/// Which part of the token before the checksum (and its separator) is covered.
#[derive(Debug, PartialEq, Eq)]
enum Covers {
    /// Everything, the prefix included.
    Everything,
    /// What follows the first `_`.
    AfterFirstUnderscore,
    /// What follows the last `_`.
    AfterLastUnderscore,
    /// What follows so many bytes.
    After(usize),
}

/// How the 32 bits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Six digits of base 62: 0-9, A-Z, a-z.
    Base62,
    /// Six digits of base 62: 0-9, a-z, A-Z.
    Base62LowerFirst,
    /// Seven digits of base 36: 0-9, a-z.
    Base36,
    /// Eight hexadecimal digits.
    HexLower,
    /// Eight hexadecimal digits in capitals.
    HexUpper,
    /// The four bytes, lowest first, each as two hexadecimal digits.
    HexLittleEndian,
    /// The four bytes, lowest first, in Base64 without padding.
    Base64LittleEndian,
}

const fn crc(
    word: &'static str,
    covers: Covers,
    separator: &'static str,
    encoding: Encoding,
) -> Scheme {
    Scheme {
        word,
        kind: Kind::Crc32 {
            covers,
            separator,
            encoding,
        },
    }
}

/// Every way, by its word.
const SCHEMES: &[Scheme] = &[
    crc(
        "apify-crc32",
        Covers::Everything,
        "",
        Encoding::Base62LowerFirst,
    ),
    crc(
        "atlassian-crc32",
        Covers::Everything,
        "",
        Encoding::HexUpper,
    ),
    crc(
        "cashfree-crc32",
        Covers::AfterLastUnderscore,
        "_",
        Encoding::HexLower,
    ),
    crc(
        "cloudflare-crc32",
        Covers::AfterFirstUnderscore,
        "",
        Encoding::HexLower,
    ),
    crc(
        "confluent-crc32",
        Covers::After(4),
        "",
        Encoding::Base64LittleEndian,
    ),
    crc("deno-crc32", Covers::Everything, "", Encoding::Base62),
    crc(
        "github-crc32",
        Covers::AfterFirstUnderscore,
        "",
        Encoding::Base62,
    ),
    crc("gitlab-crc32", Covers::Everything, "", Encoding::Base36),
    crc(
        "grafana-crc32",
        Covers::Everything,
        "_",
        Encoding::HexLittleEndian,
    ),
    crc(
        "npm-crc32",
        Covers::AfterFirstUnderscore,
        "",
        Encoding::Base62,
    ),
    crc(
        "saladcloud-crc32",
        Covers::AfterLastUnderscore,
        "",
        Encoding::Base62,
    ),
    crc(
        "vercel-crc32",
        Covers::AfterFirstUnderscore,
        "",
        Encoding::Base62,
    ),
    crc(
        "zuplo-crc32",
        Covers::AfterLastUnderscore,
        "_",
        Encoding::HexLower,
    ),
    Scheme {
        word: "age-bech32",
        kind: Kind::Bech32 {
            human: "age-secret-key-",
        },
    },
];

impl Checksum {
    /// The words a rule may write.
    pub fn words() -> impl Iterator<Item = &'static str> {
        SCHEMES.iter().map(|scheme| scheme.word)
    }

    /// Whether the token's own checksum is right.
    #[must_use]
    pub fn holds(self, token: &[u8]) -> bool {
        let length = match &self.0.kind {
            Kind::Crc32 { encoding, .. } => encoding.length(),
            Kind::Bech32 { .. } => bech32::CHECKSUM,
        };
        let Some(split) = token.len().checked_sub(length) else {
            return false;
        };
        let (head, tail) = token.split_at(split);
        self.of(head).is_some_and(|sum| sum.as_bytes() == tail)
    }

    /// The checksum of a token that has everything but the checksum; None when the token is not
    /// built like the vendor's.
    #[must_use]
    pub fn of(self, head: &[u8]) -> Option<String> {
        match &self.0.kind {
            Kind::Crc32 {
                covers,
                separator,
                encoding,
            } => {
                let head = head.strip_suffix(separator.as_bytes())?;
                let underscore = |at: Option<usize>| at.and_then(|at| head.get(at + 1..));
                let covered = match covers {
                    Covers::Everything => head,
                    Covers::AfterFirstUnderscore => underscore(memchr::memchr(b'_', head))?,
                    Covers::AfterLastUnderscore => underscore(memchr::memrchr(b'_', head))?,
                    Covers::After(bytes) => head.get(*bytes..)?,
                };
                Some(encoding.write(crc32(covered)))
            }
            Kind::Bech32 { human } => bech32::checksum(human, head),
        }
    }
}

impl Encoding {
    const fn length(self) -> usize {
        match self {
            Self::Base62 | Self::Base62LowerFirst | Self::Base64LittleEndian => 6,
            Self::Base36 => 7,
            Self::HexLower | Self::HexUpper | Self::HexLittleEndian => 8,
        }
    }

    fn write(self, crc: u32) -> String {
        const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        match self {
            Self::Base36 => positional(crc, DIGITS.get(..36).unwrap_or(DIGITS), self.length()),
            Self::Base62LowerFirst => positional(crc, DIGITS, self.length()),
            Self::Base62 => {
                let swap = |c: char| match c {
                    'a'..='z' => c.to_ascii_uppercase(),
                    'A'..='Z' => c.to_ascii_lowercase(),
                    digit => digit,
                };
                let lower_first = positional(crc, DIGITS, self.length());
                lower_first.chars().map(swap).collect()
            }
            Self::HexLower => format!("{crc:08x}"),
            Self::HexUpper => format!("{crc:08X}"),
            Self::HexLittleEndian => format!("{:08x}", crc.swap_bytes()),
            Self::Base64LittleEndian => {
                let mut text = base64::encode(&crc.to_le_bytes());
                text.truncate(self.length());
                text
            }
        }
    }
}

impl FromStr for Checksum {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = SCHEMES.iter().find(|scheme| scheme.word == text);
        found.map(Self).ok_or_else(|| {
            let words: Vec<&str> = Self::words().collect();
            format!("`{text}` is not one of {}", words.join(", "))
        })
    }
}

/// CRC-32 as in IEEE 802.3: reflected polynomial 0xEDB88320, start and end inverted.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let mask = (crc & 1).wrapping_neg();
            crc >> 1 ^ (0xEDB8_8320 & mask)
        })
    })
}

/// A number in the base of its digits, padded on the left to a width.
fn positional(mut number: u32, digits: &[u8], width: usize) -> String {
    let base = digits.len().max(2) as u32;
    let mut written = vec![b'0'; width];
    for slot in written.iter_mut().rev() {
        if let Some(digit) = digits.get((number % base) as usize) {
            *slot = *digit;
        }
        number /= base;
    }
    written.iter().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Checksum, Encoding, crc32};

    #[test]
    fn the_check_value_of_the_standard_comes_out() {
        let check = crc32(b"123456789");
        assert_eq!(check, 0xCBF4_3926);
        // 3421780262 in base 62 has the digits [3, 45, 35, 27, 22, 14], in base 36
        // [1, 20, 21, 8, 22, 19, 26].
        for (encoding, written) in [
            (Encoding::Base62, "3jZRME"),
            (Encoding::Base62LowerFirst, "3Jzrme"),
            (Encoding::Base36, "1kl8mjq"),
            (Encoding::HexLower, "cbf43926"),
            (Encoding::HexUpper, "CBF43926"),
            (Encoding::HexLittleEndian, "2639f4cb"),
            (Encoding::Base64LittleEndian, "Jjn0yw"),
        ] {
            assert_eq!(encoding.write(check), written, "{encoding:?}");
            assert_eq!(written.len(), encoding.length(), "{encoding:?}");
        }
    }

    #[test]
    fn a_token_holds_only_with_its_own_checksum() {
        for (word, head) in [
            ("apify-crc32", "ax_api_0123456789abcdefghijklmnopqrst"),
            ("atlassian-crc32", "ATx0123456789-_abcdefghij="),
            (
                "cashfree-crc32",
                "cx_ma_prod_0123456789abcdef0123456789abcdef_",
            ),
            (
                "cloudflare-crc32",
                "cfx_0123456789abcdefghijABCDEFGHIJ0123456789",
            ),
            (
                "confluent-crc32",
                "cxlt0123456789abcdefghijABCDEFGHIJ0123456789+/abcdefghij",
            ),
            ("deno-crc32", "dx_0123456789abcdefghijklmnopqrst"),
            ("github-crc32", "ghx_0123456789abcdefghijklmnopqrst"),
            ("gitlab-crc32", "glx-0123456789.01.0a"),
            ("grafana-crc32", "gx_0123456789abcdefghijklmnopqrstuv_"),
            ("saladcloud-crc32", "sx_cloud_abc_0123456789abcdefghijklmn"),
            ("zuplo-crc32", "zx_0123456789abcdef0123456789abcdef_"),
            (
                "age-bech32",
                "AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN",
            ),
        ] {
            let kind: Checksum = word.parse().unwrap();
            let good = format!("{head}{}", kind.of(head.as_bytes()).unwrap());
            assert!(kind.holds(good.as_bytes()), "{word}");
            let bad = good.replacen('7', "8", 1);
            assert_ne!(bad, good, "{word}");
            assert!(!kind.holds(bad.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_token_that_is_too_short_or_built_otherwise_holds_nothing() {
        for word in Checksum::words() {
            let kind: Checksum = word.parse().unwrap();
            for token in ["", "_", "ghp_", "abc", "AGE-SECRET-KEY-1"] {
                assert!(!kind.holds(token.as_bytes()), "{word} {token}");
            }
        }
        assert!("md5".parse::<Checksum>().is_err());
    }
}
