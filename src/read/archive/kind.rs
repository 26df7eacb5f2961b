//! Which container some bytes are. Judged by what is in them, because names lie.

use super::tar;

/// A container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Zip, in all its names: jar, war, apk, whl, nupkg, docx, xlsx, pptx.
    Zip,
    /// Tar: ustar, pax, GNU and what was before.
    Tar,
    /// Ar: static libraries, packages of Debian.
    Ar,
    /// One stream, packed.
    Packed(Packing),
    /// One that is known by name and not read.
    Other(&'static str),
}

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz, with LZMA2.
    Xz,
}

/// Bytes that are enough to tell.
pub const HEAD: usize = 512;

/// First bytes and what they mean.
const MARKS: &[(&[u8], Kind)] = &[
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06\0\0\0\0", Kind::Zip),
    (b"PK\x07\x08PK\x03\x04", Kind::Zip),
    (b"\x1F\x8B\x08", Kind::Packed(Packing::Gzip)),
    (b"\x28\xB5\x2F\xFD", Kind::Packed(Packing::Zstd)),
    (b"BZh", Kind::Packed(Packing::Bzip2)),
    (b"\xFD7zXZ\0", Kind::Packed(Packing::Xz)),
    (b"!<arch>\n", Kind::Ar),
    (b"7z\xBC\xAF\x27\x1C", Kind::Other("7z")),
    (b"Rar!\x1A\x07", Kind::Other("rar")),
    (b"MSCF\0\0\0\0", Kind::Other("cab")),
    (b"\xED\xAB\xEE\xDB", Kind::Other("rpm")),
];

/// The container that begins with these bytes. None: it is none that is known.
#[must_use]
pub fn kind(head: &[u8]) -> Option<Kind> {
    let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark));
    match marked.map(|(_, kind)| *kind) {
        // A text may begin with its three letters.
        Some(kind @ Kind::Packed(Packing::Bzip2)) => is_bzip2(head).then_some(kind),
        Some(kind) => Some(kind),
        None => tar::is_header(head).then_some(Kind::Tar),
    }
}

/// A block, or the end of an empty stream, follows the level.
fn is_bzip2(head: &[u8]) -> bool {
    let next = head.get(4..10);
    matches!(head.get(3), Some(b'1'..=b'9'))
        && (next == Some(b"\x31\x41\x59\x26\x53\x59") || next == Some(b"\x17\x72\x45\x38\x50\x90"))
}

#[cfg(test)]
mod tests {
    use super::{Kind, Packing, kind};

    #[test]
    fn a_container_is_told_by_its_first_bytes_and_text_is_none() {
        assert_eq!(kind(b"PK\x03\x04\x14"), Some(Kind::Zip));
        assert_eq!(kind(b"\x1F\x8B\x08\x00"), Some(Kind::Packed(Packing::Gzip)));
        assert_eq!(
            kind(b"BZh9\x31\x41\x59\x26\x53\x59"),
            Some(Kind::Packed(Packing::Bzip2))
        );
        for text in [
            &b""[..],
            b"PK",
            b"BZh9 is a magic number",
            b"Rar! is a format",
            &[b' '; 512],
        ] {
            assert_eq!(kind(text), None);
        }
    }
}
