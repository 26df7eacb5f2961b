//! Which strings of a Python file document it: those that stand alone between three quotes, and those
//! that are given to a name which says documentation or examples.
//!
//! Read once, onward from place to place, so that many findings in one file cost no more than it is long.

use crate::model::ScanPath;

/// Words of a name whose value documents, as plugins and commands name it.
const WORDS: &[&str] = &[
    "doc",
    "docs",
    "documentation",
    "docstring",
    "example",
    "examples",
    "return",
    "returns",
    "usage",
    "help",
    "description",
    "epilog",
];

/// A place in a Python file that only moves on.
#[derive(Debug)]
pub(in crate::check::secret) struct Docstrings {
    at: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a file of another language.
    Elsewhere,
    Code,
    Comment,
    /// In a string that ends where its line does at the latest.
    Short(u8),
    /// In a string between three quotes.
    Long {
        quote: u8,
        documents: bool,
    },
}

impl Docstrings {
    /// The beginning of a text.
    pub(in crate::check::secret) fn new(path: &ScanPath) -> Self {
        let python = path.as_folders().ends_with(".py");
        Self {
            at: 0,
            state: if python {
                State::Code
            } else {
                State::Elsewhere
            },
        }
    }

    /// Moves on to an offset; whether that is within a string that documents.
    pub(in crate::check::secret) fn reach(&mut self, text: &[u8], to: usize) -> bool {
        if self.state == State::Elsewhere {
            return false;
        }
        while self.at < to.min(text.len()) {
            self.step(text);
        }
        matches!(
            self.state,
            State::Long {
                documents: true,
                ..
            }
        )
    }

    fn step(&mut self, text: &[u8]) {
        let rest = text.get(self.at..).unwrap_or(&[]);
        let triple = |quote: u8| rest.starts_with(&[quote; 3]);
        let (state, length) = match (self.state, rest.first().copied()) {
            (State::Code, Some(b'#')) => (State::Comment, 1),
            (State::Code, Some(quote @ (b'"' | b'\''))) if triple(quote) => {
                let before = text.get(..self.at).unwrap_or(&[]);
                let documents = documents(before);
                (State::Long { quote, documents }, 3)
            }
            (State::Code, Some(quote @ (b'"' | b'\''))) => (State::Short(quote), 1),
            (State::Comment | State::Short(_), Some(b'\n')) => (State::Code, 1),
            (State::Short(quote), Some(byte)) if byte == quote => (State::Code, 1),
            (State::Long { quote, .. }, Some(byte)) if byte == quote && triple(quote) => {
                (State::Code, 3)
            }
            (State::Short(_) | State::Long { .. }, Some(b'\\')) => (self.state, 2),
            (state, _) => (state, 1),
        };
        self.state = state;
        self.at += length;
    }
}

/// Whether a string that begins behind a text documents.
fn documents(before: &[u8]) -> bool {
    /// More than this stands on no line before a string.
    const REACH: usize = 200;
    let low = before.len().saturating_sub(REACH);
    let near = before.get(low..).unwrap_or(&[]);
    let start = memchr::memrchr(b'\n', near).map_or(0, |at| at + 1);
    let (above, line) = near.split_at_checked(start).unwrap_or((&[], near));
    let line = line.trim_ascii();
    let marks = |b: &u8| b"rRuUbBfF".contains(b);
    if line.len() <= 2 && line.iter().all(marks) {
        // An argument stands alone on its line, too.
        let last = above.trim_ascii_end().last();
        return !last.is_some_and(|b| b"(,=[{+\\".contains(b));
    }
    let Some(at) = memchr::memchr(b'=', line) else {
        return false;
    };
    let (name, value) = line.split_at_checked(at).unwrap_or((line, &[]));
    let value = value.get(1..).unwrap_or(&[]).trim_ascii();
    let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
    value.iter().all(marks) && name.split('_').any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Docstrings;
    use crate::model::ScanPath;

    fn documents(path: &str, text: &str) -> bool {
        let path = ScanPath::new(Path::new(path));
        let at = text.find("KEY").unwrap();
        Docstrings::new(&path).reach(text.as_bytes(), at)
    }

    #[test]
    fn a_string_that_stands_alone_or_is_named_so_documents() {
        for (text, expected) in [
            ("\"\"\"Module: KEY\"\"\"", true),
            ("def a():\n    r'''KEY'''", true),
            ("EXAMPLES = r'''\n- password: KEY\n'''", true),
            ("DOCUMENTATION = \"\"\"KEY\"\"\"", true),
            ("config = '''KEY'''", false),
            ("load(\n  '''KEY''')", false),
            ("\"\"\"a\"\"\"\nb = 'KEY'", false),
            ("# '''\nb = 'KEY'", false),
            ("a = \"'''\"\nb = 'KEY'", false),
            ("a = 'it\\'s'\n'''KEY'''", true),
            ("'''a\\''' KEY'''", true),
            ("a = 'torn\n'''KEY'''", true),
        ] {
            assert_eq!(documents("a.py", text), expected, "{text}");
            assert!(!documents("a.rb", text), "{text}");
        }
    }

    #[test]
    fn going_on_in_steps_is_the_same_as_in_one() {
        let text = "'''a'''\nb = \"'''\" # '''\nHELP = '''c'''\n".as_bytes();
        let path = ScanPath::new(Path::new("a.py"));
        let mut stepped = Docstrings::new(&path);
        for at in 0..text.len() {
            let one = Docstrings::new(&path).reach(text, at);
            assert_eq!(stepped.reach(text, at), one, "{at}");
        }
    }
}
