//! Makes archives for tests, when they run.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses some of it, and a helper that fails fails its test"
)]

use std::io::Write;

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A member of a zip that is made here, and what of it is to be a lie.
pub struct Zipped<'z> {
    pub name: &'z str,
    pub bytes: &'z [u8],
    pub method: u16,
    pub flags: u16,
}

pub fn zipped<'z>(name: &'z str, bytes: &'z [u8]) -> Zipped<'z> {
    Zipped {
        name,
        bytes,
        method: 8,
        flags: 0,
    }
}

/// The members and the directory entries of a zip.
pub fn parts(members: &[Zipped<'_>]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut body, mut entries) = (Vec::new(), Vec::new());
    for member in members {
        let mut crc = flate2::Crc::new();
        crc.update(member.bytes);
        let packed = match member.method {
            8 => deflated(member.bytes),
            _ => member.bytes.to_vec(),
        };
        let offset = u32::try_from(body.len()).unwrap();
        let mut common = Vec::new();
        for field in [20, member.flags, member.method, 0, 0] {
            common.extend(u16::to_le_bytes(field));
        }
        for field in [
            crc.sum(),
            u32::try_from(packed.len()).unwrap(),
            u32::try_from(member.bytes.len()).unwrap(),
        ] {
            common.extend(field.to_le_bytes());
        }
        common.extend(u16::try_from(member.name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(member.name.as_bytes());
        body.extend(packed);
        let mut entry = b"PK\x01\x02\x14\0".to_vec();
        entry.extend(&common);
        entry.extend([0; 10]);
        entry.extend(offset.to_le_bytes());
        entry.extend(member.name.as_bytes());
        entries.push(entry);
    }
    (body, entries)
}

pub fn closed(mut body: Vec<u8>, entries: &[Vec<u8>]) -> Vec<u8> {
    let (start, directory) = (body.len(), entries.concat());
    body.extend(&directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(entries.len()).unwrap();
    body.extend(count.to_le_bytes());
    body.extend(count.to_le_bytes());
    body.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    body.extend(u32::try_from(start).unwrap().to_le_bytes());
    body.extend([0, 0]);
    body
}

pub fn archive(members: &[Zipped<'_>]) -> Vec<u8> {
    let (body, entries) = parts(members);
    closed(body, &entries)
}

/// One member of a tar.
pub fn tar_entry(name: &str, typeflag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
    block[148..156].fill(b' ');
    block[156] = typeflag;
    block[257..263].copy_from_slice(b"ustar\0");
    let sum: u64 = block.iter().map(|b| u64::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut out = block.to_vec();
    out.extend(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}
