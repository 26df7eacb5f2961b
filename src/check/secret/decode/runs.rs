//! Stretches that may be base64 or hexadecimal: many bytes of their alphabets in a row. The first
//! pass over a text finds them.

/// Shorter runs are not looked at: what they can hold is no token.
pub(in crate::check::secret) const LEAST: usize = 24;

/// Whether a byte belongs to base64, in its standard or its URL-safe form, without padding.
pub(super) const fn in_alphabet(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 26
        || byte.wrapping_sub(b'/') < 11
        || byte == b'+'
        || byte == b'-'
        || byte == b'_'
}

/// Where the run that goes on at a place ends.
pub(super) fn run_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or(&[]);
    let length = rest.iter().position(|b| !in_alphabet(*b));
    at + length.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::in_alphabet;

    #[test]
    fn the_alphabet_is_that_of_base64_in_both_its_forms() {
        let all: Vec<u8> = (0..=u8::MAX).filter(|b| in_alphabet(*b)).collect();
        assert_eq!(
            String::from_utf8(all).unwrap(),
            "+-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
        );
    }
}
