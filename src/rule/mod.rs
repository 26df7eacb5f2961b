//! Policy: rules, parameters, the policy file. Parsed, type-checked and compiled before any input
//! is opened; a rule that is wrong stops the run.

pub mod compile;
pub mod condition;
pub mod controls;
pub mod detect;
pub mod file;
pub mod message;
mod meta;
pub mod param;
pub mod policy;
pub mod record;
pub mod relation;
pub mod scope;
pub mod test;
mod tri;

pub use controls::{Control, Controls, Framework};
pub use file::{Body, Rule};
pub use policy::Policy;
pub use meta::{ControlRef, RuleKind, RuleMeta, Status};
pub use record::RecordRule;
pub use scope::FieldRef;
pub use tri::Tri;
