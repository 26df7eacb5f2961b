//! Text from inputs, made safe to show: a file name or a user name must not move the cursor, hide
//! a line or turn the reading direction.

use std::fmt::{self, Write};

use crate::model::{CommitRef, InTip, When};
use crate::triage::{Acceptance, Acceptor};

/// Whether a character can change how its surroundings look without being seen itself: controls,
/// direction marks, invisible spaces, line separators and tag characters.
#[must_use]
pub(super) fn hazardous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// Shows text with every hazardous character spelt out, on one line. Tabs become blanks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visible<'a>(pub &'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nearly every text is plain, and a report may hold millions.
        if is_plain(self.0) {
            return f.write_str(self.0);
        }
        self.0.chars().try_for_each(|c| match c {
            '\t' => f.write_char(' '),
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            c if hazardous(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
            c => f.write_char(c),
        })
    }
}

/// Whether a text is of nothing but visible ASCII and blanks. Looks at all of it, because that can be
/// done for many bytes at once.
#[must_use]
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes()
        .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

/// A number with its noun: `1 file`, `1,204 files`. The plural is the noun with an s.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub u64, pub &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", Grouped(self.0), self.1)
    }
}

/// A number with a comma between groups of three digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        digits.char_indices().try_for_each(|(i, digit)| {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_char(',')?;
            }
            f.write_char(digit)
        })
    }
}

/// A length in collections as a number for counting.
#[must_use]
pub(super) fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// By which commit a secret of the history came, and whether it is still there, in one fragment.
pub(super) fn brought_in(commit: &CommitRef) -> String {
    let since = match commit.in_tip {
        InTip::Yes => "still in the tip",
        InTip::OtherBranch => "not in the tip, but still in another branch",
        InTip::No => "removed since, but still in the history",
    };
    format!(
        "by {} on {}, {since}",
        commit.id.short(),
        commit.authored.date()
    )
}

/// What an acceptance that has ended was, and when it ended. Not neutralised.
#[must_use]
pub(super) fn ended(acceptance: &Acceptance) -> String {
    let what = match &acceptance.by {
        Acceptor::Waiver(id) => format!("Waiver {id}"),
        Acceptor::Baseline | Acceptor::Commit(_) => "Its line in the baseline".to_owned(),
    };
    let owner = acceptance.owner.as_deref().unwrap_or("nobody");
    match acceptance.expires {
        When::Known(end) => format!("{what} of {owner} ended on {}", end.date()),
        When::Never => format!("{what} of {owner} has ended"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Visible};

    #[test]
    fn what_could_deceive_a_reader_is_spelt_out() {
        for (given, shown) in [
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("two\nlines\r", "two\\nlines\\r"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("\u{202e}cod.exe", "\\u{202e}cod.exe"),
            ("tab\there", "tab here"),
            ("Zoë 👩‍💻 日本", "Zoë 👩‍💻 日本"),
        ] {
            assert_eq!(Visible(given).to_string(), shown);
        }
    }

    #[test]
    fn counts_have_groups_and_a_plural() {
        assert_eq!(Count(1, "file").to_string(), "1 file");
        assert_eq!(Count(0, "file").to_string(), "0 files");
        assert_eq!(Count(1_234_567, "row").to_string(), "1,234,567 rows");
    }
}
