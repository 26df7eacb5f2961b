//! Private key blocks, read from the BEGIN marker on as people paste them: with CR LF, in a string
//! with `\n`, over concatenated strings, indented, behind comment marks, without an end.

use super::entropy::shannon;

/// A block is given up after this many bytes.
const MAX_BLOCK: usize = 64 << 10;
/// A body of fewer characters is a sample.
const MIN_BODY: usize = 64;
/// The base64 of random bytes has nearly 6 bits a character; `xxxx` and `AAAA` have none.
const MIN_ENTROPY: f64 = 3.5;
/// A body that does not begin as a key does is one all the same, of a kind that is not known or
/// damaged, if it stands between both markers, is so long, in characters,
const MIN_UNKNOWN: usize = 160;
/// and has so many bits a character, as hardly anything but random bytes has.
const RANDOM: f64 = 5.2;

/// A private key block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// One past the end marker, or past the body when there is none.
    pub(super) end: usize,
    /// Whether it needs a passphrase.
    pub(super) encrypted: bool,
    /// The base64 of the body without anything between: the same however it was pasted.
    pub(super) body: Vec<u8>,
}

/// Reads the block whose BEGIN marker is `text[start..marker_end]`. None when what follows is no
/// body of a private key.
pub(super) fn private_key(text: &[u8], start: usize, marker_end: usize) -> Option<Block> {
    let marker = text.get(start..marker_end)?;
    let limit = text.len().min(marker_end.saturating_add(MAX_BLOCK));
    let mut reader = Reader {
        text: text.get(..limit)?,
        at: marker_end,
        body: Vec::new(),
        body_end: marker_end,
        line_start: 0,
        encrypted: false,
        elided: false,
    };
    let end = reader.read();
    let Reader {
        body,
        body_end,
        encrypted,
        elided,
        ..
    } = reader;
    let sample = elided || body.len() < MIN_BODY || shannon(&body) < MIN_ENTROPY;
    if sample || contains(&body, b"EXAMPLE") {
        return None;
    }
    // "openssh-key-v1", a zero byte, then the cipher's name with its length.
    let openssh = body.strip_prefix(b"b3BlbnNzaC1rZXktdjEA");
    // Every other kind is a DER sequence: its first byte is 0x30, whose base64 is M and a character
    // from A to P.
    let der = matches!(body.as_slice(), [b'M', b'A'..=b'P', ..]);
    let unknown = || end.is_some() && body.len() >= MIN_UNKNOWN && shannon(&body) >= RANDOM;
    let encrypted = if contains(marker, b"PGP") {
        false
    } else if contains(marker, b"OPENSSH") {
        match openssh {
            Some(rest) => !rest.starts_with(b"AAAABG5vbm"),
            None if unknown() => false,
            None => return None,
        }
    } else if contains(marker, b"ENCRYPTED") || encrypted {
        true
    } else if der || unknown() {
        false
    } else {
        return None;
    };
    Some(Block {
        end: end.unwrap_or(body_end),
        encrypted,
        body,
    })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    body: Vec<u8>,
    body_end: usize,
    /// How much of the body stood before the current line.
    line_start: usize,
    encrypted: bool,
    /// Whether dots or brackets stand where the rest of the body was.
    elided: bool,
}

impl Reader<'_> {
    /// Collects the body; the end of the END marker, if there is one.
    fn read(&mut self) -> Option<usize> {
        while let Some(byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'\r' | b'\n' => self.line_start = self.body.len(),
                b' ' | b'\t' | b'#' | b'*' | b';' | b'>' | b'|' | b',' => {}
                b'\\' => self.escape(),
                b'"' | b'\'' | b'`' => self.between_strings()?,
                b':' => self.header(),
                b'-' if self.is_in_header() => {}
                b'-' => return self.end_marker(),
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => {
                    self.body.push(*byte);
                    self.body_end = self.at;
                }
                // The first byte of an ellipsis in UTF-8 is 0xE2.
                b'.' | b'<' | b'[' | b'(' | 0xE2 => {
                    self.elided = true;
                    return None;
                }
                _ => return None,
            }
        }
        None
    }

    /// `\n`, `\\n`, `\r`, `\t`, or a line that goes on.
    fn escape(&mut self) {
        while self.text.get(self.at) == Some(&b'\\') {
            self.at += 1;
        }
        if let Some(b'n' | b'r' | b't') = self.text.get(self.at) {
            self.at += 1;
            self.line_start = self.body.len();
        }
    }

    /// After a closing quote: what joins strings, up to the next opening quote.
    fn between_strings(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let joint = rest
            .iter()
            .take(120)
            .position(|b| matches!(b, b'"' | b'\'' | b'`'))?;
        let joined = rest.get(..joint)?;
        let glue = |b: &u8| b.is_ascii_whitespace() || b"+.,&_\\()".contains(b);
        joined.iter().all(glue).then(|| self.at += joint + 1)
    }

    /// A colon shows that the line so far was a header's name: it and the rest of the line go.
    fn header(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or(&[]);
        let newline = memchr::memchr2(b'\n', b'\\', rest).unwrap_or(rest.len());
        let value = rest.get(..newline).unwrap_or(&[]);
        self.encrypted |= contains(value, b"ENCRYPTED");
        self.body.truncate(self.line_start);
        self.at += newline;
    }

    /// Whether a dash is one of a header's name, such as `Proc-Type:`.
    fn is_in_header(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or(&[]);
        let name = rest.iter().take(20).position(|b| !b.is_ascii_alphabetic());
        name.is_some_and(|at| at > 0 && rest.get(at) == Some(&b':'))
    }

    /// `-----END …-----` after its first dash.
    fn end_marker(&self) -> Option<usize> {
        let rest = self.text.get(self.at..)?;
        let label = rest.strip_prefix(b"----END ")?;
        let dashes = memchr::memmem::find(label.get(..60.min(label.len()))?, b"-----")?;
        Some(self.at + 8 + dashes + 5)
    }
}

#[cfg(test)]
mod tests {
    use super::private_key;
    use crate::rule::template::expand;

    fn read(text: &str) -> Option<(bool, usize, String)> {
        let start = text.find("-----BEGIN")?;
        let marker_end = start + 10 + text[start + 10..].find("-----")? + 5;
        let block = private_key(text.as_bytes(), start, marker_end)?;
        Some((
            block.encrypted,
            block.end,
            String::from_utf8(block.body).unwrap(),
        ))
    }

    #[test]
    fn a_key_has_the_same_body_however_it_was_pasted() {
        let plain = expand("{{pem:RSA PRIVATE KEY}}", "s").unwrap();
        let (encrypted, end, body) = read(&plain).unwrap();
        assert!(!encrypted && end == plain.trim_end().len() && body.len() == 772);
        let lines: Vec<&str> = plain.lines().collect();
        for other in [
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\\n"),
            plain.replace('\n', "\\\\n"),
            plain.replace('\n', "\n    # "),
            format!("\"{}\"", lines.join("\\n\" +\n  \"")),
            lines[..lines.len() - 1].join("\n"),
        ] {
            assert_eq!(read(&other).unwrap().2, body, "{other}");
        }
    }

    #[test]
    fn an_encrypted_key_is_told_by_header_label_or_cipher() {
        let key = |label: &str| expand(&format!("{{{{pem:{label}}}}}"), "s").unwrap();
        assert!(read(&key("ENCRYPTED PRIVATE KEY")).unwrap().0);
        assert!(!read(&key("OPENSSH PRIVATE KEY")).unwrap().0);
        let header = "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n";
        let with_header = key("RSA PRIVATE KEY").replacen("-----\n", header, 1);
        let (encrypted, _, body) = read(&with_header).unwrap();
        assert!(encrypted && body.starts_with("MIIE"));
    }

    #[test]
    fn what_is_no_key_is_none() {
        let key = expand("{{pem:RSA PRIVATE KEY}}", "s").unwrap();
        for text in [
            &key.replacen("\n", "\n...\n", 4),
            &format!("{}...", &key[..200]),
            &format!("{}\u{2026}", &key[..200]),
            &format!("{}\n<snip>\n-----END RSA PRIVATE KEY-----", &key[..200]),
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            // Of an unknown kind and cut off.
            &key.replace("MIIE", "QUJD").replace("-----END", ""),
            &format!("-----BEGIN RSA PRIVATE KEY-----\nMII{}\n", "A".repeat(900)),
            &expand("-----BEGIN OPENSSH PRIVATE KEY-----\n{{base64:400}}\n", "s").unwrap(),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_whole_and_random_body_is_a_key_of_whatever_kind() {
        for label in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            let key = expand(&format!("{{{{pem:{label}}}}}"), "s").unwrap();
            let other = key.replacen('\n', "\nQUJD", 1);
            let (encrypted, _, body) = read(&other).unwrap();
            assert!(!encrypted && body.starts_with("QUJD"));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_after_a_marker_panic(tail in proptest::collection::vec(0u8..=255, 0..300)) {
            let text = [b"-----BEGIN PRIVATE KEY-----", tail.as_slice()].concat();
            let _ = private_key(&text, 0, 27);
        }
    }
}
