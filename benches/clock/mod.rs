//! What the benchmarks of parts have in common: the best of several rounds, because other work on
//! the machine only ever adds time.

use std::time::{Duration, Instant as Clock};

/// How often a part runs, and whether what it took is worth telling.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds(pub(crate) u32);

impl Rounds {
    /// `full` rounds under `cargo bench`; one under `cargo test`, which only wants to see it run.
    pub(crate) fn asked(full: u32) -> Self {
        let bench = std::env::args().any(|argument| argument == "--bench");
        Self(if bench { full } else { 1 })
    }

    pub(crate) const fn tell(self) -> bool {
        self.0 > 1
    }

    /// The seconds of the best round.
    pub(crate) fn best(self, mut work: impl FnMut()) -> f64 {
        let best = (0..self.0).map(|_| {
            let start = Clock::now();
            work();
            start.elapsed()
        });
        best.min().unwrap_or(Duration::MAX).as_secs_f64()
    }
}

/// So many of something for each second.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(crate) fn per_second(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}
