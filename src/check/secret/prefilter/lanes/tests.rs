use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::{BLOCK, CHUNK, Fingerprints, GROUPS, Judge, Lanes, Masks, PRINT, Sheet, Stretch, Work};

fn judged(lanes: Lanes, text: &[u8], prints: &Fingerprints) -> Vec<Masks> {
    struct All<'a>(&'a [u8], &'a Fingerprints, &'a mut Vec<Masks>);
    impl Work for All<'_> {
        fn run(self, judge: impl Judge) {
            let Self(text, prints, all) = self;
            let total = text.len().div_ceil(BLOCK);
            for done in (0..total).step_by(CHUNK) {
                let count = CHUNK.min(total - done);
                let from = done * BLOCK;
                let mut sheet = Sheet::EMPTY;
                judge.judge(Stretch { text, from, count }, prints, &mut sheet);
                all.extend((2..2 + count).map(|slot| Masks {
                    alnum: sheet.alnum[slot],
                    digit: sheet.digit[slot],
                    capital: sheet.capital[slot],
                    word: sheet.word[slot],
                    token: sheet.token[slot],
                    wide: sheet.wide[slot],
                    dense: sheet.dense[slot],
                    sign: sheet.sign[slot],
                    marks: sheet.marks[slot],
                }));
            }
        }
    }
    let mut blocks = Vec::new();
    lanes.run(All(text, prints, &mut blocks));
    blocks
}

#[test]
fn every_byte_has_its_own_bit() {
    let text: Vec<u8> = (0..=255).collect();
    for lanes in Lanes::all() {
        let masks = judged(lanes, &text, &Fingerprints::default());
        for (at, byte) in text.iter().enumerate() {
            let bit = |mask: fn(&Masks) -> u64| mask(&masks[at / BLOCK]) >> (at % BLOCK) & 1 == 1;
            let alnum = byte.is_ascii_alphanumeric();
            assert_eq!(bit(|m| m.alnum), alnum, "{byte}");
            assert_eq!(bit(|m| m.digit), byte.is_ascii_digit(), "{byte}");
            assert_eq!(bit(|m| m.capital), byte.is_ascii_uppercase(), "{byte}");
            assert_eq!(bit(|m| m.word), alnum || *byte == b'_', "{byte}");
            assert_eq!(bit(|m| m.token), alnum || b"_-".contains(byte), "{byte}");
            let wide = alnum || b"_-+/".contains(byte);
            assert_eq!(bit(|m| m.wide), wide, "{byte}");
            assert_eq!(bit(|m| m.sign), b"\\%&".contains(byte), "{byte}");
            assert_eq!(
                bit(|m| m.dense),
                wide || b".=~%:|!".contains(byte),
                "{byte}"
            );
        }
    }
}

proptest! {
    #[test]
    fn all_ways_say_the_same(text in prop::collection::vec(any::<u8>(), 0..400)) {
        let none = Fingerprints::default();
        let plain = judged(Lanes::Plain, &text, &none);
        for lanes in Lanes::all() {
            prop_assert_eq!(&plain, &judged(lanes, &text, &none), "{:?}", lanes);
        }
    }

    #[test]
    fn four_bytes_of_a_group_are_always_marked(
        text in prop::collection::vec(prop::sample::select(&b"abAB:/_x"[..]), 0..200),
        prints in prop::collection::vec((0..GROUPS, prop::array::uniform4(prop::sample::select(&b"ab:/_"[..]))), 1..6),
    ) {
        let mut tables = Fingerprints::default();
        for (group, bytes) in &prints {
            tables.add(*group, bytes.map(Some));
        }
        for lanes in Lanes::all().filter(|lanes| lanes.marks().is_some()) {
            let masks = judged(lanes, &text, &tables);
            for at in 0..text.len().saturating_sub(PRINT - 1) {
                let here = &text[at..at + PRINT];
                let one = prints.iter().any(|(_, bytes)| here.eq_ignore_ascii_case(bytes));
                let marked = masks[at / BLOCK].marks >> (at % BLOCK) & 1 == 1;
                prop_assert!(marked || !one, "{:?}", lanes);
            }
        }
    }
}

#[test]
fn few_other_bytes_are_marked() {
    let mut tables = Fingerprints::default();
    tables.add(0, b"toke".map(Some));
    tables.add(1, [Some(b'p'), Some(b'w'), Some(b'd'), None]);
    let text = b"a Token, some tokens, PWD=x and nothing else at all, pwd";
    for lanes in Lanes::all() {
        let masks = judged(lanes, text, &tables);
        let marks = if lanes.marks().is_some() {
            1 << 2 | 1 << 14 | 1 << 22 | 1 << 53
        } else {
            0
        };
        assert_eq!(masks[0].marks, marks, "{lanes:?}");
    }
}

#[test]
fn any_fourth_byte_is_marked_also_one_that_is_not_of_ascii() {
    let mut tables = Fingerprints::default();
    tables.add(9, [Some(b'p'), Some(b'w'), Some(b'd'), None]);
    for last in 0..=255 {
        for lanes in Lanes::all().filter(|lanes| lanes.marks().is_some()) {
            let masks = judged(lanes, &[b'p', b'W', b'd', last], &tables);
            assert_eq!(masks[0].marks, 1, "{lanes:?} {last}");
        }
    }
}
