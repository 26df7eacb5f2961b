//! Where things are, in SARIF's words: relative, percent-encoded URIs and full regions.

use std::fmt::{self, Write};

use serde::{Serialize, Serializer};

use super::Text;
use crate::model::{Location, Region, ScanPath, Subject};

/// A SARIF location.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Text<String>>,
    physical_location: Physical<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_locations: Option<[Logical<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact<'a>,
    region: Stretch,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    uri: Uri<'a>,
    uri_base_id: &'static str,
}

/// A SARIF region. GitHub refuses a file in which one of the four is missing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stretch {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// A thing that is no file, such as a user.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logical<'a> {
    name: &'a str,
    fully_qualified_name: String,
    kind: &'static str,
}

impl<'a> Place<'a> {
    /// A place in a file.
    pub(super) fn of(location: &'a Location) -> Self {
        Self::at(&location.path, location.region)
    }

    /// A region of a file. Regions that no file can have (line 0, an end before the start) are
    /// mended, because one of them would cost the whole file.
    pub(super) fn at(path: &'a ScanPath, region: Region) -> Self {
        // GitHub shows files; a member of an archive has no lines there.
        let region = if path.is_member() {
            Region::WHOLE_FILE
        } else {
            region
        };
        let start_line = region.start_line.max(1);
        let start_column = region.start_column.max(1);
        let end_line = region.end_line.max(start_line);
        let least = if end_line == start_line {
            start_column
        } else {
            1
        };
        Self {
            id: None,
            message: None,
            physical_location: Physical {
                artifact_location: Artifact {
                    uri: Uri(path.file()),
                    uri_base_id: "%SRCROOT%",
                },
                region: Stretch {
                    start_line,
                    start_column,
                    end_line,
                    end_column: region.end_column.max(least),
                },
            },
            logical_locations: None,
        }
    }
}

/// The object that a finding about an organisation concerns.
pub(super) fn logical(subject: &Subject) -> Logical<'_> {
    Logical {
        name: if subject.name.is_empty() {
            &subject.id
        } else {
            &subject.name
        },
        fully_qualified_name: format!("{}/{}/{}", subject.platform, subject.kind, subject.id),
        kind: "object",
    }
}

/// A path as a relative URI reference. Everything but unreserved characters and `/` is encoded:
/// a colon would make a scheme of the first part, a raw `%` makes GitHub skip the file.
struct Uri<'a>(&'a str);

impl fmt::Display for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.trim_start_matches('/');
        if path.is_empty() {
            return f.write_char('.');
        }
        let plain =
            |c: char| matches!(c, 'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '~' | '/');
        let mut rest = path;
        while let Some(at) = rest.find(|c| !plain(c)) {
            let (before, from) = rest.split_at(at);
            f.write_str(before)?;
            let end = from.find(plain).unwrap_or(from.len());
            let (encoded, after) = from.split_at(end);
            encoded
                .bytes()
                .try_for_each(|byte| write!(f, "%{byte:02X}"))?;
            rest = after;
        }
        f.write_str(rest)
    }
}

impl Serialize for Uri<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::{any, prop_assert, proptest};

    use super::{Place, Uri};
    use crate::model::{Region, ScanPath};

    proptest! {
        #[test]
        fn every_region_is_one_that_github_takes(
            start_line in any::<u32>(),
            start_column in any::<u32>(),
            end_line in any::<u32>(),
            end_column in any::<u32>(),
        ) {
            let path = ScanPath::new(Path::new("a"));
            let region = Region { start_line, start_column, end_line, end_column };
            let region = Place::at(&path, region).physical_location.region;
            let start = (region.start_line, region.start_column);
            let end = (region.end_line, region.end_column);
            prop_assert!(start >= (1, 1) && end >= start && region.end_column >= 1);
        }
    }

    #[test]
    fn a_path_becomes_a_relative_uri() {
        for (path, uri) in [
            ("src/main.rs", "src/main.rs"),
            ("my file.py", "my%20file.py"),
            ("100%/a", "100%25/a"),
            ("c:evil", "c%3Aevil"),
            ("app/[id]/@x.ts", "app/%5Bid%5D/%40x.ts"),
            ("Zoë", "Zo%C3%AB"),
            ("bad\\xFF", "bad%5CxFF"),
            ("/etc/passwd", "etc/passwd"),
            ("//host/x", "host/x"),
            ("a?b#c", "a%3Fb%23c"),
            ("", "."),
        ] {
            assert_eq!(Uri(path).to_string(), uri);
        }
    }
}
