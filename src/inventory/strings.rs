//! Each text once, under a number: the same names stand in an inventory many times over.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

/// A text of [`Strings`], as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Str(u32);

impl Str {
    pub(super) const fn number(self) -> u32 {
        self.0
    }

    pub(super) const fn of_number(number: u32) -> Self {
        Self(number)
    }
}

/// Texts in the order in which they came, without repetition.
#[derive(Debug, Default)]
pub(super) struct Strings {
    bytes: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Open addressing: numbers of texts, [`FREE`] where there is none. A power of two long.
    slots: Vec<u32>,
    hasher: RandomState,
}

const FREE: u32 = u32::MAX;

impl Strings {
    /// The number of a text; the same text has the same number each time.
    ///
    /// Beyond four billion texts each has the number of the last one: no memory holds so many.
    pub(super) fn put(&mut self, text: &str) -> Str {
        if (self.ends.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot(text);
        match self.slots.get(slot) {
            Some(&number) if number != FREE => Str(number),
            _ => {
                let number = u32::try_from(self.ends.len()).unwrap_or(FREE - 1);
                self.bytes.push_str(text);
                self.ends.push(self.bytes.len());
                if let Some(free) = self.slots.get_mut(slot) {
                    *free = number;
                }
                Str(number)
            }
        }
    }

    /// The number of a text, if it is here.
    #[must_use]
    pub(super) fn find(&self, text: &str) -> Option<Str> {
        let number = self.slots.get(self.slot(text))?;
        (*number != FREE).then_some(Str(*number))
    }

    /// The text of a number that this gave.
    #[must_use]
    pub(super) fn text(&self, of: Str) -> &str {
        let index = of.0 as usize;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Every text, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..u32::try_from(self.ends.len()).unwrap_or(FREE)).map(|number| self.text(Str(number)))
    }

    /// Bytes of memory in use.
    #[must_use]
    pub(super) fn memory(&self) -> usize {
        self.bytes.len()
            + self.ends.len() * size_of::<usize>()
            + self.slots.len() * size_of::<u32>()
    }

    /// Gives back memory that only growing needs.
    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Where a text is, or would be.
    fn slot(&self, text: &str) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low bits of a hash are as good as the others"
        )]
        let mut at = self.hasher.hash_one(text) as usize & mask;
        while let Some(&number) = self.slots.get(at) {
            if number == FREE || self.text(Str(number)) == text {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let room = (self.slots.len() * 2).max(16);
        self.slots = vec![FREE; room];
        let mask = room - 1;
        for number in 0..self.ends.len() {
            let Ok(number) = u32::try_from(number) else {
                break;
            };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low bits of a hash are as good as the others"
            )]
            let mut at = self.hasher.hash_one(self.text(Str(number))) as usize & mask;
            while self.slots.get(at).is_some_and(|slot| *slot != FREE) {
                at = (at + 1) & mask;
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Strings;

    #[test]
    fn each_text_has_one_number_and_comes_back() {
        let mut strings = Strings::default();
        assert_eq!(strings.find("a"), None);
        let texts: Vec<String> = (0..1_000).map(|n| format!("text {}", n % 500)).collect();
        let numbers: Vec<_> = texts.iter().map(|text| strings.put(text)).collect();
        for (text, number) in texts.iter().zip(&numbers) {
            assert_eq!(strings.text(*number), text);
            assert_eq!(strings.find(text), Some(*number));
        }
        assert_eq!(numbers[0], numbers[500]);
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!(strings.find("text 500"), None);
        let empty = strings.put("");
        assert_eq!(strings.text(empty), "");
    }
}
