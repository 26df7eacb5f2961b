//! Expressions over paths as globs, for the shapes that people write: an extension, a name, the end
//! of a path. Everything else has no glob.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::literal::byte_class;

/// More globs than this one expression does not become.
const MAX_GLOBS: usize = 64;

/// The globs that match the same paths as an expression. None when there are none that say it.
pub(super) fn globs(expression: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .build()
        .parse(expression)
        .ok()?;
    let parts: Vec<&Hir> = match hir.kind() {
        HirKind::Concat(parts) => parts.iter().collect(),
        _ => vec![&hir],
    };
    let (first, parts) = match parts.split_first() {
        Some((first, rest)) if starts_name(first) => (Start::Name, rest),
        Some((first, rest)) if starts_path(first) => (Start::Path, rest),
        _ => (Start::Anywhere, parts.as_slice()),
    };
    // What does not end at the end may stop inside a folder's name, which no glob says.
    let (last, body) = parts.split_last()?;
    if !matches!(last.kind(), HirKind::Look(Look::End)) {
        return None;
    }
    let mut globs = vec![String::new()];
    for part in body {
        globs = cross(&globs, &spell(part)?)?;
    }
    let finish = |glob: String| match (first, glob.contains('/')) {
        // Without a slash, a glob is about names in any folder.
        _ if glob.is_empty() => None,
        (Start::Name, false) | (Start::Path, true) => Some(glob),
        (Start::Path, false) => None,
        (Start::Name, true) => Some(format!("**/{glob}")),
        (Start::Anywhere, true) => Some(format!("**/*{glob}")),
        (Start::Anywhere, false) => Some(format!("*{glob}")),
    };
    globs.into_iter().map(finish).collect()
}

/// A path that a glob of [`globs`] matches.
pub(super) fn name(glob: &str) -> String {
    let mut name = String::new();
    let mut rest = glob.trim_start_matches("**/");
    while let Some(c) = rest.chars().next() {
        let inside = rest.strip_prefix('[').and_then(|inner| {
            // A bracket that comes first in brackets is meant itself.
            let end = inner.find(']').map(|at| at.max(1))?;
            inner.split_at_checked(end)
        });
        match inside {
            Some((class, after)) => {
                name.extend(class.chars().next_back());
                rest = after.strip_prefix(']').unwrap_or(after);
            }
            _ => {
                name.push_str(if c == '*' {
                    "test"
                } else {
                    rest.get(..c.len_utf8()).unwrap_or_default()
                });
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    name
}

/// Where a path must begin to match.
#[derive(Clone, Copy)]
enum Start {
    /// At the beginning of the path.
    Path,
    /// At the beginning of any name in it.
    Name,
    /// Anywhere in a name.
    Anywhere,
}

fn starts_path(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Look(Look::Start))
}

/// `(?:^|/)`.
fn starts_name(hir: &Hir) -> bool {
    let slash = |h: &Hir| matches!(h.kind(), HirKind::Literal(l) if *l.0 == *b"/");
    match hir.kind() {
        HirKind::Alternation(choices) => match choices.as_slice() {
            [a, b] => (starts_path(a) && slash(b)) || (starts_path(b) && slash(a)),
            _ => false,
        },
        HirKind::Capture(capture) => starts_name(&capture.sub),
        _ => false,
    }
}

/// The globs that a part of an expression stands for.
fn spell(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![String::new()]),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(vec![escape(text)])
        }
        HirKind::Class(class) => Some(vec![one_of(class)?]),
        HirKind::Capture(capture) => spell(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![String::new()], |globs, part| {
            cross(&globs, &spell(part)?)
        }),
        HirKind::Alternation(choices) => {
            let all: Option<Vec<Vec<String>>> = choices.iter().map(spell).collect();
            Some(all?.concat()).filter(|globs| globs.len() <= MAX_GLOBS)
        }
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, Some(1)) => {
                let mut globs = spell(&repetition.sub)?;
                globs.push(String::new());
                Some(globs)
            }
            _ => None,
        },
        HirKind::Look(_) => None,
    }
}

fn cross(heads: &[String], tails: &[String]) -> Option<Vec<String>> {
    if heads.len() * tails.len() > MAX_GLOBS {
        return None;
    }
    let each = heads
        .iter()
        .flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")));
    Some(each.collect())
}

/// A small class as a glob's own: `[Tt]`.
fn one_of(class: &Class) -> Option<String> {
    let class = byte_class(class)?;
    let bytes: Vec<u8> = class.iter().flat_map(|r| r.start()..=r.end()).collect();
    let plain = bytes.iter().all(u8::is_ascii_alphanumeric) && bytes.len() <= 8;
    let inside: String = bytes.iter().map(|b| char::from(*b)).collect();
    plain.then(|| format!("[{inside}]"))
}

fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let special = matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\');
            let plain = (!special).then_some(c);
            let bracketed = special.then_some(['[', c, ']']).into_iter().flatten();
            plain.into_iter().chain(bracketed)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{globs, name};
    use globset::GlobBuilder;

    #[test]
    fn an_expression_and_its_globs_agree() {
        let paths = [
            "main.tf",
            "a/main.TF",
            "a/b.hcl",
            "main.tfx",
            "nuget.config",
            "a/NuGet.Config",
            "xnuget.config",
            "a/x.php",
            "php",
            "@octokit/auth-token/README.md",
            "n/@octokit/auth-token/README.md",
            "n/x@octokit/auth-token/README.md",
            "go.mod",
            "a/go.mod",
            "cargo.mod",
            "a[1].yml",
            "a/b.yaml",
        ];
        for expression in [
            r"(?i)\.(?:tf|hcl)$",
            r"(?i)nuget\.config$",
            r"(?i)\.php$",
            r"(?:^|/)@octokit/auth-token/README\.md$",
            r"(^|/)go\.mod$",
            r"^a/go\.mod$",
            r"(?i)\.ya?ml$",
            r"\[1\]\.yml$",
        ] {
            let regex = regex::Regex::new(expression).unwrap();
            let globs = globs(expression).unwrap_or_else(|| panic!("{expression}"));
            for path in paths {
                let matches = globs.iter().any(|glob| {
                    let whole = if glob.contains('/') {
                        glob.clone()
                    } else {
                        format!("**/{glob}")
                    };
                    let glob = GlobBuilder::new(&whole)
                        .literal_separator(true)
                        .build()
                        .unwrap();
                    glob.compile_matcher().is_match(path)
                });
                assert_eq!(
                    matches,
                    regex.is_match(path),
                    "{expression} {path} {globs:?}"
                );
            }
            let own = name(&globs[0]);
            assert!(regex.is_match(&own), "{expression} {own}");
        }
    }

    #[test]
    fn what_no_glob_says_is_left_alone() {
        for expression in [
            "node_modules",
            r"\.[a-z]+$",
            "(?:^|/)node_modules(?:/.*)?$",
            "(",
            "$",
            r"a\b$",
            r"^go\.mod$",
        ] {
            assert_eq!(globs(expression), None, "{expression}");
        }
    }
}
