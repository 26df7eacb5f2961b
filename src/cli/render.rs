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
            message: printable(&diagnostic.message),
            help: diagnostic.help.as_deref().map(printable),
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
