//! What git tells a hook on its standard input about the references that a push changes.

/// One reference that a push changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The reference on the receiving side.
    pub reference: String,
    /// The object it points to before. None: it is new.
    pub old: Option<String>,
    /// The object it points to afterwards. None: it is deleted.
    pub new: Option<String>,
}

/// A line that does not say what git's documentation says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of standard input is not `{form}`")]
pub struct NotAnUpdate {
    /// Counts from 1.
    pub line: usize,
    /// What the line should look like.
    pub form: &'static str,
}

/// Reads the lines of a pre-push hook: `<local ref> <local id> <remote ref> <remote id>`.
///
/// # Errors
/// At the first line that is something else.
pub fn pushed(input: &[u8]) -> Result<Vec<Update>, NotAnUpdate> {
    // What the user pushed may be an expression with blanks in it, such as `HEAD@{1 day ago}`.
    let line = |line: &str| match line.rsplitn(4, ' ').collect::<Vec<_>>().as_slice() {
        [old, reference, new, _] => update(old, new, reference),
        _ => None,
    };
    lines(
        input,
        "<local ref> <local id> <remote ref> <remote id>",
        line,
    )
}

/// Reads the lines of a pre-receive hook: `<old id> <new id> <ref>`.
///
/// # Errors
/// At the first line that is something else.
pub fn received(input: &[u8]) -> Result<Vec<Update>, NotAnUpdate> {
    let line = |line: &str| match line.splitn(3, ' ').collect::<Vec<_>>().as_slice() {
        [old, new, reference] => update(old, new, reference),
        _ => None,
    };
    lines(input, "<old id> <new id> <ref>", line)
}

fn lines(
    input: &[u8],
    form: &'static str,
    read: impl Fn(&str) -> Option<Update>,
) -> Result<Vec<Update>, NotAnUpdate> {
    let text = String::from_utf8_lossy(input);
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| read(line).ok_or(NotAnUpdate { line: at + 1, form }))
        .collect()
}

fn update(old: &str, new: &str, reference: &str) -> Option<Update> {
    if reference.is_empty() {
        return None;
    }
    Some(Update {
        reference: reference.to_owned(),
        old: id(old)?,
        new: id(new)?,
    })
}

/// A whole id. `Some(None)` for zeros, which stand for nothing; None for what is no id.
fn id(text: &str) -> Option<Option<String>> {
    // SHA-1 and SHA-256.
    if !matches!(text.len(), 40 | 64) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((!text.bytes().all(|b| b == b'0')).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Update, pushed, received};

    fn shown(updates: &[Update]) -> Vec<(&str, bool, bool)> {
        let told = updates.iter();
        told.map(|u| (u.reference.as_str(), u.old.is_some(), u.new.is_some()))
            .collect()
    }

    #[test]
    fn new_changed_and_deleted_references_are_told_apart() {
        let (zero, a, b) = ("0".repeat(40), "a".repeat(40), "b".repeat(64));
        let text = format!(
            "HEAD@{{1 day ago}} {a} refs/heads/x {zero}\nrefs/heads/y {b} refs/heads/y {b}\n\
             (delete) {zero} refs/heads/z {a}\n"
        );
        assert_eq!(
            shown(&pushed(text.as_bytes()).unwrap()),
            [
                ("refs/heads/x", false, true),
                ("refs/heads/y", true, true),
                ("refs/heads/z", true, false)
            ]
        );
        let text = format!("{zero} {a} refs/heads/x\n\n{a} {zero} refs/heads/y");
        assert_eq!(
            shown(&received(text.as_bytes()).unwrap()),
            [("refs/heads/x", false, true), ("refs/heads/y", true, false)]
        );
        assert_eq!(received(b"").unwrap(), []);
    }

    #[test]
    fn a_line_that_is_no_update_is_named() {
        let a = "a".repeat(40);
        for line in [
            "x".to_owned(),
            format!("{a} --all refs/heads/x"),
            format!("{a} {a} "),
        ] {
            let text = format!("{a} {a} refs/heads/x\n{line}");
            assert_eq!(received(text.as_bytes()).unwrap_err().line, 2, "{line}");
        }
        assert!(pushed(format!("x {a} refs/heads/x HEAD").as_bytes()).is_err());
    }
}
