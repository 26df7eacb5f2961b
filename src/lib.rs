//! credlint: a policy-as-code compliance scanner for credentials.
//!
//! The library exists so that the program, its benchmarks and its tests share one set of parts;
//! it promises nothing to anyone else yet. Data flows one way:
//! `cli → app → report, triage → check → inventory → source, rule → read → input, store → model`.
#![doc(hidden)]

pub mod app;
pub mod check;
pub mod cli;
pub mod input;
pub mod inventory;
pub mod model;
pub mod read;
pub mod report;
pub mod rule;
pub mod source;
pub mod store;
pub mod triage;
