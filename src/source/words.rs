//! Lists of words that cells are compared with, without regard to ASCII case. Knows no field.

/// A short list of words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(Box<[Box<[u8]>]>);

impl Words {
    pub(super) fn new(words: Vec<String>) -> Self {
        Self(
            words
                .into_iter()
                .map(|w| w.into_bytes().into_boxed_slice())
                .collect(),
        )
    }

    pub(super) fn contains(&self, text: &[u8]) -> bool {
        self.0.iter().any(|word| word.eq_ignore_ascii_case(text))
    }
}

/// Reads a boolean as exports write them: `true`, `t`, `yes`, `y`, `1` and their opposites.
pub(super) fn plain_bool(text: &[u8]) -> Option<bool> {
    match text {
        b"true" | b"TRUE" | b"t" | b"1" => Some(true),
        b"false" | b"FALSE" | b"f" | b"0" => Some(false),
        _ => {
            let is = |word: &&[u8]| text.eq_ignore_ascii_case(word);
            let yes: [&[u8]; 4] = [b"true", b"yes", b"t", b"y"];
            let no: [&[u8]; 4] = [b"false", b"no", b"f", b"n"];
            if yes.iter().any(is) {
                Some(true)
            } else {
                no.iter().any(is).then_some(false)
            }
        }
    }
}
