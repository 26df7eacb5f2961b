//! Policy: rules, parameters, the policy file. Parsed, type-checked and compiled before any input
//! is opened; a rule that is wrong stops the run.

pub mod checksum;
pub mod detect;
mod files;
mod meta;
mod pattern;
mod prefix;
mod secret_rule;
pub mod template;

pub use files::Files;
pub use meta::{ControlRef, RuleKind, RuleMeta, Status};
pub use pattern::{Compiled, Pattern, PatternError, Reach};
pub use secret_rule::{Expect, SecretMessage, SecretRule, SecretTest};
