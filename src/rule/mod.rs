//! Policy: rules, parameters, the policy file. Parsed, type-checked and compiled before any input
//! is opened; a rule that is wrong stops the run.

pub mod controls;
mod meta;

pub use controls::{Control, Controls, Framework};
pub use meta::{ControlRef, RuleKind, RuleMeta, Status};
