//! Judging: pure functions from facts to outcomes. No I/O, no clock.

pub mod mention;
pub mod org;
pub mod secret;
