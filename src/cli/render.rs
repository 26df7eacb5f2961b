//! How errors look to a person: the line at fault with a caret under it, or one line and advice.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, ThemeCharacters,
    ThemeStyles,
};

use super::environment::Stream;
use crate::app::AppError;
use crate::app::options::Paint;
use crate::model::Diagnostic;

/// What the error is drawn on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Canvas {
    /// Whether it takes colours.
    pub(super) paint: Paint,
    /// A terminal gets line-drawing characters, anything else ASCII.
    pub(super) stream: Stream,
    /// Columns.
    pub(super) width: usize,
}

/// The whole text of an error, with its last line break.
pub(super) fn error(error: &AppError, canvas: Canvas) -> String {
    let mut text = String::new();
    if let AppError::Refused(diagnostics) = error {
        for diagnostic in diagnostics {
            text.push_str(&frame(diagnostic, canvas));
        }
    }
    let (bold, red, end) = match canvas.paint {
        Paint::Color => ("\x1b[1m", "\x1b[1;31m", "\x1b[0m"),
        Paint::Plain => ("", "", ""),
    };
    text.push_str(&format!(
        "{red}error{end}: {}\n",
        printable(&error.to_string())
    ));
    if let Some(help) = error.help() {
        text.push_str(&format!("{bold}help{end}: {}\n", printable(help)));
    }
    text
}

/// A diagnostic with its line, a caret and advice.
fn frame(diagnostic: &Diagnostic, canvas: Canvas) -> String {
    let theme = GraphicalTheme {
        characters: match canvas.stream {
            Stream::Terminal => ThemeCharacters::unicode(),
            Stream::Other => ThemeCharacters::ascii(),
        },
        styles: match canvas.paint {
            Paint::Color => ThemeStyles::ansi(),
            Paint::Plain => ThemeStyles::none(),
        },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(canvas.width)
        .with_context_lines(1);
    let drawn = Drawn::new(diagnostic);
    if let Some(excerpt) = excerpt(diagnostic) {
        let help = drawn.help.iter().map(|help| format!("  help: {help}\n"));
        return format!(
            "  x {}\n{excerpt}{}",
            drawn.message,
            help.collect::<String>()
        );
    }
    let mut text = String::new();
    if handler.render_report(&mut text, &drawn).is_err() {
        let (line, column) = diagnostic.line_column();
        text = format!("{}:{line}:{column}: {}\n", diagnostic.file, drawn.message);
    }
    text
}

/// A diagnostic in the form that miette draws. Control characters are replaced: the file may be
/// somebody else's, and a terminal obeys them.
struct Drawn {
    source: NamedSource<String>,
    label: LabeledSpan,
    message: String,
    help: Option<String>,
}

impl Drawn {
    fn new(diagnostic: &Diagnostic) -> Self {
        let text = printable(&diagnostic.text);
        let boundary = |at: u32| {
            let mut at = (at as usize).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = boundary(diagnostic.span.start);
        let end = boundary(diagnostic.span.end).max(start);
        // A caret under a block of many lines says nothing: the first line is enough.
        let first_line = text
            .get(start..end)
            .and_then(|marked| marked.find('\n'))
            .map_or(end, |length| start + length);
        Self {
            label: LabeledSpan::underline(start..first_line),
            source: NamedSource::new(printable(&diagnostic.file), text),
            message: cut(&printable(&diagnostic.message)),
            help: diagnostic.help.as_deref().map(|help| cut(&printable(help))),
        }
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl miette::Diagnostic for Drawn {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

/// Lines longer than this, in bytes, are shown in part.
const LONG: usize = 400;

/// A message that quotes what nobody wrote by hand is cut.
fn cut(text: &str) -> String {
    match text.char_indices().nth(600) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The part of a long line around the fault, with a caret. None if the line and its neighbours,
/// which are drawn with it, are of a usual length.
fn excerpt(diagnostic: &Diagnostic) -> Option<String> {
    let text = &*diagnostic.text;
    let mut at = (diagnostic.span.start as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let (head, tail) = text.split_at(at);
    let mut before = head.rsplit('\n');
    let mut after = tail.split('\n');
    let (left, right) = (before.next()?, after.next()?);
    let longest = [before.next(), after.next()]
        .into_iter()
        .flatten()
        .map(str::len);
    if left.len() + right.len() <= LONG && longest.max().unwrap_or(0) <= LONG {
        return None;
    }
    let (line, column) = diagnostic.line_column();
    let mut start: Vec<char> = left.chars().rev().take(30).collect();
    start.reverse();
    let shown: String = start
        .iter()
        .chain(&right.chars().take(40).collect::<Vec<_>>())
        .collect();
    let caret = " ".repeat(start.len());
    Some(format!(
        "   ,-[{}:{line}:{column}]\n   | {}\n   : {caret}^\n   `----\n",
        printable(&diagnostic.file),
        printable(&shown.replace(['\t', '\r'], " ")),
    ))
}

/// The text without control characters except line breaks and tabs, as long in bytes as before so
/// that spans still fit.
fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\t' | '\r') {
            clean.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Says on standard error what went wrong; there is nobody to tell if that fails.
pub(super) fn say(err: &mut dyn std::io::Write, text: &str) {
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

#[cfg(test)]
mod tests {
    use super::{Canvas, error};
    use crate::app::AppError;
    use crate::app::options::Paint;
    use crate::cli::environment::Stream;
    use crate::model::{Diagnostic, Span};
    use crate::read::decode::Document;

    const PLAIN: Canvas = Canvas {
        paint: Paint::Plain,
        stream: Stream::Other,
        width: 80,
    };

    fn at(text: &str, start: u32, end: u32) -> Diagnostic {
        let document = Document::new("rules/pw.yaml", text);
        document.error_with_help(
            Span { start, end },
            "unknown key in a rule `severty`",
            "did you mean `severity`?",
        )
    }

    #[test]
    fn a_wrong_rule_is_shown_with_its_line_a_caret_and_advice() {
        let wrong = at("- id: a\n  severty: high\n  title: t\n", 10, 17);
        let text = error(&AppError::from(wrong), PLAIN);
        let expected = "  x unknown key in a rule `severty`
   ,-[rules/pw.yaml:2:3]
 1 | - id: a
 2 |   severty: high
   :   ^^^^^^^
 3 |   title: t
   `----
  help: did you mean `severity`?
error: 1 fault in the rules, sources, policy or baseline
";
        assert_eq!(text, expected);
    }

    #[test]
    fn any_span_of_any_text_can_be_drawn() {
        for (text, start, end) in [
            ("", 0, 0),
            ("", 5, 9),
            ("é: x", 1, 2),
            ("a: b", 4, 4),
            ("a: b\n", 5, 6),
            ("a: b", 3, 1),
            ("a: |\n  one\n  two\n", 0, 17),
            ("a: b", u32::MAX - 1, u32::MAX),
        ] {
            let text = error(&AppError::from(at(text, start, end)), PLAIN);
            assert!(text.contains("rules/pw.yaml"), "{text}");
            assert!(text.contains("did you mean"), "{text}");
        }
    }

    #[test]
    fn of_a_long_line_the_part_around_the_fault_is_shown() {
        let line = format!("{}severty: high{}", "a, ".repeat(1000), ", b".repeat(1000));
        let text = error(
            &AppError::from(at(&format!("x\n{line}\n"), 3002, 3009)),
            PLAIN,
        );
        let expected = "  x unknown key in a rule `severty`
   ,-[rules/pw.yaml:2:3001]
   | a, a, a, a, a, a, a, a, a, a, severty: high, b, b, b, b, b, b, b, b, b
   :                               ^
   `----
  help: did you mean `severity`?
error: 1 fault in the rules, sources, policy or baseline
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_hostile_file_cannot_speak_to_the_terminal() {
        let wrong = at("a: \u{1b}]0;owned\u{7}\u{9b}31m\n", 0, 1);
        let text = error(&AppError::from(wrong), PLAIN);
        assert!(text.contains("]0;owned"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{text:?}");
    }

    #[test]
    fn other_errors_are_one_line_and_advice() {
        let wrong = AppError::unknown_rule("pw.age2", ["pw.age"]);
        assert_eq!(
            error(&wrong, PLAIN),
            "error: unknown rule `pw.age2`\nhelp: did you mean `pw.age`?\n"
        );
        let coloured = Canvas {
            paint: Paint::Color,
            ..PLAIN
        };
        assert!(error(&wrong, coloured).starts_with("\x1b[1;31merror\x1b[0m: "));
    }
}
