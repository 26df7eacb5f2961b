//! The program. Everything it does is in the library.

use std::process::ExitCode;

/// musl's allocator takes one lock for all threads, and a scan is all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    credlint::cli::run(std::env::args_os())
}
