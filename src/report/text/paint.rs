//! Colours and line filling for text on a terminal. Knows nothing of findings.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::model::Severity;
use crate::report::Color;
use crate::report::visible::Visible;

/// Prose is filled to this many columns. Paths and messages are never broken.
const WIDTH: usize = 100;

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// A word that stands for a severity.
    Severity(Severity),
    /// Headings and places.
    Strong,
    /// What most readers skip.
    Dim,
    /// What must not be overlooked.
    Alarm,
    /// Good news.
    Good,
}

/// Puts colour on text, or does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub Color);

impl Paint {
    /// The text, neutralised, in its tone.
    pub(super) const fn on<'a>(self, tone: Tone, text: &'a str) -> Painted<'a> {
        Painted {
            color: self.0,
            tone,
            text,
        }
    }
}

/// Text with its tone.
pub(super) struct Painted<'a> {
    color: Color,
    tone: Tone,
    text: &'a str,
}

impl fmt::Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Visible(self.text);
        match self.color {
            Color::Never => text.fmt(f),
            Color::Always => write!(f, "\x1b[{}m{text}\x1b[0m", code(self.tone)),
        }
    }
}

/// The parameters of "select graphic rendition" (ECMA-48).
const fn code(tone: Tone) -> &'static str {
    match tone {
        Tone::Severity(Severity::Critical) => "1;97;41",
        Tone::Severity(Severity::High) | Tone::Alarm => "1;31",
        Tone::Severity(Severity::Medium) => "1;33",
        Tone::Severity(Severity::Low) => "36",
        Tone::Severity(Severity::Info) => "34",
        Tone::Strong => "1",
        Tone::Dim => "2",
        Tone::Good => "1;32",
    }
}

/// The columns that text takes on a terminal, once neutralised.
pub(super) fn width(text: &str) -> usize {
    Visible(text).to_string().width()
}

/// Joins words into lines of [`WIDTH`] columns, each line indented. A word too long for a line
/// stands alone, unbroken. Ends with a line break, unless there are no words.
pub(super) fn fill<'a>(words: impl IntoIterator<Item = &'a str>, indent: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in words {
        let word = Visible(word).to_string();
        let wide = word.as_str().width();
        if column > 0 && column + 1 + wide > WIDTH {
            text.push('\n');
            column = 0;
        }
        if column == 0 {
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(&word);
        column += wide;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Color, Paint, Tone, fill};

    #[test]
    fn lines_fill_up_and_words_stay_whole() {
        let word = "x".repeat(30);
        let long = "y".repeat(200);
        let words = [&word, &word, &word, &word, &long].map(String::as_str);
        assert_eq!(
            fill(words, 4),
            format!("    {word} {word} {word}\n    {word}\n    {long}\n")
        );
        assert_eq!(fill([], 4), "");
    }

    #[test]
    fn painted_text_cannot_end_its_own_colour() {
        let text = Paint(Color::Always)
            .on(Tone::Strong, "a\u{1b}[0mb")
            .to_string();
        assert_eq!(text, "\u{1b}[1ma\\u{1b}[0mb\u{1b}[0m");
    }
}
