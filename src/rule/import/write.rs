//! Texts as YAML scalars that read back as they were.

/// A text on one line: plain where it can be, else quoted.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().any(|c| c.is_control() || !is_printable(c)) {
        return escaped(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A list on one line.
pub(super) fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| scalar(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// A text that may have several lines, as the value of a key at this indentation. An expression
/// with free spacing stays readable.
pub(super) fn block(text: &str, indent: usize) -> String {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let simple = body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n'])
        && body
            .chars()
            .all(|c| c == '\n' || (!c.is_control() && is_printable(c)));
    if !simple {
        return scalar(text);
    }
    let margin = " ".repeat(indent + 2);
    let mut out = if body.len() == text.len() {
        "|-".to_owned()
    } else {
        "|".to_owned()
    };
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&margin);
            out.push_str(line);
        }
    }
    out
}

/// Words that YAML would read as they stand, and as texts.
fn is_plain(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"_./".contains(&b) || b == b'-';
    let first = text.bytes().next();
    first.is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(word)
        && !matches!(
            &*text.to_ascii_lowercase(),
            "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
        )
}

/// Characters that YAML allows in quotes and that are seen.
const fn is_printable(c: char) -> bool {
    !matches!(
        c,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}'
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || !is_printable(c) => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{block, list, scalar};
    use crate::read::decode::Document;

    #[test]
    fn every_text_reads_back_as_it_was() {
        for text in [
            "plain",
            "no",
            "",
            "it's",
            "a: b # c",
            "- x",
            "3",
            "tab\there",
            "a\nb",
            "a\nb\n",
            "a\n\nb",
            " a\nb",
            "\na",
            "a\n\n",
            "(?x)\n  \\b\n  x # y\n",
            "\u{0}\u{85}\u{feff}é\u{1F600}",
            "[x]",
            "\"",
            "\r\n",
            "a \nb ",
            "%x",
            "{{base62:3}}",
            "'",
            "\\n",
            "a\nb\u{7}",
        ] {
            let whole = format!(
                "k:\n  one: {}\n  many: {}\n  list: {}\n",
                scalar(text),
                block(text, 2),
                list(&[text, "z"])
            );
            let doc = Document::new("t", &whole);
            let root = doc.parse().unwrap_or_else(|e| panic!("{e:?}\n{whole}"));
            let k = doc.fields(&root, "k", &["k"]).unwrap();
            let fields = doc
                .fields(k.get("k").unwrap(), "k", &["one", "many", "list"])
                .unwrap();
            for key in ["one", "many"] {
                assert_eq!(
                    doc.text(fields.require(key).unwrap(), key).unwrap(),
                    text,
                    "{whole}"
                );
            }
            assert_eq!(
                doc.texts(fields.require("list").unwrap(), "l").unwrap(),
                [text, "z"]
            );
        }
    }
}
