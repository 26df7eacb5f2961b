//! What a comment in the source says of the secret beside it.

use std::borrow::Cow;

use super::time::Instant;

/// A comment that asks for a secret to be accepted. Whether it is, triage decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allow {
    /// `credlint:allow RULE reason owner until DATE`, complete.
    Ours {
        /// The rule that is accepted, or the family `src.hardcoded-secret`.
        rule: String,
        /// Why.
        reason: String,
        /// Who answers for it.
        owner: String,
        /// The first moment at which it holds no longer.
        until: Instant,
    },
    /// The marker of another tool, which says neither who nor until when.
    Foreign(Cow<'static, str>),
    /// Meant as ours, and not complete: what is missing.
    Wrong(String),
}
