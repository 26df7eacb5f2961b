//! The matched bytes of a credential, which never leave the process in clear.

use std::fmt;

/// A matched secret. It has no `Display` and no `Serialize`, and its `Debug` hides the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the bytes of a match.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves, for hashing, checksums and `--show-secrets` only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// What a report may show: at most the first four characters, and only of a secret of
    /// sixteen characters or more, then the length. Control characters never pass.
    #[must_use]
    pub fn hint(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
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
        write!(f, "Secret({} bytes)", self.0.len())
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
