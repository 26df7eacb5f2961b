//! The manifest of a pack: every file with its length and hash. It is written last, so a pack that
//! was not finished has none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::error::AppError;
use crate::app::hashing::{Hashes, Hashing};
use crate::app::options::Overwrite;
use crate::model::hex;
use crate::report::{Report, TOOL, VERSION};

/// The name of the manifest in a pack.
pub(super) const MANIFEST: &str = "manifest.json";

/// The same in the form that `sha256sum --check` reads.
pub(super) const SUMS: &str = "SHA256SUMS";

const SCHEMA: &str = "credlint-evidence/1";

/// A manifest larger than this, in bytes, is none of ours.
const LARGEST: u64 = 16 << 20;

/// What a pack is, and what is in it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    schema: String,
    tool: Tool,
    as_of: String,
    complete: bool,
    conclusion: String,
    fail_on: String,
    policy_sha256: String,
    /// By name, sorted.
    pub(super) files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    name: String,
    version: String,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// A file as it is on disk.
pub(super) struct Present {
    pub(super) bytes: u64,
    /// None: it cannot be read, or is no file.
    pub(super) sha256: Option<String>,
}

impl Manifest {
    /// That of a report, with no file yet.
    pub(super) fn of(report: &Report) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: TOOL.to_owned(),
                version: VERSION.to_owned(),
            },
            as_of: report.as_of.text(),
            complete: report.complete(),
            conclusion: report.conclusion().word().to_owned(),
            fail_on: report.fail_on.word().to_owned(),
            policy_sha256: report.policy.sha256.clone(),
            files: Vec::new(),
        }
    }

    /// Writes the sums and the manifest over what lies in the folder; gives the manifest's hash.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(super) fn write(mut self, folder: &Path) -> Result<String, AppError> {
        let mut sums = String::new();
        for (name, present) in present(folder)? {
            let path = folder.join(&name);
            let Some(sha256) = present.sha256 else {
                let cause = io::Error::other("it is gone again, or cannot be read");
                return Err(AppError::read(&path, cause));
            };
            sums.push_str(&format!("{sha256}  {name}\n"));
            self.files.push(Entry {
                path: name,
                bytes: present.bytes,
                sha256,
            });
        }
        let path = folder.join(SUMS);
        fs::write(&path, &sums).map_err(|e| AppError::write(&path, e))?;
        self.files.push(Entry {
            path: SUMS.to_owned(),
            bytes: sums.len() as u64,
            sha256: hex(&Sha256::digest(sums.as_bytes())),
        });
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        let path = folder.join(MANIFEST);
        let failed = |e| AppError::write(&path, e);
        let mut bytes = serde_json::to_vec_pretty(&self).map_err(|e| failed(e.into()))?;
        bytes.push(b'\n');
        let mut file = fs::File::create(&path).map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        Ok(hex(&Sha256::digest(&bytes)))
    }

    /// Reads that of a pack, and its hash.
    ///
    /// # Errors
    /// When there is none, or it is of another form.
    pub(super) fn read(folder: &Path) -> Result<(Self, String), AppError> {
        let path = folder.join(MANIFEST);
        let mut bytes = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
            .map_err(|e| AppError::read(&path, e))?;
        let wrong = |why: String| AppError::Usage {
            message: format!("{}: {why}", path.display()),
            help: Some("a pack is what `credlint evidence --out DIR` writes".to_owned()),
        };
        if bytes.len() as u64 > LARGEST {
            return Err(wrong("too large for a manifest".to_owned()));
        }
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|e| wrong(format!("no manifest: {e}")))?;
        if manifest.schema != SCHEMA {
            return Err(wrong(format!("its form is not {SCHEMA}")));
        }
        if let Some(entry) = manifest.files.iter().find(|entry| !is_name(&entry.path)) {
            let name = entry.path.escape_default();
            return Err(wrong(format!("`{name}` is no name of a file of a pack")));
        }
        Ok((manifest, hex(&Sha256::digest(&bytes))))
    }

    /// Removes the files of a pack, and nothing else.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub(super) fn remove(&self, folder: &Path) -> Result<(), AppError> {
        let names = self.files.iter().map(|entry| entry.path.as_str());
        for name in names.chain([MANIFEST]) {
            let path = folder.join(name);
            match fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(AppError::write(&path, e));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A pack is flat, so the name of a file is no way out of it.
fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(plain) && text != MANIFEST
}

/// What lies in a folder beside its manifest, by name. A folder in it counts as a file that cannot
/// be read, and so does a link.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn present(folder: &Path) -> Result<BTreeMap<String, Present>, AppError> {
    let failed = |e| AppError::read(folder, e);
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == MANIFEST {
            continue;
        }
        let data = entry.metadata().map_err(failed)?;
        let opened = if data.is_file() {
            fs::File::open(entry.path()).ok()
        } else {
            None
        };
        let sha256 = opened.and_then(|file| Hashing::new(file, Hashes::Made).finish());
        let bytes = data.len();
        found.insert(name, Present { bytes, sha256 });
    }
    Ok(found)
}

/// Whether a pack may be written into a folder: one that is not there or empty, or, if the user
/// says so, one that holds an earlier pack and nothing else. Gives the manifest of that.
///
/// # Errors
/// When it may not.
pub(super) fn may_write(folder: &Path, overwrite: Overwrite) -> Result<Option<Manifest>, AppError> {
    let refuse = |message: String, help: &str| {
        Err(AppError::Usage {
            message,
            help: Some(help.to_owned()),
        })
    };
    let shown = folder.display();
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => return Ok(None),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(AppError::write(folder, e)),
        Ok(false) => {}
    }
    if overwrite == Overwrite::Never {
        let help = "name another folder, or replace an earlier pack with --force";
        return refuse(format!("{shown} is not empty"), help);
    }
    let Ok((manifest, _)) = Manifest::read(folder) else {
        let help = "--force replaces an earlier pack, and nothing else";
        return refuse(format!("{shown} holds no evidence pack"), help);
    };
    let own = |name: &String| manifest.files.iter().any(|entry| entry.path == *name);
    if let Some(name) = present(folder)?.into_keys().find(|name| !own(name)) {
        let help = "move it away first; only the files of a pack are replaced";
        let name = name.escape_debug();
        return refuse(
            format!("{shown} holds `{name}`, which is not of its pack"),
            help,
        );
    }
    Ok(Some(manifest))
}
