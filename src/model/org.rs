//! Of which org a record is, where the exports of one platform are of several.

/// Of which org, instance or account of its platform a record is, among those that the exports of a run
/// name. Names and ids are unique within one of them only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Org {
    /// No two are told apart: the exports name one, or none.
    #[default]
    Sole,
    /// Of this one, by its place among the names of its platform.
    Of(u16),
    /// Of one of several, and nothing says of which.
    Open,
}
