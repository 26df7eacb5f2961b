//! Writes a commented policy file for a user to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::error::AppError;

/// The file that `init` writes: a policy that changes nothing, with every setting explained.
pub const TEMPLATE: &str = include_str!("policy-template.yaml");

/// Writes [`TEMPLATE`] to a file that is not there yet.
///
/// # Errors
/// When the file exists, which is left as it is, or cannot be made.
pub fn write(path: &Path) -> Result<(), AppError> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => AppError::Usage {
            message: format!("{} is already there", path.display()),
            help: Some("give another name, or move it away first".to_owned()),
        },
        _ => AppError::write(path, cause),
    })?;
    file.write_all(TEMPLATE.as_bytes())
        .map_err(|cause| AppError::write(path, cause))
}
