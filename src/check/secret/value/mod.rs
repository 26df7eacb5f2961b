//! Is the value that a name is given a secret, or one of the many things that stand there instead?
//! For the rules that have nothing but a name and a value to go by.

mod chosen;
mod known;
mod list;
mod name;
mod placed;
mod sample;
mod shape;

use super::bigrams;
use super::entropy::shannon;
use crate::read::base64;
use known::is_known;
pub(in crate::check::secret) use name::means_a_secret;
pub(in crate::check::secret) use placed::{doubt as doubt_placed, is_bare as is_bare_password};
use sample::is_sample;
pub(in crate::check::secret) use shape::is_slug;
use shape::{
    has_ladder, in_runs, is_absolute, is_algorithm, is_camel, is_code, is_constant, is_counted,
    is_date, is_derived, is_digest, is_masked, is_pair, is_path, is_protected, is_reference,
    is_uuid, is_wordy,
};

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
    /// A word that stands for a secret to be filled in, a sample, or the name itself.
    Placeholder,
    /// A standard or a manual prints this very value.
    Printed,
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
    /// A UUID, a digest or a date.
    Digest,
    /// Not random enough.
    Regular,
}

/// Lengths that are looked at: shorter is guessable anyway, longer is data.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 4..=100;
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 6..=200;
/// A shorter password is one only where it is nothing else: random letters, or digits.
const PASSWORD: usize = 6;

/// What letters of words cost side by side, at most, in sixteenths of a bit. Of a thousand random
/// tokens one costs less.
const WORDS: u32 = 75;
/// What letters cost, in sixteenths of a bit, that nobody but the owner of a password puts side by side:
/// of twenty rows of six random letters one costs less, and hardly a label or a name costs more.
const CHOSEN: usize = 78;
/// The same for four and five letters, of which one row in eight costs less.
const SHORT: usize = 82;
/// The same for words that are joined by signs.
const JOINED: u32 = 84;
/// The same for tokens, beside which more names of other things stand.
const TOKEN: usize = 86;
/// The same where it stands in a list beside other literals.
const LISTED: u32 = 95;
/// What random letters cost at least, but for one row of twenty: small letters and digits stand in
/// long runs by chance.
const RANDOM: u32 = 90;

/// Why this value, given to this name, is no secret; None when it looks like one. `before` is how
/// many bytes of the name stand before the word that made the rule look.
#[must_use]
pub fn doubt(kind: Kind, name: &str, before: usize, value: &str) -> Option<Doubt> {
    let length = match kind {
        Kind::Password => PASSWORD_LENGTH,
        Kind::Token => TOKEN_LENGTH,
    };
    if !length.contains(&value.len()) {
        return Some(Doubt::Length);
    }
    if is_known(value) {
        return Some(Doubt::Printed);
    }
    let value = in_clear(without_line_end(value));
    if !means_a_secret(name, before) {
        return Some(Doubt::Name);
    }
    let folded = value.to_ascii_lowercase();
    if is_protected(&folded) || is_masked(value) {
        Some(Doubt::Protected)
    } else if is_reference(&folded) && !is_key_in_base64(value) {
        Some(Doubt::Reference)
    } else if is_code(value) {
        Some(Doubt::Code)
    } else if is_path(&folded) {
        Some(Doubt::Path)
    } else if (is_uuid(value) && !(may_be_uuid(kind, name) && is_drawn(value))) || is_date(value) {
        Some(Doubt::Digest)
    } else if name::is_repeated_in(name, &folded)
        || name::is_another(name, value)
        || is_sample(value)
        || (kind == Kind::Password && is_name_of_password(folded.trim_start_matches('@')))
    {
        Some(Doubt::Placeholder)
    } else {
        match kind {
            Kind::Password => doubt_password(value),
            Kind::Token => doubt_token(name, value),
        }
    }
}

/// Whether what stands beside a name in a list of literals is another name: words, with a digit or two
/// among them, or what begins as the name does. Beside a constant's name stands what it is set to,
/// unless that is a constant, too, and the list goes on behind it.
#[must_use]
pub fn is_name(name: &str, value: &str, goes_on: bool) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"_-.#$*".contains(&b);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_capital = |text: &str| !text.contains(|c: char| c.is_ascii_lowercase());
    if is_capital(name) {
        return goes_on
            && is_capital(value)
            && digits * 3 <= value.len()
            && value.bytes().all(part);
    }
    // Without a digit, only letters of no word are none; where the list goes on, hardly those.
    let least = match () {
        () if digits > 0 => WORDS,
        () if goes_on => LISTED + LISTED / 8,
        () => LISTED,
    };
    let words = || bigrams::of_letters(value.as_bytes()).is_none_or(|cost| cost < least);
    let akin = || name.as_bytes().first_chunk::<2>() == value.as_bytes().first_chunk::<2>();
    // `["secrets", "ec2-imdsv1"]`: of many there is no value.
    let many = name.ends_with('s') && !name.ends_with("ss");
    digits <= 2 && value.bytes().all(part) && (many || words() || akin() || is_field(value))
}

/// `n_acme_key`: small letters, and a noun for what is kept under such a name.
fn is_field(value: &str) -> bool {
    const NOUNS: [&str; 8] = [
        "key", "name", "password", "passwd", "secret", "token", "phrase", "hash",
    ];
    let (words, noun) = value.rsplit_once('_').unwrap_or(("", value));
    NOUNS.contains(&noun)
        && words.contains(['_'])
        && words.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// A literal without the escapes of line ends behind it.
fn without_line_end(mut value: &str) -> &str {
    while let Some(rest) = ["\\n", "\\r", "\\0"]
        .iter()
        .find_map(|end| value.strip_suffix(end))
    {
        value = rest;
    }
    value
}

/// What Spring takes for the password itself behind the name of an encoder that does nothing.
fn in_clear(value: &str) -> &str {
    value.strip_prefix("{noop}").unwrap_or(value)
}

fn doubt_password(value: &str) -> Option<Doubt> {
    if is_app_password(value) {
        return None;
    }
    if value.len() < PASSWORD {
        return (!is_short_password(value)).then_some(Doubt::Length);
    }
    if value.contains(char::is_whitespace) || is_foreign(value) {
        return Some(Doubt::Words);
    }
    if is_derived(value) {
        return Some(Doubt::Protected);
    }
    let dashed = value.contains('-');
    if value.starts_with("0123456789") || (dashed && is_stretch(&value.replace('-', ""))) {
        return Some(Doubt::Regular);
    }
    // A label in any language has neither a digit nor a sign that is no punctuation.
    let telling =
        |c: char| c.is_ascii_digit() || (c.is_ascii_punctuation() && !"_-.:,?!'/".contains(c));
    // An address without its host has no other sign.
    let told = value.trim_end_matches('@').contains(telling);
    let joined = value.contains(['_', '-', '.']) && has_letters(value, PASSWORD, JOINED);
    let unlike = is_unlike_words(value.trim_matches(['!', '.', '?']), CHOSEN);
    if (!told && !joined && !unlike)
        || (is_chained(value)
            && !is_numbered(value)
            && !is_pair_of_words(value)
            && !joined
            && !is_random_by_letters(value))
        || is_constant(value)
        || hides_words(value, |text| {
            is_wordy(text) && doubt_password(text).is_some()
        })
    {
        return Some(Doubt::Words);
    }
    let signs = value.contains(|c: char| !c.is_ascii_digit());
    let letters = value.contains(char::is_alphabetic);
    let few = shannon(value.as_bytes()) < if value.len() < 9 { 1.7 } else { 2.2 };
    let regular = (signs && !letters) || is_counted(value) || few;
    regular.then_some(Doubt::Regular)
}

/// Four or five small letters of no word, with a digit behind them or not; or so many digits.
fn is_short_password(value: &str) -> bool {
    const ROWS: &[&str] = &["asdf", "qwer", "zxcv", "hjkl"];
    let letters = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let small = letters.len() >= 4 && letters.bytes().all(|b| b.is_ascii_lowercase());
    let unlike = || bigrams::cost(letters.as_bytes()) as usize > SHORT * (letters.len() - 1);
    ((small && unlike()) || letters.is_empty())
        && !is_counted(value)
        && !is_stretch(value)
        && !ROWS.contains(&letters)
        && shannon(value.as_bytes()) > 1.4
}

/// Letters in the order of the alphabet.
fn is_stretch(value: &str) -> bool {
    let pairs = value.as_bytes().windows(2);
    pairs.into_iter().all(|pair| match pair {
        [a, b] => a.is_ascii_alphabetic() && a.wrapping_add(1) == *b,
        _ => false,
    })
}

fn doubt_token(name: &str, value: &str) -> Option<Doubt> {
    let body = value.trim_end_matches('=');
    // A JSON Web Token is another rule's business, which parses it.
    if body.contains("eyJ") && (body.contains('.') || is_header(body)) {
        return Some(Doubt::Code);
    }
    if (name::is_chosen(name) && is_made_up(value))
        || (is_number_of_client(value) && name::is_of_client(name))
    {
        return None;
    }
    let letters = bigrams::of_letters(body.as_bytes());
    let wordy = letters.is_some_and(|cost| cost < WORDS);
    let short = value.len() < chosen::SHORT;
    if is_constant(value)
        || is_algorithm(&value.to_ascii_lowercase())
        || (is_chained(value) && (wordy || !short) && letters.is_none_or(|cost| cost < RANDOM))
    {
        return Some(Doubt::Words);
    }
    if is_pair(value) {
        return Some(Doubt::Code);
    }
    if short || !body.bytes().all(chosen::is_token) {
        let words = hides_words(value, is_wordy).then_some(Doubt::Words);
        return words.or_else(|| chosen::doubt(value));
    }
    if is_digest(name, value) || name::is_key_of_signatures(name, value) {
        return Some(Doubt::Digest);
    }
    let count = |wanted: fn(&u8) -> bool| value.as_bytes().iter().filter(|b| wanted(b)).count();
    let hex = body.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    // Few characters say less each.
    let needed = if hex {
        3.0
    } else if value.len() < 24 {
        3.2
    } else {
        3.5
    };
    // Runs of random letters need none.
    let unlike = is_unlike_words(value, TOKEN)
        || chosen::is_joined(value)
        || (value.len() >= 24 && letters.is_some_and(|cost| cost >= RANDOM));
    // One of four keys of 16 characters in base64 has a digit at the most.
    let mixed = chosen::is_mixed(body) && letters.is_some_and(|cost| cost >= chosen::COST);
    let few = !unlike && !mixed && !is_jumbled(value) && count(u8::is_ascii_digit) < 2;
    if few
        || count(u8::is_ascii_alphabetic) < 3
        || shannon(value.as_bytes()) < needed
        || has_ladder(value)
    {
        return Some(Doubt::Regular);
    }
    let words = wordy || (!unlike && letters.is_some_and(|cost| cost < RANDOM && is_wordy(value)));
    let words = words || (letters.is_none() && is_wordy(value)) || is_camel(value);
    (words || hides_words(value, is_wordy)).then_some(Doubt::Words)
}

/// `M0rningStar_9642`: a word that a person made long enough with digits, and no name in code, of which
/// hardly one has capitals and so many of them.
fn is_made_up(value: &str) -> bool {
    const DIGITS: usize = 3;
    let count = |wanted: fn(&u8) -> bool| value.as_bytes().iter().filter(|b| wanted(b)).count();
    let part = |b: u8| b.is_ascii_alphanumeric() || b"_-!@#*+.".contains(&b);
    if is_word_with_digits(value) || is_pair_of_words(value) {
        return doubt_password(value).is_none();
    }
    value.bytes().all(part)
        && count(u8::is_ascii_lowercase) >= 3
        && count(u8::is_ascii_uppercase) >= 1
        && count(u8::is_ascii_digit) >= DIGITS
        && !has_ladder(value)
        && doubt_password(value).is_none()
}

/// The secret of an application at Salesforce was a number for many years.
fn is_number_of_client(value: &str) -> bool {
    (16..=19).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_digit())
        && !has_ladder(value)
        && !is_counted(value)
        && shannon(value.as_bytes()) >= 2.2
}

/// `falcon85`, `velvet81n`: small letters of a word, digits, and a letter or none.
fn is_word_with_digits(value: &str) -> bool {
    let rest = value.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let body = rest
        .strip_suffix(|c: char| c.is_ascii_lowercase())
        .unwrap_or(rest);
    value.len() - rest.len() >= 5
        && (2..=4).contains(&body.len())
        && body.bytes().all(|b| b.is_ascii_digit())
}

/// Whether what has this name is given out in the form of a UUID: what services issue, and passwords,
/// which people have made where they find a generator.
fn may_be_uuid(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Password => name::is_password(name),
        Kind::Token => name::is_issued(name),
    }
}

/// Whether a UUID looks drawn by chance: of a hundred thousand hardly one has so few different digits
/// as those that people type, such as `1234abcd-1234-abcd-1234-abcd1234abcd`.
fn is_drawn(uuid: &str) -> bool {
    const DIFFERENT: u32 = 9;
    let start = uuid.len().saturating_sub(36);
    let digits = uuid
        .bytes()
        .skip(start)
        .filter_map(|b| char::from(b).to_digit(16));
    let seen = digits.fold(0_u16, |seen, digit| seen | 1 << digit);
    seen.count_ones() >= DIFFERENT
}

/// A key in base64 of which the first sign happens to be a slash, as one in 64 is: letters of no word,
/// in both cases and with digits among them, where a path would have the names of folders.
fn is_key_in_base64(value: &str) -> bool {
    const LEAST: usize = 24;
    let body = value.trim_end_matches('=');
    let count = |wanted: fn(&u8) -> bool| body.as_bytes().iter().filter(|b| wanted(b)).count();
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    body.starts_with('/')
        && body.len() >= LEAST
        && body.bytes().all(alphabet)
        && count(u8::is_ascii_digit) >= 2
        && count(u8::is_ascii_uppercase) * 5 >= body.len()
        && count(u8::is_ascii_lowercase) * 5 >= body.len()
        && has_letters(body, LEAST / 2, RANDOM)
}

/// Letters of no word whose case changes as often as not: names in code change it once a word.
fn is_jumbled(value: &str) -> bool {
    let small = value.bytes().map(|b| b.is_ascii_lowercase());
    let turns = small
        .clone()
        .zip(small.skip(1))
        .filter(|(a, b)| a != b)
        .count();
    turns * 3 >= value.len() && is_random_by_letters(value)
}

/// `abcd efgh ijkl mnop`, in letters that are no words: how Google shows the password of an
/// application.
fn is_app_password(value: &str) -> bool {
    let groups: Vec<&str> = value.split(' ').collect();
    let small = |group: &&str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_lowercase());
    groups.len() == 4
        && groups.iter().all(small)
        && bigrams::of_letters(value.as_bytes()).is_some_and(|cost| cost >= WORDS)
}

/// A number of four digits or more in a part: a year, a day of birth. Names in code hardly hold one,
/// ports and paths do.
fn is_numbered(value: &str) -> bool {
    !value.contains([':', '/', '|'])
        && value
            .split(|c: char| !c.is_ascii_digit())
            .any(|digits| digits.len() >= 4)
}

/// `Sunset_Harbor47`, `turb0_222`: two words with a sign between them, of which people make passwords.
/// Names in code begin neither with a capital and end in two digits, nor hold four digits in all.
fn is_pair_of_words(value: &str) -> bool {
    const LONGEST: usize = 20;
    let mut parts = value.split(['_', '-', '.']);
    let (Some(first), Some(last), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let words = [first, last].map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let title = words.iter().any(|word| {
        let (front, rest) = word.split_at_checked(1).unwrap_or(("", word));
        front.bytes().all(|b| b.is_ascii_uppercase())
            && rest.len() >= 2
            && rest.bytes().all(|b| b.is_ascii_lowercase())
    });
    let numbered = last.len() - words[1].len() >= 2 && words[1].len() >= 3;
    let made = (title && numbered) || digits >= 4;
    made && value.len() <= LONGEST && words[0].len() >= 3 && !value.contains([':', '/', '|'])
}

/// Whether the letters side by side are those of no word, and so many that this is no chance.
fn is_random_by_letters(value: &str) -> bool {
    /// Of fewer letters, those of one abbreviation decide.
    const LEAST: usize = 8;
    has_letters(value, LEAST, RANDOM)
}

/// Whether there are so many letters at the least, and what they cost side by side is so much.
fn has_letters(value: &str, least: usize, cost: u32) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    letters >= least && bigrams::of_letters(value.as_bytes()).is_some_and(|found| found >= cost)
}

/// Letters that no language puts side by side: typed by a machine, or by a fist. Those of one case
/// cost so much at least; names in code change the case, and cost more than words.
fn is_unlike_words(value: &str, least: usize) -> bool {
    /// Shorter ones may be an abbreviation.
    const LEAST: usize = 6;
    /// Two capitals of a name in code, such as `Bg` and `SM`, cost this much.
    const MIXED: usize = 92;
    /// A label begins with a capital, in languages that put other letters side by side.
    const TITLE: usize = 97;
    if value.len() < LEAST || !value.bytes().all(|b| b.is_ascii_alphabetic()) {
        return false;
    }
    let small = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase());
    let title = value.get(1..).is_some_and(small);
    let least = match () {
        () if small(value) || value.bytes().all(|b| b.is_ascii_uppercase()) => least,
        () if title => TITLE,
        () => MIXED,
    };
    bigrams::cost(value.as_bytes()) as usize > least * (value.len() - 1)
}

/// Most of its letters are of another script: a label, which needs neither digits nor blanks there.
fn is_foreign(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic());
    let foreign = letters.clone().filter(|c| !c.is_ascii()).count();
    foreign >= 2 && foreign * 2 >= letters.count()
}

/// The first part of a JSON Web Token, alone.
fn is_header(value: &str) -> bool {
    base64::decode(value.as_bytes()).is_some_and(|bytes| {
        let text = String::from_utf8_lossy(&bytes);
        text.starts_with('{') && (text.contains("\"alg\"") || text.contains("\"typ\""))
    })
}

/// `my-service-2.internal`, `user_token_v1`, `P-256-MissingKey`, `required|min:6`: words and numbers
/// between separators.
fn is_chained(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.', '/', ':', '|']).collect();
    let word = |part: &&str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let rest = letters.get(1..).unwrap_or("");
        let upper = letters.bytes().all(|b| b.is_ascii_uppercase());
        let first = letters.bytes().all(|b| b.is_ascii_alphabetic());
        upper || (first && (rest.bytes().all(|b| b.is_ascii_lowercase()) || is_camel(letters)))
    };
    parts.len() >= 2 && parts.iter().all(word)
}

/// Base64 of plain words: what tutorials and manifests of examples hold. What words are is asked of
/// what stands there in clear.
fn hides_words(value: &str, is_words: impl Fn(&str) -> bool) -> bool {
    let Some(decoded) = base64::decode(value.as_bytes()) else {
        return false;
    };
    match std::str::from_utf8(&decoded) {
        Ok(text) if text.trim_end().bytes().all(|b| (b' '..=b'~').contains(&b)) => {
            is_sample(text) || is_words(text) || has_ladder(text)
        }
        _ => false,
    }
}

/// The text of an element that a vendor reserves for a secret: everything counts that is not a
/// reference, a mask or a word asking to be replaced. A value that looks made up may be in force.
#[must_use]
pub fn is_literal(value: &str) -> bool {
    const ASKING: &[&str] = &[
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
    const PLACES: &[&str] = &[
        "$", "{{", "<", "&lt;", "%", "#{", "@@", "__", "your_", "your-",
    ];
    let folded = value.trim().to_ascii_lowercase();
    let formula = ["{!", "{{", "${"].iter().any(|open| folded.contains(open))
        || folded.contains("$credential");
    let mask = folded.chars().all(|c| "*•.x-_ ".contains(c));
    let between_signs = (folded.starts_with('@') && folded.ends_with('@'))
        || (folded.starts_with('{') && folded.ends_with('}'));
    let place = PLACES.iter().any(|p| folded.starts_with(p));
    !(formula || mask || between_signs || place || ASKING.contains(&folded.as_str()))
}

/// Whether a token looks made by a machine. For rules that know the shape, so that length and
/// alphabet need no judgement here.
#[must_use]
pub fn is_random(value: &str) -> bool {
    let count = |wanted: fn(&u8) -> bool| value.as_bytes().iter().filter(|b| wanted(b)).count();
    let (lower, upper) = (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase));
    // Random letters of mostly one case stand in long runs, so there only digits tell them from
    // words.
    let mixed = lower.min(upper) * 4 >= lower + upper;
    let digits = count(u8::is_ascii_digit);
    // Names in code have hardly a digit.
    let share = if digits * 12 < value.len() { 5 } else { 7 };
    let words = in_runs(value) * 10 >= value.len() * share && (mixed || digits == 0);
    let named = is_camel(value) || is_slug(value) || is_known(value) || is_absolute(value);
    !is_masked(value) && !is_sample(value) && !has_ladder(value) && !words && !named
}

/// A password beside a user name, in a URL or an Authorization header.
#[must_use]
pub fn is_real_password(user: &str, password: &str) -> bool {
    /// What services ask for in the other half when the token is the user name, and the user and
    /// password of many a database manual.
    const FILLER: &[&str] = &[
        "x-oauth-basic",
        "x-access-token",
        "x-token-auth",
        "oauth2accesstoken",
        "api_token",
        "tiger",
    ];
    let folded = password.to_ascii_lowercase();
    let templated = password.contains(['$', '{', '<', '*', '…', '(', '\\'])
        || (password.contains('%') && !is_percent_encoded(password));
    let digits_only = password.bytes().all(|b| b.is_ascii_digit());
    password.len() >= 4
        && !templated
        && !digits_only
        && !FILLER.contains(&folded.as_str())
        && !folded.eq_ignore_ascii_case(user)
        && !is_made_of_user(user, &folded)
        && !is_name_of_password(&folded)
        && !is_known(password)
        && !is_masked(password)
        && (!is_reference(&folded) || is_escaped(&folded))
        && !is_sample(&unescaped(password))
        && !password.starts_with(['?', '&'])
        && !is_constant_name(password)
        && shannon(password.as_bytes()) >= 1.8
}

/// A password so random that it opens something, even where the host is one of documentation.
#[must_use]
pub fn is_made(password: &str) -> bool {
    let unlike = |cost: u32| cost >= RANDOM;
    password.len() >= PASSWORD
        && bigrams::of_letters(password.as_bytes()).is_some_and(unlike)
        && doubt_password(password).is_none()
}

/// Nothing but the user's name and a word for a password; or the pair of RFC 7617.
fn is_made_of_user(user: &str, folded: &str) -> bool {
    let user = user.to_ascii_lowercase();
    let rest = folded.strip_prefix(&user).filter(|_| user.len() >= 3);
    let rfc = user == "aladdin" && matches!(folded, "opensesame" | "open sesame");
    rfc || rest.is_some_and(|rest| {
        let rest = rest.trim_matches(|c: char| !c.is_ascii_alphabetic());
        matches!(
            rest,
            "pass" | "password" | "passwd" | "pwd" | "pw" | "secret"
        )
    })
}

/// `DB_PASS`, `random_password`: words that say which password is meant.
fn is_name_of_password(folded: &str) -> bool {
    let (head, last) = folded.rsplit_once(['_', '-']).unwrap_or(("", folded));
    let word = |part: &str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_lowercase());
    let said = ["pass", "password", "passwd", "pwd", "secret", "pw"];
    head.split(['_', '-']).all(word) && word(last) && said.iter().any(|end| last.ends_with(end))
}

/// A host that exists in documentation only.
#[must_use]
pub fn is_sample_host(host: &str) -> bool {
    const NAMES: &[&str] = &[
        "host",
        "hostname",
        "server",
        "myhost",
        "yourhost",
        "domain",
        "somehost",
        "hostspec",
        "proxyhost",
        "dbhost",
        "remotehost",
    ];
    let host = host
        .split([':', '/'])
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let labels: Vec<&str> = host.split('.').collect();
    let sample = |label: &&str| matches!(*label, "example" | "foo" | "yourdomain" | "mydomain");
    labels.iter().any(sample)
        || NAMES.contains(&host.trim_end_matches(|c: char| c.is_ascii_digit()))
        || matches!(labels.last(), Some(&("test" | "invalid")))
}

/// `%24to%40L8`: begins with an escape, and is long enough without them to be no test of escapes.
fn is_escaped(folded: &str) -> bool {
    let signs = folded.bytes().filter(|b| *b == b'%').count();
    folded.starts_with('%') && is_percent_encoded(folded) && folded.len() - 2 * signs >= PASSWORD
}

/// `USER_ID`: a word in capitals that says what is to be put there.
fn is_constant_name(value: &str) -> bool {
    value.contains('_')
        && value.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        && bigrams::of_letters(value.as_bytes()).is_none_or(|cost| cost < RANDOM)
}

/// A password with the signs that an address has to escape.
fn unescaped(password: &str) -> String {
    const SIGNS: [(&str, &str); 4] = [("%40", "@"), ("%24", "$"), ("%21", "!"), ("%23", "#")];
    let replace = |text: String, (from, to): (&str, &str)| text.replace(from, to);
    SIGNS.into_iter().fold(password.to_owned(), replace)
}

/// `p%40ss` is a password; `%s` and `%(password)s` are places for one.
fn is_percent_encoded(password: &str) -> bool {
    password
        .split('%')
        .skip(1)
        .all(|tail| tail.len() >= 2 && tail.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
