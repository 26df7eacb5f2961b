//! What stands where a secret might: references, code, paths, digests. By shape alone.

use super::list::List;

/// How references to a secret kept elsewhere begin.
static REFERENCES: List = List::new(&[
    "$",
    "{{",
    "<",
    "[",
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
    "{$",
    "urn:",
    // Escaped for a shell, and an option where a command takes the word before it as one.
    "\\$",
    "'$",
    "'\\$",
    "--",
]);

/// What references hold.
static REFERENCE_PARTS: List = List::new(&[
    "${",
    "{{",
    "#{",
    "%(",
    "<%",
    "$(",
    "{0}",
    "%s",
    "%d",
    "%v",
    "%*s",
    "%hh",
    "_env_",
    "secretsmanager",
    "parameterstore",
    "from_secret",
    "valuefrom",
]);

/// How values begin that are hashed, encrypted or sealed.
static PROTECTED: List = List::new(&[
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
    "scrypt:",
    "-----begin",
    "data:",
    "h1:",
    "{aes}",
    "sha1$",
    "sha256$",
    "md5$",
    "sha512$",
    "sha256/",
    "hmacsha",
    // "Salted__" in base64: what OpenSSL encrypts with a password begins so.
    "u2fsdgvkx1",
]);

/// Signs of code that no token has.
static CODE: List = List::new(&[
    "=>", "->", "&&", "||", "::", "==", "!=", "+=", "\\x", "\\u", "\\d", "\\w", "\\s", "();", "</",
    "/>", "[^", "?:", "&quot;",
]);

/// How file names and hosts end.
static ENDS: List = List::new(&[
    ".pem", ".key", ".json", ".txt", ".yml", ".yaml", ".crt", ".p12", ".jks", ".py", ".js", ".ts",
    ".go", ".rb", ".java", ".html", ".xml", ".md", ".com", ".org", ".io", ".net", ".png", ".svg",
    ".php", ".conf", ".env",
]);

/// Stretches of alphabets and keyboards, and jokes in hexadecimal.
static LADDERS: List = List::new(&[
    "abcdefg", "1234567", "0123456", "7654321", "qwertyu", "9876543", "deadbeef", "cafebabe",
    "asdfasdf", "asdfghj",
]);

/// How the prompts of shells end.
const PROMPTS: &[&str] = &[":/#", ":~#", ":/$", ":~$"];

/// Algorithms, as names in code and settings hold them.
static ALGORITHMS: List = List::new(&[
    "hmac", "sha224", "sha256", "sha384", "sha512", "aes128", "aes192", "aes256", "a128cbc",
    "a192cbc", "a256cbc", "a128gcm", "a192gcm", "a256gcm", "pkcs", "ed25519", "x25519", "kerberos",
]);

/// Names that insist on being a key even when the value has the length of a digest.
static INSISTING: List = List::new(&[
    "secret",
    "api_key",
    "apikey",
    "api-key",
    "auth_token",
    "authtoken",
    "access_key",
    "accesskey",
    "access-key",
    "access.key",
    "private_key",
    "privatekey",
    "private-key",
    "private.key",
    "encryption_key",
    "encryption-key",
    "encryptionkey",
    "api.key",
    "auth_key",
    "auth-key",
    "authkey",
]);

/// The same for words that names end with, without what joins them.
const INSISTING_AT_END: &[&str] = &[
    "token",
    "auth",
    "aeskey",
    "signkey",
    "encryptkey",
    "mchkey",
    "masterkey",
    "sessionkey",
    "jwtkey",
    "hmackey",
    "appkey",
    "clientkey",
    "serverkey",
    "sharedkey",
    "servicekey",
    "consumerkey",
    "developerkey",
    "writekey",
    "partnerkey",
    "merchantkey",
    "securekey",
    "securitykey",
    "subscriptionkey",
    "licensekey",
    "cryptkey",
    "cipherkey",
    "webhookkey",
    "integrationkey",
];

pub(super) fn is_reference(folded: &str) -> bool {
    let between = |sign: &str| {
        folded.len() > 2 * sign.len() && folded.starts_with(sign) && folded.ends_with(sign)
    };
    REFERENCES.begins(folded)
        || REFERENCE_PARTS.is_in(folded)
        || is_tag(folded)
        || is_percent(folded)
        || is_format_string(folded)
        || between("@")
        || between("__")
}

/// `!vault`, `!Ref`, `!Sub`: how YAML marks what is to be put in.
fn is_tag(folded: &str) -> bool {
    let name = folded.strip_prefix('!').unwrap_or("");
    let name = name.split_whitespace().next().unwrap_or("");
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b':')
}

/// `%PASSWORD%`, `%s`, `%(name)s`: a variable of Windows, a place in a format.
fn is_percent(folded: &str) -> bool {
    let rest = folded.strip_prefix('%').unwrap_or("");
    !rest.is_empty() && (rest.contains('%') || rest.len() < 4 || rest.starts_with(['(', '{', '<']))
}

/// A name between braces, as in `{password}`.
fn is_format_string(folded: &str) -> bool {
    let inside = folded
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    let name = |b: u8| b.is_ascii_alphanumeric() || b"_.:![]-".contains(&b);
    inside.is_some_and(|(inside, _)| inside.bytes().all(name))
}

pub(super) fn is_protected(folded: &str) -> bool {
    // What PostgreSQL keeps of a password.
    let postgres = folded
        .strip_prefix("md5")
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
    let mysql = folded.len() == 41
        && folded
            .strip_prefix('*')
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    mysql || postgres || PROTECTED.begins(folded)
}

/// A key that a device has derived from a password for itself, as it shows it in place of that.
pub(super) fn is_derived(value: &str) -> bool {
    let rest = value.strip_prefix("0x").unwrap_or("");
    matches!(rest.len(), 32 | 40) && rest.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Stars, dots, bullets or one repeated character.
pub(super) fn is_masked(value: &str) -> bool {
    static RUNS: List = List::new(&[
        "***",
        "xxxx",
        "XXXX",
        "...",
        "…",
        "•••",
        "____",
        "----",
        "0000000",
    ]);
    let mut characters = value.chars();
    let first = characters.next();
    // `xxx-xx-xxx`
    let groups = first.is_some_and(|c| c.is_ascii_alphanumeric());
    characters.all(|c| Some(c) == first || (groups && c == '-')) || RUNS.is_in(value)
}

/// A call, an index, a comparison, an escaped string, or the torn half of one.
pub(super) fn is_code(value: &str) -> bool {
    // Behind a literal that ends here stands what is joined to it: `'--password='.$db['password']`.
    let joined = value.strip_prefix(['.', '+']);
    if joined.is_some_and(|rest| rest.starts_with('$')) {
        return true;
    }
    let value = joined.filter(|rest| rest.ends_with('(')).unwrap_or(value);
    let opens = value.find(['(', '[']).filter(|at| *at > 0);
    let call = opens.is_some_and(|at| {
        let (head, tail) = value.split_at(at);
        let closed = tail.contains([')', ']']) || tail.len() == 1;
        closed
            && head
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b))
    });
    // Padding may end in `==`.
    let body = value.trim_end_matches('=');
    let prompt = PROMPTS.iter().any(|end| value.ends_with(end));
    // A regular expression with a group that says more than that it is one.
    let expression = value.starts_with("(?");
    call || prompt
        || expression
        || is_member(value)
        || is_class(value)
        || is_selector(value)
        || closes(value)
        || value.contains(char::is_control)
        || CODE.is_in(body)
}

/// `)}),name:`: what stands between two literals of packed code. Brackets close, and it goes on.
fn closes(value: &str) -> bool {
    let mut bytes = value.bytes();
    let bracket = |b: u8| b")]}".contains(&b);
    bytes.next().is_some_and(bracket)
        && bytes
            .next()
            .is_some_and(|b| bracket(b) || b",;".contains(&b))
}

/// `UUID=6a38ee5…`: a name, and what it is set to.
pub(super) fn is_pair(value: &str) -> bool {
    let (name, set) = value.split_once('=').unwrap_or((value, ""));
    let letters = name.bytes().all(|b| b.is_ascii_alphabetic());
    name.len() >= 2 && letters && !set.is_empty() && !set.starts_with('=')
}

/// `App\\Entity\\User`: names that begin with a capital, in the manner of PHP.
fn is_class(value: &str) -> bool {
    let parts = value.split('\\').filter(|part| !part.is_empty());
    let name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.contains(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':')
    };
    value.contains('\\') && parts.clone().count() >= 2 && parts.clone().all(name)
}

/// `user.password`, `opts.db.token,`: names joined by dots and nothing else.
fn is_member(value: &str) -> bool {
    let value = value.trim_end_matches([',', ';', ')']);
    let name =
        |part: &str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    value.contains('.') && value.split('.').all(name)
}

/// `#snmp_priv_passphrase`: how a page names one of its elements. Words, with a digit at the most.
fn is_selector(value: &str) -> bool {
    let name = value.strip_prefix('#').unwrap_or("");
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    name.len() >= 8 && digits <= 1 && name.bytes().all(part) && is_wordy(name)
}

/// `/etc/acme2/ssh/user`: from the root on, in small letters, of which base64 has as many capitals.
pub(super) fn is_absolute(value: &str) -> bool {
    let folder = |part: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        part.len() >= 2 && part.bytes().all(plain)
    };
    let path = value.strip_prefix('/').unwrap_or("");
    path.split('/').count() >= 3 && path.split('/').all(folder)
}

pub(super) fn is_path(folded: &str) -> bool {
    // `edit.php?table=users`: what stands behind the question does not make it less of one.
    let folded = match folded.split_once('?') {
        Some((page, asked)) if asked.contains('=') => page,
        _ => folded,
    };
    let drive = folded.as_bytes().get(1..3).is_some_and(|b| b == b":\\");
    let named = |b: u8| b.is_ascii_alphabetic() || b"-_.".contains(&b);
    let parts: Vec<&str> = folded.split('/').collect();
    let long = parts.iter().filter(|part| part.len() >= 3);
    let folders = parts.len() >= 3
        && long.clone().count() >= 2
        && long.clone().all(|part| part.bytes().all(named));
    drive
        || folders
        || folded.contains("://")
        || folded.rfind('.').is_some_and(|at| ENDS.has(&folded[at..]))
}

/// A UUID, also behind words that say of what: `token-0b6e7c1a-…`, `__BLANK_VALUE_0b6e7c1a-…`.
pub(super) fn is_uuid(value: &str) -> bool {
    const LENGTH: usize = 36;
    let value = value.strip_prefix("0x").unwrap_or(value);
    let start = value.len().saturating_sub(LENGTH);
    let (head, value) = value.split_at_checked(start).unwrap_or(("", value));
    let word = head.trim_end_matches(['-', '_', ':']);
    let said = head.is_empty()
        || (word.len() < head.len()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    said && value.len() == LENGTH
        && value.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-' || b == b'_',
            _ => b.is_ascii_hexdigit(),
        })
}

/// `2026-11-20`, with a time after it or not.
pub(super) fn is_date(value: &str) -> bool {
    let date = value.as_bytes().get(..10);
    date.is_some_and(|date| {
        date.iter().enumerate().all(|(at, b)| match at {
            4 | 7 => *b == b'-' || *b == b'/',
            _ => b.is_ascii_digit(),
        })
    })
}

/// Bare hexadecimal of a digest's length, unless the name insists that it is a key.
pub(super) fn is_digest(name: &str, value: &str) -> bool {
    /// What services issue as keys has this length; digests of content are mostly longer.
    const KEY: usize = 32;
    let folded = name.to_ascii_lowercase();
    // `auth-token2`
    let one = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    let one = one.replace(['_', '-', '.'], "");
    let constant = name.ends_with("_KEY") && !name.contains(|c: char| c.is_ascii_lowercase());
    if constant && value.len() == KEY {
        return false;
    }
    let value = value.strip_prefix("0x").unwrap_or(value);
    matches!(value.len(), 32 | 40 | 48 | 56 | 64 | 72 | 96 | 128)
        && value.bytes().all(|b| b.is_ascii_hexdigit())
        && !INSISTING.is_in(&folded)
        && !INSISTING_AT_END.iter().any(|word| one.ends_with(word))
}

/// A name of an algorithm, or one in code that holds such a name.
pub(super) fn is_algorithm(folded: &str) -> bool {
    let name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    folded.bytes().all(name) && ALGORITHMS.is_in(folded)
}

/// `MAX_ENTRIES_OF_V2A`: words in capitals, most of them without a digit.
pub(super) fn is_constant(value: &str) -> bool {
    let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let parts: Vec<&str> = value.split('_').collect();
    let letters = |part: &&&str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_uppercase());
    parts.len() >= 3
        && value.bytes().all(capital)
        && parts.iter().filter(letters).count() * 2 >= parts.len()
}

/// `AcmeLeadsV1Node`: nearly all of it stands in words that begin with a capital. Of what is long, less
/// is enough: `Acme2_5LeadsABCNodeModel`.
pub(super) fn is_camel(value: &str) -> bool {
    let (mut inside, mut rest) = (0, value.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        let small = tail.iter().take_while(|b| b.is_ascii_lowercase()).count();
        let begins = first.is_ascii_uppercase() || rest.len() == value.len();
        let word = begins && first.is_ascii_alphabetic() && small >= 2;
        inside += if word { small + 1 } else { 0 };
        rest = tail.get(if word { small } else { 0 }..).unwrap_or(&[]);
    }
    let long = value.len() >= 24;
    let enough = match long {
        true => inside * 4 >= value.len() * 3,
        false => inside * 5 >= value.len() * 4,
    };
    value.len() >= 12
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || (long && b == b'_'))
        && value.bytes().any(|b| b.is_ascii_uppercase())
        && enough
}

/// `1-limit-highly-privileged-users`: words of small letters between dashes, as addresses hold them.
pub(in crate::check::secret) fn is_slug(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let words = parts
        .iter()
        .filter(|part| part.len() >= 3 && part.bytes().all(|b| b.is_ascii_lowercase()));
    let inside: usize = words.map(|part| part.len()).sum();
    parts.len() >= 4 && inside * 2 >= value.len()
}

/// A stretch of the alphabet, the digits or the keyboard.
pub(super) fn has_ladder(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    let letters = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = folded.get(letters.len()..).unwrap_or("");
    // Each too short to tell by itself.
    let both =
        letters.len() >= 3 && "abcdefg".starts_with(letters) && "1234567890".starts_with(digits);
    (both && digits.len() >= 3) || LADDERS.is_in(&folded)
}

/// Digits one after another, or hardly two different ones: `123456`, `987654321`, `112211`.
pub(super) fn is_counted(value: &str) -> bool {
    let steps = |by: u8| {
        let pairs = value.as_bytes().windows(2);
        pairs.into_iter().all(|pair| match pair {
            [a, b] => b.wrapping_add(10).wrapping_sub(*a) % 10 == by,
            _ => false,
        })
    };
    let mut kinds: Vec<u8> = value.bytes().collect();
    kinds.sort_unstable();
    kinds.dedup();
    value.bytes().all(|b| b.is_ascii_digit()) && (steps(1) || steps(9) || kinds.len() <= 3)
}

/// Half or more of the characters stand in runs of letters, as in words.
pub(super) fn is_wordy(value: &str) -> bool {
    in_runs(value) * 2 >= value.len()
}

/// How many characters stand in runs of five or more letters of one case (a capital may lead):
/// random text hardly has such runs.
pub(super) fn in_runs(value: &str) -> usize {
    let (mut in_runs, mut rest) = (0, value.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        let run = |wanted: fn(&u8) -> bool| 1 + tail.iter().take_while(|b| wanted(b)).count();
        let length = match first {
            b'a'..=b'z' => run(u8::is_ascii_lowercase),
            b'A'..=b'Z' => run(u8::is_ascii_lowercase).max(run(u8::is_ascii_uppercase)),
            _ => 1,
        };
        if length >= 5 {
            in_runs += length;
        }
        rest = rest.get(length..).unwrap_or(&[]);
    }
    in_runs
}
