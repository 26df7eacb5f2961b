//! What the words of a name say about its value.

/// What a name ends with when it is about a secret rather than one.
const TAILS: &[&str] = &[
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
];

/// What a name holds before the word that means a secret, when its value is none.
const HEADS: &[&str] = &[
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
    "confirm",
    "no",
    "missing",
];

/// Words that people write before `password` or `token` without a separator.
const GLUED: &[&str] = &[
    "db", "user", "my", "admin", "root", "auth", "api", "client", "app", "smtp", "mail", "ftp",
    "ssh", "sql", "login", "bot", "access", "refresh", "jwt", "aws", "consumer", "shared", "proxy",
    "ldap", "wifi", "bind", "master", "service", "web", "rpc", "redis", "store", "trust", "conn",
    "mqtt", "pg", "mysql", "ora", "imap", "pop", "vnc", "host", "session", "cookie", "oauth",
];

/// Whether a name says that it holds a secret. `before` bytes stand before the word that means one:
/// `password_field`, `publicKeyToken` and `compass` do not.
pub(super) fn means_a_secret(name: &str, before: usize) -> bool {
    let (head, rest) = name.split_at_checked(before).unwrap_or(("", name));
    let lower_at = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase());
    let inside = lower_at(head.bytes().last()) && lower_at(rest.bytes().next());
    let folded = head.to_ascii_lowercase();
    if inside && !GLUED.iter().any(|word| folded.ends_with(word)) {
        return false;
    }
    let about = words(rest)
        .last()
        .is_some_and(|w| TAILS.contains(&w.as_str()));
    // A key of nothing is that of a map.
    let bare = name.eq_ignore_ascii_case("key");
    !about && !bare && !words(head).iter().any(|w| HEADS.contains(&w.as_str()))
}

/// Names of what services issue, some of them in the form of a UUID.
const ISSUED: &[&str] = &[
    "clientsecret",
    "appsecret",
    "apikey",
    "apitoken",
    "apisecret",
    "accesstoken",
    "authtoken",
    "secretkey",
];

/// Whether a service issued what has this name, so that even a UUID is a secret.
pub(super) fn is_issued(name: &str) -> bool {
    let squashed = words(name).concat();
    ISSUED.iter().any(|word| squashed.ends_with(word))
}

/// Whether the value only repeats the name: `password = "db_password"`.
pub(super) fn is_repeated_in(name: &str, folded: &str) -> bool {
    let squash = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    let (name, value) = (squash(name), squash(folded));
    let value = value.trim_end_matches(|c: char| c.is_ascii_digit());
    !value.is_empty() && (name.ends_with(value) || (name.len() >= 6 && value.ends_with(&name)))
}

/// The words of an identifier, lower case: `dbPasswordHash`, `DB_PASSWORD_HASH`.
fn words(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let starts = !before.is_ascii_alphanumeric()
            || (before.is_ascii_lowercase() && c.is_ascii_uppercase());
        if c.is_ascii_alphanumeric() {
            match all.last_mut() {
                Some(word) if !starts => word.push(c.to_ascii_lowercase()),
                _ => all.push(c.to_ascii_lowercase().to_string()),
            }
        }
        before = c;
    }
    all
}
