//! Is the value that a name is given a secret, or one of the many things that stand there instead?
//! For the generic rules, which have nothing but a name and a value to go by.

use super::entropy::shannon;

/// What the name says that the value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A password: chosen by a person, so it need not look random.
    Password,
    /// A token, key or secret: made by a machine.
    Token,
}

/// Why a value is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The name is about something else: a label, a path, a public or hashed value.
    Name,
    /// Too short or too long.
    Length,
    /// A word that stands for a secret to be filled in, or a sample.
    Placeholder,
    /// It names a place where the secret is: a variable, a vault path.
    Reference,
    /// A call, an index, an expression.
    Code,
    /// A name in code, or words.
    Words,
    /// It is encrypted, hashed or masked already.
    Protected,
    /// A path, URL or file name.
    Path,
    /// A UUID or a digest.
    Digest,
    /// Not random enough.
    Regular,
}

/// Words that make a value a sample when nothing else is in it.
const WEAK: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "test",
    "testing",
    "admin",
    "administrator",
    "user",
    "username",
    "root",
    "guest",
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
    "qwerty",
    "abc",
    "abcdef",
    "letmein",
    "welcome",
    "hello",
    "world",
    "mock",
    "stub",
    "not",
    "real",
    "a",
    "new",
    "old",
    "invalid",
    "wrong",
    "correct",
    "good",
    "bad",
    "strong",
    "weak",
    "super",
    "bearer",
    "basic",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "database",
    "db",
    "sql",
    "server",
    "host",
    "localhost",
    "private",
    "public",
    "unused",
    "unset",
    "required",
    "optional",
    "encrypted",
    "bytes",
    "str",
    "int",
    "bool",
    "object",
    "hunter",
    "monkey",
    "blah",
    "xyz",
];

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
    "at",
    "on",
    "by",
    "verifier",
    "salt",
];

/// What a name holds when its value is no secret.
const HEADS: &[&str] = &[
    "public",
    "pub",
    "hashed",
    "encrypted",
    "encoded",
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

/// How references to a secret kept elsewhere begin.
const REFERENCES: &[&str] = &[
    "$",
    "{{",
    "<",
    "[",
    "%",
    "#{",
    "@@",
    "env.",
    "env:",
    "env(",
    "env[",
    "process.env",
    "os.environ",
    "os.getenv",
    "getenv",
    "system.getenv",
    "secrets.",
    "var.",
    "local.",
    "data.",
    "module.",
    "vault:",
    "vault.",
    "secret/",
    "kv/",
    "arn:",
    "!",
    "op://",
    "ref+",
    "ssm:",
    "aws:",
    "keyvault",
    "@microsoft.keyvault",
    "projects/",
    "file:",
    "/",
    "./",
    "../",
    "~/",
    "self.",
    "this.",
    "config.",
    "settings.",
    "options.",
    "params.",
    "args.",
    "props.",
    "req.",
    "request.",
    "context.",
    "cfg.",
    "ctx.",
    "opts.",
    "lookup(",
    "file(",
];

/// How values begin that are hashed, encrypted or sealed.
const PROTECTED: &[&str] = &[
    "enc(",
    "enc[",
    "{cipher}",
    "vault:v",
    "aqicah",
    "dec::",
    "pbkdf2",
    "bcrypt",
    "argon2",
    "sha256:",
    "sha512:",
    "sha1:",
    "md5:",
    "sha256-",
    "sha384-",
    "sha512-",
    "sha1-",
    "{sha}",
    "{ssha}",
    "{bcrypt}",
    "{noop}",
    "scrypt:",
    "agaa",
    "-----begin",
    "eyjhbgcioijsu0ett0ff",
    "data:",
    "base64:",
    "h1:",
    "{aes}",
    "sha1$",
    "sha256$",
    "md5$",
    "sha512$",
];

/// Why this value, given to this name, is no secret; None when it looks like one. `before` is how
/// many bytes of the name stand before the word that made the rule look.
#[must_use]
pub fn doubt(kind: Kind, name: &str, before: usize, value: &str) -> Option<Doubt> {
    if !names_a_secret(name, before) {
        return Some(Doubt::Name);
    }
    let fits = match kind {
        Kind::Password => 6..=100,
        Kind::Token => 16..=200,
    };
    if !fits.contains(&value.len()) {
        return Some(Doubt::Length);
    }
    let folded = value.to_ascii_lowercase();
    if PROTECTED.iter().any(|p| folded.starts_with(p)) || is_masked(value) {
        return Some(Doubt::Protected);
    }
    if is_reference(&folded) {
        return Some(Doubt::Reference);
    }
    if is_code(value) {
        return Some(Doubt::Code);
    }
    if is_path(&folded) {
        return Some(Doubt::Path);
    }
    if same_as_name(name, &folded) {
        return Some(Doubt::Placeholder);
    }
    match kind {
        Kind::Password => doubt_password(value),
        Kind::Token => doubt_token(name, value),
    }
}

fn doubt_password(value: &str) -> Option<Doubt> {
    if value.contains(|c: char| c.is_whitespace()) {
        return Some(Doubt::Words);
    }
    if is_sample(value) {
        return Some(Doubt::Placeholder);
    }
    let plain = |c: char| c.is_ascii_alphabetic() || "_-.:,?!'".contains(c);
    if value.chars().all(plain) || is_chained_words(value) {
        return Some(Doubt::Words);
    }
    if !value.contains(|c: char| c.is_alphabetic()) || shannon(value.as_bytes()) < 2.2 {
        return Some(Doubt::Regular);
    }
    is_uuid(value).then_some(Doubt::Digest)
}

fn doubt_token(name: &str, value: &str) -> Option<Doubt> {
    if !value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=_.~-".contains(&b))
    {
        return Some(Doubt::Code);
    }
    if is_uuid(value) || is_digest(name, value) {
        return Some(Doubt::Digest);
    }
    if is_sample(value) {
        return Some(Doubt::Placeholder);
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let needed = if hex { 3.0 } else { 3.5 };
    if digits < 2 || letters < 3 || shannon(value.as_bytes()) < needed || has_ladder(value) {
        return Some(Doubt::Regular);
    }
    is_wordy(value).then_some(Doubt::Words)
}

/// The text of an element that a vendor reserves for a secret: everything counts that is not a
/// reference, a mask or a word asking to be replaced. A made-up looking value may be in force.
#[must_use]
pub fn is_literal(value: &str) -> bool {
    let folded = value.trim().to_ascii_lowercase();
    let formula = folded.contains("{!") || folded.contains("$credential");
    let asks = [
        "changeme",
        "change_me",
        "change-me",
        "replaceme",
        "replace_me",
        "replace-me",
        "placeholder",
        "todo",
        "null",
        "none",
    ];
    !folded.is_empty()
        && !formula
        && !is_masked(&folded)
        && !asks.contains(&folded.as_str())
        && ![
            "$", "{{", "<", "&lt;", "%", "#{", "@@", "__", "your_", "your-",
        ]
        .iter()
        .any(|p| folded.starts_with(p))
        && !(folded.starts_with('@') && folded.ends_with('@'))
}

/// A password beside a user name, in a URL or an Authorization header.
#[must_use]
pub fn is_real_password(user: &str, password: &str) -> bool {
    let folded = password.to_ascii_lowercase();
    let templated = password.contains(['$', '{', '<', '*', '…', '(', '\\'])
        || (password.contains('%') && !is_percent_encoded(password));
    // What services ask for in the other half when the token is the user name.
    let filler = [
        "x-oauth-basic",
        "x-access-token",
        "x-token-auth",
        "oauth2accesstoken",
        "api_token",
    ];
    let digits_only = password.bytes().all(|b| b.is_ascii_digit());
    password.len() >= 4
        && !templated
        && !digits_only
        && !filler.contains(&folded.as_str())
        && !folded.eq_ignore_ascii_case(user)
        && !is_masked(password)
        && !is_reference(&folded)
        && !is_sample(password)
        && shannon(password.as_bytes()) >= 1.8
}

/// A host that exists in documentation only.
#[must_use]
pub fn is_sample_host(host: &str) -> bool {
    let host = host
        .split([':', '/'])
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let sample_name = [
        "example", "host", "hostname", "server", "myhost", "yourhost", "domain", "somehost", "foo",
        "bar",
    ];
    let labels: Vec<&str> = host.split('.').collect();
    labels
        .iter()
        .any(|label| matches!(*label, "example" | "foo" | "yourdomain" | "mydomain"))
        || sample_name.contains(&host.as_str())
        || matches!(labels.last(), Some(&"test" | &"invalid" | &"example"))
}

/// `p%40ss` is a password; `%s` and `%(password)s` are places for one.
fn is_percent_encoded(password: &str) -> bool {
    password
        .split('%')
        .skip(1)
        .all(|tail| tail.len() >= 2 && tail.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

/// Stars, dots, bullets or one repeated character.
fn is_masked(value: &str) -> bool {
    let mut characters = value.chars();
    let first = characters.next();
    let one = characters.all(|c| Some(c) == first);
    let runs = [
        "***",
        "xxxx",
        "....",
        "…",
        "•••",
        "____",
        "----",
        "0000000",
        "XXXX",
    ];
    one || runs
        .iter()
        .any(|run| value.contains(run) && !value.starts_with("-----"))
}

fn is_reference(folded: &str) -> bool {
    REFERENCES.iter().any(|r| folded.starts_with(r))
        || ["${", "{{", "#{", "%(", "<%", "$(", "{0}", "%s", "%d", "%v"]
            .iter()
            .any(|r| folded.contains(r))
        || (folded.contains('{') && folded.contains('}'))
        || (folded.starts_with('@') && folded.ends_with('@') && folded.len() > 2)
        || (folded.starts_with("__") && folded.ends_with("__"))
        || [
            "_env_",
            "secretsmanager",
            "parameterstore",
            "from_secret",
            "valuefrom",
        ]
        .iter()
        .any(|r| folded.contains(r))
}

/// A call, an index, a comparison, an escaped string.
fn is_code(value: &str) -> bool {
    let opens = value.find(['(', '[']);
    let call = opens.is_some_and(|at| {
        at > 0
            && value[at + 1..].contains([')', ']'])
            && value[..at]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b))
    });
    let arrows = [
        "=>", "->", "&&", "||", "::", "==", "!=", "+=", "\\x", "\\u", "\\d", "\\w", "\\s", "();",
        "</", "/>", "[^", "?:",
    ];
    // Padding may end in `==`.
    let body = value.trim_end_matches('=');
    call || arrows.iter().any(|a| body.contains(a))
}

fn is_path(folded: &str) -> bool {
    let slashes = folded.matches('/').count();
    let ends = [
        ".pem", ".key", ".json", ".txt", ".yml", ".yaml", ".crt", ".p12", ".jks", ".py", ".js",
        ".ts", ".go", ".rb", ".java", ".html", ".xml", ".md", ".com", ".org", ".io", ".net",
        ".png", ".svg", ".php", ".conf", ".env",
    ];
    let scheme = folded.contains("://");
    let drive = folded.as_bytes().get(1..3).is_some_and(|b| b == b":\\");
    let words = folded.split('/').filter(|part| part.len() >= 3);
    let wordy = slashes >= 2
        && words.clone().count() >= 2
        && words.clone().all(|part| {
            part.bytes()
                .all(|b| b.is_ascii_alphabetic() || b"-_.".contains(&b))
        });
    scheme || drive || wordy || ends.iter().any(|e| folded.ends_with(e))
}

fn same_as_name(name: &str, folded: &str) -> bool {
    let squash = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let (name, value) = (squash(name), squash(folded));
    !value.is_empty()
        && (name == value
            || name.ends_with(&value)
            || value == name.clone() + "1"
            || (name.len() >= 6 && value.ends_with(&name)))
}

/// Whether the words of the name say that it holds a secret: `before` bytes, then the keyword and
/// what follows it. `password_field` and `publicKeyToken` do not.
fn names_a_secret(name: &str, before: usize) -> bool {
    let (head, rest) = name.split_at_checked(before).unwrap_or(("", name));
    let whole = words(name);
    let last = whole.last().map_or("", String::as_str);
    let first_in_rest = words(rest).len();
    let heads = &whole[..whole.len().saturating_sub(first_in_rest.saturating_sub(1))];
    // `bypass=`, `compass=`, `monkey=`: the keyword is the end of another word.
    let inside = head.bytes().last().is_some_and(|b| b.is_ascii_lowercase())
        && rest.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let glued = inside && !glued_well(head);
    !glued && !TAILS.contains(&last) && !heads.iter().any(|w| HEADS.contains(&w.as_str()))
}

/// Words that people write before `password` and `token` without a separator.
fn glued_well(head: &str) -> bool {
    let folded = head.to_ascii_lowercase();
    [
        "db",
        "user",
        "my",
        "admin",
        "root",
        "auth",
        "api",
        "client",
        "app",
        "smtp",
        "mail",
        "ftp",
        "ssh",
        "sql",
        "login",
        "bot",
        "access",
        "refresh",
        "jwt",
        "aws",
        "consumer",
        "shared",
        "proxy",
        "ldap",
        "wifi",
        "bind",
        "master",
        "service",
        "web",
        "rpc",
        "redis",
        "keystore",
        "truststore",
        "store",
    ]
    .iter()
    .any(|word| folded.ends_with(word))
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

/// Nothing but weak words, digits and separators.
fn is_sample(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    let marks = [
        "example",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "replace_me",
        "replace-me",
        "replaceme",
        "your_",
        "your-",
        "yourpass",
        "yoursecret",
        "yourtoken",
        "_here",
        "-here",
        "dummy",
        "redacted",
        "insert_",
        "insert-",
        "fake",
        "notasecret",
        "not-a-secret",
        "not_a_secret",
        "not-real",
        "foobar",
        "lorem",
        "todo",
        "-test-",
        "_test_",
        "testtest",
        "sample",
        "s3cr3t",
        "p@ssw",
        "passw0rd",
        "pa$$",
    ];
    let classes = [
        value.contains(|c: char| c.is_ascii_lowercase()),
        value.contains(|c: char| c.is_ascii_uppercase()),
        value.contains(|c: char| c.is_ascii_digit()),
        value.contains(|c: char| c.is_ascii_punctuation() && !"-_.".contains(c)),
    ];
    let strong =
        value.len() >= 20 && classes.iter().filter(|c| **c).count() >= 3 && !is_wordy(value);
    // A mark inside a long random value is chance, not intent.
    (!strong && marks.iter().any(|m| folded.contains(m))) || is_weak_words(&folded)
}

/// After all weak words are taken out, (almost) no letters are left.
fn is_weak_words(folded: &str) -> bool {
    let letters: String = folded.chars().filter(char::is_ascii_alphabetic).collect();
    let mut rest = letters.as_str();
    let mut left = 0;
    while !rest.is_empty() {
        let longest = WEAK
            .iter()
            .filter(|w| rest.starts_with(*w) && (w.len() >= 2))
            .max_by_key(|w| w.len());
        match longest {
            Some(word) => rest = &rest[word.len()..],
            None => {
                left += 1;
                rest = &rest[1..];
            }
        }
    }
    !letters.is_empty() && left <= letters.len() / 6
}

/// `my-service-2.internal`, `user_token_v1`: lower-case words and numbers between separators.
fn is_chained_words(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.', '/', ':']).collect();
    parts.len() >= 2
        && parts.iter().all(|part| {
            let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
            letters.bytes().all(|b| b.is_ascii_lowercase())
                || letters.bytes().all(|b| b.is_ascii_uppercase())
                || is_title(letters)
        })
}

fn is_title(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase()) && bytes.all(|b| b.is_ascii_lowercase())
}

/// Half or more of the characters stand in runs of five or more letters of one case (a capital may
/// lead): random text hardly has such runs.
fn is_wordy(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (mut in_runs, mut at) = (0, 0);
    while let Some(first) = bytes.get(at) {
        let rest = &bytes[at + 1..];
        let run = if first.is_ascii_alphabetic() {
            let lower = rest.iter().take_while(|b| b.is_ascii_lowercase()).count();
            let upper = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
            1 + if first.is_ascii_uppercase() {
                lower.max(upper)
            } else {
                lower
            }
        } else {
            1
        };
        if run >= 5 {
            in_runs += run;
        }
        at += run;
    }
    in_runs * 2 >= bytes.len()
}

/// A stretch of the alphabet or of the digits.
fn has_ladder(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    [
        "abcdefg", "1234567", "0123456", "7654321", "qwertyu", "9876543", "deadbeef", "cafebabe",
    ]
    .iter()
    .any(|l| folded.contains(l))
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Bare hexadecimal of a digest's length, unless the name insists that it is a key.
fn is_digest(name: &str, value: &str) -> bool {
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let folded = name.to_ascii_lowercase();
    let insists = [
        "secret",
        "api_key",
        "apikey",
        "api-key",
        "auth_token",
        "authtoken",
        "access_key",
        "private_key",
    ]
    .iter()
    .any(|w| folded.contains(w));
    hex && !insists && matches!(value.len(), 32 | 40 | 48 | 56 | 64 | 72 | 96 | 128)
}
