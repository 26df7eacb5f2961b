//! Opens a file as a stream of UTF-8 text: byte order marks taken off, UTF-16 and declared XML
//! encodings transcoded. Bytes that are no text pass unchanged where the file says nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes are looked at to tell the encoding.
const PEEK: usize = 256;
/// How many bytes are transcoded at a time.
const CHUNK: usize = 64 << 10;

/// An opened file. Reading gives text.
pub struct Input<R = File> {
    inner: R,
    /// Bytes that are ready to be given.
    ready: Vec<u8>,
    given: usize,
    decoder: Option<Decoder>,
    /// Undecoded bytes.
    coded: Vec<u8>,
    ended: bool,
}

/// Opens a regular file.
///
/// # Errors
/// When it cannot be opened or read, and with [`io::ErrorKind::InvalidInput`] when it is something
/// else than a regular file: a pipe or a device could block for ever.
pub fn open(path: &Path) -> io::Result<Input> {
    Input::new(file(path)?)
}

/// Opens a regular file without a look at its encoding.
///
/// # Errors
/// As [`open`], but for reading.
pub fn file(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    File::open(path)
}

impl<R: Read> Input<R> {
    /// Tells the encoding from the first bytes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let mut head = Vec::with_capacity(PEEK);
        let limit = u64::try_from(PEEK).unwrap_or(u64::MAX);
        inner.by_ref().take(limit).read_to_end(&mut head)?;
        let (encoding, mark) = encoding(&head);
        let mut ready = head.split_off(mark.min(head.len()));
        let mut coded = Vec::new();
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        if decoder.is_some() {
            std::mem::swap(&mut ready, &mut coded);
        }
        Ok(Self {
            inner,
            ready,
            given: 0,
            decoder,
            coded,
            ended: false,
        })
    }

    /// Transcodes the next chunk into `ready`.
    fn transcode(&mut self) -> io::Result<()> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(());
        };
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() && !self.ended {
            let limit = u64::try_from(CHUNK).unwrap_or(u64::MAX);
            let count = self
                .inner
                .by_ref()
                .take(limit)
                .read_to_end(&mut self.coded)?;
            self.ended = count == 0;
            let room = decoder
                .max_utf8_buffer_length(self.coded.len())
                .unwrap_or(CHUNK * 4);
            self.ready.resize(room, 0);
            let (_, read, written, _) =
                decoder.decode_to_utf8(&self.coded, &mut self.ready, self.ended);
            self.ready.truncate(written);
            self.coded.drain(..read);
        }
        Ok(())
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.ready.len() {
            if self.decoder.is_none() {
                return self.inner.read(out);
            }
            self.transcode()?;
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

/// Whether [`Input`] gives bytes that begin so as they are.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    encoding(bytes.get(..PEEK).unwrap_or(bytes)) == (UTF_8, 0)
}

/// The encoding that the first bytes tell, and the length of the mark that tells it.
fn encoding(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some(found) = Encoding::for_bom(head) {
        return found;
    }
    // Text in Latin letters as UTF-16 without a mark: every second byte is NUL.
    let (pairs, _) = head.as_chunks::<2>();
    if pairs.len() >= 4 {
        if pairs.iter().all(|[a, b]| *a != 0 && *b == 0) {
            return (UTF_16LE, 0);
        }
        if pairs.iter().all(|[a, b]| *a == 0 && *b != 0) {
            return (UTF_16BE, 0);
        }
    }
    (declared(head).unwrap_or(UTF_8), 0)
}

/// The encoding that an XML declaration names, if it is one of single bytes.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(head, b"?>")?;
    let text = head.get(..end)?;
    let at = memchr::memmem::find(text, b"encoding")?;
    let mut words = text.get(at..)?.split(|b| matches!(b, b'"' | b'\''));
    let label = words.nth(1)?;
    Encoding::for_label(label).filter(|e| e.is_single_byte())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut text = String::new();
        Input::new(bytes)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_comes_out_as_utf8() {
        let long = format!("Id,Näme,😀\n{}", "0123456789,é,x\n".repeat(20_000));
        for want in ["", "a", "Id,Name\n1,2\n", &long] {
            assert_eq!(text(want.as_bytes()), want);
            assert_eq!(text(format!("\u{feff}{want}").as_bytes()), want);
            let marked = format!("\u{feff}{want}");
            assert_eq!(text(&utf16(&marked, u16::to_le_bytes)), want);
            assert_eq!(text(&utf16(&marked, u16::to_be_bytes)), want);
        }
        let plain = "Id,Name\n1,2\n";
        assert_eq!(text(&utf16(plain, u16::to_le_bytes)), plain);
        assert_eq!(text(&utf16(plain, u16::to_be_bytes)), plain);
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>";
        assert!(text(latin).ends_with("<a>é</a>"));
    }

    #[test]
    fn other_bytes_pass_unchanged() {
        let mut out = Vec::new();
        Input::new(&b"a\xff\x00b"[..])
            .unwrap()
            .read_to_end(&mut out)
            .unwrap();
        assert_eq!(out, b"a\xff\x00b");
    }

    #[test]
    fn a_folder_is_refused() {
        let error = open(Path::new(".")).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
