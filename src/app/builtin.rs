//! The rules, sources and other files that the program carries in itself, as the build script packed
//! them.

use crate::model::{Confidence, Severity, Span};
use crate::read::node::{Node, unpack};
use crate::rule::{Head, Status, Texts};

/// A file of rules.
#[derive(Debug)]
pub struct RuleFile {
    /// Its path in the project.
    pub name: &'static str,
    /// Its text, for showing rules as they are written.
    pub text: &'static str,
    /// Its rules, without their tests.
    pub rules: &'static [Head],
}

/// A file of something else.
#[derive(Debug)]
pub struct Builtin {
    /// Its path in the project.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Its tree, packed.
    tree: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

impl Builtin {
    /// The file of this path, if the program carries it.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        BUILTIN.iter().find(|file| file.name == name)
    }

    /// The tree of the file, without the tests of runbooks. None only if the build script and this
    /// program disagree.
    #[must_use]
    pub fn node(&self) -> Option<Node> {
        let mut bytes = self.tree;
        unpack(&mut bytes)
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::super::content::Content;
    use super::super::options::ContentOptions;
    use super::{BUILTIN, RULES};
    use crate::read::node::{Kind, Node, parse};
    use crate::rule::file::Depth;
    use crate::rule::{Body, Start};

    fn without_tests(mut tree: Node) -> Node {
        if let Kind::Mapping(entries) = &mut tree.kind
            && let Some(runbooks) = entries.iter_mut().find(|e| &*e.key == "runbooks")
            && let Kind::Sequence(runbooks) = &mut runbooks.value.kind
        {
            for runbook in runbooks {
                if let Kind::Mapping(parts) = &mut runbook.kind {
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
        assert!(BUILTIN.iter().any(|f| f.name == "rules/policy.yaml"));
    }

    /// What the build script makes of a rule is what is read from its file.
    #[test]
    fn every_packed_rule_is_the_rule_of_its_text() {
        let load = |depth| Content::load(&ContentOptions::default(), depth).unwrap();
        let (packed, read) = (load(Depth::Trusted), load(Depth::Full));
        assert_eq!(packed.rules.len(), read.rules.len());
        assert!(RULES.iter().any(|f| f.name == "rules/org/password.yaml"));
        for (packed, read) in packed.rules.iter().zip(&read.rules) {
            let shown = |value: &dyn std::fmt::Debug| format!("{value:?}");
            assert_eq!(shown(&packed.meta), shown(&read.meta));
            assert_eq!(packed.yaml(), read.yaml());
            let sha256: [u8; 32] = Sha256::digest(read.yaml()).into();
            assert_eq!(packed.sha256, Some(&sha256), "{}", read.meta.id);
            match (&packed.body, &read.body) {
                (Body::Secret(packed), Body::Secret(read)) => {
                    assert_eq!(packed.start(), &Start::of(read.detect()));
                    assert_eq!(packed.message(), read.message());
                    let source = read.detect().pattern.source();
                    assert_eq!(packed.detect().pattern.source(), source);
                    assert_eq!(shown(&packed.detect().near), shown(&read.detect().near));
                }
                (Body::Record(packed), Body::Record(read)) => {
                    assert_eq!(packed.record, read.record);
                    assert_eq!(shown(&packed.message), shown(&read.message));
                    assert_eq!(shown(&packed.identity), shown(&read.identity));
                }
                _ => panic!("{} is of another kind", read.meta.id),
            }
        }
    }
}
