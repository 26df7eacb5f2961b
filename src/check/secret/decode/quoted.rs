//! Quoted-printable: the text of mails, web archives and address cards, where lines are cut at 76
//! characters and a sign may be written as its number. Only in files of those kinds, for elsewhere
//! an equals sign and two digits are what they seem.

use super::packed::hex_digit;
use super::view::{Reach, View};
use crate::model::ScanPath;

/// The extensions of such files.
const EXTENSIONS: [&str; 8] = ["eml", "emlx", "mbox", "mbx", "mht", "mhtml", "vcf", "nws"];

/// Makes the view of a text with its escapes undone and its lines joined. False if it has none, or
/// the file is of another kind.
pub(super) fn view(path: &ScanPath, text: &[u8], view: &mut View) -> bool {
    let extension = path.as_str().rsplit('.').next().unwrap_or("");
    if !EXTENSIONS
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
    {
        return false;
    }
    view.reset("quoted-printable", Reach::Characters);
    let (mut copied, mut found) = (0, false);
    for at in memchr::memchr_iter(b'=', text) {
        // A sign that was read as the digit of another.
        if at < copied {
            continue;
        }
        let Some((length, byte)) = text.get(at + 1..).and_then(escape) else {
            continue;
        };
        view.copy(text, copied..at);
        let decoded = byte.as_slice();
        let end = at + 1 + length;
        if !decoded.is_empty() {
            view.decoded(decoded, at..end, (1, end - at));
        }
        (copied, found) = (end, true);
    }
    view.copy(text, copied..text.len());
    found
}

/// What stands behind an equals sign: its length, and the byte it means; none for the end of a line
/// that goes on in the next.
fn escape(rest: &[u8]) -> Option<(usize, Option<u8>)> {
    match rest {
        [b'\n', ..] => Some((1, None)),
        [b'\r', b'\n', ..] => Some((2, None)),
        [high, low, ..] => {
            // Lower case is not allowed, and happens in links that were never encoded.
            let upper = |digit: u8| hex_digit(digit).filter(|_| !digit.is_ascii_lowercase());
            Some((2, Some(upper(*high)? << 4 | upper(*low)?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{View, view};
    use crate::model::ScanPath;

    fn read(name: &str, text: &str) -> Option<String> {
        let mut made = View::default();
        let path = ScanPath::new(name.as_ref());
        view(&path, text.as_bytes(), &mut made)
            .then(|| String::from_utf8(made.text.clone()).unwrap())
    }

    #[test]
    fn a_mail_is_read_as_it_was_written() {
        for (text, expected) in [
            ("a=3D1 b=C3=A9\r\n", Some("a=1 bé\r\n")),
            ("to=\r\nken=\nx", Some("tokenx")),
            ("=3D3D", Some("=3D")),
            ("x=3", None),
            ("href=abc=", None),
            ("=", None),
        ] {
            assert_eq!(read("mail/a.EML", text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(read("a.py", "a=3D1"), None);
    }
}
