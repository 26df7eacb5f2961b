//! Records that belong together: join tables built once per run, and what a log covers.

mod table;
mod window;

pub use table::{Bound, Group, Lookup, Table, TableBuilder, key_of};
pub use window::{DeclaredWindow, Window};
