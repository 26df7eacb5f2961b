//! Policy: rules, parameters, the policy file. Parsed, type-checked and compiled before any input
//! is opened; a rule that is wrong stops the run.

pub mod aggregate;
mod assigned;
mod bech32;
pub mod checksum;
pub mod compile;
pub mod condition;
pub mod controls;
pub mod detect;
pub mod file;
mod files;
mod group;
pub mod import;
pub mod message;
mod meta;
pub mod pair;
pub mod param;
mod pattern;
pub mod places;
pub mod policy;
mod prefix;
pub mod record;
pub mod relation;
mod requirement;
pub(crate) mod run;
pub mod schema;
pub mod scope;
mod secret_rule;
pub mod template;
pub mod test;
mod tri;

pub use controls::{Control, Controls, Framework};
pub use file::{Body, Rule};
pub use files::Files;
pub use meta::{ControlRef, RuleKind, RuleMeta, Status};
pub use pattern::{Compiled, Pattern, PatternError, Reach};
pub use policy::Policy;
pub use record::RecordRule;
pub use requirement::{CheckedBy, Requirement, Requirements};
pub use scope::FieldRef;
pub use secret_rule::{Expect, SecretMessage, SecretRule, SecretTest};
pub use tri::Tri;
