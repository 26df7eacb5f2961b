//! Walks over JSON text that may end at any byte, without building anything.
//!
//! Strict about structure (brackets, commas, colons, literals), lenient inside strings and numbers
//! that nobody asked for.

/// Values nested deeper than this are refused.
pub(super) const MAX_DEPTH: u32 = 128;

/// Why walking stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text ends inside a value.
    More,
    /// The byte at this offset cannot stand there.
    Bad(usize, &'static str),
    /// Nested beyond the limit at this offset.
    Deep(usize),
}

/// A string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    /// What stands between its quotes, as written.
    pub(super) inner: &'a [u8],
    /// Whether it has no escape.
    pub(super) plain: bool,
}

/// A position in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Everything from an earlier offset to here.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        self.data.get(start..self.at).unwrap_or_default()
    }

    /// What stands at some offsets.
    pub(super) fn between(&self, place: &std::ops::Range<usize>) -> &'a [u8] {
        self.data.get(place.clone()).unwrap_or_default()
    }

    fn rest(&self) -> &'a [u8] {
        self.data.get(self.at..).unwrap_or_default()
    }

    /// Moves to the next byte that is no white space and looks at it.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Stop> {
        loop {
            match self.data.get(self.at) {
                Some(b'\n') => {
                    self.at += 1;
                    self.indentation();
                }
                Some(b' ' | b'\r' | b'\t') => self.at += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(Stop::More),
            }
        }
    }

    /// Moves over most of the blanks at the start of a line.
    #[inline]
    fn indentation(&mut self) {
        while let Some(chunk) = self.data.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let other = u64::from_le_bytes(*chunk) ^ u64::from_le_bytes([b' '; 8]);
            // Of the bytes, the first that is no blank; the trailing zeros are all blanks.
            let blanks = other.trailing_zeros() as usize / 8;
            self.at += blanks;
            if blanks < 8 {
                return;
            }
        }
    }

    /// Moves over the byte at hand.
    #[inline]
    pub(super) const fn bump(&mut self) {
        self.at += 1;
    }

    /// Moves over this text if it stands here.
    #[inline]
    pub(super) fn take(&mut self, text: &[u8]) -> bool {
        let end = self.at + text.len();
        let here = self.data.get(self.at..end);
        let stands = here.is_some_and(|here| same(here, text));
        if stands {
            self.at = end;
        }
        stands
    }

    /// White space, then this byte.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), Stop> {
        if self.peek()? != byte {
            return Err(Stop::Bad(self.at, message));
        }
        self.at += 1;
        Ok(())
    }

    /// The inside of a string, as written, from behind its opening quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<&'a [u8], Stop> {
        self.text().map(|text| text.inner)
    }

    /// A string, from behind its opening quote.
    #[inline]
    pub(super) fn text(&mut self) -> Result<Text<'a>, Stop> {
        let (start, mut plain) = (self.at, true);
        loop {
            let rest = self.rest();
            let found = quote_or_backslash(rest).ok_or(Stop::More)?;
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                let inner = self.data.get(start..self.at - 1).unwrap_or_default();
                return Ok(Text { inner, plain });
            }
            plain = false;
            self.at += 1;
        }
    }

    /// A key: a string after white space. Stands behind the closing quote then.
    pub(super) fn key(&mut self) -> Result<&'a [u8], Stop> {
        self.expect(b'"', "a key in double quotes is missing")?;
        self.string()
    }

    /// Moves over one value, whatever it is. `depth` is how deep the value itself stands.
    #[inline]
    pub(super) fn skip(&mut self, depth: u32) -> Result<(), Stop> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.string().map(drop)
            }
            b'{' | b'[' => self.skip_nested(depth),
            _ => self.scalar(),
        }
    }

    /// A number or a literal.
    fn scalar(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let rest = self.rest();
        let length = rest
            .iter()
            .position(
                |b| !matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.'),
            )
            .ok_or(Stop::More)?;
        let word = rest.get(..length).unwrap_or_default();
        if !is_scalar(word) {
            return Err(Stop::Bad(start, "a value is missing"));
        }
        self.at += length;
        Ok(())
    }

    /// Moves over an array or object. One bit for each level says which: 1 is an object.
    fn skip_nested(&mut self, depth: u32) -> Result<(), Stop> {
        let mut kinds: u128 = 0;
        let mut level = 0;
        loop {
            // At a value.
            let open = self.peek()?;
            match open {
                b'{' | b'[' => {
                    if depth + level >= MAX_DEPTH {
                        return Err(Stop::Deep(self.at));
                    }
                    let object = open == b'{';
                    kinds = (kinds << 1) | u128::from(object);
                    level += 1;
                    self.at += 1;
                    if self.peek()? == (if object { b'}' } else { b']' }) {
                        self.at += 1;
                        kinds >>= 1;
                        level -= 1;
                    } else {
                        if object {
                            self.key()?;
                            self.expect(b':', "`:` is missing")?;
                        }
                        continue;
                    }
                }
                b'"' => {
                    self.at += 1;
                    self.string()?;
                }
                _ => self.scalar()?,
            }
            // Behind a value.
            loop {
                if level == 0 {
                    return Ok(());
                }
                let object = kinds & 1 == 1;
                match self.peek()? {
                    b',' => {
                        self.at += 1;
                        if object {
                            self.key()?;
                            self.expect(b':', "`:` is missing")?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return Err(Stop::Bad(self.at, "`,` or a closing bracket is missing")),
                }
                self.at += 1;
                kinds >>= 1;
                level -= 1;
            }
        }
    }
}

/// Whether two texts of one length are the same. What stands between values is short, so a call into
/// a comparison of memory costs more than comparing words here.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    let ((ones, rest), (others, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let word = |word: &[u8; 8]| u64::from_le_bytes(*word);
    let words = ones.iter().zip(others);
    let differ = words.fold(0, |differ, (a, b)| differ | (word(a) ^ word(b)));
    differ == 0 && rest.iter().eq(other_rest)
}

/// Where the first quote or backslash stands. Keys and values of exports are short, so a call into
/// a vectorised search costs more than looking at a few words here; what is long is left to it.
#[inline]
fn quote_or_backslash(text: &[u8]) -> Option<usize> {
    const SHORT: usize = 8;
    let (words, _) = text.as_chunks::<8>();
    for (index, word) in words.iter().take(SHORT).enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest bit set marks the first such byte; bits above it may be wrong.
        let found = zero_bytes(word ^ u64::from_le_bytes([b'"'; 8]))
            | zero_bytes(word ^ u64::from_le_bytes([b'\\'; 8]));
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let at = words.len().min(SHORT) * 8;
    let rest = text.get(at..)?;
    memchr::memchr2(b'"', b'\\', rest).map(|found| at + found)
}

/// The top bit of every byte that is zero, and perhaps of bytes above the first of them.
#[inline]
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080
}

fn is_scalar(word: &[u8]) -> bool {
    match word {
        b"null" | b"true" | b"false" => true,
        [b'-' | b'0'..=b'9', rest @ ..] => {
            (word != b"-")
                && rest
                    .iter()
                    .all(|b| matches!(b, b'0'..=b'9' | b'e' | b'E' | b'+' | b'-' | b'.'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(text: &str) -> Result<usize, Stop> {
        let mut cursor = Cursor::new(text.as_bytes(), 0);
        cursor.skip(0).map(|()| cursor.at())
    }

    #[test]
    fn a_value_is_skipped_as_a_whole() {
        for text in [
            r#""a\"b\\""#,
            "-1.5e+3 ",
            "null ",
            "{}",
            "[ ]",
            r#"{"a":[1,{"b":"]}"},[]], "c" : {"d":{}}}"#,
        ] {
            let length = text.trim_end().len();
            assert_eq!(skip(text), Ok(length), "{text}");
            for cut in 0..length {
                assert_eq!(skip(&text[..cut]), Err(Stop::More), "{}", &text[..cut]);
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "]",
            "{1:2}",
            "[1 2]",
            "[1}",
            "{\"a\":1]",
            "{\"a\" 1}",
            "[1,]",
            "{\"a\":1,}",
            "nil ",
            "- ",
            "NaN ",
            "'a'",
            "[,]",
        ] {
            assert!(matches!(skip(text), Err(Stop::Bad(..))), "{text}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(skip(&nested(128)).is_ok());
        assert_eq!(skip(&nested(129)), Err(Stop::Deep(128)));
        assert_eq!(skip(&"[{\"a\":".repeat(100_000)), Err(Stop::Deep(768 / 2)));
    }
}
