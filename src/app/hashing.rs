//! Hashes a file while it is read, so that a report can name its inputs without reading them twice.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::model::hex;

/// Whether the inputs are hashed: only reports that show it pay for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashes {
    /// They are.
    Made,
    /// They are not.
    None,
}

/// A reader that hashes what passes through it.
pub(super) struct Hashing<R> {
    inner: R,
    hasher: Option<Sha256>,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(inner: R, hashes: Hashes) -> Self {
        Self {
            inner,
            hasher: (hashes == Hashes::Made).then(Sha256::new),
        }
    }

    /// The SHA-256 of the whole input, of which what was not read yet is read now. None if it was
    /// not asked for or the input cannot be read to its end.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.hasher.is_some() {
            io::copy(&mut self, &mut io::sink()).ok()?;
        }
        Some(hex(&self.hasher?.finalize()))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        if let (Some(hasher), Some(read)) = (&mut self.hasher, out.get(..count)) {
            hasher.update(read);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_the_whole_input_however_much_was_read() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for taken in 0..4 {
            let mut hashing = Hashing::new(&b"abc"[..], Hashes::Made);
            hashing.read_exact(&mut vec![0; taken]).unwrap();
            assert_eq!(hashing.finish().as_deref(), Some(abc));
        }
        assert_eq!(Hashing::new(&b"abc"[..], Hashes::None).finish(), None);
    }
}
