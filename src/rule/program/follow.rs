//! A walk through an expression that asks which bytes stand at the first places of its matches.

use super::{Node, Set, Times};

/// Who walks, and what is known of where a match may be.
pub(super) trait Follow {
    /// Places where a match may be.
    type At: Copy + PartialEq;

    /// None that is of interest.
    const NOWHERE: Self::At;

    /// The places of both.
    fn or(one: Self::At, other: Self::At) -> Self::At;

    /// Notes that a byte of a set may stand here; where a match may be behind it. The same step again
    /// and again must lead to the same places from the third time on.
    fn step(&mut self, set: Set, from: Self::At) -> Self::At;

    /// Where a match may be behind a part.
    fn follow(&mut self, node: &Node, from: Self::At) -> Self::At {
        if from == Self::NOWHERE {
            return from;
        }
        match node {
            Node::Empty | Node::Look(_) => from,
            Node::Bytes(bytes) => bytes.iter().fold(from, |at, byte| {
                let mut set = Set::NONE;
                set.add(*byte);
                self.step(set, at)
            }),
            Node::Folded(bytes) => bytes.iter().fold(from, |at, byte| {
                let mut set = Set::NONE;
                set.add(*byte);
                set.add(byte.to_ascii_uppercase());
                self.step(set, at)
            }),
            Node::One(set) => self.step(*set, from),
            Node::Run(set, times) => self.again(*times, from, |this, at| this.step(*set, at)),
            Node::Group(_, node) => self.follow(node, from),
            Node::All(parts) => {
                let parts = parts.iter();
                parts.fold(from, |at, (_, part)| self.follow(part, at))
            }
            Node::Any(choices) => choices.iter().fold(Self::NOWHERE, |at, (_, choice)| {
                Self::or(at, self.follow(choice, from))
            }),
            Node::Again(node, times) => self.again(*times, from, |this, at| this.follow(node, at)),
        }
    }

    /// Behind a part that stands so many times.
    fn again(
        &mut self,
        times: Times,
        from: Self::At,
        once: impl Fn(&mut Self, Self::At) -> Self::At,
    ) -> Self::At {
        /// More often leads nowhere else.
        const MOST: usize = 3;
        let mut behind = match times.least {
            0 => from,
            _ => Self::NOWHERE,
        };
        let mut at = from;
        for done in 1..=times.most.min(MOST) {
            at = once(self, at);
            if done >= times.least.min(MOST) {
                behind = Self::or(behind, at);
            }
        }
        behind
    }
}
