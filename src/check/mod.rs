//! Judging what was read: pure functions without input, output or clock.

pub mod secret;
