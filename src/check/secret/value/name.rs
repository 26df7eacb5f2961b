//! What the words of a name say about its value.

use super::list::List;
use crate::check::secret::ends_with;

/// What a name ends with when it is about a secret rather than one.
static TAILS: List = List::new(&[
    "id",
    "ids",
    "name",
    "names",
    "url",
    "uri",
    "path",
    "file",
    "filename",
    "dir",
    "type",
    "types",
    "field",
    "fields",
    "label",
    "labels",
    "header",
    "headers",
    "prefix",
    "suffix",
    "hash",
    "hashes",
    "digest",
    "length",
    "len",
    "filter",
    "filters",
    "size",
    "count",
    "max",
    "min",
    "limit",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "age",
    "regex",
    "pattern",
    "format",
    "title",
    "message",
    "msg",
    "error",
    "hint",
    "help",
    "description",
    "placeholder",
    "algorithm",
    "alg",
    "method",
    "endpoint",
    "column",
    "table",
    "template",
    "policy",
    "version",
    "ref",
    "reference",
    "arn",
    "manager",
    "management",
    "mgmt",
    "provider",
    "class",
    "module",
    "store",
    "env",
    "var",
    "variable",
    "command",
    "cmd",
    "strategy",
    "input",
    "form",
    "reset",
    "changed",
    "required",
    "strength",
    "text",
    "validator",
    "validators",
    "encoder",
    "encoding",
    "hasher",
    "index",
    "kind",
    "scope",
    "position",
    "pos",
    "start",
    "end",
    "list",
    "map",
    "set",
    "string",
    "regexp",
    "rule",
    "rules",
    "usage",
    "info",
    "checksum",
    "fingerprint",
    "mode",
    "option",
    "options",
    "param",
    "parameter",
    "attr",
    "attribute",
    "property",
    "source",
    "backend",
    "status",
    "state",
    "code",
    "date",
    "time",
    "at",
    "on",
    "by",
    "verifier",
    "salt",
    "used",
    "startswith",
    "endswith",
    "contains",
    "icontains",
    "exact",
    "iexact",
    "in",
    "spec",
    "specs",
    "enc",
    "md5",
    "sha",
    "sha1",
    "sha256",
    "eight",
    "four",
    "driver",
    "hasher",
    "hashers",
    "profile",
    "h",
]);

/// Endings of files of source and of what is shipped with it: lists of digests are full of them.
static FILES: List = List::new(&[
    "bin", "c", "cc", "cpp", "cs", "css", "go", "h", "html", "java", "jpeg", "jpg", "js", "json",
    "jsx", "kt", "lock", "md", "mjs", "p8", "pem", "php", "pl", "png", "proto", "py", "rb", "rs",
    "scss", "sh", "sql", "svg", "swift", "toml", "ts", "tsx", "txt", "xml", "yaml", "yml",
]);

/// What a name holds before the word that means a secret, when its value is none.
static HEADS: List = List::new(&[
    "public",
    "pub",
    "hashed",
    "encrypted",
    "encoded",
    "masked",
    "invalid",
    "wrong",
    "bad",
    "fake",
    "mock",
    "dummy",
    "example",
    "sample",
    "placeholder",
    "csrf",
    "xsrf",
    "next",
    "page",
    "pagination",
    "continuation",
    "cursor",
    "cancellation",
    "lexer",
    "parser",
    "foreign",
    "primary",
    "partition",
    "sort",
    "cache",
    "idempotency",
    "dedup",
    "expected",
    "site",
    "recaptcha",
    "publishable",
    "sync",
    "max",
    "min",
    "num",
    "has",
    "is",
    "hide",
    "show",
    "forgot",
    "reset",
    "update",
    "confirm",
    "no",
    "missing",
    "websocket",
    "version",
    "pbkdf2",
    "bcrypt",
    "scrypt",
    "argon2",
    "ssha",
    "fingerprint",
    "thumbprint",
]);

/// How classes of errors end.
static ERRORS: List = List::new(&["error", "exception"]);

/// Words that people write before `password` or `token` without a separator.
const GLUED: &[&str] = &[
    "db", "user", "my", "admin", "root", "auth", "api", "client", "app", "smtp", "mail", "ftp",
    "ssh", "sql", "login", "bot", "access", "refresh", "jwt", "aws", "consumer", "shared", "proxy",
    "ldap", "wifi", "bind", "master", "service", "web", "rpc", "redis", "store", "trust", "conn",
    "mqtt", "pg", "mysql", "ora", "imap", "pop", "vnc", "host", "session", "cookie", "oauth",
    "clear", "plain", "super", "key", "ssl", "tls", "vpn", "zip", "cert", "email", "account",
    "dev", "prod", "sudo", "wp", "sip", "snmp", "enable", "guest", "git", "docker", "npm",
    "jenkins", "mongo", "maria", "rabbit", "sftp", "smb", "router", "device", "backup",
];

/// Whether a name says that it holds a secret. `before` bytes stand before the word that means one:
/// `password_field`, `publicKeyToken` and `compass` do not. Asked wherever such a word stands, so it
/// copies nothing.
pub(in crate::check::secret) fn means_a_secret(name: &str, before: usize) -> bool {
    let (head, rest) = name.split_at_checked(before).unwrap_or(("", name));
    let lower_at = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase());
    let inside = lower_at(head.bytes().last()) && lower_at(rest.bytes().next());
    if inside
        && !GLUED
            .iter()
            .any(|word| ends_with(head.as_bytes(), word.as_bytes()))
    {
        return false;
    }
    // Java's specification of a key is made of the key; others are names of algorithms.
    let key = rest.eq_ignore_ascii_case("SecretKeySpec");
    let last = parts(rest).filter(|word| !is_number(word)).last();
    if !key && last.is_some_and(|word| TAILS.has(word)) {
        return false;
    }
    // A key of nothing is that of a map.
    let bare = name
        .trim_start_matches(['.', '$'])
        .eq_ignore_ascii_case("key");
    let file = || {
        rest.rsplit_once('.')
            .is_some_and(|(_, ending)| FILES.has(ending))
    };
    // AWS: what makes sure that a request is carried out once.
    let client = matches!(name, "clientToken" | "ClientToken");
    let known = |word: &str| HEADS.has(word) || ends_with(word.as_bytes(), b"public");
    // The tables of a generated parser; the keys by which programs remember questions.
    let table = head.is_empty() && rest == "tokenData";
    let asked = || {
        let last = parts(head).last();
        rest.eq_ignore_ascii_case("key")
            && last.is_some_and(|word| word.eq_ignore_ascii_case("query"))
    };
    // A member of a class of errors.
    let of_error = || {
        rest.rsplit_once('.').is_some_and(|(class, _)| {
            let last = parts(class).last();
            last.is_some_and(|word| ERRORS.has(word))
        })
    };
    // The greeting of a connection, of which nothing stays secret.
    let socket = name.eq_ignore_ascii_case("Sec-WebSocket-Key");
    let other = bare || client || socket || table || asked() || file() || of_error();
    !other && !parts(head).any(known)
}

/// The identifier of a key that signs packages or mail: hexadecimal, and no secret.
pub(super) fn is_key_of_signatures(name: &str, value: &str) -> bool {
    let value = value.strip_prefix("0x").unwrap_or(value);
    let hex =
        matches!(value.len(), 8 | 16 | 32 | 40) && value.bytes().all(|b| b.is_ascii_hexdigit());
    hex && words(name)
        .iter()
        .any(|word| matches!(word.as_str(), "gpg" | "pgp" | "keyring"))
}

/// Names of what services issue, some of them in the form of a UUID. Not every token: most of that form
/// make sure that a request is carried out once.
const ISSUED: &[&str] = &[
    "clientsecret",
    "appsecret",
    "apikey",
    "apitoken",
    "apisecret",
    "accesstoken",
    "authtoken",
    "clienttoken",
    "refreshtoken",
    "secretkey",
    "accesskey",
    "webhooksecret",
    "signingsecret",
    "consumersecret",
    "sharedsecret",
    "bottoken",
    "servertoken",
    "hectoken",
    "authkey",
    "vaulttoken",
    "masterkey",
    "subscriptionkey",
    "privatetoken",
    "admintoken",
    "bearertoken",
];

/// Whether a service issued what has this name, so that even a UUID is a secret.
pub(super) fn is_issued(name: &str) -> bool {
    let words = words(name);
    let squashed = words.concat();
    ISSUED.iter().any(|word| squashed.ends_with(word))
        || is_of_a_service(name, &words)
        || is_of_somebody(&words)
        || is_header(&words)
}

/// `X-Auth-Token`: headers of services of their own, which carry what those issued.
fn is_header(words: &[String]) -> bool {
    let ends = |word: &String| matches!(word.as_str(), "token" | "key");
    words.len() >= 3
        && words.first().is_some_and(|word| word == "x")
        && words.last().is_some_and(ends)
}

/// Whether a name says that an application at some service has this secret.
pub(super) fn is_of_client(name: &str) -> bool {
    let squashed = words(name).concat();
    squashed.ends_with("clientsecret") || squashed.ends_with("consumersecret")
}

/// `secret`, `acme_secret`: given to somebody, but for what a program makes for itself.
fn is_of_somebody(words: &[String]) -> bool {
    words.last().is_some_and(|word| word == "secret")
        && !words.iter().any(|word| OWN.contains(&word.as_str()))
}

/// Whether a name ends with a word for a password, and not with what one is for: `adminPassword2`, and
/// neither `PASSWORD_GUID` nor `PASSWORD_ADMINISTRATOR`.
pub(super) fn is_password(name: &str) -> bool {
    const WORDS: [&str; 5] = ["password", "passwd", "passphrase", "pwd", "pass"];
    let last = parts(name).last().unwrap_or("");
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    WORDS
        .iter()
        .any(|word| ends_with(last.as_bytes(), word.as_bytes()))
}

/// `JWT_SECRET`, `session_secret`, `jwtKey`: what those who run a program think up as often as they have
/// it made.
pub(super) fn is_chosen(name: &str) -> bool {
    const SIGNS: [&str; 5] = ["jwt", "hmac", "sign", "aes", "cipher"];
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    let (mut before, mut last) = ("", "");
    for word in parts(name) {
        if SIGNS.iter().any(|sign| is(word, sign)) {
            return true;
        }
        (before, last) = (last, word);
    }
    // `SECRET_KEY`, `secretOrKey`
    is(last, "secret") || (is(last, "key") && (is(before, "secret") || is(before, "or")))
}

/// What a program makes for itself is named after what it is for.
const OWN: &[&str] = &[
    "access", "auth", "id", "jwt", "my", "nonce", "request", "session", "test", "user", "verify",
];

/// `ACME_TOKEN`: a variable of an environment that begins with whose token it is.
fn is_of_a_service(name: &str, words: &[String]) -> bool {
    let constant = !name.contains(|c: char| c.is_ascii_lowercase());
    match words {
        [first, .., last] => {
            constant
                && matches!(last.as_str(), "token" | "secret")
                && !OWN.contains(&first.as_str())
        }
        _ => false,
    }
}

/// Whether the value only repeats the name: `password = "db_password"`.
pub(super) fn is_repeated_in(name: &str, folded: &str) -> bool {
    let squash = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    let (name, value) = (squash(name), squash(folded));
    let stem = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let letters = |rest: &str| rest.bytes().all(|b| b.is_ascii_alphabetic());
    let further = name.len() >= 8 && stem.strip_prefix(&name).is_some_and(letters);
    let longer = name.len() >= 6 && (stem.ends_with(&name) || further);
    let within = value.len() >= 8 && name.contains(&value);
    let shorter = !stem.is_empty() && (name.ends_with(stem) || within);
    longer || shorter
}

/// Whether the value is another name of the kind: `v3AuthPass, v3PrivPass`, or one that begins and ends
/// with the words of this.
pub(super) fn is_another(name: &str, value: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"_-#".contains(&b);
    let bare = |word: &String| {
        word.trim_end_matches(|c: char| c.is_ascii_digit())
            .to_owned()
    };
    let (own, others) = (words(name), words(value));
    let ends = own.last().map(bare).filter(|word| word.len() >= 4);
    let same = others.len() >= 2 && ends.is_some() && ends == others.last().map(bare);
    let (first, last) = (
        own.first().map_or("", String::as_str),
        own.last().map_or("", String::as_str),
    );
    let folded = value.to_ascii_lowercase();
    let around = own.len() >= 2
        && first.len() >= 3
        && last.len() >= 3
        && folded.starts_with(first)
        && folded.ends_with(last);
    value.bytes().all(part) && (same || around)
}

/// `2`, `v2`: which of several, or since when.
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The words of an identifier, lower case: `dbPasswordHash`, `DB_PASSWORD_HASH`.
fn words(name: &str) -> Vec<String> {
    parts(name).map(str::to_ascii_lowercase).collect()
}

/// The words of an identifier as they stand in it.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let pairs = rest.bytes().zip(rest.bytes().skip(1));
        let ends = |(before, b): (u8, u8)| {
            !b.is_ascii_alphanumeric() || (before.is_ascii_lowercase() && b.is_ascii_uppercase())
        };
        // What ends a word begins a character: the byte before it is a letter or digit.
        let length = pairs.take_while(|pair| !ends(*pair)).count() + 1;
        let (word, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_end_at_signs_and_before_capitals() {
        for (name, expected) in [
            ("dbPasswordHash", &["db", "password", "hash"][..]),
            ("DB_PASSWORD.hash$", &["db", "password", "hash"]),
            ("key2Id", &["key2id"]),
            ("-é-", &[]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }
}
