//! The little language of column paths: `a.b[*].c`, `list[name=x].enabled`, `map[.*]`, `^.outer`,
//! `@attribute`.
//!
//! Knows how a path is written, not how a format looks things up.

use super::row::{ColumnPath, Step};

impl ColumnPath {
    /// Reads a path.
    ///
    /// # Errors
    /// On an empty name, a bracket that is not closed, and a bracket that holds neither `*`, `.*` nor
    /// `name=value`. The message says which, without the path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (outer, mut rest) = match text.strip_prefix("^.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut steps = Vec::new();
        loop {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            // Only a bracket at the very start needs no name: the row itself is a list.
            if !name.is_empty() {
                steps.push(Step::Name(name.to_owned()));
            } else if !(steps.is_empty() && behind.starts_with('[')) {
                return Err("a name is missing".to_owned());
            }
            rest = behind;
            while let Some(inside) = rest.strip_prefix('[') {
                let Some((inside, behind)) = inside.split_once(']') else {
                    return Err("`[` is not closed".to_owned());
                };
                steps.push(bracket(inside)?);
                rest = behind;
            }
            match rest.strip_prefix('.') {
                Some(next) => rest = next,
                None if rest.is_empty() => break,
                None => return Err("`.` is missing behind `]`".to_owned()),
            }
        }
        Ok(Self {
            text: text.to_owned(),
            steps,
            outer,
        })
    }

    /// The text without the mark of the outer row: what a CSV header says.
    pub(super) fn header(&self) -> &str {
        self.text.strip_prefix("^.").unwrap_or(&self.text)
    }
}

fn bracket(inside: &str) -> Result<Step, String> {
    if inside == "*" {
        return Ok(Step::Every);
    }
    if inside == ".*" {
        return Ok(Step::Members);
    }
    match inside.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok(Step::Where(name.to_owned(), value.to_owned()))
        }
        _ => Err("`[…]` must hold `*`, `.*` or `name=value`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_names_and_brackets() {
        let name = |n: &str| Step::Name(n.to_owned());
        let cases = [
            ("Id", false, vec![name("Id")]),
            ("Profile.Name", false, vec![name("Profile"), name("Name")]),
            ("Delegate User", false, vec![name("Delegate User")]),
            (
                "oauthConfig.scopes[*]",
                false,
                vec![name("oauthConfig"), name("scopes"), Step::Every],
            ),
            (
                "userPermissions[name=A.b=c].enabled",
                false,
                vec![
                    name("userPermissions"),
                    Step::Where("name".to_owned(), "A.b=c".to_owned()),
                    name("enabled"),
                ],
            ),
            ("a.b[.*]", false, vec![name("a"), name("b"), Step::Members]),
            ("^.id", true, vec![name("id")]),
            (
                "manager.@display_value",
                false,
                vec![name("manager"), name("@display_value")],
            ),
            ("[*].x", false, vec![Step::Every, name("x")]),
        ];
        for (text, outer, steps) in cases {
            let path = ColumnPath::parse(text).unwrap();
            assert_eq!((path.outer, path.steps), (outer, steps), "{text}");
            assert_eq!(path.text, text);
        }
    }

    #[test]
    fn a_broken_path_is_refused() {
        for bad in [
            "", ".", "a.", ".a", "a..b", "a[", "a[]", "a[=b]", "a[x]", "a[*]b", "^.",
        ] {
            assert!(ColumnPath::parse(bad).is_err(), "{bad}");
        }
    }
}
