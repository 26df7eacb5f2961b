//! Which files a rule looks at: globs over the path that reports show.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::model::ScanPath;
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// A list of globs. Many rules have the same, which is held once.
#[derive(Debug, Clone, Default)]
pub struct Globs(Arc<Set>);

/// Globs, of which most are about a name alone; the others are made into one automaton at first use.
#[derive(Debug, Default)]
struct Set {
    names: Vec<Name>,
    globs: Vec<Glob>,
    set: OnceLock<Option<GlobSet>>,
}

/// A glob that is about the name of a file and has no sign but perhaps a `*` in front.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    Is(String),
    EndsWith(String),
}

impl Name {
    /// None for any other glob.
    fn of(pattern: &str) -> Option<Self> {
        let plain =
            |text: &str| !text.is_empty() && !text.contains(['*', '?', '[', '{', '\\', '/', '!']);
        match pattern.strip_prefix('*') {
            Some(end) => plain(end).then(|| Self::EndsWith(end.to_owned())),
            None => plain(pattern).then(|| Self::Is(pattern.to_owned())),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Is(is) => name == is,
            Self::EndsWith(end) => name.ends_with(end),
        }
    }
}

impl Globs {
    /// Reads a list. A pattern without `/` is about the file's name, in any folder.
    ///
    /// # Errors
    /// When an item is no glob.
    pub fn decode(doc: &Document, node: &Node, what: &str) -> Decoded<Self> {
        static KNOWN: Mutex<BTreeMap<Vec<String>, Globs>> = Mutex::new(BTreeMap::new());
        let items = doc.sequence(node, what)?;
        let texts = items.iter().map(|item| doc.text(item, what));
        let texts = texts.collect::<Decoded<Vec<&str>>>()?;
        let whole: Vec<String> = texts.iter().map(|text| whole(text)).collect();
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(globs) = known().get(&whole) {
            return Ok(globs.clone());
        }
        let (mut names, mut globs) = (Vec::new(), Vec::new());
        for ((item, text), whole) in items.iter().zip(texts).zip(&whole) {
            if let Some(name) = Name::of(text) {
                names.push(name);
                continue;
            }
            let glob = GlobBuilder::new(whole).literal_separator(true).build();
            globs.push(glob.map_err(|e| {
                doc.error(item.span, format!("`{text}` is not a glob: {}", e.kind()))
            })?);
        }
        let set = OnceLock::new();
        let globs = Self(Arc::new(Set { names, globs, set }));
        known().insert(whole, globs.clone());
        Ok(globs)
    }

    /// Whether any of them matches. `unknown` is the answer should globs that parsed one by one
    /// not make a set: the one that leaves no file out.
    #[must_use]
    pub fn matches(&self, path: &ScanPath, unknown: bool) -> bool {
        let Set { names, globs, set } = &*self.0;
        let name = path.file_name();
        if names.iter().any(|glob| glob.matches(name)) {
            return true;
        }
        if globs.is_empty() {
            return false;
        }
        let set = set.get_or_init(|| {
            let mut builder = GlobSetBuilder::new();
            globs.iter().for_each(|glob| {
                builder.add(glob.clone());
            });
            builder.build().ok()
        });
        set.as_ref()
            .map_or(unknown, |set| set.is_match(&*path.as_folders()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.globs.is_empty() && self.0.names.is_empty()
    }
}

/// A pattern over the whole path.
fn whole(pattern: &str) -> String {
    match pattern.contains('/') {
        true => pattern.to_owned(),
        false => format!("**/{pattern}"),
    }
}

/// The files a rule looks at.
#[derive(Debug, Default)]
pub struct Files {
    include: Globs,
    exclude: Globs,
    extensions: Vec<String>,
}

impl Files {
    /// Reads a `files:` block: `include`, `exclude` (globs) and `extensions` (without the dot).
    ///
    /// # Errors
    /// On an unknown key, a bad glob, or an extension with a dot or slash.
    pub fn decode(doc: &Document, node: &Node) -> Decoded<Self> {
        let fields = doc.fields(node, "files", &["include", "exclude", "extensions"])?;
        let globs = |key: &str| fields.optional(key, |node| Globs::decode(doc, node, key));
        let mut extensions = Vec::new();
        if let Some(list) = fields.get("extensions") {
            for item in doc.sequence(list, "extensions")? {
                let text = doc.text(item, "extensions")?;
                if text.is_empty() || text.contains(['.', '/']) {
                    return Err(doc.error_with_help(
                        item.span,
                        format!("`{text}` is not a file extension"),
                        "write it without the dot, such as `tf`",
                    ));
                }
                extensions.push(text.to_ascii_lowercase());
            }
        }
        Ok(Self {
            include: globs("include")?.unwrap_or_default(),
            exclude: globs("exclude")?.unwrap_or_default(),
            extensions,
        })
    }

    /// Whether the rule looks at this file. `include` and `extensions` together say which are
    /// wanted (either suffices; neither means all), `exclude` takes away.
    #[must_use]
    pub fn accept(&self, path: &ScanPath) -> bool {
        let wanted = (self.include.is_empty() && self.extensions.is_empty())
            || self.include.matches(path, true)
            || self.extension_wanted(path);
        wanted && !self.exclude.matches(path, false)
    }

    fn extension_wanted(&self, path: &ScanPath) -> bool {
        path.file_name()
            .rsplit_once('.')
            .is_some_and(|(_, end)| self.extensions.iter().any(|e| e.eq_ignore_ascii_case(end)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use globset::GlobBuilder;

    use super::{Files, Name, whole};
    use crate::model::ScanPath;
    use crate::read::decode::Document;

    fn files(yaml: &str) -> Result<Files, String> {
        let doc = Document::new("f.yaml", yaml);
        Files::decode(&doc, &doc.parse().unwrap()).map_err(|e| e.message)
    }

    #[test]
    fn a_rule_looks_at_what_it_wants_and_not_at_what_it_excludes() {
        let files = files(
            "include: ['*.namedCredential', 'conf/**']\nextensions: [tf]\nexclude: ['**/testdata/**']",
        )
        .unwrap();
        for (path, expected) in [
            ("a.namedCredential", true),
            ("x/y/a.namedCredential", true),
            ("conf/x/y", true),
            ("x/conf/y", false),
            ("main.TF", true),
            ("main.tfx", false),
            ("testdata/main.tf", false),
            ("a/testdata/b/main.tf", false),
        ] {
            assert_eq!(
                files.accept(&ScanPath::new(Path::new(path))),
                expected,
                "{path}"
            );
        }
    }

    /// What is told by the name alone is what a glob says.
    #[test]
    fn names_are_matched_as_globs_are() {
        let patterns = [
            "*.min.js",
            "package-lock.json",
            ".env",
            "*",
            "a?",
            "*.*",
            "[ab]",
            "*x",
        ];
        let plain = patterns
            .iter()
            .filter(|pattern| Name::of(pattern).is_some());
        assert_eq!(plain.count(), 4);
        for pattern in patterns {
            let glob = GlobBuilder::new(&whole(pattern))
                .literal_separator(true)
                .build();
            let glob = glob.unwrap().compile_matcher();
            for path in [
                "a.min.js",
                "b/.min.js",
                "min.js",
                "x/package-lock.json",
                ".env",
                "a/.env",
                "xa",
                "b/ax",
                "x",
                "a.MIN.JS",
            ] {
                let Some(name) = Name::of(pattern) else {
                    continue;
                };
                let path = ScanPath::new(Path::new(path));
                assert_eq!(
                    name.matches(path.file_name()),
                    glob.is_match(path.as_str()),
                    "{pattern} {path}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_glob_or_extension_is_refused() {
        assert!(files("include: ['a[']").unwrap_err().contains("not a glob"));
        assert!(
            files("extensions: [.tf]")
                .unwrap_err()
                .contains("not a file extension")
        );
        assert!(files("includes: []").unwrap_err().contains("includes"));
    }
}
