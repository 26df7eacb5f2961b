//! Key stores: what of them is readable without a password.
//!
//! A Java key store (JKS) guards only the bytes of its private keys; aliases, creation times and
//! certificates are plain. Columns: `alias`, `created`, `entry` (`certificate`, or `private_key`
//! for one of the chain that belongs to a key) and those of a certificate; `index` counts within
//! the entry. Of a PKCS#12 store nothing can be read; its one row has `store` and `readable`.

use std::borrow::Cow;
use std::io::Read;

use super::{cells, named, whole};
use crate::model::{Instant, ProblemKind};
use crate::read::row::{Cell, ColumnPath, Format, ReadError, Row, RowSink, Shape, Summary};

const OWN: [&str; 3] = ["alias", "created", "entry"];
/// More entries than a store could hold in the space that it has left are not believed.
const MAX_ENTRIES: u32 = 1 << 20;

/// The shape of a Java key store.
pub(in crate::read) fn jks_shape() -> Shape {
    let mut shape = super::shape(Format::Jks);
    shape.columns.extend(OWN);
    shape
}

/// The shape of a PKCS#12 store: a sequence that begins with the version 3.
pub(in crate::read) fn pkcs12_shape(head: &[u8]) -> Option<Shape> {
    let store = matches!(
        head,
        [0x30, 0x82, _, _, 0x02, 0x01, 0x03, ..]
            | [0x30, 0x81, _, 0x02, 0x01, 0x03, ..]
            | [0x30, 0x80 | 0x83 | 0x84, ..]
    );
    store.then(|| Shape {
        columns: ["store", "readable"].iter().collect(),
        ..Shape::of(Format::Pkcs12)
    })
}

/// Gives the one row of a PKCS#12 store.
pub(in crate::read) fn pkcs12(
    input: &mut dyn Read,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    whole(input)?;
    let cell = |column: &ColumnPath| match &*named(column) {
        "store" => Cell::Text(Cow::Borrowed(b"PKCS#12")),
        "readable" => Cell::Text(Cow::Borrowed(b"false")),
        _ => Cell::Absent,
    };
    let cells: Vec<Cell<'_>> = columns.iter().map(cell).collect();
    give(&cells, sink);
    Ok(Summary {
        rows: 1,
        ..Summary::default()
    })
}

/// Gives a row for each certificate of a Java key store.
pub(in crate::read) fn jks(
    input: &mut dyn Read,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let data = whole(input)?;
    let mut store = Store {
        rest: &data,
        version: 2,
        columns,
        sink,
        rows: 0,
    };
    let truncated = match store.read() {
        Ok(()) => None,
        Err(Fault::Ended) => Some("the key store ends too early".to_owned()),
        Err(Fault::Odd(message)) => {
            return Err(ReadError::Malformed {
                line: 1,
                message: message.to_owned(),
            });
        }
    };
    Ok(Summary {
        rows: store.rows,
        truncated,
        deleted: 0,
    })
}

fn give(cells: &[Cell<'_>], sink: &mut dyn RowSink) {
    sink.row(&Row {
        cells,
        raw: &[],
        line: 1,
        column: 1,
    });
}

enum Fault {
    Ended,
    Odd(&'static str),
}

struct Store<'a, 's> {
    rest: &'a [u8],
    version: u32,
    columns: &'s [ColumnPath],
    sink: &'s mut dyn RowSink,
    rows: u64,
}

/// What an entry says of all its certificates.
struct Entry<'a> {
    alias: &'a [u8],
    created: Instant,
    kind: &'static [u8],
}

impl<'a> Store<'a, '_> {
    fn read(&mut self) -> Result<(), Fault> {
        self.take(4)?;
        self.version = self.number()?;
        let count = self.number()?;
        if !matches!(self.version, 1 | 2) || count > MAX_ENTRIES {
            return Err(Fault::Odd("is a key store of an unknown version"));
        }
        for _ in 0..count {
            self.entry()?;
        }
        Ok(())
    }

    fn entry(&mut self) -> Result<(), Fault> {
        let tag = self.number()?;
        let alias = self.text()?;
        let millis = self.take(8)?.try_into().map(i64::from_be_bytes);
        let created = Instant::from_seconds(millis.unwrap_or_default().div_euclid(1_000));
        let kind: &'static [u8] = match tag {
            1 => b"private_key",
            2 => b"certificate",
            _ => return Err(Fault::Odd("holds an entry of an unknown kind")),
        };
        let entry = Entry {
            alias,
            created,
            kind,
        };
        let mut count = 1;
        if tag == 1 {
            let guarded = self.number()?;
            self.take(guarded)?;
            count = self.number()?;
        }
        for index in 0..count {
            self.certificate(&entry, index)?;
        }
        Ok(())
    }

    fn certificate(&mut self, entry: &Entry<'a>, index: u32) -> Result<(), Fault> {
        if self.version == 2 {
            self.text()?;
        }
        let length = self.number()?;
        let der = self.take(length)?;
        match cells(der, index, self.columns) {
            Ok(mut cells) => {
                for (cell, column) in cells.iter_mut().zip(self.columns) {
                    *cell = match &*named(column) {
                        "alias" => Cell::Text(Cow::Owned(entry.alias.to_vec())),
                        "created" => Cell::Text(Cow::Owned(entry.created.to_string().into())),
                        "entry" => Cell::Text(Cow::Borrowed(entry.kind)),
                        _ => continue,
                    };
                }
                self.rows += 1;
                give(&cells, self.sink);
            }
            Err(message) => self.sink.problem(1, ProblemKind::BadRow, message),
        }
        Ok(())
    }

    fn take(&mut self, length: u32) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(length).map_err(|_| Fault::Ended)?;
        let (head, rest) = self.rest.split_at_checked(length).ok_or(Fault::Ended)?;
        self.rest = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<u32, Fault> {
        let bytes = self.take(4)?.try_into().map_err(|_| Fault::Ended)?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// A text with its length before it.
    fn text(&mut self) -> Result<&'a [u8], Fault> {
        let bytes = self.take(2)?.try_into().map_err(|_| Fault::Ended)?;
        self.take(u32::from(u16::from_be_bytes(bytes)))
    }
}
