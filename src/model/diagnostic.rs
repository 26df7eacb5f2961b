//! A fault in something the user wrote (rule, policy, source file): where, what, and what was meant.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::span::Span;

/// Why a file that the user wrote is refused. Drawn with line, column and caret at the edge.
#[derive(Clone, thiserror::Error)]
#[error("{message}")]
pub struct Diagnostic {
    /// The file's name as the user knows it.
    pub file: Arc<str>,
    /// The file's whole text, for the code frame.
    pub text: Arc<Cow<'static, str>>,
    /// What the caret points at.
    pub span: Span,
    /// What is wrong, in one lower-case fragment.
    pub message: String,
    /// What to do about it: most often "did you mean …".
    pub help: Option<String>,
}

/// One line, without the text of the file.
impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, " ({help})"))
    }
}

impl Diagnostic {
    /// 1-based line and column (in characters) of the start of the span.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let end = (self.span.start as usize).min(self.text.len());
        let head = self.text.get(..end).unwrap_or("");
        let line = head.matches('\n').count() + 1;
        let column = head.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

/// The candidate nearest to `word`, if it is near enough to have been meant.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A distance costs the product of the lengths, and no word of ours is as long as this.
    if word.len() > 100 {
        return None;
    }
    let folded = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                distance(&folded, &candidate.to_ascii_lowercase()),
                candidate,
            )
        })
        .filter(|(d, candidate)| *d <= 1.max(candidate.len().min(word.len()) / 3))
        .min_by_key(|(d, _)| *d)
        .map(|(_, candidate)| candidate)
}

/// Edit distance where swapping two neighbours counts as one edit (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn suggests_what_was_meant_and_nothing_far_off() {
        let words = ["older_than", "newer_than", "severity", "is"];
        assert_eq!(suggest("oldr_than", words), Some("older_than"));
        assert_eq!(suggest("severty", words), Some("severity"));
        assert_eq!(suggest("si", words), Some("is"));
        assert_eq!(suggest("banana", words), None);
    }
}
