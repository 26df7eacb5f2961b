//! Long files: each is cut, and its stretches are searched side by side, so that one file does not
//! keep a scan waiting behind a single thread.

use rayon::prelude::*;

use crate::check::secret::{Stretch, Stretched};
use crate::input::{InputFile, Listed};
use crate::model::Problem;

use super::look::{Look, Looked, Shelf};
use super::progress::Progress;

/// The number of a file, and where it is cut.
pub(super) type Cut = (usize, Vec<Stretch>);

/// Files are searched together until they have this many stretches. What is found in these is held
/// until all are through.
const TOGETHER: usize = 256;

/// Searches files that were cut, and gives what came of each, in their order.
pub(super) fn search(
    look: Look<'_>,
    shelf: &Shelf,
    (files, mut cut): (&[Listed], &[Cut]),
    progress: &dyn Progress,
    take: &mut dyn FnMut(Looked),
) {
    while !cut.is_empty() {
        let (group, rest) = cut.split_at(together(cut));
        cut = rest;
        let group: Vec<(InputFile, &[Stretch])> = group
            .iter()
            .filter_map(|(number, stretches)| Some((files.get(*number)?.file(), &stretches[..])))
            .collect();
        let stretches: Vec<(&InputFile, Stretch)> = group
            .iter()
            .flat_map(|(file, own)| own.iter().map(move |stretch| (file, *stretch)))
            .collect();
        let parts: Vec<Result<Stretched, Problem>> = stretches
            .par_iter()
            .with_max_len(1)
            .map_init(
                || shelf.take(),
                |taken, (file, stretch)| {
                    let part = look.stretch(file, *stretch, &mut taken.buffers);
                    progress.advance(0, stretch.bytes());
                    part
                },
            )
            .collect();
        let mut parts = parts.into_iter();
        for (file, own) in &group {
            let parts: Vec<Result<Stretched, Problem>> = parts.by_ref().take(own.len()).collect();
            if let Some(last) = own.last() {
                take(Look::joined(file, *last, parts.into_iter().collect()));
            }
            progress.advance(1, 0);
        }
    }
}

/// How many of the first files are searched together: one at least.
fn together(cut: &[Cut]) -> usize {
    let mut stretches = 0;
    let within = cut.iter().take_while(|(_, own)| {
        stretches += own.len();
        stretches <= TOGETHER
    });
    within.count().max(1)
}
