//! Values that people write where a secret will be: placeholders, demo words.

use super::list::List;
use super::shape::is_wordy;

/// Words that make a value a sample when (almost) nothing else is in it. Not those that people choose
/// for passwords in earnest (`admin`, `welcome`): with a digit behind them they are in force.
static WEAK: List = List::new(&[
    "password",
    "passwort",
    "passphrase",
    "passwd",
    "passw",
    "pass",
    "pwd",
    "secret",
    "token",
    "test",
    "testing",
    "user",
    "username",
    "demo",
    "sample",
    "example",
    "dummy",
    "fake",
    "foo",
    "bar",
    "baz",
    "default",
    "change",
    "changeme",
    "changeit",
    "changethis",
    "replace",
    "replaceme",
    "me",
    "my",
    "your",
    "the",
    "this",
    "here",
    "with",
    "todo",
    "fixme",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "empty",
    "string",
    "value",
    "placeholder",
    "redacted",
    "hidden",
    "masked",
    "insert",
    "enter",
    "some",
    "secure",
    "key",
    "api",
    "apikey",
    "access",
    "client",
    "auth",
    "login",
    "abc",
    "abcdef",
    "mock",
    "stub",
    "not",
    "real",
    "new",
    "old",
    "invalid",
    "wrong",
    "incorrect",
    "correct",
    "credential",
    "credentials",
    "something",
    "anything",
    "good",
    "bad",
    "strong",
    "weak",
    "bearer",
    "basic",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "zabbix",
    "database",
    "db",
    "sql",
    "server",
    "host",
    "localhost",
    "private",
    "public",
    "unused",
    "unknown",
    "always",
    "required",
    "optional",
    "encrypted",
    "bytes",
    "str",
    "int",
    "bool",
    "object",
    "blah",
    "xyz",
    "aws",
    "uri",
    "url",
    "proxy",
    "prefix",
    "scope",
    "lookup",
    "pw",
    // Words that stand for any.
    "lorem",
    "ipsum",
    "qux",
    "quux",
    "xyzzy",
    // Ways to prove who one is, and what becomes of a password.
    "ntlm",
    "saml",
    "oidc",
    "oauth",
    "xoauth",
    "ldap",
    "kerberos",
    "scram",
    "cram",
    "digest",
    "base",
    "uuid",
    "sha",
    "md",
    "pbkdf",
    "bcrypt",
    // Where passwords are kept.
    "vault",
    "keyvault",
    "kms",
    "gcp",
    "azure",
    "az",
    "pg",
    "yubi",
    "django",
    "kafka",
]);

/// Words for a password or for what is secret, in languages that put other letters side by side. With a
/// digit behind them they are in force.
static SAID: List = List::new(&[
    "geheim",
    "sekret",
    "zugang",
    "kennwort",
    "wachtwoord",
    "jelszo",
    "lozinka",
    "tajne",
    "matkhau",
]);

/// Parts that say "sample", too long to turn up in random text.
static MARKS: List = List::new(&[
    "example",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "replace_me",
    "replace-me",
    "replaceme",
    "yourpass",
    "yoursecret",
    "yourtoken",
    "redacted",
    "insert_",
    "insert-",
    "notasecret",
    "not-a-secret",
    "not_a_secret",
    "not-real",
    "testtest",
    "passw0rd",
    "supersecret",
    "super-secret",
    "super_secret",
    "mysecret",
    "longsecret",
]);

/// The same that may turn up there.
static SHORT_MARKS: List = List::new(&[
    "your_", "your-", "_here", "-here", "dummy", "fake", "foobar", "lorem", "todo", "-test-",
    "_test_", "sample", "s3cr3t", "s3cret", "p@ssw", "pa$$", "pa55w", "p4ssw", "p4$$",
]);

/// A length at which a short mark may be chance.
const LONG: usize = 20;

/// Whether a value is a placeholder or a demo word.
pub(super) fn is_sample(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    MARKS.is_in(&folded)
        || (SHORT_MARKS.is_in(&folded) && !is_long_and_random(value))
        || SAID.has(&folded)
        || is_weak(&folded)
        || is_aside(&folded)
}

/// Whether letters and digits are mixed, in no words, over a length at which a short mark may be chance.
fn is_long_and_random(value: &str) -> bool {
    let has = |wanted: fn(&char) -> bool| value.chars().any(|c| wanted(&c));
    let classes = [
        has(char::is_ascii_lowercase),
        has(char::is_ascii_uppercase),
        has(char::is_ascii_digit),
        value.contains(|c: char| c.is_ascii_punctuation() && !"-_.".contains(c)),
    ];
    let mixed = classes.iter().filter(|c| **c).count() >= 3;
    value.len() >= LONG && mixed && !is_wordy(value)
}

/// `(snip)`: a word between parentheses, of whoever took the value out.
fn is_aside(folded: &str) -> bool {
    let inside = folded
        .trim_end_matches([';', ','])
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    inside.is_some_and(|word| word.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// After all weak words are taken out, (almost) no letters are left.
fn is_weak(folded: &str) -> bool {
    let letters: String = folded.chars().filter(char::is_ascii_alphabetic).collect();
    let most = letters.len() / 6;
    let (mut rest, mut left) = (letters.as_str(), 0);
    while left <= most
        && let Some(after_one) = rest.get(1..)
    {
        let longest = WEAK.beginnings(rest).map(str::len).max();
        rest = longest
            .and_then(|length| rest.get(length..))
            .unwrap_or_else(|| {
                left += 1;
                after_one
            });
    }
    !letters.is_empty() && left <= most
}
