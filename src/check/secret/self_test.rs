//! Running the tests that a rule carries.

use super::{Scanned, Scratch, SecretScanner};
use crate::rule::{Expect, SecretRule, SecretTest};

/// Runs one test of a rule with that rule alone.
///
/// # Errors
/// Says what was expected and what came out, without the secret.
pub fn run_test(rule: &SecretRule, test: &SecretTest) -> Result<(), String> {
    let text = test.expand(rule.meta.id.as_str())?;
    let scanner = SecretScanner::new([rule]);
    let found = match scanner.scan(&test.path, text.as_bytes(), &mut Scratch::default()) {
        Scanned::Searched(findings) => findings.len(),
        Scanned::Binary => return Err(format!("test `{}` is binary", test.name)),
    };
    match (test.expect, found) {
        (Expect::Finding, 0) => Err(format!(
            "test `{}` expects a finding and has none",
            test.name
        )),
        (Expect::Pass, 1..) => Err(format!(
            "test `{}` expects a pass and has a finding",
            test.name
        )),
        _ => Ok(()),
    }
}
