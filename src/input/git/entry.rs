//! One line of git's raw difference format: which object stands at a path now.

use std::path::PathBuf;

use super::{GitError, path_of};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path, from the top of the repository.
    pub path: PathBuf,
    /// The object, in hexadecimal.
    pub id: String,
    /// What sort of thing it is.
    pub kind: EntryKind,
}

/// What sort of thing stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A file.
    File,
    /// A symbolic link, whose object is the path that it points to.
    Link,
    /// Another repository, whose object is a commit there.
    Submodule,
    /// A file whose versions are not merged yet, so that it has no object.
    Unmerged,
}

impl EntryKind {
    /// What git's six octal digits mean. None for a path that is gone and for a folder.
    pub(super) fn of_mode(mode: &str) -> Option<Self> {
        match mode {
            "120000" => Some(Self::Link),
            "160000" => Some(Self::Submodule),
            // 100644 and 100755, and what very old versions of git wrote.
            _ if mode.starts_with("100") => Some(Self::File),
            _ => None,
        }
    }
}

/// Reads `:mode mode id id status`, or with as many colons as a merge has parents the modes and ids
/// of all of them: the last mode and id are those of now. None for a path that is gone.
pub(super) fn decode(head: &str, path: &[u8]) -> Result<Option<Entry>, GitError> {
    let wrong = || GitError::Answer(head.to_owned());
    let words = head.trim_start_matches(':');
    let parents = head.len() - words.len();
    let words: Vec<&str> = words.split(' ').collect();
    if parents == 0 || words.len() != 2 * parents + 3 || path.is_empty() {
        return Err(wrong());
    }
    let (mode, id, status) = match words.as_slice() {
        [.., id, status] => (words.get(parents).ok_or_else(wrong)?, *id, *status),
        _ => return Err(wrong()),
    };
    let kind = if status == "U" {
        Some(EntryKind::Unmerged)
    } else {
        EntryKind::of_mode(mode)
    };
    Ok(kind.map(|kind| Entry {
        path: path_of(path),
        id: id.to_owned(),
        kind,
    }))
}

#[cfg(test)]
mod tests {
    use super::{EntryKind, decode};

    #[test]
    fn the_last_mode_and_id_are_those_of_now() {
        for (head, want) in [
            (":000000 100644 00 ab A", Some((EntryKind::File, "ab"))),
            (":100644 100755 aa ab M", Some((EntryKind::File, "ab"))),
            (":100644 120000 aa ab T", Some((EntryKind::Link, "ab"))),
            (":000000 160000 00 ab A", Some((EntryKind::Submodule, "ab"))),
            (":100644 000000 aa 00 D", None),
            (":100644 000000 aa 00 U", Some((EntryKind::Unmerged, "00"))),
            (
                "::100644 100644 100755 aa ab ac MM",
                Some((EntryKind::File, "ac")),
            ),
            (":::100644 100644 100644 000000 aa ab ac 00 DDD", None),
        ] {
            let entry = decode(head, b"p").unwrap();
            let got = entry.as_ref().map(|e| (e.kind, e.id.as_str()));
            assert_eq!(got, want, "{head}");
        }
    }

    #[test]
    fn anything_else_is_an_error_and_not_left_out() {
        for head in [
            "",
            ":",
            "100644 100644 a b M",
            ":100644 a b M",
            "::100644 100644 a b MM",
        ] {
            assert!(decode(head, b"p").is_err(), "{head}");
        }
        assert!(decode(":000000 100644 00 ab A", b"").is_err());
    }
}
