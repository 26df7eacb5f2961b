//! Checksums that vendors build into their tokens: a wrong one proves that a look-alike was never
//! issued. Pure arithmetic; layouts and alphabets are the vendors' own.

use std::str::FromStr;

/// How a token proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// GitHub and npm: after the first `_`, the last six characters are the CRC-32 of the rest in
    /// base 62 (digits, upper case, lower case).
    Base62,
    /// Cloudflare: after the first `_`, the last eight characters are the CRC-32 of the rest in
    /// lower-case hexadecimal.
    Hex,
    /// GitLab's routable tokens: the last seven characters are the CRC-32 of everything before
    /// them, prefix included, in base 36 (lower case).
    Base36,
}

impl Checksum {
    /// The words a rule may write.
    pub const WORDS: &'static [&'static str] = &[
        "github-crc32",
        "npm-crc32",
        "cloudflare-crc32",
        "gitlab-crc32",
    ];

    /// Whether the token's own checksum is right.
    #[must_use]
    pub fn holds(self, token: &[u8]) -> bool {
        let body = match self {
            Self::Base36 => token,
            Self::Base62 | Self::Hex => match token.iter().position(|b| *b == b'_') {
                Some(at) => token.get(at + 1..).unwrap_or(&[]),
                None => return false,
            },
        };
        let Some(split) = body.len().checked_sub(self.length()) else {
            return false;
        };
        let (head, tail) = body.split_at(split);
        self.of(head).as_bytes() == tail
    }

    /// The checksum of what stands before it.
    #[must_use]
    pub fn of(self, head: &[u8]) -> String {
        let crc = crc32(head);
        match self {
            Self::Base62 => positional(crc, 62, self.length()),
            Self::Base36 => positional(crc, 36, self.length()),
            Self::Hex => format!("{crc:08x}"),
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Base62 => 6,
            Self::Hex => 8,
            Self::Base36 => 7,
        }
    }
}

impl FromStr for Checksum {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "github-crc32" | "npm-crc32" => Ok(Self::Base62),
            "cloudflare-crc32" => Ok(Self::Hex),
            "gitlab-crc32" => Ok(Self::Base36),
            other => Err(format!(
                "`{other}` is not one of {}",
                Self::WORDS.join(", ")
            )),
        }
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

/// A number in base 36 (lower case) or 62 (digits, upper, lower), padded with `0` to a width.
fn positional(mut number: u32, base: u32, width: usize) -> String {
    let mut digits = Vec::with_capacity(width);
    while digits.len() < width {
        let digit = (number % base) as u8;
        number /= base;
        digits.push(match digit {
            0..=9 => b'0' + digit,
            _ if base == 36 => b'a' + digit - 10,
            10..=35 => b'A' + digit - 10,
            _ => b'a' + digit - 36,
        });
    }
    digits.iter().rev().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Checksum, crc32};

    #[test]
    fn the_check_value_of_the_standard_comes_out() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(Checksum::Hex.of(b"123456789"), "cbf43926");
        // 3421780262 in base 62 has the digits [3, 45, 35, 27, 22, 14].
        assert_eq!(Checksum::Base62.of(b"123456789"), "3jZRME");
    }

    #[test]
    fn a_token_holds_only_with_its_own_checksum() {
        for (kind, prefix, body) in [
            (Checksum::Base62, "ghx_", "0123456789abcdefghijklmnopqrst"),
            (
                Checksum::Hex,
                "cfx_",
                "0123456789abcdefghijABCDEFGHIJ0123456789",
            ),
        ] {
            let good = format!("{prefix}{body}{}", kind.of(body.as_bytes()));
            assert!(kind.holds(good.as_bytes()), "{good}");
            let bad = good.replacen('7', "8", 1);
            assert!(!kind.holds(bad.as_bytes()), "{bad}");
        }
        let head = "glx-0123456789.01.0a";
        let good = format!("{head}{}", Checksum::Base36.of(head.as_bytes()));
        assert!(Checksum::Base36.holds(good.as_bytes()));
        assert!(!Checksum::Base36.holds(good.to_uppercase().as_bytes()));
    }

    #[test]
    fn a_token_too_short_for_a_checksum_holds_nothing() {
        for kind in [Checksum::Base62, Checksum::Hex, Checksum::Base36] {
            for token in ["", "_", "ghp_", "abc"] {
                assert!(!kind.holds(token.as_bytes()), "{token}");
            }
        }
    }
}
