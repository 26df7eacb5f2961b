//! Test secrets as templates: `ghp_{{base62:30}}{{checksum:github-crc32}}` is expanded when a test runs, so that
//! no file of this project holds a secret in a form that a scanner would match.
//!
//! Placeholders: `{{alphabet:n}}` for n random characters, `{{uuid}}`; `{{checksum:WORD}}` for the
//! checksum of the token so far (the words are those of `checksum:` in a rule);
//! `{{pem:LABEL}}` and `{{pem-escaped:LABEL}}` for a block of made-up key bytes; `{{jwt}}`;
//! `{{basic:user}}` for the base64 of `user:` and a random password; `{{snowflake}}` for the base64
//! of a long number. Anything else between double braces (`{{ vault.x }}`) stays as it is.

use super::checksum::Checksum;
use crate::model::suggest;
use crate::read::base64;

/// The alphabets a placeholder may name, with their characters.
pub const ALPHABETS: &[(&str, &str)] = &[
    ("digits", "0123456789"),
    ("hex-lower", "0123456789abcdef"),
    ("hex-upper", "0123456789ABCDEF"),
    ("hex", "0123456789abcdefABCDEF"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    (
        "alpha",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    ),
    ("lower-num", "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("upper-num", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    (
        "base62",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    ),
    (
        "base58",
        "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789",
    ),
    ("base32-lower", "abcdefghijklmnopqrstuvwxyz234567"),
    ("base32-upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("bech32", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"),
    ("bech32-upper", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    (
        "base64",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    ),
    (
        "base64url",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ),
    (
        "word",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_",
    ),
    ("lower-num-dash", "abcdefghijklmnopqrstuvwxyz0123456789-"),
    ("lower-num-word", "abcdefghijklmnopqrstuvwxyz0123456789_"),
    (
        "lower-num-dash-word",
        "abcdefghijklmnopqrstuvwxyz0123456789-_",
    ),
    ("upper-num-dash", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"),
    ("upper-num-word", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
    (
        "alnum-dash",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-",
    ),
    (
        "alnum-dot",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.",
    ),
    (
        "dash-word-dot",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
    ),
    (
        "base64-any",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_",
    ),
    ("b64-head16", "ABCDEFGHIJKLMNOP"),
    ("b64-head4", "ABCD"),
    ("b64-tail4", "AQgw"),
    ("month12", "ABCDEFGHIJKL"),
];

/// Placeholders that are no alphabets.
const OTHERS: &[&str] = &[
    "uuid",
    "checksum",
    "pem",
    "pem-escaped",
    "jwt",
    "basic",
    "snowflake",
];

/// More characters than this one placeholder does not make.
const MAX_LENGTH: usize = 20_000;

/// Expands the placeholders of a text. The same seed gives the same text for ever.
///
/// # Errors
/// When a placeholder is unknown or its argument is missing or no number; says which.
pub fn expand(template: &str, seed: &str) -> Result<String, String> {
    let mut random = SplitMix::new(seed);
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let Some(inner) = placeholder(tail) else {
            // One brace, for in `{{{base62:9}}` the placeholder begins at the second.
            out.push('{');
            rest = &tail[1..];
            continue;
        };
        let filled = fill(inner, &mut random, &out)?;
        out.push_str(&filled);
        rest = &tail[inner.len() + 4..];
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands between the braces, if it is written like a placeholder: a lower-case word, and
/// perhaps `:` and an argument, without blanks at either end.
fn placeholder(tail: &str) -> Option<&str> {
    let inner = tail.get(2..)?.split("}}").next()?;
    let closed = tail.get(2 + inner.len()..)?.starts_with("}}");
    let name = inner.split(':').next()?;
    let word = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let known = ALPHABETS.iter().any(|(n, _)| *n == name) || OTHERS.contains(&name);
    // `{{password}}` is what templating languages write; `{{base62}}` or `{{foo:30}}` is ours.
    (closed && word && (known || inner.contains(':'))).then_some(inner)
}

fn fill(inner: &str, random: &mut SplitMix, so_far: &str) -> Result<String, String> {
    let (name, argument) = inner.split_once(':').unwrap_or((inner, ""));
    if let Some((_, alphabet)) = ALPHABETS.iter().find(|(n, _)| *n == name) {
        let length: usize = argument
            .parse()
            .ok()
            .filter(|n| (1..=MAX_LENGTH).contains(n))
            .ok_or_else(|| format!("`{{{{{inner}}}}}` needs a length, such as `{name}:30`"))?;
        return Ok(random.text(alphabet, length));
    }
    Ok(match name {
        "uuid" => uuid(random),
        "checksum" => {
            let kind: Checksum = argument.parse()?;
            let start = so_far
                .trim_end_matches('=')
                .rfind(|c: char| c.is_whitespace() || "\"'`=:".contains(c));
            let token = &so_far[start.map_or(0, |at| at + 1)..];
            let token = token.trim_start_matches("//");
            kind.of(token.as_bytes())
                .ok_or_else(|| format!("nothing before `{{{{{inner}}}}}` is such a token"))?
        }
        "pem" => pem(argument, random, "\n"),
        "pem-escaped" => pem(argument, random, "\\n"),
        "jwt" => jwt(random),
        "basic" => {
            let password = random.text(ALPHABETS[9].1, 18);
            base64::encode(format!("{argument}:{password}").as_bytes())
        }
        "snowflake" => base64::encode_url(random.text("123456789", 18).as_bytes()),
        _ => {
            let known = ALPHABETS
                .iter()
                .map(|(n, _)| *n)
                .chain(OTHERS.iter().copied());
            let help = suggest(name, known)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("unknown placeholder `{name}`{help}"));
        }
    })
}

fn uuid(random: &mut SplitMix) -> String {
    [8, 4, 4, 4, 12]
        .map(|n| random.text("0123456789abcdef", n))
        .join("-")
}

/// A block that looks like a key and is none: the first bytes are those of the format, the rest
/// is random.
fn pem(label: &str, random: &mut SplitMix, newline: &str) -> String {
    let head = match label {
        "OPENSSH PRIVATE KEY" => base64::encode(b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none"),
        "PGP PRIVATE KEY BLOCK" => "lQ".to_owned(),
        _ => "MIIE".to_owned(),
    };
    let body = head.trim_end_matches('=').to_owned() + &random.text(ALPHABETS[15].1, 768);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    let middle = lines.join(newline);
    format!("-----BEGIN {label}-----{newline}{middle}{newline}-----END {label}-----{newline}")
}

fn jwt(random: &mut SplitMix) -> String {
    let header = base64::encode_url(br#"{"alg":"HS256","typ":"JWT"}"#);
    let subject = random.text(ALPHABETS[9].1, 12);
    let payload = format!(r#"{{"sub":"{subject}","iss":"login.corp","exp":1900000000}}"#);
    let payload = base64::encode_url(payload.as_bytes());
    format!("{header}.{payload}.{}", random.text(ALPHABETS[16].1, 43))
}

/// Steele, Lea and Flood's generator: eight bytes of state, good enough for look-alikes, and ours
/// to keep the same for ever.
struct SplitMix(u64);

impl SplitMix {
    /// The seed is hashed with FNV-1a.
    fn new(seed: &str) -> Self {
        Self(seed.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        }))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let characters = alphabet.as_bytes();
        (0..length)
            .filter_map(|_| {
                let at = (self.next() % characters.len() as u64) as usize;
                characters.get(at).map(|b| char::from(*b))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ALPHABETS, expand};
    use crate::rule::checksum::Checksum;

    #[test]
    fn the_same_seed_gives_the_same_secret_and_another_seed_another() {
        let template = "k = \"ghx_{{base62:30}}{{checksum:github-crc32}}\"";
        let one = expand(template, "a").unwrap();
        assert_eq!(one, expand(template, "a").unwrap());
        assert_ne!(one, expand(template, "b").unwrap());
        let token = one.trim_start_matches("k = \"").trim_end_matches('"');
        assert_eq!(token.len(), 40);
        let kind: Checksum = "github-crc32".parse().unwrap();
        assert!(kind.holds(token.as_bytes()), "{token}");
    }

    #[test]
    fn a_checksum_is_that_of_the_token_before_it() {
        for (template, word, from) in [
            (
                "cfx_{{base62:40}}{{checksum:cloudflare-crc32}}",
                "cloudflare-crc32",
                0,
            ),
            (
                "t=glx-{{base64url:27}}.01.{{digits:2}}{{checksum:gitlab-crc32}}",
                "gitlab-crc32",
                2,
            ),
            (
                "t=ATx{{base64url:27}}={{checksum:atlassian-crc32}}",
                "atlassian-crc32",
                2,
            ),
        ] {
            let text = expand(template, "s").unwrap();
            let kind: Checksum = word.parse().unwrap();
            assert!(kind.holds(&text.as_bytes()[from..]), "{text}");
        }
        assert!(expand("x {{checksum:zuplo-crc32}}", "s").is_err());
        assert!(expand("x_{{checksum:crc}}", "s").is_err());
    }

    #[test]
    fn other_double_braces_stay() {
        for text in [
            "{{ password }}",
            "{{password}}",
            "${{ secrets.X }}",
            "{{",
            "{{}}",
            "{{é:1}}",
            "{{{ x }}}",
        ] {
            assert_eq!(expand(text, "s").as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_placeholder_that_is_wrong_says_what_was_meant() {
        assert!(
            expand("{{base26:3}}", "s")
                .unwrap_err()
                .contains("`base62`")
        );
        assert!(
            expand("{{base62}}", "s")
                .unwrap_err()
                .contains("needs a length")
        );
        assert!(
            expand("{{base62:0}}", "s")
                .unwrap_err()
                .contains("needs a length")
        );
        assert!(
            expand("{{base62:99999999}}", "s")
                .unwrap_err()
                .contains("needs a length")
        );
    }

    #[test]
    fn every_alphabet_fills_the_length_with_its_own_characters() {
        for (name, characters) in ALPHABETS {
            let text = expand(&format!("{{{{{name}:200}}}}"), "s").unwrap();
            assert_eq!(text.len(), 200, "{name}");
            assert!(text.chars().all(|c| characters.contains(c)), "{name}");
        }
    }
}
