//! The program: everything else is in the library.

use std::process::ExitCode;

// Threads wait for each other in musl's.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    fleetc::cli::run()
}
