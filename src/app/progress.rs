//! How far a scan is, as numbers. Who draws them, and whether anybody does, is decided above.

/// Told how far a scan is; called from many threads, so it must be cheap.
pub trait Progress: Sync {
    /// How many files there are, once that is known.
    fn total(&self, files: u64);
    /// More files, and their bytes, are done.
    fn advance(&self, files: u64, bytes: u64);
    /// The scan is over: whatever was drawn must go before anything is printed.
    fn clear(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn total(&self, _files: u64) {}
    fn advance(&self, _files: u64, _bytes: u64) {}
    fn clear(&self) {}
}
