//! How something is spelt in a run: numbers in as few bytes as they need, texts with their length,
//! and words that come again and again as the number of an entry in a list that stays in memory.
//! Read by the process that wrote it and by nobody else, so no version is written.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::Secret;

/// Something that a run can hold.
pub trait Stored: Clone {
    /// About how many bytes it takes in memory.
    fn weight(&self) -> usize;
    /// Writes all that it is.
    fn store(&self, to: &mut Writer<'_>);
    /// What [`Stored::store`] wrote; none if the bytes are not that.
    fn load(from: &mut Reader<'_>) -> Option<Self>;
}

/// Entries of the list of words, and bytes of each: what is beyond is spelt out.
const WORDS: usize = 4096;
const LETTERS: usize = 256;

/// What the bytes of runs refer to.
#[derive(Debug, Default)]
pub(super) struct Memory {
    words: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u64, RandomState>,
    /// Values that must not reach the disk.
    secrets: Vec<Secret>,
}

/// Spells things.
#[derive(Debug)]
pub struct Writer<'w> {
    pub(super) bytes: &'w mut Vec<u8>,
    pub(super) memory: &'w mut Memory,
}

impl Writer<'_> {
    /// Writes a number, in seven bits a byte.
    pub fn number(&mut self, mut number: u64) {
        while number > 0x7F {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Writes a number that may be negative.
    pub fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// Writes bytes whose number is known to the reader.
    pub fn exactly(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.exactly(text.as_bytes());
    }

    /// Writes a text that is likely to come again.
    pub fn word(&mut self, word: &str) {
        if let Some(number) = self.memory.number(word) {
            self.number(number + 1);
        } else {
            self.number(0);
            self.text(word);
        }
    }

    /// Writes whether there is something, and what.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.number(u64::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Writes how many there are, and each.
    pub fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u64);
        for item in list {
            write(self, item);
        }
    }

    /// Writes the hint of a secret. A value stays where it is.
    pub fn secret(&mut self, secret: &Secret) {
        if let Some(hint) = secret.hint_only() {
            self.number(0);
            self.text(hint);
        } else {
            self.memory.secrets.push(secret.clone());
            self.number(self.memory.secrets.len() as u64);
        }
    }
}

impl Memory {
    fn number(&mut self, word: &str) -> Option<u64> {
        if let Some(number) = self.numbers.get(word) {
            return Some(*number);
        }
        if self.words.len() >= WORDS || word.len() > LETTERS {
            return None;
        }
        let (word, number) = (Arc::<str>::from(word), self.words.len() as u64);
        self.words.push(Arc::clone(&word));
        self.numbers.insert(word, number);
        Some(number)
    }
}

/// Reads what a [`Writer`] wrote. Everything is none where the bytes are not that.
#[derive(Debug)]
pub struct Reader<'r> {
    pub(super) bytes: &'r [u8],
    pub(super) memory: &'r Memory,
}

impl<'r> Reader<'r> {
    /// Reads a number.
    #[inline]
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Reads a number that fits a smaller type.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// Reads a number that may be negative.
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// Reads so many bytes.
    pub fn exactly(&mut self, length: usize) -> Option<&'r [u8]> {
        let (bytes, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(bytes)
    }

    /// Reads a text.
    pub fn text(&mut self) -> Option<&'r str> {
        let length = self.small()?;
        str::from_utf8(self.exactly(length)?).ok()
    }

    /// Reads a text that is likely to come again; all of them share one.
    pub fn word(&mut self) -> Option<Arc<str>> {
        match self.small::<usize>()?.checked_sub(1) {
            Some(number) => self.memory.words.get(number).cloned(),
            None => self.text().map(Arc::from),
        }
    }

    /// Reads what there may be; the outer one is about the bytes.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.number()? {
            0 => Some(None),
            _ => read(self).map(Some),
        }
    }

    /// Reads a list.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count: usize = self.small()?;
        (0..count).map(|_| read(self)).collect()
    }

    /// Reads one of a closed set, of which the number was written.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let number: usize = self.small()?;
        all.get(number).copied()
    }

    /// Reads a secret, or its hint.
    pub fn secret(&mut self) -> Option<Secret> {
        match self.small::<usize>()?.checked_sub(1) {
            Some(number) => self.memory.secrets.get(number).cloned(),
            None => self.text().map(Secret::of_hint),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::{Memory, Reader, Writer};
    use crate::model::Secret;

    /// Bytes of what is written, and what they refer to.
    fn spelt(write: impl FnOnce(&mut Writer<'_>)) -> (Vec<u8>, Memory) {
        let (mut bytes, mut memory) = (Vec::new(), Memory::default());
        write(&mut Writer {
            bytes: &mut bytes,
            memory: &mut memory,
        });
        (bytes, memory)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_is_left(
            number: u64, signed: i64, text: String, words: Vec<String>, some: Option<u32>,
        ) {
            let (bytes, memory) = spelt(|to| {
                to.number(number);
                to.signed(signed);
                to.text(&text);
                to.list(&words, |to, word| to.word(word));
                to.list(&words, |to, word| to.word(word));
                to.option(some, |to, some| to.number(some.into()));
            });
            let mut from = Reader { bytes: &bytes, memory: &memory };
            prop_assert_eq!(from.number(), Some(number));
            prop_assert_eq!(from.signed(), Some(signed));
            prop_assert_eq!(from.text(), Some(text.as_str()));
            for _ in 0..2 {
                let read: Vec<String> = from.list(|from| from.word().map(|w| w.to_string())).unwrap();
                prop_assert_eq!(&read, &words);
            }
            prop_assert_eq!(from.option(Reader::small), Some(some));
            prop_assert_eq!(from.bytes.len(), 0);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let memory = Memory::default();
            let from = || Reader { bytes: &bytes, memory: &memory };
            let _ = from().number();
            let _ = from().text();
            let _ = from().word();
            let _ = from().secret();
            let _ = from().list(Reader::number);
        }
    }

    #[test]
    fn a_word_that_comes_again_takes_a_byte_or_two_and_the_list_ends() {
        let (bytes, memory) = spelt(|to| {
            for n in 0..2 * super::WORDS {
                to.word(&format!("word {n}"));
            }
            to.word("word 7");
            to.word(&"long".repeat(super::LETTERS));
        });
        assert_eq!(memory.words.len(), super::WORDS);
        assert!(bytes.len() < 200_000);
        let mut from = Reader {
            bytes: &bytes,
            memory: &memory,
        };
        for n in 0..2 * super::WORDS {
            assert_eq!(&*from.word().unwrap(), format!("word {n}"));
        }
        assert_eq!(&*from.word().unwrap(), "word 7");
        assert_eq!(from.word().unwrap().len(), 4 * super::LETTERS);
    }

    #[test]
    fn the_value_of_a_secret_is_not_among_the_bytes() {
        let value = "correct-horse-battery";
        let secret = Secret::new(value.as_bytes());
        let (bytes, memory) = spelt(|to| {
            to.secret(&secret);
            to.secret(&secret.as_hint());
        });
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(value) && text.contains("corr…(21 characters)"));
        let mut from = Reader {
            bytes: &bytes,
            memory: &memory,
        };
        assert_eq!(from.secret(), Some(secret.clone()));
        assert_eq!(from.secret(), Some(secret.as_hint()));
    }
}
