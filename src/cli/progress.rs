//! Draws how far a scan is, on standard error, for a person who waits.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::progress::Progress;

/// A bar on standard error. It appears only if the scan takes longer than a moment, and goes
/// before anything is printed.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar whose length is not known yet.
    pub(super) fn new() -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {pos}/{len} files {wide_bar} {elapsed}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn total(&self, files: u64) {
        self.0.set_length(files);
    }

    fn advance(&self, files: u64, _bytes: u64) {
        self.0.inc(files);
    }

    fn clear(&self) {
        self.0.finish_and_clear();
    }
}
