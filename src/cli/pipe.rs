//! Standard output that nobody may be reading any more.

use std::io::{self, ErrorKind, Write};

/// Takes everything as if written once the reader has gone (`credlint scan | head`): that is no
/// fault, and the exit code must be the one of a whole run.
pub(super) struct Pipe<W> {
    inner: W,
    reader: Reader,
}

#[derive(PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

impl<W> Pipe<W> {
    /// Wraps a stream.
    pub(super) const fn new(inner: W) -> Self {
        Self {
            inner,
            reader: Reader::There,
        }
    }

    fn forgive<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.reader = Reader::Gone;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reader == Reader::Gone {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.reader == Reader::Gone {
            return Ok(());
        }
        let result = self.inner.flush();
        self.forgive(result, ())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Write};

    use super::Pipe;

    /// Takes so many writes, then fails in this way.
    struct Failing(usize, ErrorKind);

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(self.1)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.1.into())
        }
    }

    #[test]
    fn a_reader_that_left_is_no_fault() {
        let mut pipe = Pipe::new(Failing(1, ErrorKind::BrokenPipe));
        for _ in 0..3 {
            pipe.write_all(b"line\n").unwrap();
        }
        pipe.flush().unwrap();
    }

    #[test]
    fn a_full_disk_is_one() {
        let mut pipe = Pipe::new(Failing(1, ErrorKind::StorageFull));
        pipe.write_all(b"line\n").unwrap();
        let error = pipe.write_all(b"line\n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
