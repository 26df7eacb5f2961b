//! A walk through an expression that asks which bytes stand at the first places of its matches.

use super::{Node, Set, Times};

/// Whether a match may be at the nearer and at the further of two places that a walk asks about.
pub(super) type At = [bool; 2];

/// At neither.
pub(super) const NOWHERE: At = [false; 2];

fn or([near, far]: At, [other_near, other_far]: At) -> At {
    [near || other_near, far || other_far]
}

/// Who walks.
pub(super) trait Follow {
    /// Notes that a byte of a set may stand here; where a match may be behind it. The same step again
    /// and again must lead to the same places from the third time on.
    fn step(&mut self, set: Set, from: At) -> At;

    /// Where a match may be behind a part.
    fn follow(&mut self, node: &Node, from: At) -> At {
        if from == NOWHERE {
            return from;
        }
        match node {
            Node::Empty | Node::Look(_) => from,
            Node::Bytes(bytes) => bytes
                .iter()
                .fold(from, |at, byte| self.step(Set::of_byte(*byte), at)),
            Node::Folded(bytes) => bytes
                .iter()
                .fold(from, |at, byte| self.step(Set::of_folded(*byte), at)),
            Node::One(set) => self.step(*set, from),
            Node::Run(set, times) => self.again(*times, from, |this, at| this.step(*set, at)),
            Node::Group(_, node) => self.follow(node, from),
            Node::All(parts) => {
                let parts = parts.iter();
                parts.fold(from, |at, (_, part)| self.follow(part, at))
            }
            Node::Any(choices) => choices
                .iter()
                .fold(NOWHERE, |at, (_, choice)| or(at, self.follow(choice, from))),
            Node::Again(node, times) => self.again(*times, from, |this, at| this.follow(node, at)),
        }
    }

    /// Behind a part that stands so many times.
    fn again(&mut self, times: Times, from: At, once: impl Fn(&mut Self, At) -> At) -> At {
        /// More often leads nowhere else.
        const MOST: usize = 3;
        let mut behind = match times.least {
            0 => from,
            _ => NOWHERE,
        };
        let mut at = from;
        for done in 1..=times.most.min(MOST) {
            at = once(self, at);
            if done >= times.least.min(MOST) {
                behind = or(behind, at);
            }
        }
        behind
    }
}
