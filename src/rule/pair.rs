//! `pair:` of a secret rule: the identifier that stands beside the secret and says whose it is. One
//! finding tells of both; an identifier alone is no secret.

use std::ops::Range;
use std::str::FromStr;
use std::sync::OnceLock;

use regex::bytes::Regex;

use crate::model::{Identifier, IdentifierKind};

/// How far before and behind a secret its identifier may stand, in bytes.
pub const WITHIN: usize = 600;

/// A kind of identifier and how it is written.
#[derive(Debug)]
pub struct Pair {
    /// The word in rule files.
    word: &'static str,
    kind: IdentifierKind,
    /// The platform whose identifiers look like this, where they look like nobody else's.
    platform: Option<&'static str>,
    /// Its first group is the identifier.
    expression: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

macro_rules! pairs {
    ($($word:literal: $kind:ident, $platform:expr, $expression:literal;)+) => {
        static PAIRS: [Pair; [$($word),+].len()] = [$(Pair {
            word: $word,
            kind: IdentifierKind::$kind,
            platform: $platform,
            expression: $expression,
            compiled: OnceLock::new(),
        }),+];
    };
}

pairs! {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    "aws-key-id": KeyId, Some("aws"), r"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b";
    "salesforce-consumer-key": ClientId, Some("salesforce"), r"\b(3MVG9[A-Za-z0-9._]{60,251})";
    "client-id": ClientId, None,
        r#"(?i:client[_-]?id|consumer[_-]?key|app(?:lication)?[_-]?id)["'\]]{0,2}\s{0,4}(?:=>|[:=>])\s{0,4}["']?([A-Za-z0-9][A-Za-z0-9._-]{7,254})"#;
    "user-name": Username, None,
        r#"(?i:\b|[_.-])(?i:user(?:[_-]?(?:name|id))?|login|uid|account)["'\]]{0,2}\s{0,4}(?:=>|[:=>])\s{0,4}["']?([A-Za-z0-9][A-Za-z0-9._@+\\-]{2,120})"#;
}

impl Pair {
    /// The words of rule files.
    pub fn words() -> impl Iterator<Item = &'static str> {
        PAIRS.iter().map(|pair| pair.word)
    }

    /// Whose identifiers alone look like this one.
    #[must_use]
    pub fn platform_of(identifier: &Identifier) -> Option<&'static str> {
        PAIRS.iter().find_map(|pair| {
            let whole = pair.platform.is_some()
                && pair.kind == identifier.kind
                && pair
                    .find(identifier.value.as_bytes(), &(0..0))
                    .is_some_and(|(whole, _)| whole == *identifier);
            pair.platform.filter(|_| whole)
        })
    }

    /// An identifier that is known to be of this kind.
    #[must_use]
    pub fn identifier(&self, value: &[u8]) -> Identifier {
        Identifier {
            kind: self.kind,
            value: String::from_utf8_lossy(value).into_owned(),
        }
    }

    /// The identifier that stands nearest to a secret, and where.
    #[must_use]
    pub fn find(&self, text: &[u8], secret: &Range<usize>) -> Option<(Identifier, Range<usize>)> {
        let compiled = self
            .compiled
            .get_or_init(|| Regex::new(self.expression).ok());
        let start = secret.start.saturating_sub(WITHIN);
        let end = secret.end.saturating_add(WITHIN).min(text.len());
        let around = text.get(start..end)?;
        let distance = |at: &Range<usize>| {
            let (from, to) = (start + at.start, start + at.end);
            secret
                .start
                .saturating_sub(to)
                .max(from.saturating_sub(secret.end))
        };
        let found = compiled.as_ref()?.captures_iter(around).filter_map(|c| {
            let place = c.get(1)?.range();
            let apart = start + place.end <= secret.start || start + place.start >= secret.end;
            apart.then_some(place)
        });
        let nearest = found.min_by_key(distance)?;
        let place = start + nearest.start..start + nearest.end;
        Some((self.identifier(around.get(nearest)?), place))
    }
}

impl FromStr for &'static Pair {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = PAIRS.iter().find(|pair| pair.word == text);
        found.ok_or_else(|| format!("`{text}` is no kind of identifier"))
    }
}

#[cfg(test)]
mod tests {
    use super::{PAIRS, Pair};
    use crate::rule::template::expand;

    fn found(word: &str, before: &str, after: &str) -> Option<String> {
        let pair: &Pair = word.parse().unwrap();
        let text = format!("{before}SECRET{after}");
        let secret = before.len()..before.len() + "SECRET".len();
        Some(pair.find(text.as_bytes(), &secret)?.0.value)
    }

    #[test]
    fn every_expression_compiles_and_has_its_group() {
        for pair in &PAIRS {
            let regex = regex::bytes::Regex::new(pair.expression).unwrap();
            assert_eq!(regex.captures_len(), 2, "{}", pair.word);
        }
    }

    #[test]
    fn the_identifier_beside_a_secret_is_found() {
        let key = expand("AKIA{{base32-upper:16}}", "a").unwrap();
        let other = expand("AKIA{{base32-upper:16}}", "b").unwrap();
        let before = format!("id = {other}\nid = {key}\nsecret = ");
        assert_eq!(found("aws-key-id", &before, ""), Some(key.clone()));
        assert_eq!(
            found("aws-key-id", "s = ", &format!("\nid = {key}")),
            Some(key)
        );
        assert_eq!(found("aws-key-id", "s = ", ""), None);
        for (before, expected) in [
            ("user: svc_etl\npassword: ", Some("svc_etl")),
            (
                r#"{"username": "etl@acme.example", "password": ""#,
                Some("etl@acme.example"),
            ),
            ("DB_USER=orders\nDB_PASSWORD=", Some("orders")),
            (
                "<username>svc.sync@acme.example</username><password>",
                Some("svc.sync@acme.example"),
            ),
            ("user = ${DB_USER}\npassword = ", None),
            ("users were asked for a password: ", None),
        ] {
            assert_eq!(
                found("user-name", before, "").as_deref(),
                expected,
                "{before}"
            );
        }
        let id = "0f5b1c7e-6f7c-4d6e-9a70-2f6f3a3f9b11";
        let before = format!("client_id = \"{id}\"\nclient_secret = \"");
        assert_eq!(found("client-id", &before, "\"").as_deref(), Some(id));
    }

    #[test]
    fn an_identifier_that_only_one_platform_has_says_so() {
        let key = expand("AKIA{{base32-upper:16}}", "a").unwrap();
        let pair: &Pair = "aws-key-id".parse().unwrap();
        let (identifier, _) = pair.find(format!("{key} x").as_bytes(), &(22..22)).unwrap();
        assert_eq!(Pair::platform_of(&identifier), Some("aws"));
        let pair: &Pair = "user-name".parse().unwrap();
        let (identifier, _) = pair.find(b"user: ann12 x", &(13..13)).unwrap();
        assert_eq!(Pair::platform_of(&identifier), None);
    }
}
