//! Lists of words that cells are compared with, without regard to ASCII case. Knows no field.

/// A short list of words. Where `true` or `false` is one of them, so are their translations and whatever
/// else a boolean is written as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    words: Box<[Box<[u8]>]>,
    yes: bool,
    no: bool,
}

impl Words {
    pub(super) fn new(words: Vec<String>) -> Self {
        let has = |wanted| words.iter().any(|word| word == wanted);
        Self {
            yes: has("true"),
            no: has("false"),
            words: words
                .into_iter()
                .map(|w| w.into_bytes().into_boxed_slice())
                .collect(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.words.iter().map(|word| &**word)
    }

    pub(super) fn contains(&self, text: &[u8]) -> bool {
        self.words
            .iter()
            .any(|word| word.eq_ignore_ascii_case(text))
            || ((self.yes || self.no)
                && plain_bool(text).is_some_and(|answer| if answer { self.yes } else { self.no }))
    }
}

/// Whether a text is what databases, spreadsheets and programs write where there is nothing: the vendors'
/// own exports leave the cell empty. `none` is a word that people mean.
#[inline]
pub(super) fn is_nothing(text: &[u8]) -> bool {
    matches!(text, [b'-' | b'\\' | b'#' | b'(' | b'<' | b'N' | b'n' | b'u', ..] if text.len() <= 9)
        && NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// The same where a word cannot be what is meant: for times, numbers, a yes or a no.
pub(super) fn is_no_value(text: &[u8]) -> bool {
    is_nothing(text) || text.eq_ignore_ascii_case(b"none")
}

/// Of `psql` and `COPY`, MySQL and JavaScript, Excel and Python.
const NOTHING: &[&[u8]] = &[
    b"-",
    b"--",
    b"\\N",
    b"#N/A",
    b"n/a",
    b"nan",
    b"nat",
    b"null",
    b"(null)",
    b"<null>",
    b"undefined",
];

/// Reads a boolean as exports write them: `true`, `t`, `yes`, `y`, `1` and their opposites.
pub(super) fn plain_bool(text: &[u8]) -> Option<bool> {
    match text {
        b"true" | b"TRUE" | b"t" | b"1" => Some(true),
        b"false" | b"FALSE" | b"f" | b"0" => Some(false),
        _ => {
            let is = |word: &&[u8]| text.eq_ignore_ascii_case(word);
            let yes: [&[u8]; 4] = [b"true", b"yes", b"t", b"y"];
            let no: [&[u8]; 4] = [b"false", b"no", b"f", b"n"];
            if yes.iter().any(is) {
                Some(true)
            } else if no.iter().any(is) {
                Some(false)
            } else {
                translated(text)
            }
        }
    }
}

/// What a spreadsheet writes for `TRUE` when it saves a table again in the language of its user:
/// German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Finnish,
/// Czech, Turkish, Russian. Then what people and ServiceNow's display values say.
const YES: &[&str] = &[
    "wahr",
    "vrai",
    "verdadero",
    "vero",
    "verdadeiro",
    "waar",
    "prawda",
    "sant",
    "sand",
    "sann",
    "tosi",
    "pravda",
    "do\u{11f}ru",
    "\u{438}\u{441}\u{442}\u{438}\u{43d}\u{430}",
    "ja",
    "oui",
    "s\u{ed}",
    "s\u{ec}",
    "sim",
];

/// The same for `FALSE`.
const NO: &[&str] = &[
    "falsch",
    "faux",
    "falso",
    "onwaar",
    "fa\u{142}sz",
    "falskt",
    "falsk",
    "usann",
    "ep\u{e4}tosi",
    "nepravda",
    "yanl\u{131}\u{15f}",
    "\u{43b}\u{43e}\u{436}\u{44c}",
    "nein",
    "non",
    "n\u{e3}o",
    "nee",
];

/// Reads a boolean in one of the languages above, perhaps with the no-break space that a copied page
/// leaves.
fn translated(text: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(text).ok()?.trim().to_lowercase();
    match text.as_str() {
        // With a no-break space around it.
        "true" => Some(true),
        "false" => Some(false),
        word if YES.contains(&word) => Some(true),
        word => NO.contains(&word).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::{NO, Words, YES, is_no_value, is_nothing, plain_bool};

    #[test]
    fn what_says_that_there_is_nothing_is_known_and_words_are_not_taken_for_it() {
        for text in [
            "-",
            "\\N",
            "NULL",
            "null",
            "(null)",
            "N/A",
            "#N/A",
            "undefined",
            "NaT",
        ] {
            assert!(is_nothing(text.as_bytes()), "{text}");
        }
        for text in ["none", "0", "Nana", "-5", "nullable", "unknown", "", "n"] {
            assert!(!is_nothing(text.as_bytes()), "{text}");
        }
        assert!(is_no_value(b"None"));
    }

    #[test]
    fn every_translation_is_a_boolean_and_a_word_of_its_side() {
        let list = |word: &str| Words::new(vec![word.to_owned()]);
        for (words, answer) in [(YES, true), (NO, false)] {
            for word in words {
                for text in [(*word).to_owned(), word.to_uppercase()] {
                    // Turkish capitals are not those of other languages.
                    if text.to_lowercase() != *word {
                        continue;
                    }
                    let text = text.as_bytes();
                    assert_eq!(plain_bool(text), Some(answer), "{word}");
                    assert_eq!(list("true").contains(text), answer, "{word}");
                    assert_eq!(list("false").contains(text), !answer, "{word}");
                    assert!(!list("active").contains(text), "{word}");
                }
            }
        }
        assert_eq!(plain_bool("true\u{a0}".as_bytes()), Some(true));
    }

    #[test]
    fn what_is_neither_is_no_boolean() {
        for text in [&b"on"[..], b"active", b"2", b"", b"N/A", b"\xff"] {
            assert_eq!(plain_bool(text), None);
            assert!(!Words::new(vec!["true".to_owned()]).contains(text));
        }
    }
}
