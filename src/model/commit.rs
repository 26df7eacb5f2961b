//! The names of objects in a version history, and which commit brought a finding in.

use std::fmt;
use std::str::FromStr;

use super::time::Instant;

/// The id of a git object: 20 bytes (SHA-1) or 32 (SHA-256). Ordered as its hexadecimal text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: u8,
}

impl ObjectId {
    /// Reads 40 or 64 hexadecimal digits, and nothing else.
    #[must_use]
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        let length = match text.len() {
            40 => 20,
            64 => 32,
            _ => return None,
        };
        let mut bytes = [0; 32];
        let (pairs, _) = text.as_chunks::<2>();
        for (to, [high, low]) in bytes.iter_mut().zip(pairs) {
            *to = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self { bytes, length })
    }

    /// Whether it is the id that git writes for "no object".
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.bytes == [0; 32]
    }

    /// Adds the hexadecimal digits to a text.
    pub fn push_to(&self, text: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for byte in self.bytes.iter().take(usize::from(self.length)) {
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 15)]);
        }
    }

    /// The first ten digits, as people are shown an id.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(10);
        text
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.iter().take(usize::from(self.length));
        bytes
            .into_iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ObjectId {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text.as_bytes()).ok_or("neither 40 nor 64 hexadecimal digits")
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether what a commit brought in is still there at the end of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InTip {
    /// It is, in the tip that was asked about (by default what is checked out).
    Yes,
    /// Not there, but in the tip of another branch.
    OtherBranch,
    /// In no branch any more; whoever has the history still has it.
    No,
}

impl InTip {
    /// The word used in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::OtherBranch => "other-branch",
            Self::No => "no",
        }
    }
}

impl FromStr for InTip {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = [Self::Yes, Self::OtherBranch, Self::No].into_iter();
        all.find(|in_tip| in_tip.word() == text)
            .ok_or("not one of yes, other-branch, no")
    }
}

/// The commit that brought a finding in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitRef {
    /// Its place in the order of the history, oldest first; tells which of two is the earlier.
    pub order: u32,
    /// Its id.
    pub id: ObjectId,
    /// When its author wrote it.
    pub authored: Instant,
    /// Whether the secret is still there.
    pub in_tip: InTip,
}

#[cfg(test)]
mod tests {
    use super::ObjectId;

    #[test]
    fn an_id_reads_and_shows_as_the_same_digits() {
        for text in ["0123456789abcdef".repeat(4), "0a".repeat(20)] {
            let id = ObjectId::from_hex(text.as_bytes()).unwrap();
            assert_eq!(id.to_string(), text);
            let mut pushed = Vec::new();
            id.push_to(&mut pushed);
            assert_eq!(pushed, text.as_bytes());
            assert_eq!(id.short(), text[..10]);
        }
        assert!(
            ObjectId::from_hex("0".repeat(40).as_bytes())
                .unwrap()
                .is_null()
        );
        for bad in ["", "abc", &"g".repeat(40), &"0".repeat(41)] {
            assert_eq!(ObjectId::from_hex(bad.as_bytes()), None, "{bad}");
        }
    }
}
