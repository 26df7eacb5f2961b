//! The rules and sources that the program carries in itself, as the build script packed them.

use crate::read::node::{Node, unpack};

/// One file of the built-in rules or sources.
#[derive(Debug)]
pub struct Builtin {
    /// Its path in the project.
    pub name: &'static str,
    /// Its text, for showing rules as they are written.
    pub text: &'static str,
    /// Its tree, packed.
    tree: &'static [u8],
}

/// Every built-in file, sorted by path.
pub static BUILTIN: &[Builtin] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

impl Builtin {
    /// The tree of the file. None only if the build script and this program disagree.
    #[must_use]
    pub fn node(&self) -> Option<Node> {
        let mut bytes = self.tree;
        unpack(&mut bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::BUILTIN;
    use crate::read::node::parse;

    #[test]
    fn every_packed_tree_is_the_tree_of_its_text() {
        for file in BUILTIN {
            assert_eq!(file.node(), parse(file.text).ok(), "{}", file.name);
        }
        assert!(BUILTIN.iter().any(|f| f.name == "rules/org/password.yaml"));
    }
}
