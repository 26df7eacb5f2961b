//! GitHub's limits on SARIF uploads, and how text is kept within them. Over most of them the whole
//! file is refused. Source: GitHub's reference for SARIF support, as of 2026.

use std::borrow::Cow;

use crate::model::Severity;

/// Results in a run.
pub(super) const RESULTS: usize = 25_000;
/// Related locations of a result: GitHub takes 1,000 locations, of which one is the main one.
pub(super) const RELATED: usize = 999;
/// Reasons spelt out in a message, which is one line in GitHub's list.
pub(super) const REASONS: usize = 10;
/// Tags of a rule that are shown.
pub(super) const TAGS: usize = 10;
/// Characters of a rule's name.
pub(super) const NAME: usize = 255;
/// Characters of a rule's short and full description.
pub(super) const DESCRIPTION: usize = 1_024;
/// Notifications of one sort. Not GitHub's limit: an export with a million bad rows must not
/// push the file over the 10 MB that GitHub takes. One more notification then tells the rest.
pub(super) const NOTIFICATIONS: usize = 1_000;

/// The text, cut to so many UTF-16 units (GitHub is not precise about the unit; this is the
/// strictest of those in use but bytes), the last one an ellipsis if something was cut.
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit || text.encode_utf16().count() <= limit {
        return Cow::Borrowed(text);
    }
    let mut units = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units < limit
        })
        .collect();
    Cow::Owned(kept + "…")
}

/// The level of a severity.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's number for a severity, well inside each of its ranges. Info has none.
pub(super) const fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("日本日本日", 5), "日本日本日");
        assert_eq!(cut("日本日本日本", 5), "日本日本…");
        assert_eq!(cut("👩👩👩", 4), "👩…");
    }
}
