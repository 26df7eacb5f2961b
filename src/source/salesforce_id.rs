//! The two lengths in which Salesforce writes an id. Queries give 18 characters, while reports, pages and
//! raw event logs give the first 15 of them; the other three only say which letters are capitals.

/// The characters of the ending, by the number that five bits make.
const ENDINGS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// An id of 15 characters as the one of 18 that means the same; none for any other text.
pub(super) fn lengthened(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() != 15 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let endings = bytes.chunks(5).map(|part| {
        let capitals = (0..).zip(part).filter(|(_, b)| b.is_ascii_uppercase());
        let bits = capitals.fold(0_usize, |bits, (at, _)| bits | 1 << at);
        ENDINGS.get(bits).map(|ending| char::from(*ending))
    });
    let endings: Option<String> = endings.collect();
    Some(format!("{text}{}", endings?))
}

#[cfg(test)]
mod tests {
    use super::lengthened;

    #[test]
    fn an_id_of_fifteen_characters_gets_the_ending_that_tells_its_capitals() {
        // From Salesforce's own description of the two forms, and the null id.
        for (short, long) in [
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("0D5B000000SKZ7V", "0D5B000000SKZ7VKAX"),
            ("000000000000000", "000000000000000AAA"),
        ] {
            assert_eq!(lengthened(short).as_deref(), Some(long));
        }
    }

    #[test]
    fn nothing_else_is_changed() {
        for text in [
            "",
            "001A0000006Vm9rIAC",
            "svc.erp@x.examp",
            "00Dxx00000000\u{e9}",
        ] {
            assert_eq!(lengthened(text), None, "{text}");
        }
    }
}
