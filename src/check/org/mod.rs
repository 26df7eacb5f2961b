//! Rules over records.

mod evaluate;
mod facts;
mod fit;
mod groups;
mod judge;
mod panel;
mod selftest;
mod sieve;

pub use facts::{Doubt, Facts, LogSpan, Plan, RelationPlan};
pub use fit::Common;
pub use groups::judge_groups;
pub use judge::{Judge, OrgNames, Outcome, SubjectKey, Take, Tally, WaiverMatch, counts};
pub use panel::{Panel, Subjects};
pub use selftest::{TestFailure, run_test};
