//! The path that a report shows for a file: short, relative, and the same wherever the tree lies.

use std::path::{Component, Path, PathBuf};

use super::Listed;
use crate::model::ScanPath;

/// Takes `.` and `..` out of an absolute path by its text. Symbolic links are not followed, so that
/// a report names what the user named.
pub(super) fn normal(current: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in current.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// For each target (absolute, normal) what it is shown as: the shortest end of its path that no
/// other target shares. What lies under the current directory does not need it.
pub(super) fn prefixes(current: &Path, targets: &[PathBuf]) -> Vec<PathBuf> {
    let inside: Vec<&Path> = targets
        .iter()
        .filter_map(|t| t.strip_prefix(current).ok())
        .collect();
    let outside: Vec<&PathBuf> = targets.iter().filter(|t| !t.starts_with(current)).collect();
    let free = |target: &PathBuf, depth: usize| {
        let mine = last(target, depth);
        let same = |other: &&&PathBuf| **other != target && last(other, depth) == mine;
        // A name that the current directory uses too would point at the wrong file.
        !outside.iter().any(|other| same(&other))
            && !inside
                .iter()
                .any(|other| mine.starts_with(other) || other.starts_with(&mine))
    };
    targets
        .iter()
        .map(|target| {
            // A commit hook names thousands of files; each would be held against all others.
            if target.starts_with(current) {
                return PathBuf::new();
            }
            let most = target.components().count();
            let depth = (1..most).find(|&depth| free(target, depth)).unwrap_or(most);
            last(target, depth)
        })
        .collect()
}

/// The last components of a path that are names.
fn last(path: &Path, depth: usize) -> PathBuf {
    let names: Vec<Component<'_>> = path
        .components()
        .filter(|c| matches!(c, Component::Normal(_)))
        .collect();
    let from = names.len().saturating_sub(depth);
    names.get(from..).unwrap_or_default().iter().collect()
}

/// What is shown for a file in a target with this prefix. Both paths are absolute and normal.
pub(super) fn shown(current: &Path, target: &Path, prefix: &Path, file: &Path) -> PathBuf {
    if let Ok(inside) = file.strip_prefix(current) {
        return inside.to_owned();
    }
    match file.strip_prefix(target) {
        Ok(rest) if !rest.as_os_str().is_empty() => prefix.join(rest),
        _ => prefix.to_owned(),
    }
}

/// Numbers what would still look alike. The files are sorted by what is shown.
pub(super) fn distinct(files: &mut [Listed]) {
    let mut count = 1u32;
    for at in 1..files.len() {
        let (before, rest) = files.split_at_mut(at);
        let (Some(first), Some(file)) = (before.get(at - count as usize), rest.first_mut()) else {
            continue;
        };
        if first.by_shown() == file.by_shown() {
            count += 1;
            let shown = format!("{}~{count}", file.shown());
            *file = file.shown_as(ScanPath::from_shown(&shown, None));
        } else {
            count = 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_path_is_relative_and_distinct() {
        let current = Path::new("/home/me/work");
        let cases: [(&[&str], &[&str], &[&str]); 8] = [
            (&[".."], &["work/b.txt"], &["b.txt"]),
            (&["."], &["a/b.txt"], &["a/b.txt"]),
            (&["./a"], &["b.txt"], &["a/b.txt"]),
            (&["a/../c"], &["b.txt"], &["c/b.txt"]),
            (&["/data/exports"], &["x.csv"], &["exports/x.csv"]),
            (&["../other"], &["x.csv"], &["other/x.csv"]),
            (
                &["/a/exports", "/b/exports"],
                &["x.csv", "x.csv"],
                &["a/exports/x.csv", "b/exports/x.csv"],
            ),
            (
                &["exports", "/b/exports"],
                &["x.csv", "x.csv"],
                &["exports/x.csv", "b/exports/x.csv"],
            ),
        ];
        for (targets, files, want) in cases {
            let targets: Vec<PathBuf> = targets
                .iter()
                .map(|t| normal(current, Path::new(t)))
                .collect();
            let prefixes = prefixes(current, &targets);
            for (((target, prefix), file), want) in
                targets.iter().zip(prefixes).zip(files).zip(want)
            {
                let got = shown(current, target, &prefix, &target.join(file));
                assert_eq!(got, Path::new(want), "{targets:?}");
            }
        }
    }

    #[test]
    fn a_file_as_target_is_shown_by_its_name() {
        let current = Path::new("/home/me/work");
        let target = PathBuf::from("/data/x.csv");
        let prefix = &prefixes(current, std::slice::from_ref(&target))[0];
        assert_eq!(shown(current, &target, prefix, &target), Path::new("x.csv"));
    }
}
