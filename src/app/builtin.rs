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
    /// The tree of the file, without the tests of rules and runbooks. None only if the build script and this program disagree.
    #[must_use]
    pub fn node(&self) -> Option<Node> {
        let mut bytes = self.tree;
        unpack(&mut bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::BUILTIN;
    use crate::read::node::{Kind, Node, parse};

    fn without_tests(mut tree: Node) -> Node {
        if let Kind::Mapping(entries) = &mut tree.kind
            && let Some(rules) = entries
                .iter_mut()
                .find(|e| matches!(&*e.key, "rules" | "runbooks"))
            && let Kind::Sequence(rules) = &mut rules.value.kind
        {
            for rule in rules {
                if let Kind::Mapping(parts) = &mut rule.kind {
                    parts.retain(|part| &*part.key != "tests");
                }
            }
        }
        tree
    }

    #[test]
    fn every_packed_tree_is_the_tree_of_its_text_without_tests() {
        for file in BUILTIN {
            let tree = parse(file.text).map(without_tests).ok();
            assert_eq!(file.node(), tree, "{}", file.name);
        }
        assert!(BUILTIN.iter().any(|f| f.name == "rules/org/password.yaml"));
    }
}
