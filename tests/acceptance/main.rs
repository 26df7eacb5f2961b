//! What the product promises, shown with the program itself on the made-up inputs of `fixtures/`.
//! The JSON report is asked, because it holds everything that a scan knows.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod broken;
mod cloud;
mod containers;
mod doctor;
mod exits;
mod fleet;
mod github;
mod hand;
mod inventory;
mod keys;
mod leak;
mod mentions;
mod odd;
mod orgs;
#[path = "../pack/mod.rs"]
mod pack;
mod packed;
mod platforms;
mod program;
mod quality;
mod quirks;
mod reports;
mod reshaped;
mod runbooks;
mod salesforce;
mod standing;
mod store;
mod stretches;
mod times;
mod together;
mod wrapped;
