//! What begins where a long row of letters, digits and their like begins.

use super::super::decode::LEAST;
use super::blocks::{Ahead, Block, Rows};
use super::lanes::{Row, Sheet};
use super::places::ANSWERS;
use crate::rule::run::{CHANGES, MORE_CHANGES, has_changes, is_alnum, is_dense, is_wide, row};

/// What a row may be by its length and by how often its bytes change. Nearly all are nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Begun {
    /// A value, if a sign stands before it.
    pub(super) value: bool,
    /// Encoded text.
    pub(super) packed: bool,
    /// What counts wherever it stands.
    pub(super) token: bool,
}

/// The long rows of a text, by their kinds.
#[derive(Debug)]
pub(super) struct Long<'t> {
    text: &'t [u8],
    pub(super) wide: Ends,
    pub(super) dense: Ends,
    alnum: Ends,
}

impl<'t> Long<'t> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            wide: Ends::new(|s| &s.wide, is_wide),
            dense: Ends::new(|s| &s.dense, is_dense),
            alnum: Ends::new(|s| &s.alnum, is_alnum),
        }
    }

    /// What the rows are that begin at an offset of a block, of which [`told`] says so much.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn begun(&mut self, block: Block<'_>, at: usize, told: u16) -> Begun {
        let mut begun = Begun::of(told);
        if told & GOES_ON != 0 {
            let Fronts { wide, dense, alnum } = Fronts::of(block, at);
            let text = self.text;
            let changes = |end, least| match block.changes(at..end) {
                Some(changes) => changes >= least,
                None => text.get(at..end).is_some_and(|row| has_changes(row, least)),
            };
            if wide.goes_on() {
                let end = self.wide.end(text, at, block);
                begun.value = begun.value || changes(end, MORE_CHANGES);
                begun.packed = begun.packed || changes(end, CHANGES);
            }
            if dense.goes_on() && !begun.token {
                begun.token = changes(self.dense.end(text, at, block), MORE_CHANGES);
            }
            if alnum.goes_on() && !begun.token {
                begun.token = changes(self.alnum.end(text, at, block), CHANGES);
            }
        }
        begun
    }
}

/// Whether bytes change often enough behind an offset of a block for anything to begin there: all rows
/// are dense. Of most places nothing else is asked.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each way of judging"
)]
pub(super) fn may_change(block: Block<'_>, at: usize) -> bool {
    let dense = block.row(at, |s| &s.dense);
    (dense.changes >= CHANGES) | dense.goes_on()
}

/// What may begin at an offset of a block, a bit for each; 0 if nothing. Which rows begin, and which
/// change, no processor can guess, so everything is asked without a branch.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each way of judging"
)]
pub(super) fn told(block: Block<'_>, at: usize, may_be_value: bool) -> u16 {
    let fronts = Fronts::of(block, at);
    let Begun {
        value,
        packed,
        token,
    } = fronts.begun();
    let bit = |is: bool, bit: u16| u16::from(is) * bit;
    bit(value & may_be_value, VALUE)
        | bit(packed, PACKED)
        | bit(token, TOKEN)
        | bit(fronts.go_on(), GOES_ON)
}

const VALUE: u16 = 1;
const PACKED: u16 = 1 << 1;
const TOKEN: u16 = 1 << 2;
/// A row may be longer than what was looked at.
const GOES_ON: u16 = 1 << 3;
const _: () = assert!(GOES_ON < ANSWERS);

impl Begun {
    const fn of(told: u16) -> Self {
        Self {
            value: told & VALUE != 0,
            packed: told & PACKED != 0,
            token: told & TOKEN != 0,
        }
    }
}

/// The rows of each kind that begin at an offset, as far as 64 bytes.
#[derive(Debug, Clone, Copy)]
struct Fronts {
    wide: Front,
    dense: Front,
    alnum: Front,
}

/// A row, if one begins.
#[derive(Debug, Clone, Copy)]
struct Front {
    begins: bool,
    ahead: Ahead,
}

impl Fronts {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    fn of(block: Block<'_>, at: usize) -> Self {
        let front = |begins: u64, ahead| Front {
            begins: begins >> (at - block.base) & 1 == 1,
            ahead,
        };
        let Rows { alnum, wide, dense } = block.rows();
        Self {
            wide: front(wide, block.row(at, |s| &s.wide)),
            dense: front(dense, block.row(at, |s| &s.dense)),
            alnum: front(alnum, block.row(at, |s| &s.alnum)),
        }
    }

    /// What they are, if they end soon.
    #[inline]
    const fn begun(self) -> Begun {
        let Self { wide, dense, alnum } = self;
        Begun {
            value: wide.changes(MORE_CHANGES),
            packed: wide.changes(CHANGES) & (wide.ahead.length >= LEAST),
            token: dense.changes(MORE_CHANGES) | alnum.changes(CHANGES),
        }
    }

    /// Whether any may be longer.
    #[inline]
    const fn go_on(self) -> bool {
        self.wide.goes_on() | self.dense.goes_on() | self.alnum.goes_on()
    }
}

impl Front {
    /// Whether it begins and changes so often within these bytes.
    #[inline]
    const fn changes(self, least: usize) -> bool {
        self.begins & (self.ahead.changes >= least)
    }

    /// Whether it begins and may be longer.
    #[inline]
    const fn goes_on(self) -> bool {
        self.begins & self.ahead.goes_on()
    }
}

/// Where rows of a kind end. Rows within a row end with it, so nothing is looked at twice.
#[derive(Debug)]
pub(super) struct Ends {
    kind: fn(&Sheet) -> &Row,
    is: fn(u8) -> bool,
    last: usize,
}

impl Ends {
    const fn new(kind: fn(&Sheet) -> &Row, is: fn(u8) -> bool) -> Self {
        Self { kind, is, last: 0 }
    }

    /// The end of the row that goes on at an offset; offsets come in order.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each way of judging"
    )]
    pub(super) fn end(&mut self, text: &[u8], at: usize, block: Block<'_>) -> usize {
        if at >= self.last {
            self.last = block.end(at, self.kind).unwrap_or_else(|| {
                let rest = text.get(at..).unwrap_or(&[]);
                at + row(rest, self.is)
            });
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

    use super::super::blocks::{Room, each};
    use super::super::lanes::{Fingerprints, Judge, Lanes, Work};
    use super::super::places::Places;
    use super::{
        CHANGES, LEAST, Long, MORE_CHANGES, has_changes, is_alnum, is_dense, is_wide, may_change,
        told,
    };
    use crate::rule::run::{ALNUM, DENSE, VALUE};

    /// Where something begins: a value, encoded text, a token.
    type Found = Vec<(usize, [bool; 3])>;

    struct Look<'t>(&'t [u8], &'t mut Found);

    impl Work for Look<'_> {
        fn run(self, judge: impl Judge) {
            let Self(text, found) = self;
            let (mut long, mut places) = (Long::new(text), Places::default());
            let (none, mut room) = (Fingerprints::default(), Room::default());
            each(judge, text, &none, &mut room, |blocks| {
                blocks.rows(judge, &mut places);
                places.keep(|at| may_change(blocks.block(at), at));
                places.ask(|at| told(blocks.block(at), at, true));
                for (at, told) in places.answers() {
                    let begun = long.begun(blocks.block(at), at, told);
                    found.push((at, [begun.value, begun.packed, begun.token]));
                }
            });
            found.retain(|(_, begun)| begun.contains(&true));
        }
    }

    /// The same, byte by byte.
    fn expected(text: &[u8]) -> Found {
        let row = |at: usize, is: fn(u8) -> bool| {
            let before = at.checked_sub(1).is_some_and(|before| is(text[before]));
            let length = text[at..].iter().take_while(|byte| is(**byte)).count();
            &text[at..at + if before { 0 } else { length }]
        };
        let begun = |at| {
            let (wide, dense, alnum) = (row(at, is_wide), row(at, is_dense), row(at, is_alnum));
            let counts =
                |row: &[u8], least: usize, changes| row.len() >= least && has_changes(row, changes);
            let value = counts(wide, VALUE as usize, MORE_CHANGES);
            let packed = counts(wide, LEAST, CHANGES);
            let token = counts(dense, DENSE as usize, MORE_CHANGES)
                || counts(alnum, ALNUM as usize, CHANGES);
            [value, packed, token]
        };
        let all = (0..text.len()).map(|at| (at, begun(at)));
        all.filter(|(_, begun)| begun.contains(&true)).collect()
    }

    proptest! {
        // Byte by byte takes its time.
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_begins_is_what_the_bytes_say(
            parts in prop::collection::vec((0..9_usize, 1..90_usize), 0..160),
        ) {
            let kinds: [&[u8]; 9] =
                [b"a", b"aaaaaaaaaaaaB", b"a1", b"_", b".", b" ", b"AB0", b"=+", b"zzzzzzz7zzzzzzzzz"];
            let bytes = |(kind, length): &(usize, usize)| {
                kinds[*kind].iter().cycle().take(*length).copied().collect::<Vec<u8>>()
            };
            let text: Vec<u8> = parts.iter().flat_map(bytes).collect();
            for lanes in Lanes::all() {
                let mut found = Found::new();
                lanes.run(Look(&text, &mut found));
                prop_assert_eq!(found, expected(&text), "{:?}", lanes);
            }
        }
    }
}
