//! The path that a report shows for a file: short, relative, and the same wherever the tree lies.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

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

/// For each target (absolute, normal) how many of its last components are shown for what lies in
/// it. None for a target under the current directory: what lies there is shown relative to that.
pub(super) fn depths(current: &Path, targets: &[PathBuf]) -> Vec<Option<usize>> {
    let outside: Vec<&PathBuf> = targets.iter().filter(|t| !t.starts_with(current)).collect();
    targets
        .iter()
        .map(|target| {
            if target.starts_with(current) {
                return None;
            }
            let most = target.components().count();
            let depth = (1..most).find(|&depth| {
                let mine = last(target, depth);
                let clash = |other: &&&PathBuf| **other != target && last(other, depth) == mine;
                // A name that the current directory uses too would point at the wrong file.
                !outside.iter().any(|other| clash(&other))
                    && !targets
                        .iter()
                        .filter_map(|t| t.strip_prefix(current).ok())
                        .any(|inside| mine.starts_with(inside) || inside.starts_with(&mine))
            });
            Some(depth.unwrap_or(most))
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

/// What is shown for a file in a target.
pub(super) fn shown(current: &Path, target: &Path, depth: Option<usize>, file: &Path) -> PathBuf {
    let names = |p: &Path| -> PathBuf {
        p.components()
            .filter(|c| matches!(c, Component::Normal(_)))
            .collect()
    };
    if let Ok(inside) = file.strip_prefix(current) {
        return names(inside);
    }
    let rest = file.strip_prefix(target).unwrap_or(Path::new(""));
    names(&last(target, depth.unwrap_or(1)).join(rest))
}

/// Makes what is shown distinct where two files would still look alike, by a number.
pub(super) fn distinct(shown: &mut [PathBuf]) {
    let mut seen: BTreeMap<PathBuf, u32> = BTreeMap::new();
    for path in shown {
        let count = seen.entry(path.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let mut name = path.clone().into_os_string();
            name.push(format!("~{count}"));
            *path = name.into();
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
            let depths = depths(current, &targets);
            for (((target, depth), file), want) in targets.iter().zip(depths).zip(files).zip(want) {
                let got = shown(current, target, depth, &target.join(file));
                assert_eq!(got, Path::new(want), "{targets:?}");
            }
        }
    }

    #[test]
    fn a_file_as_target_is_shown_by_its_name() {
        let current = Path::new("/home/me/work");
        let target = PathBuf::from("/data/x.csv");
        let depth = depths(current, std::slice::from_ref(&target))[0];
        assert_eq!(shown(current, &target, depth, &target), Path::new("x.csv"));
    }
}
