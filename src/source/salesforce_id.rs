//! The two lengths in which Salesforce writes an id. Queries give 18 characters, while reports, pages and
//! raw event logs give the first 15 of them; the other three only say which letters are capitals. Of 15
//! that look like a number a spreadsheet leaves fewer.

/// The characters of the ending, by the number that five bits make.
const ENDINGS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Whether a spreadsheet rounded an id that looked like a number, so that others look the same:
/// `5.3E+12`.
pub(super) fn is_rounded(text: &str) -> bool {
    let Some((digits, power)) = text.split_once("E+") else {
        return false;
    };
    let number = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b',');
    let power = !power.is_empty() && power.bytes().all(|b| b.is_ascii_digit());
    power && !digits.is_empty() && digits.bytes().all(number)
}

/// An id of 15 characters as the one of 18 that means the same, also where a spreadsheet took its first
/// zeros away; none for any other text.
pub(super) fn lengthened(text: &str) -> Option<String> {
    if (12..15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("{text:0>15}AAA"));
    }
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
    use super::{is_rounded, lengthened};

    #[test]
    fn an_id_of_which_digits_are_lost_is_told_from_others() {
        for text in ["5.3E+12", "5E+17", "5,30000000123E+14"] {
            assert!(is_rounded(text), "{text}");
        }
        for text in [
            "",
            "E+12",
            "5.3E+",
            "5.3e12",
            "005300000012345",
            "svc.E+1@a.example",
        ] {
            assert!(!is_rounded(text), "{text}");
        }
    }

    #[test]
    fn an_id_of_fifteen_characters_gets_the_ending_that_tells_its_capitals() {
        // From Salesforce's own description of the two forms, and the null id.
        for (short, long) in [
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("0D5B000000SKZ7V", "0D5B000000SKZ7VKAX"),
            ("000000000000000", "000000000000000AAA"),
            ("005300000012345", "005300000012345AAA"),
            ("5300000012345", "005300000012345AAA"),
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
