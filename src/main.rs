//! The `switchyard` program.

use std::process::ExitCode;

/// The allocator decides every memory figure; to use the system's, take these two lines out.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    switchyard::cli::main()
}
