//! A password where nothing but one can stand: the third argument of a call that opens a database,
//! the statement that makes an account. There a plain word counts, too.

use super::{Doubt, Kind, doubt as doubt_value, is_real_password};

/// Words that mean "password" in other languages: what manuals print where one is to be filled in.
const MEANING: &[&str] = &[
    "senha",
    "clave",
    "contrasena",
    "contrasenia",
    "motdepasse",
    "mdp",
    "wachtwoord",
    "geheim",
    "haslo",
    "parola",
    "parol",
    "sifre",
    "sifreniz",
    "heslo",
    "jelszo",
    "salasana",
    "losenord",
    "matkhau",
];

/// Lengths at which a literal is a password here alone.
const SHORT: std::ops::Range<usize> = 4..6;

/// Why it is none, or None. `before` is what stands in front of it in its line: a password that
/// stands there already, as a user or a database, is that of a sample.
#[must_use]
pub(in crate::check::secret) fn doubt(before: &str, value: &str) -> Option<Doubt> {
    let found = doubt_value(Kind::Password, "password", 0, value)?;
    let short = found == Doubt::Length && SHORT.contains(&value.len());
    let plain = short || matches!(found, Doubt::Words | Doubt::Regular);
    let counts = plain && is_plain_word(value) && is_real_password("", value);
    // `doesnt-matter`: a remark, not a password.
    let remark = super::is_chained(value) && !value.contains(|c: char| c.is_ascii_digit());
    let sample =
        is_repeated(before, value) || is_meaning(value) || super::is_counted(value) || remark;
    (!counts || sample).then_some(found)
}

/// A password that is a number or the user's own name, where it opens something that others reach.
#[must_use]
pub(in crate::check::secret) fn is_bare(value: &str) -> bool {
    value.len() >= 6 && !super::is_counted(value) && is_real_password("", &format!("{value}x"))
}

/// Nothing that code, prose or a list would hold: one word of one alphabet, with signs in it or not.
fn is_plain_word(value: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"@#!?*+=&^_.-".contains(&b);
    value.bytes().all(part) && value.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// Whether the value stands in the text as a word of its own.
fn is_repeated(text: &str, value: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(value).any(|(at, _)| {
        let (head, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        let tail = rest.get(value.len()..).unwrap_or("");
        !head.ends_with(part) && !tail.starts_with(part)
    })
}

/// `tu_clave`, `senha123`.
fn is_meaning(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    let words = folded.split(|c: char| !c.is_ascii_alphabetic());
    words.into_iter().any(|word| MEANING.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::Doubt::{Length, Placeholder, Reference, Regular, Words};
    use super::doubt;

    #[test]
    fn words_count_where_nothing_but_a_password_stands() {
        for (before, value, expected) in [
            ("Server=db;User Id=app;Password=", "sunflower", None),
            ("Server=db;User Id=app;Password=", "WS_2031", None),
            ("login(\"ann@acme.corp\", \"", "8102937465", None),
            ("login(\"ann@acme.corp\", \"", "123456", Some(Regular)),
            ("login(\"ann@acme.corp\", \"", "111222", Some(Regular)),
            (
                "Database=orders;Username=orders;Password=",
                "orders",
                Some(Words),
            ),
            ("Database=my_orders;Password=", "orders", None),
            ("User Id=app;Password=", "password", Some(Placeholder)),
            ("User Id=app;Password=", "your_password", Some(Placeholder)),
            ("User Id=app;Password=", "tu_clave", Some(Words)),
            ("User Id=app;Password=", "senha123", None),
            ("User Id=app;Password=", "doesnt-matter", Some(Words)),
            ("User Id=app;Password=", "two words", Some(Words)),
            ("User Id=app;Password=", "$DB_PASSWORD_2", Some(Reference)),
            ("User Id=app;Password=", "kmst", None),
            ("User Id=app;Password=", "k97", Some(Length)),
            ("User Id=root;Password=", "root", Some(Length)),
            ("User Id=app;Password=", "1234", Some(Length)),
            ("User Id=app;Password=", "pass", Some(Placeholder)),
            ("", "", Some(Length)),
        ] {
            assert_eq!(doubt(before, value), expected, "{before}{value}");
        }
    }
}
