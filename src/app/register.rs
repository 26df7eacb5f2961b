//! Writes a first register from what exports tell of: a line for every credential that nobody has
//! registered yet, with what is known filled in and the rest left for people.

use std::fmt::Write as _;
use std::path::Path;

use crate::inventory::{Fact, Inventory, Item, State};
use crate::model::{Grade, Instant};

use super::Io;
use super::error::AppError;
use super::exit::Exit;
use super::init;
use super::inventory::{look, tell};
use super::options::{ScanOptions, Verbosity};

const HEAD: &str = "\
# A first credential register, made from exports: what no vendor can export is yours to fill in.
# An empty value is told by the rules until it is filled. Take out what needs no register. Names
# stand here, never a secret. `credlint scan` reads this file like any export.
version: 1
# Once it has every credential of a platform, say so; from then on one that it lacks is told.
# complete: [PLATFORM]
credentials:
";

/// Writes the register to a file that is not there yet.
///
/// # Errors
/// When sources are wrong, or the file exists or cannot be made.
pub(super) fn run(path: &Path, options: &ScanOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    let found = look(options, io)?;
    let (text, count) = register(&found.inventory, options.as_of);
    if count == 0 {
        return Err(AppError::usage(
            "no export tells of a credential that is not registered, so there is nothing to write",
        ));
    }
    init::write(path, &text)?;
    if io.verbosity > Verbosity::Quiet {
        writeln!(io.err, "wrote {} with {count} credentials", path.display())?;
    }
    tell(&found, io)
}

/// The text of the register, and how many credentials are in it.
fn register(inventory: &Inventory, as_of: Instant) -> (String, usize) {
    let mut text = String::from(HEAD);
    let mut count = 0;
    for item in inventory.items().filter(|item| belongs(item, as_of)) {
        entry(&mut text, &item);
        count += 1;
    }
    (text, count)
}

/// Whether somebody should register an item: a live credential, or an account of a machine, of
/// which the register says nothing yet.
fn belongs(item: &Item<'_>, as_of: Instant) -> bool {
    let gone = matches!(
        item.state(as_of),
        State::Inactive | State::Expired | State::Revoked | State::Destroyed | State::Archived
    );
    // A person's account is no integration.
    let wanted = !item.is_account() || item.is_machine();
    item.rotates() && !item.is_registered() && !gone && wanted
}

fn entry(text: &mut String, item: &Item<'_>) {
    let known = |fact| item.text(fact).map_or("", |known| known.value);
    let _ = writeln!(text, "- id: {}", quoted(&item.register_id()));
    let _ = writeln!(text, "  kind: {}", quoted(item.register_word()));
    for (key, value) in [
        ("owner", known(Fact::Owner)),
        ("purpose", known(Fact::Purpose)),
        ("endpoint", known(Fact::Endpoint)),
        ("storage", known(Fact::Storage)),
    ] {
        let _ = writeln!(text, "  {key}: {}", quoted(value));
    }
    let consumers: Vec<String> = item.consumers().into_iter().map(quoted).collect();
    let _ = writeln!(text, "  consumers: [{}]", consumers.join(", "));
    match item.int(Fact::CadenceDays) {
        Some(days) => {
            let _ = writeln!(text, "  cadence_days: {}", days.value);
        }
        None => text.push_str("  cadence_days:\n"),
    }
    match item.since() {
        // Repeating what a platform proves would only give it a second, weaker source.
        Some(since) if since.grade == Grade::Direct => {}
        _ => text.push_str("  last_rotated:\n"),
    }
}

/// A text as YAML reads it back, whatever is in it: JSON's spelling is YAML's too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
