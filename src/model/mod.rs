//! Plain data that every stage speaks. Knows no file format, no rule, no output.

mod allow;
mod commit;
mod diagnostic;
mod finding;
mod fingerprint;
mod hex;
mod identifier;
mod org;
mod place;
mod problem;
mod schema;
mod secret;
mod severity;
mod span;
mod time;
mod value;
pub(crate) mod words;

pub use allow::Allow;
pub use commit::{CommitRef, InTip, ObjectId};
pub use diagnostic::{Diagnostic, suggest};
pub use finding::{Cause, Evidence, Finding, Frame, RuleId, Subject};
pub use fingerprint::{Fingerprint, FingerprintBuilder};
pub use hex::{hex, unhex};
pub use identifier::{Identifier, IdentifierKind};
pub use org::Org;
pub use place::{Location, Region, ScanPath};
pub use problem::{Problem, ProblemKind};
pub use schema::{FieldDecl, FieldId, FieldType, RecordType, RecordTypeId, Schema, Twin};
pub use secret::Secret;
pub use severity::{Confidence, Grade, Severity};
pub use span::Span;
pub use time::{DAY, Instant, Period, When, Written, parse_iso, parse_usual};
pub use value::{Fields, Missing, OwnedRecord, OwnedValue, Value};
