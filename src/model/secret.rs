//! The matched bytes of a credential, which never leave the process in clear.

use std::fmt;

/// A matched secret. It has no `Display` and no `Serialize`, and its `Debug` hides the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Kept);

#[derive(Clone, PartialEq, Eq)]
enum Kept {
    Value(Box<[u8]>),
    /// All that is known of a secret of an earlier run.
    Hint(Box<str>),
}

impl Secret {
    /// Takes the bytes of a match.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Kept::Value(bytes.into()))
    }

    /// A secret that an earlier run matched and of which it kept [`Secret::hint`].
    #[must_use]
    pub fn of_hint(hint: &str) -> Self {
        Self(Kept::Hint(hint.into()))
    }

    /// The bytes themselves, for hashing, checksums and `--show-secrets` only; none where only the
    /// hint is known.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        match &self.0 {
            Kept::Value(bytes) => bytes,
            Kept::Hint(_) => &[],
        }
    }

    /// The same without the value: all that most reports say of it.
    #[must_use]
    pub fn as_hint(&self) -> Self {
        Self(Kept::Hint(self.hint().into()))
    }

    /// The hint, where the value is not known.
    #[must_use]
    pub fn hint_only(&self) -> Option<&str> {
        match &self.0 {
            Kept::Value(_) => None,
            Kept::Hint(hint) => Some(hint),
        }
    }

    /// What a report may show: at most the first four characters, and only of a secret of
    /// sixteen characters or more, then the length. Control characters never pass.
    #[must_use]
    pub fn hint(&self) -> String {
        let bytes = match &self.0 {
            Kept::Value(bytes) => bytes,
            Kept::Hint(hint) => return hint.to_string(),
        };
        let text = String::from_utf8_lossy(bytes);
        let length = text.chars().count();
        let head: String = text
            .chars()
            .take(if length >= 16 { 4 } else { 0 })
            .map(|c| if c.is_ascii_graphic() { c } else { '?' })
            .collect();
        format!("{head}…({length} characters)")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.expose().len())
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_and_hint_never_hold_the_value() {
        let value = "correct-horse-battery";
        let secret = Secret::new(value.as_bytes());
        assert_eq!(format!("{secret:?}"), "Secret(21 bytes)");
        assert_eq!(secret.hint(), "corr…(21 characters)");
        assert_eq!(Secret::new(b"hunter2").hint(), "…(7 characters)");
    }
}
