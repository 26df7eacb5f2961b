//! How JSON is laid out: one finding, rule or result per line, so that two reports compare well
//! line by line; and no byte that a terminal would obey. Knows nothing of what is written.

use std::io::{self, Write};

use serde::Serialize;

use super::serializer::Serializer;

/// Streams a document, breaking lines between the members of its outer `depth` levels.
///
/// # Errors
/// What the writer says.
pub(super) fn write<T: Serialize>(
    document: &T,
    depth: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut serializer = Serializer::new(out, depth);
    document.serialize(&mut serializer)?;
    serializer.end_line()?;
    serializer.end()
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
pub(super) struct JsonLines<'w>(Serializer<'w>);

impl<'w> JsonLines<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self(Serializer::new(out, 0))
    }

    /// Writes a line.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn line<T: Serialize>(&mut self, document: &T) -> io::Result<()> {
        document.serialize(&mut self.0)?;
        self.0.end_line()
    }

    /// Hands everything on.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn end(self) -> io::Result<()> {
        self.0.end()
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
            prop_assert!(!line.trim_end_matches('\n').chars().any(crate::report::visible::hazardous));
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), json!([text]));
        }
    }

    #[test]
    fn hazardous_characters_are_escaped_and_come_back() {
        let hostile = "\u{1b}[2J \u{7f}\u{9b}é\u{202e}日\u{e0041}\"\\\n";
        let text = written(&json!([hostile]), 0);
        assert!(
            !text
                .trim_end()
                .chars()
                .any(crate::report::visible::hazardous),
            "{text:?}"
        );
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            json!([hostile])
        );
    }
}
