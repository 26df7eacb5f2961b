//! Writes a hook into a repository, and takes it out again. What somebody else wrote is never
//! touched.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::git_failed;
use crate::app::Io;
use crate::app::error::AppError;
use crate::app::exit::Exit;
use crate::app::options::{HookKind, HookPlace, Verbosity};
use crate::input::git::{Git, Hooks};
use crate::model::hex;

/// How the second line of every hook of ours begins. A hash of all that follows the line is in it,
/// so that a hook which somebody changed is theirs.
const MARK: &str = "# credlint hook ";

/// Whose a hook file is.
enum Owner {
    Nobody,
    Ours,
    Theirs,
}

/// Writes the hook.
pub(super) fn install(place: &HookPlace, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let kind = kind(place, "install")?;
    let path = hook_file(place, kind)?;
    let script = script(place.program.as_deref(), kind);
    let said = match owner(&path)? {
        Owner::Theirs => return Err(foreign(&path, kind)),
        Owner::Ours if fs::read(&path).is_ok_and(|text| text == script) => "is already there",
        Owner::Ours => {
            fs::remove_file(&path).map_err(|e| AppError::write(&path, e))?;
            write(&path, &script)?;
            "is up to date now"
        }
        Owner::Nobody => {
            write(&path, &script)?;
            "is installed"
        }
    };
    tell(io, kind, said, &path)
}

/// Takes the hook out.
pub(super) fn uninstall(place: &HookPlace, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let kind = kind(place, "uninstall")?;
    let path = hook_file(place, kind)?;
    let said = match owner(&path)? {
        Owner::Nobody => "is not there",
        Owner::Ours => {
            fs::remove_file(&path).map_err(|e| AppError::write(&path, e))?;
            "is taken out"
        }
        Owner::Theirs => {
            return Err(AppError::Usage {
                message: format!("{} is not credlint's own, or was changed", path.display()),
                help: Some("take the line with credlint out of it by hand".to_owned()),
            });
        }
    };
    tell(io, kind, said, &path)
}

fn tell(io: &mut Io<'_>, kind: HookKind, said: &str, path: &Path) -> Result<Exit, AppError> {
    if io.verbosity > Verbosity::Quiet {
        writeln!(
            io.err,
            "the {} hook {said}: {}",
            kind.file(),
            path.display()
        )?;
    }
    Ok(Exit::Clean)
}

/// The hook that is meant. A staged file named `install` must not be taken for the word.
fn kind(place: &HookPlace, word: &str) -> Result<HookKind, AppError> {
    let file = place.directory.join(word);
    match place.kind {
        Some(kind) => Ok(kind),
        None if fs::symlink_metadata(file).is_ok() => Err(AppError::Usage {
            message: format!("there is a file named `{word}` here: is it meant?"),
            help: Some(format!(
                "`credlint hook -- {word}` searches the file, `credlint hook {word} --kind \
                 pre-commit` is about the hook"
            )),
        }),
        None => Ok(HookKind::Commit),
    }
}

fn hook_file(place: &HookPlace, kind: HookKind) -> Result<PathBuf, AppError> {
    let hooks = Git::unopened(&place.directory).hooks();
    match hooks.map_err(|e| git_failed(&e))? {
        Hooks::Own(folder) => Ok(folder.join(kind.file())),
        Hooks::Shared(folder) => Err(AppError::Usage {
            message: format!(
                "core.hooksPath makes all your repositories share the hooks in {}",
                folder.display()
            ),
            help: Some(format!(
                "add to its {} by hand: {} || exit 1",
                kind.file(),
                call(kind)
            )),
        }),
    }
}

fn owner(path: &Path) -> Result<Owner, AppError> {
    match fs::symlink_metadata(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Owner::Nobody),
        Err(e) => return Err(AppError::read(path, e)),
        Ok(data) if !data.is_file() => return Ok(Owner::Theirs),
        Ok(_) => {}
    }
    let text = fs::read(path).map_err(|e| AppError::read(path, e))?;
    let mut parts = text.splitn(3, |byte| *byte == b'\n').skip(1);
    let ours = match (parts.next(), parts.next()) {
        (Some(mark), Some(rest)) => mark == marked(rest).as_bytes(),
        _ => false,
    };
    Ok(if ours { Owner::Ours } else { Owner::Theirs })
}

fn foreign(path: &Path, kind: HookKind) -> AppError {
    AppError::Usage {
        message: format!(
            "{} is there already and is not credlint's own; it stays as it is",
            path.display()
        ),
        help: Some(format!("add this line to it: {} || exit 1", call(kind))),
    }
}

/// What the hook calls, for a person to add by hand.
const fn call(kind: HookKind) -> &'static str {
    match kind {
        HookKind::Commit => "credlint hook",
        HookKind::Push => "credlint hook --pre-push=\"$1\"",
        HookKind::Receive => "credlint hook --pre-receive",
    }
}

/// The mark of a hook of ours, for what follows it.
fn marked(rest: &[u8]) -> String {
    let digest = hex(&Sha256::digest(rest));
    let short = digest.get(..16).unwrap_or(&digest);
    format!("{MARK}{short} (`credlint hook uninstall` takes it out)")
}

/// The hook. This very program is called while it is where it is now, because the programs from
/// which people commit do not all know their PATH; without any credlint nothing passes.
fn script(program: Option<&Path>, kind: HookKind) -> Vec<u8> {
    let call = call(kind).trim_start_matches("credlint");
    let mut rest = b"program=".to_vec();
    rest.extend(quoted(program.unwrap_or(Path::new("credlint"))));
    let lines = format!(
        "\n[ -x \"$program\" ] || program=credlint\n\
         command -v \"$program\" >/dev/null 2>&1 || {{\n\
         \x20 echo 'credlint is not installed any more, so nothing can be searched for secrets' >&2\n\
         \x20 exit 1\n\
         }}\n\
         exec \"$program\"{call}\n"
    );
    rest.extend(lines.as_bytes());
    let mut text = format!("#!/bin/sh\n{}\n", marked(&rest)).into_bytes();
    text.extend(rest);
    text
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' => word.extend(b"'\\''"),
            b'\\' if cfg!(windows) => word.push(b'/'),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

fn write(path: &Path, script: &[u8]) -> Result<(), AppError> {
    let failed = |e| AppError::write(path, e);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o755);
    }
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(script).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{HookKind, marked, quoted, script};

    #[test]
    fn a_path_is_one_word_of_the_shell_whatever_is_in_it() {
        assert_eq!(quoted(Path::new("/a b/$c'd")), b"'/a b/$c'\\''d'");
    }

    #[test]
    fn the_second_line_vouches_for_the_rest() {
        let text = script(Some(Path::new("/bin/credlint")), HookKind::Push);
        let text = String::from_utf8(text).unwrap();
        let mut parts = text.splitn(3, '\n');
        assert_eq!(parts.next(), Some("#!/bin/sh"));
        let (mark, rest) = (parts.next().unwrap(), parts.next().unwrap());
        assert_eq!(mark, marked(rest.as_bytes()));
        assert_ne!(mark, marked(format!("{rest}echo mine\n").as_bytes()));
        assert!(
            rest.ends_with("exec \"$program\" hook --pre-push=\"$1\"\n"),
            "{rest}"
        );
    }
}
