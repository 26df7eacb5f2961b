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
    /// The older form of LZMA, which has no mark of its own.
    Lzma,
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
    (b"\x1F\x9D", Kind::Other("compress")),
    (b"\x1F\xA0", Kind::Other("compress")),
    (b"\x04\x22\x4D\x18", Kind::Other("lz4")),
    (b"\x02\x21\x4C\x18", Kind::Other("lz4")),
    (b"\x89LZO\0", Kind::Other("lzop")),
    (b"LZIP\x01", Kind::Other("lzip")),
    (b"hsqs", Kind::Other("squashfs")),
    (b"xar!\0", Kind::Other("xar")),
    (b"MSWIM\0\0\0", Kind::Other("wim")),
    (b"\xC7\x71", Kind::Other("cpio")),
    (b"\x71\xC7", Kind::Other("cpio")),
];

/// The container that begins with these bytes. None: it is none that is known.
#[must_use]
pub fn kind(head: &[u8]) -> Option<Kind> {
    let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark));
    match marked.map(|(_, kind)| *kind) {
        // A text may begin with its three letters.
        Some(kind @ Kind::Packed(Packing::Bzip2)) => is_bzip2(head).then_some(kind),
        // And with its four.
        Some(kind @ Kind::Other("squashfs")) => head.contains(&0).then_some(kind),
        Some(kind) => Some(kind),
        None if tar::is_header(head) => Some(Kind::Tar),
        None if is_lzma(head) => Some(Kind::Packed(Packing::Lzma)),
        None if is_cpio(head) => Some(Kind::Other("cpio")),
        None if head.get(DISC..).is_some_and(|at| at.starts_with(b"CD001")) => {
            Some(Kind::Other("iso"))
        }
        None => None,
    }
}

/// Where the first description of a disc stands, behind its type. Of a member of an archive, so many
/// bytes are not at hand.
const DISC: usize = (32 << 10) + 1;

/// The properties that all its writers use, a dictionary of a size that they make, and the size of what
/// is packed, known or not.
fn is_lzma(head: &[u8]) -> bool {
    let Some(([0x5D, dictionary @ ..], rest)) = head.split_first_chunk::<5>() else {
        return false;
    };
    let dictionary = u32::from_le_bytes(*dictionary);
    let shift = dictionary.trailing_zeros();
    let made = (12..32).contains(&shift) && matches!(dictionary >> shift, 1 | 3);
    let size = rest.first_chunk().map(|size| u64::from_le_bytes(*size));
    made && size.is_some_and(|size| size == u64::MAX || size < 1 << 40)
}

/// Its header is in digits: six say that it is one, and of the others there are so many.
fn is_cpio(head: &[u8]) -> bool {
    let digits = match head.get(..6) {
        Some(b"070701" | b"070702") => 110,
        Some(b"070707") => 76,
        _ => return false,
    };
    head.get(..digits)
        .is_some_and(|header| header.iter().all(u8::is_ascii_hexdigit))
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
        let lzma = [&b"\x5D\0\0\x80\0"[..], &[0xFF; 8]].concat();
        assert_eq!(kind(&lzma), Some(Kind::Packed(Packing::Lzma)));
        for (head, name) in [
            (b"\x1F\x9D\x90abc".to_vec(), "compress"),
            (b"\x04\x22\x4D\x18\x64".to_vec(), "lz4"),
            (b"LZIP\x01\x0C".to_vec(), "lzip"),
            (format!("070701{:0104}.\0", 7).into_bytes(), "cpio"),
            (format!("070707{:070}.\0", 7).into_bytes(), "cpio"),
            (
                [vec![0; 32 << 10], b"\x01CD001\x01".to_vec()].concat(),
                "iso",
            ),
            (b"hsqs\0\0".to_vec(), "squashfs"),
        ] {
            assert_eq!(kind(&head), Some(Kind::Other(name)), "{name}");
        }
        for text in [
            &b""[..],
            b"hsqs is a mark, too",
            b"070701 and more numbers, 070702 and so on, and a text of more than 110 bytes, which is no header by far, is it",
            b"]\0\0\x01\0 and more",
            b"PK",
            b"BZh9 is a magic number",
            b"Rar! is a format",
            &[b' '; 512],
        ] {
            assert_eq!(kind(text), None);
        }
    }
}
