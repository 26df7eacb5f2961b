//! Text on its way into a page. Everything that an input can decide goes through [`T`]; nothing
//! else is written between tags or quotes.

use std::fmt::{self, Write};

use crate::model::Location;
use crate::report::visible::Visible;

/// Longer texts, in characters, are cut: nobody reads on, and a name must not fill a page.
const LONGEST: usize = 2_000;

/// Text that is shown as it is, whatever it holds: markup is escaped, for elements and for quoted
/// attributes alike; controls, direction marks and what else cannot be seen are spelt out.
#[derive(Debug, Clone, Copy)]
pub(super) struct T<'a>(pub(super) &'a str);

impl fmt::Display for T<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.char_indices().nth(LONGEST).map(|(at, _)| at);
        let shown = end.and_then(|end| self.0.get(..end)).unwrap_or(self.0);
        write!(Escaper(f), "{}", Visible(shown))?;
        if end.is_some() {
            f.write_char('…')?;
        }
        Ok(())
    }
}

struct Escaper<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escaper<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        match c {
            '&' => self.0.write_str("&amp;"),
            '<' => self.0.write_str("&lt;"),
            '>' => self.0.write_str("&gt;"),
            '"' => self.0.write_str("&quot;"),
            '\'' => self.0.write_str("&#39;"),
            c => self.0.write_char(c),
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a>(pub(super) &'a Location);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.0.region;
        write!(
            f,
            "<code>{}:{}:{}</code>",
            T(self.0.path.as_str()),
            region.start_line,
            region.start_column
        )
    }
}

/// Prose of rules: a text in which words between backticks are code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prose<'a>(pub(super) &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.matches('`').count() % 2 == 1 {
            return T(self.0).fmt(f);
        }
        for (index, part) in self.0.split('`').enumerate() {
            if index % 2 == 1 {
                write!(f, "<code>{}</code>", T(part))?;
            } else {
                T(part).fmt(f)?;
            }
        }
        Ok(())
    }
}

/// The paragraphs of a text that rules or policies give, each on a line of its own.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A word with its first letter as a capital.
pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A reference that may be followed: to a page of the web and nowhere else, for a rule may hold
/// any text.
pub(super) fn is_web(reference: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| reference.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::{Prose, T, capital, is_web};

    #[test]
    fn markup_is_text_and_what_cannot_be_seen_is_spelt_out() {
        for (given, shown) in [
            ("a < b & c", "a &lt; b &amp; c"),
            (
                "\"><img src=x onerror='1'>",
                "&quot;&gt;&lt;img src=x onerror=&#39;1&#39;&gt;",
            ),
            ("&amp;", "&amp;amp;"),
            ("\u{202e}x\u{0}\n", "\\u{202e}x\\u{0}\\n"),
        ] {
            assert_eq!(T(given).to_string(), shown);
        }
        let long = "é".repeat(3_000);
        assert_eq!(T(&long).to_string().chars().count(), 2_001);
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_element_or_its_quotes(text in "\\PC*|[<>\"'&/=! -]*|\\p{Any}*") {
            let shown = T(&text).to_string();
            prop_assert!(!shown.contains(['<', '>', '"', '\'', '\n', '\0']));
        }
    }

    #[test]
    fn words_between_backticks_are_code() {
        for (given, shown) in [
            ("a `<b>` c", "a <code>&lt;b&gt;</code> c"),
            ("no `end", "no `end"),
        ] {
            assert_eq!(Prose(given).to_string(), shown);
        }
    }

    #[test]
    fn only_pages_of_the_web_are_linked() {
        assert!(is_web("https://example.com/a"));
        assert!(!is_web("javascript:alert(1)") && !is_web("data:text/html,x") && !is_web("//x"));
    }

    #[test]
    fn a_capital_is_one_letter() {
        assert_eq!(capital("high"), "High");
        assert_eq!(capital(""), "");
    }
}
