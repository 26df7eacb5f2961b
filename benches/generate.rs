//! Writes a made-up export for benchmarks to standard output: `generate SHAPE ROWS`.

mod users;

use std::error::Error;
use std::io::{BufWriter, Write, stdout};

use users::Shape;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let words = Shape::ALL.map(|(word, _)| word).join("|");
    let usage = format!("usage: generate {words} ROWS");
    let word = arguments.next().ok_or(usage.as_str())?;
    let rows: u64 = arguments.next().ok_or(usage.as_str())?.parse()?;
    let (_, shape) = Shape::ALL
        .into_iter()
        .find(|(known, _)| *known == word)
        .ok_or(usage)?;
    let mut out = BufWriter::new(stdout().lock());
    users::write(shape, rows, &mut out)?;
    out.flush()?;
    Ok(())
}
