//! Records that belong together: join tables built once per run, what a log covers; and the items
//! that all records of a run come to.

mod calendar;
mod fact;
mod gather;
mod instances;
mod item;
pub mod leak;
mod mention;
mod merge;
mod recipe;
mod runbook;
mod running;
mod strings;
mod subjects;
mod table;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod timeline;
mod window;

pub use calendar::{Calendar, Due, Why, due, monday};
pub use fact::{Fact, FactType, IdentifierKind, State};
pub use gather::{Age, Gathered};
pub use item::{Claimed, Evidence, Inventory, Item, Known, Referred};
pub use mention::{Mentioned, Mentions, Names, Places};
pub use recipe::{Kind, KindId, Recipes};
pub use runbook::{
    Command, Language, Piece, Place, RunWords, Runbook, Runbooks, Shape, Slots, Step, Subject,
    Test, Text, Told,
};
pub use subjects::Subjects;
pub use table::{Bound, Group, Reads, Table, TableBuilder, key_of, nothing, subject_of};
pub use timeline::{Dated, Timeline};
pub use window::{DeclaredWindow, Log, Silence, Window};
