//! Parts of a hundred, as pages and spreadsheets show them: `62`, `62 %`, `62%`, `98.5`, `98,5 %`.
//!
//! A comma is a decimal one: what lies between 0 and 100 has no thousands. What lies outside, and
//! every other text, is unread rather than a guess.

/// Reads a percentage.
pub(super) fn parse(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let text = match text.strip_suffix('%') {
        // People also put a no-break space, or a narrow one, before the sign.
        Some(number) => number.trim_end(),
        None => text,
    };
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: f64 = format!("{whole}.{fraction}").parse().ok()?;
    (number <= 100.0).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::parse;

    #[test]
    fn people_write_them_in_several_ways() {
        for (text, expected) in [
            ("62", 62.0),
            ("62%", 62.0),
            (" 62 % ", 62.0),
            ("62\u{a0}%", 62.0),
            ("62\u{202f}%", 62.0),
            ("98.5", 98.5),
            ("98,5 %", 98.5),
            ("0", 0.0),
            ("100.00", 100.0),
            ("100,0%", 100.0),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_part_of_a_hundred_is_unread() {
        for text in [
            "",
            "%",
            " ",
            "n/a",
            "-1",
            "+5",
            "100.1",
            "6.2e1",
            "nan",
            "inf",
            "6 2",
            "62 %%",
            ".5",
            "5.",
            "1,2,3",
            "62 percent",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(b"62\xff"), None);
    }

    proptest! {
        #[test]
        fn every_number_of_one_decimal_reads_the_same_in_all_forms(tenths in 0_u16..=1000) {
            let number = f64::from(tenths) / 10.0;
            let (whole, tenth) = (tenths / 10, tenths % 10);
            for text in [format!("{whole}.{tenth}"), format!("{whole},{tenth} %")] {
                prop_assert_eq!(parse(text.as_bytes()), Some(number));
            }
        }

        #[test]
        fn no_text_gives_more_than_a_hundred(text in any::<String>(), near in "[0-9,.% -]{0,8}") {
            for text in [&text, &near] {
                let read = parse(text.as_bytes());
                prop_assert!(read.is_none_or(|n| (0.0..=100.0).contains(&n)));
            }
        }
    }
}
