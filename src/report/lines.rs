//! How JSON is laid out: one finding, rule or result per line, so that two reports compare well
//! line by line; and no byte that a terminal would obey. Knows nothing of what is written.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use super::visible::hazardous;

/// Streams a document, breaking lines between the members of its outer `depth` levels.
///
/// # Errors
/// What the writer says.
pub(super) fn write<T: Serialize>(
    document: &T,
    depth: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let layout = Lines {
        depth: 0,
        limit: depth,
        filled: false,
    };
    document.serialize(&mut Serializer::with_formatter(&mut out, layout))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes JSON Lines: one document on each line, without a byte that a terminal would obey.
///
/// # Errors
/// What the writer says.
pub fn json_lines<T: Serialize>(
    documents: impl IntoIterator<Item = T>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = JsonLines::new(out);
    documents.into_iter().try_for_each(|it| lines.line(&it))?;
    lines.end()
}

/// JSON Lines on their way, for documents that live no longer than their line.
pub(super) struct JsonLines<'w>(BufWriter<&'w mut dyn Write>);

impl<'w> JsonLines<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self(BufWriter::with_capacity(1 << 16, out))
    }

    /// Writes a line.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn line<T: Serialize>(&mut self, document: &T) -> io::Result<()> {
        let layout = Lines {
            depth: 0,
            limit: 0,
            filled: false,
        };
        document.serialize(&mut Serializer::with_formatter(&mut self.0, layout))?;
        self.0.write_all(b"\n")
    }

    /// Hands everything on.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Breaks lines down to a depth and writes everything deeper on one line.
struct Lines {
    depth: usize,
    limit: usize,
    /// Whether the innermost open array or object has a member.
    filled: bool,
}

impl Lines {
    fn open<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        if self.filled && self.depth <= self.limit {
            out.write_all(b"\n")?;
        }
        self.depth -= 1;
        self.filled = true;
        out.write_all(bracket)
    }

    fn member<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.filled = true;
        if !first {
            out.write_all(b",")?;
        }
        if self.depth <= self.limit {
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.member(out, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.member(out, first)
    }

    /// JSON lets most hazardous characters stand as they are; writing them as escapes keeps the
    /// data and takes the harm.
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Nearly always; both look at many bytes at once.
        if fragment.is_ascii() && memchr::memchr(0x7F, fragment.as_bytes()).is_none() {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| hazardous(*c)) {
            let (before, after) = rest.split_at(at);
            CompactFormatter.write_string_fragment(out, before)?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after.get(c.len_utf8()..).unwrap_or("");
        }
        out.write_all(rest.as_bytes())
    }
}

/// A slice written as an array, each element turned into its output form when its turn comes.
pub(super) struct Each<'a, C, T, U> {
    /// What every element needs to know.
    pub context: C,
    /// The elements.
    pub items: &'a [T],
    /// The output form of one.
    pub form: fn(C, &'a T) -> U,
}

impl<C: Copy, T, U: Serialize> Serialize for Each<'_, C, T, U> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.items
                .iter()
                .map(|item| (self.form)(self.context, item)),
        )
    }
}

/// A value written as the text that it displays.
pub(super) struct Shown<T>(pub T);

impl<T: std::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};
    use serde_json::{Value, json};

    fn written(document: &Value, depth: usize) -> String {
        let mut out = Vec::new();
        super::write(document, depth, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_break_down_to_the_depth_and_no_further() {
        let document = json!({"a": [{"b": [1, 2]}, {}], "c": []});
        assert_eq!(
            written(&document, 2),
            "{\n\"a\":[\n{\"b\":[1,2]},\n{}\n],\n\"c\":[]\n}\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_none_of_it_moves_the_cursor(text in "\\PC*|\\p{Any}*") {
            let line = written(&json!([text]), 0);
            prop_assert!(!line.trim_end_matches('\n').chars().any(super::hazardous));
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), json!([text]));
        }
    }

    #[test]
    fn hazardous_characters_are_escaped_and_come_back() {
        let hostile = "\u{1b}[2J \u{7f}\u{9b}é\u{202e}日\u{e0041}\"\\\n";
        let text = written(&json!([hostile]), 0);
        assert!(!text.trim_end().chars().any(super::hazardous), "{text:?}");
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            json!([hostile])
        );
    }
}
