//! The checks that parse a match instead of looking at its characters. All offline.

use std::ops::Range;

use serde_json::{Map, Value};

use super::candidate::{Named, Reason};
use super::ends_with;
use super::pem;
use super::table;
use super::value::{self, Doubt, Kind};
use crate::model::{Identifier, IdentifierKind};
use crate::read::base64;
use crate::rule::detect::Structure;
use crate::rule::program::is_in_word;

/// A match that parsed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The secret, where parsing moved its ends.
    pub(super) secret: Option<Range<usize>>,
    /// What the fingerprint is made of, where it is not the secret's own bytes.
    pub(super) identity: Option<Vec<u8>>,
    /// What the match itself says of whose it is.
    pub(super) named: Vec<Named>,
}

/// Google's key files are small; the key stands this near to the type.
const OBJECT_REACH: usize = 4 << 10;

/// Parses a match.
///
/// # Errors
/// Says why it is not what the rule says.
pub(super) fn parse(
    (structure, keywords): (Structure, &[Box<[u8]>]),
    text: &[u8],
    span: &Range<usize>,
    secret: &Range<usize>,
) -> Result<Parsed, Reason> {
    let bytes = text.get(secret.clone()).unwrap_or(&[]);
    let plain = |holds: bool| holds.then(Parsed::default);
    let assigned = |kind| {
        let literal = literal(text, secret);
        match assigned(kind, text, span, &literal) {
            Some(None) => Ok(Some(Parsed {
                secret: Some(literal),
                ..Parsed::default()
            })),
            Some(Some(doubt)) => Err(Reason::Value(doubt)),
            None => Ok(None),
        }
    };
    let parsed = match structure {
        Structure::Jwt => jwt(bytes).map(naming),
        Structure::PrivateKey => key_block(text, span, false),
        Structure::EncryptedPrivateKey => key_block(text, span, true),
        Structure::ServiceAccount => service_account(text, span),
        Structure::BasicAuth => basic_auth(bytes).map(|user| {
            // Some services take a token for the user: that is no name to show.
            let token = user.value.len() >= 16 && value::is_random(&user.value);
            naming(if token { Vec::new() } else { vec![user] })
        }),
        Structure::UrlPassword => url_password(text, span, bytes).map(|named| Parsed {
            named: named.into_iter().collect(),
            ..Parsed::default()
        }),
        Structure::PasswordValue => assigned(Kind::Password)?,
        Structure::TokenValue => assigned(Kind::Token)?,
        Structure::Password => plain(is_password(bytes)),
        Structure::PlacedPassword => match placed(text, secret) {
            Some(doubt) => return Err(Reason::Value(doubt)),
            None => Some(Parsed::default()),
        },
        Structure::TablePassword => table::cell(text, span, secret)
            .filter(|cell| text.get(cell.clone()).is_some_and(is_password))
            .map(|cell| Parsed {
                secret: Some(cell),
                ..Parsed::default()
            }),
        Structure::AzureSas => plain(is_signature(bytes)),
        Structure::Literal => plain(std::str::from_utf8(bytes).is_ok_and(value::is_literal)),
        Structure::DiscordToken => plain(is_discord_token(bytes)),
        Structure::Random => plain(body(bytes, keywords).is_some_and(value::is_random)),
    };
    parsed.ok_or(Reason::Structure)
}

/// A match that says itself whose it is.
fn naming(identifiers: Vec<Identifier>) -> Parsed {
    let inside = |identifier| Named {
        identifier,
        at: None,
    };
    Parsed {
        named: identifiers.into_iter().map(inside).collect(),
        ..Parsed::default()
    }
}

fn user(name: &str) -> Identifier {
    Identifier {
        kind: IdentifierKind::Username,
        value: name.to_owned(),
    }
}

fn key_block(text: &[u8], span: &Range<usize>, encrypted: bool) -> Option<Parsed> {
    let block = pem::private_key(text, span.start, span.end)?;
    (block.encrypted == encrypted).then_some(Parsed {
        secret: Some(span.start..block.end),
        identity: Some(block.body),
        named: Vec::new(),
    })
}

fn service_account(text: &[u8], span: &Range<usize>) -> Option<Parsed> {
    const MARKER: &[u8] = b"-----BEGIN PRIVATE KEY-----";
    let low = span.start.saturating_sub(OBJECT_REACH);
    let high = span.end.saturating_add(OBJECT_REACH).min(text.len());
    let object = text.get(low..high)?;
    memchr::memmem::find(object, b"private_key_id")?;
    // The nearest marker: after the type, as the console writes it, or before.
    let after = memchr::memmem::find(text.get(span.end..high)?, MARKER).map(|at| span.end + at);
    let before = || memchr::memmem::rfind(text.get(low..span.start)?, MARKER).map(|at| low + at);
    let start = after.or_else(before)?;
    let block = pem::private_key(text, start, start + MARKER.len())?;
    Some(Parsed {
        secret: Some(start..block.end),
        identity: Some(block.body),
        named: Vec::new(),
    })
}

/// Header and payload are JSON objects, the token is signed, and it is not the sample that every
/// tutorial shows. Gives what it says of its key, its issuer and its subject (RFC 7515, RFC 7519).
fn jwt(token: &[u8]) -> Option<Vec<Identifier>> {
    let mut parts = token.split(|b| *b == b'.');
    let mut object = || -> Option<Map<String, Value>> {
        serde_json::from_slice(&base64::decode(parts.next()?)?).ok()
    };
    let (header, payload) = (object()?, object()?);
    // `not-a-real-signature`.
    let signature = std::str::from_utf8(parts.next().unwrap_or(&[])).ok()?;
    if value::is_slug(signature) {
        return None;
    }
    let says = |object: &Map<String, Value>, key: &str, text: &str| {
        let value = object.get(key).and_then(Value::as_str);
        value.is_some_and(|v| v.eq_ignore_ascii_case(text))
    };
    let signed = header.get("alg").is_some_and(Value::is_string) && !says(&header, "alg", "none");
    let sample = says(&payload, "sub", "1234567890")
        || says(&payload, "name", "John Doe")
        || says(&payload, "some", "payload");
    if !signed || sample || payload.is_empty() {
        return None;
    }
    let claim = |kind, object: &Map<String, Value>, key: &str| {
        let value = object.get(key)?.as_str()?.to_owned();
        Some(Identifier { kind, value })
    };
    let claims = [
        claim(IdentifierKind::Kid, &header, "kid"),
        claim(IdentifierKind::Issuer, &payload, "iss"),
        // Where an application asks for a token by a JWT, it is the issuer (RFC 7523).
        claim(IdentifierKind::ClientId, &payload, "iss"),
        claim(IdentifierKind::Username, &payload, "sub"),
    ];
    Some(claims.into_iter().flatten().collect())
}

/// The user of `user:password`, with a password that is no placeholder and not the user's own name.
fn basic_auth(encoded: &[u8]) -> Option<Identifier> {
    let text = String::from_utf8(base64::decode(encoded)?).ok()?;
    if text.chars().any(char::is_control) {
        return None;
    }
    let (name, password) = text.split_once(':')?;
    // The example of RFC 7617.
    let sample = name == "Aladdin";
    (!sample && value::is_real_password(name, password)).then(|| user(name))
}

/// The user, if there is one, of a password in `…user:password@host`. The match runs from `://` to
/// the end of the host.
fn url_password(text: &[u8], span: &Range<usize>, password: &[u8]) -> Option<Option<Named>> {
    let scheme = text.get(..span.start).unwrap_or(&[]);
    let scheme = scheme
        .rsplit(|b| !b.is_ascii_alphanumeric() && !b"+.-".contains(b))
        .next();
    if !scheme.is_some_and(|s| s.len() >= 2 && s.len() <= 40) {
        return None;
    }
    let whole = std::str::from_utf8(text.get(span.clone())?).ok()?;
    let password = std::str::from_utf8(password).ok()?;
    let (userinfo, host) = whole.trim_start_matches("://").rsplit_once('@')?;
    let name = userinfo.split(':').next().unwrap_or("");
    // On a machine of one's own, the user's own name and a number are samples; elsewhere they open
    // the door.
    let bare = name == password || password.bytes().all(|b| b.is_ascii_digit());
    let opens = bare && is_remote(host) && value::is_bare_password(password);
    let real = opens || value::is_real_password(name, password);
    let real = real && (!value::is_sample_host(host) || value::is_made(password));
    let start = span.start + (whole.len() - whole.trim_start_matches("://").len());
    let named = || Named {
        identifier: user(name),
        at: Some(start..start + name.len()),
    };
    real.then(|| (!name.is_empty()).then(named))
}

/// Whether a host has a name or an address of the public net.
fn is_remote(host: &str) -> bool {
    const LOCAL: &[&str] = &[
        "local",
        "localdomain",
        "localhost",
        "internal",
        "lan",
        "home",
        "svc",
    ];
    let host = host.split([':', '/']).next().unwrap_or("");
    let numbers: Vec<u8> = host
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    if let [a, b, c, _] = numbers.as_slice() {
        return match (*a, *b) {
            (0 | 10 | 127, _) | (172, 16..=31) | (192, 168) | (169, 254) => false,
            // Kept for documentation (RFC 5737).
            (192, 0) => *c != 2,
            (198, 51) => *c != 100,
            (203, 0) => *c != 113,
            _ => true,
        };
    }
    let last = host.rsplit_once('.').map_or("", |(_, last)| last);
    last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic())
        && !LOCAL.contains(&last.to_ascii_lowercase().as_str())
}

/// A literal to the quote that ends it. Expressions end at any quote, whichever began it, and at one
/// that is escaped: `"it's-a-long-way"`.
fn literal(text: &[u8], secret: &Range<usize>) -> Range<usize> {
    /// No password is longer.
    const LONGEST: usize = 100;
    let quote = |b: &u8| b"\"'`".contains(b);
    let opens = secret.start.checked_sub(1);
    let Some(own) = opens.and_then(|at| text.get(at)).filter(|b| quote(b)) else {
        return secret.clone();
    };
    let high = secret.end.saturating_add(LONGEST).min(text.len());
    let goes_on = match text.get(secret.end..high) {
        Some([b'\\', next, ..]) => {
            let escaped = opens.and_then(|at| text.get(at.checked_sub(1)?)) == Some(&b'\\');
            quote(next) && !escaped
        }
        Some([next, ..]) => quote(next) && next != own,
        _ => false,
    };
    let rest = text
        .get(secret.end..high)
        .filter(|_| goes_on)
        .unwrap_or(&[]);
    let (mut end, mut escaped) = (None, false);
    for (at, b) in rest.iter().enumerate() {
        match b {
            b'\r' | b'\n' => break,
            b if b == own && !escaped => {
                end = Some(at);
                break;
            }
            b => escaped = *b == b'\\' && !escaped,
        }
    }
    // Beside a quote within, code goes on: `'--password=a1"+b+"c2'`, or a list: `` `json:"password"` ``.
    let code = |rest: &[u8]| {
        let mut pairs = rest.windows(2);
        let joins = |b: &u8| b.is_ascii_whitespace() || b"+.,;:()[]{}<>=&$".contains(b);
        pairs.any(|pair| match pair {
            [a, b] => (quote(a) && joins(b)) || (joins(a) && quote(b)),
            _ => false,
        })
    };
    let inside = end.map(|end| secret.end..secret.end + end);
    let plain = |inside: &Range<usize>| {
        // With what stands before the first quote.
        let around = text.get(inside.start - 1..inside.end);
        around.is_some_and(|around| !code(around))
    };
    match inside.filter(plain) {
        Some(inside) => secret.start..inside.end,
        None => secret.clone(),
    }
}

/// What is to be said against a value, by the name to which it is given: the identifier around the
/// start of the match. None if they are no text.
fn assigned(
    kind: Kind,
    text: &[u8],
    span: &Range<usize>,
    secret: &Range<usize>,
) -> Option<Option<Doubt>> {
    let bytes = text.get(secret.clone()).unwrap_or(&[]);
    let name = name_around(text, span);
    let before = span.start - name.start;
    let behind = text.get(secret.end..).unwrap_or(&[]);
    let (called, cut) = (behind.starts_with(b"("), behind.starts_with(b"..."));
    let set = is_set(text.get(..name.start).unwrap_or(&[]), behind);
    let listed = !set && is_listed(text.get(name.end..secret.start).unwrap_or(&[]));
    let low = span.start.saturating_sub(NAME);
    // The last word of a sentence is no name of what follows in a list.
    let said = text.get(low..name.start).and_then(<[u8]>::last) == Some(&b' ');
    let stored = is_stored(text.get(low..name.start).unwrap_or(&[]));
    let name = text.get(name).unwrap_or(&[]);
    let (Ok(name), Ok(value)) = (std::str::from_utf8(name), std::str::from_utf8(bytes)) else {
        return None;
    };
    Some(if called {
        Some(Doubt::Code)
    } else if cut {
        Some(Doubt::Protected)
    } else if stored {
        Some(Doubt::Reference)
    } else if listed && (said || value::is_name(name, value, goes_on(behind))) {
        Some(Doubt::Words)
    } else {
        value::doubt(kind, name, before, value)
    })
}

/// The identifier around the start of a match, as far as that goes.
fn name_around(text: &[u8], span: &Range<usize>) -> Range<usize> {
    let part = |b: &u8| is_in_word(*b);
    let low = span.start.saturating_sub(NAME);
    let before = text.get(low..span.start).unwrap_or(&[]);
    let before = before.iter().rev().take_while(|b| part(b)).count();
    let after = text.get(span.clone()).unwrap_or(&[]);
    let after = after.iter().take_while(|b| part(b)).count();
    let start = span.start - before;
    let escaped = text.get(low..start).unwrap_or(&[]).ends_with(b"\\");
    let name = text.get(start..span.start).filter(|_| escaped);
    start + name.map_or(0, escape_at)..span.start + after
}

/// How many letters at the beginning of a name belong to an escape, of which the backslash stands
/// before it: `\u0026pageToken`.
fn escape_at(name: &[u8]) -> usize {
    match name {
        [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => 5,
        [b'n' | b'r' | b't', ..] => 1,
        _ => 0,
    }
}

/// How many bytes of a name are looked at before the word that means a secret.
const NAME: usize = 60;

/// Whether the identifier around an offset, where the word stands that means a secret, is the name of
/// one. Of a match that begins there and goes on behind the identifier [`parse`] says the same.
pub(super) fn is_secrets_name(text: &[u8], at: usize) -> bool {
    let name = name_around(text, &(at..text.len()));
    let before = at - name.start;
    let name = text
        .get(name)
        .and_then(|name| std::str::from_utf8(name).ok());
    name.is_none_or(|name| value::means_a_secret(name, before))
}

/// Whether nothing but a comma stands between a name and its value, both of them literals.
fn is_listed(between: &[u8]) -> bool {
    let quote = |b: u8| b"\"'`".contains(&b);
    let between = between.strip_prefix(b"\\").unwrap_or(between);
    let Some((first, rest)) = between.split_first() else {
        return false;
    };
    let rest = rest.trim_ascii_start().strip_prefix(b",");
    // The second may have a mark before its quote, as in `b"…"`.
    let opens = |rest: &[u8]| rest.len() <= 3 && rest.last().copied().is_some_and(quote);
    quote(*first) && rest.is_some_and(|rest| opens(rest.trim_ascii_start()))
}

/// Whether a name and its value are all that a call is given which sets one to the other:
/// `props.setProperty("db.password", "…")`, `map.put("token", "…")`. There a value stands, no name.
fn is_set(before: &[u8], behind: &[u8]) -> bool {
    const SETTERS: [&str; 9] = [
        "put",
        "set",
        "property",
        "option",
        "param",
        "parameter",
        "pair",
        "header",
        "append",
    ];
    let quote = |b: &u8| b"\"'`".contains(b);
    let call = match before {
        [rest @ .., last] if quote(last) => rest.strip_suffix(b"("),
        _ => None,
    };
    let closed = || {
        let rest = behind.get(1..).unwrap_or(&[]);
        rest.trim_ascii_start().starts_with(b")")
    };
    let Some(call) = call.filter(|_| closed()) else {
        return false;
    };
    let low = call.len().saturating_sub(NAME);
    let name = call.get(low..).unwrap_or(&[]);
    let name = name.rsplit(|b| !b.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or(&[]);
    // A word of its own: `queryParam` sets one, `input` and `offset` do not.
    let ends = |word: &&str| {
        let begins = |at: usize| at == 0 || name.get(at).is_some_and(u8::is_ascii_uppercase);
        ends_with(name, word.as_bytes()) && begins(name.len() - word.len())
    };
    let set = name
        .get(..3)
        .is_some_and(|front| front.eq_ignore_ascii_case(b"set"));
    set || SETTERS.iter().any(ends)
}

/// Whether another literal follows in a list, from the quote that ends one.
fn goes_on(behind: &[u8]) -> bool {
    let rest = behind.get(1..).unwrap_or(&[]);
    rest.trim_ascii_start().starts_with(b",")
}

/// Whether a name stands in the name of a resource, so that what follows it names the place of a
/// secret: `arn:aws:secretsmanager:…:secret:Acme-1aB2cD`.
fn is_stored(before: &[u8]) -> bool {
    let row = before.rsplit(|b| b.is_ascii_whitespace() || b"\"'`".contains(b));
    before.ends_with(b":") && row.take(1).any(|row| row.starts_with(b"arn:"))
}

/// A password of which the place says that it is one.
fn is_password(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes);
    text.is_ok_and(|text| value::doubt(Kind::Password, "password", 0, text).is_none())
}

/// What is to be said against a password by its place, with what stands before it in its line.
fn placed(text: &[u8], secret: &Range<usize>) -> Option<Doubt> {
    /// Connection strings are long.
    const REACH: usize = 300;
    let before = text.get(secret.start.saturating_sub(REACH)..secret.start);
    let line = before.and_then(|before| before.rsplit(|b| *b == b'\n').next());
    let value = text.get(secret.clone()).unwrap_or(&[]);
    let line = String::from_utf8_lossy(line.unwrap_or(&[]));
    value::doubt_placed(&line, &String::from_utf8_lossy(value))
}

/// Percent-encoded base64 of an HMAC-SHA256.
fn is_signature(bytes: &[u8]) -> bool {
    const LENGTH: usize = 32;
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let escapes = [
        ("%2B", "+"),
        ("%2F", "/"),
        ("%3D", "="),
        ("%2b", "+"),
        ("%2f", "/"),
        ("%3d", "="),
    ];
    let plain = escapes
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    base64::decode(plain.as_bytes()).is_some_and(|mac| mac.len() == LENGTH)
}

/// The token behind the literal that it begins with, which may well be made of words.
fn body<'t>(token: &'t [u8], keywords: &[Box<[u8]>]) -> Option<&'t str> {
    let length = |word: &[u8]| {
        let head = token.get(..word.len())?;
        head.eq_ignore_ascii_case(word).then_some(word.len())
    };
    let literal = keywords.iter().filter_map(|word| length(word)).max();
    std::str::from_utf8(token.get(literal.unwrap_or(0)..)?).ok()
}

fn is_discord_token(token: &[u8]) -> bool {
    let first = token.split(|b| *b == b'.').next().unwrap_or(&[]);
    base64::decode(first).is_some_and(|id| id.len() >= 17 && id.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::{
        Doubt, Kind, assigned, basic_auth, goes_on, is_listed, is_password, is_remote, is_set,
        is_signature, jwt as claims, literal, url_password,
    };
    use crate::read::base64::{encode, encode_url};

    fn jwt(header: &str, payload: &str) -> String {
        let part = |text: &str| encode_url(text.as_bytes());
        format!("{}.{}.{}", part(header), part(payload), "c2lnbmF0dXJl")
    }

    #[test]
    fn a_json_web_token_is_parsed() {
        let hs = r#"{"alg":"HS256"}"#;
        for (header, payload, expected) in [
            (hs, r#"{"sub":"a"}"#, true),
            (hs, r#"{"sub":"1234567890","name":"John Doe"}"#, false),
            (r#"{"alg":"none"}"#, r#"{"sub":"a"}"#, false),
            (r#"{"typ":"x"}"#, r#"{"sub":"a"}"#, false),
            (hs, "[1]", false),
            (hs, "{}", false),
            (hs, r#"{"sub":"#, false),
        ] {
            assert_eq!(
                claims(jwt(header, payload).as_bytes()).is_some(),
                expected,
                "{header} {payload}"
            );
        }
        assert!(claims(b"eyJ").is_none());
        let signed = jwt(hs, r#"{"sub":"a"}"#);
        let words = signed.replace("c2lnbmF0dXJl", "not-a-real-signature");
        assert!(claims(words.as_bytes()).is_none(), "words are no signature");
        let named = jwt(
            r#"{"alg":"RS256","kid":"k1"}"#,
            r#"{"iss":"app","sub":"ann"}"#,
        );
        let values = claims(named.as_bytes())
            .unwrap()
            .into_iter()
            .map(|i| i.value);
        assert_eq!(values.collect::<Vec<_>>(), ["k1", "app", "app", "ann"]);
    }

    #[test]
    fn what_stands_around_a_value_tells_what_it_is() {
        let random = "q8Zr2LmX0vTn5WbKc7Yd";
        for (text, expected) in [
            ("api_key: VALUE", None),
            ("api_key: VALUE(x)", Some(Doubt::Code)),
            ("api_key: VALUE...", Some(Doubt::Protected)),
            (
                "'arn:aws:secretsmanager:eu:1:api_key:VALUE'",
                Some(Doubt::Reference),
            ),
            ("'arn:aws', 'api_key:VALUE'", None),
            ("['api_key', 'VALUE']", None),
            ("['Turn off the api_key', 'VALUE']", Some(Doubt::Words)),
        ] {
            let text = text.replace("VALUE", random);
            let start = text.find("api_key").unwrap();
            let at = text.find(random).unwrap();
            let secret = at..at + random.len();
            let told = assigned(Kind::Token, text.as_bytes(), &(start..secret.end), &secret);
            assert_eq!(told, Some(expected), "{text}");
        }
    }

    #[test]
    fn a_literal_ends_at_the_quote_that_began_it() {
        for (text, expected) in [
            (r#""it's-Sup3r9!x""#, "it's-Sup3r9!x"),
            (r#"'say"Sup3r9!x'"#, "say\"Sup3r9!x"),
            (r#""say\"Sup3r9!x""#, "say\\\"Sup3r9!x"),
            (r#"\"Sup3r9!x\", 'a'"#, "Sup3r9!x"),
            (r#"'a1"+b+"c2'"#, "a1"),
            (r#"'a1" x"#, "a1"),
            ("`json:\"password,omitempty\"`", "json:"),
            ("\"a1'\n\"", "a1"),
            ("a1' x", "a1"),
            ("", ""),
        ] {
            let start = text.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(0);
            let rest = &text[start..];
            let end = rest.find(['"', '\'', '\\']).unwrap_or(rest.len());
            let found = literal(text.as_bytes(), &(start..start + end));
            assert_eq!(&text[found], expected, "{text}");
        }
    }

    #[test]
    fn only_a_comma_stands_between_literals_of_a_list() {
        for (between, expected) in [
            ("', '", true),
            ("\\\",\\\"", true),
            ("\", b\"", true),
            ("', default='", false),
            ("': '", false),
            (",\"", false),
            ("", false),
        ] {
            assert_eq!(is_listed(between.as_bytes()), expected, "{between}");
        }
    }

    #[test]
    fn a_call_that_sets_a_name_is_given_a_value() {
        for (before, behind, expected) in [
            ("props.setProperty(\"", "\")", true),
            ("map.put('", "' )", true),
            ("new BasicNameValuePair(\"", "\")", true),
            ("setenv(\"", "\", 1)", false),
            ("assertEquals(\"", "\")", false),
            ("input(\"", "\")", false),
            ("[\"", "\")", false),
            ("(\"", "\")", false),
            ("", "", false),
        ] {
            let told = is_set(before.as_bytes(), behind.as_bytes());
            assert_eq!(told, expected, "{before}");
        }
    }

    #[test]
    fn a_list_goes_on_behind_a_comma() {
        assert!(goes_on(b"', 'b'"));
        assert!(goes_on(b"\" , x"));
        assert!(!goes_on(b"')"));
        assert!(!goes_on(b""));
    }

    #[test]
    fn a_random_password_is_one_whatever_the_host() {
        for (url, expected) in [
            ("mysql://app:qkzvxtrw@db.example.com", true),
            ("mysql://app:qkz7xtvw@host:3306", true),
            ("mysql://app:sunshop@host:3306", false),
            ("mysql://app:bpasswd@dbhost", false),
        ] {
            let start = url.find("://").unwrap();
            let secret = start + 7..url.find('@').unwrap();
            let password = &url.as_bytes()[secret];
            let parsed = url_password(url.as_bytes(), &(start..url.len()), password);
            assert_eq!(parsed.is_some(), expected, "{url}");
        }
    }

    #[test]
    fn the_name_of_the_user_is_a_password_where_others_reach_it() {
        for (url, expected) in [
            ("mongodb+srv://PASS:PASS@cluster0.acme.net", true),
            ("mongodb+srv://PASS:PASS@localhost", false),
            ("mongodb+srv://PASS:PASS@db.example.com", false),
            ("mongodb+srv://app:PASS@db.acme.net", true),
        ] {
            let text = url.replace("PASS", "sunshop");
            let start = text.find("://").unwrap();
            let end = text.find('@').unwrap();
            let secret = end - "sunshop".len()..end;
            let password = &text.as_bytes()[secret];
            let parsed = url_password(text.as_bytes(), &(start..text.len()), password);
            assert_eq!(parsed.is_some(), expected, "{url}");
        }
    }

    #[test]
    fn only_names_and_addresses_of_the_public_net_are_remote() {
        for (host, expected) in [
            ("db.acme.corp:5432", true),
            ("8.8.4.4:27017", true),
            ("localhost", false),
            ("db", false),
            ("db.local", false),
            ("192.168.1.4", false),
            ("127.0.0.1:5672", false),
            ("203.0.113.9", false),
            ("", false),
        ] {
            assert_eq!(is_remote(host), expected, "{host}");
        }
    }

    #[test]
    fn a_signature_has_the_length_of_its_hash() {
        let mac: Vec<u8> = (0..32_u8).map(|n| n.wrapping_mul(37) ^ 0xA5).collect();
        let encoded = encode(&mac)
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        assert!(is_signature(encoded.as_bytes()), "{encoded}");
        assert!(is_signature(encode(&mac).as_bytes()));
        assert!(!is_signature(encode(&mac[1..]).as_bytes()));
        assert!(!is_signature(b"%zz"));
    }

    #[test]
    fn words_that_stand_for_a_password_are_none() {
        for (text, expected) in [
            ("tR7-plume9", true),
            ("my_super_secret_admin_password", false),
            ("changeme1", false),
            ("{{ vault_password1 }}", false),
            ("Password", false),
            ("\u{7f}", false),
        ] {
            assert_eq!(is_password(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn basic_authentication_is_decoded() {
        for (pair, expected) in [
            ("svc-backup:tR7-plume", true),
            ("Aladdin:open sesame", false),
            ("user:password", false),
            ("user:${PASSWORD}", false),
            ("no colon here", false),
            ("a:\u{1}\u{2}\u{3}binary", false),
        ] {
            assert_eq!(
                basic_auth(encode(pair.as_bytes()).as_bytes()).is_some(),
                expected,
                "{pair}"
            );
        }
    }
}
