//! Archives of every kind, made here byte by byte, whole and damaged.

#[path = "../../../tests/pack/mod.rs"]
mod pack;

use std::io::{Cursor, Read, Write};

use proptest::prelude::{any, prop, proptest};

use pack::{Zipped, archive, closed, gzip, parts, tar_entry, zipped};

use super::{
    Budget, Kind, Packing, StreamKind, Trouble, Visit, kind, stream_members, unpack, zip_members,
};
use crate::model::ProblemKind;

/// Notes what it is given.
#[derive(Default)]
struct Notes {
    members: Vec<(String, String)>,
    troubles: Vec<(String, ProblemKind, String)>,
}

impl Visit for Notes {
    fn member(&mut self, name: &[u8], content: &mut dyn Read) {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.members.push((text(name), text(&bytes)));
    }

    fn trouble(&mut self, name: Option<&[u8]>, trouble: Trouble) {
        let name = String::from_utf8_lossy(name.unwrap_or_default()).into_owned();
        self.troubles.push((name, trouble.kind, trouble.message));
    }
}

impl Notes {
    fn names(&self) -> Vec<&str> {
        self.members.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The first trouble's message, and that there is no other.
    fn trouble(&self) -> &str {
        assert_eq!(self.troubles.len(), 1, "{:?}", self.troubles);
        &self.troubles[0].2
    }
}

fn zip(bytes: &[u8]) -> Notes {
    let mut notes = Notes::default();
    zip_members(&mut Cursor::new(bytes), &Budget::new(0), &mut notes);
    notes
}

fn stream(kind: StreamKind, mut bytes: &[u8]) -> Notes {
    let mut notes = Notes::default();
    stream_members(kind, &mut bytes, &Budget::new(0), &mut notes);
    notes
}

#[test]
fn a_zip_gives_its_members_in_order() {
    let bytes = archive(&[
        zipped("a.txt", b"first"),
        Zipped {
            method: 0,
            ..zipped("dir/b.txt", b"second")
        },
        zipped("dir/", b""),
        zipped("../../etc/c", b""),
    ]);
    assert_eq!(kind(&bytes), Some(Kind::Zip));
    let notes = zip(&bytes);
    assert_eq!(notes.names(), ["a.txt", "dir/b.txt", "../../etc/c"]);
    assert_eq!(notes.members[1].1, "second");
    assert!(notes.troubles.is_empty(), "{:?}", notes.troubles);
    // A program or script in front of it moves every offset.
    let shifted = [&b"#!/bin/sh\nexec java -jar $0\n"[..], &bytes].concat();
    assert_eq!(zip(&shifted).names(), notes.names());
    assert!(zip(&archive(&[])).troubles.is_empty());
}

#[test]
fn what_a_zip_hides_or_claims_is_told() {
    let encrypted = archive(&[Zipped {
        flags: 1,
        ..zipped("a", b"x")
    }]);
    assert_eq!(zip(&encrypted).trouble(), "is encrypted");
    let strange = archive(&[Zipped {
        method: 14,
        ..zipped("a", b"x")
    }]);
    assert_eq!(
        zip(&strange).trouble(),
        "is packed with method 14, which is not read"
    );

    let two = [zipped("a", b"one"), zipped("b", b"a member of some length")];
    let (body, entries) = parts(&two);
    let unlisted = closed(body.clone(), &entries[..1]);
    assert!(zip(&unlisted).trouble().contains("does not name"));
    let twice = closed(body.clone(), &[entries[0].clone(), entries[0].clone()]);
    assert!(zip(&twice).trouble().contains("overlap"));
    let mut longer = entries.clone();
    longer[0][24] += 1;
    let notes = zip(&closed(body.clone(), &longer));
    assert!(notes.trouble().contains("length or checksum"));
    assert_eq!(notes.names(), ["a", "b"], "what there is was given");
    let mut away = entries.clone();
    away[1][42] += 1;
    let notes = zip(&closed(body.clone(), &away));
    assert!(notes.troubles[0].2.contains("not where"));
    assert!(notes.troubles[1].2.contains("does not name"));

    let whole = closed(body, &entries);
    for cut in [whole.len() - 1, whole.len() / 2, 40, 4] {
        assert!(zip(&whole[..cut]).trouble().contains("cut off"), "{cut}");
    }
}

#[test]
fn a_tar_gives_its_members_with_long_names() {
    let long = "d/".repeat(120) + "name";
    let record = format!(" path={long}\n");
    let length = record.len() + 3;
    let pax = format!("{length}{record}");
    let bytes = [
        tar_entry("a.txt", b'0', b"first"),
        tar_entry("dir/", b'5', b""),
        tar_entry("link", b'2', b""),
        tar_entry("././@LongLink", b'L', format!("{long}\0").as_bytes()),
        tar_entry("short", b'0', b"second"),
        tar_entry("pax", b'x', pax.as_bytes()),
        tar_entry("short", b'0', b"third"),
        tar_entry("global", b'g', pax.as_bytes()),
        tar_entry("b.txt", b'0', &[b'x'; 512]),
        vec![0; 1024],
        tar_entry("behind the end", b'0', b"fourth"),
    ]
    .concat();
    assert_eq!(kind(&bytes), Some(Kind::Tar));
    let notes = stream(StreamKind::Tar, &bytes);
    assert_eq!(
        notes.names(),
        [
            "a.txt",
            long.as_str(),
            long.as_str(),
            "b.txt",
            "behind the end"
        ]
    );
    assert_eq!(notes.members[2].1, "third");
    assert!(notes.troubles.is_empty(), "{:?}", notes.troubles);
}

#[test]
fn a_file_with_holes_is_what_stands_behind_its_map() {
    let record = |text: &str| format!("{} {text}\n", text.len() + 4);
    let pax = record("GNU.sparse.major=1") + &record("GNU.sparse.name=a.env");
    let stored = |map: &str| {
        let mut bytes = map.as_bytes().to_vec();
        bytes.resize(512, 0);
        [&bytes[..], b"first"].concat()
    };
    let archive = |map: &str| {
        [
            tar_entry("x", b'x', pax.as_bytes()),
            tar_entry("GNUSparseFile.1/a.env", b'0', &stored(map)),
            tar_entry("b", b'0', b"second"),
        ]
        .concat()
    };
    let notes = stream(StreamKind::Tar, &archive("1\n0\n5\n"));
    assert_eq!(notes.names(), ["a.env", "b"]);
    assert_eq!(notes.members[0].1, "first");
    for wrong in ["1\n0\nx\n", "9\n0\n5\n", "99999999999999999999999\n"] {
        let notes = stream(StreamKind::Tar, &archive(wrong));
        assert!(notes.trouble().contains("map of the holes"), "{wrong}");
    }
}

#[test]
fn a_damaged_tar_is_told() {
    let good = tar_entry("a.txt", b'0', &[b'x'; 700]);
    let bad = {
        let mut bad = tar_entry("b.txt", b'0', b"x");
        bad[0] ^= 1;
        bad
    };
    let notes = stream(StreamKind::Tar, &[&good[..], &bad].concat());
    assert!(notes.trouble().contains("does not match its sum"));
    assert_eq!(notes.names(), ["a.txt"]);
    for cut in [600, 1100] {
        assert_eq!(
            stream(StreamKind::Tar, &good[..cut]).trouble(),
            "is cut off"
        );
    }
    let bomb = tar_entry("x", b'x', &vec![b'0'; 1 << 20]);
    let notes = stream(StreamKind::Tar, &[&bomb[..], &good].concat());
    assert!(notes.trouble().contains("longer than is believed"));
    assert_eq!(notes.names(), ["a.txt"]);
}

#[test]
fn an_ar_gives_its_members() {
    let entry = |name: &str, bytes: &[u8]| {
        let mut out = format!(
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            0,
            0,
            0,
            644,
            bytes.len()
        );
        out.push_str(std::str::from_utf8(bytes).unwrap());
        if bytes.len() % 2 == 1 {
            out.push('\n');
        }
        out.into_bytes()
    };
    let bytes = [
        b"!<arch>\n".to_vec(),
        entry("/", b"symbols"),
        entry("//", b"a-long-name-of-gnu.txt/\n"),
        entry("debian-binary/", b"2.0\n"),
        entry("/0", b"odd"),
        entry("#1/12", b"name-of-bsd!text"),
    ]
    .concat();
    assert_eq!(kind(&bytes), Some(Kind::Ar));
    let notes = stream(StreamKind::Ar, &bytes);
    assert_eq!(
        notes.names(),
        ["debian-binary", "a-long-name-of-gnu.txt", "name-of-bsd!"]
    );
    assert_eq!(notes.members[2].1, "text");
    let notes = stream(StreamKind::Ar, &bytes[..bytes.len() - 3]);
    assert_eq!(notes.trouble(), "is cut off");
}

fn unpacked(packing: Packing, mut bytes: &[u8]) -> (Vec<u8>, Option<Trouble>) {
    unpack(packing, &mut bytes, &Budget::new(0), |content| {
        let mut out = Vec::new();
        content.read_to_end(&mut out).unwrap();
        out
    })
}

/// What `lzma` makes of `one two`.
const LZMA: &[u8] = b"\x5D\x00\x00\x04\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x37\x9B\x88\xCE\x76\xE2\xF4\xE3\x73\x61\x85\xFF\xFF\x1C\x74\x00\x00";

#[test]
fn packed_streams_behind_one_another_are_one_text() {
    let zstd = |text: &[u8]| {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    };
    let bzip2 = |text: &[u8]| {
        let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        out.write_all(text).unwrap();
        out.finish().unwrap()
    };
    let skippable = b"\x50\x2A\x4D\x18\x03\0\0\0abc".to_vec();
    for (packing, bytes) in [
        (Packing::Gzip, [gzip(b"one "), gzip(b"two")].concat()),
        (Packing::Gzip, [gzip(b"one two"), vec![0; 600]].concat()),
        (
            Packing::Zstd,
            [zstd(b"one "), skippable, zstd(b"two")].concat(),
        ),
        (Packing::Bzip2, [bzip2(b"one "), bzip2(b"two")].concat()),
        (Packing::Lzma, LZMA.to_vec()),
    ] {
        assert_eq!(kind(&bytes), Some(Kind::Packed(packing)));
        let (text, trouble) = unpacked(packing, &bytes);
        assert_eq!(text, b"one two", "{packing:?}");
        assert_eq!(trouble, None, "{packing:?}");
    }
}

#[test]
fn what_came_before_a_fault_is_given_and_the_fault_told() {
    let text: Vec<u8> = (0..20_000u32).flat_map(u32::to_be_bytes).collect();
    let whole = gzip(&text);
    let (given, trouble) = unpacked(Packing::Gzip, &whole[..whole.len() / 2]);
    assert!(text.starts_with(&given) && !given.is_empty());
    assert_eq!(trouble.unwrap().kind, ProblemKind::Truncated);
    let (given, trouble) = unpacked(Packing::Gzip, &[&whole[..], b"rubbish"].concat());
    assert_eq!(given, text);
    assert!(trouble.unwrap().message.contains("other bytes follow"));
}

#[test]
fn a_budget_ends_what_is_unpacked() {
    let zeros = gzip(&vec![0; 80 << 20]);
    let budget = Budget::new(1);
    let (length, trouble) = unpack(Packing::Gzip, &mut &zeros[..], &budget, |content| {
        std::io::copy(content, &mut std::io::sink()).unwrap()
    });
    assert!((64 << 20..65 << 20).contains(&length), "{length}");
    assert_eq!(trouble, None);
    assert!(budget.over().unwrap().message.contains("more than 64 MiB"));
    let many = archive(&[zipped("a", b"x"), zipped("b", b"y")]);
    let mut notes = Notes::default();
    zip_members(&mut Cursor::new(&many), &budget, &mut notes);
    assert!(notes.members.is_empty(), "layers share one budget");
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_hurt(
        seed in prop::sample::select(vec![0usize, 1, 2, 3]),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = match seed {
            0 => archive(&[zipped("a", b"one"), zipped("b", b"two")]),
            1 => [tar_entry("a", b'0', b"x"), tar_entry("b", b'x', b"6 a=b\n")].concat(),
            2 => gzip(b"some text that is packed"),
            _ => b"!<arch>\n//              0           0     0     644     8         `\nname.o/\n".to_vec(),
        };
        let place = at.index(bytes.len());
        bytes[place] = byte;
        bytes.truncate(cut.index(bytes.len()) + 1);
        zip(&bytes);
        stream(StreamKind::Tar, &bytes);
        stream(StreamKind::Ar, &bytes);
        for packing in [Packing::Gzip, Packing::Zstd, Packing::Bzip2, Packing::Xz] {
            unpacked(packing, &bytes);
        }
    }
}
