//! A runbook, filled with what is known of one item, in Markdown. What an input says is data here:
//! it cannot become markup, and in a command it stands in the quotes of whatever reads it.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::inventory::{
    Command, Fact, Language, Piece, Place, Runbook, Shape, Subject, Text, Told,
};
use crate::model::Instant;

use super::visible::Visible;

/// One page.
#[derive(Debug, Clone, Copy)]
pub struct RunbookPage<'a> {
    /// The steps.
    pub runbook: &'a Runbook,
    /// The item.
    pub subject: &'a Subject,
    /// The audit date.
    pub as_of: Instant,
}

/// What stands where nothing is known. Never nothing: an empty place reads as if all were well.
const UNKNOWN: &str = "**not recorded**";

/// What the head of a page tells of an item.
const HEAD: &[(&str, Place)] = &[
    ("Item", Place::Id),
    ("Kind", Place::Kind),
    ("Owner", Place::Fact(Fact::Owner)),
    ("Consumers", Place::Fact(Fact::Consumers)),
    ("Endpoint", Place::Fact(Fact::Endpoint)),
    ("Kept in", Place::Fact(Fact::Storage)),
    ("State", Place::Fact(Fact::State)),
    ("Age of the value", Place::Age),
    ("Last used", Place::Fact(Fact::LastUsed)),
    ("Ends", Place::Fact(Fact::Expires)),
    ("Next rotation", Place::Fact(Fact::NextRotation)),
    ("Agreed window", Place::Fact(Fact::CutoverWindow)),
    ("The team's own runbook", Place::Fact(Fact::Runbook)),
];

impl RunbookPage<'_> {
    /// Writes the page.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            runbook, subject, ..
        } = self;
        write!(out, "# {}", runbook.title)?;
        if let Some(name) = subject.told(Place::Name) {
            write!(out, ": {}", values(name, Place::Name))?;
        }
        writeln!(
            out,
            "\n\n{}\n\nRunbook `{}`, as of {}. Interruption: {}\n",
            self.prose(&runbook.about),
            runbook.id,
            self.as_of.date(),
            self.prose(&runbook.interruption)
        )?;
        for (label, place) in HEAD {
            writeln!(out, "- {label}: {}", self.stated(*place))?;
        }
        self.list("Before you begin", "- [ ]", &runbook.before, out)?;
        writeln!(out, "\n## Steps\n")?;
        let steps = runbook.steps.iter().filter(|step| step.concerns(subject));
        for (number, step) in (1_usize..).zip(steps) {
            writeln!(
                out,
                "{number}. **{}.** {}",
                step.title,
                self.prose(&step.act)
            )?;
            let indent = " ".repeat(number.to_string().len() + 2);
            if let Some(command) = &step.run {
                self.command(command, &indent, out)?;
            }
            if let Some(check) = &step.check {
                writeln!(out, "\n{indent}Done when: {}", self.prose(check))?;
            }
        }
        self.list("Verify", "- [ ]", &runbook.verify, out)?;
        self.list("Roll back", "-", &runbook.rollback, out)?;
        self.list("Evidence to keep", "- [ ]", &runbook.evidence, out)?;
        if !runbook.references.is_empty() {
            writeln!(out, "\n## Read on\n")?;
            for reference in &runbook.references {
                writeln!(out, "- <{reference}>")?;
            }
        }
        Ok(())
    }

    fn list(&self, title: &str, mark: &str, texts: &[Text], out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n## {title}\n")?;
        for text in texts {
            writeln!(out, "{mark} {}", self.prose(text))?;
        }
        Ok(())
    }

    /// What is known for a place, and how well that is proven.
    fn stated(&self, place: Place) -> String {
        let Some(told) = self.subject.told(place) else {
            return UNKNOWN.to_owned();
        };
        match told.grade {
            Some(grade) => format!("{} ({})", values(told, place), grade.word()),
            None => values(told, place),
        }
    }

    fn prose(&self, text: &Text) -> String {
        let mut line = String::new();
        for piece in &text.pieces {
            match piece {
                Piece::Words(words) => line.push_str(words),
                Piece::Place(place) => match self.subject.told(*place) {
                    Some(told) => line.push_str(&values(told, *place)),
                    None if *place == Place::Kind => line.push_str(place.label()),
                    // "The end: the end (not recorded)" would say it twice.
                    None if line.ends_with(": ") => line.push_str(UNKNOWN),
                    None => {
                        let label = place.label();
                        let first = line.is_empty() || line.ends_with(". ");
                        let label = match label.strip_prefix('t').filter(|_| first) {
                            Some(rest) => format!("T{rest}"),
                            None => label.to_owned(),
                        };
                        let _ = write!(line, "{label} ({UNKNOWN})");
                    }
                },
            }
        }
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn command(&self, command: &Command, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut text = String::new();
        for piece in &command.text.pieces {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Place(place) => {
                    let value = match self.subject.told(*place).and_then(|t| t.texts.first()) {
                        Some(value) => Visible(value).to_string(),
                        None => format!("<{}: not recorded>", place.label()),
                    };
                    text.push_str(&quoted(&value, command.language));
                }
            }
        }
        let fence = fence(&text, 3);
        writeln!(out, "\n{indent}{fence}{}", command.language.fence())?;
        for line in text.lines() {
            writeln!(out, "{}", format!("{indent}{line}").trim_end())?;
        }
        writeln!(out, "{indent}{fence}")
    }
}

/// Values in a sentence.
fn values(told: &Told, place: Place) -> String {
    let all = told.texts.iter().map(|text| match place.shape() {
        Shape::Words => text.clone(),
        Shape::Text | Shape::Texts => code(text),
    });
    all.collect::<Vec<_>>().join(", ")
}

/// A code span, in which nothing is markup.
fn code(text: &str) -> String {
    let text = Visible(text).to_string();
    let fence = fence(&text, 1);
    // A blank keeps a backtick at an end apart from the fence.
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// More backticks in a row than a text has, and at least so many.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// A value as one word of what reads it.
pub(super) fn quoted(value: &str, language: Language) -> String {
    match language {
        Language::Shell => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
            if !value.is_empty() && !value.starts_with('-') && value.chars().all(plain) {
                value.to_owned()
            } else {
                format!("'{}'", value.replace('\'', r"'\''"))
            }
        }
        Language::Sql => format!("\"{}\"", value.replace('"', "\"\"")),
        Language::Http => value.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, code, quoted};

    #[test]
    fn what_an_input_says_cannot_leave_its_quotes() {
        for (language, value, expected) in [
            (Language::Shell, "svc-etl", "svc-etl"),
            (Language::Shell, "a; rm -rf ~", "'a; rm -rf ~'"),
            (Language::Shell, "o'neil $(id)", r"'o'\''neil $(id)'"),
            (Language::Shell, "-rf", "'-rf'"),
            (Language::Shell, "", "''"),
            (Language::Sql, "a\"; DROP ROLE b", "\"a\"\"; DROP ROLE b\""),
            (Language::Http, "../x y", "..%2Fx%20y"),
        ] {
            assert_eq!(quoted(value, language), expected);
        }
    }

    #[test]
    fn what_an_input_says_is_no_markup() {
        for (value, expected) in [
            ("**x** <b>", "`**x** <b>`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("two\nlines", "`two\\nlines`"),
        ] {
            assert_eq!(code(value), expected);
        }
    }
}
