//! Addresses that hold a secret: a password before the host, a token as a parameter, the last part of
//! a webhook's path. Endpoints of exports go into messages, inventories and runbooks, which must not
//! tell it; that it stands there is a finding of the rules for secrets.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for a secret.
const MASK: &str = "…";

/// A user without a password is a token from this length on, in bytes; so is the end of a path.
const TOKEN: usize = 16;

/// What names of parameters hold whose value is a secret.
const NAMES: [&str; 9] = [
    "token",
    "secret",
    "passw",
    "pwd",
    "key",
    "sig",
    "auth",
    "code",
    "credential",
];

/// A text with no secret in its addresses. Nearly all have no address.
#[inline]
pub(super) fn without_secrets(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(b':', text.as_bytes()).is_none() {
        return text;
    }
    let secrets = secrets(&text);
    if secrets.is_empty() {
        return text;
    }
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        masked.push_str(text.get(from..secret.start).unwrap_or_default());
        masked.push_str(MASK);
        from = secret.end;
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(masked)
}

/// Where secrets stand in the addresses of a text, in order.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("://")) {
        let start = from + at + "://".len();
        let rest = text.get(start..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\"'<>`".contains(c);
        let end = start + rest.find(ends).unwrap_or(rest.len());
        Address::of(text, start..end).secrets(&mut found);
        from = end;
    }
    found.retain(|secret| text.get(secret.clone()).is_some_and(is_written_out));
    found
}

/// Neither empty nor a place that something is put into.
fn is_written_out(secret: &str) -> bool {
    !secret.is_empty() && !secret.contains(['{', '$', '<', '*']) && secret != MASK
}

/// The parts of an address behind `://`, as offsets of the text.
struct Address<'t> {
    text: &'t str,
    /// Where the user ends, with the password, if there is one.
    user: Option<Range<usize>>,
    host: Range<usize>,
    path: Range<usize>,
    query: Range<usize>,
}

impl<'t> Address<'t> {
    fn of(text: &'t str, all: Range<usize>) -> Self {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let find = |range: Range<usize>, signs: &[char]| {
            part(range.clone())
                .find(signs)
                .map_or(range.end, |at| range.start + at)
        };
        let mut authority = all.start..find(all.clone(), &['/', '?', '#']);
        // A password may hold a slash.
        if let Some(at) = part(all.clone()).rfind('@')
            && part(authority.clone()).contains(':')
            && !part(all.start..all.start + at).contains(['?', '#'])
        {
            let host = all.start + at + 1;
            authority = all.start..find(host..all.end, &['/', '?', '#']);
        }
        let user = part(authority.clone())
            .rfind('@')
            .map(|at| authority.start + at);
        let query = find(authority.end..all.end, &['?', '#']);
        Self {
            text,
            user: user.map(|end| authority.start..end),
            host: user.map_or(authority.start, |end| end + 1)..authority.end,
            path: authority.end..query,
            query: query..all.end,
        }
    }

    fn secrets(&self, found: &mut Vec<Range<usize>>) {
        let part = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        if let Some(user) = &self.user {
            match part(user).find(':') {
                Some(at) => found.push(user.start + at + 1..user.end),
                None if user.len() >= TOKEN => found.push(user.clone()),
                None => {}
            }
        }
        let path = part(&self.path);
        let last = path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let hook = part(&self.host).contains("hook") || path.contains("hook");
        if hook && last.len() >= TOKEN {
            let end = self.path.start + path.trim_end_matches('/').len();
            found.push(end - last.len()..end);
        }
        let mut at = self.query.start;
        for parameter in part(&self.query).split(['?', '&', ';', '#']) {
            let value = parameter
                .find('=')
                .map(|sign| at + sign + 1..at + parameter.len());
            let name = parameter
                .split('=')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            if NAMES.iter().any(|word| name.contains(word)) {
                found.extend(value);
            }
            at += parameter.len() + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::without_secrets;

    fn masked(text: &str) -> String {
        without_secrets(text.into()).into_owned()
    }

    #[test]
    fn secrets_of_addresses_are_masked_and_nothing_else() {
        for (text, expected) in [
            (
                "http://svc:hunter2@erp.example/x",
                "http://svc:…@erp.example/x",
            ),
            (
                "https://svc:a/b@c@erp.example/x?y=1",
                "https://svc:…@erp.example/x?y=1",
            ),
            (
                "postgres://app:pw@db:5432/app",
                "postgres://app:…@db:5432/app",
            ),
            (
                "https://0123456789abcdef0123@git.example/r",
                "https://…@git.example/r",
            ),
            ("https://svc@erp.example/", "https://svc@erp.example/"),
            (
                "see https://u:p@a.example and b",
                "see https://u:…@a.example and b",
            ),
            (
                "\"https://u:p@a\",\"https://v:q@b\"",
                "\"https://u:…@a\",\"https://v:…@b\"",
            ),
            (
                "https://a.example/?api_key=abc&page=2",
                "https://a.example/?api_key=…&page=2",
            ),
            (
                "https://a.example/?page=2#access_token=x",
                "https://a.example/?page=2#access_token=…",
            ),
            (
                "https://hooks.slack.com/services/T0/B0/abcdefghijklmnopqrstuvwx",
                "https://hooks.slack.com/services/T0/B0/…",
            ),
            (
                "https://{!$Credential.Username}:{!$Credential.Password}@a",
                "https://{!$Credential.Username}:{!$Credential.Password}@a",
            ),
            (
                "https://a.example:8443/path/abcdefghijklmnopqrst",
                "https://a.example:8443/path/abcdefghijklmnopqrst",
            ),
            (
                "https://a.example/users/a@b.example?x=1",
                "https://a.example/users/a@b.example?x=1",
            ),
            (
                "arn:aws:iam::111122223333:user/a@b",
                "arn:aws:iam::111122223333:user/a@b",
            ),
            ("12:30", "12:30"),
            ("https://u:…@a", "https://u:…@a"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    proptest! {
        #[test]
        fn a_password_never_passes(
            user in "[a-z]{1,8}", password in "[a-zA-Z0-9!.,~^+=-]{6,20}", path in "(/[a-z]{0,5}){0,3}",
        ) {
            let text = format!("https://{user}:{password}@erp.example{path}");
            let shown = masked(&text);
            prop_assert!(!shown.contains(&password), "{}", shown);
            prop_assert_eq!(masked(&shown), shown);
        }

        #[test]
        fn no_text_is_too_odd(text in "(?s)([a-z:/@?#&= \"\u{e9}]|://){0,40}") {
            let shown = masked(&text);
            prop_assert_eq!(masked(&shown), shown);
        }
    }
}
