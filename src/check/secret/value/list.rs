//! Lists of words. Every value is compared with some hundreds of them, and has hardly any: its bytes
//! two by two say so of nearly all at once.

/// Words, lower case where they are compared in any case.
#[derive(Debug)]
pub(super) struct List {
    words: &'static [&'static str],
    /// A bit for each two bytes that a word begins with, by [`slot`].
    begins: [u64; SLOTS / 64],
}

const SLOTS: usize = 1 << 12;

const fn slot(first: u8, second: u8) -> usize {
    ((first as usize) << 5 ^ second as usize) % SLOTS
}

impl List {
    #[expect(
        clippy::indexing_slicing,
        reason = "a constant is made before the program runs"
    )]
    pub(super) const fn new(words: &'static [&'static str]) -> Self {
        let mut begins = [0; SLOTS / 64];
        let mut number = 0;
        while number < words.len() {
            let word = words[number].as_bytes();
            let mut second = 0;
            while second <= u8::MAX as usize {
                // Behind a word of one byte stands anything.
                if word.len() == 1 || word[1] as usize == second {
                    let slot = slot(word[0], second as u8);
                    begins[slot / 64] |= 1 << (slot % 64);
                }
                second += 1;
            }
            number += 1;
        }
        Self { words, begins }
    }

    #[inline]
    fn may_begin(&self, first: u8, second: u8) -> bool {
        let slot = slot(first, second);
        self.begins
            .get(slot / 64)
            .is_some_and(|bits| bits >> (slot % 64) & 1 == 1)
    }

    /// The words that a text begins with.
    pub(super) fn beginnings<'l>(
        &'l self,
        text: &'l str,
    ) -> impl Iterator<Item = &'static str> + 'l {
        let may = match *text.as_bytes() {
            [first, second, ..] => self.may_begin(first, second),
            [first] => self.may_begin(first, 0),
            [] => false,
        };
        let words = if may { self.words } else { &[] };
        let words = words.iter().copied();
        words.filter(move |word| text.starts_with(word))
    }

    /// Whether a text begins with one.
    pub(super) fn begins(&self, text: &str) -> bool {
        self.beginnings(text).next().is_some()
    }

    /// Whether one stands in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let pairs = text.as_bytes().windows(2).enumerate();
        let mut places = pairs.filter(|(_, pair)| match **pair {
            [first, second] => self.may_begin(first, second),
            _ => false,
        });
        // Of one byte, only the last of a text has none behind it.
        let last = || text.len().checked_sub(1).into_iter();
        let begins = |at: usize| {
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            self.words
                .iter()
                .any(|word| rest.starts_with(word.as_bytes()))
        };
        places.any(|(at, _)| begins(at)) || last().any(begins)
    }

    /// Whether a word, in any case, is one.
    pub(super) fn has(&self, word: &str) -> bool {
        let fold = |at: usize| {
            let byte = word.as_bytes().get(at);
            byte.map_or(0, u8::to_ascii_lowercase)
        };
        self.may_begin(fold(0), fold(1))
            && self
                .words
                .iter()
                .any(|other| word.eq_ignore_ascii_case(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::List;

    static LIST: List = List::new(&["$", "ab", "abc", "b-", "…"]);

    proptest! {
        #[test]
        fn a_list_says_what_its_words_say(text in "[$abcAB…-]{0,6}") {
            let words = LIST.words;
            let beginnings: Vec<_> = words.iter().copied().filter(|w| text.starts_with(w)).collect();
            prop_assert_eq!(LIST.beginnings(&text).collect::<Vec<_>>(), &beginnings[..]);
            prop_assert_eq!(LIST.begins(&text), !beginnings.is_empty());
            prop_assert_eq!(LIST.is_in(&text), words.iter().any(|word| text.contains(word)));
            let same = words.iter().any(|word| text.eq_ignore_ascii_case(word));
            prop_assert_eq!(LIST.has(&text), same);
        }
    }
}
