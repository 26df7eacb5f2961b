//! credlint: a policy-as-code compliance scanner for credentials.
//!
//! The library exists so that the program, its benchmarks and its tests share one set of parts;
//! it promises nothing to anyone else yet. Data flows one way:
//! `cli → app → report, triage → check → inventory → source, rule → read → input → model`.
#![doc(hidden)]

pub mod check;
pub mod model;
pub mod read;
pub mod report;
pub mod rule;
pub mod triage;
