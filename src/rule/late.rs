//! Parts of built-in rules that are read when somebody first asks for them: most scans need the
//! bodies of a few of nine hundred rules, and a start is felt at every commit.

use std::sync::LazyLock;

use crate::read::decode::{Decoded, Document};
use crate::read::node::{Node, unpack};

/// A value that is made when it is first asked for.
pub type Late<T> = LazyLock<Box<T>, Box<dyn FnOnce() -> Box<T> + Send + Sync>>;

/// A value that is there.
#[must_use]
pub fn ready<T: Send + Sync + 'static>(value: T) -> Late<T> {
    let value = Box::new(value);
    LazyLock::new(Box::new(|| value))
}

/// A value that is made later.
pub fn later<T>(make: impl FnOnce() -> T + Send + Sync + 'static) -> Late<T> {
    LazyLock::new(Box::new(|| Box::new(make())))
}

/// A part of a file that lies in the program.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    pub(super) document: Document,
    /// Its tree, as [`crate::read::node::pack`] wrote it.
    pub(super) tree: &'static [u8],
}

impl Packed {
    /// Reads it.
    ///
    /// # Panics
    /// If the program was built from something else than what its tests read.
    pub(super) fn read<T>(&self, decode: impl FnOnce(&Document, &Node) -> Decoded<T>) -> T {
        let tree = unpack(&mut { self.tree });
        let read = tree.map(|tree| decode(&self.document, &tree));
        match read {
            Some(Ok(read)) => read,
            _ => unreachable!("{} was packed by the build", self.document.file()),
        }
    }
}
