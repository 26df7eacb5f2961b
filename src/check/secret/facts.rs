//! What a secret says of itself: until when it is good, who made it, whose it is. Read offline from
//! its own bytes or from those right beside it, and told as evidence, never as a judgement: the
//! search knows no date.

use std::ops::Range;

use serde_json::Value;

use crate::model::{Evidence, Instant};
use crate::read::base64;
use crate::rule::detect::Structure;

/// Bytes on either side of a signature that its URL is looked for in.
const URL_REACH: usize = 1 << 10;

/// The longest issuer that is shown.
const LONGEST_ISSUER: usize = 100;

/// The facts about a secret in a text. `clear` is what it was decoded to, where it was decoded.
pub(super) fn facts(
    structure: Option<Structure>,
    text: &[u8],
    secret: &Range<usize>,
    clear: Option<&[u8]>,
) -> Vec<Evidence> {
    let Some(bytes) = clear.or_else(|| text.get(secret.clone())) else {
        return Vec::new();
    };
    let fact = |field: &str, value: Option<String>| {
        value.map(|value| Evidence {
            field: field.into(),
            value: value.into(),
        })
    };
    let facts = match structure {
        Some(Structure::Jwt) => {
            let claims = claims(bytes);
            let claim = |key: &str| claims.as_ref().and_then(|claims| claims.get(key));
            [
                fact("issuer", claim("iss").and_then(issuer)),
                fact("expires", claim("exp").and_then(date)),
            ]
        }
        Some(Structure::AzureSas) if clear.is_none() => {
            [fact("expires", signed_until(text, secret)), None]
        }
        _ => [fact("AWS account", aws_account(bytes)), None],
    };
    facts.into_iter().flatten().collect()
}

/// The payload of a JSON Web Token.
fn claims(token: &[u8]) -> Option<Value> {
    let payload = token.split(|b| *b == b'.').nth(1)?;
    serde_json::from_slice(&base64::decode(payload)?).ok()
}

/// A claim in seconds since 1970, as a day.
fn date(claim: &Value) -> Option<String> {
    let seconds = claim
        .as_i64()
        .or_else(|| claim.as_f64().map(|s| s as i64))?;
    // Years of four digits; milliseconds are some other tool's mistake.
    (0..253_402_300_800)
        .contains(&seconds)
        .then(|| Instant::from_seconds(seconds).date())
}

fn issuer(claim: &Value) -> Option<String> {
    let text = claim.as_str()?;
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    (plain && text.len() <= LONGEST_ISSUER).then(|| text.to_owned())
}

/// The `se=` of the URL that a shared access signature stands in, as a day.
pub(super) fn signed_until(text: &[u8], secret: &Range<usize>) -> Option<String> {
    let outside = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>\\".contains(b);
    let low = secret.start.saturating_sub(URL_REACH);
    let before = text.get(low..secret.start)?;
    let start = before
        .iter()
        .rposition(outside)
        .map_or(low, |at| low + at + 1);
    let high = secret.end.saturating_add(URL_REACH).min(text.len());
    let after = text.get(secret.end..high)?;
    let end = after
        .iter()
        .position(outside)
        .map_or(high, |at| secret.end + at);
    let query = text.get(start..end)?;
    // An ampersand in markup is `&amp;`.
    let mut parts = query.split(|b| b"?&;".contains(b));
    let value = parts.find_map(|part| part.strip_prefix(b"se="))?;
    let day = std::str::from_utf8(value.get(..10)?).ok()?;
    let day: Instant = day.parse().ok()?;
    Some(day.date())
}

/// The account that an AWS key id belongs to: bits 1 to 40 of its characters behind the prefix, read
/// as base 32. Ids from before March 2019 hold none; their first bit is 0.
fn aws_account(id: &[u8]) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let body = id.get(4..).filter(|body| body.len() == 16)?;
    let known = [b"AKIA", b"ASIA", b"ABIA", b"ACCA"];
    if !known.iter().any(|prefix| id.starts_with(*prefix)) {
        return None;
    }
    let bits = body.iter().take(10).try_fold(0_u64, |bits, byte| {
        let digit = ALPHABET.iter().position(|known| known == byte)?;
        Some(bits << 5 | digit as u64)
    })?;
    // Fifty bits were read; the first says whether there is one, the next forty are the account.
    let account = bits >> 9 & 0xFF_FFFF_FFFF;
    (bits >> 49 == 1 && account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

#[cfg(test)]
mod tests {
    use super::{aws_account, facts, signed_until};
    use crate::read::base64::encode_url;
    use crate::rule::detect::Structure;

    fn told(structure: Option<Structure>, text: &str) -> String {
        let facts = facts(structure, text.as_bytes(), &(0..text.len()), None);
        let each = facts.iter().map(|f| format!("{}: {}", f.field, f.value));
        each.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_token_tells_until_when_it_is_good_and_who_made_it() {
        for (payload, expected) in [
            (
                r#"{"iss":"login.corp","exp":1700000000}"#,
                "issuer: login.corp, expires: 2023-11-14",
            ),
            (r#"{"exp":1700000000.5}"#, "expires: 2023-11-14"),
            (r#"{"exp":1700000000000000,"iss":"a b"}"#, ""),
            (r#"{"exp":-1,"iss":7}"#, ""),
            ("[]", ""),
            ("no", ""),
        ] {
            let token = format!("eyJ.{}.x", encode_url(payload.as_bytes()));
            assert_eq!(told(Some(Structure::Jwt), &token), expected, "{payload}");
        }
        assert_eq!(told(Some(Structure::Jwt), "eyJ"), "");
    }

    #[test]
    fn a_signature_tells_until_when_its_url_is_good() {
        for (before, after, expected) in [
            (
                "\"https://a.corp/c?sv=2023&se=2027-01-31T00%3A00%3A00Z&sig=",
                "%3D\"",
                Some("2027-01-31"),
            ),
            (
                "x?sig=",
                "&amp;se=2027-01-31&sv=1 se=2028-01-01",
                Some("2027-01-31"),
            ),
            ("se=2027-01-31 x?sig=", "", None),
            ("?sse=2027-01-31&se=soon&sig=", "", None),
        ] {
            let text = format!("{before}SIGNATURE{after}");
            let secret = before.len()..before.len() + 9;
            assert_eq!(
                signed_until(text.as_bytes(), &secret).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    /// An id made from an account number, as AWS makes them.
    fn id(account: u64) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = 1 << 49 | account << 9;
        let body = (0..10).map(|at| {
            let digit = bits >> (45 - 5 * at) & 31;
            char::from(ALPHABET[usize::try_from(digit).unwrap()])
        });
        format!("AKIA{}ABCDEF", body.collect::<String>())
    }

    #[test]
    fn a_key_id_tells_whose_it_is() {
        for account in [1, 123_456_789_012, 999_999_999_999] {
            let told = told(None, &id(account));
            assert_eq!(told, format!("AWS account: {account:012}"));
        }
        for other in [
            id(1_000_000_000_000),
            id(1).replace("AKIA", "AROA"),
            id(1).replace("AKIAQ", "AKIAA"),
            "AKIA1".to_owned(),
            "AKIA11111111111111111".to_owned(),
        ] {
            assert_eq!(aws_account(other.as_bytes()), None, "{other}");
        }
    }
}
