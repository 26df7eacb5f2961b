//! Policy: rules, parameters, the policy file. Parsed, type-checked and compiled before any input
//! is opened; a rule that is wrong stops the run.

mod meta;

pub use meta::{ControlRef, RuleKind, RuleMeta, Status};
