//! Records that belong together: join tables built once per run, and what a log covers.

mod running;
mod table;
mod timeline;
mod window;

pub use table::{Bound, Group, Lookup, Reads, Table, TableBuilder, key_of, nothing, subject_of};
pub use timeline::{Dated, Timeline};
pub use window::{DeclaredWindow, Window};
