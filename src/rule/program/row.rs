//! The longest row of bytes of a set that stands in every match. Most words that are tried have no
//! value behind them that is long enough, and a few looks at what follows tell so, where going through
//! name, sign and quotes takes a hundred steps.

use super::{Node, Set, Times};

/// A shorter row stands in most text.
const LEAST: usize = 16;
/// What may begin further behind is found sooner by a try.
const FURTHEST: usize = 512;

/// A row that every match has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    set: Set,
    least: usize,
    /// How far behind the beginning of a match it may begin, at the most.
    within: usize,
}

impl Row {
    /// None where no row is long enough or near enough to be worth looking for.
    pub(super) fn of(root: &Node) -> Option<Self> {
        let row = Part::of(root).row?;
        (row.least >= LEAST && row.within <= FURTHEST).then_some(row)
    }

    /// Whether it stands where a match would have it that begins at an offset.
    pub(super) fn may_follow(&self, text: &[u8], at: usize) -> bool {
        let end = at.saturating_add(self.within + self.least);
        self.stands_in(text.get(at..end.min(text.len())).unwrap_or(&[]))
    }

    /// Whether it stands in a text.
    pub(super) fn stands_in(&self, text: &[u8]) -> bool {
        let mut from = 0;
        // Asked from its end: one byte that does not belong leaves out all rows that would have it.
        while let Some(row) = text.get(from..from + self.least) {
            match row.iter().rposition(|byte| !self.set.has(*byte)) {
                Some(other) => from += other + 1,
                None => return true,
            }
        }
        false
    }

    fn or(self, mut other: Self) -> Self {
        other.set.join(self.set);
        Self {
            set: other.set,
            least: self.least.min(other.least),
            within: self.within.max(other.within),
        }
    }
}

/// What is known of every match of a part.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// The longest row of one set, if it has any.
    row: Option<Row>,
    /// How many bytes it may have, if that has a limit.
    most: Option<usize>,
}

impl Part {
    fn of(node: &Node) -> Self {
        match node {
            Node::Empty | Node::Look(_) => Self::bytes(0),
            Node::Bytes(bytes) | Node::Folded(bytes) => Self::bytes(bytes.len()),
            Node::One(_) => Self::bytes(1),
            Node::Run(set, times) => Self {
                row: Some(Row {
                    set: *set,
                    least: times.least,
                    within: 0,
                }),
                most: most(Some(1), *times),
            },
            Node::Group(_, node) => Self::of(node),
            Node::All(parts) => {
                let parts = parts.iter().map(|(_, part)| Self::of(part));
                parts.fold(Self::bytes(0), Self::then)
            }
            Node::Any(choices) => {
                let choices = choices.iter().map(|(_, choice)| Self::of(choice));
                choices.reduce(Self::or).unwrap_or(Self::bytes(0))
            }
            Node::Again(node, times) => {
                let once = Self::of(node);
                Self {
                    row: once.row.filter(|_| times.least > 0),
                    most: most(once.most, *times),
                }
            }
        }
    }

    /// So many bytes, and no row worth a name.
    const fn bytes(count: usize) -> Self {
        Self {
            row: None,
            most: Some(count),
        }
    }

    fn then(self, next: Self) -> Self {
        let behind = self.most.zip(next.row).map(|(most, row)| Row {
            within: row.within.saturating_add(most),
            ..row
        });
        let rows = [behind, self.row].into_iter().flatten();
        Self {
            // Of equal ones the first.
            row: rows.max_by_key(|row| row.least),
            most: sum(self.most, next.most),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            row: self.row.zip(other.row).map(|(one, other)| one.or(other)),
            most: self.most.zip(other.most).map(|(one, other)| one.max(other)),
        }
    }
}

fn most(once: Option<usize>, times: Times) -> Option<usize> {
    let times = Some(times.most).filter(|most| *most != usize::MAX);
    once.zip(times)
        .map(|(once, times)| once.saturating_mul(times))
}

fn sum(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    one.zip(other).map(|(one, other)| one.saturating_add(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::super::Node;
    use super::{Part, Row};
    use crate::rule::pattern::parse;

    fn row(source: &str) -> Option<(usize, usize)> {
        let node = Node::of(&parse(source).unwrap()).unwrap();
        Row::of(&node).map(|row| (row.least, row.within))
    }

    #[test]
    fn the_longest_row_of_every_match_is_known_and_how_far_behind_it_begins() {
        for (source, expected) in [
            (r"(?i:key)\s{0,8}=\s{0,8}([a-z]{20,40})\b", Some((20, 20))),
            ("[a-z]{16}", Some((16, 0))),
            ("[a-z]{16}:[a-z]{24,}", Some((24, 17))),
            ("[a-z]{16}:[A-Z]{16}", Some((16, 0))),
            ("(?:x|yy:)(?:[a-z]{20}|b[0-9]{18})", Some((18, 4))),
            ("(?:-[a-z]{16}){2,3}", Some((16, 1))),
        ] {
            assert_eq!(row(source), expected, "{source}");
        }
        for none in [
            "[a-z]{15}",
            "x*:[a-z]{20}",
            "x{0,600}[a-z]{20}",
            "(?:[a-z]{20}|x)y",
            "(?:[a-z]{20})?x",
        ] {
            assert_eq!(row(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn no_match_is_without_its_row(
            source in super::super::tests::expressions(),
            text in "[abAB_,|-]{0,12}",
        ) {
            let Some(node) = Node::of(&parse(&source).unwrap()) else {
                return Ok(());
            };
            let regex = regex::bytes::Regex::new(&source).unwrap();
            if let (Some(row), Some(found)) = (Part::of(&node).row, regex.find(text.as_bytes())) {
                let (all, start) = (text.as_bytes(), found.start());
                prop_assert_eq!((row.may_follow(all, start), row.stands_in(&all[start..])), (true, true));
            }
        }
    }
}
